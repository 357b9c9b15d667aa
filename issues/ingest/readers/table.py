"""CSV: any usual delimiter, the encoding found out by reading all of it, quoted newlines."""

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, Protocol, cast

from django.utils.translation import gettext as _

from issues.ingest.faults import Fault
from issues.ingest.readers.rows import Opened, Raw, UnreadableRows, missing, picked

DELIMITERS: Final = (",", ";", "\t", "|")
MOST_LETTERS: Final = 1_000_000
"""In one cell; more is a quotation mark that nobody closed."""

LONGEST: Final = 1 << 24
"""Letters of a line; more is no table, and would fill the memory."""

PIECE: Final = 1 << 16
"""Bytes that are looked at together to find out the encoding."""


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


@contextmanager
def _open(path: Path) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """Open a file, packed or not; also the file below, which knows how far it was read."""
    with path.open("rb") as below:
        data = cast("BinaryIO", gzip.GzipFile(fileobj=below)) if path.suffix == ".gz" else below
        try:
            with data:
                yield data, below
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise UnreadableRows(_("berkas .gz rusak: %(why)s") % {"why": error}) from None
        except UnicodeError as error:
            raise UnreadableRows(_("pengodean keliru: %(why)s") % {"why": error}) from None


def _encoding(path: Path) -> str:
    """Find the encoding: by its mark, else UTF-8 unless most lines beyond ASCII say otherwise."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with _open(path) as (data, _below):
        start = data.read(4)
        for mark, name in _WIDE:
            if start.startswith(mark):
                return name
        data.seek(0)
        good = bad = 0
        while piece := data.readline(PIECE):
            if not piece.isascii():
                if _is_utf8(piece, decoder):
                    good += 1
                else:
                    bad += 1
    if bad > good:
        return "cp1252"
    return "utf-8-sig" if start.startswith(codecs.BOM_UTF8) else "utf-8"


def _is_utf8(piece: bytes, decoder: codecs.IncrementalDecoder) -> bool:
    """Judge a line, or a piece of one that is long; a letter may go on in the next."""
    try:
        decoder.decode(piece, final=len(piece) < PIECE)
    except UnicodeDecodeError:
        decoder.reset()
        return False
    return True


def _text(data: BinaryIO, encoding: str) -> io.TextIOWrapper:
    try:
        # What cannot be decoded becomes a replacement character, and its row is refused.
        return io.TextIOWrapper(data, encoding=encoding, errors="replace", newline="")
    except LookupError:
        raise UnreadableRows(_("pengodean tidak dikenal: %(name)s") % {"name": encoding}) from None


def _heading(path: Path, encoding: str, delimiter: str) -> tuple[list[str], str]:
    with _open(path) as (data, _below), _text(data, encoding) as text, _roomy():
        first = text.readline(MOST_LETTERS)
        delimiter = delimiter or max(DELIMITERS, key=first.count)
        text.seek(0)
        reader = csv.reader(_lines(text), delimiter=delimiter)
        try:
            heading = _cleaned(next(reader, []))
        except csv.Error:
            raise _unread(1) from None
    if len(set(heading)) != len(heading):
        raise UnreadableRows(_("judul kolom kembar"))
    return heading, delimiter


@contextmanager
def _roomy() -> Iterator[None]:
    """Let cells have more letters than the module allows by itself; it knows one limit for all."""
    before = csv.field_size_limit(MOST_LETTERS)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    """Yield lines, as far as they fit the memory."""
    while line := text.readline(LONGEST):
        if len(line) == LONGEST:
            raise csv.Error
        yield line


def _unread(line: int) -> UnreadableRows:
    words = _("baris %(line)d tidak terbaca; tanda kutip yang tidak ditutup?")
    return UnreadableRows(words % {"line": line})


def _cleaned(cells: Sequence[str]) -> list[str]:
    return [cell.strip().removeprefix("\ufeff") for cell in cells]


def _rows(
    path: Path,
    encoding: str,
    delimiter: str,
    wanted: Sequence[str],
    told: Callable[[int], None],
) -> Iterator[Raw]:
    with _open(path) as (data, below), _text(data, encoding) as text, _roomy():
        reader = csv.reader(_lines(text), delimiter=delimiter)
        heading = _cleaned(next(reader, []))
        places = picked(heading, wanted)
        yield from _read(reader, len(heading), places, lambda: told(below.tell()))


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
            raise _unread(start) from None
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
