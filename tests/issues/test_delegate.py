"""A department gives its work to one of its own."""

import pytest

from issues import actions
from issues.errors import MissingDuty, NotPermitted, StaleIssue
from issues.models import Membership, Unit
from issues.workflow import Role, Step
from tests import make
from tests.issues import office

pytestmark = pytest.mark.django_db


def unit(code="DISHUB", **fields):
    return Unit.objects.create(
        department=make.department(code), code="regu-1", name="Regu 1", **fields
    )


def someone(role=Role.CREW, code="DISHUB", **fields):
    return make.user(role, department=make.department(code), **fields)


def give(issue, *, to_unit=None, person=None, **fields):
    values = {"actor": someone(Role.LIAISON), "version": issue.version}
    return actions.delegate(issue.pk, unit=to_unit, person=person, **(values | fields))


def test_a_unit_gets_the_work_and_the_event_says_who_had_it():
    issue = give(make.issue(), to_unit=unit(), note="Bawa tangga.")

    event = issue.events.last()
    assert (issue.unit.code, issue.assignee) == ("regu-1", None)
    assert (event.step, event.note) == (Step.DELEGATE, "Bawa tangga.")
    assert event.data["to"] == {"unit": "regu-1", "person": None}


def test_a_person_brings_the_unit_along():
    crew, regu = someone(), unit()
    Membership.objects.filter(user=crew).update(unit=regu)

    issue = give(make.issue(), person=crew)

    assert (issue.assignee, issue.unit) == (crew, regu)


def test_nobody_gets_it_back_to_the_whole_department():
    issue = give(make.issue(), to_unit=unit())

    issue = give(issue)

    assert (issue.unit, issue.assignee) == (None, None)


def test_another_departments_people_get_nothing():
    issue = make.issue()

    with pytest.raises(MissingDuty):
        give(issue, to_unit=unit("PUPR"))
    with pytest.raises(MissingDuty):
        give(issue, person=someone(code="PUPR"))
    with pytest.raises(MissingDuty):
        give(issue, person=someone(is_active=False))


def test_only_the_departments_liaison_gives_and_only_what_they_saw():
    issue = make.issue()

    with pytest.raises(NotPermitted):
        give(issue, actor=someone(Role.LIAISON, "PUPR"))
    with pytest.raises(NotPermitted):
        give(issue, actor=someone())
    with pytest.raises(StaleIssue):
        give(issue, version=issue.version - 1)


def test_the_page_gives_and_says_so(client):
    issue, regu = make.issue(), unit()
    liaison = office.liaison(client)
    page = f"/kerja/laporan/{issue.number}"

    assert "Regu 1" in liaison.get(page).content.decode()
    done = liaison.post(f"{page}/tugaskan", {"to": f"u{regu.pk}", "version": issue.version})
    wrong = liaison.post(f"{page}/tugaskan", {"to": "u0", "version": issue.version})

    assert (done.status_code, wrong.status_code) == (302, 302)
    assert office.fresh(issue).unit == regu
