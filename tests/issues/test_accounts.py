import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.test import RequestFactory
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


def test_somebody_new_writes_their_own_password_by_a_link(client):
    data = {
        "email": "Baru@Kota.example",
        "first_name": "Baru",
        "is_active": "on",
        "memberships-TOTAL_FORMS": 0,
        "memberships-INITIAL_FORMS": 0,
    }
    administrator(client).post(reverse("admin:issues_user_add"), data)
    someone = User.objects.get(email="baru@kota.example")
    make.Membership.objects.create(user=someone, city=make.city(), role=Role.LEADER)
    send = {"action": "send_password_link", "_selected_action": [someone.pk]}
    client.post(reverse("admin:issues_user_changelist"), send)
    client.logout()

    [letter] = mail.outbox
    link = re.search(r"http://testserver(\S+)", letter.body)[1]
    form = client.get(link, follow=True)
    client.post(form.request["PATH_INFO"], {"password1": NEW, "password2": NEW})

    assert not someone.has_usable_password()
    assert letter.to == ["baru@kota.example"]
    assert log_in(client, someone, NEW).url == "/kerja/"


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
        ("issues_user", "is_staff__exact=1&memberships__role__exact=crew"),
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
