"""Closed is not fixed: what proves a repair, who looks at it again, how it comes back."""

from datetime import UTC, datetime, timedelta

import pytest

from issues import actions
from issues.errors import MissingDuty, NotPermitted, StepNotAllowed
from issues.invariants import cases
from issues.models import Issue, Photo, PublicIssue
from issues.workflow import Role, Status, Step
from tests import make

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 3, 2, 3, tzinfo=UTC)


# Proof ---------------------------------------------------------------------------------------


def test_an_after_photo_is_proof_enough():
    issue = make.issue(steps=[Step.START])
    photo = make.photo(issue, kind=Photo.Kind.AFTER)

    assert make.take(issue, Step.RESOLVE, note="").status == Status.RESOLVED
    assert photo.kind == Photo.Kind.AFTER


@pytest.mark.parametrize("fields", [{"kind": "before"}, {"kind": "after", "state": "refused"}])
def test_another_photo_is_no_proof(fields):
    issue = make.issue(steps=[Step.START])
    make.photo(issue, **fields)

    with pytest.raises(MissingDuty):
        make.take(issue, Step.RESOLVE, note="")


def test_a_photo_from_before_the_reopening_is_no_proof():
    issue = make.issue(steps=[Step.START])
    make.photo(issue, kind="after")
    make.take(issue, Step.RESOLVE, note="")
    make.take(issue, Step.REOPEN)

    with pytest.raises(MissingDuty):
        make.take(issue, Step.RESOLVE, note="")


@pytest.mark.parametrize("step", [Step.FIX, Step.RESOLVE])
def test_a_proof_that_turns_out_to_be_no_picture_opens_the_issue_again(step):
    issue = make.issue(steps=[Step.START])
    photo = make.photo(issue, kind="after", state="waiting")
    make.take(issue, step, note="")

    actions.photo_refused(photo.pk, "bukan foto")

    issue.refresh_from_db()
    last = issue.events.last()
    assert issue.status == Status.ASSIGNED
    assert (last.step, last.role, last.department) == (Step.REOPEN, Role.SYSTEM, issue.department)
    with pytest.raises(MissingDuty):
        make.take(issue, step, note="")


@pytest.mark.parametrize("other", ["note", "photo", "before", "open"])
def test_a_refused_photo_opens_nothing_that_has_another_proof(other):
    issue = make.issue(steps=[Step.START])
    kind = "before" if other == "before" else "after"
    photo = make.photo(issue, kind=kind, state="waiting")
    if other in {"photo", "before"}:
        make.photo(issue, kind="after", position=1)
    if other != "open":
        make.take(issue, Step.RESOLVE, note="Sudah diganti." if other == "note" else "")
    was = Issue.objects.get(pk=issue.pk)

    actions.photo_refused(photo.pk, "bukan foto")

    now = Issue.objects.get(pk=issue.pk)
    assert (now.status, now.version) == (was.status, was.version)


# Opened again -------------------------------------------------------------------------------


def test_a_reopened_repair_goes_back_to_its_department():
    issue = make.issue(steps=[Step.RESOLVE, Step.REOPEN])

    assert (issue.status, issue.department.code) == (Status.ASSIGNED, "DISHUB")
    assert issue.closed_at is None


def test_a_reopened_rejection_without_department_goes_to_triage():
    issue = make.issue(service_code="layanan-lambat", steps=[Step.REJECT])

    assert make.take(issue, Step.REOPEN).status == Status.SUBMITTED


@pytest.mark.parametrize(("days", "may"), [(0, True), (13.9, True), (14.5, False), (400, False)])
def test_a_reporter_has_ten_working_days_to_reopen(days, may):
    issue = make.issue(at=MONDAY)
    make.take(issue, Step.RESOLVE, at=MONDAY + timedelta(hours=1))
    late = MONDAY + timedelta(hours=1) + make.days(days)

    if may:
        assert make.take(issue, Step.REOPEN, actor=None, at=late).status == Status.ASSIGNED
    else:
        with pytest.raises(StepNotAllowed):
            make.take(issue, Step.REOPEN, actor=None, at=late)
        assert make.take(issue, Step.REOPEN, at=late).status == Status.ASSIGNED


def test_the_clocks_of_a_reopened_issue_begin_anew():
    issue = make.issue(at=MONDAY)
    make.take(issue, Step.RESOLVE, at=MONDAY + make.days(1))
    late = MONDAY + make.days(7)

    again = make.take(issue, Step.REOPEN, at=late)

    fresh = make.issue(at=late)
    assert (again.dispose_by, again.due_at, again.limit_at) == (
        fresh.dispose_by,
        fresh.due_at,
        fresh.limit_at,
    )
    assert not again.marked_overdue
    row = PublicIssue.objects.get(pk=issue.pk)
    assert (row.due_at, row.overdue) == (fresh.due_at, False)
    assert [*cases.dates(None)] == []


def test_a_repair_that_was_never_closed_keeps_its_clocks():
    issue = make.issue(at=MONDAY)
    make.take(issue, Step.FIX, at=MONDAY + make.days(1))

    again = make.take(issue, Step.REOPEN, at=MONDAY + make.days(7))

    assert (again.status, again.due_at) == (Status.ASSIGNED, issue.due_at)
    assert again.marked_overdue
    assert [*cases.dates(None)] == []


# Second person ------------------------------------------------------------------------------


@pytest.fixture
def careful():
    """A department whose repairs a second person validates."""
    department = make.department("DISHUB", validates=True)
    make.world()
    return department


def test_where_a_second_person_validates_nobody_resolves_alone(careful):
    issue = make.issue(steps=[Step.START])
    liaison = make.user(Role.LIAISON, department=careful)

    with pytest.raises(StepNotAllowed):
        make.take(issue, Step.RESOLVE)
    assert Step.RESOLVE not in actions.allowed(issue, liaison)
    assert Step.FIX in actions.allowed(issue, liaison)


def test_who_repaired_does_not_validate_it(careful):
    issue = make.issue(steps=[Step.START])
    liaison = make.user(Role.LIAISON, department=careful)
    fixed = make.take(issue, Step.FIX, actor=liaison)

    with pytest.raises(NotPermitted):
        make.take(fixed, Step.VALIDATE, actor=liaison)

    assert Step.VALIDATE not in actions.allowed(fixed, liaison)
    colleague = make.user(Role.LIAISON, department=careful)
    assert Step.VALIDATE in actions.allowed(fixed, colleague)
    assert make.take(fixed, Step.VALIDATE, actor=colleague).status == Status.RESOLVED


def test_who_validates_may_also_send_the_repair_back(careful):
    issue = make.issue(steps=[Step.START])
    make.take(issue, Step.FIX)
    colleague = make.user(Role.LIAISON, department=careful)

    assert Step.REOPEN in actions.allowed(Issue.objects.get(pk=issue.pk), colleague)
    back = make.take(issue, Step.REOPEN, actor=colleague)

    assert (back.status, back.department) == (Status.ASSIGNED, careful)


# The reporter -------------------------------------------------------------------------------


def test_the_reporters_yes_is_kept_once_and_closes_nothing():
    issue = make.issue(steps=[Step.RESOLVE])
    offered = Step.VALIDATE in actions.allowed(issue, None)

    yes = make.take(issue, Step.VALIDATE, note="")

    assert offered
    assert (yes.status, yes.closed_at) == (Status.RESOLVED, issue.closed_at)
    assert yes.confirmed_at == yes.changed_at
    assert Step.VALIDATE not in actions.allowed(yes, None)
    assert Step.REOPEN in actions.allowed(yes, None)
    with pytest.raises(StepNotAllowed):
        make.take(issue, Step.VALIDATE)


def test_a_yes_counts_for_the_repair_that_it_was_said_of():
    issue = make.issue(steps=[Step.RESOLVE, Step.VALIDATE, Step.REOPEN, Step.RESOLVE])

    assert issue.confirmed_at is None
    assert Step.VALIDATE in actions.allowed(issue, None)


def test_nobody_of_the_staff_says_yes_in_the_reporters_place():
    issue = make.issue(steps=[Step.RESOLVE])

    for person in (
        make.user(Role.DISPATCHER),
        make.user(Role.LIAISON, department=issue.department),
    ):
        assert Step.VALIDATE not in actions.allowed(issue, person)
        with pytest.raises(NotPermitted):
            make.take(issue, Step.VALIDATE, actor=person)
