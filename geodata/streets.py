"""Places by name or number, and the name of any place: search, nearest street, main streets.

"Jl. P.B. Sudirman", "jln pb sudirman" and "Panglima Besar Sudirman" are one street: the database's
function `geodata_words` writes every name in one spelling, stored ones and typed ones alike.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.contrib.gis.geos import Point
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from geodata import positions, sql
from geodata.crs import WGS84
from geodata.models import City, RoadClass

MOST_WORDS: Final = 6
MOST_LETTERS: Final = 80
MOST_FOUND: Final = 8
MOST_STREETS: Final = 1500
LEAST_LETTERS: Final = 2
"""Of the longest word: a single letter begins half of all names."""

CLASSES: Final = [
    RoadClass.TOLL,
    RoadClass.NATIONAL,
    RoadClass.PROVINCE,
    RoadClass.CITY,
    RoadClass.NEIGHBOURHOOD,
]
"""In the order of rank: what is drawn on top and kept when there are too many."""

KINDS: Final = {
    "area": gettext_lazy("Wilayah"),
    "landmark": gettext_lazy("Tempat"),
    "street": gettext_lazy("Jalan"),
    "water": gettext_lazy("Sungai"),
    "coordinates": gettext_lazy("Koordinat"),
    "pluscode": gettext_lazy("Plus Code"),
}
"""What can be found → the word for it."""

_TYPED: Final = {
    **dict.fromkeys(("jalan", "gang"), "street"),
    **dict.fromkeys(("tukad", "sungai"), "water"),
    **dict.fromkeys(("desa", "kelurahan", "kecamatan"), "area"),
}
"""A word that leads → what it speaks of."""

_LEAST_SQUEEZED: Final = 5
"""A shorter name in one word ("3" of "Gang 3") is part of too many others."""

_SILENT: Final = frozenset({"jalan", "raya", "desa", "kelurahan", "kecamatan"})
"""Words that a name may or may not have: they rank what is found and hide nothing."""


_HOUSE: Final = re.compile(r"\d+[a-z]?")
_BEFORE_HOUSE: Final = frozenset({"no", "nomor", "nomer", "nmr", "blok"})


@dataclass(frozen=True, slots=True)
class Found:
    """A place that was asked for.

    Attributes:
        kind: `area`, `landmark`, `street`, `water`, or of a place in numbers `coordinates` or
            `pluscode`.
        name: as its source writes it; of a place in numbers its degrees.
        detail: the area around it, and that a house number is not known; of a place in numbers its
            street and area.
        sort: what a landmark is, in Indonesian.
        approximate: True where the place is only known roughly.
        outside: True where no area of the city covers a place in numbers.
        lon: of a spot on it, degrees, EPSG:4326; `lat` likewise.
        box: W, S, E, N in degrees.
    """

    kind: str
    name: str
    detail: str
    lon: float
    lat: float
    box: tuple[float, float, float, float]
    sort: str = ""
    approximate: bool = False
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """What a point is called.

    Attributes:
        street: the nearest named street within some 200 m, empty without one.
        distance_m: how far that street is, metres; None without one.
        area: the deepest ordinary area that covers the point, with its kind; empty outside.
        area_code: its code; empty outside.
    """

    street: str = ""
    distance_m: float | None = None
    area: str = ""
    area_code: str = ""

    def __str__(self) -> str:
        return ", ".join(part for part in (self.street, self.area) if part)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was typed, in the one spelling: its words, and the name in one word."""

    words: tuple[str, ...]
    squeezed: str

    def split(self) -> "tuple[_Asked | None, str]":
        """Part a street from the house number after it; None and nothing where there is none."""
        *street, house = self.words
        while street and street[-1] in _BEFORE_HOUSE:
            street.pop()
        if not _HOUSE.fullmatch(house) or set(street) <= _SILENT | {"gang"}:
            return None, ""
        rest = "".join(self.words[len(street) :])
        return _Asked(tuple(street), self.squeezed.removesuffix(rest)), house

    @property
    def typed(self) -> str:
        """What a leading prefix speaks of: `street`, `area`, `water` or nothing."""
        return _TYPED.get(self.words[0], "")

    def patterns(self, *, least: bool) -> list[str]:
        """Give a LIKE pattern for every word that counts; with `least`, not even "gang"."""
        silent = _SILENT | {"gang"} if least else _SILENT
        sought = [word for word in self.words if word not in silent] or list(self.words)
        return [f"% {word}%" for word in sought]

    def params(self, city: City, *, least: bool = False, fuzzy: bool = False) -> dict[str, Any]:
        """Give the statement what it needs; nothing here holds a sign that LIKE knows."""
        patterns = self.patterns(least=least)
        whole = " ".join(self.words)
        named = least or self.words[0] != "gang"
        one_word = named and len(self.squeezed) >= _LEAST_SQUEEZED
        return {
            "city": city.pk,
            "patterns": patterns,
            "longest": max(patterns, key=len),
            "squeezed": f"% {self.squeezed if one_word else whole}%",
            "core": " " + " ".join(pattern.strip("% ") for pattern in patterns),
            "typed": self.typed,
            "lead": self.words[0] if self.typed else "",
            "fuzzy": fuzzy,
            "most": MOST_FOUND,
        }


def plain(text: str) -> tuple[str, ...]:
    """Split a name into its words in the one spelling; one statement, none for an empty text."""
    asked = _asked(text)
    return asked.words if asked else ()


def search(text: str, *, city: City) -> list[Found]:
    """Find places by name or number, the best first; at most five statements.

    A place in numbers (coordinates, Plus Code) is looked up as it stands. A name is found by its
    words, the last of which may be unfinished; what merely looks alike is found only where nothing
    else is. Houses are not known: of "Jalan Gajah Mada 12" the street is found, and says so.

    Args:
        text: as typed or pasted.
        city: whose places.

    Returns:
        At most eight.
    """
    middle = (city.center.x, city.center.y)
    position = positions.parse(text, near=middle)
    if position:
        return [_told(position, city)]
    asked = _asked(text)
    if asked is None:
        return []
    return next(filter(None, _attempts(asked, city)), [])


def _asked(text: str) -> _Asked | None:
    if not any(sign.isalnum() for sign in text):
        return None
    row = sql.fetch("plain", {"text": text[:MOST_LETTERS].replace("\0", "")})[0]
    words, _stroke, squeezed = row["words"].partition(" / ")
    asked = _Asked(tuple(words.split()[:MOST_WORDS]), squeezed)
    # Only a prefix, or a single letter: it would find half of the city.
    if not asked.words or set(asked.words) <= _SILENT | {"gang"}:
        return None
    return asked if len(max(asked.words, key=len)) >= LEAST_LETTERS else None


def _attempts(asked: _Asked, city: City) -> Iterator[list[Found]]:
    yield _fetch(asked.params(city))
    street, house = asked.split()
    if street:
        yield [_unnumbered(one, house) for one in _fetch(street.params(city))]
    if "gang" in asked.words:
        yield _fetch(asked.params(city, least=True))
    alike = street or asked
    found = _fetch(alike.params(city, least=True, fuzzy=True))
    yield [_unnumbered(one, house) for one in found] if house else found


def _fetch(params: dict[str, Any]) -> list[Found]:
    return [_found(row) for row in sql.fetch("search", params)]


def _found(row: dict[str, Any]) -> Found:
    # A landmark's names are parted by strokes, the usual one first.
    name = row["name"].partition("|")[0].strip()
    return Found(**{**row, "name": name, "box": tuple(row["box"])})


def _unnumbered(found: Found, house: str) -> Found:
    """Say of a street that nobody here knows where on it a number stands."""
    unknown = _("nomor %(house)s tidak ada di peta") % {"house": house}
    return replace(found, detail=", ".join(filter(None, (found.detail, unknown))))


def _told(position: positions.Position, city: City) -> Found:
    """Say where a place in numbers lies; north of the equator may be a lost minus."""
    lon, lat = position.lon, position.lat
    _west, south, _east, north = city.extent
    if lat > 0 > north and south <= -lat <= north:
        lat = -lat
    place = nearest([Point(lon, lat)], city)[0]
    return Found(
        kind=position.kind,
        name=f"{lat:.5f}, {lon:.5f}",
        detail=str(place) if place.area else _("di luar %(city)s") % {"city": city.name},
        lon=lon,
        lat=lat,
        box=(lon, lat, lon, lat),
        outside=not place.area,
    )


def nearest(points: Sequence[Point], city: City) -> list[Place]:
    """Name points by the nearest street and the area that covers them; one statement.

    Args:
        points: EPSG:4326, coordinates finite and in range.
        city: whose streets and areas.

    Returns:
        A name for each, in the order asked.
    """
    params = {
        "lons": [point.x for point in points],
        "lats": [point.y for point in points],
        "city": city.pk,
        "at": timezone.now(),
    }
    return [
        Place(
            street=row["street"] or "",
            distance_m=row["distance_m"],
            area=row["area"] or "",
            area_code=row["area_code"] or "",
        )
        for row in sql.fetch("nearest", params)
    ]


@dataclass(frozen=True, slots=True)
class Street:
    """A whole street.

    Attributes:
        name: as its source writes it.
        spot: a point on it inside the city, EPSG:4326.
        area_id: the smallest ordinary area that holds all of it; None where it leaves them.
    """

    name: str
    spot: Point
    area_id: int | None


def named(name: str, city: City, *, at: datetime | None = None) -> Street | None:
    """Find the street that is called so, by its whole name; one statement, none without a name.

    Args:
        name: as typed; "jalan" may be left out.
        city: whose street.
        at: the instant whose editions count; default: now.
    """
    text = name[:MOST_LETTERS].replace("\0", "")
    if not any(sign.isalnum() for sign in text):
        return None
    params = {"name": text, "city_id": city.pk, "at": at or timezone.now()}
    rows = sql.fetch("street", params)
    return next((_street(row) for row in rows), None)


def _street(row: dict[str, Any]) -> Street:
    return Street(row["name"], Point(row["lon"], row["lat"], srid=WGS84), row["area_id"])


def main_streets(city: City) -> list[dict[str, Any]]:
    """List the main streets as `{name, road_class, shape}`, shapes as GeoJSON; one statement."""
    params = {"city": city.pk, "classes": [str(kind) for kind in CLASSES], "most": MOST_STREETS}
    return sql.fetch("streets", params)
