"""What map and list share: the filters asked for, the page's context, and the same as data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import numpy as np
from django.contrib.gis.geos import Point
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from geodata import pyramid
from geodata.errors import BadCoordinate
from geodata.models import City, Department, Edition, Level
from geodata.pyramid import Source
from issues import heat, search, statistics
from issues.forms.filters import Chosen, FilterForm
from issues.models import Category, PublicIssue, PublicIssueQuerySet, PublicSpan
from issues.privacy import clean_text
from issues.statistics import Tally, Totals
from issues.views import cards, listing, map_config
from issues.views.listing import Page

TILE_FILTERS: Final = frozenset(
    {"layer", "category", "department", "area", "from", "to", "overdue", "as_of"}
)
LIST_FILTERS: Final = TILE_FILTERS | {"near", "after"}
SEARCHED: Final = LIST_FILTERS | {"cari"}
"""What the list takes; the map draws no words."""
_COLUMNS: Final = {
    "layer": "layers",
    "category": "categories",
    "department": "departments",
    "area": "areas",
}
"""Column of the counts → what was chosen of it."""

_WHEN: Final = {"from", "to", "as_of"}

_UNKNOWN: Final = {
    "page": gettext_lazy("Daftar ini tanpa nomor halaman: pakai “Tampilkan lebih banyak”."),
    "q": gettext_lazy("Parameter tidak dikenal: untuk mencari kata, pakai “cari”."),
}
"""What people type into the address, and what to do instead."""


class CityRequest(HttpRequest):
    """A request that the middleware has given its city."""

    city: City


@dataclass(frozen=True)
class Asked:
    """What a reader asks for: the filters, the sort and the page's key; and what answers it."""

    city: City
    form: FilterForm
    near: Point | None = None
    after: str = ""
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    words: str = ""

    @property
    def is_valid(self) -> bool:
        """Whether everything could be read."""
        return not self.errors

    @cached_property
    def chosen(self) -> Chosen:
        """The filters as keys; one statement where codes were given."""
        return self.form.chosen.resolved()

    @property
    def as_of(self) -> date | None:
        """The day at whose end the map is looked at; None: now."""
        return self.form.cleaned_data.get("as_of")

    @property
    def source(self) -> Source:
        """What is counted: today's issues, or the history."""
        return heat.HISTORY if self.as_of else heat.MAP

    @property
    def rows(self) -> PublicIssueQuerySet:
        """Today's public rows that were asked for."""
        return self.chosen.rows(PublicIssue.objects.filter(city=self.city))

    @cached_property
    def kinds(self) -> list[tuple[Category, list[Category]]]:
        """The kinds in use under their parents, in the order of the screen; one statement."""
        return _kinds(self.city)

    @cached_property
    def found(self) -> tuple[PublicIssueQuerySet, Totals, bool]:
        """What the words have found, how many, and whether by likeness; one statement or two."""
        flat = [kind for parent, children in self.kinds for kind in (parent, *children)]
        wanted = search.wanted(self.words, self.city, flat)
        exact = search.narrow(self.rows, wanted)
        counted = search.totals(exact)
        if counted.total:
            return exact, counted, False
        similar = search.alike(self.rows, wanted)
        return similar, search.totals(similar), True

    @property
    def spans(self) -> QuerySet[PublicSpan]:
        """Spans over the day that was asked for: one of each issue that the map showed then."""
        return self.chosen.spans(PublicSpan.objects.filter(city=self.city))

    @cached_property
    def tally(self) -> Tally:
        """All counts of the period, whatever else was chosen; one statement."""
        return Tally.read(self.source, self.city, self.chosen.ask(all_facets=True))

    def counted(self, *, but: str = "") -> Tally:
        """Keep the counts that pass the filters, all or all but one."""
        passing = np.ones(len(self.tally.count), dtype=np.bool_)
        for column, name in _COLUMNS.items():
            if column != but:
                passing &= self.tally.among(column, getattr(self.chosen, name))
        if self.chosen.overdue is not None:
            passing &= self.tally.overdue == self.chosen.overdue
        return self.tally.keep(passing)

    @cached_property
    def totals(self) -> Totals:
        """How many there are, by layer; nothing where the question cannot be read."""
        if self.is_valid and self.words:
            return self.found[1]
        return statistics.totals(self.counted()) if self.is_valid else statistics.NOTHING

    @cached_property
    def legend(self) -> Totals:
        """How many each layer would show: as if no layer were chosen."""
        return statistics.totals(self.counted(but="layer")) if self.is_valid else statistics.NOTHING

    @property
    def is_narrowed(self) -> bool:
        """Whether filters were chosen, besides words."""
        return any(self.form.data.values())

    @property
    def values(self) -> dict[str, str]:
        """The filters as they stand in the address, without the page's key."""
        words = {"cari": self.words} if self.words else {}
        return words | {name: value for name, value in self.form.data.items() if value}


def asked(request: CityRequest, *, allowed: frozenset[str] = LIST_FILTERS) -> Asked:
    """Read the address's filters; a plain form repeats a filter, a link joins it by commas."""
    given = {name: ",".join(request.GET.getlist(name)) for name in request.GET}
    unknown = sorted(set(given) - allowed)
    near, after = given.pop("near", ""), given.pop("after", "")
    words = clean_text(given.pop("cari", "")).strip()
    form = FilterForm(
        {name: given[name] for name in given if name in TILE_FILTERS | (allowed & {"bbox"})},
        city=request.city,
    )
    errors = {name: [str(text) for text in texts] for name, texts in form.errors.items()}
    if unknown:
        errors[unknown[0][:40]] = [str(_UNKNOWN.get(unknown[0], _("Parameter tidak dikenal.")))]
    if near and given.get("as_of"):
        errors["near"] = [_("Urutan terdekat hanya ada untuk keadaan sekarang.")]
    if words and given.get("as_of"):
        errors["cari"] = [_("Pencarian kata hanya ada untuk keadaan sekarang.")]
    if len(words) > search.LONGEST:
        errors["cari"] = [_("Paling banyak %(most)d huruf.") % {"most": search.LONGEST}]
    try:
        return Asked(request.city, form, listing.place_of(near), after, errors, words)
    except BadCoordinate:
        return Asked(
            request.city, form, errors={**errors, "near": [_("Tempat tidak dapat dibaca.")]}
        )


def context(asked: Asked) -> dict[str, Any]:
    """Collect what the map and list templates show; at most seven statements."""
    page = _page(asked)
    city = asked.city
    kinds = asked.kinds
    departments = list(Department.objects.filter(city=city, active=True).order_by("short_name"))
    more: dict[str, Any] = {"kinds": _kind_words(kinds)}
    if asked.is_valid and not asked.values:
        # The script need not ask again for what nobody has narrowed.
        flat = [kind for parent, children in kinds for kind in (parent, *children)]
        more["first"] = counts(asked, flat, departments)
    return {
        "asked": asked,
        "totals": asked.totals,
        "cards": page.cards,
        "next": _next(asked, page),
        "first": _address(asked),
        "alike": bool(asked.words and asked.is_valid and asked.found[2] and page.cards),
        "kinds": kinds,
        "departments": departments,
        "chosen_layers": asked.form.cleaned_data.get("layer", []) if asked.is_valid else [],
        "approximate": _approximate(city),
        "config": map_config.config(city) | more,
        "leaflet": map_config.leaflet(city),
    }


def presets(asked: Asked) -> list[dict[str, Any]]:
    """Lead to the last day, week, month and year, and to all time, with the other filters kept."""
    kept = {name: text for name, text in asked.values.items() if name not in _WHEN}
    now = {name: text for name, text in asked.values.items() if name in _WHEN}
    today = timezone.localdate(timezone=ZoneInfo(asked.city.zone))
    links = []
    for days, word in (
        (1, _("1 hari")),
        (7, _("7 hari")),
        (30, _("30 hari")),
        (365, _("1 tahun")),
        (0, _("Semua")),
    ):
        when = {"from": (today - timedelta(days - 1)).isoformat()} if days else {}
        query = urlencode(kept | when, safe=",")
        links.append({"word": word, "query": query, "chosen": now == when})
    return links


def _kind_words(kinds: Sequence[tuple[Category, Sequence[Category]]]) -> dict[int, str]:
    """Name each kind by its id, as tiles send it."""
    return {kind.pk: kind.label for parent, children in kinds for kind in (parent, *children)}


def data(asked: Asked) -> dict[str, Any]:
    """Answer the map's list as data; the counts come with the first page only."""
    page = _page(asked)
    answer: dict[str, Any] = {
        "items": [cards.card_data(card) for card in page.cards],
        "next": _next(asked, page) or None,
    }
    if asked.after:
        return answer
    if asked.words:
        layers = [[part.count, part.overdue] for part in asked.totals.layers]
        told = {"total": asked.totals.total, "unplaced": asked.totals.unplaced, "layers": layers}
        return answer | told
    kinds = list(Category.objects.filter(city=asked.city))
    departments = list(Department.objects.filter(city=asked.city))
    return answer | counts(asked, kinds, departments)


def counts(
    asked: Asked, kinds: Sequence[Category], departments: Sequence[Department]
) -> dict[str, Any]:
    """Tell all counts as data; kinds and departments as if their own filter were not set."""
    by_kind = statistics.by_kind(asked.counted(but="category"), kinds)
    by_department = asked.counted(but="department").by("department")
    return {
        "total": asked.totals.total,
        "unplaced": asked.totals.unplaced,
        "layers": [[part.count, part.overdue] for part in asked.totals.layers],
        "legend": [[part.count, part.overdue] for part in asked.legend.layers],
        "areas": [
            [area.code, area.parent_code, area.count, area.open]
            for area in statistics.by_area(asked.counted())
        ],
        "kinds": [[kind.service_code, by_kind[kind.pk]] for kind in kinds if kind.pk in by_kind],
        "departments": [
            [one.code, by_department[one.pk]] for one in departments if one.pk in by_department
        ],
    }


def history(asked: Asked) -> dict[str, Any]:
    """Tell how many issues came in each month; at most four statements.

    A period or a day does not narrow it: both are chosen on it.
    """
    whole = replace(asked.chosen, since=None, until=None, as_of=None)
    zone = ZoneInfo(asked.city.zone)
    oldest = PublicIssue.objects.filter(city=asked.city).order_by("received_at").values("day")[:1]
    first = oldest.values_list("day", flat=True).first()
    if whole.areas is None:
        found = pyramid.months(heat.MAP, asked.city.pk, whole.ask(by=()))
    else:
        found = statistics.months(whole.rows(PublicIssue.objects.filter(city=asked.city)))
    return {
        "first": first.isoformat() if first else None,
        "last": timezone.localdate(timezone.now(), zone).isoformat(),
        "months": [[f"{month:%Y-%m}", n] for month, n in found],
    }


def _page(asked: Asked) -> Page:
    city = asked.city
    if not asked.is_valid:
        return Page((), "")
    if asked.words:
        rows, totals, _alike = asked.found
        if not totals.total:
            return Page((), "")
        if asked.near:
            return listing.read(
                rows, near=asked.near, after=asked.after, city=city, total=totals.total
            )
        return listing.read_found(rows, after=asked.after, city=city)
    if asked.as_of:
        return listing.read_past(asked.spans, after=asked.after, city=city)
    return listing.read(
        asked.rows, near=asked.near, after=asked.after, city=city, total=asked.totals.total
    )


def _address(asked: Asked, **more: str) -> str:
    near = {"near": f"{asked.near.y:.5f},{asked.near.x:.5f}"} if asked.near else {}
    query = urlencode({**asked.values, **near, **more})
    return f"{reverse('list')}?{query}" if query else reverse("list")


def _next(asked: Asked, page: Page) -> str:
    return _address(asked, after=page.next) if page.next else ""


def _kinds(city: City) -> list[tuple[Category, list[Category]]]:
    """Group the kinds in use under their parents, in the order of the screen; one statement."""
    active = list(Category.objects.filter(city=city, active=True))
    return [
        (parent, [kind for kind in active if kind.parent_id == parent.pk])
        for parent in active
        if parent.parent_id is None
    ]


def _approximate(city: City) -> bool:
    """Tell whether the areas in force are the demo's own drawing."""
    drawn = Edition.objects.current().filter(city=city, layer=Level.VILLAGE.layer)
    return drawn.filter(approximate=True).exists()
