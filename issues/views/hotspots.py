"""Doors to the findings: hotspots as data, page and sheet; rates of areas as data."""

import csv
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib.gis.geos import Point
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from geodata import land, streets
from geodata.crs import WGS84
from issues import findings
from issues.findings import Answer, Hotspot, Rate, Unit
from issues.forms.hotspots import BASELINES, LEVELS, SIZES, FindingForm, HotspotForm, RateForm
from issues.models import Category
from issues.views import finding_words as words
from issues.views.browsing import CityRequest
from issues.views.sheet import plain

_FRESH: Final = "private, max-age=30, stale-while-revalidate=60"
"""For one reader: the words are in a language that a cookie may choose."""

_BESIDE_M: Final = 250
"""A street farther away does not name a place."""

_MOST_NAMED: Final = 30
"""So many groups are named by their street."""

TOP: Final = 10


def _given(request: HttpRequest) -> dict[str, str]:
    """Read the address; a plain form repeats a filter, a link joins it by commas."""
    return {name: ",".join(filter(None, request.GET.getlist(name))) for name in request.GET}


@dataclass(frozen=True)
class Told:
    """An answer with its words, for one reader."""

    form: HotspotForm
    answer: Answer | None

    @cached_property
    def what(self) -> str:
        """What is counted."""
        return words.kind(self.form)

    @cached_property
    def titles(self) -> Mapping[str, str]:
        """Names of the areas, by code."""
        return {area.code: area.title for area in land.sizes(self.form.city)}

    @cached_property
    def shown(self) -> tuple[Hotspot, ...]:
        """The hot squares in the area that was asked for; the test itself is of the whole city."""
        if self.answer is None:
            return ()
        area = self.form.cleaned_data["area"]
        if not area:
            return self.answer.found
        inside = {
            one.code for one in land.sizes(self.form.city) if area in {one.code, one.parent_code}
        }
        return tuple(spot for spot in self.answer.found if spot.area in inside)

    @cached_property
    def places(self) -> Mapping[int, str]:
        """A name of each group that is shown: street and area of its strongest square."""
        firsts: dict[int, Hotspot] = {}
        for spot in self.shown:
            firsts.setdefault(spot.group, spot)
        middles = [Point(*spot.middle, srid=WGS84) for spot in firsts.values()]
        near = streets.nearest(middles[:_MOST_NAMED], self.form.city)
        return {
            group: self._place(spot, named)
            for (group, spot), named in zip_longest(firsts.items(), near)
        }

    def _place(self, spot: Hotspot, near: streets.Place | None) -> str:
        title = self.titles.get(spot.area, "")
        if near is None:
            return title
        beside = near.distance_m is not None and near.distance_m <= _BESIDE_M
        street = near.street if beside else ""
        return ", ".join(part for part in (street, title or near.area) if part)

    def cells(self) -> Iterator[dict[str, Any]]:
        """Tell each hot square."""
        for spot in self.shown:
            yield self.cell(spot)

    def cell(self, spot: Hotspot) -> dict[str, Any]:
        """Tell one hot square."""
        if self.answer is None:
            return {}
        place = self.places[spot.group]
        return {
            "box": [round(edge, 6) for edge in spot.box],
            "group": spot.group,
            "area": spot.area,
            "place": place,
            "level": int(spot.level),
            "word": str(words.LEVEL_WORDS[spot.level]),
            "n": spot.n,
            "expected": round(spot.expected, 2),
            "ratio": round(spot.ratio, 2),
            "z": round(spot.z, 2),
            "q": float(f"{spot.q:.2g}"),
            "sentence": words.sentence(self.answer, spot, what=self.what, place=place),
        }

    @property
    def groups(self) -> list[dict[str, Any]]:
        """Tell each group by its strongest square, with how many squares it has."""
        found: dict[int, dict[str, Any]] = {}
        for cell in self.cells():
            group = found.setdefault(cell["group"], cell | {"squares": 0, "view": _view(cell)})
            group["squares"] += 1
        return list(found.values())

    @property
    def tested(self) -> str:
        """What was tested."""
        if self.answer is None:
            return _("Batas wilayah kota belum dimuat, jadi tidak ada yang dapat diuji.")
        return words.tested(self.answer, what=self.what)

    @property
    def empty(self) -> str:
        """Why nothing is shown; empty text where something is."""
        if self.answer is None or self.shown:
            return ""
        if self.answer.found:
            return _("Tidak ada titik panas di wilayah ini; di bagian kota yang lain ada.")
        return words.empty(self.answer)

    @property
    def limits(self) -> list[str]:
        """What it cannot tell."""
        return words.limits(self.answer) if self.answer else []

    def data(self) -> dict[str, Any]:
        """Tell everything as data."""
        asked = self.form.cleaned_data
        return {
            "baseline": asked["baseline"],
            "baseline_word": str(BASELINES[asked["baseline"]]),
            "tested_cells": self.answer.tested if self.answer else 0,
            "cases": self.answer.cases if self.answer else 0,
            "cell_m": round(self.answer.cell_m) if self.answer else None,
            "reach_m": round(self.answer.reach_m) if self.answer else None,
            "period": words.period(self.answer.question) if self.answer else "",
            "what": self.what,
            "tested": self.tested,
            "empty": self.empty,
            "limits": self.limits,
            "cells": list(self.cells()),
        }


def _view(cell: Mapping[str, Any]) -> str:
    """Write the map's view of a hot square as a fragment."""
    west, south, east, north = cell["box"]
    return f"#15/{(south + north) / 2:.5f}/{(west + east) / 2:.5f}/hotspots"


def _told(request: CityRequest) -> Told:
    """Answer the address's question; no answer where it cannot be read."""
    form = HotspotForm(_given(request), city=request.city)
    answer = findings.answer(form.question(), city=request.city) if form.is_valid() else None
    return Told(form, answer)


def _refused(form: FindingForm) -> HttpResponse:
    """Tell a bad question in the one shape of the API's errors."""
    fields = {name: [str(text) for text in texts] for name, texts in form.errors.items()}
    error = {"code": "Invalid", "message": _("Isian belum benar."), "fields": fields}
    return JsonResponse({"error": error}, status=400)


def _kept(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Let caches keep an answer for a while; an equal one is not sent again."""
    etag = f'"{hashlib.blake2b(response.content, digest_size=12).hexdigest()}"'
    answer = get_conditional_response(request, etag=etag, response=response) or response
    answer.headers["ETag"] = etag
    answer.headers["Cache-Control"] = _FRESH
    patch_vary_headers(answer, ["Accept-Language", "Cookie"])
    return answer


@require_safe
@gzip_page
def hotspots(request: CityRequest) -> HttpResponse:
    """Tell the hot squares as data; all of it is public."""
    told = _told(request)
    if not told.form.is_valid():
        return _refused(told.form)
    return _kept(request, JsonResponse(told.data()))


@require_safe
def hotspots_page(request: CityRequest) -> HttpResponse:
    """Show the hotspots as a list with what was tested; works without JavaScript."""
    told = _told(request)
    is_valid = told.form.is_valid()
    query = urlencode({name: value for name, value in told.form.data.items() if value})
    active = list(Category.objects.filter(city=request.city, active=True))
    context = {
        "told": told,
        "errors": told.form.errors,
        "groups": told.groups if is_valid else [],
        "kinds": [
            (parent, [kind for kind in active if kind.parent_id == parent.pk])
            for parent in active
            if parent.parent_id is None
        ],
        "baselines": BASELINES,
        "levels": LEVELS,
        "sizes": SIZES,
        "csv": f"{reverse('hotspots-csv')}?{query}" if query else reverse("hotspots-csv"),
        "map": f"{reverse('map')}?{query}" if query else reverse("map"),
        "view": f"#12/{request.city.center.y:.4f}/{request.city.center.x:.4f}/hotspots",
    }
    return render(request, "issues/hotspots.html", context, status=200 if is_valid else 400)


@require_safe
def hotspots_csv(request: CityRequest) -> HttpResponse:
    """Send the hot squares as a sheet; texts cannot run as formulas."""
    told = _told(request)
    if not told.form.is_valid():
        return _refused(told.form)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="titik-panas.csv"'
    # Spreadsheets take a file without this mark for the old code page.
    response.write("\ufeff")
    sheet = csv.writer(response)
    sheet.writerow(_COLUMNS)
    sheet.writerows([plain(read(cell)) for read in _COLUMNS.values()] for cell in told.cells())
    sheet.writerow([])
    for text in (told.tested, told.empty, *told.limits):
        if text:
            sheet.writerow([plain(text)])
    return _kept(request, response)


_COLUMNS: Final[Mapping[str, Callable[[dict[str, Any]], Any]]] = {
    "kelompok": lambda cell: cell["group"],
    "tempat": lambda cell: cell["place"],
    "barat": lambda cell: cell["box"][0],
    "selatan": lambda cell: cell["box"][1],
    "timur": lambda cell: cell["box"][2],
    "utara": lambda cell: cell["box"][3],
    "tingkat_persen": lambda cell: cell["level"],
    "n": lambda cell: cell["n"],
    "perkiraan": lambda cell: cell["expected"],
    "rasio": lambda cell: cell["ratio"],
    "z": lambda cell: cell["z"],
    "q": lambda cell: cell["q"],
    "kalimat": lambda cell: cell["sentence"],
}


@require_safe
@gzip_page
def rates(request: CityRequest) -> HttpResponse:
    """Tell the rate of every area as data, with interval, n and rank."""
    form = RateForm(_given(request), city=request.city)
    if not form.is_valid():
        return _refused(form)
    question, unit = form.question(), form.unit
    found, elsewhere = findings.rates(question, unit, city=request.city)
    body = {
        "unit": unit,
        "unit_word": str(words.UNIT_WORDS[unit]),
        "units": _units(found),
        "what": words.kind(form),
        "period": words.period(question),
        "top": TOP,
        "elsewhere": elsewhere,
        "notes": words.rate_notes(unit),
        "areas": [_area(rate) for rate in found],
    }
    return _kept(request, JsonResponse(body))


def _units(found: tuple[Rate, ...]) -> dict[str, str]:
    """Name the denominators that this city has."""
    has_roads = any(rate.area.road_km for rate in found)
    return {
        unit: str(word) for unit, word in words.UNIT_WORDS.items() if unit is Unit.KM2 or has_roads
    }


def _area(rate: Rate) -> dict[str, Any]:
    interval = rate.interval
    return {
        "code": rate.area.code,
        "name": rate.area.title,
        "n": rate.n,
        "size": round(rate.size, 3),
        "rate": None if rate.value is None else round(rate.value, 2),
        "interval": None if interval is None else [round(end, 2) for end in interval],
        "rank": rate.rank,
        "quiet": rate.is_quiet,
        "said": words.rate(rate),
    }
