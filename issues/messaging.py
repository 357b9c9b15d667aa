"""Short messages to a phone (SMS, WhatsApp): one function, and two ways behind it.

The console way is for development: it logs that something was sent, and the number only masked.
The gateway way posts `{"to", "text"}` as JSON to the service that the operator has named.
"""

import json
import logging
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

from issues import outgoing

_log: Final = logging.getLogger(__name__)
_REFUSED: Final = range(400, 500)
_NOT_NOW: Final = frozenset({408, 425, 429})
_SHOWN: Final = 3
MOST_LETTERS: Final = 480
"""Three parts of an SMS; what is longer is cut."""


class MessageRefused(Exception):
    """The gateway will never take this message."""


def send(phone: str, text: str) -> None:
    """Send a short message.

    Args:
        phone: international form, `+62…`.
        text: what it says; line breaks stay, more than `MOST_LETTERS` is cut.

    Raises:
        MessageRefused: it will never be taken.
        OSError: not now.
    """
    WAYS[settings.MESSAGING](phone, text[:MOST_LETTERS])


def is_on() -> bool:
    """Tell whether messages really leave the house; pages offer phones only then."""
    return settings.MESSAGING != "console" or settings.DEBUG or settings.DEMO


def masked(phone: str) -> str:
    """Write a number so that its owner knows it and nobody else: `+62…890`."""
    digits = phone.lstrip("+")
    return f"+{digits[:2]}…{digits[-_SHOWN:]}" if len(digits) > 2 * _SHOWN else "…"


def _console(phone: str, text: str) -> None:
    _log.info("message of %d letters to %s", len(text), masked(phone))


def _gateway(phone: str, text: str) -> None:
    answer = outgoing.post(
        settings.MESSAGE_GATEWAY,
        json.dumps({"to": phone, "text": text}).encode(),
        {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {settings.MESSAGE_GATEWAY_TOKEN}",
        },
        hosts=[urlsplit(settings.MESSAGE_GATEWAY).hostname or ""],
    )
    if answer.status in range(200, 300):
        return
    if answer.status in _REFUSED and answer.status not in _NOT_NOW:
        raise MessageRefused(answer.status)
    message = f"the gateway answers {answer.status}"
    raise ConnectionError(message)


WAYS: Final[Mapping[str, Callable[[str, str], None]]] = {"console": _console, "gateway": _gateway}
"""Values of the setting MESSAGING."""
