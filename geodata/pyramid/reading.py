"""Read counts: chunks, and the delta since, in one statement; exact in its snapshot."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from geodata import sql
from geodata.pyramid import cache
from geodata.pyramid.block import Block, Entries, distinct
from geodata.pyramid.cache import Address, Stored
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
)
from geodata.pyramid.source import Ask, Numbers, Source
from geodata.tiles import KEY_ZOOM, Tile

PACKED: Final = np.dtype(
    [("q", ">i8"), ("area", ">i8"), ("code", ">i8"), ("day", ">i4"), ("n", ">i4")]
)
"""One entry as PostgreSQL packs it for us; `q` is -1 where there is no place."""

PACK: Final = (
    "string_agg(int8send(coalesce(q, -1)) || int8send(area) || int8send(code)"
    " || int4send(day - DATE '1970-01-01') || int4send(n::int), ''::bytea)"
)
"""The SQL that packs entries; psycopg2 would make a Python object of every number."""

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
    cells, codes, counts = spots[order], codes[order], counts[order]
    return Counts(cells, codes, counts, 1 << grid, _version(cells, codes, counts))


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
    rows = _fetch(source, scope, z, tiles, spans, ask, known=list(known))
    chunks = [_stored(known, row) for row in rows if row[0] == 0]
    cache.keep(addresses, chunks)
    for stored in chunks:
        yield from _of_chunk(stored, wanted, ask)
    bare = {row[1] for row in rows if row[0] == 2}  # noqa: PLR2004  a tile without chunks
    for row in rows:
        if row[0] and row[7] is not None:
            yield from _of_rows(row[7], z, without=bare if row[0] == 1 else frozenset())


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


def _of_rows(packed: Any, z: int, *, without: Iterable[int]) -> Iterator[Piece]:
    """Unpack entries of the delta or of the table, but for those of some tiles."""
    entries, tile = unpacked(packed, z)
    kept = np.isin(tile, list(without), invert=True)
    if kept.any():
        some = entries.pick(kept)
        yield Piece(tile[kept], some.codes, some.sub, Grain.DAY, some.cell, some.code, some.n)


def unpacked(packed: Any, z: int) -> tuple[Entries, Numbers]:
    """Read packed rows as entries of a level, and the tile of each."""
    rows = np.frombuffer(packed, PACKED)
    q, area, code, day, n = (rows[name].astype(np.int64) for name in PACKED.names or ())
    tile = np.zeros(len(q), dtype=np.int64) if z < 0 else q >> 2 * (KEY_ZOOM - z)
    return Entries.of(day, cells_of(q, area, z), code, n), tile


def _fetch(
    source: Source,
    scope: int,
    z: int,
    tiles: Sequence[int],
    spans: Sequence[Span],
    ask: Ask,
    *,
    known: list[int],
) -> list[tuple[Any, ...]]:
    detail = 0 if ask.is_coarse(source) else 1
    slots = [(0, int(Grain.FLAT), 0, 0), *((detail, int(s.grain), *s.buckets) for s in spans)]
    details, grains, lows, highs = (list(column) for column in zip(*slots, strict=True))
    params = {
        "source": source.name,
        "scope": scope,
        "z": z,
        "tiles": list(tiles),
        "details": details,
        "grains": grains,
        "lows": lows,
        "highs": highs,
        "known": known,
        "since": ask.since,
        "until": ask.until,
    }
    with connection.cursor() as cursor:
        cursor.execute(_statement(source, z, tiles, ask), params)
        return cursor.fetchall()


def _statement(source: Source, z: int, tiles: Sequence[int], ask: Ask) -> str:
    """Write the statement: keys are numbers of ours, everything else a parameter."""
    within, period = _ranges(source, z, tiles, ask)
    delta = (
        f"SELECT 1, 0, 0, 0, 0, 0, 0, {PACK} FROM heat_delta"  # noqa: S608  names of ours
        f" WHERE source = %(source)s AND scope = %(scope)s{within}{period}"
    )
    sparse = "" if z < 0 else "\n".join(_sparse(source, z, tile, period) for tile in tiles)
    return sql.statement("heat_read").format(delta=delta, sparse=sparse)


def _ranges(source: Source, z: int, tiles: Sequence[int], ask: Ask) -> tuple[str, str]:
    size = 2 * (KEY_ZOOM - z)
    low, high = tiles[0] << size, tiles[-1] + 1 << size
    within = "" if z < 0 else f" AND q >= {low} AND q < {high}"
    since = " AND day >= %(since)s" if ask.since else ""
    return within, since + (" AND day <= %(until)s" if ask.until else "")


def _sparse(source: Source, z: int, tile: int, period: str) -> str:
    """Write the arm that reads the rows of a tile, unless it has chunks: then nothing is read."""
    size = 2 * (KEY_ZOOM - z)
    where = (
        f"r.{source.scope} = %(scope)s AND r.{source.q} >= {tile << size}"
        f" AND r.{source.q} < {tile + 1 << size}"
    )
    # The area would need the table itself; without it the covering index answers.
    bare = source.entries(source.table, where=where).replace(
        f"coalesce(r.{source.area}, 0)::bigint AS area", "0::bigint AS area"
    )
    return (
        f"UNION ALL SELECT 2, {tile}, 0, 0, 0, 0, 0,"  # noqa: S608  names and numbers of ours
        f" (SELECT {PACK} FROM ({bare}) e WHERE true{period})"
        " WHERE NOT EXISTS (SELECT 1 FROM heat_chunk m WHERE m.source = %(source)s"
        f" AND m.scope = %(scope)s AND m.z = {z} AND m.tile = {tile} AND m.detail = 0"
        f" AND m.grain IN ({Grain.ALL:d}, {Grain.FLAT:d}) AND m.bucket = 0 AND m.tier = 0)"
    )


def _sum(
    source: Source, ask: Ask, pieces: Iterable[Piece]
) -> tuple[NDArray[np.int32], Numbers, Numbers]:
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


_NONE: Final = tuple(np.zeros(0, dtype=np.int64) for _column in range(3))


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
