"""Feeds: any filter of the map, and the life of one issue, as RSS 2.0 with GeoRSS points.

Everything here is read from the public rows. Source: RSS 2.0 (Advisory Board), GeoRSS Simple 1.1.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.http import http_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from issues.forms.follow import PlaceForm
from issues.models import PublicDetail, PublicIssue, Subscription
from issues.notifications import TOLD
from issues.privacy import clean_text
from issues.views import browsing
from issues.views.browsing import Asked, CityRequest
from issues.workflow import Layer, Step

MOST: Final = 50
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FRESH: Final = "public, max-age=60"
_FILTERS: Final = browsing.SEARCHED - {"as_of", "near", "after"}
_PLACES: Final = {"jalan", "bentuk"}
"""What a feed narrows by besides, in the words of `/ikuti`: a street's name, a drawing."""


class GeoFeed(Rss201rev2Feed):
    """RSS 2.0 whose items may have a place; all text is such as XML can carry."""

    content_type = "application/rss+xml; charset=utf-8"

    def rss_attributes(self) -> dict[str, str]:
        """Name the languages that the feed is written in."""
        return super().rss_attributes() | {"xmlns:georss": "http://www.georss.org/georss"}

    def latest_post_date(self) -> datetime:
        """Say when it last changed; an empty feed never did, whenever it is asked for."""
        dates = [item[key] for item in self.items for key in ("updateddate", "pubdate")]
        return max((date for date in dates if date), default=_NEVER)

    def add_item_elements(self, handler: Any, item: Any) -> None:
        """Add the place: latitude first, as GeoRSS has it."""
        super().add_item_elements(handler, item)
        if item.get("point") is not None:
            point = item["point"]
            handler.addQuickElement("georss:point", f"{point.y:.5f} {point.x:.5f}")


def address(asked: Asked) -> str:
    """Lead to the feed of what a list shows."""
    kept = {name: text for name, text in asked.values.items() if name in _FILTERS}
    return f"{reverse('feed')}?{urlencode(kept)}" if kept else reverse("feed")


def of_wish(wish: Mapping[str, str]) -> str:
    """Lead to the feed of what somebody wants to follow, by the names of `/ikuti`."""
    if number := wish.get("laporan"):
        return reverse("issue-feed", args=[number])
    names = {"jenis": "category", "wilayah": "area", "jalan": "jalan", "bentuk": "bentuk"}
    kept = {names[name]: text for name, text in wish.items() if name in names and text}
    return f"{reverse('feed')}?{urlencode(kept)}" if kept else reverse("feed")


def of_subscription(one: Subscription) -> str:
    """Lead to the feed of exactly what a subscription follows."""
    return of_wish(
        {
            "laporan": one.issue.number if one.issue else "",
            "jenis": one.category.service_code if one.category else "",
            "wilayah": one.area_code,
            "jalan": one.street,
            "bentuk": json.dumps(one.shape.coords[0]) if one.shape else "",
        }
    )


@require_safe
def issues_feed(request: CityRequest) -> HttpResponse:
    """Send the newest issues of a filter."""
    asked = browsing.asked(request, allowed=_FILTERS | _PLACES | {"bbox"})
    where = PlaceForm({name: request.GET.get(name, "") for name in _PLACES})
    if not (asked.is_valid and where.is_valid()):
        return HttpResponse(
            _("Isian belum benar."), status=400, content_type="text/plain; charset=utf-8"
        )
    found = where.rows(asked.found[0] if asked.words else asked.rows)
    rows = found.select_related("category", "jurisdiction").defer("jurisdiction__area")
    newest = list(rows.order_by("-received_at", "-issue")[:MOST])
    details = PublicDetail.objects.in_bulk([row.pk for row in newest])
    title = _("Laporan warga %(city)s") % {"city": request.city.name}
    feed = _feed(request, title, reverse("list"))
    for row in newest:
        if row.pk in details:
            feed.add_item(**_clean(_item(row, details[row.pk])))
    return _send(request, feed, (row.changed_at for row in newest))


def _item(row: PublicIssue, detail: PublicDetail) -> dict[str, Any]:
    """Write one issue as an item; its address names it for ever."""
    page = _page(row.number)
    layer = str(Layer(row.layer).label)
    where = detail.place or str(row.jurisdiction or "")
    return {
        "title": ", ".join(part for part in (row.category.label, where) if part),
        "link": page,
        "unique_id": page,
        "unique_id_is_permalink": True,
        "description": f"{row.number}: {layer}. {detail.text}".strip(),
        "pubdate": row.received_at,
        "updateddate": row.changed_at,
        "categories": (row.category.label, layer),
        "point": row.point,
    }


@require_safe
def issue_feed(request: CityRequest, number: str) -> HttpResponse:
    """Send what has happened to one issue, newest first.

    Raises:
        Http404: hidden, confidential, or not there.
    """
    detail = PublicDetail.objects.filter(city=request.city, number=number).first()
    if detail is None:
        raise Http404
    row = PublicIssue.objects.filter(pk=detail.pk).select_related("category").first()
    title = ", ".join(part for part in (number, row.category.label if row else "") if part)
    feed = _feed(request, title, reverse("issue", args=[number]))
    entries = list(enumerate(detail.timeline))
    for at, entry in reversed(entries[-MOST:]):
        feed.add_item(**_clean(_event(detail, at, entry, row)))
    return _send(request, feed, (datetime.fromisoformat(entry["at"]) for _n, entry in entries))


def _event(
    detail: PublicDetail, at: int, entry: Mapping[str, str], row: PublicIssue | None
) -> dict[str, Any]:
    step = Step(entry["step"])
    words = {"department": entry["department"] or _("tim koordinator")}
    return {
        "title": str(TOLD.get(step, step.label)) % words,
        "link": _page(detail.number),
        "unique_id": f"{_page(detail.number)}#{at}",
        "unique_id_is_permalink": False,
        "description": entry["note"],
        "pubdate": datetime.fromisoformat(entry["at"]),
        "point": row.point if row else None,
    }


def _feed(request: CityRequest, title: str, page: str) -> GeoFeed:
    query = request.GET.urlencode()
    address = f"{settings.PUBLIC_URL}{request.path}{'?' + query if query else ''}"
    about = {
        "title": title,
        "link": f"{settings.PUBLIC_URL}{page}",
        "description": _("Laporan dan kelanjutannya, hanya yang terbuka untuk umum."),
        "feed_url": address,
        "language": get_language() or settings.LANGUAGE_CODE,
    }
    return GeoFeed(**_clean(about))


def _page(number: str) -> str:
    return f"{settings.PUBLIC_URL}{reverse('issue', args=[number])}"


def _clean(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Take out of every text what XML cannot carry."""
    return {name: _cleaned(value) for name, value in fields.items()}


def _cleaned(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(_cleaned(part) for part in value)
    return clean_text(value) if isinstance(value, str) else value


def _send(request: CityRequest, feed: GeoFeed, changed: Iterable[datetime]) -> HttpResponse:
    """Send a feed, or word that it is the same as before."""
    seconds = int(max(changed, default=_NEVER).timestamp())
    body = feed.writeString("utf-8").encode()
    etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    fresh = HttpResponse(body, content_type=GeoFeed.content_type)
    response = (
        get_conditional_response(request, etag=etag, last_modified=seconds, response=fresh) or fresh
    )
    response.headers["ETag"] = etag
    response.headers["Last-Modified"] = http_date(seconds)
    response.headers["Cache-Control"] = _FRESH
    return response
