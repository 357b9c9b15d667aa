"""Six digits that prove an address: sent there, typed here, good for ten minutes and five tries.

The session keeps a hash of the digits; nothing else of an address is kept before it is proved.
"""

import logging
import secrets
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from issues import messaging, pace
from issues.addresses import Address, Kind
from issues.errors import IssueError

LASTS: Final = timedelta(minutes=10)
MOST_TRIES: Final = 5
_SPAN: Final = timedelta(hours=1)
_PER_ADDRESS: Final = 5
"""Codes to one address asked for from one line: a stranger elsewhere takes none of the owner's."""
_PER_ADDRESS_EVERYWHERE: Final = 30
_PER_LINE: Final = 40
_GUESSES: Final = 10
"""Tries at one address in `_PATIENCE`, of all sessions and codes together."""
_PATIENCE: Final = timedelta(minutes=15)
_KEY: Final = "code"
_LETTER: Final = "account/email/code"
"""The only letter with the digits in it."""
_OUTWARD: Final = "django.core.mail.backends.smtp"
_DIGITS: Final = 6

_log: Final = logging.getLogger(__name__)


class TooManyCodes(IssueError):
    """Terlalu banyak kode diminta. Tunggu sebentar, lalu coba lagi."""


class NotSent(IssueError):
    """Kode belum dapat dikirim. Coba lagi sebentar lagi."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody was asked to prove, and what for."""

    address: Address
    purpose: str
    data: dict[str, Any]


def ask(
    request: HttpRequest,
    address: Address,
    *,
    purpose: str,
    data: dict[str, Any] | None = None,
    letter: str = _LETTER,
) -> None:
    """Send a code to an address, and remember in the session what it will prove.

    Args:
        request: whose session keeps the question; an earlier one is forgotten.
        address: where the code goes.
        purpose: what for; `answered` hands it back.
        data: whatever belongs to the purpose.
        letter: the template of the mail; one without a code leaves a question nobody can answer.

    Raises:
        TooManyCodes: of this address, or from this line, within the hour.
        NotSent: the message did not get away.
    """
    _count(request, address)
    code = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"
    _send(request, address, code, letter)
    request.session[_KEY] = {
        "kind": address.kind.value,
        "value": address.value,
        "purpose": purpose,
        "data": data or {},
        "hash": _hash(code),
        "until": time.time() + LASTS.total_seconds(),
        "tries": 0,
    }


def open_question(request: HttpRequest) -> Asked | None:
    """Say what the session was asked to prove; None where nothing, or too long ago."""
    kept = request.session.get(_KEY)
    if not kept or kept["until"] < time.time() or kept["tries"] >= MOST_TRIES:
        return None
    return Asked(Address(Kind(kept["kind"]), kept["value"]), kept["purpose"], kept["data"])


def answered(request: HttpRequest, code: str) -> Asked | None:
    """Take a typed code: what it proves, once; None where it is wrong, which counts."""
    asked = open_question(request)
    if asked is None:
        return None
    kept = dict(request.session[_KEY])
    # Counted before it is looked at: two guesses at once are two.
    tries = pace.count("code-try", kept["hash"], within=LASTS)
    heard = tries <= MOST_TRIES and _may_guess(request, asked.address)
    if not heard or not constant_time_compare(kept["hash"], _hash(code)):
        request.session[_KEY] = kept | {"tries": tries}
        return None
    del request.session[_KEY]
    return asked


def tell(request: HttpRequest, address: Address, letter: str, text: str) -> None:
    """Tell an address something that needs no answer; what does not get away is logged."""
    try:
        if address.kind is Kind.EMAIL:
            get_adapter(request).send_mail(letter, address.value, {"said": text})
        else:
            messaging.send(address.value, text)
    except (OSError, messaging.MessageRefused):
        _log.warning("a notice about an account did not get away")


def shown_in_demo(request: HttpRequest) -> str:
    """Tell the code on the page where a demo sends no messages; empty everywhere else."""
    return str(request.session.pop("demo_code", ""))


def _may_guess(request: HttpRequest, address: Address) -> bool:
    """Count a try at an address; whether it is looked at.

    When all have been used up, the first one from a line still is: a stranger who guesses must not
    keep out the owner who types the right code.
    """
    name, line = _name(address), pace.line(request)
    everywhere = pace.count("code-guess", name, within=_PATIENCE)
    here = pace.count("code-guess-here", f"{line} {name}", within=_PATIENCE)
    return everywhere <= _GUESSES or here == 1


def _name(address: Address) -> str:
    return f"{address.kind}:{address.value}"


def _count(request: HttpRequest, address: Address) -> None:
    name, line = _name(address), pace.line(request)
    over = (
        pace.count("code", f"{line} {name}", within=_SPAN) > _PER_ADDRESS,
        pace.count("code-line", line, within=_SPAN) > _PER_LINE,
    )
    # What a line may not ask for takes nothing from the others either.
    if any(over) or pace.count("code-to", name, within=_SPAN) > _PER_ADDRESS_EVERYWHERE:
        raise TooManyCodes


def _send(request: HttpRequest, address: Address, code: str, letter: str) -> None:
    try:
        if address.kind is Kind.EMAIL:
            minutes = int(LASTS.total_seconds() // 60)
            told = {"code": code, "minutes": minutes}
            get_adapter(request).send_mail(letter, address.value, told)
        else:
            text = _("%(code)s adalah kode CivicMap Anda. Jangan berikan kepada siapa pun.")
            messaging.send(address.value, text % {"code": code})
    except (OSError, messaging.MessageRefused) as error:
        raise NotSent from error
    if settings.DEMO and _stays_here(address, letter):
        request.session["demo_code"] = code


def _stays_here(address: Address, letter: str) -> bool:
    """Whether a code was written and went nowhere; a letter without one leaves none to tell."""
    if address.kind is Kind.EMAIL:
        return letter == _LETTER and not settings.EMAIL_BACKEND.startswith(_OUTWARD)
    return bool(settings.MESSAGING == "console")


def _hash(code: str) -> str:
    digits = "".join(char for char in code if char.isdigit())
    return str(salted_hmac("issues.codes", digits, algorithm="sha256").hexdigest())
