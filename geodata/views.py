"""Places for maps: areas, main streets, search by name. All of it is public."""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import timedelta
from functools import wraps
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from geodata import sql, streets
from geodata.models import City, Edition, Level

_LIFE: Final = timedelta(minutes=5)
_AREA_LAYERS: Final = [level.layer for level in Level]
_ROAD_LAYERS: Final = ["road"]


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
            patch_cache_control(response, public=True, max_age=int(_LIFE.total_seconds()))
            return response

        return answer

    return decorate


@require_safe
@gzip_page
@_by_edition(_AREA_LAYERS)
def areas(request: CityRequest) -> HttpResponse:
    """Draw the areas in force as a GeoJSON FeatureCollection (RFC 7946)."""
    rows = sql.fetch("areas", {"city": request.city.pk})
    return JsonResponse(_collection(rows))


@require_safe
@gzip_page
@_by_edition(_ROAD_LAYERS)
def main_streets(request: CityRequest) -> HttpResponse:
    """Draw the main streets as a GeoJSON FeatureCollection (RFC 7946)."""
    return JsonResponse(_collection(streets.main_streets(request.city)))


def _collection(rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    features = [
        {"type": "Feature", "geometry": row.pop("shape"), "properties": row} for row in rows
    ]
    return {"type": "FeatureCollection", "features": features}


@require_safe
def search(request: CityRequest) -> HttpResponse:
    """Find streets and areas by name: `?q=`."""
    found = streets.search(request.GET.get("q", ""), city=request.city)
    response = JsonResponse({"found": [asdict(one) for one in found]})
    patch_cache_control(response, public=True, max_age=int(_LIFE.total_seconds()))
    return response
