"""Findings about places: hotspots and rates of what the public map shows, with what was asked.

Counts come from the public projection through the pyramid alone, so nothing hidden can be found
here: whatever is counted stands singly on the public map, in the same area and on the same day.
A kind whose public place is blurred has no squares as small as the blur, for their cases are drawn
by lot; the form refuses them.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geodata import hotspots, land, pyramid
from geodata.hotspots import Found
from geodata.land import AreaSize, Squares
from geodata.models import City, Jurisdiction
from geodata.pyramid import Ask
from geodata.tiles import GRID_BITS, Tile
from issues.heat import MAP

Facets = Mapping[str, frozenset[int]]
Counts = NDArray[Any]

ZOOMS: Final = {150: 18, 300: 17, 600: 16}
"""Squares by their side in metres, about; at the equator 153, 306 and 611."""

_REACH: Final = {150: 3.0, 300: 1.5, 600: 1.5}
"""How far a square's surroundings reach, in squares: about 450, 450 and 900 m."""

_RATES: Final = {"99": 0.01, "95": 0.05, "90": 0.10}
ONE_DAY: Final = timedelta(days=1)

_KEPT: Final = 16
"""So many tests of a whole city each process remembers."""


class Baseline(StrEnum):
    """What the cases of a place are compared with."""

    SHARE = "share"
    LAND = "land"
    PAST = "past"


@dataclass(frozen=True, slots=True)
class Question:
    """What a reader wants to know.

    Attributes:
        kind: facets that make a report a case; empty: every report is one.
        among: facets of what the cases are a part of, for `Baseline.SHARE`.
        since: first day, inclusive; None: since the first report.
        until: last day, inclusive.
        cell_m: side of a square: 150, 300 or 600.
        level: "90", "95" or "99".
    """

    baseline: Baseline
    kind: Facets
    among: Facets
    since: date | None
    until: date
    cell_m: int = 300
    level: str = "95"

    @property
    def rate(self) -> float:
        """The false discovery rate of the level."""
        return _RATES[self.level]


@dataclass(frozen=True, slots=True)
class Hotspot:
    """A hot square: its place, and what was found in it and its surroundings.

    Attributes:
        box: edges (W, S, E, N), degrees.
        area: code of the area with most of it.
        group: number of the hot squares that touch, from 1, the strongest group first.
        level: the strictest of "99", "95", "90" that it passes.
        n: cases in the square and its surroundings.
        expected: cases to be expected there.
        base: what they are compared with there: reports, or square metres.
        z: Gi*.
        q: the smallest false discovery rate that finds it.
    """

    box: tuple[float, float, float, float]
    area: str
    group: int
    level: str
    n: int
    expected: float
    base: float
    z: float
    q: float

    @property
    def ratio(self) -> float:
        """How many times what is expected."""
        return self.n / self.expected

    @property
    def middle(self) -> tuple[float, float]:
        """Longitude and latitude of the square's middle."""
        west, south, east, north = self.box
        return (west + east) / 2, (south + north) / 2


@dataclass(frozen=True)
class Answer:
    """What was tested and what was found; the squares with the least chance first.

    Attributes:
        tested: how many squares were tested.
        cases: how many cases lie in them.
        base: the base in all of them: reports, or square metres.
        outside: cases on the map, but in none of the city's squares.
        reach_m: how far the surroundings of a square reach.
        cell_m: side of a square on the ground, its mean over the city.
    """

    question: Question
    tested: int
    cases: int
    base: float
    outside: int
    reach_m: float
    cell_m: float
    found: tuple[Hotspot, ...]

    @cached_property
    def groups(self) -> tuple[tuple[Hotspot, ...], ...]:
        """The hot squares that touch, together."""
        numbers = dict.fromkeys(spot.group for spot in self.found)
        return tuple(
            tuple(spot for spot in self.found if spot.group == number) for number in sorted(numbers)
        )


def answer(question: Question, *, city: City) -> Answer | None:
    """Test every square of a city; None where it has no boundaries in force.

    The test is always of the whole city: whoever looks at one area sees its part of the finding.
    """
    squares = land.squares(city, ZOOMS[question.cell_m])
    if squares is None:
        return None
    cases, base, outside = _grids(question, squares, city)
    counted = Counted(
        squares, cases, base, question.cell_m, question.rate, question.baseline is Baseline.LAND
    )
    return Answer(
        question,
        tested=int((base > 0).sum()),
        cases=int(cases[base > 0].sum()),
        base=float(base.sum()),
        outside=outside,
        reach_m=_REACH[question.cell_m] * squares.cell_m,
        cell_m=squares.cell_m,
        found=spots(counted),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Everything that a test depends on; two are equal where their grids hold the same numbers.

    Attributes:
        cases: how many, on the squares.
        base: what they are compared with there.
        nominal_m: side of a square as it was asked for.
        rate: the false discovery rate.
        is_land: whether the base is a measure and not a count.
    """

    squares: Squares
    cases: Counts
    base: Counts
    nominal_m: int
    rate: float
    is_land: bool

    @property
    def _key(self) -> tuple[Any, ...]:
        digest = hashlib.blake2b(self.cases.tobytes(), digest_size=16)
        digest.update(self.base.tobytes())
        # Squares are made once an edition, so the same ones are the same object.
        return id(self.squares), self.nominal_m, self.rate, self.is_land, digest.digest()

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Counted) and self._key == other._key


@lru_cache(maxsize=_KEPT)
def spots(counted: Counted) -> tuple[Hotspot, ...]:
    """Find the hot squares; groups and squares with the least chance first."""
    disc = hotspots.disc_of(_REACH[counted.nominal_m], 1.0)
    found = hotspots.find(counted.cases, counted.base, disc=disc, is_land=counted.is_land)
    squares = counted.squares
    joined = hotspots.groups(found.hot(counted.rate))
    joined.sort(key=lambda group: min(found.p[place] for place in group))
    hot = [
        _spot(squares, found, place, number)
        for number, group in enumerate(joined, start=1)
        for place in sorted(group, key=lambda place: (found.p[place], place))
    ]
    return tuple(hot)


def _spot(squares: Squares, found: Found, place: tuple[int, int], group: int) -> Hotspot:
    q = float(found.q[place])
    return Hotspot(
        box=squares.square(*place).box,
        area=squares.codes[place],
        group=group,
        level=next(word for word, rate in _RATES.items() if q <= rate),
        n=int(found.observed[place]),
        expected=float(found.expected[place]),
        base=float(found.base[place]),
        z=float(found.z[place]),
        q=q,
    )


def _grids(question: Question, squares: Squares, city: City) -> tuple[Counts, Counts, int]:
    """Count cases and base on the squares, and the cases that lie in none of them."""
    window = Ask(question.kind, question.since, question.until)
    match question.baseline:
        case Baseline.LAND:
            (cases,) = _counted(squares, city, [window])
            base = squares.land_m2
        case Baseline.SHARE:
            among = Ask(question.among, question.since, question.until)
            cases, base = _counted(squares, city, [window, among])
        case Baseline.PAST:
            (cases,) = _counted(squares, city, [window])
            (base,) = _counted(squares, city, [Ask(question.kind, None, question.until)])
            # Two snapshots: what came between them is in one of them only.
            base = np.maximum(base, cases)
    inside = squares.land_m2 > 0
    base = np.where(inside, base, 0).astype(float)
    return cases, base, int(cases[~inside].sum())


def _counted(squares: Squares, city: City, asks: Sequence[Ask]) -> list[Counts]:
    """Count one or more selections of the same days on the squares, from one reading.

    A report with a blurred place may lie beyond the land; a square beyond the grid is not counted.
    """
    names = {name for ask in asks for name in ask.facets}
    first, *others = asks
    facets = {} if others else first.facets
    whole = Ask(facets, first.since, first.until, by=names)
    grids = [np.zeros(squares.shape, dtype=np.int64) for _ask in asks]
    for tile in _tiles(squares):
        counts = pyramid.read(MAP, city.pk, tile, whole)
        rows = counts.cells // counts.side + tile.y * counts.side - squares.top
        columns = counts.cells % counts.side + tile.x * counts.side - squares.left
        on_grid = (rows >= 0) & (rows < squares.shape[0])
        on_grid &= (columns >= 0) & (columns < squares.shape[1])
        for grid, ask in zip(grids, asks, strict=True):
            kept = on_grid & ask.matches(MAP, counts.codes)
            np.add.at(grid, (rows[kept], columns[kept]), counts.counts[kept])
    return grids


def _tiles(squares: Squares) -> Iterator[Tile]:
    """List the tiles whose cells are these squares and that hold land."""
    rows, columns = np.nonzero(squares.land_m2 > 0)
    tiles = {
        (int(x), int(y))
        for x, y in zip(
            columns + squares.left >> GRID_BITS, rows + squares.top >> GRID_BITS, strict=True
        )
    }
    return (Tile(squares.zoom - GRID_BITS, x, y) for x, y in sorted(tiles))


@dataclass(frozen=True, slots=True)
class Rate:
    """Reports of one area against what it has of land or roads.

    Attributes:
        n: how many.
        size: of the area, in the unit of the rate; 0: it has none.
        everything: reports of every kind in the same days.
        rank: from 1, by rate; None below ten reports.
        is_quiet: so few reports of every kind that few people may be reporting.
    """

    area: AreaSize
    n: int
    size: float
    everything: int
    rank: int | None
    is_quiet: bool

    @property
    def value(self) -> float | None:
        """Reports per unit."""
        return self.n / self.size if self.size else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval of the rate."""
        if not self.size:
            return None
        low, high = byar(self.n)
        return low / self.size, high / self.size


class Unit(StrEnum):
    """What reports of an area are divided by."""

    KM2 = "km2"
    ROAD_KM = "road_km"


LEAST_RANKED: Final = 10
"""Below so many reports a rate has no rank. Source: UX.md, what public numbers owe the reader."""

_QUIET: Final = 0.5
_Z95: Final = 1.959964


def byar(n: int) -> tuple[float, float]:
    """Give the 95 % interval of a Poisson mean after n events.

    Source: Byar's approximation of the exact limits, in N. E. Breslow, N. E. Day, "Statistical
    Methods in Cancer Research II", IARC 1987, eq. 2.13.
    """
    low = n * (1 - 1 / (9 * n) - _Z95 / (3 * n**0.5)) ** 3 if n else 0.0
    more = n + 1
    return max(low, 0.0), more * (1 - 1 / (9 * more) + _Z95 / (3 * more**0.5)) ** 3


def rates(question: Question, unit: Unit, *, city: City) -> tuple[tuple[Rate, ...], int]:
    """Compare the areas of a city.

    Returns:
        Every area in the order of rank, those without one by their code at the end; and how many
        cases lie in none of them.
    """
    areas = land.sizes(city)
    cases, whole = _by_code(question, city)
    counts = {area.code: cases.get(area.code, 0) for area in areas}
    everything = {area.code: whole.get(area.code, 0) for area in areas}
    size = {area.code: getattr(area, unit.value) for area in areas}
    quiet = _quiet(everything, {area.code: area.km2 for area in areas})
    ranked = sorted(
        (code for code, n in counts.items() if n >= LEAST_RANKED and size[code]),
        key=lambda code: (-counts[code] / size[code], code),
    )
    place = {code: number for number, code in enumerate(ranked, start=1)}
    found = [
        Rate(
            area,
            counts[area.code],
            size[area.code],
            everything[area.code],
            place.get(area.code),
            area.code in quiet,
        )
        for area in areas
    ]
    found.sort(key=lambda rate: (rate.rank is None, rate.rank or 0, rate.area.code))
    return tuple(found), sum(cases.values()) - sum(counts.values())


def _by_code(question: Question, city: City) -> tuple[dict[str, int], dict[str, int]]:
    """Count cases and everything by code of area; an old edition's area is its code's."""
    ask = Ask(question.kind, question.since, question.until)
    names = frozenset(question.kind)
    counted = pyramid.areas(MAP, city.pk, Ask(since=question.since, until=question.until, by=names))
    codes = dict(Jurisdiction.objects.filter(city=city).values_list("pk", "code"))
    kept = ask.matches(MAP, counted.codes)
    cases: dict[str, int] = {}
    whole: dict[str, int] = {}
    for area, n, is_case in zip(
        counted.area.tolist(), counted.counts.tolist(), kept.tolist(), strict=True
    ):
        code = codes.get(area, "")
        whole[code] = whole.get(code, 0) + n
        if is_case:
            cases[code] = cases.get(code, 0) + n
    return cases, whole


def _quiet(counts: Mapping[str, int], km2: Mapping[str, float]) -> set[str]:
    """Find areas that surely report less than half as much per square kilometre as the city."""
    size = sum(km2.values())
    usual = sum(counts.values()) / size if size else 0.0
    return {
        code for code, n in counts.items() if km2[code] and byar(n)[1] / km2[code] < _QUIET * usual
    }
