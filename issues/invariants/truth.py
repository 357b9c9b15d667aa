"""What a truth is, and how it walks through many rows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet

from geodata.models import City
from issues.models import Issue

BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Violation:
    """One row that breaks a truth: what is wrong, and which rows to look at."""

    sentence: str
    ids: tuple[object, ...] = ()

    def __str__(self) -> str:
        return " ".join([*(str(one) for one in self.ids), self.sentence])


@dataclass(frozen=True, slots=True)
class Truth:
    """One statement about the data, of one city or (None) of all."""

    name: str
    says: str
    find: Callable[[City | None], Iterator[Violation]]


def issues(city: City | None) -> QuerySet[Issue]:
    """Take the issues of a city, or all."""
    rows = Issue.objects.select_related("city").order_by("pk")
    return rows if city is None else rows.filter(city=city)


def of(city: City | None, path: str) -> dict[str, Any]:
    """Make the filter that keeps the rows of a city; `path` leads from the row to it."""
    return {} if city is None else {path: city}


def batches(rows: QuerySet[Issue]) -> Iterator[list[Issue]]:
    """Read many issues in pages by key, each with its prefetched rows."""
    last = 0
    while page := list(rows.filter(pk__gt=last)[:BATCH]):
        yield page
        last = page[-1].pk
