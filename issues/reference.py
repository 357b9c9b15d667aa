"""A city as data: read its folder of TOML, find everything wrong with it at once, bring the rows up to date.

A city is `cities/<slug>/{city,departments,categories,rules,holidays}.toml` and no code. Geometry is not
reference data: boundaries, streets and assets come by import (or by the demo).
"""

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from itertools import chain
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import holidays
from django.contrib.gis.geos import Point
from django.db import models, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from geodata.crs import WGS84
from geodata.errors import UnknownLevel
from geodata.models import City, Department, Level, RoadClass, RoutingRule
from issues.errors import IssueError, UnknownCity
from issues.models import Category, Clock, Holiday

type_ = str
Row = dict[str, Any]

CITIES: Final = Path(__file__).resolve().parent / "cities"

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
