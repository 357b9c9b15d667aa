"""Calendars from rows: a city's days off, with its own office hours or those of a department."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from geodata.models import City, Department
from issues import clock
from issues.models import Holiday

_HORIZON: Final = timedelta(days=400)
"""How far ahead holidays are read; no limit of a clock lies further."""


def near(
    city: City,
    around: datetime,
    *,
    until: datetime | None = None,
    department: Department | None = None,
) -> clock.Calendar:
    """Build a calendar for the months after an instant; one query.

    Args:
        city: whose days off and zone count.
        around: aware.
        until: the months after this count too; default: `around`.
        department: whose hours count, where it has its own; else the city's.
    """
    span = around.date() - timedelta(days=2), (until or around).date() + _HORIZON
    days = Holiday.objects.filter(city=city, date__range=span)
    return build(city, hours_of(city, department), dict(days.values_list("date", "name")))


def hours_of(city: City, department: Department | None) -> Mapping[str, Sequence[str]]:
    """Find whose hours count: the department's own, else the city's."""
    found: Mapping[str, Sequence[str]] = department.office_hours if department else {}
    return found or city.office_hours


def build(
    city: City, hours: Mapping[str, Sequence[str]], holidays: Mapping[date, str]
) -> clock.Calendar:
    """Build a calendar from hours (weekday → opening, closing) and days off."""
    return clock.Calendar(
        zone=ZoneInfo(city.zone),
        hours={
            int(day): (time.fromisoformat(opens), time.fromisoformat(closes))
            for day, (opens, closes) in hours.items()
        },
        holidays=holidays,
    )


@dataclass(slots=True)
class Calendars:
    """The calendars of cities over all their years, each read once: for many issues at a time."""

    _holidays: dict[int, Mapping[date, str]] = field(default_factory=dict)
    _made: dict[tuple[int, int | None], clock.Calendar] = field(default_factory=dict)

    def of(self, city: City, department: Department | None = None) -> clock.Calendar:
        """Find the calendar of a city, or of one of its departments."""
        own = department.pk if department and department.office_hours else None
        if (city.pk, own) not in self._made:
            if city.pk not in self._holidays:
                rows = Holiday.objects.filter(city=city).values_list("date", "name")
                self._holidays[city.pk] = dict(rows)
            hours = hours_of(city, department)
            self._made[city.pk, own] = build(city, hours, self._holidays[city.pk])
        return self._made[city.pk, own]
