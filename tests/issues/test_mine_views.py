"""One's own reports: by the account, by this browser, by a proved address; nobody else's."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from issues import actions
from issues.models import Issue, Reporter, User
from issues.workflow import Role, Status, Step
from tests import make
from tests.issues.citizen import opened, reply, text

EMAIL = "wayan@warga.example"


@pytest.fixture(autouse=True)
def _world(db):
    make.world()


@pytest.fixture
def citizen():
    return Client()


def enter(citizen, address=EMAIL):
    citizen.post("/masuk", {"alamat": address})
    found = re.search(r"\b\d{6}\b", mail.outbox[-1].body)[0]
    citizen.post("/masuk/kode", {"kode": found})
    return User.objects.get(email=address)


def mine(citizen):
    return re.findall(r"DPS-26-\d{6}(?=</span>)", text(citizen.get("/saya")))


def test_a_stranger_sees_nobodys_reports(citizen):
    make.issue(email=EMAIL)

    assert mine(citizen) == []


def test_this_browser_shows_what_it_has_opened(citizen):
    issue, _other = make.issue(), make.issue()
    opened(citizen, issue)

    assert mine(citizen) == [issue.number]


def test_reports_with_ones_address_are_ones_own_after_the_log_in(citizen):
    issue = make.issue(email="Wayan@Warga.example", confidential=True)
    make.issue(email="lain@warga.example")

    enter(citizen)

    assert mine(citizen) == [issue.number]


def test_what_is_anothers_stays_anothers(citizen):
    other = enter(Client(), "lain@warga.example")
    issue = make.issue(email=EMAIL, user=other)

    enter(citizen)

    assert mine(citizen) == []
    assert Reporter.objects.get(pk=issue.pk).user == other


def test_by_a_number_no_confidential_report_is_found():
    open_one = make.issue(phone="0812 3456 7890".replace(" ", ""))
    make.issue(phone="081234567890", confidential=True)
    user = make.user()
    user.phone, user.phone_verified, user.email = "+6281234567890", True, ""
    user.save()

    assert actions.claim_proved(user) == 1
    assert Reporter.objects.get(user=user).pk == open_one.pk


def test_an_unproved_number_finds_nothing():
    make.issue(phone="081234567890")
    user = make.user()
    user.phone = "+6281234567890"
    user.save()

    assert actions.claim_proved(user) == 0


def test_a_secret_link_is_kept_in_the_account_with_one_tap(citizen):
    issue = make.issue()
    user = enter(citizen)
    opened(citizen, issue)

    assert "Simpan ke akun saya" in text(citizen.get("/saya"))
    citizen.post(reverse("claim", args=[issue.number]))

    assert Reporter.objects.get(pk=issue.pk).user == user
    elsewhere = Client()
    enter(elsewhere)
    assert mine(elsewhere) == [issue.number]


def test_an_unproved_report_is_not_there(citizen):
    issue = make.issue()
    enter(citizen)

    theirs = citizen.post(reverse("claim", args=[issue.number]))
    nobodys = citizen.post(reverse("claim", args=["DPS-26-999999"]))

    assert (theirs.status_code, nobodys.status_code) == (404, 404)


def test_the_old_link_works_on_after_the_claim(citizen):
    issue = make.issue(email=EMAIL)
    enter(citizen)

    assert opened(Client(), issue).status_code == 302


def test_an_account_opens_its_reports_on_any_phone_and_no_other(citizen):
    issue, other = make.issue(email=EMAIL, confidential=True), make.issue(confidential=True)
    enter(citizen)

    assert citizen.get(reverse("tracked", args=[issue.number])).status_code == 200
    assert citizen.get(reverse("tracked", args=[other.number])).status_code == 302
    assert citizen.get(reverse("contact", args=[other.number])).status_code == 302


def test_after_the_log_out_nothing_is_left(citizen):
    issue = make.issue(email=EMAIL)
    enter(citizen)
    citizen.post("/akun/logout/")

    assert mine(citizen) == []
    assert citizen.get(reverse("tracked", args=[issue.number])).status_code == 302


def test_another_citys_reports_are_not_here(citizen):
    issue = make.issue(email=EMAIL)
    enter(citizen)
    Issue.objects.filter(pk=issue.pk).update(city=make.city(slug="batu", prefix="KBT"))

    assert mine(citizen) == []


def test_a_question_of_the_city_stands_first(citizen):
    asked = make.issue(email=EMAIL)
    newer = make.issue(email=EMAIL)
    make.take(asked, Step.ASK, note="Tiang yang mana?")
    enter(citizen)

    assert mine(citizen) == [asked.number, newer.number]
    assert "Kota bertanya kepada Anda" in text(citizen.get("/saya"))


def test_a_card_says_where_it_waits_and_who_refused(citizen):
    issue = make.issue(email=EMAIL)
    make.take(issue, Step.REFUSE, note="Jalan ini milik provinsi.")
    enter(citizen)

    page = text(citizen.get("/saya"))

    assert "Menunggu tim koordinator memilih dinas yang tepat" in page
    assert "Jalan ini milik provinsi." in page
    assert "Dinas Dishub" in page


def test_a_closed_report_says_who_closed_it_and_why(citizen):
    issue = make.issue(email=EMAIL)
    make.take(issue, Step.REJECT, note="Ini tanah pribadi.")
    enter(citizen)

    assert "Ini tanah pribadi." in text(citizen.get("/saya"))


def test_a_held_report_says_that_it_waits_for_a_look(citizen):
    issue = make.issue(held=True)
    opened(citizen, issue)

    assert "Menunggu pemeriksaan" in text(citizen.get("/saya"))
    assert "Menunggu pemeriksaan" in text(citizen.get(reverse("tracked", args=[issue.number])))


@pytest.mark.parametrize("status", list(Status))
def test_every_status_has_its_sentence(citizen, status):
    from issues.views.waiting import waiting  # noqa: PLC0415  the only test that asks it directly

    issue = make.issue()
    issue.status = status

    assert "%" not in waiting(issue, None).where


def test_the_list_asks_the_database_few_questions(citizen, django_assert_max_num_queries):
    for _ in range(10):
        make.issue(email=EMAIL)
    enter(citizen)
    citizen.get("/saya")

    with django_assert_max_num_queries(8):
        citizen.get("/saya")


# What the reporter does ----------------------------------------------------------------------


def test_words_are_added_and_read_by_the_office(citizen):
    issue = make.issue()
    opened(citizen, issue)

    response = reply(citizen, issue, Step.ADD, note="Sekarang dua tiang yang mati.")

    assert response.status_code == 302
    event = issue.events.get(step=Step.ADD)
    assert (event.note, event.role, event.status) == (
        "Sekarang dua tiang yang mati.", Role.REPORTER, issue.status)  # fmt: skip


def test_words_that_are_added_never_collide_with_the_staff(citizen):
    issue = make.issue()
    opened(citizen, issue)
    make.take(issue, Step.ACCEPT)

    response = citizen.post(
        reverse("tracked", args=[issue.number]), {"step": "add", "version": 1, "note": "Masih."}
    )

    assert response.status_code == 302


def test_one_tap_rates_and_the_last_one_counts(citizen):
    issue = make.issue(steps=[Step.START, Step.RESOLVE])
    opened(citizen, issue)

    for stars in ("2", "5"):
        assert reply(citizen, issue, Step.RATE, stars=stars).status_code == 302

    assert actions.rating(issue) == 5
    assert "Penilaian Anda: 5 dari 5" in text(citizen.get(reverse("tracked", args=[issue.number])))


@pytest.mark.parametrize("stars", ["0", "6", "x", ""])
def test_there_are_one_to_five_stars(citizen, stars):
    issue = make.issue(steps=[Step.START, Step.RESOLVE])
    opened(citizen, issue)

    assert reply(citizen, issue, Step.RATE, stars=stars).status_code == 422


def test_what_is_not_done_is_not_rated(citizen):
    issue = make.issue()
    opened(citizen, issue)

    assert reply(citizen, issue, Step.RATE, stars="5").status_code == 422


def correct(citizen, issue, **fields):
    given = {"name": "Wayan", "email": EMAIL, "phone": "0812"} | fields
    return citizen.post(reverse("contact", args=[issue.number]), given)


def test_name_and_number_are_corrected_and_the_event_holds_no_word_of_them(citizen):
    issue = make.issue(name="Wayn", email=EMAIL, phone="0811")
    opened(citizen, issue)

    correct(citizen, issue)

    reporter = Reporter.objects.get(pk=issue.pk)
    event = issue.events.get(step=Step.CORRECT)
    assert (reporter.name, reporter.phone) == ("Wayan", "0812")
    assert (event.data, event.note) == ({"fields": ["name", "phone"]}, "")


def test_a_new_mail_address_counts_once_it_is_proved_and_the_old_one_is_told(citizen):
    issue = make.issue(email=EMAIL)
    opened(citizen, issue)

    correct(citizen, issue, name="", phone="", email="baru@warga.example")
    assert Reporter.objects.get(pk=issue.pk).email == EMAIL
    found = re.search(r"\b\d{6}\b", mail.outbox[-1].body)[0]
    citizen.post("/masuk/kode", {"kode": found})

    assert Reporter.objects.get(pk=issue.pk).email == "baru@warga.example"
    assert mail.outbox[-1].to == [EMAIL]


def test_a_mail_address_is_taken_back(citizen):
    issue = make.issue(email=EMAIL)
    opened(citizen, issue)

    correct(citizen, issue, name="", phone="", email="")

    assert Reporter.objects.get(pk=issue.pk).email == ""


def test_what_is_the_same_leaves_no_event(citizen):
    issue = make.issue(name="Wayan", email=EMAIL, phone="0812")
    opened(citizen, issue)

    correct(citizen, issue)

    assert not issue.events.filter(step=Step.CORRECT).exists()


def test_a_broken_address_is_told_beside_its_field(citizen):
    issue = make.issue()
    opened(citizen, issue)

    assert correct(citizen, issue, email="bukan").status_code == 422


def test_a_phone_may_keep_where_ones_own_reports_stand_but_nothing_confidential(client):
    make.world()
    shown, secret = make.issue(), make.issue()
    Issue.objects.filter(pk=secret.pk).update(confidential=True)
    for issue in (shown, secret):
        client.post("/lacak", {"rahasia": actions.token_for(issue)})

    answer = client.get("/saya/keadaan")

    [row] = answer.json()
    assert (row["number"], row["page"]) == (shown.number, f"/lacak/{shown.number}")
    assert row["status"] == "Didisposisikan"
    assert "no-store" in answer.headers["Cache-Control"]
    assert Client().get("/saya/keadaan").json() == []
