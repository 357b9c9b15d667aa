"""Who gets a part of an issue, and who directs."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from geodata.models import Department
from issues.actions.parts import LEAST
from issues.forms.lists import choose
from issues.forms.words import TextField
from issues.models import Issue

MOST_NOTE: Final = 2000


class SplitForm(forms.Form):
    """Two departments or more, one of them directing; what each is to do; the version seen."""

    departments = forms.MultipleChoiceField(
        label=gettext_lazy("Dinas yang mengerjakan bagiannya"),
        widget=forms.CheckboxSelectMultiple,
    )
    directing = forms.ChoiceField(
        label=gettext_lazy("Dinas yang memimpin"), widget=forms.Select, required=False
    )
    note = TextField(
        label=gettext_lazy("Apa yang harus dikerjakan?"),
        help_text=gettext_lazy("Terbaca publik. Kosongkan bila sudah jelas."),
        required=False,
        max_length=MOST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, issue: Issue, departments: Sequence[Department]
    ) -> None:
        own = str(issue.department_id or "")
        super().__init__(
            data,
            initial={
                "version": issue.version,
                "directing": own,
                "departments": [own] if own else [],
            },
            label_suffix="",
        )
        self.by_key = {str(one.pk): one for one in departments}
        choices = [(key, one.name) for key, one in self.by_key.items()]
        for name, first in (("departments", ()), ("directing", (("", _("yang pertama dipilih")),))):
            choose(self, name, [*first, *choices])

    def clean_departments(self) -> list[str]:
        """Ask for two at least."""
        chosen: list[str] = self.cleaned_data["departments"]
        if len(chosen) < LEAST:
            raise forms.ValidationError(_("Pilih paling sedikit dua dinas."))
        return chosen

    def in_order(self) -> list[Department]:
        """List the departments, the one that directs first; it takes part in any case."""
        chosen = self.cleaned_data["departments"]
        first = self.cleaned_data["directing"] or chosen[0]
        return [self.by_key[key] for key in dict.fromkeys((first, *chosen))]
