"""The secret of a report: long, recomputable, stored only hashed."""

import pytest

from issues import actions
from issues.actions import tracking
from issues.models import Issue
from tests import make

pytestmark = pytest.mark.django_db


def test_a_secret_has_192_bits_and_fits_an_address():
    secret = tracking.secret(make.city(), make.uuid(1), 1)

    assert len(secret) == 32
    assert secret.replace("-", "").replace("_", "").isalnum()


def test_secrets_of_ids_cities_and_keys_differ(settings):
    settings.TRACKING_KEYS = {"1": "a" * 50, "2": "b" * 50}
    other = make.city(slug="batu", prefix="KBT")

    secrets = {
        tracking.secret(make.city(), make.uuid(1), 1),
        tracking.secret(make.city(), make.uuid(2), 1),
        tracking.secret(make.city(), make.uuid(1), 2),
        tracking.secret(other, make.uuid(1), 1),
    }

    assert len(secrets) == 4


def test_the_secret_stands_in_no_row():
    issue = make.issue()
    token = actions.token_for(issue)

    row = str(Issue.objects.filter(pk=issue.pk).values())

    assert token not in row
    assert tracking.fingerprint(token) in row


def test_the_secret_opens_its_issue_in_its_city_alone():
    issue = make.issue()
    token = actions.token_for(issue)
    elsewhere = make.city(slug="batu", prefix="KBT")

    assert actions.by_token(issue.city, token) == issue
    assert actions.by_token(elsewhere, token) is None


@pytest.mark.parametrize("text", ["", "x", "a" * 32, "a" * 100_000, "\x00", "ꦧꦭꦶ", "' OR 1=1 --"])
def test_any_other_text_opens_nothing(text):
    make.issue()

    assert actions.by_token(make.city(), text) is None


def test_a_new_server_key_leaves_old_receipts_as_they_are(settings):
    issue = make.issue()
    token = actions.token_for(issue)
    settings.TRACKING_KEYS = {**settings.TRACKING_KEYS, "2": "b" * 50}

    fresh = make.issue()

    assert actions.token_for(issue) == token
    assert fresh.token_version == 2
    assert actions.by_token(issue.city, actions.token_for(fresh)) == fresh
