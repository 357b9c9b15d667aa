"""Heat, hotspots and rates on the map: by mouse, by keyboard, at every zoom, in words."""

import re

import pytest
from playwright.sync_api import expect

from tests import make
from tests.browser.maps import DESKTOP, PHONE, map_city, page, violations

__all__ = ["map_city", "page"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("map_city")]

NEAR = f"#14/{make.LAT}/{make.LON}"
CELLS = "path.hot-cell"


@pytest.fixture(autouse=True)
def _cluster(map_city):
    for _number in range(9):
        make.issue(lon=make.LON + 0.01, lat=make.LAT + 0.01)


def open_drawing(page, live_server, name, size=DESKTOP):
    page.set_viewport_size(size)
    page.goto(f"{live_server.url}/{NEAR}/{name}")
    expect(page.locator("#drawing-legend > *")).to_be_attached()
    expect(page.locator("#map")).not_to_have_attribute("aria-busy", "true")


def test_hotspots_are_squares_of_ground_that_no_zoom_changes(page, live_server):
    open_drawing(page, live_server, "hotspots")
    expect(page.locator(CELLS).first).to_be_visible()
    found = page.locator(CELLS).evaluate_all("all => all.map(one => one.ariaLabel)")
    side = page.locator(CELLS).first.bounding_box()["width"]

    page.get_by_role("button", name="Perbesar peta").click()
    page.wait_for_function(
        "side => document.querySelector('path.hot-cell').getBoundingClientRect().width > side",
        arg=1.8 * side,
    )

    assert found
    assert page.locator(CELLS).evaluate_all("all => all.map(one => one.ariaLabel)") == found


def test_a_hotspot_opens_by_keyboard_and_says_what_was_found(page, live_server):
    open_drawing(page, live_server, "hotspots")

    page.locator(f"{CELLS}[tabindex='0']").press("Enter")

    panel = page.get_by_role("dialog")
    expect(panel).to_contain_text(re.compile(r"ada \d+ laporan\. Bila laporan tersebar rata"))
    expect(panel).to_contain_text(re.compile(r"keyakinan 9\d %"))


def test_hotspots_keep_their_patterns_while_the_legend_of_a_phone_is_closed(page, live_server):
    open_drawing(page, live_server, "hotspots", size=PHONE)

    expect(page.locator(CELLS).first).to_be_visible()

    expect(page.locator(".leaflet-hotspots-pane #hot-99")).to_be_attached()
    assert not page.locator("#legend").evaluate("legend => legend.open")


def test_the_list_beside_says_the_same_and_what_it_cannot_tell(page, live_server):
    open_drawing(page, live_server, "hotspots")
    aside = page.locator("#drawing-aside")
    expect(aside.locator(".hotspot-entry").first).to_contain_text("akan ada sekitar")

    aside.get_by_text("Apa yang diuji").click()

    expect(aside).to_contain_text("Getis-Ord Gi*")
    assert violations(page) == []


def test_another_comparison_is_a_choice_of_the_legend(page, live_server):
    open_drawing(page, live_server, "hotspots")
    expect(page.locator(CELLS).first).to_be_visible()

    page.locator("#legend").get_by_label("Dibandingkan dengan").select_option("past")

    expect(page.locator("#legend")).to_contain_text("Tidak ada titik panas")
    expect(page.locator(CELLS)).to_have_count(0)


def test_m9_the_heat_has_units_period_and_a_bandwidth_in_metres(page, live_server):
    open_drawing(page, live_server, "heat")

    legend = page.locator("#legend")
    expect(legend).to_contain_text("laporan per km²")
    expect(legend).to_contain_text("semua waktu")
    expect(legend).to_contain_text("400 m di lapangan, sama di setiap zum. Gambaran saja")


def test_m9_the_heats_scale_is_the_same_at_every_zoom(page, live_server):
    open_drawing(page, live_server, "heat")
    most = page.locator("#legend [data-part=most]")
    expect(most).to_have_text(re.compile(r"\d"))
    before = most.text_content()

    page.get_by_role("button", name="Perbesar peta").click()
    expect(page.locator("#map")).not_to_have_attribute("aria-busy", "true")

    expect(most).to_have_text(before)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_m9_the_heat_has_a_table_of_the_top_areas(page, live_server, size):
    open_drawing(page, live_server, "heat", size=size)

    table = page.get_by_role("region", name="Sepuluh wilayah teratas")
    expect(table.locator("caption")).to_contain_text("laporan per km²")
    expect(table.locator("tbody tr").first).to_contain_text("Kelurahan 1.2")
    table.scroll_into_view_if_needed()
    expect(table).to_be_in_viewport()
    assert violations(page) == []


def test_m5_what_is_chosen_of_the_hotspots_stands_in_the_address(page, live_server):
    open_drawing(page, live_server, "hotspots")
    cell, level = page.locator("[name=cell]"), page.locator("[name=level]")

    cell.select_option("600")
    expect(page).to_have_url(re.compile("/hotspots/auto-600-95$"))
    level.select_option("90")
    expect(page).to_have_url(re.compile("/hotspots/auto-600-90$"))
    page.reload()
    expect(cell).to_have_value("600")
    expect(level).to_have_value("90")

    page.go_back()
    expect(level).to_have_value("95")
    expect(cell).to_have_value("600")


def test_m9_rates_of_areas_have_a_table_with_n_and_interval(page, live_server):
    open_drawing(page, live_server, "areas")

    row = page.locator("#drawing-aside tbody tr").first
    expect(row).to_contain_text("Kelurahan 1.2")
    expect(row.locator("td").last).to_have_text(re.compile(r"^[\d,]+–[\d,]+$"))
    expect(page.locator("#drawing-aside")).to_contain_text("Tanpa peringkat di bawah n = 10")
    assert violations(page) == []


def test_v3_the_page_of_hotspots_is_readable_by_everybody(page, live_server):
    page.goto(f"{live_server.url}/titik-panas")

    expect(page.get_by_role("heading", name="Apa yang tidak dapat dikatakan")).to_be_visible()
    assert violations(page) == []
