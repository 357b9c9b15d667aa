"""When people at desks do things: so many working hours later, never on a day off. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from issues.clock import Calendar


@dataclass(frozen=True, slots=True)
class Office:
    """The office hours of a city, to walk along."""

    calendar: Calendar

    def after(self, instant: datetime, hours: float) -> datetime:
        """Return the instant that lies a number of working hours after another.

        Args:
            instant: aware; outside office hours the walk begins at the next opening.
            hours: working hours, not negative.
        """
        at, left = self.calendar.received(instant), timedelta(hours=hours)
        while (rest := self.calendar.closing(at.date()) - at) <= left:
            left -= rest
            at = self.calendar.received(at + rest)
        return at + left
