"""Where it is: the photo, the phone, the map, a search, a street, an area, or no map at all."""

from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import expect

from issues.models import Issue
from tests import make
from tests.browser.citizen import (
    DESK,
    HERE,
    PHONE,
    WORDS,
    choose,
    faults,
    locate,
    number_on,
    photo,
    send,
)

pytestmark = pytest.mark.django_db(transaction=True)

LENS = {"latitude": HERE["latitude"] - 0.004, "longitude": HERE["longitude"] + 0.003}


@pytest.fixture(autouse=True)
def _world(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    make.world()
    make.category("lainnya", fast_lane=False)


def taken_at(latitude, longitude):
    """A photo whose camera knew where it was; its clock is an old one."""
    exif = Image.Exif()
    exif.get_ifd(0x8825).update(
        {1: "S", 2: degrees(abs(latitude)), 3: "E", 4: degrees(longitude)},
    )
    exif.get_ifd(0x8769)[0x9003] = "2026:03:02 19:30:00"
    body = BytesIO()
    Image.effect_noise((640, 480), 40).convert("RGB").save(body, "JPEG", exif=exif)
    return {"name": "lampu.jpg", "mimeType": "image/jpeg", "buffer": body.getvalue()}


def degrees(value):
    whole, rest = divmod(value * 60, 60)
    return (whole, int(rest), round(rest % 1 * 60, 4))


# The photo proposes -------------------------------------------------------------------------


def test_c7_a_photo_that_knows_its_place_proposes_it(visit):
    page = visit(**PHONE)
    page.set_input_files("[data-add] input", [taken_at(**LENS)])

    expect(page.locator("[data-offer]")).to_contain_text("Lokasi dari foto: Kelurahan 1.2")
    assert page.locator("#id_lat").input_value() == ""
    page.get_by_role("button", name="Pakai", exact=True).click()

    expect(page.locator("#point-said")).to_contain_text("Titik dari foto dipakai")
    assert float(page.locator("#id_lat").input_value()) == pytest.approx(LENS["latitude"], abs=1e-5)
    assert page.locator("[name=observed_at]").input_value().startswith("2026-03-02")


def test_c7_going_on_past_a_photo_s_place_leads_to_its_button(visit):
    page = visit(**PHONE)
    page.set_input_files("[data-add] input", [taken_at(**LENS)])
    take = page.get_by_role("button", name="Pakai", exact=True)
    expect(take).to_be_visible()
    assert take.bounding_box()["height"] >= 44
    page.get_by_role("button", name="Lanjut").click()

    expect(take).to_be_focused()
    expect(take).to_be_in_viewport()
    expect(page.locator("#errors")).to_contain_text("Pakai lokasi dari foto, atau tandai titik")
    expect(page.locator("[data-offer] .field__error")).to_be_visible()
    assert faults(page) == []
    page.keyboard.press("Enter")

    expect(page.locator("#errors")).to_be_hidden()
    expect(page.locator("#point-said")).to_be_focused()
    expect(page.locator("#point-said")).to_be_in_viewport()
    expect(page.locator(".leaflet-control-scale")).to_contain_text("100 m")
    bar = page.locator(".report__bar").bounding_box()
    said = page.locator("#point-said").bounding_box()
    assert said["y"] + said["height"] <= bar["y"]
    page.get_by_role("button", name="Lanjut").click()
    expect(page.get_by_label("Apa yang terjadi?")).to_be_visible()


def test_c4_a_photo_from_elsewhere_is_told_and_moves_nothing(visit):
    page = visit(**PHONE)

    page.set_input_files("[data-add] input", [taken_at(-8.4, 115.1)])

    expect(page.locator("[data-offer]")).to_contain_text("di luar kota")
    assert page.locator("#id_lat").input_value() == ""
    expect(page.locator(".shot")).to_contain_text("siap dikirim")


def test_a_photo_without_a_place_offers_the_phone_s_own(phone):
    phone.set_input_files(".report__camera input", [photo(400, 300)])

    phone.get_by_role("button", name="Ya, pakai lokasi saya").click()

    expect(phone.locator("#point-said")).to_contain_text("Titik ditandai")
    assert float(phone.locator("#id_lat").input_value()) == pytest.approx(HERE["latitude"])


def test_c7_five_photos_are_enough_and_each_can_go(visit):
    page = visit(**PHONE)
    page.set_input_files("[data-add] input", [photo(200, 100) for _each in range(6)])

    expect(page.locator(".shot")).to_have_count(5)
    expect(page.locator("[data-rich] [role=status]")).to_contain_text("Paling banyak 5 foto")
    expect(page.locator("[data-add]")).to_be_hidden()
    page.get_by_role("button", name="Buang foto 5").click()

    expect(page.locator("[data-add]")).to_be_visible()


# The map ------------------------------------------------------------------------------------


def test_c3_the_untouched_middle_of_the_city_is_nobody_s_choice(visit):
    page = visit(**PHONE)
    use = page.get_by_role("button", name="Pakai titik ini")
    expect(use).to_have_attribute("aria-disabled", "true")
    use.dispatch_event("click")
    expect(page.locator("#point-said")).to_contain_text("Geser atau perbesar peta dulu")
    assert page.locator("#id_lat").input_value() == ""

    page.locator(".leaflet-container").focus()
    page.keyboard.press("ArrowUp")
    expect(use).not_to_have_attribute("aria-disabled", "true")
    page.keyboard.press("Tab")
    use.click()

    expect(page.locator("#point-said")).to_contain_text("Titik ini dipakai")


def test_c3_enter_in_the_search_takes_the_first_place(visit):
    street([(make.LON, make.LAT + 0.01), (make.LON + 0.02, make.LAT + 0.01)])
    page = visit(**DESK)

    page.get_by_label("Cari jalan atau wilayah").fill("kamboja")
    page.keyboard.press("Enter")

    expect(page.locator("#point-said")).to_contain_text("Jalan Kamboja")
    assert "/lapor" in page.url


def street(line):
    return make.road(line, road_class="city", name="Jalan Kamboja")


def test_c2_outside_the_city_names_the_neighbour_and_keeps_the_point(visit):
    page = visit(
        **PHONE,
        permissions=["geolocation"],
        geolocation={"latitude": make.LAT, "longitude": make.LON + 0.05, "accuracy": 10},
    )

    page.get_by_role("button", name="Gunakan lokasi saya").click()

    expect(page.locator("#locate-status")).to_contain_text("di luar Kota Denpasar")
    expect(page.locator("#id_lat_error")).to_contain_text("di luar batas Denpasar")
    assert float(page.locator("#id_lon").input_value()) == pytest.approx(make.LON + 0.05)


# Not a point --------------------------------------------------------------------------------


def test_a_whole_street_takes_the_place_of_the_point(phone):
    street([(make.LON, make.LAT + 0.01), (make.LON + 0.02, make.LAT + 0.01)])
    locate(phone)
    phone.get_by_label("Masalahnya sepanjang Jalan Kamboja").check()
    expect(phone.locator("#point-said")).to_contain_text("Sepanjang Jalan Kamboja")
    assert phone.locator("#id_lat").input_value() == ""

    phone.get_by_role("button", name="Lanjut").click()
    choose(phone)
    phone.get_by_label("Apa yang terjadi?").fill(WORDS)
    phone.get_by_role("button", name="Lanjut").click()
    expect(phone.locator("[data-sum=place]")).to_contain_text("Sepanjang Jalan Kamboja")
    send(phone)

    number_on(phone)
    issue = Issue.objects.get()
    assert (issue.point, issue.jurisdiction.code) == (None, "1.2")


def test_a_street_that_is_none_after_all_gives_the_pin_back(phone):
    street([(make.LON, make.LAT + 0.01), (make.LON + 0.02, make.LAT + 0.01)])
    locate(phone)
    box = phone.get_by_label("Masalahnya sepanjang Jalan Kamboja")
    box.check()
    box.uncheck()

    expect(phone.locator("#point-said")).to_contain_text("Titik ditandai")
    assert float(phone.locator("#id_lat").input_value()) == pytest.approx(HERE["latitude"])


def test_a_matter_of_the_whole_city_needs_no_place(visit):
    page = visit(**DESK)
    page.get_by_role("button", name="Tanpa peta, atau bukan satu titik").click()
    page.get_by_label("Desa atau kelurahan").select_option("0")
    choose(page, "Layanan Lambat")
    page.get_by_label("Apa yang terjadi?").fill("Antrean layanan terlalu lama setiap hari.")
    page.get_by_role("button", name="Kirim laporan").click()

    number_on(page)
    assert Issue.objects.get().jurisdiction.code == "0"


def test_c3_without_the_map_s_script_a_report_still_goes(visit):
    page = visit("/privasi", **PHONE)
    page.route("**/static/leaflet/*.js", lambda route: route.abort())
    # django-leaflet's own line calls what did not come; that is what this test is about.
    page.add_init_script("addEventListener('error', (event) => event.preventDefault())")
    page.goto("/lapor")
    page.get_by_label("Desa atau kelurahan").select_option("1.2")
    page.get_by_role("button", name="Lanjut").click()
    choose(page)
    page.get_by_label("Apa yang terjadi?").fill(WORDS)
    page.get_by_role("button", name="Lanjut").click()
    send(page)

    number_on(page)
    assert Issue.objects.get().jurisdiction.code == "1.2"


# Everybody ----------------------------------------------------------------------------------


def test_a1_axe_finds_nothing_while_a_photo_proposes(visit):
    page = visit(**PHONE)
    page.set_input_files("[data-add] input", [taken_at(**LENS)])
    expect(page.locator("[data-offer]")).to_contain_text("Lokasi dari foto")

    assert faults(page) == []


def test_a3_what_is_pressed_is_large_enough(phone):
    phone.set_input_files("[data-add] input", [photo(400, 300)])
    expect(phone.locator("[data-offer]")).to_be_visible()

    small = phone.evaluate(
        """[...document.querySelectorAll("main button, main label.button, main .tile-choice")]
          .filter((one) => one.checkVisibility())
          .map((one) => [one.textContent.trim(), one.getBoundingClientRect()])
          .filter(([, box]) => box.width < 24 || box.height < 24).map(([name]) => name)"""
    )

    assert small == []
    for name in ("Lanjut", "Gunakan lokasi saya"):
        assert phone.get_by_role("button", name=name).bounding_box()["height"] >= 44


def test_a4_at_four_hundred_per_cent_nothing_is_cut_off(visit):
    page = visit(viewport={"width": 320, "height": 256})
    page.set_input_files("[data-add] input", [taken_at(**LENS)])
    expect(page.locator("[data-offer]")).to_be_visible()

    assert page.evaluate("document.documentElement.scrollWidth") <= 320
