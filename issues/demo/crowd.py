"""A demo by the million: cases drawn from a seed by whole arrays, loaded as any import is.

Realistic in its skew, not in its stories: main streets and hot spots, kinds by season, weekdays,
more every year since 2013, old ones closed and new ones where they would stand today.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from geodata.models import City
from issues.actions import Draft
from issues.demo import scenes
from issues.demo.land import table
from issues.demo.reports import DAY_HOURS, MAIN_STREETS, NIGHT_HOURS, Author
from issues.demo.scenes import FIRST_DAY, Places, Whole
from issues.ingest.cases import Case, Mark, identity
from issues.workflow import Status

SOURCE: Final = "demo"
BATCH: Final = 10_000

RECENT_DAYS: Final = 60
"""Younger stories are told with everything that happened on the way."""
OLD_DAYS: Final = 400
OLD_SHARE: Final = 0.12
"""What is stuck or unread of the last year still is so after it, so often."""

WORKDAY: Final = timedelta(days=1)
OPENING_S: Final = 8 * 3600
OFFICE_S: Final = 8 * 3600
_SATURDAY: Final = 5


class Drawn(NamedTuple):
    """One case as numbers: day, kind, second of the day, place, where beside it, fate."""

    day: int
    kind: int
    second: int
    is_main: bool
    place: int
    east: float
    north: float
    fate: float
    luck: float
    channel: int
    to_answer: int
    to_work: int
    to_end: int


@dataclass(frozen=True, slots=True)
class Crowd:
    """Everything that the cases of one seed are drawn from."""

    city: City
    seed: int
    now: datetime
    days: Whole
    author: Author
    main: Places
    lanes: Places
    anywhere: Sequence[int]

    def __len__(self) -> int:
        return len(self.days)

    def external_id(self, place: int) -> str:
        """Name a case: the same seed and number of cases give the same ones."""
        return f"{self.seed}-{len(self)}-{place}"

    def batches(self) -> Iterator[range]:
        """Part the cases, oldest first."""
        starts = range(0, len(self), BATCH)
        return (range(start, min(start + BATCH, len(self))) for start in starts)

    def cases(self, places: range) -> list[Case]:
        """Draw a stretch of the cases; it has a seed of its own and may be drawn again."""
        rng = np.random.default_rng([self.seed, len(self), places.start])
        teller = _Teller(self, Random(f"{self.seed}/{len(self)}/{places.start}"))  # noqa: S311  a repeatable story, no secrets
        columns = _columns(self, rng, self.days[places.start : places.stop])
        rows = zip(*(column.tolist() for column in columns), strict=True)
        return [
            teller.case(self.external_id(place), Drawn(*row))
            for place, row in zip(places, rows, strict=True)
        ]


def gather(city: City, *, count: int, seed: int, now: datetime) -> Crowd:
    """Read the ground of a demo and draw the days of its cases.

    Args:
        city: with reference data and ground.
        count: how many cases.
        seed: the same seed, count and day give the same cases.
        now: the present, aware.
    """
    author = Author(city, Random(seed), now=now)  # noqa: S311  as above
    rng = np.random.default_rng(seed)
    land = scenes.inside(city)
    days = scenes.days(rng, author, count)
    main = scenes.main_streets(author.ground, land, rng)
    homes = city.departments.filter(code__in=table(city, "year")["anywhere"]).order_by("code")
    return Crowd(
        city=city,
        seed=seed,
        now=now,
        days=days,
        author=author,
        main=main,
        lanes=scenes.lanes(author.ground, land, main, rng),
        anywhere=list(homes.values_list("pk", flat=True)),
    )


def _columns(crowd: Crowd, rng: np.random.Generator, days: Whole) -> list[np.ndarray]:
    """Draw the columns of `Drawn` for a stretch of days."""
    count, author = len(days), crowd.author
    kinds = _kinds(author, rng, days)
    nightly = np.array([kind.is_nightly for kind in author.kinds])[kinds]
    hours = np.where(nightly, _hours(rng, NIGHT_HOURS, count), _hours(rng, DAY_HOURS, count))
    outdoors = np.array([kind.is_on_a_street for kind in author.kinds])[kinds]
    main = outdoors & (rng.random(count) < MAIN_STREETS)
    return [
        days,
        kinds,
        hours * 3600 + rng.integers(0, 3600, count),
        main,
        np.where(main, crowd.main.draw(rng, count), crowd.lanes.draw(rng, count)),
        rng.uniform(-1, 1, count),
        rng.uniform(-1, 1, count),
        rng.random(count),
        rng.random(count),
        scenes.pick(rng, list(author.year["channel"].values()), count),
        _waits(rng, count, 1.6),
        _waits(rng, count, 2.2),
        _waits(rng, count, 2.0),
    ]


def _kinds(author: Author, rng: np.random.Generator, days: Whole) -> Whole:
    """Draw what is reported, by season."""
    months = (np.datetime64(FIRST_DAY, "D") + days).astype("datetime64[M]").astype(int) % 12 + 1
    wet = np.isin(months, author.year["rain_months"])
    in_rain = scenes.pick(rng, [kind.weight * kind.rain for kind in author.kinds], len(days))
    dry = scenes.pick(rng, [kind.weight for kind in author.kinds], len(days))
    return np.where(wet, in_rain, dry)


def _hours(rng: np.random.Generator, weights: Mapping[int, int], count: int) -> Whole:
    return np.array(list(weights))[scenes.pick(rng, list(weights.values()), count)]


def _waits(rng: np.random.Generator, count: int, median_days: float) -> Whole:
    """Draw how many days a step takes: most are quick, some take months."""
    return np.ceil(rng.lognormal(np.log(median_days), 0.9, count)).astype(np.int64)


class _Teller:
    """Turns drawn numbers into cases, with words."""

    def __init__(self, crowd: Crowd, rng: Random) -> None:
        self.crowd = crowd
        self.rng = rng
        self.zone = ZoneInfo(crowd.city.zone)
        self.shares: Mapping[str, float] = crowd.author.year["shares"]
        self.words: Mapping[str, Any] = crowd.author.words
        self.channels = list(crowd.author.year["channel"])

    def case(self, external_id: str, drawn: Drawn) -> Case:
        """Tell one case."""
        at = self._at(drawn.day, drawn.second)
        if at >= self.crowd.now:
            at = self.crowd.now - timedelta(minutes=5 + drawn.fate * 400)
        age = (self.crowd.now - at).days
        is_unread = self._happens(drawn.luck, "unreviewed", age)
        reviewed_at = at + timedelta(hours=1 + drawn.fate * 5)
        return Case(
            external_id=external_id,
            draft=self._draft(external_id, drawn),
            received_at=at,
            marks=tuple(self._marks(drawn, age)),
            fallback_id=self.crowd.anywhere[drawn.place % len(self.crowd.anywhere)],
            reviewed_at=None if is_unread or reviewed_at > self.crowd.now else reviewed_at,
        )

    def _at(self, day: int, second: int) -> datetime:
        midnight = datetime.combine(FIRST_DAY + timedelta(days=day), datetime.min.time(), self.zone)
        return midnight + timedelta(seconds=second)

    def _happens(self, draw: float, share: str, age: int) -> bool:
        return draw < self.shares[share] * (1.0 if age < OLD_DAYS else OLD_SHARE)

    def _draft(self, external_id: str, drawn: Drawn) -> Draft:
        places = self.crowd.main if drawn.is_main else self.crowd.lanes
        code = self.crowd.author.kinds[drawn.kind].service_code
        street, village = places.streets[drawn.place], places.villages[drawn.place]
        return Draft(
            uuid=identity(self.crowd.city, SOURCE, external_id),
            service_code=code,
            description=self.crowd.author.text(code, street, village, rng=self.rng),
            lon=round(float(places.lons[drawn.place]) + drawn.east * places.around_deg, 6),
            lat=round(float(places.lats[drawn.place]) + drawn.north * places.around_deg, 6),
            accuracy_m=round(4 + drawn.luck * 30, 1),
            anonymous=self.rng.random() < self.shares["anonymous"],
            confidential=self.rng.random() < self.shares["confidential"],
            channel=self.channels[drawn.channel],
        )

    def _marks(self, drawn: Drawn, age: int) -> Iterator[Mark]:
        """Yield how far the case has come by now."""
        day = drawn.day
        for status, days in self._way(drawn, age):
            day = self._workday(day + days)
            at = self._at(day, OPENING_S + int(OFFICE_S * (drawn.luck + 0.618 * day) % OFFICE_S))
            if at >= self.crowd.now:
                return
            yield Mark(status, at, self._note(status, drawn))

    def _way(self, drawn: Drawn, age: int) -> Iterator[tuple[Status, int]]:
        """Yield where a case goes and how many days each stretch takes."""
        ends = self.shares["rejected"], self.shares["withdrawn"]
        if drawn.fate < sum(ends):
            yield (Status.REJECTED if drawn.fate < ends[0] else Status.WITHDRAWN), drawn.to_answer
            return
        stuck = self._happens(1 - drawn.fate, "stuck", age)
        if stuck and drawn.luck < 0.3:  # noqa: PLR2004  three in ten were never answered
            return
        yield Status.RESPONDED, drawn.to_answer
        if age < RECENT_DAYS or stuck:
            yield Status.IN_PROGRESS, drawn.to_work
        if not stuck:
            yield Status.RESOLVED, drawn.to_end

    def _workday(self, day: int) -> int:
        """Go on to Monday from a weekend."""
        weekday = (FIRST_DAY.weekday() + day) % 7
        return day + max(0, 7 - weekday) if weekday >= _SATURDAY else day

    def _note(self, status: Status, drawn: Drawn) -> str:
        """Choose what the office writes."""
        if status is Status.RESOLVED:
            return self._phrase("done", drawn)
        if status is Status.REJECTED:
            return str(self.rng.choice(self.words["words"]["reject"]))
        return ""

    def _phrase(self, said: str, drawn: Drawn) -> str:
        code = self.crowd.author.kinds[drawn.kind].service_code
        phrases = self.words[said]
        fitting = [key for key in phrases if code == key or code.startswith(f"{key}-")]
        return str(self.rng.choice(phrases[fitting[0] if fitting else "semua"]))
