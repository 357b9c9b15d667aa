"""In which roles a person stands to an issue: city, department, area, activity."""

import pytest

from issues import permissions
from issues.errors import NotPermitted
from issues.models import Issue, Membership
from issues.workflow import Role, Step
from tests import make

pytestmark = pytest.mark.django_db

DEPARTMENTAL = (Role.LIAISON, Role.CREW)
CITYWIDE = (Role.DISPATCHER, Role.LEADER, Role.ADMINISTRATOR)


@pytest.fixture
def issue():
    return make.issue()


def someone(role, **fields):
    of = fields.pop("of", None) or make.department("DISHUB")
    return make.user(role, department=of if role in DEPARTMENTAL else None, **fields)


@pytest.mark.parametrize("role", [*DEPARTMENTAL, *CITYWIDE])
def test_a_membership_of_the_place_gives_its_role(issue, role):
    assert permissions.roles(someone(role), issue) == {role}


def test_who_has_proved_the_secret_is_the_reporter(issue):
    assert permissions.roles(None, issue) == {Role.REPORTER}


def test_a_stranger_has_no_role(issue):
    assert permissions.roles(make.user(), issue) == frozenset()


@pytest.mark.parametrize("role", [*DEPARTMENTAL, *CITYWIDE])
def test_who_was_deactivated_has_no_role(issue, role):
    assert permissions.roles(someone(role, is_active=False), issue) == frozenset()


@pytest.mark.parametrize("role", DEPARTMENTAL)
def test_another_department_has_no_role(issue, role):
    other = someone(role, of=make.department("PUPR"))

    assert permissions.roles(other, issue) == frozenset()
    assert issue not in Issue.objects.visible_to(other)


@pytest.mark.parametrize("role", DEPARTMENTAL)
def test_a_department_that_has_lost_the_issue_has_no_role(issue, role):
    ours = someone(role)
    refused = make.take(issue, Step.REFUSE)

    assert permissions.roles(ours, refused) == frozenset()
    assert refused not in Issue.objects.visible_to(ours)


@pytest.mark.parametrize("role", CITYWIDE)
def test_another_city_has_no_role(issue, role):
    stranger = make.user()
    batu = make.city(slug="batu", prefix="KBT")
    Membership.objects.create(user=stranger, city=batu, role=role)

    assert permissions.roles(stranger, issue) == frozenset()
    assert issue not in Issue.objects.visible_to(stranger)


@pytest.mark.parametrize(
    ("area_code", "inside"), [("", True), ("1.2", True), ("1", True), ("1.1", False), ("2", False)]
)
def test_an_area_holds_its_villages(issue, area_code, inside):
    crew = someone(Role.CREW, area_code=area_code)

    assert (permissions.roles(crew, issue) == {Role.CREW}) == inside
    assert (issue in Issue.objects.visible_to(crew)) == inside


def test_without_an_area_of_its_own_an_issue_is_nobodys_of_an_area(issue):
    issue.jurisdiction = None

    assert permissions.roles(someone(Role.CREW, area_code="1"), issue) == frozenset()


def test_two_memberships_give_two_roles(issue):
    both = someone(Role.CREW)
    Membership.objects.create(user=both, city=make.city(), role=Role.DISPATCHER)

    assert permissions.roles(both, issue) == {Role.CREW, Role.DISPATCHER}
    assert permissions.role_for(issue, Step.NOTE, both) == Role.DISPATCHER


@pytest.mark.parametrize("role", [*DEPARTMENTAL, *CITYWIDE])
def test_who_may_not_take_a_step_is_told_so(issue, role):
    person = someone(role)
    refused = set(Step) - {Step.SUBMIT} - set(permissions.allowed(issue, person))

    for step in refused & {Step.HIDE, Step.REFUSE, Step.START, Step.REROUTE, Step.WITHDRAW}:
        with pytest.raises(NotPermitted):
            permissions.role_for(issue, step, person)


@pytest.mark.parametrize(
    ("role", "anonymous", "sees"),
    [
        (Role.DISPATCHER, True, True), (Role.DISPATCHER, False, True),
        (Role.LIAISON, False, True), (Role.LIAISON, True, False),
        (Role.CREW, False, False), (Role.CREW, True, False),
        (Role.LEADER, False, False), (Role.ADMINISTRATOR, False, False),
    ],
)  # fmt: skip
def test_who_reads_the_reporters_name(role, anonymous, sees):
    issue = make.issue(anonymous=anonymous)

    assert permissions.sees_identity(issue, someone(role)) == sees


@pytest.mark.parametrize("flag", ["anonymous", "confidential"])
def test_a_crew_reads_no_original_of_a_guarded_report(flag):
    crew = someone(Role.CREW)

    assert permissions.sees_original(make.issue(), crew)
    assert not permissions.sees_original(make.issue(**{flag: True}), crew)
