"""An issue in brief, as data for scripts: its card, its photo, its distance in words."""

from datetime import date
from typing import Any, Final

from django.urls import reverse
from django.utils import formats

from geodata.models import City
from issues.models import PublicIssue, PublicIssueQuerySet, PublicPhoto
from issues.views.listing import Card

_KILOMETRE_M: Final = 1000


def rows_of(city: City) -> PublicIssueQuerySet:
    """Read public rows with everything a card needs."""
    rows = PublicIssue.objects.filter(city=city)
    return rows.select_related("category", "department", "jurisdiction").defer("jurisdiction__area")


def card_data(card: Card) -> dict[str, Any]:
    """Write a card as data; days and distances as people read them."""
    return {
        "number": card.number,
        "url": reverse("issue", args=[card.number]),
        "category": card.category,
        "icon": card.icon,
        "layer": int(card.layer),
        "layer_word": str(card.layer.label),
        "overdue": card.overdue,
        "place": card.place,
        "department": card.department,
        "received": _said(card.received),
        "due": _said(card.due) if card.due else "",
        "lon": card.lon,
        "lat": card.lat,
        "distance": distance_said(card.distance_m),
    }


def _said(day: date) -> str:
    return formats.date_format(day, "j M Y")


def distance_said(metres: float | None) -> str:
    """Say a distance as people do: 350 m, 1,2 km; nothing for None."""
    if metres is None:
        return ""
    if metres < _KILOMETRE_M:
        return f"{round(metres, -1):.0f} m"
    return f"{formats.number_format(metres / _KILOMETRE_M, 1)} km"


def photo_data(photo: PublicPhoto) -> dict[str, Any]:
    """Address a released photo, with its shape so that nothing jumps."""
    address = reverse("photo", args=[photo.pk, photo.generation, "medium"])
    return {"url": address, "width": photo.width, "height": photo.height}
