"""When and where a demo by the million is reported: days since 2013, streets, lanes, hot spots."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import numpy as np
from django.contrib.gis.geos import Point
from numpy.typing import NDArray

from geodata.crs import WGS84
from geodata.models import City, Jurisdiction, Level
from issues.demo.reports import WEEKDAYS, Author, Ground

if TYPE_CHECKING:
    from django.contrib.gis.geos.prepared import PreparedGeometry

FIRST_DAY: Final = date(2013, 1, 1)
GROWTH: Final = 1.18
"""How many times as much is reported as in the year before."""

STREET_STEP_DEG: Final = 0.0002
LANES: Final = 6000
TRIES: Final = 8
HOT: Final = 0.012
"""Share of the places that are hot spots ..."""
HEAT: Final = 25.0
"""... and how much more is reported there."""

NEAR_STREET_DEG: Final = 0.00012
NEAR_LANE_DEG: Final = 0.0009
INSIDE_DEG: Final = 0.0014
"""How far a place lies inside the city, so that no pin beside it falls outside; about 150 m."""

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]
_Found = tuple[float, float, str, str, float]


@dataclass(frozen=True, slots=True)
class Places:
    """Where reports lie: points (degrees, EPSG:4326) with the street and the village they name.

    Attributes:
        chance: up to which part of 0..1 each point is drawn.
        around_deg: how far beside its point a pin may lie.
    """

    lons: Numbers
    lats: Numbers
    streets: list[str]
    villages: list[str]
    chance: Numbers
    around_deg: float

    def draw(self, rng: np.random.Generator, count: int) -> Whole:
        """Draw places, the hot ones more often."""
        return np.searchsorted(self.chance, rng.random(count))


def days(rng: np.random.Generator, author: Author, count: int) -> Whole:
    """Draw the day of each of `count` reports, counted from the first day; in order."""
    today = author.now.astimezone(author.zone).date()
    dates = [FIRST_DAY + timedelta(days=day) for day in range((today - FIRST_DAY).days + 1)]
    return np.sort(pick(rng, [_business(day, author) for day in dates], count))


def pick(rng: np.random.Generator, weights: Sequence[float], count: int) -> Whole:
    """Draw places of a list by weight."""
    return np.searchsorted(np.cumsum(weights) / np.sum(weights), rng.random(count))


def _business(day: date, author: Author) -> float:
    """Say how much is reported on a day, against a usual one of the first year."""
    years = (day - FIRST_DAY).days / 365.25
    wet = 1.25 if day.month in author.year["rain_months"] else 1.0
    return float(GROWTH**years * WEEKDAYS[day.weekday()] * wet)


def inside(city: City) -> "PreparedGeometry":
    """Draw the city without its rim."""
    whole = Jurisdiction.objects.current().get(city=city, level=Level.CITY)
    return whole.area.buffer(-INSIDE_DEG).prepared


def main_streets(ground: Ground, city: "PreparedGeometry", rng: np.random.Generator) -> Places:
    """Find places along the main streets."""
    return _places(list(_along(ground, city)), rng, NEAR_STREET_DEG)


def _along(ground: Ground, city: "PreparedGeometry") -> Iterator[_Found]:
    for (street, line), weight in zip(ground.streets, ground.weights, strict=True):
        for step in range(int(line.length / STREET_STEP_DEG)):
            point = line.interpolate(step * STREET_STEP_DEG)
            if city.contains(point):
                yield point.x, point.y, street, ground.village(point), weight / line.length


def lanes(
    ground: Ground, city: "PreparedGeometry", main: Places, rng: np.random.Generator
) -> Places:
    """Find places between the main streets; some villages are reported more than others."""
    return _places(list(_between(ground, city, main, rng)), rng, NEAR_LANE_DEG)


def _between(
    ground: Ground, city: "PreparedGeometry", main: Places, rng: np.random.Generator
) -> Iterator[_Found]:
    busy = rng.lognormal(0, 0.5, len(ground.villages)).tolist()
    each = LANES // len(ground.villages)
    for (name, area, box), weight in zip(ground.villages, busy, strict=True):
        west, south, east, north = box
        tries = rng.uniform((west, south), (east, north), (TRIES * each, 2)).tolist()
        points = (Point(lon, lat, srid=WGS84) for lon, lat in tries)
        fit = [point for point in points if area.contains(point) and city.contains(point)]
        for point in fit[:each]:
            yield point.x, point.y, _nearest(main, point.x, point.y), name, weight


def _nearest(main: Places, lon: float, lat: float) -> str:
    """Name the main street with the nearest of its places; degrees are near enough for words."""
    return main.streets[int(np.argmin(np.hypot(main.lons - lon, main.lats - lat)))]


def _places(found: Sequence[_Found], rng: np.random.Generator, around_deg: float) -> Places:
    lons, lats, streets, villages, weights = zip(*found, strict=True)
    hot = np.where(rng.random(len(found)) < HOT, HEAT, 1.0)
    weight = np.asarray(weights) * rng.lognormal(0, 0.6, len(found)) * hot
    return Places(
        np.asarray(lons),
        np.asarray(lats),
        list(streets),
        list(villages),
        np.cumsum(weight) / weight.sum(),
        around_deg,
    )
