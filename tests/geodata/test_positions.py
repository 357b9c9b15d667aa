"""Coordinates and Plus Codes as people and maps write them."""

import time

import pytest

from geodata import positions

NEAR = (115.2167, -8.6705)


def read(text):
    return positions.parse(text, near=NEAR)


@pytest.mark.parametrize(
    "text",
    [
        "-8.65, 115.21",
        "-8.65,115.21",
        "-8.65 115.21",
        "  ( -8.65, 115.21 )  ",
        "-8,65 115,21",
        "-8,65; 115,21",
        "-8,65, 115,21",
        "115.21, -8.65",
        "8°39'S 115°12'36\"E",
        "8°39\u203200\u2033 S, 115°12\u203236.0\u2033 E",
        "8° 39\u2019 LS 115° 12.6\u2019 BT",
        "8.65 LS 115.21 BT",
        "8.65S,115.21E",
        "S 8.65 E 115.21",
        "LS 8,65 BT 115,21",
        "Lat: -8.65, Long: 115.21",
        "8 39 0 S 115 12 36 E",
        "115°12'36\"E 8°39'S",
        "geo:-8.65,115.21",
        "geo:-8.65,115.21;u=35",
        "geo:0,0?q=-8.65,115.21(Kantor)",
        "https://www.google.com/maps/@-8.65,115.21,17z",
        "https://www.google.com/maps/place/X/@-8.1,115.1,17z/data=!4m5!3d-8.65!4d115.21",
        "https://maps.google.com/?q=-8.65%2C115.21",
        "https://www.openstreetmap.org/?mlat=-8.65&mlon=115.21#map=17/-8.65/115.21",
    ],
)
def test_coordinates_are_read_as_people_write_them(text):
    found = read(text)

    assert (found.kind, found.lat, found.lon) == (
        "coordinates",
        pytest.approx(-8.65),
        pytest.approx(115.21),
    )


@pytest.mark.parametrize(
    "text", ["6P3Q8657+3G", "6p3q8657+3g", "8657+3G", "8657+3G Denpasar", "8657+3G, Bali"]
)
def test_a_plus_code_is_read_full_or_short_near_the_city(text):
    found = read(text)

    assert (found.kind, found.lat, found.lon) == (
        "pluscode",
        pytest.approx(-8.6923, abs=1e-4),
        pytest.approx(115.2138, abs=1e-4),
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Gang 3",
        "12",
        "-8.65",
        "jalan 1 2",
        "91, 181",
        "999, 999",
        "Jl. Sudirman 5, 80232",
        "8657+",
        "8°39'S 115°13'S",
        "DPS-26-000123",
        "nan, inf",
    ],
)
def test_what_is_no_place_in_numbers_is_left_to_the_names(text):
    assert read(text) is None


@pytest.mark.parametrize(
    "text", ["8" + " " * 298, "8 " * 149, "8°" + "8'" * 149, "1" * 300, "@1." * 100, "8," * 150]
)
def test_a_hostile_text_takes_no_time(text):
    begun = time.process_time()

    read(text)

    assert time.process_time() - begun < 0.1
