"""Templates of replies: filled for an issue, and written by administrators."""

import re
from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from geodata.models import City, Department
from issues.forms.desk import StepForm
from issues.forms.lists import choose
from issues.forms.words import LineField, TextField
from issues.models import Category, Issue, ReplyTemplate
from issues.workflow import REPORTER_NOTES, Step

PLACEHOLDERS: Final = ("nomor", "jenis", "tempat", "dinas", "tenggat")
STEPS: Final = [(step, step.label) for step in Step if step in REPORTER_NOTES]
_PLAIN: Final = ("step", "name", "text", "active")
_BRACED: Final = re.compile(r"\{([^{}]*)\}")


def filled(text: str, issue: Issue) -> str:
    """Put what an issue says into a template's placeholders; others stay as they stand."""
    words = {
        "nomor": issue.number,
        "jenis": issue.category.label,
        "tempat": issue.place or str(issue.jurisdiction or ""),
        "dinas": issue.department.name if issue.department else "",
        "tenggat": date_format(timezone.localtime(issue.due_at), "j F Y"),
    }
    return _BRACED.sub(lambda found: words.get(found.group(1), found.group(0)), text)


def offer(forms_by_step: Mapping[Any, StepForm], issue: Issue) -> None:
    """Give each form of a page its templates, filled for the issue; one statement."""
    rows = list(ReplyTemplate.objects.fitting(issue).filter(step__in=list(forms_by_step)))
    for step, form in forms_by_step.items():
        form.templates = [
            {"name": row.name, "text": filled(row.text, issue)} for row in rows if row.step == step
        ]


class ReplyForm(forms.Form):
    """One template: for which step, kind and department, its name and its words."""

    step = forms.ChoiceField(label=gettext_lazy("Langkah"), choices=STEPS)
    category = forms.ChoiceField(label=gettext_lazy("Jenis"), required=False)
    department = forms.ChoiceField(label=gettext_lazy("Dinas"), required=False)
    name = LineField(label=gettext_lazy("Nama"), max_length=80)
    text = TextField(
        label=gettext_lazy("Teks"),
        help_text=gettext_lazy("Isian: {nomor} {jenis} {tempat} {dinas} {tenggat}"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    active = forms.BooleanField(label=gettext_lazy("Dipakai"), required=False, initial=True)

    def __init__(self, data: Any = None, *, city: City, row: ReplyTemplate | None = None) -> None:
        initial = {} if row is None else {name: getattr(row, name) for name in _PLAIN}
        if row is not None:
            initial |= {
                "category": row.category.service_code if row.category else "",
                "department": row.department.code if row.department else "",
            }
        super().__init__(data, initial=initial, label_suffix="")
        self.city, self.row = city, row
        everything = ("", _("semua"))
        kinds = Category.objects.filter(city=city, active=True).order_by("service_code")
        self.kinds = {one.service_code: one for one in kinds}
        bodies = Department.objects.filter(city=city, active=True)
        self.departments = {one.code: one for one in bodies}
        choose(self, "category", [everything, *((k, one.label) for k, one in self.kinds.items())])
        choose(
            self,
            "department",
            [everything, *((k, one.short_name) for k, one in self.departments.items())],
        )

    def clean_text(self) -> str:
        """Refuse a placeholder that nothing fills."""
        text: str = self.cleaned_data["text"]
        unknown = sorted({name for name in _BRACED.findall(text) if name not in PLACEHOLDERS})
        if unknown:
            raise forms.ValidationError(
                _("Isian tidak dikenal: %(names)s") % {"names": ", ".join(unknown)}
            )
        return text

    def clean(self) -> dict[str, Any]:
        """Refuse a name that another template of the same place has."""
        given = self.cleaned_data
        twin = ReplyTemplate.objects.filter(
            city=self.city,
            step=given.get("step"),
            name=given.get("name"),
            category=self.kinds.get(given.get("category", "")),
            department=self.departments.get(given.get("department", "")),
        )
        if self.row is not None:
            twin = twin.exclude(pk=self.row.pk)
        if twin.exists():
            self.add_error("name", _("Nama ini sudah dipakai untuk langkah itu."))
        return given

    def values(self) -> dict[str, Any]:
        """Return the columns of a valid form."""
        given = self.cleaned_data
        return {
            **{name: given[name] for name in _PLAIN},
            "category": self.kinds.get(given["category"]),
            "department": self.departments.get(given["department"]),
        }
