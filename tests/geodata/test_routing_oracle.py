"""Routing against an independent computation with shapely, on Denpasar's real boundaries and roads.

The oracle shares nothing with `route.sql` but the rows of the rules: it covers with shapely's own
predicates and measures with pyproj's own projection.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely
from django.contrib.gis.geos import MultiPolygon, Point
from numpy.typing import NDArray

from geodata import routing
from geodata.crs import WGS84
from geodata.models import Asset, City, Jurisdiction, Level, RoutingRule
from tests import make, proof
from tests.geodata.ground import EXTENT

pytestmark = pytest.mark.django_db

SEED = 20261121
RANDOM_POINTS = proof.size(whole=20_000, part=2_000)
EVERY = proof.size(whole=1, part=10)
"""Of how many corners one is asked."""
Points = NDArray[np.float64]


class Oracle:
    """A slow second opinion."""

    def __init__(self) -> None:
        self.areas = [
            (row.level, row.code, shapely.from_wkb(row.area.wkb.tobytes()))
            for row in Jurisdiction.objects.all()
        ]
        self.tree = shapely.STRtree([area for _level, _code, area in self.areas])
        self.metres = pyproj.Transformer.from_crs(WGS84, 32750, always_xy=True)
        roads = list(Asset.objects.filter(layer="road").order_by("pk"))
        self.classes = [road.road_class for road in roads]
        lines = [shapely.from_wkb(road.geom.wkb.tobytes()) for road in roads]
        self.roads = shapely.STRtree([shapely.transform(line, self._project) for line in lines])
        self.rules = list(RoutingRule.objects.select_related("department"))

    def _project(self, degrees: Points) -> Points:
        return np.column_stack(self.metres.transform(degrees[:, 0], degrees[:, 1]))

    def covering(self, points: Points) -> list[dict[int, list[str]]]:
        """Codes of the areas over each point, by level, smallest first."""
        found: list[dict[int, list[str]]] = [{} for _point in points]
        for at, which in self.tree.query(shapely.points(points), predicate="covered_by").T:
            level, code, _area = self.areas[which]
            found[at].setdefault(level, []).append(code)
        return [{level: sorted(codes) for level, codes in levels.items()} for levels in found]

    def nearest(self, points: Points) -> list[tuple[str, float]]:
        """Class of the nearest road and its distance in metres; of equally near ones the first."""
        flat = shapely.points(self._project(points))
        _pairs, metres = self.roads.query_nearest(flat, return_distance=True, all_matches=False)
        return [self._first(point, least) for point, least in zip(flat, metres, strict=True)]

    def _first(self, point: shapely.Point, least: float) -> tuple[str, float]:
        near = self.roads.query(point, predicate="dwithin", distance=least + 0.01)
        ranked = [
            (round(float(shapely.distance(point, self.roads.geometries[road])), 3), road)
            for road in near
        ]
        metres, road = min(ranked)
        return self.classes[road], metres

    def answers(self, points: Points) -> Iterator[tuple[str, str]]:
        """Village and department of each point; empty for none."""
        for levels, (road_class, metres) in zip(
            self.covering(points), self.nearest(points), strict=True
        ):
            here = {(level, codes[0]) for level, codes in levels.items()}
            fitting = [
                (rank, rule.department.code)
                for rule in self.rules
                if (rank := self._rank(rule, here, road_class, metres)) is not None
            ]
            village = levels.get(Level.VILLAGE, [""])[0]
            yield village, max(fitting)[1] if fitting and here else ""

    def _rank(
        self, rule: RoutingRule, here: set[tuple[int, str]], road_class: str, metres: float
    ) -> float | None:
        """How deep a rule's place is; None where it does not fit."""
        if rule.road_class:
            return 3.5 if rule.road_class == road_class and metres <= rule.within_m else None
        if rule.level is None:
            return 0
        return float(rule.level) if (rule.level, rule.area_code) in here else None


def differences(points: Points) -> list[Any]:
    """Every point at which routing and the oracle disagree."""
    wrong = []
    for (lon, lat), expected in zip(points, Oracle().answers(points), strict=True):
        route = routing.route(Point(lon, lat, srid=WGS84), "lpju-mati", city=make.city())
        village = route.jurisdiction.code if route.jurisdiction else ""
        found = (village, route.chosen.department_code if route.chosen else "")
        if found != expected:
            wrong.append(((lon, lat), found, expected))
    return wrong


def rings(area: MultiPolygon) -> Iterator[Points]:
    """The rings of an area as arrays of (longitude, latitude)."""
    for polygon in shapely.from_wkb(area.wkb.tobytes()).geoms:
        for ring in (polygon.exterior, *polygon.interiors):
            yield np.asarray(ring.coords)


def test_random_points_are_routed_as_the_oracle_says(denpasar: City) -> None:
    drawn = np.random.default_rng(SEED).uniform(EXTENT[:2], EXTENT[2:], (RANDOM_POINTS, 2))

    assert differences(drawn) == []


def test_every_vertex_and_shared_edge_belongs_to_exactly_one_village(denpasar: City) -> None:
    villages = Jurisdiction.objects.filter(level=Level.VILLAGE)
    corners: dict[tuple[float, float], int] = {}
    for village in villages:
        for ring in rings(village.area):
            for (x, y), (to_x, to_y) in pairwise(ring):
                corners[x, y] = 1
                corners[(x + to_x) / 2, (y + to_y) / 2] = 1
    points = np.asarray(sorted(corners))
    assert len(points) > 20_000

    assert differences(points[::EVERY]) == []


def test_a_trace_replays(denpasar: City) -> None:
    points = np.random.default_rng(SEED + 1).uniform([115.18, -8.75], [115.26, -8.6], (200, 2))

    for lon, lat in points:
        asked = Point(lon, lat, srid=WGS84)
        first = routing.route(asked, "lpju-mati", city=make.city())
        again = routing.route(asked, "lpju-mati", city=make.city())
        assert first.trace == again.trace
        fitting = [row["rule"] for row in first.trace if row["fits"]]
        assert fitting[:1] == ([first.chosen.rule] if first.chosen else [])
