"""A city as data: read its files of TOML, find what is wrong with them, bring the rows up to date.

A city is `cities/<slug>/{city,departments,categories,questions,rules,holidays,landmarks}.toml` and
no code; `write` makes such files of a city as it stands, with units and templates of replies beside
them, and `bundle` puts them into one file. Geometry is not reference data, but for the spots of
landmarks: boundaries, streets and assets come by import (or by the demo).
"""

from issues.reference.bundle import MOST_BYTES, pack, unpack
from issues.reference.files import BadReference, CityFiles, names, parse, problems, read
from issues.reference.pen import Change
from issues.reference.rows import Summary, load
from issues.reference.trial import StaleTrial, Trial, bring_in, seal, try_out, unseal
from issues.reference.write import write

__all__ = [
    "MOST_BYTES",
    "BadReference",
    "Change",
    "CityFiles",
    "StaleTrial",
    "Summary",
    "Trial",
    "bring_in",
    "load",
    "names",
    "pack",
    "parse",
    "problems",
    "read",
    "seal",
    "try_out",
    "unpack",
    "unseal",
    "write",
]
