"""One case, several departments: each works on its part, one of them directs.

The whole stays what the public and the reporter know. It begins with the first of its parts and
ends with the last one; a part never ends because the whole did.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from geodata.models import Department
from issues import permissions
from issues.actions import clocks, record, tracking
from issues.errors import MissingDuty, StepNotAllowed
from issues.models import Decision, Event, Issue, User
from issues.workflow import CLOSED, Duty, Role, Status, Step, rule

LEAST: Final = 2
_SAME: Final = (
    "accuracy_m",
    "address",
    "anonymous",
    "answers",
    "body_hash",
    "category",
    "channel",
    "city",
    "confidential",
    "description",
    "jurisdiction",
    "observed_at",
    "place",
    "point",
    "public_text",
    "side",
    "street",
)
"""What a part has from the whole: all that says what and where it is, and since when."""


def split(
    issue_id: int,
    departments: Sequence[Department],
    *,
    actor: User,
    version: int | None,
    note: str = "",
    at: datetime | None = None,
) -> Issue:
    """Give an issue to several departments at once; every one gets a part of it.

    Args:
        issue_id: an issue on which no repair is finished, and no part itself.
        departments: two or more of its city, the one that directs first.
        actor: a dispatcher.
        version: what the person saw.
        note: what each is to do; for the public, too.
        at: when; default: now.

    Raises:
        StaleIssue: the issue has moved on since `version`.
        StepNotAllowed: it is held, closed, a part, or divided already.
        NotPermitted: this person may not.
        MissingDuty: there are not two departments that can receive it.
    """
    with transaction.atomic():
        issue = record.lock(issue_id, version=version)
        rule(issue.workflow_status, Step.SPLIT)
        role = permissions.role_for(issue, Step.SPLIT, actor)
        if issue.held:
            raise StepNotAllowed(issue.workflow_status, Step.SPLIT)
        _check(issue, departments)
        at = at or timezone.now()
        data = {"to": [one.code for one in departments], "from": _code(issue.department)}
        issue.department, issue.assignee, issue.unit = departments[0], None, None
        issue.is_split = True
        changed, joint = clocks.join(issue, at)
        event = record.append(
            issue,
            Step.SPLIT,
            status=Status.ASSIGNED,
            role=role,
            at=at,
            actor=actor,
            department=departments[0],
            note=note.strip(),
            data=data | joint,
        )
        columns = ("department", "assignee", "unit", "is_split", *changed)
        record.settle(issue, [event], changed=columns)
        first = issue.parts.count() + 1
        for place, department in enumerate(departments, start=first):
            _make(issue, department, place, actor=actor, note=note.strip(), at=at)
        return issue


def _check(issue: Issue, departments: Sequence[Department]) -> None:
    fit = {one.pk for one in departments if one.city_id == issue.city_id and one.active}
    if len(fit) < LEAST or len(fit) != len(departments):
        raise MissingDuty(Duty.DEPARTMENT)


def _make(
    whole: Issue, department: Department, place: int, *, actor: User, note: str, at: datetime
) -> None:
    """Make one department's part: an issue of its own, which only staff know."""
    part = Issue(
        **{name: getattr(whole, name) for name in _SAME},
        parent=whole,
        uuid=uuid.uuid5(whole.uuid, f"part {place}"),
        number=f"{whole.number}-{place}",
        token_version=tracking.newest_version(),
        department=department,
        # Its clock began with the whole's.
        received_at=clocks.started_at(whole),
        dispose_by=whole.dispose_by,
        due_at=whole.due_at,
        limit_at=whole.limit_at,
        joint=True,
        # The words were looked at, or wait, with the whole; photos of the work come to review.
        reviewed_at=at,
        changed_at=at,
    )
    part.token_hash = tracking.fingerprint(tracking.token_for(part))
    clocks.redate(part, start=part.received_at)
    first = record.append(
        part,
        Step.SUBMIT,
        status=Status.SUBMITTED,
        role=Role.SYSTEM,
        at=at,
        after=part.body_hash,
        data={"whole": whole.number, clocks.JOINED: True},
    )
    second = record.append(
        part,
        Step.ASSIGN,
        status=Status.ASSIGNED,
        role=Role.DISPATCHER,
        at=at,
        actor=actor,
        department=department,
        note=note,
        data={"to": department.code},
        after=first.hash,
    )
    part.save(force_insert=True)
    _decided(whole, part, department, at)
    Event.objects.bulk_create([first, second])
    record.tell([first, second])


def _decided(whole: Issue, part: Issue, department: Department, at: datetime) -> None:
    """Keep where the whole was routed, and that a person gave this department its part."""
    last = whole.decisions.order_by("pk").last()
    Decision.objects.create(
        issue=part,
        at=at,
        service_code=part.category.service_code,
        department=department,
        jurisdiction=last.jurisdiction if last else None,
        edition=last.edition if last else None,
        edge_m=last.edge_m if last else None,
        reason=f"Bagian {part.number}: {department.name}"[:400],
        reason_en=f"Part {part.number}: {department.name}"[:400],
    )


def follow(part: Issue, *, at: datetime) -> None:
    """Move the whole along after a step on one of its parts; both are locked.

    Args:
        part: as it stands after the step, saved.
        at: when.
    """
    if part.parent_id is None:
        return
    whole = record.whole(Issue.objects.all()).get(pk=part.parent_id)
    parts = list(whole.parts.select_related("department").order_by("pk"))
    steps = _next(whole, [Status(one.status) for one in parts])
    if steps is None:
        return
    step, status = steps
    left = step is Step.REROUTE
    data: dict[str, Any] = {}
    if step is Step.REOPEN:
        data = clocks.restart(whole, at)[1]
    if left:
        whole.department, whole.assignee = None, None
        data = {"from": _code(part.department), "to": "", **clocks.unjoin(whole, at)[1]}
    event = record.append(
        whole,
        step,
        status=status,
        role=Role.SYSTEM,
        at=at,
        department=None if left else whole.department,
        note=_words(step, parts),
        data=data,
    )
    record.settle(whole, [event], changed=("department", "assignee") if left else ())


def _next(whole: Issue, parts: Sequence[Status]) -> tuple[Step, Status] | None:
    """Say what the parts do to the whole; None: nothing."""
    stands = whole.workflow_status
    if stands is Status.RESOLVED and any(one not in CLOSED for one in parts):
        return Step.REOPEN, Status.ASSIGNED
    if stands in CLOSED:
        return None
    if all(one in CLOSED for one in parts):
        done = Status.RESOLVED in parts
        return (Step.RESOLVE, Status.RESOLVED) if done else (Step.REROUTE, Status.SUBMITTED)
    begun = bool({Status.IN_PROGRESS, Status.FIXED, Status.RESOLVED} & set(parts))
    waits = stands in {Status.ASSIGNED, Status.RESPONDED, Status.SCHEDULED}
    return (Step.START, Status.IN_PROGRESS) if begun and waits else None


def _words(step: Step, parts: Sequence[Issue]) -> str:
    """Say in the city's language why the whole moves."""
    with override(settings.LANGUAGE_CODE):
        if step is Step.RESOLVE:
            done = [one.department for one in parts if one.status == Status.RESOLVED]
            names = ", ".join(one.short_name for one in done if one)
            return _("Semua bagian selesai: %(names)s.") % {"names": names}
        if step is Step.REROUTE:
            return _("Tidak ada bagian yang dikerjakan; dilihat lagi oleh tim koordinator.")
        if step is Step.REOPEN:
            return _("Satu bagian dibuka kembali.")
    return ""


def confide(whole: Issue, step: Step, *, note: str, at: datetime) -> None:
    """Let the parts be as confidential as the whole; the whole is locked."""
    for key in whole.parts.order_by("pk").values_list("pk", flat=True):
        part = record.lock(key)
        part.confidential = whole.confidential
        event = record.append(
            part, step, status=part.workflow_status, role=Role.SYSTEM, at=at, note=note
        )
        record.settle(part, [event], changed=("confidential",))


def _code(department: Department | None) -> str:
    return department.code if department else ""
