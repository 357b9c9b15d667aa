"""Places for maps: areas, streets, the basemap, search, what a point is called. All is public."""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import timedelta
from functools import wraps
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from geodata import basemap_tiles, geometry, sql, streets
from geodata.models import BasemapKind, City, Edition, Level
from geodata.tiles import Tile

_LIFE: Final = timedelta(minutes=5)
_YEAR: Final = timedelta(days=365)
_BASEMAP_LAYERS: Final = [kind.layer for kind in BasemapKind]
_AREA_LAYERS: Final = [*(level.layer for level in Level), *_BASEMAP_LAYERS]
_ROAD_LAYERS: Final = ["road", BasemapKind.ROADS.layer]
_NO_CONTENT: Final = 204


class CityRequest(HttpRequest):
    """A request that the middleware has given its city."""

    city: City


View = Callable[[CityRequest], HttpResponse]


def _by_edition(layers: list[str]) -> Callable[[View], View]:
    """Answer from the reader's cache while the editions of `layers` are the same."""

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: CityRequest) -> HttpResponse:
            editions = Edition.objects.current().filter(city=request.city, layer__in=layers)
            keys = editions.order_by("pk").values_list("pk", flat=True)
            etag = f'"{request.city.pk}-{"-".join(str(key) for key in keys)}"'
            response = get_conditional_response(request, etag=etag) or view(request)
            response.headers["ETag"] = etag
            patch_cache_control(response, public=True, max_age=_seconds(_LIFE))
            return response

        return answer

    return decorate


@require_safe
@gzip_page
@_by_edition(_AREA_LAYERS)
def areas(request: CityRequest) -> HttpResponse:
    """Draw the areas in force as a GeoJSON FeatureCollection (RFC 7946).

    Its foreign member `basemap` tells a map where tiles of a basemap of one's own are, up to which
    zoom, and whom to name; it is null where nothing is imported, and then nobody asks for tiles.
    """
    rows = sql.fetch("areas", {"city": request.city.pk})
    return JsonResponse(_collection(rows) | {"basemap": _basemap(request.city)})


def _basemap(city: City) -> dict[str, Any] | None:
    found = basemap_tiles.in_force(city)
    if not found.version:
        return None
    address = reverse("basemap", args=[0, 1, 2]).replace("0/1/2", "{z}/{x}/{y}")
    return {
        "url": f"{address}?v={found.version}",
        "zooms": [basemap_tiles.MIN_ZOOM, basemap_tiles.MAX_ZOOM],
        "box": basemap_tiles.box(city),
        "credits": found.credits,
        "roads": found.has_roads,
    }


@require_safe
@gzip_page
@_by_edition(_ROAD_LAYERS)
def main_streets(request: CityRequest) -> HttpResponse:
    """Draw the main streets as a GeoJSON FeatureCollection (RFC 7946).

    Empty where a basemap of one's own draws them.
    """
    drawn = basemap_tiles.in_force(request.city).has_roads
    return JsonResponse(_collection([] if drawn else streets.main_streets(request.city)))


def _collection(rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    features = [
        {"type": "Feature", "geometry": row.pop("shape"), "properties": row} for row in rows
    ]
    return {"type": "FeatureCollection", "features": features}


@require_safe
@gzip_page
def basemap(request: CityRequest, z: int, x: int, y: int) -> HttpResponse:
    """Draw one tile of the basemap of one's own, as `basemap_tiles.encode` writes it.

    The address that `areas` gives names the version and may be kept for a year.

    Raises:
        BadCoordinate: no such tile.
    """
    tile = Tile(z, x, y)
    version = basemap_tiles.in_force(request.city).version
    etag = f'"{request.city.pk}-{version}"'
    response = get_conditional_response(request, etag=etag) or _drawn(request.city, tile)
    response.headers["ETag"] = etag
    if request.GET.get("v") == version:
        patch_cache_control(response, public=True, immutable=True, max_age=_seconds(_YEAR))
    else:
        patch_cache_control(response, public=True, max_age=_seconds(_LIFE))
    return response


def _drawn(city: City, tile: Tile) -> HttpResponse:
    empty = HttpResponse(status=_NO_CONTENT)
    if not basemap_tiles.MIN_ZOOM <= tile.z <= basemap_tiles.MAX_ZOOM:
        return empty
    body = basemap_tiles.encode(basemap_tiles.read(city, tile), tile)
    return HttpResponse(body, content_type="application/json") if body else empty


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())


@require_safe
def search(request: CityRequest) -> HttpResponse:
    """Find places by name or number: `?q=`; `kinds` says in words what each of them is."""
    found = streets.search(request.GET.get("q", ""), city=request.city)
    kinds = {kind: str(words) for kind, words in streets.KINDS.items()}
    response = JsonResponse({"found": [asdict(one) for one in found], "kinds": kinds})
    # Its words are in the reader's language, which a cookie may choose.
    patch_cache_control(response, private=True, max_age=_seconds(_LIFE))
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response


@require_safe
def place(request: CityRequest) -> HttpResponse:
    """Say what a point is called: `?lat=&lon=` in degrees (EPSG:4326).

    Raises:
        BadCoordinate: they are no place on earth.
    """
    point = geometry.point(request.GET.get("lon"), request.GET.get("lat"))
    found = streets.nearest([point], request.city)[0]
    response = JsonResponse(asdict(found) | {"place": str(found), "inside": bool(found.area)})
    patch_cache_control(response, public=True, max_age=_seconds(_LIFE))
    return response
