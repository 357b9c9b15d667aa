"""The second factor of staff: led to it by setting, asked for at the log-in, lost and found."""

import json
import re
import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from cryptography.fernet import InvalidToken
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from issues.workflow import Role
from tests import make
from tests.issues import office

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXP"
SETUP = "/akun/2fa/"


@pytest.fixture(autouse=True)
def _forgetful():
    cache.clear()
    make.world()


@pytest.fixture
def demanded(settings):
    settings.STAFF_MFA = True


def known(role=Role.DISPATCHER, **fields):
    someone = make.user(role, **fields)
    EmailAddress.objects.create(user=someone, email=someone.email, verified=True, primary=True)
    return someone


def log_in(client, someone, onward="/kerja/triase"):
    data = {"login": someone.email, "password": make.PASSWORD, "next": onward}
    return client.post(reverse("account_login"), data)


def prove(client):
    """Write the password once more, as changes of the account demand."""
    return client.post(reverse("account_reauthenticate"), {"password": make.PASSWORD})


def code(secret=SECRET):
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


@pytest.mark.parametrize(
    "path", ["/kerja/", "/kerja/triase", "/kerja/papan", "/akun/2fa/totp/deactivate/"]
)
def test_staff_without_a_second_factor_are_led_to_it_when_the_setting_is_on(client, demanded, path):
    log_in(client, known())

    answer = client.get(path)

    assert (answer.status_code, answer.url) == (302, SETUP)
    assert client.get(SETUP).status_code == 200


def test_the_administration_asks_for_it_too(client, demanded):
    log_in(client, known(Role.ADMINISTRATOR, is_staff=True, is_superuser=True))

    assert client.get("/admin/").url == SETUP


def test_a_form_is_not_carried_out_before_it_is_set_up(client, demanded):
    issue = make.issue()
    log_in(client, known())
    data = {"step": "note", "version": issue.version, "note": "x", "photo_id": make.uuid(1)}

    assert client.post(reverse("step", args=[issue.number]), data).url == SETUP
    assert office.fresh(issue).version == issue.version


def test_with_the_setting_off_nobody_must(client):
    log_in(client, known())

    assert client.get("/kerja/triase").status_code == 200


def test_public_pages_and_citizens_are_not_asked(client, demanded):
    assert client.get("/").status_code == 200
    assert client.get("/lapor").status_code == 200


def test_an_app_is_set_up_with_its_code_and_gives_codes_for_emergencies(
    client, demanded, django_capture_on_commit_callbacks
):
    someone = known()
    log_in(client, someone)
    prove(client)
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret

    wrong = client.post(reverse("mfa_activate_totp"), {"code": "000000"})
    with django_capture_on_commit_callbacks(execute=True):
        right = client.post(reverse("mfa_activate_totp"), {"code": code(secret)})
    codes = office.words(client.get(right.url))

    assert secret in office.words(page)
    assert "Kode salah" in office.words(wrong)
    assert len(re.findall(r"<code>\w+</code>", codes)) == 10
    assert client.get("/kerja/triase").status_code == 200
    assert "autentikator dipasang" in "".join(letter.body for letter in mail.outbox)


def test_the_log_in_asks_for_the_code_and_leads_where_one_wanted_to_go(client, demanded):
    someone = known()
    TOTP.activate(someone, SECRET)

    first = log_in(client, someone)
    between = client.get("/kerja/triase")
    asked = client.get(first.url)
    wrong = client.post(first.url, {"code": "123456"})
    right = client.post(first.url, {"code": code()})

    assert first.url == reverse("mfa_authenticate")
    assert between.status_code == 302
    assert asked.status_code == wrong.status_code == 200
    assert right.url == "/kerja/triase"
    assert client.get("/kerja/triase").status_code == 200


def test_the_code_leads_nowhere_else(client, demanded):
    someone = known()
    TOTP.activate(someone, SECRET)
    first = log_in(client, someone, "https://evil.example/")

    assert client.post(first.url, {"code": code()}).url == "/kerja/"


def test_a_code_opens_once(client, demanded):
    someone = known()
    TOTP.activate(someone, SECRET)
    used = code()
    client.post(log_in(client, someone).url, {"code": used})
    other = Client()

    again = other.post(log_in(other, someone).url, {"code": used})

    assert again.status_code == 200
    assert other.get("/kerja/").status_code == 302


def test_a_code_for_emergencies_opens_once(client, demanded):
    someone = known()
    TOTP.activate(someone, SECRET)
    [spare, *_rest] = RecoveryCodes.activate(someone).get_unused_codes()
    other = Client()

    assert client.post(log_in(client, someone).url, {"code": spare}).url == "/kerja/triase"
    assert other.post(log_in(other, someone).url, {"code": spare}).status_code == 200


def test_codes_for_emergencies_alone_are_no_second_factor(client, demanded):
    someone = known()
    RecoveryCodes.activate(someone)
    office.enter(client, someone)

    assert client.get("/kerja/").url == SETUP


def test_a_stolen_session_takes_no_factor_away(client, demanded):
    someone = known()
    TOTP.activate(someone, SECRET)
    office.enter(client, someone)

    answer = client.post(reverse("mfa_deactivate_totp"))

    assert answer.url.startswith("/akun/")
    assert Authenticator.objects.filter(type="totp").exists()


def test_a_stolen_session_adds_no_factor(client):
    office.enter(client, known())

    assert client.get(reverse("mfa_add_webauthn")).url.startswith(reverse("account_reauthenticate"))


def test_a_closed_account_does_not_come_in_by_its_code(client):
    someone = known()
    TOTP.activate(someone, SECRET)
    first = log_in(client, someone)
    type(someone).objects.update(is_active=False)

    client.post(first.url, {"code": code()})

    assert client.get("/kerja/").status_code == 302


PAGES = [
    "mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "mfa_list_webauthn",
    "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_deactivate_totp",
]  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_every_page_of_it_is_one_of_ours(client, name):
    someone = known()
    log_in(client, someone)
    if name != "mfa_activate_totp":
        TOTP.activate(someone, SECRET)
        RecoveryCodes.activate(someone)
    prove(client)

    page = client.get(reverse(name))

    assert page.status_code == 200
    assert 'class="page page--narrow' in office.words(page)
    assert "two-factor" not in office.words(page).lower()


def test_proving_who_one_is_again_offers_every_way(client):
    someone = known()
    log_in(client, someone)
    TOTP.activate(someone, SECRET)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time() - 900}]
    session.save()

    page = client.get(reverse("mfa_deactivate_totp"), follow=True)

    assert reverse("mfa_reauthenticate") in office.words(page)
    assert client.get(reverse("mfa_reauthenticate")).status_code == 200


# At rest -------------------------------------------------------------------------------------


def test_no_secret_of_a_second_factor_lies_readable_in_the_database(db):
    someone = make.user(Role.DISPATCHER)
    secret = TOTP.activate(someone, "ABCDEFGHIJKLMNOP").instance
    RecoveryCodes.activate(someone)

    kept = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))

    assert "ABCDEFGHIJKLMNOP" not in kept
    assert kept.count("fernet:") == 2
    assert get_adapter().decrypt(secret.data["secret"]) == "ABCDEFGHIJKLMNOP"


def test_a_secret_survives_a_new_key_and_the_time_before_there_was_a_seal(settings):
    sealed = get_adapter().encrypt("rahasia")

    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key for tests only, as long as the checks ask for"

    assert get_adapter().decrypt(sealed) == "rahasia"
    assert get_adapter().decrypt("kept plain long ago") == "kept plain long ago"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(InvalidToken):
        get_adapter().decrypt(sealed)
