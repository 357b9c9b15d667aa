"""The city's calendar from its rows, and the dates that an issue must keep."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import models

from geodata.models import City
from issues import clock
from issues.models import Clock, Event, Holiday, Issue
from issues.workflow import Step

_HORIZON: Final = timedelta(days=120)
"""How far ahead holidays are read; no limit of a clock lies further."""


RESTARTED: Final = "due_at"
"""What stands in the data of an event with which the clocks began anew."""


@dataclass(frozen=True, slots=True)
class Dates:
    """By when an issue must have been sent, should be done, and must be done."""

    dispose_by: datetime
    due_at: datetime
    limit_at: datetime


def calendar(city: City, around: datetime) -> clock.Calendar:
    """Build a city's calendar for the months after an instant; one query."""
    first = around.date() - timedelta(days=2)
    days = Holiday.objects.filter(city=city, date__range=(first, around.date() + _HORIZON))
    return clock.Calendar(
        zone=ZoneInfo(city.zone),
        hours={
            int(day): (time.fromisoformat(opens), time.fromisoformat(closes))
            for day, (opens, closes) in city.office_hours.items()
        },
        holidays=dict(days.values_list("date", "name")),
    )


def dates(received_at: datetime, pace: Clock, days: clock.Calendar) -> Dates:
    """Compute the dates of an issue.

    Args:
        received_at: when the city got it.
        pace: the clock of its category.
        days: the city's calendar.
    """
    return Dates(
        dispose_by=clock.disposition_due(received_at, days, hours=pace.disposition_hours),
        due_at=clock.due(received_at, pace.target_days, days).at,
        limit_at=clock.due(received_at, pace.limit_days, days).at,
    )


def join(issue: Issue, at: datetime) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Run the clocks of several departments together: longer ones, from the same start."""
    del at
    start = started_at(issue)
    days = calendar(issue.city, start)
    pace = issue.category.clock
    issue.due_at = clock.due(start, pace.joint_target_days, days).at
    issue.limit_at = clock.due(start, pace.joint_limit_days, days).at
    return ("due_at", "limit_at"), {}


def restarts() -> models.QuerySet[Event]:
    """List the events with which a closed issue came back and its clocks began anew."""
    return Event.objects.filter(step=Step.REOPEN, data__has_key=RESTARTED)


def started_at(issue: Issue) -> datetime:
    """Say since when the clocks of an issue run: its receipt, or when it was last opened again.

    A repair that does not hold is new work; what was late before stays in the history.
    """
    again = restarts().filter(issue=issue).order_by("-seq").values_list("at", flat=True).first()
    return again or issue.received_at


def due(issue: Issue) -> clock.Due:
    """Say by when an issue should be done, and why."""
    start = started_at(issue)
    return clock.due(start, issue.category.clock.target_days, calendar(issue.city, start))
