"""The border where geometries of the web path are made: numbers in, well-known binary in and out.

Everything here is GEOS as Django binds it. The shapely of the import commands stays on the other
side: it speaks well-known binary, so no web process pays for loading it and no stranger's number
reaches it.
"""

import math
from typing import SupportsFloat

from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Point, Polygon

from geodata.crs import WGS84
from geodata.errors import BadCoordinate

_LONGITUDE_LIMIT = 180.0
_LATITUDE_LIMIT = 90.0


def point(lon: SupportsFloat | str | None, lat: SupportsFloat | str | None) -> Point:
    """Make a point of two numbers that a stranger sent.

    Args:
        lon: degrees east, -180 to 180; a number or its text.
        lat: degrees north, -90 to 90; a number or its text.

    Returns:
        A point in EPSG:4326.

    Raises:
        BadCoordinate: one of them is no finite number in its range.
    """
    # Checked as numbers first: GEOS 3.11 aborts the process when it prints a point at 1e200.
    return Point(_degrees(lon, _LONGITUDE_LIMIT), _degrees(lat, _LATITUDE_LIMIT), srid=WGS84)


def to_geos(wkb: bytes) -> GEOSGeometry:
    """Read well-known binary in EPSG:4326, as shapely's `.wkb` gives it."""
    # GEOSGeometry(bytes) would read text.
    return GEOSGeometry(memoryview(wkb), srid=WGS84)


def from_geos(geom: GEOSGeometry) -> bytes:
    """Write two-dimensional well-known binary that shapely reads; the CRS is left behind."""
    return bytes(geom.wkb)


def multipolygon(geom: GEOSGeometry) -> MultiPolygon:
    """Give a polygon or multipolygon as a multipolygon of the same CRS.

    Raises:
        TypeError: it is neither.
    """
    if isinstance(geom, MultiPolygon):
        return geom
    if isinstance(geom, Polygon):
        return MultiPolygon(geom, srid=geom.srid)
    raise TypeError(geom.geom_type)


def _degrees(value: SupportsFloat | str | None, limit: float) -> float:
    if value is None or isinstance(value, bool):
        raise BadCoordinate
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise BadCoordinate from None
    if not math.isfinite(number) or abs(number) > limit:
        raise BadCoordinate
    return number
