"""Shapes of a city's configuration as files: the upload, and the decision after the look."""

from django import forms
from django.utils.translation import gettext_lazy as _

from issues.forms.words import LineField


class ImportForm(forms.Form):
    """A ZIP to look at."""

    file = forms.FileField(
        label=_("Berkas"),
        help_text=_("ZIP dari halaman ini atau dari kota lain dengan nama kota yang sama."),
        widget=forms.FileInput(attrs={"accept": ".zip"}),
    )


class ApplyForm(forms.Form):
    """The looked-at files, signed, and why they are brought in."""

    sealed = forms.CharField(widget=forms.HiddenInput, max_length=2_000_000)
    reason = LineField(label=_("Alasan"), max_length=400)
