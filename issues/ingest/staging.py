"""The staging table: rows go in by COPY, are checked as a set, come out in batches."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.db import connection
from django.utils.translation import gettext as _

from geodata import sql
from issues.actions import Draft
from issues.ingest import checking, writing
from issues.ingest.cases import Book, Case, Mark, identity
from issues.ingest.faults import Fault
from issues.ingest.mapping import Mapping as Given
from issues.workflow import PUBLIC_NOTES, Status, Step

_SQL: Final = Path(__file__).parent / "sql"
LEAST_ON_A_DEFAULT: Final = 10
"""So few rows on one point are no default, whatever their share."""

_CLOSING: Final = {Status.RESOLVED: Step.RESOLVE, Status.REJECTED: Step.REJECT}
_REJECTS_AT_ONCE: Final = 5000


@dataclass(frozen=True, slots=True)
class Summary:
    """What a file holds: rows read, sound, of these held for review, set right, without a place."""

    read: int
    sound: int
    held: int
    corrected: int
    dropped: int
    unplaced: int


def begin() -> None:
    """Make the table, empty."""
    _run("staging")


def add(rows: Iterable[Sequence[Any]]) -> None:
    """Send rows to the table."""
    sheet = writing.Sheet()
    for row in rows:
        sheet.write(row)
    writing.copy("ingest_staging", checking.COLUMNS, sheet.text)


def judge(given: Given) -> None:
    """Check what only all rows together show, then number the sound ones."""
    sql.fetch("doubles", {"code": "double", "words": _("pertama di baris ")}, folder=_SQL)
    params = {
        "share": given.default_share,
        "least": LEAST_ON_A_DEFAULT,
        "code": "default",
        "keep": given.keep_unplaced,
    }
    sql.fetch("defaults", params, folder=_SQL)
    _run("ready")


def summary() -> Summary:
    """Count the rows."""
    return Summary(**sql.fetch("summary", {}, folder=_SQL)[0])


def reasons() -> list[tuple[str, int]]:
    """Count the rows of each fault, most frequent first."""
    return [(row["code"], row["rows"]) for row in sql.fetch("reasons", {}, folder=_SQL)]


def refuse(faults: Sequence[tuple[int, Fault]]) -> None:
    """Keep what was found out about rows (by line) while they were being loaded."""
    params = {
        "lines": [line for line, _fault in faults],
        "faults": [fault.stored for _line, fault in faults],
    }
    sql.fetch("refuse", params, folder=_SQL)


def rejected() -> Iterator[tuple[int, str, list[Fault]]]:
    """Yield line, external id and faults of every row that has some, in the order of the file."""
    after = -1
    while True:
        rows = sql.fetch("rejected", {"after": after, "most": _REJECTS_AT_ONCE}, folder=_SQL)
        for row in rows:
            faults = [Fault.read(text) for text in json.loads(row["faults"])]
            yield row["line"], row["external_id"], faults
        if len(rows) < _REJECTS_AT_ONCE:
            return
        after = rows[-1]["line"]


def batches(count: int, size: int) -> Iterator[range]:
    """Part the sound rows."""
    return (range(first, min(first + size, count + 1)) for first in range(1, count + 1, size))


def cases(places: range, given: Given, book: Book) -> list[Case]:
    """Read a stretch of the sound rows as cases."""
    params = {"first": places.start, "last": places.stop - 1}
    rows, fallback = sql.fetch("batch", params, folder=_SQL), _fallback(given, book)
    return [_case(row, book, fallback) for row in rows]


def _run(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute((_SQL / f"{name}.sql").read_text(encoding="utf-8"))


def _case(row: dict[str, Any], book: Book, fallback: int | None) -> Case:
    """Read one row; a note that nobody has looked at stays inside."""
    marks = [
        Mark(Status(name), datetime.fromisoformat(at)) for name, at in json.loads(row["marks"])
    ]
    closing = _CLOSING.get(marks[-1].status) if marks else None
    is_told = not row["held"] and closing in PUBLIC_NOTES
    if is_told and row["note"]:
        marks[-1] = Mark(marks[-1].status, marks[-1].at, row["note"])
    return Case(
        external_id=row["external_id"],
        draft=_draft(row, book),
        received_at=row["received_at"],
        marks=tuple(marks),
        department_id=row["department_id"],
        fallback_id=fallback,
        reviewed_at=None if row["held"] else book.now,
        inside="" if is_told else row["note"],
        line=row["line"],
        photos=_names(row["photos"]) if row["photos"] else (),
    )


def _names(photos: str) -> tuple[str, ...]:
    """Part the names of pictures."""
    names = photos.replace(";", "\n").replace("|", "\n").replace(",", "\n").split("\n")
    return tuple(filter(None, (name.strip() for name in names)))


def _draft(row: dict[str, Any], book: Book) -> Draft:
    return Draft(
        uuid=identity(book.city, book.source, row["external_id"]),
        service_code=row["service_code"],
        description=row["description"],
        lon=row["lon"],
        lat=row["lat"],
        area_code=row["area_code"],
        address=row["address"],
        anonymous=row["anonymous"],
        channel=row["channel"],
    )


def _fallback(given: Given, book: Book) -> int | None:
    """Who has it where neither the file nor routing knows anybody."""
    code = given.otherwise.get("department", "")
    return next((key for key, one in book.departments.items() if one.code == code), None)
