"""Near an edge: one question where the circle of accuracy changes who is responsible, else none."""

import pytest
from django.contrib.gis.geos import Point

from geodata import edges, routing
from geodata.crs import WGS84
from geodata.models import Level
from tests import make

pytestmark = pytest.mark.django_db

METRE = 1 / 111_320
LAMP = "lpju-mati"


@pytest.fixture
def city():
    """A city whose lamps are the nation's within 30 m of a road that runs east, else the city's."""
    city = make.city()
    make.villages(of=city)
    south, north = make.LAT + 0.005, make.LAT + 0.005
    make.road([(make.LON, south), (make.LON + make.SIDE, north)], name="Jalan Raya Uji")
    make.rule("lampu", to="DISHUB", service_code="lpju", fallback=True)
    make.rule("lampu-nasional", to="BPTD", service_code="lpju", road_class="national", within_m=30)
    return city


def beside(metres):
    """A point so far north of the road."""
    return Point(make.LON + make.SIDE / 2, make.LAT + 0.005 + metres * METRE, srid=WGS84)


def codes(point, accuracy_m, city):
    return [
        one.department.department_code for one in edges.sides(point, accuracy_m, LAMP, city=city)
    ]


@pytest.mark.parametrize(
    ("metres", "accuracy_m", "expected"),
    [
        (40, 25, ["DISHUB", "BPTD"]), (20, 25, ["BPTD", "DISHUB"]),
        (80, 25, []), (5, 10, []), (40, None, []), (40, 0, []), (300, 5000, []),
    ],
)  # fmt: skip
def test_only_a_circle_that_crosses_the_edge_is_asked_about(city, metres, accuracy_m, expected):
    assert codes(beside(metres), accuracy_m, city) == expected


def test_the_sides_are_told_apart_in_words(city):
    sides = edges.sides(beside(40), 25, LAMP, city=city)

    assert [(one.rule, one.label) for one in sides] == [
        ("lampu", "Di tempat lain, bukan di jalan raya (Kelurahan 1.2)"),
        ("lampu-nasional", "Di jalan raya (Jalan Raya Uji, jalan nasional)"),
    ]


def test_a_special_area_is_called_as_its_rule_explains_it(city):
    here = beside(200)
    shape = make.square(west=here.x, south=here.y, side=0.002)
    make.area("PORT", level=Level.SPECIAL, shape=shape)
    make.rule(
        "lampu-port",
        to="PELINDO",
        service_code="lpju",
        level=Level.SPECIAL,
        area_code="PORT",
        priority=10,
        explanation="di kawasan pelabuhan",
    )
    outside = Point(here.x - 10 * METRE, here.y + 50 * METRE, srid=WGS84)

    labels = [one.label for one in edges.sides(outside, 30, LAMP, city=city)]

    assert "Di kawasan pelabuhan" in labels


def test_looking_around_costs_one_statement(city, django_assert_num_queries):
    with django_assert_num_queries(1):
        edges.sides(beside(40), 100, LAMP, city=city)


def test_the_same_circle_gives_the_same_answer(city):
    asked = [edges.sides(beside(40), 60, LAMP, city=city) for _time in range(2)]

    assert asked[0] == asked[1]


def test_a_side_that_is_picked_decides_and_the_trace_remembers(city):
    pick = edges.taken("lampu-nasional", beside(40), 25, LAMP, city=city)

    assert pick.chosen.department_code == "BPTD"
    assert pick.trace[0]["side"] is True
    assert pick.edge_m == routing.route(beside(40), LAMP, city=city).edge_m


@pytest.mark.parametrize("side", ["lampu-nasional", "tidak-ada", ""])
def test_a_side_that_lies_nowhere_near_falls_back_to_the_pin(city, side):
    pick = edges.taken(side, beside(400), 25, LAMP, city=city)

    assert pick == routing.route(beside(400), LAMP, city=city)


def test_a_side_does_not_carry_a_point_into_the_city(city):
    outside = Point(make.LON + make.SIDE / 2, make.LAT - make.SIDE - 5 * METRE, srid=WGS84)

    pick = edges.taken("lampu", outside, 50, LAMP, city=city)

    assert not pick.covered
