"""What was held waits for a person of the city, and then goes on as if it had just come in."""

import pytest

from issues import actions
from issues.models import Event, Issue, PublicDetail, PublicIssue
from issues.workflow import Role, Status, Step
from tests import make


@pytest.fixture
def held(db):
    return make.issue(held=True)


@pytest.fixture
def dispatcher(held):
    return make.user(Role.DISPATCHER)


def steps(issue):
    return [Step(step) for step in issue.events.values_list("step", flat=True)]


def test_a_held_report_is_taken_in_and_goes_nowhere(held):
    assert (held.status, held.department) == (Status.SUBMITTED, None)
    assert not PublicIssue.objects.exists()
    assert not PublicDetail.objects.exists()


def test_a_look_of_the_dispatcher_sends_it_straight_to_work(held, dispatcher):
    issue = actions.take(held.pk, Step.VERIFY, actor=dispatcher)

    assert (issue.held, issue.status, issue.department.code) == (False, Status.ASSIGNED, "DISHUB")
    assert steps(issue) == [Step.SUBMIT, Step.VERIFY, Step.ASSIGN]
    assert PublicIssue.objects.get().department == issue.department


def test_a_review_lets_it_go_too(held, dispatcher):
    issue = actions.review(held.pk, actor=dispatcher, version=None, public_text="", released=[])

    assert (issue.held, issue.status) == (False, Status.ASSIGNED)
    assert Issue.objects.get().department.code == "DISHUB"


def test_the_department_that_a_person_chose_is_kept(held, dispatcher):
    other = make.department("PUPR")

    issue = actions.take(held.pk, Step.ASSIGN, actor=dispatcher, department=other)

    assert (issue.held, issue.department) == (False, other)
    assert steps(issue) == [Step.SUBMIT, Step.ASSIGN]


def test_a_kind_that_waits_for_a_person_waits_on(db):
    make.world()
    make.category("lainnya", fast_lane=False)
    held = make.issue(held=True, service_code="lainnya")

    issue = actions.take(held.pk, Step.VERIFY, actor=make.user(Role.DISPATCHER))

    assert (issue.held, issue.status, issue.department) == (False, Status.VERIFIED, None)


@pytest.mark.parametrize("step", [Step.NOTE, Step.COMMENT, Step.HIDE, Step.REJECT])
def test_no_other_step_shows_it_to_anybody(held, dispatcher, step):
    actions.take(held.pk, step, actor=dispatcher, note="Lihat dulu.")

    assert Issue.objects.get().held
    assert not PublicDetail.objects.exists()


def test_the_department_is_told_when_it_is_let_go(held, dispatcher):
    actions.take(held.pk, Step.VERIFY, actor=dispatcher)

    assert Event.objects.get(step=Step.ASSIGN).department.code == "DISHUB"
    assert Event.objects.get(step=Step.ASSIGN).role == Role.SYSTEM
