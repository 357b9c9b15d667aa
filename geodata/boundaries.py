"""Boundaries: a file in, the land that changed out.

`read` finds the columns, `check` (of `faults`) names every fault at once and mends none, `replace`
(of `succession`) puts a new edition in force. Only the operator's command, the demo and the locked
room in which uploads are checked use this; it loads geopandas.
"""

from collections.abc import Sequence
from dataclasses import replace as changed
from pathlib import Path
from typing import Any

import geopandas
from django.utils.translation import gettext as _

from geodata import vectors
from geodata.editions import Provenance
from geodata.errors import BadBoundaries, Problem
from geodata.faults import SLIVER_M2, check, remarks
from geodata.geometry import multipolygon, to_geos
from geodata.levels import Level
from geodata.succession import Feature, Replacement, replace

__all__ = [
    "SLIVER_M2",
    "Feature",
    "Provenance",
    "Replacement",
    "accept",
    "check",
    "features",
    "read",
    "remarks",
    "replace",
]

# Usual names of columns, the best first: our own spelling, BIG's RBI (NAMOBJ, WADM…, KD…PUM), HDX.
_CODE_NAMES = {
    Level.NEIGHBOUR: ("kode_kemendagri", "kode_bps", "kdepum", "kdppum", "adm4_pcode", "kode"),
    Level.CITY: ("kode_kota", "kode_kabupaten", "kdpkab", "kode_kemendagri", "kdppum", "kode_bps"),
    Level.DISTRICT: ("kode_kecamatan", "kdcpum", "kode_kemendagri", "kode_kecamatan_bps", "kdcbps"),
    Level.VILLAGE: ("kode_kemendagri", "kode_desa", "kdepum", "kode_bps", "kdebps", "adm4_pcode"),
    Level.SPECIAL: ("kode", "code", "id"),
}
_LAST_CODE_NAMES = ("kode", "code")
_NAME_NAMES = {
    Level.NEIGHBOUR: ("nama", "wadmkd", "namobj", "desa", "kelurahan", "adm4_en", "name"),
    Level.CITY: ("kota", "kabupaten", "wadmkk", "nama", "namobj", "adm2_en", "name"),
    Level.DISTRICT: ("kecamatan", "wadmkc", "nama", "namobj", "adm3_en", "name"),
    Level.VILLAGE: ("nama", "wadmkd", "nama_desa", "desa", "kelurahan", "namobj", "name"),
    Level.SPECIAL: ("nama", "namobj", "name"),
}
_PARENT_NAMES = {
    Level.NEIGHBOUR: ("kode_kabupaten", "kabupaten", "kota", "wadmkk"),
    Level.CITY: ("kode_provinsi",),
    Level.DISTRICT: ("kode_kota", "kode_kabupaten", "kdpkab"),
    Level.VILLAGE: ("kode_kecamatan", "kdcpum", "kode_kecamatan_bps"),
    Level.SPECIAL: (),
}
_KIND_NAMES = ("jenis", "kind", "tipe")
_SIZE_NAMES = ("luas_km2",)


def read(
    path: Path,
    *,
    level: Level,
    name_field: str | None = None,
    code_field: str | None = None,
    kind_field: str | None = None,
    parent_field: str | None = None,
    crs: str = "",
    layer: str = "",
) -> vectors.Layer:
    """Read the areas of a level from a GeoJSON, a GeoPackage or a zipped shapefile.

    Args:
        path: a local file.
        level: decides which usual column names are tried.
        name_field: column of the name, instead of a usual one; likewise the other fields. Without
            `code_field` an area that lacks the best code takes the next one, and a note says so.
        crs: the CRS to read it in, instead of what the file says.
        layer: which layer, where the file holds several.

    Returns:
        A layer whose frame has `code`, `name`, `kind`, `parent_code`, `label` (for people),
        `size_km2` (as the file states it, NaN where it does not) and `geometry` (EPSG:4326).

    Raises:
        UnreadableFile: not such a file, or a named column, layer or CRS is not there.
    """
    found = vectors.read(path, crs=crs, layer=layer)
    frame = found.frame[["row", "fault", "geometry"]].copy()
    code_names = (*_CODE_NAMES[level], *_LAST_CODE_NAMES)
    frame["code"], notes = _codes(found.frame, code_field, code_names)
    frame["name"] = _texts(found.frame, name_field, _NAME_NAMES[level])
    frame["kind"] = _texts(found.frame, kind_field, _KIND_NAMES)
    frame["parent_code"] = _texts(found.frame, parent_field, _PARENT_NAMES[level])
    frame["size_km2"] = [_number(text) for text in _texts(found.frame, None, _SIZE_NAMES)]
    frame["label"] = [_label(row) for row in frame.itertuples()]
    return changed(found, frame=frame, notes=notes)


def accept(problems: Sequence[Problem], *, slivers: bool) -> tuple[Problem, ...]:
    """Let tolerable faults pass if the operator says so.

    Raises:
        BadBoundaries: one of them is not tolerable, or slivers are not accepted.
    """
    if problems and not (slivers and all(problem.tolerable for problem in problems)):
        raise BadBoundaries(tuple(problems))
    return tuple(problems)


def features(frame: geopandas.GeoDataFrame) -> tuple[Feature, ...]:
    """Turn a frame without faults into areas that the database takes."""
    return tuple(
        Feature(
            code=row.code,
            name=row.name,
            area=multipolygon(to_geos(row.geometry.wkb)),
            kind=row.kind,
            parent_code=row.parent_code,
        )
        for row in frame.itertuples(index=False)
    )


def _codes(
    frame: geopandas.GeoDataFrame, wanted: str | None, names: tuple[str, ...]
) -> tuple[list[str], tuple[str, ...]]:
    """Take each area's best code: two forests of Kota Batu have no Kemendagri code, but BPS's."""
    tried = [(wanted, ())] if wanted else [(None, (name,)) for name in names]
    found = [vectors.find_field(frame, field, usual) for field, usual in tried]
    fields = [field for field in dict.fromkeys(found) if field]
    if not fields:
        return [""] * len(frame), ()
    codes, notes = [], []
    rows = zip(*(vectors.texts(frame, field) for field in fields), strict=True)
    for row, cells in zip(frame["row"], rows, strict=True):
        best = next((place for place, cell in enumerate(cells) if cell), 0)
        codes.append(cells[best])
        if best:
            words = {"row": row, "best": fields[0], "field": fields[best], "code": cells[best]}
            notes.append(_("baris %(row)d tanpa %(best)s; memakai %(field)s %(code)s") % words)
    return codes, tuple(notes)


def _texts(frame: geopandas.GeoDataFrame, wanted: str | None, names: tuple[str, ...]) -> list[str]:
    return vectors.texts(frame, vectors.find_field(frame, wanted, names))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _label(row: Any) -> str:
    if row.name and row.code:
        return f"{row.name} ({row.code})"
    return row.name or row.code or _("baris %(row)d") % {"row": row.row}
