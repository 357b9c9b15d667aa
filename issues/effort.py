"""The price of a report without an account: a little work for the sender's device, bound to its id.

The challenge is signed and kept nowhere. Who sends much pays more, and beyond a bound what they
send is looked at before anybody else sees it. What counts is what was paid for: questions for the
price cost nothing, and could else be asked to have a whole suburb held. They only raise the price.

Source: the ALTCHA challenge of version 1 (SHA-256 over salt and number), as the library makes it.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import parse_qs
from uuid import UUID

from altcha.v1 import ChallengeOptions, create_challenge, verify_solution
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from issues import pace

LASTS: Final = timedelta(hours=1)
"""How long a challenge may be answered, and over what span posts are counted."""
_DEAREST: Final = 8
"""How many times the ordinary price somebody pays at most: half a minute on a cheap phone."""
_CROWD: Final = 10
"""How many times the bound of a line its known devices may reach together."""
_ASKED: Final = 20
"""How many times its bound a line may ask for the price before that rises."""
COOKIE: Final = "__Host-effort" if settings.SECURE else "effort"
SALT: Final = "effort"
NAMED_FOR: Final = timedelta(days=1)
"""So long a name lasts from its birth: it is not renewed, or names would pile up."""
_LONGEST: Final = 2000
"""Letters of a payload; ours have some 500."""
_TEXTS: Final = ("algorithm", "challenge", "salt", "signature")


@dataclass(frozen=True, slots=True)
class Sender:
    """Who asks or pays.

    `device` is what a cookie of ours says, empty on the first time; `young`: it has that name since
    less than `LASTS`; `line` is from where, as `pace.line` says.
    """

    device: str
    line: str
    young: bool = False


def sender_of(request: HttpRequest) -> Sender:
    """Read who sends a request."""
    return Sender(_device(request, NAMED_FOR), pace.line(request), bool(_device(request, LASTS)))


def _device(request: HttpRequest, within: timedelta) -> str:
    """Read which device asks; empty for what was not named by us within a time."""
    age = int(within.total_seconds())
    return str(request.get_signed_cookie(COOKIE, default="", salt=SALT, max_age=age))


def challenge(uuid: UUID, *, city: str, sender: Sender) -> dict[str, Any]:
    """Make the challenge of one report.

    Args:
        uuid: the report's id, made by its sender; the answer pays for no other.
        city: its slug; the answer pays in no other.
        sender: who asks.

    Returns:
        `{algorithm, challenge, salt, signature, maxnumber}`: find the number of 0..maxnumber
        whose SHA-256 (hexadecimal) after the salt is the challenge.
    """
    asked = pace.count("effort-asked", sender.line, within=LASTS)
    excess = max(_excess(sender, counted=False), asked / (_ASKED * settings.EFFORT_PER_LINE))
    options = ChallengeOptions(
        algorithm="SHA-256",
        max_number=settings.EFFORT * min(max(1, int(excess)), _DEAREST),
        hmac_key=_key(),
        expires=timezone.now() + LASTS,
        params={"id": str(uuid), "city": city},
    )
    made = create_challenge(options)
    return {
        "algorithm": made.algorithm,
        "challenge": made.challenge,
        "salt": made.salt,
        "signature": made.signature,
        "maxnumber": made.max_number,
    }


def is_paid(payload: str, uuid: UUID, *, city: str, sender: Sender) -> bool:
    """Whether a payload pays for a report: ours, solved, in time, for this id and not for too many.

    It is counted the first time that it comes; a repetition is judged alike and counts nothing.

    Args:
        payload: base64 of the JSON `{algorithm, challenge, number, salt, signature}`.
        uuid: the id of the report that it came with.
        city: the slug of the city that it came to.
        sender: who sends it.
    """
    answer = _read(payload)
    if answer is None or not verify_solution(payload, _key())[0]:
        return False
    said = parse_qs(answer["salt"].partition("?")[2])
    if said.get("id") != [str(uuid)] or said.get("city") != [city]:
        return False
    is_first = pace.count("effort-paid", f"{city}:{uuid}", within=LASTS) == 1
    return _excess(sender, counted=is_first) <= 1


def may_name(line: str) -> bool:
    """Whether one more device of a line gets a name; who gets none goes on as a new one."""
    return pace.count("effort-named", line, within=LASTS) <= settings.EFFORT_PER_LINE


def _excess(sender: Sender, *, counted: bool) -> float:
    """Say how many times its bound somebody has reached with this post; up to 1 is in order.

    `counted` says whether the post counts from now on, or the answer is only what it would be.

    A known device is judged by itself: behind one address of a carrier are a thousand others. It
    counts for its line, too, as long as its name is young, or names would be had for the asking;
    and all that a line's older ones do together has a bound that only a crowd of them reaches.
    """
    if sender.device and not sender.young:
        crowd, bound = "effort-crowd", _CROWD * settings.EFFORT_PER_LINE
    else:
        crowd, bound = "effort-line", settings.EFFORT_PER_LINE
    of_line = _times(crowd, sender.line, counted=counted) / bound
    if not sender.device:
        return of_line
    of_device = _times("effort-device", sender.device, counted=counted)
    return max(of_device / settings.EFFORT_PER_DEVICE, of_line)


def _times(deed: str, person: str, *, counted: bool) -> int:
    """Say how many posts this one makes, and count it, or not yet."""
    return pace.count(deed, person, within=LASTS) if counted else pace.times(deed, person) + 1


def _read(payload: str) -> dict[str, Any] | None:
    """Read a payload; None for whatever is none."""
    if not payload or len(payload) > _LONGEST:
        return None
    try:
        answer = json.loads(base64.b64decode(payload, validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return None
    if not isinstance(answer, Mapping) or type(answer.get("number")) is not int:
        return None
    texts = [answer.get(name) for name in _TEXTS]
    # Half a pair of surrogates is a string, too, and no bytes.
    sound = all(isinstance(text, str) and text.isascii() for text in texts)
    return dict(answer) if sound else None


def _key() -> str:
    return hmac.digest(settings.SECRET_KEY.encode(), b"effort", hashlib.sha256).hex()
