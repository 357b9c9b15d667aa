"""One decision on many issues: the preview tells each one's fate, and one press does no more."""

import pytest
from django.urls import reverse

from issues.forms.bulk import MOST
from issues.models import Event
from issues.workflow import Status, Step
from tests import make
from tests.issues import office

pytestmark = pytest.mark.django_db

BULK = "triage-bulk"


@pytest.fixture
def desk(client):
    make.world()
    make.rule("layanan", to="DISKOMINFO", service_code="layanan")
    return office.dispatcher(client)


def waiting():
    return make.issue(service_code="layanan-lambat")


def preview(client, issues, **fields):
    asked = {"pilih": [issue.number for issue in issues], "queue": "baru", **fields}
    return client.get(reverse(BULK), asked)


def go(client, page, **fields):
    """Press the button of a preview, as its page has it."""
    seen = [f"{one.issue.number}:{one.issue.version}" for one in page.context["lines"] if one.fits]
    return client.post(f"{reverse(BULK)}?queue=baru", {"seen": seen, **fields})


def told(page, name="lines"):
    return {line.issue.number: (line.fits, line.words) for line in page.context[name]}


def test_a_preview_says_what_will_happen_to_each_and_changes_nothing(desk):
    issue, lamp, verified = waiting(), make.issue(), make.take(waiting(), Step.VERIFY)
    before = Event.objects.count()

    page = preview(desk, [issue, lamp, verified], do="send")

    assert told(page) == {
        issue.number: (True, "diverifikasi, lalu ke Dinas Diskominfo"),
        lamp.number: (False, "tidak mungkin pada status “Didisposisikan”"),
        verified.number: (True, "diverifikasi, lalu ke Dinas Diskominfo"),
    }
    assert Event.objects.count() == before


def test_one_press_decides_each_by_itself(desk):
    issues = [waiting() for _ in range(3)]

    done = go(desk, preview(desk, issues, do="send"), do="send")

    assert [fits for fits, _words in told(done, "done").values()] == [True] * 3
    for issue in issues:
        found = office.fresh(issue)
        assert (found.status, found.department.code) == (Status.ASSIGNED, "DISKOMINFO")


def test_what_moved_on_since_the_preview_is_listed_and_not_touched(desk):
    moved, still = waiting(), waiting()
    fields = {"do": "reject", "note": "Bukan urusan kota."}
    page = preview(desk, [moved, still], **fields)
    make.take(moved, Step.NOTE)

    done = told(go(desk, page, **fields), "done")

    assert done[moved.number] == (False, "berubah sejak pratinjau: tidak disentuh")
    assert done[still.number][0]
    assert office.fresh(moved).status == Status.SUBMITTED
    assert office.fresh(still).status == Status.REJECTED
    assert still.events.last().note == "Bukan urusan kota."


@pytest.mark.parametrize(("do", "column"), [("confide", "confidential"), ("hide", "hidden")])
def test_many_are_kept_from_the_public(desk, do, column):
    issues = [make.issue(), waiting()]
    fields = {"do": do, "note": "Menyangkut anak."}

    go(desk, preview(desk, issues, **fields), **fields)
    again = preview(desk, issues, **fields)

    assert all(getattr(office.fresh(issue), column) for issue in issues)
    assert not any(fits for fits, _words in told(again).values())


def test_many_go_to_one_department(desk):
    issues = [waiting(), waiting()]
    fields = {"do": "assign", "department": make.department("PUPR").pk}

    go(desk, preview(desk, issues, **fields), **fields)

    assert {office.fresh(issue).department.code for issue in issues} == {"PUPR"}


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"do": "reject"}, "note"), ({"do": "assign"}, "department"), ({"do": "delete"}, "do")],
)
def test_what_a_decision_lacks_is_asked_for(desk, fields, field):
    page = preview(desk, [waiting()], **fields)

    assert page.status_code == 422
    assert field in page.context["form"].errors


def test_nothing_is_chosen_leads_back(desk):
    assert desk.get(reverse(BULK)).status_code == 302
    assert desk.post(reverse(BULK), {"do": "send"}).status_code == 302


def test_a_hundred_is_the_most(desk):
    numbers = [f"DPS-26-{n:06d}" for n in range(5000, 5300)]
    numbers[MOST:] = [waiting().number]

    page = desk.get(reverse(BULK), {"pilih": numbers, "do": "send"})

    assert len(numbers) == MOST + 1
    assert page.context["lines"] == []


def test_a_preview_costs_the_same_for_two_and_for_eight(desk, django_assert_max_num_queries):
    issues = [waiting() for _ in range(8)]
    preview(desk, issues[:2], do="send")

    with django_assert_max_num_queries(8):
        preview(desk, issues, do="send")
