"""Pages of the whole city: progress, outages, the channel desk, a divided case, templates."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from issues import actions
from issues.models import Unit
from issues.workflow import Role, Step
from tests import make
from tests.browser.test_desk import DESK, PHONE, _world, member, sound, visit

__all__ = ["_world", "visit"]
SHOTS = os.environ.get("SCREENSHOTS")
"""A folder for pictures of the pages, for eyes; none by default."""
SIZES = pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
pytestmark = pytest.mark.django_db(transaction=True)


def look(page, name, size):
    """See that a page is sound, and keep its picture where somebody wants one."""
    sound(page)
    if SHOTS:
        width = size["viewport"]["width"]
        page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)


def divided():
    issue = make.issue()
    two = [make.department("DISHUB"), make.department("PUPR")]
    desk = make.user(Role.DISPATCHER)
    return actions.split(issue.pk, two, actor=desk, version=issue.version, note="Bersama-sama.")


def outage():
    city, now = make.world(), timezone.now()
    wish = actions.Announcement(
        uuid=make.uuid(7),
        service_code="lpju-mati",
        area=make.square(),
        places="Kelurahan 1.2",
        message="Gardu rusak, lampu padam.",
        starts_at=now,
        ends_at=now + timedelta(hours=5),
    )
    return actions.announce_outage(wish, city=city, actor=make.user(Role.DISPATCHER))


@SIZES
def test_a1_everybody_reads_how_things_fare(visit, size):
    for month in range(1, 12):
        at = datetime(2026, month, 2, 2, tzinfo=UTC)
        for _each in range(2):
            make.take(make.issue(at=at), Step.RESOLVE, at=at + timedelta(days=month))
    make.issue(at=datetime(2026, 3, 2, 2, tzinfo=UTC))

    page = visit(member(Role.DISPATCHER), **size)
    page.goto("/kinerja")

    expect(page.get_by_role("heading", name="Di mana laporan menunggu")).to_be_visible()
    expect(page.locator(".progress__trend rect").first).to_be_visible()
    look(page, "progress", size)


@SIZES
def test_a1_the_dispatchers_other_pages_are_sound(visit, size):
    issue = make.issue()
    whole, known = divided(), outage()
    page = visit(member(Role.DISPATCHER), **size)

    page.goto(f"/kerja/laporan/{issue.number}/bagi")
    look(page, "split", size)
    page.goto(f"/kerja/laporan/{whole.number}")
    expect(page.get_by_role("heading", name="Bagian tiap dinas")).to_be_visible()
    look(page, "divided", size)
    page.goto("/kerja/gangguan")
    expect(page.locator("#map .leaflet-control-zoom")).to_be_visible()
    expect(page.get_by_text(known.number)).to_be_visible()
    look(page, "outages", size)
    page.goto("/kerja/kanal")
    look(page, "channels", size)
    page.get_by_label("WhatsApp").check()
    page.locator("[name=text]").fill("Lampu mati di jalan uji, telepon 081234567890")
    page.get_by_role("button", name="Lanjut").click()
    expect(page.locator("[name=phone]")).to_have_value("081234567890")
    look(page, "channels-entry", size)
    page.goto("/kerja/kinerja")
    look(page, "progress-staff", size)


@SIZES
def test_an_outage_is_told_on_map_and_form(visit, size):
    known = outage()

    page = visit(member(Role.DISPATCHER), **size)
    page.goto("/")
    expect(page.locator("#outages")).to_contain_text("Kelurahan 1.2")
    expect(page.locator("path.outage")).to_be_attached()
    look(page, "map-outage", size)
    page.goto("/lapor")
    expect(page.locator("#outages").get_by_role("link")).to_have_attribute(
        "href", f"/laporan/{known.number}"
    )


def test_a_liaison_gives_work_to_a_unit_by_keyboard(visit):
    issue = make.issue()
    Unit.objects.create(department=issue.department, code="regu-1", name="Regu 1")
    page = visit(member(Role.LIAISON), **DESK)
    page.goto(f"/kerja/laporan/{issue.number}")

    page.locator("details:has(#delegate_to) > summary").focus()
    page.keyboard.press("Enter")
    page.locator("#delegate_to").select_option(label="Regu 1")
    page.locator("#delegate_note").fill("Bawa tangga.")
    page.locator("form:has(#delegate_to) button").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_text("Regu 1").first).to_be_visible()
    look(page, "delegated", DESK)
