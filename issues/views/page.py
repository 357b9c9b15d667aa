"""The public page of one issue: what happened, what lies near, what a shared link shows."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import segno
from django.conf import settings
from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import Point
from django.core.cache import cache
from django.db.models import OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import formats, timezone, translation
from django.utils.cache import get_conditional_response
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from geodata import scenery
from geodata.models import City
from geodata.scenery import View
from issues import sketch
from issues.models import PublicDetail, PublicIssue, PublicPhoto
from issues.views import cards, comments, map_config, public_words
from issues.views.browsing import CityRequest
from issues.views.listing import Card
from issues.workflow import LAYER, OPEN, Layer, Role, Status, Step

_NEAR_DEG: Final = 0.0045
"""Half a side of the square in which neighbours are looked for: some 500 m."""
_NEIGHBOURS: Final = 5
_OPEN_LAYERS: Final = sorted(
    {layer for status in OPEN if (layer := LAYER[status]) is not None}, key=int
)
_SUMMARY: Final = 200
_CLOSE_M: Final = 4.0
"""Metres a pixel of the picture; a kind without a place shows the whole city instead."""
_DEGREE_M: Final = 111_320
_KEPT_S: Final = 600
_ASK_AGAIN: Final = "public, no-cache"
"""What is hidden is gone with the next request, wherever it was kept."""
_BY_REPORTER: Final = frozenset({Step.SUBMIT, Step.ANSWER, Step.WITHDRAW, Step.ADD})
_BY_DESK: Final = frozenset(
    {Step.VERIFY, Step.ASSIGN, Step.REJECT, Step.MERGE, Step.UNMERGE, Step.REROUTE}
)
_BY_CREW: Final = frozenset({Step.START, Step.FIX, Step.RESOLVE})
_BY_SEVERAL: Final = frozenset({Step.REOPEN, Step.VALIDATE})
"""Reporter or staff, and the public is not told who: which one it was stays theirs."""
_FRAGILE: Final = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}
"""Signs that could end a script element, and how JSON writes them else."""


@require_safe
def issue_page(request: CityRequest, number: str) -> HttpResponse:
    """Show everything that is public about one issue; a duplicate points to its original.

    Raises:
        Http404: hidden, confidential, or not there: all three look the same.
    """
    detail, row = _found(request.city, number)
    photos = list(detail.photos.all())
    zone = ZoneInfo(request.city.zone)
    card = Card.of(row, place=detail.place, zone=zone) if row else None
    address = f"{settings.PUBLIC_URL}{reverse('issue', args=[detail.number])}"
    context = {
        "detail": detail,
        "row": row,
        "card": card,
        "layer": LAYER[Status(detail.status)],
        "status_word": _status(detail, row),
        "story": _story(detail),
        "printed": timezone.localdate(timezone=zone),
        **_pictures(photos),
        "near": _neighbours(row, zone),
        "config": map_config.config(request.city),
        "leaflet": map_config.leaflet(request.city),
        "address": address,
        "picture": f"{settings.PUBLIC_URL}{reverse('issue-picture', args=[detail.number])}",
        "summary": _summary(detail, row),
        "support_url": _support(detail, row),
        **comments.frame(request, detail),
        "qr": segno.make(address, error="m").svg_data_uri(scale=4, border=0),
        "structured": _script(_structured(detail, row, photos, address, request.city)),
    }
    return render(request, "issues/detail.html", context)


@require_safe
def picture(request: CityRequest, number: str) -> HttpResponse:
    """Draw what a shared link shows, 1200 × 630; its words are those of the city's language.

    Raises:
        Http404: hidden, confidential, or not there.
    """
    with translation.override(settings.LANGUAGE_CODE):
        detail, row = _found(request.city, number)
        caption = _caption(detail, row, request.city)
    point = row.point if row else None
    etag = _fingerprint(caption, point)
    response = get_conditional_response(request, etag=etag) or _drawn(
        request.city, caption, point, etag=etag
    )
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = _ASK_AGAIN
    return response


def _drawn(city: City, caption: sketch.Caption, point: Point | None, *, etag: str) -> HttpResponse:
    key = f"sketch-{city.pk}-{etag.strip(chr(34))}"
    body = cache.get(key)
    if body is None:
        pieces = scenery.read(city, _view(city, point))
        body = sketch.draw(caption, pieces, pin=point is not None)
        cache.set(key, body, _KEPT_S)
    return HttpResponse(body, content_type="image/png")


def _found(city: City, number: str) -> tuple[PublicDetail, PublicIssue | None]:
    """Read the public rows of an issue; a duplicate has no row on the map."""
    detail = get_object_or_404(PublicDetail, city=city, number=number)
    return detail, cards.rows_of(city).filter(pk=detail.pk).first()


def _fingerprint(caption: sketch.Caption, point: Point | None) -> str:
    said = repr((caption, point.coords if point else None)).encode()
    return f'"{hashlib.blake2b(said, digest_size=12).hexdigest()}"'


def _view(city: City, point: Point | None) -> View:
    width, height = sketch.WIDTH - sketch.PANEL, sketch.HEIGHT
    if point is not None:
        return View(point.x, point.y, width, height, _CLOSE_M)
    west, south, east, north = city.extent
    scale = max((east - west) / width, (north - south) / height) * _DEGREE_M * 1.08
    return View((west + east) / 2, (south + north) / 2, width, height, scale)


def _caption(detail: PublicDetail, row: PublicIssue | None, city: City) -> sketch.Caption:
    received = timezone.localdate(row.received_at, ZoneInfo(city.zone)) if row else None
    return sketch.Caption(
        city=city.name,
        kind=row.category.label if row else _("Laporan %(number)s") % {"number": detail.number},
        place=detail.place,
        status=_status(detail, row),
        number=detail.number,
        received=_("Diterima %(day)s") % {"day": formats.date_format(received, "j M Y")}
        if received
        else "",
        layer=Layer(row.layer) if row else Layer.CLOSED,
        overdue=bool(row and row.overdue),
    )


def _status(detail: PublicDetail, row: PublicIssue | None) -> str:
    return str(Layer(row.layer).label if row else Status(detail.status).label)


def _summary(detail: PublicDetail, row: PublicIssue | None) -> str:
    """Say the issue in one breath, for a preview: status, place, the beginning of its text."""
    parts = (_status(detail, row), detail.place, " ".join(detail.text.split()))
    said = ". ".join(part for part in parts if part)
    return said if len(said) <= _SUMMARY else f"{said[: _SUMMARY - 1].rstrip()}…"


def _story(detail: PublicDetail) -> list[dict[str, Any]]:
    """Tell what happened, oldest first, and in which role somebody did it."""
    steps = [(Step(entry["step"]), entry["department"]) for entry in detail.timeline]
    return [entry | {"who": _who(*step)} for entry, step in zip(_told(detail), steps, strict=True)]


def _told(detail: PublicDetail) -> list[dict[str, Any]]:
    """Tell what happened, oldest first: a sentence, its time, public layer and public note."""
    return [
        {
            "at": datetime.fromisoformat(entry["at"]),
            "sentence": public_words.told(Step(entry["step"]), entry["department"]),
            "layer": LAYER[Status(entry["status"])],
            "note": entry["note"],
        }
        for entry in detail.timeline
    ]


def _who(step: Step, department: str) -> str:
    """Say in which role a step is taken; people have no names here."""
    if step in _BY_SEVERAL:
        return ""
    if step in _BY_REPORTER:
        return str(Role.REPORTER.label).capitalize()
    if step in _BY_DESK or not department:
        return _("Tim koordinator")
    if step in _BY_CREW:
        return _("Petugas %(department)s") % {"department": department}
    return department


def _pictures(photos: Sequence[PublicPhoto]) -> dict[str, Any]:
    """Sort photos; the last of before and of after stand side by side."""
    before = [photo for photo in photos if not photo.is_after]
    after = [photo for photo in photos if photo.is_after]
    pair = (before[0], after[-1]) if before and after else ()
    rest = [photo for photo in (*before, *after) if photo not in pair]
    return {"before": before, "after": after, "pair": pair, "rest": rest}


def _neighbours(row: PublicIssue | None, zone: ZoneInfo) -> list[dict[str, Any]]:
    """Find what else is reported nearby, what is open before the rest, nearest first."""
    if row is None or row.point is None:
        return []
    lon, lat = row.point.coords
    box = (lon - _NEAR_DEG, lat - _NEAR_DEG, lon + _NEAR_DEG, lat + _NEAR_DEG)
    place = PublicDetail.objects.filter(pk=OuterRef("pk")).values("place")
    rows = (
        cards.rows_of(row.city)
        .inside(box)
        .exclude(pk=row.pk)
        .annotate(distance=Distance("point", row.point), place=Subquery(place))
    )
    open_ones = rows.filter(layer__in=_OPEN_LAYERS).order_by("distance", "pk")[:_NEIGHBOURS]
    others = rows.exclude(layer__in=_OPEN_LAYERS).order_by("distance", "pk")[:_NEIGHBOURS]
    found = list(open_ones)
    if len(found) < _NEIGHBOURS:
        found += list(others)[: _NEIGHBOURS - len(found)]
    found.sort(key=lambda one: one.distance.m)  # type: ignore[attr-defined]  # annotated above
    near = [Card.of(one, place=one.place or "", zone=zone) for one in found]  # type: ignore[attr-defined]
    return [{"card": card, "distance": cards.distance_said(card.distance_m)} for card in near]


def _support(detail: PublicDetail, row: PublicIssue | None) -> str:
    """Address where somebody says "me too"; nothing for what is over."""
    if row is None or row.layer not in _OPEN_LAYERS:
        return ""
    return reverse("support", args=[detail.number])


def _structured(
    detail: PublicDetail,
    row: PublicIssue | None,
    photos: Sequence[PublicPhoto],
    address: str,
    city: City,
) -> dict[str, Any]:
    """Tell search engines what the page tells people. Source: schema.org Report, Place."""
    told: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Report",
        "@id": address,
        "url": address,
        "reportNumber": detail.number,
        "creativeWorkStatus": _status(detail, row),
        "inLanguage": settings.LANGUAGE_CODE,
        "publisher": {"@type": "GovernmentOrganization", "name": city.name},
        "interactionStatistic": {
            "@type": "InteractionCounter",
            "interactionType": "https://schema.org/LikeAction",
            "userInteractionCount": detail.supports,
        },
    }
    if detail.text:
        told["text"] = detail.text
    if photos:
        told["image"] = [
            f"{settings.PUBLIC_URL}{reverse('photo', args=[one.pk, one.generation, 'large'])}"
            for one in photos
        ]
    return told | (_placed(detail, row) if row else {})


def _placed(detail: PublicDetail, row: PublicIssue) -> dict[str, Any]:
    place: dict[str, Any] = {"@type": "Place", "name": detail.place or str(row.jurisdiction or "")}
    if row.point:
        place["geo"] = {
            "@type": "GeoCoordinates",
            "latitude": row.point.y,
            "longitude": row.point.x,
        }
    return {
        "name": f"{row.category.label}, {detail.number}",
        "about": row.category.label,
        "dateCreated": row.received_at.isoformat(),
        "dateModified": row.changed_at.isoformat(),
        "contentLocation": place,
    }


def _script(data: Mapping[str, Any]) -> SafeString:
    """Write JSON that can stand inside of a script element."""
    written = json.dumps(data, ensure_ascii=False).translate(_FRAGILE)
    return mark_safe(written)  # noqa: S308  nothing in it can end the element
