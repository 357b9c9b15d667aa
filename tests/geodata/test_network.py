"""How far it is by road: junctions, bends, ends that nearly meet, and what no road joins."""

import math
from itertools import pairwise

import numpy as np
import pytest
from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import Point

from geodata import network
from geodata.crs import WGS84
from geodata.models import Asset
from tests import make

LON, LAT = make.LON, make.LAT
M = 1 / 111_000
"""Degrees of about one metre."""


def line(*corners):
    return np.array(corners, dtype=float)


def ways(net, start, *ends):
    """Metres by road from one point to others, None where there is no way."""
    spots = [net.place(np.array(end, dtype=float))[0] for end in ends]
    found = net.ways(net.place(np.array(start, dtype=float))[0], spots, math.inf)
    return [found.get(spot) for spot in spots]


def test_a_road_is_as_long_as_its_bends():
    net = network.of_lines([line((0, 0), (100, 0), (100, 100))])

    assert ways(net, (0, 0), (100, 100), (100, 0)) == [200, 100]


def test_two_places_on_one_road_are_joined_along_it():
    net = network.of_lines([line((0, 0), (100, 0), (200, 0), (300, 0))])

    assert ways(net, (200, 0), (100, 0)) == [100]


def test_of_two_ways_the_shorter_counts():
    around = line((0, 0), (0, 500), (500, 500), (500, 0))
    net = network.of_lines([around, line((0, 0), (250, 10), (500, 0))])

    assert ways(net, (0, 0), (500, 0))[0] == pytest.approx(500.4, abs=0.1)


def test_an_end_that_nearly_meets_a_road_is_joined_to_it():
    main = line(*((x, 0) for x in range(0, 401, 40)))
    near, far = line((200, 12), (200, 212)), line((320, 90), (320, 300))
    net = network.of_lines([main, near, far])

    assert ways(net, (0, 0), (200, 212)) == [pytest.approx(412)]
    assert ways(net, (0, 0), (320, 300)) == [None]


def test_a_ring_without_junctions_is_a_road_like_any_other():
    ring = line((0, 0), (100, 0), (100, 100), (0, 100), (0, 0))
    net = network.of_lines([ring])

    assert ways(net, (100, 0), (0, 100)) == [200]
    assert ways(net, (100, 100), (100, 0)) == [100]


def test_a_place_off_every_road_is_on_none():
    net = network.of_lines([line((0, 0), (100, 0))])

    assert net.place(np.array([50.0, 240.0]))[0] >= 0
    assert net.place(np.array([50.0, 260.0]))[0] == -1
    assert network.of_lines([]).place(np.array([0.0, 0.0]))[0] == -1


def test_every_way_agrees_with_a_search_over_every_corner():
    draw = np.random.default_rng(5)
    grid = [(x * 100, y * 100) for x in range(6) for y in range(6)]
    lines = []
    for one, other in pairwise(draw.permutation(len(grid)).tolist()):
        (x, y), (u, v) = grid[one], grid[other]
        lines.append(line((x, y), (u, y), (u, v)) if x != u and y != v else line((x, y), (u, v)))
    net = network.of_lines(lines)

    edges = {}
    for corners in lines:
        for one, other in pairwise(map(tuple, corners)):
            if one != other:
                edges.setdefault(one, {})[other] = math.dist(one, other)
                edges.setdefault(other, {})[one] = math.dist(one, other)
    nodes = list(edges)
    far = {(a, b): edges[a].get(b, 0 if a == b else math.inf) for a in nodes for b in nodes}
    for k in nodes:
        for a in nodes:
            for b in nodes:
                far[a, b] = min(far[a, b], far[a, k] + far[k, b])
    start = nodes[0]
    expected = [far[start, node] for node in nodes]

    assert ways(net, start, *nodes) == pytest.approx(expected)


# On a city's own roads -----------------------------------------------------------------------


def straight(one, other):
    lamp = make.lamp(lon=one[0], lat=one[1])
    far = Distance("geom", Point(*other, srid=WGS84), spheroid=True)
    return Asset.objects.annotate(far=far).get(pk=lamp.pk).far.m


@pytest.mark.django_db
def test_without_roads_the_way_is_the_straight_line_and_a_third():
    places = [(LON, LAT), (LON + 0.01, LAT)]

    found = network.distances(make.city(), places)

    assert found[0, 1] == pytest.approx(straight(*places) * network.DETOUR, rel=1e-3)
    assert found.tolist() == found.T.tolist()


@pytest.mark.django_db
def test_along_roads_the_way_is_theirs():
    corner = (LON + 0.01, LAT + 0.01)
    make.road([(LON, LAT), (LON + 0.01, LAT), corner])
    places = [(LON, LAT), corner]

    found = network.distances(make.city(), places)

    legs = straight((LON, LAT), (LON + 0.01, LAT)) + straight((LON + 0.01, LAT), corner)
    assert found[0, 1] == pytest.approx(legs, rel=2e-3)


@pytest.mark.django_db
def test_a_river_without_a_bridge_is_driven_around():
    make.road([(LON, LAT), (LON + 0.01, LAT)])
    make.road([(LON, LAT + 60 * M), (LON + 0.01, LAT + 60 * M)])
    make.road([(LON + 0.01, LAT), (LON + 0.01, LAT + 60 * M)])
    places = [(LON, LAT), (LON, LAT + 60 * M)]

    assert network.distances(make.city(), places)[0, 1] > 2000


@pytest.mark.django_db
def test_a_new_edition_of_the_roads_counts_at_once():
    places = [(LON, LAT), (LON + 0.01, LAT + 0.01)]
    before = network.distances(make.city(), places)[0, 1]

    make.road([(LON, LAT), (LON + 0.01, LAT), (LON + 0.01, LAT + 0.01)])

    assert network.distances(make.city(), places)[0, 1] > before


@pytest.mark.django_db
def test_roads_are_read_once_and_places_in_one_statement(django_assert_num_queries):
    make.road([(LON, LAT), (LON + 0.01, LAT)])
    places = [(LON + n * 0.001, LAT) for n in range(9)]
    city = make.city()
    network.distances(city, places)

    with django_assert_num_queries(1):
        network.distances(city, places)


def test_no_place_needs_no_way(db):
    assert network.distances(make.city(), []).shape == (0, 0)
