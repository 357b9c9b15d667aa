"""What is asked about a kind of problem: which questions show, what answers they take.

Pure: rows come in, clean answers or the faults go out. `static/js/ui/questions.js` keeps the same
rules in the browser; here they are enforced.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Self

from django.core.exceptions import ValidationError
from django.utils.formats import date_format, number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from issues.privacy import clean_text

FIELDS: Final = (
    *("code", "kind", "text", "text_en", "hint", "hint_en", "required"),
    *("choices", "condition", "layer", "least", "most", "stops"),
)
"""The columns of a question's row that a reader needs."""

MOST_LETTERS: Final = 500
MOST_NAMED: Final = 10
"""Things that one report may name; a whole street of them is a report of the street."""
CODE_LETTERS: Final = 80
_NUMBER_LETTERS: Final = 20
_STRANGERS: Final = 10
_NAME_LETTERS: Final = 40

_TRUTH: Final = {True: "ya", False: "tidak"}
"""A switch → the code of the choice that it means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One question as a reader meets it.

    Attributes:
        choices: `{code, label, label_en}` each.
        condition: code of an earlier question → the code, or the codes of which one must be given.
        least: of a number, likewise `most`.
        stops: a notice that refuses the report.
    """

    code: str
    kind: str
    text: str
    text_en: str = ""
    hint: str = ""
    hint_en: str = ""
    required: bool = False
    choices: Sequence[Mapping[str, str]] = ()
    condition: Mapping[str, Any] = field(default_factory=dict)
    layer: str = ""
    least: float | None = None
    most: float | None = None
    stops: bool = False

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Read a row that has `FIELDS`."""
        return cls(**{name: row[name] for name in FIELDS})

    @property
    def label(self) -> str:
        """The question in the reader's language."""
        return _in_language(self.text, self.text_en)

    @property
    def explanation(self) -> str:
        """The hint in the reader's language."""
        return _in_language(self.hint, self.hint_en)

    @property
    def options(self) -> dict[str, str]:
        """Code of a choice → its words in the reader's language."""
        return {
            one["code"]: _in_language(one["label"], one.get("label_en", "")) for one in self.choices
        }


def _in_language(text: str, text_en: str) -> str:
    return text_en if text_en and get_language() == "en" else text


def asked(questions: Iterable[Ask], answers: Mapping[str, Any]) -> list[Ask]:
    """Keep the questions that show: those whose conditions hold, as answered by shown ones.

    Args:
        questions: in their order; a condition looks at earlier ones only.
        answers: whatever was sent; nonsense fulfils nothing.
    """
    shown: list[Ask] = []
    said: dict[str, set[str]] = {}
    for question in questions:
        wanted = question.condition.items()
        if all(said.get(code, set()) & _codes(codes) for code, codes in wanted):
            shown.append(question)
            said[question.code] = _codes(answers.get(question.code))
    return shown


def _codes(value: Any) -> set[str]:
    """Read an answer, or what a condition wants, as codes of choices."""
    if isinstance(value, bool):
        return {_TRUTH[value]}
    if isinstance(value, str):
        return {value}
    if isinstance(value, list | tuple):
        return {one for one in value if isinstance(one, str)}
    return set()


def check(questions: Sequence[Ask], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Take what the questions ask for and nothing else.

    Args:
        questions: of the kind that is reported, in order.
        answers: code → text, number, switch, or list of codes, as sent.

    Returns:
        Code → clean answer, in the order of the questions. An answer to a question that does not
        show is dropped: the sender has changed an earlier one.

    Raises:
        ValidationError: under each code what is wrong: a name nobody asked for, a value that makes
            no sense, a missing answer; or the words of the notice that stops the report.
    """
    wrong = _strangers(questions, answers)
    clean: dict[str, Any] = {}
    for question in asked(questions, answers):
        try:
            value = _answer(question, answers.get(question.code))
        except ValidationError as error:
            wrong[question.code] = error
        else:
            clean |= {} if value is None else {question.code: value}
    if wrong:
        raise ValidationError(wrong)
    return clean


def _strangers(questions: Sequence[Ask], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Name the answers that nobody asked for, in letters that a reply can carry."""
    names = sorted(str(name) for name in set(answers) - {question.code for question in questions})
    text = _("Pertanyaan ini tidak ada untuk jenis masalah ini.")
    return {clean_text(name)[:_NAME_LETTERS]: text for name in names[:_STRANGERS]}


def _answer(question: Ask, value: Any) -> Any:
    """Clean one answer; None without one.

    Raises:
        ValidationError: it is none, it is missing, or the report must not be sent here.
    """
    if question.kind == "notice":
        if question.stops:
            raise ValidationError(question.label)
        return None
    if value is None or value in ("", [], ()) or (isinstance(value, str) and not value.strip()):
        if question.required:
            raise ValidationError(_("Jawab pertanyaan ini."))
        return None
    return _READERS[question.kind](question, value)


def _text(_question: Ask, value: Any) -> str:
    return _line(value, MOST_LETTERS)


def _line(value: Any, most: int) -> str:
    """Read a short text; everything else is refused."""
    if not isinstance(value, str):
        raise ValidationError(_("Jenis nilai salah."))
    text = " ".join(clean_text(value).split())
    if not text or len(text) > most:
        raise ValidationError(_("Paling banyak %(most)d huruf.") % {"most": most})
    return text


def _number(question: Ask, value: Any) -> float:
    """Read a number, also as it is typed here: with a comma."""
    if isinstance(value, str) and len(value) <= _NUMBER_LETTERS:
        value = _typed(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not _is_sane(value):
        raise ValidationError(_("Tulis sebuah angka."))
    if question.least is not None and value < question.least:
        raise ValidationError(_("Paling sedikit %(least)s.") % {"least": f"{question.least:g}"})
    if question.most is not None and value > question.most:
        raise ValidationError(_("Paling banyak %(most)s.") % {"most": f"{question.most:g}"})
    return value


def _typed(text: str) -> float | None:
    try:
        number = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return int(number) if number.is_integer() else number


def _is_sane(value: float) -> bool:
    """Whether a number is one that a column, a page and a browser can carry."""
    return math.isfinite(value) if isinstance(value, float) else abs(value) < 2**53


def _date(_question: Ask, value: Any) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        raise ValidationError(_("Tulis tanggal, misalnya 2026-03-17.")) from None


def _choice(question: Ask, value: Any) -> str:
    said = _codes(value)
    if len(said) != 1 or not said <= question.options.keys():
        raise ValidationError(_("Pilih salah satu."))
    return next(iter(said))


def _choices(question: Ask, value: Any) -> list[str]:
    said = _codes(value)
    lost = isinstance(value, list | tuple) and not all(isinstance(one, str) for one in value)
    if lost or not said or not said <= question.options.keys():
        raise ValidationError(_("Pilih dari daftar."))
    return [code for code in question.options if code in said]


def _assets(_question: Ask, value: Any) -> list[str]:
    """Read codes of things, or what somebody copied from a pole: neither is ever refused unread."""
    named = [value] if isinstance(value, str) else value
    if not isinstance(named, list | tuple):
        raise ValidationError(_("Jenis nilai salah."))
    if len(named) > MOST_NAMED:
        raise ValidationError(
            _("Paling banyak %(most)d; untuk lebih banyak, laporkan satu jalan.")
            % {"most": MOST_NAMED}
        )
    return list(dict.fromkeys(_line(one, CODE_LETTERS) for one in named))


_READERS: Final[Mapping[str, Callable[[Ask, Any], Any]]] = {
    "text": _text,
    "number": _number,
    "date": _date,
    "choice": _choice,
    "choices": _choices,
    "asset": _assets,
}
"""Kind of a question → how an answer is read."""


def said(questions: Iterable[Ask], answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Write answers as people read them: the question's words, the choice's words.

    Args:
        questions: whose words to use; the first of a code counts.
        answers: clean, or as an older version or another door has kept them.

    Returns:
        Question and answer, in the order of the questions; what no question knows comes last, as
        it was sent.
    """
    known: dict[str, Ask] = {}
    for question in questions:
        known.setdefault(question.code, question)
    names = [*(code for code in known if code in answers), *(n for n in answers if n not in known)]
    pairs = (_pair(known.get(name), name, answers[name]) for name in names)
    return [(label, words) for label, words in pairs if words]


def _pair(question: Ask | None, name: str, value: Any) -> tuple[str, str]:
    return question.label if question else name, _said(question, value)


def _said(question: Ask | None, value: Any) -> str:
    """Write one answer."""
    if isinstance(value, bool):
        value = (
            _TRUTH[value] if question and question.options else (_("ya") if value else _("tidak"))
        )
    if isinstance(value, list | tuple):
        return ", ".join(words for one in value if (words := _said(question, one)))
    if value is None:
        return ""
    if question and question.kind == "date":
        return _day(value)
    if isinstance(value, int | float):
        return number_format(value)
    return question.options.get(str(value), str(value)) if question else str(value)


def _day(value: Any) -> str:
    try:
        return date_format(date.fromisoformat(value), "j F Y")
    except (TypeError, ValueError):
        return str(value)
