"""What happens to many issues at once: time makes them overdue, a new border moves them."""

from datetime import datetime

from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from geodata import routing
from geodata.models import City, Department
from issues.actions import record
from issues.actions.steps import Taking, perform
from issues.actions.submit import PLACE_LENGTH, decide
from issues.models import Decision, Issue
from issues.publication import publish
from issues.workflow import Role, Step, rule


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
        if issue.marked_overdue or not issue.is_open or issue.due_at >= now:
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
        land: what a new edition changed, EPSG:4326; None changes nothing.
        reason: why, for the event; names the edition.
        at: when the new edition counts; default: now.

    Returns:
        How many issues got another department. Runs inside the caller's transaction. An issue that
        a person has sent elsewhere stays there; its new decision is kept.
    """
    if land is None:
        return 0
    at = at or timezone.now()
    inside = Issue.objects.open().filter(city=city, point__intersects=land).order_by("pk")
    return sum(
        _reroute(issue_id, reason=reason, at=at)
        for issue_id in list(inside.values_list("pk", flat=True))
    )


def _reroute(issue_id: int, *, reason: str, at: datetime) -> bool:
    issue = record.lock(issue_id)
    before = issue.decisions.last()
    code = issue.category.service_code
    with override(settings.LANGUAGE_CODE):
        route = routing.route(issue.point, code, city=issue.city, facts=issue.answers, at=at)
        why = _("%(reason)s: %(why)s") % {"reason": reason, "why": route.reason}
    decide(issue, route, at=at).save(force_insert=True)
    issue.place = route.place[:PLACE_LENGTH]
    issue.jurisdiction = route.jurisdiction
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

    What nobody was responsible for waits for a person, unless its kind goes straight to work.
    """
    left_at = decision.department_id if decision else None
    return issue.department_id == left_at and (left_at is not None or issue.category.fast_lane)
