"""Counts for the public: querysets in, plain rows out. Parts sum to the total."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from issues.models import PublicIssueQuerySet
from issues.workflow import Layer


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


@dataclass(frozen=True, slots=True)
class AreaCount:
    """How many issues lie in one area, how many of them still open."""

    code: str
    parent_code: str
    count: int
    open: int


def totals(rows: PublicIssueQuerySet) -> Totals:
    """Count public issues by layer; one statement."""
    counted = (
        rows.order_by()
        .values("layer")
        .annotate(
            n=Count("*"),
            late=Count("pk", filter=Q(overdue=True)),
            unplaced=Count("pk", filter=Q(q__isnull=True)),
        )
    )
    found = {row["layer"]: row for row in counted}
    layers = tuple(_layer_count(layer, found.get(layer)) for layer in Layer)
    return Totals(layers, sum(row["unplaced"] for row in found.values()))


def _layer_count(layer: Layer, row: Mapping[str, Any] | None) -> LayerCount:
    return LayerCount(layer, row["n"], row["late"]) if row else LayerCount(layer, 0, 0)


def by_area(rows: PublicIssueQuerySet) -> Sequence[AreaCount]:
    """Count public issues by the area that they were routed in, the fullest first; one statement.

    Issues outside every area are in none of the rows.
    """
    open_layers = (Layer.WAITING, Layer.RESPONSE, Layer.FIELD)
    counted = (
        rows.order_by()
        .filter(jurisdiction__isnull=False)
        .values_list("jurisdiction__code", "jurisdiction__parent_code")
        .annotate(n=Count("*"), open=Count("pk", filter=Q(layer__in=open_layers)))
        .order_by("-n", "jurisdiction__code")
    )
    return [AreaCount(*row) for row in counted]
