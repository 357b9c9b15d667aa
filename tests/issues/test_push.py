"""Web push and every other call to strangers' servers: to whom, sealed for whom, and what then."""

import base64
import json
import logging
import time

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from issues import messaging, outgoing, push
from tests.issues.push_service import HOST, Browser, Service, key_text

NOTE = {"title": "Selesai: Lampu", "body": "DPS-26-000001", "url": "/laporan/DPS-26-000001"}


@pytest.fixture
def service(tmp_path, settings, monkeypatch):
    settings.VAPID_PRIVATE_KEY = key_text(ec.generate_private_key(ec.SECP256R1()))
    settings.VAPID_CONTACT = "mailto:laporan@kota.example"
    with Service(tmp_path) as double:
        monkeypatch.setenv("SSL_CERT_FILE", str(double.cert))
        settings.OUTGOING_PROXY = f"localhost:{double.port}"
        yield double


def device(browser):
    return push.Device(browser.endpoint, **browser.json["keys"])


def test_a_note_is_sealed_for_its_browser_alone(service):
    browser = Browser()

    push.send(device(browser), NOTE, topic="DPS-26-000001")

    [request] = service.requests
    assert json.loads(browser.read(request.body)) == NOTE
    assert b"Lampu" not in request.body
    assert service.tunnels == [f"{HOST}:443"]


def test_a_newer_note_about_an_issue_replaces_an_older_one_for_two_days(service):
    push.send(device(Browser()), NOTE, topic="DPS-26-000001")

    headers = service.requests[0].headers
    assert headers["topic"] == "DPS-26-000001"
    assert headers["ttl"] == "172800"
    assert headers["content-encoding"] == "aes128gcm"


def test_the_sender_signs_for_this_service_and_half_a_day(service, settings):
    push.send(device(Browser()), NOTE, topic="x")

    scheme, _space, rest = service.requests[0].headers["authorization"].partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    head, claims, signature = parts["t"].split(".")
    told = json.loads(base64.urlsafe_b64decode(claims + "=="))
    raw = base64.urlsafe_b64decode(signature + "==")
    numbers = (int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    point = base64.urlsafe_b64decode(push.public_key() + "==")
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    key.verify(
        encode_dss_signature(*numbers), f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256())
    )
    assert scheme == "vapid"
    assert parts["k"] == push.public_key()
    assert told["aud"] == f"https://{HOST}"
    assert told["sub"] == "mailto:laporan@kota.example"
    assert time.time() < told["exp"] < time.time() + 86_400


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, push.DeviceGone),
        (410, push.DeviceGone),
        (429, OSError),
        (500, OSError),
        (503, OSError),
        (400, push.PushRefused),
        (413, push.PushRefused),
        (301, push.PushRefused),
        (307, push.PushRefused),
    ],
)
def test_what_a_service_answers_is_gone_later_or_never(service, status, error):
    service.status, service.moved = status, "https://127.0.0.1/secret"

    with pytest.raises(error):
        push.send(device(Browser()), NOTE, topic="x")

    assert len(service.requests) == 1


def test_a_server_with_another_name_is_not_believed(tmp_path, settings, monkeypatch):
    settings.VAPID_PRIVATE_KEY = key_text(ec.generate_private_key(ec.SECP256R1()))
    with Service(tmp_path, host="musuh.example") as double:
        monkeypatch.setenv("SSL_CERT_FILE", str(double.cert))
        settings.OUTGOING_PROXY = f"localhost:{double.port}"

        with pytest.raises(OSError, match=r"certificate verify failed"):
            push.send(device(Browser()), NOTE, topic="x")

    assert double.requests == []


FORBIDDEN = [
    "http://fcm.googleapis.com/fcm/send/x",
    "https://fcm.googleapis.com",
    "https://127.0.0.1/x",
    "https://127.1/x",
    "https://2130706433/x",
    "https://0x7f000001/x",
    "https://017700000001/x",
    "https://0/x",
    "https://[::1]/x",
    "https://[::ffff:127.0.0.1]/x",
    "https://[fe80::1%25eth0]/x",
    "https://169.254.169.254/latest/meta-data/",
    "https://10.0.0.1/x",
    "https://192.168.1.1/x",
    "https://localhost/x",
    "https://metadata.google.internal/x",
    "https://fcm.googleapis.com:443/x",
    "https://fcm.googleapis.com:8080/x",
    "https://fcm.googleapis.com@127.0.0.1/x",
    "https://user:pass@fcm.googleapis.com/x",
    "https://fcm.googleapis.com.musuh.example/x",
    "https://musuhfcm.googleapis.com/x",
    "https://musuh.example/fcm.googleapis.com",
    "https://push.apple.com.musuh.example/x",
    "https://.push.apple.com/x",
    "https://xpush.apple.com/x",
    "https://push.apple.com/x",
    "https://fcm.googleapis.com\\@127.0.0.1/x",
    "https://fcm.googleapis.com%2f@127.0.0.1/x",
    "https://fcm.googleapis.com\t/x",
    "https://fcm.googleapis.com/x\r\nHost: musuh.example",
    "https://fcm.googleapis.com/x y",
    "https://fcm。googleapis。com/x",
    "https://\N{FULLWIDTH LATIN SMALL LETTER F}cm.googleapis.com/x",
    "https://FCM.googleapis.com/x",
    "https://fcm.googleapis.com./x",
    "https:fcm.googleapis.com/x",
    "https:///fcm.googleapis.com/x",
    "//fcm.googleapis.com/x",
    "file:///etc/passwd",
    "gopher://fcm.googleapis.com/x",
    "ftp://fcm.googleapis.com/x",
    "javascript:alert(1)",
    "data:text/plain,x",
    "https://127.0.0.1.nip.io/x",
    "https://fcm.googleapis.com/x#@127.0.0.1",
    "",
    " https://fcm.googleapis.com/x",
]


@pytest.mark.parametrize("url", FORBIDDEN)
def test_nothing_but_a_push_service_is_ever_called(url, service):
    assert not push.is_allowed(url)
    with pytest.raises(outgoing.ForbiddenHost):
        push.send(push.Device(url, **Browser().json["keys"]), NOTE, topic="x")
    assert service.tunnels == []


@pytest.mark.parametrize(
    "url",
    [
        "https://fcm.googleapis.com/fcm/send/abc:def-_~",
        "https://updates.push.services.mozilla.com/wpush/v2/gAAAA",
        "https://web.push.apple.com/QOab",
        "https://wns2-par02p.notify.windows.com/w/?token=BQYAAA%3d%3d",
    ],
)
def test_the_services_of_the_browsers_are_allowed(url):
    assert push.is_allowed(url)


def test_a_listed_name_that_leads_home_is_not_called(settings):
    settings.VAPID_PRIVATE_KEY = key_text(ec.generate_private_key(ec.SECP256R1()))
    settings.PUSH_HOSTS = ["ip6-localhost.localdomain", "*.localhost"]
    browser = Browser(host="push.localhost")

    with pytest.raises((outgoing.ForbiddenHost, OSError)):
        push.send(device(browser), NOTE, topic="x")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("192.168.0.1", False),
        ("0.0.0.1", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("::ffff:8.8.8.8", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("2002:7f00:1::", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::808:808", False),
        ("::127.0.0.1", False),
        ("::8.8.8.8", False),
    ],
)
def test_only_public_addresses_are_public(address, public):
    assert outgoing.is_public(address) is public


@pytest.mark.parametrize(
    ("p256dh", "auth"),
    [("", ""), ("AAAA", "AAAA"), ("BA" * 44, "A" * 22), ("*" * 87, "A" * 22), ("A" * 87, "ä" * 22)],
)
def test_a_key_that_seals_nothing_is_no_key(p256dh, auth):
    assert not push.is_key(p256dh, auth)
    good = Browser().json["keys"]
    assert push.is_key(good["p256dh"], good["auth"])


# Short messages ------------------------------------------------------------------------------


def test_the_console_shows_that_something_left_and_no_number(caplog):
    with caplog.at_level(logging.INFO, logger="issues.messaging"):
        messaging.send("+6281234567890", "Kode Anda 123456")

    assert "+62…890" in caplog.text
    assert "81234567" not in caplog.text
    assert "123456" not in caplog.text


@pytest.fixture
def gateway(service, settings):
    settings.MESSAGING = "gateway"
    settings.MESSAGE_GATEWAY = f"https://{HOST}/kirim"
    settings.MESSAGE_GATEWAY_TOKEN = "rahasia"
    service.status = 202
    return service


def test_the_gateway_gets_number_and_text_with_its_token(gateway):
    messaging.send("+6281234567890", "Kode Anda 123456")

    [request] = gateway.requests
    assert json.loads(request.body) == {"to": "+6281234567890", "text": "Kode Anda 123456"}
    assert request.headers["authorization"] == "Bearer rahasia"
    assert request.line.startswith("POST /kirim ")


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, messaging.MessageRefused), (429, OSError), (503, OSError), (302, OSError)],
)
def test_a_gateway_refuses_for_good_or_for_now(gateway, status, error):
    gateway.status = status

    with pytest.raises(error):
        messaging.send("+6281234567890", "x")
