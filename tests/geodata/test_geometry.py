"""Numbers become points, bytes become geometries, and nothing unchecked reaches GEOS."""

import math
import subprocess
import sys
from decimal import Decimal
from typing import Any

import pytest
import shapely
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from hypothesis import given
from hypothesis import strategies as st

from geodata import geometry
from geodata.crs import WGS84
from geodata.errors import BadCoordinate


@given(lon=st.floats(-180, 180), lat=st.floats(-90, 90))
def test_a_point_in_range_keeps_its_numbers(lon: float, lat: float) -> None:
    point = geometry.point(lon, lat)

    assert (point.x, point.y, point.srid) == (lon, lat, WGS84)


@pytest.mark.parametrize(("lon", "lat"), [("115.2", "-8.65"), (Decimal("115.2"), " -8.65 ")])
def test_text_and_decimals_are_numbers_too(lon: Any, lat: Any) -> None:
    assert geometry.point(lon, lat).coords == (115.2, -8.65)


@pytest.mark.parametrize(
    "bad",
    [
        math.nan, math.inf, -math.inf, 1e200, 1e308, 180.0001, -181, 10**400, "nan", "inf", "",
        "9" * 5000, "115,2", "115.2; DROP", None, True, [115.2], {}, b"x", "\x00", 1j,
    ],
    ids=repr,
)  # fmt: skip
def test_what_is_no_longitude_is_refused_before_geos_sees_it(bad: Any) -> None:
    with pytest.raises(BadCoordinate):
        geometry.point(bad, -8.65)
    with pytest.raises(BadCoordinate):
        geometry.point(115.2, bad)


def test_swapped_axes_of_indonesia_are_no_latitude() -> None:
    with pytest.raises(BadCoordinate):
        geometry.point(-8.65, 115.2)


@given(st.lists(st.tuples(st.floats(94, 141), st.floats(-11, 6)), min_size=2, max_size=9))
def test_bytes_cross_the_border_to_shapely_and_back_unchanged(pairs: Any) -> None:
    line = shapely.LineString(pairs)

    there = geometry.to_geos(line.wkb)

    assert there.srid == WGS84
    assert shapely.from_wkb(geometry.from_geos(there)).equals_exact(line, 0)


def test_a_polygon_becomes_a_multipolygon_of_one() -> None:
    box = Polygon.from_bbox((115, -9, 116, -8))
    box.srid = WGS84

    many = geometry.multipolygon(box)

    assert isinstance(many, MultiPolygon)
    assert (many[0], many.srid) == (box, WGS84)
    assert geometry.multipolygon(many) is many


def test_a_point_is_no_multipolygon() -> None:
    with pytest.raises(TypeError):
        geometry.multipolygon(Point(1, 2))


def test_the_web_path_loads_no_shapely_for_its_points() -> None:
    code = "import sys, geodata.geometry; print({'shapely', 'geopandas'} & set(sys.modules))"

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)

    assert found.stdout.strip() == "set()"
