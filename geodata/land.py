"""How much land: the squares of a grid that a city covers, the size of its areas, their roads.

Boundaries change by edition, so what is computed here stays true as long as its edition is in
force; each process keeps the last few answers, keyed by the editions that they were made from.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geodata import sql
from geodata.crs import WEB_MERCATOR, WGS84
from geodata.models import City, Edition, Level
from geodata.tiles import Tile

_LEVELS: Final = (Level.VILLAGE, Level.DISTRICT, Level.CITY)
"""The finest areas that a city has; together they are its land."""

_KEPT: Final = 12


@dataclass(frozen=True)
class Squares:
    """The land of a city on the squares of one zoom; grids have rows from the north.

    Attributes:
        zoom: of the squares, as web mercator tiles are numbered.
        left: column of the grid's western edge.
        top: row of the grid's northern edge.
        land_m2: land of the city in each square, 0 outside.
        cell_m: side of a square on the ground, its mean over the city.
        codes: code of the area that holds most of each square; empty outside.
    """

    zoom: int
    left: int
    top: int
    land_m2: NDArray[Any]
    cell_m: float
    codes: NDArray[Any]

    @cached_property
    def shape(self) -> tuple[int, int]:
        """How many rows and columns."""
        rows, columns = self.land_m2.shape
        return rows, columns

    def square(self, row: int, column: int) -> Tile:
        """Give the square at a place of the grid."""
        return Tile(self.zoom, self.left + column, self.top + row)


@dataclass(frozen=True, slots=True)
class AreaSize:
    """How large an area is: land in square kilometres, imported roads in kilometres."""

    code: str
    name: str
    kind: str
    parent_code: str
    km2: float
    road_km: float

    @property
    def title(self) -> str:
        """Kind and name, as people say them."""
        return f"{self.kind.capitalize()} {self.name}".strip()


def squares(city: City, zoom: int) -> Squares | None:
    """Find the squares that hold land of a city; None where it has no boundaries in force.

    One statement, and a second the first time after an import (some hundred milliseconds).
    """
    edition = _finest(_in_force(city))
    return _squares(edition, zoom) if edition else None


def sizes(city: City) -> tuple[AreaSize, ...]:
    """Measure a city's finest areas, by code; as costly as `squares`."""
    editions = _in_force(city)
    edition = _finest(editions)
    roads = tuple(key for key, layer in editions if layer == "road")
    return _sizes(edition, roads) if edition else ()


def _in_force(city: City) -> list[tuple[int, str]]:
    layers = ["road", *(level.layer for level in _LEVELS)]
    found = Edition.objects.current().filter(city=city, layer__in=layers).order_by("pk")
    return list(found.values_list("pk", "layer"))


def _finest(editions: list[tuple[int, str]]) -> int | None:
    """Choose the edition of the finest level."""
    by_layer = {layer: key for key, layer in editions}
    return next((by_layer[level.layer] for level in _LEVELS if level.layer in by_layer), None)


@lru_cache(maxsize=_KEPT)
def _squares(edition: int, zoom: int) -> Squares | None:
    params = {"edition": edition, "zoom": zoom, "mercator": WEB_MERCATOR, "wgs84": WGS84}
    rows = sql.fetch("land_cells", params)
    if not rows:
        return None
    x, y = (np.array([row[name] for row in rows]) for name in ("x", "y"))
    left, top = int(x.min()), int(y.min())
    shape = (int(y.max()) - top + 1, int(x.max()) - left + 1)
    land, codes = np.zeros(shape), np.full(shape, "", dtype=object)
    land[y - top, x - left] = [row["land_m2"] for row in rows]
    codes[y - top, x - left] = [row["code"] for row in rows]
    cell_m = float(np.sqrt(np.mean([row["cell_m2"] for row in rows])))
    return Squares(zoom, left, top, land, cell_m, codes)


@lru_cache(maxsize=_KEPT)
def _sizes(edition: int, roads: tuple[int, ...]) -> tuple[AreaSize, ...]:
    del roads  # part of the key: other roads, other lengths
    return tuple(AreaSize(**row) for row in sql.fetch("land_areas", {"edition": edition}))
