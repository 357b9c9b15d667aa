"""Who is responsible at a million places at once: `routing.route`'s answers, without its trace.

The rule is `route`'s, said in arrays: the same areas, edges, roads, instants and order of rules; a
test compares the two point by point. Only operators' commands load this (it brings shapely along);
the web path asks PostGIS.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

import numpy as np
from django.db.models.functions import Length
from django.utils import timezone
from numpy.typing import ArrayLike, NDArray

from geodata.ground import Areas, Flags, Floats, Ground, History, Ints, Spans, Words, microseconds
from geodata.models import City, Level, RoutingRule

Facts = Mapping[str, Any]
Moments = datetime | Sequence[datetime] | NDArray[np.datetime64]
SPECIAL_DEPTH: Final = 4.5
ROAD_DEPTH: Final = 3.5
_ORDINARY: Final = (Level.CITY, Level.DISTRICT, Level.VILLAGE)


@dataclass(frozen=True, slots=True)
class Routes:
    """The answers, one entry a point in each array; 0, an empty text or NaN where there is none.

    Attributes:
        covered: whether any area of the city covers the point.
        jurisdiction_id: the deepest ordinary area.
        edition_id: the edition that drew it.
        edge_m: metres to its border.
        road: name of the nearest road.
        road_class: its class.
        road_m: metres to it.
        place: nearest road and area as one line.
        rule_id: the rule that decided.
        department_id: who is responsible.
    """

    covered: Flags
    jurisdiction_id: Ints
    edition_id: Ints
    edge_m: Floats
    road: Words
    road_class: Words
    road_m: Floats
    place: Words
    rule_id: Ints
    department_id: Ints

    @classmethod
    def blank(cls, size: int) -> Self:
        """Nobody is responsible, nowhere."""
        return cls(
            covered=np.zeros(size, dtype=np.bool_),
            jurisdiction_id=np.zeros(size, dtype=np.int64),
            edition_id=np.zeros(size, dtype=np.int64),
            edge_m=np.full(size, np.nan),
            road=np.full(size, "", dtype=object),
            road_class=np.full(size, "", dtype=object),
            road_m=np.full(size, np.nan),
            place=np.full(size, "", dtype=object),
            rule_id=np.zeros(size, dtype=np.int64),
            department_id=np.zeros(size, dtype=np.int64),
        )

    def __len__(self) -> int:
        return len(self.covered)


def route_many(
    lons: ArrayLike,
    lats: ArrayLike,
    service_codes: Sequence[str] | Words,
    *,
    city: City,
    facts: Sequence[Facts] | None = None,
    at: Moments | None = None,
) -> Routes:
    """Decide who is responsible for many issues of one city.

    Args:
        lons: degrees east, EPSG:4326, shape (n,); finite and in range.
        lats: degrees north, shape (n,).
        service_codes: Open311 code of each issue, n of them.
        city: whose rules count.
        facts: answers to the categories' questions, n of them; default: none.
        at: the instant whose editions and rules count: one for all, or n of them (aware, or
            datetime64 in UTC); default: now.

    Returns:
        For every point what `routing.route` answers.

    Source: DESIGN section 3; `sql/route.sql` says the rule.
    """
    points = np.column_stack([np.asarray(lons, np.float64), np.asarray(lats, np.float64)])
    kinds = _Kinds.of(service_codes, facts, len(points))
    moments = _moments(at, len(points))
    history, book = History(city), _Book(city)
    routes = Routes.blank(len(points))
    changes = np.unique(np.concatenate([history.changes, book.spans.changes]))
    for which in _groups(np.searchsorted(changes, moments, side="right")):
        instant = int(moments[which[0]])
        part = _Part(routes, which, points[which], history.project(points[which]))
        here = part.locate(history.at(instant))
        part.judge(here, kinds, book.at(instant))
    return routes


@dataclass(frozen=True, slots=True)
class _Kinds:
    """Which distinct questions are asked, and by whom."""

    asked: list[tuple[str, Facts]]
    number: Ints

    @classmethod
    def of(cls, codes: Sequence[str] | Words, facts: Sequence[Facts] | None, count: int) -> Self:
        texts = codes if facts is None else _texts(codes, facts)
        places: dict[str, int] = {}
        number = np.asarray([places.setdefault(text, len(places)) for text in texts], np.int64)
        asked = [(text, {}) if facts is None else tuple(json.loads(text)) for text in places]
        if len(number) != count:
            raise ValueError("as many kinds as points")
        return cls(asked, number)


@dataclass(frozen=True, slots=True)
class _Here:
    """Where points lie: pairs of point and covering area, the owners of each level, the road."""

    areas: Areas
    special_point: Ints
    special_area: Ints
    owner: dict[int, Ints]
    covered: Flags
    road_class: Words
    road_m: Floats


@dataclass(frozen=True, slots=True)
class _Part:
    """The points of one state of the world, and where their answers go."""

    routes: Routes
    which: Ints
    points: Floats
    metric: Floats

    def locate(self, ground: Ground) -> _Here:
        """Write areas, edges and roads; return what rules ask for."""
        areas, size = ground.areas, len(self.points)
        point, area = areas.covering(self.points)
        owner = {int(level): _first(point, area, areas.level == level, size) for level in _ORDINARY}
        home = np.full(size, -1)
        for level in _ORDINARY:
            home = np.where(owner[level] >= 0, owner[level], home)
        road, metres = ground.roads.nearest(self.points, self.metric)
        self._place(ground, home, road, metres)
        covered = np.zeros(size, dtype=np.bool_)
        covered[point] = True
        self.routes.covered[self.which] = covered
        special = areas.level[area] == Level.SPECIAL
        special_point, special_area = _distinct(point[special], area[special], areas.code)
        classes = self.routes.road_class[self.which]
        return _Here(areas, special_point, special_area, owner, covered, classes, metres)

    def _place(self, ground: Ground, home: Ints, road: Ints, metres: Floats) -> None:
        """Write the home, its edge and the road."""
        routes, which, areas = self.routes, self.which, ground.areas
        known = home >= 0
        routes.jurisdiction_id[which[known]] = areas.id[home[known]]
        routes.edition_id[which[known]] = areas.edition_id[home[known]]
        routes.edge_m[which[known]] = areas.edges(home[known], self.metric[known])
        near = road >= 0
        routes.road[which[near]] = ground.roads.name[road[near]]
        routes.road_class[which[near]] = ground.roads.road_class[road[near]]
        routes.road_m[which] = metres
        routes.place[which] = _lines(ground, home, road)

    def judge(self, here: _Here, kinds: _Kinds, rules: list[RoutingRule]) -> None:
        """Write the first rule that fits each point."""
        asked = kinds.number[self.which]
        for which in _groups(asked):
            code, facts = kinds.asked[asked[which[0]]]
            self._judge(here, which, _candidates(rules, here.areas, code, facts))

    def _judge(self, here: _Here, which: Ints, candidates: "list[_Candidate]") -> None:
        """Walk the candidates, the best first, with the points that nobody has yet."""
        open_points = which
        for candidate in candidates:
            if not len(open_points):
                return
            fits = candidate.fits(here, open_points)
            answered = self.which[open_points[fits]]
            self.routes.rule_id[answered] = candidate.rule.pk
            self.routes.department_id[answered] = candidate.rule.department_id
            open_points = open_points[~fits]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A rule that speaks of a kind, with the area (place in the arrays, or -1) where it holds."""

    rule: RoutingRule
    area: int
    size: float

    @property
    def rank(self) -> tuple[Any, ...]:
        """The order of `sql/route.sql` among rules that fit; what follows keeps the book's own."""
        rule = self.rule
        depth = ROAD_DEPTH if rule.road_class else float(rule.level or 0)
        depth = SPECIAL_DEPTH if rule.level == Level.SPECIAL else depth
        return rule.fallback, -rule.priority, -depth, -len(rule.facts), self.size

    def fits(self, here: _Here, points: Ints) -> Flags:
        """At which of the points the rule holds."""
        if self.rule.level == Level.SPECIAL:
            inside = np.zeros(len(here.covered), dtype=np.bool_)
            inside[here.special_point[here.special_area == self.area]] = True
            return inside[points]
        if self.rule.level is not None:
            return np.equal(here.owner[self.rule.level][points], self.area)
        if not self.rule.road_class:
            return here.covered[points]
        near = here.road_m[points] <= self.rule.within_m
        right = np.equal(here.road_class[points], self.rule.road_class)
        return here.covered[points] & near & right.astype(np.bool_)


def _candidates(
    rules: list[RoutingRule], areas: Areas, code: str, facts: Facts
) -> list[_Candidate]:
    """Rules that speak of a kind, where facts allow them, the best first."""
    found = [
        candidate
        for rule in rules
        if _speaks_of(rule.service_code, code) and _holds(rule.facts, facts)
        for candidate in _grounded(rule, areas)
    ]
    return sorted(found, key=lambda candidate: candidate.rank)


def _speaks_of(rule_code: str, code: str) -> bool:
    return rule_code in {"", code} or code.startswith(f"{rule_code}-")


def _grounded(rule: RoutingRule, areas: Areas) -> Iterator[_Candidate]:
    """A rule with each area that it names; whole cities and roads need none."""
    if rule.level is None:
        yield _Candidate(rule, -1, 0)
        return
    for area in np.flatnonzero((areas.level == rule.level) & (areas.code == rule.area_code)):
        size = float(areas.size[area]) if rule.level == Level.SPECIAL else 0
        yield _Candidate(rule, int(area), size)


class _Book:
    """The rules of a city, with when they are in force."""

    def __init__(self, city: City) -> None:
        # as PostgreSQL sorts codes, not as Python does
        self.rules = list(
            RoutingRule.objects.filter(city=city, active=True, department__active=True)
            .exclude(level=Level.NEIGHBOUR)
            .order_by(Length("service_code").desc(), "code")
        )
        self.spans = Spans.of([rule.valid for rule in self.rules], city.zone)

    def at(self, instant: int) -> list[RoutingRule]:
        """The rules in force at an instant, microseconds since 1970."""
        return [self.rules[place] for place in np.flatnonzero(self.spans.at(instant))]


def _texts(codes: Sequence[str] | Words, facts: Sequence[Facts]) -> list[str]:
    """Each kind with its facts as one text."""
    return [json.dumps([code, dict(fact)]) for code, fact in zip(codes, facts, strict=True)]


def _holds(wanted: Any, given: Any) -> bool:
    """Whether JSON contains JSON, as PostgreSQL's `<@` says."""
    if isinstance(wanted, Mapping):
        return isinstance(given, Mapping) and all(
            key in given and _holds(value, given[key]) for key, value in wanted.items()
        )
    if isinstance(wanted, list):
        return isinstance(given, list) and all(
            any(_holds(one, other) for other in given) for one in wanted
        )
    # in Python True equals 1
    return isinstance(wanted, bool) == isinstance(given, bool) and bool(wanted == given)


def _moments(at: Moments | None, count: int) -> Ints:
    """Instants as microseconds since 1970, one a point."""
    if at is None or isinstance(at, datetime):
        return np.full(count, microseconds(at or timezone.now()))
    if isinstance(at, np.ndarray) and at.dtype.kind == "M":
        moments = at.astype("datetime64[us]").astype(np.int64)
    else:
        moments = np.asarray([microseconds(instant) for instant in at], dtype=np.int64)
    if len(moments) != count:
        raise ValueError("as many instants as points")
    return moments


def _groups(keys: Ints) -> Iterator[Ints]:
    """Places of equal keys, one array each."""
    if len(keys) and keys.min() == keys.max():
        yield np.arange(len(keys))
    elif len(keys):
        order = np.argsort(keys, kind="stable")
        yield from np.split(order, np.flatnonzero(np.diff(keys[order])) + 1)


def _first(point: Ints, area: Ints, wanted: Flags, size: int) -> Ints:
    """The first wanted area of each point, -1 for none; pairs are sorted by point, then area."""
    owner = np.full(size, -1)
    keep = wanted[area]
    # backwards, so that the first is written last
    owner[point[keep][::-1]] = area[keep][::-1]
    return owner


def _distinct(point: Ints, area: Ints, code: Words) -> tuple[Ints, Ints]:
    """Keep one area of each code at a point; pairs are sorted, so equal codes lie side by side."""
    again = (point[1:] == point[:-1]) & (code[area[1:]] == code[area[:-1]])
    keep = np.concatenate([np.ones(min(1, len(point)), dtype=np.bool_), ~again])
    return point[keep], area[keep]


def _lines(ground: Ground, home: Ints, road: Ints) -> Words:
    """Nearest road and area as one line, each combination written once."""
    width = len(ground.areas.id) + 1
    keys, number = np.unique((road + 1) * width + home + 1, return_inverse=True)
    pairs = np.column_stack(np.divmod(keys, width)) - 1
    texts = np.empty(len(pairs), dtype=object)
    for place, (by, within) in enumerate(pairs):
        words = [
            ground.roads.name[by] if by >= 0 else "",
            ground.areas.label[within] if within >= 0 else "",
        ]
        texts[place] = ", ".join(filter(None, words))
    return np.asarray(texts[number], dtype=object)
