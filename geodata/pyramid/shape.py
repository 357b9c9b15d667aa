"""Which chunks there are: levels, grains, and how a period is covered by them.

A tile with few rows has no chunk. With some, one flat chunk holds every entry by its day. With
many, each grain (all time, year, month, day) has its chunks, twice: told apart by the coarse facets
alone, and by all. Two levels stand above the map: counts by area, and of everything.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.pyramid.block import Entries, summed
from geodata.pyramid.source import EPOCH, Numbers
from geodata.tiles import GRID_BITS, KEY_ZOOM

TOTALS: Final = -2
"""Level of everything: cell 0 is what has a place, cell 1 what has none."""

AREAS: Final = -1
"""Level of areas: the cell is twice the area's key, and one more where there is no place."""

ZOOMS: Final = tuple(range(0, KEY_ZOOM, 2))
LEVELS: Final = (TOTALS, AREAS, *ZOOMS)


class Grain(IntEnum):
    """How long the days of a chunk are."""

    ALL = 0
    YEAR = 1
    MONTH = 2
    DAY = 3
    FLAT = 4


class Slot(NamedTuple):
    """A chunk within its tile; the bucket is a year, for `DAY` a month (year * 12 + month - 1)."""

    detail: int
    grain: int
    bucket: int


MARKS: Final = (Slot(0, Grain.ALL, 0), Slot(0, Grain.FLAT, 0))
"""Every tile that has chunks has one of these."""


def bits(z: int) -> int:
    """Say how many bits number the columns of a tile's cells."""
    return min(GRID_BITS, KEY_ZOOM - z)


def tiles_of(q: Numbers, z: int) -> Numbers:
    """Number the tile of each key; the levels above the map have one tile."""
    return np.zeros(len(q), dtype=np.int64) if z < 0 else q >> 2 * (KEY_ZOOM - z)


def cells_of(q: Numbers, area: Numbers, z: int) -> Numbers:
    """Number the cell of each entry within its tile; `q` is -1 where there is no place."""
    if z == TOTALS:
        return (q < 0).astype(np.int64)
    if z == AREAS:
        return 2 * area + (q < 0)
    return q >> 2 * (KEY_ZOOM - z - bits(z)) & (1 << 2 * bits(z)) - 1


def months_of(days: NDArray[Any]) -> Numbers:
    """Turn numbers of days into numbers of months (year * 12 + month - 1)."""
    months: Numbers = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return months + EPOCH.year * 12


def first_day(month: int) -> int:
    """Number the first day of a month."""
    return int(np.datetime64(month - EPOCH.year * 12, "M").astype("datetime64[D]").astype(np.int64))


def month_date(month: int) -> date:
    """Name the first day of a month."""
    return date(month // 12, month % 12 + 1, 1)


def grained(entries: Entries, *, mask: int, is_grained: bool) -> Iterator[tuple[Slot, Entries]]:
    """Cut the entries of one tile, by day, into its chunks, summed.

    Args:
        entries: `sub` numbers days.
        mask: the bits of the coarse facets.
        is_grained: whether the tile has grains, or is flat.
    """
    if not is_grained:
        yield Slot(0, Grain.FLAT, 0), summed(entries)
        return
    months = months_of(entries.sub)
    for detail, shown in enumerate((entries.coarse(mask), entries)):
        whole = summed(shown.timed(np.zeros(len(shown), dtype=np.int64)))
        yield Slot(detail, Grain.ALL, 0), whole
        yield from _cut(detail, Grain.YEAR, summed(shown.timed(months // 12)), by=1)
        yield from _cut(detail, Grain.MONTH, summed(shown.timed(months)), by=12)
        yield from _cut(detail, Grain.DAY, summed(shown), by=0)


def _cut(detail: int, grain: Grain, entries: Entries, *, by: int) -> Iterator[tuple[Slot, Entries]]:
    """Cut summed entries into buckets of `by` of their days each; 0: by the month of the day."""
    buckets = entries.sub // by if by else months_of(entries.sub)
    starts = np.flatnonzero(np.diff(buckets, prepend=buckets[:1] - 1))
    for start, end in zip(starts, [*starts[1:], len(buckets)], strict=False):
        yield Slot(detail, grain, int(buckets[start])), entries.pick(slice(start, end))


@dataclass(frozen=True, slots=True)
class Span:
    """Chunks of one grain, by bucket; their days count from `low`, to before `high`."""

    grain: Grain
    buckets: tuple[int, int]
    low: int | None
    high: int | None


FOREVER: Final = 120_000
"""A month after all others: the year 10000."""


def cover(low: int | None, high: int | None, *, coarsest: Grain = Grain.ALL) -> tuple[Span, ...]:
    """Cover a period by as few chunks as there can be.

    Args:
        low: number of the first day; None: since ever.
        high: number of the day after the last; None: for ever.
        coarsest: the longest grain that may be used, ALL or MONTH.

    Returns:
        Spans that do not overlap; the flat chunk's is not among them.
    """
    if low is None and high is None and coarsest is Grain.ALL:
        return (Span(Grain.ALL, (0, 0), None, None),)
    first = 12 if low is None else _month_from(low)
    last = FOREVER if high is None else int(months_of(np.array([high]))[0])
    if first > last:
        return tuple(_days(low, high))
    years = (FOREVER, FOREVER) if coarsest is Grain.MONTH else (-(-first // 12), last // 12)
    spans = [*_days(low, first_day(first)), *_days(first_day(last), high)]
    if years[0] >= years[1]:
        return (*spans, *_months(first, last))
    spans += [*_months(first, 12 * years[0]), *_months(12 * years[1], last)]
    return (*spans, Span(Grain.YEAR, (years[0], years[1] - 1), *years))


def _month_from(day: int) -> int:
    """Find the first month that begins on a day or after it."""
    month = int(months_of(np.array([day]))[0])
    return month if first_day(month) == day else month + 1


def _months(first: int, last: int) -> Iterator[Span]:
    if first < last:
        yield Span(Grain.MONTH, (first // 12, (last - 1) // 12), first, last)


def _days(low: int | None, high: int | None) -> Iterator[Span]:
    if low is not None and high is not None and low < high:
        buckets = months_of(np.array([low, high - 1]))
        yield Span(Grain.DAY, (int(buckets[0]), int(buckets[1])), low, high)
