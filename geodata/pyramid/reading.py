"""Read counts: chunks, and the delta since, in one statement; exact in its snapshot."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geodata.pyramid import cache
from geodata.pyramid.block import Block, Entries, distinct
from geodata.pyramid.cache import Address, Stored
from geodata.pyramid.question import BARE, CHUNK, DELTA, PACKED, ROWS, Question
from geodata.pyramid.shape import (
    AREAS,
    TOTALS,
    Grain,
    Slot,
    Span,
    bits,
    cells_of,
    cover,
    month_date,
    months_of,
    tiles_of,
)
from geodata.pyramid.source import Ask, Numbers, Source
from geodata.tiles import KEY_ZOOM, Tile

_EMPTY: Final = np.zeros(0, dtype=np.int64)
DENSE: Final = 1 << 18
"""Up to so many possible keys, counting is cheaper than sorting."""

NOTHING: Final = Ask()


@dataclass(frozen=True, slots=True)
class Counts:
    """What lies in a tile, sparse and in order: side by side cell, packed facets, how many.

    Attributes:
        cells: row * side + column, rows from the north, columns from the west.
        codes: packed facets (`Source.unpack`); those that were not asked `by` are 0.
        counts: how many; never 0.
        side: columns and rows of the grid.
        version: changes with the content; for an ETag.
    """

    cells: NDArray[np.int32]
    codes: Numbers
    counts: Numbers
    side: int
    version: str

    @property
    def total(self) -> int:
        """How many there are."""
        return int(self.counts.sum())


@dataclass(frozen=True, slots=True)
class AreaCounts:
    """What lies in each area, sparse and in order; `area` 0 is none, `unplaced` has no spot."""

    area: Numbers
    unplaced: NDArray[np.bool_]
    codes: Numbers
    counts: Numbers
    version: str

    @property
    def total(self) -> int:
        """How many there are."""
        return int(self.counts.sum())


def read(source: Source, scope: int, tile: Tile, ask: Ask = NOTHING) -> Counts:
    """Count what lies in a tile by cell and facets; one statement.

    Args:
        source: the table.
        scope: the city.
        tile: the square to look at.
        ask: which rows count, and by which facets the answer is told apart.
    """
    z = tile.z + tile.z % 2
    low, high = tile.range
    size = 2 * (KEY_ZOOM - z)
    tiles = range(low >> size, high >> size)
    grid = bits(tile.z)
    # An odd zoom has no chunks of its own: its four children have, with cells half as wide.
    inner = 2 * bits(z)
    shift = inner - 2 * grid + 2 * (z - tile.z)
    pieces = [
        piece.within((piece.tile - tiles[0] << inner) + piece.cell >> shift)
        for piece in _pieces(source, scope, z, tiles, ask)
    ]
    cells, codes, counts = _sum(source, ask, pieces)
    spots = _ROWWISE[grid][cells]
    order = np.argsort(spots, kind="stable")
    spots, codes, counts = spots[order], codes[order], counts[order]
    return Counts(spots, codes, counts, 1 << grid, _version(spots, codes, counts))


def areas(source: Source, scope: int, ask: Ask = NOTHING) -> AreaCounts:
    """Count by area and facets, with what has no place; one statement."""
    cells, codes, counts = _sum(source, ask, _pieces(source, scope, AREAS, (0,), ask))
    version = _version(cells, codes, counts)
    return AreaCounts(cells >> 1, (cells & 1).astype(np.bool_), codes, counts, version)


def totals(source: Source, scope: int, ask: Ask = NOTHING) -> AreaCounts:
    """Count by facets alone, with what has no place: `area` is 0 throughout; one statement."""
    cells, codes, counts = _sum(source, ask, _pieces(source, scope, TOTALS, (0,), ask))
    nowhere = np.zeros(len(cells), dtype=np.int64)
    version = _version(cells, codes, counts)
    return AreaCounts(nowhere, cells.astype(np.bool_), codes, counts, version)


def months(source: Source, scope: int, ask: Ask = NOTHING) -> list[tuple[date, int]]:
    """Count by month, each named by its first day; months without any are left out."""
    bare = Ask(ask.facets, ask.since, ask.until, by=())
    spans = cover(*ask.days, coarsest=Grain.MONTH)
    pieces = list(_pieces(source, scope, TOTALS, (0,), bare, spans=spans))
    cells, _codes, counts = _sum(source, bare, [piece.within(piece.month) for piece in pieces])
    return [(month_date(int(cell)), int(n)) for cell, n in zip(cells, counts, strict=True)]


@dataclass(frozen=True, slots=True)
class Piece:
    """Entries of one tile that lie in the period; `by_day` where their days are days."""

    tile: Any
    codes: Numbers
    sub: NDArray[Any] | tuple[Block, slice]
    grain: Grain
    cell: NDArray[Any]
    code: NDArray[Any]
    n: NDArray[Any]

    def within(self, cell: NDArray[Any]) -> "Piece":
        """Set other cells."""
        return Piece(0, self.codes, self.sub, self.grain, cell, self.code, self.n)

    @property
    def month(self) -> Numbers:
        """Number the month of each entry."""
        if isinstance(self.sub, tuple):
            block, part = self.sub
            sub = np.repeat(block.subs, np.diff(block.starts))[part]
        else:
            sub = self.sub
        return sub.astype(np.int64) if self.grain is Grain.MONTH else months_of(sub)


def _pieces(
    source: Source,
    scope: int,
    z: int,
    tiles: Sequence[int],
    ask: Ask,
    *,
    spans: tuple[Span, ...] | None = None,
) -> Iterator[Piece]:
    """Fetch what answers an ask, and cut the period out of it."""
    spans = cover(*ask.days) if spans is None else spans
    wanted = {span.grain: [one for one in spans if one.grain is span.grain] for span in spans}
    addresses = [Address(source.name, scope, z, tile) for tile in tiles]
    known = cache.versions(addresses)
    rows = Question(source, scope, z, tiles, ask, spans).fetch(list(known))
    chunks = [_stored(known, row) for row in rows if row[0] == CHUNK]
    cache.keep(addresses, chunks)
    for stored in chunks:
        yield from _of_chunk(stored, wanted, ask)
    bare = {row[1] for row in rows if row[0] == ROWS}
    for row in rows:
        if row[0] == DELTA and row[7] is not None:
            yield from _of_delta(row[7], z, without=bare)
        elif row[0] == ROWS and row[7] is not None:
            yield _of_table(row[7], z, row[1])


def _stored(known: dict[int, Stored], row: Sequence[Any]) -> Stored:
    _kind, tile, detail, grain, bucket, tier, version, blob = row
    if blob is None:
        return known[version]
    return Stored(tile, Slot(detail, grain, bucket), tier, version, Block.of(blob))


def _of_chunk(stored: Stored, wanted: dict[Grain, list[Span]], ask: Ask) -> Iterator[Piece]:
    grain, block = Grain(stored.slot.grain), stored.block
    bounds = (
        [ask.days]
        if grain is Grain.FLAT
        else [
            (span.low, span.high)
            for span in wanted.get(grain, ())
            if span.buckets[0] <= stored.slot.bucket <= span.buckets[1]
        ]
    )
    for low, high in bounds:
        part = block.between(low, high)
        if part.start < part.stop:
            yield Piece(
                stored.tile,
                block.codes,
                (block, part),
                grain,
                block.cells[part].astype(np.int64),
                block.index[part],
                block.counts[part],
            )


def _of_delta(packed: Any, z: int, *, without: Iterable[int]) -> Iterator[Piece]:
    """Unpack the delta, but for tiles whose rows are read themselves."""
    rows = np.frombuffer(packed, PACKED)
    q, area, code, day, n = (rows[name].astype(np.int64) for name in PACKED.names or ())
    tile = tiles_of(q, z)
    entries = Entries.of(day, cells_of(q, area, z), code, n)
    kept = np.isin(tile, list(without), invert=True)
    if kept.any():
        some = entries.pick(kept)
        yield Piece(tile[kept], some.codes, some.sub, Grain.DAY, some.cell, some.code, some.n)


def _of_table(packed: Any, z: int, tile: int) -> Piece:
    """Unpack rows of the table; their days are no longer known, nor needed."""
    rows = np.frombuffer(packed, BARE)
    q, code = rows["q"].astype(np.int64), rows["code"].astype(np.int64)
    once = np.ones(len(q), dtype=np.int64)
    entries = Entries.of(once, cells_of(q, once, z), code, once)
    return Piece(tile, entries.codes, once, Grain.ALL, entries.cell, entries.code, entries.n)


def _sum(source: Source, ask: Ask, pieces: Iterable[Piece]) -> tuple[Numbers, Numbers, Numbers]:
    """Add up what matches by cell and kept facets: cells in order, codes, counts."""
    keep = source.mask(ask.kept(source))
    facets = (1 << source.bits) - 1
    parts = []
    for piece in pieces:
        fits = ask.matches(source, piece.codes & facets)
        if fits.any():
            parts.append((piece, fits, piece.codes & keep))
    if not parts:
        return _NONE
    codes = distinct(np.concatenate([kept[fits] for _piece, fits, kept in parts]))
    keys, numbers = [], []
    for piece, fits, kept in parts:
        sign = source.signs[piece.codes >> source.bits]
        cell, code, n = piece.cell, piece.code, piece.n
        if not fits.all():
            chosen = fits[code]
            cell, code, n = cell[chosen], code[chosen], n[chosen]
        keys.append(cell * len(codes) + np.searchsorted(codes, kept)[code])
        numbers.append(n if (sign == 1).all() else n * sign[code])
    key, n = _added(np.concatenate(keys), np.concatenate(numbers))
    cells, code = np.divmod(key, len(codes))
    return cells, codes[code], n


_NONE: Final = (_EMPTY, _EMPTY, _EMPTY)


def _added(key: Numbers, n: NDArray[Any]) -> tuple[Numbers, Numbers]:
    """Add up what has the same key, in order of the keys, without what comes to nothing."""
    if len(key) and key.max() < max(DENSE, 2 * len(key)):
        # Floats are exact to 2**53.
        sums = np.bincount(key, weights=n).astype(np.int64)
        found = np.flatnonzero(sums)
        return found, sums[found]
    order = np.argsort(key)
    ordered = key[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    sums = np.add.reduceat(n[order].astype(np.int64), starts) if len(starts) else n
    return ordered[starts][sums != 0], sums[sums != 0]


def _version(*arrays: NDArray[Any]) -> str:
    """Fingerprint the content: a fold changes nothing, so it keeps what caches hold."""
    digest = hashlib.blake2b(digest_size=12)
    for array in arrays:
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _rowwise(grid: int) -> NDArray[np.int32]:
    """Make the table from a cell's Morton number to row * side + column."""
    number = np.arange(1 << 2 * grid)
    x = sum(((number >> 2 * bit & 1) << bit for bit in range(grid)), np.zeros_like(number))
    y = sum(((number >> 2 * bit + 1 & 1) << bit for bit in range(grid)), np.zeros_like(number))
    return (y * (1 << grid) + x).astype(np.int32)


_ROWWISE: Final = tuple(_rowwise(grid) for grid in range(6))
