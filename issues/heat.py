"""What the map counts: the public issues of today, and of any day in the past."""

from typing import Final

from geodata.pyramid import Facet, Source

_LAYER: Final = Facet("layer", 3)
_CATEGORY: Final = Facet("category_id", 24)
_DEPARTMENT: Final = Facet("department_id", 24)

MAP: Final = Source(
    name="map",
    table="issues_publicissue",
    scope="city_id",
    facets=(_LAYER, Facet("overdue", 1), _CATEGORY, _DEPARTMENT),
    area="jurisdiction_id",
    coarse=2,
)
"""Public issues by the day on which they were received."""

HISTORY: Final = Source(
    name="history",
    table="issues_publicspan",
    scope="city_id",
    facets=(_LAYER, _CATEGORY, _DEPARTMENT),
    area="jurisdiction_id",
    days=(("since", 1), ("until", -1)),
)
"""What the map showed at the end of a day: ask `until` that day, and never `since`."""

SOURCES: Final = (MAP, HISTORY)
