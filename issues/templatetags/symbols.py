"""Signs on pages: line icons, and a public layer as shape, colour and word."""

from datetime import datetime
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from issues.workflow import LAYER, Layer, Status

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw a line icon of `static/img/icons.svg`; silent, so a word must stand beside it."""
    sprite = static("img/icons.svg")
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', sprite, name
    )


@register.filter(expects_localtime=True)
def moment(instant: datetime | None) -> str:
    """Say day and time as the reader's language writes them: `3 Mar 2026, 16.05`."""
    if instant is None:
        return ""
    return f"{date_format(instant, 'j M Y')}, {date_format(instant, 'TIME_FORMAT')}"


@register.filter(expects_localtime=True)
def clock(instant: datetime | None) -> str:
    """Say the time as the reader's language writes it, with its zone: `16.05 WITA`."""
    return f"{date_format(instant, 'TIME_FORMAT')} {instant.tzname()}" if instant else ""


@register.inclusion_tag("issues/_layer.html")
def layer(value: int | str, *, overdue: bool = False, word: str = "") -> dict[str, Any]:
    """Show where an issue stands.

    Args:
        value: a `Layer` (or its number), or an internal `Status`, whose own label is then the word.
        overdue: whether to add the red ring "melewati batas waktu".
        word: another word than the layer's or status's own.
    """
    if isinstance(value, str):
        status = Status(value)
        found = LAYER[status]
        shown, own = Layer.CLOSED if found is None else found, str(status.label)
    else:
        shown = Layer(value)
        own = str(shown.label)
    return {
        "slug": shown.slug,
        "word": word or own,
        "overdue": overdue,
        "overdue_word": _("Melewati batas waktu"),
    }
