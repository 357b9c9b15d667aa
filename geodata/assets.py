"""Assets and roads: points and lines that have an owner, from a spreadsheet or a vector file.

A fault belongs to a row: `check` names each with its line, its value and the reason, `sound` leaves
out the rows that cannot stand, `replace` writes the rest. Only operators' commands and the demo use
this; it loads geopandas.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as changed
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import geopandas
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from django.utils.translation import gettext as _
from shapely import MultiPoint
from shapely.geometry.base import BaseGeometry

from geodata import editions, sheets, vectors
from geodata.editions import Provenance
from geodata.errors import Problem, UnreadableFile
from geodata.faults import DEGREES, misplaced, within
from geodata.geometry import to_geos
from geodata.models import Asset, City, Edition, Level, RoadClass

ROAD: Final = "road"
"""The layer whose rows are lines and have a class."""

BATCH: Final = 1000
"""Rows of one INSERT."""

_MAX_CODE = 80
_MAX_TEXT = 160
_LAYER = re.compile(r"[a-z][a-z_]{1,29}")
_LINES = frozenset({"LineString", "MultiLineString"})
_CODES = ("nomor", "no_tiang", "kode_ruas", "no_ruas", "osm_id", "kode", "code")
_NAMES = ("nama", "nm_ruas", "nama_ruas", "nama_jalan", "ruas", "name")
_STATUSES = ("status", "status_jalan", "kewenangan")
_ROAD_WORD = re.compile(r"^(jalan|jln|jl)\.? ")
# Legal status as lists of roads spell it → whose it is. Source: UU 38/2004 on roads, article 9.
_CLASSES: Mapping[str, RoadClass] = {
    "nasional": RoadClass.NATIONAL,
    "negara": RoadClass.NATIONAL,
    "provinsi": RoadClass.PROVINCE,
    "propinsi": RoadClass.PROVINCE,
    "kota": RoadClass.CITY,
    "kabupaten": RoadClass.CITY,
    "kab": RoadClass.CITY,
    "lingkungan": RoadClass.NEIGHBOURHOOD,
    "desa": RoadClass.NEIGHBOURHOOD,
    "tol": RoadClass.TOLL,
    **{member.value: member for member in RoadClass},
}

Fault = tuple[str, str, str]
"""Kind, value and reason of what is wrong with a row."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of a file's columns; None where a usual name or nothing at all will do."""

    code: str | None = None
    name: str | None = None
    road_class: str | None = None
    owner: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    lon: str | None = None
    lat: str | None = None


@dataclass(frozen=True, slots=True)
class Constants:
    """What holds for every row whose own cell says nothing; `valid_to` is the last day."""

    road_class: str = ""
    owner: str = ""
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class RowProblem(Problem):
    """One fault of one row.

    Attributes:
        line: of the text file, counted from 1 with the heading; of a vector file, its row.
        value: what stands there.
    """

    line: int = 0
    value: str = ""


def is_layer(name: str) -> bool:
    """Whether a layer of assets may be called so: a short word that is no level of areas."""
    return bool(_LAYER.fullmatch(name)) and name not in {level.layer for level in Level}


def read(
    path: Path,
    *,
    columns: Columns | None = None,
    constants: Constants | None = None,
    crs: str = "",
    layer: str = "",
) -> vectors.Layer:
    """Read points or lines from a CSV, a GeoJSON, a GeoPackage or a zipped shapefile.

    Args:
        path: a local file.
        columns: where what stands, instead of usual names. A road's class is looked for in usual
            columns only where `constants` gives none.
        constants: what holds for every row whose own cell is empty.
        crs: the CRS to read it in, instead of what the file says; a CSV is in EPSG:4326.
        layer: which layer, where the file holds several.

    Returns:
        A layer whose frame has `row` (line), `fault`, `value` (the coordinates as found), `code`,
        `name`, `status` (the class as found), `road_class`, `owner`, `since` and `until` (days as
        found), `blank` (True where no cell says anything), `properties` (all other cells) and
        `geometry` (EPSG:4326).

    Raises:
        UnreadableFile: not such a file, no CRS, or a named column, layer or CRS is not there.
    """
    columns, constants = columns or Columns(), constants or Constants()
    if path.suffix.lower() == sheets.SUFFIX:
        found = sheets.read(path, lon_field=columns.lon, lat_field=columns.lat, crs=crs)
    else:
        found = vectors.read(path, crs=crs, layer=layer)
        found.frame["value"] = ""
    if found.frame.crs is None:
        raise UnreadableFile(_("berkas tidak menyebut CRS; sebutkan dengan --crs"))
    used = _used_columns(found.frame, columns, constants)
    frame = found.frame[["row", "fault", "value", "geometry"]].copy()
    for name, field in used.items():
        frame[name] = vectors.texts(found.frame, field)
    frame["status"] = [text or constants.road_class for text in frame["status"]]
    frame["road_class"] = [_road_class(text) for text in frame["status"]]
    frame["owner"] = [text or constants.owner for text in frame["owner"]]
    frame["since"] = [text or _day(constants.valid_from) for text in frame["since"]]
    frame["until"] = [text or _day(constants.valid_to) for text in frame["until"]]
    frame["blank"], frame["properties"] = _properties(found.frame, set(used.values()))
    frame["geometry"] = frame.geometry.map(_single)
    return changed(found, frame=frame)


def check(
    frame: geopandas.GeoDataFrame, *, layer: str, extent: Sequence[float] | None = None
) -> tuple[RowProblem, ...]:
    """Name every fault of every row, in the order of the file.

    A row with a fault that is not tolerable cannot be loaded. Tolerable are a number or a place
    that several points share: it may be so in the field, and nobody can tell from the file.

    Args:
        frame: what `read` gave.
        layer: what it holds; rows of `road` must be lines with a class.
        extent: the city's box (W, S, E, N) in degrees; None skips that check.
    """
    problems = [
        named(row, fault)
        for row in frame.itertuples()
        for fault in _row_faults(row, layer, extent=extent)
    ]
    points = frame[(frame.geom_type == "Point") & ~frame.is_empty]
    problems += _shared(points, "double_code", _code, _("nomor sama dengan baris %(lines)s"))
    problems += _shared(points, "double_place", _where, _("tempat sama dengan baris %(lines)s"))
    return tuple(sorted(problems, key=lambda problem: (problem.line, problem.kind)))


def remarks(frame: geopandas.GeoDataFrame) -> tuple[str, ...]:
    """Say which names several lines share: segments of one road, or two roads of one name."""
    lines = frame[frame.geom_type.isin(_LINES) & (frame["name"] != "")]
    counts = lines["name"].value_counts()
    repeated = sorted(counts[counts > 1].items())
    if not repeated:
        return ()
    names = ", ".join(f"{name} ({count})" for name, count in repeated)
    return (
        _("%(count)d nama dipakai beberapa baris: %(names)s")
        % {"count": len(repeated), "names": names},
    )


def sound(frame: geopandas.GeoDataFrame, problems: Sequence[RowProblem]) -> geopandas.GeoDataFrame:
    """Leave out the rows that have a fault which is not tolerable."""
    bad = {problem.line for problem in problems if not problem.tolerable}
    return frame[[row not in bad for row in frame["row"]]]


@transaction.atomic
def replace(
    city: City,
    layer: str,
    rows: geopandas.GeoDataFrame,
    *,
    provenance: Provenance,
    accepted: Sequence[Problem] = (),
    at: datetime | None = None,
) -> Edition:
    """Put a new edition of a dataset of a layer in force, in one transaction.

    Args:
        city: whose assets they are.
        layer: what they are: `lamp`, `road` …
        rows: what `sound` left.
        provenance: where they come from; another dataset of the layer stays in force.
        accepted: the faults that the operator knew of, kept with the edition.
        at: the instant from which it holds; default now.
    """
    editions.lock(city)
    at = at or timezone.now()
    current = Edition.objects.current(at).filter(city=city, layer=layer, dataset=provenance.dataset)
    editions.close(current, at)
    edition = editions.begin(
        city, layer, provenance=provenance, rows=len(rows), accepted=accepted, at=at
    )
    Asset.objects.bulk_create(
        (_asset(edition, row) for row in rows.itertuples(index=False)), batch_size=BATCH
    )
    return edition


def _asset(edition: Edition, row: Any) -> Asset:
    since, until = _parsed_day(row.since), _parsed_day(row.until)
    return Asset(
        city_id=edition.city_id,
        edition=edition,
        layer=edition.layer,
        code=row.code,
        name=row.name,
        road_class=row.road_class,
        owner=row.owner,
        valid=DateRange(since, until, "[]") if since or until else None,
        properties=row.properties,
        geom=to_geos(row.geometry.wkb),
    )


def _used_columns(
    frame: geopandas.GeoDataFrame, columns: Columns, constants: Constants
) -> dict[str, str | None]:
    statuses = () if constants.road_class else _STATUSES
    wanted = {
        "code": (columns.code, _CODES),
        "name": (columns.name, _NAMES),
        "status": (columns.road_class, statuses),
        "owner": (columns.owner, ()),
        "since": (columns.valid_from, ()),
        "until": (columns.valid_to, ()),
    }
    return {
        field: vectors.find_field(frame, name, usual) for field, (name, usual) in wanted.items()
    }


def _road_class(text: str) -> str:
    key = _ROAD_WORD.sub("", text.casefold())
    return str(_CLASSES.get(key, ""))


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _parsed_day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _properties(
    frame: geopandas.GeoDataFrame, used: Collection[str | None]
) -> tuple[list[bool], list[dict[str, Any]]]:
    """Gather what has no column of ours; a row that says nothing, or only zeros, is blank."""
    names = [name for name in vectors.own_columns(frame) if name != "value"]
    rows = frame[names].to_dict("records")
    blank = [
        bool(names) and all(vectors.clean(cell) in {"", "0"} for cell in row.values())
        for row in rows
    ]
    rest = [name for name in names if name not in used]
    return blank, [
        {vectors.clean(name): _plain(row[name]) for name in rest if vectors.clean(row[name])}
        for row in rows
    ]


def _plain(cell: object) -> str | float | bool:
    return cell if isinstance(cell, (bool, int, float)) else vectors.clean(cell)


def _single(geom: BaseGeometry | None) -> BaseGeometry | None:
    """Take the point out of a multipoint of one."""
    if isinstance(geom, MultiPoint) and len(geom.geoms) == 1:
        return geom.geoms[0]
    return geom


def named(row: Any, fault: Fault) -> RowProblem:
    """Write down a fault with the row that has it: its line, name and place."""
    kind, value, detail = fault
    return RowProblem(
        kind, _names(row), place=_place(row), detail=detail, line=row.row, value=value
    )


def _names(row: Any) -> tuple[str, ...]:
    line = _("baris %(line)d") % {"line": row.row}
    return (line, row.code or row.name) if row.code or row.name else (line,)


def _place(row: Any) -> tuple[float, float] | None:
    """Give a spot on a row's geometry, None where it lies on no map."""
    if row.geometry is None or row.geometry.is_empty:
        return None
    x, y = row.geometry.representative_point().coords[0]
    return (x, y) if within((x, y, x, y), DEGREES) else None


def _row_faults(row: Any, layer: str, *, extent: Sequence[float] | None) -> Iterator[Fault]:
    """Name what is wrong with one row: kind, value, reason."""
    if row.blank:
        yield "no_attributes", "", _("semua kolom kosong")
    elif layer == ROAD and not row.road_class:
        yield "no_class", row.status, _("status jalan kosong atau tidak dikenal")
    if len(row.code) > _MAX_CODE or max(len(row.name), len(row.owner)) > _MAX_TEXT:
        yield "too_long", row.code or row.name, _("kode, nama atau pemilik terlalu panjang")
    yield from _day_faults(row)
    kinds = _LINES if layer == ROAD else _LINES | {"Point"}
    yield from shape_faults(row, kinds, extent=extent)


def _day_faults(row: Any) -> Iterator[Fault]:
    try:
        since, until = _parsed_day(row.since), _parsed_day(row.until)
    except ValueError:
        yield "bad_date", f"{row.since}, {row.until}", _("tanggal bukan TTTT-BB-HH")
        return
    if since and until and until < since:
        yield "bad_date", f"{row.since}, {row.until}", _("berakhir sebelum mulai")


def shape_faults(
    row: Any, kinds: Collection[str], *, extent: Sequence[float] | None
) -> Iterator[Fault]:
    """Name what is wrong with a row's shape, which should be of one of `kinds`."""
    geom = row.geometry
    if row.fault:
        yield "bad_number", row.value, row.fault
    elif geom is None:
        yield "empty", "", _("tanpa geometri")
    elif geom.geom_type not in kinds:
        yield "wrong_geometry", geom.geom_type, _("bukan titik atau garis yang diharapkan")
    elif geom.is_empty:
        yield "empty", geom.geom_type, _("geometri kosong")
    elif not geom.is_valid:
        yield "invalid", geom.geom_type, _("garis tanpa panjang atau koordinat rusak")
    else:
        kind, detail = misplaced(geom.bounds, extent)
        if kind:
            yield kind, row.value, detail


def _code(row: Any) -> str:
    return str(row.code)


def _where(row: Any) -> tuple[float, float]:
    return row.geometry.x, row.geometry.y


def _shared(
    points: geopandas.GeoDataFrame, kind: str, key: Callable[[Any], Hashable], detail: str
) -> Iterator[RowProblem]:
    """Name every point whose number or place another point has too, and which."""
    rows_by_key = defaultdict(list)
    for row in points.itertuples():
        if key(row):
            rows_by_key[key(row)].append(row)
    for rows in rows_by_key.values():
        for row in rows if len(rows) > 1 else ():
            others = ", ".join(str(other.row) for other in rows if other is not row)
            yield RowProblem(
                kind,
                _names(row),
                place=_place(row),
                tolerable=True,
                detail=detail % {"lines": others},
                line=row.row,
                value=row.code if kind == "double_code" else row.value,
            )
