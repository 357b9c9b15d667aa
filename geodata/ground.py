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

from geodata import segments
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
_POINTS_A_SQUARE: Final = 8
_ROUNDING: Final = 1e-9
_BOXES: Final = 50_000
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
    border: Shapes

    def __getitem__(self, which: Flags) -> Self:
        return type(self)(*(getattr(self, name)[which] for name in self.__dataclass_fields__))

    def covering(self, points: Floats) -> tuple[Ints, Ints]:
        """Find which areas cover points.

        Args:
            points: degrees, shape (n, 2).

        Returns:
            Pairs: places in `points`, places in these areas; sorted by point, then by area.
        """
        cell, boxes = _squares(points)
        tree = shapely.STRtree(boxes)
        owner, owned = tree.query(self.shape, predicate="contains_properly")
        crossed = tree.query(self.shape, predicate="intersects")[1]
        # most squares lie wholly within an area: only points beside a border are tried themselves
        whole = np.zeros(len(boxes), dtype=np.int64)
        np.add.at(whole, crossed, 1)
        np.subtract.at(whole, owned, 1)
        beside = np.flatnonzero(whole[cell] > 0)
        tried, on = shapely.STRtree(_points(points[beside])).query(self.shape, predicate="covers")
        inner, place = _expand(owned, np.where(whole[cell] > 0, -1, cell))
        point = np.concatenate([beside[on], inner])
        area = np.concatenate([tried, owner[place]])
        order = np.lexsort((area, point))
        return point[order], area[order]

    def edges(self, home: Ints, metric: Floats) -> Floats:
        """Measure from points to the borders of their homes, metres.

        Args:
            home: each point's place in these areas.
            metric: the points in metres of the city's projection, shape (n, 2).

        Returns:
            Metres, rounded to the millimetre.
        """
        return segments.Segments.of(self.border).nearest(metric, reach=0, only=home)[1]


@dataclass(frozen=True, slots=True)
class Roads:
    """Roads by id; `line` in metres, `box` in degrees."""

    name: Words
    road_class: Words
    line: Shapes
    box: Floats

    def __getitem__(self, which: Flags) -> Self:
        return type(self)(*(getattr(self, name)[which] for name in self.__dataclass_fields__))

    def nearest(self, points: Floats, metric: Floats) -> tuple[Ints, Floats]:
        """Find the road nearest to each point; of those equal to the millimetre the oldest row.

        Args:
            points: degrees, shape (n, 2).
            metric: the same in metres of the city's projection.

        Returns:
            Place in these roads (-1 where none is near), and metres (NaN).
        """
        widest = np.abs(points[:, 1]).max(initial=0)
        sure = SEARCH_DEG * _METRES_A_DEGREE * np.cos(np.radians(widest))
        road, metres = segments.Segments.of(self.line).nearest(metric, reach=sure)
        # what is so near lies in the box; what is not may be there by the corner of a long road
        road[metres > sure] = -1
        metres[metres > sure] = np.nan
        far = np.flatnonzero(road < 0)
        for part in np.array_split(far, len(far) // _BOXES + 1):
            point, found, least = self._boxed(points[part], metric[part])
            road[part[point]], metres[part[point]] = found, least
        return road, metres

    def _boxed(self, points: Floats, metric: Floats) -> tuple[Ints, Ints, Floats]:
        """Measure to every road whose box meets the one around a point; the nearest of each."""
        around = _indexed(np.column_stack([points - SEARCH_DEG, points + SEARCH_DEG]))
        point, found = shapely.STRtree(_boxes(self.box)).query(_boxes(around))
        least = np.round(shapely.distance(_points(metric[point]), self.line[found]), 3)
        order = np.lexsort((found, least, point))
        first = order[np.flatnonzero(np.diff(point[order], prepend=-1))]
        return point[first], found[first], least[first]


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
            border=shapely.transform(shapely.boundary(shapes), self.project),
        )
        return areas, Spans.of([row.edition.valid for row in rows], self._zone)

    def _load_roads(self, city: City) -> tuple[Roads, Spans]:
        rows = (
            Asset.objects.filter(city=city, layer="road")
            .order_by("id")
            .values_list("name", "road_class", "geom", "edition__valid", "valid")
        )
        name, road_class, geom, drawn, valid = zip(*rows, strict=True) if rows else [()] * 5
        shapes = _shapes(geom)
        roads = Roads(
            name=_words(name),
            road_class=_words(road_class),
            line=shapely.transform(shapes, self.project),
            box=_indexed(shapely.bounds(shapes).reshape(-1, 4)),
        )
        editions = Spans.of(drawn, self._zone)
        return roads, editions.and_also(Spans.of(valid, self._zone))


def _indexed(boxes: Floats) -> Floats:
    """Round boxes outwards to single precision, as PostGIS does before its `&&` compares them."""
    single = boxes.astype(np.float32)
    down = np.where(single <= boxes, single, np.nextafter(single, np.float32(-np.inf)))
    upward = np.where(single >= boxes, single, np.nextafter(single, np.float32(np.inf)))
    return np.column_stack([down[:, :2], upward[:, 2:]]).astype(np.float64)


def _squares(points: Floats) -> tuple[Ints, Shapes]:
    """Lay points in squares: the square of each, and those that have points (degrees)."""
    low = points.min(axis=0, initial=0) if len(points) == 0 else points.min(axis=0)
    extent = (np.ptp(points, axis=0) if len(points) else np.zeros(2)) + 1e-6
    side = float(np.sqrt(extent.prod() * _POINTS_A_SQUARE / max(len(points), 1)))
    column, row = np.floor((points - low) / side).astype(np.int64).T
    _keys, sample, cell = np.unique(row * 2**31 + column, return_index=True, return_inverse=True)
    west, south = (low + side * np.column_stack([column, row])[sample]).T
    # a little wider, as sums of fractions are rounded
    return cell, np.asarray(
        shapely.box(
            west - _ROUNDING, south - _ROUNDING, west + side + _ROUNDING, south + side + _ROUNDING
        ),
        dtype=object,
    )


def _expand(key: Ints, wanted: Ints) -> tuple[Ints, Ints]:
    """Join keys: pairs of places in `wanted` and in `key` that hold the same number."""
    order = np.argsort(key, kind="stable")
    start = np.searchsorted(key[order], wanted)
    count = np.searchsorted(key[order], wanted, side="right") - start
    place = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return np.repeat(np.arange(len(wanted)), count), order[np.repeat(start, count) + place]


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
