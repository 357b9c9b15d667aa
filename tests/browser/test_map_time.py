"""Time, live counts and the address bar of the map, as people use them."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from geodata.models import Edition
from issues.models import PublicIssue
from issues.workflow import Step
from tests import make
from tests.browser.maps import DESKTOP, FRAME, PHONE, WALL, map_city, open_map, page, violations

__all__ = ["map_city", "page"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("map_city")]

# Where the city begins on the screen, by the view that the address tells.
WEST = """() => {
  const { extent } = JSON.parse(document.getElementById("map-config").textContent);
  const [zoom, , lon] = location.hash.slice(1).split("/").map(Number);
  const { left, width } = document.getElementById("map").getBoundingClientRect();
  return left + width / 2 + ((extent[0] - lon) / 360) * 256 * 2 ** zoom;
}"""
LONG_AGO = datetime(2026, 3, 2, 4, tzinfo=UTC)


@pytest.fixture
def old():
    """An issue of long ago, which was repaired since."""
    return make.issue(lon=make.LON + 0.006, lat=make.LAT + 0.012, at=LONG_AGO)


def open_time(page):
    page.get_by_role("button", name="Waktu").click()
    expect(page.locator(".bar").first).to_be_attached()


def pick(page, name):
    return page.locator(".pick", has_text=name).get_by_role("checkbox")


def open_filters(page):
    page.locator("#filters-box > summary").click()


def test_time_shows_the_history_by_month_and_says_the_whole(page, live_server, old):
    open_map(page, live_server)

    open_time(page)

    months = page.locator(".bar").count()
    expect(page.locator("#time-said")).to_have_text("Semua waktu: 9 laporan")
    assert months == len(set(months_since(LONG_AGO)))


def months_since(begin):
    day = begin
    while day <= timezone.now():
        yield day.strftime("%Y-%m")
        day += timedelta(days=1)


@pytest.mark.parametrize("width", [360, 390])
def test_time_fits_a_phone_with_its_close_button(page, live_server, old, width):
    open_map(page, live_server, size={**PHONE, "width": width})

    open_time(page)

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    right = page.locator("#time-close").evaluate("it => it.getBoundingClientRect().right")
    assert right <= width


def test_time_presets_narrow_map_list_and_address(page, live_server, old):
    open_map(page, live_server)
    open_time(page)

    page.get_by_role("button", name="7 hari").click()

    expect(page.locator("#said")).to_have_text("8 laporan, termasuk 1 tanpa titik di peta")
    assert re.search(r"[?&]from=\d{4}-\d\d-\d\d", page.url)
    page.go_back()
    expect(page.locator("#said")).to_contain_text("9 laporan")
    expect(page.locator("#time-said")).to_have_text("Semua waktu: 9 laporan")


def test_time_is_moved_by_keys_and_each_hand_says_its_day(page, live_server, old):
    open_map(page, live_server)
    open_time(page)
    hand = page.get_by_role("slider", name="Sejak")

    hand.press("ArrowRight")

    expect(page.locator("#said")).to_contain_text("8 laporan")
    assert hand.get_attribute("aria-valuetext") == "3 Mar 2026"
    assert "from=2026-03-03" in page.url


def test_time_steps_where_motion_is_unwanted_and_escape_leads_back(page, live_server, old):
    open_map(page, live_server)
    open_time(page)

    expect(page.get_by_role("button", name="Putar")).to_be_hidden()
    page.get_by_role("button", name="Satu langkah maju").press("Enter")
    expect(page.locator("#said")).to_have_text("1 laporan")
    page.keyboard.press("Escape")

    expect(page.locator("#time")).to_be_hidden()
    expect(page.get_by_role("button", name="Waktu")).to_be_focused()


def test_time_plays_and_pauses_where_motion_is_wanted(page, live_server, old):
    page.emulate_media(reduced_motion="no-preference")
    open_map(page, live_server)
    open_time(page)

    page.get_by_role("button", name="Putar").click()
    expect(page.locator("#said")).to_have_text("1 laporan")
    expect(page).to_have_url(re.compile("from=2026-0[4-9]"))
    page.get_by_role("button", name="Jeda").click()

    expect(page.get_by_role("button", name="Putar")).to_be_visible()


def test_a1_axe_finds_nothing_with_time_and_filters_open(page, live_server, old):
    open_map(page, live_server)
    open_time(page)
    open_filters(page)

    assert violations(page) == []


def test_as_of_shows_what_the_map_showed_then_and_leads_back_to_now(page, live_server, old):
    open_map(page, live_server, "/?as_of=2026-03-10#17/-8.648/115.206")

    expect(page.locator("#then")).to_contain_text("Peta pada akhir hari 10 Mar 2026")
    expect(page.locator("#said")).to_have_text("1 laporan")
    expect(page.get_by_role("button", name=re.compile(old.number))).to_be_attached()
    page.get_by_role("button", name="Kembali ke sekarang").click()

    expect(page.locator("#then")).to_be_hidden()
    expect(page.locator("#said")).to_contain_text("9 laporan")
    assert "as_of" not in page.url


@pytest.mark.parametrize("path", ["/", "/laporan"])
def test_as_of_claims_nothing_of_what_was_overdue(page, live_server, old, path):
    page.goto(f"{live_server.url}{path}?as_of=2026-03-10")

    expect(page.locator("#said")).to_contain_text("1 laporan")
    expect(page.locator("[data-layer=overdue]")).to_have_text("–")
    expect(page.locator("[name=overdue]")).to_be_disabled()


def test_as_of_gives_overdue_back_with_the_present(page, live_server, old):
    open_map(page, live_server, "/?as_of=2026-03-10#17/-8.648/115.206")

    page.get_by_role("button", name="Kembali ke sekarang").click()

    expect(page.locator("[data-layer=overdue]")).to_have_text(re.compile(r"^\d+$"))
    expect(page.locator("[name=overdue]")).to_be_enabled()


def test_as_of_is_chosen_in_the_panel(page, live_server, old):
    open_map(page, live_server)
    open_time(page)

    page.get_by_text("Keadaan pada satu hari").click()
    page.get_by_role("button", name="30 hari").click()

    expect(page.locator("#then")).to_be_visible()
    expect(page.locator("#said")).to_have_text("1 laporan")
    assert "as_of=" in page.url


def test_live_counts_stand_beside_kinds_departments_and_layers(page, live_server):
    make.issue(service_code="layanan-lambat")
    make.issue(steps=[Step.START])

    open_map(page, live_server, size=WALL)
    open_filters(page)

    count = PublicIssue.objects.filter(category__service_code="lpju-mati").count()
    lamps = page.locator(".pick", has_text="Lpju Mati")
    expect(lamps.locator(".pick__count")).to_have_text(str(count))
    page.get_by_role("checkbox", name=re.compile("Tindak lanjut lapangan")).check()
    expect(lamps.locator(".pick__count")).to_have_text("2")


def test_live_counts_of_a_kind_do_not_hide_the_other_kinds(page, live_server):
    make.issue(service_code="layanan-lambat")
    open_map(page, live_server)
    open_filters(page)

    pick(page, "Layanan Lambat").check()

    expect(page.locator("#said")).to_have_text("1 laporan")
    lamps = page.locator(".pick", has_text="Lpju Mati")
    expect(lamps.locator(".pick__count")).to_have_text("8")
    pick(page, "Lpju Mati").check()
    expect(page.locator("#said")).to_contain_text("9 laporan")
    assert "category=layanan-lambat,lpju-mati" in page.url


def test_a_parent_ticks_its_children_and_stands_for_them(page, live_server):
    make.category("lampu-taman", parent=make.category("lpju"))
    open_map(page, live_server)
    open_filters(page)

    pick(page, "Lpju").first.check()

    assert "category=lpju" in page.url.split("#")[0]
    assert "lampu-taman" not in page.url
    expect(pick(page, "Lampu Taman")).to_be_checked()
    pick(page, "Lampu Taman").uncheck()
    expect(page).not_to_have_url(re.compile("category=lpju(&|#|$)"))


def test_a_long_list_of_kinds_is_searched_by_typing(page, live_server):
    make.issue(service_code="layanan-lambat")
    open_map(page, live_server)
    open_filters(page)

    page.get_by_role("searchbox", name="Cari jenis masalah").fill("lamb")

    expect(page.locator(".pick", has_text="Layanan Lambat")).to_be_visible()
    expect(page.locator(".pick", has_text="Lpju Mati")).to_be_hidden()


def test_m2_the_first_list_and_counts_are_not_asked_for_again(page, live_server):
    asked = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(live_server.url)))

    open_map(page, live_server, size=PHONE)

    assert [path for path in asked if path.startswith("/laporan")] == []
    assert len(set(asked)) <= 30, "\n".join(sorted(set(asked)))


@pytest.mark.parametrize("allowed", [True, False])
def test_the_maps_link_is_copied_or_else_shown_selected(page, live_server, allowed):
    if allowed:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    else:
        page.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    open_map(page, live_server)

    page.get_by_role("button", name="Salin tautan").click()

    said = "Tautan tersalin." if allowed else page.url
    expect(page.locator("#locate-status")).to_have_text(said)
    copied = "navigator.clipboard.readText()" if allowed else "getSelection().toString()"
    assert page.evaluate(copied) == page.url


@pytest.mark.parametrize("size", [DESKTOP, WALL])
def test_the_open_legend_hides_nothing_of_the_city(page, live_server, size):
    open_map(page, live_server, size=size)

    legend = page.locator("#legend").bounding_box()
    west = page.evaluate(WEST)
    assert west >= legend["x"] + legend["width"] - 1


@pytest.mark.parametrize("width", [320, 600])
def test_a_frame_shows_the_asked_map_whole(page, live_server, width):
    Edition.objects.update(approximate=True)
    page.set_viewport_size({**FRAME, "width": width})
    page.goto(f"{live_server.url}/embed/?category=lpju-mati&legend=0&drawing=heat")

    expect(page.get_by_role("radio", name="Kepadatan")).to_be_checked()
    expect(page.locator("#legend")).to_be_hidden()
    expect(page).to_have_url(re.compile("/heat$"))
    expect(page.locator(".leaflet-control-attribution")).to_contain_text("wilayah perkiraan")
    expect(page.locator(".leaflet-control-attribution")).to_be_in_viewport(ratio=1)
    expect(page.locator("header.header")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.documentElement.scrollHeight") <= FRAME["height"]


def test_back_restores_what_was_drawn_and_asked(page, live_server):
    open_map(page, live_server, "/#15/-8.65/115.21", DESKTOP)
    open_filters(page)
    pick(page, "Lpju Mati").check()
    expect(page).to_have_url(re.compile("category=lpju-mati"))
    page.get_by_role("radio", name="Wilayah").check()
    expect(page).to_have_url(re.compile("/areas$"))

    page.go_back()
    expect(page.get_by_role("radio", name="Laporan", exact=True)).to_be_checked()
    expect(pick(page, "Lpju Mati")).to_be_checked()
    page.go_back()

    expect(pick(page, "Lpju Mati")).not_to_be_checked()
