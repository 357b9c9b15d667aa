"""The same problem again where it was repaired not long ago: both are marked for the department."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from geodata import sql
from issues.actions import flags, record
from issues.models import Flag, Issue

WITHIN: Final = timedelta(days=90)
NEAR_M: Final = 30.0
"""Source: the city's rule for recurrence, within 90 days of "selesai"."""
_DEGREES: Final = 0.0005
_SQL: Final = Path(__file__).parent.parent / "sql"


def compare(issue_id: int, *, at: datetime | None = None) -> list[str]:
    """Mark an issue and each finished one that it repeats; again changes nothing.

    Returns:
        The numbers of the finished ones, newest first.
    """
    issue, at = Issue.objects.get(pk=issue_id), at or timezone.now()
    if issue.parent_id is not None:
        return []
    params = {
        "issue_id": issue_id,
        "since": issue.received_at - WITHIN,
        "degrees": _DEGREES,
        "metres": NEAR_M,
    }
    found = sql.fetch("before_here", params, folder=_SQL)
    for row in found:
        with transaction.atomic():
            earlier = Issue.objects.get(pk=row["id"])
            later = record.lock(issue_id, and_also=earlier)
            _mark(later, _about(earlier, row), at)
            _mark(record.lock(earlier.pk), _about(issue, row), at)
    return [row["number"] for row in found]


def _about(other: Issue, row: dict[str, Any]) -> dict[str, Any]:
    metres = row["metres"]
    return {"number": other.number, "metres": None if metres is None else round(metres)}


def _mark(issue: Issue, about: dict[str, Any], at: datetime) -> None:
    """Flag a locked issue, once for each other one that it repeats or that repeats it."""
    if not issue.flags.filter(kind=Flag.Kind.AGAIN, data=about).exists():
        event = flags.put(issue, Flag.Kind.AGAIN, at=at, data=about)
        record.settle(issue, [event])
