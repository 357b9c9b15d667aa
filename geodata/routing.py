"""Who is responsible here, by which rule and edition, how far from the edge, and who came second.

Rules are data (`models.RoutingRule`); one statement weighs them and states the order
(`migrations/sql/route_v1.sql`).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from django.contrib.gis.geos import Point
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from geodata import sql
from geodata.models import City, Department, Jurisdiction, RoadClass

Where = Point | Jurisdiction | None

NEAR_EDGE_M: Final = 25.0
"""Closer to a border than this, an answer is marked for a human eye; no phone is much better."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """One rule as it was weighed for one place.

    Attributes:
        why_not: empty when the rule fits; else the first condition that failed, in the reader's
            language.
    """

    rule_id: int
    rule: str
    department_id: int
    department_code: str
    department: str
    department_short: str
    explanation: str
    explanation_en: str
    fits: bool
    why_not: str

    @property
    def body(self) -> Department:
        """The department as a row whose other columns load when asked for."""
        fields = ["id", "code", "name", "short_name"]
        values = [self.department_id, self.department_code, self.department, self.department_short]
        return Department.from_db(None, fields, values)

    @property
    def why(self) -> str:
        """Why this department answers for this kind here, in the reader's language."""
        return (
            self.explanation_en
            if self.explanation_en and get_language() == "en"
            else self.explanation
        )


@dataclass(frozen=True, slots=True)
class Route:
    """The answer to "who is responsible".

    Attributes:
        city_id: the city asked, None when no city covers the point.
        covered: whether any area of the city covers the point (True without a point).
        jurisdiction: the deepest ordinary area (village, district, city) at the place; its geometry
            loads when asked.
        edition_id: the boundary edition that drew that area.
        edge_m: distance from the point to that area's border, metres; None without a point.
        road: name of the nearest road within some 200 m, with its class and distance.
        chosen: the rule that decided; None when nobody is responsible.
        second: the runner-up and why it did not win; None when only one rule speaks of this kind.
        trace: every rule weighed, best first, ready for JSON.
    """

    city_id: int | None
    covered: bool
    jurisdiction: Jurisdiction | None
    edition_id: int | None
    edge_m: float | None
    road: str
    road_class: str
    road_m: float | None
    chosen: Weighed | None
    second: Weighed | None
    trace: tuple[dict[str, Any], ...]

    @property
    def reason(self) -> str:
        """One public sentence in the reader's language."""
        if self.chosen:
            area = f", {self.jurisdiction}" if self.jurisdiction else ""
            words = {"department": self.chosen.department, "why": self.chosen.why, "area": area}
            return _("Ditangani %(department)s: %(why)s%(area)s") % words
        if not self.covered:
            return _("Di luar wilayah yang dilayani")
        if self.second:
            return _(
                "Belum ada yang bertanggung jawab untuk jenis ini di tempat ini; "
                "diteruskan ke tim verifikasi"
            )
        return _("Jenis ini diperiksa dulu oleh tim verifikasi")

    @property
    def near_edge(self) -> bool:
        """Whether a small error of the point could change the answer."""
        return self.edge_m is not None and self.edge_m < NEAR_EDGE_M

    @property
    def place(self) -> str:
        """The nearest street and the area, as one line."""
        return ", ".join(part for part in (self.road, str(self.jurisdiction or "")) if part)


def route(
    where: Where,
    service_code: str,
    *,
    city: City | None = None,
    facts: Mapping[str, Any] | None = None,
    at: datetime | None = None,
) -> Route:
    """Decide who is responsible for an issue of one kind at one place; one query.

    Args:
        where: a point in EPSG:4326 whose coordinates are finite and in range, an area, or None (no
            place at all).
        service_code: Open311 code of a category; parents are prefixes (`lpju` holds `lpju-mati`).
        city: whose rules to ask; default: the city whose area covers the point.
        facts: answers to the category's questions that rules may demand.
        at: the instant whose editions and rules count; default: now.

    Returns:
        The decision. Nobody responsible is an answer (`chosen` is None), never an error.

    Source: DESIGN section 3.
    """
    rows = sql.fetch("route", _params(where, service_code, city=city, facts=facts, at=at))
    return _answer(where, rows)


def route_each(
    asked: Sequence[tuple[Where, str, Mapping[str, Any]]],
    *,
    city: City,
    at: datetime | None = None,
) -> list[Route]:
    """Decide as `route` does for many issues of one city, traces and all; one query.

    Args:
        asked: where, service code and facts of each.
        city: whose rules to ask.
        at: the instant whose editions and rules count; default: now.
    """
    each = [_params(where, code, city=city, facts=facts, at=at) for where, code, facts in asked]
    names = ("lon", "lat", "area_id", "service_code", "facts")
    params: dict[str, Any] = {name: [one[name] for one in each] for name in names}
    rows = sql.fetch("route_each", params | {"city_id": city.pk, "at": at or timezone.now()})
    groups = groupby(rows, key=itemgetter("place"))
    return [
        _answer(where, list(group))
        for (where, *_), (_place, group) in zip(asked, groups, strict=True)
    ]


def served(
    where: Where, service_codes: Sequence[str], *, city: City, at: datetime | None = None
) -> set[str]:
    """Say which kinds of issues somebody serves at one place, whatever the answers; one query.

    A kind that no rule speaks of is served everywhere: whoever sends the issues on serves it.

    Args:
        where: a point (EPSG:4326), an area, or None.
        service_codes: the kinds to look at.
        city: whose rules to ask.
        at: the instant whose editions and rules count; default: now.
    """
    params = _params(where, "", city=city, facts=None, at=at)
    rows = sql.fetch("served", params | {"service_codes": list(service_codes)})
    return {row["service_code"] for row in rows}


def _answer(where: Where, rows: Sequence[Mapping[str, Any]]) -> Route:
    weighed = [_weighed(row) for row in rows if row["rule_id"] is not None]
    first = rows[0]
    chosen = weighed[0] if weighed and weighed[0].fits else None
    others = weighed[1:] if chosen else weighed
    covered = where is None or bool(first["covered"])
    return Route(
        city_id=first["city_id"],
        covered=covered,
        jurisdiction=_jurisdiction(first),
        edition_id=first["edition_id"],
        edge_m=first["edge_m"],
        road=first["road_name"] or "",
        road_class=first["nearest_road_class"] or "",
        road_m=first["road_m"],
        chosen=chosen,
        second=others[0] if others else None,
        trace=tuple(_trace(row, one) for row, one in zip(rows, weighed, strict=False)),
    )


def outside(point: Point, city: City, *, at: datetime | None = None) -> tuple[str, float | None]:
    """Say which neighbour covers a point outside the city and how far the city's border is.

    Args:
        point: EPSG:4326.
        city: the city that does not cover it.
        at: the instant whose editions count; default: now.

    Returns:
        Name of the neighbour (empty when unknown), metres to the border (None without boundaries).
    """
    row = sql.fetch(
        "outside", {"lon": point.x, "lat": point.y, "city_id": city.pk, "at": at or timezone.now()}
    )[0]
    return row["neighbour"] or "", row["distance_m"]


def _params(
    where: Where,
    service_code: str,
    *,
    city: City | None,
    facts: Mapping[str, Any] | None,
    at: datetime | None,
) -> dict[str, Any]:
    point = where if isinstance(where, Point) else None
    return {
        "lon": point.x if point else None,
        "lat": point.y if point else None,
        "area_id": where.pk if isinstance(where, Jurisdiction) else None,
        "city_id": city.pk if city else None,
        "service_code": service_code,
        "facts": json.dumps(dict(facts or {})),
        "at": at or timezone.now(),
    }


def _weighed(row: Mapping[str, Any]) -> Weighed:
    return Weighed(
        rule_id=row["rule_id"],
        rule=row["rule_code"],
        department_id=row["department_id"],
        department_code=row["department_code"],
        department=row["department_name"],
        department_short=row["department_short"],
        explanation=row["explanation"],
        explanation_en=row["explanation_en"],
        fits=row["fits"],
        why_not=_why_not(row),
    )


def _why_not(row: Mapping[str, Any]) -> str:
    """Name the first condition that failed."""
    if not row["in_force"]:
        return _("aturan tidak berlaku pada tanggal ini")
    if not row["in_area"]:
        return _("di luar %(area)s") % {"area": row["rule_area_code"] or _("wilayah kota")}
    if not row["on_road"]:
        wanted = RoadClass(row["rule_road_class"]).label
        if row["road_m"] is None:
            return _("tidak ada %(road)s di dekatnya") % {"road": wanted}
        return _(
            "jalan terdekat (%(name)s, %(distance).0f m) bukan %(road)s dalam %(within)s m"
        ) % {
            "name": row["road_name"] or _("tanpa nama"),
            "distance": row["road_m"],
            "road": wanted,
            "within": row["within_m"],
        }
    if not row["facts_hold"]:
        return _("jawaban tidak sesuai syarat")
    return ""


def _jurisdiction(row: Mapping[str, Any]) -> Jurisdiction | None:
    if row["home_id"] is None:
        return None
    names = ["id", "city_id", "edition_id", "level", "code", "name", "kind", "parent_code"]
    columns = [
        "home_id",
        "city_id",
        "edition_id",
        "home_level",
        "home_code",
        "home_name",
        "home_kind",
        "home_parent",
    ]
    return Jurisdiction.from_db(None, names, [row[column] for column in columns])


def _trace(row: Mapping[str, Any], weighed: Weighed) -> dict[str, Any]:
    """Keep what is needed to replay the decision and to explain it."""
    return {
        "rule": weighed.rule,
        "department": weighed.department_code,
        "department_name": weighed.department_short,
        "explanation": row["explanation"],
        "fits": weighed.fits,
        "why_not": weighed.why_not,
        "service_code": row["rule_service_code"],
        "area": row["rule_area_code"],
        "road_class": row["rule_road_class"],
        "priority": row["priority"],
        "fallback": row["fallback"],
    }
