"""What routing says about cases, with its sentences; equal answers share their words."""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from geodata import geometry, routing, sql, streets
from geodata.bulk import Routes, route_many
from geodata.models import Jurisdiction, Level, RoutingRule
from geodata.routing import Route, Weighed
from issues.actions.places import PLACE_LENGTH
from issues.actions.submit import REASON_LENGTH
from issues.ingest.cases import Book, Case

_SQL: Final = Path(__file__).parent / "sql"


@dataclass(frozen=True, slots=True)
class Words:
    """The sentence of an answer in both languages, and the rules that were weighed (JSON)."""

    reason: str
    reason_en: str
    trace: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Who is responsible for one case; `refusal` says why it cannot be taken in at all."""

    jurisdiction_id: int | None
    edition_id: int | None
    edge_m: float | None
    place: str
    department_id: int | None
    rule_id: int | None
    rule_code: str
    words: Words
    refusal: str = ""


def many(cases: Sequence[Case], book: Book) -> list[Answer]:
    """Route cases, in their order: those with a point all at once, equal others once."""
    pinned = [place for place, case in enumerate(cases) if case.draft.lon is not None]
    routes = route_many(
        [cases[place].draft.lon or 0.0 for place in pinned],
        [cases[place].draft.lat or 0.0 for place in pinned],
        [cases[place].draft.service_code for place in pinned],
        city=book.city,
        at=book.now,
    )
    found: dict[int, Answer] = dict(zip(pinned, _pinned(routes, cases, pinned, book), strict=True))
    for place, answer in _outsiders(routes, cases, pinned, book):
        found[place] = replace(found[place], refusal=answer)
    asked: dict[tuple[str, str], Answer] = {}
    for place, case in enumerate(cases):
        if place not in found:
            key = case.draft.area_code, case.draft.service_code
            if key not in asked:
                asked[key] = _unplaced(*key, book)
            found[place] = asked[key]
    return [found[place] for place in range(len(cases))]


def _pinned(
    routes: Routes, cases: Sequence[Case], pinned: Sequence[int], book: Book
) -> Iterator[Answer]:
    """Take over what routing said about points."""
    columns = zip(
        pinned,
        routes.covered.tolist(),
        routes.jurisdiction_id.tolist(),
        routes.edition_id.tolist(),
        routes.edge_m.tolist(),
        _addresses(routes, cases, pinned, book),
        routes.rule_id.tolist(),
        routes.department_id.tolist(),
        strict=True,
    )
    known: dict[tuple[int, int, str, bool], Words] = {}
    for place, covered, area, edition, edge_m, words, rule, department in columns:
        code = cases[place].draft.service_code
        key = (rule, area, "" if rule else code, covered)
        if key not in known:
            known[key] = _words(_route(*key, book))
        yield Answer(
            jurisdiction_id=area or None,
            edition_id=edition or None,
            edge_m=None if math.isnan(edge_m) else edge_m,
            place=words[:PLACE_LENGTH],
            department_id=department or None,
            rule_id=rule or None,
            rule_code=book.rules[rule].code if rule else "",
            words=known[key],
        )


def _addresses(
    routes: Routes, cases: Sequence[Case], pinned: Sequence[int], book: Book
) -> list[str]:
    """Write where each case lies, as `actions.submit.address` does for one."""
    found: list[str] = routes.place.tolist()
    bare = [at for at, road in enumerate(routes.road.tolist()) if not road] if book.drawn else []
    drafts = [cases[pinned[at]].draft for at in bare]
    points = [geometry.point(draft.lon or 0.0, draft.lat or 0.0) for draft in drafts]
    near_each = streets.nearest(points, book.city) if points else []
    for at, near in zip(bare, near_each, strict=True):
        found[at] = ", ".join(part for part in (near.street, found[at]) if part)
    return found


def _outsiders(
    routes: Routes, cases: Sequence[Case], pinned: Sequence[int], book: Book
) -> Iterator[tuple[int, str]]:
    """Yield the cases that lie outside the city, each with the words that refuse it."""
    pairs = zip(pinned, routes.covered.tolist(), strict=True)
    places = [place for place, covered in pairs if not covered]
    params = {
        "city_id": book.city.pk,
        "level": Level.NEIGHBOUR,
        "at": book.now,
        "lons": [cases[place].draft.lon for place in places],
        "lats": [cases[place].draft.lat for place in places],
    }
    names = sql.fetch("neighbours", params, folder=_SQL) if places else ()
    for place, row in zip(places, names, strict=True):
        if row["name"]:
            yield place, _("di luar kota: %(neighbour)s") % {"neighbour": row["name"]}
        else:
            yield place, _("di luar kota")


def _unplaced(area_code: str, service_code: str, book: Book) -> Answer:
    """Ask routing about a whole area, or about no place at all."""
    areas = Jurisdiction.objects.current(book.now).filter(city=book.city, level__gte=Level.CITY)
    area = areas.filter(code=area_code).defer("area").first() if area_code else None
    with override(settings.LANGUAGE_CODE):
        route = routing.route(area, service_code, city=book.city, at=book.now)
        trace = list(route.trace)
    chosen = route.chosen
    return Answer(
        jurisdiction_id=area.pk if area else None,
        edition_id=route.edition_id,
        edge_m=None,
        place=route.place[:PLACE_LENGTH],
        department_id=chosen.department_id if chosen else None,
        rule_id=chosen.rule_id if chosen else None,
        rule_code=chosen.rule if chosen else "",
        words=replace(_words(route), trace=json.dumps(trace, ensure_ascii=False)),
    )


def _words(route: Route) -> Words:
    """Let routing say its sentence in both languages."""
    with override("id"):
        reason = route.reason[:REASON_LENGTH]
    with override("en"):
        reason_en = route.reason[:REASON_LENGTH]
    return Words(reason, reason_en, json.dumps(list(route.trace), ensure_ascii=False))


def _route(rule_id: int, area_id: int, service_code: str, covered: bool, book: Book) -> Route:  # noqa: FBT001  a key's part
    """Say again what routing said, as far as its sentence needs it."""
    rule = book.rules.get(rule_id)
    spoken = None if rule else _anybody(service_code, book)
    return Route(
        city_id=book.city.pk,
        covered=covered,
        jurisdiction=book.areas.get(area_id),
        edition_id=None,
        edge_m=None,
        road="",
        road_class="",
        road_m=None,
        chosen=_weighed(rule, book) if rule else None,
        second=_weighed(spoken, book) if spoken else None,
        trace=(_trace(rule, book),) if rule else (),
    )


def _anybody(service_code: str, book: Book) -> RoutingRule | None:
    """Find a rule that speaks of a kind, though it did not fit."""
    for rule in book.rules.values():
        is_alive = rule.active and book.departments[rule.department_id].active
        if is_alive and (
            rule.service_code in {"", service_code}
            or service_code.startswith(f"{rule.service_code}-")
        ):
            return rule
    return None


def _weighed(rule: RoutingRule, book: Book) -> Weighed:
    department = book.departments[rule.department_id]
    return Weighed(
        rule_id=rule.pk,
        rule=rule.code,
        department_id=department.pk,
        department_code=department.code,
        department=department.name,
        department_short=department.short_name,
        explanation=rule.explanation,
        explanation_en=rule.explanation_en,
        fits=True,
        why_not="",
    )


def _trace(rule: RoutingRule, book: Book) -> dict[str, Any]:
    """Keep the rule that decided; the others were not weighed one by one."""
    department = book.departments[rule.department_id]
    return {
        "rule": rule.code,
        "department": department.code,
        "department_name": department.short_name,
        "explanation": rule.explanation,
        "fits": True,
        "why_not": "",
        "service_code": rule.service_code,
        "area": rule.area_code,
        "road_class": rule.road_class,
        "priority": rule.priority,
        "fallback": rule.fallback,
    }
