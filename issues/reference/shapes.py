"""What the rows of a city's files look like: their keys, and what each key may hold. Pure."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from issues.reference import asking, rising

Row = dict[str, Any]

_NAMES: Final = frozenset({"name", "name_en", "description", "description_en"})
_HOURS_AND_DAYS: Final = frozenset({"disposition_hours"}) | {
    f"{kind}_days" for kind in ("target", "limit", "joint_target", "joint_limit", "answer")
}
_NONE: Final[frozenset[str]] = frozenset()
KEYS: Final[Mapping[str, tuple[frozenset[str], frozenset[str]]]] = {
    "city": (
        frozenset({"slug", "name", "short_name", "prefix", "province", "host", "zone"})
        | {"metric_srid", "center", "extent", "emergency_number", "contact"}
        | {"office_hours", "clock"},
        frozenset({"requires_account", "escalation", "kemendagri_code", "national_holidays"})
        | {"banner", "banner_en", "banner_from", "banner_until"},
    ),
    "clock": (_HOURS_AND_DAYS | {"code", "source"}, _NONE),
    "escalation": (rising.REQUIRED, rising.OPTIONAL),
    "department": (
        frozenset({"code", "name", "short_name", "kind", "external", "tasks"}),
        frozenset({"email", "office_hours", "validates", "mailbox", "source"}),
    ),
    "unit": (frozenset({"department", "code", "name"}), _NONE),
    "reply": (frozenset({"step", "name", "text"}), frozenset({"department", "category"})),
    "category": (
        _NAMES | {"service_code", "keywords", "icon"},
        frozenset({"nature", "privacy", "fast_lane", "exact_place", "clock"})
        | {"emergency_hint", "emergency_hint_en", "triage", "duplicate_radius_m", "related"}
        | {"position"},
    ),
    "rule": (
        frozenset({"code", "service_code", "department", "source"})
        | {"explanation", "explanation_en"},
        frozenset({"level", "area", "road_class", "within_m", "facts", "priority", "fallback"})
        | {"valid_from", "valid_to"},
    ),
    "holiday": (frozenset({"date", "name", "kind"}), _NONE),
    "landmark": (frozenset({"code", "name", "kind", "lon", "lat"}), frozenset({"approximate"})),
    "question": (asking.REQUIRED, asking.OPTIONAL),
}
"""Table of a file → the keys that each row must have, and those that it may have."""

COMPUTED_DAYS: Final[Row] = {"country": "", "categories": [], "from_year": 0, "to_year": 0}
"""What the days off of a whole country are computed from; each key with a value of its type."""

_BOOLEANS: Final = frozenset({"external", "validates", "fast_lane", "exact_place", "triage"}) | {
    *("fallback", "approximate", "required", "stops", "requires_account")
}
_WHOLE: Final = (_HOURS_AND_DAYS | {"metric_srid", "priority", "within_m"}) | {
    *("duplicate_radius_m", "position", "percent", "days_after")
}
_TABLES_WITHIN: Final = frozenset({"contact", "office_hours", "national_holidays", "facts"})


def _is_number(value: Any) -> bool:
    return type(value) in {int, float}


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _is_texts_of(value: Any) -> bool:
    """Whether each value of a table within a row is a text, or a list of them."""
    return isinstance(value, dict) and all(
        isinstance(one, str) or _is_texts(one) for one in value.values()
    )


def _is_row_of_numbers(count: int) -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, list) and len(value) == count and all(map(_is_number, value))
    )


_HOLDS: Final[Mapping[str, Callable[[Any], bool]]] = {
    **dict.fromkeys(_BOOLEANS, lambda value: isinstance(value, bool)),
    **dict.fromkeys(_WHOLE, lambda value: type(value) is int),
    **dict.fromkeys(("lon", "lat", "least", "most"), _is_number),
    **dict.fromkeys(("keywords", "related"), _is_texts),
    **dict.fromkeys(_TABLES_WITHIN, lambda value: isinstance(value, dict)),
    **dict.fromkeys(("clock", "escalation"), lambda value: isinstance(value, list)),
    **dict.fromkeys(("valid_from", "valid_to"), lambda value: type(value) is date),
    **dict.fromkeys(("banner_from", "banner_until"), lambda value: isinstance(value, datetime)),
    "center": _is_row_of_numbers(2),
    "extent": _is_row_of_numbers(4),
    "condition": _is_texts_of,
    "choices": lambda value: isinstance(value, list) and all(map(_is_texts_of, value)),
}
"""A key → whether it may hold a value; any other key holds a text."""
_ELSEWHERE: Final = frozenset({("holiday", "date"), ("category", "clock"), ("escalation", "clock")})
"""Keys that a check of their own looks at, or that hold a text here though not elsewhere."""


def wrong_keys(tables: Mapping[str, tuple[Row, ...]]) -> Iterator[str]:
    """Say which rows lack a key, or have one that nobody knows."""
    for table, rows in tables.items():
        required, optional = KEYS[table]
        for number, row in enumerate(rows, start=1):
            words = {"table": table, "name": _name(row) or number}
            for key in sorted(required - row.keys()):
                yield _("%(table)s %(name)s: “%(key)s” tidak ada") % (words | {"key": key})
            for key in sorted(row.keys() - required - optional):
                yield _("%(table)s %(name)s: “%(key)s” tidak dikenal") % (words | {"key": key})


def _name(row: Row) -> str:
    return str(row.get("service_code") if "icon" in row else row.get("code", row.get("slug", "")))


def wrong_types(tables: Mapping[str, tuple[Row, ...]]) -> Iterator[str]:
    """Say which values are of another kind than their key holds."""
    for table, rows in tables.items():
        for number, row in enumerate(rows, start=1):
            words = {"table": table, "name": _name(row) or number}
            for key, value in row.items():
                if not _holds(table, key, value):
                    yield _("%(table)s %(name)s: “%(key)s” berisi jenis nilai yang lain") % (
                        words | {"key": key}
                    )


def _holds(table: str, key: str, value: Any) -> bool:
    if (table, key) == ("holiday", "date"):
        return True
    if (table, key) in _ELSEWHERE:
        return isinstance(value, str)
    return _HOLDS.get(key, lambda value: isinstance(value, str))(value)
