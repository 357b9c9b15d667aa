"""The dates that a case must keep, for many cases at once: equal moments are computed once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from issues import clock
from issues.actions import clocks
from issues.actions.clocks import Dates
from issues.clock import Calendar, Pause
from issues.models import Clock

_Hour = tuple[int, date, int]


@dataclass(slots=True)
class Diary:
    """Answers `actions.clocks.dates` for a city and an office, from what it was asked before.

    Within one hour of a local day every receipt in office hours gets as far to its disposition:
    offices give whole hours, and days begin on the hour.
    """

    days: Calendar
    own: Calendar
    _spans: dict[_Hour, timedelta] = field(default_factory=dict)
    _ends: dict[tuple[int, date], datetime] = field(default_factory=dict)
    _openings: dict[date, datetime] = field(default_factory=dict)

    def dates(self, received_at: datetime, pace: Clock, pauses: Sequence[Pause] = ()) -> Dates:
        """Compute the dates of a case received at an instant (aware)."""
        if pauses:
            return clocks.dates(received_at, pace, self.days, own=self.own, pauses=pauses)
        arrived = self._received(received_at)
        today = arrived.date()
        hourly = pace.disposition_hours, today, arrived.hour
        if hourly not in self._spans:
            due = clock.disposition_due(arrived, self.days, hours=pace.disposition_hours)
            self._spans[hourly] = due - arrived
        if self.own is not self.days:
            today = self.own.received(received_at).date()
        return Dates(
            arrived + self._spans[hourly],
            self._end(pace.target_days, today),
            self._end(pace.limit_days, today),
        )

    def _end(self, days: int, today: date) -> datetime:
        """Return what `clock.due` does, without its explanation."""
        found = self._ends.get((days, today))
        if found is None:
            found = self.own.closing(clock.add_working_days(today, days, self.own))
            self._ends[days, today] = found
        return found

    def _received(self, instant: datetime) -> datetime:
        """Return the instant itself within office hours, else the next opening."""
        local = instant.astimezone(self.days.zone)
        today = local.date()
        if not self.days.is_working(today):
            opening = self._openings.get(today)
            if opening is None:
                opening = self._openings[today] = self.days.received(instant)
            return opening
        return self.days.received(instant)
