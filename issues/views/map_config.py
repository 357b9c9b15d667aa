"""What a page hands its map: addresses, words and place for the script, limits for Leaflet."""

from typing import Any, Final

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse

from geodata.models import City
from issues.views import public_words
from issues.workflow import Layer

_MARGIN: Final = 0.2
"""How far beyond the city the map may be moved, degrees."""


def config(city: City) -> dict[str, Any]:
    """Hand the map's JavaScript its addresses, words and place."""
    kind, _colon, url = settings.BASEMAP.partition(":")
    return {
        "extent": city.extent,
        "sprite": static("img/icons.svg"),
        "words": public_words.of_the_map(),
        "layers": [str(layer.label) for layer in Layer],
        "basemap": {"url": url, "attribution": settings.BASEMAP_ATTRIBUTION}
        if kind == "xyz"
        else None,
        "urls": {
            "tile": reverse("tile", args=[0, 1, 2]).replace("0/1/2", "{z}/{x}/{y}"),
            "list": reverse("list"),
            "areas": reverse("areas"),
            "streets": reverse("streets"),
            "search": reverse("search"),
            "summary": reverse("summary", args=["NUMBER"]),
            "issue": reverse("issue", args=["NUMBER"]),
        },
    }


def leaflet(city: City) -> dict[str, Any]:
    """Settings of django-leaflet for one city: how far the map may be moved and zoomed."""
    west, south, east, north = city.extent
    return {
        "SPATIAL_EXTENT": (west - _MARGIN, south - _MARGIN, east + _MARGIN, north + _MARGIN),
        "MIN_ZOOM": 9,
        "MAX_ZOOM": 19,
    }
