"""The dates that a case must keep, for many cases at once: equal moments are computed once."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from issues import clock
from issues.actions.clocks import Dates
from issues.clock import Calendar
from issues.models import Clock

_Key = tuple[int, date, int]


@dataclass(slots=True)
class Diary:
    """Answers `actions.clocks.dates` for a calendar, from what it was asked before.

    Within one hour of a local day every receipt in office hours gets as far to its disposition:
    offices give whole hours, and days begin on the hour.
    """

    days: Calendar
    _spans: dict[_Key, timedelta] = field(default_factory=dict)
    _ends: dict[_Key, tuple[datetime, datetime]] = field(default_factory=dict)
    _openings: dict[date, datetime] = field(default_factory=dict)

    def dates(self, received_at: datetime, pace: Clock) -> Dates:
        """Compute the dates of a case received at an instant (aware)."""
        arrived = self._received(received_at)
        today = arrived.date()
        hourly, daily = (pace.pk, today, arrived.hour), (pace.pk, today, 0)
        if hourly not in self._spans:
            due = clock.disposition_due(arrived, self.days, hours=pace.disposition_hours)
            self._spans[hourly] = due - arrived
        if daily not in self._ends:
            self._ends[daily] = (
                clock.due(arrived, pace.target_days, self.days).at,
                clock.due(arrived, pace.limit_days, self.days).at,
            )
        return Dates(arrived + self._spans[hourly], *self._ends[daily])

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
