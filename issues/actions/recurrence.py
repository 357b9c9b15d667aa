"""The same problem again where it was repaired not long ago: both are marked for the department."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from geodata import sql
from issues.actions import record
from issues.models import Flag, Issue
from issues.workflow import Role, Step

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
    issue = Issue.objects.get(pk=issue_id)
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
            record.lock(issue_id, and_also=earlier)
            raise_flag(issue_id, Flag.Kind.AGAIN, _about(earlier, row), at=at)
            raise_flag(row["id"], Flag.Kind.AGAIN, _about(issue, row), at=at)
    return [row["number"] for row in found]


def _about(other: Issue, row: dict[str, Any]) -> dict[str, Any]:
    metres = row["metres"]
    return {"number": other.number, "metres": None if metres is None else round(metres)}


def raise_flag(
    issue_id: int, kind: Flag.Kind, data: dict[str, Any], *, at: datetime | None = None
) -> Flag | None:
    """Mark an issue for its office by an event of the system.

    Args:
        issue_id: the issue.
        kind: why.
        data: what the words need; the same mark with the same data is raised once.
        at: when; default: now.

    Returns:
        The flag; None where it stands already.
    """
    at = at or timezone.now()
    with transaction.atomic():
        issue = record.lock(issue_id)
        if issue.flags.filter(kind=kind, data=data).exists():
            return None
        flag = Flag.objects.create(issue=issue, kind=kind, data=data, raised_at=at)
        event = record.append(
            issue,
            Step.FLAG,
            status=issue.workflow_status,
            role=Role.SYSTEM,
            at=at,
            data={"kind": str(kind), **data},
        )
        record.settle(issue, [event])
        return flag
