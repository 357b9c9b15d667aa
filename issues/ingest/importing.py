"""A file in, issues out: stage it, judge it, load what is sound, say what became of every row."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from typing import Final

from django.db import DatabaseError, connection

from issues.ingest import loading, pictures, staging
from issues.ingest.cases import Book, Case
from issues.ingest.checking import Checker
from issues.ingest.faults import Fault
from issues.ingest.mapping import Mapping as Given
from issues.ingest.readers import Opened, Raw
from issues.ingest.writing import Press

BATCH: Final = 10_000
"""Rows of one transaction: as many are lost and done again after a kill."""

AT_ONCE: Final = 5000
"""Rows that are checked together; so many are held in memory."""

Tell = Callable[[int], None]


class AlreadyRunning(Exception):
    """Impor lain dari sumber ini sedang berjalan."""


@dataclass(slots=True)
class Outcome:
    """What became of the sound rows; `unheld` of the refused would have waited for a review."""

    known: int = 0
    written: int = 0
    events: int = 0
    refused: int = 0
    unheld: int = 0
    photos: int = 0


@contextmanager
def alone(book: Book) -> Iterator[None]:
    """Hold what only one import of a source may hold; it is let go however the import ends.

    Raises:
        AlreadyRunning: somebody holds it.
    """
    key = f"import:{book.city.slug}:{book.source}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [key])
        if not cursor.fetchone()[0]:
            raise AlreadyRunning
        try:
            yield
        finally:
            # A broken connection has let go by itself.
            with suppress(DatabaseError):
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [key])


def stage(opened: Opened, given: Given, book: Book, told: Tell) -> staging.Summary:
    """Bring a file to the staging table and check all of it.

    Args:
        opened: the file.
        given: how it is to be read.
        book: of the city.
        told: hears how far the file was read (bytes or rows, as `opened.size`).
    """
    checker = Checker(given, book, crs=opened.crs)
    staging.begin()
    for raws in _groups(opened.rows(told)):
        staging.add(checker.staged(raws))
    staging.judge(given)
    return staging.summary()


def load(
    count: int,
    given: Given,
    book: Book,
    *,
    keep: bool,
    told: Tell,
    batch: int = BATCH,
    beside: bool = True,
) -> Outcome:
    """Load the sound rows, a batch a transaction; what is here already stays as it is.

    The caller ends with `loading.finish`, after it has told what became of the rows.

    Args:
        count: how many there are.
        given: how the file was read.
        book: of the city.
        keep: False finds out everything and writes nothing.
        told: hears after each batch how many rows it had.
        batch: rows of one transaction.
        beside: whether one batch is sent while the next is made.
    """
    outcome = Outcome()
    with Press(beside=beside) as press:
        for places in staging.batches(count, batch):
            cases = staging.cases(places, given, book)
            found = loading.load(cases, book, press if keep else None)
            staging.refuse([(no.case.line, Fault("route", no.reason)) for no in found.refused])
            outcome.known += found.known
            outcome.written += found.written
            outcome.events += found.events
            outcome.refused += len(found.refused)
            outcome.unheld += sum(no.case.reviewed_at is None for no in found.refused)
            gone = {no.case.line for no in found.refused}
            cases = [case for case in cases if case.line not in gone]
            if given.photos is not None and any(case.photos for case in cases):
                press.wait()
                _attach(cases, given, book, outcome, keep=keep)
            told(len(places))
    return outcome


def _attach(cases: list[Case], given: Given, book: Book, outcome: Outcome, *, keep: bool) -> None:
    """Queue the pictures of a batch; those that cannot be taken are named, their issue stays."""
    assert given.photos is not None  # noqa: S101  the caller has looked
    done = pictures.attach(cases, given.photos, book, keep=keep)
    outcome.photos += done.attached
    staging.refuse([(line, Fault("photo", reason)) for line, reason in done.refused])


def _groups(raws: Iterable[Raw]) -> Iterator[list[Raw]]:
    """Part rows into groups."""
    rows = iter(raws)
    while group := list(islice(rows, AT_ONCE)):
        yield group
