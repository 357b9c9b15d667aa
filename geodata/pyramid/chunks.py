"""The rows of heat_chunk: locked, loaded, written, taken away."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Final, NamedTuple

import numpy as np
from django.db import connection
from psycopg2.extras import execute_values  # type: ignore[import-untyped]  # it has none

from geodata import sql
from geodata.pyramid.block import Block, Entries, encode
from geodata.pyramid.question import PACK, PACKED
from geodata.pyramid.shape import Grain, Slot, cells_of, tiles_of
from geodata.pyramid.source import Numbers, Source

BATCH: Final = 500
_COLUMNS: Final = "source, scope, z, tile, detail, grain, bucket, tier, version, size, rows, blob"
_COPIED: Final = np.dtype(
    [("width", ">i2")]
    + [
        part
        for name, kind in (
            ("q", ">i8"),
            ("area", ">i8"),
            ("code", ">i8"),
            ("day", ">i4"),
            ("n", ">i4"),
        )
        for part in ((f"{name}_size", ">i4"), (name, kind))
    ]
)
"""One row of COPY's binary format, none of whose columns is NULL or of changing width."""

_COPY_HEAD: Final = 19
_COPY_TAIL: Final = 2


class Spot(NamedTuple):
    """Where a chunk lies within its source and scope."""

    z: int
    tile: int
    slot: Slot


class Mark(NamedTuple):
    """What is known of a tile that has chunks."""

    is_grained: bool
    rows: int


@dataclass(frozen=True, slots=True)
class Rows:
    """Entries of one scope before they are cut into tiles; `q` is -1 where there is no place."""

    q: Numbers
    area: Numbers
    entries: Entries

    @classmethod
    def of(cls, table: Any) -> "Rows":
        """Take a structured array with the columns of `PACKED`; sorted by `q`."""
        q = table["q"].astype(np.int64)
        order = np.argsort(q)
        area, code, day, n = (
            table[name].astype(np.int64)[order] for name in ("area", "code", "day", "n")
        )
        return cls(q[order], area, Entries.of(day, area, code, n))

    def __len__(self) -> int:
        return len(self.q)

    def level(self, z: int, within: slice = slice(None)) -> Iterator[tuple[int, slice]]:
        """Find each tile of a level and where its entries lie."""
        start = (
            (within.start or 0)
            if z < 0
            else max(within.start or 0, int(np.searchsorted(self.q, 0)))
        )
        stop = len(self.q) if within.stop is None else within.stop
        tiles = tiles_of(self.q[start:stop], z)
        starts = np.flatnonzero(np.diff(tiles, prepend=-1))
        for first, last in zip(starts, [*starts[1:], stop - start], strict=False):
            yield int(tiles[first]), slice(start + int(first), start + int(last))

    def within(self, keys: tuple[int, int]) -> slice:
        """Find the entries from the first Morton number, to before the second."""
        low, high = np.searchsorted(self.q, keys)
        return slice(int(low), int(high))

    def tile(self, z: int, part: slice) -> Entries:
        """Take the entries of one tile, in its cells."""
        some = self.entries.pick(part)
        cell = cells_of(self.q[part], self.area[part], z)
        return Entries(some.codes, some.sub, cell, some.code, some.n)

    def count(self, source: Source, part: slice) -> int:
        """Count the rows of the table behind entries, less those that went."""
        first = self.entries.codes >> source.bits == 0
        return int(self.entries.n[part][first[self.entries.code[part]]].sum())


_PATIENTLY: Final = (
    "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"
)
"""What a page must have in seconds, a fold may take its time for."""


def lock(source: Source, *, wait: bool) -> bool:
    """Become the one folder of a source until the transaction ends, which may now take its time.

    A TRUNCATE of the table waits for us, or we for it; writers never do.

    Returns:
        False where another one folds (only without `wait`).
    """
    with connection.cursor() as cursor:
        cursor.execute(_PATIENTLY)
        if wait:
            cursor.execute("SET LOCAL lock_timeout = 0")
        cursor.execute(f"LOCK TABLE {source.table} IN ACCESS SHARE MODE")
        way = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
        key = f"heat {source.name}"
        cursor.execute(f"SELECT {way}(hashtextextended(%s, 0))", [key])
        return wait or bool(cursor.fetchone()[0])


def analyze() -> None:
    """Tell the planner how the chunks look, which have all been made anew."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE heat_chunk")


def waiting(source: Source, least: int) -> bool:
    """Whether at least so many entries of the delta can be seen."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM heat_delta WHERE source = %s OFFSET %s LIMIT 1", [source.name, least - 1]
        )
        return cursor.fetchone() is not None


def take(source: Source) -> dict[int, Any]:
    """Remove the delta that can be seen; packed entries by scope."""
    statement = (
        f"WITH gone AS (DELETE FROM heat_delta WHERE source = %s RETURNING *)"  # noqa: S608  constant
        f" SELECT scope, {PACK} FROM gone GROUP BY scope"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [source.name])
        return {scope: np.frombuffer(packed, PACKED) for scope, packed in cursor.fetchall()}


def scopes(source: Source) -> list[int]:
    """Find every scope that has rows, delta or chunks."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT {source.scope} FROM {source.table}"  # noqa: S608  names of ours
            " UNION SELECT DISTINCT scope FROM heat_delta WHERE source = %(source)s"
            " UNION SELECT DISTINCT scope FROM heat_chunk WHERE source = %(source)s",
            {"source": source.name},
        )
        return sorted(row[0] for row in cursor.fetchall())


def gather(source: Source, scope: int, keys: Sequence[tuple[int, int]] = ()) -> Rows:
    """Read what chunks must hold: the table less the delta that still waits, in one snapshot.

    Args:
        source: the table.
        scope: the city.
        keys: Morton numbers, each from the first, to before the second; none: all, also what has
            no place.
    """
    within = " OR ".join(f"q >= {low} AND q < {high}" for low, high in keys)
    within = f" AND ({within})" if keys else ""
    where = f"r.{source.scope} = {int(scope)}" + within.replace("q ", f"r.{source.q} ")
    statement = (
        "COPY (SELECT coalesce(q, -1), area, code, day - DATE '1970-01-01', n::int"  # noqa: S608  ours
        f" FROM ({source.entries(source.table, where=where)} UNION ALL"
        " SELECT scope, q, area, code, day, -n FROM heat_delta"
        f" WHERE source = '{source.name}' AND scope = {int(scope)}{within}) e)"
        " TO STDOUT (FORMAT binary)"
    )
    buffer = BytesIO()
    with connection.cursor() as cursor:
        cursor.copy_expert(statement, buffer)
    size = buffer.tell() - _COPY_HEAD - _COPY_TAIL
    table = np.frombuffer(buffer.getbuffer(), _COPIED, size // _COPIED.itemsize, _COPY_HEAD)
    return Rows.of(table)


def marks(
    source: Source, scope: int, tiles: Iterable[tuple[int, int]]
) -> dict[tuple[int, int], Mark]:
    """Find which of some tiles (zoom, number) have chunks."""
    zs, numbers = zip(*tiles, strict=True)
    rows = sql.fetch(
        "heat_marks",
        {"source": source.name, "scope": scope, "zs": list(zs), "tiles": list(numbers)},
    )
    return {(row["z"], row["tile"]): Mark(row["grain"] == Grain.ALL, row["rows"]) for row in rows}


def load(
    source: Source, scope: int, spots: Sequence[tuple[Spot, int]]
) -> Iterator[dict[Spot, dict[int, Block | None]]]:
    """Load chunks that are to be changed, batch by batch.

    Args:
        source: the table.
        scope: the city.
        spots: chunks, each with how many entries are to be added.

    Yields:
        For a batch of chunks what is there by tier; None for one so large that nothing is to be
        merged into it yet.
    """
    for first in range(0, len(spots), BATCH):
        batch = spots[first : first + BATCH]
        columns = zip(*((spot.z, spot.tile, *spot.slot, size) for spot, size in batch), strict=True)
        names = ("zs", "tiles", "details", "grains", "buckets", "sizes")
        params = {"source": source.name, "scope": scope}
        params |= {name: list(column) for name, column in zip(names, columns, strict=True)}
        found: dict[Spot, dict[int, Block | None]] = {spot: {} for spot, _size in batch}
        for row in sql.fetch("heat_load", params):
            spot = Spot(row["z"], row["tile"], Slot(row["detail"], row["grain"], row["bucket"]))
            blob = row["blob"]
            found[spot][row["tier"]] = None if blob is None else Block.of(blob)
        yield found


@dataclass(slots=True)
class Writer:
    """Collects what is to be written of one source and scope, and writes it in batches."""

    source: Source
    scope: int
    written: list[tuple[Any, ...]] = field(default_factory=list)
    removed: list[tuple[Any, ...]] = field(default_factory=list)
    bytes: int = 0

    def put(self, spot: Spot, entries: Entries, *, tier: int = 0, rows: int = 0) -> None:
        """Write one chunk in the place of what was there."""
        blob = encode(entries, wide=spot.z < 0)
        place = (self.source.name, self.scope, spot.z, spot.tile, *spot.slot, tier)
        self.written.append((*place, secrets.randbits(63), len(entries), rows, blob))
        self.bytes += len(blob)
        if self.bytes > 8 * 2**20 or len(self.written) >= BATCH:
            self._write()

    def remove(self, spot: Spot, *, tier: int) -> None:
        """Take one chunk away."""
        self.removed.append((spot.z, spot.tile, *spot.slot, tier))

    def count(self, marked: dict[tuple[int, int], Mark]) -> None:
        """Set how many rows some tiles have."""
        values = [
            (z, tile, int(Grain.ALL if mark.is_grained else Grain.FLAT), mark.rows)
            for (z, tile), mark in marked.items()
        ]
        if values:
            self._run_values("heat_count", values)

    def clear(self, tiles: Sequence[tuple[int, int]] | None = None) -> None:
        """Take all chunks of some tiles away; None: of all."""
        if tiles is None:
            with connection.cursor() as cursor:
                cursor.execute(
                    "DELETE FROM heat_chunk WHERE source = %s AND scope = %s",
                    [self.source.name, self.scope],
                )
        elif tiles:
            self._run_values("heat_clear", tiles)

    def flush(self) -> None:
        """Write what waits."""
        self._write()
        if self.removed:
            self._run_values("heat_remove", self.removed)
            self.removed.clear()

    def _write(self) -> None:
        if not self.written:
            return
        with connection.cursor() as cursor:
            execute_values(
                cursor.cursor,
                f"INSERT INTO heat_chunk ({_COLUMNS}) VALUES %s"  # noqa: S608  constant
                " ON CONFLICT ON CONSTRAINT heat_chunk_pkey DO UPDATE SET"
                " version = excluded.version, size = excluded.size,"
                " rows = excluded.rows, blob = excluded.blob",
                self.written,
                page_size=BATCH,
            )
        self.written.clear()
        self.bytes = 0

    def _run_values(self, name: str, values: Sequence[tuple[Any, ...]]) -> None:
        """Run a statement over many rows of numbers."""
        with connection.cursor() as cursor:
            head = cursor.mogrify("%s, %s", [self.source.name, self.scope]).decode()
            text = sql.statement(name).replace("%(head)s", head)
            execute_values(cursor.cursor, text, values, page_size=10 * BATCH)
