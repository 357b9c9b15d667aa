"""Accounts in a browser: a log-in loses nothing (UX C8), a log-out takes no report along."""

import re

import pytest
from django.core import mail
from django.test import Client
from playwright.sync_api import expect

from issues.models import Issue, User
from issues.workflow import Role
from tests import make
from tests.browser.citizen import DESK, PHONE, WORDS, faults, number_on
from tests.browser.test_report import walk_to

pytestmark = pytest.mark.django_db(transaction=True)
EMAIL = "wayan@warga.example"
NARROW = {"viewport": PHONE["viewport"]}
"""As wide as a phone, with a keyboard."""


@pytest.fixture(autouse=True)
def _world(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    make.world()


def type_in(page, selector, words):
    walk_to(page, selector)
    page.keyboard.type(words)


def log_in(page):
    """By keyboard only, from the page that asks for an address."""
    type_in(page, "[name=alamat]", EMAIL)
    page.keyboard.press("Enter")
    page.wait_for_url("**/masuk/kode")
    type_in(page, "[name=kode]", re.search(r"\b\d{6}\b", mail.outbox[-1].body)[0])
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/masuk" not in url)


def test_c8_a_half_written_report_survives_a_log_in_by_keyboard(visit):
    page = visit(**NARROW)
    expect(page.locator(".leaflet-container")).to_be_visible()
    walk_to(page, "[data-no-map]")
    page.keyboard.press("Enter")
    page.keyboard.type("Kelurahan 1.2")
    walk_to(page, "[data-next]")
    page.keyboard.press("Enter")
    walk_to(page, "[name=kind]")
    page.keyboard.press("Space")
    type_in(page, "#id_description", WORDS)
    page.goto("/masuk?next=/lapor")
    log_in(page)

    expect(page.locator("#id_description")).to_have_value(WORDS)
    for step in ("what", "who"):
        walk_to(page, "[data-next]")
        page.keyboard.press("Enter")
        expect(page.locator("#report")).to_have_attribute("data-at", step)
    expect(page.get_by_text("Dikirim atas nama akun Anda")).to_contain_text(EMAIL)
    walk_to(page, "[data-send]")
    page.keyboard.press("Enter")
    number_on(page)
    issue = Issue.objects.select_related("reporter__user").get()
    assert (issue.jurisdiction.code, issue.held) == ("1.2", False)
    assert (issue.reporter.user.email, issue.reporter.email) == (EMAIL, EMAIL)


KEPT = """async () => {
  const { waiting } = await import("/static/js/outbox.js");
  const { onDevice } = await import("/static/js/shelf.js");
  const body = { id: "b", description: "menunggu", privacy: "normal" };
  const row = waiting(body, { urls: {}, city: "kota" });
  await onDevice().add({ ...row, state: "refused" }, []);
  const at = new Date().toISOString();
  await onDevice().keepReceipt({ id: "a", at, number: "D-1", token: "t", isSeen: true });
  localStorage.setItem("civicmap:draft:kota", "{}");
}"""
LEFT = """async () => {
  const { onDevice } = await import("/static/js/shelf.js");
  const waits = (await onDevice().all()).length;
  const receipts = (await onDevice().receipts()).length;
  return [waits, receipts, localStorage.length, document.cookie.includes("forget")];
}"""


def test_a_log_out_forgets_the_person_and_keeps_what_waits(visit):
    page = visit("/masuk?next=/saya/akun", **PHONE)
    log_in(page)
    page.evaluate(KEPT)
    page.get_by_role("link", name="Keluar").click()
    expect(page.get_by_text("1 laporan masih menunggu dikirim dari ponsel ini")).to_be_visible()

    page.get_by_role("main").get_by_role("button", name="Keluar").click()

    expect(page.locator("#queue")).to_contain_text("Perlu diperbaiki (1)")
    assert page.evaluate(LEFT) == [1, 0, 0, False]
    assert page.goto("/saya/akun").url.endswith("/masuk?next=%2Fsaya%2Fakun")


@pytest.mark.parametrize("language", ["id", "en"])
def test_axe_has_nothing_to_say_about_the_pages_of_an_account(visit, live_server, language):
    page = visit("/healthz", **PHONE)
    cookie = {"name": "django_language", "value": language, "url": live_server.url}
    page.context.add_cookies([cookie])
    page.goto("/masuk")
    found = {"/masuk": faults(page)}
    type_in(page, "[name=alamat]", EMAIL)
    page.keyboard.press("Enter")
    page.wait_for_url("**/masuk/kode")
    found["/masuk/kode"] = faults(page)
    page.goto("/masuk")
    log_in(page)
    issue = make.issue(user=User.objects.get(email=EMAIL))
    for path in ("/saya", "/saya/akun", f"/lacak/{issue.number}"):
        assert page.goto(path).ok
        expect(page.locator("html")).to_have_attribute("lang", language)
        found[path] = faults(page)

    assert {path: said for path, said in found.items() if said} == {}


def test_a_held_report_says_so_in_triage(visit, live_server):
    issue = make.issue(held=True)
    staff = Client()
    staff.force_login(make.user(Role.DISPATCHER))
    page = visit("/healthz", **DESK)
    session = {"name": "session", "value": staff.cookies["session"].value, "url": live_server.url}
    page.context.add_cookies([session])
    page.goto("/kerja/triase?queue=ditahan")

    expect(page.get_by_text(issue.number).first).to_be_visible()
    expect(page.locator(".badge", has_text="menunggu pemeriksaan").first).to_be_visible()
    assert faults(page) == []
