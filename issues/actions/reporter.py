"""What reporters do besides the steps of the workflow: correct their contact, rate the repair."""

from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from issues import permissions
from issues.actions import record
from issues.errors import MissingDuty
from issues.models import Issue, Reporter
from issues.workflow import Step

STARS: Final = range(1, 6)


def correct(
    issue_id: int, *, name: str, email: str, phone: str, version: int | None = None
) -> Issue:
    """Replace who a reporter is and how to reach them; the event says that, and no word of it.

    Args:
        issue_id: a report whose secret or account the caller has proved.
        name: as they want to be called.
        email: proved where it is a new one.
        phone: as they wrote it.
        version: what the person saw; None where nothing can have been overlooked.

    Raises:
        StaleIssue: the report has moved on since `version`.
    """
    with transaction.atomic():
        issue = record.lock(issue_id, version=version)
        reporter = Reporter.objects.select_for_update().get(pk=issue_id)
        given = {"name": name, "email": email, "phone": phone}
        changed = sorted(key for key, value in given.items() if getattr(reporter, key) != value)
        if not changed:
            return issue
        for key in changed:
            setattr(reporter, key, given[key])
        reporter.save(update_fields=changed)
        return _record(issue, Step.CORRECT, {"fields": changed})


def rate(issue_id: int, stars: int) -> Issue:
    """Say how well it was done; who rates again has changed their mind, and the last one counts.

    Args:
        issue_id: a report whose secret or account the caller has proved.
        stars: 1 (bad) to 5 (good).

    Raises:
        StepNotAllowed: the report is not resolved.
        MissingDuty: there is no such number of stars.
    """
    if stars not in STARS:
        raise MissingDuty("stars")
    with transaction.atomic():
        return _record(record.lock(issue_id), Step.RATE, {"stars": stars})


def rating(issue: Issue) -> int | None:
    """Return how many stars the reporter gave last; None without any."""
    data = issue.events.filter(step=Step.RATE).order_by("-seq").values_list("data", flat=True)
    return next((said["stars"] for said in data[:1]), None)


def _record(issue: Issue, step: Step, data: dict[str, Any]) -> Issue:
    """Record a step of the reporter that leaves the status as it is."""
    role = permissions.role_for(issue, step, None)
    event = record.append(
        issue,
        step,
        status=issue.workflow_status,
        role=role,
        at=timezone.now(),
        department=issue.department,
        data=data,
    )
    record.settle(issue, [event])
    return issue
