"""What somebody asks of the trail: which list, which days, whose deeds, which issue."""

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy

from geodata.models import City
from issues.forms.words import LineField

if TYPE_CHECKING:
    from django.http import QueryDict

LISTS: Final = {
    "akses": gettext_lazy("Pembukaan identitas dan asli"),
    "konfigurasi": gettext_lazy("Perubahan hak dan konfigurasi"),
    "peristiwa": gettext_lazy("Langkah pada laporan"),
}
"""The lists of the trail by their name in the address bar."""


def _day(label: Any) -> forms.DateField:
    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget)


class TrailForm(forms.Form):
    """The filters above the trail; what is not filled in narrows nothing."""

    dari = _day(gettext_lazy("Dari tanggal"))
    sampai = _day(gettext_lazy("Sampai tanggal"))
    siapa = LineField(label=gettext_lazy("Oleh (nama atau surel)"), max_length=120, required=False)
    tentang = LineField(
        label=gettext_lazy("Nomor laporan atau nama objek"), max_length=120, required=False
    )

    def __init__(self, data: "QueryDict", *, city: City) -> None:
        super().__init__(data)
        self.zone = ZoneInfo(city.zone)

    def since(self) -> datetime | None:
        """Return the first instant that is asked for, in the city's days."""
        return self._instant("dari", timedelta())

    def until(self) -> datetime | None:
        """Return the first instant that is no longer asked for."""
        return self._instant("sampai", timedelta(days=1))

    def _instant(self, name: str, more: timedelta) -> datetime | None:
        day = self.cleaned_data.get(name)
        return datetime.combine(day + more, time(), self.zone) if day else None
