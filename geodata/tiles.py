"""Tiles: quadtree keys, the counts and points of one square of the map, and their bytes.

Knows no table: whoever calls hands in counts, and rows with `q` (the key below). Positions are web
mercator tile coordinates: x to the east, y to the south.
Sources: OGC Two Dimensional Tile Matrix Set 2.0, annex D.1 (WebMercatorQuad); G. M. Morton, 1966
(the order of the keys).
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, Self

import numpy as np
from django.db.models import Count, F, QuerySet
from numpy.typing import NDArray

from geodata import sql
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

MOST_BYTES: Final = 12_288
"""No tile is larger: points that are give way to counts."""

LAYERS: Final = 5


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


def middle(q: int) -> tuple[float, float]:
    """Find the middle of the square of a key: longitude, latitude in degrees, EPSG:4326."""
    side = 1 << KEY_ZOOM
    x, y = _gather(q) + 0.5, _gather(q >> 1) + 0.5
    return 360 * x / side - 180, math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / side))))


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

    @classmethod
    def at(
        cls, q: int, tile: Tile, *, number: str, layer: int, category: int, overdue: bool
    ) -> Self:
        """Place an issue by its key, which lies in the tile."""
        inner = q - tile.range[0]
        x, y = _position(_gather(inner), tile.z), _position(_gather(inner >> 1), tile.z)
        return cls(number, layer, category, overdue, x, y)


def _position(square: int, z: int) -> int:
    """Scale a column or row of the keys' zoom, from the tile's edge, to 0 to 4095 (its middle)."""
    bits = KEY_ZOOM - z
    if bits > EXTENT_BITS:
        return square >> bits - EXTENT_BITS
    step = 1 << EXTENT_BITS - bits
    return square * step + step // 2


Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Cells:
    """Counts on a grid of `side` x `side`, side by side: where, which, how many.

    Attributes:
        cell: row * side + column; rows from the north, columns from the west.
        code: layer * 2 + overdue.
        count: how many; never 0.
    """

    side: int
    cell: NDArray[np.integer[Any]]
    code: Numbers
    count: Numbers

    @property
    def total(self) -> int:
        """How many lie in the tile."""
        return int(self.count.sum())


def count(rows: QuerySet[Any], tile: Tile) -> Cells:
    """Count rows one by one, where no index of counts knows the filter; one statement.

    Args:
        rows: filtered; any table with `q` and `layer`; `overdue` counts where the table has it.
        tile: the square to look at.
    """
    low, high = tile.range
    bits = min(GRID_BITS, KEY_ZOOM - tile.z)
    shift = 2 * (KEY_ZOOM - tile.z - bits)
    names = {field.name for field in rows.model._meta.concrete_fields}  # noqa: SLF001  documented
    late = F("overdue") if "overdue" in names else None
    found = (
        rows.filter(q__gte=low, q__lt=high)
        .annotate(cell=F("q").bitrightshift(shift))
        .values_list("cell", "layer", *([late] if late else []))
        .annotate(n=Count("*"))
        .order_by()
    )
    table = np.array([_entry(row, low >> shift) for row in found], dtype=np.int64).reshape(-1, 4)
    x, y = table[:, 0], table[:, 1]
    return Cells(1 << bits, y * (1 << bits) + x, table[:, 2], table[:, 3])


def _entry(row: tuple[Any, ...], first: int) -> tuple[int, int, int, int]:
    """Read a counted row: column, row, code, how many."""
    inner, layer, late, n = row[0] - first, row[1], row[2:-1], row[-1]
    return _gather(inner), _gather(inner >> 1), layer * 2 + any(late), n


def encode(cells: Cells, points: Sequence[Point] | None = None) -> bytes:
    """Write a tile as compact JSON arrays; empty bytes where nothing lies.

    Args:
        cells: what lies in the tile.
        points: the same one by one, where few.

    Returns:
        UTF-8 JSON, at most 12 KB. `n`: how many. With `points`: `series`, runs of numbers that
        begin alike (how they begin, how many digits follow, how many issues), and flat per issue
        the rest of its number as an integer, layer * 2 + overdue, `category`, `x`, `y` (0 to 4095).
        Else `side`, `cells`: how many in each cell, row by row, and `groups` on an 8 x 8 grid: how
        many of each layer * 2 + overdue, group by group; in both a negative number stands for so
        many zeros, and those of the end are left out. The cells sum to `n`, and so do the groups.
    """
    if points:
        body = _written({"n": len(points), **_points_body(points)})
        if len(body) <= MOST_BYTES:
            return body
    return _written({"n": cells.total, **_cells_body(cells)}) if cells.total else b""


def _written(body: dict[str, Any]) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()


def _points_body(points: Sequence[Point]) -> dict[str, Any]:
    parts = sorted((_parted(point.number), point) for point in points)
    series = [
        [*begin, sum(1 for _part in run)]
        for begin, run in groupby(parts, key=lambda part: part[0][:2])
    ]
    flat: list[int] = []
    for (_begin, _digits, rest), point in parts:
        flat += (rest, point.layer * 2 + point.overdue, point.category, point.x, point.y)
    return {"series": series, "points": flat}


def _parted(number: str) -> tuple[str, int, int]:
    """Cut a number before its last digits: how it begins, how many digits, their value."""
    begin = number.rstrip("0123456789")
    digits = number[len(begin) :][-_MOST_DIGITS:]
    return number[: len(number) - len(digits)], len(digits), int(digits or 0)


_MOST_DIGITS: Final = 15
"""JavaScript's integers are exact to 2**53."""


def _cells_body(cells: Cells) -> dict[str, Any]:
    side = cells.side
    groups_side = min(side, 1 << GROUP_BITS)
    shrink = side // groups_side
    row, column = np.divmod(cells.cell, side)
    group = (row // shrink * groups_side + column // shrink) * 2 * LAYERS + cells.code
    return {
        "side": side,
        "cells": _runs(np.bincount(cells.cell, weights=cells.count)),
        "groups": _runs(np.bincount(group, weights=cells.count)),
    }


def _runs(sums: NDArray[Any]) -> list[int]:
    """Write zeros between counts as one negative number: so many of them."""
    at = np.flatnonzero(sums)
    gaps = np.diff(at, prepend=-1) - 1
    pairs = np.stack([-gaps, sums[at].astype(np.int64)], axis=1).ravel()
    return [int(number) for number in pairs[pairs != 0]]


def encode_mvt(cells: Cells, points: Sequence[Point] | None = None) -> bytes:
    """Write a tile for anybody's map: layer `cells` (polygons), or `issues` (points) where few.

    A cell tells `n`, and how many of each layer (`layer_0` to `layer_4`) and `overdue`; an issue
    its `number`, `layer`, `category` and `overdue`.

    Returns:
        A Mapbox Vector Tile, uncompressed; empty bytes where nothing lies. One statement.
        Source: Mapbox Vector Tile 2.1; PostGIS ST_AsMVT.
    """
    if points:
        columns = zip(
            *((p.number, p.layer, p.category, p.overdue, p.x, p.y) for p in points), strict=True
        )
        names = ("numbers", "layers", "categories", "overdues", "xs", "ys")
        return _mvt("mvt_points", dict(zip(names, map(list, columns), strict=True)))
    if not cells.total:
        return b""
    codes = np.stack([_sums(cells, cells.code // 2 == layer) for layer in range(LAYERS)])
    late = _sums(cells, cells.code % 2 == 1)
    at = np.flatnonzero(codes.sum(axis=0))
    layers = {f"layer_{layer}": codes[layer, at].tolist() for layer in range(LAYERS)}
    size = (1 << EXTENT_BITS) // cells.side
    return _mvt(
        "mvt_cells",
        {
            "cells": at.tolist(),
            "overdues": late[at].tolist(),
            "side": cells.side,
            "size": size,
            **layers,
        },
    )


def _sums(cells: Cells, which: NDArray[np.bool_]) -> Numbers:
    counts = np.bincount(cells.cell[which], weights=cells.count[which], minlength=cells.side**2)
    return counts.astype(np.int64)


def _mvt(name: str, params: dict[str, Any]) -> bytes:
    return bytes(sql.fetch(name, params)[0]["tile"])
