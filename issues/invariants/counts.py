"""The truth about the counts of the map: they are those of its rows."""

from collections.abc import Iterator

from geodata import pyramid
from geodata.models import City
from issues import heat
from issues.invariants.truth import Violation


def pyramids(city: City | None) -> Iterator[Violation]:
    """Yield every chunk of counts that differs from the rows; `rebuild_heat` mends them."""
    for source in heat.SOURCES:
        for words in pyramid.differences(source, scope=city.pk if city else None):
            yield Violation(words)
