"""The public map as people meet it: by thumb, by keyboard, by screen reader, by a shared link."""

import re

import pytest
from playwright.sync_api import expect

from geodata.models import Edition
from issues.models import Issue, PublicIssue
from issues.workflow import Step
from tests import make
from tests.browser.maps import (
    DESKTOP,
    FRAME,
    PHONE,
    WALL,
    map_city,
    open_map,
    page,
    violations,
)

__all__ = ["map_city", "page"]
# What lies over a line of the map's attribution: over its beginning, its middle or its end.
COVERED = """() => {
  const root = document.querySelector(".leaflet-control-attribution");
  const words = document.createRange();
  words.selectNodeContents(root);
  return [...words.getClientRects()].flatMap(({ left, right, top, bottom }) =>
    [left + 1, (left + right) / 2, right - 1]
      .map((x) => document.elementFromPoint(x, (top + bottom) / 2))
      .filter((found) => !root.contains(found))
      .map((found) => found?.outerHTML.slice(0, 80) ?? "nothing"),
  );
}"""
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("map_city")]


def test_m1_no_request_leaves_the_origin(page, live_server):
    asked = []
    page.on("request", lambda request: asked.append(request.url))

    open_map(page, live_server)

    assert [url for url in asked if not url.startswith((live_server.url, "data:", "blob:"))] == []


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("path", ["/", "/#17/-8.65/115.21", "/laporan", "/embed/"])
def test_a1_axe_finds_nothing(page, live_server, path, size):
    if path == "/laporan":
        page.set_viewport_size(size)
        page.goto(f"{live_server.url}{path}")
    else:
        open_map(page, live_server, path, size)

    assert violations(page) == []


def test_a1_axe_finds_nothing_on_the_page_of_an_issue(page, live_server):
    page.goto(f"{live_server.url}/laporan/{PublicIssue.objects.earliest('pk').number}")
    expect(page.locator(".sign")).to_be_visible()

    assert violations(page) == []


def test_a4_a_narrow_phone_scrolls_in_one_direction_only(page, live_server):
    open_map(page, live_server, size={"width": 320, "height": 600})

    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_c1_reporting_lies_under_the_thumb(page, live_server):
    open_map(page, live_server, size=PHONE)

    box = page.get_by_role("link", name="Laporkan").bounding_box()

    assert box["y"] > PHONE["height"] / 2
    assert min(box["width"], box["height"]) >= 44


def test_m4_the_list_has_the_maps_content_and_a_way_around_the_map(page, live_server):
    open_map(page, live_server)

    page.get_by_role("link", name="Lewati peta, tampilkan daftar").press("Enter")

    expect(page.locator("#list")).to_be_focused()
    expect(page.locator("#said")).to_have_text("8 laporan, termasuk 1 tanpa titik di peta")
    expect(page.locator("#entries > li")).to_have_count(8)


def test_m5_filters_stand_in_the_address_and_back_restores_them(page, live_server):
    open_map(page, live_server, size=WALL)

    page.get_by_role("checkbox", name=re.compile("Tindak lanjut lapangan")).check()
    expect(page.locator("#said")).to_have_text("1 laporan")
    address = page.url
    page.go_back()

    assert "layer=lapangan" in address
    expect(page.locator("#said")).to_contain_text("8 laporan")
    expect(page.get_by_role("checkbox", name=re.compile("Tindak lanjut"))).not_to_be_checked()


def test_m5_a_shared_link_shows_the_same(page, live_server):
    open_map(page, live_server, "/?layer=lapangan#15/-8.65000/115.21000")

    expect(page.locator("#said")).to_have_text("1 laporan")
    assert page.url.endswith("#15/-8.65000/115.21000")


def test_m6_the_legend_names_every_layer_with_its_own_shape(page, live_server):
    open_map(page, live_server)

    shapes = page.locator("#legend .layer__shape use").evaluate_all(
        "all => all.map(use => use.getAttribute('href'))"
    )

    assert len(set(shapes)) == 5
    expect(page.locator("#legend")).to_contain_text("Belum ditindaklanjuti")


@pytest.mark.parametrize("path", ["/", "/embed/"])
def test_m6_on_a_narrow_map_the_legend_waits_and_its_caution_does_not(page, live_server, path):
    Edition.objects.update(approximate=True)

    open_map(page, live_server, path, PHONE)

    expect(page.locator("#legend")).not_to_have_attribute("open", "")
    expect(page.locator(".leaflet-control-attribution")).to_contain_text("wilayah perkiraan")
    expect(page.locator(".leaflet-control-attribution")).to_be_in_viewport(ratio=1)


def test_m6_on_a_wide_map_the_legend_is_open(page, live_server):
    open_map(page, live_server, size=WALL)

    expect(page.locator("#legend")).to_have_attribute("open", "")


def test_the_maps_buttons_speak_the_language_of_the_page(page, live_server):
    open_map(page, live_server)

    expect(page.get_by_role("button", name="Perbesar peta", exact=True)).to_be_visible()


def test_a_frame_opens_the_same_view_in_a_window_of_its_own(page, live_server, settings):
    settings.DEMO = True
    open_map(page, live_server, "/embed/?layer=belum#17/-8.65/115.21", FRAME)

    expect(page.get_by_role("link", name="Buka di CivicMap")).to_be_in_viewport()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Buka di CivicMap").click()

    assert opened.value.url.endswith("/?layer=belum#17/-8.65000/115.21000")
    assert opened.value.evaluate("window.opener") is None


def test_issues_at_the_same_place_stand_around_it(page, live_server):
    together = [make.issue(lon=make.LON + 0.005, lat=make.LAT + 0.013) for _each in range(2)]

    open_map(page, live_server, "/#17/-8.647/115.205")

    boxes = [
        page.get_by_role("button", name=re.compile(issue.number)).bounding_box()
        for issue in together
    ]
    assert abs(boxes[0]["y"] - boxes[1]["y"]) > boxes[0]["height"] / 2


def test_an_open_map_follows_what_happens(page, live_server):
    page.clock.install()
    open_map(page, live_server, "/#17/-8.647/115.205")
    before = page.locator("#entries > li").count()
    page.locator("#entries a").nth(1).focus()
    link = page.evaluate("document.activeElement.href")

    issue = make.issue(lon=make.LON + 0.005, lat=make.LAT + 0.013)
    page.clock.run_for(21_000)

    expect(page.get_by_role("button", name=re.compile(issue.number))).to_be_attached()
    expect(page.locator("#entries > li")).to_have_count(before + 1)
    expect(page.locator("#said")).to_contain_text(f"{before + 1} laporan")
    assert page.evaluate("document.activeElement.href") == link


def test_an_open_map_is_true_again_when_somebody_comes_back(page, live_server):
    page.clock.install()
    open_map(page, live_server, "/#17/-8.647/115.205")
    issue = make.issue(lon=make.LON + 0.005, lat=make.LAT + 0.013)

    page.clock.run_for(3_000)
    page.evaluate("window.dispatchEvent(new Event('focus'))")

    expect(page.get_by_role("button", name=re.compile(issue.number))).to_be_attached()


def merged():
    issue = make.issue()
    return make.take(issue, Step.MERGE, original=Issue.objects.earliest("pk"))


@pytest.mark.parametrize("kind", ["a duplicate", "without a place"])
def test_the_page_of_an_issue_without_a_map_has_its_link_to_copy(page, live_server, kind):
    issue = merged() if kind == "a duplicate" else make.issue(area_code="1.2")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{live_server.url}/laporan/{issue.number}")

    page.get_by_role("button", name="Salin tautan").click()

    expect(page.locator("#copied")).to_have_text("Tautan tersalin.")
    assert page.evaluate("navigator.clipboard.readText()").endswith(f"/laporan/{issue.number}")


def test_m7_a_cluster_says_what_it_holds_and_enter_opens_it(page, live_server):
    open_map(page, live_server, "/#13/-8.65000/115.21000")
    cluster = page.get_by_role("button", name=re.compile(r"\d+ laporan, \d+ terbuka, perbesar"))

    cluster.first.press("Enter")

    expect(page).to_have_url(re.compile(r"#15/"))


def test_m7_from_near_each_issue_has_a_name(page, live_server):
    open_map(page, live_server, "/#17/-8.65/115.21")

    names = page.locator(".hit").evaluate_all("all => all.map(one => one.ariaLabel)")

    assert all(re.match(r"Lpju Mati, .+, DPS-\d\d-\d+", name) for name in names)


def test_m8_the_marks_are_one_stop_and_arrows_move_among_them(page, live_server):
    open_map(page, live_server, "/#16/-8.65/115.21")
    first = page.locator(".hit[tabindex='0']")
    before = first.get_attribute("aria-label")

    first.press("ArrowRight")

    expect(page.locator(".hit[tabindex='0']")).to_have_count(1)
    expect(page.locator(".hit[tabindex='0']")).to_be_focused()
    assert page.locator(".hit[tabindex='0']").get_attribute("aria-label") != before


def test_m9_the_heat_says_what_it_is_and_goes_away_again(page, live_server):
    open_map(page, live_server, size=WALL)

    page.get_by_role("radio", name="Kepadatan").check()

    expect(page.locator("#drawing-legend")).to_contain_text("laporan per km²")
    expect(page.locator("#drawing-legend")).to_contain_text("semua waktu")
    expect(page).to_have_url(re.compile("/heat$"))
    page.get_by_role("radio", name="Laporan", exact=True).check()
    expect(page.locator("#drawing-legend")).to_be_empty()


@pytest.mark.parametrize(
    ("name", "fragment"),
    [("Kepadatan", "heat"), ("Titik panas", "hotspots"), ("Wilayah", "areas")],
)
def test_m9_one_choice_draws_something_else_and_back_undoes_it(page, live_server, name, fragment):
    open_map(page, live_server, size=WALL)

    page.get_by_role("radio", name=name).check()
    expect(page).to_have_url(re.compile(f"/{fragment}$"))
    expect(page.locator("#drawing-legend")).not_to_be_empty()
    page.go_back()

    expect(page.get_by_role("radio", name="Laporan", exact=True)).to_be_checked()
    expect(page.locator("#drawing-legend")).to_be_empty()


def test_m10_the_attribution_is_seen_at_320_px_and_at_200_percent(page, live_server):
    Edition.objects.update(approximate=True)
    open_map(page, live_server, size={"width": 320, "height": 600})
    said = page.locator(".leaflet-control-attribution")
    expect(said).to_have_text("wilayah perkiraan untuk demo")
    expect(said).to_be_in_viewport(ratio=1)
    assert page.evaluate(COVERED) == []

    page.evaluate("document.documentElement.style.fontSize = '200%'")

    # Letters grow frame by frame, also where motion is reduced: what came before is no answer.
    expect(said).to_have_css("font-size", "24px")
    page.wait_for_function("document.getAnimations().length === 0")
    expect(said).to_be_in_viewport(ratio=1)
    assert page.evaluate(COVERED) == []


def test_m11_the_panel_takes_the_focus_and_gives_it_back(page, live_server):
    open_map(page, live_server, "/#17/-8.65/115.21")
    mark = page.locator(".hit[tabindex='0']")
    number = mark.get_attribute("aria-label").rsplit(", ", 1)[1]

    mark.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text(number)
    expect(page.locator("#sheet-title")).to_be_focused()
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(mark).to_be_focused()


def test_a_street_is_found_and_shown(page, live_server):
    open_map(page, live_server)

    page.get_by_role("searchbox").fill("jl uji")
    page.get_by_role("button", name=re.compile("Jalan Uji")).click()

    expect(page).to_have_url(re.compile(r"#1[4-7]/-8\.65"))


def test_a_number_opens_its_issue(page, live_server):
    number = PublicIssue.objects.earliest("pk").number
    open_map(page, live_server)

    page.get_by_role("searchbox").fill(number.lower())
    page.get_by_role("button", name=f"Laporan {number}").click()

    expect(page.get_by_role("dialog")).to_contain_text(number)


def test_what_the_crew_does_is_on_the_map_at_once(page, live_server):
    issue = make.issue(lon=make.LON + 0.005, lat=make.LAT + 0.013)
    make.take(issue, Step.START)

    open_map(page, live_server, "/#17/-8.647/115.205")

    expect(
        page.get_by_role("button", name=re.compile(f"Tindak lanjut lapangan, {issue.number}"))
    ).to_be_attached()


def test_a7_the_list_works_without_javascript(browser, live_server):
    context = browser.new_context(java_script_enabled=False, locale="id-ID")
    page = context.new_page()
    page.goto(f"{live_server.url}/laporan")

    page.locator("#filters-box > summary").click()
    page.get_by_role("checkbox", name=re.compile("Tindak lanjut lapangan")).check()
    page.get_by_role("button", name="Terapkan").click()

    expect(page.locator("#entries > li")).to_have_count(1)
    context.close()


def test_without_javascript_the_notice_leaves_the_legend_free(browser, live_server):
    context = browser.new_context(java_script_enabled=False, locale="id-ID", viewport=PHONE)
    page = context.new_page()
    page.goto(live_server.url)

    notice = page.locator(".stage__notice").bounding_box()
    legend = page.locator("#legend").bounding_box()

    assert notice["y"] + notice["height"] <= legend["y"]
    expect(page.locator("#search")).to_be_hidden()
    context.close()
