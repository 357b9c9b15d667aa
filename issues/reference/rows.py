"""From a city's files to its rows, as often as one likes: what is the same is left alone."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Final

import holidays
from django.contrib.gis.geos import Point
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from geodata.crs import WGS84
from geodata.models import City, Level
from issues import outbox
from issues.models import Category, Holiday, Question, ReplyTemplate, User
from issues.reference import asking, rising
from issues.reference.files import WEEKDAYS, BadReference, CityFiles, Row, problems
from issues.reference.pen import Change, Pen, Values, by_hand, counted

_BANNER: Final = ("banner", "banner_en", "banner_from", "banner_until")

_OF_CLOCKS: Final = ("city", "clock", "department", "category", "holiday", "escalation")
"""Tables from which the dates and reminders of issues follow."""

WITHIN_M: Final = 30
"""So near must a road be, where a rule does not say."""
DUPLICATE_RADIUS_M: Final = 100
"""Within so many metres two reports may be about the same, where a kind does not say."""
_KINDS_OF_DAY: Final = (("public", "national"), ("government", "joint"))
"""Category of the `holidays` package → our kind; the first one wins a day that has two."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What `load` did, per table, in the order of loading."""

    city: City
    changes: Mapping[str, Change]
    spared: Sequence[str] = ()
    """Rows that a person has changed, and that the files would have otherwise."""

    @property
    def changed_nothing(self) -> bool:
        """Whether every row was already right."""
        return not any(change.did_something for change in self.changes.values())

    @property
    def moves_dates(self) -> bool:
        """Whether dates or reminders of issues may be others now."""
        return any(self.changes[table].did_something for table in _OF_CLOCKS)


@transaction.atomic
def load(
    files: CityFiles,
    *,
    renew_holidays: bool = False,
    over_hands: bool = False,
    actor: User | None = None,
    reason: str = "",
) -> Summary:
    """Bring a city's rows up to date with its files; what they no longer name is switched off.

    Every change of a city that was there before is written into its history.

    Args:
        files: what `read` gave.
        renew_holidays: take every day off as the files and the `holidays` package have it. Else a
            year that already has days of a kind is left alone: an administrator may have edited it.
        over_hands: write also over what a person changed last.
        actor: who loads; None for a command of the operator.
        reason: why, for the history.

    Raises:
        BadReference: the files contradict themselves; all faults are named and nothing is loaded.
    """
    if found := problems(files):
        raise BadReference(found)
    known = City.objects.filter(slug=files.city["slug"]).first()
    hands = frozenset() if over_hands or known is None else by_hand(known)
    pen = Pen(actor, reason, hands, history=known is not None)
    city, city_change = _load_city(pen, known, files.city)
    changes = {"city": city_change, "clock": _load_clocks(pen, city, files)}
    changes["department"] = _load_departments(pen, city, files)
    changes["unit"] = _load_units(pen, city, files)
    changes["category"] = _load_categories(pen, city, files)
    changes["rule"] = _load_rules(pen, city, files)
    changes["holiday"] = _load_holidays(pen, city, files, renew=renew_holidays)
    changes["escalation"] = _load_escalations(pen, city, files)
    changes["landmark"] = _load_landmarks(pen, city, files)
    changes["question"] = _load_questions(pen, city, files)
    changes["reply"] = _load_replies(pen, city, files)
    if pen.faults:
        raise BadReference(tuple(pen.faults))
    summary = Summary(city, changes, tuple(pen.spared))
    if summary.moves_dates and city.issues.exists():
        outbox.put("reclock", city_id=city.pk, since=0)
    return summary


def _load_city(pen: Pen, city: City | None, row: Row) -> tuple[City, Change]:
    values: Values = {
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
        **{name: row[name] for name in _BANNER if name in row},
    }
    if row["host"]:
        values["host"] = row["host"]
    if city is None:
        return City.objects.create(slug=row["slug"], **values), Change(created=1)
    return city, counted({pen.update(city, values): 1})


def _hours(row: Row) -> dict[str, list[str]]:
    return {str(WEEKDAYS.index(day)): hours for day, hours in row["office_hours"].items()}


def _load_clocks(pen: Pen, city: City, files: CityFiles) -> Change:
    wanted = {
        row["code"]: {name: value for name, value in row.items() if name != "code"}
        for row in files.clocks
    }
    return pen.upsert(city.clocks, key="code", wanted=wanted)


def _load_departments(pen: Pen, city: City, files: CityFiles) -> Change:
    wanted = {row["code"]: _department(row) for row in files.departments}
    return pen.upsert(city.departments, key="code", wanted=wanted)


def _department(row: Row) -> Values:
    """Take what the file decides; address and hours are the administrator's where it is silent."""
    values = {name: row[name] for name in ("name", "short_name", "kind", "external", "tasks")}
    chosen: Values = {"email": row["email"]} if "email" in row else {}
    if "office_hours" in row:
        chosen["office_hours"] = _hours(row)
    if "validates" in row:
        chosen["validates"] = row["validates"]
    return values | {"active": True} | chosen


def _load_units(pen: Pen, city: City, files: CityFiles) -> Change:
    """Bring the units of all departments up to date; files that say nothing of them change none."""
    counts: Counter[str] = Counter()
    if files.units is not None:
        for department in city.departments.all():
            rows = [row for row in files.units if row["department"] == department.code]
            wanted = {row["code"]: {"name": row["name"], "active": True} for row in rows}
            counts.update(asdict(pen.upsert(department.units, key="code", wanted=wanted)))
    return counted(counts)


def _load_escalations(pen: Pen, city: City, files: CityFiles) -> Change:
    clocks = {clock.code: clock for clock in city.clocks.all()}
    wanted = {row["code"]: rising.values(row, clocks) for row in files.escalations}
    return pen.upsert(city.escalations, key="code", wanted=wanted)


def _load_categories(pen: Pen, city: City, files: CityFiles) -> Change:
    clocks = {clock.code: clock for clock in city.clocks.all()}
    wanted = {
        row["service_code"]: _category(row)
        | {"position": row.get("position", place), "clock": clocks[row.get("clock", "standar")]}
        for place, row in enumerate(files.categories, start=1)
    }
    change = pen.upsert(city.categories, key="service_code", wanted=wanted)
    _hang_up(pen, city, files)
    return change


def _hang_up(pen: Pen, city: City, files: CityFiles) -> None:
    """Give each category its parent, once all of them have rows."""
    rows = {row.service_code: row for row in city.categories.filter(active=True)}
    for code, row in rows.items():
        pen.update(row, {"parent": rows.get(files.parent(code))})


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


def _load_rules(pen: Pen, city: City, files: CityFiles) -> Change:
    departments = {department.code: department for department in city.departments.all()}
    wanted = {
        row["code"]: _rule(row) | {"department": departments[row["department"]]}
        for row in files.rules
    }
    return pen.upsert(city.rules, key="code", wanted=wanted)


def _rule(row: Row) -> Values:
    return {
        **{name: row[name] for name in ("service_code", "explanation", "explanation_en", "source")},
        "level": Level.named(row["level"]) if "level" in row else None,
        "area_code": row.get("area", ""),
        "road_class": row.get("road_class", ""),
        "within_m": row.get("within_m", WITHIN_M),
        "facts": row.get("facts", {}),
        "priority": row.get("priority", 0),
        "fallback": row.get("fallback", False),
        "valid": _span(row.get("valid_from"), row.get("valid_to")),
        "active": True,
    }


def _load_landmarks(pen: Pen, city: City, files: CityFiles) -> Change:
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
    return pen.upsert(city.landmarks, key="code", wanted=wanted)


def _load_questions(pen: Pen, city: City, files: CityFiles) -> Change:
    """Bring the questions of all kinds up to date; one that no file asks is asked no more."""
    kinds = {kind.service_code: kind for kind in city.categories.all()}
    rows = Question.objects.filter(category__city=city).select_related("category")
    known = {(row.category.service_code, row.code): row for row in rows}
    counts: Counter[str] = Counter()
    wanted = {
        (row["category"], row["code"]): asking.values(row, row.get("position", place))
        for place, row in enumerate(files.questions, start=1)
    }
    for key, values in wanted.items():
        if key in known:
            counts[pen.update(known[key], values)] += 1
        else:
            pen.create(Question, {"category": kinds[key[0]], "code": key[1]} | values)
            counts["created"] += 1
    counts.update(pen.retire(row) for key, row in known.items() if key not in wanted)
    return counted(counts)


def _load_replies(pen: Pen, city: City, files: CityFiles) -> Change:
    """Bring the templates of replies up to date; files that say nothing of them change none."""
    if files.replies is None:
        return Change()
    departments = {row.code: row for row in city.departments.all()}
    kinds = {row.service_code: row for row in city.categories.all()}
    rows = ReplyTemplate.objects.filter(city=city).select_related("department", "category")
    known = {(row.department, row.category, row.step, row.name): row for row in rows}
    counts: Counter[str] = Counter()
    seen = set()
    for row in files.replies:
        department = departments.get(row.get("department", ""))
        kind = kinds.get(row.get("category", ""))
        seen.add(key := (department, kind, row["step"], row["name"]))
        if key in known:
            counts[pen.update(known[key], {"text": row["text"], "active": True})] += 1
        else:
            place = dict(zip(("department", "category", "step", "name"), key, strict=True))
            pen.create(ReplyTemplate, {"city": city, "text": row["text"]} | place)
            counts["created"] += 1
    counts.update(pen.retire(row) for key, row in known.items() if key not in seen)
    return counted(counts)


def _span(first: date | None, end: date | None) -> DateRange | None:
    """Write the dates of a decree; the end is the first day on which it no longer holds."""
    return DateRange(first, end) if first or end else None


def _load_holidays(pen: Pen, city: City, files: CityFiles, *, renew: bool) -> Change:
    known = {day.date: day for day in city.holidays.all()}
    renewed = renew or files.names_all_holidays
    kept = set() if renewed else {(day.kind, day.date.year) for day in known.values()}
    counts: Counter[str] = Counter()
    wanted = _days_off(files)
    for day, values in wanted.items():
        if (values["kind"], day.year) in kept:
            counts["same"] += 1
        elif day in known:
            counts[pen.update(known[day], values)] += 1
        else:
            pen.create(Holiday, {"city": city, "date": day} | values)
            counts["created"] += 1
    if files.names_all_holidays:
        counts["retired"] = _drop_days(pen, known, wanted)
    return counted(counts)


def _drop_days(pen: Pen, known: Mapping[date, Holiday], wanted: Mapping[date, Values]) -> int:
    """Take the days away that a complete list no longer names."""
    gone = [row for day, row in known.items() if day not in wanted]
    for row in gone:
        pen.delete(row)
    return len(gone)


def _days_off(files: CityFiles) -> dict[date, Values]:
    """Name every day off: national before *cuti bersama* before local, since a day has one row."""
    days: dict[date, Values] = {}
    computed = _national_days(files.city.get("national_holidays"))
    for day, kind, name in (*computed, *_local_days(files)):
        days.setdefault(day, {"kind": kind, "name": name[:160]})
    return days


def _national_days(row: Row | None) -> Iterator[tuple[date, str, str]]:
    if row is None:
        return
    years = range(row["from_year"], row["to_year"] + 1)
    for category, kind in _KINDS_OF_DAY:
        if category in row["categories"]:
            found = holidays.country_holidays(
                row["country"], years=years, categories=(category,), language="id"
            )
            yield from ((day, kind, name) for day, name in sorted(found.items()))


def _local_days(files: CityFiles) -> Iterator[tuple[date, str, str]]:
    return ((row["date"], row["kind"], row["name"]) for row in files.holidays)
