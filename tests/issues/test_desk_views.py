from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from issues import actions
from issues.models import Category, PublicDetail, Sighting
from issues.permissions import allowed
from issues.views.steps import ELSEWHERE
from issues.workflow import Role, Status, Step
from tests import make
from tests.issues import office

pytestmark = pytest.mark.django_db


def case(issue):
    return reverse("case", args=[issue.number])


def send(client, issue, step, **fields):
    data = {"step": step, "version": issue.version, "photo_id": uuid4(), **fields}
    return client.post(reverse("step", args=[issue.number]), data)


def test_a_stranger_is_asked_to_log_in(client):
    make.world()

    response = client.get(reverse("desk"))

    assert response.status_code == 302
    assert response.url == f"{reverse('account_login')}?next={reverse('desk')}"


def test_the_desk_has_a_card_for_each_capacity(client):
    make.issue()
    dishub = make.department("DISHUB")
    someone = office.also(make.user(Role.DISPATCHER), Role.LIAISON, dishub)
    office.also(someone, Role.CREW, dishub)

    response = office.enter(client, someone).get(reverse("desk"))

    cards = {
        card.role: {tally.label: tally.count for tally in card.tallies}
        for card in response.context["cards"]
    }
    assert cards["admin koordinator"]["jalur cepat, belum dilihat"] == 1
    assert cards["admin penghubung"] == {
        "menunggu saya": 1,
        "belum dilihat": 1,
        "lewat batas waktu": 0,
        "terbuka": 1,
    }
    assert cards["petugas lapangan"]["terbuka di wilayah saya"] == 1


@pytest.mark.parametrize("name", ["desk", "board", "triage"])
def test_a_desk_page_costs_the_same_for_three_issues_and_for_twelve(
    client, name, django_assert_max_num_queries
):
    office.enter(client, office.also(make.user(Role.DISPATCHER), Role.CREW, make.department()))
    for _ in range(3):
        office.photo(make.issue())
    client.get(reverse(name))

    for _ in range(9):
        make.issue()

    with django_assert_max_num_queries(12):
        client.get(reverse(name))


@pytest.mark.parametrize("name", ["board", "triage", "crew", "case", "duplicates", "job"])
def test_no_page_of_staff_reads_the_drawing_of_an_area(client, name):
    office.enter(client, office.also(make.user(Role.DISPATCHER), Role.CREW, make.department()))
    issue = make.issue()
    make.issue()
    address = reverse(name, args=[issue.number] if name in {"case", "duplicates", "job"} else [])

    with CaptureQueriesContext(connection) as asked:
        response = client.get(address)

    assert response.status_code == 200
    assert not [one for one in asked.captured_queries if 'jurisdiction"."area"' in one["sql"]]


def test_the_board_of_a_department_holds_its_own_issues_only(client):
    make.rule("sampah", to="DLHK", service_code="sampah")
    make.category("sampah-liar")
    lamp = make.issue()
    make.issue(service_code="sampah-liar")

    response = office.liaison(client).get(reverse("board"))

    assert office.numbers(response) == [lamp.number]
    assert response.context["total"] == 1


@pytest.mark.parametrize(("area", "found"), [("1.2", True), ("1", True), ("2.1", False)])
def test_a_liaison_of_an_area_sees_that_area(client, area, found):
    issue = make.issue()

    response = office.liaison(client, area_code=area).get(reverse("board"))

    assert (issue.number in office.numbers(response)) is found


def test_the_soonest_due_stands_first_and_the_map_shows_the_same(client):
    now = timezone.now()
    later = make.issue(at=now)
    sooner = make.issue(at=now - timedelta(days=30))
    make.issue(at=now - timedelta(days=9), steps=[Step.RESOLVE])

    response = office.liaison(client).get(reverse("board"))

    assert office.numbers(response) == [sooner.number, later.number]
    marks = response.context["site"]["marks"]
    assert [mark["number"] for mark in marks] == [sooner.number, later.number]
    assert [mark["overdue"] for mark in marks] == [True, False]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"new", "seen", "late"}),
        ("layer=belum", {"new", "late"}),
        ("layer=respon,lapangan", {"seen"}),
        ("layer=respon&layer=selesai", {"seen", "done"}),
        ("overdue=1", {"late"}),
        ("unseen=1", {"new", "late"}),
        ("mine=1", {"new", "late"}),
        ("category=lpju", {"new", "seen", "late"}),
        ("category=layanan", set()),
        ("category=lpju-mati", {"new", "seen", "late"}),
        ("area=2.1", {"late"}),
        ("area=2", {"late"}),
        ("layer=ungu&area=zzz&after=nonsense_1", {"new", "seen", "late"}),
    ],
)
def test_the_address_bar_narrows_the_board(client, query, found):
    now = timezone.now()
    make.world()
    for code, leaf in (("lpju", "lpju-mati"), ("layanan", "layanan-lambat")):
        Category.objects.filter(service_code=leaf).update(parent=make.category(code))
    issues = {
        "new": make.issue(at=now),
        "seen": make.issue(at=now, steps=[Step.ACCEPT]),
        "late": make.issue(at=now - timedelta(days=40), lon=115.19, lat=-8.67),
        "done": make.issue(at=now, steps=[Step.RESOLVE]),
    }
    someone = make.user(Role.LIAISON, department=make.department())
    actions.see(issues["seen"], someone)

    response = office.enter(client, someone).get(f"{reverse('board')}?{query}")

    shown = set(office.numbers(response))
    assert shown == {issues[name].number for name in found}


def test_pages_follow_one_another_without_gap_or_overlap(client):
    at = timezone.now()
    made = [make.issue(at=at).number for _ in range(43)]
    office.liaison(client)

    first = client.get(reverse("board"))
    second = client.get(first.context["next_address"])

    assert office.numbers(first) + office.numbers(second) == made
    assert second.context["next_address"] == ""


def test_who_opens_an_issue_first_is_remembered(client):
    issue = make.issue()

    office.liaison(client).get(case(issue))
    client.get(case(issue))

    [sighting] = Sighting.objects.all()
    assert sighting.issue == issue
    assert "belum dilihat" not in office.words(client.get(reverse("board"))).split("</form>")[-1]


@pytest.mark.parametrize(
    "steps", [[], [Step.ACCEPT], [Step.START], [Step.ASK], [Step.FORWARD], [Step.RESOLVE]]
)
@pytest.mark.parametrize("role", [Role.DISPATCHER, Role.LIAISON, Role.LEADER])
def test_the_buttons_are_what_the_table_allows(client, steps, role):
    issue = make.issue(steps=steps)
    department = make.department() if role is Role.LIAISON else None
    someone = make.user(role, department=department)

    context = office.enter(client, someone).get(case(issue)).context

    shown = {form.step for form in context["quick"]}
    shown |= {form.step for group in context["groups"] for form in group.forms}
    assert shown == set(allowed(issue, someone)) - ELSEWHERE - {Step.UNHIDE}


def test_a_step_leads_back_to_the_issue(client):
    issue = make.issue()

    response = send(office.liaison(client), issue, Step.ACCEPT)

    assert (response.status_code, response.url) == (302, case(issue))
    assert office.fresh(issue).status == Status.RESPONDED


def test_a_refusal_leads_back_to_the_desk_and_tells_the_dispatcher_why(client):
    issue = make.issue()

    response = send(office.liaison(client), issue, Step.REFUSE, note="Tiang ini milik PLN.")

    assert response.url == reverse("desk")
    assert office.fresh(issue).status == Status.SUBMITTED
    assert client.get(case(issue)).status_code == 404


def test_the_form_of_a_refusal_names_the_second_choice(client):
    make.world()
    make.rule("kawasan", to="PELINDO", service_code="lpju", level=3, area_code="2.1")
    issue = make.issue()

    page = office.words(office.liaison(client).get(case(issue)))

    assert "Yang mungkin berwenang menurut rute: <strong>Pelindo</strong>" in page


def test_a_missing_reason_is_said_beside_the_form(client):
    issue = make.issue()

    response = send(office.liaison(client), issue, Step.REFUSE, note="  ")

    assert response.status_code == 422
    assert 'id="refuse_note_error"' in office.words(response)
    assert office.fresh(issue).version == issue.version


def test_a_step_too_late_shows_what_changed_and_what_was_typed(client):
    issue = make.issue()
    actions.take(issue.pk, Step.NOTE, actor=make.user(Role.DISPATCHER), note="Sudah ditelepon.")

    response = send(office.liaison(client), issue, Step.SCHEDULE, note="Regu B, Senin pagi.")

    page = office.words(response)
    assert response.status_code == 409
    assert "Sudah ditelepon." in page
    assert "Regu B, Senin pagi." in page
    assert office.fresh(issue).status == Status.ASSIGNED
    again = response.context["refused"]
    assert int(again["version"].value()) == office.fresh(issue).version


def test_words_survive_a_step_that_is_no_longer_possible(client):
    issue = make.issue()
    make.take(issue, Step.RESOLVE)

    response = send(office.liaison(client), issue, Step.SCHEDULE, note="Regu B, Senin pagi.")

    assert response.status_code == 409
    assert response.context["homeless"]
    assert "Regu B, Senin pagi." in office.words(response)


def test_a_photo_stays_when_its_step_came_too_late(client):
    issue = make.issue()
    make.take(issue, Step.NOTE)

    response = send(office.liaison(client), issue, Step.RESOLVE, photo=office.upload())

    assert response.status_code == 409
    assert issue.photos.filter(kind="after").count() == 1
    assert office.fresh(issue).status == Status.ASSIGNED


def test_a_file_that_is_no_photo_is_refused_beside_the_form(client):
    issue = make.issue()
    disguised = office.upload()
    disguised.file.seek(0)
    disguised.file.write(b"<svg onload=alert(1)>")
    disguised.file.seek(0)

    response = send(office.liaison(client), issue, Step.ATTACH, photo=disguised, kind="before")

    assert response.status_code == 422
    assert "attach_photo_error" in office.words(response)
    assert not issue.photos.exists()


def test_a_reused_key_of_a_photo_is_said_beside_the_form_and_the_words_stay(client):
    issue = make.issue()
    office.liaison(client)
    key = make.uuid(3)
    send(client, issue, Step.ATTACH, photo=office.upload("olive"), photo_id=key, kind="after")

    issue = office.fresh(issue)
    response = send(
        client, issue, Step.RESOLVE, photo=office.upload("red"), photo_id=key, note="Menyala."
    )

    page = office.words(response)
    assert response.status_code == 422
    assert "Foto belum tersimpan. Pilih foto itu sekali lagi, lalu kirim." in page
    assert "Menyala." in page
    assert str(key) not in page
    assert office.fresh(issue).status == issue.status


def test_a_note_is_cleaned_as_a_citizens_words_are(client):
    issue = make.issue()

    send(office.liaison(client), issue, Step.NOTE, note=" Stok\x00 habis\u202e. ")

    assert issue.events.last().note == "Stok habis."


@pytest.mark.parametrize(("role", "seen"), [(Role.LIAISON, True), (Role.LEADER, False)])
def test_answers_stand_beside_the_words(client, role, seen):
    issue = make.issue(answers={"kode tiang": "T-<17>", "berbahaya": True}, confidential=True)
    department = make.department() if role is Role.LIAISON else None
    office.enter(client, make.user(role, department=department))

    page = office.words(client.get(case(issue)))

    assert ("<dt>kode tiang</dt><dd>T-&lt;17&gt;</dd>" in page) == seen
    assert ("<dt>berbahaya</dt><dd>ya</dd>" in page) == seen


def test_a_photo_from_before_the_reopening_is_no_proof_for_the_form_either(client):
    issue = make.issue(steps=[Step.START])
    make.photo(issue, kind="after")
    make.take(issue, Step.RESOLVE, note="")
    make.take(issue, Step.REOPEN)

    response = send(office.liaison(client), office.fresh(issue), Step.RESOLVE)

    assert response.status_code == 422
    assert "Ambil foto sesudah perbaikan" in office.words(response)


def test_a_public_answer_is_public_and_an_internal_note_is_not(client):
    issue = make.issue()
    office.liaison(client)

    send(client, issue, Step.COMMENT, note="Teknisi datang besok.")
    send(client, office.fresh(issue), Step.NOTE, note="Stok lampu tinggal dua.")

    told = str(PublicDetail.objects.get(issue=issue).timeline)
    assert "Teknisi datang besok." in told
    assert "Stok lampu" not in told
    entries = client.get(case(issue)).context["entries"]
    assert [(entry.event.step, entry.readers) for entry in entries[-2:]] == [
        (Step.COMMENT, "public"),
        (Step.NOTE, "staff"),
    ]


@pytest.mark.parametrize(
    ("role", "anonymous", "seen"),
    [
        (Role.LIAISON, False, True),
        (Role.LIAISON, True, False),
        (Role.DISPATCHER, False, True),
        (Role.LEADER, False, False),
        (Role.ADMINISTRATOR, False, False),
    ],
)
def test_contact_is_shown_to_those_who_handle_the_issue(client, role, anonymous, seen):
    contact = {"name": "Ni Luh Kenari", "email": "kenari@example.com", "phone": "081299988877"}
    issue = make.issue(anonymous=anonymous, consent=True, **contact)
    department = make.department() if role is Role.LIAISON else None

    page = office.words(
        office.enter(client, make.user(role, department=department)).get(case(issue))
    )

    assert [(word in page) for word in contact.values()] == [seen] * 3


def test_contact_stays_hidden_where_the_reporter_did_not_agree(client):
    issue = make.issue(name="Ni Luh Kenari", consent=False)

    page = office.words(office.dispatcher(client).get(case(issue)))

    assert "Ni Luh Kenari" not in page


@pytest.mark.parametrize(
    ("someone", "status"),
    [
        (lambda: make.user(Role.DISPATCHER), 200),
        (lambda: make.user(Role.LIAISON, department=make.department()), 200),
        (lambda: make.user(Role.LIAISON, department=make.department("DLHK")), 404),
        (lambda: make.user(Role.CREW, department=make.department(), area_code="2.1"), 404),
        (make.user, 404),
    ],
)
def test_a_clean_photo_is_served_to_those_who_see_the_issue(client, someone, status):
    photo = office.photo(make.issue())
    address = reverse("staff-photo", args=[photo.pk, 0, "medium"])

    response = office.enter(client, someone()).get(address)
    response.close()

    assert response.status_code == status
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.parametrize(("generation", "size"), [(1, "large"), (0, "original"), (0, "huge")])
def test_no_other_file_of_a_photo_can_be_had(client, generation, size):
    photo = office.photo(make.issue())

    address = reverse("staff-photo", args=[photo.pk, generation, size])

    assert office.dispatcher(client).get(address).status_code == 404


def test_a_photo_that_nobody_has_cleaned_is_shown_to_nobody(client):
    issue = make.issue()
    raw = actions.attach(issue.pk, office.picture(), photo_id=uuid4())
    office.dispatcher(client)

    address = reverse("staff-photo", args=[raw.pk, 0, "large"])

    assert client.get(address).status_code == 404
    assert str(raw.pk) not in office.words(client.get(case(issue)))


def test_an_issue_of_another_city_does_not_exist_here(client):
    elsewhere = make.user(Role.DISPATCHER)
    other = make.city(slug="kota-batu", prefix="BTU", name="Kota Batu", short_name="Batu")
    elsewhere.memberships.update(city=other)
    issue = make.issue()

    response = office.enter(client, office.also(elsewhere, Role.LEADER)).get(case(issue))
    elsewhere.memberships.filter(role=Role.LEADER).delete()

    assert response.status_code == 200
    assert client.get(case(issue)).status_code == 404


def test_a_liaison_who_is_crew_elsewhere_gets_no_case_there(client):
    make.rule("sampah", to="DLHK", service_code="sampah")
    make.category("sampah-liar")
    waste = make.issue(service_code="sampah-liar")
    someone = make.user(Role.LIAISON, department=make.department())
    office.also(someone, Role.CREW, make.department("DLHK"))

    office.enter(client, someone)

    assert waste.number not in office.numbers(client.get(reverse("board")))
    assert client.get(case(waste)).status_code == 404
