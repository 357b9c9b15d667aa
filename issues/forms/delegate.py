"""Who of a department does the work."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from issues.forms.lists import choose
from issues.forms.words import TextField
from issues.models import Issue, Membership, Unit, User
from issues.workflow import Role


class DelegateForm(forms.Form):
    """A unit or a person of the issue's department, and what is to be done."""

    to = forms.ChoiceField(label=gettext_lazy("Kepada"), required=False)
    note = TextField(
        label=gettext_lazy("Perintah kerja (boleh kosong)"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, issue: Issue) -> None:
        self.units = {
            f"u{one.pk}": one
            for one in Unit.objects.filter(department=issue.department_id, active=True)
        }
        working = Membership.objects.current().filter(
            department=issue.department_id, role__in=(Role.CREW, Role.LIAISON)
        )
        rows = working.filter(user__is_active=True).select_related("user", "unit")
        self.people = {f"p{one.user_id}": one.user for one in rows.order_by("user__first_name")}
        now = f"p{issue.assignee_id}" if issue.assignee_id else f"u{issue.unit_id or ''}"
        initial = {"version": issue.version, "to": now if now != "u" else ""}
        super().__init__(data, initial=initial, auto_id="delegate_%s", label_suffix="")
        choose(
            self,
            "to",
            [
                ("", _("seluruh dinas")),
                (_("Unit"), [(key, one.name) for key, one in self.units.items()]),
                (
                    _("Orang"),
                    [(key, one.get_full_name() or one.email) for key, one in self.people.items()],
                ),
            ],
        )

    def chosen(self) -> tuple[Unit | None, User | None]:
        """Return the unit and the person of a valid form."""
        given = self.cleaned_data["to"]
        return self.units.get(given), self.people.get(given)
