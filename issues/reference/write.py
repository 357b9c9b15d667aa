"""From a city's rows to its files: the way back of `rows`, in the same words.

What is switched off is not written; people, their rights and every secret stay out.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC
from typing import Any, Final

import tomli_w

from geodata.models import City, Department, Landmark, RoutingRule
from issues.models import Category, Clock, Escalation, Question, ReplyTemplate, Unit
from issues.reference.files import WEEKDAYS, Row, serves
from issues.reference.rows import DUPLICATE_RADIUS_M, WITHIN_M

_CLOCK: Final = (
    *("code", "disposition_hours", "target_days", "limit_days", "joint_target_days"),
    *("joint_limit_days", "answer_days", "source"),
)
_QUESTION: Final = (
    *("hint", "hint_en", "required", "choices", "condition", "layer", "least", "most", "stops"),
)
_LEVELS: Final = {0: "tetangga", 1: "kota", 2: "kecamatan", 3: "desa", 4: "kawasan"}


def write(city: City) -> dict[str, str]:
    """Write a city as it stands.

    Returns:
        name of a file → its text, TOML; the same city gives the same texts to the letter.
    """
    rules = list(_active(city.rules.select_related("department")).order_by("pk"))
    kinds = list(_active(city.categories.select_related("clock")).order_by("position", "pk"))
    tables = {
        "departments.toml": ("department", map(_department, _by_code(city.departments))),
        "units.toml": ("unit", map(_unit, _units(city))),
        "categories.toml": ("category", _categories(kinds, rules)),
        "questions.toml": ("question", _questions(city)),
        "rules.toml": ("rule", map(_rule, rules)),
        "holidays.toml": ("holiday", _holidays(city)),
        "landmarks.toml": ("landmark", map(_landmark, _by_code(city.landmarks))),
        "replies.toml": ("reply", map(_reply, _replies(city))),
    }
    texts = {name: tomli_w.dumps({table: list(rows)}) for name, (table, rows) in tables.items()}
    return {"city.toml": tomli_w.dumps(_city(city))} | texts


def _active(rows: Any) -> Any:
    return rows.filter(active=True)


def _by_code(rows: Any) -> Any:
    return _active(rows).order_by("code")


def _said(row: Mapping[str, Any]) -> Row:
    """Leave out what says nothing."""
    return {key: value for key, value in row.items() if value not in (None, "", [], {}, False)}


def _city(city: City) -> Row:
    banner = {
        "banner": city.banner,
        "banner_en": city.banner_en,
        "banner_from": city.banner_from and city.banner_from.astimezone(UTC),
        "banner_until": city.banner_until and city.banner_until.astimezone(UTC),
    }
    return {
        **{name: getattr(city, name) for name in ("slug", "name", "short_name", "prefix")},
        **{name: getattr(city, name) for name in ("province", "host", "zone", "metric_srid")},
        "center": list(city.center.coords),
        "extent": list(city.extent),
        "emergency_number": city.emergency,
        "requires_account": city.requires_account,
        **_said(banner),
        "contact": city.contact,
        "office_hours": _hours(city.office_hours),
        "clock": [_clock(row) for row in city.clocks.order_by("code")],
        "escalation": [
            _escalation(row) for row in _by_code(city.escalations.select_related("clock"))
        ],
    }


def _with_clocks(city: City) -> Any:
    return city.escalations.select_related("clock")


def _hours(hours: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {WEEKDAYS[int(day)]: list(span) for day, span in sorted(hours.items())}


def _clock(row: Clock) -> Row:
    return {name: getattr(row, name) for name in _CLOCK}


def _escalation(row: Escalation) -> Row:
    return {
        **{name: getattr(row, name) for name in ("code", "date", "role", "kind")},
        **({"percent": row.percent} if row.percent is not None else {}),
        **({"days_after": row.days_after} if row.days_after is not None else {}),
        **({"clock": row.clock.code} if row.clock else {}),
    }


def _department(row: Department) -> Row:
    return {
        **{name: getattr(row, name) for name in ("code", "name", "short_name", "kind", "external")},
        **{name: getattr(row, name) for name in ("tasks", "email", "validates")},
        "office_hours": _hours(row.office_hours),
    }


def _units(city: City) -> Iterable[Unit]:
    rows = Unit.objects.filter(department__city=city, active=True, department__active=True)
    return rows.select_related("department").order_by("department__code", "code")


def _unit(row: Unit) -> Row:
    return {"department": row.department.code, "code": row.code, "name": row.name}


def _categories(kinds: list[Category], rules: list[RoutingRule]) -> Iterable[Row]:
    """Write kinds in their order; one that nobody serves goes to triage."""
    parents = {row.parent_id for row in kinds}
    for place, row in enumerate(kinds, start=1):
        routed = any(serves(rule.service_code, row.service_code) for rule in rules)
        yield _category(row) | _said(
            {
                "position": row.position if row.position != place else None,
                "triage": not routed and row.pk not in parents,
            }
        )


def _category(row: Category) -> Row:
    optional: Row = {
        "nature": "" if row.nature == Category.Nature.ORDINARY else row.nature,
        "privacy": "rahasia" if row.confidential else "",
        "fast_lane": row.fast_lane,
        "exact_place": row.exact_place,
        "clock": "" if row.clock.code == "standar" else row.clock.code,
        "emergency_hint": row.warning,
        "emergency_hint_en": row.warning_en,
        "related": list(row.related),
    }
    if row.duplicate_radius_m != DUPLICATE_RADIUS_M:
        optional["duplicate_radius_m"] = row.duplicate_radius_m
    return {
        **{name: getattr(row, name) for name in ("service_code", "name", "name_en")},
        **{name: getattr(row, name) for name in ("description", "description_en", "icon")},
        "keywords": list(row.keywords),
        **_said(optional),
    }


def _questions(city: City) -> Iterable[Row]:
    rows = Question.objects.filter(category__city=city, category__active=True, active=True)
    ordered = rows.select_related("category").order_by("position", "pk")
    for place, row in enumerate(ordered, start=1):
        yield {
            "category": row.category.service_code,
            **{name: getattr(row, name) for name in ("code", "kind", "text", "text_en")},
            **_numbers(row),
            **_said({name: getattr(row, name) for name in _QUESTION if name not in _NUMBERS}),
            **({"position": row.position} if row.position != place else {}),
        }


_NUMBERS: Final = ("least", "most")


def _numbers(row: Question) -> Row:
    """Give the limits that there are; nought is one."""
    return {name: getattr(row, name) for name in _NUMBERS if getattr(row, name) is not None}


def _rule(row: RoutingRule) -> Row:
    place: Row = {}
    if row.level is not None:
        place = {"level": _LEVELS[row.level], "area": row.area_code}
    return {
        "code": row.code,
        "service_code": row.service_code,
        "department": row.department.code,
        **{name: getattr(row, name) for name in ("explanation", "explanation_en", "source")},
        **place,
        **_said({name: getattr(row, name) for name in ("road_class", "facts", "priority")}),
        **({"within_m": row.within_m} if row.within_m != WITHIN_M else {}),
        **_said({"fallback": row.fallback}),
        **_said(
            {
                "valid_from": row.valid.lower if row.valid else None,
                "valid_to": row.valid.upper if row.valid else None,
            }
        ),
    }


def _holidays(city: City) -> Iterable[Row]:
    for row in city.holidays.order_by("date"):
        yield {"date": row.date, "name": row.name, "kind": row.kind}


def _landmark(row: Landmark) -> Row:
    return {
        **{name: getattr(row, name) for name in ("code", "name", "kind")},
        "lon": row.point.x,
        "lat": row.point.y,
        **_said({"approximate": row.approximate}),
    }


def _replies(city: City) -> Iterable[ReplyTemplate]:
    rows = ReplyTemplate.objects.filter(city=city, active=True)
    return rows.select_related("department", "category").order_by("step", "name", "pk")


def _reply(row: ReplyTemplate) -> Row:
    return {
        "step": row.step,
        "name": row.name,
        "text": row.text,
        **({"department": row.department.code} if row.department else {}),
        **({"category": row.category.service_code} if row.category else {}),
    }
