"""The ground of a city in arrays: which areas cover points, how far their edges, what road is near.

For operators' commands (it brings shapely along). What it answers is what `sql/route.sql` asks
PostGIS, so it keeps every detail of it: cover, not contain; metres in the city's own projection;
roads looked for in the same box and compared to the millimetre.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, Self
from zoneinfo import ZoneInfo

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from geodata.crs import WGS84
from geodata.geometry import from_geos
from geodata.models import Asset, City, Jurisdiction, Level

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Words = NDArray[np.object_]
Shapes = NDArray[np.object_]

SEARCH_DEG: Final = 0.002
"""Half the side of the box in which a road is looked for, degrees."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ALWAYS: Final = (-(2**62), 2**62)
_METRES_A_DEGREE: Final = 110_000.0
"""Of longitude on the equator, rounded down."""


def microseconds(instant: datetime) -> int:
    """Count an aware instant in whole microseconds since 1970, UTC."""
    return (instant - _EPOCH) // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Spans:
    """When rows are in force: microseconds since 1970, from `since` on and before `until`."""

    since: Ints
    until: Ints

    @classmethod
    def of(cls, ranges: Sequence[Any], zone: str) -> Self:
        """Read ranges of instants, or of days in a zone; None is always."""
        ends = [_ends(span, ZoneInfo(zone)) for span in ranges]
        pairs = np.asarray(ends, dtype=np.int64).reshape(-1, 2)
        return cls(pairs[:, 0], pairs[:, 1])

    @property
    def changes(self) -> Ints:
        """The instants at which something begins or ends."""
        return np.concatenate([self.since, self.until])

    def at(self, instant: int) -> Flags:
        """Which rows are in force."""
        return (self.since <= instant) & (instant < self.until)

    def and_also(self, other: Self) -> Self:
        """Be in force only while both are."""
        return type(self)(np.maximum(self.since, other.since), np.minimum(self.until, other.until))


def _ends(span: Any, zone: ZoneInfo) -> tuple[int, int]:
    if span is None:
        return _ALWAYS
    if span.isempty:
        return 0, 0
    lower, upper = (_instant(end, zone) for end in (span.lower, span.upper))
    return (_ALWAYS[0] if lower is None else lower), (_ALWAYS[1] if upper is None else upper)


def _instant(end: datetime | date | None, zone: ZoneInfo) -> int | None:
    if end is None:
        return None
    moment = end if isinstance(end, datetime) else datetime.combine(end, time(), zone)
    return microseconds(moment)


@dataclass(frozen=True, slots=True)
class Areas:
    """Areas of levels city to special, by code, then id: the first that covers is the owner."""

    id: Ints
    edition_id: Ints
    level: Ints
    code: Words
    label: Words
    size: Floats
    shape: Shapes
    edge: Shapes

    def __getitem__(self, which: Flags) -> "Areas":
        return Areas(*(getattr(self, name)[which] for name in self.__dataclass_fields__))

    def covering(self, points: Floats) -> tuple[Ints, Ints]:
        """Find which areas cover points.

        Args:
            points: degrees, shape (n, 2).

        Returns:
            Pairs: places in `points`, places in these areas; sorted by point, then by area.
        """
        tree = shapely.STRtree(_points(points))
        area, point = tree.query(self.shape, predicate="covers")
        order = np.lexsort((area, point))
        return point[order], area[order]

    def edges(self, home: Ints, metric: Floats) -> Floats:
        """Measure from points to the borders of their homes, metres.

        Args:
            home: each point's place in these areas.
            metric: the points in metres of the city's projection, shape (n, 2).
        """
        return np.asarray(shapely.distance(self.edge[home], _points(metric)))


@dataclass(frozen=True, slots=True)
class Roads:
    """Roads by id; `line` in metres, `box` in degrees."""

    name: Words
    road_class: Words
    line: Shapes
    box: Floats

    def __getitem__(self, which: Flags) -> "Roads":
        return Roads(*(getattr(self, name)[which] for name in self.__dataclass_fields__))

    def nearest(self, points: Floats, metric: Floats) -> tuple[Ints, Floats]:
        """Find the road nearest to each point; of those equal to the millimetre the oldest row.

        Args:
            points: degrees, shape (n, 2).
            metric: the same in metres of the city's projection.

        Returns:
            Place in these roads (-1 where none is near), and metres (NaN).
        """
        road = np.full(len(points), -1)
        metres = np.full(len(points), np.nan)
        tree = shapely.STRtree(_boxes(self.box))
        around = _indexed(np.column_stack([points - SEARCH_DEG, points + SEARCH_DEG]))
        wide = _boxes(around)
        point, found = tree.query(wide)
        flat = _points(metric)
        far = np.round(shapely.distance(flat[point], self.line[found]), 3)
        order = np.lexsort((found, far, point))
        first = order[np.flatnonzero(np.diff(point[order], prepend=-1))]
        road[point[first]], metres[point[first]] = found[first], far[first]
        return road, metres


@dataclass(frozen=True, slots=True)
class Ground:
    """Areas and roads in force at one instant."""

    areas: Areas
    roads: Roads


class History:
    """All the ground a city has ever had, loaded once; `at` gives what was in force."""

    def __init__(self, city: City) -> None:
        self._zone = city.zone
        self._metres = pyproj.Transformer.from_crs(WGS84, city.metric_srid, always_xy=True)
        self._areas, self._drawn = self._load_areas(city)
        self._roads, self._built = self._load_roads(city)
        self._known: dict[bytes, Ground] = {}

    @property
    def changes(self) -> Ints:
        """Instants at which areas or roads change, microseconds since 1970."""
        return np.concatenate([self._drawn.changes, self._built.changes])

    def at(self, instant: int) -> Ground:
        """Give the ground of an instant, microseconds since 1970."""
        drawn, built = self._drawn.at(instant), self._built.at(instant)
        key = drawn.tobytes() + built.tobytes()
        if key not in self._known:
            self._known[key] = Ground(self._areas[drawn], self._roads[built])
        return self._known[key]

    def project(self, degrees: Floats) -> Floats:
        """Turn degrees into metres, shape (n, 2)."""
        return np.column_stack(self._metres.transform(degrees[:, 0], degrees[:, 1]))

    def _load_areas(self, city: City) -> tuple[Areas, Spans]:
        rows = list(
            Jurisdiction.objects.filter(city=city, level__gte=Level.CITY)
            .select_related("edition")
            .order_by("code", "id")
        )
        shapes = _shapes([row.area for row in rows])
        areas = Areas(
            id=np.asarray([row.pk for row in rows], dtype=np.int64),
            edition_id=np.asarray([row.edition_id for row in rows], dtype=np.int64),
            level=np.asarray([row.level for row in rows], dtype=np.int64),
            code=_words([row.code for row in rows]),
            label=_words([str(row) for row in rows]),
            size=shapely.area(shapes),
            shape=shapes,
            edge=shapely.transform(shapely.boundary(shapes), self.project),
        )
        return areas, Spans.of([row.edition.valid for row in rows], self._zone)

    def _load_roads(self, city: City) -> tuple[Roads, Spans]:
        rows = list(
            Asset.objects.filter(city=city, layer="road").select_related("edition").order_by("id")
        )
        shapes = _shapes([row.geom for row in rows])
        roads = Roads(
            name=_words([row.name for row in rows]),
            road_class=_words([row.road_class for row in rows]),
            line=shapely.transform(shapes, self.project),
            box=_indexed(shapely.bounds(shapes).reshape(-1, 4)),
        )
        editions = Spans.of([row.edition.valid for row in rows], self._zone)
        return roads, editions.and_also(Spans.of([row.valid for row in rows], self._zone))


def _indexed(boxes: Floats) -> Floats:
    """Round boxes outwards to single precision, as PostGIS does before its `&&` compares them."""
    single = boxes.astype(np.float32)
    down = np.where(single <= boxes, single, np.nextafter(single, np.float32(-np.inf)))
    upward = np.where(single >= boxes, single, np.nextafter(single, np.float32(np.inf)))
    return np.column_stack([down[:, :2], upward[:, 2:]]).astype(np.float64)


def _points(coordinates: Floats) -> Shapes:
    return np.asarray(shapely.points(coordinates), dtype=object)


def _boxes(corners: Floats) -> Shapes:
    return np.asarray(shapely.box(*corners.T), dtype=object)


def _shapes(geoms: Sequence[Any]) -> Shapes:
    shapes = np.empty(len(geoms), dtype=object)
    shapes[:] = shapely.from_wkb([from_geos(geom) for geom in geoms]) if geoms else []
    return shapes


def _words(texts: Sequence[str]) -> Words:
    words = np.empty(len(texts), dtype=object)
    words[:] = texts
    return words
