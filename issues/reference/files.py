"""The files of a city and everything that can be wrong with them. Pure: no database."""

import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from itertools import chain
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _

from geodata.crs import INDONESIA
from geodata.errors import UnknownLevel
from geodata.models import Department, Level, RoadClass
from issues.errors import IssueError, UnknownCity
from issues.models import Category, Holiday, ReplyTemplate
from issues.reference import asking, rising, shapes

Row = dict[str, Any]

CITIES: Final = Path(__file__).resolve().parent.parent / "cities"
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ICONS: Final = frozenset(
    {"alert", "animal", "building", "cable", "document", "drain", "fire", "flood", "health", "lamp"}
    | {"noise", "parking", "person", "power", "question", "river", "road", "school", "sidewalk"}
    | {"sign", "social", "stall", "traffic", "tree", "waste", "water"}
)
"""Symbols that a category may name; the front end draws each of them."""

KINDS_OF_DAY: Final = frozenset(dict(Holiday._meta.get_field("kind").flatchoices))  # noqa: SLF001  Django documents it
TABLES: Final[Mapping[str, tuple[str, str]]] = {
    "departments.toml": ("department", "departments"),
    "units.toml": ("unit", "units"),
    "categories.toml": ("category", "categories"),
    "questions.toml": ("question", "questions"),
    "rules.toml": ("rule", "rules"),
    "holidays.toml": ("holiday", "holidays"),
    "landmarks.toml": ("landmark", "landmarks"),
    "replies.toml": ("reply", "replies"),
}
"""A file → its table, and what `CityFiles` calls its rows."""
MAY_BE: Final = ("units.toml", "replies.toml")
NEEDED: Final = ("city.toml", *(name for name in TABLES if name not in MAY_BE))


class BadReference(IssueError):
    """Data acuan kota tidak dapat dipakai; setiap kesalahannya disebut."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(problems)
        self.problems = problems


@dataclass(frozen=True, slots=True)
class CityFiles:
    """What the files of a city say; rows are as TOML gives them."""

    city: Row
    departments: tuple[Row, ...]
    categories: tuple[Row, ...]
    rules: tuple[Row, ...]
    holidays: tuple[Row, ...]
    landmarks: tuple[Row, ...] = ()
    questions: tuple[Row, ...] = ()
    units: tuple[Row, ...] | None = None
    replies: tuple[Row, ...] | None = None
    """None: the files say nothing of them."""

    @property
    def names_all_holidays(self) -> bool:
        """Whether the days off are all written down, and none is computed."""
        return "national_holidays" not in self.city

    @property
    def clocks(self) -> tuple[Row, ...]:
        """The clocks that `city.toml` sets."""
        return tuple(self.city.get("clock", ()))

    @property
    def escalations(self) -> tuple[Row, ...]:
        """The rules of the chain that `city.toml` sets."""
        return tuple(self.city.get("escalation", ()))

    def parent(self, service_code: str) -> str:
        """Name the parent of a category: the longest code that it continues; "" for a *jenis*."""
        others = (row["service_code"] for row in self.categories)
        return max(
            (code for code in others if service_code.startswith(f"{code}-")), key=len, default=""
        )

    def leaves(self) -> Iterator[Row]:
        """Give the categories that a report can have: those without children."""
        parents = {self.parent(row["service_code"]) for row in self.categories}
        return (row for row in self.categories if row["service_code"] not in parents)


def names(folder: Path = CITIES) -> tuple[str, ...]:
    """List the cities that have a folder of data."""
    return tuple(sorted(file.parent.name for file in folder.glob("*/city.toml")))


def read(slug: str, *, folder: Path = CITIES) -> CityFiles:
    """Read the files of a city, unchecked.

    Raises:
        UnknownCity: no folder has this name.
        BadReference: a file is missing or no TOML.
    """
    if slug not in names(folder):
        raise UnknownCity(slug)
    home = folder / slug
    return parse({path.name: path.read_bytes() for path in sorted(home.glob("*.toml"))})


def parse(texts: Mapping[str, bytes]) -> CityFiles:
    """Read the files of a city from their texts, unchecked.

    Args:
        texts: name of a file → what is in it, TOML in UTF-8.

    Raises:
        BadReference: files are missing or no TOML; all of them are named.
    """
    faults: list[str] = []
    found: dict[str, Row] = {}
    for name in (*NEEDED, *MAY_BE):
        if name in texts:
            try:
                found[name] = tomllib.loads(texts[name].decode())
            except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
                faults.append(f"{name}: {error}")
        elif name in NEEDED:
            faults.append(_("%(name)s: berkas ini tidak ada") % {"name": name})
    if not faults:
        faults += _wrong_tables(found)
    if faults:
        raise BadReference(tuple(faults))
    return CityFiles(
        found["city.toml"],
        **{
            TABLES[name][1]: tuple(found[name].get(TABLES[name][0], ()))
            for name in TABLES
            if name in found
        },
    )


def _wrong_tables(found: Mapping[str, Row]) -> Iterator[str]:
    """Find files that hold something else than the rows of their table."""
    for name, content in found.items():
        tables = ("clock", "escalation") if name == "city.toml" else (TABLES[name][0],)
        for table in tables:
            rows = content.get(table, [])
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                words = {"name": name, "table": table}
                yield _("%(name)s: “%(table)s” harus berupa tabel [[%(table)s]]") % words


def problems(files: CityFiles) -> tuple[str, ...]:
    """Find everything wrong with a city's files; values are compared once all keys are right."""
    for check in (shapes.wrong_keys, shapes.wrong_types):
        if found := tuple(check(_tables(files))):
            return found
    return tuple(chain.from_iterable(check(files) for check in _CHECKS))


def _tables(files: CityFiles) -> dict[str, tuple[Row, ...]]:
    """Give the rows of every table."""
    return {
        "city": (files.city,),
        "clock": files.clocks,
        "escalation": files.escalations,
        "department": files.departments,
        "category": files.categories,
        "rule": files.rules,
        "holiday": files.holidays,
        "landmark": files.landmarks,
        "question": files.questions,
        "unit": files.units or (),
        "reply": files.replies or (),
    }


def _doubled(files: CityFiles) -> Iterator[str]:
    tables: dict[str, Iterable[Any]] = {
        "clock": (row["code"] for row in files.clocks),
        "escalation": (row["code"] for row in files.escalations),
        "department": (row["code"] for row in files.departments),
        "category": (row["service_code"] for row in files.categories),
        "rule": (row["code"] for row in files.rules),
        "holiday": (row["date"] for row in files.holidays),
        "landmark": (row["code"] for row in files.landmarks),
        "question": (f"{row['category']}/{row['code']}" for row in files.questions),
        "unit": (f"{row['department']}/{row['code']}" for row in files.units or ()),
        "reply": (" / ".join(map(str, _reply_key(row))) for row in files.replies or ()),
    }
    for table, codes in tables.items():
        for code, times in Counter(codes).items():
            if times > 1:
                yield _("%(table)s %(name)s: tertulis %(times)d kali") % {
                    "table": table,
                    "name": code,
                    "times": times,
                }


def _city(files: CityFiles) -> Iterator[str]:
    city = files.city
    try:
        ZoneInfo(city["zone"])
    except (ZoneInfoNotFoundError, ValueError):
        yield _("city: zona waktu “%(zone)s” tidak dikenal") % {"zone": city["zone"]}
    (west, south, east, north), (longitude, latitude) = city["extent"], city["center"]
    far_west, far_south, far_east, far_north = INDONESIA
    if not (
        far_west <= west < longitude < east <= far_east
        and far_south <= south < latitude < north <= far_north
    ):
        yield _("city: “center” harus di dalam “extent” (W, S, E, N), dan keduanya di Indonesia")
    years = city.get("national_holidays", shapes.COMPUTED_DAYS)
    if {key: type(value) for key, value in years.items()} != {
        key: type(value) for key, value in shapes.COMPUTED_DAYS.items()
    }:
        yield _("city: “national_holidays” butuh country, categories, from_year, dan to_year")
    if "standar" not in {row["code"] for row in files.clocks}:
        yield _("city: tenggat “standar” tidak ada")


def _hours(files: CityFiles) -> Iterator[str]:
    if not files.city["office_hours"]:
        yield _("city: tidak ada jam kantor")
    for row in (files.city, *files.departments):
        for day, hours in row.get("office_hours", {}).items():
            if day not in WEEKDAYS or not _is_span(hours):
                words = {"who": row.get("code", "city"), "day": day}
                yield _("%(who)s: jam kantor “%(day)s” tidak dapat dibaca") % words


def _chain(files: CityFiles) -> Iterator[str]:
    return rising.problems(files.escalations, [row["code"] for row in files.clocks])


def _is_span(hours: Any) -> bool:
    try:
        opening, closing = (time.fromisoformat(hour) for hour in hours)
    except (TypeError, ValueError):
        return False
    return opening < closing


def _departments(files: CityFiles) -> Iterator[str]:
    for row in files.departments:
        if row["kind"] not in Department.Kind.values:
            yield _unknown("department", row["code"], "kind", row["kind"])


def _categories(files: CityFiles) -> Iterator[str]:
    known: dict[str, Iterable[str]] = {
        "icon": ICONS,
        "nature": Category.Nature.values,
        "privacy": ("normal", "rahasia"),
        "clock": {row["code"] for row in files.clocks},
    }
    codes = {row["service_code"] for row in files.categories}
    for row in files.categories:
        for key, values in known.items():
            if key in row and row[key] not in values:
                yield _unknown("category", row["service_code"], key, row[key])
        for other in row.get("related", ()):
            if other not in codes - {row["service_code"]}:
                yield _unknown("category", row["service_code"], "related", other)


def _rules(files: CityFiles) -> Iterator[str]:
    known: dict[str, Iterable[str]] = {
        "service_code": {"", *(row["service_code"] for row in files.categories)},
        "department": {row["code"] for row in files.departments},
        "road_class": RoadClass.values,
    }
    for row in files.rules:
        for key, values in known.items():
            if key in row and row[key] not in values:
                yield _unknown("rule", row["code"], key, row[key])
        yield from _place(row)


def _place(row: Row) -> Iterator[str]:
    words = {"name": row["code"]}
    if "level" in row and not _is_level(row["level"]):
        yield _unknown("rule", row["code"], "level", row["level"])
    if ("level" in row) != ("area" in row):
        yield _("rule %(name)s: “level” dan “area” harus ada bersama") % words
    if "level" in row and "road_class" in row:
        yield _("rule %(name)s: tempatnya wilayah atau jalan, bukan keduanya") % words
    if row.get("valid_from", date.min) >= row.get("valid_to", date.max):
        yield _("rule %(name)s: “valid_from” harus sebelum “valid_to”") % words


def _is_level(name: str) -> bool:
    try:
        Level.named(name)
    except UnknownLevel:
        return False
    return True


def _routes(files: CityFiles) -> Iterator[str]:
    """Every kind that can be reported leads to somebody, or to triage on purpose."""
    for row in files.leaves():
        code = row["service_code"]
        routed = any(serves(rule["service_code"], code) for rule in files.rules)
        if not routed and not row.get("triage"):
            yield _("category %(name)s: tidak punya aturan, dan bukan “triage”") % {"name": code}
        if routed and row.get("triage"):
            yield _("category %(name)s: “triage”, padahal punya aturan") % {"name": code}


def serves(rule_code: str, service_code: str) -> bool:
    """Whether a rule for a code, or for all that begin with it, holds for a kind."""
    return rule_code in {"", service_code} or service_code.startswith(f"{rule_code}-")


def _holidays(files: CityFiles) -> Iterator[str]:
    for row in files.holidays:
        if type(row["date"]) is not date:
            yield _unknown("holiday", row["name"], "date", row["date"])
        if row["kind"] not in KINDS_OF_DAY:
            yield _unknown("holiday", row["name"], "kind", row["kind"])


def _landmarks(files: CityFiles) -> Iterator[str]:
    west, south, east, north = files.city["extent"]
    for row in files.landmarks:
        if not (west <= row["lon"] <= east and south <= row["lat"] <= north):
            yield _("landmark %(name)s: di luar kotak kota") % {"name": row["code"]}


def _questions(files: CityFiles) -> Iterator[str]:
    categories = frozenset(row["service_code"] for row in files.categories)
    return asking.faults(files.questions, categories)


def _reply_key(row: Row) -> tuple[str, ...]:
    """Give what makes a template the only one of its kind."""
    return (row["step"], row["name"], row.get("department", ""), row.get("category", ""))


def _of_departments(files: CityFiles) -> Iterator[str]:
    """Units and templates name departments, kinds and steps that there are."""
    departments = {row["code"] for row in files.departments}
    known: dict[str, Iterable[str]] = {
        "department": departments,
        "category": {row["service_code"] for row in files.categories},
        "step": dict(ReplyTemplate._meta.get_field("step").flatchoices),  # noqa: SLF001  Django documents it
    }
    for table, rows in (("unit", files.units or ()), ("reply", files.replies or ())):
        for row in rows:
            for key, values in known.items():
                if key in row and row[key] not in values:
                    yield _unknown(table, row["name"], key, row[key])


def _unknown(table: str, name: str, key: str, value: Any) -> str:
    words = {"table": table, "name": name, "key": key, "value": value}
    return _("%(table)s %(name)s: %(key)s “%(value)s” tidak dikenal") % words


_CHECKS: Final[tuple[Callable[[CityFiles], Iterator[str]], ...]] = (
    _doubled,
    _city,
    _hours,
    _departments,
    _categories,
    _rules,
    _routes,
    _chain,
    _holidays,
    _landmarks,
    _questions,
    _of_departments,
)
