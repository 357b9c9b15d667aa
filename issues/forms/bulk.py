"""One decision on many issues of a queue: which, what, to whom, why."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from geodata.models import Department
from issues.forms.desk import MAX_NOTE
from issues.forms.lists import choose
from issues.forms.words import TextField

MOST: Final = 100
"""So many issues are decided in one press."""


class Deed(TextChoices):
    """What can be done to many at once."""

    SEND = "send", gettext_lazy("Verifikasi dan teruskan ke usulan rute")
    ASSIGN = "assign", gettext_lazy("Disposisikan ke dinas")
    REJECT = "reject", gettext_lazy("Tolak dengan alasan")
    CONFIDE = "confide", gettext_lazy("Jadikan rahasia")
    HIDE = "hide", gettext_lazy("Sembunyikan dari publik")


REASONED: Final = frozenset({Deed.REJECT, Deed.CONFIDE, Deed.HIDE})


class BulkForm(forms.Form):
    """What to do to the chosen issues; the numbers come beside it."""

    do = forms.ChoiceField(label=gettext_lazy("Keputusan"), choices=Deed.choices)
    department = forms.ChoiceField(label=gettext_lazy("Dinas"), required=False)
    note = TextField(
        label=gettext_lazy("Alasan"),
        required=False,
        max_length=MAX_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, data: Any = None, *, departments: Sequence[Department]) -> None:
        super().__init__(data, auto_id="bulk_%s", label_suffix="")
        self.by_key = {str(one.pk): one for one in departments}
        choose(
            self,
            "department",
            [
                ("", _("Pilih dinas")),
                *((key, one.name) for key, one in self.by_key.items()),
            ],
        )

    def clean(self) -> dict[str, Any]:
        """Ask for a department or a reason where the decision takes one."""
        values = super().clean() or {}
        do = values.get("do")
        if do == Deed.ASSIGN and not values.get("department"):
            self.add_error("department", _("Pilih dinas yang menerima."))
        if do in REASONED and not values.get("note"):
            self.add_error("note", _("Tulis alasannya."))
        return values

    @property
    def deed(self) -> Deed:
        """What is to be done; the form must be valid."""
        return Deed(self.cleaned_data["do"])

    @property
    def receiver(self) -> Department | None:
        """To whom; None where the decision needs none."""
        return self.by_key.get(self.cleaned_data["department"])


def seen_versions(pairs: Sequence[str]) -> dict[str, int]:
    """Read which version of each issue a preview showed, from `NUMBER:VERSION`; at most a hundred.

    What makes no sense is left out.
    """
    split = (pair.rpartition(":") for pair in pairs[:MOST])
    return {
        number.upper(): int(version)
        for number, _colon, version in split
        if number and version.isdecimal()
    }
