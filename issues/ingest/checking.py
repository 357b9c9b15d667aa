"""Rows of a file become rows of the staging table: read, translated, every fault named."""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Final

import pyproj
from django.utils.translation import gettext as _

from geodata.crs import WGS84
from issues import privacy
from issues.ingest import values
from issues.ingest.cases import Book
from issues.ingest.faults import PLACE, Fault
from issues.ingest.mapping import BadMapping
from issues.ingest.mapping import Mapping as Given
from issues.ingest.readers.rows import Cell, Raw
from issues.ingest.values import Box, Place
from issues.models import Issue
from issues.workflow import CLOSED, Status

LONGEST: Final = {"external_id": 100, "address": 300, "description": 10_000, "note": 10_000}
ROOM: Final = 0.5
"""How much wider than the city's own box a point may lie before its axes are doubted; a share."""

COLUMNS: Final = (
    "line", "external_id", "service_code", "description", "lon", "lat", "address", "area_code",
    "department_id", "received_at", "marks", "note", "photos", "channel", "anonymous", "held",
    "corrected", "dropped", "faults",
)  # fmt: skip
"""Of the staging table."""

_ORDER: Final = {status: place for place, status in enumerate(Status)}
STATUSES: Final = frozenset(Status.values) - {Status.DUPLICATE}
CHANNELS: Final = frozenset(Issue.Channel.values)
_YES: Final = frozenset({"1", "ya", "y", "yes", "true", "benar", "anonim"})


class Troubled(Exception):
    """A cell that cannot be read; the fault is its argument."""


@dataclass(slots=True)
class Life:
    """When what happened, as far as the row tells, and which column tells it."""

    received_at: datetime
    marks: list[tuple[Status, datetime]] = field(default_factory=list)
    columns: dict[Status, str] = field(default_factory=dict)


class Checker:
    """Checks the rows of one file against its mapping and its city."""

    def __init__(self, given: Given, book: Book, *, crs: str) -> None:
        """Prepare the tables.

        Args:
            given: how the file is to be read.
            book: of the city.
            crs: of the points that the reader brings along; the mapping's word counts first.

        Raises:
            BadMapping: the CRS is unknown.
        """
        self.given = given
        self.book = book
        self.extent = _roomy(book.city.extent)
        self.departments = {one.code: key for key, one in book.departments.items()}
        self.areas = _areas(book)
        self.moves = _moves(given.crs or crs)
        self.first = datetime(given.first_year, 1, 1, tzinfo=book.zone)

    def staged(self, raws: Sequence[Raw]) -> Iterator[tuple[Any, ...]]:
        """Yield the row of the staging table for each row of the file, in their order."""
        for raw, place in zip(raws, self._places(raws), strict=True):
            yield _Row(self, raw, place).staged()

    def _places(self, raws: Sequence[Raw]) -> Iterator[Place]:
        pairs = [self._pair(raw) for raw in raws]
        if self.moves is not None:
            pairs = list(_moved(self.moves, pairs))
        for pair in pairs:
            if isinstance(pair, Fault):
                yield Place(fault=pair)
            else:
                yield values.place(*pair, self.extent, correct=self.given.correct_swapped)

    def _pair(self, raw: Raw) -> tuple[float | None, float | None] | Fault:
        """Read the two numbers of a row, longitude or easting first."""
        if raw.point is not None:
            return raw.point
        columns = self.given.columns
        names = ("x", "y") if "x" in columns else ("lon", "lat")
        if names[0] not in columns:
            return None, None
        cells = [raw.cells[columns[name][0]] for name in names]
        try:
            return values.number(cells[0]), values.number(cells[1])
        except ValueError:
            return Fault("not_number", f"{cells[1]}, {cells[0]}")


def _roomy(extent: Sequence[float]) -> Box:
    west, south, east, north = extent
    wide, high = ROOM * (east - west), ROOM * (north - south)
    return west - wide, south - high, east + wide, north + high


def _areas(book: Book) -> dict[str, str]:
    """Find areas by code and by name, in small letters."""
    areas = {area.code.casefold(): area.code for area in book.areas.values()}
    names = {area.name.casefold(): area.code for area in book.areas.values()}
    return names | areas


def _moves(crs: str) -> pyproj.Transformer | None:
    """Prepare the way from a CRS to EPSG:4326; None where it is that already."""
    try:
        found = pyproj.CRS.from_user_input(crs or WGS84)
    except pyproj.exceptions.CRSError:
        raise BadMapping(_("CRS tidak dikenal: %(names)s") % {"names": crs}) from None
    if found.equals(WGS84, ignore_axis_order=True):
        return None
    return pyproj.Transformer.from_crs(found, WGS84, always_xy=True)


def _moved(
    moves: pyproj.Transformer, pairs: Sequence[tuple[float | None, float | None] | Fault]
) -> Iterator[tuple[float | None, float | None] | Fault]:
    """Turn eastings and northings into degrees; 0/0 and what is no place stay as they are."""
    numbers = [pair if isinstance(pair, tuple) and None not in pair else (0, 0) for pair in pairs]
    eastings, northings = [pair[0] for pair in numbers], [pair[1] for pair in numbers]
    lons, lats = moves.transform(eastings, northings)
    for pair, lon, lat in zip(pairs, lons, lats, strict=True):
        if isinstance(pair, Fault) or None in pair or pair == (0, 0):
            yield pair
        elif abs(lon) > 180 or abs(lat) > 90:  # noqa: PLR2004  the globe; infinite where there is none
            yield Fault("not_place", f"{pair[0]}, {pair[1]}")
        else:
            yield float(lon), float(lat)


@lru_cache(maxsize=4096)
def _is_personal(text: str) -> bool:
    """Whether a text may name a person; offices close many cases with the same words."""
    return bool(privacy.find_personal(text))


def _stripped(cell: Cell) -> str:
    return cell.strip() if isinstance(cell, str) else "" if cell is None else str(cell).strip()


class _Row:
    """One row while it is being checked."""

    def __init__(self, checker: Checker, raw: Raw, place: Place) -> None:
        self.given, self.book, self.checker = checker.given, checker.book, checker
        self.raw = raw
        self.faults = list(raw.faults)
        self.place = place

    def staged(self) -> tuple[Any, ...]:
        """Check everything, also after a first fault."""
        external_id = self._text("external_id", needed="no_id")
        description = self._text("description", needed="no_words")
        address, note = self._text("address"), self._text("note")
        service_code = self._known("category", self.book.kinds)
        channel = self._known("channel", CHANNELS) if self._plain("channel") else "web"
        department = self._department()
        life = self._life()
        dropped = self._place()
        return (
            self.raw.line,
            external_id[: LONGEST["external_id"]],
            service_code,
            description,
            self.place.lon,
            self.place.lat,
            address,
            self._area(),
            department,
            life.received_at,
            json.dumps([(status, at.isoformat()) for status, at in life.marks]),
            note,
            privacy.clean_text(self._plain("photos")),
            channel,
            self._meaning("anonymous").casefold() in _YES,
            self._held(description, note),
            self.place.corrected,
            dropped,
            json.dumps([fault.stored for fault in self.faults], ensure_ascii=False),
        )

    def _add(self, code: str, detail: str = "") -> None:
        self.faults.append(Fault(code, detail))

    def _cells(self, column: str) -> list[Cell]:
        return [self.raw.cells[name] for name in self.given.columns.get(column, ())]

    def _plain(self, column: str) -> str:
        names = self.given.columns.get(column, ())
        if len(names) == 1:
            return _stripped(self.raw.cells[names[0]])
        cells = [_stripped(self.raw.cells[name]) for name in names]
        return "\n".join([cell for cell in cells if cell])

    def _text(self, column: str, *, needed: str = "") -> str:
        """Read words; what must not be in them is a fault."""
        text = self._plain(column)
        if fault := values.text_fault(text):
            self._add(fault.code, f"{column} {fault.detail}".strip())
            text = privacy.clean_text(text)
        most = LONGEST[column]
        if len(text) > most:
            words = _("%(column)s: %(found)d huruf, paling banyak %(most)d")
            self._add("too_long", words % {"column": column, "found": len(text), "most": most})
        if not text and needed:
            self._add(needed)
        return text if text.isascii() else privacy.clean_text(text)

    def _meaning(self, column: str, known: Collection[str] = ()) -> str:
        return self.given.meaning(column, self._plain(column), known)

    def _known(self, column: str, known: Collection[str]) -> str:
        found = self._meaning(column, known)
        if found not in known:
            self._add(column, self._plain(column))
            return ""
        return found

    def _department(self) -> int | None:
        """Find who had it; whom the table does not know, routing answers for, if it may."""
        name = self._plain("department")
        if not name:
            return None
        table = self.given.values.get("department", {})
        code = table.get(name.casefold(), name)
        if code not in self.checker.departments and "department" not in self.given.otherwise:
            self._add("department", name)
        return self.checker.departments.get(code)

    def _area(self) -> str:
        """Find the area of a row without a point."""
        name = self._meaning("area")
        if self.place.lon is not None or not name:
            return ""
        code = self.checker.areas.get(name.casefold(), "")
        if not code:
            self._add("area", name)
        return code

    def _place(self) -> str:
        """Say what is wrong with the place; where the mapping allows, the row comes without."""
        fault = self.place.fault
        if fault is None:
            return ""
        if self.given.keep_unplaced and fault.code in PLACE:
            return fault.code
        self.faults.append(fault)
        return ""

    def _held(self, *texts: str) -> bool:
        """Whether the words wait for a review: not public before, or they may name a person."""
        return not self.given.public or any(map(_is_personal, texts))

    def _life(self) -> Life:
        received = self._date(self._cells("received"))
        if received is None:
            if not any(fault.code == "bad_date" for fault in self.faults):
                self._add("no_date")
            return Life(datetime(1970, 1, 1, tzinfo=UTC))
        life = Life(received)
        for status in sorted(self.given.history, key=_ORDER.__getitem__):
            name = self.given.history[status]
            if (at := self._date([self.raw.cells[name]])) is not None:
                self._mark(life, status, at, name)
        self._end(life)
        life.marks.sort(key=lambda mark: (mark[1], _ORDER[mark[0]]))
        for status, at in life.marks:
            if at < received:
                self._add(
                    "order", f"{life.columns[status]} {self._local(at)} < {self._local(received)}"
                )
        return life

    def _mark(self, life: Life, status: Status, at: datetime, name: str) -> None:
        """Add a mark; a day without a time is no earlier than what came before it on that day."""
        before = [life.received_at, *(earlier for _status, earlier in life.marks)]
        if at < max(before) and values.is_day(self.raw.cells[name], self.given.formats):
            today = self._day(at)
            at = max([at, *(earlier for earlier in before if self._day(earlier) == today)])
        life.marks.append((status, at))
        life.columns[status] = name

    def _day(self, at: datetime) -> date:
        return self._here(at).date()

    def _local(self, at: datetime) -> str:
        return f"{self._here(at):%Y-%m-%d %H:%M}"

    def _here(self, at: datetime) -> datetime:
        try:
            return at.astimezone(self.given.zone)
        except OverflowError:  # at the ends of time, which are refused anyway
            return at

    def _end(self, life: Life) -> None:
        """Add where the case stands now."""
        closed = self._date(self._cells("closed"))
        default = Status.SUBMITTED if closed is None else Status.RESOLVED
        found = self._meaning("status", STATUSES)
        if "status" not in self.given.columns and not found:
            found = default
        if found not in STATUSES:
            self._add("status", self._plain("status"))
            return
        status = Status(found)
        if status not in CLOSED and closed is not None:
            self._add("open_end", self._plain("status"))
        elif any(status == reached for reached, _at in life.marks):
            return
        elif status in CLOSED and closed is None:
            self._add("no_end", self._plain("status"))
        elif status in CLOSED and closed is not None:
            self._mark(life, status, closed, self.given.columns["closed"][0])
        elif status is not Status.SUBMITTED:
            last = max([life.received_at, *(at for _status, at in life.marks)])
            life.marks.append((status, last))

    def _date(self, cells: Sequence[Cell]) -> datetime | None:
        cell = cells[0] if cells else None
        try:
            found = values.moment(cell, self.given.formats, self.given.zone)
        except (ValueError, OverflowError):
            self._add("bad_date", str(cell))
            return None
        if found is not None and found > self.book.now:
            self._add("future", str(cell))
        if found is not None and found < self.checker.first:
            self._add("too_old", str(cell))
        return found
