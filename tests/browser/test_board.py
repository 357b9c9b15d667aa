"""The board of a department: filters that are kept, told by keyboard and in the dark."""

import os

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from issues.workflow import Role, Step
from tests import make
from tests.browser.staff import DESK, PHONE, RULES, enter

pytestmark = pytest.mark.django_db(transaction=True)

SHOTS = os.environ.get("SCREENSHOTS")


@pytest.mark.parametrize(
    ("size", "scheme"), [(PHONE, "dark"), (DESK, "light")], ids=["phone", "desk"]
)
def test_a_liaison_keeps_a_filter_and_comes_back_to_it(visit, settings, tmp_path, size, scheme):
    settings.MEDIA_ROOT = tmp_path
    make.world()
    back = make.issue(steps=[Step.RESOLVE, Step.REOPEN])
    make.issue()
    someone = make.user(Role.LIAISON, department=make.department())
    page = enter(visit, someone, color_scheme=scheme, **size)

    page.goto("/kerja/papan")
    page.get_by_label("Dibuka kembali").check()
    page.get_by_role("button", name="Saring", exact=True).click()
    expect(page.locator("#rows .row")).to_have_count(1)
    page.get_by_text("Simpan atau hapus saringan").click()
    page.get_by_label("Nama saringan").fill("Kembali lagi")
    page.get_by_role("button", name="Simpan saringan ini").click()
    expect(page.get_by_text("Saringan tersimpan.")).to_be_visible()
    page.goto("/kerja/papan")
    page.get_by_role("link", name="Kembali lagi").click()

    expect(page.locator("#rows")).to_contain_text(back.number)
    expect(page.locator("#rows .row")).to_have_count(1)
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/board-{scheme}.png", full_page=True)
    found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
    assert [(one["id"], one["nodes"][0]["target"]) for one in found] == []
