"""Signed addresses in letters: whoever holds one may do the one thing it names, without log-in.

A link is `version.key.day.signature`; it holds no address and no name. The signature is an HMAC
over purpose, key and day by a server key of that version (RFC 2104), so that keys can change.
"""

import base64
import hmac
import time
from typing import Final

from django.conf import settings

CONFIRM: Final = "confirm"
"""Say yes to one subscription."""
STOP: Final = "stop"
"""End one subscription."""
STOP_DAILY: Final = "stop-daily"
"""End a subscriber's daily letter."""
STOP_WEEKLY: Final = "stop-weekly"
MUTE: Final = "mute"
"""End the letters to the reporter of one issue."""
MANAGE: Final = "manage"
"""See and change all of a subscriber's subscriptions."""
INVITE: Final = "invite"
"""Take the capacity that an administrator has offered."""

_DAY_S: Final = 86_400
_SIGNED_BYTES: Final = 16
_PARTS: Final = 4
_MOST: Final = 80


def make(purpose: str, pk: int) -> str:
    """Sign a link of today."""
    version = max(settings.TRACKING_KEYS, key=int)
    day = int(time.time()) // _DAY_S
    return f"{version}.{pk}.{day}.{_sign(version, purpose, pk, day)}"


def read(purpose: str, token: str, *, days: int | None = None) -> int | None:
    """Read the key that a link of this purpose names; None for anything else.

    Args:
        purpose: what shall be done.
        token: as it came.
        days: how old it may be; None: it holds for ever.
    """
    parts = token.split(".")
    if len(token) > _MOST or len(parts) != _PARTS:
        return None
    version, *numbers, signature = parts
    if version not in settings.TRACKING_KEYS or not all(_is_number(text) for text in numbers):
        return None
    pk, day = (int(text) for text in numbers)
    if not hmac.compare_digest(signature.encode(), _sign(version, purpose, pk, day).encode()):
        return None
    too_old = days is not None and int(time.time()) // _DAY_S - day > days
    return None if too_old else pk


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _sign(version: str, purpose: str, pk: int, day: int) -> str:
    key = settings.TRACKING_KEYS[version].encode()
    digest = hmac.digest(key, f"link:{purpose}:{pk}:{day}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:_SIGNED_BYTES]).rstrip(b"=").decode()
