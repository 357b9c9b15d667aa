"""What the public map says where there is little room, or little to say."""

import pytest
from playwright.sync_api import expect

from tests.browser.maps import DESKTOP, PHONE, map_city, open_map, page

__all__ = ["map_city", "page"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("map_city")]


def test_a_phone_says_that_no_hotspot_was_found(page, live_server):
    page.set_viewport_size(PHONE)
    page.goto(f"{live_server.url}/?layer=lapangan#13/-8.65/115.21/hotspots")

    expect(page.locator("#told")).not_to_be_empty()
    expect(page.locator("#told")).to_be_in_viewport()


def test_a_link_to_an_area_shows_that_area(page, live_server):
    open_map(page, live_server, "/?area=1.2", DESKTOP)

    page.wait_for_function("Number(location.hash.slice(1).split('/')[0]) >= 14")

    lat, lon = (float(part) for part in page.url.split("#")[1].split("/")[1:3])
    assert (lat, lon) == pytest.approx((-8.65, 115.21), abs=0.005)


def test_a_status_that_is_chosen_leaves_the_other_counts(page, live_server):
    open_map(page, live_server, "/?layer=lapangan", DESKTOP)

    expect(page.locator("[data-layer=lapangan].legend__count")).to_have_text("1")
    expect(page.locator("[data-layer=belum].legend__count")).to_have_text("7")


def test_a_tiny_frame_is_a_picture_with_its_zoom(page, live_server):
    page.set_viewport_size({"width": 300, "height": 250})
    page.goto(f"{live_server.url}/embed/")

    expect(page.locator(".leaflet-control-zoom")).to_be_visible()
    for part in (".search", ".drawing", ".tools", ".legend"):
        expect(page.locator(part)).to_be_hidden()


def test_a_place_that_was_searched_for_tells_what_is_near(page, live_server):
    open_map(page, live_server, size=PHONE)

    page.get_by_role("searchbox", name="Cari jalan").fill("Jalan Uji")
    page.locator("#found button").first.click()

    expect(page.locator(".spot-near a").first).to_be_visible()
    expect(page.locator(".spot-near > li")).to_have_count(3)


def test_words_that_are_no_place_lead_to_the_reports_about_them(page, live_server):
    open_map(page, live_server, size=PHONE)

    page.get_by_role("searchbox", name="Cari jalan").fill("lampu mati")
    page.get_by_role("link", name="Cari laporan tentang “lampu mati”").click()

    expect(page).to_have_url(f"{live_server.url}/laporan?cari=lampu+mati")
    expect(page.get_by_role("searchbox", name="Cari laporan")).to_have_value("lampu mati")
