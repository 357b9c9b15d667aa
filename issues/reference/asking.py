"""What can be wrong with the questions of a city's kinds, and how they become rows. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.utils.text import slugify
from django.utils.translation import gettext as _

from issues.models import Question

Row = dict[str, Any]
Key = tuple[str, str]

REQUIRED: Final = frozenset({"category", "code", "kind", "text", "text_en"})
OPTIONAL: Final = frozenset(
    {"hint", "hint_en", "required", "choices", "condition", "layer", "least", "most", "stops"}
)
_CHOOSING: Final = frozenset({Question.Kind.CHOICE, Question.Kind.CHOICES})
_CHOICE_KEYS: Final = frozenset({"code", "label", "label_en"})
_LETTERS: Final[Mapping[str, int]] = {"text": 300, "text_en": 300, "hint": 300, "hint_en": 300}


def faults(rows: tuple[Row, ...], categories: frozenset[str]) -> Iterator[str]:
    """Say what is wrong with the questions of a city; keys are right already.

    Args:
        rows: of `questions.toml`, in order.
        categories: the service codes of the city.
    """
    for place, row in enumerate(rows):
        earlier = [one for one in rows[:place] if _reaches(one["category"], row["category"])]
        for fault in _faults(row, categories, earlier):
            words = {"category": row["category"], "code": row["code"], "fault": fault}
            yield _("question %(category)s/%(code)s: %(fault)s") % words


def _reaches(asking: str, kind: str) -> bool:
    """Whether a category's questions are asked about a kind: it is the same or its parent."""
    return asking == kind or kind.startswith(f"{asking}-")


def _faults(row: Row, categories: frozenset[str], earlier: list[Row]) -> Iterator[str]:
    if row["category"] not in categories:
        yield _("category “%(name)s” tidak dikenal") % {"name": row["category"]}
    if row["code"] != slugify(row["code"]):
        yield _("kode hanya huruf kecil, angka, dan tanda hubung")
    if any(one["code"] == row["code"] for one in earlier):
        yield _("kode ini sudah ditanyakan")
    if row["kind"] not in Question.Kind.values:
        yield _("kind “%(name)s” tidak dikenal") % {"name": row["kind"]}
    yield from (
        _("“%(key)s” lebih dari %(most)d huruf") % {"key": key, "most": most}
        for key, most in _LETTERS.items()
        if len(row.get(key, "")) > most
    )
    yield from _misfits(row)
    yield from _choices(row)
    yield from _conditions(row, {one["code"]: one for one in earlier})


def _misfits(row: Row) -> Iterator[str]:
    """Find what only another kind of question can have, or what this kind lacks."""
    kind = row["kind"]
    owners = {
        "choices": _CHOOSING,
        "layer": {Question.Kind.ASSET},
        "least": {Question.Kind.NUMBER},
        "most": {Question.Kind.NUMBER},
        "stops": {Question.Kind.NOTICE},
    }
    for key, kinds in owners.items():
        if key in row and kind not in kinds:
            yield _("“%(key)s” tidak berlaku untuk %(kind)s") % {"key": key, "kind": kind}
    if kind in _CHOOSING and not row.get("choices"):
        yield _("tidak ada pilihan")
    if kind == Question.Kind.ASSET and not row.get("layer"):
        yield _("“layer” tidak ada")
    if kind == Question.Kind.NOTICE and row.get("required"):
        yield _("pemberitahuan tidak dijawab, jadi tidak wajib")
    if row.get("least", float("-inf")) > row.get("most", float("inf")):
        yield _("“least” lebih besar dari “most”")


def _choices(row: Row) -> Iterator[str]:
    seen: set[str] = set()
    for choice in row.get("choices", ()):
        if not isinstance(choice, dict) or choice.keys() != _CHOICE_KEYS or not choice["code"]:
            yield _("pilihan harus punya code, label, dan label_en")
        elif choice["code"] in seen:
            yield _("pilihan “%(name)s” tertulis dua kali") % {"name": choice["code"]}
        else:
            seen.add(choice["code"])


def _conditions(row: Row, earlier: dict[str, Row]) -> Iterator[str]:
    """Find conditions on what is not asked before, or on choices that it does not have."""
    for code, wanted in row.get("condition", {}).items():
        question = earlier.get(code)
        if question is None or question["kind"] not in _CHOOSING:
            yield _("syarat “%(code)s” bukan pilihan yang ditanyakan lebih dulu") % {"code": code}
            continue
        codes = {choice.get("code") for choice in question.get("choices", ())}
        for name in [wanted] if isinstance(wanted, str) else wanted:
            if name not in codes:
                words = {"code": code, "name": name}
                yield _("syarat “%(code)s”: “%(name)s” bukan pilihannya") % words


def values(row: Row, position: int) -> dict[str, Any]:
    """Shape the columns of a question that its file decides."""
    return {
        "kind": row["kind"],
        "text": row["text"],
        "text_en": row["text_en"],
        "hint": row.get("hint", ""),
        "hint_en": row.get("hint_en", ""),
        "required": row.get("required", False),
        "choices": row.get("choices", []),
        "condition": row.get("condition", {}),
        "layer": row.get("layer", ""),
        "least": row.get("least"),
        "most": row.get("most"),
        "stops": row.get("stops", False),
        "position": position,
        "active": True,
    }
