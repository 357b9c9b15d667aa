"""One case, several departments: parts, their whole, and what the public hears of it."""

import pytest

from issues import actions, invariants
from issues.actions import parts
from issues.errors import MissingDuty, NotPermitted, StaleIssue, StepNotAllowed
from issues.models import Issue, PublicDetail, PublicIssue
from issues.workflow import Role, Status, Step
from tests import make
from tests.issues import office

pytestmark = pytest.mark.django_db


def dispatcher():
    return make.user(Role.DISPATCHER)


def divided(**fields):
    """A lamp that Dishub and PUPR repair together, Dishub directing."""
    issue = make.issue(**fields)
    two = [make.department("DISHUB"), make.department("PUPR")]
    return actions.split(issue.pk, two, actor=dispatcher(), version=issue.version)


def of(whole, code):
    return whole.parts.get(department__code=code)


def work(part, step, **fields):
    """Let the department of a part take a step on it."""
    someone = make.user(Role.LIAISON, department=part.department)
    return actions.take(part.pk, step, actor=someone, **fields)


def fresh(issue):
    return Issue.objects.get(pk=issue.pk)


def test_each_department_gets_a_part_and_the_first_one_directs():
    whole = divided()

    assert whole.department.code == "DISHUB"
    assert [part.number for part in whole.parts.order_by("pk")] == [
        f"{whole.number}-1",
        f"{whole.number}-2",
    ]
    assert {part.status for part in whole.parts.all()} == {Status.ASSIGNED}
    assert all(part.due_at == whole.due_at for part in whole.parts.all())


def test_the_public_knows_the_whole_only():
    whole = divided()

    assert list(PublicIssue.objects.values_list("number", flat=True)) == [whole.number]
    assert list(PublicDetail.objects.values_list("number", flat=True)) == [whole.number]


def test_the_whole_begins_with_its_first_part():
    whole = divided()

    work(of(whole, "PUPR"), Step.START)

    assert fresh(whole).status == Status.IN_PROGRESS


def test_the_whole_ends_with_its_last_part_and_says_who_did_it():
    whole = divided()

    work(of(whole, "PUPR"), Step.RESOLVE, note="Kabel diganti.")
    assert fresh(whole).status == Status.IN_PROGRESS
    work(of(whole, "DISHUB"), Step.RESOLVE, note="Lampu menyala.")

    assert fresh(whole).status == Status.RESOLVED
    assert "Pupr" in fresh(whole).events.last().note
    assert PublicDetail.objects.get().status == Status.RESOLVED


def test_what_a_department_answers_on_its_part_stands_on_the_public_page():
    whole = divided()

    work(of(whole, "PUPR"), Step.RESPOND, note="Galian ditutup besok.")

    notes = [entry["note"] for entry in PublicDetail.objects.get().timeline]
    assert "Galian ditutup besok." in notes


def test_without_anybody_who_did_it_the_whole_goes_back_to_triage():
    whole = divided()
    desk = dispatcher()

    for part in whole.parts.all():
        actions.take(part.pk, Step.REJECT, actor=desk, note="Ternyata tidak perlu.")

    assert (fresh(whole).status, fresh(whole).department) == (Status.SUBMITTED, None)


def test_a_part_that_is_opened_again_opens_the_whole():
    whole = divided()
    for code in ("PUPR", "DISHUB"):
        work(of(whole, code), Step.RESOLVE, note="Beres.")

    actions.take(
        of(whole, "PUPR").pk, Step.REOPEN, actor=dispatcher(), note="Galiannya ambles lagi."
    )

    assert fresh(whole).status == Status.ASSIGNED


def test_a_part_does_not_end_because_the_whole_did():
    whole = divided()

    actions.take(whole.pk, Step.WITHDRAW, actor=None)
    work(of(whole, "PUPR"), Step.START)

    assert fresh(whole).status == Status.WITHDRAWN
    assert of(whole, "PUPR").status == Status.IN_PROGRESS


@pytest.mark.parametrize("step", [Step.START, Step.RESOLVE, Step.REFUSE, Step.SPLIT])
def test_the_whole_waits_for_its_parts(step):
    whole = divided()
    someone = make.user(Role.LIAISON, department=whole.department)

    assert step not in actions.allowed(fresh(whole), someone)


def test_a_reporter_is_asked_on_the_whole_and_not_on_a_part():
    whole = divided()
    part = of(whole, "PUPR")
    someone = make.user(Role.LIAISON, department=part.department)

    assert Step.ASK not in actions.allowed(part, someone)
    with pytest.raises(StepNotAllowed):
        actions.take(part.pk, Step.ASK, actor=someone, note="Di mana?")


@pytest.mark.parametrize("codes", [["DISHUB"], ["DISHUB", "DISHUB"], []])
def test_one_department_is_no_division(codes):
    issue = make.issue()
    chosen = [make.department(code) for code in codes]

    with pytest.raises(MissingDuty):
        actions.split(issue.pk, chosen, actor=dispatcher(), version=issue.version)


def test_only_the_desk_divides_and_only_what_it_saw():
    issue = make.issue()
    two = [make.department("DISHUB"), make.department("PUPR")]
    liaison = make.user(Role.LIAISON, department=two[0])

    with pytest.raises(NotPermitted):
        actions.split(issue.pk, two, actor=liaison, version=issue.version)
    with pytest.raises(StaleIssue):
        actions.split(issue.pk, two, actor=dispatcher(), version=issue.version - 1)


def test_a_divided_issue_keeps_every_invariant():
    whole = divided()
    make.issue()
    work(of(whole, "PUPR"), Step.RESOLVE, note="Beres.")

    found = [str(one) for truth in invariants.TRUTHS for one in truth.find(None)]
    assert found == []


def test_what_is_confidential_is_so_in_every_part():
    whole = divided()

    actions.take(whole.pk, Step.CONFIDE, actor=dispatcher(), note="Menyangkut orang.")

    assert all(part.confidential for part in whole.parts.all())
    assert not PublicIssue.objects.exists()


def test_it_takes_another_to_disclose_what_somebody_made_confidential():
    issue = make.issue()
    first, second = dispatcher(), dispatcher()
    actions.take(issue.pk, Step.CONFIDE, actor=first, note="Menyangkut orang.")

    with pytest.raises(StepNotAllowed):
        actions.take(issue.pk, Step.DISCLOSE, actor=first, note="Keliru.")
    actions.take(issue.pk, Step.DISCLOSE, actor=second, note="Hanya lampu.")

    assert PublicIssue.objects.filter(pk=issue.pk).exists()


def test_nobody_discloses_what_the_reporter_wanted_kept():
    issue = make.issue(confidential=True)

    with pytest.raises(StepNotAllowed):
        actions.take(issue.pk, Step.DISCLOSE, actor=dispatcher(), note="Publik perlu tahu.")


def test_the_page_divides_an_issue(client):
    issue = make.issue()
    two = [make.department("DISHUB"), make.department("PUPR")]
    enter = office.dispatcher(client)
    page = f"/kerja/laporan/{issue.number}/bagi"

    few = enter.post(page, {"departments": [two[0].pk], "version": issue.version})
    done = enter.post(
        page,
        {
            "departments": [one.pk for one in two],
            "directing": two[1].pk,
            "note": "Bersama-sama.",
            "version": issue.version,
        },
    )

    assert (few.status_code, done.status_code) == (422, 302)
    assert fresh(issue).department == two[1]
    assert "Bagian tiap dinas" in enter.get(f"/kerja/laporan/{issue.number}").content.decode()


def test_the_smallest_division_has_two():
    assert parts.LEAST == 2
