"""Staff at a desk or on a phone: their screens, and the way in."""

from allauth.account.models import EmailAddress
from playwright.sync_api import expect

from tests import make

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1280, "height": 800}}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def enter(visit, someone, **options):
    """Log somebody in with the fixture `visit`, and return their page."""
    EmailAddress.objects.create(user=someone, email=someone.email, verified=True, primary=True)
    page = visit("/kerja/", **options)
    page.locator("[name=login]").fill(someone.email)
    page.locator("[name=password]").fill(make.PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Yang menunggu")).to_be_visible()
    return page
