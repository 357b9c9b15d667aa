"""The shape of a reason: why somebody wants to see who reported, or the original."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy

from issues.forms.words import TextField
from issues.models import Access

if TYPE_CHECKING:
    from django.http import QueryDict

MAX_REASON = 400


class ReasonForm(forms.Form):
    """What shall be opened, what for, and the reason in one's own words."""

    kind = forms.ChoiceField(choices=Access.Kind.choices, widget=forms.HiddenInput)
    purpose = forms.ChoiceField(
        label=gettext_lazy("Keperluan"),
        choices=[("", gettext_lazy("Pilih keperluan")), *Access.Purpose.choices],
    )
    reason = TextField(
        label=gettext_lazy("Alasan"),
        max_length=MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Tercatat dengan nama Anda dan dapat diperiksa administrator."),
    )

    def __init__(self, data: "QueryDict | None" = None, *, kind: str) -> None:
        given: dict[str, Any] = {"kind": kind}
        super().__init__(data, initial=given, auto_id=f"{kind}_%s")
