"""A city as data: read its folder of TOML, find what is wrong with it, bring the rows up to date.

A city is `cities/<slug>/{city,departments,categories,questions,rules,holidays,landmarks}.toml` and
no code. Geometry is not reference data, but for the spots of landmarks: boundaries, streets and
assets come by import (or by the demo).
"""

from issues.reference.files import BadReference, CityFiles, names, problems, read, toml
from issues.reference.rows import Change, Summary, load

__all__ = [
    "BadReference",
    "Change",
    "CityFiles",
    "Summary",
    "load",
    "names",
    "problems",
    "read",
    "toml",
]
