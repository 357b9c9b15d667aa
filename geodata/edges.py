"""Near an edge: whether a point as inexact as a phone's changes who is responsible, in words.

The circle of accuracy is looked at in fixed spots through routing itself, in one statement. What
is asked of a person ("di jalan raya atau di gang?") is made of what tells the answers apart.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.contrib.gis.geos import Point
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from geodata import routing
from geodata.crs import WGS84
from geodata.models import City, RoadClass
from geodata.routing import Route, Weighed

MOST_M: Final = 100.0
"""What a circle is cut to: beyond, a better point helps more than a question."""
RINGS_M: Final = (12.5, 25.0, 50.0, MOST_M)
"""Radii looked at inside a circle, beside its own; a narrow street slips through wider steps."""
_BEARINGS: Final = 8
_METRES_PER_DEGREE: Final = 111_320.0

_ROAD_WORDS: Final[Mapping[str, str]] = {
    RoadClass.NATIONAL: "raya",
    RoadClass.PROVINCE: "raya",
    RoadClass.TOLL: "raya",
}
"""Classes of roads that people call *jalan raya*."""


@dataclass(frozen=True, slots=True)
class Side:
    """One answer to the question on which side of an edge a problem lies.

    Attributes:
        rule: code of the routing rule; what the sender gives back.
        label: in the reader's language.
    """

    rule: str
    label: str
    department: Weighed


def sides(
    point: Point,
    accuracy_m: float | None,
    service_code: str,
    *,
    city: City,
    facts: Mapping[str, Any] | None = None,
    at: datetime | None = None,
) -> list[Side]:
    """List who may be responsible inside the circle of accuracy; one statement, none without one.

    Args:
        point: EPSG:4326.
        accuracy_m: radius of the circle, metres; None where the point is not a phone's.
        service_code: the kind of issue.
        city: whose rules.
        facts: answers that rules may demand.
        at: the instant whose editions and rules count; default: now.

    Returns:
        One answer a department, the pin's own first; empty where there is nothing to ask.
    """
    if not accuracy_m:
        return []
    found = _answers(point, accuracy_m, service_code, city=city, facts=facts, at=at)
    one_each: dict[str, Route] = {}
    for route in found:
        if route.chosen:
            one_each.setdefault(route.chosen.department_code, route)
    if len(one_each) < len(("this", "other")):
        return []
    return list(_worded(list(one_each.values())))


def taken(
    side: str,
    point: Point,
    accuracy_m: float | None,
    service_code: str,
    *,
    city: City,
    facts: Mapping[str, Any] | None = None,
    at: datetime | None = None,
) -> Route:
    """Decide as somebody has picked who knows on which side of an edge it lies; one statement.

    Args:
        side: the rule that was picked.
        accuracy_m: None where the sender's is not kept: then the widest circle counts.
        point: EPSG:4326, as are the others those of `sides`.
        service_code: likewise.
        city: likewise.
        facts: likewise.
        at: likewise.

    Returns:
        The routing of the nearest spot where that rule decides, its trace beginning with the
        pick; that of the pin where the rule decides nowhere near, for a stale or made-up pick.
    """
    radius_m = MOST_M if accuracy_m is None else accuracy_m
    pin, *others = _answers(point, radius_m, service_code, city=city, facts=facts, at=at)
    for route in (pin, *others) if pin.covered else ():
        if route.chosen and route.chosen.rule == side:
            first, *rest = route.trace
            return replace(route, edge_m=pin.edge_m, trace=({**first, "side": True}, *rest))
    return pin


def _answers(
    point: Point,
    accuracy_m: float,
    service_code: str,
    *,
    city: City,
    facts: Mapping[str, Any] | None,
    at: datetime | None,
) -> list[Route]:
    """Route the spots of a circle, the middle first."""
    spots = list(_spots(point, min(accuracy_m, MOST_M)))
    asked = [(spot, service_code, facts or {}) for spot in spots]
    return routing.route_each(asked, city=city, at=at)


def _spots(point: Point, radius_m: float) -> Iterator[Point]:
    """Give the middle, then ring by ring the spots of a circle, always the same."""
    yield point
    narrow = math.cos(math.radians(point.y))
    for ring in (*(one for one in RINGS_M if one < radius_m), radius_m):
        degrees = ring / _METRES_PER_DEGREE
        for step in range(_BEARINGS):
            bearing = 2 * math.pi * step / _BEARINGS
            east, north = math.sin(bearing) * degrees / narrow, math.cos(bearing) * degrees
            yield Point(point.x + east, point.y + north, srid=WGS84)


def _worded(routes: Sequence[Route]) -> Iterator[Side]:
    """Say each answer in words; two that read alike also name who would come."""
    labels = [_label(route) for route in routes]
    for route, label in zip(routes, labels, strict=True):
        if route.chosen is None:
            continue
        if labels.count(label) > 1:
            words = {"place": label, "department": route.chosen.department_short}
            yield Side(route.chosen.rule, _("%(place)s: %(department)s") % words, route.chosen)
        else:
            yield Side(route.chosen.rule, label, route.chosen)


def _label(route: Route) -> str:
    """Name a place by what its rule looked at: a road, a special area, else what is left."""
    rule: Mapping[str, Any] = route.trace[0]
    words = {
        "road": route.road or _("tanpa nama"),
        "sort": RoadClass(route.road_class).label if route.road_class else "",
        "area": str(route.jurisdiction or ""),
    }
    if rule["road_class"] in _ROAD_WORDS:
        return _("Di jalan raya (%(road)s, %(sort)s)") % words
    if rule["road_class"]:
        return _("Di %(sort)s (%(road)s)") % words
    if rule["area"]:
        return capfirst(route.chosen.why) if route.chosen else ""
    if route.road_class == RoadClass.NEIGHBOURHOOD:
        return _("Di gang atau jalan lingkungan (%(road)s)") % words
    if route.jurisdiction:
        return _("Di tempat lain, bukan di jalan raya (%(area)s)") % words
    return _("Di tempat lain")
