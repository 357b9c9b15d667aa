"""XLSX: one sheet, read row by row; a cell that computes is refused by its name."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.utils.exceptions import InvalidFileException

from issues.ingest.faults import Fault
from issues.ingest.readers.rows import Cell, Opened, Raw, UnreadableRows, missing, picked

_TOLD_EVERY: Final = 1000


def opened(path: Path, wanted: Sequence[str], options: Mapping[str, str]) -> Opened:
    """Open a workbook. Raises `UnreadableRows` as `open_rows`."""
    sheet = _sheet(path, options.get("sheet", ""))
    heading = [_name(cell.value) for cell in next(sheet.iter_rows(), ())]
    lost = missing(wanted, heading)
    if lost:
        raise UnreadableRows(_("kolom tidak ada: %(names)s") % {"names": ", ".join(lost)})
    places, height = picked(heading, wanted), sheet.max_row or 0

    def rows(told: Callable[[int], None]) -> Iterator[Raw]:
        return _rows(_sheet(path, sheet.title), places, told)

    return Opened((_("Lembar: %(name)s") % {"name": sheet.title},), height, rows)


def _sheet(path: Path, name: str) -> Any:
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=False, keep_links=False)
    except (BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        raise UnreadableRows(_("bukan berkas XLSX: %(why)s") % {"why": error}) from None
    if name and name not in book.sheetnames:
        names = ", ".join(book.sheetnames)
        raise UnreadableRows(_("lembar tidak ada; yang ada: %(names)s") % {"names": names})
    return book[name] if name else book.worksheets[0]


def _name(value: object) -> str:
    return "" if value is None else str(value).strip()


def _rows(sheet: Any, places: Mapping[str, int], told: Callable[[int], None]) -> Iterator[Raw]:
    for line, cells in enumerate(sheet.iter_rows(min_row=2), 2):
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
