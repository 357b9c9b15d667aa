"""The whole configuration as a file, in the browser: taken out, looked at, brought in."""

import os

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from issues import reference
from issues.workflow import Role
from tests import make
from tests.browser.staff import DESK, PHONE, RULES, enter

pytestmark = pytest.mark.django_db(transaction=True)

SHOTS = os.environ.get("SCREENSHOTS")


def look(page, name):
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)
    found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
    assert [(one["id"], one["nodes"][0]["target"]) for one in found] == []


@pytest.mark.parametrize(
    ("size", "scheme"), [(PHONE, "dark"), (DESK, "light")], ids=["phone", "desk"]
)
def test_a_city_is_taken_out_looked_at_and_brought_in(visit, tmp_path, size, scheme):
    reference.load(reference.read("denpasar"))
    page = enter(visit, make.user(Role.ADMINISTRATOR), color_scheme=scheme, **size)
    page.goto("/kerja/atur")
    page.get_by_role("link", name="Pengaturan sebagai berkas").click()

    with page.expect_download() as taken:
        page.get_by_role("link", name="Unduh pengaturan").click()
    texts = reference.bundle.texts(taken.value.path().read_bytes())
    texts["categories.toml"] = texts["categories.toml"].replace(b'"road"', b'"tree"', 2)
    file = tmp_path / "kota.zip"
    file.write_bytes(reference.bundle.zipped(texts))
    page.get_by_label("Berkas").set_input_files(file)
    page.get_by_role("button", name="Lihat akibatnya").click()
    expect(page.get_by_role("heading", name="Yang akan berubah")).to_be_visible()
    look(page, f"configuration-{scheme}")
    page.get_by_label("Alasan").fill("Ikon baru.")
    page.get_by_role("button", name="Terapkan semuanya").click()

    expect(page.get_by_text("2 baris diperbarui.")).to_be_visible()
    look(page, f"configuration-done-{scheme}")
