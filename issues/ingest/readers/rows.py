"""What a reader gives: rows, their place in the file, and what was wrong already there."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from issues.ingest.faults import Fault

Cell = str | datetime | float | None


class UnreadableRows(Exception):
    """Berkas tidak dapat dibaca."""


@dataclass(slots=True)
class Raw:
    """One row: where it stands in its file (line, row or feature, from 1), the wanted cells."""

    line: int
    cells: dict[str, Cell]
    faults: tuple[Fault, ...] = ()
    point: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that can be read.

    Attributes:
        notes: what the reader found out by itself: encoding, delimiter, sheet.
        size: bytes, for the bar.
        rows: reads it from the start; `told` hears how many bytes have been read.
        crs: of the points that rows bring along; empty where they bring none.
    """

    notes: tuple[str, ...]
    size: int
    rows: Callable[[Callable[[int], None]], Iterator[Raw]]
    crs: str = ""


def missing(wanted: Sequence[str], heading: Sequence[str]) -> list[str]:
    """List wanted columns that a file does not have."""
    return [name for name in wanted if name not in set(heading)]


def picked(heading: Sequence[str], wanted: Sequence[str]) -> Mapping[str, int]:
    """Say in which place each wanted column stands."""
    return {name: list(heading).index(name) for name in wanted}
