"""The basemap of one's own as tiles: which one is in force, and what one square of it shows.

A tile is 512 screen pixels wide. It is generalised for its zoom where it is asked for: lines are
joined by name, thinned in the tile's own units, small things left out, and the whole is capped.
Positions are web mercator tile coordinates: x to the east, y to the south.
Sources: OGC Two Dimensional Tile Matrix Set 2.0, annex D.1; Mapbox Vector Tile 2.1 (the grid).
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from django.contrib.gis.db.models import Extent

from geodata import sql
from geodata.models import BasemapFeature, BasemapKind, City, Edition
from geodata.tiles import Tile

MIN_ZOOM: Final = 6
MAX_ZOOM: Final = 16
"""What is closer is drawn from the tiles of this zoom."""

MOST_PLACES: Final = 6_500
"""Corners that a tile holds at most, important things first: about 25 KB compressed."""

_MOST_ROWS = 4_000
_ALL, _NONE = 99, -1
# Tile zoom → the last rank whose names it tells: no map has room for more.
_NAMED = {12: 2, 13: 3}
_EXTENT = 2048
_FINE_EXTENT = 4096
_MARGIN_PART = 32
_PIXELS = 512
_LEAST_PX = 4
_LAYERS = [kind.layer for kind in BasemapKind]
_LINES = {BasemapKind.ROADS: "roads", BasemapKind.WATER: "streams"}

Path = list[int]
"""x and y of the first corner, then of every further corner its way from the one before."""


@dataclass(frozen=True, slots=True)
class Basemap:
    """The basemap of a city that is in force.

    Attributes:
        version: changes with every import; empty where nothing is imported.
        credits: whom to name on the map, each once.
        has_roads: whether it draws streets.
    """

    version: str
    credits: tuple[str, ...]
    has_roads: bool


def in_force(city: City) -> Basemap:
    """Look up a city's basemap; one statement."""
    editions = Edition.objects.current().filter(city=city, layer__in=_LAYERS).order_by("pk")
    found = list(editions.values_list("pk", "layer", "source", "licence"))
    keys = "-".join(str(pk) for pk, *_rest in found)
    named = dict.fromkeys(
        f"{source} ({licence})" if licence else source for _pk, _layer, source, licence in found
    )
    return Basemap(
        version=hashlib.sha256(keys.encode()).hexdigest()[:12] if found else "",
        credits=tuple(named),
        has_roads=any(layer == BasemapKind.ROADS.layer for _pk, layer, *_rest in found),
    )


def box(city: City) -> tuple[float, float, float, float]:
    """Measure what a city's basemap covers: W, S, E, N in degrees; one statement."""
    found = BasemapFeature.objects.filter(city=city).aggregate(box=Extent("geom"))["box"]
    return tuple(found or city.extent)


def read(city: City, tile: Tile) -> list[dict[str, Any]]:
    """Read what a tile shows, the most important first; one statement."""
    extent = _extent(tile)
    west, south, east, north = tile.box
    margin_x, margin_y = (east - west) / _MARGIN_PART, (north - south) / _MARGIN_PART
    pixel = extent / _PIXELS
    close = tile.z >= MAX_ZOOM
    return sql.fetch(
        "basemap_tile",
        {
            "city": city.pk,
            "z": tile.z,
            "x": tile.x,
            "y": tile.y,
            "west": west - margin_x,
            "south": south - margin_y,
            "east": east + margin_x,
            "north": north + margin_y,
            "extent": extent,
            "margin": extent // _MARGIN_PART,
            # the last tiles are looked at eight times as large
            "grain": 1.5 if close else pixel / 2,
            "least": 0 if close else pixel * _LEAST_PX,
            "most": _MOST_ROWS,
            "named": _NAMED.get(tile.z, _ALL if tile.z > max(_NAMED) else _NONE),
        },
    )


def encode(rows: Iterable[dict[str, Any]], tile: Tile) -> bytes:
    """Write a tile as compact JSON arrays; empty bytes where nothing lies.

    Args:
        rows: what `read` gave, the most important first.
        tile: the square that they lie in.

    Returns:
        UTF-8 JSON: `extent` (units of the tile's side), `names`, and per layer a list of
        `[rank, name, path, path …]` in which `name` counts into `names` (-1: none). Layers: `land`,
        `green`, `water`, `buildings` (to be filled, even-odd), `streams`, `roads` (lines), and
        `labels` with `[rank, name, x, y]`. At most `MOST_PLACES` corners.
    """
    layers: defaultdict[str, list[list[Any]]] = defaultdict(list)
    names: dict[str, int] = {}
    left = MOST_PLACES
    for row in rows:
        paths = list(_fitting(_paths(row["shape"]), left, whole=row["area"]))
        left -= sum(map(len, paths))
        if not paths:
            continue
        name = names.setdefault(row["name"], len(names)) if _is_told(row) else -1
        steps = [_steps(path) for path in paths]
        layers[_layer(row)].append(
            [row["rank"], name, *(steps[0] if row["kind"] == "labels" else steps)]
        )
    if not layers:
        return b""
    body = {"extent": _extent(tile), "names": list(names), **layers}
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


def _fitting(
    paths: Iterable[list[list[float]]], left: int, *, whole: bool
) -> Iterator[list[list[float]]]:
    """Take the paths that fit: of a line the longest, an area whole or not at all."""
    found = sorted(paths, key=len, reverse=True) if not whole else list(paths)
    if whole and sum(map(len, found)) > left:
        return
    for path in found:
        left -= len(path)
        if left >= 0:
            yield path


def _extent(tile: Tile) -> int:
    return _FINE_EXTENT if tile.z >= MAX_ZOOM else _EXTENT


def _is_told(row: dict[str, Any]) -> bool:
    return bool(row["name"]) and row["kind"] != BasemapKind.BUILDINGS


def _layer(row: dict[str, Any]) -> str:
    return str(row["kind"]) if row["area"] else _LINES.get(row["kind"], str(row["kind"]))


def _paths(shape: dict[str, Any]) -> Iterator[list[list[float]]]:
    """Take the lines or rings out of a GeoJSON geometry."""
    if shape["type"] == "GeometryCollection":
        for part in shape["geometries"]:
            yield from _paths(part)
        return
    depth = {"Point": -1, "LineString": 0, "MultiPoint": 0, "MultiPolygon": 2}
    yield from _flat(shape["coordinates"], depth.get(shape["type"], 1))


def _flat(parts: list[Any], depth: int) -> Iterator[list[list[float]]]:
    if depth < 0:
        yield [parts]
    elif depth == 0:
        yield parts
    else:
        for part in parts:
            yield from _flat(part, depth - 1)


def _steps(path: list[list[float]]) -> Path:
    first = [int(path[0][0]), int(path[0][1])]
    for (x0, y0), (x1, y1) in pairwise(path):
        first += (int(x1 - x0), int(y1 - y0))
    return first
