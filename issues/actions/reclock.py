"""Another calendar, other dates: open issues are clocked again, one event for each that moves."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils import timezone

from geodata.models import City
from issues.actions import alarms, clocks, record
from issues.actions.calendars import Calendars
from issues.models import Issue, IssueQuerySet
from issues.workflow import Role, Step

_AT_ONCE: Final = 500


def touched(city: City, since: datetime | None) -> IssueQuerySet:
    """List the open issues that a change of the calendar from an instant on may concern."""
    rows = Issue.objects.open().filter(city=city)
    return rows if since is None else rows.filter(limit_at__gte=since)


def reclock(city: City, *, since: datetime | None = None, at: datetime | None = None) -> int:
    """Compute the dates of open issues again; each whose dates move gets an event.

    Args:
        city: whose days off, hours or clocks are others.
        since: the first instant that has changed; None: everything may have, the rules of
            reminders too.
        at: when; default: now.

    Returns:
        How many issues moved. Each is a transaction; a second run moves none. What is closed keeps
        the dates that it was held to.
    """
    at = at or timezone.now()
    City.objects.filter(pk=city.pk).update(calendar_at=at)
    if since is None:
        alarms.look_again(city, at)
    known = Calendars()
    return sum(_again(key, known, at) for key in _moving(touched(city, since), known))


def _moving(rows: IssueQuerySet, known: Calendars) -> Iterator[int]:
    """Yield the keys of issues whose dates would move."""
    last = 0
    while page := list(record.whole(rows).filter(pk__gt=last).order_by("pk")[:_AT_ONCE]):
        yield from _differing(page, known)
        last = page[-1].pk


def _differing(page: Sequence[Issue], known: Calendars) -> list[int]:
    stories = clocks.stories(page)
    return [
        issue.pk
        for issue in page
        if clocks.redate(
            issue, start=stories[issue.pk].started_at or issue.received_at, known=known
        )
    ]


@transaction.atomic
def _again(key: int, known: Calendars, at: datetime) -> bool:
    """Clock one issue again, as it stands once it is locked."""
    issue = record.lock(key)
    moved = clocks.redate(issue, known=known) if issue.is_open else {}
    if not moved:
        return False
    event = record.append(
        issue,
        Step.RECLOCK,
        status=issue.workflow_status,
        role=Role.SYSTEM,
        at=at,
        department=issue.department,
        data={clocks.MOVED: moved},
    )
    record.settle(issue, [event])
    return True
