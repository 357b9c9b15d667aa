"""Web push: a short note to one browser, sealed so that only that browser reads it.

Source: RFC 8030 (the service), RFC 8291 (sealing), RFC 8292 (VAPID: who we are).
"""

import base64
import binascii
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from py_vapid import Vapid02
from pywebpush import WebPusher

from issues import outgoing

TTL_S: Final = 2 * 24 * 3600
"""How long a service keeps a note for a browser that sleeps."""
_PROOF_S: Final = 12 * 3600
_GONE: Final = frozenset({404, 410})
_TAKEN: Final = frozenset({200, 201, 202, 204})
_NOT_NOW: Final = frozenset({408, 429})
_FAULT: Final = 500
_MOST_TOPIC: Final = 32
_POINT: Final = 65
_SECRET: Final = 16


class DeviceGone(Exception):
    """The browser takes no notes any more."""


class PushRefused(Exception):
    """The service will never take this note."""


@dataclass(frozen=True, slots=True)
class Device:
    """Where one browser takes its notes: address, public key and shared secret (base64url)."""

    endpoint: str
    p256dh: str
    auth: str


def is_on() -> bool:
    """Tell whether this site has a key; without one no page offers push."""
    return bool(settings.VAPID_PRIVATE_KEY)


def public_key() -> str:
    """Return the key by which browsers know this site (base64url, uncompressed point)."""
    return _public_of(settings.VAPID_PRIVATE_KEY) if is_on() else ""


@cache
def _public_of(private: str) -> str:
    key = Vapid02.from_string(private).public_key
    return _text(key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def is_allowed(endpoint: str) -> bool:
    """Tell whether an address that a browser gave belongs to a push service we know."""
    return outgoing.is_allowed(endpoint, settings.PUSH_HOSTS)


def is_key(p256dh: str, auth: str) -> bool:
    """Tell whether a browser's key is a point of P-256 and its secret has 16 bytes."""
    try:
        point, secret = _bytes(p256dh), _bytes(auth)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except (ValueError, binascii.Error):
        return False
    return len(point) == _POINT and len(secret) == _SECRET


def send(device: Device, note: Mapping[str, str], *, topic: str) -> None:
    """Send a note; one that waits there under the same topic is replaced by it.

    Args:
        device: as the browser gave it.
        note: title, body, url; nothing that names a person.
        topic: at most 32 letters of base64url.

    Raises:
        DeviceGone: the browser has left.
        PushRefused: never.
        ForbiddenHost: the address is no push service that we know.
        OSError: not now.
    """
    if not is_allowed(device.endpoint):
        raise outgoing.ForbiddenHost
    keys = {"p256dh": device.p256dh, "auth": device.auth}
    sealed = WebPusher({"endpoint": device.endpoint, "keys": keys}).encode(
        json.dumps(note, ensure_ascii=False).encode()
    )
    answer = outgoing.post(
        device.endpoint,
        sealed["body"],
        {**_proof(device.endpoint), **_terms(topic)},
        hosts=settings.PUSH_HOSTS,
    )
    _judge(answer.status)


def _judge(status: int) -> None:
    if status in _TAKEN:
        return
    if status in _GONE:
        raise DeviceGone
    if status in _NOT_NOW or status >= _FAULT:
        message = f"the push service answers {status}"
        raise ConnectionError(message)
    raise PushRefused(status)


def _terms(topic: str) -> dict[str, str]:
    return {
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(TTL_S),
        "Urgency": "normal",
        "Topic": topic[:_MOST_TOPIC],
    }


def _proof(endpoint: str) -> dict[str, str]:
    """Sign who sends, for this service and half a day."""
    claims = {
        "aud": f"https://{urlsplit(endpoint).hostname}",
        "exp": int(time.time()) + _PROOF_S,
        "sub": settings.VAPID_CONTACT,
    }
    signed: dict[str, str] = Vapid02.from_string(settings.VAPID_PRIVATE_KEY).sign(claims)
    return signed


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
