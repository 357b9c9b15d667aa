"""How the city's issues fare: what came, what waits where, how long it takes, with n and doubt.

Counts over issues of a period of receipt; only working days of the city's calendar count as time.
Nothing is ranked that rests on few cases, and every share says of how many it is one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import ceil, sqrt
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils import timezone

from geodata import sql
from geodata.models import City
from issues.clock import Calendar
from issues.workflow import STAGE, Stage

FEW: Final = 10
"""Below so many cases a number is shown and not compared."""
Z: Final = 1.96
"""Of 95 % of a normal distribution."""
_SQL: Final = Path(__file__).parent / "sql"
_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """The days of receipt, both included, in the city's zone."""

    first: date
    last: date

    def instants(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return the beginning of the first day and the end of the last one."""
        return (
            datetime.combine(self.first, time(), zone),
            datetime.combine(self.last + _ONE_DAY, time(), zone),
        )


@dataclass(frozen=True, slots=True)
class Share:
    """A part of some cases, with its 95 % interval.

    Source: Wilson score interval (Wilson 1927).
    """

    part: int
    n: int

    @property
    def value(self) -> float | None:
        """The share, 0..1; None of nothing."""
        return self.part / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Lower and upper bound, 0..1; None of nothing."""
        if not self.n:
            return None
        p, n = self.part / self.n, self.n
        middle = p + Z * Z / (2 * n)
        reach = Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
        whole = 1 + Z * Z / n
        return max(0.0, (middle - reach) / whole), min(1.0, (middle + reach) / whole)


@dataclass(frozen=True, slots=True)
class Spread:
    """Working days that cases took: how often each number of days occurred."""

    counts: Mapping[int, int]

    @property
    def n(self) -> int:
        """How many cases got there."""
        return sum(self.counts.values())

    def rank(self, nth: int) -> int | None:
        """Return the n-th smallest number of days, from 1; None beyond the ends."""
        for days in sorted(self.counts):
            nth -= self.counts[days]
            if nth <= 0:
                return days
        return None

    @property
    def median(self) -> int | None:
        """Half of the cases took no longer."""
        return self.rank(ceil(self.n / 2)) if self.n else None

    @property
    def p90(self) -> int | None:
        """Nine of ten cases took no longer."""
        return self.rank(ceil(0.9 * self.n)) if self.n else None

    @property
    def interval(self) -> tuple[int, int] | None:
        """The 95 % interval of the median, by order statistics; None where too few for one.

        Source: Conover, Practical Nonparametric Statistics, 3.2.
        """
        n = self.n
        low, high = ceil(n / 2 - Z * sqrt(n) / 2), ceil(n / 2 + Z * sqrt(n) / 2) + 1
        if low < 1 or high > n:
            return None
        lower, upper = self.rank(low), self.rank(high)
        return None if lower is None or upper is None else (lower, upper)


@dataclass(frozen=True, slots=True)
class Group:
    """The cases of one department, one district, one month, or all."""

    key: str
    received: int = 0
    open: int = 0
    overdue: int = 0
    closed: int = 0
    resolved: int = 0
    on_time: Share = Share(0, 0)
    reopened: Share = Share(0, 0)
    response: Spread = Spread({})
    closure: Spread = Spread({})
    waited_s: tuple[int, ...] = (0,) * len(Stage)

    @property
    def is_small(self) -> bool:
        """Whether it rests on too few cases to be compared."""
        return self.received < FEW

    @property
    def waits(self) -> list[tuple[Stage, float]]:
        """Where its time went: each stage with its share, 0..1; empty where none has passed."""
        whole = sum(self.waited_s)
        if not whole:
            return []
        return [(stage, part / whole) for stage, part in zip(Stage, self.waited_s, strict=True)]


@dataclass(frozen=True, slots=True)
class Progress:
    """What a period's issues came to, as a whole and by department, district and month."""

    period: Period
    at: datetime
    total: Group
    departments: tuple[Group, ...]
    areas: tuple[Group, ...]
    months: tuple[Group, ...]


def read(
    city: City, period: Period, calendar: Calendar, *, public: bool, now: datetime | None = None
) -> Progress:
    """Count a city's issues of a period; two statements.

    Args:
        city: whose.
        period: days of receipt.
        calendar: the city's, reaching from the first day of the period to today.
        public: only what everybody may see.
        now: the instant that open issues are judged at; default: now.
    """
    now = now or timezone.now()
    zone = ZoneInfo(city.zone)
    since, until = period.instants(zone)
    asked: dict[str, Any] = {
        "city": city.pk,
        "since": since,
        "until": until,
        "now": now,
        "zone": city.zone,
        "public": public,
        "statuses": [str(status) for status in STAGE],
        "stages": [list(Stage).index(stage) + 1 for stage in STAGE.values()],
    }
    rows = sql.fetch("progress", asked, folder=_SQL)
    days = _counted(period.first, now.astimezone(zone).date(), calendar)
    spans = sql.fetch(
        "progress_days", {**asked, "days": list(days), "nth": list(days.values())}, folder=_SQL
    )
    spreads = _spreads(spans)
    groups: dict[str, list[Group]] = {"department": [], "area": [], "month": [], "all": []}
    for row in rows:
        groups[row["what"]].append(_group(row, spreads))
    total = groups["all"][0] if groups["all"] else Group("")
    return Progress(
        period,
        now,
        total,
        tuple(groups["department"]),
        tuple(groups["area"]),
        tuple(sorted(groups["month"], key=lambda group: group.key)),
    )


def _counted(first: date, last: date, calendar: Calendar) -> dict[date, int]:
    """Number the working days: how many there were up to and including each day."""
    found, nth, day = {}, 0, first
    while day <= last:
        nth += calendar.is_working(day)
        found[day] = nth
        day += _ONE_DAY
    return found


def _spreads(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str, str], dict[int, int]]:
    found: dict[tuple[str, str, str], dict[int, int]] = {}
    for row in rows:
        counts = found.setdefault((row["what"], row["key"], row["kind"]), {})
        counts[row["days"]] = row["n"]
    return found


def _group(row: Mapping[str, Any], spreads: Mapping[tuple[str, str, str], dict[int, int]]) -> Group:
    what, key = row["what"], row["key"]
    return Group(
        key=key,
        received=row["received"],
        open=row["open"],
        overdue=row["overdue"],
        closed=row["closed"],
        resolved=row["resolved"],
        on_time=Share(row["on_time"], row["judged"]),
        reopened=Share(row["reopened"], row["closed"] + _still(row)),
        response=Spread(spreads.get((what, key, "response"), {})),
        closure=Spread(spreads.get((what, key, "closure"), {})),
        waited_s=tuple(row["waited"]),
    )


def _still(row: Mapping[str, Any]) -> int:
    """Count the open ones that had been closed once: they belong to those that could come back."""
    still: int = row["reopened_open"]
    return still
