"""What somebody wants to follow and how: from a form into a wish, every place checked."""

import json
import math
from collections.abc import Iterable
from typing import Any, Final

from django import forms
from django.contrib.gis.geos import GEOSException, Polygon
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from geodata import streets
from geodata.crs import WGS84
from geodata.models import City, Jurisdiction, Level
from issues import actions
from issues.forms.words import LineField, MailField
from issues.models import Category, PublicDetail, PublicIssueQuerySet, Subscription

MOST_CORNERS: Final = 200
MOST_KM2: Final = 60.0
LEAST_M2: Final = 100.0
_MOST_LETTERS: Final = 12_000
_LEAST_CORNERS: Final = 3
_CIRCLE_CORNERS: Final = 32
_M_PER_DEGREE: Final = 111_320.0
RADII_M: Final = (200, 500, 1000, 2000)
Kind = Subscription.Kind


class ShapeField(forms.Field):
    """A drawing as JSON: corners `[[lon, lat], …]`, degrees, EPSG:4326, not closed."""

    def to_python(self, value: Any) -> Polygon | None:
        """Read 3 to 200 finite corners and close the ring."""
        if not value:
            return None
        corners = _corners(str(value))
        if not _LEAST_CORNERS <= len(corners) <= MOST_CORNERS:
            raise ValidationError(
                _("Gambar perlu 3 sampai %(most)d titik.") % {"most": MOST_CORNERS}
            )
        return polygon(corners)


def _corners(text: str) -> list[tuple[float, float]]:
    """Read corners and nothing else.

    Raises:
        ValidationError: too long, no JSON, no pairs of numbers, not finite, or off the globe.
    """
    unreadable = ValidationError(_("Gambar tidak dapat dibaca. Gambar ulang di peta."))
    if len(text) > _MOST_LETTERS:
        raise unreadable
    try:
        pairs = [tuple(pair) for pair in json.loads(text)]
        corners = [(_degrees(lon, 180.0), _degrees(lat, 90.0)) for lon, lat in pairs]
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise unreadable from None
    return corners[:-1] if len(corners) > 1 and corners[0] == corners[-1] else corners


def _degrees(number: object, most: float) -> float:
    """Take a number, not a text or a switch.

    Raises:
        ValueError: none, or out of range.
    """
    if not isinstance(number, int | float) or isinstance(number, bool):
        raise ValueError  # noqa: TRY004  told as any other unreadable drawing
    if not (math.isfinite(number) and abs(number) <= most):
        raise ValueError
    return float(number)


def polygon(corners: Iterable[tuple[float, float]]) -> Polygon:
    """Close a ring of corners.

    Raises:
        ValidationError: its lines cross, or it has no inside.
    """
    ring = list(corners)
    crossed = ValidationError(_("Garis gambar saling bersilang. Gambar ulang tanpa bersilang."))
    try:
        shape = Polygon([*ring, ring[0]], srid=WGS84)
    except (GEOSException, ValueError):
        raise crossed from None
    if not shape.valid or shape.area <= 0:
        raise crossed
    return shape


def circle(lon: float, lat: float, radius_m: float) -> Polygon:
    """Draw a circle around a place as a polygon of 32 corners."""
    north = radius_m / _M_PER_DEGREE
    east = north / math.cos(math.radians(lat))
    turns = [2 * math.pi * step / _CIRCLE_CORNERS for step in range(_CIRCLE_CORNERS)]
    return polygon((lon + east * math.cos(at), lat + north * math.sin(at)) for at in turns)


class FollowForm(forms.Form):
    """One thing to follow. `apa` says which field counts; the names are those of the address."""

    apa = forms.ChoiceField(choices=Kind.choices, label=gettext_lazy("Apa yang ingin diikuti?"))
    laporan = LineField(required=False, max_length=24, label=gettext_lazy("Nomor laporan"))
    jenis = LineField(required=False, max_length=60, label=gettext_lazy("Jenis masalah"))
    wilayah = LineField(
        required=False, max_length=30, label=gettext_lazy("Desa, kelurahan, atau kecamatan")
    )
    jalan = LineField(required=False, max_length=160, label=gettext_lazy("Nama jalan"))
    bentuk = ShapeField(required=False)
    tempat = LineField(
        required=False,
        max_length=120,
        label=gettext_lazy("Atau lingkaran di sekitar tempat"),
        help_text=gettext_lazy("Nama tempat atau jalan, tanpa menggambar."),
    )
    jarak = forms.TypedChoiceField(
        required=False,
        coerce=int,
        empty_value=None,
        choices=[(metres, f"{metres} m") for metres in RADII_M],
        label=gettext_lazy("Sejauh"),
        initial=500,
    )
    seberapa = forms.ChoiceField(
        choices=Subscription.Frequency.choices, label=gettext_lazy("Seberapa sering?")
    )
    surel = MailField(
        required=False,
        max_length=254,
        label=gettext_lazy("Alamat surel"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    lewat_surel = forms.BooleanField(required=False, label=gettext_lazy("Surel"))
    perangkat = forms.BooleanField(
        required=False, label=gettext_lazy("Notifikasi di perangkat ini")
    )
    telepon = forms.BooleanField(required=False, label=gettext_lazy("Pesan ke telepon saya"))

    def __init__(self, data: Any = None, *, city: City, address: str = "", **more: Any) -> None:
        """Make the form of a city.

        Args:
            data: as sent.
            city: whose places and kinds.
            address: the mail address of whoever is known; then none needs to be typed.
            more: as Django's form.
        """
        super().__init__(data, **more)
        self.city = city
        self.address = address

    def clean_surel(self) -> str:
        """Write an address in small letters."""
        return str(self.cleaned_data["surel"]).lower()

    def clean(self) -> dict[str, Any]:
        """Find the one target, and see that a way is chosen."""
        given = super().clean() or self.cleaned_data
        if "apa" in given:
            self._find(given, given["apa"])
        if not (given.get("surel") or given.get("perangkat") or given.get("telepon")) and not (
            self.address and given.get("lewat_surel")
        ):
            self.add_error("surel", _("Tulis alamat surel, atau pilih cara lain."))
        return given

    def _find(self, given: dict[str, Any], kind: str) -> None:
        finders = {
            Kind.ISSUE: self._issue,
            Kind.CATEGORY: self._category,
            Kind.AREA: self._area,
            Kind.STREET: self._street,
            Kind.SHAPE: self._shape,
        }
        self.target: dict[str, Any] = {}
        if kind in finders:
            finders[Kind(kind)](given)

    def _issue(self, given: dict[str, Any]) -> None:
        number = given.get("laporan", "").upper()
        found = PublicDetail.objects.filter(city=self.city, number=number).first()
        if found is None:
            self.add_error("laporan", _("Tidak ada laporan publik bernomor itu."))
            return
        self.target["issue"] = found.issue

    def _category(self, given: dict[str, Any]) -> None:
        code = given.get("jenis", "")
        found = Category.objects.filter(city=self.city, service_code=code).first()
        if found is None:
            self.add_error("jenis", _("Pilih jenis masalah."))
            return
        self.target["category"] = found

    def _area(self, given: dict[str, Any]) -> None:
        code = given.get("wilayah", "")
        areas = Jurisdiction.objects.filter(
            city=self.city, code=code, level__in=(Level.DISTRICT, Level.VILLAGE)
        )
        if not code or not areas.exists():
            self.add_error("wilayah", _("Pilih wilayah."))
            return
        self.target["area_code"] = code

    def _street(self, given: dict[str, Any]) -> None:
        found = streets.search(given.get("jalan", ""), city=self.city) if given.get("jalan") else []
        named = [place.name for place in found if place.kind == "street"]
        if not named:
            self.add_error("jalan", _("Jalan itu tidak kami kenal. Periksa ejaannya."))
            return
        self.target["street"] = named[0]

    def _shape(self, given: dict[str, Any]) -> None:
        field = "tempat" if given.get("tempat") and not given.get("bentuk") else "bentuk"
        try:
            shape = self._around(given) if field == "tempat" else given.get("bentuk")
            self.target["shape"] = fitting(shape, self.city)
        except ValidationError as error:
            if field not in self.errors and "bentuk" not in self.errors:
                self.add_error(field, error)

    def _around(self, given: dict[str, Any]) -> Polygon:
        found = streets.search(given["tempat"], city=self.city)
        if not found:
            raise ValidationError(_("Tempat itu tidak ditemukan. Coba nama jalan atau desa."))
        return circle(found[0].lon, found[0].lat, float(given.get("jarak") or 500))

    def wish(self, *, email: bool = False, push: bool = False, phone: bool = False) -> actions.Wish:
        """Say it as the action takes it; the form must be valid."""
        return actions.Wish(
            kind=Kind(self.cleaned_data["apa"]),
            frequency=Subscription.Frequency(self.cleaned_data["seberapa"]),
            by_email=email,
            by_push=push,
            by_phone=phone,
            **self.target,
        )


def fitting(shape: Polygon | None, city: City) -> Polygon:
    """See that a drawing lies in the city and is neither a dot nor half an island.

    Raises:
        ValidationError: it does not.
    """
    if shape is None:
        raise ValidationError(_("Gambar dulu daerahnya di peta, atau tulis nama tempat."))
    west, south, east, north = city.extent
    for lon, lat in shape.exterior_ring:
        if not (west <= lon <= east and south <= lat <= north):
            raise ValidationError(_("Gambar keluar dari %(city)s.") % {"city": city.name})
    flat = shape.transform(city.metric_srid, clone=True)
    if flat.area > MOST_KM2 * 1e6:
        raise ValidationError(
            _("Gambar terlalu luas: paling luas %(most)d km².") % {"most": MOST_KM2}
        )
    if flat.area < LEAST_M2:
        raise ValidationError(_("Gambar terlalu kecil."))
    return shape


class PlaceForm(forms.Form):
    """By which places a feed is narrowed: a street's name as the public reads it, a drawing."""

    jalan = LineField(required=False, max_length=160)
    bentuk = ShapeField(required=False)

    def rows(self, rows: PublicIssueQuerySet) -> PublicIssueQuerySet:
        """Narrow public rows; the form must be valid."""
        street, shape = self.cleaned_data["jalan"], self.cleaned_data["bentuk"]
        rows = rows.on_street(street) if street else rows
        return rows.within(shape) if shape else rows


class DeviceForm(forms.Form):
    """A browser's push subscription, as `PushSubscription.toJSON` writes it."""

    endpoint = forms.CharField(max_length=1000, strip=False)
    p256dh = forms.CharField(max_length=120)
    auth = forms.CharField(max_length=40)
