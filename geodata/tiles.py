"""Tiles: quadtree keys, the counts and points of one square of the map, and their bytes.

Knows no table: whoever calls hands in rows with `q` (the key below), `layer`, `overdue`, `number`
and `category_id`. Positions are web mercator tile coordinates: x to the east, y to the south.
Sources: OGC Two Dimensional Tile Matrix Set 2.0, annex D.1 (WebMercatorQuad); G. M. Morton, 1966
(the order of the keys).
"""

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from django.db.models import Count, F, QuerySet

from geodata.crs import WORLD
from geodata.errors import BadCoordinate

KEY_ZOOM: Final = 24
"""Zoom of the squares that keys number; their side is 2.4 m at the equator."""

MAX_ZOOM: Final = 22
GRID_BITS: Final = 5
"""A tile is counted on 2**5 x 2**5 = 32 x 32 cells."""

GROUP_BITS: Final = 3
"""... which a map merges to 8 x 8 groups."""

EXTENT_BITS: Final = 12
"""Positions in a tile run from 0 to 4095."""

MOST_POINTS: Final = 500
"""Up to so many issues, a tile shows every one."""


def key(lon: float, lat: float) -> int:
    """Number the square of zoom 24 that holds a point, in Morton order: 0 to 2**48 - 1.

    Args:
        lon: degrees east, EPSG:4326, -180 to 180.
        lat: degrees north, EPSG:4326; beyond web mercator's edge (85.05) the outermost square.

    Raises:
        BadCoordinate: not finite, or outside the globe.
    """
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):  # noqa: PLR2004  the globe
        raise BadCoordinate
    x, y = _square(lon, lat)
    return _interleave(x, y)


def _square(lon: float, lat: float) -> tuple[int, int]:
    """Find column and row of a point at the zoom of the keys."""
    _, south, _, north = WORLD
    side = 1 << KEY_ZOOM
    phi = math.radians(min(max(lat, south), north))
    across = (lon + 180) / 360
    down = (1 - math.asinh(math.tan(phi)) / math.pi) / 2
    return tuple(min(max(int(share * side), 0), side - 1) for share in (across, down))  # type: ignore[return-value]


def _interleave(x: int, y: int) -> int:
    return _spread(x) | _spread(y) << 1


def _spread(number: int) -> int:
    """Put a zero before every bit of a number of up to 24 bits."""
    number = (number | number << 16) & 0x0000FFFF0000FFFF
    number = (number | number << 8) & 0x00FF00FF00FF00FF
    number = (number | number << 4) & 0x0F0F0F0F0F0F0F0F
    number = (number | number << 2) & 0x3333333333333333
    return (number | number << 1) & 0x5555555555555555


def _gather(number: int) -> int:
    """Undo `_spread`."""
    number &= 0x5555555555555555
    number = (number | number >> 1) & 0x3333333333333333
    number = (number | number >> 2) & 0x0F0F0F0F0F0F0F0F
    number = (number | number >> 4) & 0x00FF00FF00FF00FF
    number = (number | number >> 8) & 0x0000FFFF0000FFFF
    return (number | number >> 16) & 0x00000000FFFFFFFF


@dataclass(frozen=True, slots=True)
class Tile:
    """A square of the world: zoom 0 to 22, column from the west, row from the north."""

    z: int
    x: int
    y: int

    def __post_init__(self) -> None:
        """Refuse what is no tile.

        Raises:
            BadCoordinate: zoom, column or row out of range.
        """
        if not (
            0 <= self.z <= MAX_ZOOM and 0 <= self.x < 1 << self.z and 0 <= self.y < 1 << self.z
        ):
            raise BadCoordinate

    @classmethod
    def holding(cls, lon: float, lat: float, *, z: int) -> Self:
        """Find the tile of zoom `z` that holds a point (degrees, EPSG:4326)."""
        x, y = _square(lon, lat)
        return cls(z, x >> KEY_ZOOM - z, y >> KEY_ZOOM - z)

    @property
    def range(self) -> tuple[int, int]:
        """The keys inside: from the first, to before the second."""
        size = 2 * (KEY_ZOOM - self.z)
        first = _interleave(self.x, self.y)
        return first << size, (first + 1) << size

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Edges (W, S, E, N) in degrees, EPSG:4326; never outside the world."""
        return (*_corner(self.z, self.x, self.y + 1), *_corner(self.z, self.x + 1, self.y))

    @property
    def children(self) -> tuple[Self, ...]:
        """The four tiles of the next zoom that cover this one."""
        x, y, kind = 2 * self.x, 2 * self.y, type(self)
        return tuple(kind(self.z + 1, x + dx, y + dy) for dy in (0, 1) for dx in (0, 1))


def _corner(z: int, x: int, y: int) -> tuple[float, float]:
    """Place the north-west corner of a square: longitude, latitude."""
    side = 1 << z
    west, south, east, north = WORLD
    lat = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / side))))
    return min(max(360 * x / side - 180, west), east), min(max(lat, south), north)


@dataclass(frozen=True, slots=True)
class Point:
    """One issue in a tile; `x` to the east and `y` to the south, 0 to 4095."""

    number: str
    layer: int
    category: int
    overdue: bool
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Cell:
    """Issues of one layer in one cell; column `x` from the west, row `y` from the north."""

    x: int
    y: int
    layer: int
    overdue: bool
    count: int


@dataclass(frozen=True, slots=True)
class TileData:
    """What lies in a tile: counts on a grid of `side` x `side`, and every point where few."""

    total: int
    side: int
    cells: tuple[Cell, ...]
    points: tuple[Point, ...] | None


def read(rows: QuerySet[Any], tile: Tile) -> TileData:
    """Count what lies in a tile, and list it when it is little; at most two statements.

    Args:
        rows: what the reader may see, filtered; any table with the columns named above.
        tile: the square to look at.
    """
    low, high = tile.range
    inside = rows.filter(q__gte=low, q__lt=high).order_by()
    bits = min(GRID_BITS, KEY_ZOOM - tile.z)
    cells = tuple(_cells(inside, low, bits=bits, shift=2 * (KEY_ZOOM - tile.z - bits)))
    total = sum(cell.count for cell in cells)
    points = tuple(_points(inside, tile)) if 0 < total <= MOST_POINTS else None
    return TileData(total if points is None else len(points), 1 << bits, cells, points)


def _cells(inside: QuerySet[Any], low: int, *, bits: int, shift: int) -> Iterable[Cell]:
    mask = (1 << 2 * bits) - 1
    counted = (
        inside.annotate(cell=F("q").bitrightshift(shift))
        .values_list("cell", "layer", "overdue")
        .annotate(n=Count("*"))
        .order_by("cell", "layer", "overdue")
    )
    for cell, layer, overdue, count in counted:
        inner = (cell - (low >> shift)) & mask
        yield Cell(_gather(inner), _gather(inner >> 1), layer, overdue, count)


def _points(inside: QuerySet[Any], tile: Tile) -> Iterable[Point]:
    values = inside.order_by("q", "number").values_list(
        "number", "layer", "category_id", "overdue", "q"
    )
    low, _ = tile.range
    for number, layer, category, overdue, q in values:
        inner = q - low
        x, y = _position(_gather(inner), tile.z), _position(_gather(inner >> 1), tile.z)
        yield Point(number, layer, category, overdue, x, y)


def _position(square: int, z: int) -> int:
    """Scale a column or row of the keys' zoom, from the tile's edge, to 0 to 4095 (its middle)."""
    bits = KEY_ZOOM - z
    if bits > EXTENT_BITS:
        return square >> bits - EXTENT_BITS
    step = 1 << EXTENT_BITS - bits
    return square * step + step // 2


def encode(data: TileData) -> bytes:
    """Write a tile as compact JSON arrays; empty bytes where nothing lies.

    Returns:
        UTF-8 JSON. `n`: how many. With `points`: `prefix`, and flat per issue `number` (without
        the prefix), `layer`, `category`, `overdue` (0 or 1), `x`, `y` (0 to 4095). Else `side`,
        `cells` (flat: row * side + column, count) and `groups` on an 8 x 8 grid (flat: row * 8 +
        column, layer * 2 + overdue, count). All sparse, in order; the cells sum to `n`, and so do
        the groups.
    """
    if not data.total:
        return b""
    body = _points_body(data.points) if data.points is not None else _cells_body(data)
    return json.dumps({"n": data.total, **body}, separators=(",", ":")).encode()


def _points_body(points: Sequence[Point]) -> dict[str, Any]:
    prefix = _common_prefix([point.number for point in points])
    flat: list[str | int] = []
    for point in points:
        flat += (
            point.number[len(prefix) :],
            point.layer,
            point.category,
            int(point.overdue),
            point.x,
            point.y,
        )
    return {"prefix": prefix, "points": flat}


def _common_prefix(words: Sequence[str]) -> str:
    first, last = min(words), max(words)
    same = next((at for at, letter in enumerate(first) if letter != last[at]), len(first))
    return first[:same]


def _cells_body(data: TileData) -> dict[str, Any]:
    side = data.side
    shrink = max(side >> GROUP_BITS, 1)
    groups_side = min(side, 1 << GROUP_BITS)
    totals: defaultdict[int, int] = defaultdict(int)
    groups: defaultdict[tuple[int, int], int] = defaultdict(int)
    for cell in data.cells:
        totals[cell.y * side + cell.x] += cell.count
        group = cell.y // shrink * groups_side + cell.x // shrink
        groups[group, cell.layer * 2 + cell.overdue] += cell.count
    return {
        "side": side,
        "cells": [number for pair in sorted(totals.items()) for number in pair],
        "groups": [
            number for (group, code), n in sorted(groups.items()) for number in (group, code, n)
        ],
    }
