"""Shapes of the administration of places: sets of areas, areas by hand, rules, the simulator."""

import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, time
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
from geodata.models import City, Department, Jurisdiction, Level, RoadClass, RoutingRule
from issues.forms.words import LineField, TextField
from issues.models import Category

MOST_CORNERS: Final = 500
LEAST_CORNERS: Final = 3
_PAIR: Final = 2
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")
_DATE: Final = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
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
    source_date = forms.DateField(label=gettext_lazy("Tanggal data"), required=False, widget=_DATE)
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
        code = _code(self, is_new=self.area is None)
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


def _code(form: forms.Form, *, is_new: bool) -> str:
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


# Rules ---------------------------------------------------------------------------------------


class RuleForm(forms.Form):
    """One line of "who is responsible"."""

    code = LineField(label=gettext_lazy("Kode aturan"), max_length=60)
    service_code = forms.ChoiceField(label=gettext_lazy("Jenis laporan"), required=False)
    place = forms.ChoiceField(
        label=gettext_lazy("Tempat"),
        required=False,
        help_text=gettext_lazy("Seluruh kota, satu wilayah, atau dekat jalan berstatus tertentu."),
    )
    within_m = forms.IntegerField(
        label=gettext_lazy("Jarak dari jalan, meter"),
        initial=30,
        min_value=1,
        max_value=200,
        help_text=gettext_lazy("Hanya untuk aturan menurut jalan."),
    )
    department = forms.ChoiceField(label=gettext_lazy("Dinas"))
    facts = TextField(
        label=gettext_lazy("Jawaban yang disyaratkan"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Satu per baris: kode pertanyaan = kode jawaban. Kosong: apa pun."),
    )
    priority = forms.IntegerField(
        label=gettext_lazy("Prioritas"),
        initial=0,
        min_value=-100,
        max_value=100,
        help_text=gettext_lazy("Yang lebih besar menang, apa pun tempatnya."),
    )
    fallback = forms.BooleanField(
        label=gettext_lazy("Cadangan: hanya bila tidak ada aturan lain"), required=False
    )
    since = forms.DateField(label=gettext_lazy("Berlaku sejak"), required=False, widget=_DATE)
    until = forms.DateField(
        label=gettext_lazy("Berlaku sampai sebelum"), required=False, widget=_DATE
    )
    explanation = LineField(
        label=gettext_lazy("Penjelasan untuk warga"),
        max_length=200,
        help_text=gettext_lazy("Menjadi kalimat: Ditangani (dinas): (penjelasan)."),
    )
    explanation_en = LineField(
        label=gettext_lazy("Penjelasan dalam bahasa Inggris"), max_length=200, required=False
    )
    source = LineField(label=gettext_lazy("Dasar"), max_length=300, required=False)

    def __init__(self, data: Any = None, *, city: City, told: dict[str, Any] | None = None) -> None:
        """Shape the form.

        Args:
            data: what was sent, if anything.
            city: whose rule.
            told: the rule as `book.values` has it; None for a new one.
        """
        super().__init__(data, initial=_shown(told) if told else {}, label_suffix="")
        self.city, self.told = city, told
        areas = Jurisdiction.objects.current().filter(city=city, level__gte=Level.DISTRICT)
        kinds = Category.objects.filter(city=city, active=True).order_by("service_code")
        offices = Department.objects.filter(city=city, active=True)
        choose(self, "service_code", _codes(list(kinds), told))
        choose(self, "department", [(one.code, one.name) for one in offices])
        choose(self, "place", _places(areas.defer("area").order_by("-level", "name"), told))
        if told:
            self.fields["code"].disabled = True

    def clean_code(self) -> str:
        """Keep codes apart: they break the last tie."""
        code = _code(self, is_new=self.told is None)
        if self.told is None and RoutingRule.objects.filter(city=self.city, code=code).exists():
            raise forms.ValidationError(_("Kode ini sudah dipakai aturan lain."))
        return code

    def clean_facts(self) -> dict[str, Any]:
        """Read `question = answer` lines."""
        facts: dict[str, Any] = {}
        for line in self.cleaned_data["facts"].splitlines():
            name, sign, value = (part.strip() for part in line.partition("="))
            if not line.strip():
                continue
            if not (name and sign and value):
                raise forms.ValidationError(_("Tulis: pertanyaan = jawaban."))
            facts[name] = _value(value)
        return facts

    def clean(self) -> dict[str, Any]:
        """A rule begins before it ends."""
        values = super().clean() or {}
        since, until = values.get("since"), values.get("until")
        if since and until and since >= until:
            self.add_error("until", _("Berakhir sebelum berlaku."))
        return values

    @property
    def values(self) -> dict[str, Any]:
        """The rule as `book.values` would give it; the form must be valid."""
        given = dict(self.cleaned_data)
        sort, _colon, code = str(given.pop("place")).partition(":")
        days = {name: given[name].isoformat() if given[name] else "" for name in ("since", "until")}
        return {
            **given,
            **days,
            "level": int(sort) if sort.isdecimal() else None,
            "area_code": code if sort.isdecimal() else "",
            "road_class": code if sort == "road" else "",
            "active": True,
        }


WORDS: Final = {
    **{name: field.label for name, field in RuleForm.base_fields.items()},
    "level": gettext_lazy("Tingkat wilayah"),
    "area_code": gettext_lazy("Kode wilayah"),
    "road_class": gettext_lazy("Status jalan"),
    "active": gettext_lazy("Berlaku"),
}
"""What each value of a rule is called."""


def worded(value: Any) -> str:
    """Write one value of a rule for a reader."""
    if isinstance(value, bool):
        return _("ya") if value else _("tidak")
    if isinstance(value, dict):
        return ", ".join(f"{name} = {_text(one)}" for name, one in value.items())
    return "" if value is None else str(value)


def choose(form: forms.Form, name: str, choices: Sequence[tuple[str, Any]]) -> None:
    """Set what a field offers."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101  for the type checker: declared above
    field.choices = list(choices)


def _kinds(kinds: Iterable[Category]) -> list[tuple[str, str]]:
    return [
        (kind.service_code, f"\u00a0\u00a0{kind.label}" if kind.parent_id else kind.label)
        for kind in kinds
    ]


def _codes(kinds: Sequence[Category], told: dict[str, Any] | None) -> list[tuple[str, str]]:
    """Offer every kind and all of them together; and the code that a rule has."""
    offered = [("", _("semua jenis")), *_kinds(kinds)]
    mine = told["service_code"] if told else ""
    if mine not in dict(offered):
        offered.append((mine, _("%(code)s (tidak ada lagi)") % {"code": mine}))
    return offered


def _places(areas: Iterable[Jurisdiction], told: dict[str, Any] | None) -> list[tuple[str, Any]]:
    """Offer the whole city, the areas by level, roads by class; and the place that a rule has."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for area in areas:
        label = str(Level(area.level).label)
        groups.setdefault(label, []).append((f"{area.level}:{area.code}", area.name))
    roads = [(f"road:{one.value}", str(one.label)) for one in RoadClass]
    offered = [("", _("seluruh kota")), *groups.items(), (_("dekat jalan"), roads)]
    known = {code for pairs in groups.values() for code, _name in pairs}
    mine = _place(told) if told else ""
    if mine and not mine.startswith("road") and mine not in known:
        offered.append((mine, _("%(code)s (tidak ada lagi)") % {"code": mine}))
    return offered


def _place(told: dict[str, Any]) -> str:
    if told["road_class"]:
        return f"road:{told['road_class']}"
    return "" if told["level"] is None else f"{told['level']}:{told['area_code']}"


def _shown(told: dict[str, Any]) -> dict[str, Any]:
    facts = "\n".join(f"{name} = {_text(value)}" for name, value in told["facts"].items())
    return {**told, "facts": facts, "place": _place(told)}


def _value(text: str) -> Any:
    """Read an answer: a word, or JSON for a number, a truth or a list."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _text(value: Any) -> str:
    """Write an answer so that `_value` reads the same again."""
    plain = isinstance(value, str) and _value(value) == value
    return value if plain else json.dumps(value)


# The simulator -------------------------------------------------------------------------------


class SimulatorForm(forms.Form):
    """A place, a kind, answers and a day: who would get it?"""

    service_code = forms.ChoiceField(label=gettext_lazy("Jenis laporan"))
    lat = forms.FloatField(
        label=gettext_lazy("Lintang"), min_value=-90, max_value=90,
        widget=forms.TextInput(attrs={"inputmode": "text"}),
    )  # fmt: skip
    lon = forms.FloatField(
        label=gettext_lazy("Bujur"), min_value=-180, max_value=180,
        widget=forms.TextInput(attrs={"inputmode": "text"}),
    )  # fmt: skip
    day = forms.DateField(
        label=gettext_lazy("Pada tanggal (kosong: sekarang)"), required=False, widget=_DATE
    )

    def __init__(self, data: Any = None, *, city: City) -> None:
        super().__init__(data, label_suffix="")
        self.city = city
        kinds = Category.objects.filter(city=city, active=True, children=None)
        choose(self, "service_code", _kinds(kinds.order_by("service_code")))
        for name, options in _answers(city).items():
            label = _("Jawaban: %(name)s") % {"name": name}
            choices = [("", _("tidak dijawab")), *((text, text) for text in options)]
            self.fields[f"answer-{name}"] = forms.ChoiceField(
                label=label, choices=choices, required=False
            )

    @property
    def point(self) -> Point:
        """The place; the form must be valid."""
        return geometry.point(self.cleaned_data["lon"], self.cleaned_data["lat"])

    @property
    def facts(self) -> dict[str, Any]:
        """The answers that were given; the form must be valid."""
        return {
            name.removeprefix("answer-"): _value(value)
            for name, value in self.cleaned_data.items()
            if name.startswith("answer-") and value
        }

    @property
    def at(self) -> datetime | None:
        """Noon of the day in the city's zone; None for now."""
        day = self.cleaned_data["day"]
        return datetime.combine(day, time(12), ZoneInfo(self.city.zone)) if day else None


def _answers(city: City) -> dict[str, list[str]]:
    """List the answers that rules ask for, by question."""
    found: dict[str, set[str]] = {}
    rows = RoutingRule.objects.filter(city=city, active=True).exclude(facts={})
    for facts in rows.values_list("facts", flat=True):
        for name, value in facts.items():
            found.setdefault(name, set()).add(_text(value))
    return {name: sorted(texts) for name, texts in sorted(found.items())}
