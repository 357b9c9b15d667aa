"""A citizen reports and follows: by thumb, by keyboard, without JavaScript, over a bad network."""

import re
from io import BytesIO

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect

from geodata.models import Level
from issues import actions
from issues.models import Issue, Photo
from issues.workflow import Status, Step
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1280, "height": 900}}
HERE = {"latitude": make.LAT + 0.01, "longitude": make.LON + 0.01, "accuracy": 12}
WORDS = "Lampu jalan mati sejak tiga malam."
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(autouse=True)
def _world(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    make.world()
    make.category("lainnya", fast_lane=False)


@pytest.fixture
def visit(browser, live_server):
    """Open pages of our own; whatever they complain of, or ask of strangers, fails the test."""
    contexts, complaints = [], []

    def open_(path="/lapor", **options):
        context = browser.new_context(base_url=live_server.url, locale="id-ID", **options)
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if _bad(said) else None)
        page.on("request", lambda asked: complaints.append(asked.url) if _foreign(asked) else None)
        page.goto(path)
        return page

    def _foreign(asked):
        return not asked.url.startswith((live_server.url, "data:", "blob:"))

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []


def _bad(said):
    # A refusal by our own server, or a network that we cut, is what some tests are about.
    return said.type == "error" and not said.text.startswith("Failed to load resource")


@pytest.fixture
def phone(visit):
    return visit(**PHONE, permissions=["geolocation"], geolocation=HERE)


def photo(width=3000, height=2000):
    body = BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "<script>alert(1)</script>"
    Image.effect_noise((width, height), 90).convert("RGB").save(body, "JPEG", exif=exif)
    return {"name": "<img src=x>.jpg", "mimeType": "image/jpeg", "buffer": body.getvalue()}


def locate(page):
    page.get_by_role("button", name="Gunakan lokasi saya").click()
    expect(page.locator("#point-said")).to_contain_text("Titik ditandai")


def choose(page, kind="Lpju Mati"):
    page.locator(".tile-choice", has_text=kind).click()


def fill_in(page):
    """Everything but the last button, on a phone."""
    locate(page)
    page.get_by_role("button", name="Lanjut").click()
    choose(page)
    page.get_by_label("Apa yang terjadi?").fill(WORDS)
    page.get_by_role("button", name="Lanjut").click()


def send(page):
    page.get_by_role("button", name=re.compile("Kirim (laporan|lagi)")).click()


def number_on(page):
    page.wait_for_url("**/lapor/*-*")
    return page.locator("#number").inner_text()


def faults(page):
    found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
    return [(one["id"], [node["target"] for node in one["nodes"]]) for one in found]


# Reporting by thumb ------------------------------------------------------------------------


def test_c1_a_report_takes_three_screens_and_six_taps(phone):
    taps = 1  # "Laporkan" on the map
    for control in ("#locate", "[data-next]", ".tile-choice:has([value='lpju-mati'])"):
        phone.tap(control)
        taps += 1
    phone.keyboard.type(WORDS)
    for control in ("[data-next]", "[data-send]"):
        phone.tap(control)
        taps += 1

    assert number_on(phone) == Issue.objects.get().number
    assert taps == 6


def test_c7_photos_are_small_and_arrive_with_the_report(phone):
    phone.set_input_files("[data-add] input", [photo(), photo()])
    expect(phone.locator(".shot")).to_have_count(2)
    phone.get_by_role("button", name="Buang foto 2").click()
    fill_in(phone)
    send(phone)

    number_on(phone)
    kept = Photo.objects.get()
    assert kept.size <= 500_000
    expect(phone.get_by_text("Foto 1 sudah tersimpan")).to_be_visible()


def test_c9_the_receipt_tells_number_owner_date_and_link(phone):
    fill_in(phone)
    expect(phone.locator("#summary")).to_contain_text("Dinas Dishub")
    send(phone)

    issue = Issue.objects.get(number=number_on(phone))
    expect(phone.locator("main")).to_contain_text(issue.department.name)
    expect(phone.locator("main")).to_contain_text("hari kerja")
    assert phone.locator("#secret-link").input_value().endswith(actions.token_for(issue))


def test_c12_a_double_tap_makes_one_report(phone):
    fill_in(phone)
    phone.locator("[data-send]").dblclick()

    number_on(phone)
    assert Issue.objects.count() == 1


@pytest.mark.parametrize(
    ("code", "said"), [(1, "ditolak"), (2, "tidak dapat menemukan"), (3, "10 detik")]
)
def test_c2_each_failure_of_the_device_has_its_own_words(visit, code, said):
    page = visit("/privasi", **PHONE)
    page.add_init_script(
        f"navigator.geolocation.getCurrentPosition = (_yes, no) => no({{ code: {code} }});"
    )
    page.goto("/lapor")

    page.get_by_role("button", name="Gunakan lokasi saya").click()

    expect(page.locator("#locate-status")).to_contain_text(said)
    expect(page.locator(".leaflet-container")).to_be_visible()


def test_c2_a_place_outside_the_city_has_its_own_words(visit):
    page = visit(
        **PHONE, permissions=["geolocation"], geolocation={"latitude": -8.1, "longitude": 115.1}
    )

    page.get_by_role("button", name="Gunakan lokasi saya").click()

    expect(page.locator("#locate-status")).to_contain_text("di luar Kota Denpasar")


def test_c2_nobody_is_asked_for_the_place_before_a_tap(visit):
    page = visit("/privasi", **PHONE)
    page.add_init_script("navigator.geolocation.getCurrentPosition = () => { window.asked = 1; };")
    page.goto("/lapor")
    expect(page.locator(".leaflet-container")).to_be_visible()

    assert page.evaluate("window.asked") is None


def test_c3_the_crosshair_is_taken_by_its_button(visit):
    page = visit(**PHONE)

    page.get_by_role("button", name="Pakai titik ini").click()

    expect(page.locator("#point-said")).to_contain_text("Titik ini dipakai")
    assert page.locator("#id_lat").input_value() != ""


def test_c3_what_the_button_takes_is_seen_before_it_is_taken(visit):
    expect(visit(**PHONE).locator(".crosshair")).to_be_visible()
    page = visit(**DESK)
    ring = "getComputedStyle(document.querySelector('.report__map'), '::after').content"
    assert page.evaluate(ring) == "none"

    page.get_by_role("button", name="Pakai titik ini").hover()

    assert page.evaluate(ring) != "none"


def test_c4_outside_the_border_the_neighbour_is_named_and_nothing_is_lost(visit):
    drawn = make.edition(Level.NEIGHBOUR.layer)
    east = make.square(west=make.LON + make.SIDE, side=0.1)
    make.area("51.03", level=Level.NEIGHBOUR, within=drawn, shape=east, name="Badung")
    page = visit(f"/lapor?lat={make.LAT + 0.01}&lon={make.LON + 0.03}", **PHONE)

    expect(page.locator("#id_lat_error")).to_contain_text("Badung")
    page.get_by_role("button", name="Lanjut").click()

    expect(page.locator("#errors")).to_contain_text("di luar batas Denpasar")
    assert page.locator("#id_lon").input_value() == str(make.LON + 0.03)
    assert not Issue.objects.exists()


def test_c6_everyday_words_find_a_kind(visit):
    make.category("jalan-rusak", keywords=["jalan bolong"], name="Jalan rusak atau berlubang")
    page = visit(**DESK)

    page.get_by_label("Jenis lain: cari dengan kata sehari-hari").fill("bolong")
    page.locator("[data-matches] .tile-choice").click()

    assert page.locator("#id_service_code").input_value() == "jalan-rusak"


def test_c6_a_kind_that_is_found_stands_once(visit):
    page = visit(**DESK)
    expect(page.locator("[data-top] .tile-choice", has_text="Lpju Mati")).to_be_visible()

    page.get_by_label("Jenis lain: cari dengan kata sehari-hari").fill("lpju")

    expect(page.locator(".tile-choice:visible", has_text="Lpju Mati")).to_have_count(1)
    expect(page.locator("#kind-found")).to_have_text("1 jenis cocok")


def test_a_marked_point_is_told_by_street_and_area(visit):
    make.road(
        [(make.LON, make.LAT + 0.01), (make.LON + 0.02, make.LAT + 0.01)],
        road_class="city",
        name="Jalan Kamboja",
    )
    page = visit(f"/lapor?lat={HERE['latitude']}&lon={HERE['longitude']}", **DESK)

    for said in ("#point-said", "[data-sum=place]"):
        expect(page.locator(said)).to_contain_text("Jalan Kamboja, Kelurahan 1.2")


def test_what_is_mended_is_no_longer_called_wrong(phone):
    phone.get_by_role("button", name="Lanjut").click()
    expect(phone.locator("#errors")).to_contain_text("Belum lengkap")

    locate(phone)

    expect(phone.locator("#errors")).to_be_hidden()
    expect(phone.locator("#id_lat_error")).to_be_hidden()


def test_a_kind_with_a_warning_shows_it_at_once(visit):
    make.category("darurat", warning="Telepon 112 sekarang juga.", name="Kebakaran")
    page = visit(**DESK)

    choose(page, "Kebakaran")

    expect(page.get_by_role("alert").get_by_text("Telepon 112 sekarang juga.")).to_be_visible()


def test_a_sensitive_kind_is_confidential_and_cannot_be_widened(visit):
    make.category("pungli", confidential=True, name="Pungutan liar")
    page = visit(**DESK)

    choose(page, "Pungutan liar")

    expect(page.get_by_label("Rahasia")).to_be_checked()
    expect(page.get_by_label("Rahasia")).to_be_disabled()
    choose(page)
    expect(page.get_by_label("Rahasia")).not_to_be_checked()


# Over a bad network ------------------------------------------------------------------------


def test_c12_without_a_network_nothing_is_lost_and_nothing_is_claimed(phone):
    fill_in(phone)
    phone.route("**/api/issues", lambda route: route.abort())
    send(phone)

    expect(phone.locator("#state")).to_contain_text("Belum pasti terkirim")
    assert "diterima" not in phone.locator("#state").inner_text()
    phone.unroute("**/api/issues")
    send(phone)

    assert number_on(phone) == Issue.objects.get().number


def test_a_lost_answer_makes_no_second_report(phone):
    fill_in(phone)
    phone.route("**/api/issues", lambda route: (route.fetch(), route.abort()))
    send(phone)
    expect(phone.locator("#state")).to_contain_text("Belum pasti terkirim")
    phone.unroute("**/api/issues")

    send(phone)

    assert number_on(phone) == Issue.objects.get().number


def test_words_changed_after_a_lost_answer_still_lead_to_the_first_receipt(phone):
    fill_in(phone)
    phone.route("**/api/issues", lambda route: (route.fetch(), route.abort()))
    send(phone)
    expect(phone.locator("#state")).to_contain_text("Belum pasti terkirim")
    phone.unroute("**/api/issues")
    phone.get_by_label("Anonim").check()

    send(phone)

    assert number_on(phone) == Issue.objects.get().number


def test_a_receipt_that_did_not_load_opens_when_the_form_is_opened_again(phone):
    fill_in(phone)
    phone.route("**/lapor/*", lambda route: route.abort())
    with phone.expect_event("requestfailed"):
        send(phone)
    phone.unroute("**/lapor/*")

    phone.goto("/lapor")

    assert number_on(phone) == Issue.objects.get().number
    assert phone.evaluate("Object.keys(localStorage).filter((key) => key.includes('draft'))") == []


def test_c11_a_reload_brings_words_place_and_photos_back(phone):
    phone.set_input_files("[data-add] input", [photo(400, 300)])
    expect(phone.locator(".shot")).to_have_count(1)
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
    phone.get_by_label("Rahasia").check()

    assert phone.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


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


# By keyboard, without JavaScript, for everybody ----------------------------------------------


def test_c3_a_report_without_a_map_by_keyboard_only(visit):
    page = visit(**DESK)
    expect(page.locator(".leaflet-container")).to_be_visible()
    walk_to(page, "[data-no-map]")
    page.keyboard.press("Enter")
    page.keyboard.type("Kelurahan 1.2")
    walk_to(page, "[name=kind]")
    page.keyboard.press("Space")
    walk_to(page, "#id_description")
    page.keyboard.type(WORDS)
    walk_to(page, "[data-send]")
    page.keyboard.press("Enter")

    number_on(page)
    assert Issue.objects.get().jurisdiction.code == "1.2"


def walk_to(page, selector):
    for _stop in range(40):
        if page.evaluate("(one) => document.activeElement.matches(one)", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"no tab stop leads to {selector}")


def test_the_pin_moves_by_arrow_keys(visit):
    page = visit(f"/lapor?lat={HERE['latitude']}&lon={HERE['longitude']}", **DESK)
    pin = page.locator(".pin")
    expect(pin).to_be_visible()
    pin.focus()

    page.keyboard.press("ArrowUp")

    expect(page.locator("#id_lat")).not_to_have_value(str(HERE["latitude"]))
    assert float(page.locator("#id_lat").input_value()) > HERE["latitude"]


def test_a7_the_whole_form_works_without_javascript(visit):
    page = visit(java_script_enabled=False, **PHONE)
    page.get_by_label("Desa atau kelurahan").select_option("1.2")
    page.get_by_label("Jenis masalah").select_option("lpju-mati")
    page.get_by_label("Apa yang terjadi?").fill("a b c d e f g")
    page.locator("[name=photo_1]").set_input_files([photo(400, 300)])
    page.get_by_role("button", name="Kirim laporan").click()

    expect(page.get_by_role("alert")).to_contain_text("paling sedikit 10 huruf")
    expect(page.get_by_label("sudah tersimpan dan ikut dikirim")).to_be_checked()
    page.get_by_label("Apa yang terjadi?").fill(WORDS)
    page.get_by_role("button", name="Kirim laporan").click()

    number_on(page)
    assert Issue.objects.get().photos.count() == 1


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a1_axe_finds_nothing_on_the_form(visit, device, scheme):
    page = visit(color_scheme=scheme, **device)
    expect(page.locator(".leaflet-container")).to_be_visible()
    assert faults(page) == []

    page.locator("[data-next]:visible, [data-send]:visible").first.click()

    expect(page.locator("#errors")).to_be_focused()
    assert faults(page) == []


@pytest.mark.parametrize("path", ["/lacak", "/privasi"])
def test_a1_axe_finds_nothing_on_the_other_doors(visit, path):
    assert faults(visit(path, **PHONE)) == []


@pytest.mark.parametrize("path", ["/lapor", "/lacak", "/privasi"])
def test_a4_nothing_is_wider_than_a_small_phone(visit, path):
    page = visit(path, viewport={"width": 320, "height": 640})

    assert page.evaluate("document.documentElement.scrollWidth") <= 320


# Following -----------------------------------------------------------------------------------


def test_the_tracking_link_opens_ones_own_page_and_leaves_no_secret(visit):
    issue = make.issue()
    secret = actions.token_for(issue)
    page = visit("/privasi", **PHONE)

    page.goto(f"/lacak#{secret}")

    page.wait_for_url(f"**/lacak/{issue.number}")
    assert secret not in page.url
    assert faults(page) == []


def test_c17_belum_opens_the_report_again(visit):
    issue = make.issue(steps=[Step.RESOLVE])
    page = visit("/privasi", **PHONE)
    page.goto(f"/lacak#{actions.token_for(issue)}")

    page.get_by_text("Belum beres", exact=True).click()
    page.get_by_label("Apa yang belum beres?").fill("Masih mati.")
    page.get_by_role("button", name="Buka kembali laporan").click()

    expect(page.get_by_text("Laporan dibuka kembali")).to_be_visible()
    issue.refresh_from_db()
    assert issue.status == Status.ASSIGNED


def test_a1_axe_finds_nothing_on_receipt_and_own_page(phone):
    fill_in(phone)
    send(phone)
    number_on(phone)
    assert faults(phone) == []

    phone.get_by_role("link", name="Buka laporan saya").click()

    expect(phone.get_by_role("heading", name="Perjalanan laporan")).to_be_visible()
    assert faults(phone) == []
