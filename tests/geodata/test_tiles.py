"""Keys, tiles and their bytes: known answers, and truths for every place on earth."""

import itertools
import json

import pytest
from django.db import connection, models
from hypothesis import given
from hypothesis import strategies as st

from geodata import tiles
from geodata.errors import BadCoordinate
from geodata.tiles import Cell, Point, Tile, TileData

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


def test_an_empty_tile_has_no_bytes():
    assert tiles.encode(TileData(0, 32, (), None)) == b""


def test_points_are_written_flat_behind_their_common_prefix():
    points = (
        Point("DPS-26-000007", 0, 12, overdue=True, x=0, y=4095),
        Point("DPS-26-000123", 3, 9, overdue=False, x=7, y=8),
    )

    body = json.loads(tiles.encode(TileData(2, 32, (), points)))

    assert body == {
        "n": 2,
        "prefix": "DPS-26-000",
        "points": ["007", 0, 12, 1, 0, 4095, "123", 3, 9, 0, 7, 8],
    }


def test_a_single_point_keeps_its_number():
    body = json.loads(
        tiles.encode(TileData(1, 32, (), (Point("DPS-26-000007", 0, 1, overdue=False, x=1, y=2),)))
    )

    assert body["prefix"] + body["points"][0] == "DPS-26-000007"


def test_cells_become_totals_and_groups_by_layer():
    cells = (
        Cell(0, 0, 0, overdue=False, count=400),
        Cell(0, 0, 3, overdue=False, count=10),
        Cell(3, 3, 0, overdue=True, count=5),
        Cell(31, 31, 4, overdue=False, count=200),
    )

    body = json.loads(tiles.encode(TileData(615, 32, cells, None)))

    assert body["cells"] == [0, 410, 99, 5, 1023, 200]
    assert body["groups"] == [0, 0, 400, 0, 1, 5, 0, 6, 10, 63, 8, 200]


@given(
    cells=st.lists(
        st.builds(
            Cell,
            x=st.integers(0, 31),
            y=st.integers(0, 31),
            layer=st.integers(0, 4),
            overdue=st.booleans(),
            count=st.integers(1, 9999),
        ),
        min_size=1,
    )
)
def test_cells_and_groups_each_sum_to_the_total(cells):
    total = sum(cell.count for cell in cells)

    body = json.loads(tiles.encode(TileData(total, 32, tuple(cells), None)))

    assert sum(body["cells"][1::2]) == sum(body["groups"][2::3]) == body["n"] == total


def test_the_fullest_tile_stays_small():
    cells = tuple(
        Cell(x, y, layer, overdue=overdue, count=12345)
        for x in range(32)
        for y in range(32)
        for layer in range(5)
        for overdue in (False, True)
    )

    assert len(tiles.encode(TileData(sum(cell.count for cell in cells), 32, cells, None))) < 22_000


class Spot(models.Model):
    """A table that only this test knows."""

    number = models.CharField(max_length=20)
    layer = models.SmallIntegerField()
    overdue = models.BooleanField()
    category_id = models.IntegerField()
    q = models.BigIntegerField()

    class Meta:
        app_label = "no_app"

    def __str__(self):
        return self.number


@pytest.fixture
def spots(db):
    with connection.schema_editor() as editor:
        editor.create_model(Spot)

    def fill(places):
        Spot.objects.bulk_create(
            Spot(
                number=f"T-{at:05d}",
                layer=at % 5,
                overdue=at % 7 == 0,
                category_id=at % 3,
                q=tiles.key(*place),
            )
            for at, place in enumerate(places)
        )
        return Spot.objects.all()

    return fill


def around(count, lon=115.2, lat=-8.66):
    return [(lon + 0.0007 * (at % 40), lat + 0.0007 * (at // 40)) for at in range(count)]


def test_few_issues_are_read_as_points(spots, django_assert_num_queries):
    rows, tile = spots(around(500)), Tile.holding(115.21, -8.655, z=9)

    with django_assert_num_queries(2):
        data = tiles.read(rows, tile)

    assert data.total == 500 == len(data.points)
    assert sum(cell.count for cell in data.cells) == 500


def test_many_issues_are_read_as_counts(spots, django_assert_num_queries):
    rows, tile = spots(around(501)), Tile.holding(115.21, -8.655, z=9)

    with django_assert_num_queries(1):
        data = tiles.read(rows, tile)

    assert data.points is None
    assert sum(cell.count for cell in data.cells) == rows.count() == data.total


@pytest.mark.parametrize("z", range(tiles.MAX_ZOOM))
def test_the_children_of_a_tile_hold_what_it_holds(spots, z):
    rows = spots(around(60))
    tile = Tile.holding(115.2, -8.66, z=z)

    assert (
        sum(tiles.read(rows, child).total for child in tile.children)
        == tiles.read(rows, tile).total
    )


@pytest.mark.parametrize("z", [0, 5, 9, 12, 13, 16, 19, 20, 22])
def test_a_point_is_drawn_where_it_lies(spots, z):
    lon, lat = 115.216712, -8.670534
    rows, tile = spots([(lon, lat)]), Tile.holding(lon, lat, z=z)

    point = tiles.read(rows, tile).points[0]

    west, _, east, _ = tile.box
    drawn = west + (east - west) * (point.x + 0.5) / 4096
    assert abs(drawn - lon) < max(360 / 2**24, (east - west) / 4096)
