"""Streets by name, and places for maps over HTTP."""

import pytest
from django.test import Client

from geodata import streets
from geodata.models import Jurisdiction
from tests import make

LINE = [(make.LON + 0.001, make.LAT + 0.004), (make.LON + 0.015, make.LAT + 0.006)]


@pytest.mark.parametrize(
    "typed", ["Jl. P.B. Sudirman", "jln pb sudirman", "JALAN PB SUDIRMAN", "jl.p.b.sudirman"]
)
def test_a_street_is_the_same_however_it_is_written(typed):
    assert streets.plain(typed) == ["jalan", "pb", "sudirman"]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", []),
        ("  .,- ", []),
        ("Gg. Mawar IV/2", ["gang", "mawar", "iv", "2"]),
        ("Café Jl. Kayu", ["cafe", "jalan", "kayu"]),
        ("a " * 50, ["a"] * 6),
        ("%_\\", []),
    ],
)
def test_what_is_typed_becomes_plain_words(typed, words):
    assert streets.plain(typed) == words


@pytest.fixture
def city(db):
    of = make.city()
    make.villages(of=of)
    make.road(LINE, name="Jalan Gajah Mada", road_class="city")
    make.road(
        [(lon, lat + 0.001) for lon, lat in LINE], name="Jl. P.B. Sudirman", road_class="city"
    )
    make.road(
        [(lon, lat + 0.002) for lon, lat in LINE], name="Gang Gajah", road_class="neighbourhood"
    )
    return of


def names(text, city):
    return [found.name for found in streets.search(text, city=city)]


def test_a_street_is_found_by_the_beginning_of_its_words(city):
    assert names("gaj ma", city) == ["Jalan Gajah Mada"]


def test_dots_in_a_name_hide_nothing(city):
    assert names("jalan pb sud", city) == ["Jl. P.B. Sudirman"]


def test_the_prefix_that_was_typed_comes_first(city):
    assert names("gang gajah", city)[0] == "Gang Gajah"
    assert names("jalan gajah", city)[0] == "Jalan Gajah Mada"


def test_an_area_is_found_with_the_district_around_it(city):
    Jurisdiction.objects.filter(code="1.2").update(name="Sesetan")

    found = streets.search("seset", city=city)

    assert [(one.kind, one.name, one.detail) for one in found] == [
        ("area", "Kelurahan Sesetan", "Kecamatan 1")
    ]


def test_a_street_is_told_with_its_village_and_place(city):
    found = streets.search("gajah mada", city=city)[0]

    assert (found.kind, found.detail) == ("street", "Kelurahan 1.2")
    west, south, east, north = found.box
    assert west <= found.lon <= east
    assert south <= found.lat <= north


@pytest.mark.parametrize("text", ["", "jalan", "jl.", "%", "_", "x" * 500, "' OR 1=1"])
def test_too_little_finds_nothing(text, city):
    assert names(text, city) == []


def test_a_street_of_another_city_is_not_found(city):
    other = make.city(slug="batu", prefix="BTU")

    assert names("gajah", other) == []


def test_search_takes_one_statement(city, django_assert_num_queries):
    with django_assert_num_queries(1):
        streets.search("gajah", city=city)


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
def test_places_are_sent_again_only_after_an_import(path, city, reader):
    etag = reader.get(path).headers["ETag"]
    same = reader.get(path, headers={"if-none-match": etag})
    layer = "road" if path.endswith("jalan") else "village"
    make.edition(layer, of=city, dataset="baru")
    other = reader.get(path, headers={"if-none-match": etag})

    assert (same.status_code, other.status_code) == (304, 200)


def test_search_answers_as_data(city, reader):
    body = reader.get("/peta/cari", {"q": "gajah ma"}).json()

    assert [found["name"] for found in body["found"]] == ["Jalan Gajah Mada"]
