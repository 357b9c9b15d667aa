"""Bulk routing gives what `route` gives, point by point."""

import dataclasses
from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import shapely
from django.contrib.gis.geos import Point
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange

from geodata import bulk, routing
from geodata.crs import WGS84
from geodata.models import Asset, City, Jurisdiction, Level
from tests import make
from tests.geodata.ground import EXTENT

pytestmark = pytest.mark.django_db

SEED = 20261122
EAST = (make.LON + make.SIDE / 2, make.LAT + make.SIDE / 2)
"""The middle of village 1.2."""
KINDS = ("lpju-mati", "lpju", "jalan-berlubang", "sampah")


def answers(points: Any, codes: Sequence[str], **asked: Any) -> list[tuple[Any, ...]]:
    """What `route` says of each point."""
    facts = asked.pop("facts", None) or [{}] * len(codes)
    moments = asked.pop("at", None)
    moments = moments if isinstance(moments, list) else [moments] * len(codes)
    found = []
    for (lon, lat), code, fact, at in zip(points, codes, facts, moments, strict=True):
        route = routing.route(
            Point(lon, lat, srid=WGS84), code, city=make.city(), facts=fact, at=at
        )
        found.append(
            (
                route.covered,
                route.jurisdiction.pk if route.jurisdiction else 0,
                route.edition_id or 0,
                np.nan if route.edge_m is None else route.edge_m,
                route.road,
                route.road_class,
                np.nan if route.road_m is None else route.road_m,
                route.place,
                route.chosen.rule_id if route.chosen else 0,
                route.chosen.department_id if route.chosen else 0,
            )
        )
    return found


def differences(points: Any, codes: Sequence[str], **asked: Any) -> list[Any]:
    """Every point and field where the two disagree; metres may differ by a thousandth of one."""
    points = np.asarray(points, dtype=float).reshape(-1, 2)
    single = answers(points, codes, **asked)
    many = bulk.route_many(points[:, 0], points[:, 1], codes, city=make.city(), **asked)
    wrong = []
    for place, field in enumerate(dataclasses.fields(bulk.Routes)):
        ours = getattr(many, field.name)
        theirs = np.asarray([answer[place] for answer in single], dtype=ours.dtype)
        if ours.dtype.kind == "f":
            same = np.isclose(ours, theirs, rtol=0, atol=0.001, equal_nan=True)
        else:
            same = ours == theirs
        wrong += [
            (field.name, tuple(points[one]), ours[one], theirs[one])
            for one in np.flatnonzero(~same)
        ]
    return wrong


def kinds(count: int) -> list[str]:
    """Some of each kind."""
    return [KINDS[number % len(KINDS)] for number in range(count)]


def corners(areas: Any, every: int) -> np.ndarray:
    """Some vertices of areas and the middles of the edges behind them."""
    found = []
    for row in areas:
        for polygon in shapely.from_wkb(row.area.wkb.tobytes()).geoms:
            for (x, y), (to_x, to_y) in list(pairwise(polygon.exterior.coords))[::every]:
                found += [(x, y), ((x + to_x) / 2, (y + to_y) / 2)]
    return np.asarray(found)


def test_random_points_are_routed_as_one_by_one(denpasar: City) -> None:
    points = np.random.default_rng(SEED).uniform(EXTENT[:2], EXTENT[2:], (3_500, 2))

    assert differences(points, kinds(len(points))) == []


def test_points_along_roads_are_routed_as_one_by_one(denpasar: City) -> None:
    lines = Asset.objects.filter(layer="road").order_by("pk")[::3]
    ends = np.asarray([road.geom.coords[0] for road in lines])
    nudged = ends + np.random.default_rng(SEED).normal(0, 0.0001, ends.shape)
    points = np.concatenate([ends, nudged])

    assert differences(points, kinds(len(points))) == []


def test_vertices_and_edges_are_routed_as_one_by_one(denpasar: City) -> None:
    points = corners(Jurisdiction.objects.filter(level=Level.VILLAGE), every=30)
    assert len(points) > 1_000

    assert differences(points, kinds(len(points))) == []


@pytest.fixture
def areas() -> dict[str, Jurisdiction]:
    """Four villages, two districts, one city."""
    return make.villages()


def test_each_instant_sees_its_own_borders_roads_and_rules(
    areas: dict[str, Jurisdiction],
) -> None:
    then = datetime(2025, 1, 1, tzinfo=UTC)
    old = areas["1.2"].edition
    old.valid = DateTimeTZRange(make.LONG_AGO, then)
    old.save()
    make.area("9.9", within=make.edition("village", since=then))
    make.rule("a", to="LAMA", valid=DateRange(None, date(2024, 7, 1)))
    make.rule("b", to="BARU", valid=DateRange(date(2024, 7, 1), None))
    make.rule("c", to="BPTD", road_class="national")
    line = [(EAST[0] - 0.005, EAST[1]), (EAST[0] + 0.005, EAST[1])]
    make.road(line, valid=DateRange(None, date(2024, 3, 1)))
    make.road(line, road_class="city", valid=DateRange(date(2024, 3, 1), None))
    instants = [
        datetime(2024, 2, 29, 15, 59, tzinfo=UTC),
        datetime(2024, 2, 29, 16, tzinfo=UTC),
        datetime(2024, 6, 30, 15, 59, tzinfo=UTC),
        datetime(2024, 6, 30, 16, tzinfo=UTC),
        datetime(2024, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        then,
        datetime(2012, 1, 1, tzinfo=UTC),
    ]

    assert differences([EAST] * len(instants), kinds(len(instants)), at=instants) == []
    for instant in instants:
        assert differences([EAST], ["x"], at=instant) == []


def test_instants_may_come_as_an_array(areas: dict[str, Jurisdiction]) -> None:
    make.rule("a", to="BARU", valid=DateRange(date(2024, 7, 1), None))
    instants = np.asarray(["2024-06-30T15:59", "2024-06-30T16:00"], dtype="datetime64[m]")

    routes = bulk.route_many(
        *zip(EAST, EAST, strict=True), ["x", "x"], city=make.city(), at=instants
    )

    assert (routes.rule_id > 0).tolist() == [False, True]


def test_facts_special_areas_fallbacks_and_priorities_weigh_the_same(
    areas: dict[str, Jurisdiction],
) -> None:
    make.area("A", level=Level.SPECIAL, shape=make.square(side=0.02))
    make.area("B", level=Level.SPECIAL, shape=make.square(side=0.012))
    outside = make.edition("special", dataset="lain")
    make.area("A", level=Level.SPECIAL, shape=make.square(west=make.LON - 0.05), within=outside)
    make.area("T", level=Level.NEIGHBOUR, shape=make.square(west=make.LON - 0.09))
    make.rule("0", to="UMUM", fallback=True, priority=5)
    make.rule("1", to="KOTA", service_code="lpju")
    make.rule("2", to="LUAS", level=Level.SPECIAL, area_code="A")
    make.rule("3", to="SEMPIT", level=Level.SPECIAL, area_code="B")
    make.rule("4", to="GANG", facts={"tempat": "gang", "lampu": [1]}, service_code="lpju")
    make.rule("5", to="SATU", facts={"tempat": "gang"}, service_code="lpju-mati")
    make.rule("6", to="TETANGGA", level=Level.NEIGHBOUR, area_code="T")
    make.rule("7", to="DESA", level=Level.VILLAGE, area_code="2.1", service_code="lpju")
    make.rule("8", to="BPBD", priority=1, service_code="sampah")
    make.rule("9", to="MATI", active=False, priority=9)
    points = np.random.default_rng(SEED).uniform(
        [make.LON - 0.08, make.LAT - 0.03], [make.LON + 0.03, make.LAT + 0.03], (300, 2)
    )
    said = [{}, {"tempat": "gang"}, {"tempat": "gang", "lampu": [2, 1]}, {"lampu": True}]
    facts = [said[number // len(KINDS) % len(said)] for number in range(len(points))]

    assert differences(points, kinds(len(points)), facts=facts) == []


@pytest.mark.parametrize(
    ("wanted", "given", "holds"),
    [
        ({}, {}, "yes"),
        ({"a": 1}, {"a": 1.0, "b": 2}, "yes"),
        ({"a": True}, {"a": 1}, ""),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}, "yes"),
        ({"a": [1]}, {"a": [2, 1]}, "yes"),
        ({"a": [1, 3]}, {"a": [2, 1]}, ""),
        ({"a": None}, {}, ""),
    ],
)
def test_answers_are_compared_as_postgresql_compares_json(
    wanted: Any, given: Any, holds: str, areas: dict[str, Jurisdiction]
) -> None:
    make.rule("a", to="A", facts=wanted)

    routes = bulk.route_many([EAST[0]], [EAST[1]], ["x"], city=make.city(), facts=[given])

    assert (routes.rule_id[0] > 0) == bool(holds)
    assert differences([EAST], ["x"], facts=[given]) == []


def test_a_city_without_ground_and_an_empty_list_are_answered() -> None:
    make.city()

    assert len(bulk.route_many([], [], [], city=make.city())) == 0
    assert differences([EAST], ["x"]) == []


def test_the_longest_and_the_widest_road_are_looked_for_in_the_same_box(
    areas: dict[str, Jurisdiction],
) -> None:
    make.road([(EAST[0] - 0.008, EAST[1] - 0.008), (EAST[0] + 0.008, EAST[1] + 0.008)])
    make.road([(EAST[0] + 0.0021, EAST[1]), (EAST[0] + 0.0021, EAST[1] + 0.001)], name="Luar")
    points = np.random.default_rng(SEED).uniform(
        [EAST[0] - 0.012, EAST[1] - 0.012], [EAST[0] + 0.012, EAST[1] + 0.012], (400, 2)
    )

    assert differences([*points, EAST], kinds(len(points) + 1)) == []


def test_lists_of_unequal_length_are_refused(areas: dict[str, Jurisdiction]) -> None:
    with pytest.raises(ValueError, match="kinds"):
        bulk.route_many([EAST[0]], [EAST[1]], ["x", "y"], city=make.city())
    with pytest.raises(ValueError, match="instants"):
        bulk.route_many([EAST[0]], [EAST[1]], ["x"], city=make.city(), at=[])
