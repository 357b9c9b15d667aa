"""Bringing in the past: a CSV of N complaints against COPY of the rows that it becomes (B12).

Ours is the whole way of `import_issues`: read, check, stage, judge, route, seal, write, count into
the map's chunks. The floor is given the finished rows, as many a transaction, into the same empty
tables with the same indexes, keys and triggers; nobody can bring them in with less. The two take
turns; a small import before them warms the process, its backend and their files.
"""

import csv
import io
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from bench.measure import Result, Scale, spent_s
from geodata.models import City
from issues import demo
from issues.ingest import cases, importing, loading, mapping, readers
from issues.ingest.rows import TABLES
from issues.workflow import Status

SOURCE: Final = "bench"
TARGET: Final = 0.5
WARM: Final = 1000
ROUNDS: Final = 3
PATIENT: Final = 200_000
"""More issues than that are measured once: a load this long is its own average."""
MAPPING: Final = {
    "source": SOURCE,
    "public": True,
    "columns": {
        "external_id": "id",
        "category": "jenis",
        "description": "isi",
        "lat": "lat",
        "lon": "lon",
        "status": "status",
        "received": "terima",
        "closed": "selesai",
        "note": "catatan",
        "channel": "asal",
    },
    "history": {"responded": "respon"},
    "otherwise": {"department": "DISKOMINFOS"},
}
HEADING: Final = (
    "id", "jenis", "isi", "lat", "lon", "status", "terima", "respon", "selesai", "catatan", "asal",
)  # fmt: skip


class Turn(NamedTuple):
    """CPU seconds a complaint of both sides; the import's Python, clock, complaints and rows."""

    ours_s: float
    python_s: float
    floor_s: float
    clock_s: float
    written: int
    rows: int


def run(scale: Scale) -> Iterator[Result]:
    """Measure one import and its floor, one after the other."""
    if not scale.wants("B12"):
        return
    call_command("load_reference", "denpasar", stdout=io.StringIO())
    city = City.objects.get(slug="denpasar")
    demo.lay(city)
    rounds = 1 if scale.issues > PATIENT else ROUNDS
    with tempfile.TemporaryDirectory() as folder:
        _warm(city, Path(folder))
        file = Path(folder) / "lama.csv"
        _write(city, file, scale.issues)
        turns = [_turn(city, file) for _round in range(rounds)]
    yield _judged(turns, scale)


def _warm(city: City, folder: Path) -> None:
    """Do everything once, small and unmeasured."""
    file = folder / "hangat.csv"
    _write(city, file, WARM)
    _turn(city, file)


def _turn(city: City, file: Path) -> Turn:
    """Measure one import into empty tables, then COPY of what it wrote into the same, emptied."""
    _empty()
    clock, python = time.perf_counter(), time.process_time()
    ours_s, written = _timed(lambda: _bring(city, file))
    clock, python = time.perf_counter() - clock, time.process_time() - python
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        rows, pieces = _dump(Path(folder))
        _empty()
        floor_s, _nothing = _timed(lambda: _copy(pieces))
    return Turn(ours_s / written, python / written, floor_s / written, clock, written, rows)


def _judged(turns: list[Turn], scale: Scale) -> Result:
    """Compare the medians of both sides."""
    ours = 1 / median(turn.ours_s for turn in turns)
    floor = 1 / median(turn.floor_s for turn in turns)
    written, rows = turns[0].written, turns[0].rows
    return Result(
        "B12",
        "import_issues : COPY of its rows",
        ours,
        floor,
        "row/s",
        ours / floor,
        TARGET,
        ">=",
        f"{written} of {scale.issues} complaints, {rows / written:.1f} rows each in {len(TABLES)} "
        f"tables; complaints a second of CPU, ours and the backend's; medians of {len(turns)} turns"
        " after a small one unmeasured. Ours also analyzes the tables and folds the map's chunks. "
        "Not counted: writing the CSV, emptying tables, reading rows out for COPY, the server's "
        f"checkpoints and vacuum. {median(turn.python_s for turn in turns) * ours:.0%} of ours is "
        "Python: each row's checks, dates, seals and words, by the rules of the actions. "
        f"By the clock {median(turn.clock_s for turn in turns):.0f} s an "
        "import, one batch after the other",
    )


def _write(city: City, file: Path, count: int) -> None:
    """Write the demo's crowd as a city would hand it over."""
    crowd = demo.gather(city, count=count, seed=12, now=timezone.now())
    with file.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(HEADING)
        for places in crowd.batches():
            writer.writerows(map(_row, crowd.cases(places)))


def _row(case: cases.Case) -> tuple[object, ...]:
    draft, marks = case.draft, {mark.status: mark for mark in case.marks}
    last = case.marks[-1] if case.marks else None
    closed = last if last and last.status in {Status.RESOLVED, Status.REJECTED} else None
    return (
        case.external_id,
        draft.service_code,
        draft.description,
        draft.lat,
        draft.lon,
        closed.status if closed else Status.SUBMITTED,
        case.received_at.isoformat(),
        marks[Status.RESPONDED].at.isoformat() if closed and Status.RESPONDED in marks else "",
        closed.at.isoformat() if closed else "",
        closed.note if closed else "",
        draft.channel,
    )


def _timed(work: Callable[[], int]) -> tuple[float, int]:
    """CPU seconds of this process and its backend, and what the work returned."""
    start = spent_s()
    found = work()
    return spent_s() - start, found


def _bring(city: City, file: Path) -> int:
    """Import the file as the command does."""
    given = mapping.parse(MAPPING, city, folder=file.parent)
    book = cases.book(city, SOURCE)
    opened = readers.open_rows(file, given.wanted, options={})
    with importing.alone(book):
        found = importing.stage(opened, given, book, lambda _read: None)
        done = importing.load(
            found.sound, given, book, keep=True, told=lambda _rows: None, beside=False
        )
        loading.finish()
    return done.written


def _dump(folder: Path) -> tuple[int, list[dict[str, Path]]]:
    """Write the rows that came in to files, those of a transaction together; count them."""
    rows, pieces = 0, []
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(id), max(id) FROM issues_issue")
        first, last = cursor.fetchone()
        for start in range(first, last + 1, importing.BATCH):
            piece = {}
            for table, columns in TABLES.items():
                piece[table] = folder / f"{table}-{start}"
                key = columns[0]
                with piece[table].open("w", encoding="utf-8") as file:
                    end = start + importing.BATCH - 1
                    within = f"WHERE {key} BETWEEN {start} AND {end} ORDER BY {key}"
                    wanted = f"SELECT {', '.join(columns)} FROM {table} {within}"  # noqa: S608  names of ours
                    cursor.copy_expert(f"COPY ({wanted}) TO STDOUT", file)
                rows += cursor.rowcount
            pieces.append(piece)
    return rows, pieces


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE issues_issue, issues_series CASCADE")


def _copy(pieces: list[dict[str, Path]]) -> int:
    """Send the files to the tables."""
    for piece in pieces:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
            for table, path in piece.items():
                with path.open(encoding="utf-8") as file:
                    columns = ", ".join(TABLES[table])
                    cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", file, 1 << 20)
    return len(pieces)
