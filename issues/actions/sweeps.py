"""What happens to many issues at once: time makes them overdue, a new border moves them."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from geodata import routing, sql
from geodata.models import City, Department, Jurisdiction
from issues.actions import places, record
from issues.actions.places import Place
from issues.actions.steps import Taking, perform
from issues.actions.submit import decide
from issues.models import Decision, Issue
from issues.publication import publish
from issues.workflow import OPEN, Role, Step, rule

_SQL: Final = Path(__file__).parent.parent / "sql"
_AT_ONCE: Final = 500
"""Issues whose routes are asked for in one query."""


def refresh_overdue(now: datetime | None = None) -> int:
    """Publish the issues that time has made overdue.

    Args:
        now: the instant that counts; default: now.

    Returns:
        How many became overdue. Each issue is a transaction of its own.
    """
    now = now or timezone.now()
    late = Issue.objects.overdue(now).filter(marked_overdue=False).values_list("pk", flat=True)
    return sum(_mark(issue_id, now) for issue_id in list(late))


def _mark(issue_id: int, now: datetime) -> bool:
    with transaction.atomic():
        issue = record.lock(issue_id)
        if issue.marked_overdue or issue.paused_at or not issue.is_open or issue.due_at >= now:
            return False
        issue.marked_overdue = True
        issue.save(update_fields=["marked_overdue"])
        publish(issue)
        return True


def reroute_land(
    city: City, land: GEOSGeometry | None, *, reason: str, at: datetime | None = None
) -> int:
    """Route the open issues of changed land again; one event each where the answer changed.

    Args:
        city: whose issues.
        land: what a new edition changed, EPSG:4326; None where no border moved. Issues that name an
            area instead of a point follow its heir, also where only its parent is another.
        reason: why, for the event; names the edition.
        at: when the new edition counts; default: now.

    Returns:
        How many issues got another department. Runs inside the caller's transaction. An issue that
        a person has sent elsewhere stays there; its new decision is kept.
    """
    at = at or timezone.now()
    params = {
        "city_id": city.pk,
        "land": land and land.ewkb,
        "open": [str(status) for status in OPEN],
        "at": at,
    }
    affected = [row["id"] for row in sql.fetch("on_land", params, folder=_SQL)]
    parts = [affected[start : start + _AT_ONCE] for start in range(0, len(affected), _AT_ONCE)]
    return sum(_reroute_all(part, city, reason=reason, at=at) for part in parts)


def _reroute_all(keys: Sequence[int], city: City, *, reason: str, at: datetime) -> int:
    """Lock some issues, ask for all routes at once, and write what each brings."""
    locked = Issue.objects.open().select_for_update().filter(pk__in=keys).order_by("pk")
    # first the lock, then the reading, as `record.lock` says
    held = list(locked.values_list("pk", flat=True))
    issues = list(record.whole(Issue.objects.filter(pk__in=held)).order_by("pk"))
    heirs = _heirs([issue.jurisdiction for issue in issues if not issue.point], at)
    found = [places.again(issue, _heir(issue.jurisdiction, heirs), at) for issue in issues]
    asked = [
        (place.where, issue.category.service_code, issue.answers)
        for place, issue in zip(found, issues, strict=True)
    ]
    routes = routing.route_each(asked, city=city, at=at)
    return sum(
        _reroute(issue, place, places.picked(issue, route, at), reason=reason, at=at)
        for issue, place, route in zip(issues, found, routes, strict=True)
    )


def _heirs(
    areas: Sequence[Jurisdiction | None], at: datetime
) -> dict[tuple[int, str], Jurisdiction]:
    """The areas now in force that bear the levels and codes of others."""
    named = [area for area in areas if area]
    codes = {area.code for area in named}
    rows = Jurisdiction.objects.current(at).filter(
        city_id__in={area.city_id for area in named}, code__in=codes
    )
    return {(row.level, row.code): row for row in rows.defer("area")}


def _heir(
    area: Jurisdiction | None, heirs: dict[tuple[int, str], Jurisdiction]
) -> Jurisdiction | None:
    """What an area is called now; one that is no more stays what it was."""
    return heirs.get((area.level, area.code), area) if area else None


def _reroute(
    issue: Issue, place: Place, route: routing.Route, *, reason: str, at: datetime
) -> bool:
    before = issue.decisions.last()
    with override(settings.LANGUAGE_CODE):
        why = _("%(reason)s: %(why)s") % {"reason": reason, "why": route.reason}
    decide(issue, route, at=at).save(force_insert=True)
    places.put(issue, place, route)
    issue.save(update_fields=["place", "jurisdiction"])
    found = route.chosen.department_id if route.chosen else None
    if not _follows(issue, before) or issue.department_id == found:
        publish(issue)
        return False
    taking = Taking(
        step=Step.REROUTE,
        actor=None,
        role=Role.SYSTEM,
        note=why,
        department=None if found is None else Department.objects.get(pk=found),
        original=None,
        at=at,
    )
    perform(issue, rule(issue.workflow_status, Step.REROUTE), taking)
    return True


def _follows(issue: Issue, decision: Decision | None) -> bool:
    """Whether an issue lies where routing left it; where a person has put it, no map moves it.

    What nobody was responsible for waits for a person, unless its kind goes straight to work; so
    does what is held.
    """
    if issue.held:
        return False
    left_at = decision.department_id if decision else None
    return issue.department_id == left_at and (left_at is not None or issue.category.fast_lane)
