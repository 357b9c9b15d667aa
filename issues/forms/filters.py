"""What a reader of the public map asks for: one form for tiles, lists, counts and the API."""

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from geodata.models import City
from issues.models import PublicIssueQuerySet
from issues.workflow import LAYER_BY_SLUG, Layer

Box = tuple[float, float, float, float]
PAGING: Final = frozenset({"limit", "after"})
_CODE: Final = r"^[\w.-]{1,60}$"
_SWITCH: Final = {"1": True, "true": True, "0": False, "false": False}


class LayersField(forms.Field):
    """Slugs of public layers, joined by commas."""

    def to_python(self, value: Any) -> list[Layer]:
        """Read the layers, each once."""
        slugs = {slug for slug in (value or "").split(",") if slug}
        if unknown := slugs - set(LAYER_BY_SLUG):
            raise ValidationError(
                _("Status tidak dikenal: %(word)s.") % {"word": min(unknown)[:40]}
            )
        return sorted(LAYER_BY_SLUG[slug] for slug in slugs)


class BoxField(forms.Field):
    """A box W,S,E,N in degrees."""

    def to_python(self, value: Any) -> Box | None:
        """Read four finite numbers in order and in range."""
        if not value:
            return None
        try:
            west, south, east, north = (float(part) for part in value.split(","))
        except ValueError:
            raise ValidationError(_("Kotak harus berupa W,S,E,N dalam derajat.")) from None
        # NaN fails every comparison, so it is refused here too.
        if not (-180.0 <= west <= east <= 180.0 and -90.0 <= south <= north <= 90.0):  # noqa: PLR2004  the globe
            raise ValidationError(_("Kotak di luar dunia, atau sudutnya terbalik."))
        return west, south, east, north


class SwitchField(forms.Field):
    """Yes, no, or nothing at all."""

    def to_python(self, value: Any) -> bool | None:
        """Read `1` or `true`, `0` or `false`."""
        if not value:
            return None
        if value not in _SWITCH:
            raise ValidationError(_("Hanya 1 atau 0."))
        return _SWITCH[value]


class DayField(forms.DateField):
    """A day as ISO 8601 writes it, whatever the reader's language."""

    def __init__(self) -> None:
        super().__init__(required=False, input_formats=["%Y-%m-%d"])


class FilterForm(forms.Form):
    """The filters of the address bar; unknown ones are refused: no typo shows everything."""

    layer = LayersField(required=False)
    category = forms.RegexField(_CODE, required=False)
    department = forms.RegexField(_CODE, required=False)
    area = forms.RegexField(_CODE, required=False)
    overdue = SwitchField(required=False)
    bbox = BoxField(required=False)

    def __init__(self, data: Any, *, city: City) -> None:
        super().__init__(data)
        self.city = city
        # `from` is a word of Python's
        self.fields["from"] = DayField()
        self.fields["to"] = DayField()

    def clean(self) -> dict[str, Any]:
        """Refuse what is not a filter."""
        unknown = set(self.data) - set(self.fields) - PAGING
        if unknown:
            raise ValidationError(
                _("Parameter tidak dikenal: %(word)s.") % {"word": min(unknown)[:40]}
            )
        return self.cleaned_data

    def rows(self, rows: PublicIssueQuerySet) -> PublicIssueQuerySet:
        """Narrow public rows to what was asked for; no query of its own."""
        asked = self.cleaned_data
        if asked["layer"]:
            rows = rows.filter(layer__in=asked["layer"])
        if code := asked["category"]:
            rows = rows.filter(
                Q(category__service_code=code) | Q(category__parent__service_code=code)
            )
        if code := asked["department"]:
            rows = rows.filter(department__code=code)
        if code := asked["area"]:
            rows = rows.filter(Q(jurisdiction__code=code) | Q(jurisdiction__parent_code=code))
        if asked["from"]:
            rows = rows.filter(day__gte=asked["from"])
        if asked["to"]:
            rows = rows.filter(day__lte=asked["to"])
        if asked["overdue"] is not None:
            rows = rows.filter(overdue=asked["overdue"])
        return rows.inside(asked["bbox"]) if asked["bbox"] else rows
