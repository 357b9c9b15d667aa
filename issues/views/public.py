"""The public doors: map, list, tiles, photos; they read the public projection only."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from csp.decorators import csp_replace
from django.core.files.storage import default_storage
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
)
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from geodata import tiles
from geodata.tiles import Cells, Point, Tile
from issues.forms.embed import EmbedForm
from issues.models import PublicDetail, PublicPhoto, clean_path
from issues.views import browsing, cards, feeds, listing, outages, tiling
from issues.views.browsing import LIST_FILTERS, SEARCHED, TILE_FILTERS, Asked, CityRequest

_FRESH: Final = "public, max-age=1, stale-while-revalidate=5"
_BRIEFLY: Final = "public, max-age=60"
"""A hidden or redacted photo is gone from every cache within a minute."""
_SIZES: Final = frozenset({"large", "medium", "small"})


@require_safe
def map_page(request: CityRequest) -> HttpResponse:
    """Show the map with its list and filters; without JavaScript, the list alone."""
    known = outages.current(request.city)
    more = {"outages": known}
    return _page(request, "issues/map.html", browsing.asked(request), more=more)


@require_safe
@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"]})
def embed(request: HttpRequest) -> HttpResponse:
    """Show the map for a frame on another site.

    The address takes every filter of the map, which then are fixed choices of that site, and:
    `title=0`, `legend=0`, `list=0` and `search=0` leave that part out; `drawing=heat`, `hotspots`
    or `areas` draws that at first instead of the issues. For example
    `/embed/?category=lpju&list=0&drawing=areas`. Anything else is refused with status 400.

    The page finds them as `embed` in its context and in its script's config.
    """
    here = cast("CityRequest", request)
    asked = browsing.asked(here, allowed=LIST_FILTERS | EmbedForm.names())
    form = EmbedForm(request.GET)
    wrong = {name: [str(text) for text in texts] for name, texts in form.errors.items()}
    asked = replace(asked, errors={**asked.errors, **wrong})
    return _page(here, "issues/embed.html", asked, embed=form.options)


@require_safe
def list_page(request: CityRequest) -> HttpResponse:
    """List what the map shows: as a page or, where JSON is asked for, as data for the map."""
    if request.accepts("text/html"):
        asked = browsing.asked(request, allowed=SEARCHED)
        more = {"presets": browsing.presets(asked), "feed": feeds.address(asked)}
        response = _page(request, "issues/list.html", asked, more=more)
    else:
        response = _data(request)
    patch_vary_headers(response, ["Accept"])
    return response


def _page(
    request: CityRequest,
    template: str,
    asked: Asked,
    *,
    embed: Mapping[str, Any] | None = None,
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    status = 200 if asked.is_valid else 400
    shown = browsing.context(asked) | dict(more or {})
    if shown.get("outages"):
        shown |= {"config": shown["config"] | {"outages": reverse("outages-json")}}
    if embed:
        shown |= {"embed": embed, "config": shown["config"] | {"embed": embed}}
    return render(request, template, shown, status=status)


def _data(request: CityRequest) -> HttpResponse:
    asked = browsing.asked(request, allowed=SEARCHED)
    return JsonResponse(browsing.data(asked)) if asked.is_valid else _refused(asked)


def _refused(asked: Asked) -> HttpResponse:
    """Tell a bad filter in the one shape of the API's errors."""
    error = {"code": "Invalid", "message": _("Isian belum benar."), "fields": asked.errors}
    return JsonResponse({"error": error}, status=400)


@require_safe
@gzip_page
def tile(request: CityRequest, z: int, x: int, y: int) -> HttpResponse:
    """Send what lies in one tile, filtered; `geodata.tiles.encode` describes the bytes.

    Raises:
        BadCoordinate: no such tile.
    """
    return _tile(request, Tile(z, x, y), tiles.encode, "application/json")


@require_safe
@gzip_page
def tile_mvt(request: CityRequest, z: int, x: int, y: int) -> HttpResponse:
    """Send the same as a Mapbox Vector Tile; `geodata.tiles.encode_mvt` describes its layers.

    Raises:
        BadCoordinate: no such tile.
    """
    return _tile(request, Tile(z, x, y), tiles.encode_mvt, "application/vnd.mapbox-vector-tile")


def _tile(
    request: CityRequest,
    square: Tile,
    encode: Callable[[Cells, Sequence[Point] | None], bytes],
    content_type: str,
) -> HttpResponse:
    """Answer for one tile; what a reader has already is not sent, nor encoded, again."""
    asked = browsing.asked(request, allowed=TILE_FILTERS)
    if not asked.is_valid:
        return _refused(asked)
    cells = tiling.cells_of(asked, square)
    if not cells.total:
        return HttpResponse(status=204, headers={"Cache-Control": _FRESH})
    points = tiling.points_of(asked, square, cells.total)
    return _conditional(request, encode(cells, points), content_type)


def _conditional(request: HttpRequest, body: bytes, content_type: str) -> HttpResponse:
    """Send bytes with their fingerprint, or word that they are the same as before."""
    etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    fresh = HttpResponse(body, content_type=content_type)
    response = get_conditional_response(request, etag=etag, response=fresh) or fresh
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = _FRESH
    return response


@require_safe
@gzip_page
def timeline(request: CityRequest) -> HttpResponse:
    """Tell how many issues came in each month, filtered: `{first, last, months: [[month, n]]}`."""
    asked = browsing.asked(request, allowed=TILE_FILTERS)
    if not asked.is_valid:
        return _refused(asked)
    body = json.dumps(browsing.history(asked), separators=(",", ":")).encode()
    return _conditional(request, body, "application/json")


@require_safe
def summary(request: CityRequest, number: str) -> HttpResponse:
    """Tell one issue in short, for the map's panel.

    Raises:
        Http404: not public, or not there.
    """
    row = get_object_or_404(cards.rows_of(request.city), number=number)
    detail = get_object_or_404(PublicDetail, pk=row.pk)
    photo = detail.photos.first()
    card = listing.Card.of(row, place=detail.place, zone=ZoneInfo(request.city.zone))
    more = {
        "text": detail.text,
        "sentence": detail.sentence,
        "photo": cards.photo_data(photo) if photo else None,
    }
    return JsonResponse(cards.card_data(card) | more)


@require_safe
def photo(request: CityRequest, photo: UUID, generation: int, size: str) -> HttpResponseBase:
    """Send a released photo; a new generation (after redaction) has a new address.

    Raises:
        Http404: not released, another generation, or no such size.
    """
    found = PublicPhoto.objects.filter(pk=photo, generation=generation, detail__city=request.city)
    name = clean_path(photo, generation, size)
    if size not in _SIZES or not found.exists() or not default_storage.exists(name):
        raise Http404
    headers = {
        "Cache-Control": _BRIEFLY,
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return FileResponse(default_storage.open(name), content_type="image/jpeg", headers=headers)
