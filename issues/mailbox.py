"""Fetch letters from the city's mailbox by IMAP; each is marked as read once it is kept.

Source: RFC 3501. `MAILBOX` is `imaps://user:password@host/INBOX`, or empty.
"""

import imaplib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import unquote, urlsplit

from django.conf import settings

TIMEOUT_S: Final = 20
MOST: Final = 50
"""Letters of one round; the next one takes the rest."""


def is_on() -> bool:
    """Whether the deployment has a mailbox."""
    return bool(settings.MAILBOX)


@contextmanager
def unread() -> Iterator["Round"]:
    """Open the mailbox for one round.

    Raises:
        OSError: it cannot be reached.
        imaplib.IMAP4.error: it refuses.
    """
    address = urlsplit(settings.MAILBOX)
    secure = address.scheme == "imaps"
    door = imaplib.IMAP4_SSL if secure else imaplib.IMAP4
    host, port = address.hostname or "", address.port or (993 if secure else 143)
    with door(host, port, timeout=TIMEOUT_S) as server:
        server.login(unquote(address.username or ""), unquote(address.password or ""))
        server.select(unquote(address.path.lstrip("/")) or "INBOX")
        yield Round(server)


class Round:
    """Letters that nobody has read yet."""

    def __init__(self, server: imaplib.IMAP4) -> None:
        self._server = server

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        """Yield the number and the bytes of each, without marking it as read."""
        _typ, found = self._server.search(None, "UNSEEN")
        for number in (found[0] or b"").decode().split()[:MOST]:
            _typ, parts = self._server.fetch(number, "(BODY.PEEK[])")
            for part in parts:
                if isinstance(part, tuple):
                    yield number, part[1]

    def kept(self, number: str) -> None:
        """Mark one as read."""
        self._server.store(number, "+FLAGS", "(\\Seen)")
