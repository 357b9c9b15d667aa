"""Read a letter as it came: who wrote, what, with which pictures, and to what it is a reply. Pure.

The bytes are a stranger's: nothing is trusted, everything is bounded, and a machine's answer to one
of our own letters is told from a person's.
Source: RFC 5322 (format), RFC 3834 (automatic responses), RFC 2045 (MIME).
"""

import hashlib
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Final

MOST_BYTES: Final = 15 * 2**20
MOST_PICTURES: Final = 5
MOST_LETTERS: Final = 8000
_MOST_PARTS: Final = 60
_MACHINES: Final = frozenset({"bulk", "junk", "list", "auto_reply"})
_ROBOTS: Final = re.compile(
    r"^(mailer-daemon|postmaster|no-?reply|do-?not-?reply)\b", re.IGNORECASE
)
_QUOTE: Final = re.compile(
    r"^(>|-{2,} ?(original message|pesan asli|forwarded)|(on|pada) .{5,120}(wrote|menulis):\s*$)",
    re.IGNORECASE,
)
_SIGNATURE: Final = "-- "
_TAGS: Final = re.compile(r"<(script|style)\b.*?</\1>|<[^>]{0,2000}>", re.IGNORECASE | re.DOTALL)
_BREAKS: Final = re.compile(r"<(br|/p|/div|/li|/tr)\b[^>]{0,200}>", re.IGNORECASE)


class Unreadable(Exception):
    """The bytes are no letter, or far too many."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What a letter says.

    Attributes:
        message_id: its name; of one without a name a hash of its bytes.
        sender: address, lower case; empty where none can be read.
        text: what its writer wrote, without what they quoted.
        pictures: bytes of the pictures that came along, unjudged.
        replies_to: names of the letters that it answers.
        is_automatic: a machine wrote it.
    """

    message_id: str
    sender: str
    sender_name: str
    subject: str
    text: str
    pictures: tuple[bytes, ...]
    replies_to: tuple[str, ...]
    is_automatic: bool


def read(raw: bytes) -> Letter:
    """Read the bytes of a letter.

    Raises:
        Unreadable: they are none, or more than 15 MB.
    """
    if not raw.strip() or len(raw) > MOST_BYTES:
        raise Unreadable
    message = message_from_bytes(raw, policy=policy.default.clone(raise_on_defect=False))
    if not isinstance(message, EmailMessage) or not message.keys():
        raise Unreadable
    name, sender = parseaddr(_header(message, "From"))
    return Letter(
        message_id=_header(message, "Message-ID")[:250] or hashlib.sha256(raw).hexdigest(),
        sender=sender.lower() if "@" in sender else "",
        sender_name=name[:120],
        subject=_header(message, "Subject")[:300],
        text=_own_words(_text(message))[:MOST_LETTERS],
        pictures=tuple(_pictures(message))[:MOST_PICTURES],
        replies_to=_references(message),
        is_automatic=_is_automatic(message, sender),
    )


def _header(message: EmailMessage, name: str) -> str:
    """Read a header as one line; a broken one as nothing."""
    try:
        return " ".join(str(message.get(name, "")).split())
    except (ValueError, LookupError, IndexError, AttributeError):
        return ""


def _references(message: EmailMessage) -> tuple[str, ...]:
    words = f"{_header(message, 'In-Reply-To')} {_header(message, 'References')}"
    return tuple(dict.fromkeys(re.findall(r"<[^<>\s]{3,250}>", words.lower())))[:20]


def _is_automatic(message: EmailMessage, sender: str) -> bool:
    auto = _header(message, "Auto-Submitted").lower()
    return (
        (auto not in {"", "no"})
        or _header(message, "Precedence").lower() in _MACHINES
        or any(name in message for name in ("X-Autoreply", "X-Auto-Response-Suppress", "List-Id"))
        or _header(message, "Return-Path") == "<>"
        or bool(_ROBOTS.match(sender))
    )


def _parts(message: EmailMessage) -> Iterator[EmailMessage]:
    for nth, part in enumerate(message.walk()):
        if nth >= _MOST_PARTS:
            return
        if isinstance(part, EmailMessage) and not part.is_multipart():
            yield part


def _text(message: EmailMessage) -> str:
    """Find the words: plain ones where there are, else those between the tags."""
    found = {"text/plain": "", "text/html": ""}
    for part in _parts(message):
        kind = part.get_content_type()
        if kind in found and not found[kind] and part.get_content_disposition() != "attachment":
            found[kind] = _decoded(part)
    return found["text/plain"].strip() or _without_tags(found["text/html"])


def _decoded(part: EmailMessage) -> str:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    try:
        return data.decode(part.get_content_charset("utf-8"), errors="replace")
    except LookupError:
        return data.decode("utf-8", errors="replace")


def _without_tags(markup: str) -> str:
    text = _TAGS.sub("", _BREAKS.sub("\n", markup[: 4 * MOST_LETTERS]))
    return html.unescape(text).strip()


def _own_words(text: str) -> str:
    """Leave out what was quoted below, and the signature."""
    lines: list[str] = []
    for line in text.splitlines():
        if _QUOTE.match(line.strip()) or line == _SIGNATURE:
            break
        lines.append(line.rstrip())
    return "\n".join(lines).strip()


def _pictures(message: EmailMessage) -> Iterator[bytes]:
    for part in _parts(message):
        if part.get_content_maintype() == "image":
            data = part.get_payload(decode=True)
            if isinstance(data, bytes) and data:
                yield data
