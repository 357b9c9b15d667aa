"""Shapes of the rules of routing: one rule, and the question "who would get this here?"."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.contrib.gis.geos import Point
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from geodata import geometry
from geodata.models import City, Department, Jurisdiction, Level, RoadClass, RoutingRule
from issues.forms.lists import choose
from issues.forms.manage import DATE, plain_code
from issues.forms.words import LineField, TextField
from issues.models import Category


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
    since = forms.DateField(label=gettext_lazy("Berlaku sejak"), required=False, widget=DATE)
    until = forms.DateField(
        label=gettext_lazy("Berlaku sampai sebelum"), required=False, widget=DATE
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
        code = plain_code(self, is_new=self.told is None)
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
        label=gettext_lazy("Pada tanggal (kosong: sekarang)"), required=False, widget=DATE
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
