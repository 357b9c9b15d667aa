"""The book of routing rules as plain data: a rule's values out, and back into its row."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django.db.backends.postgresql.psycopg_any import DateRange

from geodata.models import City, Department, RoutingRule

PLAIN: Final = (
    "code",
    "service_code",
    "level",
    "area_code",
    "road_class",
    "within_m",
    "facts",
    "priority",
    "fallback",
    "explanation",
    "explanation_en",
    "source",
    "active",
)
"""Columns that JSON takes as they are."""


def values(rule: RoutingRule) -> dict[str, Any]:
    """Write a rule as JSON can keep it; its department by code, its dates as ISO 8601."""
    span = rule.valid
    return {
        **{name: getattr(rule, name) for name in PLAIN},
        "department": rule.department.code,
        "since": span.lower.isoformat() if span and span.lower else "",
        "until": span.upper.isoformat() if span and span.upper else "",
    }


def write(city: City, rule: RoutingRule | None, told: Mapping[str, Any]) -> RoutingRule:
    """Give a rule the values that `values` would give back; None makes a new one.

    Raises:
        Department.DoesNotExist: the city has no department of that code.
    """
    row = rule or RoutingRule(city=city)
    for name in PLAIN:
        setattr(row, name, told[name])
    row.department = Department.objects.get(city=city, code=told["department"])
    since, until = (_day(told[name]) for name in ("since", "until"))
    row.valid = DateRange(since, until) if since or until else None
    row.save()
    return row


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
