"""How often somebody does something: counted in one statement, under a keyed hash of who it is.

No address, number or device is kept: the key changes with every day, so that nobody is followed.
"""

import hashlib
import hmac
import ipaddress
from datetime import timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from geodata import sql

_SQL: Final = Path(__file__).parent / "sql"
_HOUSEHOLD: Final = 64
"""Bits of an IPv6 address that name one line; its owner may change the others at will."""


def count(deed: str, person: str, *, within: timedelta, by: int = 1) -> int:
    """Count a deed and say how many times it was done in the running span; one statement.

    Args:
        deed: what is counted, apart from every other deed.
        person: who does it: an address, a number, a device.
        within: how long a span lasts from its first deed.
        by: how much this one counts, as a weight in kilobytes does.
    """
    params = {"person": _hidden(deed, person), "span": within.total_seconds(), "by": by}
    times: int = sql.fetch("pace", params, folder=_SQL)[0]["times"]
    return times


def times(deed: str, person: str) -> int:
    """Say how many times a deed was done in the running span, and count nothing."""
    found = sql.fetch("pace_so_far", {"person": _hidden(deed, person)}, folder=_SQL)
    return int(found[0]["times"]) if found else 0


def line(request: HttpRequest) -> str:
    """Name the line from which a request comes: an IPv4 address, or the network of an IPv6 one."""
    text = _address(request)
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text
    if address.version == 4:  # noqa: PLR2004  the version's own name
        return str(address)
    return str(ipaddress.ip_network(f"{address}/{_HOUSEHOLD}", strict=False))


def _address(request: HttpRequest) -> str:
    """Read the peer's address; only our own proxy may speak for another, and only the last word."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if settings.BEHIND_PROXY and forwarded:
        return str(forwarded).rsplit(",", 1)[-1].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def _hidden(deed: str, person: str) -> str:
    text = f"pace:{timezone.now():%Y-%m-%d}:{deed}:{person}"
    return hmac.digest(settings.PRIVACY_KEY.encode(), text.encode(), hashlib.sha256).hex()
