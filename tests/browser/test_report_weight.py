"""What the report page asks of a cheap phone: how little comes before its first use."""

import gzip

import pytest
from playwright.sync_api import expect

from tests import make
from tests.browser.citizen import PHONE, photo

pytestmark = pytest.mark.django_db(transaction=True)

MOST_BYTES = 150_000
GROUND = ("/peta/", "/js/layers/", "/js/ui/land.js")
"""Our own basemap, which the budget leaves out."""
LATER = frozenset(
    {
        "exif",
        "shrink",
        "offer",
        "questions",
        "assets",
        "poles",
        "duplicates",
        "edge",
        "proposal",
    }
)


@pytest.fixture(autouse=True)
def _world(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    make.world()
    make.category("lainnya", fast_lane=False)


def opened(visit):
    """Open the form; return the page and every answer so far."""
    page, answers = visit("/privasi", **PHONE), []
    # Playwright takes no built-in function.
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108
    page.goto("/lapor")
    expect(page.locator(".leaflet-container")).to_be_visible()
    page.wait_for_load_state("networkidle")
    return page, answers


def test_the_first_page_weighs_little(visit):
    page, answers = opened(visit)

    own = {answer.url for answer in answers if answer.url.startswith("http")}
    counted = [url for url in own if not any(part in url for part in GROUND)]
    weight = sum(len(gzip.compress(page.request.get(url).body())) for url in counted)

    assert weight <= MOST_BYTES


def test_parts_come_on_first_use(visit):
    page, answers = opened(visit)
    names = [answer.url.rsplit("/", 1)[-1].removesuffix(".js") for answer in answers]
    assert LATER.isdisjoint(names)

    with page.expect_response("**/exif*.js"):
        page.set_input_files("[data-add] input", [photo(60, 40)])

    expect(page.locator(".shot")).to_contain_text("siap dikirim")
