"""Office hours as they are kept: weekday ("0" is Monday) → [opens, closes], local, HH:MM."""

from datetime import time
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

WEEKDAYS: Final = frozenset(map(str, range(7)))
_PAIR: Final = 2


def check(value: Any) -> None:
    """Refuse hours that no calendar could be made of.

    Raises:
        ValidationError: a key is no weekday, or an office does not open before it closes.
    """
    if not isinstance(value, dict) or not set(value) <= WEEKDAYS:
        raise ValidationError(_("Tulis hari sebagai 0 (Senin) sampai 6 (Minggu)."))
    for day, hours in value.items():
        if not _is_span(hours):
            text = _('Hari %(day)s: tulis jam buka sebelum jam tutup, mis. ["08:00", "16:00"].')
            raise ValidationError(text % {"day": day})


def _is_span(hours: Any) -> bool:
    if not isinstance(hours, list) or len(hours) != _PAIR:
        return False
    try:
        opens, closes = (time.fromisoformat(hour) for hour in hours)
    except (TypeError, ValueError):
        return False
    return opens < closes and opens.tzinfo is None and closes.tzinfo is None
