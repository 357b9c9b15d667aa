"""The log of a crew's phone, replayed: each op once, whenever the network lets it through.

An op is what somebody did while looking at a version of an issue. Where nothing that matters has
happened since, it is done; where somebody else has moved the issue, nothing is overwritten: the op
is kept with its words, and both sides are shown.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from geodata.models import City
from issues import permissions
from issues.actions import flags, record
from issues.actions.proofs import CLAIMS, DEVICE_AT
from issues.actions.steps import take
from issues.actions.undo import undo
from issues.errors import DifferentSubmission, MissingDuty, NotPermitted, StepNotAllowed
from issues.models import Event, FieldOp, Flag, Issue, User
from issues.workflow import Role, Step

LATE: Final = timedelta(hours=24)
"""An op that comes later than this after it was done is flagged."""
STEPS: Final = frozenset(
    {
        Step.ACCEPT,
        Step.TRAVEL,
        Step.START,
        Step.RESOLVE,
        Step.FIX,
        Step.NOT_FOUND,
        Step.HELP,
        Step.NOTE,
        Step.UNDO,
    }
)
"""What a crew's log may hold."""
HARMLESS: Final = frozenset(
    {
        Step.NOTE,
        Step.ATTACH,
        Step.REVIEW,
        Step.REMIND,
        Step.ESCALATE,
        Step.RECLOCK,
        Step.FLAG,
        Step.UNFLAG,
        Step.CORRECT,
    }
)
"""Steps of others that leave a crew's work as it was."""
_REFUSALS: Final = (StepNotAllowed, NotPermitted, MissingDuty)


@dataclass(frozen=True, slots=True, kw_only=True)
class Op:
    """One op as a phone sends it, clean.

    Attributes:
        id: made by the phone; the idempotency key.
        number: of the issue.
        base: the version that the crew saw.
        at: when it was done, by the phone's clock.
    """

    id: UUID
    number: str
    base: int
    step: Step
    note: str
    at: datetime

    def fingerprint(self, user: User) -> str:
        """Hash who did what: the same id for anything else is refused."""
        said = [user.pk, self.number, self.base, self.step, self.note, self.at.isoformat()]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def known(op: Op, user: User) -> FieldOp | None:
    """Find the first answer to an op.

    Raises:
        DifferentSubmission: the id was used for something else, or by somebody else.
    """
    first = FieldOp.objects.select_related("issue").filter(pk=op.id).first()
    if first is not None and first.body_hash != op.fingerprint(user):
        raise DifferentSubmission
    return first


def replay(op: Op, *, actor: User, city: City, at: datetime | None = None) -> tuple[FieldOp, bool]:
    """Do an op once and keep what became of it.

    Args:
        op: clean values.
        actor: the crew whose phone sent it.
        city: whose issue it is.
        at: when it arrived; default: now.

    Returns:
        The kept op, and whether it was kept before this call.

    Raises:
        DifferentSubmission: the id was used for something else.
    """
    if (first := known(op, actor)) is not None:
        return first, True
    try:
        with transaction.atomic():
            return _once(op, actor=actor, city=city, at=at or timezone.now()), False
    except IntegrityError:
        # Two sends of one op at the same time: the other one's answer is ours.
        if (first := known(op, actor)) is not None:
            return first, True
        raise


def _once(op: Op, *, actor: User, city: City, at: datetime) -> FieldOp:
    kept = FieldOp(
        pk=op.id,
        user=actor,
        step=op.step,
        note=op.note,
        base_version=op.base,
        sent_at=op.at,
        received_at=at,
        state=FieldOp.State.REFUSED,
        body_hash=op.fingerprint(actor),
    )
    kept.save(force_insert=True)
    found = Issue.objects.filter(city=city, number=op.number.upper()).first()
    issue = record.lock(found.pk) if found else None
    if issue is None or Role.CREW not in permissions.roles(actor, issue):
        return _refused(kept, "UnknownIssue")
    kept.issue, kept.result_version = issue, issue.version
    if not 1 <= op.base <= issue.version:
        return _refused(kept, "StaleIssue")
    if theirs := in_the_way(issue, op, actor):
        kept.state, kept.answer = FieldOp.State.CONFLICT, {"theirs": theirs}
        kept.save()
        return kept
    try:
        with transaction.atomic():
            kept.result_version = _do(issue, op, actor, at).version
    except _REFUSALS as error:
        return _refused(kept, type(error).__name__)
    kept.state = FieldOp.State.DONE
    kept.save()
    return kept


def _refused(kept: FieldOp, code: str) -> FieldOp:
    """Keep why an op could not be done; `code` is the name of a domain error."""
    kept.answer = {"error": code}
    kept.save()
    return kept


def in_the_way(issue: Issue, op: Op, actor: User) -> list[int]:
    """List the versions at which others did what an op did not know and that matters to it.

    A note says the same whatever has happened.
    """
    if op.step is Step.NOTE:
        return []
    since = Event.objects.filter(issue=issue, seq__gt=op.base).exclude(step__in=HARMLESS)
    others = since.exclude(actor=actor.pk, role=Role.CREW)
    return list(others.order_by("seq").values_list("seq", flat=True))


def _do(issue: Issue, op: Op, actor: User, at: datetime) -> Issue:
    """Take the step; one that comes late is done all the same, and flagged."""
    data = {"op": str(op.id), DEVICE_AT: op.at.isoformat()}
    if op.step is Step.UNDO:
        return undo(issue.pk, actor=actor, at=at, data=data)
    step = _finishing(issue) if op.step in CLAIMS else op.step
    moved = take(issue.pk, step, actor=actor, note=op.note, at=at, data=data)
    if at - op.at > LATE:
        hours = round((at - op.at).total_seconds() / 3600)
        told: dict[str, Any] = {"hours": hours, "step": step}
        record.settle(moved, [flags.put(moved, Flag.Kind.LATE_OP, at=at, data=told)])
    return moved


def _finishing(issue: Issue) -> Step:
    """Say with which step a repair ends here: whether it waits for a second person may change."""
    return Step.FIX if permissions.needs_validation(issue) else Step.RESOLVE
