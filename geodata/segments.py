"""Nearest lines of many points: the tree is asked once for a cell of neighbours, not for each.

All in metres of one projection. What can be nearest to any point of a cell lies within the distance
of its centre plus its diagonal; the few segments there are measured in arrays.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Self

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]
Plane = NDArray[np.complex128]
"""Points of the plane as complex numbers: a turn, a length and a difference are one operation."""

POINTS_A_CELL: Final = 8
"""About where asking the tree costs as much as measuring."""
_LEAST_SIDE_M: Final = 10.0
_MOST_SIDE_M: Final = 300.0
_ROUNDING_M: Final = 0.01
_CELLS: Final = 4096
_PAIRS: Final = 1_000_000
"""Cells, and pairs of point and segment, in memory at a time."""
_LINE_BITS: Final = 24


@dataclass(frozen=True, slots=True)
class Segments:
    """Straight pieces of lines, each with its line's place in the array they were cut from."""

    lines: Shapes
    start: Plane
    step: Plane
    square: Floats
    line: Ints
    tree: shapely.STRtree

    @classmethod
    def of(cls, lines: Shapes) -> Self:
        """Cut lines and collections of lines at their vertices."""
        parts, line = shapely.get_parts(lines, return_index=True)
        corners, part = shapely.get_coordinates(parts, return_index=True)
        joined = np.flatnonzero(part[1:] == part[:-1])
        ends = np.stack([corners[joined], corners[joined + 1]], axis=1)
        start, end = _plane(ends[:, 0]), _plane(ends[:, 1])
        step = end - start
        # of two equal corners any number will do: their step is nothing
        square = np.maximum((step * step.conj()).real, 1e-12)
        tree = shapely.STRtree(np.asarray(shapely.linestrings(ends), dtype=object))
        return cls(lines, start, step, square, line[part[joined]], tree)

    def nearest(
        self, points: Floats, *, reach: float, only: Ints | None = None
    ) -> tuple[Ints, Floats]:
        """Find the line nearest to each point; of those equal to the millimetre the first.

        Args:
            points: metres, shape (n, 2).
            reach: up to where lines are looked for, metres; beyond it an answer may be missing.
            only: the one line that each point is measured to, however far; default: all.

        Returns:
            Line (-1 where none is within reach), and metres rounded to the millimetre (infinite).
        """
        line = np.full(len(points), -1)
        metres = np.full(len(points), np.inf)
        if not len(points) or not len(self.line):
            return line, metres
        plane = _plane(points)
        for point, segment in self._pairs(plane, reach, only):
            first = np.flatnonzero(np.diff(point, prepend=-1))
            far = np.rint(self._far(plane[point], segment) * 1000).astype(np.int64)
            best = np.minimum.reduceat(far << _LINE_BITS | self.line[segment], first)
            line[point[first]] = best & (1 << _LINE_BITS) - 1
            metres[point[first]] = (best >> _LINE_BITS) / 1000
        return line, metres

    def _far(self, points: Plane, segment: Ints) -> Floats:
        """Measure each point to its segment, metres."""
        along, step = points - self.start[segment], self.step[segment]
        share = np.clip((along * step.conj()).real / self.square[segment], 0, 1)
        return np.abs(along - share * step)

    def _pairs(self, points: Plane, reach: float, only: Ints | None) -> Iterator[tuple[Ints, Ints]]:
        """Pair every point with the segments that can be nearest; a point's pairs lie together."""
        side = _side(points)
        cell, centre, line = _cells(points, side, only)
        half = side * np.sqrt(0.5)
        radius = self._radius(centre, line, reach + half)
        order = np.argsort(cell, kind="stable")
        bounds = np.searchsorted(cell[order], np.arange(0, len(centre) + _CELLS, _CELLS))
        for number, (low, high) in enumerate(pairwise(bounds)):
            part = slice(number * _CELLS, (number + 1) * _CELLS)
            far = radius[part] + 2 * half + _ROUNDING_M
            near = np.flatnonzero(np.isfinite(far))
            asked, segment = self.tree.query(_shapes(centre[part][near]), "dwithin", far[near])
            asked = near[asked]
            if line is not None:
                own = self.line[segment] == line[part][asked]
                asked, segment = asked[own], segment[own]
            inside = order[low:high]
            yield from _join(inside, cell[inside] - part.start, asked, segment)

    def _radius(self, centre: Plane, line: Ints | None, reach: float) -> Floats:
        """How far the nearest segment is from each centre, metres; infinite beyond reach."""
        if line is not None:
            return np.asarray(shapely.distance(self.lines[line], _shapes(centre)))
        radius = np.full(len(centre), np.inf)
        (cell, _segment), far = self.tree.query_nearest(
            _shapes(centre), max_distance=reach, return_distance=True, all_matches=False
        )
        radius[cell] = far
        return radius


def _side(points: Plane) -> float:
    """Choose the side of a cell, metres: some points in each, or else hardly ever two."""
    extent = (np.ptp(points.real) + 1) * (np.ptp(points.imag) + 1)
    side = float(np.sqrt(extent * POINTS_A_CELL / len(points)))
    return max(side, _LEAST_SIDE_M) if side < _MOST_SIDE_M else _LEAST_SIDE_M


def _cells(points: Plane, side: float, only: Ints | None) -> tuple[Ints, Plane, Ints | None]:
    """Number the cells that have points: each point's cell, the centres, the lines asked for."""
    column = np.floor((points.real - points.real.min()) / side).astype(np.int64)
    row = np.floor((points.imag - points.imag.min()) / side).astype(np.int64)
    key = row * (column.max() + 1) + column
    if only is not None:
        key = key << _LINE_BITS | only
    _keys, sample, cell = np.unique(key, return_index=True, return_inverse=True)
    corner = complex(points.real.min(), points.imag.min())
    centre = corner + side * (column[sample] + 0.5 + 1j * (row[sample] + 0.5))
    return cell, centre, None if only is None else only[sample]


def _join(point: Ints, cell: Ints, asked: Ints, segment: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Pair points with all segments of their cells, a bounded number at a time.

    Args:
        point: points in the order of their cells.
        cell: the cell of each.
        asked: cells that have segments.
        segment: the segment of each of these.
    """
    order = np.argsort(asked, kind="stable")
    asked, segment = asked[order], segment[order]
    start = np.searchsorted(asked, cell)
    count = np.searchsorted(asked, cell, side="right") - start
    point, start, count = (array[count > 0] for array in (point, start, count))
    total = np.cumsum(count)
    for part in np.split(np.arange(len(point)), np.flatnonzero(np.diff(total // _PAIRS)) + 1):
        if len(part):
            many = count[part]
            place = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
            yield np.repeat(point[part], many), segment[np.repeat(start[part], many) + place]


def _plane(coordinates: Floats) -> Plane:
    return coordinates[..., 0] + 1j * coordinates[..., 1]


def _shapes(points: Plane) -> Shapes:
    return np.asarray(shapely.points(points.real, points.imag), dtype=object)
