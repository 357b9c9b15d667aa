"""Compare the chunks with the table, in full or at a glance."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import numpy as np
from django.db import connection, transaction

from geodata import sql
from geodata.pyramid import chunks
from geodata.pyramid.block import Block, Entries, joined, summed
from geodata.pyramid.shape import LEVELS, MARKS, Grain, Slot, grained
from geodata.pyramid.source import Source

PAGE = 200


def differences(source: Source, *, scope: int | None = None) -> list[str]:
    """Name every chunk that does not hold what the table holds, with what it sums to.

    Args:
        source: the table.
        scope: one city; None: all.
    """
    with transaction.atomic():
        chunks.lock(source, wait=True)
        wanted = chunks.scopes(source) if scope is None else [scope]
        return [words for one in wanted for words in _of_scope(source, one)]


def drifted(source: Source) -> bool:
    """Whether table and pyramid count differently: one look at the totals, after a restore say."""
    text = sql.statement("heat_drift").format(entries=source.entries(source.table))
    with transaction.atomic():
        chunks.lock(source, wait=True)
        held: dict[tuple[int, int], int] = {}
        with connection.cursor() as cursor:
            cursor.execute(text, {"source": source.name})
            counted = {(scope, code): int(n) for scope, code, n in cursor.fetchall() if n}
        for scope in chunks.scopes(source):
            for code, n in _totals(source, scope):
                held[scope, code] = held.get((scope, code), 0) + n
    return counted != {key: n for key, n in held.items() if n}


def _totals(source: Source, scope: int) -> Iterator[tuple[int, int]]:
    for z, _tile, found in _tiles(source, scope, only=LEVELS[0]):
        del z
        slots = [slot for slot in found if slot in MARKS or slot.grain == Grain.FLAT]
        whole = Slot(1, Grain.ALL, 0)
        entries = found[whole] if whole in found else joined([found[slot] for slot in slots])
        yield from zip(
            entries.codes[entries.code].tolist(), np.asarray(entries.n).tolist(), strict=True
        )


def _of_scope(source: Source, scope: int) -> Iterator[str]:
    rows = chunks.gather(source, scope)
    expected = {
        (z, tile): part
        for z in LEVELS
        for tile, part in rows.level(z)
        if z < 0 or rows.count(source, part) > 0
    }
    seen = set()
    for z, tile, found in _tiles(source, scope):
        seen.add((z, tile))
        part = expected.get((z, tile), slice(0, 0))
        for words in _of_tile(source, rows.tile(z, part), found):
            yield f"{source.name} {scope} z{z}/{tile}: {words}"
    for z, tile in expected.keys() - seen:
        if rows.count(source, expected[z, tile]) >= (source.limits.stored if z >= 0 else 1):
            yield f"{source.name} {scope} z{z}/{tile}: has no chunks"


def _of_tile(source: Source, entries: Entries, found: dict[Slot, Entries]) -> Iterator[str]:
    is_grained = Slot(0, Grain.FLAT, 0) not in found
    right = dict(grained(entries, mask=source.coarse_mask, is_grained=is_grained))
    for slot in sorted(right.keys() | found.keys()):
        ours, true = found.get(slot), right.get(slot)
        if not _same(ours, true):
            sums = tuple(0 if one is None else int(np.sum(one.n)) for one in (ours, true))
            kind = f"{'fine' if slot.detail else 'coarse'} {Grain(slot.grain).name.lower()}"
            yield f"{kind} {slot.bucket} sums to {sums[0]}, the rows to {sums[1]}"


def _same(ours: Entries | None, true: Entries | None) -> bool:
    return np.array_equal(_plain(ours), _plain(true))


def _plain(entries: Entries | None) -> Any:
    if entries is None or not len(entries):
        return np.zeros((4, 0), dtype=np.int64)
    return np.array([entries.sub, entries.cell, entries.codes[entries.code], entries.n], np.int64)


def _tiles(
    source: Source, scope: int, *, only: int | None = None
) -> Iterator[tuple[int, int, dict[Slot, Entries]]]:
    """Read the stored chunks tile by tile, each with what was added to it, patches too."""
    for key, group in groupby(_stored(source, scope, only), key=lambda row: row[:2]):
        blocks: dict[Slot, list[Entries]] = {}
        for _z, _tile, detail, grain, bucket, blob in group:
            blocks.setdefault(Slot(detail, grain, bucket), []).append(Block.of(blob).entries)
        if MARKS[0] in blocks and MARKS[1] in blocks:
            patch = joined(blocks.pop(MARKS[1]))
            for slot, part in grained(patch, mask=source.coarse_mask, is_grained=True):
                blocks.setdefault(slot, []).append(part)
        yield (*key, {slot: summed(joined(parts)) for slot, parts in blocks.items()})


def _stored(source: Source, scope: int, only: int | None) -> Iterator[tuple[Any, ...]]:
    """Read chunks in order of their tiles, page by page of tiles' zoom."""
    for z in LEVELS if only is None else (only,):
        last = -1
        while True:
            params = {"source": source.name, "scope": scope, "z": z, "last": last, "page": PAGE}
            rows = sql.fetch("heat_page", params)
            yield from (tuple(row.values()) for row in rows)
            if not rows:
                break
            last = rows[-1]["tile"]
