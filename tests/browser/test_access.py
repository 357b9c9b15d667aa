"""Every public page for everybody: narrow, without scripts or pictures, in both languages."""

import re

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from playwright.sync_api import expect

from issues import actions
from issues.workflow import Step
from tests import make
from tests.browser.maps import violations

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = ("/", "/laporan", "ISSUE", "/lapor", "/lacak", "/privasi", "/titik-panas", "/tidak-ada")
SMALL_TARGETS = """() => [...document.querySelectorAll("a, button, input, select, summary")]
    .filter((one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
    .filter((one) => !one.closest(".visually-hidden, .skip, [disabled]"))
    .filter((one) => !one.closest("p, li, td, dd, .leaflet-control-attribution"))
    .map((one) => [one.closest("label") ?? one, one.outerHTML.slice(0, 120)])
    .map(([one, html]) => [one.getBoundingClientRect(), html])
    .filter(([box]) => box.width && box.height && (box.width < 24 || box.height < 24))
    .map(([box, html]) => `${Math.round(box.width)}×${Math.round(box.height)} ${html}`)"""


@pytest.fixture
def issue(transactional_db):
    make.world()
    make.issue()
    return make.issue()


@pytest.fixture
def open_page(browser, live_server, issue):
    """Open a public page in a context of its own."""
    contexts = []

    def open_(path, *, width=360, height=740, **options):
        context = browser.new_context(
            **{"locale": "id-ID", "reduced_motion": "reduce"} | options,
            viewport={"width": width, "height": height},
        )
        contexts.append(context)
        found = context.new_page()
        path = f"/laporan/{issue.number}" if path == "ISSUE" else path
        found.goto(f"{live_server.url}{path}")
        return found

    yield open_
    for context in contexts:
        context.close()


@pytest.fixture
def go(open_page, live_server, issue):
    """Walk through several pages in one context, and hand out each."""

    def walk(paths, *, images=True, **options):
        page = open_page("/healthz", **options)
        if not images:
            page.route(re.compile(r"\.(png|svg|jpg|webp)"), lambda route: route.abort())
        for path in paths:
            known = f"/laporan/{issue.number}" if path == "ISSUE" else path
            page.goto(f"{live_server.url}{known}")
            yield path, page

    return walk


EVERY_PAGE = (
    "/",
    "/laporan",
    "/laporan?cari=lampu",
    "/laporan?layer=biru",
    "ISSUE",
    "/lapor",
    "/lapor?aset=L-1",
    "/a/L-1/riwayat",
    "/a/L-404",
    "/lacak",
    "OWN",
    "OWN/kontak",
    "/ikuti",
    "/langganan",
    "/privasi",
    "/titik-panas",
    "/antrean",
    "/luring",
    "/embed/",
    "/saya",
    "/saya/akun",
    "/saya/akun/alamat",
    "/saya/akun/hapus",
    "/tidak-ada",
)
"""All that a citizen may meet; OWN is the page of their own report."""
STRANGERS = ("/masuk", "/akun/login/", "/akun/password/reset/")
"""What shows itself to nobody who is logged in."""


@pytest.fixture
def proved(issue, open_page, live_server):
    """Open a page as somebody who is logged in and knows one report's secret."""
    make.lamp()
    make.question("lpju-mati", "tiang", kind="asset", layer="lamp")
    make.take(issue, Step.RESPOND)
    client = Client()
    client.post("/masuk", {"alamat": "susi@warga.example"})
    client.post("/masuk/kode", {"kode": re.search(r"\b\d{6}\b", mail.outbox[-1].body)[0]})
    client.post("/lacak", {"rahasia": actions.token_for(issue)})
    session = client.cookies[settings.SESSION_COOKIE_NAME].value

    def open_(path, **options):
        page = open_page("/healthz", **options)
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}
        page.context.add_cookies([cookie])
        known = path.replace("OWN", f"/lacak/{issue.number}")
        known = f"/laporan/{issue.number}" if path == "ISSUE" else known
        page.goto(f"{live_server.url}{known}")
        return page

    return open_


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("language", ["id", "en"])
def test_a1_axe_finds_nothing_on_any_page(proved, go, language, width):
    entering = go(STRANGERS, locale=language, width=width)
    found = {path: violations(page) for path, page in entering}
    for path in EVERY_PAGE:
        page = proved(path, locale=language, width=width)
        found[path] = violations(page)
        page.context.close()

    assert found == {path: [] for path in (*STRANGERS, *EVERY_PAGE)}


def test_a1_axe_finds_nothing_in_the_dark(open_page):
    assert violations(open_page("ISSUE", color_scheme="dark")) == []


def test_a4_a_narrow_phone_scrolls_in_one_direction_only(go):
    widths = {
        path: page.evaluate("document.documentElement.scrollWidth")
        for path, page in go(PAGES, width=320, height=600)
    }

    assert widths == dict.fromkeys(PAGES, 320)


def test_a4_four_times_as_large_nothing_is_cut(open_page):
    # 1280 pixels at 400 % are 320 by 256 CSS pixels.
    page = open_page("ISSUE", width=320, height=256)

    page.locator("ol.timeline").scroll_into_view_if_needed()

    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    expect(page.locator("ol.timeline > li").last).to_be_visible()


def test_a3_targets_are_large_enough(go):
    small = {path: page.evaluate(SMALL_TARGETS) for path, page in go(PAGES)}

    assert small == {path: [] for path in PAGES}


def test_a3_main_controls_are_larger(open_page):
    page = open_page("ISSUE")

    for button in page.locator(".button--primary:visible, .nav__link").all():
        box = button.bounding_box()
        assert min(box["width"], box["height"]) >= 44


def test_a6_help_and_contact_stand_in_the_same_place(go):
    framed = [path for path in PAGES if path not in {"/lapor", "/"}]

    feet = {
        tuple(page.locator("body > footer a").evaluate_all("all => all.map((a) => a.pathname)"))
        for _path, page in go(framed)
    }

    assert len(feet) == 1
    assert "/privasi" in next(iter(feet))


def test_a7_without_scripts_and_pictures_a_page_says_what_it_is(go, issue):
    for path, page in go(
        ["/", "/laporan", "ISSUE", "/lapor", "/lacak"], java_script_enabled=False, images=False
    ):
        expect(page.locator("h1:visible")).to_have_count(1)
        if path in {"/", "/laporan"}:
            expect(page.get_by_role("link", name=re.compile(issue.number))).to_be_visible()


def test_a7_less_motion_is_asked_for_and_given(open_page):
    page = open_page("/laporan")

    longest = page.evaluate(
        "Math.max(...[...document.querySelectorAll('*')]"
        ".map((one) => parseFloat(getComputedStyle(one).transitionDuration)))"
    )

    assert longest < 0.01


def test_c14_the_language_stays_where_one_is(open_page, live_server):
    page = open_page("/laporan?layer=belum", java_script_enabled=False)

    page.get_by_role("button", name="English").click()

    expect(page).to_have_url(f"{live_server.url}/laporan?layer=belum")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(".entry__meta").filter(has_text="DPS-").first).to_contain_text(
        re.compile(r"\d{1,2} [A-Z][a-z]{2} 20\d\d")
    )


def test_c14_the_language_keeps_filters_and_view_of_the_map(open_page):
    page = open_page("/?layer=belum#15/-8.65000/115.21000")
    expect(page.locator("#said")).to_contain_text("laporan")

    page.get_by_role("button", name="English").click()

    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url.endswith("/?layer=belum#15/-8.65000/115.21000")


def test_colours_that_a_system_forces_leave_shapes_and_words(open_page):
    page = open_page("/laporan", forced_colors="active")

    expect(page.locator(".entry .layer__shape").first).to_be_visible()
    expect(page.locator(".entry .layer").first).to_contain_text("Belum ditindaklanjuti")


def test_c1_reporting_lies_under_the_thumb_on_each_page(open_page):
    for path in ("/", "/laporan", "ISSUE", "/privasi"):
        box = open_page(path).locator(".nav__link--primary").bounding_box()

        assert box["y"] > 370
        assert min(box["width"], box["height"]) >= 44
