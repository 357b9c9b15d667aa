"""From a city's files to its rows, as often as one likes: what is the same is left alone."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import holidays
from django.contrib.gis.geos import Point
from django.db import models, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from geodata.crs import WGS84
from geodata.models import City, Level
from issues import outbox
from issues.models import Category, Question
from issues.reference import asking, rising
from issues.reference.files import WEEKDAYS, BadReference, CityFiles, Row, problems

Values = dict[str, Any]

_OF_CLOCKS: Final = ("city", "clock", "department", "category", "holiday", "escalation")
"""Tables from which the dates and reminders of issues follow."""

DUPLICATE_RADIUS_M: Final = 100
"""Within so many metres two reports may be about the same, where a kind does not say."""
_KINDS_OF_DAY: Final = (("public", "national"), ("government", "joint"))
"""Category of the `holidays` package → our kind; the first one wins a day that has two."""


@dataclass(frozen=True, slots=True)
class Change:
    """How many rows of one table were made, changed, switched off, or already right."""

    created: int = 0
    changed: int = 0
    retired: int = 0
    same: int = 0

    @property
    def did_something(self) -> bool:
        """Whether any row is another now."""
        return bool(self.created + self.changed + self.retired)


@dataclass(frozen=True, slots=True)
class Summary:
    """What `load` did, per table, in the order of loading."""

    city: City
    changes: Mapping[str, Change]

    @property
    def changed_nothing(self) -> bool:
        """Whether every row was already right."""
        return not any(change.did_something for change in self.changes.values())

    @property
    def moves_dates(self) -> bool:
        """Whether dates or reminders of issues may be others now."""
        return any(self.changes[table].did_something for table in _OF_CLOCKS)


@transaction.atomic
def load(files: CityFiles, *, renew_holidays: bool = False) -> Summary:
    """Bring a city's rows up to date with its files; what they no longer name is switched off.

    Args:
        files: what `read` gave.
        renew_holidays: take every day off as the files and the `holidays` package have it. Else a
            year that already has days of a kind is left alone: an administrator may have edited it.

    Raises:
        BadReference: the files contradict themselves; all faults are named and nothing is loaded.
    """
    if found := problems(files):
        raise BadReference(found)
    city, city_change = _load_city(files.city)
    changes = {"city": city_change, "clock": _load_clocks(city, files)}
    changes["department"] = _load_departments(city, files)
    changes["category"] = _load_categories(city, files)
    changes["rule"] = _load_rules(city, files)
    changes["holiday"] = _load_holidays(city, files, renew=renew_holidays)
    changes["escalation"] = _load_escalations(city, files)
    changes["landmark"] = _load_landmarks(city, files)
    changes["question"] = _load_questions(city, files)
    summary = Summary(city, changes)
    if summary.moves_dates and city.issues.exists():
        outbox.put("reclock", city_id=city.pk, since=0)
    return summary


def _load_city(row: Row) -> tuple[City, Change]:
    values = {
        "name": row["name"],
        "short_name": row["short_name"],
        "province": row["province"],
        "prefix": row["prefix"],
        "zone": row["zone"],
        "metric_srid": row["metric_srid"],
        "center": Point(tuple(row["center"]), srid=WGS84),
        "extent": [float(edge) for edge in row["extent"]],
        "emergency": row["emergency_number"],
        "contact": row["contact"],
        "requires_account": row.get("requires_account", False),
        "office_hours": _hours(row),
    }
    if row["host"]:
        values["host"] = row["host"]
    city = City.objects.filter(slug=row["slug"]).first()
    if city is None:
        return City.objects.create(slug=row["slug"], **values), Change(created=1)
    return city, Change(**_update(city, values))


def _hours(row: Row) -> dict[str, list[str]]:
    return {str(WEEKDAYS.index(day)): hours for day, hours in row["office_hours"].items()}


def _update(row: models.Model, values: Values) -> dict[str, int]:
    """Write what differs; say in which column of `Change` the row counts."""
    differing = [name for name, value in values.items() if getattr(row, name) != value]
    if not differing:
        return {"same": 1}
    for name in differing:
        setattr(row, name, values[name])
    row.save(update_fields=differing)
    return {"changed": 1}


def _upsert(rows: Any, *, key: str, wanted: Mapping[str, Values]) -> Change:
    """Make, change, leave or switch off the rows of one table.

    Args:
        rows: the related manager of the city, e.g. `city.departments`.
        key: the column by which rows are known; unique in a city.
        wanted: key → the columns that the file decides.
    """
    known = {getattr(row, key): row for row in rows.all()}
    counts: Counter[str] = Counter()
    for code, values in wanted.items():
        if code in known:
            counts.update(_update(known[code], values))
        else:
            rows.create(**{key: code}, **values)
            counts["created"] += 1
    counts["retired"] = sum(_retire(row) for code, row in known.items() if code not in wanted)
    return Change(**counts)


def _retire(row: models.Model) -> int:
    """Switch off a row that no file names any more; a table without a switch keeps it."""
    if not getattr(row, "active", False):
        return 0
    return _update(row, {"active": False})["changed"]


def _load_clocks(city: City, files: CityFiles) -> Change:
    wanted = {
        row["code"]: {name: value for name, value in row.items() if name != "code"}
        for row in files.clocks
    }
    return _upsert(city.clocks, key="code", wanted=wanted)


def _load_departments(city: City, files: CityFiles) -> Change:
    wanted = {row["code"]: _department(row) for row in files.departments}
    return _upsert(city.departments, key="code", wanted=wanted)


def _department(row: Row) -> Values:
    """Take what the file decides; address and hours are the administrator's where it is silent."""
    values = {name: row[name] for name in ("name", "short_name", "kind", "external", "tasks")}
    chosen: Values = {"email": row["email"]} if "email" in row else {}
    if "office_hours" in row:
        chosen["office_hours"] = _hours(row)
    return values | {"active": True} | chosen


def _load_escalations(city: City, files: CityFiles) -> Change:
    clocks = {clock.code: clock for clock in city.clocks.all()}
    wanted = {row["code"]: rising.values(row, clocks) for row in files.escalations}
    return _upsert(city.escalations, key="code", wanted=wanted)


def _load_categories(city: City, files: CityFiles) -> Change:
    clocks = {clock.code: clock for clock in city.clocks.all()}
    wanted = {
        row["service_code"]: _category(row)
        | {"position": place, "clock": clocks[row.get("clock", "standar")]}
        for place, row in enumerate(files.categories, start=1)
    }
    change = _upsert(city.categories, key="service_code", wanted=wanted)
    _hang_up(city, files)
    return change


def _hang_up(city: City, files: CityFiles) -> None:
    """Give each category its parent, once all of them have rows."""
    rows = {row.service_code: row for row in city.categories.filter(active=True)}
    for code, row in rows.items():
        _update(row, {"parent": rows.get(files.parent(code))})


def _category(row: Row) -> Values:
    return {
        **{name: row[name] for name in ("name", "name_en", "description", "description_en")},
        **{name: row[name] for name in ("keywords", "icon")},
        "nature": row.get("nature", Category.Nature.ORDINARY),
        "confidential": row.get("privacy") == "rahasia",
        "fast_lane": row.get("fast_lane", False),
        "exact_place": row.get("exact_place", False),
        "related": row.get("related", []),
        "duplicate_radius_m": row.get("duplicate_radius_m", DUPLICATE_RADIUS_M),
        "warning": row.get("emergency_hint", ""),
        "warning_en": row.get("emergency_hint_en", ""),
        "active": True,
    }


def _load_rules(city: City, files: CityFiles) -> Change:
    departments = {department.code: department for department in city.departments.all()}
    wanted = {
        row["code"]: _rule(row) | {"department": departments[row["department"]]}
        for row in files.rules
    }
    return _upsert(city.rules, key="code", wanted=wanted)


def _rule(row: Row) -> Values:
    return {
        **{name: row[name] for name in ("service_code", "explanation", "explanation_en", "source")},
        "level": Level.named(row["level"]) if "level" in row else None,
        "area_code": row.get("area", ""),
        "road_class": row.get("road_class", ""),
        "within_m": row.get("within_m", 30),
        "facts": row.get("facts", {}),
        "priority": row.get("priority", 0),
        "fallback": row.get("fallback", False),
        "valid": _span(row.get("valid_from"), row.get("valid_to")),
        "active": True,
    }


def _load_landmarks(city: City, files: CityFiles) -> Change:
    wanted = {
        row["code"]: {
            "name": row["name"],
            "kind": row["kind"],
            "approximate": row.get("approximate", False),
            "point": Point(row["lon"], row["lat"], srid=WGS84),
            "active": True,
        }
        for row in files.landmarks
    }
    return _upsert(city.landmarks, key="code", wanted=wanted)


def _load_questions(city: City, files: CityFiles) -> Change:
    """Bring the questions of all kinds up to date; one that no file asks is asked no more."""
    kinds = {kind.service_code: kind for kind in city.categories.all()}
    rows = Question.objects.filter(category__city=city).select_related("category")
    known = {(row.category.service_code, row.code): row for row in rows}
    counts: Counter[str] = Counter()
    wanted = {
        (row["category"], row["code"]): asking.values(row, place)
        for place, row in enumerate(files.questions, start=1)
    }
    for key, values in wanted.items():
        if key in known:
            counts.update(_update(known[key], values))
        else:
            kinds[key[0]].questions.create(code=key[1], **values)
            counts["created"] += 1
    counts["retired"] = sum(_retire(row) for key, row in known.items() if key not in wanted)
    return Change(**counts)


def _span(first: date | None, end: date | None) -> DateRange | None:
    """Write the dates of a decree; the end is the first day on which it no longer holds."""
    return DateRange(first, end) if first or end else None


def _load_holidays(city: City, files: CityFiles, *, renew: bool) -> Change:
    known = {day.date: day for day in city.holidays.all()}
    kept = set() if renew else {(day.kind, day.date.year) for day in known.values()}
    counts: Counter[str] = Counter()
    for day, values in _days_off(files).items():
        if (values["kind"], day.year) in kept:
            counts["same"] += 1
        elif day in known:
            counts.update(_update(known[day], values))
        else:
            city.holidays.create(date=day, **values)
            counts["created"] += 1
    return Change(**counts)


def _days_off(files: CityFiles) -> dict[date, Values]:
    """Name every day off: national before *cuti bersama* before local, since a day has one row."""
    days: dict[date, Values] = {}
    for day, kind, name in (*_national_days(files.city["national_holidays"]), *_local_days(files)):
        days.setdefault(day, {"kind": kind, "name": name[:160]})
    return days


def _national_days(row: Row) -> Iterator[tuple[date, str, str]]:
    years = range(row["from_year"], row["to_year"] + 1)
    for category, kind in _KINDS_OF_DAY:
        if category in row["categories"]:
            found = holidays.country_holidays(
                row["country"], years=years, categories=(category,), language="id"
            )
            yield from ((day, kind, name) for day, name in sorted(found.items()))


def _local_days(files: CityFiles) -> Iterator[tuple[date, str, str]]:
    return ((row["date"], row["kind"], row["name"]) for row in files.holidays)
