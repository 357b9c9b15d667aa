"""A small city on the public map, opened in a browser: what the tests of the map share."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from issues.workflow import Step
from tests import make

WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 900}
FRAME = {"width": 600, "height": 450}
WALL = {"width": 1600, "height": 900}


@pytest.fixture
def map_city(transactional_db):
    make.world()
    make.road([(make.LON, make.LAT + 0.01), (make.LON + 0.02, make.LAT + 0.01)], name="Jalan Uji")
    for at in range(6):
        make.issue(lon=make.LON + 0.004 + 0.002 * at, lat=make.LAT + 0.01)
    make.issue(area_code="1.2")
    make.issue(steps=[Step.START])


@pytest.fixture
def page(browser):
    """A page in Indonesian; whatever it complains of fails the test."""
    context = browser.new_context(locale="id-ID", reduced_motion="reduce")
    found = context.new_page()
    heard = []
    found.on("console", lambda said: heard.append(said.text) if said.type == "error" else None)
    found.on("pageerror", lambda error: heard.append(str(error)))
    yield found
    context.close()
    assert heard == []


def open_map(page, live_server, path="/", size=DESKTOP):
    page.set_viewport_size(size)
    page.goto(f"{live_server.url}{path}")
    expect(page.locator(".hit[tabindex='0']")).to_be_attached()
    for part in ("#map", "#said"):
        expect(page.locator(part)).not_to_have_attribute("aria-busy", "true")


def violations(page):
    found = Axe().run(page, options=WCAG).response["violations"]
    return [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]
