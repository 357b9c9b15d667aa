"""Accounts of citizens: a code to an address opens one, and nobody learns who has one."""

import re
import time
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.urls import reverse

from issues import codes, messaging
from issues.models import Reporter, User
from issues.workflow import Role
from tests import make
from tests.issues.citizen import text

EMAIL = "wayan@warga.example"
PHONE = "+6281234567890"


@pytest.fixture(autouse=True)
def _world(db):
    make.world()


@pytest.fixture
def citizen():
    return Client()


@pytest.fixture
def phone(monkeypatch, settings):
    """A gateway that keeps what it was given."""
    sent = []
    monkeypatch.setitem(messaging.WAYS, "box", lambda number, words: sent.append((number, words)))
    settings.MESSAGING = "box"
    return sent


def ask(citizen, address=EMAIL, **fields):
    return citizen.post("/masuk", {"alamat": address, **fields})


def known(role, address):
    user = make.user(role) if role else make.user()
    User.objects.filter(pk=user.pk).update(email=address)


def code():
    return re.search(r"\b\d{6}\b", mail.outbox[-1].body)[0]


def enter(citizen, address=EMAIL, **fields):
    ask(citizen, address, **fields)
    return citizen.post("/masuk/kode", {"kode": code()})


def wrong():
    return "000000" if code() != "000000" else "111111"


def test_a_code_to_a_new_address_opens_an_account(citizen):
    response = enter(citizen)

    user = User.objects.get(email=EMAIL)
    assert response.url == "/saya"
    assert not user.has_usable_password()
    assert citizen.get("/saya/akun").status_code == 200


def test_the_same_address_however_it_is_typed_opens_the_same_account(citizen):
    enter(citizen)

    enter(Client(), f"  {EMAIL.upper()} ")

    assert User.objects.count() == 1


def test_nobody_has_an_account_before_the_code(citizen):
    ask(citizen)

    assert not User.objects.exists()


def test_a_citizen_stays_logged_in_for_months(citizen):
    enter(citizen)

    assert citizen.session.get_expiry_age() > 80 * 86400


def test_a_code_opens_no_desk_even_when_the_citizen_works_here_later(citizen):
    enter(citizen)
    user = User.objects.get(email=EMAIL)
    user.memberships.create(city=make.city(), role=Role.DISPATCHER)

    assert citizen.get("/kerja/triase").status_code == 302


def test_the_same_words_for_every_address(citizen):
    known(None, "ada@warga.example")
    known(Role.DISPATCHER, "staf@kota.example")

    answers = [ask(Client(), address) for address in (EMAIL, "ada@warga.example",
                                                      "staf@kota.example")]  # fmt: skip

    assert {(answer.status_code, answer.url) for answer in answers} == {(302, "/masuk/kode")}
    assert len(mail.outbox) == 3


def test_staff_get_the_way_to_their_password_and_no_code(citizen):
    known(Role.DISPATCHER, "staf@kota.example")

    ask(citizen, "staf@kota.example")

    assert not re.search(r"\b\d{6}\b", mail.outbox[0].body)


def test_a_code_is_good_once(citizen):
    enter(citizen)
    used = code()
    citizen.logout()

    assert citizen.post("/masuk/kode", {"kode": used}).url == "/masuk"


def test_a_wrong_code_is_told_and_five_end_it(citizen):
    ask(citizen)

    answers = [citizen.post("/masuk/kode", {"kode": wrong()}) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [422, 422, 422, 422, 302]
    assert citizen.post("/masuk/kode", {"kode": code()}).url == "/masuk"


def test_copies_of_a_session_share_its_five_tries(citizen):
    ask(citizen)
    cookie = citizen.cookies["session"].value
    row = Session.objects.get(pk=cookie)
    before = row.session_data
    for _ in range(5):
        citizen.post("/masuk/kode", {"kode": wrong()})
        Session.objects.filter(pk=cookie).update(session_data=before)

    citizen.post("/masuk/kode", {"kode": code()})
    assert not User.objects.exists()


def test_a_code_ends_after_ten_minutes(citizen, monkeypatch):
    ask(citizen)
    then = time.time() + codes.LASTS.total_seconds() + 1
    monkeypatch.setattr(codes.time, "time", lambda: then)

    assert citizen.post("/masuk/kode", {"kode": code()}).url == "/masuk"


def test_an_address_gets_few_letters_an_hour():
    answers = [ask(Client()) for _ in range(7)]

    assert [answer.status_code for answer in answers] == [302] * 5 + [422] * 2
    assert len(mail.outbox) == 5


def test_the_session_keeps_no_code(citizen):
    ask(citizen)

    assert code() not in str(dict(citizen.session))


@pytest.mark.parametrize("typed", ["", "wayan", "0812", "a@b", "@", "08123456789012345678", "+0"])
def test_what_is_no_address_is_told_beside_the_field(citizen, typed):
    response = ask(citizen, typed)

    assert response.status_code == 422
    assert not mail.outbox


def test_a_machine_that_fills_every_field_gets_nothing(citizen):
    ask(citizen, website="https://spam.example")

    assert not mail.outbox


@pytest.mark.parametrize("onward", ["https://evil.example/", "//evil.example", "javascript:1"])
def test_the_way_onward_stays_with_us(citizen, onward):
    assert enter(citizen, next=onward).url == "/saya"


def test_the_way_onward_is_gone(citizen):
    assert enter(citizen, next="/lapor?x=1").url == "/lapor?x=1"


# Phone ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["0812-3456-7890", "+62 812 3456 7890", "6281234567890",
                                   "812 34567890"])  # fmt: skip
def test_a_number_is_one_number_however_it_is_typed(citizen, phone, typed):
    ask(citizen, typed)
    number, words = phone[-1]

    citizen.post("/masuk/kode", {"kode": re.search(r"\d{6}", words)[0]})

    user = User.objects.get()
    assert (number, user.phone, user.phone_verified, user.email) == (PHONE, PHONE, True, "")


def test_many_people_have_no_email(citizen, phone):
    for number in ("081234567890", "081234567891"):
        someone = Client()
        ask(someone, number)
        someone.post("/masuk/kode", {"kode": re.search(r"\d{6}", phone[-1][1])[0]})

    assert User.objects.filter(email="").count() == 2


def test_where_no_messages_are_sent_a_number_is_refused(citizen, settings):
    settings.MESSAGING, settings.DEMO, settings.DEBUG = "console", False, False

    assert ask(citizen, "081234567890").status_code == 422


# The account page ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["account", "account-address", "account-delete"])
def test_strangers_log_in_first_and_come_back(citizen, name):
    path = reverse(name)

    assert citizen.get(path).url == f"/masuk?next={path.replace('/', '%2F')}"


def test_name_and_language_are_kept(citizen):
    enter(citizen)

    response = citizen.post("/saya/akun", {"nama": "Ni Wayan", "bahasa": "en"})

    user = User.objects.get()
    assert (user.get_full_name(), user.language) == ("Ni Wayan", "en")
    assert response.cookies["django_language"].value == "en"


def test_a_new_address_counts_once_it_is_proved_and_the_old_one_is_told(citizen):
    enter(citizen)

    citizen.post("/saya/akun/alamat", {"alamat": "baru@warga.example"})
    assert User.objects.get().email == EMAIL
    citizen.post("/masuk/kode", {"kode": code()})

    assert User.objects.get().email == "baru@warga.example"
    assert mail.outbox[-1].to == [EMAIL]
    assert "baru@warga.example" not in mail.outbox[-1].body


@pytest.mark.parametrize("new", ["baru@warga.example", "081234567890"])
def test_a_new_address_ends_every_other_session_of_the_account(citizen, phone, new):
    stranger = Client()
    enter(stranger)
    enter(citizen)

    citizen.post("/saya/akun/alamat", {"alamat": new})
    words = phone[-1][1] if phone else mail.outbox[-1].body
    citizen.post("/masuk/kode", {"kode": re.search(r"\b\d{6}\b", words)[0]})

    assert citizen.get("/saya/akun").status_code == 200
    assert stranger.get("/saya/akun").url.startswith("/masuk?")
    assert enter(Client(), User.objects.get().email).url == "/saya"


def stale(citizen):
    session = citizen.session
    session["proved_at"] = time.time() - timedelta(hours=1).total_seconds()
    session.save()


@pytest.mark.parametrize("path", ["/saya/akun/alamat", "/saya/akun/hapus"])
def test_who_found_an_open_phone_changes_nothing(citizen, path):
    enter(citizen)
    stale(citizen)

    citizen.post(path, {"alamat": "pencuri@jahat.example", "yakin": "on"})

    assert mail.outbox[-1].to == [EMAIL]
    assert User.objects.get().email == EMAIL
    assert User.objects.get().is_active


def test_after_the_proof_the_change_goes_on(citizen):
    enter(citizen)
    stale(citizen)
    citizen.post("/saya/akun/alamat", {})
    citizen.post("/masuk/kode", {"kode": code()})

    citizen.post("/saya/akun/alamat", {"alamat": "baru@warga.example"})

    assert mail.outbox[-1].to == ["baru@warga.example"]


def test_an_address_of_another_account_stays_there(citizen):
    enter(Client(), "lain@warga.example")
    enter(citizen)

    citizen.post("/saya/akun/alamat", {"alamat": "lain@warga.example"})
    response = citizen.post("/masuk/kode", {"kode": code()}, follow=True)

    assert "sudah dipakai akun lain" in text(response)
    assert User.objects.filter(email=EMAIL).exists()


def test_a_code_for_ones_account_changes_no_others(citizen):
    enter(citizen)
    citizen.post("/saya/akun/alamat", {"alamat": "baru@warga.example"})
    asked = citizen.session["code"]
    other = Client()
    enter(other, "lain@warga.example")
    session = other.session
    session["code"] = asked
    session.save()

    other.post("/masuk/kode", {"kode": code()})

    assert not User.objects.filter(email="baru@warga.example").exists()


def test_the_end_of_an_account_forgets_the_person_and_keeps_the_reports(citizen):
    enter(citizen)
    user = User.objects.get()
    issue = make.issue(user=user, name="Wayan", email=EMAIL)

    response = citizen.post("/saya/akun/hapus", {"yakin": "on"})

    user.refresh_from_db()
    assert (user.email, user.phone, user.first_name, user.is_active) == ("", "", "", False)
    assert Reporter.objects.get(pk=issue.pk).user is None
    assert Reporter.objects.get(pk=issue.pk).name == "Wayan"
    assert response.headers["Clear-Site-Data"] == '"cache"'
    assert response.cookies["forget"].value == "1"
    assert citizen.get("/saya/akun").status_code == 302


def test_contacts_go_with_the_account_when_one_wants_it(citizen):
    enter(citizen)
    issue = make.issue(user=User.objects.get(), name="Wayan", email=EMAIL, phone="0812")

    citizen.post("/saya/akun/hapus", {"yakin": "on", "kontak": "on"})

    reporter = Reporter.objects.get(pk=issue.pk)
    assert (reporter.name, reporter.email, reporter.phone) == ("", "", "")


def test_without_the_tick_nothing_ends(citizen):
    enter(citizen)

    assert citizen.post("/saya/akun/hapus", {}).status_code == 422
    assert User.objects.get().is_active


def test_a_deactivated_account_is_out_at_once(citizen):
    enter(citizen)
    User.objects.update(is_active=False)

    assert citizen.get("/saya/akun").status_code == 302


def test_a_deactivated_account_does_not_come_back_by_a_code(citizen):
    enter(Client())
    User.objects.update(is_active=False)

    assert enter(citizen).url == "/akun/login/"


def test_logging_out_lets_the_browser_forget_the_person_and_keeps_what_waits(citizen):
    enter(citizen)

    response = citizen.post("/akun/logout/")

    # `storage` would take the reports along that wait for a network.
    assert response.headers["Clear-Site-Data"] == '"cache"'
    assert response.cookies["forget"].value == "1"
    assert not response.cookies["forget"]["httponly"]
    assert citizen.get("/saya/akun").status_code == 302


@pytest.mark.parametrize("path", ["/masuk", "/masuk/kode", "/saya", "/saya/akun"])
def test_pages_of_a_person_are_kept_by_nobody(citizen, path):
    enter(citizen)

    response = citizen.get(path)

    assert response.headers["Cache-Control"] == "no-store"


def test_forms_need_the_token_of_our_page():
    strict = Client(enforce_csrf_checks=True)

    assert strict.post("/masuk", {"alamat": EMAIL}).status_code == 403
    assert strict.post("/masuk/kode", {"kode": "1"}).status_code == 403
    assert strict.post("/saya/akun", {}).status_code == 403
