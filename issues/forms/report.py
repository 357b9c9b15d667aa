"""What a citizen writes: one form for the page and for the API, so that every rule is said once.

Photos are no field of it: a bad photo never holds back a report (see `kept` and the view).
"""

import uuid
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from geodata.errors import OutsideCoverage
from geodata.models import City, Jurisdiction, Level
from issues.actions import Draft, Receipt, repeated
from issues.forms.words import LineField, TextField, distance_said, letters
from issues.models import Category, Issue, User
from issues.privacy import clean_text

MIN_LETTERS: Final = 10
MAX_LETTERS: Final = 2000
# Aksara Bali takes three bytes a letter and may carry four marks; nobody writes so all the way.
MAX_BYTES: Final = 16_000
MAX_LATITUDE: Final = 90.0
MAX_LONGITUDE: Final = 180.0
FAR_M: Final = 100_000.0
UNSURE: Final = "lainnya"
"""The category of those who do not know; every city has it."""

PRIVACY: Final[Mapping[str, tuple[bool, bool]]] = {
    "normal": (False, False),
    "anonim": (True, False),
    "rahasia": (False, True),
    "anonim_rahasia": (True, True),
}
"""The API's word → (anonymous, confidential)."""

_TEXT: Final = (str,)
_NUMBER: Final = (int, float)
_SHAPE: Final[Mapping[str, tuple[str, tuple[type, ...]]]] = {
    "id": ("uuid", _TEXT),
    "service_code": ("service_code", _TEXT),
    "lat": ("lat", _NUMBER),
    "lon": ("lon", _NUMBER),
    "accuracy_m": ("accuracy_m", _NUMBER),
    "area_code": ("area_code", _TEXT),
    "address": ("address", _TEXT),
    "description": ("description", _TEXT),
    "consent": ("consent", (bool,)),
    "contact.name": ("name", _TEXT),
    "contact.email": ("email", _TEXT),
    "contact.phone": ("phone", _TEXT),
}
JSON_NAMES: Final[Mapping[str, str]] = {
    **{field: name for name, (field, _kinds) in _SHAPE.items()},
    **dict.fromkeys(("anonymous", "confidential"), "privacy"),
}
"""Field of the form → its name in the API."""

CHANNELS: Final = (Issue.Channel.WEB, Issue.Channel.MOBILE, Issue.Channel.API)
"""The doors that a sender of JSON may name."""

_MEMBERS: Final = {*_SHAPE, "contact", "privacy", "answers", "channel"}
_MOST_NAMED: Final = 10
_LISTS: Final = ("service_code", "area_code")
"""The fields whose values the city may retire."""


def flat(body: Mapping[str, Any]) -> dict[str, Any]:
    """Spread the JSON of `POST /api/issues` over the names of `ReportForm`.

    Args:
        body: `{id, service_code, lat, lon, accuracy_m, area_code, address, description, privacy,
            contact: {name, email, phone}, consent, channel, answers}`; null is the same as left
            out.

    Raises:
        ValidationError: names that nobody reads and values of a wrong type, each under its name.
    """
    contact = {} if body.get("contact") is None else body["contact"]
    found = dict(body)
    # A wish for privacy under a name that nobody reads must not end as a public report.
    wrong = _strangers(name for name in body if name not in _MEMBERS or "." in name)
    if isinstance(contact, Mapping):
        found |= {f"contact.{name}": value for name, value in contact.items()}
        wrong |= _strangers(name for name in found.keys() - body.keys() if name not in _SHAPE)
    else:
        wrong["contact"] = _("Bukan objek.")
    wrong |= _words(body)
    data: dict[str, Any] = {}
    for name, (field, kinds) in _SHAPE.items():
        value = found.get(name)
        # bool is an int to Python, but `true` is no latitude.
        if value is not None and (
            not isinstance(value, kinds) or (kinds is _NUMBER and isinstance(value, bool))
        ):
            wrong[name] = _("Jenis nilai salah.")
        elif value is not None:
            data[field] = value
    if wrong:
        raise ValidationError(wrong)
    privacy = "normal" if body.get("privacy") is None else body["privacy"]
    data["anonymous"], data["confidential"] = PRIVACY[privacy]
    return data


def _strangers(names: Iterable[str]) -> dict[str, str]:
    """Name what nobody reads, in letters that an answer can carry; the first few will do."""
    few = sorted(names)[:_MOST_NAMED]
    return {clean_text(name)[:40]: _("Nama isian tidak dikenal.") for name in few}


def _words(body: Mapping[str, Any]) -> dict[str, str]:
    """Check what must be one word of a list; only null or nothing leaves the choice to us."""
    lists = {"privacy": tuple(PRIVACY), "channel": CHANNELS}
    return {
        name: _("Pilih salah satu: %(words)s.") % {"words": ", ".join(words)}
        for name, words in lists.items()
        if body.get(name) is not None and body[name] not in words
    }


class ReportForm(forms.Form):
    """A report: where, what, and, last and only if wanted, who."""

    uuid = forms.UUIDField(widget=forms.HiddenInput)
    lat = forms.FloatField(required=False, widget=forms.HiddenInput)
    lon = forms.FloatField(required=False, widget=forms.HiddenInput)
    accuracy_m = forms.FloatField(required=False, min_value=0, widget=forms.HiddenInput)
    area_code = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Desa atau kelurahan"),
        help_text=gettext_lazy("Tempat masalahnya, bukan tempat tinggal Anda."),
        error_messages={"invalid_choice": gettext_lazy("Pilih desa atau kelurahan dari daftar.")},
    )
    address = LineField(
        required=False,
        max_length=300,
        label=gettext_lazy("Nama jalan dan patokan"),
        help_text=gettext_lazy("Contoh: Jalan Teuku Umar, depan pasar, tiang nomor 12."),
    )
    service_code = forms.ChoiceField(
        label=gettext_lazy("Jenis masalah"),
        help_text=gettext_lazy("Ragu? Pilih “Tidak tahu”: koordinator kota meneruskannya."),
        error_messages={
            "required": gettext_lazy("Pilih jenis masalah; bila ragu, pilih “Tidak tahu”."),
            "invalid_choice": gettext_lazy("Kategori tidak dikenal."),
        },
    )
    description = TextField(
        label=gettext_lazy("Apa yang terjadi?"),
        help_text=gettext_lazy(
            "Ceritakan singkat. Jangan tulis nama, nomor telepon, atau NIK orang."
        ),
        error_messages={"required": gettext_lazy("Ceritakan masalahnya dengan beberapa kata.")},
        widget=forms.Textarea(
            attrs={"rows": 5, "minlength": MIN_LETTERS, "maxlength": 2 * MAX_LETTERS}
        ),
    )
    anonymous = forms.BooleanField(
        required=False,
        label=gettext_lazy("Anonim"),
        help_text=gettext_lazy("Instansi yang dilaporkan pun tidak melihat siapa Anda."),
    )
    confidential = forms.BooleanField(
        required=False,
        label=gettext_lazy("Rahasia"),
        help_text=gettext_lazy("Isi laporan tidak tampil di peta dan daftar publik."),
    )
    name = LineField(
        required=False,
        max_length=120,
        label=gettext_lazy("Nama"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        required=False,
        max_length=254,
        label=gettext_lazy("Alamat surel"),
        error_messages={
            "invalid": gettext_lazy("Alamat surel belum benar; contoh: nama@contoh.id.")
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = forms.RegexField(
        r"^\+?[\d\s().\-]{6,29}$",
        required=False,
        label=gettext_lazy("Nomor telepon"),
        error_messages={
            "invalid": gettext_lazy("Nomor telepon belum benar; contoh: 0812 3456 7890.")
        },
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel", "inputmode": "tel"}),
    )
    consent = forms.BooleanField(
        required=False,
        label=gettext_lazy(
            "Saya setuju kontak ini dipakai untuk mengabari dan menanyai saya tentang laporan ini."
        ),
    )

    def __init__(self, *args: Any, city: City, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.city = city
        self.fields["service_code"].choices = _grouped(self.categories)  # type: ignore[attr-defined]
        # A function: most reports have a point, and then nobody asks for the list.
        self.fields["area_code"].choices = self._area_choices  # type: ignore[attr-defined]

    @cached_property
    def categories(self) -> list[Category]:
        """The kinds of the city, in its own order."""
        return list(Category.objects.filter(city=self.city, active=True))

    @property
    def leaves(self) -> list[Category]:
        """The kinds that can be chosen: those without kinds of their own."""
        parents = {category.parent_id for category in self.categories}
        return [category for category in self.categories if category.pk not in parents]

    def clean_description(self) -> str:
        """Refuse what is too short to act on, or too long to read."""
        text: str = self.cleaned_data["description"]
        count = letters(text)
        if count < MIN_LETTERS:
            raise ValidationError(
                _("Tulis sedikit lebih banyak: paling sedikit %(least)d huruf.")
                % {"least": MIN_LETTERS}
            )
        if count > MAX_LETTERS or len(text.encode()) > MAX_BYTES:
            raise ValidationError(
                _("Teks terlalu panjang (%(count)d huruf): paling banyak %(most)d.")
                % {"count": count, "most": MAX_LETTERS}
            )
        return text

    def clean_accuracy_m(self) -> float | None:
        """Forget an accuracy that says nothing."""
        accuracy: float | None = self.cleaned_data["accuracy_m"]
        return accuracy if accuracy is not None and accuracy < FAR_M else None

    def clean(self) -> dict[str, Any]:
        """Look at what only makes sense together: the point, the place, the contact."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not {"lat", "lon"} & set(self.errors):
            self._check_point(cleaned["lat"], cleaned["lon"])
        if not {"lat", "lon", "area_code"} & set(self.errors):
            self._check_place(cleaned)
        contact = any(cleaned.get(field) for field in ("name", "email", "phone"))
        if contact and not cleaned.get("consent"):
            self.add_error("consent", _("Centang persetujuan ini, atau kosongkan nama dan kontak."))
        return cleaned

    def _check_point(self, lat: float | None, lon: float | None) -> None:
        """Refuse half a point and what is no degree; a swap is named, never mended in silence."""
        if lat is None and lon is None:
            return
        if lat is None or lon is None:
            self.add_error("lat", _("Titik belum lengkap: lintang dan bujur harus ada."))
        elif abs(lat) > MAX_LATITUDE >= abs(lon) and abs(lat) <= MAX_LONGITUDE:
            self.add_error(
                "lat", _("Lintang lebih dari 90 derajat: apakah lintang dan bujur terbalik?")
            )
        elif abs(lat) > MAX_LATITUDE or abs(lon) > MAX_LONGITUDE:
            self.add_error(
                "lat",
                _("Koordinat harus dalam derajat: lintang -90 sampai 90, bujur -180 sampai 180."),
            )

    def _check_place(self, cleaned: Mapping[str, Any]) -> None:
        if cleaned["lat"] is None and not cleaned["area_code"]:
            self.add_error("area_code", _("Pilih desa atau kelurahan, atau tandai titik di peta."))

    def refuse_outside(self, error: OutsideCoverage) -> None:
        """Say kindly that the point lies elsewhere, and where; the point itself stays."""
        self.add_error("lat", outside_said(error, self.city))

    def renewed(self) -> "ReportForm":
        """Return the same words under a new id, for a report that is to be a second one."""
        data = {**{name: self.data.get(name) for name in self.fields}, "uuid": str(uuid.uuid4())}
        return type(self)(data, city=self.city)

    def repeated(self, *, answers: dict[str, Any] | None = None) -> Receipt | None:
        """Find the first receipt of this very form, refused only for a kind or area now retired.

        Lists change; what was acknowledged stays acknowledged.
        """
        if not self.errors or not set(self.errors) <= set(_LISTS):
            return None
        again = type(self)(self.data, city=self.city)
        for name in _LISTS:
            sent = str(self.data.get(name) or "")
            again.fields[name].choices = [(sent, sent)]  # type: ignore[attr-defined]
        if not again.is_valid():
            return None
        return repeated(again.draft(language="", answers=answers), city=self.city)

    def draft(
        self,
        *,
        language: str,
        channel: str = Issue.Channel.WEB,
        user: User | None = None,
        answers: dict[str, Any] | None = None,
    ) -> Draft:
        """Hand the clean values to `actions.submit`."""
        data = self.cleaned_data
        has_point = data["lat"] is not None
        return Draft(
            uuid=data["uuid"],
            service_code=data["service_code"],
            description=data["description"],
            lon=data["lon"],
            lat=data["lat"],
            # Where the phone was, and how well it knew, could tell who held it.
            accuracy_m=None if data["anonymous"] else data["accuracy_m"],
            area_code="" if has_point else data["area_code"],
            address=data["address"],
            anonymous=data["anonymous"],
            # What was asked for; `submit` makes every report of a sensitive kind confidential.
            confidential=data["confidential"],
            name=data["name"],
            email=data["email"],
            phone=data["phone"],
            language=language,
            consent=data["consent"],
            answers=answers or {},
            user=user,
            channel=channel,
        )

    def _area_choices(self) -> list[tuple[str, Any]]:
        areas = (
            Jurisdiction.objects.current()
            .filter(city=self.city, level__in=(Level.DISTRICT, Level.VILLAGE))
            .only("code", "name", "kind", "parent_code", "level")
            .order_by("name")
        )
        return [("", _("Pilih desa atau kelurahan")), *_villages(list(areas))]


def outside_said(error: OutsideCoverage, city: City) -> str:
    """Write the kind refusal of a point outside the city."""
    words = {
        "city": city.short_name,
        "neighbour": error.neighbour,
        "distance": distance_said(error.distance_m),
    }
    if error.neighbour and error.distance_m is not None:
        return (
            _(
                "Titik ini di %(neighbour)s, %(distance)s di luar batas %(city)s. "
                "Sampaikan ke sana, atau geser titiknya. Semua isian Anda tetap ada."
            )
            % words
        )
    if error.distance_m is not None:
        return (
            _(
                "Titik ini %(distance)s di luar batas %(city)s. "
                "Geser titiknya bila keliru. Semua isian Anda tetap ada."
            )
            % words
        )
    return (
        _("Titik ini di luar %(city)s. Geser titiknya bila keliru. Semua isian Anda tetap ada.")
        % words
    )


def _grouped(categories: Iterable[Category]) -> list[tuple[str, Any]]:
    """Shape the select: each *jenis* with its kinds, kinds on their own last."""
    rows = list(categories)
    children: dict[int, list[tuple[str, str]]] = {}
    for row in rows:
        if row.parent_id:
            children.setdefault(row.parent_id, []).append((row.service_code, row.label))
    groups = [(row.label, children[row.pk]) for row in rows if row.pk in children]
    alone = [
        (row.service_code, row.label)
        for row in rows
        if not row.parent_id and row.pk not in children
    ]
    return [("", _("Pilih jenis masalah")), *groups, *alone]


def _villages(areas: list[Jurisdiction]) -> list[tuple[str, Any]]:
    """Shape the select: each district with its villages; villages of no district on their own."""
    districts = {area.code: area for area in areas if area.level == Level.DISTRICT}
    villages: dict[str, list[tuple[str, str]]] = {}
    for area in areas:
        if area.level == Level.VILLAGE:
            villages.setdefault(area.parent_code, []).append((area.code, str(area)))
    groups = [
        (str(area), villages.pop(code)) for code, area in districts.items() if code in villages
    ]
    return [*groups, *(choice for rest in villages.values() for choice in rest)]
