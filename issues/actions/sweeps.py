"""What time does to many issues at once: it makes them overdue."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from issues.actions import record
from issues.models import Issue
from issues.publication import publish


def refresh_overdue(now: datetime | None = None) -> int:
    """Publish the issues that time has made overdue.

    Args:
        now: the instant that counts; default: now.

    Returns:
        How many became overdue. Each issue is a transaction of its own.
    """
    now = now or timezone.now()
    late = Issue.objects.overdue(now).filter(marked_overdue=False).values_list("pk", flat=True)
    return sum(_mark(issue_id, now) for issue_id in list(late))


def _mark(issue_id: int, now: datetime) -> bool:
    with transaction.atomic():
        issue = record.lock(issue_id)
        if issue.marked_overdue or issue.paused_at or not issue.is_open or issue.due_at >= now:
            return False
        issue.marked_overdue = True
        issue.save(update_fields=["marked_overdue"])
        publish(issue)
        return True
