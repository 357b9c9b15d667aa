"""Words in forms: clean before any rule looks at them, counted as a reader counts."""

import json
import unicodedata
from datetime import UTC, datetime
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from geodata import positions
from issues import addresses
from issues.privacy import clean_text
from issues.questions import CODE_LETTERS, MOST_NAMED

_FIRST_YEAR: Final = 1970
_LAST_YEAR: Final = 2200


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


class DegreesField(forms.FloatField):
    """A coordinate as programs write it, EPSG:4326."""

    def to_python(self, value: Any) -> float | None:  # type: ignore[override]  # the stubs say int
        """Read the number.

        Raises:
            ValidationError: it is none.
        """
        try:
            return None if value in self.empty_values else positions.number(value)
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None


class MailField(forms.EmailField):
    """A mail address without letters that only look like those of another one."""

    default_validators = [*forms.EmailField.default_validators, addresses.plain]


class MomentField(forms.Field):
    """An instant by the sender's clock; a clock that nobody can believe says nothing."""

    def to_python(self, value: Any) -> datetime | None:
        """Read ISO 8601 with its offset.

        Raises:
            ValidationError: it is none.
        """
        if not value:
            return None
        try:
            moment = parse_datetime(value) if isinstance(value, str) else None
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            raise ValidationError(_("Tulis waktu dengan zonanya, misalnya 2026-03-17T08:00+08:00."))
        sane = _FIRST_YEAR < moment.year < _LAST_YEAR
        return moment.astimezone(UTC) if sane else None


class NamesField(forms.Field):
    """Codes of things, as a list or one by one; each once."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[str]:
        """Clean what was named.

        Raises:
            ValidationError: more than a report can be about, or longer than any code.
        """
        line = LineField(required=False)
        found = [line.to_python(code) for one in value or () for code in _listed(one)]
        named = list(dict.fromkeys(one for one in found if one))
        if len(named) > MOST_NAMED or any(len(one) > CODE_LETTERS for one in named):
            words = {"most": MOST_NAMED}
            raise ValidationError(
                _("Paling banyak %(most)d; untuk lebih banyak, laporkan satu jalan.") % words
            )
        return named


def _listed(text: str) -> list[str]:
    """Read one code, or the list that a page's script has written into one field.

    Raises:
        ValidationError: a list of something else.
    """
    if not text.startswith("["):
        return [text]
    try:
        codes = json.loads(text)
    except (ValueError, RecursionError):
        codes = None
    if not isinstance(codes, list) or not all(isinstance(one, str) for one in codes):
        raise ValidationError(_("Jenis nilai salah."))
    return codes


def distance_said(distance_m: float | None) -> str:
    """Write a distance as people say it; empty for None."""
    if distance_m is None:
        return ""
    if distance_m < 1000:  # noqa: PLR2004  from here on kilometres read better
        return _("%(metres)d m") % {"metres": max(10, round(distance_m, -1))}
    return _("%(kilometres)d km") % {"kilometres": round(distance_m / 1000)}
