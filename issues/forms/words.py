"""Words in forms: clean before any rule looks at them, counted as a reader counts."""

import unicodedata
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from issues.privacy import clean_text


def letters(text: str) -> int:
    """Count what a reader counts, spaces left out.

    Marks, joiners and what they join belong to the letter before them.
    """
    count, joined = 0, False
    for char in text:
        category = unicodedata.category(char)
        if category[0] not in "MZ" and category != "Cf" and not joined and char != "\n":
            count += 1
        joined = char == "\N{ZERO WIDTH JOINER}"
    return count


class TextField(forms.CharField):
    """Words in NFC, without the characters that a database, a feed or a reader would choke on."""

    def to_python(self, value: Any) -> str:
        """Clean the words before any rule looks at them."""
        return clean_text(super().to_python(value) or "").strip()


class LineField(TextField):
    """Words on one line."""

    def to_python(self, value: Any) -> str:
        """Make every run of white space one space."""
        return " ".join(super().to_python(value).split())


def distance_said(distance_m: float | None) -> str:
    """Write a distance as people say it; empty for None."""
    if distance_m is None:
        return ""
    if distance_m < 1000:  # noqa: PLR2004  from here on kilometres read better
        return _("%(metres)d m") % {"metres": max(10, round(distance_m, -1))}
    return _("%(kilometres)d km") % {"kilometres": round(distance_m / 1000)}
