"""What a reporter writes afterwards: a number, a secret, an answer."""

import re
from typing import Final

from django import forms
from django.utils.translation import gettext_lazy

from issues.forms.words import LineField, MailField, TextField
from issues.workflow import Step

REPLIES: Final = (
    Step.ANSWER,
    Step.VALIDATE,
    Step.REOPEN,
    Step.WITHDRAW,
    Step.ATTACH,
    Step.ADD,
    Step.RATE,
)
"""The steps that a reporter takes on their own page."""

_NUMBER: Final = re.compile(r"^([A-Z]{2,5})\W*(\d{2})\W*(\d{1,9})$")
_DIGITS: Final = 6


class NumberForm(forms.Form):
    """The human number of a report: opens what is public of it."""

    nomor = LineField(
        max_length=24,
        label=gettext_lazy("Nomor laporan"),
        help_text=gettext_lazy("Contoh: DPS-26-000123"),
        error_messages={"required": gettext_lazy("Tulis nomor laporan.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )

    def clean_nomor(self) -> str:
        """Write a number as it was given out, however it was typed."""
        typed: str = self.cleaned_data["nomor"].upper()
        match = _NUMBER.match(typed)
        if not match:
            return typed
        prefix, year, count = match.groups()
        return f"{prefix}-{year}-{count.zfill(_DIGITS)}"


class SecretForm(forms.Form):
    """The secret of a report, or the whole tracking link that holds it."""

    rahasia = LineField(
        max_length=400,
        label=gettext_lazy("Tautan rahasia"),
        help_text=gettext_lazy(
            "Tempel seluruh tautan dari tanda terima, atau kode sesudah tanda #."
        ),
        error_messages={"required": gettext_lazy("Tempel tautan atau kode rahasia Anda.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )

    def clean_rahasia(self) -> str:
        """Take the secret out of a pasted link."""
        return str(self.cleaned_data["rahasia"]).rsplit("#", 1)[-1].strip()


class ReplyForm(forms.Form):
    """One step of the reporter, with its words; `version` is what they were looking at."""

    step = forms.TypedChoiceField(choices=[(step, step.label) for step in REPLIES], coerce=Step)
    version = forms.IntegerField(min_value=0)
    note = TextField(required=False, max_length=2000)
    stars = forms.IntegerField(required=False, min_value=1, max_value=5)


class ContactForm(forms.Form):
    """How to reach a reporter; everything may be empty."""

    name = LineField(
        required=False,
        max_length=120,
        label=gettext_lazy("Nama"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = MailField(
        required=False,
        label=gettext_lazy("Surel"),
        help_text=gettext_lazy("Alamat baru berlaku sesudah Anda mengetik kode yang kami kirim."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = LineField(
        required=False,
        max_length=30,
        label=gettext_lazy("Telepon"),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
