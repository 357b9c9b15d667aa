"""Let go what was held: nobody vouched for it until somebody of the city looked at it."""

from datetime import datetime
from typing import Final

from issues import notifications, outbox
from issues.actions import record
from issues.models import Event, Issue
from issues.workflow import TRIAGE, Role, Status, Step

RELEASING: Final = frozenset({Step.VERIFY, Step.ASSIGN, Step.REROUTE, Step.REVIEW})
"""A dispatcher who does one of these has looked, and found a report."""


def let_go(issue: Issue, step: Step) -> tuple[str, ...]:
    """Hold an issue no longer where a step shows that somebody has looked at it.

    Its reporter gets the receipt now: while it was held, that was no letter.

    Returns:
        The changed columns; none where nothing was held, or the step says nothing.
    """
    if not issue.held or step not in RELEASING:
        return ()
    issue.held = False
    submitted = issue.events.order_by("seq").values_list("pk", flat=True)[0]
    outbox.put(notifications.RECEIPT, event_id=submitted)
    return ("held",)


def forward(issue: Issue, event: Event, *, at: datetime) -> list[Event]:
    """Send what was let go straight to its department, as if it had just come in.

    Args:
        issue: let go, already moved by the event.
        event: of the step that let it go; not saved yet.
        at: when.

    Returns:
        The event of the assignment; none where the kind waits for a person, or nobody is found.
    """
    decision = issue.decisions.select_related("department", "rule").last()
    department = decision.department if decision else None
    if (
        issue.department is not None
        or issue.status not in TRIAGE
        or not issue.category.fast_lane
        or decision is None
        or department is None
        or not department.active
    ):
        return []
    issue.department = department
    rule = decision.rule.code if decision.rule else ""
    return [
        record.append(
            issue,
            Step.ASSIGN,
            status=Status.ASSIGNED,
            role=Role.SYSTEM,
            at=at,
            department=department,
            data={"to": department.code, "rule": rule},
            after=event.hash,
        )
    ]
