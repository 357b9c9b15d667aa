"""Take a step: one locked issue, one cell of the workflow table, one event."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from geodata.models import Department
from issues import clock, permissions
from issues.actions import (
    calendars,
    chain,
    clocks,
    flags,
    learning,
    parts,
    proofs,
    record,
    release,
)
from issues.actions.undo import ASSIGNEE
from issues.errors import MissingDuty, StepNotAllowed
from issues.models import Issue, Sighting, User
from issues.publication import count_supports, publish
from issues.workflow import (
    CLOSED,
    ON_THEIR_OWN,
    Duty,
    Role,
    Rule,
    Status,
    Step,
    Target,
    before,
    rule,
    target,
)

REOPEN_WITHIN_DAYS: Final = 10
"""Working days in which a reporter may say that it is not fixed. Source: DOMAIN section 3."""


_OF_DUPLICATES: Final = frozenset({Step.UNMERGE, Step.HIDE, Step.UNHIDE})
"""Steps of a duplicate that change how many people its original shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """One step as it is being taken."""

    step: Step
    actor: User | None
    role: Role
    note: str
    department: Department | None
    original: Issue | None
    at: datetime
    data: dict[str, Any] = field(default_factory=dict)


def take(
    issue_id: int,
    step: Step,
    *,
    actor: User | None,
    version: int | None = None,
    note: str = "",
    department: Department | None = None,
    original: Issue | None = None,
    at: datetime | None = None,
    data: dict[str, Any] | None = None,
) -> Issue:
    """Take one step of the workflow.

    Args:
        issue_id: the issue.
        step: any step but `submit`, `review` and `attach`, which have actions of their own.
        actor: a person with an account; None is the reporter, whose secret the caller has proved.
        version: what the person saw; None where nothing can have been overlooked.
        note: words; who may read them, `workflow` says.
        department: where `assign` and `reroute` lead; None with `reroute` leads back to triage.
        original: what `merge` points to.
        at: when; default: now.
        data: whatever else the event must remember, ready for JSON.

    Raises:
        UnknownIssue: there is none.
        StaleIssue: the issue has moved on since `version`.
        StepNotAllowed: the workflow has no such step here.
        NotPermitted: this person may not take it.
        MissingDuty: the step demands something that is not there.
    """
    with transaction.atomic():
        beside = _beside(issue_id, step, original)
        issue = record.lock(issue_id, version=version, and_also=beside)
        if step in ON_THEIR_OWN:
            raise StepNotAllowed(issue.workflow_status, step)
        cell = rule(issue.workflow_status, step)
        role = permissions.role_for(issue, step, actor)
        taking = Taking(
            step=step,
            actor=actor,
            role=role,
            note=note.strip(),
            department=department,
            original=original,
            at=at or timezone.now(),
            data=data or {},
        )
        return perform(issue, cell, taking)


def perform(issue: Issue, cell: Rule, taking: Taking) -> Issue:
    """Do a permitted step on a locked issue."""
    _check_duties(issue, cell, taking)
    leaving, originals = issue.department, {issue.merged_into}
    changed, data = EFFECTS.get(taking.step, _nothing)(issue, taking)
    looked = taking.role is Role.DISPATCHER
    let_go = release.let_go(issue, taking.step) if looked else ()
    event = record.append(
        issue,
        taking.step,
        status=_target(issue, cell),
        role=taking.role,
        at=taking.at,
        actor=taking.actor,
        department=leaving if taking.step is Step.REFUSE else issue.department,
        note=taking.note,
        data=taking.data | data,
    )
    more = release.forward(issue, event, at=taking.at) if let_go else []
    if more:
        changed = (*changed, "department")
    rising = chain.ping_pong(issue, event) if taking.step is Step.REFUSE else []
    more += rising or flags.called_for(issue, event) or proofs.of_step(issue, event)
    record.settle(issue, [event, *more], changed=(*changed, *let_go))
    chain.concern(issue, rising)
    if taking.step in {Step.MERGE, *_OF_DUPLICATES}:
        for original in filter(None, {*originals, issue.merged_into}):
            count_supports(original)
    if taking.step in {Step.HIDE, Step.UNHIDE}:
        for duplicate in issue.duplicates.order_by("pk").values_list("pk", flat=True):
            publish(record.lock(duplicate))
    if taking.step in {Step.CONFIDE, Step.DISCLOSE}:
        parts.confide(issue, taking.step, note=taking.note, at=taking.at)
    parts.follow(issue, at=taking.at)
    return issue


def see(issue: Issue, user: User, *, at: datetime | None = None) -> None:
    """Record the first time that somebody of the responsible department opens an issue."""
    ours = {membership.department_id for membership in user.memberships.all()}
    if issue.department_id is not None and issue.department_id in ours:
        Sighting.objects.get_or_create(
            issue=issue,
            user=user,
            department_id=issue.department_id,
            defaults={"at": at or timezone.now()},
        )


def _beside(issue_id: int, step: Step, original: Issue | None) -> Issue | None:
    """Find the other issue that a step changes, so that both are locked in one breath."""
    if step not in _OF_DUPLICATES:
        return original
    return Issue.objects.filter(duplicates=issue_id).first()


def _check_duties(issue: Issue, cell: Rule, taking: Taking) -> None:
    given = {
        Duty.NOTE: bool(taking.note),
        Duty.REASON: bool(taking.note),
        Duty.DEPARTMENT: taking.department is not None,
        Duty.ORIGINAL: taking.original is not None,
        Duty.PROOF: bool(taking.note) or Duty.PROOF not in cell.duties or issue.is_proven,
    }
    for duty in Duty:
        if duty in cell.duties and not given[duty]:
            raise MissingDuty(duty)


def _target(issue: Issue, cell: Rule) -> Status:
    path = issue.events.order_by("seq").values_list("status", flat=True)
    found = target(
        cell,
        status=issue.workflow_status,
        previous=before([*map(Status, path)]) if cell.target is Target.PREVIOUS else None,
        has_department=issue.department is not None,
    )
    # An answer may come after the department has refused or was never there: then it is triage.
    if issue.department is None and found not in {Status.VERIFIED, Status.NEEDS_INFO, *CLOSED}:
        return Status.SUBMITTED
    return found


Effect = Callable[[Issue, Taking], tuple[tuple[str, ...], dict[str, Any]]]


def _nothing(issue: Issue, taking: Taking) -> tuple[tuple[str, ...], dict[str, Any]]:
    del issue, taking
    return (), {}


def _send(issue: Issue, taking: Taking) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Give the issue to a department, or back to triage."""
    department = taking.department
    if department == issue.department or not _may_receive(department, issue):
        raise MissingDuty(Duty.DEPARTMENT)
    data = {"from": _code(issue.department), "to": _code(department)}
    issue.department = department
    issue.assignee = None
    return ("department", "assignee"), data


def _may_receive(department: Department | None, issue: Issue) -> bool:
    """Whether an issue can go there; None is back to triage."""
    return department is None or (department.city_id == issue.city_id and department.active)


def _refuse(issue: Issue, taking: Taking) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Take the issue from the department that says it is not theirs."""
    del taking
    data = {"from": _code(issue.department), "to": ""}
    issue.department = None
    issue.assignee = None
    return ("department", "assignee"), data


def _start(issue: Issue, taking: Taking) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Whoever starts has it in hand."""
    data = {ASSIGNEE: issue.assignee_id} if issue.assignee_id else {}
    issue.assignee = taking.actor
    return ("assignee",), data


def _let_go(issue: Issue, taking: Taking) -> tuple[tuple[str, ...], dict[str, Any]]:
    """What was not found is in nobody's hand until the office has looked."""
    del taking
    data = {ASSIGNEE: issue.assignee_id} if issue.assignee_id else {}
    issue.assignee = None
    return ("assignee",), data


def _verify(issue: Issue, taking: Taking) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Learn what a report of this kind sounds like."""
    del taking
    return (), learning.settle(issue)


def _merge(issue: Issue, taking: Taking) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Point to the original: another issue of the same city that is no duplicate itself.

    Nor held: nobody has looked at that one yet, and what points to it would wait with it.
    """
    # Read again: it is locked now, and may have become a duplicate since the person saw it.
    fit = Issue.objects.filter(city=issue.city_id, held=False).exclude(status=Status.DUPLICATE)
    original = fit.filter(pk=taking.original.pk).first() if taking.original else None
    if original is None or original.pk == issue.pk or issue.duplicates.exists():
        raise MissingDuty(Duty.ORIGINAL)
    issue.merged_into = original
    return ("merged_into",), {"original": original.number}


def _unmerge(issue: Issue, taking: Taking) -> tuple[tuple[str, ...], dict[str, Any]]:
    del taking
    original = issue.merged_into
    issue.merged_into = None
    return ("merged_into",), {"original": original.number if original else ""}


def _hide(issue: Issue, taking: Taking) -> tuple[tuple[str, ...], dict[str, Any]]:
    issue.hidden = taking.step is Step.HIDE
    return ("hidden",), {}


def _confide(issue: Issue, taking: Taking) -> tuple[tuple[str, ...], dict[str, Any]]:
    issue.confidential = taking.step is Step.CONFIDE
    return ("confidential",), {}


def _reopen(issue: Issue, taking: Taking) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Open again, with new clocks where it was closed; a reporter has ten working days for it."""
    if issue.closed_at is None:
        return (), {}
    if taking.role is Role.REPORTER:
        days = calendars.near(issue.city, issue.closed_at)
        if taking.at > clock.due(issue.closed_at, REOPEN_WITHIN_DAYS, days).at:
            raise StepNotAllowed(issue.workflow_status, taking.step)
    return clocks.restart(issue, taking.at)


def _pause(issue: Issue, taking: Taking) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Stop what runs, let run what stands still; the clock itself goes with the event."""
    if (taking.step is Step.RESUME) == (issue.paused_at is None):
        raise StepNotAllowed(issue.workflow_status, taking.step)
    return (), {}


def _validate(issue: Issue, taking: Taking) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Let a reporter say once that it is fixed."""
    if taking.role is Role.REPORTER and issue.confirmed_at is not None:
        raise StepNotAllowed(issue.workflow_status, taking.step)
    return (), {}


def _code(department: Department | None) -> str:
    return department.code if department else ""


EFFECTS: Final[dict[Step, Effect]] = {
    Step.VERIFY: _verify,
    Step.ASSIGN: _send,
    Step.REROUTE: _send,
    Step.REFUSE: _refuse,
    Step.START: _start,
    Step.NOT_FOUND: _let_go,
    Step.MERGE: _merge,
    Step.UNMERGE: _unmerge,
    Step.CONFIDE: _confide,
    Step.DISCLOSE: _confide,
    Step.HIDE: _hide,
    Step.UNHIDE: _hide,
    Step.REOPEN: _reopen,
    Step.VALIDATE: _validate,
    Step.PAUSE: _pause,
    Step.RESUME: _pause,
}
"""What a step does besides moving the status."""
