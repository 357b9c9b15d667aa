"""Keys, tiles and their bytes: known answers, and truths for every place on earth."""

import itertools
import json

import numpy as np
import pyogrio
import pytest
from django.db import connection, models
from hypothesis import given
from hypothesis import strategies as st

from geodata import tiles
from geodata.errors import BadCoordinate
from geodata.tiles import Cells, Point, Tile

LONGITUDES = st.floats(-180, 180)
LATITUDES = st.floats(-90, 90)
PLACES = st.tuples(LONGITUDES, LATITUDES)


@st.composite
def some_tiles(draw, most_zoom=tiles.MAX_ZOOM):
    z = draw(st.integers(0, most_zoom))
    return Tile(z, draw(st.integers(0, 2**z - 1)), draw(st.integers(0, 2**z - 1)))


def test_null_island_starts_the_last_quarter_of_the_keys():
    assert tiles.key(0, 0) == 3 * 2**46


def test_the_corners_of_the_world_have_the_first_and_the_last_key():
    assert tiles.key(-180, 85.06) == 0
    assert tiles.key(180, -90) == 2**48 - 1


def test_denpasar_lies_in_the_tile_that_every_map_server_knows():
    """Slippy map tile names, OpenStreetMap wiki: floor((lon + 180) / 360 * 2**z) and its twin."""
    assert Tile.holding(115.2167, -8.6705, z=12) == Tile(12, 3358, 2147)


@pytest.mark.parametrize(
    ("lon", "lat"),
    [(float("nan"), 0), (0, float("inf")), (180.1, 0), (0, -90.5), (1e200, 1)],
)
def test_a_key_needs_a_place_on_the_globe(lon, lat):
    with pytest.raises(BadCoordinate):
        tiles.key(lon, lat)


@pytest.mark.parametrize(
    ("z", "x", "y"), [(-1, 0, 0), (23, 0, 0), (3, 8, 0), (3, 0, 8), (3, -1, 0), (0, 0, 1)]
)
def test_what_is_no_tile_is_refused(z, x, y):
    with pytest.raises(BadCoordinate):
        Tile(z, x, y)


def test_the_tile_of_zoom_zero_is_the_whole_world():
    world = Tile(0, 0, 0)

    assert world.range == (0, 2**48)
    assert world.box == pytest.approx((-180, -85.0511287798066, 180, 85.0511287798066))


@given(tile=some_tiles(most_zoom=tiles.MAX_ZOOM - 1))
def test_a_tile_contains_its_children_and_they_fill_it(tile):
    west, south, east, north = tile.box
    boxes = [child.box for child in tile.children]
    ranges = sorted(child.range for child in tile.children)

    assert min(box[0] for box in boxes) == pytest.approx(west)
    assert min(box[1] for box in boxes) == pytest.approx(south)
    assert max(box[2] for box in boxes) == pytest.approx(east)
    assert max(box[3] for box in boxes) == pytest.approx(north)
    assert (ranges[0][0], ranges[-1][1]) == tile.range
    assert all(one[1] == two[0] for one, two in itertools.pairwise(ranges))


@given(place=PLACES, z=st.integers(0, tiles.MAX_ZOOM))
def test_the_key_of_a_place_lies_in_the_range_of_its_tile(place, z):
    low, high = Tile.holding(*place, z=z).range

    assert low <= tiles.key(*place) < high


@given(tile=some_tiles())
def test_the_box_of_a_tile_lies_in_the_world(tile):
    west, south, east, north = tile.box

    assert -180 <= west < east <= 180
    assert -85.0511287798067 <= south < north <= 85.0511287798067


@given(tile=some_tiles(), share=st.tuples(st.floats(0.01, 0.99), st.floats(0.01, 0.99)))
def test_a_place_in_the_box_belongs_to_the_tile(tile, share):
    west, south, east, north = tile.box
    lon, lat = west + share[0] * (east - west), south + share[1] * (north - south)

    assert Tile.holding(lon, lat, z=tile.z) == tile


@given(x=st.integers(0, 2**24 - 1), y=st.integers(0, 2**24 - 1))
def test_spreading_and_gathering_undo_each_other(x, y):
    q = tiles._interleave(x, y)

    assert (tiles._gather(q), tiles._gather(q >> 1)) == (x, y)


# Bytes ----------------------------------------------------------------------------------------


def cells(*entries, side=32):
    """Cells of (row * side + column, layer * 2 + overdue, count)."""
    table = np.array(entries, dtype=np.int64).reshape(-1, 3)
    return Cells(side, *table.T)


def unrun(flat):
    """Undo the runs of zeros, as any client must."""
    found, at = {}, 0
    for number in flat:
        if number < 0:
            at -= number
        else:
            found[at] = number
            at += 1
    return found


@given(q=st.integers(0, 2**48 - 1))
def test_the_middle_of_a_square_lies_in_it(q):
    assert tiles.key(*tiles.middle(q)) == q


def test_an_empty_tile_has_no_bytes():
    assert tiles.encode(cells()) == tiles.encode_mvt(cells()) == b""


def test_points_are_written_flat_by_the_series_of_their_numbers():
    points = (
        Point("DPS-26-000123", 3, 9, overdue=False, x=7, y=8),
        Point("LAMA", 0, 2, overdue=False, x=1, y=1),
        Point("DPS-25-000007", 0, 12, overdue=True, x=0, y=4095),
        Point("DPS-26-000045", 4, 9, overdue=False, x=5, y=6),
    )

    body = json.loads(tiles.encode(cells((0, 0, 4)), points))

    assert body == {
        "n": 4,
        "series": [["DPS-25-", 6, 1], ["DPS-26-", 6, 2], ["LAMA", 0, 1]],
        "points": [7, 1, 12, 0, 4095, 45, 8, 9, 5, 6, 123, 6, 9, 7, 8, 0, 0, 2, 1, 1],
    }


@given(number=st.text(st.sampled_from("AB-0123456789"), min_size=1, max_size=24))
def test_every_number_can_be_put_together_again(number):
    body = json.loads(
        tiles.encode(cells((0, 0, 1)), (Point(number, 0, 1, overdue=False, x=1, y=2),))
    )

    ((begin, digits, count),) = body["series"]
    assert begin + (f"{body['points'][0]:0{digits}d}" if digits else "") == number
    assert (count, body["points"][0] < 2**53) == (1, True)


def test_cells_become_totals_and_groups_by_layer():
    counted = cells((0, 0, 400), (0, 6, 10), (99, 1, 5), (1023, 8, 200))

    body = json.loads(tiles.encode(counted))

    assert (body["n"], body["side"]) == (615, 32)
    assert body["cells"] == [410, -98, 5, -923, 200]
    assert unrun(body["groups"]) == {0: 400, 1: 5, 6: 10, 638: 200}


@given(
    entries=st.lists(
        st.tuples(st.integers(0, 1023), st.integers(0, 9), st.integers(1, 99999)), min_size=1
    )
)
def test_cells_and_groups_each_sum_to_the_total_and_stand_in_their_places(entries):
    counted = cells(*entries)

    body = json.loads(tiles.encode(counted))

    found, groups = unrun(body["cells"]), unrun(body["groups"])
    assert sum(found.values()) == sum(groups.values()) == body["n"] == counted.total
    for cell, code, _count in entries:
        row, column = divmod(cell, 32)
        assert found[cell]
        assert groups[(row // 4 * 8 + column // 4) * 10 + code]


def test_the_fullest_tile_of_ten_million_stays_below_twelve_kilobytes():
    full = [(cell, code, 976) for cell in range(1024) for code in range(10)]

    body = tiles.encode(cells(*full))

    assert sum(n for _cell, _code, n in full) == 9_994_240
    assert len(body) <= tiles.MOST_BYTES == 12_288


def test_the_fullest_tile_of_points_stays_below_twelve_kilobytes():
    points = [
        Point(
            f"DPS-{year}-{900_000 + 797 * at % 99_999:06d}", 4, 123, overdue=False, x=4000, y=4000
        )
        for at in range(100)
        for year in range(22, 27)
    ]

    body = tiles.encode(cells((0, 0, len(points))), points)

    assert len(points) == tiles.MOST_POINTS
    assert len(json.loads(body)["points"]) == 5 * len(points)
    assert len(body) <= tiles.MOST_BYTES


def test_points_that_would_take_too_much_room_are_counted_instead():
    points = [
        Point(f"{at:03d}-SP4N-LAPOR-{at:06d}", 0, 99, overdue=False, x=4000, y=4000)
        for at in range(500)
    ]

    body = json.loads(tiles.encode(cells((5, 0, 500)), points))

    assert "points" not in body
    assert body["n"] == sum(unrun(body["cells"]).values()) == 500


# Vector tiles, read by a decoder that is not ours ---------------------------------------------


def decoded(blob, layer):
    """Read one layer by GDAL: (properties, geometry in the units of the tile, y to the north)."""
    found = pyogrio.read_dataframe(blob, layer=layer)
    return [(row.drop("geometry").to_dict(), row.geometry) for _at, row in found.iterrows()]


@pytest.mark.django_db
def test_a_vector_tile_tells_the_cells_as_the_arrays_do():
    counted = cells((0, 0, 400), (0, 6, 10), (99, 1, 5), (1023, 8, 200))

    features = decoded(tiles.encode_mvt(counted), "cells")

    told = [
        (fields["n"], [fields[f"layer_{layer}"] for layer in range(5)], fields["overdue"])
        for fields, _geometry in features
    ]
    assert told == [
        (410, [400, 0, 0, 10, 0], 0),
        (5, [5, 0, 0, 0, 0], 5),
        (200, [0, 0, 0, 0, 200], 0),
    ]
    assert {geometry.geom_type for _fields, geometry in features} <= {"Polygon", "MultiPolygon"}


@pytest.mark.django_db
def test_a_vector_tile_tells_every_issue():
    points = (
        Point("DPS-26-000007", 0, 12, overdue=True, x=0, y=4095),
        Point("DPS-26-000123", 3, 9, overdue=False, x=7, y=8),
    )

    features = decoded(tiles.encode_mvt(cells((0, 0, 2)), points), "issues")

    assert [fields["number"] for fields, _geometry in features] == [one.number for one in points]
    assert [bool(fields["overdue"]) for fields, _geometry in features] == [True, False]
    assert [(fields["layer"], fields["category"]) for fields, _geometry in features] == [
        (0, 12),
        (3, 9),
    ]


# Counting rows --------------------------------------------------------------------------------


class Spot(models.Model):
    """A table that only this test knows."""

    layer = models.SmallIntegerField()
    overdue = models.BooleanField()
    q = models.BigIntegerField()

    class Meta:
        app_label = "no_app"

    def __str__(self):
        return str(self.q)


@pytest.fixture
def spots(db):
    with connection.schema_editor() as editor:
        editor.create_model(Spot)

    def fill(places):
        Spot.objects.bulk_create(
            Spot(layer=at % 5, overdue=at % 7 == 0, q=tiles.key(*place))
            for at, place in enumerate(places)
        )
        return Spot.objects.all()

    return fill


def around(count, lon=115.2, lat=-8.66):
    return [(lon + 0.0007 * (at % 40), lat + 0.0007 * (at // 40)) for at in range(count)]


def test_rows_are_counted_by_cell_and_code_in_one_statement(spots, django_assert_num_queries):
    rows, tile = spots(around(501)), Tile.holding(115.21, -8.655, z=9)

    with django_assert_num_queries(1):
        found = tiles.count(rows, tile)

    late = found.count[found.code % 2 == 1].sum()
    assert found.total == rows.count() == 501
    assert late == rows.filter(overdue=True).count()
    assert found.count[found.code // 2 == 3].sum() == rows.filter(layer=3).count()


@pytest.mark.parametrize("z", range(tiles.MAX_ZOOM))
def test_the_children_of_a_tile_hold_what_it_holds(spots, z):
    rows = spots(around(60))
    tile = Tile.holding(115.2, -8.66, z=z)

    counted = [tiles.count(rows, child).total for child in tile.children]

    assert sum(counted) == tiles.count(rows, tile).total


@pytest.mark.parametrize("z", [0, 5, 9, 12, 13, 16, 19, 20, 22])
def test_a_point_is_drawn_where_it_lies(z):
    lon, lat = 115.216712, -8.670534
    tile = Tile.holding(lon, lat, z=z)

    point = Point.at(tiles.key(lon, lat), tile, number="1", layer=0, category=1, overdue=False)

    west, _, east, _ = tile.box
    drawn = west + (east - west) * (point.x + 0.5) / 4096
    assert abs(drawn - lon) < max(360 / 2**24, (east - west) / 4096)
