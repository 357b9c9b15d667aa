"""The JSON of a report, spread over the fields of the page's form, so that rules are said once."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from issues.models import Issue
from issues.privacy import clean_text

PRIVACY: Final[Mapping[str, tuple[bool, bool]]] = {
    "normal": (False, False),
    "anonim": (True, False),
    "rahasia": (False, True),
    "anonim_rahasia": (True, True),
}
"""The API's word → (anonymous, confidential)."""

_TEXT: Final = (str,)
_NUMBER: Final = (int, float)
_SHAPE: Final[Mapping[str, tuple[str, tuple[type, ...]]]] = {
    "id": ("uuid", _TEXT),
    "service_code": ("service_code", _TEXT),
    "lat": ("lat", _NUMBER),
    "lon": ("lon", _NUMBER),
    "accuracy_m": ("accuracy_m", _NUMBER),
    "area_code": ("area_code", _TEXT),
    "street": ("street", _TEXT),
    "side": ("side", _TEXT),
    "observed_at": ("observed_at", _TEXT),
    "proof": ("proof", _TEXT),
    "photo_count": ("photos", _NUMBER),
    "address": ("address", _TEXT),
    "description": ("description", _TEXT),
    "consent": ("consent", (bool,)),
    "contact.name": ("name", _TEXT),
    "contact.email": ("email", _TEXT),
    "contact.phone": ("phone", _TEXT),
}
JSON_NAMES: Final[Mapping[str, str]] = {
    **{field: name for name, (field, _kinds) in _SHAPE.items()},
    **dict.fromkeys(("anonymous", "confidential"), "privacy"),
}
"""Field of the form → its name in the API."""

CHANNELS: Final = (Issue.Channel.WEB, Issue.Channel.MOBILE, Issue.Channel.API)
"""The doors that a sender of JSON may name."""

_MEMBERS: Final = {*_SHAPE, "contact", "privacy", "answers", "assets", "channel"}
_MOST_NAMED: Final = 10


def flat(body: Mapping[str, Any]) -> dict[str, Any]:
    """Spread the JSON of `POST /api/issues` over the names of `ReportForm`.

    Args:
        body: `{id, service_code, lat, lon, accuracy_m, area_code, street, side, address,
            description, privacy, contact: {name, email, phone}, consent, channel, answers, assets,
            observed_at, proof, photo_count}`; null is the same as left out.

    Raises:
        ValidationError: names that nobody reads and values of a wrong type, each under its name.
    """
    contact = {} if body.get("contact") is None else body["contact"]
    found = dict(body)
    # A wish for privacy under a name that nobody reads must not end as a public report.
    wrong = _strangers(name for name in body if name not in _MEMBERS or "." in name)
    if isinstance(contact, Mapping):
        found |= {f"contact.{name}": value for name, value in contact.items()}
        wrong |= _strangers(name for name in found.keys() - body.keys() if name not in _SHAPE)
    else:
        wrong["contact"] = _("Bukan objek.")
    wrong |= _words(body) | _named(body.get("assets"))
    data: dict[str, Any] = {}
    for name, (field, kinds) in _SHAPE.items():
        value = found.get(name)
        # bool is an int to Python, but `true` is no latitude.
        if value is not None and (
            not isinstance(value, kinds) or (kinds is _NUMBER and isinstance(value, bool))
        ):
            wrong[name] = _("Jenis nilai salah.")
        elif value is not None:
            data[field] = value
    if wrong:
        raise ValidationError(wrong)
    data["assets"] = list(body.get("assets") or ())
    privacy = "normal" if body.get("privacy") is None else body["privacy"]
    data["anonymous"], data["confidential"] = PRIVACY[privacy]
    return data


def _strangers(names: Iterable[str]) -> dict[str, str]:
    """Name what nobody reads, in letters that an answer can carry; the first few will do."""
    few = sorted(names)[:_MOST_NAMED]
    return {clean_text(name)[:40]: _("Nama isian tidak dikenal.") for name in few}


def _named(assets: Any) -> dict[str, str]:
    """Check that things are named by a list of texts; which of them we know is another matter."""
    if assets is None or (isinstance(assets, list) and all(isinstance(one, str) for one in assets)):
        return {}
    return {"assets": _("Jenis nilai salah.")}


def _words(body: Mapping[str, Any]) -> dict[str, str]:
    """Check what must be one word of a list; only null or nothing leaves the choice to us."""
    lists = {"privacy": tuple(PRIVACY), "channel": CHANNELS}
    return {
        name: _("Pilih salah satu: %(words)s.") % {"words": ", ".join(words)}
        for name, words in lists.items()
        if body.get(name) is not None and body[name] not in words
    }
