"""One page of public issues as cards: newest or nearest first; paged by key, never by offset."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Self
from zoneinfo import ZoneInfo

from django.contrib.gis.db.models import PointField
from django.contrib.gis.db.models.functions import Distance, GeometryDistance
from django.contrib.gis.geos import Point
from django.db.models import F, Func, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from geodata import positions, tiles
from geodata.crs import WGS84
from geodata.errors import BadCoordinate
from geodata.models import City
from issues.forms import cursors
from issues.models import PublicDetail, PublicIssue, PublicIssueQuerySet, PublicSpan
from issues.workflow import Layer

PAGE: Final = 25
_WORLD: Final = 360.0
"""Farther than anything, degrees."""
_A_LITTLE_MORE: Final = 1.000001
"""Rounding must not leave out who stands on the edge."""
FEW: Final = 20_000
"""So many rows are sorted by distance sooner than found by walking outwards."""
_BEFORE_ALL: Final = 0
_AFTER_ALL: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Card:
    """One public issue as lists and popups show it; days are local, the distance is in metres."""

    number: str
    category: str
    icon: str
    layer: Layer
    overdue: bool
    place: str
    department: str
    received: date
    due: date | None
    lon: float | None
    lat: float | None
    distance_m: float | None = None

    @classmethod
    def of(cls, row: PublicIssue, *, place: str, zone: ZoneInfo) -> Self:
        """Make the card of a row that was read with its category, department and area."""
        due = row.due_at if row.layer not in {Layer.DONE, Layer.CLOSED} else None
        distance = getattr(row, "distance", None)
        return cls(
            number=row.number,
            category=row.category.label,
            icon=row.category.icon,
            layer=Layer(row.layer),
            overdue=row.overdue,
            place=place or str(row.jurisdiction or ""),
            department=row.department.short_name if row.department else "",
            received=timezone.localdate(row.received_at, zone),
            due=timezone.localdate(due, zone) if due else None,
            lon=row.point.x if row.point else None,
            lat=row.point.y if row.point else None,
            distance_m=distance.m if distance is not None else None,
        )

    @classmethod
    def then(cls, span: PublicSpan, detail: PublicDetail) -> Self:
        """Make the card of a day of the past: in the layer of then, with no due date."""
        lon, lat = (None, None) if span.q is None else tiles.middle(span.q)
        return cls(
            number=detail.number,
            category=span.category.label,
            icon=span.category.icon,
            layer=Layer(span.layer),
            overdue=False,
            place=detail.place or str(span.jurisdiction or ""),
            department=span.department.short_name if span.department else "",
            received=span.day,
            due=None,
            lon=lon,
            lat=lat,
        )


@dataclass(frozen=True, slots=True)
class Page:
    """Some cards, and the key of the page after them (empty: this is the last)."""

    cards: Sequence[Card]
    next: str


def read(
    rows: PublicIssueQuerySet,
    *,
    near: Point | None = None,
    after: str = "",
    city: City,
    total: int,
) -> Page:
    """Read one page; two statements, and one more to find the row to begin after.

    Args:
        rows: what was asked for.
        near: sort by distance from here (EPSG:4326), without what has no point.
        after: `next` of the page before.
        city: whose rows they are.
        total: how many rows there are, about: of few, the nearest are found by sorting them all.

    Raises:
        BadCoordinate: `after` is no key of such a page.
    """
    mark = _mark(after) if after else None
    ordered = (
        _nearest(rows, near, after=mark, city=city, total=total)
        if near
        else _newest(rows, mark, city=city)
    )
    # The key first: covering indexes know nothing but filters, order and keys.
    page = ordered.values("pk")[: PAGE + 1]
    shown_with = _again(PublicIssue.objects.filter(pk__in=page), near)
    found = list(
        shown_with.select_related("category", "department", "jurisdiction").defer(
            "jurisdiction__area"
        )
    )
    shown = found[:PAGE]
    more = _cursor(shown[-1]) if len(found) > PAGE else ""
    places = dict(
        PublicDetail.objects.filter(pk__in=[row.pk for row in shown]).values_list("pk", "place")
    )
    zone = ZoneInfo(city.zone)
    cards = [Card.of(row, place=places.get(row.pk, ""), zone=zone) for row in shown]
    return Page(cards, more)


def read_found(rows: PublicIssueQuerySet, *, after: str = "", city: City) -> Page:
    """Read one page of what words have found, best first, of equals the newest; one statement.

    Args:
        rows: with their `tier`, as `search.narrow` gives them.
        after: `next` of the page before; made of public values alone, the tier, time and number.
        city: whose rows they are.

    Raises:
        BadCoordinate: `after` is no key of such a page.
    """
    if after:
        rows = _beyond(rows, *_mark(after))
    order = ("tier", "-received_at", "-number")
    places = PublicDetail.objects.filter(pk=OuterRef("pk")).values("place")
    with_all = rows.select_related("category", "department", "jurisdiction").annotate(
        place=Subquery(places)
    )
    found = list(with_all.defer("jurisdiction__area").order_by(*order)[: PAGE + 1])
    shown = found[:PAGE]
    zone = ZoneInfo(city.zone)
    cards = [Card.of(row, place=getattr(row, "place", "") or "", zone=zone) for row in shown]
    more = len(found) > PAGE
    return Page(cards, cursors.write(_rank(shown[-1]), shown[-1].number) if more else "")


def _rank(row: PublicIssue) -> str:
    tier: int = row.tier  # type: ignore[attr-defined]  # annotated by search
    return f"{tier} {row.received_at.isoformat()}"


def _beyond(rows: PublicIssueQuerySet, rank: str, number: str) -> PublicIssueQuerySet:
    """Keep what comes after a row in the order of what words have found."""
    tier, _blank, text = rank.partition(" ")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadCoordinate from None
    if not (tier.isascii() and tier.isdigit() and len(tier) == 1) or moment.tzinfo is None:
        raise BadCoordinate
    later = Q(received_at__lt=moment) | Q(received_at=moment, number__lt=number)
    return rows.filter(Q(tier__gt=int(tier)) | (Q(tier=int(tier)) & later))


def read_past(spans: QuerySet[PublicSpan], *, after: str = "", city: City) -> Page:
    """Read one page of what the map showed at the end of a day, newest first; as many statements.

    Args:
        spans: that covered the day, filtered.
        after: `next` of the page before.
        city: whose rows they are.

    Raises:
        BadCoordinate: `after` is no key of such a page.
    """
    if after:
        day, number = _mark(after)
        try:
            first = date.fromisoformat(day)
        except ValueError:
            raise BadCoordinate from None
        pk = _key(number, city, otherwise=_AFTER_ALL)
        spans = spans.filter(Q(day__lt=first) | Q(day=first, issue__lt=pk))
    page = spans.order_by("-day", "-issue").values("pk")[: PAGE + 1]
    found = list(
        PublicSpan.objects.filter(pk__in=page)
        .select_related("category", "department", "jurisdiction")
        .defer("jurisdiction__area")
        .order_by("-day", "-issue")
    )
    shown = found[:PAGE]
    details = PublicDetail.objects.in_bulk([span.issue_id for span in shown])
    cards = [Card.then(span, details[span.issue_id]) for span in shown if span.issue_id in details]
    # What was hidden between both statements has no number any more to begin after.
    more = bool(found[PAGE:] and cards)
    return Page(
        cards, cursors.write(cards[-1].received.isoformat(), cards[-1].number) if more else ""
    )


def _newest(
    rows: PublicIssueQuerySet, after: tuple[str, str] | None, *, city: City
) -> PublicIssueQuerySet:
    if after:
        try:
            moment = datetime.fromisoformat(after[0])
            rows = rows.after(moment, _key(after[1], city, otherwise=_AFTER_ALL))
        except ValueError:
            raise BadCoordinate from None
    return rows.order_by("-received_at", "-issue")


def _nearest(
    rows: PublicIssueQuerySet,
    near: Point,
    *,
    after: tuple[str, str] | None,
    city: City,
    total: int,
) -> PublicIssueQuerySet:
    """Order by planar degrees, which the index knows; people read metres on the globe."""
    away = rows.filter(point__isnull=False).annotate(away=GeometryDistance("point", near))
    if after:
        try:
            degrees = float(after[0])
        except ValueError:
            raise BadCoordinate from None
        pk = _key(after[1], city, otherwise=_BEFORE_ALL)
        away = away.filter(Q(away__gt=degrees) | Q(away=degrees, pk__gt=pk))
    if total > FEW:
        away = away.filter(point__bboverlaps=_reach(away, near))
    # By its index the few would be met only after all the others that lie nearer.
    return away.order_by(F("away") + Value(0.0), "pk")


def _reach(away: QuerySet[Any], near: Point) -> Func:
    """Draw the box that holds a whole page of the nearest, and whatever lies as far as its last.

    PostgreSQL 15 walks a spatial index outwards only where nothing but distance is the order.
    """
    last = away.order_by("away").values("away")[PAGE : PAGE + 1]
    degrees = Coalesce(Subquery(last), Value(_WORLD)) * Value(_A_LITTLE_MORE)
    here = Value(near, output_field=PointField(srid=WGS84))
    return Func(here, degrees, function="ST_Expand", output_field=PointField(srid=WGS84))


def _again(rows: PublicIssueQuerySet, near: Point | None) -> PublicIssueQuerySet:
    """Order the rows of a page as their keys were."""
    if near is None:
        return rows.order_by("-received_at", "-issue")
    measured = rows.annotate(away=GeometryDistance("point", near), distance=Distance("point", near))
    return measured.order_by("away", "pk")


def _cursor(row: PublicIssue) -> str:
    """Name a page's last row by what the public knows of it: its place in the order, its number.

    Rows that stand in one place follow each other by a key that tells how many issues are hidden.
    """
    span = getattr(row, "away", None)
    return cursors.write(row.received_at.isoformat() if span is None else repr(span), row.number)


def _mark(cursor: str) -> tuple[str, str]:
    """Read a cursor: place in the order, and number."""
    try:
        return cursors.read(cursor)
    except ValueError:
        raise BadCoordinate from None


def _key(number: str, city: City, *, otherwise: int) -> int:
    """Find the key of a public issue.

    Args:
        number: of the issue.
        city: which gave the number.
        otherwise: the key where it is not public any more. What stands in its place comes again
            then: better than a gap, and the answer is that for a number which never was.
    """
    found = PublicDetail.objects.filter(city=city, number=number).values_list("pk", flat=True)
    return next(iter(found), otherwise)


def place_of(text: str) -> Point | None:
    """Read `lat,lon` in degrees; None when nothing was given.

    Raises:
        BadCoordinate: not two finite numbers on the globe.
    """
    if not text:
        return None
    try:
        lat, lon = map(positions.number, text.split(","))
    except ValueError:
        raise BadCoordinate from None
    # NaN fails every comparison, so it is refused here too.
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):  # noqa: PLR2004  the globe
        raise BadCoordinate
    return Point(lon, lat, srid=WGS84)
