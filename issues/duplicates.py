"""Has somebody reported this already? Open public issues that may be the same problem.

Everything here reads the public projection: what is hidden, confidential or held is nowhere in it,
and of a blurred place only the public spot is known. So the answer tells nothing that the map does
not show.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.contrib.gis.geos import Point
from django.db.models import Q
from django.utils import timezone

from geodata import sql
from issues import stems
from issues.models import Category, Outage, PublicDetail, PublicIssue, PublicPhoto
from issues.models.public import PublicIssueQuerySet
from issues.workflow import Layer

SHOWN: Final = 3
_LOOKED_AT: Final = 20
"""So many of each kind are compared; nearest first."""
_SQL: Final = Path(__file__).parent / "sql"
_METRES_PER_DEGREE: Final = 111_320.0
_HALF_LIFE_DAYS: Final = 45.0
_WEIGHTS: Final = {"near": 0.45, "alike": 0.3, "fresh": 0.1, "same": 0.15}
"""What makes two reports one: the place above all, then words and kind, then the time."""


@dataclass(frozen=True, slots=True)
class Likely:
    """A public issue that may be the same problem.

    The distance is to its public place; None where the street or the area is the same.
    """

    row: PublicIssue
    detail: PublicDetail
    photo: PublicPhoto | None
    distance_m: float | None
    age_days: int
    score: float
    outage: Outage | None = None


def near(
    point: Point, category: Category, text: str, *, now: datetime | None = None
) -> list[Likely]:
    """Find the open public issues that may be the same as what is about to be reported.

    Args:
        point: where, EPSG:4326.
        category: the kind that was chosen; its relations count, too.
        text: what was typed so far; compared with reviewed words only.
        now: the instant that ages are told from; default: now.

    Returns:
        At most three, the likeliest first; announced outages of the place before all. Six
        statements.
    """
    now = now or timezone.now()
    kinds = [] if category.confidential else _related(category)
    known = _outages(point, kinds, now)
    metres = {**_metres(point, category, kinds), **dict.fromkeys(known, 0.0)}
    return _likeliest(metres, category, text, now=now, known=known)


def along(
    street: str, category: Category, text: str, *, now: datetime | None = None
) -> list[Likely]:
    """Find those on the same street, for a report about all of it; as `near` otherwise.

    Args:
        street: its name, as the city writes it.
        category: as for `near`.
        text: as for `near`.
        now: as for `near`.
    """
    name = street.casefold()
    rows = _open(category).filter(issue__public_detail__words__contains=street.lower())
    places = rows.order_by("-received_at").values_list("pk", "issue__public_detail__place")
    found = [pk for pk, place in places if _street(place).endswith(name)][:_LOOKED_AT]
    return _likeliest(dict.fromkeys(found), category, text, now=now)


def within(
    area_code: str, category: Category, text: str, *, now: datetime | None = None
) -> list[Likely]:
    """Find those about the same area as a whole; as `near` otherwise.

    Args:
        area_code: of the village, the district or the city.
        category: as for `near`.
        text: as for `near`.
        now: as for `near`.
    """
    rows = _open(category).filter(point__isnull=True, jurisdiction__code=area_code)
    found = rows.order_by("-received_at").values_list("pk", flat=True)[:_LOOKED_AT]
    return _likeliest(dict.fromkeys(found), category, text, now=now)


def _street(place: str) -> str:
    """The street of a public place, which begins with it: "Sepanjang Jalan Uji, Kelurahan 1"."""
    return place.split(",", maxsplit=1)[0].casefold()


def _open(category: Category) -> PublicIssueQuerySet:
    """Keep the open ones of a kind and its relations; nothing for a confidential kind."""
    rows = PublicIssue.objects.filter(city=category.city_id, layer__lt=Layer.DONE)
    return rows.none() if category.confidential else rows.filter(category__in=_related(category))


def _likeliest(
    metres: Mapping[int, float | None],
    category: Category,
    text: str,
    *,
    now: datetime | None,
    known: Mapping[int, Outage] | None = None,
) -> list[Likely]:
    """Weigh some candidates (key → metres), announced outages among them; the three likeliest."""
    known, now = known or {}, now or timezone.now()
    rows = PublicIssue.objects.filter(pk__in=metres).select_related("category", "jurisdiction")
    details = PublicDetail.objects.in_bulk(list(metres))
    said = stems.stems(text)
    found = [
        _weigh(
            row,
            details[row.pk],
            category,
            said=said,
            distance_m=metres[row.pk],
            now=now,
            outage=known.get(row.pk),
        )
        for row in rows.defer("jurisdiction__area")
        if row.pk in details
    ]
    # The number says which of two equal ones comes first: a key would tell of hidden issues.
    best = sorted(found, key=lambda one: (-one.score, one.row.number))[:SHOWN]
    return _with_photos(best)


def _outages(point: Point, kinds: list[int], now: datetime) -> Mapping[int, Outage]:
    """Find the announced outages of some kinds at a place."""
    if not kinds:
        return {}
    rows = Outage.objects.current(now).filter(area__covers=point, issue__category__in=kinds)
    return {row.pk: row for row in rows.defer("area")[:SHOWN]}


def _metres(point: Point, category: Category, kinds: list[int]) -> Mapping[int, float | None]:
    """Find the nearest of each kind within the kind's radius: key → metres."""
    if not kinds:
        return {}
    radius = category.duplicate_radius_m
    high = radius / _METRES_PER_DEGREE
    wide = high / max(math.cos(math.radians(point.y)), 0.01)
    params: dict[str, Any] = {
        "city": category.city_id,
        "kinds": kinds,
        "lon": point.x,
        "lat": point.y,
        "west": point.x - wide,
        "south": point.y - high,
        "east": point.x + wide,
        "north": point.y + high,
        "most": _LOOKED_AT,
    }
    found = sql.fetch("nearby", params, folder=_SQL)
    return {row["issue_id"]: row["metres"] for row in found if row["metres"] <= radius}


def _related(category: Category) -> list[int]:
    """List the kinds of the same *jenis*, the given one among them, and those said to be related.

    Whichever of two says so: they are related to each other.
    """
    family = category.parent_id or category.pk
    said = Q(service_code__in=category.related) | Q(related__contains=[category.service_code])
    return list(
        Category.objects.filter(Q(pk=family) | Q(parent=family) | said, city=category.city_id)
        .order_by()
        .values_list("pk", flat=True)
    )


def _weigh(
    row: PublicIssue,
    detail: PublicDetail,
    category: Category,
    *,
    said: list[str],
    distance_m: float | None,
    now: datetime,
    outage: Outage | None,
) -> Likely:
    age = max(0, (now - row.received_at).days)
    parts = {
        "near": 1 - (distance_m or 0) / category.duplicate_radius_m,
        "alike": stems.overlap(said, stems.stems(detail.text)),
        "fresh": 0.5 ** (age / _HALF_LIFE_DAYS),
        "same": float(row.category_id == category.pk),
    }
    score = sum(weight * parts[name] for name, weight in _WEIGHTS.items())
    # What staff have announced for this very place is the likeliest of all.
    return Likely(row, detail, None, distance_m, age, score + bool(outage), outage)


def _with_photos(best: list[Likely]) -> list[Likely]:
    """Add the first photo of each."""
    photos: dict[int, PublicPhoto] = {}
    for photo in PublicPhoto.objects.filter(detail__in=[one.row.pk for one in best]):
        photos.setdefault(photo.detail_id, photo)
    return [replace(one, photo=photos.get(one.row.pk)) for one in best]
