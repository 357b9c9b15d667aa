"""Streets by name: what people type is made plain, then looked up; the main streets for the map.

"Jl. P.B. Sudirman", "jln pb sudirman" and "Jalan PB Sudirman" are one street.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any, Final

from geodata import sql
from geodata.models import City, RoadClass

MOST_WORDS: Final = 6
MOST_LETTERS: Final = 80
MOST_FOUND: Final = 8
MOST_STREETS: Final = 1500
CLASSES: Final = [
    RoadClass.TOLL,
    RoadClass.NATIONAL,
    RoadClass.PROVINCE,
    RoadClass.CITY,
    RoadClass.NEIGHBOURHOOD,
]
"""In the order of rank: what is drawn on top and kept when there are too many."""

_PREFIXES: Final = {"jl": "jalan", "jln": "jalan", "jalan": "jalan", "gg": "gang", "gang": "gang"}
_SILENT: Final = frozenset({"jalan", "gang"})


@dataclass(frozen=True, slots=True)
class Found:
    """A street or an area: where it is (degrees, EPSG:4326) and its box (W, S, E, N)."""

    kind: str
    name: str
    detail: str
    lon: float
    lat: float
    box: tuple[float, float, float, float]


def plain(text: str) -> list[str]:
    """Split a name into its plain words: no marks, no dots, "Jl." and "Gg." written out.

    >>> plain("Jl. P.B. Sudirman")
    ['jalan', 'pb', 'sudirman']
    """
    letters = unicodedata.normalize("NFKD", text[:MOST_LETTERS]).lower()
    # A dot between initials joins them, before a longer word it parts: "P.B.Sudirman".
    bare = re.sub(r"\.(?=\w\w)", " ", re.sub(r"^\s*(jl|jln|gg)\.", r"\1 ", letters))
    words = re.sub(r"[^a-z0-9]+", " ", re.sub(r"[.'\u2019\u0300-\u036f]", "", bare)).split()
    return [_PREFIXES.get(word, word) for word in words][:MOST_WORDS]


def search(text: str, *, city: City) -> list[Found]:
    """Find streets and areas by name, the closest name first; one statement, none for no words.

    Args:
        text: as typed; the last word may be unfinished.
        city: whose streets.

    Returns:
        At most eight.
    """
    words = plain(text)
    sought = [word for word in words if word not in _SILENT]
    if not sought:
        return []
    params = {
        "city": city.pk,
        "patterns": [f"% {word}%" for word in sought],
        "most": 4 * MOST_FOUND,
    }
    found = [_found(row) for row in sql.fetch("search", params)]
    return sorted(found, key=lambda one: _rank(one, words, sought))[:MOST_FOUND]


def _found(row: dict[str, Any]) -> Found:
    return Found(**{**row, "box": tuple(row["box"])})


def _rank(found: Found, words: list[str], sought: list[str]) -> tuple[bool, bool, int, str]:
    """Order: starts as typed, prefix and all; then without its prefix; then short names."""
    name = plain(found.name)
    core = [word for word in name if word not in _SILENT]
    return (
        " ".join(name).startswith(" ".join(words)) is False,
        " ".join(core).startswith(" ".join(sought)) is False,
        len(found.name),
        found.name,
    )


def main_streets(city: City) -> list[dict[str, Any]]:
    """List the main streets as `{name, road_class, shape}`, shapes as GeoJSON; one statement."""
    params = {"city": city.pk, "classes": [str(kind) for kind in CLASSES], "most": MOST_STREETS}
    return sql.fetch("streets", params)
