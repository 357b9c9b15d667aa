"""Places written as numbers: coordinates as people and maps write them, and Plus Codes.

Pure: text in, longitude and latitude out. Indonesian writing is understood besides the English:
a comma for the decimal point, LS and LU for south and north, BT and BB for east and west.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from openlocationcode import openlocationcode as codes

MOST_LETTERS: Final = 300
"""A longer text is no place; a link of a map may be long."""

_LATITUDE_LIMIT: Final = 90.0
_LONGITUDE_LIMIT: Final = 180.0
_MINUTES: Final = 60

_NUMBER = r"[-+]?\d{1,3}(?:[.,]\d+)?"
_WIRE = re.compile(r"[-+]?[0-9]{1,3}(?:\.[0-9]*)?(?:[eE][-+]?[0-9]{1,2})?")
_POINT = r"[-+]?\d{1,3}\.\d+"
# Links and texts of maps: the marked place first, then the question, then the middle of the view.
_LINKS = (
    re.compile(rf"!3d({_POINT})!4d({_POINT})"),
    re.compile(rf"[?&](?:q|query|ll|mlat|destination)=({_POINT})(?:,|&mlon=)\+?({_POINT})"),
    re.compile(rf"@({_POINT}),({_POINT})"),
)
_GEO = re.compile(rf"geo:({_NUMBER}),({_NUMBER})(?:[,;?].*)?", re.IGNORECASE)
_GEO_QUERY = re.compile(rf"geo:0,0\?q=({_POINT}),({_POINT}).*", re.IGNORECASE)
_SIDE = r"(N|S|E|W|U|T|B|LU|LS|BT|BB|lat|lon|long|lng|latitude|longitude|lintang|bujur)"
_PAIR = re.compile(rf"({_NUMBER})(?: ?[,;/] | ?[;/] ?| |,(?=[-+\d]))({_NUMBER})")
_ANGLE = (
    r"([-+]?\d{1,3}(?:[.,]\d+)?)(?: ?[°ºd:] ?| )?"
    r"(?:(\d{1,2}(?:[.,]\d+)?) ?['m:]? ?)?"
    r"(?:(\d{1,2}(?:[.,]\d+)?) ?(?:\"|''|s(?= ))? ?)?"
)
_AFTER = re.compile(rf"{_ANGLE}{_SIDE} ?[,;/]? ?{_ANGLE}{_SIDE}", re.IGNORECASE)
_BEFORE = re.compile(
    rf"{_SIDE} ?[:=.]? ?{_ANGLE} ?[,;/]? ?{_SIDE} ?[:=.]? ?{_ANGLE}", re.IGNORECASE
)
_DIGIT = "[23456789CFGHJMPQRVWX]"
_CODE = re.compile(rf"({_DIGIT}{{2,8}}\+{_DIGIT}{{2,7}})(?:[ ,]+\D*)?", re.IGNORECASE)
# How keyboards and pages write the signs of minutes and seconds.
_SIGNS = str.maketrans({"\u2019": "'", "\u2032": "'", "\u201d": '"', "\u2033": '"'})
_NORTH_SOUTH = frozenset({"n", "s", "u", "lu", "ls", "lat", "latitude", "lintang"})
_NEGATIVE = frozenset({"s", "w", "b", "ls", "bb"})


def number(value: object) -> float:
    """Read one coordinate as programs write it.

    Not as Python reads numbers: for it `True`, "1_0", " 1" and the digits of every script are some.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, str) and _WIRE.fullmatch(value):
        return float(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise ValueError(value)


@dataclass(frozen=True, slots=True)
class Position:
    """A place in degrees, EPSG:4326, and how it was written (`coordinates` or `pluscode`)."""

    lon: float
    lat: float
    kind: str = "coordinates"


def parse(text: str, *, near: tuple[float, float]) -> Position | None:
    """Read a text that is a place in numbers.

    Args:
        text: as typed or pasted.
        near: (longitude, latitude) to which a short Plus Code belongs: the city's middle.

    Returns:
        None where it is nothing of the kind or no place on earth. Where only the order of the two
        numbers can be meant that makes a place on earth, that order is taken.

    Source: RFC 5870 (geo:), ISO 6709 annex D, Open Location Code 1.0.
    """
    if len(text) > MOST_LETTERS:
        return None
    said = " ".join(text.replace("%2C", ",").translate(_SIGNS).split())
    found = _plus_code(said, near)
    if found:
        return found
    return next(filter(None, (_checked(*pair) for pair in _pairs(said))), None)


def _plus_code(text: str, near: tuple[float, float]) -> Position | None:
    match = _CODE.fullmatch(text)
    if match is None:
        return None
    code = match[1].upper()
    if codes.isShort(code):
        lon, lat = near
        code = codes.recoverNearest(code, lat, lon)
    if not codes.isFull(code):
        return None
    area = codes.decode(code)
    return Position(area.longitudeCenter, area.latitudeCenter, "pluscode")


def _pairs(text: str) -> Iterator[tuple[float, float]]:
    """Give (latitude, longitude) of every way to read the text, the surest first."""
    for link in _LINKS if "/" in text or "=" in text else ():
        for match in link.finditer(text):
            yield _number(match[1]), _number(match[2])
    bare = text.strip("()[] ")
    for whole in (_GEO_QUERY, _GEO, _PAIR):
        if plain := whole.fullmatch(bare):
            yield _number(plain[1]), _number(plain[2])
    if after := _AFTER.fullmatch(bare):
        one, other = after.groups()[:4], after.groups()[4:]
        yield from _sided(one[:3], one[3], other[:3], other[3])
    if before := _BEFORE.fullmatch(bare):
        one, other = before.groups()[:4], before.groups()[4:]
        yield from _sided(one[1:], one[0], other[1:], other[0])


def _sided(
    first: Sequence[str | None], first_side: str, second: Sequence[str | None], second_side: str
) -> Iterator[tuple[float, float]]:
    one = _degrees(first, first_side), first_side.lower() in _NORTH_SOUTH
    other = _degrees(second, second_side), second_side.lower() in _NORTH_SOUTH
    if one[1] != other[1]:
        yield (one[0], other[0]) if one[1] else (other[0], one[0])


def _degrees(parts: Sequence[str | None], side: str) -> float:
    degrees, minutes, seconds = (_number(part) if part else 0.0 for part in parts)
    size = abs(degrees) + minutes / _MINUTES + seconds / _MINUTES**2
    negative = (parts[0] or "").startswith("-") or side.lower() in _NEGATIVE
    return -size if negative else size


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def _checked(lat: float, lon: float) -> Position | None:
    if abs(lat) > _LATITUDE_LIMIT >= abs(lon):
        lat, lon = lon, lat
    if abs(lat) > _LATITUDE_LIMIT or abs(lon) > _LONGITUDE_LIMIT:
        return None
    return Position(lon, lat)
