"""A citizen reports over a bad network: nothing is lost, nothing is doubled, nothing is claimed."""

import pytest
from playwright.sync_api import expect

from issues.models import Issue
from tests import make
from tests.browser.citizen import (
    DESK,
    HERE,
    PHONE,
    WORDS,
    faults,
    fill_in,
    locate,
    number_on,
    photo,
    send,
)
from tests.browser.offline import holds

ROWS = (
    """import("/static/js/shelf.js").then(async (shelf) => (await shelf.onDevice().all()).length)"""
)
FORBIDDEN = """() => {
  IDBFactory.prototype.open = () => { throw new DOMException("", "SecurityError"); };
}"""
TYPE = """(box, words) => {
  box.value = words;
  box.dispatchEvent(new Event("input", { bubbles: true }));
}"""
ON_TOP = """(button) => {
  const { x, y, width, height } = button.getBoundingClientRect();
  return button.contains(document.elementFromPoint(x + width / 2, y + height / 2));
}"""
OWN = ROWS.replace(".all()", ".receipts()")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _world(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    make.world()
    make.category("lainnya", fast_lane=False)


def _waits(page):
    expect(page.locator("#state")).to_contain_text("menunggu jaringan")
    expect(page.locator("#queue")).to_contain_text("Menunggu dikirim (1)")
    assert "diterima" not in page.locator("#state").inner_text()


def test_c12_without_a_network_nothing_is_lost_and_nothing_is_claimed(phone):
    fill_in(phone)
    phone.route("**/api/issues", lambda route: route.abort())
    send(phone)

    _waits(phone)
    phone.unroute("**/api/issues")

    assert number_on(phone) == Issue.objects.get().number


def test_a_lost_answer_makes_no_second_report(phone):
    fill_in(phone)
    phone.route("**/api/issues", lambda route: (route.fetch(), route.abort()))
    send(phone)
    _waits(phone)
    phone.unroute("**/api/issues")

    assert number_on(phone) == Issue.objects.get().number


def test_what_may_have_arrived_is_not_changed_any_more(phone):
    fill_in(phone)
    phone.route("**/api/issues", lambda route: (route.fetch(), route.abort()))
    send(phone)
    _waits(phone)
    phone.route("**/api/issues", lambda route: route.abort())

    assert phone.get_by_label("Anonim").evaluate("(tick) => tick.closest('[inert]') !== null")
    phone.goto("/antrean")
    expect(phone.locator("[data-queue]")).to_contain_text("Mungkin sudah sampai")
    expect(phone.get_by_role("button", name="Ubah")).to_have_count(0)


def test_what_never_left_can_be_changed_and_comes_back_into_the_form(phone):
    fill_in(phone)
    phone.route("**/api/effort**", lambda route: route.abort())
    send(phone)
    _waits(phone)
    phone.goto("/antrean")

    phone.get_by_role("button", name="Ubah").click()

    phone.wait_for_url("**/lapor")
    expect(phone.locator("#id_description")).to_have_value(WORDS)
    expect(phone.locator("#queue")).to_be_hidden()
    assert Issue.objects.count() == 0


def test_what_waits_is_deleted_by_the_second_press(phone):
    fill_in(phone)
    phone.route("**/api/issues", lambda route: route.abort())
    send(phone)
    _waits(phone)
    phone.goto("/antrean")

    phone.get_by_role("button", name="Hapus dari ponsel ini").click()
    phone.get_by_role("button", name="Yakin hapus?").click()

    expect(phone.locator("[data-queue]")).to_contain_text("Tidak ada laporan yang menunggu")


def test_a_refused_report_is_a_draft_again_with_what_the_server_says(phone):
    fill_in(phone)
    told = {"error": {"code": "Invalid", "message": "Isian belum benar.", "fields": {}}}
    told["error"]["fields"]["description"] = ["Tulis lebih jelas."]
    phone.route("**/api/issues", lambda route: route.fulfill(status=422, json=told))
    send(phone)

    expect(phone.locator("#errors")).to_contain_text("Tulis lebih jelas.")
    assert phone.locator("#id_description").input_value() == WORDS
    phone.unroute("**/api/issues")
    phone.get_by_role("button", name="Lanjut").click()
    send(phone)

    assert number_on(phone) == Issue.objects.get().number


def test_a_receipt_that_did_not_load_is_told_by_the_next_page(phone):
    fill_in(phone)
    phone.route("**/lapor/*", lambda route: route.abort())
    with phone.expect_event("requestfailed"):
        send(phone)
    phone.unroute("**/lapor/*")

    phone.goto("/lapor")
    number = Issue.objects.get().number
    expect(phone.locator("#queue")).to_contain_text(f"Laporan {number} sudah diterima")
    phone.goto("/antrean")
    phone.get_by_role("button", name="Buka").click()

    assert number_on(phone) == number
    assert WORDS not in phone.evaluate("JSON.stringify(localStorage)")


def test_c11_a_reload_brings_words_place_and_photos_back(phone):
    phone.set_input_files("[data-add] input", [photo(400, 300)])
    expect(phone.locator(".shot")).to_contain_text("siap dikirim")
    fill_in(phone)
    phone.reload()

    expect(phone.locator("#restored")).to_be_visible()
    expect(phone.locator(".shot")).to_have_count(1)
    assert phone.locator("#id_description").input_value() == WORDS
    assert phone.locator("#id_service_code").input_value() == "lpju-mati"
    assert phone.locator("#id_lat").input_value() != ""


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
def test_c11_a_restored_point_lies_under_the_pin(visit, device):
    page = visit(**device, permissions=["geolocation"], geolocation=HERE)
    locate(page)
    page.reload()
    expect(page.locator("#restored")).to_be_visible()
    expect(page.locator(".pin, .crosshair")).to_be_visible()

    page.get_by_role("button", name="Pakai titik ini").click()

    expect(page.locator("#point-said")).to_contain_text("Titik ini dipakai")
    assert float(page.locator("#id_lat").input_value()) == pytest.approx(HERE["latitude"], abs=1e-4)
    assert float(page.locator("#id_lon").input_value()) == pytest.approx(
        HERE["longitude"], abs=1e-4
    )


def test_after_the_receipt_this_browser_keeps_nothing(phone):
    phone.set_input_files("[data-add] input", [photo(400, 300)])
    expect(phone.locator(".shot")).to_have_count(1)
    fill_in(phone)
    send(phone)
    number_on(phone)

    assert phone.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    phone.goto("/lapor")
    expect(phone.locator("#summary")).to_be_attached()
    expect(phone.locator(".shot")).to_have_count(0)


def test_a_confidential_report_is_kept_nowhere_but_in_the_page(phone):
    fill_in(phone)
    phone.get_by_role("button", name="Kembali").click()
    phone.get_by_label("Rahasia").check()
    phone.get_by_role("button", name="Lanjut").click()
    phone.route("**/api/issues", lambda route: route.abort())
    send(phone)

    expect(phone.locator("#state")).to_contain_text("tidak disimpan di ponsel")
    assert phone.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert phone.evaluate(ROWS) == 0
    phone.unroute("**/api/issues")
    assert number_on(phone) == Issue.objects.get().number
    assert phone.evaluate(OWN) == 0


def test_where_nothing_may_be_kept_the_page_says_that_it_sends_now_or_not(visit):
    page = visit(**PHONE, permissions=["geolocation"], geolocation=HERE)
    page.evaluate(FORBIDDEN)
    fill_in(page)
    page.route("**/api/issues", lambda route: route.abort())
    send(page)

    expect(page.locator("#state")).to_contain_text("hanya dapat dikirim sekarang")
    page.unroute("**/api/issues")
    assert number_on(page) == Issue.objects.get().number


def test_r17_too_little_room_is_said_before_anything_is_lost(phone):
    phone.evaluate("navigator.storage.estimate = async () => ({ quota: 10, usage: 9 })")
    fill_in(phone)
    phone.route("**/api/issues", lambda route: route.abort())
    send(phone)

    expect(phone.locator("#state")).to_contain_text("hampir habis")
    phone.unroute("**/api/issues")
    assert number_on(phone) == Issue.objects.get().number


def test_a_photo_that_fails_is_sent_again_and_the_report_stands(phone):
    phone.set_input_files("[data-add] input", [photo(400, 300)])
    expect(phone.locator(".shot")).to_have_count(1)
    fill_in(phone)
    phone.route("**/photos", lambda route: route.abort())
    send(phone)
    expect(phone.locator("#state")).to_contain_text("1 foto belum terkirim")
    phone.unroute("**/photos")

    send(phone)

    number_on(phone)
    assert Issue.objects.get().photos.count() == 1


def test_c7_each_photo_says_how_it_goes_and_has_its_own_button(phone):
    pair = [{**photo(60, 40), "name": name} for name in ("satu.jpg", "dua.jpg")]
    phone.set_input_files("[data-add] input", pair)
    expect(phone.locator(".shot").last).to_contain_text("siap dikirim")
    fill_in(phone)
    phone.route(
        "**/photos",
        lambda route: (
            route.abort() if b"satu.jpg" in route.request.post_data_buffer else route.continue_()
        ),
    )
    send(phone)

    expect(phone.locator(".shot", has_text="dua.jpg")).to_contain_text("terkirim")
    expect(phone.locator("#state")).to_contain_text("1 foto belum terkirim")
    first = phone.locator(".shot", has_text="satu.jpg")
    expect(first).to_contain_text("belum terkirim")
    again = first.get_by_role("button", name="Kirim lagi foto 1")
    assert again.evaluate(ON_TOP)
    expect(phone.get_by_role("button", name="Kirim lagi foto 2")).to_have_count(0)
    assert faults(phone) == []
    phone.unroute("**/photos")
    again.click()

    number_on(phone)
    assert Issue.objects.get().photos.count() == 2


def _logged_in(phone, client):
    """Somebody with an account, on this phone."""
    user = make.user()
    client.force_login(user)
    cookie = {"name": "session", "value": client.cookies["session"].value}
    phone.context.add_cookies([{**cookie, "url": phone.url}])
    phone.reload()
    return user


def test_a_report_with_a_worn_out_token_still_belongs_to_who_is_logged_in(phone, client):
    user = _logged_in(phone, client)
    fill_in(phone)
    phone.context.clear_cookies(name="csrf")
    with phone.expect_response("**/api/issues") as answer:
        send(phone)

    assert answer.value.status == 201
    expect(phone.locator("#number, h1").first).to_be_visible()
    assert Issue.objects.get().reporter.user == user


def test_a_log_out_forgets_the_person_and_keeps_what_waits(phone, client):
    _logged_in(phone, client)
    fill_in(phone)
    phone.route("**/api/issues", lambda route: route.abort())
    send(phone)
    _waits(phone)
    phone.goto("/akun/logout/")
    expect(phone.locator("[data-stays]")).to_contain_text("1 laporan masih menunggu")

    phone.locator("main form").get_by_role("button", name="Keluar").click()
    phone.wait_for_url(lambda url: "logout" not in url)
    expect(phone.locator("#queue")).to_contain_text("Menunggu dikirim (1)")
    assert phone.evaluate(ROWS) == 1
    phone.unroute("**/api/issues")
    phone.goto("/antrean")

    expect(phone.locator("[data-queue]")).to_contain_text("DPS-26-")
    assert Issue.objects.get().reporter.user is None


def test_a_log_out_takes_own_numbers_and_drafts_away(phone, client):
    _logged_in(phone, client)
    fill_in(phone)
    send(phone)
    number_on(phone)
    assert phone.evaluate(OWN) == 1
    phone.goto("/lapor")
    phone.get_by_label("Apa yang terjadi?").evaluate(TYPE, WORDS)
    phone.goto("/akun/logout/")

    phone.locator("main form").get_by_role("button", name="Keluar").click()
    phone.wait_for_url(lambda url: "logout" not in url)

    holds(phone, f"{OWN}.then((left) => left === 0)")
    assert WORDS not in phone.evaluate("JSON.stringify(localStorage)")
