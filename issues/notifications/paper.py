"""What every letter has: a name of its own, its thread, the way out, short lines."""

import textwrap
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from geodata.models import City
from issues.notifications import links

LINE: Final = 72


def write(
    to: Sequence[str], subject: str, body: str, *, name: str, thread: str, stop: str = ""
) -> EmailMessage:
    """Address a letter.

    Args:
        to: the first is the addressee, the others get a copy.
        subject: any text; becomes one line.
        body: plain text.
        name: what names this letter for ever, without the host.
        thread: what all letters of one matter to one reader share.
        stop: a link's token; mail programs then show a button that ends these letters (RFC 8058).
    """
    headers = {
        "Message-ID": identifier(name),
        "In-Reply-To": identifier(thread),
        "References": identifier(thread),
        "Auto-Submitted": "auto-generated",
    }
    if stop:
        headers["List-Unsubscribe"] = f"<{address('unfollow', stop)}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return EmailMessage(
        subject=one_line(subject), body=body, to=list(to[:1]), cc=list(to[1:]), headers=headers
    )


def identifier(name: str) -> str:
    """Write a name as a Message-ID."""
    return f"<{name}@{urlsplit(settings.PUBLIC_URL).hostname or 'localhost'}>".lower()


def address(route: str, *parts: str) -> str:
    """Write the full address of a page."""
    return f"{settings.PUBLIC_URL}{reverse(route, args=parts)}"


def stop_page(token: str) -> str:
    """Write the address that ends letters."""
    return address("unfollow", token)


def manage_page(subscriber_id: int) -> str:
    """Write the address of somebody's subscriptions."""
    return address("subscriptions-link", links.make(links.MANAGE, subscriber_id))


def render(template: str, **context: Any) -> str:
    """Fill in a letter, its lines short."""
    return short_lines(render_to_string(f"mail/{template}.txt", context))


def short_lines(text: str) -> str:
    """Break long lines between words; addresses stay whole, and three empty lines become one."""
    lines = [
        textwrap.fill(line, LINE, break_long_words=False, break_on_hyphens=False)
        for line in text.split("\n")
    ]
    kept = [
        line for at, line in enumerate(lines) if line.strip() or not at or lines[at - 1].strip()
    ]
    return "\n".join(kept).strip() + "\n"


def local(city: City) -> timezone.override:
    """Show times as the city's clocks do."""
    return timezone.override(ZoneInfo(city.zone))


def one_line(text: str) -> str:
    """Fold a subject to one line: names are data, and a line break there would be a header."""
    return " ".join(text.split())
