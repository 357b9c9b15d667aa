"""What a reader of the public map asks for: one form for tiles, lists, counts and the API."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any, Final, Self
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet, Value
from django.utils import timezone
from django.utils.translation import gettext as _

from geodata import positions
from geodata.models import City, Department, Jurisdiction
from geodata.pyramid import Ask
from issues.models import Category, PublicIssueQuerySet, PublicSpan
from issues.workflow import LAYER_BY_SLUG, Layer

Box = tuple[float, float, float, float]
Keys = Collection[int] | QuerySet[Any]
PAGING: Final = frozenset({"limit", "after"})
_CODE: Final = r"^[\w.-]{1,60}$"
_MOST_CODES: Final = 200
_NOT_OF_A_PAST_DAY: Final = ("from", "to", "overdue")
"""Nobody keeps what was overdue on a day of the past, and a day is no period."""

_FIRST_DAY: Final = date(1970, 1, 1)
_LAST_DAY: Final = date(2100, 12, 31)

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


class CodesField(forms.Field):
    """Codes joined by commas, of kinds or departments."""

    def to_python(self, value: Any) -> list[str]:
        """Read the codes, each once, in order."""
        codes = sorted({code for code in (value or "").split(",") if code})
        wrong = [code for code in codes if not re.fullmatch(_CODE, code)]
        if wrong or len(codes) > _MOST_CODES:
            raise ValidationError(
                _("Kode tidak dikenal: %(word)s.") % {"word": "".join(wrong[:1])[:40]}
            )
        return codes


class BoxField(forms.Field):
    """A box W,S,E,N in degrees."""

    def to_python(self, value: Any) -> Box | None:
        """Read four finite numbers in order and in range."""
        if not value:
            return None
        try:
            west, south, east, north = map(positions.number, value.split(","))
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
    """A day as ISO 8601 writes it, whatever the reader's language; from 1970 to 2100."""

    def __init__(self) -> None:
        super().__init__(required=False, input_formats=["%Y-%m-%d"])

    def validate(self, value: date | None) -> None:
        """Refuse what is long before or after any issue."""
        super().validate(value)
        if value and not _FIRST_DAY <= value <= _LAST_DAY:
            years = {"first": _FIRST_DAY.year, "last": _LAST_DAY.year}
            raise ValidationError(_("Tahun harus dari %(first)s sampai %(last)s.") % years)


class FilterForm(forms.Form):
    """The filters of the address bar; unknown ones are refused: no typo shows everything."""

    layer = LayersField(required=False)
    category = CodesField(required=False)
    department = CodesField(required=False)
    area = forms.RegexField(_CODE, required=False)
    overdue = SwitchField(required=False)
    bbox = BoxField(required=False)
    as_of = DayField()

    def __init__(self, data: Any, *, city: City) -> None:
        super().__init__(data)
        self.city = city
        # `from` is a word of Python's
        self.fields["from"] = DayField()
        self.fields["to"] = DayField()

    def clean(self) -> dict[str, Any]:
        """Refuse what is not a filter, or means nothing together."""
        unknown = set(self.data) - set(self.fields) - PAGING
        if unknown:
            raise ValidationError(
                _("Parameter tidak dikenal: %(word)s.") % {"word": min(unknown)[:40]}
            )
        asked = self.cleaned_data
        mixed = [name for name in _NOT_OF_A_PAST_DAY if asked.get(name) is not None]
        if asked.get("as_of") and mixed:
            words = _("Keadaan pada suatu hari tidak dapat digabung dengan %(name)s.")
            self.add_error("as_of", words % {"name": mixed[0]})
        elif asked.get("as_of") and asked["as_of"] > self.today:
            self.add_error("as_of", _("Hari itu belum tiba."))
        if asked.get("from") and asked.get("to") and asked["from"] > asked["to"]:
            self.add_error("to", _("Akhir periode lebih awal daripada awalnya."))
        return asked

    @property
    def today(self) -> date:
        """The present day in the city."""
        return timezone.localdate(timezone.now(), ZoneInfo(self.city.zone))

    @cached_property
    def chosen(self) -> "Chosen":
        """What was chosen; the form must be valid. No query of its own."""
        asked = self.cleaned_data
        return Chosen(
            layers=asked["layer"] or None,
            categories=self._categories(asked["category"]) if asked["category"] else None,
            departments=self._departments(asked["department"]) if asked["department"] else None,
            areas=self._areas(asked["area"]) if asked["area"] else None,
            overdue=asked["overdue"],
            since=asked["from"],
            until=asked["to"],
            zone=self.city.zone,
            box=asked.get("bbox"),
            as_of=asked.get("as_of"),
        )

    def _categories(self, codes: list[str]) -> QuerySet[Category]:
        """Find the kinds of these codes; a parent stands for its children."""
        chosen = Q(service_code__in=codes) | Q(parent__service_code__in=codes)
        return Category.objects.filter(chosen, city=self.city)

    def _departments(self, codes: list[str]) -> QuerySet[Department]:
        return Department.objects.filter(city=self.city, code__in=codes)

    def _areas(self, code: str) -> QuerySet[Jurisdiction]:
        """Find the areas of this code in every edition, and those inside."""
        return Jurisdiction.objects.filter(Q(code=code) | Q(parent_code=code), city=self.city)

    def rows(self, rows: PublicIssueQuerySet) -> PublicIssueQuerySet:
        """Narrow public rows to what was asked for; no query of its own."""
        return self.chosen.rows(rows)


class PresentForm(FilterForm):
    """The filters of today's issues alone."""

    def __init__(self, data: Any, *, city: City) -> None:
        super().__init__(data, city=city)
        del self.fields["as_of"]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The filters as keys; None: all. `since` and `until` are days of receipt, both inclusive."""

    layers: Collection[Layer] | None = None
    categories: Keys | None = None
    departments: Keys | None = None
    areas: Keys | None = None
    overdue: bool | None = None
    since: date | None = None
    until: date | None = None
    zone: str = "UTC"
    box: Box | None = None
    as_of: date | None = None

    @property
    def is_narrow(self) -> bool:
        """Whether anything was chosen at all."""
        return self != type(self)(zone=self.zone)

    def resolved(self) -> Self:
        """Turn codes into keys, so that counts and plans know them; one statement, or none."""
        asked = {name: getattr(self, name) for name in ("categories", "departments", "areas")}
        parts = [
            keys.order_by().annotate(part=Value(name)).values_list("part", "pk")
            for name, keys in asked.items()
            if isinstance(keys, QuerySet)
        ]
        if not parts:
            return self
        found = list(parts[0].union(*parts[1:], all=True))
        keys = {
            name: frozenset(key for part, key in found if part == name)
            for name in asked
            if isinstance(asked[name], QuerySet)
        }
        return replace(
            self,
            categories=keys.get("categories", self.categories),
            departments=keys.get("departments", self.departments),
            areas=keys.get("areas", self.areas),
        )

    def rows(self, rows: PublicIssueQuerySet) -> PublicIssueQuerySet:
        """Narrow today's public rows."""
        rows = self._everyday(rows)
        # The hour of receipt says the day once more, in the order of the lists' indexes.
        if self.since:
            rows = rows.filter(day__gte=self.since, received_at__gte=self._midnight(self.since))
        if self.until and self.until < date.max:
            after = self._midnight(self.until + timedelta(days=1))
            rows = rows.filter(day__lte=self.until, received_at__lt=after)
        if self.overdue is not None:
            rows = rows.filter(overdue=self.overdue)
        return rows.inside(self.box) if self.box else rows

    def spans(self, spans: QuerySet[PublicSpan]) -> QuerySet[PublicSpan]:
        """Narrow the spans to those that covered the day asked for."""
        gone = Q(until__isnull=False, until__lte=self.as_of)
        covering: QuerySet[PublicSpan] = self._everyday(spans).filter(~gone, since__lte=self.as_of)
        # Nothing stands before its receipt, by which the lists' index goes.
        return covering.filter(day__lte=self.as_of)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time.min, tzinfo=ZoneInfo(self.zone))

    def _everyday(self, rows: Any) -> Any:
        if self.layers is not None:
            rows = rows.filter(layer__in=self.layers)
        if self.categories is not None:
            rows = rows.filter(category__in=self.categories)
        if self.departments is not None:
            rows = rows.filter(department__in=self.departments)
        if self.areas is not None:
            rows = rows.filter(jurisdiction__in=self.areas)
        return rows

    def ask(self, *, by: Collection[str] | None = None, all_facets: bool = False) -> Ask:
        """Say it to the pyramid, which knows no areas; the keys must be resolved.

        Args:
            by: facets that the answer tells apart; default: all.
            all_facets: count every layer, kind and department: only the period narrows.
        """
        facets = {} if all_facets else self._facets()
        until = self.as_of or self.until
        return Ask(facets, since=self.since, until=until, by=by)

    def _facets(self) -> dict[str, Collection[int]]:
        facets = {
            "layer": self.layers,
            "overdue": None if self.overdue is None else [self.overdue],
            "category": self.categories,
            "department": self.departments,
        }
        return {name: keys for name, keys in facets.items() if keys is not None}
