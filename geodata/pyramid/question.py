"""The one statement of a read: chunks, the delta since, and rows where there are no chunks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from django.db import connection

from geodata import sql
from geodata.pyramid.shape import Grain, Span
from geodata.pyramid.source import Ask, Source
from geodata.tiles import KEY_ZOOM

CHUNK, DELTA, ROWS = range(3)
"""What a row of the answer is."""

PACKED: Final = np.dtype(
    [("q", ">i8"), ("area", ">i8"), ("code", ">i8"), ("day", ">i4"), ("n", ">i4")]
)
"""One entry as PostgreSQL packs it for us; `q` is -1 where there is no place."""

PACK: Final = (
    "string_agg(int8send(coalesce(q, -1)) || int8send(area) || int8send(code)"
    " || int4send(day - DATE '1970-01-01') || int4send(n::int), ''::bytea)"
)
"""The SQL that packs entries; psycopg2 would make a Python object of every number."""

BARE: Final = np.dtype([("q", ">i8"), ("code", ">i8")])
"""One row of the table that matches, packed: more is not needed of it."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of which tiles of a level: neighbours, one behind the other."""

    source: Source
    scope: int
    z: int
    tiles: Sequence[int]
    ask: Ask
    spans: tuple[Span, ...]

    def fetch(self, known: list[int]) -> list[tuple[Any, ...]]:
        """Ask; rows as in `heat_read.sql`.

        Args:
            known: versions of chunks that need not be sent.
        """
        detail = 0 if self.ask.is_coarse(self.source) else 1
        slots = [
            (0, int(Grain.FLAT), 0, 0),
            *((detail, int(span.grain), *span.buckets) for span in self.spans),
        ]
        columns = (list(column) for column in zip(*slots, strict=True))
        params: dict[str, Any] = dict(
            zip(("details", "grains", "lows", "highs"), columns, strict=True)
        )
        params |= {
            "source": self.source.name,
            "scope": self.scope,
            "z": self.z,
            "tiles": list(self.tiles),
            "known": known,
            "since": self.ask.since,
            "until": self.ask.until,
        }
        with connection.cursor() as cursor:
            cursor.execute(self.statement, params)
            return list(cursor.fetchall())

    @property
    def statement(self) -> str:
        """The statement; Morton numbers and codes are numbers of ours, the rest are parameters."""
        low, high = _keys(self.z, self.tiles[0])[0], _keys(self.z, self.tiles[-1])[1]
        within = "" if self.z < 0 else f" AND q >= {low} AND q < {high}"
        delta = (
            f"SELECT {DELTA}, 0, 0, 0, 0, 0, 0, {PACK} FROM heat_delta"  # noqa: S608  names of ours
            f" WHERE source = %(source)s AND scope = %(scope)s{within}{self._period('day')}"
        )
        rows = "" if self.z < 0 else self._rows()
        return sql.statement("heat_read").format(delta=delta, rows=rows)

    def _period(self, column: str) -> str:
        since = f" AND {column} >= %(since)s" if self.ask.since else ""
        return since + (f" AND {column} <= %(until)s" if self.ask.until else "")

    def _rows(self) -> str:
        """Write the arm that reads rows of tiles; of one with chunks, nothing is read."""
        source = self.source
        # Joined, not spelled out: a plan for named numbers costs more to make than to run, and
        # looks so dear that PostgreSQL would compile it.
        where = (
            f"FROM {source.table} r WHERE r.{source.scope} = %(scope)s"
            f" AND r.{source.q} >= a.low AND r.{source.q} < a.high{self._facets()}"
        )
        # Only columns of the covering index: the table itself is not visited.
        entries = " UNION ALL ".join(
            f"SELECT r.{source.q} AS q, {index << source.bits}::bigint | {source.code('r.')}"
            f" AS code {where} AND r.{column} IS NOT NULL{self._period(f'r.{column}')}"
            for index, (column, _sign) in enumerate(source.days)
        )
        tiles = ", ".join(str((tile, *_keys(self.z, tile))) for tile in self.tiles)
        return (
            f"UNION ALL SELECT {ROWS}, a.tile, 0, 0, 0, 0, 0,"  # noqa: S608  names, numbers of ours
            f" (SELECT string_agg(int8send(q) || int8send(code), ''::bytea) FROM ({entries}) e)"
            f" FROM (VALUES {tiles}) AS a (tile, low, high)"
            " WHERE NOT EXISTS (SELECT 1 FROM heat_chunk m WHERE m.source = %(source)s"
            f" AND m.scope = %(scope)s AND m.z = {self.z} AND m.tile = a.tile AND m.detail = 0"
            f" AND m.grain IN ({Grain.ALL:d}, {Grain.FLAT:d}) AND m.bucket = 0 AND m.tier = 0)"
        )

    def _facets(self) -> str:
        clauses = []
        for name, values in self.ask.facets.items():
            column = self.source.facet(name).column
            listed = ", ".join(str(int(value)) for value in values) or "NULL"
            clauses.append(f" AND coalesce(r.{column}::int, 0) IN ({listed})")
        return "".join(clauses)


def _keys(z: int, tile: int) -> tuple[int, int]:
    size = 2 * (KEY_ZOOM - max(z, 0))
    return tile << size, tile + 1 << size
