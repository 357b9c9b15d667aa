"""What a citizen does in a browser, step by step, and what axe says to the page."""

import re
from io import BytesIO

from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect

from tests import make

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1280, "height": 900}}
HERE = {"latitude": make.LAT + 0.01, "longitude": make.LON + 0.01, "accuracy": 12}
WORDS = "Lampu jalan mati sejak tiga malam."
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def photo(width=3000, height=2000):
    body = BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "<script>alert(1)</script>"
    Image.effect_noise((width, height), 90).convert("RGB").save(body, "JPEG", exif=exif)
    return {"name": "<img src=x>.jpg", "mimeType": "image/jpeg", "buffer": body.getvalue()}


def locate(page):
    page.get_by_role("button", name="Gunakan lokasi saya").click()
    expect(page.locator("#point-said")).to_contain_text("Titik ditandai")


def choose(page, kind="Lpju Mati"):
    page.locator(".tile-choice", has_text=kind).click()


def fill_in(page):
    """Everything but the last button, on a phone."""
    locate(page)
    page.get_by_role("button", name="Lanjut").click()
    choose(page)
    page.get_by_label("Apa yang terjadi?").fill(WORDS)
    page.get_by_role("button", name="Lanjut").click()


def go_on(page):
    """To the last step of a form that has been filled in before."""
    onward = page.get_by_role("button", name="Lanjut", exact=True)
    while onward.is_visible():
        onward.click()


def send(page):
    page.get_by_role("button", name=re.compile("^Kirim (laporan|lagi)$")).click()


def number_on(page):
    page.wait_for_url("**/lapor/*-*")
    return page.locator("#number").inner_text()


def faults(page):
    found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
    return [(one["id"], [node["target"] for node in one["nodes"]]) for one in found]
