"""What can be wrong with boundaries: every fault with its names, its size in m² and its place.

Nothing here mends anything. Sizes are measured in the city's plane; places are EPSG:4326.
"""

import json
import math
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas
import numpy as np
import shapely
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from geodata.crs import INDONESIA, WGS84
from geodata.errors import Problem
from geodata.models import Level

SLIVER_M2: Final = 100.0
"""Largest overlap, gap or loose part, in square metres, that may be accepted as a sliver."""

SLIVER_WIDTH_M: Final = 10.0
"""Widest sliver, in metres on average; what is wider is land, whatever size is accepted."""

OVERLAP_M2: Final = 1.0
"""A smaller overlap is no fault: the tie rule of routing gives it to one owner. A gap of any size
is a fault, for it has no owner."""

EXTENT_MARGIN_DEG: Final = 0.02
"""How far, in degrees (2 km), the middle of an area may lie outside the city's extent."""

AREA_TOLERANCE: Final = 0.02
"""How far an area may differ from the size that its file states, as a share."""

DEGREES: Final = (-180.0, -90.0, 180.0, 90.0)
"""What longitude and latitude can be at all (W, S, E, N)."""

SIMPLER_M: Final = 0.5
"""How far, in metres, the drawing of a fault may lie beside it."""

MAX_CODE: Final = 30
MAX_NAME: Final = 120
"""Longest code and name, in signs, that an area may have."""

_COVERING = frozenset({Level.CITY, Level.DISTRICT, Level.VILLAGE})
_TOUCH_M = 0.01
_REASON = re.compile(r"(.*?)\[(\S+) (\S+)\]")
# GEOS's words for what makes a polygon invalid. Source: GEOS, TopologyValidationError.
_REASONS = {
    "Self-intersection": gettext_lazy("garis batas memotong dirinya sendiri"),
    "Ring Self-intersection": gettext_lazy("garis batas menyentuh dirinya sendiri"),
    "Hole lies outside shell": gettext_lazy("lubang di luar wilayahnya"),
    "Holes are nested": gettext_lazy("lubang di dalam lubang"),
    "Nested shells": gettext_lazy("bagian di dalam bagian lain"),
    "Duplicate Rings": gettext_lazy("garis batas ganda"),
    "Interior is disconnected": gettext_lazy("bagian dalam terputus"),
    "Too few points in geometry component": gettext_lazy("titik sudut terlalu sedikit"),
    "Invalid Coordinate": gettext_lazy("koordinat bukan angka"),
}


@dataclass(frozen=True, slots=True)
class _Patch:
    """A piece of land that is at fault; `shape` is polygonal, in metres."""

    kind: str
    names: tuple[str, ...]
    shape: BaseGeometry


def check(
    frame: geopandas.GeoDataFrame,
    *,
    level: Level,
    metric_srid: int | None = None,
    sliver_m2: float = SLIVER_M2,
    extent: Sequence[float] | None = None,
) -> tuple[Problem, ...]:
    """Name every fault of a layer at once.

    Gaps are looked for where a level must cover its city: not among neighbours, of which only some
    are known, nor among special areas. Invalid areas are mended in a copy to look for more faults
    beside them; what is loaded is never mended.

    Args:
        frame: what `read` gave.
        level: of all its areas.
        metric_srid: the city's plane in metres; None takes the UTM zone of the areas.
        sliver_m2: largest tolerable overlap, gap or loose part, square metres.
        extent: the city's box (W, S, E, N) in degrees; None skips that check.

    Returns:
        The faults that refuse the file first, then the tolerable ones; large before small.
    """
    problems = [
        *_crs_faults(frame),
        *_code_faults(frame),
        *(fault for row in frame.itertuples() for fault in _row_faults(row)),
        *_place_faults(frame, extent if level != Level.NEIGHBOUR else None),
        *_land_faults(frame, level, metric_srid=metric_srid, sliver_m2=sliver_m2),
    ]
    return tuple(sorted(problems, key=_by_weight))


def remarks(frame: geopandas.GeoDataFrame, *, metric_srid: int | None = None) -> tuple[str, ...]:
    """Say which areas differ by more than 2 % from the size that the file itself states."""
    stated = frame[(frame["size_km2"] > 0) & _lie_in_indonesia(frame)]
    if stated.empty:
        return ()
    sizes = stated.to_crs(_plane(stated, metric_srid)).area / 1e6
    return tuple(
        _("%(name)s: luas poligon %(found)s km², tertulis %(stated)s km²")
        % {"name": row.label, "found": _number(size, 2), "stated": _number(row.size_km2, 2)}
        for row, size in zip(stated.itertuples(), sizes, strict=True)
        if abs(size - row.size_km2) > AREA_TOLERANCE * row.size_km2
    )


def polygonal(shape: BaseGeometry) -> shapely.MultiPolygon:
    """Keep the polygons of a geometry and drop its lines and points."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.MultiPolygon([part for part in parts if part.geom_type == "Polygon"])


def _by_weight(problem: Problem) -> tuple[bool, str, float]:
    return problem.tolerable, problem.kind, -(problem.area_m2 or 0.0)


def _crs_faults(frame: geopandas.GeoDataFrame) -> Iterator[Problem]:
    if frame.crs is None:
        yield Problem("no_crs", (), detail=_("berkas tidak menyebut CRS; sebutkan dengan --crs"))


def _code_faults(frame: geopandas.GeoDataFrame) -> Iterator[Problem]:
    labels = defaultdict(list)
    for row in frame.itertuples():
        if row.code:
            labels[row.code].append(row.label)
    for code, names in labels.items():
        if len(names) > 1:
            detail = _("%(code)s dipakai %(count)d kali") % {"code": code, "count": len(names)}
            yield Problem("double_code", tuple(dict.fromkeys(names)), detail=detail)


def _row_faults(row: Any) -> Iterator[Problem]:
    """Name what is wrong with one area by itself."""
    names = (row.label,)
    if not row.code:
        yield Problem("missing_code", names, detail=_("tanpa kode wilayah"))
    if not row.name:
        yield Problem("missing_name", names, detail=_("tanpa nama"))
    if len(row.code) > MAX_CODE or len(row.name) > MAX_NAME:
        yield Problem("too_long", names, detail=_("kode atau nama terlalu panjang"))
    yield from _shape_faults(row, names)


def _shape_faults(row: Any, names: tuple[str, ...]) -> Iterator[Problem]:
    if row.fault:
        yield Problem("invalid", names, detail=row.fault)
    elif row.geometry is None:
        yield Problem("empty", names, detail=_("tanpa geometri"))
    elif row.geometry.geom_type not in {"Polygon", "MultiPolygon"}:
        yield Problem("not_an_area", names, detail=row.geometry.geom_type)
    elif row.geometry.is_empty:
        yield Problem("empty", names, detail=_("geometri kosong"))
    elif not row.geometry.is_valid:
        yield _invalid(names, shapely.is_valid_reason(row.geometry))


def _invalid(names: tuple[str, ...], reason: str) -> Problem:
    """Put GEOS's reason, as in `Self-intersection[115.2 -8.6]`, into words and a place."""
    match = _REASON.fullmatch(reason)
    words, place = reason, None
    if match:
        words = match[1].strip()
        where = float(match[2]), float(match[3])
        place = where if all(map(math.isfinite, where)) else None
    return Problem("invalid", names, place=place, detail=str(_REASONS.get(words, words)))


def _place_faults(
    frame: geopandas.GeoDataFrame, extent: Sequence[float] | None
) -> Iterator[Problem]:
    if frame.crs is None:
        return
    for row in frame[_are_areas(frame)].itertuples():
        box = row.geometry.bounds
        middle = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        kind, detail = misplaced(box, extent)
        if kind:
            place = middle if within((*middle, *middle), DEGREES) else None
            yield Problem(kind, (row.label,), place=place, detail=detail)


def misplaced(box: Sequence[float], extent: Sequence[float] | None) -> tuple[str, str]:
    """Say what is wrong with where something lies.

    Args:
        box: its W, S, E, N as found, degrees if all is well.
        extent: the city's box; None where any place of the country will do.

    Returns:
        Kind and reason; two empty texts where nothing is wrong.
    """
    west, south, east, north = box
    home = INDONESIA if extent is None else _padded(extent)
    middle = (west + east) / 2, (south + north) / 2
    if within(box, INDONESIA) and within((*middle, *middle), home):
        return "", ""
    if within((south, west, north, east), INDONESIA):
        return "swapped", _("lintang dan bujur terbalik?")
    if not within(box, DEGREES):
        return "metres", _("bukan derajat: meter tanpa CRS, atau tanda desimal hilang?")
    if within((west, -north, east, -south), home):
        return "sign", _("lintang tanpa tanda minus?")
    if not within(box, INDONESIA):
        return "outside", _("di luar Indonesia")
    return "outside_city", _("di luar kota ini")


def within(box: Sequence[float], outer: Sequence[float]) -> bool:
    """Whether a box (W, S, E, N) lies in another; False for one that is not finite."""
    west, south, east, north = box
    return outer[0] <= west and outer[1] <= south and east <= outer[2] and north <= outer[3]


def _padded(extent: Sequence[float]) -> tuple[float, float, float, float]:
    west, south, east, north = extent
    pad = EXTENT_MARGIN_DEG
    return west - pad, south - pad, east + pad, north + pad


def _are_areas(frame: geopandas.GeoDataFrame) -> Any:
    return frame.geom_type.isin(["Polygon", "MultiPolygon"]) & ~frame.is_empty


def _lie_in_indonesia(frame: geopandas.GeoDataFrame) -> Any:
    if frame.crs is None:
        return np.zeros(len(frame), dtype=bool)
    boxes = frame.bounds.to_numpy()
    return _are_areas(frame) & np.array([within(box, INDONESIA) for box in boxes])


def _plane(frame: geopandas.GeoDataFrame, metric_srid: int | None) -> CRS:
    return CRS.from_epsg(metric_srid) if metric_srid else frame.estimate_utm_crs()


def _land_faults(
    frame: geopandas.GeoDataFrame, level: Level, *, metric_srid: int | None, sliver_m2: float
) -> list[Problem]:
    """Look at all areas together, in metres: overlaps, gaps, loose parts."""
    known = frame[_lie_in_indonesia(frame)]
    if known.empty:
        return []
    plane = _plane(known, metric_srid)
    areas = _mended(known.geometry.to_crs(plane).to_numpy())
    names = list(known["label"])
    tree = shapely.STRtree(areas)
    patches = [*_overlaps(areas, names, tree), *_slivers(areas, names, sliver_m2)]
    if level in _COVERING:
        patches += _gaps(areas, names, tree)
    return _measured(patches, plane, sliver_m2)


def _mended(areas: Any) -> Any:
    """Give copies to look at: a bow-tie may also overlap its neighbour."""
    return np.array(
        [
            area
            if area.is_valid
            else shapely.make_valid(area, method="structure", keep_collapsed=False)
            for area in areas
        ]
    )


def _overlaps(areas: Any, names: list[str], tree: shapely.STRtree) -> Iterator[_Patch]:
    left, right = tree.query(areas, predicate="intersects")
    once = left < right
    left, right = left[once], right[once]
    shared = shapely.intersection(areas[left], areas[right])
    for i, j, shape in zip(left, right, shared, strict=True):
        if shape.area >= OVERLAP_M2:
            yield _Patch("overlap", (names[i], names[j]), polygonal(shape))


def _gaps(areas: Any, names: list[str], tree: shapely.STRtree) -> Iterator[_Patch]:
    """Find land inside the outer boundary that belongs to nobody, and who lies around it."""
    blocks = shapely.get_parts(shapely.union_all(areas))
    islands = shapely.STRtree(blocks)
    for block in blocks:
        for ring in block.interiors:
            gap = shapely.Polygon(ring)
            inside = islands.query(gap, predicate="contains_properly")
            for shape in shapely.get_parts(gap.difference(shapely.union_all(blocks[inside]))):
                around = tree.query(shape, predicate="dwithin", distance=_TOUCH_M)
                yield _Patch("gap", tuple(sorted(names[i] for i in around)), shape)


def _slivers(areas: Any, names: list[str], sliver_m2: float) -> Iterator[_Patch]:
    """Find parts that are too small and thin to be land: scraps of an overlay."""
    parts, owners = shapely.get_parts(areas, return_index=True)
    for part, owner in zip(parts, owners, strict=True):
        if _is_thin(part, sliver_m2):
            yield _Patch("sliver", (names[owner],), part)


def _is_thin(shape: BaseGeometry, sliver_m2: float) -> bool:
    return shape.area <= sliver_m2 and _width(shape) <= SLIVER_WIDTH_M


def _number(value: float, decimals: int) -> str:
    # Rounded first: number_format cuts.
    return number_format(round(value, decimals), decimals, force_grouping=True)


def _width(shape: BaseGeometry) -> float:
    """Give the average width of a thin shape: a strip is its width times half its outline."""
    return 2 * shape.area / shape.length if shape.length else 0.0


def _measured(patches: list[_Patch], plane: CRS, sliver_m2: float) -> list[Problem]:
    if not patches:
        return []
    spots = [max(shapely.get_parts(patch.shape), key=shapely.area) for patch in patches]
    inside = geopandas.GeoSeries(shapely.point_on_surface(spots), crs=plane).to_crs(WGS84)
    shapes = geopandas.GeoSeries([_plain(patch.shape) for patch in patches], crs=plane)
    return [
        Problem(
            patch.kind,
            patch.names,
            area_m2=patch.shape.area,
            place=(spot.x, spot.y),
            tolerable=_is_thin(patch.shape, sliver_m2),
            detail=_("lebar rata-rata %(width)s m") % {"width": _number(_width(patch.shape), 1)},
            shape=_drawn(shape),
        )
        for patch, spot, shape in zip(patches, inside, shapes.to_crs(WGS84), strict=True)
    ]


def _plain(shape: BaseGeometry) -> BaseGeometry:
    """Draw a fault by few corners; one that would vanish keeps all of its own."""
    plain = shape.simplify(SIMPLER_M)
    return shape if plain.is_empty else plain


def _drawn(shape: BaseGeometry) -> dict[str, Any]:
    """Write a shape as GeoJSON, to the decimetre."""
    rounded = shapely.transform(shape, lambda corners: np.round(corners, 6))
    drawn: dict[str, Any] = json.loads(shapely.to_geojson(rounded))
    return drawn
