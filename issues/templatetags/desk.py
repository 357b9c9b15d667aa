"""Signs on the pages of staff: due dates, distances, marks in a text, fields with errors."""

from datetime import datetime
from typing import Any, Final

from django import template
from django.forms import BoundField
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext as _

from issues.actions.clocks import MOVED
from issues.clock import Due
from issues.models import Event, Issue, Photo, User
from issues.privacy import find_personal
from issues.templatetags.symbols import moment

register = template.Library()

_KILOMETRE_M = 1000


@register.filter
def distance(metres: float | str | None) -> str:
    """Say a distance in the words of the street: `350 m`, `1,2 km`."""
    if not isinstance(metres, int | float):
        return _("tanpa titik")
    if metres < _KILOMETRE_M:
        return f"{round(metres / 10) * 10} m"
    return f"{metres / _KILOMETRE_M:.1f} km".replace(".", ",")


@register.filter
def percent(share: float | None) -> str:
    """Say a share of 0..1 in percent."""
    return "–" if share is None else f"{share * 100:.0f} %"


@register.inclusion_tag("issues/_desk_due.html")
def due(issue: Issue) -> dict[str, Any]:
    """Show until when an issue must be done, and how long that is from now."""
    return {"issue": issue, "late": issue.is_overdue, "span": _span(issue.due_at)}


def _span(instant: datetime) -> str:
    now = timezone.now()
    if instant < now:
        return _("lewat batas %(span)s") % {"span": timesince(instant, now, depth=1)}
    return _("%(span)s lagi") % {"span": timeuntil(instant, now, depth=1)}


@register.inclusion_tag("issues/_why.html")
def why(due: Due, title: str) -> dict[str, Any]:
    """Explain a date in a fold: what it counts from, what it skipped, what was added."""
    return {"due": due, "title": title}


@register.filter
def moved(event: Event) -> list[str]:
    """Say which dates an event has moved, from when to when."""
    names = {"dispose_by": _("Disposisi"), "due_at": _("Target"), "limit_at": _("Batas akhir")}
    return [
        _("%(name)s: %(before)s → %(after)s")
        % {"name": names[name], "before": _local(before), "after": _local(after)}
        for name, (before, after) in event.data.get(MOVED, {}).items()
    ]


def _local(written: str) -> str:
    return moment(timezone.localtime(datetime.fromisoformat(written)))


@register.filter
def marked(text: str) -> SafeString:
    """Mark what in a text may name a person."""
    pieces: list[tuple[str]] = []
    at = 0
    text = str(text)
    for span in find_personal(text):
        mark = format_html("<mark>{}</mark>", text[span.start : span.end])
        pieces += [(text[at : span.start],), (mark,)]
        at = span.end
    return format_html_join("", "{}", [*pieces, (text[at:],)])


@register.simple_tag
def photo_address(photo: Photo, size: str) -> str:
    """Address a clean photo for staff."""
    return reverse("staff-photo", args=[photo.pk, photo.generation, size])


@register.filter
def who(user: User | None) -> str:
    """Name a colleague."""
    return (user.get_full_name() or user.email) if user else ""


@register.inclusion_tag("issues/_desk_field.html")
def field(bound: BoundField) -> dict[str, BoundField]:
    """Show one field with its label, its hint and its errors, tied together for screen readers."""
    return {"field": bound}


_TOLD: Final = ("text", "original", "to")
"""What of an event's data a colleague must read beside their own words, the best first."""


@register.filter
def told(event: Event) -> str:
    """Say what somebody else has written or chosen: a public text, an original, departments."""
    found = next((event.data[key] for key in _TOLD if event.data.get(key)), "")
    return ", ".join(map(str, found)) if isinstance(found, list) else str(found)
