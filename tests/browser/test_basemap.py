"""The basemap of one's own and search as people meet them, on the real streets of Denpasar."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from geodata.models import Landmark
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)

SIZES = {"phone": {"width": 360, "height": 740}, "desktop": {"width": 1280, "height": 900}}
MAKERS = "© OpenStreetMap contributors (ODbL 1.0)"
# How many points of the ground have the colour of water or of a main street.
COUNT = """() => {
  const sheet = document.querySelector(".leaflet-ground-pane canvas");
  const { data } = sheet.getContext("2d").getImageData(0, 0, sheet.width, sheet.height);
  const style = getComputedStyle(document.documentElement);
  return ["map-water", "map-road-main"].map((name) => {
    const hex = style.getPropertyValue(`--${name}`).trim();
    const [red, green, blue] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
    let found = 0;
    for (let at = 0; at < data.length; at += 4) {
      found += data[at] === red && data[at + 1] === green && data[at + 2] === blue;
    }
    return found;
  });
}"""


@pytest.fixture
def _streets(transactional_db, shared_data):
    make.world()
    made = {"source": "© OpenStreetMap contributors", "licence": "ODbL 1.0", "city": "denpasar"}
    for file in (
        "waterways-denpasar-osm/denpasar_waterways.geojson",
        "roads-denpasar/osm_jalan_denpasar_barat.geojson",
    ):
        call_command("import_basemap", shared_data / file, **made, verbosity=0)


@pytest.fixture(params=["light", "dark"])
def page(browser, request):
    """A page in Indonesian; whatever it complains of fails the test."""
    context = browser.new_context(
        locale="id-ID", reduced_motion="reduce", color_scheme=request.param, service_workers="block"
    )
    found = context.new_page()
    heard = []
    found.on("console", lambda said: heard.append(said.text) if said.type == "error" else None)
    found.on("pageerror", lambda error: heard.append(str(error)))
    yield found
    context.close()
    assert heard == []


@pytest.mark.usefixtures("_streets")
@pytest.mark.parametrize("size", SIZES)
def test_m1_m10_streets_and_waters_are_drawn_from_our_own_server_and_their_makers_named(
    page, live_server, size
):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_viewport_size(SIZES[size])

    page.goto(f"{live_server.url}/#15/-8.6650/115.1980")
    page.wait_for_load_state("networkidle")

    expect(page.locator(".leaflet-control-attribution")).to_contain_text(MAKERS)
    # The ground is painted piece by piece, after its tiles have come.
    page.wait_for_function(f"Math.min(...({COUNT})()) > 300")
    own = [url for url in asked if "/peta/dasar/" in url]
    assert 0 < len(own) <= 9
    assert all(url.startswith((live_server.url, "data:", "blob:")) for url in asked)


@pytest.mark.usefixtures("_streets")
def test_c3_a_place_is_found_by_keyboard_and_leads_to_the_report(page, live_server):
    if page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches"):
        pytest.skip("search is the same in the dark")
    Landmark.objects.create(
        city=make.city(),
        code="pasar",
        name="Pasar Badung",
        kind="pasar",
        approximate=True,
        point=f"POINT({make.LON + 0.004} {make.LAT + 0.004})",
    )
    page.set_viewport_size(SIZES["desktop"])
    page.goto(live_server.url)
    page.fill("#q", "psr badung")
    expect(page.locator("#found")).to_contain_text("Tempat")

    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    link = page.get_by_role("link", name="Laporkan di sini")
    expect(link).to_be_focused()
    expect(page.locator(".spot-said")).to_contain_text(re.compile("Kelurahan 1.2.*letak perkiraan"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/lapor?*")
    assert parse_qs(urlsplit(page.url).query) == {
        "lat": [f"{make.LAT + 0.004:.6f}"],
        "lon": [f"{make.LON + 0.004:.6f}"],
    }
