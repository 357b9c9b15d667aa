"""What lies in one tile, for one question: counts from the pyramid, and single issues where few."""

from collections.abc import Sequence
from typing import Any, Final

from django.db.models import QuerySet

from geodata import pyramid, tiles
from geodata.tiles import Cells, Point, Tile
from issues.models import PublicIssue, PublicSpan
from issues.views.browsing import Asked

MOST_SEARCHED: Final = 20_000
"""So many rows of a tile are searched for the few that pass the filters; else it shows counts."""


def cells_of(asked: Asked, tile: Tile) -> Cells:
    """Count what lies in a tile; one statement, besides the one that looks up codes."""
    if asked.chosen.areas is not None:
        return tiles.count(_rows(asked), tile)
    by = ("layer",) if asked.as_of else ("layer", "overdue")
    counts = pyramid.read(asked.source, asked.city.pk, tile, asked.chosen.ask(by=by))
    codes = 2 * asked.source.unpack(counts.codes, "layer")
    if not asked.as_of:
        codes = codes + asked.source.unpack(counts.codes, "overdue")
    return Cells(counts.side, counts.cells, codes, counts.counts)


def points_of(asked: Asked, tile: Tile, total: int) -> Sequence[Point] | None:
    """Read the single issues of a tile that holds few; None where there are too many.

    One statement of bounded cost: where the few hide among very many that the filters leave out,
    or somebody has written since the counting, the tile keeps to its counts.
    """
    if not 0 < total <= tiles.MOST_POINTS:
        return None
    low, high = tile.range
    rows = _rows(asked)
    if asked.chosen.is_narrow and asked.chosen.areas is None:
        there = _table(asked).filter(city=asked.city, q__gte=low, q__lt=high)
        rows = rows.filter(pk__in=there.order_by("q").values("pk")[:MOST_SEARCHED])
    else:
        rows = rows.filter(q__gte=low, q__lt=high)
    found = rows.order_by().values_list(*_columns(asked))[: total + 1]
    points = [
        Point.at(q, tile, number=number, layer=layer, category=category, overdue=any(late))
        for q, number, layer, category, *late in found
    ]
    return points if len(points) == total else None


def _rows(asked: Asked) -> QuerySet[Any]:
    return asked.spans if asked.as_of else asked.rows


def _table(asked: Asked) -> QuerySet[Any]:
    return PublicSpan.objects.all() if asked.as_of else PublicIssue.objects.all()


def _columns(asked: Asked) -> tuple[str, ...]:
    """Name what a point is made from; a past day knows nothing overdue."""
    if asked.as_of:
        return "q", "issue__public_detail__number", "layer", "category_id"
    return "q", "number", "layer", "category_id", "overdue"
