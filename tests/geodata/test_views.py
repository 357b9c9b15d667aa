"""Places for maps over HTTP."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from tests import make
from tests.geodata.test_streets import LINE, drawn

pytestmark = pytest.mark.django_db


@pytest.fixture
def city():
    of = make.city()
    make.villages(of=of)
    make.road(LINE, name="Jalan Gajah Mada", road_class="city")
    make.road(
        [(lon, lat + 0.002) for lon, lat in LINE], name="Gang Gajah", road_class="neighbourhood"
    )
    return of


@pytest.fixture
def reader():
    return Client()


def test_areas_are_drawn_with_their_size_and_a_place_for_the_name(city, reader):
    body = reader.get("/peta/wilayah").json()

    village = next(one for one in body["features"] if one["properties"]["code"] == "1.2")
    assert village["properties"]["km2"] == pytest.approx(4.87, abs=0.02)
    assert village["geometry"]["type"] in {"Polygon", "MultiPolygon"}
    lon, lat = village["properties"]["label"]
    assert make.LON < lon < make.LON + make.SIDE
    assert make.LAT < lat < make.LAT + make.SIDE


def test_streets_are_drawn_highest_class_first(city, reader):
    make.road([(lon, lat + 0.003) for lon, lat in LINE], name="Jalan Raya", road_class="national")

    body = reader.get("/peta/jalan").json()

    names = [one["properties"]["name"] for one in body["features"]]
    assert names[0] == "Jalan Raya"
    assert names[-1] == "Gang Gajah"


@pytest.mark.parametrize("path", ["/peta/wilayah", "/peta/jalan"])
@pytest.mark.parametrize("layer", ["own", "basemap-roads"])
def test_places_are_sent_again_only_after_an_import(path, layer, city, reader):
    etag = reader.get(path).headers["ETag"]
    same = reader.get(path, headers={"if-none-match": etag})
    own = "road" if path.endswith("jalan") else "village"
    make.edition(own if layer == "own" else layer, of=city, dataset="baru")
    other = reader.get(path, headers={"if-none-match": etag})

    assert (same.status_code, other.status_code) == (304, 200)


def test_without_a_basemap_the_demos_ground_stays_and_nobody_asks_for_tiles(city, reader):
    assert reader.get("/peta/wilayah").json()["basemap"] is None
    assert len(reader.get("/peta/jalan").json()["features"]) == 2


def test_a_basemap_tells_its_address_and_its_makers(city, reader):
    feature = drawn("roads", "Jalan Baru")
    feature.edition.source, feature.edition.licence = "© OpenStreetMap contributors", "ODbL 1.0"
    feature.edition.save()

    told = reader.get("/peta/wilayah").json()["basemap"]

    assert told["credits"] == ["© OpenStreetMap contributors (ODbL 1.0)"]
    assert told["url"].startswith("/peta/dasar/{z}/{x}/{y}?v=")
    assert told["zooms"] == [6, 16]
    assert reader.get("/peta/jalan").json()["features"] == []


def test_a_tile_may_be_kept_for_ever_under_the_address_of_its_version(city, reader):
    drawn("roads", "Jalan Baru")
    address = reader.get("/peta/wilayah").json()["basemap"]["url"]
    square = address.replace("{z}/{x}/{y}", "14/13435/8588")

    kept, bare = reader.get(square), reader.get(square.partition("?")[0])

    assert "immutable" in kept.headers["Cache-Control"]
    assert "immutable" not in bare.headers["Cache-Control"]
    assert reader.get(square, headers={"if-none-match": kept.headers["ETag"]}).status_code == 304


def test_a_tile_takes_two_statements_beside_the_citys(city, reader, django_assert_num_queries):
    drawn("roads", "Jalan Baru")
    reader.get("/peta/dasar/14/13435/8588")

    with django_assert_num_queries(3):
        reader.get("/peta/dasar/14/13435/8588")


@pytest.mark.parametrize("square", ["5/0/0", "17/0/0", "14/0/0"])
def test_where_nothing_is_drawn_a_tile_is_empty(city, reader, square):
    drawn("roads", "Jalan Baru")

    assert reader.get(f"/peta/dasar/{square}").status_code == 204


def test_what_is_no_tile_is_refused(city, reader):
    assert reader.get("/peta/dasar/3/9/0").status_code == 400


def test_search_answers_as_data_with_words_for_the_kinds(city, reader):
    body = reader.get("/peta/cari", {"q": "gajah ma"}).json()

    assert [found["name"] for found in body["found"]] == ["Jalan Gajah Mada"]
    assert body["kinds"]["street"] == "Jalan"


def test_a_point_is_named_over_http(city, reader):
    lon, lat = LINE[0]

    body = reader.get(reverse("place"), {"lat": lat, "lon": lon}).json()

    assert body["place"] == "Jalan Gajah Mada, Kelurahan 1.2"
    assert body["inside"] is True
    assert body["distance_m"] == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("query", [{}, {"lat": "a", "lon": "1"}, {"lat": "1e999", "lon": "1"}])
def test_what_is_no_point_is_refused(city, reader, query):
    response = reader.get(reverse("place"), query)

    assert response.status_code == 400
    assert "Koordinat" in json.dumps(response.content.decode())
