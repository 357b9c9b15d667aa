"""Places by name and number, and what a point is called."""

import pytest
from django.contrib.gis.geos import Point
from django.db import connection

from geodata import streets
from geodata.crs import WGS84
from geodata.models import BasemapFeature, Jurisdiction, Landmark
from tests import make

LINE = [(make.LON + 0.001, make.LAT + 0.004), (make.LON + 0.015, make.LAT + 0.006)]


def moved(north):
    return [(lon, lat + north) for lon, lat in LINE]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jl. P.B. Sudirman", "jln pb sudirman"),
        ("JALAN PB SUDIRMAN", "jl.p.b.sudirman"),
        ("Jalan P. B. Sudirman", "Jalan Panglima Besar Sudirman"),
        ("Gg.III", "Gang 3"),
        ("gg3", "GANG III"),
        ("Jl. Gatsu Barat", "Jalan Gatot Subroto Barat"),
        ("Jl. Tjokroaminoto", "Jalan Cokroaminoto"),
        ("Jl. Soekarno", "Jalan Sukarno"),
        ("Tukat Ngenjong", "tukad ngenjong"),
        ("Padangsambian Klod", "Padangsambian Kelod"),
        ("Jl. Achmad Yani", "Jalan A. Yani"),
        ("Jalan Bhayangkara", "jl bayangkara"),
        ("Jalan Pattimura", "Jl Patimura"),
        ("Jl. Café", "Jalan Cafe"),
        ("Kec. Denpasar Barat", "kecamatan denpasar barat"),
        ("Psr. Badung", "Pasar Badung"),
    ],
)
def test_two_writings_are_one_name(one, other):
    assert streets.plain(one) == streets.plain(other)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", ()),
        ("  .,- ", ()),
        ("jalan", ()),
        ("%_\\", ()),
        ("Gg. Mawar IV/2", ("gang", "mawar", "4", "2")),
        ("Jl. I Gusti Ngurah Rai", ("jalan", "i", "gusti", "ngurah", "rai")),
        ("Café Jl. Kayu", ("cafe", "jalan", "kayu")),
        ("ab " * 50, ("ab",) * 6),
        ("\0ab", ("ab",)),
    ],
)
def test_what_is_typed_becomes_plain_words(typed, words):
    assert streets.plain(typed) == words


@pytest.fixture
def city(db):
    of = make.city()
    make.villages(of=of)
    make.road(LINE, name="Jalan Gajah Mada", road_class="city")
    make.road(moved(0.001), name="Jl. P.B. Sudirman", road_class="city")
    make.road(moved(0.002), name="Gang Gajah", road_class="neighbourhood")
    return of


def drawn(kind, name, north=0.003):
    """A line of the basemap."""
    edition = make.edition(f"basemap-{kind}", dataset=name)
    return BasemapFeature.objects.create(
        city=edition.city,
        edition=edition,
        kind=kind,
        rank=4,
        from_zoom=12,
        name=name,
        geom=f"SRID={WGS84};LINESTRING({', '.join(f'{x} {y}' for x, y in moved(north))})",
    )


def names(text, city):
    return [found.name for found in streets.search(text, city=city)]


def test_a_street_is_found_by_the_beginning_of_its_words(city):
    assert names("gaj ma", city) == ["Jalan Gajah Mada"]


@pytest.mark.parametrize("typed", ["gajahmada", "GAJAH MADA", "jl.gajah mada", "gajahm"])
def test_blanks_in_a_name_hide_nothing(city, typed):
    assert names(typed, city) == ["Jalan Gajah Mada"]


@pytest.mark.parametrize("typed", ["gajah mda", "gajag mada", "sudirmn", "jl sudirmen"])
def test_a_slip_is_forgiven_where_nothing_else_is_found(city, typed):
    assert names(typed, city)[0] in {"Jalan Gajah Mada", "Jl. P.B. Sudirman"}


@pytest.mark.parametrize(
    "typed", ["jl. gajah mada no. 12", "Gajah Mada 12A", "gajahmada nomor 12", "jl gajah mda no 12"]
)
def test_a_house_number_hides_no_street_and_is_said_to_be_unknown(city, typed):
    found = streets.search(typed, city=city)[0]

    assert found.name == "Jalan Gajah Mada"
    assert "tidak ada di peta" in found.detail


def test_a_number_that_is_of_the_name_is_no_house(city):
    drawn("roads", "Gang Kenari 3")

    found = streets.search("gg kenari 3", city=city)[0]

    assert found.name == "Gang Kenari 3"
    assert "tidak ada di peta" not in found.detail


def test_the_prefix_that_was_typed_comes_first(city):
    assert names("gang gajah", city) == ["Gang Gajah"]
    assert names("jalan gajah", city)[0] == "Jalan Gajah Mada"


def test_a_gang_that_is_a_street_is_found_all_the_same(city):
    assert names("gang sudirman", city) == ["Jl. P.B. Sudirman"]


def test_an_area_is_found_with_the_district_around_it(city):
    Jurisdiction.objects.filter(code="1.2").update(name="Sesetan")

    for typed in ("seset", "kel sesetan", "desa sesetan", "Kelurahan Sesetan"):
        found = streets.search(typed, city=city)
        assert [(one.kind, one.name, one.detail) for one in found] == [
            ("area", "Kelurahan Sesetan", "Kecamatan 1")
        ]


def test_a_street_is_told_with_its_village_and_place(city):
    found = streets.search("gajah mada", city=city)[0]

    assert (found.kind, found.detail) == ("street", "Kelurahan 1.2")
    west, south, east, north = found.box
    assert west <= found.lon <= east
    assert south <= found.lat <= north


def test_segments_and_sources_of_one_street_are_one_result(city):
    make.road(moved(0.0001), name="Jl. Gajah Mada", road_class="city")
    drawn("roads", "Gajah Mada", north=0.0002)

    assert names("gajah mada", city) == ["Jalan Gajah Mada"]


def test_two_streets_of_one_name_in_two_areas_are_two_results(city):
    make.road([(lon - 0.018, lat) for lon, lat in LINE], name="Jalan Gajah Mada", road_class="city")

    found = streets.search("gajah mada", city=city)

    assert {(one.name, one.detail) for one in found} == {
        ("Jalan Gajah Mada", "Kelurahan 1.1"),
        ("Jalan Gajah Mada", "Kelurahan 1.2"),
    }


def test_the_basemaps_streets_and_waters_are_found(city):
    drawn("roads", "Jalan Ngurah Rai")
    drawn("water", "Tukat Badung")

    assert names("ngurahrai", city) == ["Jalan Ngurah Rai"]
    assert [(one.kind, one.name) for one in streets.search("tukad badung", city=city)] == [
        ("water", "Tukat Badung")
    ]


def test_a_landmark_is_found_by_each_of_its_names_and_told_by_the_first(city):
    Landmark.objects.create(
        city=city,
        code="rs",
        name="RSUP Ngoerah | RS Sanglah",
        kind="rumah sakit",
        approximate=True,
        point=Point(make.LON + 0.01, make.LAT + 0.01),
    )

    for typed in ("rs sanglah", "rsup ngurah"):
        found = streets.search(typed, city=city)[0]
        assert (found.kind, found.name, found.sort, found.approximate) == (
            "landmark",
            "RSUP Ngoerah",
            "rumah sakit",
            True,
        )


def test_a_place_in_numbers_is_told_by_street_and_area(city):
    found = streets.search(f"{LINE[0][1]}, {LINE[0][0]}", city=city)

    assert [(one.kind, one.detail, one.outside) for one in found] == [
        ("coordinates", "Jalan Gajah Mada, Kelurahan 1.2", False)
    ]


def test_a_lost_minus_is_put_back_where_only_the_south_is_in_the_city(city):
    found = streets.search(f"{-LINE[0][1]}, {LINE[0][0]}", city=city)[0]

    assert (found.lat, found.outside) == (pytest.approx(LINE[0][1]), False)


@pytest.mark.parametrize("text", ["0, 0", "-6.2, 106.8", "6P3Q8657+3G"])
def test_a_place_outside_the_city_is_said_to_be_so(city, text):
    found = streets.search(text, city=city)[0]

    assert (found.outside, found.detail) == (True, "di luar Kota Denpasar")


@pytest.mark.parametrize("text", ["", "jalan", "jl.", "%", "_", "x" * 500, "' OR 1=1", "a", "\0"])
def test_too_little_finds_nothing(text, city):
    assert names(text, city) == []


def test_a_street_of_another_city_is_not_found(city):
    other = make.city(slug="batu", prefix="BTU")

    assert names("gajah", other) == []


def test_search_takes_two_statements(city, django_assert_num_queries):
    with django_assert_num_queries(2):
        streets.search("gajah", city=city)


def test_a_point_is_called_by_the_nearest_named_street_and_its_area(city):
    drawn("roads", "", north=0.0001)
    lon, lat = LINE[0]

    place = streets.nearest([Point(lon, lat + 0.0002)], city)[0]

    assert (place.street, place.area, place.area_code) == (
        "Jalan Gajah Mada",
        "Kelurahan 1.2",
        "1.2",
    )
    assert place.distance_m == pytest.approx(22, abs=1)
    assert str(place) == "Jalan Gajah Mada, Kelurahan 1.2"


def test_a_street_of_the_basemap_names_a_point_too(city):
    drawn("roads", "Jalan Baru", north=0.0035)
    lon, lat = LINE[0]

    assert streets.nearest([Point(lon, lat + 0.0034)], city)[0].street == "Jalan Baru"


def test_of_two_drawings_of_a_street_the_legal_one_names_it(city):
    drawn("roads", "Jl Gajahmada", north=0)

    assert streets.nearest([Point(*LINE[0])], city)[0].street == "Jalan Gajah Mada"


def test_far_from_every_street_a_point_has_only_its_area(city):
    place = streets.nearest([Point(make.LON - 0.015, make.LAT - 0.015)], city)[0]

    assert (place.street, place.distance_m, str(place)) == ("", None, "Kelurahan 2.1")


def test_outside_the_city_a_point_has_no_name(city):
    assert str(streets.nearest([Point(106.8, -6.2)], city)[0]) == ""


def test_a_point_takes_one_statement(city, django_assert_num_queries):
    with django_assert_num_queries(1):
        streets.nearest([Point(*LINE[0])], city)[0]


def test_a_name_is_kept_in_one_spelling_by_the_database(city):
    with connection.cursor() as cursor:
        cursor.execute("SELECT words FROM geodata_asset WHERE name = 'Jl. P.B. Sudirman'")
        assert cursor.fetchone() == (" jalan pb sudirman / pbsudirman",)
