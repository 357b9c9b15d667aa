"""A citizen reports and follows: by thumb, by keyboard, without JavaScript."""

import re

import pytest
from django.core.files.storage import default_storage
from PIL import Image
from playwright.sync_api import expect

from geodata.models import Level
from issues import actions
from issues.models import Issue, Photo
from issues.workflow import Status, Step
from tests import make
from tests.browser.citizen import (
    DESK,
    HERE,
    PHONE,
    WORDS,
    choose,
    faults,
    fill_in,
    locate,
    number_on,
    photo,
    send,
)

pytestmark = pytest.mark.django_db(transaction=True)
# A cheap phone takes its time over a large picture: here until the test lets it go on.
SLOW_PHOTOS = """
const waiting = new Promise((resolve) => { globalThis.goOn = resolve; });
const decode = globalThis.createImageBitmap;
globalThis.createImageBitmap = async (...given) => { await waiting; return decode(...given); };
"""


@pytest.fixture(autouse=True)
def _world(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    make.world()
    make.category("lainnya", fast_lane=False)


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


def test_c1_in_a_hurry_a_photo_stands_for_the_words(phone):
    locate(phone)
    phone.get_by_role("button", name="Lanjut").click()
    choose(phone)
    expect(phone.locator("#words-need")).to_have_text("(wajib, atau tambahkan foto)")
    phone.get_by_role("button", name="Lanjut").click()
    expect(phone.locator("#errors")).to_contain_text("paling sedikit 10 huruf")
    phone.get_by_role("button", name="Kembali").click()
    phone.set_input_files("[data-add] input", [photo(400, 300)])
    expect(phone.locator(".shot")).to_contain_text("siap dikirim")
    phone.get_by_role("button", name="Lanjut").click()
    expect(phone.locator("#words-need")).to_have_text("(boleh kosong)")
    phone.get_by_role("button", name="Lanjut").click()
    send(phone)

    number_on(phone)
    assert Issue.objects.get().description == ""


def test_c13_anonymous_and_confidential_are_explained_in_a_line_and_kept(phone):
    fill_in(phone)
    in_a_line = re.compile(r"^[^.]+\.$")
    anonymous = phone.get_by_role("checkbox", name="Anonim")
    expect(anonymous).to_have_accessible_description(in_a_line)
    anonymous.check()
    phone.get_by_role("button", name="Kembali").click()
    confidential = phone.get_by_role("checkbox", name="Rahasia")
    expect(confidential).to_have_accessible_description(in_a_line)
    words = phone.get_by_label("Apa yang terjadi?").bounding_box()
    assert confidential.bounding_box()["y"] < words["y"], "asked before the words"
    phone.get_by_role("button", name="Lanjut").click()
    phone.get_by_text("Ingin dikabari?").click()
    phone.get_by_label("Nama", exact=True).fill("Ni Luh Warga")
    phone.get_by_label("Alamat surel").fill("luh@contoh.id")
    phone.get_by_label("Nomor telepon").fill("0812 3456 7890")
    phone.get_by_label("Saya setuju").check()
    send(phone)

    shown = phone.request.get(f"/laporan/{number_on(phone)}")
    for secret in ("Ni Luh", "contoh.id", "3456"):
        assert secret not in shown.text()


def test_a5_what_happens_is_announced_and_errors_are_tied(phone):
    phone.get_by_role("button", name="Lanjut").click()
    expect(phone.get_by_role("alert").filter(has_text="Tandai titik di peta")).to_be_focused()
    locate(phone)
    expect(phone.get_by_role("status").filter(has_text="Titik ditandai")).to_be_visible()
    phone.get_by_role("button", name="Lanjut").click()
    search = phone.get_by_label("Jenis lain: cari dengan kata sehari-hari")
    search.fill("lpju")
    expect(phone.get_by_role("status").filter(has_text="cocok")).to_be_visible()
    search.press("Enter")
    phone.get_by_role("button", name="Lanjut").click()
    words = phone.get_by_label("Apa yang terjadi?")
    expect(words).to_have_attribute("aria-describedby", re.compile("id_description_error"))
    expect(words).to_have_accessible_description(re.compile("paling sedikit 10 huruf"))


def test_on_a_desk_map_and_send_button_stay_in_sight(visit):
    page = visit(f"/lapor?lat={HERE['latitude']}&lon={HERE['longitude']}", **DESK)
    expect(page.locator(".leaflet-container")).to_be_visible()
    expect(page.get_by_role("button", name="Kirim laporan")).to_be_in_viewport()

    page.get_by_text("Ingin dikabari?").scroll_into_view_if_needed()
    page.evaluate("scrollBy(0, 400)")

    expect(page.locator(".leaflet-container")).to_be_in_viewport()
    expect(page.get_by_role("button", name="Kirim laporan")).to_be_in_viewport()


def test_c7_photos_are_small_and_arrive_with_the_report(phone):
    phone.set_input_files("[data-add] input", [photo(), photo()])
    expect(phone.locator(".shot")).to_have_count(2)
    phone.get_by_role("button", name="Buang foto 2").click()
    fill_in(phone)
    send(phone)

    number_on(phone)
    kept = Photo.objects.get()
    assert kept.size <= 500_000
    assert bare(kept)
    expect(phone.get_by_text("Foto 1 sudah tersimpan")).to_be_visible()


def test_c7_a_press_while_a_photo_is_made_small_counts_and_takes_it_along(visit):
    page = visit("/privasi", **PHONE, permissions=["geolocation"], geolocation=HERE)
    page.add_init_script(SLOW_PHOTOS)
    page.goto("/lapor")
    page.set_input_files("[data-add] input", [photo(400, 300)])
    expect(page.locator(".shot")).to_contain_text("disiapkan")
    fill_in(page)
    send(page)
    expect(page.locator("#state")).to_have_text("Menyiapkan foto…")

    page.evaluate("goOn()")

    number_on(page)
    assert Photo.objects.count() == 1


def bare(kept):
    """Whether a stored file, as it was uploaded, is at most 1600 px long and without EXIF."""
    with default_storage.open(kept.original_path) as file, Image.open(file) as picture:
        return max(picture.size) <= 1600 and not picture.getexif()


def test_c9_the_receipt_tells_number_owner_date_and_link(phone):
    fill_in(phone)
    expect(phone.locator("#summary")).to_contain_text("Dinas Dishub")
    send(phone)

    issue = Issue.objects.get(number=number_on(phone))
    expect(phone.locator("main")).to_contain_text(issue.department.name)
    expect(phone.locator("main")).to_contain_text("hari kerja")
    assert phone.locator("#secret-link").input_value().endswith(actions.token_for(issue))
    expect(phone.get_by_role("heading", name="Kabar untuk Anda")).to_be_visible()
    phone.get_by_role("link", name="Kabari lewat").click()
    phone.wait_for_url(f"**/ikuti?laporan={issue.number}")


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
    page.locator(".leaflet-container").focus()
    page.keyboard.press("ArrowUp")

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


# By keyboard, without JavaScript, for everybody ----------------------------------------------


def test_a2_a_report_without_a_map_by_keyboard_only(visit):
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


def test_a2_the_pin_moves_by_arrow_keys(visit):
    page = visit(f"/lapor?lat={HERE['latitude']}&lon={HERE['longitude']}", **DESK)
    pin = page.locator(".pin")
    expect(pin).to_be_visible()
    pin.focus()

    page.keyboard.press("ArrowUp")

    expect(page.locator("#id_lat")).not_to_have_value(str(HERE["latitude"]))
    assert float(page.locator("#id_lat").input_value()) > HERE["latitude"]


def test_a7_the_whole_form_works_without_javascript(visit):
    page = visit(java_script_enabled=False, **PHONE)
    place, photos = page.locator("#where"), page.locator(".report__photos")
    assert place.bounding_box()["y"] < photos.bounding_box()["y"]
    assert photos.bounding_box()["height"] < 300
    page.get_by_label("Jenis masalah").select_option("lpju-mati")
    page.locator("[name=photo_1]").set_input_files([photo(400, 300)])
    page.get_by_role("button", name="Kirim laporan").click()

    expect(page.get_by_role("alert")).to_contain_text("Pilih desa atau kelurahan")
    expect(page.get_by_label("sudah tersimpan dan ikut dikirim")).to_be_checked()
    page.get_by_label("Desa atau kelurahan").select_option("1.2")
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


def test_c7_a_photo_that_is_added_later_goes_small_and_bare(visit):
    issue = make.issue()
    page = visit("/privasi", **PHONE)
    page.goto(f"/lacak#{actions.token_for(issue)}")
    large = photo(2000, 1500)
    assert len(large["buffer"]) > 1_000_000

    page.get_by_text("Tambah foto", exact=True).click()
    page.get_by_label("Foto 1").set_input_files([large])
    page.get_by_role("button", name="Kirim foto").click()

    expect(page.get_by_text("Foto ditambahkan")).to_be_visible(timeout=30_000)
    kept = Photo.objects.get()
    assert kept.size <= 500_000
    assert bare(kept)


def test_c7_without_a_script_an_added_photo_goes_as_it_is(visit):
    issue = make.issue()
    page = visit("/lacak", java_script_enabled=False, **PHONE)
    page.locator("[name=rahasia]").fill(actions.token_for(issue))
    page.locator("[name=rahasia]").press("Enter")

    page.get_by_text("Tambah foto", exact=True).click()
    page.get_by_label("Foto 1").set_input_files([photo(400, 300)])
    page.get_by_role("button", name="Kirim foto").click()

    expect(page.get_by_text("Foto ditambahkan")).to_be_visible()
