"""The day of a dispatcher: a full queue, emptied by keys alone; on a phone the same as forms."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from issues.models import Issue
from issues.views.queues import QUEUES, queued
from issues.workflow import Role, Status, Step
from tests import make, proof
from tests.browser.staff import DESK, PHONE, RULES, enter
from tests.issues import office

pytestmark = pytest.mark.django_db(transaction=True)

DAY = proof.size(whole=100, part=12)
PICTURES = os.environ.get("PICTURES")


@pytest.fixture(autouse=True)
def _world(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    make.world()
    make.rule("layanan", to="DISKOMINFO", service_code="layanan", explanation="layanan daring")
    make.rule("semua", to="PUPR", explanation="yang lain")


@pytest.fixture
def desk(visit):
    """Open pages as a dispatcher."""
    return lambda **options: enter(visit, make.user(Role.DISPATCHER, first_name="Made"), **options)


def waiting(**fields):
    return make.issue(service_code="layanan-lambat", **fields)


def picture(page, name):
    if PICTURES:
        Path(PICTURES).mkdir(exist_ok=True)
        page.screenshot(path=f"{PICTURES}/{name}.png")


def sound(page):
    found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
    assert [(one["id"], one["nodes"][0]["target"]) for one in found] == []
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) <= 0


def ready(page):
    """Wait until the keys are heard: the module shows their button where a keyboard is likely."""
    expect(page.locator("[data-keys-tools]")).to_have_js_property("hidden", False)  # noqa: FBT003


def decide(page, at):
    """Decide the open issue by keys; now and then by another key than v."""
    if at % 10 == 3:
        page.keyboard.press("r")
        page.keyboard.type("Bukan urusan kota: milik swasta.")
        page.keyboard.press("Control+Enter")
    elif at % 10 == 5:
        page.keyboard.press("s")
        page.keyboard.type("Sejak kapan?")
        page.keyboard.press("Control+Enter")
    elif at % 10 == 7:
        page.keyboard.press("a")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Control+Enter")
    elif at % 10 == 9:
        page.keyboard.press("d")
        page.wait_for_url("**/duplikat**")
        ready(page)
        page.keyboard.press("m")
    else:
        page.keyboard.press("v")


def test_a_day_is_emptied_by_keys_alone(desk):
    for _ in range(DAY):
        waiting()
    page = desk(**DESK)
    page.goto("/kerja/triase")
    picture(page, "desk-full")

    for at in range(DAY):
        ready(page)
        number = page.locator(".triage__issue .number").first.inner_text()
        decide(page, at)
        expect(page.locator("[data-live]")).to_contain_text(number)
        if at == DAY // 2:
            picture(page, "desk-half")

    expect(page.get_by_text("Antrean ini kosong.")).to_be_visible()
    picture(page, "desk-empty")
    rows = queued(Issue.objects.all())
    assert not rows.filter(QUEUES["baru"].rule).exists()
    left = [issue for issue in rows if issue.is_open and not issue.department_id]
    assert {issue.status for issue in left} <= {Status.NEEDS_INFO}


def test_j_and_k_walk_the_queue_and_the_issue_has_the_focus(desk):
    first, second = waiting(), waiting()
    page = desk(**DESK)
    page.goto("/kerja/triase")

    ready(page)
    page.keyboard.press("j")
    expect(page.locator("#laporan .number").first).to_have_text(second.number)
    expect(page.locator("#laporan")).to_be_focused()
    ready(page)
    page.keyboard.press("k")
    expect(page.locator("#laporan .number").first).to_have_text(first.number)


def test_keys_are_off_in_fields_and_for_whoever_wants_none(desk):
    issue = waiting()
    page = desk(**DESK)
    page.goto("/kerja/triase")

    ready(page)
    page.keyboard.press("r")
    page.keyboard.type("v")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Tombol pintas")).to_be_visible()
    picture(page, "desk-keys")
    page.get_by_label("Pakai tombol pintas satu huruf").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    ready(page)
    page.keyboard.press("v")
    page.wait_for_timeout(300)

    assert office.fresh(issue).status == Status.SUBMITTED


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a1_triage_is_accessible_full_late_and_in_its_preview(desk, size):
    issue, other = waiting(), waiting(description="Hubungi Pak Ketut Suarjana 0812-3456-7890.")
    office.photo(other)
    make.issue()
    name = "phone" if size is PHONE else "desk"
    page = desk(**size)

    page.goto(f"/kerja/triase?n={other.number}")
    ready(page)
    sound(page)
    picture(page, f"{name}-issue")
    page.keyboard.press("r")
    page.locator("#reject_note").fill("Bukan urusan kota.")
    make.take(other, Step.NOTE, note="Sudah ditelepon.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#stale")).to_be_visible()
    sound(page)
    picture(page, f"{name}-late")
    page.get_by_role("button", name="Kirim tetap").click()
    expect(page.locator("[data-live]")).to_contain_text(f"{other.number} ditolak")
    page.get_by_label(f"Pilih {issue.number}").check()
    page.locator(".triage__bulk > summary").click()
    page.locator("#bulk").get_by_role("button", name="Pratinjau").click()
    expect(page.get_by_role("heading", name="Pratinjau")).to_be_visible()
    sound(page)
    picture(page, f"{name}-preview")
    page.get_by_role("button", name="Lakukan pada 1 laporan").click()
    expect(page.get_by_text("1 laporan diputuskan.")).to_be_visible()
    sound(page)
    assert office.fresh(other).status == Status.REJECTED
    assert office.fresh(issue).status == Status.ASSIGNED


def test_without_javascript_the_keys_are_buttons(desk):
    issue = waiting()
    page = desk(**PHONE, java_script_enabled=False)

    page.goto("/kerja/triase")
    page.get_by_role("button", name="Verifikasi, ke").tap()
    expect(page.get_by_text(f"{issue.number} didisposisikan.")).to_be_visible()

    assert office.fresh(issue).status == Status.ASSIGNED


def test_each_proposal_is_blacked_out_by_its_key_and_taken_back(desk):
    issue = waiting(description="Hubungi Pak Ketut Suarjana 0812-3456-7890.")
    page = desk(**DESK)
    page.goto(f"/kerja/laporan/{issue.number}/tinjau?queue=tinjau")
    ready(page)
    text = page.locator("#review_public_text")

    page.keyboard.press("2")
    expect(text).to_have_value("Hubungi Pak Ketut Suarjana ●●●.")
    page.get_by_role("button", name="Urungkan").click()
    expect(text).to_have_value("Hubungi Pak Ketut Suarjana 0812-3456-7890.")
    page.keyboard.press("1")
    page.keyboard.press("2")
    sound(page)
    picture(page, "desk-review")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/kerja/triase**")

    issue = office.fresh(issue)
    assert issue.public_text == "Hubungi Pak ●●● ●●●."
    assert issue.description == "Hubungi Pak Ketut Suarjana 0812-3456-7890."


def test_a_box_is_taken_back_and_the_photo_enlarged(desk):
    photo = office.photo(make.issue())
    page = desk(**DESK)
    page.goto(f"/kerja/foto/{photo.pk}/tutupi")
    boxes = page.locator(".redact__box:visible")

    page.get_by_role("button", name="Tambah kotak").press("Enter")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#id_box-0-x")).to_have_value("39.0")
    page.keyboard.press("Control+z")
    expect(page.locator("#id_box-0-x")).to_have_value("40.0")
    before = page.locator(".redact__stage").bounding_box()["width"]
    page.get_by_role("button", name="Perbesar foto").click()
    assert page.locator(".redact__stage").bounding_box()["width"] > before
    sound(page)
    picture(page, "desk-redact")
    page.get_by_role("button", name="Urungkan").click()
    expect(boxes).to_have_count(0)
