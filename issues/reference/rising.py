"""The chain upwards in `city.toml`: rules of reminders and escalations, checked and as rows."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

from issues.models import Clock, Escalation

REQUIRED: Final = frozenset({"code", "date", "role", "kind"})
OPTIONAL: Final = frozenset({"percent", "days_after", "clock"})
_PERCENT: Final = range(1, 100)
_DAYS: Final = range(1000)

Row = Mapping[str, Any]


def problems(rows: Iterable[Row], clocks: Iterable[str]) -> Iterator[str]:
    """Yield every fault of the rules.

    Args:
        rows: as TOML gives them, each with the keys that it must have.
        clocks: codes of the city's clocks.
    """
    known: dict[str, Iterable[str]] = {
        "date": Escalation.Date.values,
        "kind": Escalation.Kind.values,
        "role": dict(Escalation._meta.get_field("role").flatchoices),  # noqa: SLF001  Django documents it
        "clock": (*clocks, ""),
    }
    for row in rows:
        for key, choices in known.items():
            if (value := row.get(key, "")) not in choices:
                words = {"code": row["code"], "key": key, "value": value}
                yield _("escalation %(code)s: %(key)s “%(value)s” tidak dikenal") % words
        if not _goes_off(row):
            text = _("escalation %(code)s: tulis percent (1 sampai 99) atau days_after, satu saja")
            yield text % {"code": row["code"]}


def _goes_off(row: Row) -> bool:
    """Whether a rule says before or after, and not both."""
    percent, days = row.get("percent"), row.get("days_after")
    return (percent in _PERCENT and days is None) or (percent is None and days in _DAYS)


def values(row: Row, clocks: Mapping[str, Clock]) -> dict[str, Any]:
    """Say what the file decides of one rule."""
    return {
        **{name: row[name] for name in ("date", "role", "kind")},
        "percent": row.get("percent"),
        "days_after": row.get("days_after"),
        "clock": clocks[row["clock"]] if row.get("clock") else None,
        "active": True,
    }
