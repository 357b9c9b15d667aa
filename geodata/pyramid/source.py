"""What a pyramid stands on: a table's columns, packed facets, and what a reader asks for."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]


class UnknownFacet(LookupError):
    """A source has no facet of that name: a fault of the program."""


EPOCH: Final = date(1970, 1, 1)
"""Days are numbered from here, as numpy's do."""


@dataclass(frozen=True, slots=True)
class Facet:
    """A column by which readers filter: whole numbers from 0 in so many bits; NULL counts as 0."""

    column: str
    bits: int

    @property
    def name(self) -> str:
        """What readers call it: the column without `_id`."""
        return self.column.removesuffix("_id")


@dataclass(frozen=True, slots=True)
class Limits:
    """Numbers of rows at which a tile changes its shape; each way another one, against fluttering.

    Attributes:
        stored: from so many on it has chunks; the index answers for fewer.
        dropped: below so many it loses them.
        grained: from so many on it has a chunk for every grain.
        flattened: below so many it has one chunk again.
        patched: up to so many entries that were added wait beside the grains, in one chunk.
    """

    stored: int = 4096
    dropped: int = 2048
    grained: int = 16384
    flattened: int = 8192
    patched: int = 2048


@dataclass(frozen=True, slots=True)
class Source:
    """A table whose rows are counted.

    A row enters once for each of its day columns that is not NULL, with that column's sign. The
    first day column has the sign 1 and is never NULL: its entries count the rows.

    Attributes:
        name: its key among the chunks and the delta.
        table: the table.
        scope: column of whole numbers that keeps cities apart.
        facets: packed into one code, the first in the highest bits.
        area: column of the area's key; NULL counts as 0.
        q: column of the Morton number (`tiles.key`); NULL is counted, but lies on no tile.
        days: columns of dates, each with its sign.
        coarse: how many of the first facets are also counted without the others: whoever asks for
            no more than these reads much less.
        limits: when its tiles have chunks.
    """

    name: str
    table: str
    scope: str
    facets: tuple[Facet, ...]
    area: str = "area"
    q: str = "q"
    days: tuple[tuple[str, int], ...] = (("day", 1),)
    coarse: int = 1
    limits: Limits = Limits()

    @property
    def bits(self) -> int:
        """How wide all facets are together."""
        return sum(facet.bits for facet in self.facets)

    def facet(self, name: str) -> Facet:
        """Find a facet by its name.

        Raises:
            UnknownFacet: there is none of that name.
        """
        for facet in self.facets:
            if facet.name == name:
                return facet
        raise UnknownFacet(name)

    def shift(self, name: str) -> int:
        """Say how far from the lowest bit a facet lies."""
        after = self.facets[self.facets.index(self.facet(name)) + 1 :]
        return sum(facet.bits for facet in after)

    def unpack(self, codes: Numbers, column: str) -> Numbers:
        """Take one facet out of packed codes."""
        name = column.removesuffix("_id")
        return codes >> self.shift(name) & (1 << self.facet(name).bits) - 1

    def mask(self, names: Collection[str]) -> int:
        """Make the bits of some facets."""
        return sum((1 << self.facet(name).bits) - 1 << self.shift(name) for name in names)

    @property
    def coarse_mask(self) -> int:
        """The bits that coarse chunks keep: the first facets, and which day it was."""
        fine = sum(facet.bits for facet in self.facets[self.coarse :])
        return -1 << fine

    @property
    def signs(self) -> Numbers:
        """Sign of each day column."""
        return np.array([sign for _column, sign in self.days], dtype=np.int64)

    def code(self, row: str = "") -> str:
        """Write the SQL that packs the facets of a row; `row` is its alias with a dot."""
        # Every cast is paid for by each row that is written; only a boolean needs one on its way.
        parts = [
            f"coalesce({row}{facet.column}{'::int' if facet.bits == 1 else ''}::bigint, 0)"
            f" << {self.shift(facet.name)}"
            for facet in self.facets
        ]
        return " | ".join(f"({part})" for part in parts)

    def entries(self, rows: str, *, sign: int = 1, where: str = "true") -> str:
        """Write the SQL of all entries of some rows: scope, q, area, code, day, n.

        Args:
            rows: a table, transition table or subquery with the columns of the source.
            sign: -1 where the rows go away.
            where: what must hold of a row `r`.
        """
        return " UNION ALL ".join(
            f"SELECT r.{self.scope}::bigint AS scope, r.{self.q}::bigint AS q,"  # noqa: S608  names of ours
            f" coalesce(r.{self.area}, 0)::bigint AS area,"
            f" {f'{index << self.bits}::bigint | ' if index else ''}{self.code('r.')} AS code,"
            f" r.{column} AS day, {sign} AS n"
            f" FROM {rows} r WHERE r.{column} IS NOT NULL AND ({where})"
            for index, (column, _sign) in enumerate(self.days)
        )


@dataclass(frozen=True, slots=True)
class Ask:
    """What of a source is asked for.

    Attributes:
        facets: for each facet by name the values that count; a facet that is not named: all.
        since: first day that counts.
        until: last day that counts.
        by: facets by which the answer is told apart; default: all. Naming few makes the answer
            short, and naming coarse ones alone makes it cheap.
    """

    facets: Mapping[str, Collection[int]] = field(default_factory=dict)
    since: date | None = None
    until: date | None = None
    by: Collection[str] | None = None

    @property
    def days(self) -> tuple[int | None, int | None]:
        """First day, and day after the last, as numbers from 1970-01-01; None: without end."""
        low = None if self.since is None else (self.since - EPOCH).days
        return low, None if self.until is None else (self.until - EPOCH).days + 1

    def is_coarse(self, source: Source) -> bool:
        """Whether the coarse counts can answer."""
        needed = {name.removesuffix("_id") for name in self.facets} | set(self.kept(source))
        return needed <= {facet.name for facet in source.facets[: source.coarse]}

    def kept(self, source: Source) -> tuple[str, ...]:
        """Name the facets that the answer tells apart."""
        if self.by is None:
            return tuple(facet.name for facet in source.facets)
        return tuple(name.removesuffix("_id") for name in self.by)

    def matches(self, source: Source, codes: Numbers) -> NDArray[np.bool_]:
        """Say of packed codes which ones count."""
        wanted = np.ones(len(codes), dtype=np.bool_)
        for name, values in self.facets.items():
            allowed = np.fromiter((int(value) for value in values), dtype=np.int64)
            wanted &= np.isin(source.unpack(codes, name), allowed)
        return wanted
