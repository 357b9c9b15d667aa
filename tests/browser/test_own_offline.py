"""One's own reports without a network: where they stood last, until the log-out."""

import re

import pytest
from playwright.sync_api import expect

from issues import actions
from issues.models import Issue
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def issues(transactional_db):
    make.world()
    shown, secret = make.issue(), make.issue()
    Issue.objects.filter(pk=secret.pk).update(confidential=True)
    return shown, secret


def prove(page, issue):
    page.goto("/lacak")
    page.locator("[name=rahasia]").fill(actions.token_for(issue))
    page.locator("[name=rahasia]").press("Enter")
    page.wait_for_url(re.compile(issue.number))


def test_the_queue_shows_where_own_reports_stood_last(visit, issues):
    shown, secret = issues
    page = visit("/lacak")
    for issue in issues:
        prove(page, issue)
    with page.expect_response("**/saya/keadaan"):
        page.goto("/saya")
    page.wait_for_timeout(500)
    page.route("**/saya/keadaan", lambda route: route.abort())

    page.goto("/antrean")

    own = page.locator("[data-mine]")
    expect(own).to_contain_text(shown.number)
    expect(own).to_contain_text("Keadaan terakhir yang diketahui")
    expect(own).not_to_contain_text(secret.number)

    page.context.add_cookies([{"name": "forget", "value": "1", "url": page.url}])
    page.goto("/privasi")
    for _each in range(50):
        if "forget" not in page.evaluate("document.cookie"):
            break
        page.wait_for_timeout(100)
    page.goto("/antrean")
    expect(own).to_be_hidden()
