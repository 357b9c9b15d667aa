"""A basemap of one's own: roads, water, buildings, land, green and names from an operator's file.

As with assets a fault belongs to a row: `check` names each, `replace` writes the sound ones. What a
row is and how soon it is drawn is decided here, once, by its class as OpenStreetMap or an office
spells it; tiles only read it. Only operators' commands use this; it loads geopandas.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as changed
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import geopandas
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from geodata import assets, editions, vectors
from geodata.assets import BATCH, RowProblem
from geodata.editions import Provenance
from geodata.errors import UnreadableFile
from geodata.geometry import to_geos
from geodata.models import BasemapFeature, BasemapKind, City, Edition

MARGIN_DEG: Final = 0.1
"""How far (about 11 km) around the city's box things are kept: a map does not end at a border."""

MAX_ZOOM: Final = 16
"""The last zoom of tiles; what is closer is drawn from these."""

_MAX_NAME = 160
_MAX_SORT = 30
_LINES = frozenset({"LineString", "MultiLineString"})
_AREAS = frozenset({"Polygon", "MultiPolygon"})
_POINTS = frozenset({"Point", "MultiPoint"})
_SHAPES: Final[Mapping[BasemapKind, frozenset[str]]] = {
    BasemapKind.ROADS: _LINES,
    BasemapKind.WATER: _LINES | _AREAS,
    BasemapKind.BUILDINGS: _AREAS,
    BasemapKind.LAND: _AREAS,
    BasemapKind.GREEN: _AREAS,
    BasemapKind.LABELS: _POINTS | _AREAS,
}
_NAMES = ("name", "nama", "nm_ruas", "nama_ruas", "nama_jalan", "ruas", "namobj", "remark")
_WIDTHS = ("lebar_m", "lebar", "width")
# Columns in which OpenStreetMap, Geofabrik and offices write what a row is.
_TAGS: Final[Mapping[BasemapKind, tuple[str, ...]]] = {
    BasemapKind.ROADS: ("highway",),
    BasemapKind.WATER: ("waterway", "water"),
    BasemapKind.BUILDINGS: ("building",),
    BasemapKind.LAND: ("place", "landuse"),
    BasemapKind.GREEN: ("leisure", "landuse", "natural"),
    BasemapKind.LABELS: ("amenity", "tourism", "shop", "office", "place"),
}
_USUAL = ("fclass", "class", "kelas", "type", "jenis", "fungsi", "remark")
# Class of a road → rank. Sources: OpenStreetMap wiki, Key:highway; UU 38/2004, articles 8 and 9.
_ROADS: Final[Mapping[str, int]] = {
    **dict.fromkeys(("motorway", "trunk", "tol", "toll"), 0),
    **dict.fromkeys(("primary", "nasional", "national", "arteri", "jalan arteri"), 1),
    **dict.fromkeys(("secondary", "provinsi", "province", "kolektor", "jalan kolektor"), 2),
    **dict.fromkeys(("tertiary", "kota", "kabupaten", "city"), 3),
    **dict.fromkeys(("residential", "unclassified", "living_street", "road"), 4),
    **dict.fromkeys(("lokal", "jalan lokal", "desa"), 4),
    **dict.fromkeys(("service", "lingkungan", "jalan lingkungan", "neighbourhood"), 5),
    **dict.fromkeys(("path", "footway", "cycleway", "steps", "pedestrian", "track"), 6),
    **dict.fromkeys(("bridleway", "corridor", "jalan setapak"), 6),
}
_COMMON_ROAD = 4
_WATERS: Final[Mapping[str, int]] = {
    **dict.fromkeys(("river", "sungai", "canal", "riverbank", "water", "reservoir", "lake"), 0),
    **dict.fromkeys(("stream", "tidal_channel", "wetland", "dam", "weir"), 1),
    **dict.fromkeys(("drain", "ditch", "saluran", "drainase", "irigasi"), 2),
}
_LABELS: Final[Mapping[str, int]] = {
    **dict.fromkeys(("hospital", "marketplace", "market", "townhall", "university"), 0),
    **dict.fromkeys(("bus_station", "stadium", "museum", "mall", "park"), 0),
    **dict.fromkeys(("school", "college", "clinic", "police", "fire_station"), 1),
    **dict.fromkeys(("place_of_worship", "temple", "library", "post_office"), 1),
}
_RANKS: Final[Mapping[BasemapKind, Mapping[str, int]]] = {
    BasemapKind.ROADS: _ROADS,
    BasemapKind.WATER: _WATERS,
    BasemapKind.LABELS: _LABELS,
}
# From which tile zoom on a line or name of a rank is drawn (a map's zoom is one more).
_ZOOMS: Final[Mapping[BasemapKind, tuple[int, ...]]] = {
    BasemapKind.ROADS: (6, 7, 9, 10, 12, 14, 15),
    BasemapKind.WATER: (9, 12, 13),
    BasemapKind.LABELS: (14, 15, 16),
}
# A carriageway this wide (metres) is a road of at least this rank, whatever a list calls it.
_WIDE: Final = ((10.0, 2), (6.0, 3))
_DEGREE_M = 111_320.0
_TILE_M = 40_075_017.0
_LEAST_PART = 1 / 120
"""An area is drawn once it is as long as this part of a tile: some four pixels."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of a file's columns; None where a usual name or nothing at all will do."""

    name: str | None = None
    sort: str | None = None


def read(
    path: Path,
    *,
    kind: BasemapKind | None = None,
    columns: Columns | None = None,
    crs: str = "",
    layer: str = "",
) -> tuple[vectors.Layer, BasemapKind]:
    """Read what a basemap is drawn of from a GeoJSON, a GeoPackage or a zipped shapefile.

    Args:
        path: a local file.
        kind: what it holds; default: what most of its rows say they are.
        columns: where what stands, instead of usual names.
        crs: the CRS to read it in, instead of what the file says.
        layer: which layer, where the file holds several.

    Returns:
        A layer whose frame has `row`, `fault`, `value`, `code` (empty), `name`, `sort`, `rank`,
        `from_zoom` and `geometry` (EPSG:4326), and the kind. Rows that say they are of another
        kind are left out; a note counts them.

    Raises:
        UnreadableFile: not such a file, no CRS, a named column is not there, or no row says what
            it is and neither does the caller.
    """
    columns = columns or Columns()
    found = vectors.read(path, crs=crs, layer=layer)
    if found.frame.crs is None:
        raise UnreadableFile(_("berkas tidak menyebut CRS; sebutkan dengan --crs"))
    kind = kind or _guess(found.frame)
    field = vectors.find_field(found.frame, columns.sort, (*_TAGS[kind], *_USUAL))
    frame = found.frame[["row", "fault", "geometry"]].copy()
    frame["value"] = frame["code"] = ""
    frame["name"] = vectors.texts(
        found.frame, vectors.find_field(found.frame, columns.name, _NAMES)
    )
    frame["sort"] = [text.lower() for text in vectors.texts(found.frame, field)]
    widths = vectors.texts(found.frame, vectors.find_field(found.frame, None, _WIDTHS))
    frame["rank"] = [
        _rank(kind, sort, width) for sort, width in zip(frame["sort"], widths, strict=True)
    ]
    frame["from_zoom"] = [
        _from_zoom(kind, rank, geom)
        for rank, geom in zip(frame["rank"], frame.geometry, strict=True)
    ]
    tagged = field is not None and field.lower() in _TAGS[kind]
    return _of_its_kind(changed(found, frame=frame), tagged=tagged), kind


def check(frame: geopandas.GeoDataFrame, *, kind: BasemapKind) -> tuple[RowProblem, ...]:
    """Name every fault of every row, in the order of the file; none of them is tolerable."""
    return tuple(
        assets.named(row, fault) for row in frame.itertuples() for fault in _row_faults(row, kind)
    )


def around(frame: geopandas.GeoDataFrame, extent: Sequence[float]) -> geopandas.GeoDataFrame:
    """Keep what touches the city's box (W, S, E, N, degrees) or its surroundings."""
    west, south, east, north = extent
    margin = MARGIN_DEG
    return frame.cx[west - margin : east + margin, south - margin : north + margin]


@transaction.atomic
def replace(
    city: City,
    kind: BasemapKind,
    rows: geopandas.GeoDataFrame,
    *,
    provenance: Provenance,
    accepted: Sequence[RowProblem] = (),
    at: datetime | None = None,
) -> Edition:
    """Put a new edition of a dataset of a kind in force, in one transaction.

    Args:
        city: whose map it is.
        kind: what the rows are.
        rows: what `assets.sound` and `around` left.
        provenance: where they come from: its `source` is shown on the map. Another dataset of the
            kind stays in force.
        accepted: the faults that the operator knew of, kept with the edition.
        at: the instant from which it holds; default now.
    """
    editions.lock(city)
    at = at or timezone.now()
    current = Edition.objects.current(at).filter(
        city=city, layer=kind.layer, dataset=provenance.dataset
    )
    BasemapFeature.objects.filter(edition__in=current).delete()
    editions.close(current, at)
    edition = editions.begin(
        city, kind.layer, provenance=provenance, rows=len(rows), accepted=accepted, at=at
    )
    BasemapFeature.objects.bulk_create(
        (_feature(edition, kind, row) for row in rows.itertuples(index=False)), batch_size=BATCH
    )
    return edition


def _feature(edition: Edition, kind: BasemapKind, row: Any) -> BasemapFeature:
    return BasemapFeature(
        city_id=edition.city_id,
        edition=edition,
        kind=kind,
        rank=row.rank,
        from_zoom=row.from_zoom,
        sort=row.sort[:_MAX_SORT],
        name=row.name,
        geom=to_geos(row.geometry.wkb),
    )


def _guess(frame: geopandas.GeoDataFrame) -> BasemapKind:
    """Tell the kind by the tag that most rows have, else by the usual columns' words."""
    counts = {
        kind: sum(map(bool, vectors.texts(frame, vectors.find_field(frame, None, tags[:1]))))
        for kind, tags in _TAGS.items()
    }
    best = max(counts, key=lambda kind: counts[kind])
    if counts[best]:
        return best
    words = {text.lower() for text in vectors.texts(frame, vectors.find_field(frame, None, _USUAL))}
    for kind, ranks in _RANKS.items():
        if words & ranks.keys():
            return kind
    raise UnreadableFile(
        _("berkas tidak menyebut isinya; sebutkan dengan --kind %(kinds)s")
        % {"kinds": "|".join(BasemapKind.values)}
    )


def _of_its_kind(layer: vectors.Layer, *, tagged: bool) -> vectors.Layer:
    """Leave out the rows that a tag's column says nothing of: they are something else."""
    if not tagged or not any(layer.frame["sort"]):
        return layer
    kept = layer.frame[layer.frame["sort"] != ""]
    others = len(layer.frame) - len(kept)
    if not others:
        return layer
    note = _("%(count)d baris tidak dibaca: bukan jenis ini") % {"count": others}
    return changed(layer, frame=kept, notes=(*layer.notes, note))


def _rank(kind: BasemapKind, sort: str, width: str) -> int:
    if kind not in _RANKS:
        return 0
    ranks = _RANKS[kind]
    last = len(_ZOOMS[kind]) - 1
    usual = _COMMON_ROAD if kind == BasemapKind.ROADS else last
    rank = ranks.get(sort.removesuffix("_link"), usual)
    # Above a common road the class says more than the width does.
    return _widened(rank, width) if kind == BasemapKind.ROADS and rank == _COMMON_ROAD else rank


def _widened(rank: int, width: str) -> int:
    try:
        metres = float(width.replace(",", "."))
    except ValueError:
        return rank
    return next((better for least, better in _WIDE if metres >= least), rank)


def _from_zoom(kind: BasemapKind, rank: int, geom: BaseGeometry | None) -> int:
    """Find the first tile zoom that draws it: lines and names by rank, areas by their size."""
    if kind in _ZOOMS and (geom is None or geom.geom_type not in _AREAS):
        return _ZOOMS[kind][rank]
    if geom is None or geom.is_empty or not all(map(math.isfinite, geom.bounds)):
        return MAX_ZOOM
    west, south, east, north = geom.bounds
    size_m = max(east - west, north - south) * _DEGREE_M
    fits = math.ceil(math.log2(_TILE_M * _LEAST_PART / size_m)) if size_m > 0 else MAX_ZOOM
    least = MAX_ZOOM - 2 if kind in {BasemapKind.BUILDINGS, BasemapKind.LABELS} else 0
    return min(max(fits, least), MAX_ZOOM)


def _row_faults(row: Any, kind: BasemapKind) -> list[assets.Fault]:
    faults = list(assets.shape_faults(row, _SHAPES[kind], extent=None))
    if len(row.name) > _MAX_NAME:
        faults.append(("too_long", row.name, _("nama terlalu panjang")))
    if kind == BasemapKind.LABELS and not row.name:
        faults.append(("missing_name", "", _("tanpa nama")))
    return faults
