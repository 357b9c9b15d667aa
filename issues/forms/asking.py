"""The questions of a kind in the report form: read from a page or JSON, shown again as typed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import F

from issues import questions
from issues.models import Category, Issue, Question
from issues.questions import FIELDS, Ask

PREFIX: Final = "answer-"
"""What the name of a question's field begins with, on a page without JavaScript."""
_MANY: Final = frozenset({"choices"})


def of(category: Category, categories: Iterable[Category]) -> list[Ask]:
    """List what is asked about a kind: its parents' questions, then its own.

    Args:
        category: one of `categories`.
        categories: of the city, as `CategoryQuerySet.asking` gives them.
    """
    known = {one.pk: one for one in categories}
    line = [known.get(category.pk, category)]
    while (parent := known.get(line[0].parent_id or 0)) is not None:
        line.insert(0, parent)
    rows = (row for one in line for row in one.own_questions)  # type: ignore[attr-defined]
    return [Ask.of(row) for row in rows]


def asked_of(issues: Sequence[Issue]) -> list[dict[str, Any]]:
    """Read the questions that issues of one city have answers to; one statement, or none."""
    codes = {code for issue in issues for code in issue.answers}
    if not codes:
        return []
    rows = Question.objects.filter(category__city=issues[0].city_id, code__in=codes)
    return list(rows.values(*FIELDS, "active", "position", path=F("category__service_code")))


def answered(
    issue: Issue, asked: Sequence[Mapping[str, Any]] | None = None
) -> list[tuple[str, str]]:
    """Write what a reporter answered in words: for crews, staff and the reporter; one statement.

    Questions that are asked no more, or were asked of another kind, keep their words.

    Args:
        issue: whose answers.
        asked: what `asked_of` has read already, of this issue among others.
    """
    code = issue.category.service_code
    rows = asked_of([issue]) if asked is None else asked
    found = [row for row in rows if row["code"] in issue.answers]
    near = sorted(found, key=lambda row: (not _is_of(row["path"], code), not row["active"]))
    asks = [Ask.of(row) for row in near]
    return questions.said(asks, issue.answers)


def _is_of(path: str, code: str) -> bool:
    return code == path or code.startswith(f"{path}-")


def posted(data: Any, asks: Sequence[Ask]) -> dict[str, Any]:
    """Read the answers of a page's form.

    Args:
        data: what was posted, a QueryDict or a plain dictionary.
        asks: the questions of the chosen kind.
    """
    every = getattr(data, "getlist", None)
    found: dict[str, Any] = {}
    for ask in asks:
        name = PREFIX + ask.code
        value = every(name) if every and ask.kind in _MANY else data.get(name)
        if isinstance(value, str) and ask.kind == "asset":
            value = [part.strip() for part in value.split(",") if part.strip()]
        if value not in (None, "", []):
            found[ask.code] = value
    return found


def with_things(
    asks: Sequence[Ask], answers: Mapping[str, Any], assets: Sequence[str]
) -> dict[str, Any]:
    """Count what was chosen on the map as an answer to the question for it."""
    ask = next((one for one in asks if one.kind == "asset"), None)
    if ask is None or not assets:
        return dict(answers)
    typed = answers.get(ask.code) or []
    named = [typed] if isinstance(typed, str) else typed
    if not isinstance(named, list):
        return dict(answers)
    return {**answers, ask.code: [*assets, *(one for one in named if one not in assets)]}


def things(asks: Sequence[Ask], facts: Mapping[str, Any], assets: Sequence[str]) -> tuple[str, ...]:
    """List every code that a report names: chosen on the map, or typed from a pole."""
    typed = (one for ask in asks if ask.kind == "asset" for one in facts.get(ask.code, ()))
    return tuple(dict.fromkeys((*assets, *typed)))


def data(ask: Ask) -> dict[str, Any]:
    """Shape one question for a browser; `condition` always lists its codes."""
    return {
        "code": ask.code,
        "kind": ask.kind,
        "label": ask.label,
        "hint": ask.explanation,
        "required": ask.required,
        "choices": [{"code": code, "label": label} for code, label in ask.options.items()],
        "condition": {
            code: [wanted] if isinstance(wanted, str) else list(wanted)
            for code, wanted in ask.condition.items()
        },
        "layer": ask.layer,
        "least": ask.least,
        "most": ask.most,
        "stops": ask.stops,
    }


@dataclass(frozen=True, slots=True)
class Shown:
    """One question on a page, with what was answered and what is wrong with it.

    Attributes:
        name: of its field.
        values: as typed, one or several.
        mark: says, posted back, that it was shown for this kind.
    """

    ask: Ask
    name: str
    values: tuple[str, ...]
    errors: tuple[str, ...]
    mark: str

    @property
    def value(self) -> str:
        """What a single field holds."""
        return ", ".join(self.values)

    @property
    def options(self) -> list[tuple[str, str, bool]]:
        """Code, words and whether chosen, of each choice."""
        return [(code, words, code in self.values) for code, words in self.ask.options.items()]


def shown(
    service_code: str,
    asks: Sequence[Ask],
    answers: Mapping[str, Any],
    errors: Mapping[str, Any],
) -> list[Shown]:
    """Lay the visible questions out for a page."""
    return [
        Shown(
            ask,
            PREFIX + ask.code,
            _texts(answers.get(ask.code)),
            tuple(str(one) for one in errors.get(PREFIX + ask.code, ())),
            mark(service_code, ask),
        )
        for ask in questions.asked(asks, answers)
    ]


def mark(service_code: str, ask: Ask) -> str:
    """Name a question that a page has shown."""
    return f"{service_code}/{ask.code}"


def _texts(value: Any) -> tuple[str, ...]:
    values = value if isinstance(value, list | tuple) else [value]
    return tuple(str(one) for one in values if one not in (None, ""))
