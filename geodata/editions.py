"""Imports through time: close the edition in force, begin the next one.

The caller holds the transaction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from geodata.errors import Problem
from geodata.models import City, Edition


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a layer comes from.

    Attributes:
        source: who made it, for the map's attribution.
        licence: under which terms.
        source_date: the date that the source states.
        dataset: name of one of several sources of a layer, each replaced on its own; mostly empty.
        crs: the CRS that the file was in.
        file_name: its name without folder.
        checksum: its SHA-256, hexadecimal.
        approximate: True for the drawn areas of the demo.
    """

    source: str
    licence: str = ""
    source_date: date | None = None
    dataset: str = ""
    crs: str = ""
    file_name: str = ""
    checksum: str = ""
    approximate: bool = False


def close(editions: Iterable[Edition], at: datetime) -> None:
    """End the force of editions at an instant."""
    for edition in editions:
        edition.valid = DateTimeTZRange(edition.valid.lower, at)
        edition.save(update_fields=["valid"])


def begin(
    city: City,
    layer: str,
    *,
    provenance: Provenance,
    rows: int,
    accepted: Sequence[Problem],
    at: datetime,
) -> Edition:
    """Write an edition that is in force from an instant on, without its rows."""
    return Edition.objects.create(
        city=city,
        layer=layer,
        rows=rows,
        accepted=[_plain(problem) for problem in accepted],
        valid=DateTimeTZRange(at, None),
        **asdict(provenance),
    )


def provenance(edition: Edition) -> Provenance:
    """Say where an edition comes from."""
    names = [field.name for field in fields(Provenance)]
    return Provenance(**{name: getattr(edition, name) for name in names})


def lock(city: City) -> None:
    """Let one import of a city run at a time, without holding up reports that only refer to it."""
    City.objects.select_for_update(no_key=True).get(pk=city.pk)


def _plain(problem: Problem) -> dict[str, Any]:
    kept = {**asdict(problem), "shape": None}
    return {name: value for name, value in kept.items() if value not in (None, "", ())}
