"""What a citizen writes: one form for the page and for the API, so that every rule is said once.

Photos are no field of it: a bad photo never holds back a report (see `kept` and the view).
"""

import uuid
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from geodata import streets
from geodata.errors import OutsideCoverage
from geodata.models import City, Jurisdiction, Level
from issues import questions
from issues.actions import Draft, Receipt, repeated
from issues.forms import asking
from issues.forms.body import JSON_NAMES, PRIVACY, flat
from issues.forms.lists import choose, grouped, outside_said, villages
from issues.forms.words import (
    DegreesField,
    LineField,
    MailField,
    MomentField,
    NamesField,
    TextField,
    letters,
)
from issues.models import Category, Issue, User
from issues.questions import Ask

__all__ = ["JSON_NAMES", "PRIVACY", "UNSURE", "ReportForm", "flat", "outside_said", "worded"]

MIN_LETTERS: Final = 10
MAX_LETTERS: Final = 2000
# Aksara Bali takes three bytes a letter and may carry four marks; nobody writes so all the way.
MAX_BYTES: Final = 16_000
MAX_LATITUDE: Final = 90.0
MAX_LONGITUDE: Final = 180.0
FAR_M: Final = 100_000.0
UNSURE: Final = "lainnya"
"""The category of those who do not know; every city has it."""

_LISTS: Final = ("service_code", "area_code", "street")
"""The fields whose values the city may retire."""


def worded(text: str) -> bool:
    """Say whether words alone are enough to act on."""
    return letters(text.strip()) >= MIN_LETTERS


class ReportForm(forms.Form):
    """A report: where, what, and, last and only if wanted, who."""

    uuid = forms.UUIDField(widget=forms.HiddenInput)
    lat = DegreesField(required=False, widget=forms.HiddenInput)
    lon = DegreesField(required=False, widget=forms.HiddenInput)
    accuracy_m = forms.FloatField(required=False, min_value=0, widget=forms.HiddenInput)
    area_code = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Desa atau kelurahan"),
        help_text=gettext_lazy("Tempat masalahnya, bukan tempat tinggal Anda."),
        error_messages={"invalid_choice": gettext_lazy("Pilih desa atau kelurahan dari daftar.")},
    )
    street = LineField(
        required=False,
        max_length=80,
        label=gettext_lazy("Seluruh jalan"),
        help_text=gettext_lazy(
            "Bila masalahnya sepanjang jalan, bukan di satu titik. Contoh: Jalan Teuku Umar."
        ),
    )
    side = LineField(required=False, max_length=60, widget=forms.HiddenInput)
    assets = NamesField(required=False)
    observed_at = MomentField(required=False, widget=forms.HiddenInput)
    proof = forms.CharField(required=False, widget=forms.HiddenInput)
    photos = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
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
        required=False,
        label=gettext_lazy("Apa yang terjadi?"),
        help_text=gettext_lazy(
            "Ceritakan singkat. Jangan tulis nama, nomor telepon, atau NIK orang."
        ),
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": 2 * MAX_LETTERS}),
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
    email = MailField(
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

    def __init__(
        self,
        *args: Any,
        city: City,
        answers: Mapping[str, Any] | None = None,
        user: User | None = None,
        **kwargs: Any,
    ) -> None:
        """Shape the form.

        Args:
            args: as Django's forms take them.
            city: whose form it is.
            answers: to the kind's questions, where they are no fields of a page.
            user: who is logged in: what is known of them is not asked again.
            kwargs: as Django's forms take them.
        """
        super().__init__(*args, **kwargs)
        self.city, self.user = city, user
        self._answers, self.facts = answers, dict[str, Any]()
        choose(self, "service_code", grouped(self.categories))
        # A function: most reports have a point, and then nobody asks for the list.
        choose(self, "area_code", self._area_choices)

    @cached_property
    def categories(self) -> list[Category]:
        """The kinds of the city with their questions, in its own order; one statement."""
        return list(Category.objects.filter(city=self.city, active=True).asking())

    @property
    def leaves(self) -> list[Category]:
        """The kinds that can be chosen: those without kinds of their own."""
        parents = {category.parent_id for category in self.categories}
        return [category for category in self.categories if category.pk not in parents]

    @cached_property
    def asks(self) -> list[Ask]:
        """What is asked about the chosen kind; nothing before one is chosen."""
        code = self["service_code"].value()
        kind = next((one for one in self.categories if one.service_code == code), None)
        return asking.of(kind, self.categories) if kind else []

    @cached_property
    def answers(self) -> dict[str, Any]:
        """The answers as they were sent."""
        if self._answers is not None:
            return dict(self._answers)
        return asking.posted(self.data, self.asks)

    @property
    def shown(self) -> list[asking.Shown]:
        """The questions that a page without JavaScript shows, as they were answered."""
        code = self["service_code"].value() or ""
        named = self.cleaned_data.get("assets") if self.is_bound else self.initial.get("assets")
        answers = asking.with_things(self.asks, self.answers, named or ())
        return asking.shown(code, self.asks, answers, self.errors)

    @property
    def unseen(self) -> bool:
        """Whether the chosen kind asks what the page that was sent has not shown yet."""
        every = getattr(self.data, "getlist", None)
        seen = set(every("seen")) if every else set()
        return not {one.mark for one in self.shown} <= seen

    def clean_description(self) -> str:
        """Refuse what is too long to read."""
        text: str = self.cleaned_data["description"]
        count = letters(text)
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
        self._check_answers(cleaned)
        self._check_words(cleaned)
        known = self.known
        contact = any(
            cleaned.get(field) not in {"", None, known.get(field)}
            for field in ("name", "email", "phone")
        )
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
        if cleaned["lat"] is not None or "street" in self.errors:
            return
        if cleaned["street"]:
            if streets.named(cleaned["street"], self.city) is None:
                words = _("Jalan ini tidak ada di data kota. Periksa ejaannya, atau pilih wilayah.")
                self.add_error("street", words)
        elif not cleaned["area_code"]:
            self.add_error("area_code", _("Pilih desa atau kelurahan, atau tandai titik di peta."))

    def _check_answers(self, cleaned: Mapping[str, Any]) -> None:
        """Take what the kind's questions ask for; each fault stands under its question."""
        if "service_code" in self.errors:
            return
        named = cleaned.get("assets") or []
        try:
            answers = asking.with_things(self.asks, self.answers, named)
            self.facts = questions.check(self.asks, answers)
        except ValidationError as error:
            for code, faults in error.error_dict.items():
                name = asking.PREFIX + code
                self.fields.setdefault(name, forms.Field(required=False))
                self.add_error(name, faults)

    def _check_words(self, cleaned: Mapping[str, Any]) -> None:
        """Ask for words where neither a photo nor an answer says what to act on."""
        text = cleaned.get("description")
        if text is None or worded(text):
            return
        if not cleaned.get("photos") and not self._is_answered:
            words = _("Tulis paling sedikit %(least)d huruf, atau tambahkan foto.")
            self.add_error("description", words % {"least": MIN_LETTERS})

    @property
    def _is_answered(self) -> bool:
        """Whether a question was answered; where they have changed, what was sent counts."""
        changed = any(name.startswith(asking.PREFIX) for name in self.errors)
        if not changed and "service_code" not in self.errors:
            return bool(self.facts)
        sent = (value for name, value in self.data.items() if name.startswith(asking.PREFIX))
        return bool(self._answers) or any(sent)

    @property
    def known(self) -> dict[str, str]:
        """What is known of who is logged in, by the name of its field."""
        if self.user is None:
            return {}
        found = {
            "name": self.user.get_full_name(),
            "email": self.user.email,
            "phone": self.user.phone,
        }
        return {name: value for name, value in found.items() if value}

    def refuse_outside(self, error: OutsideCoverage) -> None:
        """Say kindly that the point lies elsewhere, and where; the point itself stays."""
        self.add_error("lat", outside_said(error, self.city))

    def renewed(self) -> "ReportForm":
        """Return the same words under a new id, for a report that is to be a second one."""
        data: Any = self.data.copy()  # type: ignore[attr-defined]  # a dictionary of some kind
        data["uuid"] = str(uuid.uuid4())
        return type(self)(data, city=self.city, answers=self._answers, user=self.user)

    def repeated(self) -> Receipt | None:
        """Find the first receipt of this very form, refused only for a list that has changed.

        Lists and questions change; what was acknowledged stays acknowledged.
        """
        changed = {name for name in self.errors if name.startswith(asking.PREFIX)}
        if not self.errors or not set(self.errors) <= {*_LISTS, *changed}:
            return None
        again = _Lenient(self.data, city=self.city, answers=self.answers, user=self.user)
        if not again.is_valid():
            return None
        return repeated(again.draft(language=""), city=self.city)

    def draft(self, *, language: str, channel: str = Issue.Channel.WEB) -> Draft:
        """Hand the clean values to `actions.submit`."""
        data = self.cleaned_data
        has_point = data["lat"] is not None
        street = "" if has_point else data["street"]
        return Draft(
            uuid=data["uuid"],
            service_code=data["service_code"],
            description=data["description"],
            lon=data["lon"],
            lat=data["lat"],
            # Where the phone was, and how well it knew, could tell who held it.
            accuracy_m=None if data["anonymous"] else data["accuracy_m"],
            area_code="" if has_point or street else data["area_code"],
            street=street,
            side=data["side"] if has_point else "",
            address=data["address"],
            anonymous=data["anonymous"],
            # What was asked for; `submit` makes every report of a sensitive kind confidential.
            confidential=data["confidential"],
            name=data["name"],
            email=data["email"],
            phone=data["phone"],
            language=language,
            consent=data["consent"],
            answers=self.answers,
            facts=self.facts,
            assets=tuple(data["assets"]),
            things=asking.things(self.asks, self.facts, data["assets"]),
            # When somebody stood there could tell who it was.
            observed_at=None if data["anonymous"] else data["observed_at"],
            channel=channel,
        )

    def _area_choices(self) -> list[tuple[str, Any]]:
        areas = (
            Jurisdiction.objects.current()
            .filter(city=self.city, level__in=(Level.CITY, Level.DISTRICT, Level.VILLAGE))
            .only("code", "name", "kind", "parent_code", "level")
            .order_by("name")
        )
        return [("", _("Pilih desa atau kelurahan")), *villages(list(areas))]


class _Lenient(ReportForm):
    """A form that takes what was sent for what the city offers: to compare, never to submit."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("service_code", "area_code"):
            sent = str(self.data.get(name) or "")
            choose(self, name, [(sent, sent)])

    def _check_place(self, cleaned: Mapping[str, Any]) -> None:
        """Compare only."""

    def _check_answers(self, cleaned: Mapping[str, Any]) -> None:
        """Compare only."""

    def _check_words(self, cleaned: Mapping[str, Any]) -> None:
        """Compare only."""
