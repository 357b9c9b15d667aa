"""What forms offer, and the report form says, of kinds and areas; a kind refusal."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from geodata.errors import OutsideCoverage
from geodata.models import City, Jurisdiction, Level
from issues.forms.words import distance_said
from issues.models import Category

_Choices = Iterable[tuple[Any, Any]] | Callable[[], Iterable[tuple[Any, Any]]]


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


def grouped(categories: Iterable[Category]) -> list[tuple[str, Any]]:
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


def villages(areas: list[Jurisdiction]) -> list[tuple[str, Any]]:
    """Shape the select: each district with its villages, then whole districts and the city."""
    districts = {area.code: area for area in areas if area.level == Level.DISTRICT}
    below: dict[str, list[tuple[str, str]]] = {}
    for area in areas:
        if area.level == Level.VILLAGE:
            below.setdefault(area.parent_code, []).append((area.code, str(area)))
    groups = [(str(area), below.pop(code)) for code, area in districts.items() if code in below]
    whole = [
        (area.code, _("Seluruh %(area)s") % {"area": area})
        for area in sorted(areas, key=lambda area: area.level)
        if area.level <= Level.DISTRICT
    ]
    rest = [choice for part in below.values() for choice in part]
    return [*groups, *rest, *([(_("Bukan satu tempat"), whole)] if whole else [])]


def choose(form: forms.Form, name: str, choices: _Choices) -> None:
    """Set what a field of choices offers, at once or when it is asked for."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared so; tells the type checker
    field.choices = choices
