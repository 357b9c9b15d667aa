"""Clocks as people see them: why a date is that date, and that it stands still."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from issues import actions
from issues.models import Escalation, Issue
from issues.workflow import Role, Step
from tests import make
from tests.browser.test_desk import DESK, PHONE, _world, member, sound, visit

__all__ = ["_world", "visit"]

pytestmark = pytest.mark.django_db(transaction=True)


def waited():
    """An issue of last week whose reporter took two days to answer, and which has risen."""
    begun = timezone.now() - timedelta(days=12)
    issue = make.issue(at=begun)
    make.take(issue, Step.ASK, at=begun + timedelta(days=1), note="Tiang nomor berapa?")
    make.take(issue, Step.ANSWER, at=begun + timedelta(days=4))
    Escalation.objects.create(
        city=issue.city, code="lewat", date="due", days_after=0, role=Role.LEADER, kind="escalate"
    )
    Issue.objects.filter(pk=issue.pk).update(created_at=begun, due_at=timezone.now())
    actions.alarms.look_again(issue.city, timezone.now())
    actions.ring(timezone.now() + timedelta(seconds=1))
    return Issue.objects.get(pk=issue.pk)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_date_says_why_by_keyboard_and_the_clock_stops_with_a_reason(visit, size):
    issue = waited()
    page = visit(member(Role.LIAISON), **size)
    page.goto("/kerja/papan")
    expect(page.get_by_text("naik ke pimpinan").first).to_be_visible()
    sound(page)

    page.goto(f"/kerja/laporan/{issue.number}")
    why = page.locator(".why > summary").first
    why.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Ditambah").first).to_be_visible()
    sound(page)

    page.get_by_text("Hentikan jam").first.click()
    page.locator("#pause_note").fill("menunggu suku cadang")
    page.locator("form:has(#pause_note) button[type=submit]").click()
    expect(page.get_by_text("jam berhenti: menunggu suku cadang").first).to_be_visible()
    sound(page)

    page.goto(f"/laporan/{issue.number}")
    expect(page.get_by_text("jam berhenti: menunggu suku cadang")).to_be_visible()
