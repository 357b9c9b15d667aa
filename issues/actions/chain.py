"""The chain upwards: crew, liaison, dispatcher, leader. Who is told, and in how few letters.

Each event of the chain concerns some people, each by an `Alarm`; all that a person has waiting
becomes one letter, at most one an hour.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from issues import outbox
from issues.actions import clocks, record
from issues.models import Alarm, Event, Flag, Issue, Membership
from issues.permissions import area_codes
from issues.workflow import Role, Step

CHAIN: Final = (Role.CREW, Role.LIAISON, Role.DISPATCHER, Role.LEADER)
"""From whoever does the work to whoever answers for it."""
BETWEEN_LETTERS: Final = timedelta(hours=1)
"""So long a person is left in peace after a letter."""
KEPT: Final = timedelta(days=60)
PING_PONG: Final = 2
"""From so many refusals on the dispatcher's lead decides. Source: DOMAIN section 3."""
_OF_DEPARTMENT: Final = frozenset({Role.CREW, Role.LIAISON})


def event(
    issue: Issue, step: Step, data: dict[str, Any], *, at: datetime, after: str | None = None
) -> Event:
    """Make the event of a reminder or an escalation; `data["to"]` is the role that is told."""
    if step is Step.ESCALATE:
        issue.escalated_to = data["to"]
    return record.append(
        issue,
        step,
        status=issue.workflow_status,
        role=Role.SYSTEM,
        at=at,
        department=issue.department,
        data=data,
        after=after,
    )


def ping_pong(issue: Issue, refusal: Event) -> list[Event]:
    """Bring an issue that departments keep refusing before the leader, with a flag.

    Args:
        issue: locked, refused by the event already.
        refusal: not saved yet.

    Returns:
        The event of the escalation; none for a first refusal.
    """
    since = clocks.started_at(issue)
    refused = issue.events.filter(step=Step.REFUSE, at__gte=since).count() + 1
    if refused < PING_PONG:
        return []
    Flag.objects.update_or_create(
        issue=issue,
        kind=Flag.Kind.PING_PONG,
        settled_at=None,
        defaults={"data": {"refusals": refused}},
        create_defaults={"data": {"refusals": refused}, "raised_at": refusal.at},
    )
    data = {"to": Role.LEADER, "flag": Flag.Kind.PING_PONG, "refusals": refused}
    return [event(issue, Step.ESCALATE, data, at=refusal.at, after=refusal.hash)]


# Whom it concerns ----------------------------------------------------------------------------


def concern(issue: Issue, events: Sequence[Event]) -> None:
    """Note for each event of the chain, just saved, who must hear of it."""
    Alarm.objects.bulk_create(
        [
            Alarm(event=one, user_id=person)
            for one in events
            for person in people(issue, Role(one.data["to"]))
        ]
    )


def people(issue: Issue, role: Role) -> list[int]:
    """List who stands in a role to an issue; where there is nobody, who stands above."""
    above = CHAIN[CHAIN.index(role) :]
    return next(filter(None, (_standing(issue, one) for one in above)), [])


def _standing(issue: Issue, role: Role) -> list[int]:
    """List the active people of one role, by key: of a crew whoever has the job in hand."""
    if role in _OF_DEPARTMENT and issue.department_id is None:
        return []
    rows = Membership.in_force.filter(city=issue.city_id, role=role, user__is_active=True)
    if role in _OF_DEPARTMENT:
        rows = rows.filter(department=issue.department_id, area_code__in=["", *area_codes(issue)])
    if role is Role.CREW and issue.assignee_id:
        rows = rows.filter(user=issue.assignee_id)
    elif role is Role.CREW and issue.unit_id:
        rows = rows.filter(unit=issue.unit_id)
    return list(rows.order_by("user").values_list("user", flat=True).distinct())


# In letters ----------------------------------------------------------------------------------


def tell(now: datetime | None = None) -> int:
    """Put a letter for everybody who has something waiting and had none within the hour.

    Returns:
        How many letters. Each is a transaction: a letter and what it tells, or neither.
    """
    now = (now or timezone.now()).replace(microsecond=0)
    recent = Alarm.objects.filter(told_at__gt=now - BETWEEN_LETTERS).values("user")
    waiting = Alarm.objects.filter(told_at=None).exclude(user__in=recent)
    people = waiting.order_by("user").values_list("user", flat=True).distinct()
    return sum(_tell(person, now) for person in list(people))


@transaction.atomic
def _tell(person: int, now: datetime) -> bool:
    if not Alarm.objects.filter(user=person, told_at=None).update(told_at=now):
        return False
    outbox.put("alarm_letter", user_id=person, until=int(now.astimezone(UTC).timestamp()))
    return True


@transaction.atomic
def forget_alarms(now: datetime | None = None) -> int:
    """Delete who was told of what long ago; the events stay."""
    return Alarm.objects.filter(told_at__lt=(now or timezone.now()) - KEPT).delete()[0]
