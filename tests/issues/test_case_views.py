"""One issue at a desk: its buttons, its refusals, who sees its words, photos and reporter."""

from uuid import uuid4

import pytest
from django.urls import reverse

from issues import actions
from issues.models import PublicDetail, Sighting
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
    assert shown == set(allowed(issue, someone)) - ELSEWHERE - {Step.UNHIDE, Step.RESUME}


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
    assert office.words(response).count("autofocus") == 1
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

    office.enter(client, make.user(role, department=department))
    folded = office.words(client.get(case(issue)))
    asked = {"kind": "identity", "purpose": "contact", "reason": "Menanyakan letak tiang."}
    answer = client.post(reverse("unseal", args=[issue.number]), asked)
    page = office.words(client.get(case(issue)))

    assert not any(word in folded for word in contact.values())
    assert answer.status_code == (302 if seen else 404)
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
