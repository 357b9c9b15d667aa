"""What lies around a place, for a picture that the server draws: land, water and streets in pixels.

Maps in a browser draw the same from tiles; a picture of a link's preview has no browser.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from geodata import sql
from geodata.models import City, Level
from geodata.streets import CLASSES

_MOST: Final = 3000
_ZOOM: Final = 14
_DEPTH: Final = {"LineString": 0, "Polygon": 1, "MultiLineString": 1, "MultiPolygon": 2}

Path = list[tuple[float, float]]
"""Corners of a line or a ring, pixels."""


@dataclass(frozen=True, slots=True)
class View:
    """What a picture shows: a place in its middle (degrees, EPSG:4326), its size, its scale.

    Attributes:
        lon: of the middle; `lat` likewise.
        width: of the picture, pixels; `height` likewise.
        scale: metres of web mercator that a pixel is wide.
    """

    lon: float
    lat: float
    width: int
    height: int
    scale: float


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing to be drawn: its layer, a road's rank (0 the greatest), and its paths in pixels."""

    layer: str
    rank: int
    is_area: bool
    paths: Sequence[Path]


def read(city: City, view: View) -> list[Piece]:
    """Read what a picture shows, the ground first; one statement."""
    params = {
        "city": city.pk,
        "lon": view.lon,
        "lat": view.lat,
        "width": view.width,
        "height": view.height,
        "scale": view.scale,
        "villages": Level.VILLAGE.value,
        "classes": [str(kind) for kind in CLASSES],
        "zoom": _ZOOM,
        "most": _MOST,
    }
    return [_piece(row) for row in sql.fetch("scenery", params)]


def _piece(row: dict[str, Any]) -> Piece:
    return Piece(row["layer"], row["rank"], row["area"], list(_paths(row["shape"])))


def _paths(shape: dict[str, Any] | None) -> Iterator[Path]:
    """Take the lines or rings out of a GeoJSON geometry; what has become a point is left out."""
    for part in (shape or {}).get("geometries", [shape]):
        if part and part["type"] in _DEPTH:
            yield from _flat(part["coordinates"], _DEPTH[part["type"]])


def _flat(parts: list[Any], depth: int) -> Iterator[Path]:
    if depth == 0:
        yield [(x, y) for x, y in parts]
        return
    for part in parts:
        yield from _flat(part, depth - 1)
