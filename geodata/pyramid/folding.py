"""Compaction: the delta goes into chunks, chunks into larger ones; nobody waits for it.

Every chunk holds the table less the delta that waits, as of one snapshot: whoever reads chunks and
delta together is right before, during and after. One transaction, one folder at a time.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection, transaction

from geodata import sql
from geodata.pyramid import chunks
from geodata.pyramid.block import Block, Entries, joined, summed
from geodata.pyramid.chunks import Mark, Rows, Spot, Writer
from geodata.pyramid.shape import (
    LEVELS,
    MARKS,
    TOTALS,
    ZOOMS,
    Grain,
    Slot,
    grained,
)
from geodata.pyramid.source import Source
from geodata.tiles import KEY_ZOOM

SHARE: Final = 5
"""A delta of more than a fifth of the rows is not merged: all is built again, sooner done."""

TOGETHER: Final = 64
"""So many tiles are read again at a time: each time the whole delta is looked through."""

Tile = tuple[int, int]
"""Zoom and number."""

Tiers = dict[int, Block | None]
Additions = Mapping[Spot, Entries]
BY_DAY: Final = Slot(0, Grain.FLAT, 0)
"""The chunk that every reader reads, whatever the period: all of a flat tile, or a patch."""


def fold(source: Source, *, wait: bool = False, least: int = 1) -> int:
    """Put the delta into the chunks; one transaction.

    Args:
        source: the table.
        wait: until another folder is done; else leave it to that one.
        least: how many entries it must be worth; a chunk is written once for all of them.

    Returns:
        How many entries were taken.
    """
    with transaction.atomic():
        if not chunks.waiting(source, least) or not chunks.lock(source, wait=wait):
            return 0
        taken = chunks.take(source)
        for scope, table in taken.items():
            rows = Rows.of(table)
            top = chunks.marks(source, scope, [(TOTALS, 0)]).get((TOTALS, 0))
            if top is None or len(rows) * SHARE > top.rows:
                build(source, scope)
            else:
                Fold(source, scope, rows).run()
        return sum(map(len, taken.values()))


def rebuild(source: Source) -> int:
    """Build all chunks again from the table, beside those that are read until the commit.

    Returns:
        How many rows the table's chunks count now.
    """
    with transaction.atomic():
        chunks.lock(source, wait=True)
        chunks.take(source)
        return sum(build(source, scope) for scope in chunks.scopes(source))


@contextmanager
def bulk(source: Source) -> Iterator[None]:
    """Fold what a bulk load has added before its transaction ends: readers never meet its delta.

    Whatever the size of the load; it is counted in the commit that brings it, or not at all.
    """
    with transaction.atomic():
        yield
        fold(source, wait=True)


def build(source: Source, scope: int) -> int:
    """Build all chunks of one scope again; the caller holds the lock."""
    rows = chunks.gather(source, scope)
    writer = Writer(source, scope)
    writer.clear()
    for z in LEVELS:
        _plant(writer, rows, z)
    writer.flush()
    chunks.analyze()
    return rows.count(source, slice(None)) if len(rows) else 0


def _plant(writer: Writer, rows: Rows, z: int, within: slice = slice(None)) -> None:
    """Make the chunks of every tile of a level that has rows enough."""
    for tile, part in rows.level(z, within):
        count = rows.count(writer.source, part)
        if count >= (writer.source.limits.stored if z >= 0 else 1):
            _plant_tile(writer, (z, tile), rows.tile(z, part), count)


def _plant_tile(writer: Writer, tile: Tile, entries: Entries, count: int) -> None:
    source = writer.source
    cut = grained(entries, mask=source.coarse_mask, is_grained=count >= source.limits.grained)
    for slot, part in cut:
        writer.put(Spot(*tile, slot), part, rows=count if slot in MARKS else 0)


@dataclass(slots=True)
class Fold:
    """One fold of the delta of one scope.

    To a tile with grains little is added by a patch: one chunk, of entries by day, beside all of
    them. What outgrows the patch goes into the grains.
    """

    source: Source
    scope: int
    rows: Rows
    writer: Writer = field(init=False)
    marked: dict[Tile, Mark] = field(default_factory=dict)
    additions: dict[Spot, Entries] = field(default_factory=dict)
    frontier: list[Tile] = field(default_factory=list)
    reshaped: list[Tile] = field(default_factory=list)
    dropped: list[Tile] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.writer = Writer(self.source, self.scope)

    def run(self) -> None:
        """Sort the delta into tiles, then merge, replant, promote and drop."""
        touched = [(z, tile, part) for z in LEVELS for tile, part in self.rows.level(z)]
        stored = chunks.marks(self.source, self.scope, [(z, tile) for z, tile, _part in touched])
        for z, tile, part in touched:
            self._sort((z, tile), part, stored)
        self._merge()
        self.writer.flush()
        self.writer.count(self.marked)
        self.writer.clear([*self.dropped, *self.reshaped])
        self._replant()
        self._promote()
        self.writer.flush()

    def _sort(self, tile: Tile, part: slice, stored: dict[Tile, Mark]) -> None:
        """Decide what becomes of one tile."""
        z, number = tile
        change = self.rows.count(self.source, part)
        mark = stored.get(tile)
        if mark is None:
            parent = (z - 2, number >> 4) if z else (TOTALS, 0)
            if change > 0 and parent in stored:
                self.frontier.append(tile)
            return
        count = mark.rows + change
        limits = self.source.limits
        if z >= 0 and count < limits.dropped:
            self.dropped.append(tile)
        elif count < limits.flattened if mark.is_grained else count >= limits.grained:
            self.reshaped.append(tile)
        else:
            self.marked[tile] = Mark(mark.is_grained, count)
            added = summed(self.rows.tile(z, part))
            if len(added):
                self.additions[Spot(*tile, BY_DAY)] = added

    def _merge(self) -> None:
        """Add to flat chunks and to patches, then to the grains what a patch cannot hold."""
        outgrown: dict[Spot, Entries] = {}
        for spot, tiers, added in self._loaded(self.additions):
            if self.marked[spot.z, spot.tile].is_grained:
                outgrown |= self._patch(spot, tiers, added)
            else:
                self._merge_one(spot, tiers, added)
        for spot, tiers, added in self._loaded(outgrown):
            self._merge_one(spot, tiers, added)

    def _loaded(self, additions: Additions) -> Iterator[tuple[Spot, Tiers, Entries]]:
        """Load what is to be changed, each with what is added to it."""
        wanted = [(spot, len(some)) for spot, some in additions.items()]
        for batch in chunks.load(self.source, self.scope, wanted):
            for spot, tiers in batch.items():
                yield spot, tiers, additions[spot]

    def _patch(self, spot: Spot, tiers: Tiers, added: Entries) -> dict[Spot, Entries]:
        """Add to a patch; returns what must go into the grains in its place."""
        present = [block.entries for block in tiers.values() if block is not None]
        merged = summed(joined([added, *present]))
        if 0 < len(merged) <= self.source.limits.patched:
            self.writer.put(spot, merged, tier=1)
            return {}
        if tiers:
            self.writer.remove(spot, tier=1)
        cut = grained(merged, mask=self.source.coarse_mask, is_grained=True)
        return {Spot(spot.z, spot.tile, slot): some for slot, some in cut if len(some)}

    def _merge_one(self, spot: Spot, tiers: Tiers, added: Entries) -> None:
        """Add to a chunk, or where it is far larger, to what has been added to it before."""
        tier = 1 if 0 in tiers and tiers[0] is None else 0
        present = [block.entries for block in tiers.values() if block is not None]
        merged = summed(joined([added, *present]))
        mark = self.marked[spot.z, spot.tile]
        if tier == 0 and 1 in tiers:
            self.writer.remove(spot, tier=1)
        if len(merged) or (tier == 0 and spot.slot in MARKS):
            rows = mark.rows if tier == 0 and spot.slot in MARKS else 0
            self.writer.put(spot, merged, tier=tier, rows=rows)
        elif tier in tiers:
            self.writer.remove(spot, tier=tier)

    def _replant(self) -> None:
        """Make tiles again whose shape has changed."""
        for tile, rows, part in self._gathered(self.reshaped):
            entries = rows.tile(tile[0], part)
            if len(entries):
                _plant_tile(self.writer, tile, entries, rows.count(self.source, part))

    def _promote(self) -> None:
        """Give chunks to tiles that have rows enough now, and to their children."""
        for (z, _number), rows, part in self._gathered(self._full()):
            for zoom in ZOOMS[ZOOMS.index(z) :]:
                _plant(self.writer, rows, zoom, part)

    def _gathered(self, tiles: Sequence[Tile]) -> Iterator[tuple[Tile, Rows, slice]]:
        """Read tiles from the table: each with rows, and which of these are its own."""
        for above in (tile for tile in tiles if tile[0] < 0):
            yield above, chunks.gather(self.source, self.scope), slice(None)
        below = [tile for tile in tiles if tile[0] >= 0]
        for first in range(0, len(below), TOGETHER):
            keys = {tile: _keys(*tile) for tile in below[first : first + TOGETHER]}
            rows = chunks.gather(self.source, self.scope, list(keys.values()))
            yield from ((tile, rows, rows.within(one)) for tile, one in keys.items())

    def _full(self) -> Sequence[Tile]:
        """Ask the table which tiles of the frontier are full."""
        if not self.frontier:
            return []
        lows, highs = zip(*(_keys(z, number) for z, number in self.frontier), strict=True)
        zs, numbers = zip(*self.frontier, strict=True)
        params: dict[str, Any] = {
            "scope": self.scope,
            "zs": list(zs),
            "tiles": list(numbers),
            "lows": list(lows),
            "highs": list(highs),
            "least": self.source.limits.stored - 1,
        }
        text = sql.statement("heat_frontier").format(
            table=self.source.table, scope=self.source.scope, q=self.source.q
        )
        with connection.cursor() as cursor:
            cursor.execute(text, params)
            return list(cursor.fetchall())


def _keys(z: int, number: int) -> tuple[int, int]:
    """The Morton numbers of a tile of the map."""
    size = 2 * (KEY_ZOOM - z)
    return number << size, number + 1 << size
