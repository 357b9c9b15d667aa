"""A department gives its work to one of its own: a unit, or a person."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from issues import permissions
from issues.actions import record
from issues.errors import MissingDuty
from issues.models import Issue, Unit, User
from issues.workflow import Role, Step, rule


def delegate(
    issue_id: int,
    *,
    unit: Unit | None,
    person: User | None,
    actor: User,
    version: int | None,
    note: str = "",
    at: datetime | None = None,
) -> Issue:
    """Say who of the department does it; neither a unit nor a person gives it back to all.

    Args:
        issue_id: an issue that the actor's department works on.
        unit: of that department, or None.
        person: who works there, or None; without a unit, the person's own is meant.
        actor: a liaison.
        version: what the person saw.
        note: what is to be done, for those who do it.
        at: when; default: now.

    Raises:
        StaleIssue: the issue has moved on since `version`.
        StepNotAllowed: nobody works on it now.
        NotPermitted: this person may not.
        MissingDuty: unit or person is of another department (`assignee`).
    """
    with transaction.atomic():
        issue = record.lock(issue_id, version=version)
        rule(issue.workflow_status, Step.DELEGATE)
        role = permissions.role_for(issue, Step.DELEGATE, actor)
        unit = unit or _own_unit(issue, person)
        _check(issue, unit, person)
        before = {"unit": _code(issue.unit), "person": issue.assignee_id}
        issue.unit, issue.assignee = unit, person
        after = {"unit": _code(unit), "person": person.pk if person else None}
        event = record.append(
            issue,
            Step.DELEGATE,
            status=issue.workflow_status,
            role=role,
            at=at or timezone.now(),
            actor=actor,
            department=issue.department,
            note=note.strip(),
            data={"from": before, "to": after},
        )
        record.settle(issue, [event], changed=("unit", "assignee"))
        return issue


def _own_unit(issue: Issue, person: User | None) -> Unit | None:
    """Find the unit in which a person works for the department."""
    if person is None:
        return None
    own = person.memberships.filter(department=issue.department_id, unit__isnull=False)
    found = own.select_related("unit").first()
    return found.unit if found else None


def _check(issue: Issue, unit: Unit | None, person: User | None) -> None:
    works_here = {Role.LIAISON, Role.CREW}
    if unit is not None and (unit.department_id != issue.department_id or not unit.active):
        raise MissingDuty("assignee")
    if person is None:
        return
    own = person.memberships.filter(department=issue.department_id, role__in=works_here)
    if not person.is_active or not own.exists():
        raise MissingDuty("assignee")


def _code(unit: Unit | None) -> str:
    return unit.code if unit else ""
