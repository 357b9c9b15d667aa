"""Taking a step back within seconds: a slip of the thumb reaches nobody.

History is only added to: the way back is a counter-event that names the step. The letters of a
step wait longer (`outbox.UNDO`) than it can be taken back.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from issues import permissions
from issues.actions import flags, parts, record
from issues.errors import StepNotAllowed
from issues.models import Event, Flag, Issue, User
from issues.workflow import Role, Status, Step

WITHIN: Final = timedelta(seconds=10)
"""So long the page offers it."""
_ON_THE_WAY: Final = timedelta(seconds=3)
UNDOABLE: Final = frozenset({Step.TRAVEL, Step.START, Step.RESOLVE, Step.FIX, Step.NOT_FOUND})
ASSIGNEE: Final = "assignee"
"""In the data of a step: who had the job in hand before it."""


def undo(
    issue_id: int, *, actor: User, at: datetime | None = None, data: dict[str, Any] | None = None
) -> Issue:
    """Take one's own last step back.

    Args:
        issue_id: the issue.
        actor: the crew that took the step.
        at: when; default: now.
        data: whatever else the event must remember.

    Raises:
        StepNotAllowed: the last step is not theirs, not one of `UNDOABLE`, or too long ago.
        NotPermitted: this person may take nothing back here.
    """
    at = at or timezone.now()
    with transaction.atomic():
        issue = record.lock(issue_id)
        role = permissions.role_for(issue, Step.UNDO, actor)
        last = undoable(issue, actor, at - _ON_THE_WAY)
        if last is None:
            raise StepNotAllowed(issue.workflow_status, Step.UNDO)
        before = issue.events.filter(seq__lt=last.seq).order_by("-seq").values_list("status")[0]
        changed = _restore(issue, last)
        for flag in Flag.objects.filter(issue=issue, settled_at=None, data__seq=last.seq):
            flags.settle(flag, actor, at)
        event = record.append(
            issue,
            Step.UNDO,
            status=Status(before[0]),
            role=role,
            at=at,
            actor=actor,
            department=issue.department,
            data={"undone": last.seq, "step": last.step, **(data or {})},
        )
        record.settle(issue, [event], changed=changed)
        parts.follow(issue, at=at)
        return issue


def undoable(issue: Issue, actor: User, at: datetime) -> Event | None:
    """Find the step that somebody could still take back at an instant; None where there is none."""
    last = issue.events.exclude(step=Step.FLAG).order_by("-seq").first()
    return last if last is not None and is_undoable(last, actor, at) else None


def is_undoable(last: Event, actor: User, at: datetime) -> bool:
    """Whether somebody could take an issue's last step back at an instant."""
    is_own = last.actor_id == actor.pk and last.role == Role.CREW
    return is_own and last.step in UNDOABLE and at - last.at <= WITHIN


def _restore(issue: Issue, last: Event) -> tuple[str, ...]:
    """Give the job back to whoever had it in hand; returns the changed columns."""
    if last.step not in {Step.START, Step.NOT_FOUND}:
        return ()
    issue.assignee_id = last.data.get(ASSIGNEE)
    return ("assignee",)
