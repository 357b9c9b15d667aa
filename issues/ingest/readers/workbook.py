"""XLSX: one sheet, read row by row; a cell that computes is refused by its name."""

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, BinaryIO, Final
from zipfile import BadZipFile, ZipFile

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.utils.exceptions import InvalidFileException

from issues.ingest.faults import Fault
from issues.ingest.readers.rows import Cell, Opened, Raw, UnreadableRows, missing, picked

_TOLD_EVERY: Final = 1000

MOST_BYTES: Final = 200 * 2**20
"""Of a workbook once it is unpacked."""

MOST_PRESSED: Final = 250
"""How many times smaller than its content a part may be; sheets reach fifty, zeros a thousand."""

SMALL: Final = 10 * 2**20
"""Bytes of a part that do no harm, however they are pressed."""

MOST_ROWS: Final = 1_048_576
"""Of a sheet. Source: Microsoft, Excel specifications and limits."""

_DAMAGE: Final = (
    *(BadZipFile, InvalidFileException, EOFError, OSError, zlib.error),
    *(AttributeError, LookupError, RuntimeError, SyntaxError, TypeError, ValueError),
)
"""What openpyxl raises about damaged parts: its parsers do not expect any."""


def opened(path: Path, wanted: Sequence[str], options: Mapping[str, str]) -> Opened:
    """Open a workbook. Raises `UnreadableRows` as `open_rows`."""
    with _sheet(path, options.get("sheet", "")) as sheet:
        heading = [_name(cell.value) for cell in next(_lines(sheet, 1), ())]
        title, height = sheet.title, sheet.max_row or 0
    lost = missing(wanted, heading)
    if lost:
        raise UnreadableRows(_("kolom tidak ada: %(names)s") % {"names": ", ".join(lost)})
    places = picked(heading, wanted)

    def rows(told: Callable[[int], None]) -> Iterator[Raw]:
        with _sheet(path, title) as sheet:
            yield from _rows(sheet, places, told)

    return Opened((_("Lembar: %(name)s") % {"name": title},), height, rows)


@contextmanager
def _sheet(path: Path, name: str) -> Iterator[Any]:
    """Open a sheet, by its name or the first; the file is closed whatever becomes of it."""
    _weigh(path)
    with path.open("rb") as file:
        yield _found(file, name)


def _found(file: BinaryIO, name: str) -> Any:
    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=False, keep_links=False)
    except _DAMAGE as error:
        raise UnreadableRows(_("bukan berkas XLSX: %(why)s") % {"why": error}) from None
    if name and name not in book.sheetnames:
        names = ", ".join(book.sheetnames)
        raise UnreadableRows(_("lembar tidak ada; yang ada: %(names)s") % {"names": names})
    if not book.worksheets:
        raise UnreadableRows(_("berkas tidak berisi apa pun"))
    return book[name] if name else book.worksheets[0]


def _weigh(path: Path) -> None:
    """Refuse a workbook that would fill the memory; unpacking stops at the sizes it states."""
    try:
        with ZipFile(path) as archive:
            parts = archive.infolist()
    except _DAMAGE as error:
        raise UnreadableRows(_("bukan berkas XLSX: %(why)s") % {"why": error}) from None
    whole = sum(part.file_size for part in parts)
    is_pressed = any(
        part.file_size > max(SMALL, MOST_PRESSED * part.compress_size) for part in parts
    )
    if whole > MOST_BYTES or is_pressed:
        words = _("XLSX terlalu besar setelah dibuka (%(found)d MB); simpan sebagai CSV")
        raise UnreadableRows(words % {"found": whole >> 20})


def _lines(sheet: Any, first: int) -> Iterator[Sequence[Any]]:
    """Yield the rows of a sheet from one on; no more than a sheet can have."""
    try:
        yield from sheet.iter_rows(min_row=first, max_row=MOST_ROWS)
    except _DAMAGE as error:
        raise UnreadableRows(_("lembar terpotong atau rusak: %(why)s") % {"why": error}) from None


def _name(value: object) -> str:
    return "" if value is None else str(value).strip()


def _rows(sheet: Any, places: Mapping[str, int], told: Callable[[int], None]) -> Iterator[Raw]:
    for line, cells in enumerate(_lines(sheet, 2), 2):
        if line % _TOLD_EVERY == 0:
            told(line)
        if all(cell.value is None for cell in cells):
            continue
        formulas = [
            cell.coordinate
            for place in places.values()
            if place < len(cells) and (cell := cells[place]).data_type == "f"
        ]
        faults = (Fault("formula", ", ".join(formulas)),) if formulas else ()
        values = {
            name: _value(cells[place].value) if place < len(cells) else ""
            for name, place in places.items()
        }
        yield Raw(line, values, faults)


def _value(value: object) -> Cell:
    """Take over what a cell holds; whole numbers lose the point that Excel gives them."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)
