"""Somebody of the city says that a report is of another kind: it goes the way of that kind."""

from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import override

from geodata import routing
from issues import permissions
from issues.actions import learning, places, record, release
from issues.actions.submit import decide
from issues.errors import MissingDuty, UnknownCategory
from issues.models import Category, Event, Issue, User
from issues.workflow import Status, Step, rule

_CHANGED: Final = (
    "category",
    "confidential",
    "answers",
    "side",
    "department",
    "assignee",
    "jurisdiction",
    "place",
)


def classify(
    issue_id: int,
    category: Category,
    *,
    actor: User,
    version: int | None,
    exact: bool = False,
    at: datetime | None = None,
) -> Issue:
    """Give an issue another kind; it is routed and clocked as if it had been sent as that.

    Answers to the old kind's questions are kept in the event. What was confidential stays so, and
    a place that the public saw blurred is not shown exactly unless somebody says that it may be.

    Args:
        issue_id: an issue on which nobody has begun to work.
        category: an active leaf of its city.
        actor: a dispatcher.
        version: what the person saw.
        exact: they have said that the exact place may be public.
        at: when; default: now.

    Raises:
        StaleIssue: the issue has moved on since `version`.
        StepNotAllowed: somebody works on it already, or it is closed.
        NotPermitted: this person may not classify.
        UnknownCategory: the city has no such kind to choose.
        MissingDuty: it is of that kind already (`category`), or would show the public more of its
            place than before (`exact`).
    """
    with transaction.atomic():
        issue = record.lock(issue_id, version=version)
        role = permissions.role_for(issue, Step.CLASSIFY, actor)
        rule(issue.workflow_status, Step.CLASSIFY)
        _check(issue, category, exact=exact)
        at = at or timezone.now()
        data = _turn(issue, category)
        decide(issue, _route(issue, at), at=at).save(force_insert=True)
        learned = {} if issue.held else learning.settle(issue)
        event = record.append(
            issue,
            Step.CLASSIFY,
            status=Status.SUBMITTED,
            role=role,
            at=at,
            actor=actor,
            data=data | learned,
        )
        record.settle(issue, [event, *_straight(issue, event, at)], changed=_CHANGED)
        return issue


def _check(issue: Issue, category: Category, *, exact: bool) -> None:
    if (
        category.city_id != issue.city_id
        or not category.active
        or category.children.filter(active=True).exists()
    ):
        raise UnknownCategory(category.service_code)
    if category.pk == issue.category_id:
        raise MissingDuty("category")
    if widens(issue, category) and not exact:
        raise MissingDuty("exact")


def widens(issue: Issue, category: Category) -> bool:
    """Whether a kind shows everybody the exact place of what was blurred until now."""
    return category.exact_place and not issue.category.exact_place


def _turn(issue: Issue, category: Category) -> dict[str, Any]:
    """Give an issue its new kind; what no longer fits is returned, to be remembered."""
    left = {
        "from": issue.category.service_code,
        "to": category.service_code,
        "department": issue.department.code if issue.department else "",
        "answers": issue.answers,
    }
    if widens(issue, category):
        left["exact"] = True
    issue.category = category
    issue.confidential = issue.confidential or category.confidential
    issue.answers = {}
    issue.department = issue.assignee = None
    return left


def _route(issue: Issue, at: datetime) -> routing.Route:
    """Ask anew who is responsible, and write down where the issue lies."""
    with override(settings.LANGUAGE_CODE):
        place = places.again(issue, issue.jurisdiction, at)
        code = issue.category.service_code
        found = routing.route(place.where, code, city=issue.city, facts={}, at=at)
        route = places.picked(issue, found, at)
        places.put(issue, place, route)
    if route.chosen is None or route.chosen.rule != issue.side:
        issue.side = ""
    return route


def _straight(issue: Issue, event: Event, at: datetime) -> list[Event]:
    """Send it straight to its department where the kind does so and nobody must look first."""
    return [] if issue.held else release.forward(issue, event, at=at)
