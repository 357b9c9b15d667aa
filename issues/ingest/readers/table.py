"""CSV: any usual delimiter, the encoding found out by reading all of it, quoted newlines."""

import codecs
import csv
import gzip
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Final, Protocol, cast

from django.utils.translation import gettext as _

from issues.ingest.faults import Fault
from issues.ingest.readers.rows import Opened, Raw, UnreadableRows, missing, picked

DELIMITERS: Final = (",", ";", "\t", "|")
MOST_LETTERS: Final = 1_000_000
"""In one cell; more is a quotation mark that nobody closed."""


class Reader(Protocol):
    """What `csv.reader` returns."""

    line_num: int

    def __next__(self) -> list[str]: ...


_WIDE: Final = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_NAMES: Final = {"\t": "tab"}
_TOLD_EVERY: Final = 1000


def opened(path: Path, wanted: Sequence[str], options: Mapping[str, str]) -> Opened:
    """Open a CSV. Raises `UnreadableRows` as `open_rows`."""
    encoding = options.get("encoding") or _encoding(path)
    heading, delimiter = _heading(path, encoding, options.get("delimiter", ""))
    lost = missing(wanted, heading)
    if lost:
        raise UnreadableRows(_("kolom tidak ada: %(names)s") % {"names": ", ".join(lost)})
    notes = (
        _("Pengodean: %(name)s") % {"name": encoding},
        _("Pemisah: %(name)s") % {"name": _NAMES.get(delimiter, delimiter)},
    )

    def rows(told: Callable[[int], None]) -> Iterator[Raw]:
        return _rows(path, encoding, delimiter, wanted, told)

    return Opened(notes, path.stat().st_size, rows)


def _open(path: Path) -> tuple[BinaryIO, BinaryIO]:
    """Open a file, packed or not; also the file below, which knows how far it was read."""
    below = path.open("rb")
    return (cast("BinaryIO", gzip.open(below)) if path.suffix == ".gz" else below), below


def _encoding(path: Path) -> str:
    """Find the encoding: by its mark, else UTF-8 unless most lines beyond ASCII say otherwise."""
    data, below = _open(path)
    with below, data:
        start = data.read(4)
        for mark, name in _WIDE:
            if start.startswith(mark):
                return name
        good = bad = 0
        for line in data:
            if not line.isascii():
                if _is_utf8(line):
                    good += 1
                else:
                    bad += 1
    if bad > good:
        return "cp1252"
    return "utf-8-sig" if start.startswith(codecs.BOM_UTF8) else "utf-8"


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _text(data: BinaryIO, encoding: str) -> io.TextIOWrapper:
    try:
        # What cannot be decoded becomes a replacement character, and its row is refused.
        return io.TextIOWrapper(data, encoding=encoding, errors="replace", newline="")
    except LookupError:
        raise UnreadableRows(_("pengodean tidak dikenal: %(name)s") % {"name": encoding}) from None


def _heading(path: Path, encoding: str, delimiter: str) -> tuple[list[str], str]:
    data, below = _open(path)
    with below, data, _text(data, encoding) as text:
        first = text.readline(MOST_LETTERS)
        delimiter = delimiter or max(DELIMITERS, key=first.count)
        text.seek(0)
        heading = _cleaned(next(csv.reader(text, delimiter=delimiter), []))
    if len(set(heading)) != len(heading):
        raise UnreadableRows(_("judul kolom kembar"))
    return heading, delimiter


def _cleaned(cells: Sequence[str]) -> list[str]:
    return [cell.strip().removeprefix("\ufeff") for cell in cells]


def _rows(
    path: Path,
    encoding: str,
    delimiter: str,
    wanted: Sequence[str],
    told: Callable[[int], None],
) -> Iterator[Raw]:
    before = csv.field_size_limit(MOST_LETTERS)
    data, below = _open(path)
    try:
        with below, data, _text(data, encoding) as text:
            reader = csv.reader(text, delimiter=delimiter)
            heading = _cleaned(next(reader, []))
            places = picked(heading, wanted)
            yield from _read(reader, len(heading), places, lambda: told(below.tell()))
    finally:
        csv.field_size_limit(before)


def _read(
    reader: Reader, width: int, places: Mapping[str, int], told: Callable[[], None]
) -> Iterator[Raw]:
    line = reader.line_num
    while True:
        start = line + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            words = _("baris %(line)d tidak terbaca; tanda kutip yang tidak ditutup?")
            raise UnreadableRows(words % {"line": start}) from None
        line = reader.line_num
        if line % _TOLD_EVERY == 0:
            told()
        if not any(cells):
            continue
        yield _raw(start, cells, width, places)


def _raw(line: int, cells: list[str], width: int, places: Mapping[str, int]) -> Raw:
    faults: tuple[Fault, ...] = ()
    if len(cells) != width:
        words = _("%(found)d, seharusnya %(right)d") % {"found": len(cells), "right": width}
        faults = (Fault("cells", words),)
        cells = cells + [""] * width
    return Raw(line, {name: cells[place] for name, place in places.items()}, faults)
