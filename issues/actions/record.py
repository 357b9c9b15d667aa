"""How every action ends: chained events, the issue's row, its public rows, its jobs."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Q

from geodata.models import Department
from issues import notifications, outbox
from issues.actions import clocks
from issues.errors import StaleIssue, UnknownIssue
from issues.history import Waits
from issues.models import Event, Issue, IssueQuerySet, User
from issues.publication import publish
from issues.workflow import CLOSED, Role, Status, Step

FROM_EVENTS: Final = (
    *("status", "version", "changed_at", "closed_at", "marked_overdue", "looked_on"),
    *("spent", "stood_since", "responded_at", "reopenings"),
    *clocks.COLUMNS,
)
"""Columns of an issue that recording an event moves."""

_CANONICAL: Final = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str
)
_quoted: Final = json.encoder.encode_basestring


def lock(issue_id: int, *, version: int | None = None, and_also: Issue | None = None) -> Issue:
    """Lock an issue for this transaction and read it with all that publishing needs; two queries.

    First the lock, then the reading: a row that was locked by somebody else comes back from one
    query with its new columns beside the *old* rows of what it points to.

    Args:
        issue_id: the issue.
        version: what the person saw; None where nothing can have been overlooked.
        and_also: another one to lock.

    A part's whole is locked, too; all in the order of their keys, so that nobody waits in a circle.

    Raises:
        UnknownIssue: there is none.
        StaleIssue: it has moved on since `version`.
    """
    keys = {issue_id, and_also.pk if and_also else issue_id}
    wholes = Issue.objects.filter(pk__in=keys, parent__isnull=False).values("parent")
    rows = Issue.objects.select_for_update().filter(Q(pk__in=keys) | Q(pk__in=wholes))
    rows = rows.order_by("pk")
    if issue_id not in set(rows.values_list("pk", flat=True)):
        raise UnknownIssue(issue_id)
    issue = whole(Issue.objects.all()).get(pk=issue_id)
    if version is not None and version != issue.version:
        raise StaleIssue(issue.version)
    return issue


_OF_THE_WHOLE: Final = (
    "parent__city",
    "parent__category",
    "parent__department",
    "parent__jurisdiction",
    "parent__merged_into",
)


def whole(issues: IssueQuerySet) -> IssueQuerySet:
    """Read issues with all that publishing needs, but for the drawing of their area."""
    return issues.select_related(
        "city",
        "category__clock",
        "department",
        "jurisdiction",
        "merged_into",
        "parent",
        *_OF_THE_WHOLE,
    ).defer("jurisdiction__area", "parent__jurisdiction__area")


def append(
    issue: Issue,
    step: Step,
    *,
    status: Status,
    role: Role,
    at: datetime,
    actor: User | None = None,
    department: Department | None = None,
    note: str = "",
    data: dict[str, Any] | None = None,
    after: str | None = None,
) -> Event:
    """Make the next event of an issue and move it and its clocks along; nothing is saved yet.

    Args:
        issue: locked, or new.
        step: what was done.
        status: where the issue stands after it.
        role: in which capacity it was done.
        at: when.
        actor: by whom; None for the reporter and the system.
        department: the department concerned.
        note: words that belong to the step.
        data: whatever else must be remembered, ready for JSON.
        after: hash of the event before, `body_hash` for the first; default: read from the history.
    """
    if after is None:
        after = issue.events.order_by("-seq").values_list("hash", flat=True)[0]
    told = clocks.follow(issue, step, status=status, at=at, note=note)
    _wait(issue, step, status, at)
    issue.version += 1
    issue.changed_at = at
    if (status in CLOSED) != (issue.workflow_status in CLOSED):
        issue.closed_at = at if status in CLOSED else None
    issue.status = status
    runs = status not in CLOSED and issue.paused_at is None
    issue.marked_overdue = runs and issue.due_at < at
    issue.looked_on = issue.looked_on or role == Role.DISPATCHER
    event = Event(
        issue=issue,
        seq=issue.version,
        step=step,
        status=status,
        at=at,
        actor=actor,
        role=role,
        department=department,
        note=note,
        data={**(data or {}), **told},
        previous_hash=after,
    )
    event.hash = digest(event)
    return event


def _wait(issue: Issue, step: Step, status: Status, at: datetime) -> None:
    """Keep for whom the issue has waited in step with an event that is about to be appended."""
    waits = Waits([*issue.spent], issue.stood_since, issue.responded_at, issue.reopenings)
    waits.follow(issue.workflow_status if issue.version else None, step, status, at)
    issue.spent, issue.stood_since = waits.spent, waits.since
    issue.responded_at, issue.reopenings = waits.responded_at, waits.reopenings


def digest(event: Event) -> str:
    """Hash an event together with the hash before it, so that no later change goes unseen.

    The chain of an issue hangs on its `body_hash`: the first event's `previous_hash` is that.

    Returns:
        SHA-256, hexadecimal, over the canonical JSON of the event's columns.
    """
    return seal(event, canonical(event.data), moment(event.at))


def canonical(data: Any) -> str:
    """Write JSON in the one form that is hashed: keys in order, no spaces, letters as they are."""
    return _CANONICAL.encode(data)


def moment(at: datetime) -> str:
    """Write an instant in the one form that is hashed."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def seal(event: Event, data: str, at: str) -> str:
    """Hash an event whose data (`canonical`) and instant (`moment`) are written already.

    The ten keys are always the same: writing them down here costs a third of encoding them, and an
    import hashes millions.
    """
    actor, department = event.actor_id, event.department_id
    text = (
        f'{{"actor":{"null" if actor is None else actor}'
        f',"at":"{at}"'
        f',"data":{data}'
        f',"department":{"null" if department is None else department}'
        f',"note":{_quoted(event.note)}'
        f',"previous":{_quoted(event.previous_hash)}'
        f',"role":{_quoted(event.role)}'
        f',"seq":{event.seq}'
        f',"status":{_quoted(event.status)}'
        f',"step":{_quoted(event.step)}}}'
    )
    return hashlib.sha256(text.encode()).hexdigest()


def settle(issue: Issue, events: Sequence[Event], *, changed: Sequence[str] = ()) -> None:
    """Write what an action changed on an existing issue, rewrite its public rows, queue its jobs.

    Args:
        issue: locked, already moved by `append`.
        events: the new events, oldest first.
        changed: columns of the issue that the action changed besides those of `append`.
    """
    Event.objects.bulk_create(events)
    issue.save(update_fields=[*FROM_EVENTS, *changed])
    publish(issue)
    tell(events)


def tell(events: Sequence[Event], *more: tuple[str, dict[str, int | UUID]]) -> None:
    """Queue a notice for each event that somebody must hear of, in the running transaction.

    Args:
        events: saved.
        more: other jobs of the same transaction, each a name and its ids.
    """
    notices = (
        (name, {"event_id": event.pk})
        for event in events
        for name in notifications.NOTICES.get(Step(event.step), ())
    )
    outbox.put_many((*notices, *more))
