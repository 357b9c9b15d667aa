"""Rights in a browser: invitation, second factor by app and passkey, reasons; axe listens."""

import os
import re

import pytest
from allauth.account.models import EmailAddress
from axe_playwright_python.sync_playwright import Axe
from django.core import mail
from django.core.cache import cache
from playwright.sync_api import expect

from issues import actions, jobs
from issues.models import Access, Invitation, Unit, User
from issues.workflow import Role
from tests import make
from tests.browser.test_desk import DESK, PHONE, RULES, visit

__all__ = ["visit"]
pytestmark = pytest.mark.django_db(transaction=True)
SHOTS = os.environ.get("SHOTS", "")
"""A folder for pictures of the pages, where somebody wants to look at them."""
NEW = "kata-sandi-baru-yang-panjang"
SIZES = pytest.mark.parametrize("size", [PHONE, DESK], ids=["390", "1280"])


@pytest.fixture(autouse=True)
def _world(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    cache.clear()
    make.world()


def clean(page, name, size):
    """No axe finding, nothing to scroll sideways; and a picture of it."""
    page.wait_for_load_state("networkidle")
    wide = size["viewport"]["width"]
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}-{wide}.png", full_page=True)
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
    assert found.response["violations"] == [], found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= wide


def boss():
    return make.user(Role.ADMINISTRATOR, first_name="Ayu", last_name="Laksmi")


@SIZES
def test_an_administrator_invites_and_the_invited_comes_in(visit, browser, live_server, size):
    make.user(Role.LEADER, first_name="Putu", last_name="Arya")
    Unit.objects.create(department=make.department("DISHUB"), code="pju", name="Regu PJU")
    page = visit(boss(), **size)
    page.get_by_role("link", name="Atur", exact=True).click()
    page.get_by_role("link", name="Orang", exact=True).click()
    page.get_by_label("Alamat surel").fill("made@kota.example")
    page.get_by_label("Nama", exact=True).fill("Made Suardana")
    form = page.locator("#invite form")
    form.get_by_label("Peran").select_option("crew")
    form.get_by_label("Dinas").select_option(label="Dinas Dishub")
    form.get_by_label("Unit").select_option(label="Regu PJU")
    form.get_by_role("button", name="Kirim undangan").click()
    expect(page.get_by_role("status")).to_contain_text("Undangan dikirim")
    clean(page, "people", size)

    jobs.invite(invitation_id=Invitation.objects.get().pk)
    path = re.search(r"https?://[^/]+(/undangan/\S+)", mail.outbox[-1].body)[1]
    context = browser.new_context(base_url=live_server.url, locale="id-ID", **size)
    theirs = context.new_page()
    theirs.goto(path)
    clean(theirs, "invitation", size)
    theirs.get_by_label("Kata sandi", exact=True).fill(NEW)
    theirs.get_by_label("Kata sandi sekali lagi").fill(NEW)
    theirs.keyboard.press("Enter")
    expect(theirs.get_by_role("status")).to_contain_text("Akun Anda siap")
    theirs.locator("[name=login]").fill("made@kota.example")
    theirs.locator("[name=password]").fill(NEW)
    theirs.keyboard.press("Enter")
    expect(theirs.get_by_role("heading", name="Yang menunggu")).to_be_visible()
    context.close()


@SIZES
def test_a_persons_rights_are_changed_on_one_page(visit, size):
    someone = make.user(
        Role.LIAISON, department=make.department("DISHUB"), first_name="Wayan", last_name="Sudira"
    )
    make.user(Role.LEADER, first_name="Putu", last_name="Arya")
    page = visit(boss(), **size)
    page.goto(f"/kerja/atur/orang/{someone.pk}")
    page.get_by_text("Cuti: tunjuk wakil").click()
    page.get_by_label("Wakil", exact=True).select_option(label="Putu Arya")
    page.get_by_label("Sampai dengan").fill("2099-01-01")
    page.get_by_role("button", name="Tunjuk wakil", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("paling lama setahun")
    clean(page, "person", size)
    page.get_by_text("Tutup akun", exact=True).click()
    page.get_by_role("button", name="Tutup akun dan akhiri semua sesi").click()
    expect(page.get_by_text("akun ditutup", exact=True)).to_be_visible()
    assert not User.objects.get(pk=someone.pk).is_active


@SIZES
def test_who_reported_opens_with_a_reason_and_the_trail_tells(visit, size):
    issue = make.issue(name="Ni Luh", email="kenari@example.com", consent=True)
    actions.review(
        issue.pk, actor=make.user(Role.DISPATCHER), version=issue.version, released=[],
        public_text="Lampu mati.",
    )  # fmt: skip
    page = visit(make.user(Role.DISPATCHER, first_name="Kadek"), **size)
    page.goto(f"/kerja/laporan/{issue.number}")
    page.locator("#identity summary").click()
    clean(page, "identity-fold", size)
    page.locator("#identity").get_by_label("Keperluan").select_option("contact")
    page.locator("#identity").get_by_label("Alasan").fill("Menanyakan letak tiang.")
    page.locator("#identity").get_by_role("button").click()
    expect(page.get_by_text("kenari@example.com")).to_be_visible()
    clean(page, "identity-open", size)
    assert Access.objects.count() == 1

    admin = visit(boss(), **size)
    admin.get_by_role("link", name="Atur", exact=True).click()
    admin.get_by_role("link", name="Jejak", exact=True).click()
    expect(admin.get_by_role("cell", name="Menanyakan letak tiang.")).to_be_visible()
    clean(admin, "trail", size)


# The second factor ---------------------------------------------------------------------------


def log_in(page, someone):
    page.goto("/kerja/triase")
    page.locator("[name=login]").fill(someone.email)
    page.locator("[name=password]").fill(make.PASSWORD)
    page.get_by_role("button", name="Masuk", exact=True).click()


def again(page):
    """Write the password once more, where a change of the account asks for it."""
    page.locator("[name=password]").fill(make.PASSWORD)
    page.keyboard.press("Enter")


@SIZES
def test_staff_set_up_a_passkey_and_come_in_by_it(settings, browser, live_server, size):
    settings.STAFF_MFA = True
    someone = make.user(Role.DISPATCHER, first_name="Kadek")
    EmailAddress.objects.create(user=someone, email=someone.email, verified=True, primary=True)
    context = browser.new_context(
        base_url=live_server.url.replace("127.0.0.1", "localhost"), locale="id-ID", **size
    )
    page = context.new_page()
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    device = context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    log_in(page, someone)
    expect(page.get_by_role("heading", name="Faktor kedua untuk masuk")).to_be_visible()
    clean(page, "mfa-index", size)
    page.get_by_role("link", name="Tambah passkey").click()
    again(page)
    clean(page, "mfa-passkey", size)
    page.get_by_role("button", name="Buat passkey").click()
    expect(page.get_by_role("heading", name="Kode cadangan")).to_be_visible()
    clean(page, "mfa-codes", size)
    page.get_by_role("link", name="Sudah saya simpan, ke meja kerja").click()
    expect(page.get_by_role("heading", name="Yang menunggu")).to_be_visible()

    context.clear_cookies()
    log_in(page, someone)
    clean(page, "mfa-authenticate", size)
    page.get_by_role("button", name="Pakai passkey").click()
    expect(page.get_by_role("heading", name="Triase", exact=True)).to_be_visible()

    context.clear_cookies()
    page.goto("/akun/login/")
    page.get_by_role("button", name="Masuk dengan passkey").click()
    expect(page.get_by_role("heading", name="Yang menunggu")).to_be_visible()
    context.close()
    assert complaints == []


@SIZES
def test_the_page_of_the_app_is_clean_in_the_dark_too(browser, live_server, size):
    someone = make.user(Role.DISPATCHER)
    EmailAddress.objects.create(user=someone, email=someone.email, verified=True, primary=True)
    context = browser.new_context(
        base_url=live_server.url, locale="id-ID", color_scheme="dark", **size
    )
    page = context.new_page()
    log_in(page, someone)
    page.goto("/akun/2fa/totp/activate/")
    again(page)
    expect(page.get_by_role("img", name="Kode QR")).to_be_visible()
    clean(page, "mfa-app-dark", size)
    context.close()
