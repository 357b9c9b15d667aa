import re
import time

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.urls import reverse

from issues.accounts import login_name
from issues.models import User
from issues.workflow import Role
from tests import make
from tests.issues import office

pytestmark = pytest.mark.django_db

NEW = "kata-sandi-baru-yang-panjang"


@pytest.fixture(autouse=True)
def _forgetful():
    """Forget the tries of the test before."""
    cache.clear()
    make.city()


def known(role=Role.DISPATCHER, **fields):
    """Somebody whose address an administrator has vouched for."""
    someone = make.user(role, **fields)
    EmailAddress.objects.create(user=someone, email=someone.email, verified=True, primary=True)
    return someone


def log_in(client, someone, password=make.PASSWORD):
    return client.post(
        reverse("account_login"), {"login": someone.email.upper(), "password": password}
    )


def administrator(client):
    someone = make.user(Role.ADMINISTRATOR, is_staff=True, is_superuser=True)
    return office.enter(client, someone)


def test_staff_log_in_by_address_and_come_to_the_desk(client):
    response = log_in(client, known())

    assert (response.status_code, response.url) == (302, "/kerja/")
    assert client.get(response.url).status_code == 200


def test_a_wrong_password_is_told_beside_the_form(client):
    response = log_in(client, known(), "bukan ini")

    assert response.status_code == 200
    assert 'role="alert"' in office.words(response)
    assert client.get("/kerja/").status_code == 302


def test_logging_out_closes_the_desk(client):
    log_in(client, known())

    response = client.post(reverse("account_logout"))

    assert response.url == "/"
    assert client.get("/kerja/").status_code == 302


def test_nobody_signs_up_for_a_desk(client):
    data = {"email": "baru@example.com", "password1": NEW, "password2": NEW}

    page = client.get(reverse("account_signup"))
    client.post(reverse("account_signup"), data)

    assert "Akun petugas dibuat oleh administrator kota." in office.words(page)
    assert not User.objects.filter(email="baru@example.com").exists()


def test_who_forgot_the_password_writes_a_new_one_by_a_link(client):
    someone = known(Role.LEADER)
    send = {"action": "send_password_link", "_selected_action": [someone.pk]}
    administrator(client).post(reverse("admin:issues_user_changelist"), send)
    client.logout()

    [letter] = mail.outbox
    link = re.search(r"http://testserver(\S+)", letter.body)[1]
    form = client.get(link, follow=True)
    client.post(form.request["PATH_INFO"], {"password1": NEW, "password2": NEW})

    assert letter.to == [someone.email]
    assert log_in(client, someone, NEW).url == "/kerja/"


def test_a_link_for_a_password_opens_once(client):
    someone = known(Role.LEADER)
    client.post(reverse("account_reset_password"), {"email": someone.email})
    link = re.search(r"http://testserver(\S+)", mail.outbox[0].body)[1]
    form = client.get(link, follow=True)
    client.post(form.request["PATH_INFO"], {"password1": NEW, "password2": NEW})

    again = Client().get(link, follow=True)

    assert "password1" not in office.words(again)
    assert "diganti lewat tautan surel" in mail.outbox[-1].body


def test_a_new_password_ends_every_other_session(client):
    someone = known(Role.LEADER)
    other = Client()
    log_in(other, someone)
    log_in(client, someone)
    data = {"oldpassword": make.PASSWORD, "password1": NEW, "password2": NEW}

    client.post(reverse("account_change_password"), data)

    assert other.get("/kerja/").status_code == 302
    assert client.get("/kerja/").status_code == 200
    assert "Kata sandi akun petugas Anda diganti" in mail.outbox[-1].body


def test_a_stolen_session_does_not_change_the_address(client):
    someone = known(Role.LEADER)
    office.enter(client, someone)

    answer = client.post(
        reverse("account_email"), {"action_add": "", "email": "pencuri@example.com"}
    )

    assert answer.status_code == 302
    assert answer.url.startswith(reverse("account_reauthenticate"))
    assert not EmailAddress.objects.filter(email="pencuri@example.com").exists()


# A shift -------------------------------------------------------------------------------------


def age(client, *, since=0, last=0):
    """Let a session be so many seconds older, and idle for so many."""
    session = client.session
    began, seen = session["work"]
    session["work"] = [began - since, seen - last]
    session.save()


@pytest.mark.parametrize(
    ("role", "since", "idle", "stays"),
    [
        (Role.DISPATCHER, 3600, 29 * 60, True),
        (Role.DISPATCHER, 3600, 31 * 60, False),
        (Role.DISPATCHER, 11 * 3600, 60, True),
        (Role.DISPATCHER, 12 * 3600 + 60, 60, False),
        (Role.CREW, 4 * 3600, 3 * 3600, True),
        (Role.CREW, 12 * 3600 + 60, 60, False),
    ],
)
def test_a_session_ends_when_it_is_idle_or_the_shift_is_over(client, role, since, idle, stays):
    department = make.department() if role is Role.CREW else None
    log_in(client, known(role, department=department))
    client.get("/kerja/")
    age(client, since=since, last=idle)

    assert client.get("/kerja/").status_code == (200 if stays else 302)
    assert client.get("/kerja/").status_code == (200 if stays else 302)


def test_a_log_in_begins_a_new_shift_under_a_new_key(client):
    someone = known()
    client.get("/akun/login/")
    session = client.session
    session["x"] = 1
    session.save()
    client.cookies["session"] = session.session_key

    log_in(client, someone)

    assert client.session.session_key != session.session_key
    assert client.session["work"][0] == pytest.approx(time.time(), abs=60)


def test_a_session_cannot_be_used_after_the_log_out(client):
    log_in(client, known())
    stolen = client.cookies["session"].value
    client.post(reverse("account_logout"))
    client.cookies["session"] = stolen

    assert client.get("/kerja/").status_code == 302


def test_an_unknown_address_gets_the_same_answer(client):
    known_answer = client.post(reverse("account_reset_password"), {"email": known().email})
    unknown = client.post(reverse("account_reset_password"), {"email": "tiada@example.com"})

    assert (known_answer.status_code, known_answer.url) == (unknown.status_code, unknown.url)


def test_ten_wrong_passwords_lock_one_person_and_not_the_office(client, settings):
    settings.ACCOUNT_RATE_LIMITS = False
    target, colleague = known(), known()
    for _ in range(settings.AXES_FAILURE_LIMIT):
        answer = log_in(client, target, "bukan ini")

    locked = log_in(client, target)

    assert answer.status_code == locked.status_code == 429
    assert "Kata sandi salah terlalu sering." in office.words(locked)
    assert log_in(client, colleague).url == "/kerja/"


@pytest.mark.parametrize(
    ("credentials", "name"),
    [
        ({"email": " Made@Kota.example"}, "made@kota.example"),
        ({"username": "made"}, "made"),
        ({}, "ketut@kota.example"),
        (None, "ketut@kota.example"),
    ],
)
def test_a_failed_log_in_counts_for_its_person(credentials, name):
    request = RequestFactory().post("/", {"login": "Ketut@Kota.example"})

    assert login_name(request, credentials) == name


ACCOUNT_PAGES = [
    "account_login",
    "account_signup",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
    "account_inactive",
    "account_email_verification_sent",
]


@pytest.mark.parametrize("name", ACCOUNT_PAGES)
def test_account_pages_wear_our_frame(client, name):
    page = office.words(client.get(reverse(name)))

    assert '<main class="page page--narrow stack account" id="main"' in page
    assert "<h1>" in page


@pytest.mark.parametrize("name", ["account_logout", "account_change_password", "account_email"])
def test_account_pages_of_a_person_wear_our_frame(client, name):
    log_in(client, known())

    page = office.words(client.get(reverse(name)))

    assert '<main class="page page--narrow stack account" id="main"' in page


def test_a_spoilt_link_says_so(client):
    page = office.words(client.get("/akun/password/reset/key/1-abc/"))

    assert "Tautan ini tidak berlaku lagi." in page


# The administration


@pytest.mark.parametrize("role", [Role.DISPATCHER, Role.LIAISON, Role.CREW, Role.LEADER])
def test_the_administration_is_the_administrators(client, role):
    department = make.department() if role in {Role.LIAISON, Role.CREW} else None
    someone = make.user(role, department=department, is_staff=True, is_superuser=True)

    assert office.enter(client, someone).get(reverse("admin:index")).status_code == 404


LISTS = [
    *("issues_user", "issues_category", "issues_clock", "issues_holiday", "issues_issue"),
    *("issues_event", "geodata_city", "geodata_department", "geodata_routingrule"),
    *("geodata_edition", "geodata_jurisdiction", "geodata_asset"),
]


@pytest.mark.parametrize("name", LISTS)
def test_every_list_of_the_administration_opens(client, name):
    make.issue()

    assert administrator(client).get(reverse(f"admin:{name}_changelist")).status_code == 200


def test_the_administration_shows_where_an_issue_stands_and_no_word_of_it(client):
    issue = make.issue(description="Kenari berkicau di sini.", address="rumah Kenari")
    administrator(client)

    page = office.words(client.get(reverse("admin:issues_issue_change", args=[issue.pk])))
    event = issue.events.first()
    told = office.words(client.get(reverse("admin:issues_event_change", args=[event.pk])))

    assert issue.number in page
    assert "kenari" not in (page + told).lower()
    assert 'name="_save"' not in page + told


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("issues_issue", "description__contains=Kenari"),
        ("issues_issue", "token_hash__startswith=a"),
        ("issues_issue", "reporter__name__startswith=W"),
        ("issues_user", "password__startswith=p"),
        ("issues_user", "memberships__user__password__startswith=p"),
        ("issues_event", "note__contains=Kenari"),
        ("geodata_city", "contact__contains=a"),
    ],
)
def test_a_list_of_the_administration_answers_no_question_that_it_does_not_offer(
    client, name, query
):
    make.issue(description="Kenari berkicau di sini.")
    administrator(client)

    assert client.get(reverse(f"admin:{name}_changelist") + f"?{query}").status_code == 400


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("issues_issue", "status__exact=assigned&channel__exact=web"),
        ("issues_issue", "city__id__exact=1"),
        ("issues_user", "is_active__exact=1&memberships__role__exact=crew"),
        ("issues_holiday", "date__year=2026&date__month=1"),
        ("geodata_asset", "road_class__exact=national"),
        ("geodata_edition", "approximate__exact=0"),
    ],
)
def test_the_filters_of_the_administration_work(client, name, query):
    make.issue()
    administrator(client)

    assert client.get(reverse(f"admin:{name}_changelist") + f"?{query}").status_code == 200


@pytest.mark.parametrize("name", ["issues_issue", "issues_event", "geodata_jurisdiction"])
def test_what_actions_and_imports_own_cannot_be_made_in_the_administration(client, name):
    make.issue()

    assert administrator(client).get(reverse(f"admin:{name}_add")).status_code == 403


def test_a_department_and_a_rule_can_be_changed(client):
    department = make.department()
    make.rule("lampu", to=department)
    administrator(client)

    for name, row in (("department", department), ("routingrule", department.rules.get())):
        page = client.get(reverse(f"admin:geodata_{name}_change", args=[row.pk]))
        assert 'name="_save"' in office.words(page)
