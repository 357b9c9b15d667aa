"""Two of the desk at once: whoever comes second reads both texts, and sends theirs once more."""

import re
from uuid import uuid4

import pytest
from django.urls import reverse

from issues.models import Issue
from issues.workflow import Role, Status, Step
from tests import make
from tests.issues import office

pytestmark = pytest.mark.django_db

THEIRS = "Sudah ditelepon: tiang di depan sekolah."


@pytest.fixture
def desk(client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    make.world()
    make.rule("layanan", to="DISKOMINFO", service_code="layanan")
    return office.dispatcher(client)


def meanwhile(issue):
    """A colleague was faster."""
    make.take(issue, Step.NOTE, note=THEIRS)


def both(page):
    """What the component shows: one's own words, those of the others, the form that sends again."""
    text = office.words(page)
    yours = re.search(r"data-yours>(.*?)data-theirs", text, re.DOTALL)
    theirs = re.search(r"data-theirs>(.*?)</ul>", text, re.DOTALL)
    again = re.search(r'form="([\w-]+)">\s*Kirim tetap', text)
    return (yours and yours[1]) or "", (theirs and theirs[1]) or "", again and again[1]


def check(page, mine, form):
    yours, theirs, again = both(page)
    assert page.status_code == 409
    assert mine in yours
    assert THEIRS in theirs
    assert again == form
    assert f'id="{form}"' in office.words(page)


STEPS = [
    (Step.ASSIGN, {"note": "Tolong segera."}, "Tolong segera."),
    (Step.ASK, {"note": "Tiang yang mana?"}, "Tiang yang mana?"),
    (Step.REJECT, {"note": "Bukan urusan kota."}, "Bukan urusan kota."),
    (Step.CONFIDE, {"note": "Menyangkut anak."}, "Menyangkut anak."),
]


@pytest.mark.parametrize("door", ["triage-step", "step"])
@pytest.mark.parametrize(("step", "fields", "mine"), STEPS)
def test_a_step_too_late_shows_both_texts_and_is_sent_once_more(desk, door, step, fields, mine):
    issue = make.issue(service_code="layanan-lambat")
    address = reverse(door, args=[issue.number])
    data = {"step": step, "photo_id": uuid4(), "department": make.department("PUPR").pk, **fields}
    data["queue"] = "baru"
    meanwhile(issue)

    page = desk.post(address, data | {"version": issue.version})
    check(page, mine, f"form-{step}")
    again = desk.post(address, data | {"version": office.fresh(issue).version})

    assert again.status_code == 302
    assert office.fresh(issue).events.last().note == mine


def test_one_press_too_late_shows_what_happened(desk):
    issue = make.issue(service_code="layanan-lambat")
    data = {"step": "send", "department": make.department("DISKOMINFO").pk, "queue": "baru"}
    address = reverse("triage-step", args=[issue.number])
    meanwhile(issue)

    page = desk.post(address, data | {"version": issue.version})
    check(page, "Dinas Diskominfo", "send")
    desk.post(address, data | {"version": office.fresh(issue).version})

    assert office.fresh(issue).status == Status.ASSIGNED


def test_what_is_not_possible_any_more_keeps_the_words_and_offers_no_button(desk):
    issue = make.issue(service_code="layanan-lambat")
    make.take(issue, Step.REJECT, note=THEIRS)
    data = {"step": Step.ASK, "note": "Tiang yang mana?", "version": issue.version, "queue": "baru"}

    page = desk.post(reverse("triage-step", args=[issue.number]), data)

    yours, theirs, again = both(page)
    assert page.status_code == 409
    assert "Tiang yang mana?" in yours
    assert THEIRS in theirs
    assert again is None


def larger(name, issue):
    """The address of a larger decision, what is typed there, how that reads, and the form's id."""
    if name == "review":
        return "review", {"public_text": "Lampu mati di tikungan."}, "Lampu mati di tikungan."
    if name == "classify":
        return "kind", {"service_code": "lpju-mati"}, "Lpju Mati"
    if name == "split":
        keys = [make.department(one).pk for one in ("PUPR", "DISHUB")]
        return "split", {"departments": keys, "note": "Bersama."}, "Dinas Pupr, Dinas Dishub"
    return (
        "merge",
        {"original": make.issue().number, "note": "Lampu yang sama."},
        "Lampu yang sama.",
    )


@pytest.mark.parametrize("name", ["review", "classify", "split", "duplicates"])
def test_a_larger_decision_too_late_shows_both_texts_and_is_sent_once_more(desk, name):
    issue = make.issue(service_code="layanan-lambat")
    form, data, mine = larger(name, issue)
    address = reverse(name, args=[issue.number])
    meanwhile(issue)

    page = desk.post(address, data | {"version": issue.version})
    check(page, mine, f"form-{form}")
    again = desk.post(address, data | {"version": office.fresh(issue).version})

    assert again.status_code == 302
    assert office.fresh(issue).version > issue.version + 1


def test_a_redaction_too_late_shows_both_and_is_sent_once_more(desk):
    issue = make.issue()
    photo = office.photo(issue)
    issue = office.fresh(issue)
    sides = {"box-0-x": 10, "box-0-y": 20, "box-0-w": 30, "box-0-h": 40}
    data = {"box-TOTAL_FORMS": 8, "box-INITIAL_FORMS": 0, **sides}
    address = reverse("redact", args=[photo.pk])
    meanwhile(issue)

    page = desk.post(address, data | {"version": issue.version})
    check(page, "10% · 20% · 30% · 40%", "form-redact")
    assert photo.issue.photos.get().generation == 0
    again = desk.post(address, data | {"version": office.fresh(issue).version})

    assert again.status_code == 302
    assert photo.issue.photos.get().generation == 1


def test_the_second_reviewer_reads_the_text_of_the_first(desk, django_user_model):
    issue = make.issue()
    other = office.enter(type(desk)(), make.user(Role.DISPATCHER))
    address = reverse("review", args=[issue.number])
    other.post(address, {"version": issue.version, "public_text": "Lampu padam di depan sekolah."})

    page = desk.post(address, {"version": issue.version, "public_text": "Lampu mati."})

    yours, theirs, _again = both(page)
    assert "Lampu mati." in yours
    assert "Lampu padam di depan sekolah." in theirs
    assert Issue.objects.get().public_text == "Lampu padam di depan sekolah."
