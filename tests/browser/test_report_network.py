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
    fill_in,
    locate,
    number_on,
    photo,
    send,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _world(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    make.world()
    make.category("lainnya", fast_lane=False)


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
