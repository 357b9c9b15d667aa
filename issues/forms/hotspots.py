"""What a reader asks of the findings: the map's filters, compared with what, how fine, how sure."""

from datetime import date, timedelta
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from geodata.models import City, Department
from issues.findings import ONE_DAY, ZOOMS, Baseline, Question, Unit
from issues.forms.filters import FilterForm
from issues.models import Category
from issues.privacy import BLUR_M

WINDOW: Final = timedelta(days=28)
"""How long "lately" is where no period is asked for: four whole weeks."""

BASELINES: Final = {
    Baseline.SHARE: gettext_lazy("bagian dari semua laporan di tempat itu"),
    Baseline.LAND: gettext_lazy("laporan per km² daratan"),
    Baseline.PAST: gettext_lazy("kebiasaan tempat itu sendiri (baru muncul)"),
}
LEVELS: Final = ("90", "95", "99")
SIZES: Final = tuple(str(size) for size in ZOOMS)


def _choice(values: Any) -> forms.ChoiceField:
    return forms.ChoiceField(required=False, choices=[(value, value) for value in values])


class FindingForm(FilterForm):
    """The filters of the map without those that a finding has no use for."""

    def __init__(self, data: Any, *, city: City) -> None:
        super().__init__(data, city=city)
        del self.fields["bbox"]
        self.kinds: list[Category] = []
        self.departments: list[Department] = []

    def clean(self) -> dict[str, Any]:
        """Look up the kinds and departments; a past state of the map has no test of its own."""
        asked = super().clean()
        if asked.get("as_of"):
            raise ValidationError(_("Peta masa lalu tidak diuji: pilih periode, bukan tanggal."))
        self.kinds = self._read(Category, "service_code", asked.get("category"))
        self.departments = self._read(Department, "code", asked.get("department"))
        return asked

    def _read(self, model: type[Any], name: str, codes: list[str] | None) -> list[Any]:
        return list(model.objects.filter(city=self.city, **{f"{name}__in": codes or []}))

    @property
    def today(self) -> date:
        """The present day in the city."""
        return timezone.localdate(timezone.now(), ZoneInfo(self.city.zone))

    @cached_property
    def is_blurred(self) -> bool:
        """Whether the public place of a chosen kind is drawn by lot."""
        codes = self.cleaned_data["category"]
        return bool(codes) and self._categories(codes).filter(exact_place=False).exists()

    def facets(self) -> dict[str, frozenset[int]]:
        """Turn the filters into what the pyramid counts by; an unknown code selects nothing."""
        asked = self.chosen.resolved().ask().facets
        return {name: frozenset(int(key) for key in keys) for name, keys in asked.items()}

    def period(self) -> tuple[date | None, date]:
        """Give the days asked for."""
        return self.cleaned_data["from"], self.cleaned_data["to"] or self.today


class HotspotForm(FindingForm):
    """What hotspots are asked for."""

    baseline = _choice(Baseline)
    cell = _choice(SIZES)
    level = _choice(LEVELS)

    def clean(self) -> dict[str, Any]:
        """Fill in what was left open; refuse questions without an answer."""
        asked = super().clean()
        if self.errors:
            return asked
        selects = any(asked[name] for name in ("category", "department", "layer"))
        selects = selects or asked["overdue"] is not None
        asked["baseline"] = asked["baseline"] or (Baseline.SHARE if selects else Baseline.LAND)
        if asked["baseline"] == Baseline.SHARE and not selects:
            self.add_error(
                "baseline",
                _("Pilih dulu jenis, status, atau dinas, supaya ada bagian yang dibandingkan."),
            )
        # In which of such squares a case lies was drawn by lot, so a test of them tests the lot.
        if asked["cell"] and int(asked["cell"]) < BLUR_M and self.is_blurred:
            text = _(
                "Tempat jenis ini disamarkan dalam petak %(blur)s m, jadi sel yang lebih kecil"
                " hanya menunjukkan kebetulan: pilih sel 300 m atau lebih."
            )
            self.add_error("cell", text % {"blur": BLUR_M})
        return asked

    def question(self) -> Question:
        """Put the question; the form must be valid."""
        asked = self.cleaned_data
        baseline = Baseline(asked["baseline"])
        since, until = self.period()
        if baseline is Baseline.PAST and since is None:
            since = until - WINDOW + ONE_DAY
        kind = self.facets()
        # A kind is a part of whatever else was chosen; anything else is a part of everything.
        among = {name: kind[name] for name in kind if name != "category"}
        return Question(
            baseline,
            kind,
            among if "category" in kind else {},
            since,
            until,
            cell_m=int(asked["cell"] or 300),
            level=asked["level"] or "95",
        )


class RateForm(FindingForm):
    """What rates are asked for."""

    per = _choice(Unit)

    def question(self) -> Question:
        """Put the question; the form must be valid."""
        since, until = self.period()
        return Question(Baseline.LAND, self.facets(), {}, since, until)

    @property
    def unit(self) -> Unit:
        """What reports are divided by."""
        return Unit(self.cleaned_data["per"] or Unit.KM2)
