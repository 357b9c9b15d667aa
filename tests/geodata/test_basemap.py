"""A basemap of one's own: what a row is, which rows are refused, and what a tile shows of them."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from shapely.geometry import LineString, Point, box

from geodata import assets, basemap, basemap_tiles
from geodata.errors import UnreadableFile
from geodata.models import BasemapFeature, BasemapKind, Edition
from geodata.tiles import Tile
from tests import make

EAST = [(make.LON, make.LAT), (make.LON + 0.004, make.LAT)]
FURTHER = [(make.LON + 0.004, make.LAT), (make.LON + 0.008, make.LAT)]


def features(*rows):
    return [
        {"type": "Feature", "geometry": shape, "properties": properties}
        for shape, properties in rows
    ]


def write(path, rows, **more):
    path.write_text(json.dumps({"type": "FeatureCollection", "features": rows, **more}))
    return path


def line(*corners, **properties):
    return {"type": "LineString", "coordinates": list(corners)}, properties


def area(west, south, side, **properties):
    ring = box(west, south, west + side, south + side).exterior.coords
    return {"type": "Polygon", "coordinates": [list(ring)]}, properties


def point(lon, lat, **properties):
    return {"type": "Point", "coordinates": [lon, lat]}, properties


@pytest.fixture
def file(tmp_path):
    def made(*rows, **more):
        return write(tmp_path / "peta.geojson", features(*rows), **more)

    return made


@pytest.mark.parametrize(
    ("column", "value", "kind"),
    [
        ("highway", "residential", "roads"),
        ("waterway", "river", "water"),
        ("building", "yes", "buildings"),
        ("fclass", "tertiary", "roads"),
        ("fclass", "drain", "water"),
        ("leisure", "park", "green"),
        ("amenity", "marketplace", "labels"),
    ],
)
def test_a_file_says_what_it_holds(file, column, value, kind):
    _layer, found = basemap.read(file(line(*EAST, **{column: value})))

    assert found == kind


def test_a_file_that_says_nothing_needs_the_operators_word(file):
    path = file(line(*EAST, warna="merah"))

    with pytest.raises(UnreadableFile, match="--kind"):
        basemap.read(path)
    assert basemap.read(path, kind=BasemapKind.ROADS)[1] == BasemapKind.ROADS


@pytest.mark.parametrize(
    ("properties", "rank"),
    [
        ({"highway": "trunk"}, 0),
        ({"highway": "primary_link"}, 1),
        ({"highway": "tertiary"}, 3),
        ({"highway": "residential"}, 4),
        ({"highway": "steps"}, 6),
        ({"highway": "unknown"}, 4),
        ({"fungsi": "Lokal"}, 4),
        ({"fungsi": "Lokal", "lebar_m": 6.5}, 3),
        ({"fungsi": "Lokal", "lebar_m": 12}, 2),
        ({"fungsi": "Lokal", "lebar_m": "tidak tahu"}, 4),
        ({"highway": "footway", "width": 12}, 6),
    ],
)
def test_a_road_has_its_rank_by_class_and_width(file, properties, rank):
    layer, _kind = basemap.read(file(line(*EAST, **properties)), kind=BasemapKind.ROADS)

    assert list(layer.frame["rank"]) == [rank]


def test_rows_of_another_kind_are_left_out_and_counted(file):
    layer, _kind = basemap.read(
        file(line(*EAST, highway="primary"), line(*FURTHER, waterway="river"))
    )

    assert len(layer.frame) == 1
    assert "1 baris tidak dibaca" in layer.notes[0]


def test_every_bad_row_is_named(file):
    layer, kind = basemap.read(
        file(
            line(*EAST, name="Jalan A", highway="primary"),
            point(*EAST[0], name="Titik", highway="primary"),
            (None, {"name": "Kosong", "highway": "primary"}),
            line((make.LAT, make.LON), (make.LAT, make.LON + 1), highway="primary"),
            line(EAST[0], EAST[0], highway="primary"),
            line(*EAST, name="x" * 161, highway="primary"),
        )
    )

    problems = basemap.check(layer.frame, kind=kind)

    assert [(one.line, one.kind) for one in problems] == [
        (2, "wrong_geometry"),
        (3, "empty"),
        (4, "swapped"),
        (5, "invalid"),
        (6, "too_long"),
    ]
    assert len(assets.sound(layer.frame, problems)) == 1


def load(path, kind=None, **options):
    """Run the command; what it says."""
    said = StringIO()
    kinds = {"kind": kind} if kind else {}
    call_command("import_basemap", path, city=make.city().slug, stdout=said, **kinds, **options)
    return said.getvalue()


@pytest.mark.django_db
def test_a_file_in_metres_is_put_in_degrees(file):
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32750"}}
    load(file(line((302000, 9043000), (302500, 9043000), highway="primary"), crs=crs))

    west, south, _east, _north = BasemapFeature.objects.get().geom.extent
    assert (west, south) == (pytest.approx(115.2, abs=0.01), pytest.approx(-8.65, abs=0.01))


@pytest.mark.django_db
def test_an_import_replaces_its_dataset_alone_and_keeps_who_made_it(file):
    first = file(line(*EAST, name="Lama", highway="primary"))
    load(first, source="© OpenStreetMap contributors", licence="ODbL 1.0", dataset="osm")
    load(first, source="Dinas PU", dataset="pu")
    load(file(line(*EAST, name="Baru", highway="primary")), source="OSM", dataset="osm")

    assert sorted(BasemapFeature.objects.values_list("name", flat=True)) == ["Baru", "Lama"]
    told = basemap_tiles.in_force(make.city())
    assert told.credits == ("Dinas PU", "OSM")
    assert Edition.objects.filter(layer="basemap-roads").count() == 3


@pytest.mark.django_db
def test_a_dry_run_keeps_nothing(file):
    assert "Percobaan" in load(file(line(*EAST, highway="primary")), dry_run=True)

    assert not BasemapFeature.objects.exists()
    assert not Edition.objects.exists()


@pytest.mark.django_db
def test_a_bad_row_stops_the_import_unless_it_is_accepted(file):
    path = file(line(*EAST, highway="primary"), point(*EAST[0], highway="primary"))

    with pytest.raises(CommandError, match="1 masalah"):
        load(path)
    assert not BasemapFeature.objects.exists()

    assert "1 baris ditolak" in load(path, accept_errors=True)
    assert BasemapFeature.objects.count() == 1


@pytest.mark.django_db
def test_what_lies_far_from_the_city_is_passed_over_and_counted(file):
    path = file(line(*EAST, highway="primary"), line((106, -6), (106.1, -6), highway="primary"))

    assert "1 baris jauh dari kota" in load(path)
    assert BasemapFeature.objects.count() == 1


@pytest.mark.parametrize("text", ["/vsicurl/http://x/y.geojson", "peta.vrt", "peta.csv"])
@pytest.mark.django_db
def test_only_plain_local_files_of_known_kinds_are_opened(tmp_path, text):
    (tmp_path / "peta.vrt").write_text("<OGRVRTDataSource/>")

    with pytest.raises(CommandError):
        load(text if text.startswith("/vsi") else str(tmp_path / text))


def shown(z, *, lon=make.LON + 0.001, lat=make.LAT):
    tile = Tile.holding(lon, lat, z=z)
    body = basemap_tiles.encode(basemap_tiles.read(make.city(), tile), tile)
    return json.loads(body) if body else {}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("highway", "first"),
    [("trunk", 6), ("secondary", 9), ("residential", 12), ("service", 14), ("footway", 15)],
)
def test_a_street_comes_with_the_zoom_of_its_rank(file, highway, first):
    long = [(make.LON - 0.2, make.LAT), (make.LON + 0.2, make.LAT)]
    load(file(line(*long, highway=highway)))

    assert next(z for z in range(6, 17) if shown(z)) == first


@pytest.mark.django_db
def test_segments_of_one_street_are_one_line_with_its_name(file):
    load(
        file(
            line(*EAST, name="Jalan A", highway="primary"),
            line(*FURTHER, name="Jalan A", highway="primary"),
        )
    )

    body = shown(13)

    (rank, name, *paths) = body["roads"][0]
    assert (rank, body["names"][name], len(body["roads"]), len(paths)) == (1, "Jalan A", 1, 1)


@pytest.mark.django_db
def test_a_line_lies_in_a_tile_where_it_lies_on_earth(file):
    load(file(line(*EAST, highway="primary")))
    tile = Tile.holding(make.LON + 0.001, make.LAT, z=16)

    body = shown(16)

    west, south, east, north = tile.box
    (_rank, _name, (x, y, dx, dy)) = body["roads"][0]
    assert west + (east - west) * (x + dx) / body["extent"] == pytest.approx(
        min(EAST[1][0], east + (east - west) / 32), abs=1e-5
    )
    assert north - (north - south) * y / body["extent"] == pytest.approx(make.LAT, abs=1e-5)
    assert dy == 0


@pytest.mark.django_db
def test_an_area_comes_once_it_can_be_seen(file):
    load(file(area(make.LON, make.LAT, 0.0005, building="yes")))

    assert [z for z in range(10, 17) if shown(z)] == [14, 15, 16]


@pytest.mark.django_db
def test_a_named_place_is_a_point_with_its_name(file):
    load(file(point(make.LON + 0.001, make.LAT, name="Pasar", amenity="marketplace")))

    body = shown(15)

    ((rank, name, x, y),) = body["labels"]
    assert (rank, body["names"][name]) == (0, "Pasar")
    assert 0 <= x <= body["extent"]
    assert 0 <= y <= body["extent"]


@pytest.mark.django_db
def test_a_full_tile_keeps_its_main_streets_and_a_bound(file):
    north = [make.LAT + 0.00005 * at for at in range(100)]
    wavy = [
        line(
            *((make.LON + 0.0001 * x, lat + 0.00002 * (x % 2)) for x in range(100)),
            highway="residential",
        )
        for lat in north
    ]
    load(file(*wavy, line(*EAST, highway="primary")))

    body = shown(16)

    corners = sum(len(path) // 2 for road in body["roads"] for path in road[2:])
    assert corners <= basemap_tiles.MOST_PLACES
    assert body["roads"][0][0] == 1


@pytest.mark.django_db
def test_another_citys_basemap_is_not_shown(file):
    load(file(line(*EAST, highway="primary")))
    other = make.city(slug="batu", prefix="BTU")
    tile = Tile.holding(make.LON, make.LAT, z=14)

    assert basemap_tiles.read(other, tile) == []
    assert basemap_tiles.in_force(other).version == ""


def test_shapes_are_ranked_without_a_database():
    assert basemap._from_zoom(BasemapKind.ROADS, 0, LineString(EAST)) == 6
    assert basemap._from_zoom(BasemapKind.LABELS, 2, Point(*EAST[0])) == 16
    assert basemap._from_zoom(BasemapKind.GREEN, 0, box(115, -9, 115.1, -8.9)) == 5
