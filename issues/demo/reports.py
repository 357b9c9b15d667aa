"""What people report in the demo's year: when, where, what, in which words. Drawn from one seed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.gis.geos import LineString, Point

from geodata.crs import WGS84
from geodata.models import Asset, City, Jurisdiction, Level, RoadClass
from issues.actions import Draft
from issues.demo.land import Table, table

if TYPE_CHECKING:
    from django.contrib.gis.geos.prepared import PreparedGeometry

DAYS: Final = 365
SAME_WITHIN: Final = timedelta(days=6)
"""How long after a first report others report the same."""

JITTER_DEG: Final = 0.00008
"""How far a pin lies beside its street or its twin, about 9 m."""

OWNERS: Final[Mapping[str, float]] = {
    RoadClass.CITY: 1.0,
    RoadClass.PROVINCE: 1.0,
    RoadClass.NEIGHBOURHOOD: 1.0,
    RoadClass.NATIONAL: 0.2,
}
"""How much a metre of road is reported, by whose it is; nobody stops on a toll road."""

MAIN_STREETS: Final = 0.55
"""Share of the reports about streets that are about a main one; the others lie in lanes between."""

LATELY: Final = timedelta(days=14)
"""In these last days more was reported than before: something to see on the map."""

NIGHT_HOURS: Final[Mapping[int, int]] = {18: 4, 19: 9, 20: 9, 21: 7, 22: 4, 23: 2, 5: 1}
DAY_HOURS: Final[Mapping[int, int]] = {
    hour: 3 if hour in {7, 8, 9, 16, 17, 19} else 2 for hour in range(6, 22)
}
"""How often each hour is, for what is seen in the dark and for everything else."""

WEEKDAYS: Final = (1.15, 1.1, 1.05, 1.0, 0.95, 0.75, 0.6)


@dataclass(frozen=True, slots=True)
class Report:
    """One report to come.

    Attributes:
        at: when it is sent, aware.
        draft: what is sent.
        same_as: place in the list of an earlier report of the same thing; None for a first one.
    """

    at: datetime
    draft: Draft
    same_as: int | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of problem is reported: how often, when, where."""

    service_code: str
    weight: float
    rain: float
    is_nightly: bool
    is_on_a_street: bool


@dataclass(frozen=True, slots=True)
class Spot:
    """A place that a report can be about."""

    point: Point
    street: str
    village: str


class Ground:
    """The streets and villages of a city, to draw places from."""

    def __init__(self, city: City, rng: Random) -> None:
        """Read the current villages and roads; some streets are reported far more than others."""
        areas = Jurisdiction.objects.current().filter(city=city, level=Level.VILLAGE)
        self.villages: list[tuple[str, PreparedGeometry, tuple[float, ...]]] = [
            (area.name, area.area.prepared, area.area.extent) for area in areas
        ]
        roads = Asset.objects.filter(city=city, layer="road", valid__isnull=True)
        streets = list(roads.exclude(road_class=RoadClass.TOLL).order_by("pk"))
        rng.shuffle(streets)
        self.streets: list[tuple[str, LineString]] = [(road.name, road.geom) for road in streets]
        self.weights = [road.geom.length / (rank + 3) ** 0.6 for rank, road in enumerate(streets)]

    def on_a_street(self, rng: Random) -> Spot:
        """Draw a place along a main street."""
        while True:
            name, line = rng.choices(self.streets, self.weights)[0]
            point = nudged(line.interpolate_normalized(rng.random()), rng)
            if village := self.village(point):
                return Spot(point, name, village)

    def in_a_village(self, rng: Random) -> Spot:
        """Draw a place anywhere in the city."""
        while True:
            name, area, (west, south, east, north) = rng.choice(self.villages)
            point = Point(rng.uniform(west, east), rng.uniform(south, north), srid=WGS84)
            if area.contains(point):
                street = min(self.streets, key=lambda street: street[1].distance(point))[0]
                return Spot(point, street, name)

    def village(self, point: Point) -> str:
        """Name the village that holds a point; empty where none does."""
        return next((name for name, area, _box in self.villages if area.contains(point)), "")


def nudged(point: Point, rng: Random) -> Point:
    """Move a point a few metres."""
    lon, lat = (number + rng.uniform(-JITTER_DEG, JITTER_DEG) for number in point.coords)
    return Point(round(lon, 6), round(lat, 6), srid=WGS84)


class Author:
    """Writes reports: draws kind, day, hour, place and words from a seed."""

    def __init__(self, city: City, rng: Random, *, now: datetime) -> None:
        """Read what the demo of a city says about its year."""
        self.rng = rng
        self.now = now
        self.zone = ZoneInfo(city.zone)
        self.year: Table = table(city, "year")
        self.words: Table = table(city, "words")
        self.ground = Ground(city, rng)
        self.kinds = [_kind(code, row) for code, row in self.year["kinds"].items()]

    def write(self, count: int) -> list[Report]:
        """Write a year of reports, oldest first."""
        reports = sorted((self._report() for _ in range(count)), key=lambda report: report.at)
        for place in range(count):
            reports[place] = self._twin(reports, place) or reports[place]
        return reports

    def _report(self) -> Report:
        day = self._day()
        kind = self._pick_kind(day)
        at = self._moment(day, NIGHT_HOURS if kind.is_nightly else DAY_HOURS)
        is_on_a_street = kind.is_on_a_street and self.rng.random() < MAIN_STREETS
        draw = self.ground.on_a_street if is_on_a_street else self.ground.in_a_village
        spot = draw(self.rng)
        return Report(at, self._draft(kind.service_code, spot))

    def _draft(self, service_code: str, spot: Spot) -> Draft:
        shares: Mapping[str, float] = self.year["shares"]
        return Draft(
            uuid=UUID(int=self.rng.getrandbits(128), version=4),
            service_code=service_code,
            description=self.text(service_code, spot.street, spot.village),
            lon=spot.point.x,
            lat=spot.point.y,
            accuracy_m=round(self.rng.uniform(4, 35), 1),
            anonymous=self.rng.random() < shares["anonymous"],
            confidential=self.rng.random() < shares["confidential"],
            channel=self._channel(),
        )

    def text(
        self, service_code: str, street: str, village: str, *, rng: Random | None = None
    ) -> str:
        """Write what somebody says about a problem."""
        choose = (rng or self.rng).choice
        body = choose(self.words["texts"][service_code]).format(
            street=street,
            village=village,
            landmark=choose(self.words["landmarks"]),
            since=choose(self.words["since"]),
        )
        body = body[0].upper() + body[1:]
        return str(choose(self.words["openings"]) + body + choose(self.words["endings"]))

    def _twin(self, reports: Sequence[Report], place: int) -> Report | None:
        """Turn a report into another one of something that was reported a little earlier."""
        if self.rng.random() >= self.year["shares"]["duplicate"]:
            return None
        report = reports[place]
        earlier = [
            other
            for other in range(max(0, place - 60), place)
            if report.at - reports[other].at < SAME_WITHIN and reports[other].same_as is None
        ]
        if not earlier:
            return None
        same_as = self.rng.choice(earlier)
        first = reports[same_as].draft
        point = nudged(Point(first.lon, first.lat, srid=WGS84), self.rng)
        draft = replace(
            report.draft,
            service_code=first.service_code,
            description=first.description,
            lon=point.x,
            lat=point.y,
        )
        return Report(report.at, draft, same_as)

    def _day(self) -> date:
        today = self.now.astimezone(self.zone).date()
        days = [today - timedelta(days=ago) for ago in range(DAYS)]
        weights = [self._business(day, today - day) for day in days]
        return self.rng.choices(days, weights)[0]

    def _business(self, day: date, ago: timedelta) -> float:
        """Say how much is reported on a day, against a usual one."""
        wet = 1.25 if self._rains(day) else 1.0
        return WEEKDAYS[day.weekday()] * wet * (2.2 if ago < LATELY else 1.0)

    def _rains(self, day: date) -> bool:
        return day.month in self.year["rain_months"]

    def _pick_kind(self, day: date) -> Kind:
        rains = self._rains(day)
        weights = [kind.weight * (kind.rain if rains else 1) for kind in self.kinds]
        return self.rng.choices(self.kinds, weights)[0]

    def _moment(self, day: date, hours: Mapping[int, int]) -> datetime:
        hour = self.rng.choices(list(hours), list(hours.values()))[0]
        clock = time(hour, self.rng.randrange(60), self.rng.randrange(60))
        at = datetime.combine(day, clock, self.zone)
        return at if at < self.now else self.now - timedelta(minutes=self.rng.randint(5, 400))

    def _channel(self) -> str:
        channels: Mapping[str, int] = self.year["channel"]
        return self.rng.choices(list(channels), list(channels.values()))[0]


def _kind(service_code: str, row: Sequence[Any]) -> Kind:
    weight, rain, part, where = row
    return Kind(service_code, weight, rain, part == "night", where == "street")
