"""A year of issues, from the first report to the present, on as many processors as there are."""

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Final

from django.db import connection, connections, transaction

from geodata.models import City
from issues import actions
from issues.actions.calendars import Calendars
from issues.demo import pictures
from issues.demo.office import Office
from issues.demo.people import Cast
from issues.demo.reports import Author, Report
from issues.demo.story import Script, Story, tell
from issues.models import Issue

MOST_WORKERS: Final = 4


@dataclass(frozen=True, slots=True)
class Year:
    """All reports of a year and what their stories share; oldest first."""

    city: City
    script: Script
    reports: list[Report]
    pictured: frozenset[int]
    seed: int

    def happen(self, place: int) -> int:
        """Let one report come in and its story be told; two transactions, as on a real day.

        Returns:
            The id of the issue.
        """
        report = self.reports[place]
        issue = actions.submit(report.draft, city=self.city, at=report.at).issue
        rng = Random(f"{self.seed}/{place}")  # noqa: S311  a repeatable story, no secrets
        with transaction.atomic():
            story = Story(issue, self.script, rng, pictured=place in self.pictured)
            tell(story, original=self._original(report))
            _hush(issue)
        return issue.pk

    def _original(self, report: Report) -> Issue | None:
        """Find the earlier report of the same thing, unless another worker is still at it."""
        if report.same_as is None:
            return None
        uuid = self.reports[report.same_as].draft.uuid
        return Issue.objects.filter(city=self.city, uuid=uuid).first()


def write(
    city: City,
    cast: Cast,
    *,
    count: int,
    seed: int,
    now: datetime,
    pictured: int,
) -> Year:
    """Write down what will happen.

    Args:
        city: with reference data and ground.
        cast: who acts.
        count: how many issues.
        seed: the same seed, count and present give the same year.
        now: the present, aware.
        pictured: how many of the newer issues have photos.
    """
    author = Author(city, Random(seed), now=now)  # noqa: S311  a repeatable story, no secrets
    reports = author.write(count)
    script = _script(city, cast, author, now=now)
    return Year(city, script, reports, _pictured(reports, pictured), seed)


def live(year: Year, *, workers: int = 1) -> Iterator[int]:
    """Let a year happen, oldest first; with several workers nearly so.

    Args:
        year: from `write`.
        workers: processes; one does it here, inside the caller's transaction if there is one.

    Yields:
        The id of each issue.
    """
    places = range(len(year.reports))
    if workers == 1:
        yield from map(year.happen, places)
    else:
        # A connection that two processes share would mix up their answers.
        connections.close_all()
        fork = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(workers, fork, initializer=_enter, initargs=(year,)) as pool:
            yield from pool.map(_happen, places)
    actions.refresh_overdue(year.script.now)


def processors() -> int:
    """Say how many workers this machine can feed."""
    return min(len(os.sched_getaffinity(0)), MOST_WORKERS)


_years: Final[list[Year]] = []
"""In a worker: the year that it was forked with."""


def _enter(year: Year) -> None:
    _years[:] = [year]
    with connection.cursor() as cursor:
        # A demo may be lost with the machine's power; waiting for the disk would double its time.
        cursor.execute("SET synchronous_commit = off")


def _happen(place: int) -> int:
    return _years[0].happen(place)


def _script(city: City, cast: Cast, author: Author, *, now: datetime) -> Script:
    departments = {department.code: department for department in city.departments.all()}
    return Script(
        cast=cast,
        office=Office(Calendars().of(city)),
        words=author.words,
        shares=author.year["shares"],
        instead={code: departments[other] for code, other in author.year["instead"].items()},
        anywhere=[departments[code] for code in author.year["anywhere"]],
        now=now,
    )


def _pictured(reports: list[Report], count: int) -> frozenset[int]:
    """Choose whose reports have photos: recent ones of kinds that can be drawn."""
    drawable = [
        place
        for place, report in enumerate(reports)
        if pictures.can_draw(report.draft.service_code) and report.same_as is None
    ]
    return frozenset(drawable[::-4][:count])


def _hush(issue: Issue) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            Path(__file__).with_name("hush.sql").read_text(encoding="utf-8"), {"issue": issue.pk}
        )
