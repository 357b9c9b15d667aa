"""The dispatcher's single press: one decision, one transaction, the events that it takes."""

from django.db import transaction

from geodata.models import Department
from issues.actions import record
from issues.actions.steps import take
from issues.errors import MissingDuty
from issues.models import Issue, User
from issues.workflow import Duty, Status, Step


def send(
    issue_id: int, department: Department | None, *, actor: User, version: int | None
) -> Issue:
    """Verify a report and hand it to a department at once; both happen, or neither.

    A report that waited for a look may go straight on by itself when it is verified: then that is
    where it goes. Without a department it is verified and stays in triage.

    Args:
        issue_id: an issue in triage.
        department: whom to give it to; None where nobody is proposed.
        actor: a dispatcher.
        version: what the person saw.

    Raises:
        StaleIssue: the issue has moved on since `version`.
        StepNotAllowed: it has left triage.
        NotPermitted: this person may not.
        MissingDuty: the department cannot receive it, or there is nothing to do.
    """
    with transaction.atomic():
        issue = record.lock(issue_id)
        if issue.status != Status.VERIFIED:
            issue = take(issue_id, Step.VERIFY, actor=actor, version=version)
            version = issue.version
        elif department is None:
            raise MissingDuty(Duty.DEPARTMENT)
        if issue.department is None and department is not None:
            issue = take(issue_id, Step.ASSIGN, actor=actor, version=version, department=department)
        return issue
