"""A report that is being written outlives the page, alone, and the page says so where it cannot."""

import re

import pytest
from playwright.sync_api import expect

from tests import make
from tests.browser.citizen import WORDS, choose, fill_in, locate, photo, send

pytestmark = pytest.mark.django_db(transaction=True)

PHOTOS = "[data-add] input"
SHOTS = """async () => {
  const base = await new Promise((done) => {
    indexedDB.open("civicmap-draft").onsuccess = ({ target }) => done(target.result);
  });
  const all = base.transaction("shots").objectStore("shots").getAll();
  const names = await new Promise((done) => {
    all.onsuccess = () => done(all.result.map(({ id }) => id));
  });
  base.close();
  return names;
}"""
YESTERDAY = """() => {
  const key = Object.keys(localStorage).find((name) => name.startsWith("civicmap:draft:"));
  const draft = JSON.parse(localStorage.getItem(key));
  localStorage.setItem(key, JSON.stringify({ ...draft, at: draft.at - 25 * 60 * 60 * 1000 }));
  // The page that still stands keeps nothing any more: the browser was closed all the time.
  Storage.prototype.setItem = () => {};
}"""
FULL = """() => {
  const full = () => { throw new DOMException("", "QuotaExceededError"); };
  Storage.prototype.setItem = full;
  IDBObjectStore.prototype.put = full;
}"""
KEPT = "[id='unkept']"


@pytest.fixture(autouse=True)
def _world(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    make.world()
    make.category("lainnya", fast_lane=False)


def shoot(page):
    page.set_input_files(PHOTOS, [photo(60, 40)])
    expect(page.locator(".shot").last).to_contain_text("siap dikirim")


def killed(page):
    """Close the page as Android does: nothing of it hears of that."""
    page.evaluate("window.onpagehide = null; addEventListener('pagehide', (e) => {}, true)")
    context, address = page.context, page.url
    page.close(run_before_unload=False)
    new = context.new_page()
    new.goto(address)
    return new


def test_c11_a_photo_alone_comes_back(phone):
    shoot(phone)
    phone.wait_for_function(f"({SHOTS})().then((names) => names.length === 1)")

    page = killed(phone)

    expect(page.locator("#restored")).to_be_visible()
    expect(page.locator(".shot")).to_have_count(1)


def test_c11_a_photo_that_was_thrown_out_stays_out(phone):
    shoot(phone)
    phone.get_by_role("button", name="Buang foto 1").click()
    phone.reload()

    expect(phone.locator("#restored")).to_be_hidden()
    expect(phone.locator(".shot")).to_have_count(0)


def test_c11_to_begin_anew_is_to_begin_anew(phone):
    shoot(phone)
    phone.reload()

    phone.get_by_role("button", name="Hapus dan mulai baru").click()

    expect(phone.locator("#restored")).to_be_hidden()
    expect(phone.locator(".shot")).to_have_count(0)


def test_a_draft_of_yesterday_goes_with_its_photos(phone):
    shoot(phone)
    locate(phone)
    phone.evaluate(YESTERDAY)

    phone.reload()

    expect(phone.locator("#summary")).to_be_attached()
    expect(phone.locator("#restored")).to_be_hidden()
    phone.wait_for_function(f"({SHOTS})().then((names) => names.length === 0)")
    shoot(phone)
    expect(phone.locator(".shot")).to_have_count(1)


def test_a_photo_of_another_report_never_comes_along(phone):
    shoot(phone)
    phone.evaluate(
        "document.getElementById('report').elements.uuid.value = crypto.randomUUID()",
    )
    locate(phone)
    phone.reload()

    expect(phone.locator("#restored")).to_be_visible()
    expect(phone.locator(".shot")).to_have_count(0)
    phone.wait_for_function(f"({SHOTS})().then((names) => names.length === 0)")


def test_an_empty_form_beside_it_takes_no_report_away(phone):
    other = phone.context.new_page()
    other.goto("/lapor")
    shoot(phone)
    locate(phone)
    other.close(run_before_unload=True)

    page = killed(phone)

    expect(page.locator("#restored")).to_be_visible()
    expect(page.locator(".shot")).to_have_count(1)


def test_what_is_ticked_confidential_goes_and_comes_back_when_it_is_not(phone):
    shoot(phone)
    fill_in(phone)
    phone.get_by_role("button", name="Kembali").click()
    phone.get_by_label("Rahasia").check()
    phone.wait_for_function(f"({SHOTS})().then((names) => names.length === 0)")

    phone.get_by_label("Rahasia").uncheck()

    phone.wait_for_function(f"({SHOTS})().then((names) => names.length === 1)")


# The queue gives a report back -------------------------------------------------------------


def _waiting(phone):
    """A report that has never left, in the queue."""
    shoot(phone)
    fill_in(phone)
    phone.route("**/api/effort**", lambda route: route.abort())
    send(phone)
    expect(phone.locator("#state")).to_contain_text("menunggu jaringan")


def test_an_open_draft_of_place_and_photo_is_not_written_over(phone):
    _waiting(phone)
    phone.goto("/lapor")
    shoot(phone)
    locate(phone)
    phone.goto("/antrean")

    phone.get_by_role("button", name="Ubah").click()

    expect(phone.locator("[data-queue]")).to_contain_text("masih ada isian lain")
    phone.goto("/lapor")
    expect(phone.locator(".shot")).to_have_count(1)
    assert phone.locator("#id_description").input_value() == ""
    expect(phone.locator("#queue")).to_contain_text("Menunggu dikirim (1)")


def test_a_report_that_comes_back_brings_its_own_photo(phone):
    _waiting(phone)
    phone.goto("/antrean")
    phone.get_by_role("button", name="Ubah").click()

    phone.wait_for_url("**/lapor")
    expect(phone.locator("#id_description")).to_have_value(WORDS)
    expect(phone.locator(".shot")).to_have_count(1)


def test_a_report_that_cannot_be_given_back_stays_in_the_queue(phone):
    _waiting(phone)
    phone.goto("/antrean")
    phone.evaluate(FULL)

    phone.get_by_role("button", name="Ubah").click()

    expect(phone.locator("[data-queue]")).to_contain_text("tetap di antrean")
    phone.reload()
    expect(phone.locator("[data-queue]")).to_contain_text(WORDS)


# Where nothing can be kept ------------------------------------------------------------------


def test_what_cannot_be_kept_is_said_once_while_it_still_stands_there(phone):
    expect(phone.locator(KEPT)).to_be_empty()
    phone.evaluate(FULL)

    shoot(phone)

    said = phone.get_by_role("status").filter(has_text=re.compile("tidak dapat menyimpan isian"))
    expect(said).to_be_visible()
    expect(said).to_contain_text("Jangan tutup halaman ini")
    locate(phone)
    expect(said).to_have_count(1)


# What is said, and in which language --------------------------------------------------------


def test_c14_the_other_language_keeps_address_and_form(phone):
    phone.set_input_files("[data-add] input", [photo(60, 40)])
    expect(phone.locator(".shot")).to_contain_text("siap dikirim")
    locate(phone)
    phone.get_by_role("button", name="Lanjut").click()
    choose(phone)
    phone.get_by_label("Apa yang terjadi?").fill(WORDS)
    point = phone.locator("#id_lat").input_value()

    phone.locator(".language [value=en]").click()

    expect(phone.locator("html")).to_have_attribute("lang", "en")
    assert phone.url.endswith("/lapor")
    expect(phone.locator("#id_description")).to_have_value(WORDS)
    expect(phone.locator("#id_service_code")).to_have_value("lpju-mati")
    expect(phone.locator("#id_lat")).to_have_value(point)
    expect(phone.locator(".shot")).to_have_count(1)


def test_a5_saved_and_sent_are_announced(phone):
    shoot(phone)
    fill_in(phone)
    phone.route("**/api/issues", lambda route: route.abort())
    send(phone)
    saved = phone.get_by_role("status").filter(has_text="Tersimpan di ponsel ini")
    expect(saved).to_be_visible()
    # The photo takes its time.
    phone.route("**/photos", lambda _route: None)
    phone.unroute("**/api/issues")

    phone.get_by_role("button", name="Kirim sekarang").click()

    sent = phone.get_by_role("status").filter(has_text=re.compile(r"DPS-26-\d+ sudah diterima"))
    expect(sent.first).to_be_visible()
