"""The operator's word on a file: which column is what, which value means what (TOML)."""

import tomllib
from collections.abc import Collection, Sequence
from collections.abc import Mapping as Table
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _

from geodata.models import City
from issues.models import Category, Issue
from issues.workflow import Status

COLUMNS: Final = (
    "external_id", "category", "description", "lat", "lon", "x", "y", "address", "area",
    "department", "status", "received", "closed", "note", "photos", "channel", "anonymous",
)  # fmt: skip
"""What a column may be. `description` may name several columns, which become lines."""

VALUES: Final = ("category", "status", "department", "channel", "area", "anonymous")
"""Columns whose values are translated by a table; `otherwise` says what every other value means."""

SECTIONS: Final = frozenset(
    {"source", "public", "file", "columns", "history", "place", "dates", "values", "otherwise"}
    | {"photos"}
)
_PLACE_CHOICES: Final = {"swapped": ("reject", "correct"), "bad": ("reject", "unplaced")}
_SOURCE_LENGTH: Final = 40

FIRST_YEAR: Final = 2000
"""What was received or closed before is a slip of the pen, unless the mapping says otherwise."""

_YEARS: Final = range(1970, 2070)
"""Years that may come first: a number tells no more than the last two digits of its year."""


class BadMapping(Exception):
    """Pemetaan kolom keliru."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """How a file is to be read.

    Attributes:
        source: who the rows come from; with the external id it names an issue for ever.
        public: whether the words were public where they come from; those without personal data
            then need no review.
        columns: what → columns of the file.
        history: status → column of the date on which it was reached.
        formats: of dates (strptime), tried in order; without any, ISO 8601.
        zone: of dates that name none.
        first_year: dates before it are refused.
        crs: of the coordinates; empty: EPSG:4326.
        correct_swapped: whether swapped axes are set right, and counted.
        keep_unplaced: whether rows with a bad place come in without one.
        default_share: share of all rows above which one point is a default, not a place.
        values: column → value in small letters → what it means here.
        otherwise: column → what any other value, or none, means.
        photos: folder of picture files.
        file: encoding, delimiter, sheet, where the file does not tell.
    """

    source: str
    public: bool = False
    columns: Table[str, tuple[str, ...]]
    history: Table[Status, str] = field(default_factory=dict)
    formats: tuple[str, ...] = ()
    zone: ZoneInfo
    first_year: int = FIRST_YEAR
    crs: str = ""
    correct_swapped: bool = False
    keep_unplaced: bool = False
    default_share: float = 0.03
    values: Table[str, Table[str, str]] = field(default_factory=dict)
    otherwise: Table[str, str] = field(default_factory=dict)
    photos: Path | None = None
    file: Table[str, str] = field(default_factory=dict)

    @property
    def wanted(self) -> tuple[str, ...]:
        """Every column of the file that is needed, once."""
        names = [name for names in self.columns.values() for name in names]
        return tuple(dict.fromkeys([*names, *self.history.values()]))

    def meaning(self, column: str, value: str, known: Collection[str] = ()) -> str:
        """Translate a value.

        Args:
            column: what it is.
            value: as the file writes it; without a table it speaks our words already.
            known: what it may mean; none given: anything.

        Returns:
            A known meaning, else that of `otherwise`, else whatever the value is.
        """
        table = self.values.get(column)
        found = value if table is None else table.get(value.casefold(), "")
        if found and (not known or found in known):
            return found
        return self.otherwise.get(column, found)


def read(path: Path, city: City) -> Mapping:
    """Read a mapping file and check every name in it.

    Raises:
        BadMapping: not readable, unknown words, or values that mean nothing in this city.
    """
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadMapping(f"{path.name}: {error}") from None
    return parse(given, city, folder=path.parent)


def parse(given: Table[str, Any], city: City, *, folder: Path) -> Mapping:
    """Check a mapping that was read; paths in it are relative to `folder`.

    Raises:
        BadMapping: as `read`.
    """
    _refuse(sorted(given.keys() - SECTIONS), _("bagian tidak dikenal: %(names)s"))
    place, dates = given.get("place", {}), given.get("dates", {})
    for key, choices in _PLACE_CHOICES.items():
        if place.get(key, choices[0]) not in choices:
            _refuse([f"place.{key}"], _("pilihan tidak dikenal: %(names)s"))
    photos = given.get("photos", {}).get("folder")
    return Mapping(
        source=_source(given),
        public=bool(given.get("public", False)),
        columns=_columns(given.get("columns", {})),
        history={_status(key): name for key, name in given.get("history", {}).items()},
        formats=tuple(_listed(dates.get("formats", ()))),
        zone=_zone(dates.get("zone", city.zone)),
        first_year=_first_year(dates.get("first_year", FIRST_YEAR)),
        crs=place.get("crs", ""),
        correct_swapped=place.get("swapped") == "correct",
        keep_unplaced=place.get("bad") == "unplaced",
        default_share=float(place.get("default_share", 0.03)),
        values=_values(given.get("values", {}), city),
        otherwise=_otherwise(given.get("otherwise", {}), city),
        photos=folder / photos if photos else None,
        file={key: str(value) for key, value in given.get("file", {}).items()},
    )


def _refuse(names: Sequence[str], words: str) -> None:
    if names:
        raise BadMapping(words % {"names": ", ".join(names)})


def _source(given: Table[str, Any]) -> str:
    source = str(given.get("source", "")).strip()
    if not source or len(source) > _SOURCE_LENGTH:
        raise BadMapping(_("source: nama sumber, paling panjang 40 huruf"))
    return source


def _columns(given: Table[str, Any]) -> dict[str, tuple[str, ...]]:
    _refuse(sorted(given.keys() - set(COLUMNS)), _("kolom tidak dikenal: %(names)s"))
    _refuse(
        sorted({"external_id", "received"} - given.keys()), _("kolom belum dipetakan: %(names)s")
    )
    for pair in (("lat", "lon"), ("x", "y")):
        if len(given.keys() & set(pair)) == 1:
            _refuse(pair, _("selalu berdua: %(names)s"))
    return {key: tuple(_listed(names)) for key, names in given.items()}


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else [str(one) for one in value]


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise BadMapping(_("zona waktu tidak dikenal: %(names)s") % {"names": name}) from None


def _first_year(year: Any) -> int:
    if not isinstance(year, int) or year not in _YEARS:
        words = _("first_year: tahun dari %(first)d sampai %(last)d")
        raise BadMapping(words % {"first": _YEARS[0], "last": _YEARS[-1]})
    return year


def _status(name: str) -> Status:
    if name not in Status.values or name == Status.DUPLICATE:
        raise BadMapping(_("status tidak dikenal: %(names)s") % {"names": name})
    return Status(name)


def _values(given: Table[str, Any], city: City) -> dict[str, dict[str, str]]:
    _refuse(sorted(given.keys() - set(VALUES)), _("tabel nilai tidak dikenal: %(names)s"))
    for column, table in given.items():
        _check(column, [str(meaning) for meaning in table.values()], city)
    return {
        column: {str(value).strip().casefold(): str(meaning) for value, meaning in table.items()}
        for column, table in given.items()
    }


def _otherwise(given: Table[str, Any], city: City) -> dict[str, str]:
    _refuse(sorted(given.keys() - set(VALUES)), _("tabel nilai tidak dikenal: %(names)s"))
    for column, meaning in given.items():
        _check(column, [str(meaning)], city)
    return {column: str(meaning) for column, meaning in given.items()}


def _check(column: str, meanings: Sequence[str], city: City) -> None:
    """Refuse meanings that the city does not know."""
    leaves = Category.objects.filter(city=city, children=None)
    known: dict[str, set[str]] = {
        "category": set(leaves.values_list("service_code", flat=True)),
        "department": set(city.departments.values_list("code", flat=True)),
        "status": set(Status.values) - {Status.DUPLICATE},
        "channel": set(Issue.Channel.values),
    }
    if column in known:
        strange = sorted(set(meanings) - known[column] - {""})
        _refuse(strange, _("nilai tidak dikenal di kota ini: %(names)s"))
