"""What the map of responsibility leaves open: bare land, land claimed twice, kinds without anybody.

It looks at what is in force now. Nothing here mends anything.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils import timezone

from geodata import sql
from geodata.models import City, Level, RoutingRule

MOST: Final = 200
"""Pieces of land that are listed."""
SPOTS: Final = 2
"""Spots that are asked in each village beside its middle."""
EXCLUSIVE: Final = (Level.CITY, Level.DISTRICT, Level.VILLAGE)
"""Levels of which a place has one."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of land at fault; `names` are the areas that claim it, none where nobody does."""

    level: Level
    names: tuple[str, ...]
    area_m2: float
    lon: float
    lat: float
    box: tuple[float, float, float, float]
    shape: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Spot:
    """A place at which nobody serves a kind of issue."""

    service_code: str
    area: str
    lon: float
    lat: float


def uncovered(city: City, level: Level) -> list[Piece]:
    """List the land of a city that no area of a level covers, largest first."""
    params = {"city_id": city.pk, "level": int(level), "most": MOST, "at": timezone.now()}
    return [_piece(level, (), row) for row in sql.fetch("uncovered", params)]


def overlapping(city: City, levels: Iterable[Level] = EXCLUSIVE) -> list[Piece]:
    """List the land that two areas of one level claim, largest first."""
    numbers = [int(level) for level in levels]
    params = {"city_id": city.pk, "levels": numbers, "most": MOST, "at": timezone.now()}
    return [
        _piece(Level(row["level"]), (_named(row, ""), _named(row, "other_")), row)
        for row in sql.fetch("overlapping", params)
    ]


def unserved(
    city: City, service_codes: Sequence[str], *, at: datetime | None = None
) -> tuple[list[str], list[Spot]]:
    """Find the kinds that nobody serves, anywhere or somewhere.

    Args:
        city: whose rules.
        service_codes: the kinds that reports can have.
        at: the instant that counts; default: now.

    Returns:
        The kinds that no rule speaks of, and spots on the ground where the others have nobody.
    """
    at = at or timezone.now()
    spoken: defaultdict[frozenset[str], list[str]] = defaultdict(list)
    codes = RoutingRule.objects.filter(city=city, active=True, department__active=True)
    ruled = set(codes.values_list("service_code", flat=True).distinct())
    for code in service_codes:
        spoken[frozenset(_speaking(code, ruled))].append(code)
    nobodys = spoken.pop(frozenset(), [])
    # kinds of which the same rules speak have the same answers: one of them is asked
    asked = {codes[0]: codes for codes in spoken.values()}
    params = {"city_id": city.pk, "service_codes": list(asked), "more": SPOTS, "at": at}
    spots = [
        Spot(code, row["name"], row["lon"], row["lat"])
        for row in sql.fetch("unserved", params)
        for code in asked[row["service_code"]]
    ]
    return nobodys, spots


def _speaking(code: str, ruled: Iterable[str]) -> set[str]:
    return {one for one in ruled if one in {"", code} or code.startswith(f"{one}-")}


def _named(row: Mapping[str, Any], prefix: str) -> str:
    return f"{row[f'{prefix}name']} ({row[f'{prefix}code']})"


def _piece(level: Level, names: tuple[str, ...], row: Mapping[str, Any]) -> Piece:
    west, south, east, north = row["box"]
    return Piece(
        level, names, row["area_m2"], row["lon"], row["lat"], (west, south, east, north),
        row["shape"],
    )  # fmt: skip
