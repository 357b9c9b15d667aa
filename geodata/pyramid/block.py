"""Sparse vectors of counts, sorted by day, cell and code; and their bytes.

An entry says: on this day (or month, or year), in this cell, of this code there are n. Cells are
numbered in Morton order within their tile.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from geodata.pyramid.source import Numbers

Dtypes = dict[int, np.dtype[Any]]
_HEADER: Final = struct.Struct("<BBBxIII")
_CELLS: Final[Dtypes] = {2: np.dtype("<u2"), 8: np.dtype("<i8")}
_INDEX: Final[Dtypes] = {1: np.dtype("<u1"), 2: np.dtype("<u2"), 4: np.dtype("<u4")}
_COUNTS: Final[Dtypes] = {
    1: np.dtype("<i1"),
    2: np.dtype("<i2"),
    4: np.dtype("<i4"),
    8: np.dtype("<i8"),
}


def distinct(numbers: NDArray[Any]) -> NDArray[Any]:
    """Sort and keep one of each (numpy's own `unique` hashes, which is ten times as slow)."""
    ordered = np.sort(numbers)
    return ordered[_heads(ordered)]


def _heads(ordered: NDArray[Any]) -> NDArray[np.bool_]:
    """Mark the first of each run of equal numbers."""
    heads = np.empty(len(ordered), dtype=np.bool_)
    heads[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=heads[1:])
    return heads


@dataclass(frozen=True, slots=True)
class Entries:
    """Counts side by side; `code` points into `codes`, which is sorted. In no order."""

    codes: Numbers
    sub: NDArray[Any]
    cell: NDArray[Any]
    code: NDArray[Any]
    n: NDArray[Any]

    @classmethod
    def of(cls, sub: Numbers, cell: Numbers, code: Numbers, n: Numbers) -> Self:
        """Take packed codes and make them point into a list."""
        codes = distinct(code)
        return cls(codes, sub, cell, np.searchsorted(codes, code), n)

    def __len__(self) -> int:
        return len(self.sub)

    def pick(self, which: Any) -> Self:
        """Keep some: a slice, a mask or positions."""
        return type(self)(
            self.codes, self.sub[which], self.cell[which], self.code[which], self.n[which]
        )

    def coarse(self, mask: int) -> Self:
        """Forget the facets outside a mask."""
        kept = self.codes & mask
        codes = distinct(kept)
        return type(self)(
            codes, self.sub, self.cell, np.searchsorted(codes, kept)[self.code], self.n
        )

    def timed(self, sub: NDArray[Any]) -> Self:
        """Set other days."""
        return type(self)(self.codes, sub, self.cell, self.code, self.n)


def joined(parts: Iterable[Entries]) -> Entries:
    """Put entries behind each other."""
    parts = list(parts)
    if len(parts) == 1:
        return parts[0]
    codes = distinct(np.concatenate([part.codes for part in parts]))
    return Entries(
        codes,
        np.concatenate([part.sub for part in parts]).astype(np.int64),
        np.concatenate([part.cell for part in parts]).astype(np.int64),
        np.concatenate([np.searchsorted(codes, part.codes)[part.code] for part in parts]),
        np.concatenate([part.n for part in parts]).astype(np.int64),
    )


def summed(entries: Entries) -> Entries:
    """Sort by day, cell and code, add up what is equal, and drop what comes to nothing."""
    if not len(entries):
        return entries
    base = int(entries.sub.min())
    cells, codes = int(entries.cell.max()) + 1, len(entries.codes)
    key = (entries.sub.astype(np.int64) - base) * cells + entries.cell
    key = key * codes + entries.code
    key, n = _tally(key, entries.n)
    rest, code = np.divmod(key, codes)
    sub, cell = np.divmod(rest, cells)
    return Entries(entries.codes, sub + base, cell, code, n)


def _tally(key: Numbers, n: NDArray[Any]) -> tuple[Numbers, Numbers]:
    if (n == 1).all():
        ordered = np.sort(key)
        starts = np.flatnonzero(_heads(ordered))
        return ordered[starts], np.diff(starts, append=len(ordered))
    order = np.argsort(key)
    ordered = key[order]
    starts = np.flatnonzero(_heads(ordered))
    sums = np.add.reduceat(n[order].astype(np.int64), starts)
    return ordered[starts][sums != 0], sums[sums != 0]


@dataclass(frozen=True, slots=True)
class Block:
    """Entries as they are stored: those of `subs[i]` lie from `starts[i]` to `starts[i + 1]`."""

    codes: Numbers
    subs: NDArray[np.int32]
    starts: NDArray[np.uint32]
    cells: NDArray[Any]
    index: NDArray[Any]
    counts: NDArray[Any]
    size: int

    @classmethod
    def of(cls, blob: Any) -> Self:
        """Lay arrays over stored bytes (anything with a buffer); nothing is copied."""
        cell, index, count, codes, subs, size = _HEADER.unpack_from(blob)
        at = _HEADER.size
        arrays: list[NDArray[Any]] = []
        for dtype, length in (
            (np.dtype("<i8"), codes),
            (np.dtype("<i4"), subs),
            (np.dtype("<u4"), subs + 1),
            (_CELLS[cell], size),
            (_INDEX[index], size),
            (_COUNTS[count], size),
        ):
            arrays.append(np.frombuffer(blob, dtype, length, at))
            at += dtype.itemsize * length
        return cls(*arrays, at)  # type: ignore[call-arg, arg-type]  # six arrays, in the order above

    def between(self, low: int | None, high: int | None) -> slice:
        """Find the entries of some days: from `low`, to before `high`."""
        first = 0 if low is None else int(np.searchsorted(self.subs, low))
        last = len(self.subs) if high is None else int(np.searchsorted(self.subs, high))
        return slice(int(self.starts[first]), int(self.starts[max(first, last)]))

    @property
    def entries(self) -> Entries:
        """All of it, as entries."""
        sub = np.repeat(self.subs, np.diff(self.starts))
        return Entries(self.codes, sub, self.cells, self.index, self.counts)


def encode(entries: Entries, *, wide: bool) -> bytes:
    """Write summed entries; `wide` where cells are not those of a tile but keys of areas."""
    used = distinct(entries.code)
    codes = entries.codes[used]
    index = np.searchsorted(used, entries.code)
    starts = np.flatnonzero(_heads(entries.sub))
    sizes = 8 if wide else 2, _fit(len(codes), _INDEX), _fit_signed(entries.n)
    return b"".join(
        (
            _HEADER.pack(*sizes, len(codes), len(starts), len(entries)),
            codes.astype("<i8").tobytes(),
            entries.sub[starts].astype("<i4").tobytes(),
            np.append(starts, len(entries)).astype("<u4").tobytes(),
            entries.cell.astype(_CELLS[sizes[0]]).tobytes(),
            index.astype(_INDEX[sizes[1]]).tobytes(),
            entries.n.astype(_COUNTS[sizes[2]]).tobytes(),
        )
    )


def _fit(length: int, dtypes: Dtypes) -> int:
    return next(size for size, dtype in dtypes.items() if length <= np.iinfo(dtype).max)


def _fit_signed(n: NDArray[Any]) -> int:
    most = int(np.abs(n).max(initial=0))
    return next(size for size, dtype in _COUNTS.items() if most <= np.iinfo(dtype).max)
