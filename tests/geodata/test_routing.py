"""Who is responsible: rules, their order, edges, time, facts and the trace."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.contrib.gis.geos import LineString, MultiPolygon, Point, Polygon
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange
from django.utils.translation import override

from geodata import bulk, routing
from geodata.crs import WGS84
from geodata.models import City, Jurisdiction, Level
from tests import make

pytestmark = pytest.mark.django_db

EAST = (make.LON + make.SIDE / 2, make.LAT + make.SIDE / 2)
"""The middle of village 1.2."""


@pytest.fixture
def areas() -> dict[str, Jurisdiction]:
    """Four villages, two districts, one city."""
    return make.villages()


def at(lon: float, lat: float) -> Point:
    """A point, EPSG:4326."""
    return Point(lon, lat, srid=WGS84)


def who(where: Any = None, code: str = "lpju-mati", **asked: Any) -> str:
    """Code of the department that a route names; empty for nobody."""
    place = at(*EAST) if where is None else where
    chosen = routing.route(place, code, **asked).chosen
    return chosen.department_code if chosen else ""


def test_a_parents_rule_serves_its_children(areas: dict[str, Jurisdiction]) -> None:
    make.rule("a", to="DISHUB", service_code="lpju")

    assert who() == "DISHUB"
    assert who(code="lpju") == "DISHUB"


def test_a_code_is_a_path_not_a_prefix(areas: dict[str, Jurisdiction]) -> None:
    make.rule("a", to="DISHUB", service_code="lpj")

    assert who() == ""


def test_a_leafs_rule_wins_over_its_parents(areas: dict[str, Jurisdiction]) -> None:
    make.rule("a", to="UMUM", service_code="lpju")
    make.rule("b", to="DISHUB", service_code="lpju-mati")

    assert who() == "DISHUB"


def test_a_smaller_area_wins_over_a_larger(areas: dict[str, Jurisdiction]) -> None:
    make.rule("a", to="KOTA")
    make.rule("b", to="KECAMATAN", level=Level.DISTRICT, area_code="1")
    make.rule("c", to="DESA", level=Level.VILLAGE, area_code="1.2")

    assert who() == "DESA"
    assert who(at(make.LON - 0.01, make.LAT + 0.01)) == "KECAMATAN"
    assert who(at(make.LON - 0.01, make.LAT - 0.01)) == "KOTA"


def test_place_comes_before_kind(areas: dict[str, Jurisdiction]) -> None:
    make.rule("a", to="DISHUB", service_code="lpju-mati")
    make.rule("b", to="DESA", level=Level.VILLAGE, area_code="1.2")

    assert who() == "DESA"


def test_a_special_area_wins_over_a_road_and_a_road_over_a_village(
    areas: dict[str, Jurisdiction],
) -> None:
    make.rule("a", to="DESA", level=Level.VILLAGE, area_code="1.2")
    make.rule("b", to="BPTD", road_class="national")
    make.rule("c", to="PELINDO", level=Level.SPECIAL, area_code="BENOA")
    make.road([(EAST[0] - 0.005, EAST[1]), (EAST[0] + 0.005, EAST[1])])
    harbour = make.square(west=EAST[0], south=EAST[1] - 0.001, side=0.002)
    make.area("BENOA", level=Level.SPECIAL, shape=harbour)

    assert who(at(EAST[0] + 0.001, EAST[1])) == "PELINDO"
    assert who(at(EAST[0] - 0.001, EAST[1])) == "BPTD"
    assert who(at(EAST[0] - 0.001, EAST[1] + 0.005)) == "DESA"


def test_of_two_special_areas_the_smaller_wins(areas: dict[str, Jurisdiction]) -> None:
    make.rule("a", to="LUAS", level=Level.SPECIAL, area_code="A")
    make.rule("b", to="SEMPIT", level=Level.SPECIAL, area_code="B")
    make.area("A", level=Level.SPECIAL, shape=make.square(side=0.02))
    make.area("B", level=Level.SPECIAL, shape=make.square(side=0.012))

    assert who() == "SEMPIT"


def test_only_the_nearest_road_within_reach_counts(areas: dict[str, Jurisdiction]) -> None:
    make.rule("a", to="KOTA")
    make.rule("b", to="BPTD", road_class="national", within_m=30)
    make.road([(EAST[0] - 0.005, EAST[1]), (EAST[0] + 0.005, EAST[1])])
    make.road(
        [(EAST[0] - 0.005, EAST[1] + 0.0003), (EAST[0] + 0.005, EAST[1] + 0.0003)],
        road_class="neighbourhood",
    )

    assert who(at(EAST[0], EAST[1] - 0.0002)) == "BPTD"
    assert who(at(EAST[0], EAST[1] - 0.0004)) == "KOTA", "44 m is out of reach"
    assert who(at(EAST[0], EAST[1] + 0.0002)) == "KOTA", "the lane is nearer"


def test_a_road_counts_while_its_status_is_in_force(areas: dict[str, Jurisdiction]) -> None:
    make.rule("a", to="DPUPR")
    make.rule("b", to="BBPJN", road_class="national")
    line = [(EAST[0] - 0.005, EAST[1]), (EAST[0] + 0.005, EAST[1])]
    make.road(line, valid=DateRange(None, date(2024, 7, 1)))
    make.road(line, road_class="city", valid=DateRange(date(2024, 7, 1), None))

    assert who(at=datetime(2024, 6, 30, 12, tzinfo=UTC)) == "BBPJN"
    assert who(at=datetime(2024, 7, 1, 12, tzinfo=UTC)) == "DPUPR"


def test_a_rule_counts_in_the_citys_own_days(areas: dict[str, Jurisdiction]) -> None:
    make.rule("a", to="LAMA", valid=DateRange(None, date(2026, 1, 1)))
    make.rule("b", to="BARU", valid=DateRange(date(2026, 1, 1), None))

    assert who(at=datetime(2025, 12, 31, 15, 59, tzinfo=UTC)) == "LAMA"
    assert who(at=datetime(2025, 12, 31, 16, 1, tzinfo=UTC)) == "BARU", "midnight in Denpasar"


def test_a_fallback_speaks_only_when_nobody_else_does(areas: dict[str, Jurisdiction]) -> None:
    make.rule("a", to="UMUM", fallback=True, priority=9)
    assert who() == "UMUM"

    make.rule("b", to="DISHUB", service_code="lpju")
    assert who() == "DISHUB"


def test_priority_overrules_depth(areas: dict[str, Jurisdiction]) -> None:
    make.rule("a", to="DESA", level=Level.VILLAGE, area_code="1.2")
    make.rule("b", to="BPBD", priority=1)

    assert who() == "BPBD"


def test_an_answer_decides_where_a_rule_demands_one(areas: dict[str, Jurisdiction]) -> None:
    make.rule("a", to="DISHUB")
    make.rule("b", to="DESA", facts={"tempat": "gang"})

    assert who(facts={"tempat": "gang", "lampu": 2}) == "DESA"
    assert who(facts={"tempat": "jalan"}) == "DISHUB"
    assert who() == "DISHUB"


def test_equal_rules_are_told_apart_by_their_code(areas: dict[str, Jurisdiction]) -> None:
    make.rule("b", to="B")
    make.rule("a", to="A")

    assert who() == "A"


def test_a_rule_or_department_that_is_switched_off_is_silent(
    areas: dict[str, Jurisdiction],
) -> None:
    make.rule("a", to="A", active=False)
    make.rule("b", to=make.department("B", active=False))

    assert who() == ""


def test_a_point_on_an_edge_belongs_to_the_area_with_the_smallest_code(
    areas: dict[str, Jurisdiction],
) -> None:
    corner = routing.route(at(make.LON, make.LAT), "lpju-mati")
    edge = routing.route(at(make.LON, make.LAT - 0.01), "lpju-mati")

    assert corner.jurisdiction.code == "1.1"
    assert edge.jurisdiction.code == "2.1"
    assert corner.edge_m == pytest.approx(0, abs=1e-6)
    assert corner.near_edge


def test_the_distance_to_the_edge_is_in_metres(areas: dict[str, Jurisdiction]) -> None:
    route = routing.route(at(EAST[0], make.LAT + 0.001), "lpju-mati")

    # One thousandth of a degree of latitude at 8.66° S. Source: GRS 80, 110.58 km a degree.
    assert route.edge_m == pytest.approx(110.6, rel=0.002)
    assert not route.near_edge


def test_nobody_responsible_is_an_answer(areas: dict[str, Jurisdiction]) -> None:
    route = routing.route(at(*EAST), "lpju-mati")

    assert route.covered
    assert route.chosen is None
    assert "verifikasi" in route.reason


def test_outside_every_area_nobody_is_responsible(areas: dict[str, Jurisdiction]) -> None:
    make.rule("a", to="KOTA")
    make.area(
        "badung",
        level=Level.NEIGHBOUR,
        name="Kabupaten Badung",
        shape=make.square(west=make.LON - 0.06, side=0.03),
    )

    point = at(make.LON - 0.04, make.LAT + 0.01)
    route = routing.route(point, "lpju-mati", city=make.city())

    assert not route.covered
    assert route.chosen is None
    neighbour, metres = routing.outside(point, make.city())
    assert neighbour == "Kabupaten Badung"
    assert metres == pytest.approx(2200, rel=0.01)


def test_a_point_finds_its_city_by_itself(areas: dict[str, Jurisdiction]) -> None:
    assert routing.route(at(*EAST), "lpju-mati").city_id == make.city().pk


def test_rules_of_another_city_are_not_asked(areas: dict[str, Jurisdiction]) -> None:
    batu = make.city(slug="batu", prefix="BTU")
    make.rule("a", to=make.department("LAIN", city=batu))

    assert who() == ""


def test_an_area_can_stand_for_a_point(areas: dict[str, Jurisdiction]) -> None:
    make.rule("a", to="KOTA")
    make.rule("b", to="KECAMATAN", level=Level.DISTRICT, area_code="2")

    assert who(areas["2.1"]) == "KECAMATAN"
    assert who(areas["1.1"]) == "KOTA"


def test_without_any_place_the_citys_own_rules_answer(areas: dict[str, Jurisdiction]) -> None:
    make.rule("a", to="KOTA")
    make.rule("b", to="DESA", level=Level.VILLAGE, area_code="1.2")

    route = routing.route(None, "lpju-mati", city=make.city())

    assert route.chosen is not None
    assert route.chosen.department_code == "KOTA"
    assert route.covered


def test_an_earlier_instant_sees_the_earlier_edition() -> None:
    then = datetime(2025, 1, 1, tzinfo=UTC)
    old = make.edition("village", valid=DateTimeTZRange(make.LONG_AGO, then), source="lama")
    new = make.edition("village", since=then, source="baru")
    make.area("lama", within=old)
    make.area("baru", within=new)

    before = routing.route(at(*EAST), "x", at=datetime(2024, 12, 31, tzinfo=UTC))
    after = routing.route(at(*EAST), "x", at=then)

    assert (before.jurisdiction.code, before.edition_id) == ("lama", old.pk)
    assert (after.jurisdiction.code, after.edition_id) == ("baru", new.pk)


def test_the_runner_up_says_why_it_did_not_win(areas: dict[str, Jurisdiction]) -> None:
    make.rule("a", to="DISHUB", service_code="lpju")
    make.rule("b", to="BPTD", service_code="lpju", road_class="national", within_m=30)
    make.road(
        [(EAST[0] - 0.005, EAST[1] + 0.001), (EAST[0] + 0.005, EAST[1] + 0.001)], name="By Pass"
    )

    route = routing.route(at(*EAST), "lpju-mati")

    assert route.second is not None
    assert route.second.department_code == "BPTD"
    assert route.second.why_not == "jalan terdekat (By Pass, 111 m) bukan jalan nasional dalam 30 m"
    assert [row["rule"] for row in route.trace] == ["a", "b"]


def test_the_sentence_is_written_in_the_readers_language(areas: dict[str, Jurisdiction]) -> None:
    make.rule(
        "a",
        to="DISHUB",
        explanation="lampu jalan di jalan kota",
        explanation_en="lamps on city streets",
    )
    route = routing.route(at(*EAST), "lpju-mati")

    assert route.reason == "Ditangani Dinas Dishub: lampu jalan di jalan kota, Kelurahan 1.2"
    with override("en"):
        assert "lamps on city streets" in route.reason


def test_a_route_costs_one_query(
    areas: dict[str, Jurisdiction], django_assert_num_queries: Any
) -> None:
    make.rule("a", to="DISHUB", service_code="lpju")

    with django_assert_num_queries(1):
        route = routing.route(at(*EAST), "lpju-mati")
        assert route.reason
        assert route.chosen is not None
        assert route.chosen.body.name == "Dinas Dishub"


def test_many_are_routed_as_one_by_one(
    areas: dict[str, Jurisdiction], django_assert_num_queries: Any
) -> None:
    make.rule("a", to="KOTA")
    make.rule("b", to="DESA", level=Level.VILLAGE, area_code="1.2")
    make.rule("c", to="GANG", facts={"tempat": "gang"}, service_code="lpju")
    asked: list[tuple[routing.Where, str, dict[str, str]]] = [
        (at(*EAST), "lpju-mati", {}),
        (at(make.LON - 0.01, make.LAT - 0.01), "lpju-mati", {"tempat": "gang"}),
        (areas["2.1"], "sampah", {}),
        (None, "sampah", {}),
        (at(make.LON - 1, make.LAT), "x", {}),
    ]
    city = make.city()
    single = [routing.route(where, code, city=city, facts=facts) for where, code, facts in asked]

    with django_assert_num_queries(1):
        many = routing.route_each(asked, city=city)

    assert many == single
    assert routing.route_each([], city=city) == []


def test_what_is_kept_in_metres_follows_its_source(areas: dict[str, Jurisdiction]) -> None:
    near = at(EAST[0], make.LAT + 0.001)
    road = make.road([(EAST[0] - 0.005, EAST[1]), (EAST[0] + 0.005, EAST[1])])
    before = routing.route(near, "x").edge_m
    City.objects.update(metric_srid=32749)
    road.geom = LineString((EAST[0] - 0.005, near.y), (EAST[0] + 0.005, near.y), srid=WGS84)
    road.save()

    after = routing.route(near, "x")

    assert after.road_m == pytest.approx(0, abs=0.01)
    # the neighbouring zone stretches 0.2 % more here: it was measured anew
    assert before is not None
    assert after.edge_m is not None
    assert 0.1 < after.edge_m - before < 1
    assert bulk.route_many([near.x], [near.y], ["x"], city=make.city()).edge_m == pytest.approx(
        after.edge_m, abs=0.001
    )


def test_holes_belong_to_nobody() -> None:
    ring = Polygon.from_bbox((make.LON, make.LAT, make.LON + 0.03, make.LAT + 0.03))
    hole = Polygon.from_bbox((make.LON + 0.01, make.LAT + 0.01, make.LON + 0.02, make.LAT + 0.02))
    make.area("cincin", shape=MultiPolygon(ring.difference(hole), srid=WGS84))

    assert routing.route(at(make.LON + 0.005, make.LAT + 0.005), "x").covered
    assert not routing.route(at(make.LON + 0.015, make.LAT + 0.015), "x").covered
