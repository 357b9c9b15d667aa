"""An administrator draws, weighs and publishes: by pointer and keyboard, on a desk and a phone."""

import os

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from playwright.sync_api import expect

from geodata.crs import WGS84
from geodata.models import Draft, Jurisdiction, Level, RoutingRule
from geodata.succession import Feature
from issues.actions import enacting, proposing
from issues.workflow import Role
from tests import make
from tests.browser.test_desk import DESK, PHONE, sound, visit
from tests.issues import office
from tests.issues.test_proposals import uploaded, villages, where

__all__ = ["visit"]
SHOTS = os.environ.get("SCREENSHOTS")
"""A folder for pictures of the pages, for eyes; none by default."""
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def city(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    of = make.world()
    RoutingRule.objects.all().delete()
    for code in ("1.1", "1.2"):
        make.rule(
            f"lampu-{code}",
            to=f"D{code[-1]}",
            service_code="lpju",
            level=Level.VILLAGE,
            area_code=code,
        )
    make.category("lpju")
    return of


@pytest.fixture
def boss():
    return make.user(Role.ADMINISTRATOR)


@pytest.fixture
def draft(city, boss, tmp_path):
    for number in range(1, 9):
        make.issue(lon=make.LON + 0.001 * number, lat=make.LAT + 0.001 * number)
    return uploaded(city, boss, villages(tmp_path))


def drawn(page, what, least=1):
    """Wait until the map has drawn so many shapes of a kind."""
    expect(page.locator(f".minimap path.shape-{what}").nth(least - 1)).to_be_attached()


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a1_every_page_of_the_administration_is_accessible(visit, boss, draft, size, tmp_path):
    broken = uploaded(draft.city, boss, villages(tmp_path, overlap=0.001))
    make.area("2.3", shape=make.square(side=0.01))
    Jurisdiction.objects.get(code="2.1").delete()
    rule = RoutingRule.objects.get(code="lampu-1.2")
    page = visit(boss, **size)

    for address in (
        "",
        "/batas",
        f"/usul/{draft.pk}",
        f"/usul/{broken.pk}",
        "/kawasan",
        "/kawasan/baru",
        "/aturan",
        f"/aturan/{rule.pk}",
        "/simulator?service_code=lpju-mati&lat=-8.65&lon=115.21",
        "/celah",
    ):
        page.goto(f"/kerja/atur{address}")
        page.wait_for_load_state("networkidle")
        if SHOTS:
            name = address.strip("/").partition("?")[0].replace("/", "-") or "hub"
            wide = size["viewport"]["width"]
            page.screenshot(path=f"{SHOTS}/{name}-{wide}.png", full_page=True)
        sound(page)


def test_an_upload_reloads_itself_until_it_is_ready_and_is_published(visit, boss, city, tmp_path):
    lamp = make.issue(lon=make.LON + 0.002)
    path = villages(tmp_path)
    page = visit(boss, **DESK)

    page.get_by_role("link", name="Atur", exact=True).click()
    page.get_by_role("link", name="Batas wilayah").click()
    page.get_by_label("Berkas").set_input_files(path)
    page.get_by_label("Sumber", exact=True).fill("Perda 1/2026")
    page.get_by_role("button", name="Unggah dan periksa").click()
    expect(page.get_by_text("memuat ulang sendiri")).to_be_visible()
    draft = Draft.objects.get()
    proposing.check(draft.pk)
    enacting.weigh(draft.pk)
    expect(page.get_by_text("siap diterbitkan")).to_be_visible()
    drawn(page, "area", 4)
    drawn(page, "move", 1)
    page.get_by_role("button", name="Terbitkan").click()
    enacting.enact(draft.pk)
    expect(page.get_by_role("button", name="Batalkan: kembalikan yang lama")).to_be_visible()

    assert where(lamp) == "D1"


def test_a_fault_in_the_list_leads_to_its_place_on_the_map(visit, boss, city, tmp_path):
    draft = uploaded(city, boss, villages(tmp_path, overlap=0.001))
    page = visit(boss, **DESK)
    page.goto(f"/kerja/atur/usul/{draft.pk}")
    drawn(page, "fault")
    before = page.locator(".minimap path.shape-fault").first.bounding_box()

    page.get_by_role("button", name="Lihat di peta").first.press("Enter")

    page.wait_for_function(
        "width => document.querySelector('.minimap path.shape-fault')"
        ".getBoundingClientRect().width > width",
        arg=before["width"],
    )


def test_an_area_is_drawn_by_taps_and_moved_by_arrow_keys(visit, boss):
    page = visit(boss, **DESK)
    page.goto("/kerja/atur/kawasan/baru")
    page.get_by_label("Nama").fill("Pasar Uji")
    page.get_by_label("Kode").fill("pasar")
    frame = page.locator("#minimap").bounding_box()

    for x, y in ((0.3, 0.3), (0.6, 0.3), (0.6, 0.6)):
        page.mouse.click(frame["x"] + frame["width"] * x, frame["y"] + frame["height"] * y)
    expect(page.locator(".corner")).to_have_count(3)
    typed = page.get_by_label("Sudut-sudutnya")
    before = typed.input_value()
    page.locator(".corner").nth(2).focus()
    page.keyboard.press("ArrowDown")
    expect(typed).not_to_have_value(before)
    page.get_by_role("button", name="Usulkan dan lihat akibatnya").click()
    expect(page.get_by_text("siap diterbitkan")).to_be_visible()

    assert Draft.objects.get().areas.get().code == "pasar"


def test_an_area_is_typed_without_javascript(visit, boss):
    page = visit(boss, **DESK, java_script_enabled=False)
    page.goto("/kerja/atur/kawasan/baru")
    page.get_by_label("Nama").fill("Pasar Uji")
    page.get_by_label("Kode").fill("pasar")
    page.get_by_label("Sudut-sudutnya").fill("-8.652, 115.211\n-8.652, 115.213\n-8.650, 115.213")

    page.get_by_role("button", name="Usulkan dan lihat akibatnya").click()

    expect(page.get_by_text("siap diterbitkan")).to_be_visible()
    assert len(Draft.objects.get().areas.get().area[0][0]) == 4


def test_a_tap_on_the_map_asks_the_simulator(visit, boss):
    page = visit(boss, **DESK)
    page.goto("/kerja/atur/simulator?service_code=lpju-mati")
    frame = page.locator("#minimap").bounding_box()

    page.mouse.click(frame["x"] + frame["width"] * 0.6, frame["y"] + frame["height"] * 0.4)

    expect(page.get_by_role("heading", name="Dinas D2")).to_be_visible()
    expect(page.get_by_role("cell", name="di luar 1.1")).to_be_visible()


def test_an_existing_area_shows_its_corners(visit, boss, city):
    shape = MultiPolygon(Polygon.from_bbox((115.21, -8.655, 115.213, -8.652)), srid=WGS84)
    areas = [Feature("pasar", "Pasar Uji", shape)]
    draft = proposing.draw(
        city, areas, origin=proposing.Origin("uji", dataset="tangan"), actor=boss
    )
    proposing.publish(draft.pk, actor=boss)
    enacting.enact(draft.pk)
    page = visit(boss, **DESK)

    page.goto("/kerja/atur/kawasan")
    page.get_by_role("link", name="Pasar Uji").click()

    expect(page.locator(".corner")).to_have_count(4)
    assert office.fresh(make.issue())
