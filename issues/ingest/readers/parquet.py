"""GeoParquet: points as WKB, read batch by batch; needs `pyarrow` (requirements-analysis.txt).

Source: GeoParquet 1.1; OGC Simple Features 1.2.1 (WKB).
"""

import json
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _

from issues.ingest.faults import Fault
from issues.ingest.readers.rows import Cell, Opened, Raw, UnreadableRows, missing

_BATCH: Final = 10_000
_POINTS: Final = frozenset({1, 1001, 2001, 3001, 0x80000001, 0x20000001})
"""WKB types of a point: flat, with height or measure, and EWKB's."""


def opened(path: Path, wanted: Sequence[str], _options: Mapping[str, str]) -> Opened:
    """Open a GeoParquet file. Raises `UnreadableRows` as `open_rows`."""
    file = _file(path)
    lost = missing(wanted, file.schema_arrow.names)
    if lost:
        raise UnreadableRows(_("kolom tidak ada: %(names)s") % {"names": ", ".join(lost)})
    column, crs = _geometry(file)

    def rows(told: Callable[[int], None]) -> Iterator[Raw]:
        return _rows(_file(path), wanted, column, told)

    return Opened((), file.metadata.num_rows, rows, crs)


def _file(path: Path) -> Any:
    """Open the file with pyarrow, which an app without analyses does not bring."""
    try:
        parquet = import_module("pyarrow.parquet")
    except ImportError:
        words = _("GeoParquet membutuhkan pyarrow: jalankan `make analysis`")
        raise UnreadableRows(words) from None
    try:
        return parquet.ParquetFile(path)
    except (ValueError, OSError) as error:
        raise UnreadableRows(_("bukan berkas Parquet: %(why)s") % {"why": error}) from None


def _geometry(file: Any) -> tuple[str, str]:
    """Find the column of points and its CRS; nothing in a file without places."""
    stored = (file.schema_arrow.metadata or {}).get(b"geo")
    if stored is None:
        return "", ""
    try:
        geo = json.loads(stored)
        column = str(geo["primary_column"])
        about = dict(geo["columns"][column])
    except (KeyError, RecursionError, TypeError, ValueError) as error:
        raise UnreadableRows(_("bukan berkas Parquet: %(why)s") % {"why": error}) from None
    if about.get("encoding", "WKB") != "WKB":
        raise UnreadableRows(_("geometri GeoParquet harus WKB"))
    crs = about.get("crs")
    return column, json.dumps(crs) if crs else "4326"


def _rows(
    file: Any, wanted: Sequence[str], column: str, told: Callable[[int], None]
) -> Iterator[Raw]:
    columns = [*wanted, *([column] if column and column not in wanted else [])]
    line = 0
    for batch in _batches(file, columns):
        for row in batch.to_pylist():
            line += 1
            yield _raw(line, row, wanted, row.get(column))
        told(line)


def _batches(file: Any, columns: Sequence[str]) -> Iterator[Any]:
    """Read a stretch of rows at a time; a page that is broken stops the import with a sentence."""
    try:
        yield from file.iter_batches(batch_size=_BATCH, columns=columns)
    except (ValueError, OSError) as error:
        raise UnreadableRows(_("bukan berkas Parquet: %(why)s") % {"why": error}) from None


def _raw(line: int, row: Mapping[str, Any], wanted: Sequence[str], wkb: bytes | None) -> Raw:
    cells = {name: _cell(row[name]) for name in wanted}
    if not wkb:
        return Raw(line, cells)
    try:
        point = _point(wkb)
    except (struct.error, TypeError):
        point = None
    return Raw(line, cells, (), point) if point else Raw(line, cells, (Fault("geometry"),))


def _point(wkb: bytes) -> tuple[float, float] | None:
    """Read a point; None for any other shape."""
    order = "<" if wkb[0] == 1 else ">"
    (kind,) = struct.unpack_from(f"{order}I", wkb, 1)
    if kind not in _POINTS:
        return None
    lon, lat = struct.unpack_from(f"{order}dd", wkb, 9 if kind == 0x20000001 else 5)  # noqa: PLR2004  EWKB has an SRID first
    return lon, lat


def _cell(value: object) -> Cell:
    if isinstance(value, datetime):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)
