"""The door of browsers for push notes, knocked at by somebody who is no browser."""

from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from issues.models import PushDevice
from issues.views import devices
from tests import make
from tests.issues.push_service import Browser, key_text

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


def test_one_line_registers_so_many_devices_an_hour(client, settings, monkeypatch):
    settings.VAPID_PRIVATE_KEY = key_text(ec.generate_private_key(ec.SECP256R1()))
    monkeypatch.setattr(devices, "PER_LINE", 2)
    make.world()

    def register():
        content = Browser(f"/wpush/v2/{uuid4()}", host="fcm.googleapis.com").json
        return client.post("/api/push", content, content_type="application/json").status_code

    assert [register() for _ in range(3)] == [201, 201, 429]
    assert PushDevice.objects.count() == 2
