"""From cases to issues: what is known already is left out, the rest is routed, written, counted."""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _

from geodata import pyramid, sql
from geodata.models import Level
from issues.heat import SOURCES
from issues.ingest import answers, histories, life, writing
from issues.ingest.answers import Answer
from issues.ingest.cases import Book, Case, unknown
from issues.ingest.histories import Life
from issues.ingest.rows import Settled, Spot, Writer, public_point

_SQL: Final = Path(__file__).parent / "sql"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A case that cannot become an issue, and why."""

    case: Case
    reason: str


@dataclass(slots=True)
class Loaded:
    """What became of a batch."""

    known: int = 0
    written: int = 0
    events: int = 0
    refused: list[Refusal] = field(default_factory=list)


def load(cases: Sequence[Case], book: Book, press: writing.Press | None) -> Loaded:
    """Turn a batch of cases into issues; whatever is here already is left as it is.

    The rows of a batch are one transaction. Its numbers are taken just before, in one of their own,
    so that nobody who reports meanwhile has to wait; a kill in between leaves a gap in the numbers.

    Args:
        cases: checked, each external id once.
        book: of their city and source.
        press: what writes them; None only finds out what would happen.
    """
    fresh = unknown(book, [case.external_id for case in cases])
    found = Loaded(known=len(cases) - len(fresh))
    ready = list(_lived([case for case in cases if case.external_id in fresh], book, found))
    found.written = len(ready)
    found.events = sum(len(life.events) for _case, _answer, life in ready)
    if press and ready:
        writer = Writer(book)
        settled = _settled(ready, book)
        press.put(writing.sheets(row for one in settled for row in writer.rows(one)))
    return found


def finish() -> bool:
    """Do at the end of an import what is not worth doing for each batch.

    The planner hears how many rows there are, the map's new counts become chunks. Nothing waits for
    it: the map counts each batch from its commit on. So whoever folds already is left alone, and
    what the database cannot do now, its own upkeep and a worker do later.

    Returns:
        False where something was left to them because it failed.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute((_SQL / "analyze.sql").read_text(encoding="utf-8"))
        for source in SOURCES:
            pyramid.fold(source)
    except OperationalError as error:
        logger.warning("the end of an import is left to others: %s", error)
        return False
    return True


def _lived(cases: Sequence[Case], book: Book, found: Loaded) -> Iterator[tuple[Case, Answer, Life]]:
    """Route the cases and write down their histories; keep what could not be."""
    for case, answer in zip(cases, answers.many(cases, book), strict=True):
        if answer.refusal:
            found.refused.append(Refusal(case, answer.refusal))
            continue
        try:
            yield case, answer, histories.lived(case, answer, book)
        except life.Ownerless as error:
            status = error.args[0].label
            reason = _("status “%(status)s” menuntut dinas, dan tidak ada yang bertanggung jawab")
            found.refused.append(Refusal(case, reason % {"status": status}))
        except life.NoWay as error:
            before, after = (status.label for status in error.args)
            reason = _("dari “%(before)s” tidak ada jalan ke “%(after)s”")
            found.refused.append(Refusal(case, reason % {"before": before, "after": after}))


def _settled(ready: Sequence[tuple[Case, Answer, Life]], book: Book) -> Iterator[Settled]:
    """Give each case its key, its number and the place that the public sees."""
    numbers = _numbers([case for case, _answer, _life in ready], book)
    keys = sql.fetch("keys", {"count": len(ready)}, folder=_SQL)
    spots = _spots(ready, book)
    for (case, answer, lived), key, number, spot in zip(ready, keys, numbers, spots, strict=True):
        yield Settled(key["id"], number, case, answer, lived, spot)


@transaction.atomic
def _numbers(cases: Sequence[Case], book: Book) -> Iterator[str]:
    """Take the next numbers of the years in which cases were received, in their order."""
    years = [case.received_at.astimezone(book.zone).year for case in cases]
    counts = Counter(years)
    params = {
        "city_id": book.city.pk,
        "years": list(counts),
        "counts": list(counts.values()),
    }
    rows = sql.fetch("numbers", params, folder=_SQL)
    following = {row["year"]: row["last"] - counts[row["year"]] for row in rows}
    return _written_out(years, following, book.city.prefix)


def _written_out(years: Sequence[int], last: dict[int, int], prefix: str) -> Iterator[str]:
    for year in years:
        last[year] += 1
        yield f"{prefix}-{year % 100:02d}-{last[year]:06d}"


def _spots(ready: Sequence[tuple[Case, Answer, Life]], book: Book) -> list[Spot]:
    """Find where the public sees each case: blurred ones in the village of their public point."""
    points = [public_point(case, book.kinds[case.draft.service_code]) for case, _a, _l in ready]
    blurred = [
        place
        for place, (case, _answer, _life) in enumerate(ready)
        if points[place] and not book.kinds[case.draft.service_code].exact_place
    ]
    villages = _villages([(points[place], ready[place][0]) for place in blurred], book)
    seen = dict(zip(blurred, villages, strict=True))
    areas = [
        seen.get(place, answer.jurisdiction_id) for place, (_c, answer, _l) in enumerate(ready)
    ]
    return [Spot(point, area) for point, area in zip(points, areas, strict=True)]


def _villages(blurred: Sequence[tuple[Any, Case]], book: Book) -> list[int | None]:
    params: Mapping[str, Any] = {
        "city_id": book.city.pk,
        "level": Level.VILLAGE,
        "lons": [point[0] for point, _case in blurred],
        "lats": [point[1] for point, _case in blurred],
        "ats": [case.received_at for _point, case in blurred],
    }
    return [row["id"] for row in sql.fetch("public_areas", params, folder=_SQL)]
