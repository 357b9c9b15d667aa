"""A year of issues, from the first report to the present."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from random import Random

from django.db import connection

from geodata.models import City
from issues import actions
from issues.actions import clocks
from issues.clock import Calendar
from issues.demo import pictures
from issues.demo.office import Office
from issues.demo.people import Cast
from issues.demo.reports import Author, Report
from issues.demo.story import Script, Story, tell
from issues.models import Issue


def live(
    city: City,
    cast: Cast,
    *,
    count: int,
    seed: int,
    now: datetime,
    pictured: int,
) -> Iterator[Issue]:
    """Let a year of issues happen, oldest first; the caller holds one transaction around it.

    Args:
        city: with reference data and ground.
        cast: who acts.
        count: how many issues.
        seed: the same seed, count and present give the same year.
        now: the present, aware.
        pictured: how many of the newer issues have photos.

    Yields:
        Each issue as its story has left it.
    """
    rng = Random(seed)  # noqa: S311  a repeatable story, no secrets
    author = Author(city, rng, now=now)
    reports = author.write(count)
    script = _script(city, cast, author, now=now)
    chosen = _pictured(reports, pictured)
    issues: list[Issue] = []
    for place, report in enumerate(reports):
        issue = actions.submit(report.draft, city=city, at=report.at).issue
        story = Story(issue, script, rng, pictured=place in chosen)
        tell(story, original=_original(issues, report))
        issues.append(story.issue)
        yield story.issue
    _hush(issues)
    actions.refresh_overdue(now)


def _script(city: City, cast: Cast, author: Author, *, now: datetime) -> Script:
    departments = {department.code: department for department in city.departments.all()}
    return Script(
        cast=cast,
        office=Office(_calendar(city, now)),
        words=author.words,
        shares=author.year["shares"],
        instead={code: departments[other] for code, other in author.year["instead"].items()},
        anywhere=[departments[code] for code in author.year["anywhere"]],
        now=now,
    )


def _calendar(city: City, now: datetime) -> Calendar:
    """Build the city's calendar with every holiday that it knows, not only those near a date."""
    near = clocks.calendar(city, now)
    days = city.holidays.values_list("date", "name")
    return Calendar(zone=near.zone, hours=near.hours, holidays=dict(days))


def _pictured(reports: list[Report], count: int) -> frozenset[int]:
    """Choose whose reports have photos: recent ones of kinds that can be drawn."""
    drawable = [
        place
        for place, report in enumerate(reports)
        if pictures.can_draw(report.draft.service_code) and report.same_as is None
    ]
    return frozenset(drawable[::-4][:count])


def _original(issues: list[Issue], report: Report) -> Issue | None:
    return issues[report.same_as] if report.same_as is not None else None


def _hush(issues: list[Issue]) -> None:
    statement = Path(__file__).with_name("hush.sql").read_text()
    with connection.cursor() as cursor:
        cursor.execute(statement, {"issues": [issue.pk for issue in issues]})
