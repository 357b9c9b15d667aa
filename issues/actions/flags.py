"""Flags: what somebody of the office must look at, raised by one event and settled by another."""

from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from issues import permissions
from issues.actions import record
from issues.errors import UnknownIssue
from issues.models import Event, Flag, Issue, User
from issues.workflow import Role, Step

BY_STEP: Final = {Step.HELP: Flag.Kind.HELP, Step.NOT_FOUND: Flag.Kind.NOT_FOUND}
"""Steps of a crew that call for the office."""


def put(
    issue: Issue, kind: Flag.Kind, *, at: datetime, data: dict[str, Any], after: str | None = None
) -> Event:
    """Raise a flag on a locked issue.

    Args:
        issue: locked.
        kind: why.
        at: when.
        data: what its words need, ready for JSON.
        after: hash of an event before that is not saved yet; default: read from the history.

    Returns:
        Its event, for `record.settle`; not saved yet.
    """
    flag = Flag.objects.create(issue=issue, kind=kind, data=data, raised_at=at)
    return record.append(
        issue,
        Step.FLAG,
        status=issue.workflow_status,
        role=Role.SYSTEM,
        at=at,
        department=issue.department,
        data={"flag": flag.pk, "kind": str(kind), **data},
        after=after,
    )


def called_for(issue: Issue, event: Event) -> list[Event]:
    """Raise the flag of a step with which a crew calls for the office; not saved yet."""
    kind = BY_STEP.get(Step(event.step))
    if kind is None or event.role != Role.CREW:
        return []
    return [put(issue, kind, at=event.at, data={"seq": event.seq}, after=event.hash)]


def unflag(flag_id: int, *, actor: User, at: datetime | None = None) -> Issue:
    """Settle a flag: somebody of the office has looked; once settled, it stays so.

    Args:
        flag_id: the flag.
        actor: of the office.
        at: when; default: now.

    Raises:
        UnknownIssue: there is no such flag.
        NotPermitted: this person may not settle it.
    """
    issue_id = Flag.objects.filter(pk=flag_id).values_list("issue", flat=True).first()
    if issue_id is None:
        raise UnknownIssue(flag_id)
    at = at or timezone.now()
    with transaction.atomic():
        issue = record.lock(issue_id)
        role = permissions.role_for(issue, Step.UNFLAG, actor)
        flag = Flag.objects.get(pk=flag_id)
        if flag.settled_at is not None:
            return issue
        settle(flag, actor, at)
        event = record.append(
            issue,
            Step.UNFLAG,
            status=issue.workflow_status,
            role=role,
            at=at,
            actor=actor,
            department=issue.department,
            data={"flag": flag.pk, "kind": flag.kind},
        )
        record.settle(issue, [event])
        return issue


def settle(flag: Flag, actor: User, at: datetime) -> None:
    """Close a flag; the event that says so is the caller's."""
    flag.settled_at, flag.settled_by = at, actor
    flag.save(update_fields=["settled_at", "settled_by"])
