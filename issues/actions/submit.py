"""A report becomes an issue: routed, clocked, recorded, published, acknowledged at once."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import override

from geodata import routing, sql
from geodata.errors import OutsideCoverage
from geodata.models import City
from issues.actions import clocks, places, record, tracking
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
        answers: to the kind's questions, as they were sent.
        facts: what the questions took of them; None where nobody has checked.
        street: name of the street that the whole report is about, instead of a point.
        assets: codes of the things that it is about, as they were sent.
        things: codes of all that it names, also typed ones; what the city does not know is no tie.
        side: the rule that was picked where the point lies near an edge.
        observed_at: when the sender's clock says it was seen; never rules ours.
        held: whether somebody must look at it before anybody else sees it.
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
    facts: dict[str, Any] | None = None
    street: str = ""
    assets: tuple[str, ...] = ()
    things: tuple[str, ...] = ()
    side: str = ""
    observed_at: datetime | None = None
    user: User | None = None
    channel: str = Issue.Channel.WEB
    held: bool = False

    @property
    def given(self) -> dict[str, Any]:
        """The answers that count: for routing, for staff, for the reporter."""
        return self.answers if self.facts is None else self.facts

    @property
    def fingerprint(self) -> str:
        """Hash what was said: the same key with other words is refused.

        By which door it came, who was logged in and in which language are no part of it: who sends
        again does so as the network allows. What reports could not say once counts where it is
        said, so that the hashes of then still fit.
        """
        values = {name: getattr(self, name) for name in _SENT}
        values |= {name: value for name in _LATER if (value := getattr(self, name))}
        text = json.dumps(values, sort_keys=True, ensure_ascii=False, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


_SQL: Final = Path(__file__).parent.parent / "sql"
REASON_LENGTH: Final = 400
"""What the column takes: names of departments are data, and may be long."""
_LATER: Final = ("street", "assets", "side", "observed_at")
_UNSAID: Final = {"user", "language", "channel", "facts", "things", "held"}
_SENT: Final = tuple(
    name for name in Draft.__dataclass_fields__ if name not in _UNSAID | set(_LATER)
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
    # The trace is kept for staff, so in the city's language, whatever the reporter reads.
    with override(settings.LANGUAGE_CODE):
        place = places.find(draft, city, at)
        route = places.route(draft, place, city=city, at=at)
    if place.point and not route.covered:
        raise OutsideCoverage(*routing.outside(place.point, city, at=at))
    issue = _issue(draft, city=city, category=category, route=route, at=at)
    with override(settings.LANGUAGE_CODE):
        places.put(issue, place, route)
    token = tracking.secret(city, draft.uuid, issue.token_version)
    issue.token_hash = tracking.fingerprint(token)
    issue.number = next_number(city, at)
    events = _events(issue, route, at=at, actor=draft.user)
    issue.save(force_insert=True)
    _name_assets(issue, {*draft.assets, *draft.things})
    _reporter(issue, draft, at=at).save(force_insert=True)
    decision = decide(issue, route, at=at)
    decision.save(force_insert=True)
    Event.objects.bulk_create(events)
    publish(issue, events=events, photos=(), decision=decision, fresh=True)
    record.tell(events, ("compare", {"issue_id": issue.pk}))
    return Receipt(issue, token, created=True, decision=decision)


def _category(draft: Draft, city: City) -> Category:
    found = Category.objects.select_related("clock").filter(
        city=city, service_code=draft.service_code, active=True, children__isnull=True
    )
    category = found.first()
    if category is None:
        raise UnknownCategory(draft.service_code)
    return category


def _issue(
    draft: Draft,
    *,
    city: City,
    category: Category,
    route: routing.Route,
    at: datetime,
) -> Issue:
    straight = category.fast_lane and route.chosen is not None and not draft.held
    department = route.chosen.body if straight and route.chosen else None
    dates = clocks.first(at, category.clock, city, department)
    return Issue(
        city=city,
        uuid=draft.uuid,
        body_hash=draft.fingerprint,
        token_version=tracking.newest_version(),
        channel=draft.channel,
        category=category,
        department=department,
        accuracy_m=draft.accuracy_m,
        address=draft.address,
        description=draft.description,
        answers=draft.given,
        side=_side(draft, route),
        observed_at=draft.observed_at,
        held=draft.held,
        anonymous=draft.anonymous,
        confidential=draft.confidential or category.confidential,
        received_at=at,
        changed_at=at,
        dispose_by=dates.dispose_by,
        due_at=dates.due_at,
        limit_at=dates.limit_at,
        next_alarm_at=at,
    )


def _side(draft: Draft, route: routing.Route) -> str:
    """Say which rule was picked, where it was obeyed."""
    picked = route.chosen is not None and route.chosen.rule == draft.side
    return draft.side if picked else ""


def _name_assets(issue: Issue, codes: Collection[str]) -> None:
    """Tie an issue to the things that it names; one statement, none where it names nothing."""
    if codes:
        params = {
            "issue_id": issue.pk,
            "city_id": issue.city_id,
            "codes": sorted({*codes, *(code.upper() for code in codes)}),
            "at": issue.received_at,
        }
        sql.fetch("name_assets", params, folder=_SQL)


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
        name=draft.name or (draft.user.get_full_name() if draft.user else ""),
        email=draft.email or (draft.user.email if draft.user else ""),
        phone=draft.phone or (draft.user.phone if draft.user else ""),
        language=draft.language,
        # An account has agreed to be told of its reports when it was made.
        consented_at=at if draft.consent or draft.user else None,
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
