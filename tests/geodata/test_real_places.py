"""Search, names of points and tiles on the real streets, waters and areas of Denpasar."""

import gzip
import json

import pytest
from django.contrib.gis.geos import Point
from django.core.management import call_command
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from geodata import basemap_tiles, streets
from geodata.models import City, Edition
from geodata.tiles import Tile
from tests import make

MIDDLE = (115.195, -8.665)
OSM = {"source": "© OpenStreetMap contributors", "licence": "ODbL 1.0", "dataset": "osm"}


@pytest.fixture(scope="module")
def city(django_db_setup, django_db_blocker, shared_data):
    """Denpasar with all of it, once for this module; gone afterwards."""
    roads, areas = shared_data / "roads-denpasar", shared_data / "boundaries-denpasar"
    quiet = {"stdout": open("/dev/null", "w")}  # noqa: SIM115, PTH123  as long as the module
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_reference", "denpasar", **quiet)
        for name, level in (("desa", "village"), ("kecamatan", "district"), ("kota", "city")):
            path = areas / f"denpasar_{name}.geojson"
            call_command("import_boundaries", path, level=level, accept_slivers=True, **quiet)
        waters = shared_data / "waterways-denpasar-osm" / "denpasar_waterways.geojson"
        call_command("import_basemap", waters, **OSM, **quiet)
        call_command("import_basemap", roads / "osm_jalan_denpasar_barat.geojson", **OSM, **quiet)
        listed = roads / "jalan_kota_denpasar_pu2014.geojson"
        call_command("import_assets", listed, layer="road", accept_errors=True, **quiet)
        call_command("import_basemap", listed, kind="roads", dataset="pu2014", **quiet)
        # The clock of a transaction stands still: what it imports is in force only after its begin.
        Edition.objects.update(valid=DateTimeTZRange(make.LONG_AGO, None))
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE geodata_asset, geodata_basemapfeature, geodata_jurisdiction")
        yield City.objects.get(slug="denpasar")
        transaction.set_rollback(True)
    quiet["stdout"].close()


FIRST_HITS = [
    ("teuku umar", "Jalan Teuku Umar"),
    ("Jl. Teuku Umar", "Jalan Teuku Umar"),
    ("jln imam bonjol", "Jalan Imam Bonjol"),
    ("imam bonjl", "Jalan Imam Bonjol"),
    ("teuku omar", "Jalan Teuku Umar"),
    ("diponogoro", "Jalan Diponegoro"),
    ("PB Sudirman", "Jl. P.B. Sudirman"),
    ("p.b.sudirman", "Jl. P.B. Sudirman"),
    ("Panglima Besar Sudirman", "Jl. P.B. Sudirman"),
    ("Gg 3", "Gg. III"),
    ("Gang III", "Gg. III"),
    ("gang mawar", "Jalan Gang Mawar"),
    ("drupadi 3", "Jalan Drupadi III"),
    ("Jl. Drupadi III", "Jalan Drupadi III"),
    ("gunung agung", "Jalan Gunung Agung"),
    ("gunungagung", "Jalan Gunung Agung"),
    ("mahendradata", "Jalan Mahendradatta"),
    ("jalan achmad yani", "Jalan A. Yani Selatan"),
    ("dr goris", "Jalan Dr. Goris"),
    ("raya puputan", "Raya Puputan"),
    ("tukat badung", "Tukad Badung"),
    ("jalan tukad badung", "Jalan Tukad Badung"),
    ("tukad ngenjong", "Tukat Ngenjong"),
    ("sesetan", "Kelurahan Sesetan"),
    ("desa sesetan", "Kelurahan Sesetan"),
    ("kel. renon", "Kelurahan Renon"),
    ("jalan raya sesetan", "Jalan Raya Sesetan"),
    ("padang sambian klod", "Desa Padangsambian Kelod"),
    ("kec denpasar barat", "Denpasar Barat"),
    ("pasar badung", "Pasar Badung"),
    ("psr kreneng", "Pasar Kreneng"),
    ("rs sanglah", "RSUP Prof. dr. I.G.N.G. Ngoerah"),
    ("lapangan renon", "Lapangan Renon"),
    ("-8.665, 115.195", "-8.66500, 115.19500"),
    ("8°39'54\"S 115°11'42\"E", "-8.66500, 115.19500"),
]


def test_what_is_typed_finds_first_what_is_meant(city):
    found = {typed: streets.search(typed, city=city) for typed, _name in FIRST_HITS}

    wrong = {
        typed: [one.name for one in found[typed][:3]]
        for typed, name in FIRST_HITS
        if not found[typed] or found[typed][0].name != name
    }
    assert wrong == {}


def test_a_street_and_its_area_stand_once_in_an_answer(city):
    for typed in ("gunung", "gang", "tukad", "nangka", "gatot subroto", "pulau"):
        told = [(one.kind, one.name, one.detail) for one in streets.search(typed, city=city)]
        assert len(told) == len(set(told))


def test_search_is_served_by_its_index(city):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT 1 FROM geodata_basemapfeature WHERE name <> '' AND words LIKE %s",
            ["% teuku%"],
        )
        assert "basemap_by_words" in "\n".join(row[0] for row in cursor.fetchall())


def test_a_point_is_named_by_the_street_beside_it(city):
    place = streets.nearest([Point(115.2, -8.66)], city)[0]

    assert str(place) == "Jalan Gunung Batukaru, Desa Tegal Kertha"
    assert place.distance_m == pytest.approx(2.3, abs=0.1)


@pytest.mark.parametrize("z", range(8, 17))
def test_no_tile_of_the_real_city_is_large(city, z):
    tile = Tile.holding(*MIDDLE, z=z)

    body = basemap_tiles.encode(basemap_tiles.read(city, tile), tile)

    assert 0 < len(gzip.compress(body)) < 25_000
    assert json.loads(body)["roads"]


def test_a_tile_is_served_by_its_index(city):
    west, south, east, north = Tile.holding(*MIDDLE, z=15).box
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT 1 FROM geodata_basemapfeature WHERE from_zoom <= 15 AND"
            " geom && ST_MakeEnvelope(%s, %s, %s, %s, 4326)",
            [west, south, east, north],
        )
        assert "basemap_by_place_and_zoom" in "\n".join(row[0] for row in cursor.fetchall())
