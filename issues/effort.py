"""The price of a report without an account: a little work for the sender's device, bound to its id.

The challenge is signed and kept nowhere. Who sends much pays more, and beyond a bound what they
send is looked at before anybody else sees it.

Source: the ALTCHA challenge of version 1 (SHA-256 over salt and number), as the library makes it.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import parse_qs
from uuid import UUID

from altcha.v1 import ChallengeOptions, create_challenge, verify_solution
from django.conf import settings
from django.utils import timezone

from issues import pace

LASTS: Final = timedelta(hours=1)
"""How long a challenge may be answered, and over what span posts are counted."""
_DEAREST: Final = 8
"""How many times the ordinary price somebody pays at most: half a minute on a cheap phone."""
_CROWD: Final = 10
"""How many times the bound of a line its known devices may reach together."""
_LONGEST: Final = 2000
"""Letters of a payload; ours have some 500."""
_TEXTS: Final = ("algorithm", "challenge", "salt", "signature")


def challenge(uuid: UUID, *, device: str, line: str, young: bool = False) -> dict[str, Any]:
    """Make the challenge of one report.

    Args:
        uuid: the report's id, made by its sender; the answer pays for no other.
        device: who asks, as far as a cookie of ours knows; empty on the first time.
        line: from where, as `pace.line` says.
        young: the device has its name since less than `LASTS`.

    Returns:
        `{algorithm, challenge, salt, signature, maxnumber}`: find the number of 0..maxnumber
        whose SHA-256 (hexadecimal) after the salt is the challenge.
    """
    excess = _excess(device, line, young=young)
    options = ChallengeOptions(
        algorithm="SHA-256",
        max_number=settings.EFFORT * min(max(1, int(excess)), _DEAREST),
        hmac_key=_key(),
        expires=timezone.now() + LASTS,
        params={"id": str(uuid), "wait": "1" if excess > 1 else "0"},
    )
    made = create_challenge(options)
    return {
        "algorithm": made.algorithm,
        "challenge": made.challenge,
        "salt": made.salt,
        "signature": made.signature,
        "maxnumber": made.max_number,
    }


def is_paid(payload: str, uuid: UUID) -> bool:
    """Whether a payload pays for a report: ours, solved, in time, for this id and not for too many.

    Args:
        payload: base64 of the JSON `{algorithm, challenge, number, salt, signature}`.
        uuid: the id of the report that it came with.
    """
    answer = _read(payload)
    if answer is None or not verify_solution(payload, _key())[0]:
        return False
    said = parse_qs(answer["salt"].partition("?")[2])
    return said.get("id") == [str(uuid)] and said.get("wait") == ["0"]


def may_name(line: str) -> bool:
    """Whether one more device of a line gets a name; who gets none goes on as a new one."""
    return pace.count("effort-named", line, within=LASTS) <= settings.EFFORT_PER_LINE


def _excess(device: str, line: str, *, young: bool) -> float:
    """Say how many times its bound somebody has reached with this post; up to 1 is in order.

    A known device is judged by itself: behind one address of a carrier are a thousand others. It
    counts for its line, too, as long as its name is young, or names would be had for the asking;
    and all that a line's older ones do together has a bound that only a crowd of them reaches.
    """
    if device and not young:
        crowd, bound = "effort-crowd", _CROWD * settings.EFFORT_PER_LINE
    else:
        crowd, bound = "effort-line", settings.EFFORT_PER_LINE
    of_line = pace.count(crowd, line, within=LASTS) / bound
    if not device:
        return of_line
    of_device = pace.count("effort-device", device, within=LASTS) / settings.EFFORT_PER_DEVICE
    return max(of_device, of_line)


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
    return dict(answer) if all(isinstance(answer.get(name), str) for name in _TEXTS) else None


def _key() -> str:
    return hmac.digest(settings.SECRET_KEY.encode(), b"effort", hashlib.sha256).hex()
