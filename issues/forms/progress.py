"""Which days the page of progress speaks of, and in which order its tables stand."""

from datetime import date, timedelta
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from issues.progress import Period

ORDERS: Final = {
    "overdue": gettext_lazy("lewat batas waktu"),
    "received": gettext_lazy("masuk"),
    "open": gettext_lazy("terbuka"),
    "on_time": gettext_lazy("tepat waktu"),
    "median": gettext_lazy("hari kerja sampai selesai"),
    "reopened": gettext_lazy("dibuka kembali"),
}
_YEAR: Final = timedelta(days=364)
_MOST: Final = timedelta(days=366 * 20)


class ProgressForm(forms.Form):
    """A period of receipt; the last year where none is given."""

    dari = forms.DateField(
        label=gettext_lazy("Dari"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    sampai = forms.DateField(
        label=gettext_lazy("Sampai"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    urut = forms.ChoiceField(
        label=gettext_lazy("Urutkan menurut"), required=False, choices=list(ORDERS.items())
    )

    def __init__(self, data: Any, *, today: date) -> None:
        super().__init__(data, label_suffix="")
        self.today = today

    def clean(self) -> dict[str, Any]:
        """Fill in what was left out; refuse what lies in the future or ends before it begins."""
        given = self.cleaned_data
        last = given.get("sampai") or self.today
        first = given.get("dari") or last - _YEAR
        if last > self.today:
            self.add_error("sampai", _("Hari itu belum tiba."))
        elif first > last:
            self.add_error("sampai", _("Akhir harus sesudah awal."))
        elif last - first > _MOST:
            self.add_error("dari", _("Paling lama dua puluh tahun."))
        given["period"] = Period(first, last)
        return given

    @property
    def period(self) -> Period:
        """The days asked for; the last year where they make no sense."""
        if self.is_valid():
            found: Period = self.cleaned_data["period"]
            return found
        return Period(self.today - _YEAR, self.today)

    @property
    def order(self) -> str:
        """By which column the tables are sorted."""
        return (self.cleaned_data.get("urut") if self.is_valid() else "") or "overdue"
