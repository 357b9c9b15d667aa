"""The door of browsers for push notes, knocked at by somebody who is no browser."""

import pytest

from issues.models import PushDevice
from tests import make

pytestmark = pytest.mark.django_db

NO_BROWSER = [
    r'{"endpoint": "https://fcm.googleapis.com/\u0000"}',
    r'{"endpoint": "https://fcm.googleapis.com/\ud800"}',
    r'{"endpoint": "\udfff\u0000"}',
    '{"endpoint": "https://elsewhere.example/1"}',
    '{"endpoint": ["https://fcm.googleapis.com/1"]}',
    '{"endpoint": NaN}',
    '{"endpoint": 1, "endpoint": 2}',
    "[" * 5000,
    "[]",
    "null",
    "",
    "\x00",
    "x" * 300_000,
]


@pytest.mark.parametrize("content", NO_BROWSER, ids=range(len(NO_BROWSER)))
def test_what_no_browser_says_is_let_go_without_a_word(client, content):
    make.world()

    response = client.delete("/api/push", content, content_type="application/json")

    assert response.status_code == 204


@pytest.mark.parametrize("content", NO_BROWSER, ids=range(len(NO_BROWSER)))
def test_what_no_browser_says_is_registered_nowhere(client, content):
    make.world()

    response = client.post("/api/push", content, content_type="application/json")

    assert response.status_code == 400
    assert not PushDevice.objects.exists()
