"""What staff say of a known outage: what, where, how long, and the words for everybody."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from django import forms
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Polygon
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from geodata.crs import WGS84
from geodata.models import City, Jurisdiction
from issues.actions import Announcement
from issues.forms.follow import ShapeField, fitting
from issues.forms.lists import choose
from issues.forms.words import LineField, TextField
from issues.models import Category

MOST_WORDS: Final = 1000
_LOCAL: Final = "%Y-%m-%dT%H:%M"


def _moment() -> forms.DateTimeInput:
    return forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_LOCAL)


class OutageForm(forms.Form):
    """An announcement; its area is some villages, a drawing, or both."""

    uuid = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    service_code = forms.ChoiceField(label=gettext_lazy("Masalah yang akan dilaporkan warga"))
    villages = forms.MultipleChoiceField(
        label=gettext_lazy("Desa/kelurahan yang terkena"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    shape = ShapeField(required=False, label=gettext_lazy("Daerah di peta"))
    places = LineField(
        label=gettext_lazy("Daerahnya dalam kata-kata"),
        help_text=gettext_lazy("Misalnya nama jalan atau banjar. Kosongkan untuk nama desa saja."),
        required=False,
        max_length=200,
    )
    message = TextField(
        label=gettext_lazy("Pengumuman untuk semua orang"),
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    starts_at = forms.DateTimeField(label=gettext_lazy("Mulai"), widget=_moment())
    ends_at = forms.DateTimeField(
        label=gettext_lazy("Perkiraan selesai"), required=False, widget=_moment()
    )

    def __init__(
        self, data: Any = None, *, city: City, villages: Sequence[Jurisdiction] = ()
    ) -> None:
        super().__init__(data, initial={"starts_at": timezone.localtime()}, label_suffix="")
        self.city = city
        self.by_code = {one.code: one for one in villages}
        leaves = Category.objects.filter(
            city=city, active=True, children__isnull=True, confidential=False
        )
        kinds = [(one.service_code, one.label) for one in leaves]
        choose(self, "service_code", [("", _("Pilih jenis")), *kinds])
        choose(self, "villages", [(code, str(one)) for code, one in self.by_code.items()])

    def clean(self) -> dict[str, Any]:
        """Ask for an area, and for an end after the beginning."""
        given = self.cleaned_data
        if given.get("shape") is not None:
            try:
                fitting(given["shape"], self.city)
            except ValidationError as error:
                self.add_error("shape", error)
        elif not given.get("villages") and "shape" not in self.errors:
            self.add_error("villages", _("Pilih desa/kelurahan, atau gambar daerahnya di peta."))
        starts, ends = given.get("starts_at"), given.get("ends_at")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", _("Selesai harus sesudah mulai."))
        return given

    def announcement(self) -> Announcement:
        """Make the announcement of a valid form."""
        given = self.cleaned_data
        chosen = [self.by_code[code] for code in given["villages"]]
        names = ", ".join(str(one) for one in chosen)
        return Announcement(
            uuid=given["uuid"],
            service_code=given["service_code"],
            area=_together([*(one.area for one in chosen), given["shape"]]),
            places=(given["places"] or names or _("daerah di peta"))[:300],
            message=given["message"],
            starts_at=given["starts_at"],
            ends_at=given["ends_at"],
        )


def _together(shapes: Sequence[GEOSGeometry | None]) -> MultiPolygon:
    """Unite polygons (EPSG:4326) to one area."""
    found = [shape for shape in shapes if shape is not None]
    area = found[0]
    for shape in found[1:]:
        area = area.union(shape)
    parts = [area] if isinstance(area, Polygon) else list(area)  # type: ignore[call-overload]
    return MultiPolygon(*parts, srid=WGS84)


class EndForm(forms.Form):
    """When an outage should be over; `now` ends it."""

    ends_at = forms.DateTimeField(
        label=gettext_lazy("Perkiraan selesai"), required=False, widget=_moment()
    )
    now = forms.BooleanField(required=False)

    def moment(self) -> datetime | None:
        """Return the new end; None: not known."""
        given: datetime | None = self.cleaned_data["ends_at"]
        return timezone.now() if self.cleaned_data["now"] else given
