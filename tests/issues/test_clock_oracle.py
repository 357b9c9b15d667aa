"""A slow clock beside the fast one: it walks the minutes of ten years and counts.

The oracle knows nothing of `issues.clock` but its dataclasses. It draws each local minute of ten
years as "open" or not (numpy), and answers by counting along that array.
"""

import random
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from issues import clock
from issues.clock import Calendar, Pause

FIRST, YEARS = date(2020, 1, 1), 10
DAYS = 366 * YEARS
MINUTES_A_DAY = 24 * 60
ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")
OFFICES = 100
CASES = 100_000
ARRIVALS = (DAYS - 700) * MINUTES_A_DAY
"""Nobody arrives so late that a date would lie beyond the last drawn day."""


@dataclass(frozen=True)
class Case:
    """Whatever happens to an issue, in minutes since the first local midnight."""

    received: int
    reopened: int | None
    pauses: tuple[tuple[int, int], ...]
    days: int
    joint_days: int | None
    hours: int

    @property
    def start(self) -> int:
        return self.received if self.reopened is None else self.reopened

    @property
    def since(self) -> tuple[tuple[int, int], ...]:
        """The pauses after the start: those of an earlier life are history."""
        return tuple(pause for pause in self.pauses if pause[0] >= self.start)


@dataclass(frozen=True)
class Office:
    """Random hours of each weekday and random days off, as the fast clock and as minutes."""

    zone: ZoneInfo
    hours: dict[int, tuple[int, int]]
    free: frozenset[int]

    @classmethod
    def drawn(cls, dice: random.Random) -> "Office":
        weekdays = dice.sample(range(7), dice.randint(2, 7))
        hours = {}
        for day in weekdays:
            opens = dice.randrange(0, 14 * 60)
            hours[day] = (opens, dice.randrange(opens + 1, MINUTES_A_DAY))
        count = dice.choice((0, 40, 200, 600))
        free = frozenset(dice.sample(range(DAYS), count))
        return cls(ZoneInfo(dice.choice(ZONES)), hours, free)

    @cached_property
    def fast(self) -> Calendar:
        hours = {
            day: (time(*divmod(opens, 60)), time(*divmod(closes, 60)))
            for day, (opens, closes) in self.hours.items()
        }
        holidays = {FIRST + timedelta(days=day): "libur" for day in self.free}
        return Calendar(self.zone, hours, holidays)

    @cached_property
    def is_open(self) -> np.ndarray:
        """Whether the office is open in each minute of ten years."""
        minutes = np.zeros(DAYS * MINUTES_A_DAY, dtype=bool)
        for day in range(DAYS):
            hours = self.hours.get((FIRST.weekday() + day) % 7)
            if hours and day not in self.free:
                midnight = day * MINUTES_A_DAY
                minutes[midnight + hours[0] : midnight + hours[1]] = True
        return minutes

    @cached_property
    def closings(self) -> np.ndarray:
        """The minutes at which it has just closed: open before, shut now."""
        return np.flatnonzero(self.is_open[:-1] & ~self.is_open[1:]) + 1

    @cached_property
    def running(self) -> np.ndarray:
        """Every minute of every day on which the office opens at all."""
        days = self.is_open.reshape(DAYS, MINUTES_A_DAY).any(axis=1)
        return np.flatnonzero(np.repeat(days, MINUTES_A_DAY))

    @cached_property
    def opens(self) -> np.ndarray:
        return np.flatnonzero(self.is_open)

    def received(self, minute: int) -> int:
        """The first open minute from an arrival on."""
        return int(self.opens[np.searchsorted(self.opens, minute)])

    def due(self, case: Case) -> int:
        """Count closings from the receipt on; each that fell into a pause is one more to count."""
        receipt = self.received(case.start)
        own = int(np.searchsorted(self.closings, receipt, side="right"))
        stood = sum(
            int(np.count_nonzero((since < self.closings) & (self.closings <= until)))
            for since, until in case.since
        )
        days = case.days if case.joint_days is None else case.joint_days
        return int(self.closings[own + days + stood])

    def disposed(self, case: Case) -> int:
        """Let the minutes of working days pass that no pause took; over is when the last is."""
        receipt = self.received(case.start)
        if not case.hours:
            return receipt
        first = int(np.searchsorted(self.running, receipt))
        most = case.hours * 60 + sum(until - since for since, until in case.since)
        ahead = self.running[first : first + most]
        stood = np.zeros(len(ahead), dtype=bool)
        for since, until in case.since:
            stood |= (ahead >= since) & (ahead < until)
        last = ahead[~stood][case.hours * 60 - 1]
        return int(self.running[np.searchsorted(self.running, last + 1)])

    def at(self, minute: int) -> datetime:
        """A local minute as an instant."""
        midnight = datetime.combine(FIRST, time(), tzinfo=self.zone)
        return (midnight.astimezone(UTC) + timedelta(minutes=minute)).astimezone(self.zone)


def happening(dice: random.Random) -> Case:
    """Something random: half without a pause, some reopened, some shared."""
    received = dice.randrange(0, ARRIVALS)
    reopened = received + dice.randrange(1, 90_000) if dice.random() < 0.2 else None
    at, pauses = received, []
    for _ in range(dice.choice((0, 0, 0, 1, 1, 2, 4))):
        since = at + dice.randrange(0, dice.choice((600, 6_000)))
        at = since + dice.choice((0, 1, 59, 480, 1440, dice.randrange(0, 20_000)))
        pauses.append((since, at))
    if reopened is not None:
        pauses = [
            (since, until) for since, until in pauses if until <= reopened or since >= reopened
        ]
    return Case(
        received=received,
        reopened=reopened,
        pauses=tuple(pauses),
        days=dice.randint(0, 30),
        joint_days=dice.randint(0, 60) if dice.random() < 0.3 else None,
        hours=dice.choice((0, 1, 4, 24, 72)),
    )


def told(office: Office, case: Case) -> tuple[datetime, datetime]:
    """What the fast clock says of the same case: due date and disposition."""
    start = office.at(case.start).astimezone(UTC)
    pauses = [Pause(office.at(since), office.at(until)) for since, until in case.since]
    days = case.days if case.joint_days is None else case.joint_days
    answer = clock.due(start, days, office.fast, pauses=pauses)
    disposed = clock.disposition_due(start, office.fast, hours=case.hours, pauses=pauses)
    return answer.at, disposed


def test_a_hundred_thousand_random_cases_agree_with_counting_minutes():
    seen: Counter[str] = Counter()
    for number in range(OFFICES):
        dice = random.Random(f"office {number}")  # noqa: S311  cases, no secrets
        office = Office.drawn(dice)
        for _ in range(CASES // OFFICES):
            case = happening(dice)
            expected = office.at(office.due(case)), office.at(office.disposed(case))
            assert told(office, case) == expected, (office, case)
            seen.update(
                name
                for name, is_so in (
                    ("paused", case.since),
                    ("reopened", case.reopened is not None),
                    ("joint", case.joint_days is not None),
                )
                if is_so
            )

    assert all(seen[name] > 15_000 for name in ("paused", "reopened", "joint"))


@pytest.mark.parametrize("number", range(3))
def test_the_share_of_working_time_that_is_left_agrees_with_counting_minutes(number):
    dice = random.Random(f"share {number}")  # noqa: S311  cases, no secrets
    office = Office.drawn(dice)

    for _ in range(200):
        first = dice.randrange(0, ARRIVALS)
        last = first + dice.randrange(0, 40_000)
        minutes = int(np.count_nonzero(office.is_open[first:last]))
        span = clock.open_between(office.at(first), office.at(last), office.fast)
        assert span == timedelta(minutes=minutes)
        if minutes:
            left = dice.randint(1, minutes)
            back = office.opens[np.searchsorted(office.opens, last) - left]
            found = clock.before(office.at(last), timedelta(minutes=left), office.fast)
            assert found == office.at(int(back))


def test_the_oracle_knows_a_week_that_can_be_counted_by_hand():
    """Received Monday 09:00, asked Tuesday 10:00, answered Thursday 09:00; Friday is free."""
    week = dict.fromkeys(range(5), (8 * 60, 16 * 60))
    monday = (date(2026, 3, 2) - FIRST).days
    office = Office(ZoneInfo("Asia/Makassar"), week, frozenset({monday + 4}))
    asked = ((monday + 1) * MINUTES_A_DAY + 600, (monday + 3) * MINUTES_A_DAY + 540)
    case = Case(monday * MINUTES_A_DAY + 540, None, (asked,), 3, None, 24)

    due = office.at(office.due(case))

    assert due == datetime(2026, 3, 10, 16, tzinfo=ZoneInfo("Asia/Makassar"))
    assert told(office, case)[0] == due
