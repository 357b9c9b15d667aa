"""Live counts of any table by tile, cell, facets and day, at a cost that does not grow with it.

Chunks hold sparse vectors of counts for every tile with thousands of rows; statement triggers
append what comes and goes to a delta; a reader adds both up in one statement, so a row is counted
in the commit that makes it; the fold moves the delta into the chunks. The table's own covering
index answers for tiles with few rows. A TRUNCATE empties all that with the table; what bypasses
triggers (a restore) is found by `drifted` and `differences` and mended by `rebuild`.
"""

from geodata.pyramid.checking import differences, drifted
from geodata.pyramid.folding import bulk, fold, rebuild
from geodata.pyramid.install import create, drop
from geodata.pyramid.reading import AreaCounts, Counts, areas, months, read, totals
from geodata.pyramid.source import Ask, Facet, Limits, Source, UnknownFacet

__all__ = [
    "AreaCounts",
    "Ask",
    "Counts",
    "Facet",
    "Limits",
    "Source",
    "UnknownFacet",
    "areas",
    "bulk",
    "create",
    "differences",
    "drifted",
    "drop",
    "fold",
    "months",
    "read",
    "rebuild",
    "totals",
]
