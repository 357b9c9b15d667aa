"""A report becomes an issue: routed, clocked, recorded, published, acknowledged at once."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.gis.geos import Point
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import override

from geodata import geometry, routing, sql, streets
from geodata.errors import OutsideCoverage
from geodata.models import City, Jurisdiction, Level
from issues.actions import clocks, record, tracking
from issues.errors import DifferentSubmission, UnknownCategory
from issues.models import Category, Decision, Event, Issue, Reporter, User
from issues.publication import publish
from issues.workflow import Role, Status, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What somebody sends: clean values, ready to become an issue.

    Attributes:
        uuid: made by the sender; the idempotency key.
        lon: degrees, EPSG:4326, with `lat`; None without a point.
        accuracy_m: what the device said, metres.
        area_code: village that was chosen instead of a point.
        address: the reporter's own words for the place.
        consent: whether the sender agreed to be contacted and to the privacy notice.
    """

    uuid: UUID
    service_code: str
    description: str
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    area_code: str = ""
    address: str = ""
    anonymous: bool = False
    confidential: bool = False
    name: str = ""
    email: str = ""
    phone: str = ""
    language: str = "id"
    consent: bool = False
    answers: dict[str, Any] = field(default_factory=dict)
    user: User | None = None
    channel: str = Issue.Channel.WEB

    @property
    def fingerprint(self) -> str:
        """Hash what was said: the same key with other words is refused.

        By which door it came, who was logged in and in which language are no part of it: who sends
        again does so as the network allows.
        """
        values = {name: getattr(self, name) for name in _SENT}
        text = json.dumps(values, sort_keys=True, ensure_ascii=False, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


_SQL: Final = Path(__file__).parent.parent / "sql"
PLACE_LENGTH: Final = 300
REASON_LENGTH: Final = 400
"""What the columns take: names of roads, areas and departments are data, and may be long."""
_SENT: Final = tuple(
    name for name in Draft.__dataclass_fields__ if name not in {"user", "language", "channel"}
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The acknowledgement: once somebody holds it, the issue cannot be lost or doubled."""

    issue: Issue
    token: str
    created: bool
    decision: Decision


def submit(draft: Draft, *, city: City, at: datetime | None = None) -> Receipt:
    """Take in an issue; a repeated send of the same draft returns the first receipt.

    Args:
        draft: clean values.
        city: whose issue it is.
        at: when the city got it; default: now.

    Raises:
        BadCoordinate: the coordinates are no place on earth.
        OutsideCoverage: the point lies outside the city.
        UnknownCategory: the city has no such active leaf category, or no such area.
        DifferentSubmission: the key was used for another body.
    """
    if (first := _replay(draft, city)) is not None:
        return first
    try:
        with transaction.atomic():
            return _create(draft, city=city, at=at or timezone.now())
    except IntegrityError:
        # Two sends of one draft at the same time: the other one won, its receipt is ours.
        if (first := _replay(draft, city)) is not None:
            return first
        raise


def repeated(draft: Draft, *, city: City) -> Receipt | None:
    """Find the first receipt of a draft without taking it in; None when nothing like it came."""
    try:
        return _replay(draft, city)
    except DifferentSubmission:
        return None


def _replay(draft: Draft, city: City) -> Receipt | None:
    issue = Issue.objects.select_related("city").filter(city=city, uuid=draft.uuid).first()
    if issue is None:
        return None
    if issue.body_hash != draft.fingerprint:
        raise DifferentSubmission
    decision = issue.decisions.all()[0]
    return Receipt(issue, tracking.token_for(issue), created=False, decision=decision)


def _create(draft: Draft, *, city: City, at: datetime) -> Receipt:
    category = _category(draft, city)
    where = _where(draft, city)
    # The trace is kept for staff, so in the city's language, whatever the reporter reads.
    with override(settings.LANGUAGE_CODE):
        route = routing.route(where, draft.service_code, city=city, facts=draft.answers, at=at)
    if isinstance(where, Point) and not route.covered:
        raise OutsideCoverage(*routing.outside(where, city, at=at))
    issue = _issue(draft, city=city, category=category, where=where, route=route, at=at)
    token = tracking.secret(city, draft.uuid, issue.token_version)
    issue.token_hash = tracking.fingerprint(token)
    issue.number = next_number(city, at)
    events = _events(issue, route, at=at, actor=draft.user)
    issue.save(force_insert=True)
    _reporter(issue, draft, at=at).save(force_insert=True)
    decision = decide(issue, route, at=at)
    decision.save(force_insert=True)
    Event.objects.bulk_create(events)
    publish(issue, events=events, photos=(), decision=decision, fresh=True)
    record.tell(events)
    return Receipt(issue, token, created=True, decision=decision)


def _category(draft: Draft, city: City) -> Category:
    found = Category.objects.select_related("clock").filter(
        city=city, service_code=draft.service_code, active=True, children__isnull=True
    )
    category = found.first()
    if category is None:
        raise UnknownCategory(draft.service_code)
    return category


def _where(draft: Draft, city: City) -> Point | Jurisdiction | None:
    if draft.lon is not None and draft.lat is not None:
        return geometry.point(draft.lon, draft.lat)
    if draft.area_code:
        ours = Jurisdiction.objects.current().filter(city=city, level__gte=Level.CITY)
        area = ours.filter(code=draft.area_code).first()
        if area is None:
            raise UnknownCategory(draft.area_code)
        return area
    return None


def address(route: routing.Route, where: routing.Where, city: City) -> str:
    """Write where an issue lies: the street that routing knows, else the nearest one; the area."""
    if route.road or not isinstance(where, Point):
        return route.place[:PLACE_LENGTH]
    street = streets.nearest([where], city)[0].street
    return ", ".join(part for part in (street, route.place) if part)[:PLACE_LENGTH]


def _issue(
    draft: Draft,
    *,
    city: City,
    category: Category,
    where: Point | Jurisdiction | None,
    route: routing.Route,
    at: datetime,
) -> Issue:
    dates = clocks.dates(at, category.clock, clocks.calendar(city, at))
    straight = category.fast_lane and route.chosen is not None
    return Issue(
        city=city,
        uuid=draft.uuid,
        body_hash=draft.fingerprint,
        token_version=tracking.newest_version(),
        channel=draft.channel,
        category=category,
        department=route.chosen.body if straight and route.chosen else None,
        jurisdiction=where if isinstance(where, Jurisdiction) else route.jurisdiction,
        point=where if isinstance(where, Point) else None,
        accuracy_m=draft.accuracy_m,
        address=draft.address,
        place=address(route, where, city),
        description=draft.description,
        answers=draft.answers,
        anonymous=draft.anonymous,
        confidential=draft.confidential or category.confidential,
        received_at=at,
        changed_at=at,
        dispose_by=dates.dispose_by,
        due_at=dates.due_at,
        limit_at=dates.limit_at,
    )


def _events(issue: Issue, route: routing.Route, *, at: datetime, actor: User | None) -> list[Event]:
    """Make *submitted* and, where the issue goes straight to its department, *assigned*."""
    submitted = record.append(
        issue,
        Step.SUBMIT,
        status=Status.SUBMITTED,
        role=Role.REPORTER,
        at=at,
        actor=actor,
        after=issue.body_hash,
    )
    if not (issue.department and route.chosen):
        return [submitted]
    assigned = record.append(
        issue,
        Step.ASSIGN,
        status=Status.ASSIGNED,
        role=Role.SYSTEM,
        at=at,
        department=issue.department,
        data={"to": issue.department.code, "rule": route.chosen.rule},
        after=submitted.hash,
    )
    return [submitted, assigned]


def _reporter(issue: Issue, draft: Draft, *, at: datetime) -> Reporter:
    return Reporter(
        issue=issue,
        user=draft.user,
        name=draft.name,
        email=draft.email,
        phone=draft.phone,
        language=draft.language,
        consented_at=at if draft.consent else None,
    )


def decide(issue: Issue, route: routing.Route, *, at: datetime) -> Decision:
    """Keep an answer of routing with its whole trace; not saved yet."""
    with override("id"):
        reason = route.reason[:REASON_LENGTH]
    with override("en"):
        reason_en = route.reason[:REASON_LENGTH]
    return Decision(
        issue=issue,
        at=at,
        service_code=issue.category.service_code,
        department_id=route.chosen.department_id if route.chosen else None,
        rule_id=route.chosen.rule_id if route.chosen else None,
        jurisdiction=route.jurisdiction,
        edition_id=route.edition_id,
        edge_m=route.edge_m,
        reason=reason,
        reason_en=reason_en,
        trace=list(route.trace),
    )


def next_number(city: City, at: datetime) -> str:
    """Give out the next human number of the year; holds the series until the transaction ends.

    Returns:
        For example `DPS-26-000123`.
    """
    year = at.astimezone(ZoneInfo(city.zone)).year
    last = sql.fetch("next_number", {"city_id": city.pk, "year": year}, folder=_SQL)[0]["last"]
    return f"{city.prefix}-{year % 100:02d}-{last:06d}"
