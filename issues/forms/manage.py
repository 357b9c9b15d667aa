"""Shapes of the administration of places: sets of areas, and areas by hand."""

import re
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from geodata import geometry, inspection
from geodata.crs import WGS84
from geodata.errors import BadCoordinate
from geodata.models import City, Jurisdiction, Level
from issues.forms.words import LineField, TextField

MOST_CORNERS: Final = 500
LEAST_CORNERS: Final = 3
_PAIR: Final = 2
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")
DATE: Final = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
_ACCEPT: Final = ",".join(inspection.SUFFIXES)


class UploadForm(forms.Form):
    """A file of areas and where it comes from."""

    level = forms.TypedChoiceField(
        label=gettext_lazy("Tingkat"), choices=Level.choices, initial=Level.VILLAGE, coerce=int
    )
    file = forms.FileField(
        label=gettext_lazy("Berkas"),
        help_text=gettext_lazy(
            "GeoJSON, GeoPackage, atau shapefile dalam zip; paling besar 50 MB."
        ),
        widget=forms.FileInput(attrs={"accept": _ACCEPT}),
    )
    source = LineField(
        label=gettext_lazy("Sumber"),
        max_length=300,
        help_text=gettext_lazy("Siapa pembuatnya, mis. Perda 3/2026 atau BIG RBI 2025."),
    )
    licence = LineField(label=gettext_lazy("Lisensi"), max_length=200, required=False)
    source_date = forms.DateField(label=gettext_lazy("Tanggal data"), required=False, widget=DATE)
    dataset = LineField(
        label=gettext_lazy("Nama kumpulan"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("Hanya bila kawasan atau tetangga punya beberapa sumber."),
    )
    crs = LineField(
        label=gettext_lazy("CRS"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("Hanya bila berkas tidak menyebutnya, mis. EPSG:32750."),
    )
    slivers = forms.BooleanField(
        label=gettext_lazy("Terima celah dan tumpang tindih yang kecil dan sempit"), required=False
    )

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, label_suffix="")

    def clean_file(self) -> Any:
        """Refuse by name and size before anything reads the file."""
        file = self.cleaned_data["file"]
        if not str(file.name).lower().endswith(inspection.SUFFIXES):
            kinds = ", ".join(inspection.SUFFIXES)
            raise forms.ValidationError(_("Yang dibaca: %(kinds)s.") % {"kinds": kinds})
        if file.size > inspection.MAX_BYTES:
            raise forms.ValidationError(inspection.too_large())
        return file


class PublishForm(forms.Form):
    """When a proposal begins to count; empty is now."""

    at = forms.DateTimeField(
        label=gettext_lazy("Terbit pada (kosong: sekarang)"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=gettext_lazy("Waktu setempat kota ini."),
    )

    def __init__(self, data: Any = None, *, city: City) -> None:
        super().__init__(data, label_suffix="")
        self.city = city

    def clean_at(self) -> datetime | None:
        """Read the local time in the city's zone; it lies in the future."""
        at: datetime | None = self.cleaned_data["at"]
        if at is None:
            return None
        local = timezone.make_naive(at) if timezone.is_aware(at) else at
        instant = local.replace(tzinfo=ZoneInfo(self.city.zone))
        if instant <= timezone.now():
            raise forms.ValidationError(_("Waktu itu sudah lewat."))
        return instant


class AreaForm(forms.Form):
    """A special area by the corners of its outline."""

    code = LineField(
        label=gettext_lazy("Kode"),
        max_length=30,
        help_text=gettext_lazy("Huruf, angka dan tanda hubung, mis. pasar-badung."),
    )
    name = LineField(label=gettext_lazy("Nama"), max_length=120)
    kind = LineField(
        label=gettext_lazy("Jenis"),
        max_length=30,
        required=False,
        help_text=gettext_lazy("Mis. pasar, pelabuhan, kawasan wisata."),
    )
    corners = TextField(
        label=gettext_lazy("Sudut-sudutnya"),
        help_text=gettext_lazy(
            "Satu sudut per baris: lintang, bujur dalam derajat, mis. -8.65612, 115.21234. "
            "Ketuk peta untuk menambah sudut, seret untuk menggeser."
        ),
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "inputmode": "text"}),
    )

    def __init__(self, data: Any = None, *, city: City, area: Jurisdiction | None = None) -> None:
        initial = _drawn(area) if area else {}
        super().__init__(data, initial=initial, label_suffix="")
        self.city, self.area = city, area
        if area:
            self.fields["code"].disabled = True

    def clean_code(self) -> str:
        """Keep codes of special areas apart."""
        code = plain_code(self, is_new=self.area is None)
        taken = Jurisdiction.objects.current().filter(
            city=self.city, level=Level.SPECIAL, code=code
        )
        if self.area is None and taken.exists():
            raise forms.ValidationError(_("Kode ini sudah dipakai kawasan lain."))
        return code

    def clean_corners(self) -> MultiPolygon:
        """Make the polygon of checked numbers; it must be valid and lie in the city's box."""
        lines = [line for line in self.cleaned_data["corners"].splitlines() if line.strip()]
        if not LEAST_CORNERS <= len(lines) <= MOST_CORNERS:
            words = _("Sebuah kawasan punya %(least)d sampai %(most)d sudut.")
            raise forms.ValidationError(words % {"least": LEAST_CORNERS, "most": MOST_CORNERS})
        points = [_corner(number, line) for number, line in enumerate(lines, start=1)]
        ring = [(point.x, point.y) for point in points]
        shape = Polygon([*ring, ring[0]], srid=WGS84)
        if not shape.valid or not shape.area:
            raise forms.ValidationError(_("Garis batasnya memotong dirinya sendiri."))
        west, south, east, north = self.city.extent
        home = Polygon.from_bbox((west, south, east, north))
        if not home.intersects(Polygon([*ring, ring[0]])):
            raise forms.ValidationError(_("Kawasan ini di luar kota."))
        return MultiPolygon(shape, srid=WGS84)

    @property
    def is_simple(self) -> bool:
        """Whether the area has one outline without holes, so that its corners say all of it."""
        shape = self.area.area if self.area else None
        return shape is None or (len(shape) == 1 and len(shape[0]) == 1)


def plain_code(form: forms.Form, *, is_new: bool) -> str:
    """Take a code as it is where it stands already; a new one is plain."""
    code: str = form.cleaned_data["code"]
    if is_new and not _CODE.fullmatch(code):
        raise forms.ValidationError(_("Hanya huruf, angka, titik dan tanda hubung."))
    return code


def _drawn(area: Jurisdiction) -> dict[str, Any]:
    ring = area.area[0][0].coords[:-1]
    corners = "\n".join(f"{lat:.6f}, {lon:.6f}" for lon, lat in ring)
    return {"code": area.code, "name": area.name, "kind": area.kind, "corners": corners}


def _corner(number: int, line: str) -> Point:
    """Read `lat, lon`.

    Raises:
        ValidationError: the line is no place on earth.
    """
    found = line.replace(";", ",").split(",") if "," in line else line.split()
    lat, lon = (part.strip() for part in found) if len(found) == _PAIR else ("", "")
    try:
        return geometry.point(lon, lat)
    except BadCoordinate:
        words = _("Baris %(number)d bukan lintang, bujur: %(line)s")
        raise forms.ValidationError(words % {"number": number, "line": line[:60]}) from None
