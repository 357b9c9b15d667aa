"""Due dates over working days, office hours and holidays.

Pure: a calendar and an instant in, a date out.

A day is a working day where its weekday has office hours and no holiday falls on it. An issue that
arrives outside office hours counts as received at the next opening. Instants are aware; answers are
in the calendar's zone.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import count, groupby

from django.utils.dateformat import format as format_date
from django.utils.dates import MONTHS
from django.utils.formats import get_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

ONE_DAY = timedelta(days=1)
MIDNIGHT = time()


@dataclass(frozen=True, slots=True)
class Calendar:
    """When an office is open.

    Args:
        zone: the office's time zone.
        hours: weekday (Monday is 0) -> (opening, closing), local; a weekday left out is free.
        holidays: local date -> name, national holidays, *cuti bersama* and local days alike.
    """

    zone: tzinfo
    hours: Mapping[int, tuple[time, time]]
    holidays: Mapping[date, str]

    def __post_init__(self) -> None:
        """Refuse hours with which no due date would ever come."""
        if not self.hours or not set(self.hours) <= set(range(7)):
            message = "an office needs hours on at least one weekday, Monday 0 to Sunday 6"
            raise ValueError(message)
        if any(opening >= closing for opening, closing in self.hours.values()):
            message = "an office opens before it closes"
            raise ValueError(message)

    def is_working(self, day: date) -> bool:
        """Tell whether the office is open on this local date."""
        return day.weekday() in self.hours and day not in self.holidays

    def opening(self, day: date) -> datetime:
        """Return when the office opens on a weekday with hours."""
        return datetime.combine(day, self.hours[day.weekday()][0], self.zone)

    def closing(self, day: date) -> datetime:
        """Return when the office closes on a weekday with hours."""
        return datetime.combine(day, self.hours[day.weekday()][1], self.zone)

    def received(self, instant: datetime) -> datetime:
        """Return the instant itself within office hours, else the next opening.

        The opening minute belongs to the office hours, the closing minute does not.

        Raises:
            ValueError: the instant has no zone.
        """
        if instant.tzinfo is None:
            message = "an instant needs a zone"
            raise ValueError(message)
        local = instant.astimezone(self.zone)
        if self.is_working(local.date()) and local < self.closing(local.date()):
            return max(local, self.opening(local.date()))
        return self.opening(add_working_days(local.date(), 1, self))


@dataclass(frozen=True, slots=True)
class Due:
    """A due instant that can explain itself.

    `skipped` are the holidays (date, name) from the day of arrival to the due day that fell on
    weekdays with office hours, in order.
    """

    at: datetime
    working_days: int
    skipped: tuple[tuple[date, str], ...]

    def explain(self) -> str:
        """Say when it is due and why, in the reader's language."""
        words = {
            "date": format_date(self.at, "l j F Y"),
            "time": format_date(self.at, get_format("TIME_FORMAT")),
            "zone": self.at.tzname(),
            "days": self.working_days,
        }
        text = ngettext(
            "%(date)s pukul %(time)s %(zone)s: %(days)d hari kerja",
            "%(date)s pukul %(time)s %(zone)s: %(days)d hari kerja",
            self.working_days,
        )
        return text % words + self._holidays()

    def _holidays(self) -> str:
        """Name the skipped days; nothing where there are none."""
        if not self.skipped:
            return ""
        names = dict.fromkeys(name for _day, name in self.skipped)
        words = {
            "dates": _enumerated([day for day, _name in self.skipped]),
            "names": ", ".join(names),
        }
        return _("; %(dates)s libur (%(names)s)") % words


def add_working_days(start: date, days: int, calendar: Calendar) -> date:
    """Return the n-th working day after a date; the date itself for 0.

    Raises:
        ValueError: `days` is negative.
    """
    if days < 0:
        message = "working days are counted forward"
        raise ValueError(message)
    day = start
    for _step in range(days):
        day = next(later for later in _days_after(day) if calendar.is_working(later))
    return day


def working_days_between(start: date, end: date, calendar: Calendar) -> int:
    """Count the working days after `start` up to and including `end`; negative backwards."""
    if end < start:
        return -working_days_between(end, start, calendar)
    span = range(1, (end - start).days + 1)
    return sum(calendar.is_working(start + ONE_DAY * step) for step in span)


def due(received_at: datetime, days: int, calendar: Calendar) -> Due:
    """Return the closing time of the n-th working day after the day of receipt, explained."""
    arrived = received_at.astimezone(calendar.zone).date()
    receipt = calendar.received(received_at).date()
    last = add_working_days(receipt, days, calendar)
    return Due(calendar.closing(last), days, _holidays(arrived, last, calendar))


def disposition_due(received_at: datetime, calendar: Calendar, *, hours: int = 24) -> datetime:
    """Return by when an issue has reached its department: 24 h after receipt by default.

    The clock runs day and night through working days and stands still on days off, so that
    Friday 10:00 is due Monday 10:00 and no due instant falls on a day off.

    Source: Laporan PRO Denpasar 2023, "disposisi 1 x 24 jam".
    """
    at = calendar.received(received_at)
    left = timedelta(hours=hours)
    while (rest := _until_midnight(at)) <= left:
        left -= rest
        following = add_working_days(at.date(), 1, calendar)
        at = datetime.combine(following, MIDNIGHT, calendar.zone)
    return _later(at, left)


def _until_midnight(at: datetime) -> timedelta:
    """Return the real time left of a local day; in UTC, because days with a clock change differ."""
    midnight = datetime.combine(at.date() + ONE_DAY, MIDNIGHT, at.tzinfo)
    return midnight.astimezone(UTC) - at.astimezone(UTC)


def _later(at: datetime, span: timedelta) -> datetime:
    return (at.astimezone(UTC) + span).astimezone(at.tzinfo)


def _days_after(day: date) -> Iterator[date]:
    return (day + ONE_DAY * step for step in count(1))


def _holidays(first: date, last: date, calendar: Calendar) -> tuple[tuple[date, str], ...]:
    """Return the holidays between two dates, both included, that cost a working day."""
    return tuple(
        (day, name)
        for day, name in sorted(calendar.holidays.items())
        if first <= day <= last and day.weekday() in calendar.hours
    )


def _enumerated(days: Iterable[date]) -> str:
    """Write dates of a sentence: "30 Maret, 1 dan 2 April"."""
    months = groupby(days, key=lambda day: (day.year, day.month))
    return ", ".join(_of_month(month, [day.day for day in group]) for (_y, month), group in months)


def _of_month(month: int, days: list[int]) -> str:
    *before, last = (str(day) for day in days)
    listed = _("%(before)s dan %(last)s") % {"before": ", ".join(before), "last": last}
    return f"{listed if before else last} {MONTHS[month]}"
