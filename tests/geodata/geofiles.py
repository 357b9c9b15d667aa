"""Files of areas and points as operators send them, made by the tests themselves."""

import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas
import shapely
from shapely.geometry.base import BaseGeometry

LON, LAT = 115.2, -8.66
SIDE = 0.01
"""About 1.1 km; a square of it is about 1.2 km²."""


def square(column: float = 0, row: float = 0, *, side: float = SIDE) -> shapely.Polygon:
    """A cell of a grid around Denpasar, in degrees."""
    west, south = LON + column * SIDE, LAT + row * SIDE
    return shapely.box(west, south, west + side, south + side)


def feature(geom: BaseGeometry | Mapping[str, Any] | None, **properties: Any) -> dict[str, Any]:
    """A feature of GeoJSON."""
    shape = shapely.geometry.mapping(geom) if isinstance(geom, BaseGeometry) else geom
    return {"type": "Feature", "properties": properties, "geometry": shape}


def village(
    code: str, geom: BaseGeometry | Mapping[str, Any] | None, **more: Any
) -> dict[str, Any]:
    """A village whose name is its code in words."""
    return feature(geom, kode_kemendagri=code, nama=f"Desa {code}", **more)


def geojson(path: Path, features: Sequence[Mapping[str, Any]], **members: Any) -> Path:
    """Write a FeatureCollection."""
    content = {"type": "FeatureCollection", "features": features, **members}
    path.write_text(json.dumps(content))
    return path


def pair(crs: str = "EPSG:4326") -> geopandas.GeoDataFrame:
    """Two villages side by side, in any CRS."""
    frame = geopandas.GeoDataFrame(
        {"kode_kemendagri": ["A", "B"], "nama": ["Desa A", "Desa B"]},
        geometry=[square(0), square(1)],
        crs="EPSG:4326",
    )
    return frame.to_crs(crs)


def shapefile(path: Path, frame: geopandas.GeoDataFrame, *, without: str = "") -> Path:
    """Write a zipped shapefile, in a folder of the zip as many programs do."""
    folder = path.parent / "shp"
    folder.mkdir()
    # A shapefile cuts the names of its columns after ten signs.
    frame = frame.rename(columns=lambda name: name[:10])
    frame.to_file(folder / "desa.shp", driver="ESRI Shapefile", engine="pyogrio")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(folder.iterdir()):
            if part.suffix != without:
                archive.write(part, f"batas/{part.name}")
    return path
