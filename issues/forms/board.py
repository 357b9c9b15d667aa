"""What a board shows, from the address bar, and the names under which people keep it."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from geodata.models import City, Department, Jurisdiction
from issues import workflow
from issues.forms.lists import choose
from issues.forms.words import LineField
from issues.models import Category, Flag, IssueQuerySet, SavedFilter, Sighting
from issues.workflow import LAYER, OPEN, Layer, Role, Status


class _CommaCheckboxes(forms.CheckboxSelectMultiple):
    """Checkboxes whose values may also come as one, joined by commas, as the map writes them."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        values = super().value_from_datadict(data, files, name)
        return [one for value in values for one in value.split(",") if one]


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class BoardFilter(forms.Form):
    """What a board shows; all of it stands in the address bar, nothing of it is required."""

    layer = forms.MultipleChoiceField(
        label=gettext_lazy("Tahap"),
        required=False,
        choices=[(layer.slug, layer.label) for layer in Layer],
        widget=_CommaCheckboxes,
    )
    category = forms.ChoiceField(label=gettext_lazy("Jenis"), required=False)
    area = forms.ChoiceField(label=gettext_lazy("Wilayah"), required=False)
    department = forms.ChoiceField(label=gettext_lazy("Dinas"), required=False)
    overdue = forms.BooleanField(label=gettext_lazy("Lewat batas waktu"), required=False)
    unseen = forms.BooleanField(label=gettext_lazy("Belum dilihat dinas"), required=False)
    reopened = forms.BooleanField(label=gettext_lazy("Dibuka kembali"), required=False)
    mine = forms.BooleanField(label=gettext_lazy("Menunggu saya"), required=False)
    risen = forms.ChoiceField(
        label=gettext_lazy("Naik ke"),
        required=False,
        choices=[
            ("", gettext_lazy("Semua")),
            *((role.value, role.label) for role in (Role.LIAISON, Role.DISPATCHER, Role.LEADER)),
        ],
    )

    dari = forms.DateField(label=gettext_lazy("Diterima sejak"), required=False, widget=_day())
    sampai = forms.DateField(label=gettext_lazy("Diterima sampai"), required=False, widget=_day())

    def __init__(
        self,
        data: QueryDict,
        *,
        city: City,
        categories: Iterable[Category],
        areas: Iterable[Jurisdiction],
        departments: Sequence[Department],
    ) -> None:
        super().__init__(data, auto_id="filter_%s", label_suffix="")
        self.zone, self.asked = ZoneInfo(city.zone), data
        everything = ("", _("Semua"))
        choose(
            self,
            "category",
            [everything, *((one.service_code, _indented(one)) for one in categories)],
        )
        choose(self, "area", [everything, *((one.code, str(one)) for one in areas)])
        choose(
            self, "department", [everything, *((one.code, one.short_name) for one in departments)]
        )
        if len(departments) <= 1:
            del self.fields["department"]

    @property
    def statuses(self) -> list[Status]:
        """List the statuses of the layers asked for; what is open where none is."""
        slugs = self.cleaned_data.get("layer") if self.is_valid() else []
        wanted = {workflow.LAYER_BY_SLUG[slug] for slug in slugs or []}
        shown = [status for status, layer in LAYER.items() if layer in wanted]
        return shown if wanted else sorted(OPEN)

    def narrow(self, issues: IssueQuerySet) -> IssueQuerySet:
        """Keep what the filter asks for; a value that makes no sense is reported, not obeyed."""
        self.is_valid()
        asked = self.cleaned_data
        issues = issues.filter(status__in=self.statuses)
        if code := asked.get("category"):
            issues = issues.filter(
                Q(category__service_code=code) | Q(category__parent__service_code=code)
            )
        if code := asked.get("area"):
            issues = issues.filter(Q(jurisdiction__code=code) | Q(jurisdiction__parent_code=code))
        if code := asked.get("department"):
            issues = issues.filter(department__code=code)
        return self._narrow_to_the_urgent(self._narrow_to_days(issues))

    def query(self) -> str:
        """Write down what is asked for, as the address bar has it; empty where nothing is."""
        asked = self.asked.copy()
        for name in set(asked) - set(self.fields):
            del asked[name]
        for name in [name for name in asked if not any(asked.getlist(name))]:
            del asked[name]
        return str(asked.urlencode())

    def _narrow_to_days(self, issues: IssueQuerySet) -> IssueQuerySet:
        """Keep what came on the days asked for, both of them included."""
        first, last = self.cleaned_data.get("dari"), self.cleaned_data.get("sampai")
        if first:
            issues = issues.filter(received_at__gte=datetime.combine(first, time(), self.zone))
        if last:
            after = datetime.combine(last + timedelta(days=1), time(), self.zone)
            issues = issues.filter(received_at__lt=after)
        return issues

    def _narrow_to_the_urgent(self, issues: IssueQuerySet) -> IssueQuerySet:
        if self.cleaned_data.get("overdue"):
            issues = issues.overdue()
        if role := self.cleaned_data.get("risen"):
            issues = issues.filter(escalated_to=role)
        if self.cleaned_data.get("reopened"):
            issues = issues.filter(reopenings__gt=0)
        if self.cleaned_data.get("mine"):
            issues = issues.filter(status__in=(Status.ASSIGNED, Status.FIXED))
        if self.cleaned_data.get("unseen"):
            issues = issues.filter(~seen_by_its_department())
        return issues


def seen_by_its_department() -> Exists:
    """Say whether anybody of the responsible department has opened an issue."""
    return Exists(Sighting.objects.filter(issue=OuterRef("pk"), department=OuterRef("department")))


def is_flagged() -> Exists:
    """Say whether an issue has a flag that nobody of the office has looked at."""
    return Exists(Flag.objects.filter(issue=OuterRef("pk"), settled_at__isnull=True))


def _indented(category: Category) -> str:
    return f"\u00a0\u00a0{category.label}" if category.parent_id else category.label


class KeepFilterForm(forms.Form):
    """A name for what the board shows, and what that is."""

    name = LineField(label=gettext_lazy("Nama saringan"), max_length=60)
    query = forms.CharField(
        widget=forms.HiddenInput,
        max_length=SavedFilter._meta.get_field("query").max_length,  # noqa: SLF001  Django documents it
        error_messages={"required": gettext_lazy("Pilih dulu yang disaring.")},
    )
