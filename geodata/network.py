"""How far it is by road: the city's imported road lines as a graph, asked between a few places.

Corners that lie on each other are one, and the end of a line is joined to what passes close by, so
that lines drawn one by one still make a net. Between two junctions a road is one edge, whatever its
bends. Metres of the city's plane throughout; a place off every road, and what the net does not
join, is measured in a straight line times `DETOUR`.

Source: Dijkstra 1959.
"""

import heapq
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from geodata import sql
from geodata.models import City

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Entry = tuple[int, float]
"""A junction and how many metres away it is."""

DETOUR: Final = 1.3
"""A way in a city is so many times as long as the straight line. Source: Newell 1980, rounded."""
STEP_M: Final = 40.0
"""Longest piece between two corners: so exactly a place is put on its road."""
REACH_M: Final = 250.0
"""A place farther than this from every road is off the net."""
JOIN_M: Final = 25.0
"""The end of a line meets what passes as near as this."""
NEIGHBOURS: Final = 8
"""To so many others each place is measured by road: a good order goes from near to near."""
_TIMES: Final = 4.0
_BEYOND_M: Final = 5000.0
"""How much longer than the straight line a way is looked for."""


@dataclass(frozen=True, slots=True)
class Network:
    """Junctions joined by roads, and for every corner the junctions at both ends of its road.

    Attributes:
        corners: metres, shape (n, 2).
        entries: of each corner, the junctions that it reaches directly.
        roads: of each corner, the number of its road between two junctions, with metres along it.
        near: of each junction, those that it is joined to.
    """

    corners: Floats
    entries: tuple[tuple[Entry, ...], ...]
    roads: tuple[Entry, ...]
    near: tuple[tuple[Entry, ...], ...]

    def place(self, point: Floats) -> tuple[int, float]:
        """Find the corner nearest to a point and how far it is; -1 where none is within reach."""
        if not len(self.corners):
            return -1, 0.0
        far = np.hypot(*(self.corners - point).T)
        at = int(far.argmin())
        return (at, float(far[at])) if far[at] <= REACH_M else (-1, 0.0)

    def ways(self, start: int, ends: Iterable[int], limit_m: float) -> dict[int, float]:
        """Measure from one corner to others along the roads; what lies beyond the limit lacks."""
        found = {end: self._along(start, end) for end in ends}
        wanted: dict[int, list[Entry]] = {}
        for end in found:
            for junction, metres in self.entries[end]:
                wanted.setdefault(junction, []).append((end, metres))
        for junction, metres in self._reached(start):
            if metres > limit_m or not wanted:
                break
            for end, more in wanted.pop(junction, ()):
                found[end] = min(found[end], metres + more)
        return {end: far for end, far in found.items() if far <= limit_m and math.isfinite(far)}

    def _reached(self, start: int) -> Iterator[Entry]:
        """Yield junctions with their metres from a corner, the nearest first."""
        heap = [(metres, junction) for junction, metres in self.entries[start]]
        heapq.heapify(heap)
        done: set[int] = set()
        while heap:
            metres, junction = heapq.heappop(heap)
            if junction not in done:
                done.add(junction)
                yield junction, metres
                for other, more in self.near[junction]:
                    heapq.heappush(heap, (metres + more, other))

    def _along(self, start: int, end: int) -> float:
        """Measure along one and the same road; infinite on two."""
        (road, here), (other, there) = self.roads[start], self.roads[end]
        return abs(here - there) if road == other else math.inf


def distances(
    city: City, places: Sequence[tuple[float, float]], *, at: datetime | None = None
) -> Floats:
    """Measure between all of some places, by road where roads are known.

    Args:
        city: whose roads.
        places: longitude and latitude, degrees, EPSG:4326.
        at: when the roads are in force; default: now.

    Returns:
        Metres, shape (n, n), symmetric.
    """
    if not places:
        return np.zeros((0, 0))
    moment = at or timezone.now()
    lons, lats = ([place[axis] for place in places] for axis in (0, 1))
    params = {"lons": lons, "lats": lats, "city": city.pk, "at": moment}
    rows = sql.fetch("metric_places", params)
    points = np.array([(row["x"], row["y"]) for row in rows])
    straight = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    editions = rows[0]["editions"]
    if not editions:
        return np.asarray(straight * DETOUR)
    return by_road(_network(city.pk, tuple(editions)), points, straight)


def by_road(net: Network, points: Floats, straight: Floats) -> Floats:
    """Measure along a net between near places; what it does not join is straight times `DETOUR`.

    Args:
        net: the roads.
        points: metres, shape (n, 2).
        straight: between all of them, metres, shape (n, n).
    """
    metres = straight * DETOUR
    spots = [net.place(point) for point in points]
    order = np.argsort(straight, axis=1, kind="stable")
    for one, (start, off) in enumerate(spots):
        others = [int(other) for other in order[one, : NEIGHBOURS + 1] if other != one]
        others = [other for other in others if spots[other][0] >= 0]
        if start < 0 or not others:
            continue
        limit = _TIMES * float(straight[one, others].max()) + _BEYOND_M
        found = net.ways(start, {spots[other][0] for other in others}, limit)
        for other in others:
            end, beside = spots[other]
            if end in found:
                way = max(found[end] + off + beside, float(straight[one, other]))
                metres[one, other] = metres[other, one] = way
    return metres


@lru_cache(maxsize=4)
def _network(city: int, editions: tuple[int, ...]) -> Network:
    """Read the roads of some editions, once in a process."""
    params = {"city": city, "editions": list(editions), "step_m": STEP_M}
    rows = sql.fetch("road_lines", params)
    return of_lines([np.column_stack([row["xs"], row["ys"]]) for row in rows])


def of_lines(lines: Sequence[Floats]) -> Network:
    """Join lines to a net.

    Args:
        lines: corners in metres, each of shape (n, 2).
    """
    if not lines:
        return Network(np.zeros((0, 2)), (), (), ())
    every = np.concatenate(lines)
    cells, which = np.unique(np.rint(every).astype(np.int64), axis=0, return_inverse=True)
    corners = cells.astype(np.float64)
    joined: list[dict[int, float]] = [{} for _corner in corners]
    ends, at = [], 0
    for line in lines:
        chain = which[at : at + len(line)].tolist()
        at += len(line)
        ends += [chain[0], chain[-1]]
        for one, other in pairwise(chain):
            _join(joined, corners, one, other)
    _meet(joined, corners, dict.fromkeys(ends))
    return _contracted(corners, joined)


def _join(joined: list[dict[int, float]], corners: Floats, one: int, other: int) -> None:
    if one != other:
        joined[one][other] = joined[other][one] = math.dist(corners[one], corners[other])


def _meet(joined: list[dict[int, float]], corners: Floats, ends: Iterable[int]) -> None:
    """Join the end of a line, where it ends in nothing, to the nearest corner that passes it."""
    grid: dict[tuple[int, int], list[int]] = {}
    cells = (corners // JOIN_M).astype(np.int64)
    for corner, (x, y) in enumerate(cells.tolist()):
        grid.setdefault((x, y), []).append(corner)
    for end in ends:
        if len(joined[end]) != 1:
            continue
        x, y = cells[end].tolist()
        close = [
            corner
            for dx in (-1, 0, 1)
            for dy in (-1, 0, 1)
            for corner in grid.get((x + dx, y + dy), ())
            if corner != end and corner not in joined[end]
        ]
        far, corner = min(
            ((math.dist(corners[end], corners[one]), one) for one in close), default=(math.inf, -1)
        )
        if far <= JOIN_M:
            _join(joined, corners, end, corner)


def _contracted(corners: Floats, joined: list[dict[int, float]]) -> Network:
    """Leave out the bends: between two junctions a road is one edge, the shortest of parallels."""
    work = _Contraction(joined)
    for corner, others in enumerate(joined):
        if len(others) != 2:  # noqa: PLR2004  a bend has two neighbours
            work.near[corner] = {}
    # First the roads between junctions, then rings that have none: their first corner becomes one.
    for corner in [*work.near, *range(len(joined))]:
        if not work.entries[corner]:
            work.walk_from(corner)
    table = tuple(tuple(work.near.get(corner, {}).items()) for corner in range(len(joined)))
    return Network(corners, tuple(work.entries), tuple(work.roads), table)


class _Contraction:
    """A net while its bends are being left out."""

    def __init__(self, joined: list[dict[int, float]]) -> None:
        self.joined = joined
        self.entries: list[tuple[Entry, ...]] = [()] * len(joined)
        self.roads: list[Entry] = [(-1 - corner, 0.0) for corner in range(len(joined))]
        self.near: dict[int, dict[int, float]] = {}
        self.count = 0

    def walk_from(self, junction: int) -> None:
        """Walk every road of a junction that nobody has walked."""
        self.near.setdefault(junction, {})
        self.entries[junction] = ((junction, 0.0),)
        for first in self.joined[junction]:
            if not self.entries[first] or first in self.near:
                self._walk(junction, first)

    def _walk(self, junction: int, first: int) -> None:
        """Walk one road to the junction at its other end."""
        bends, metres, before, corner = [], [self.joined[junction][first]], junction, first
        while corner not in self.near:
            bends.append(corner)
            before, corner = corner, next(one for one in self.joined[corner] if one != before)
            metres.append(metres[-1] + self.joined[before][corner])
        whole = min(metres[-1], self.near[junction].get(corner, math.inf))
        self.near[junction][corner] = self.near[corner][junction] = whole
        for bend, along in zip(bends, metres, strict=False):
            self.entries[bend] = ((junction, along), (corner, metres[-1] - along))
            self.roads[bend] = (self.count, along)
        self.count += 1
