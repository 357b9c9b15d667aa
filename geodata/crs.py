"""The coordinate reference systems of the house; the only file that writes an SRID as a number."""

from typing import Final

WGS84: Final = 4326
"""Longitude and latitude in degrees: at rest and on the wire. Source: EPSG:4326."""

WEB_MERCATOR: Final = 3857
"""The plane of the tiles; never used for lengths or areas. Source: EPSG:3857."""

INDONESIA: Final = (94.5, -11.5, 141.5, 6.5)
"""Box (W, S, E, N) in degrees that holds the country. Source: UU 43/2008 and BIG, rounded out."""

WORLD: Final = (-180.0, -85.0511287798066, 180.0, 85.0511287798066)
"""Box (W, S, E, N) in degrees that web mercator can show. Source: EPSG:3857, as tiles use it."""
