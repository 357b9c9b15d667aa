"""Compaction: the delta goes into chunks, chunks into larger ones; nobody waits for it.

Every chunk holds the table less the delta that waits, as of one snapshot: whoever reads chunks and
delta together is right before, during and after. One transaction, one folder at a time.
"""

from collections.abc import Iterable, Iterator
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
    grained,
)
from geodata.pyramid.source import Source
from geodata.tiles import KEY_ZOOM

SHARE: Final = 5
"""A delta of more than a fifth of the rows is not merged: all is built again, sooner done."""

Tile = tuple[int, int]
"""Zoom and number."""


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
        _patiently()
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
        _patiently()
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


def _patiently() -> None:
    """Let a statement take its time, and the work between two."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"
        )


def build(source: Source, scope: int) -> int:
    """Build all chunks of one scope again; the caller holds the lock."""
    rows = chunks.gather(source, scope)
    writer = Writer(source, scope)
    writer.clear()
    for z in LEVELS:
        _plant(writer, rows, z)
    writer.flush()
    return rows.count(source, slice(None)) if len(rows) else 0


def _plant(writer: Writer, rows: Rows, z: int) -> None:
    """Make the chunks of every tile of a level that has rows enough."""
    for tile, part in rows.level(z):
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
    """One fold of the delta of one scope."""

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
            self._add(tile, part, is_grained=mark.is_grained)

    def _add(self, tile: Tile, part: slice, *, is_grained: bool) -> None:
        entries = self.rows.tile(tile[0], part)
        for slot, some in grained(entries, mask=self.source.coarse_mask, is_grained=is_grained):
            if len(some):
                self.additions[Spot(*tile, slot)] = some

    def _merge(self) -> None:
        wanted = [(spot, len(some)) for spot, some in self.additions.items()]
        for batch in chunks.load(self.source, self.scope, wanted):
            for spot, tiers in batch.items():
                self._merge_one(spot, tiers, self.additions[spot])

    def _merge_one(self, spot: Spot, tiers: dict[int, Block | None], added: Entries) -> None:
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
        for z, number in self.reshaped:
            rows = chunks.gather(self.source, self.scope, _keys(z, number))
            if len(rows):
                entries = rows.tile(z, slice(None))
                _plant_tile(self.writer, (z, number), entries, rows.count(self.source, slice(None)))

    def _promote(self) -> None:
        """Give chunks to tiles that have rows enough now, and to their children."""
        for z, number in self._full():
            rows = chunks.gather(self.source, self.scope, _keys(z, number))
            for zoom in ZOOMS[ZOOMS.index(z) :]:
                _plant(self.writer, rows, zoom)

    def _full(self) -> Iterable[Tile]:
        """Ask the table which tiles of the frontier are full."""
        if not self.frontier:
            return []
        lows, highs = zip(*(_keys(z, number) or (0, 0) for z, number in self.frontier), strict=True)
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


def _keys(z: int, number: int) -> tuple[int, int] | None:
    """The Morton numbers of a tile; None above the map."""
    if z not in ZOOMS:
        return None
    size = 2 * (KEY_ZOOM - z)
    return number << size, number + 1 << size
