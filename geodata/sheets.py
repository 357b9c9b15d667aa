"""A spreadsheet of points in, its rows in EPSG:4326 out; every row keeps its line number.

A cell that is no number is kept as it was typed, so that somebody can find and mend it.
"""

import csv
import hashlib
import io
import math
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

import geopandas
import shapely
from django.utils.translation import gettext as _

from geodata import vectors
from geodata.crs import WGS84
from geodata.errors import UnreadableFile

SUFFIX: Final = ".csv"

_LONGITUDES = ("lon", "lng", "long", "longitude", "bujur", "x")
_LATITUDES = ("lat", "latitude", "lintang", "y")
_DELIMITERS = (",", ";", "\t")


def read(
    path: Path, *, lon_field: str | None = None, lat_field: str | None = None, crs: str = ""
) -> vectors.Layer:
    """Read points from a CSV: comma, semicolon or tab; UTF-8, or Windows-1252 with a note.

    Args:
        path: a local file with a heading.
        lon_field: column of the longitude (or easting), instead of a usual name.
        lat_field: column of the latitude (or northing), instead of a usual name.
        crs: the CRS of the numbers; EPSG:4326 where empty.

    Returns:
        A layer as `vectors.read` gives it, where `row` is the line of the file and `value` holds
        the two cells as typed; a row without two numbers has no geometry.

    Raises:
        UnreadableFile: no such file, not a table, empty, or the columns or the CRS are unknown.
    """
    data = vectors.load(path, suffixes=(SUFFIX,))
    text, notes = _decoded(data)
    delimiter = max(_DELIMITERS, key=text.partition("\n")[0].count)
    rows = list(islice(_rows(text, delimiter), vectors.MAX_ROWS + 1))
    if len(rows) > vectors.MAX_ROWS:
        raise vectors.too_large()
    frame = geopandas.GeoDataFrame(rows)
    if frame.empty:
        raise UnreadableFile(_("berkas tidak berisi apa pun"))
    lon = vectors.find_field(frame, lon_field, _LONGITUDES)
    lat = vectors.find_field(frame, lat_field, _LATITUDES)
    if lon is None or lat is None:
        raise UnreadableFile(_("kolom bujur dan lintang tidak ada; pakai --lon-field, --lat-field"))
    known = vectors.parse_crs(crs or f"EPSG:{WGS84}")
    return vectors.Layer(
        frame=_with_points(frame, lon, lat, decimal_comma=delimiter != ",")
        .set_crs(known)
        .to_crs(WGS84),
        file_name=path.name,
        checksum=hashlib.sha256(data).hexdigest(),
        crs=crs or f"EPSG:{WGS84}",
        notes=notes,
    )


def _decoded(data: bytes) -> tuple[str, tuple[str, ...]]:
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        note = _("berkas bukan UTF-8; dibaca sebagai Windows-1252")
        return data.decode("cp1252", errors="replace"), (note,)


def _rows(text: str, delimiter: str) -> Iterator[dict[str, Any]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        heading = [vectors.clean(cell) for cell in next(reader, [])]
        if len(set(heading)) != len(heading):
            raise UnreadableFile(_("judul kolom kembar"))
        for cells in reader:
            if any(cells):
                yield _row(heading, cells, reader.line_num)
    except csv.Error:
        raise UnreadableFile(
            _("baris %(line)d tidak terbaca") % {"line": reader.line_num}
        ) from None


def _row(heading: list[str], cells: list[str], line: int) -> dict[str, Any]:
    wrong = len(cells) != len(heading)
    fault = _("%(found)d kolom, seharusnya %(right)d") if wrong else ""
    padded = cells + [""] * len(heading)
    return {
        **dict(zip(heading, padded, strict=False)),
        "row": line,
        "fault": fault % {"found": len(cells), "right": len(heading)} if wrong else "",
    }


def _with_points(
    frame: geopandas.GeoDataFrame, lon: str, lat: str, *, decimal_comma: bool
) -> geopandas.GeoDataFrame:
    typed = list(zip(frame[lon], frame[lat], strict=True))
    points = [_point(x, y, decimal_comma=decimal_comma) for x, y in typed]
    frame["value"] = [f"{vectors.clean(x)}, {vectors.clean(y)}" for x, y in typed]
    frame["fault"] = [
        fault or ("" if point else _("koordinat bukan angka"))
        for fault, point in zip(frame["fault"], points, strict=True)
    ]
    return frame.drop(columns=[lon, lat]).set_geometry(points)


def _point(x: str, y: str, *, decimal_comma: bool) -> shapely.Point | None:
    if decimal_comma:
        # Indonesian spreadsheets write 111,88 and part cells with semicolons.
        x, y = x.replace(",", "."), y.replace(",", ".")
    try:
        numbers = float(x), float(y)
    except ValueError:
        return None
    return shapely.Point(numbers) if all(map(math.isfinite, numbers)) else None
