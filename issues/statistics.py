"""Counts for the public, out of the pyramid's: never by counting rows. Parts sum to the total."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Self

import numpy as np
from django.db.models import Count
from django.db.models.functions import TruncMonth
from numpy.typing import NDArray

from geodata.models import City, Jurisdiction
from geodata.pyramid import AreaCounts, Ask, Source, areas
from issues.models import Category, PublicIssueQuerySet
from issues.workflow import Layer

Numbers = NDArray[np.int64]
Mask = NDArray[np.bool_]
OPEN_LAYERS: Final = (Layer.WAITING, Layer.RESPONSE, Layer.FIELD)


@dataclass(frozen=True, slots=True)
class LayerCount:
    """How many issues stand in one public layer, how many of them beyond their due date."""

    layer: Layer
    count: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Totals:
    """All layers in the order of progress; `unplaced` of `total` have no point on the map."""

    layers: tuple[LayerCount, ...]
    unplaced: int

    @property
    def total(self) -> int:
        """How many issues in all; the sum of the layers."""
        return sum(part.count for part in self.layers)

    @property
    def overdue(self) -> int:
        """How many are beyond their due date."""
        return sum(part.overdue for part in self.layers)


NOTHING: Final = Totals(tuple(LayerCount(layer, 0, 0) for layer in Layer), 0)


@dataclass(frozen=True, slots=True)
class AreaCount:
    """How many issues lie in one area, how many of them still open."""

    code: str
    parent_code: str
    count: int
    open: int


@dataclass(frozen=True, slots=True)
class Tally:
    """All counts of a city in a period, side by side by area, place and facets.

    Attributes:
        area: key of the area in which an issue was routed; 0: none.
        unplaced: without a point on the map.
        layer: public layer.
        overdue: beyond the due date; False throughout for a day of the past.
        category: key of the kind.
        department: key of the department; 0: none.
        count: how many; never 0.
    """

    area: Numbers
    unplaced: Mask
    layer: Numbers
    overdue: Mask
    category: Numbers
    department: Numbers
    count: Numbers

    @classmethod
    def read(cls, source: Source, city: City, ask: Ask) -> Self:
        """Read what the pyramid holds; one statement."""
        return cls.of(source, areas(source, city.pk, ask))

    @classmethod
    def of(cls, source: Source, counts: AreaCounts) -> Self:
        """Unpack the facets."""
        late = any(facet.name == "overdue" for facet in source.facets)
        return cls(
            area=counts.area,
            unplaced=counts.unplaced,
            layer=source.unpack(counts.codes, "layer"),
            overdue=source.unpack(counts.codes, "overdue") == 1
            if late
            else np.zeros(len(counts.codes), dtype=np.bool_),
            category=source.unpack(counts.codes, "category"),
            department=source.unpack(counts.codes, "department"),
            count=counts.counts,
        )

    def keep(self, mask: Mask) -> Self:
        """Keep some entries."""
        return type(self)(
            self.area[mask],
            self.unplaced[mask],
            self.layer[mask],
            self.overdue[mask],
            self.category[mask],
            self.department[mask],
            self.count[mask],
        )

    def among(self, name: str, keys: Collection[int] | None) -> Mask:
        """Say which entries have one of some keys in a column; None: all."""
        column = getattr(self, name)
        if keys is None:
            return np.ones(len(column), dtype=np.bool_)
        return np.isin(column, np.fromiter((int(key) for key in keys), dtype=np.int64))

    def by(self, name: str) -> dict[int, int]:
        """Count by the keys of one column."""
        keys, at = np.unique(getattr(self, name), return_inverse=True)
        sums = np.bincount(at, weights=self.count, minlength=len(keys))
        return {int(key): int(n) for key, n in zip(keys, sums, strict=True)}


def totals(tally: Tally) -> Totals:
    """Count by layer."""
    found, late = tally.by("layer"), tally.keep(tally.overdue).by("layer")
    layers = tuple(LayerCount(layer, found.get(layer, 0), late.get(layer, 0)) for layer in Layer)
    return Totals(layers, int(tally.count[tally.unplaced].sum()))


def by_area(tally: Tally) -> Sequence[AreaCount]:
    """Count by the area that issues were routed in, the fullest first; one statement.

    Issues outside every area are in none of the rows. An area of several editions is one.
    """
    found = tally.by("area")
    still = tally.keep(tally.among("layer", OPEN_LAYERS)).by("area")
    named = Jurisdiction.objects.filter(pk__in=found.keys() - {0})
    sums: dict[tuple[str, str], Any] = {}
    for key, code, parent in named.values_list("pk", "code", "parent_code"):
        n, left = sums.get((code, parent), (0, 0))
        sums[code, parent] = n + found[key], left + still.get(key, 0)
    counted = [AreaCount(*codes, *counts) for codes, counts in sums.items()]
    return sorted(counted, key=lambda area: (-area.count, area.code))


def by_kind(tally: Tally, kinds: Collection[Category]) -> dict[int, int]:
    """Count by kind; a parent holds its children. Keys of kinds, without what is not there."""
    found = tally.by("category")
    held = {kind.pk: found.get(kind.pk, 0) for kind in kinds}
    for kind in kinds:
        if kind.parent_id in held:
            held[kind.parent_id] += found.get(kind.pk, 0)
    return {key: n for key, n in held.items() if n}


def months(rows: PublicIssueQuerySet) -> list[tuple[date, int]]:
    """Count rows by the month of their receipt, each named by its first day; one statement."""
    by_month = rows.order_by().annotate(month=TruncMonth("day")).values_list("month")
    return list(by_month.annotate(n=Count("*")).order_by("month"))
