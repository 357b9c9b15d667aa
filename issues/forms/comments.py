"""A comment on a public page, and what the city does with those that wait."""

import re
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from issues.forms.words import LineField, TextField

MOST_LETTERS: Final = 1000
LEAST_LETTERS: Final = 2
_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class CommentForm(forms.Form):
    """What somebody says about an issue, and what they want to be called."""

    uuid = forms.UUIDField(widget=forms.HiddenInput)
    text = TextField(
        min_length=LEAST_LETTERS,
        max_length=MOST_LETTERS,
        label=_("Komentar Anda"),
        help_text=_("Tanpa nama orang, nomor telepon, atau alamat rumah: semua orang membacanya."),
        error_messages={"required": _("Tulis komentar Anda.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    name = LineField(
        required=False,
        max_length=60,
        label=_("Nama yang tampil"),
        help_text=_("Boleh nama samaran, boleh kosong."),
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )
    proof = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)
    website = forms.CharField(
        required=False,
        label=_("Biarkan kosong"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )


class JudgeForm(forms.Form):
    """Which comments are shown or refused: one by its own button, or all that are ticked.

    A button says `tampil` or `tolak`, with an id after a colon where it is one comment's own.
    """

    putusan = forms.RegexField(r"^(tampil|tolak)(:[0-9a-f-]{36})?\Z")
    samarkan = forms.BooleanField(required=False)

    @property
    def shown(self) -> bool:
        """Whether they are shown."""
        return str(self.cleaned_data["putusan"]).startswith("tampil")

    def chosen(self, ticked: Iterable[str]) -> list[UUID]:
        """List whom it is about; what is no id is nobody."""
        one = str(self.cleaned_data["putusan"]).partition(":")[2]
        return [UUID(text) for text in ([one] if one else ticked) if _ID.fullmatch(text)]
