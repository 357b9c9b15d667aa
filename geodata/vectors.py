"""An operator's file in, its rows and shapes in EPSG:4326 out.

GeoJSON is read as JSON and never reaches GDAL. GeoPackages and zipped shapefiles reach it as a
private copy under a name of ours, after their first bytes have said what they are: GDAL opens a VRT
or a network path inside any file. Only operators' commands use this; it loads geopandas. What a row
means is left to boundaries and assets.
"""

import hashlib
import io
import json
import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

import geopandas
import numpy as np
import pyogrio
import pyogrio.errors
import shapely
from django.utils.translation import gettext as _
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from geodata.crs import WGS84
from geodata.errors import UnreadableFile

MAX_BYTES: Final = 50_000_000
"""A larger file, or a zip that unpacks to more, is refused before it is parsed."""

MAX_VERTICES: Final = 2_000_000
"""A file with more vertices is refused."""

MAX_ROWS: Final = 200_000
"""A file with more rows is refused."""

SUFFIXES: Final = (".geojson", ".json", ".gpkg", ".zip")

_OURS = ("geometry", "fault", "row")
_SQLITE_MAGIC = b"SQLite format 3\0"
# Application id in SQLite's header, bytes 68 to 71. Source: OGC GeoPackage 1.4, requirement 2.
_GPKG_IDS = frozenset({b"GPKG", b"GP10", b"GP11"})
# First bytes of a .shp, big-endian 9994. Source: ESRI Shapefile Technical Description, 1998.
_SHP_MAGIC = b"\x00\x00\x27\x0a"
_SHP_NEEDED = (".shp", ".shx", ".dbf")
_SHP_PARTS = (*_SHP_NEEDED, ".prj", ".cpg")
_SHP_NAME_LENGTH = 10
_MAX_ZIP_ENTRIES = 200
# GeoJSON of 2008 could name a CRS; only these spellings are understood.
_CRS_NAME = re.compile(r"(?:urn:ogc:def:crs:)?(EPSG|OGC)(?::[\d.]*)?:(\w{1,10})")
_SIMPLE = frozenset(
    {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"}
)
_SHAPE_FAULTS = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    shapely.GEOSException,
)
_ZIP_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    RuntimeError,
    NotImplementedError,
    EOFError,
    OSError,
    ValueError,
)
_GDAL_FAULTS = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    UnicodeDecodeError,
)


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a file.

    Attributes:
        frame: the columns as found; `geometry` in EPSG:4326 without Z (as found, where no CRS is
            known), `fault` (why a row's geometry could not be read, else empty) and `row` (place in
            the file, counted from 1).
        file_name: name without folder.
        checksum: SHA-256 of the file, hexadecimal.
        crs: name of the CRS that was read from, empty where none is known.
        notes: what the operator should know though it is no fault.
    """

    frame: geopandas.GeoDataFrame
    file_name: str
    checksum: str
    crs: str
    notes: tuple[str, ...] = ()


def load(path: Path, *, suffixes: tuple[str, ...] = SUFFIXES) -> bytes:
    """Read a local file whole, after a look at its name and size.

    Raises:
        UnreadableFile: it is no plain local file, of a kind not in `suffixes`, or larger than
            `MAX_BYTES`.
    """
    text = str(path)
    if text.startswith("/vsi") or ":/" in text or not path.is_file():
        raise UnreadableFile(_("%(path)s bukan berkas di komputer ini") % {"path": text})
    if path.suffix.lower() not in suffixes:
        raise UnreadableFile(
            _("jenis berkas tidak dikenal; yang dibaca: %(kinds)s") % {"kinds": ", ".join(suffixes)}
        )
    if path.stat().st_size > MAX_BYTES:
        raise too_large()
    return path.read_bytes()


def read(path: Path, *, crs: str = "", layer: str = "") -> Layer:
    """Read one layer of a GeoJSON, a GeoPackage or a zipped shapefile.

    Args:
        path: a local file.
        crs: the CRS to read it in (`EPSG:32750`), instead of what the file says.
        layer: which layer, where the file holds several.

    Raises:
        UnreadableFile: it is not such a file, too large, empty, or its layer or CRS is unknown.
    """
    data = load(path)
    given = parse_crs(crs) if crs else None
    reader = _READERS[path.suffix.lower()]
    frame, found = reader(data, layer)
    if frame.empty:
        raise UnreadableFile(_("berkas tidak berisi apa pun"))
    known = given or found
    return Layer(
        frame=_to_wgs84(frame, known),
        file_name=path.name,
        checksum=hashlib.sha256(data).hexdigest(),
        crs=_crs_name(known),
    )


def parse_crs(text: str) -> CRS:
    """Understand the CRS that an operator names.

    Raises:
        UnreadableFile: nobody knows it.
    """
    try:
        return CRS.from_user_input(text)
    except CRSError:
        raise UnreadableFile(_("CRS %(crs)s tidak dikenal") % {"crs": text}) from None


def clean(value: object) -> str:
    """Turn a cell into one line of text: no control signs, doubled blanks or `.0` of numbers."""
    if value is None or (isinstance(value, float) and not np.isfinite(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = "".join(sign if sign.isprintable() else " " for sign in str(value))
    return " ".join(text.split())


def find_field(
    frame: geopandas.GeoDataFrame, wanted: str | None, names: tuple[str, ...]
) -> str | None:
    """Find a column by the operator's name for it, else by the first usual name, in any case.

    Returns:
        The column's own name; None where nothing fits.

    Raises:
        UnreadableFile: the operator names a column that is not there.
    """
    columns = {name.lower(): name for name in own_columns(frame)}
    if wanted and wanted.lower() not in columns:
        raise UnreadableFile(
            _("kolom %(name)s tidak ada; yang ada: %(columns)s")
            % {"name": wanted, "columns": ", ".join(columns.values())}
        )
    # A shapefile cuts the names of its columns: kode_kemendagri becomes kode_kemen.
    usual = [key for name in names for key in (name, name[:_SHP_NAME_LENGTH])]
    candidates = [wanted.lower()] if wanted else usual
    return next((columns[name] for name in candidates if name in columns), None)


def texts(frame: geopandas.GeoDataFrame, field: str | None) -> list[str]:
    """Read a column as clean text; empty texts where there is none."""
    return [""] * len(frame) if field is None else [clean(cell) for cell in frame[field]]


def own_columns(frame: geopandas.GeoDataFrame) -> list[str]:
    """List the columns that the file brought along."""
    return [str(name) for name in frame.columns if name not in _OURS]


def too_large() -> UnreadableFile:
    """Say what a file may have at most."""
    return UnreadableFile(
        _("berkas melebihi %(size)d MB, %(rows)d baris atau %(vertices)d titik sudut; bagilah dulu")
        % {"size": MAX_BYTES // 1_000_000, "rows": MAX_ROWS, "vertices": MAX_VERTICES}
    )


def _read_geojson(data: bytes, _layer: str) -> tuple[geopandas.GeoDataFrame, CRS | None]:
    # A look before parsing: a vertex costs one bracket and its ring at most as many again, and
    # hardly a row says twice that it is a feature.
    if data.count(b"[") > 2 * MAX_VERTICES or data.count(b'"Feature"') > 2 * MAX_ROWS:
        raise too_large()
    try:
        content = json.loads(data, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise UnreadableFile(_("isinya bukan GeoJSON")) from None
    rows = _features(content)
    geometries = [_geometry(row.get("geometry")) for row in rows]
    frame = geopandas.GeoDataFrame(
        [_properties(row) for row in rows],
        index=range(len(rows)),
        geometry=[geom for geom, _fault in geometries],
    )
    frame["fault"] = [fault for _geom, fault in geometries]
    return frame, _named_crs(content)


def _refuse_constant(name: str) -> float:
    raise ValueError(name)


def _features(content: object) -> list[dict[str, Any]]:
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list) or not all(isinstance(row, dict) for row in features):
        raise UnreadableFile(_("isinya bukan FeatureCollection GeoJSON"))
    if len(features) > MAX_ROWS:
        raise too_large()
    return features


def _properties(row: Mapping[str, Any]) -> dict[str, Any]:
    properties = row.get("properties")
    if not isinstance(properties, dict):
        return {}
    return {key: value for key, value in properties.items() if key not in _OURS}


def _geometry(value: object) -> tuple[BaseGeometry | None, str]:
    if not isinstance(value, dict):
        return None, ""
    if value.get("type") not in _SIMPLE:
        # Left empty on purpose: a collection may be nested deep enough to end the process.
        return shapely.GeometryCollection(), ""
    try:
        return shape(value), ""
    except _SHAPE_FAULTS:
        return None, _("koordinat tidak dapat dibaca")


def _named_crs(content: Mapping[str, Any]) -> CRS | None:
    """Find the CRS of a GeoJSON: WGS 84 unless the member of 2008 names another.

    Source: RFC 7946, section 4.
    """
    if content.get("crs") is None:
        return CRS.from_epsg(WGS84)
    member = content["crs"]
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    match = _CRS_NAME.fullmatch(str(name))
    try:
        return CRS.from_authority(match[1], match[2]) if match else None
    except CRSError:
        return None


def _read_gpkg(data: bytes, layer: str) -> tuple[geopandas.GeoDataFrame, CRS | None]:
    if not data.startswith(_SQLITE_MAGIC) or data[68:72] not in _GPKG_IDS:
        raise UnreadableFile(_("isinya bukan GeoPackage"))
    with _private_copy({"layer.gpkg": data}) as folder:
        return _read_with_gdal(folder / "layer.gpkg", "GPKG", layer)


def _read_zip(data: bytes, layer: str) -> tuple[geopandas.GeoDataFrame, CRS | None]:
    try:
        files = _unpack(data, layer)
    except _ZIP_FAULTS:
        raise UnreadableFile(_("zip rusak atau terkunci")) from None
    missing = [suffix for suffix in _SHP_NEEDED if f"layer{suffix}" not in files]
    if missing:
        raise UnreadableFile(_("zip tidak memuat %(parts)s") % {"parts": ", ".join(missing)})
    if not files["layer.shp"].startswith(_SHP_MAGIC):
        raise UnreadableFile(_("isi .shp bukan shapefile"))
    with _private_copy(files) as folder:
        return _read_with_gdal(folder / "layer.shp", "ESRI Shapefile", "")


_READERS = {
    ".geojson": _read_geojson,
    ".json": _read_geojson,
    ".gpkg": _read_gpkg,
    ".zip": _read_zip,
}


def _unpack(data: bytes, layer: str) -> dict[str, bytes]:
    """Take one shapefile out of a zip, in memory, by names of ours: no entry says where it goes."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        if len(entries) > _MAX_ZIP_ENTRIES or sum(entry.file_size for entry in entries) > MAX_BYTES:
            raise too_large()
        parts = [(PurePosixPath(entry.filename), entry) for entry in entries]
        stems = [_stem(name) for name, _entry in parts if name.suffix.lower() == ".shp"]
        chosen = _choose([stem for stem in stems if not stem.startswith("__MACOSX")], layer)
        return {
            f"layer{name.suffix.lower()}": archive.read(entry)
            for name, entry in parts
            if _stem(name) == chosen and name.suffix.lower() in _SHP_PARTS
        }


def _stem(name: PurePosixPath) -> str:
    return str(name.parent / name.stem)


def _choose(names: list[str], wanted: str) -> str:
    fitting = [name for name in names if wanted in {"", name}]
    if len(fitting) == 1:
        return fitting[0]
    raise UnreadableFile(
        _("sebutkan satu lapisan dengan --file-layer; yang ada: %(names)s")
        % {"names": ", ".join(map(clean, names)) or "-"}
    )


@contextmanager
def _private_copy(files: Mapping[str, bytes]) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="geodata-") as folder:
        for name, data in files.items():
            (Path(folder) / name).write_bytes(data)
        yield Path(folder)


def _read_with_gdal(
    path: Path, driver: str, layer: str
) -> tuple[geopandas.GeoDataFrame, CRS | None]:
    try:
        names = [str(name) for name, kind in pyogrio.list_layers(path) if kind]
        chosen = _choose(names, layer)
        info = pyogrio.read_info(path, layer=chosen)
        if info["driver"] != driver:
            raise UnreadableFile(_("isinya bukan yang dikatakan namanya"))
        if info["features"] > MAX_ROWS:
            raise too_large()
        frame = pyogrio.read_dataframe(
            path, layer=chosen, force_2d=True, on_invalid="ignore", datetime_as_string=True
        )
    except _GDAL_FAULTS:
        # GDAL's own words may quote what lies in other files.
        raise UnreadableFile(_("berkas rusak")) from None
    frame = frame.drop(columns=["fault", "row"], errors="ignore")
    frame["fault"] = ""
    return frame, frame.crs


def _to_wgs84(frame: geopandas.GeoDataFrame, crs: CRS | None) -> geopandas.GeoDataFrame:
    frame["row"] = range(1, len(frame) + 1)
    if shapely.get_num_coordinates(frame.geometry.values).sum() > MAX_VERTICES:
        raise too_large()
    flat = frame.set_geometry(shapely.force_2d(frame.geometry.values), crs=None)
    if not _is_on_earth(crs):
        return flat
    # What the operator names wins over what the file says.
    placed = flat.set_crs(crs, allow_override=True)
    return placed if crs == CRS.from_epsg(WGS84) else placed.to_crs(WGS84)


def _is_on_earth(crs: CRS | None) -> bool:
    return crs is not None and (crs.is_geographic or crs.is_projected)


def _crs_name(crs: CRS | None) -> str:
    if crs is None or not _is_on_earth(crs):
        return ""
    authority = crs.to_authority()
    return ":".join(authority) if authority else str(crs.name)
