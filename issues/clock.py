"""Due dates over working days, office hours and holidays.

Pure: a calendar and an instant in, a date out.

A day is a working day where its weekday has office hours and no holiday falls on it. An issue that
arrives outside office hours counts as received at the next opening. A pause adds the working days
whose closing fell into it, so that a due instant is always a closing; short pauses add nothing,
one over a closing a whole day. Instants are aware; answers are in the calendar's zone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
class Pause:
    """A time in which a clock stood still: from `since` on, before `until` (None: it still does).

    `reason` is in plain words; empty where the reporter was asked something.
    """

    since: datetime
    until: datetime | None = None
    reason: str = ""

    @property
    def words(self) -> str:
        """Why, in plain words."""
        return self.reason or _("menunggu jawaban pelapor")


@dataclass(frozen=True, slots=True)
class Due:
    """A due instant that can explain itself.

    Attributes:
        at: the instant.
        working_days: how many the clock gives, pauses not counted.
        skipped: the holidays (date, name) from the day of arrival to the due day that fell on
            weekdays with office hours, in order.
        start: when the clock began; in the calendar's zone.
        added: pauses that are over, each with the working days that it added; none that added none.
        standing: the pause that lasts, if one does.
        joint: whether several departments share the work.
        reopened: whether the clock began when the issue was opened again.
        office: whose own hours count; empty for the city's.
    """

    at: datetime
    working_days: int
    skipped: tuple[tuple[date, str], ...]
    start: datetime | None = None
    added: tuple[tuple[Pause, int], ...] = ()
    standing: Pause | None = None
    joint: bool = False
    reopened: bool = False
    office: str = ""

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
        return "; ".join([text % words, *self.reasons()])

    def reasons(self) -> list[str]:
        """Say one by one what has moved the date besides the days that it gives."""
        zone = self.at.tzinfo
        said = [
            self._holidays(),
            _("tenggat bersama, karena beberapa dinas mengerjakannya") if self.joint else "",
            *(_added(pause, days, zone) for pause, days in self.added),
            self._began(),
            _("menurut jam kerja %(office)s") % {"office": self.office} if self.office else "",
            self._stands(),
        ]
        return [one for one in said if one]

    def _began(self) -> str:
        """Say that it was opened again."""
        if not (self.reopened and self.start):
            return ""
        words = {"date": format_date(self.start, "j F")}
        return _("dihitung sejak dibuka kembali %(date)s") % words

    def _stands(self) -> str:
        """Say that its clock stands still, since when and why."""
        if self.standing is None:
            return ""
        since = self.standing.since.astimezone(self.at.tzinfo)
        words = {"date": format_date(since, "j F"), "reason": self.standing.words}
        return _("jam berhenti sejak %(date)s: %(reason)s") % words

    def _holidays(self) -> str:
        """Name the skipped days; nothing where there are none."""
        if not self.skipped:
            return ""
        names = dict.fromkeys(name for _day, name in self.skipped)
        words = {
            "dates": _enumerated([day for day, _name in self.skipped]),
            "names": ", ".join(names),
        }
        return _("%(dates)s libur (%(names)s)") % words


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


def due(
    received_at: datetime, days: int, calendar: Calendar, *, pauses: Sequence[Pause] = ()
) -> Due:
    """Return the closing time of the n-th working day after the day of receipt, explained.

    Args:
        received_at: when the clock began.
        days: how many working days it gives.
        calendar: of whoever must keep it.
        pauses: since it began, oldest first; each adds the closings that fell into it.
    """
    start = received_at.astimezone(calendar.zone)
    receipt = calendar.received(received_at).date()
    added = [(pause, closings(pause, calendar)) for pause in pauses]
    last = add_working_days(receipt, days + sum(more for _pause, more in added), calendar)
    return Due(
        calendar.closing(last),
        days,
        _holidays(start.date(), last, calendar),
        start=start,
        added=tuple((pause, more) for pause, more in added if more),
        standing=next((pause for pause in pauses if pause.until is None), None),
    )


def closings(pause: Pause, calendar: Calendar) -> int:
    """Count the working days whose closing fell into a pause that is over; 0 while it lasts.

    A day counts where the clock stood still in its last working moment: since before the closing,
    until the closing or longer.
    """
    if pause.until is None:
        return 0
    days = _working_days(pause.since, pause.until, calendar)
    return sum(pause.since < calendar.closing(day) <= pause.until for day in days)


def disposition_due(
    received_at: datetime,
    calendar: Calendar,
    *,
    hours: int = 24,
    pauses: Sequence[Pause] = (),
) -> datetime:
    """Return by when an issue has reached its department: 24 h after receipt by default.

    The clock runs day and night through working days and stands still on days off, so that
    Friday 10:00 is due Monday 10:00 and no due instant falls on a day off. What a pause took of
    working days is added to the minute.

    Source: Laporan PRO Denpasar 2023, "disposisi 1 x 24 jam".
    """
    start = calendar.received(received_at)
    left = timedelta(hours=hours)
    for pause in pauses:
        since = max(pause.since, start)
        if pause.until is not None and running(start, since, calendar) < left:
            left += running(since, pause.until, calendar)
    return _run(start, left, calendar)


def _run(at: datetime, left: timedelta, calendar: Calendar) -> datetime:
    """Let a clock run through working days, day and night."""
    while (rest := _until_midnight(at)) <= left:
        left -= rest
        following = add_working_days(at.date(), 1, calendar)
        at = datetime.combine(following, MIDNIGHT, calendar.zone)
    return _later(at, left)


def running(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """Measure the time between two instants that lies in working days, day and night."""
    shared = (
        _shared(_midnight(day, calendar), _midnight(day + ONE_DAY, calendar), start, end)
        for day in _working_days(start, end, calendar)
    )
    return sum(shared, timedelta())


def open_between(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """Measure the office hours between two instants."""
    shared = (
        _shared(calendar.opening(day), calendar.closing(day), start, end)
        for day in _working_days(start, end, calendar)
    )
    return sum(shared, timedelta())


def before(end: datetime, span: timedelta, calendar: Calendar) -> datetime:
    """Return the instant from which so much office time passes until `end`."""
    day = end.astimezone(calendar.zone).date()
    while True:
        if calendar.is_working(day):
            opens = calendar.opening(day)
            closes = min(calendar.closing(day), end)
            if closes > opens and closes - opens >= span:
                return (closes.astimezone(UTC) - span).astimezone(calendar.zone)
            span -= max(closes - opens, timedelta())
        day -= ONE_DAY


def after(end: datetime, days: int, calendar: Calendar) -> datetime:
    """Return the same time of day so many working days later; the instant itself for 0."""
    local = end.astimezone(calendar.zone)
    last = add_working_days(local.date(), days, calendar)
    return datetime.combine(last, local.time(), calendar.zone)


def _working_days(start: datetime, end: datetime, calendar: Calendar) -> Iterator[date]:
    """Yield the working days that two instants and what lies between them touch."""
    first, last = (at.astimezone(calendar.zone).date() for at in (start, end))
    return filter(calendar.is_working, _days_from(first, last))


def _midnight(day: date, calendar: Calendar) -> datetime:
    return datetime.combine(day, MIDNIGHT, calendar.zone)


def _shared(opens: datetime, closes: datetime, start: datetime, end: datetime) -> timedelta:
    """Return how long two spans share; in UTC, because days with a clock change differ."""
    first, last = max(opens, start).astimezone(UTC), min(closes, end).astimezone(UTC)
    return max(last - first, timedelta())


def _until_midnight(at: datetime) -> timedelta:
    """Return the real time left of a local day; in UTC, because days with a clock change differ."""
    midnight = datetime.combine(at.date() + ONE_DAY, MIDNIGHT, at.tzinfo)
    return midnight.astimezone(UTC) - at.astimezone(UTC)


def _later(at: datetime, span: timedelta) -> datetime:
    return (at.astimezone(UTC) + span).astimezone(at.tzinfo)


def _days_from(first: date, last: date) -> Iterator[date]:
    """Yield the dates from one to another, both included."""
    return (first + ONE_DAY * step for step in range((last - first).days + 1))


def _days_after(day: date) -> Iterator[date]:
    return (day + ONE_DAY * step for step in count(1))


def _holidays(first: date, last: date, calendar: Calendar) -> tuple[tuple[date, str], ...]:
    """Return the holidays between two dates, both included, that cost a working day."""
    return tuple(
        (day, name)
        for day, name in sorted(calendar.holidays.items())
        if first <= day <= last and day.weekday() in calendar.hours
    )


def _added(pause: Pause, days: int, zone: tzinfo | None) -> str:
    """Say what a pause has added: "ditambah 2 hari kerja: menunggu jawaban pelapor 3–5 Maret"."""
    assert pause.until is not None  # noqa: S101  only what is over adds days; this tells mypy
    first, last = (at.astimezone(zone).date() for at in (pause.since, pause.until))
    words = {"days": days, "reason": pause.words, "span": _span(first, last)}
    text = ngettext(
        "ditambah %(days)d hari kerja: %(reason)s %(span)s",
        "ditambah %(days)d hari kerja: %(reason)s %(span)s",
        days,
    )
    return text % words


def _span(first: date, last: date) -> str:
    """Write a span of dates: "3–5 Maret", "30 Maret–2 April"."""
    if first == last:
        return format_date(first, "j F")
    same = (first.year, first.month) == (last.year, last.month)
    return f"{first.day if same else format_date(first, 'j F')}–{format_date(last, 'j F')}"


def _enumerated(days: Iterable[date]) -> str:
    """Write dates of a sentence: "30 Maret, 1 dan 2 April"."""
    months = groupby(days, key=lambda day: (day.year, day.month))
    return ", ".join(_of_month(month, [day.day for day in group]) for (_y, month), group in months)


def _of_month(month: int, days: list[int]) -> str:
    *before, last = (str(day) for day in days)
    listed = _("%(before)s dan %(last)s") % {"before": ", ".join(before), "last": last}
    return f"{listed if before else last} {MONTHS[month]}"
