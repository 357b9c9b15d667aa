"""Steps on real rows: every reachable cell of the table, duties, ways back, races."""

import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from issues import actions, permissions
from issues.actions import record
from issues.errors import (
    IssueError,
    MissingDuty,
    StaleIssue,
    StepNotAllowed,
    UnknownIssue,
)
from issues.models import Event, Issue, PublicDetail, PublicIssue, Sighting
from issues.workflow import CLOSED, LAYER, ON_THEIR_OWN, TABLE, Layer, Role, Status, Step
from tests import make

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 3, 2, 3, tzinfo=UTC)

WAY: dict[Status, tuple[Step, ...]] = {
    Status.SUBMITTED: (Step.REFUSE,),
    Status.VERIFIED: (Step.REFUSE, Step.VERIFY),
    Status.ASSIGNED: (),
    Status.RESPONDED: (Step.RESPOND,),
    Status.SCHEDULED: (Step.SCHEDULE,),
    Status.IN_PROGRESS: (Step.START,),
    Status.NEEDS_INFO: (Step.ASK,),
    Status.FORWARDED: (Step.FORWARD,),
    Status.FIXED: (Step.FIX,),
    Status.RESOLVED: (Step.RESOLVE,),
    Status.REJECTED: (Step.REJECT,),
    Status.DUPLICATE: (Step.MERGE,),
    Status.WITHDRAWN: (Step.WITHDRAW,),
}
"""How a lamp that went straight to its department gets to each status."""


def at_status(status: Status) -> Issue:
    issue = make.issue()
    for step in WAY[status]:
        issue = make.take(issue, step, **extras(step))
    assert issue.status == status
    return issue


def extras(step: Step) -> dict[str, object]:
    if step is Step.MERGE:
        return {"original": make.issue()}
    if step is Step.REROUTE:
        return {"department": make.department("PUPR")}
    return {}


CELLS = [cell for cell in TABLE if cell[1] not in ON_THEIR_OWN | {Step.DISCLOSE}]
WITHDRAWN_FROM_VIEW = {Step.HIDE, Step.CONFIDE}


@pytest.mark.parametrize(("status", "step"), CELLS)
def test_every_cell_of_the_table_can_be_taken_and_holds_together(status, step):
    issue = at_status(status)
    if step is Step.RESUME:
        make.take(issue, Step.PAUSE)

    moved = make.take(issue, step, **extras(step))

    # A call for the office raises a flag of its own.
    last = moved.events.exclude(step=Step.FLAG).last()
    assert moved.version == moved.events.count() == moved.events.last().seq
    assert (moved.status, last.step) == (last.status, step)
    assert (moved.status in CLOSED) == (moved.closed_at is not None)
    layer = LAYER[Status(moved.status)]
    rows = PublicIssue.objects.filter(pk=issue.pk, layer=layer)
    assert rows.exists() == (layer is not None and step not in WITHDRAWN_FROM_VIEW)
    is_shown = PublicDetail.objects.filter(pk=issue.pk).exists()
    assert is_shown == (step not in WITHDRAWN_FROM_VIEW)


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("step", sorted(ON_THEIR_OWN))
def test_steps_with_actions_of_their_own_are_no_bare_steps(status, step):
    issue = at_status(status)

    with pytest.raises(StepNotAllowed):
        make.take(issue, step)


@pytest.mark.parametrize("status", Status)
def test_what_is_not_in_the_table_cannot_be_done(status):
    issue = at_status(status)
    version = issue.version

    for step in set(Step) - {step for here, step in TABLE if here == status}:
        with pytest.raises(StepNotAllowed):
            make.take(issue, step, **extras(step))

    assert Issue.objects.get(pk=issue.pk).version == version


# Duties --------------------------------------------------------------------------------------


@pytest.mark.parametrize("note", ["", "  \n\t "])
@pytest.mark.parametrize(
    ("status", "step"),
    [
        (Status.ASSIGNED, Step.REFUSE),
        (Status.ASSIGNED, Step.RESPOND),
        (Status.ASSIGNED, Step.ASK),
        (Status.ASSIGNED, Step.REJECT),
        (Status.ASSIGNED, Step.HIDE),
        (Status.RESOLVED, Step.REOPEN),
        (Status.NEEDS_INFO, Step.ANSWER),
        (Status.IN_PROGRESS, Step.RESOLVE),
    ],
)
def test_a_step_that_demands_words_gets_none_and_changes_nothing(status, step, note):
    issue = at_status(status)

    with pytest.raises(MissingDuty):
        make.take(issue, step, note=note)

    assert Issue.objects.get(pk=issue.pk).version == issue.version


def test_a_department_of_another_city_or_out_of_service_gets_nothing():
    issue = at_status(Status.SUBMITTED)
    elsewhere = make.department("DISHUB", city=make.city(slug="batu", prefix="KBT"))
    closed = make.department("LAMA", active=False)

    for department in (elsewhere, closed, None):
        with pytest.raises(MissingDuty):
            make.take(issue, Step.ASSIGN, department=department)


# Ways back -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "before", sorted({here for here, step in TABLE if step is Step.ASK}, key=list(Status).index)
)
def test_an_answer_leads_back_to_where_the_question_was_asked(before):
    issue = at_status(before)
    make.take(issue, Step.ASK)
    make.take(issue, Step.NOTE)

    assert make.take(issue, Step.ANSWER).status == before


def test_an_answer_after_a_merger_and_back_leads_to_before_the_question():
    issue = make.issue(steps=[Step.START, Step.ASK])
    make.take(issue, Step.MERGE, original=make.issue())
    make.take(issue, Step.UNMERGE)

    assert make.take(issue, Step.ANSWER).status == Status.IN_PROGRESS


@pytest.mark.parametrize("before", sorted({here for here, step in TABLE if step is Step.MERGE}))
def test_unmerging_restores_status_department_and_public_row(before):
    issue = at_status(before)
    was = PublicIssue.objects.values().get(pk=issue.pk)
    make.take(issue, Step.MERGE, original=make.issue())
    make.take(issue, Step.NOTE)
    gone = PublicIssue.objects.filter(pk=issue.pk).exists()

    back = make.take(issue, Step.UNMERGE)

    assert not gone
    assert (back.status, back.department, back.closed_at) == (before, issue.department, None)
    assert back.merged_into is None
    assert PublicIssue.objects.values().get(pk=issue.pk) | {"changed_at": None} == was | {
        "changed_at": None
    }


def test_a_refusal_leads_to_triage_and_tells_who_refused():
    issue = make.issue(steps=[Step.REFUSE])

    told = PublicDetail.objects.get(pk=issue.pk).timeline[-1]
    assert (issue.status, issue.department, issue.assignee) == (Status.SUBMITTED, None, None)
    assert (told["step"], told["department"]) == ("refuse", "Dishub")
    assert PublicIssue.objects.get(pk=issue.pk).department is None


# Duplicates ----------------------------------------------------------------------------------


def test_a_duplicate_points_to_its_original_while_the_public_may_see_that():
    original, issue = make.issue(), make.issue()
    make.take(issue, Step.MERGE, original=original)

    def pointer():
        return PublicDetail.objects.get(pk=issue.pk).original

    assert pointer() == original.number
    make.take(original, Step.HIDE)
    assert pointer() == ""
    make.take(issue, Step.NOTE)
    assert pointer() == ""
    make.take(original, Step.UNHIDE)
    assert pointer() == original.number


def test_a_duplicate_of_a_confidential_issue_points_nowhere():
    issue = make.issue()

    make.take(issue, Step.MERGE, original=make.issue(confidential=True))

    assert PublicDetail.objects.get(pk=issue.pk).original == ""


def test_an_original_must_fit():
    issue, original = make.issue(), make.issue()
    duplicate = make.take(make.issue(), Step.MERGE, original=original)
    stale = Issue.objects.get(pk=original.pk)
    make.take(original, Step.NOTE)

    for unfit in (issue, duplicate, None):
        with pytest.raises(MissingDuty):
            make.take(issue, Step.MERGE, original=unfit)
    with pytest.raises(MissingDuty):
        make.take(original, Step.MERGE, original=issue)
    assert make.take(issue, Step.MERGE, original=stale).merged_into == original


# Sightings -----------------------------------------------------------------------------------


def test_the_first_look_of_the_department_is_kept_and_nobody_elses():
    issue = make.issue()
    ours = make.user(Role.LIAISON, department=make.department("DISHUB"))

    for person in (ours, ours, make.user(Role.DISPATCHER), make.user()):
        actions.see(issue, person, at=MONDAY)
    actions.see(issue, ours, at=MONDAY + timedelta(days=1))

    assert list(Sighting.objects.values_list("user", "at")) == [(ours.pk, MONDAY)]


# Races ---------------------------------------------------------------------------------------


def in_threads(*bodies):
    """Run each in a thread with a connection of its own; return results and errors in order."""

    def run(body):
        try:
            return body()
        except IssueError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(bodies)) as pool:
        return [one.result(timeout=30) for one in [pool.submit(run, body) for body in bodies]]


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_saw_the_same_version_exactly_one_wins():
    issue = make.issue()
    people = [make.user(Role.DISPATCHER) for _ in range(8)]

    def step(person):
        return lambda: actions.take(
            issue.pk, Step.RESPOND, actor=person, version=issue.version, note="ya"
        )

    answers = in_threads(*map(step, people))

    assert sum(isinstance(answer, Issue) for answer in answers) == 1
    stale = [answer for answer in answers if isinstance(answer, StaleIssue)]
    assert {answer.current_version for answer in stale} == {issue.version + 1}
    assert len(stale) == 7


@pytest.mark.django_db(transaction=True)
def test_two_issues_merged_into_each_other_at_once_make_no_circle():
    one, other = make.issue(), make.issue()
    person = make.user(Role.DISPATCHER)

    answers = in_threads(
        lambda: actions.take(one.pk, Step.MERGE, actor=person, original=other),
        lambda: actions.take(other.pk, Step.MERGE, actor=person, original=one),
    )

    assert sorted(type(answer).__name__ for answer in answers) == ["Issue", "MissingDuty"]
    assert Issue.objects.filter(status=Status.DUPLICATE).count() == 1


def somebody_waits_for_us() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_who_waited_for_the_lock_reads_what_the_other_has_changed():
    issue = make.issue()
    elsewhere = make.department("PUPR")
    read: list[Issue] = []

    def wait():
        with transaction.atomic():
            read.append(record.lock(issue.pk))
        connection.close()

    with transaction.atomic():
        make.take(issue, Step.REROUTE, department=elsewhere)
        waiting = threading.Thread(target=wait)
        waiting.start()
        while not somebody_waits_for_us():
            pass
    waiting.join()

    assert read[0].department == elsewhere


def test_an_unknown_issue_is_said():
    with pytest.raises(UnknownIssue):
        actions.take(0, Step.NOTE, actor=None, note="x")


# What an event leaves ------------------------------------------------------------------------


def test_events_are_only_added():
    issue = make.issue()

    for change in (lambda: Event.objects.update(note="x"), lambda: Event.objects.all().delete()):
        with pytest.raises(Exception, match="append"), transaction.atomic():
            change()

    assert issue.events.first().note == ""


def test_every_event_hangs_on_the_one_before():
    issue = make.issue(steps=[Step.START, Step.NOTE, Step.RESOLVE])

    before = issue.body_hash
    for event in issue.events.order_by("seq"):
        assert event.previous_hash == before
        assert event.hash == record.digest(event)
        before = event.hash


def test_an_overdue_issue_is_marked_by_its_next_event_and_cleared_by_its_last():
    issue = make.issue(at=MONDAY)
    late = MONDAY + make.days(30)

    make.take(issue, Step.START, at=late)
    marked = PublicIssue.objects.get(pk=issue.pk).overdue
    make.take(issue, Step.RESOLVE, at=late)

    assert marked
    assert not PublicIssue.objects.get(pk=issue.pk).overdue


def names(steps: Iterable[Step]) -> set[str]:
    return {step.value for step in steps}


def test_a_crew_gets_the_buttons_of_a_crew():
    issue = make.issue()
    crew = make.user(Role.CREW, department=issue.department)

    assert names(permissions.allowed(issue, crew)) == {
        "accept",
        "start",
        "resolve",
        "note",
        "attach",
        "travel",
        "not_found",
        "help",
        "flag",
        "undo",
        "write",
    }
    assert PublicIssue.objects.get(pk=issue.pk).layer == Layer.WAITING
