"""The truth about what the public sees: nothing but what `publication` computes from the issue."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.db.models import Model, Prefetch, QuerySet

from geodata.models import City
from issues import publication
from issues.invariants.truth import Violation, batches, issues
from issues.models import (
    Decision,
    Event,
    Issue,
    Photo,
    PublicDetail,
    PublicIssue,
    PublicPhoto,
    PublicSpan,
)
from issues.publication import Projection

_ISSUE: Final = ("category", "department", "jurisdiction", "merged_into")


def exact(city: City | None) -> Iterator[Violation]:
    """Yield public rows that differ from the computed ones, are missing or too many (I7, I12)."""
    for page in batches(_with_everything(city)):
        ids = [issue.pk for issue in page]
        stored = PublicIssue.objects.in_bulk(ids), PublicDetail.objects.in_bulk(ids)
        shown = _by_issue(PublicPhoto.objects.filter(detail__in=ids))
        spans = _spans_by_issue(ids)
        supports = publication.supports_of(ids)
        for issue in page:
            expected = _expected(issue, supports[issue.pk])
            differences = _differences(expected, issue, *stored, shown.get(issue.pk, {}))
            for words in (*differences, *_history(expected, spans.get(issue.pk, []))):
                yield Violation(words, (issue.number,))


def _with_everything(city: City | None) -> QuerySet[Issue]:
    return (
        issues(city)
        .select_related("city", *_ISSUE)
        .prefetch_related(
            Prefetch("events", Event.objects.select_related("department").order_by("seq")),
            Prefetch("photos", Photo.objects.order_by("position")),
            Prefetch("decisions", Decision.objects.order_by("pk")),
        )
    )


def _by_issue(rows: QuerySet[PublicPhoto]) -> dict[int, dict[Any, PublicPhoto]]:
    found: dict[int, dict[Any, PublicPhoto]] = {}
    for row in rows:
        found.setdefault(row.detail_id, {})[row.pk] = row
    return found


def _spans_by_issue(ids: list[int]) -> dict[int, list[PublicSpan]]:
    found: dict[int, list[PublicSpan]] = {}
    for span in PublicSpan.objects.filter(issue__in=ids).order_by("since"):
        found.setdefault(span.issue_id, []).append(span)
    return found


def _expected(issue: Issue, supports: int) -> Projection:
    """Compute what publishing would write now."""
    return publication.project(
        issue,
        events=list(issue.events.all()),
        photos=list(issue.photos.all()),
        decision=_newest(issue.decisions.all()),
        supports=supports,
    )


def _differences(
    expected: Projection,
    issue: Issue,
    rows: Mapping[Any, PublicIssue],
    details: Mapping[Any, PublicDetail],
    shown: Mapping[Any, PublicPhoto],
) -> Iterator[str]:
    """Compare the stored rows of one issue with the computed ones."""
    yield from _compare("the map", expected.row, rows.get(issue.pk))
    yield from _compare("the page", expected.detail, details.get(issue.pk))
    photos = {row.pk: row for row in expected.photos}
    for pk in photos.keys() | shown.keys():
        yield from _compare(f"photo {pk}", photos.get(pk), shown.get(pk))


def _history(expected: Projection, stored: list[PublicSpan]) -> Iterator[str]:
    """Compare the days on which the map showed an issue."""
    if [_span(one) for one in expected.spans] != [_span(one) for one in stored]:
        yield (
            "the map's history: differs from the events"
            if expected.spans
            else ("the map's history: must not be seen")
        )


def _span(span: PublicSpan) -> tuple[Any, ...]:
    fields = span._meta.concrete_fields  # noqa: SLF001  Django's documented _meta
    return tuple(getattr(span, field.attname) for field in fields if not field.primary_key)


def _newest(decisions: QuerySet[Decision]) -> Decision | None:
    return list(decisions)[-1] if decisions else None


def _compare(where: str, expected: Model | None, stored: Model | None) -> Iterator[str]:
    """Compare two rows column by column."""
    if expected is None or stored is None:
        if expected is not stored:
            yield f"{where}: {'must not be seen' if expected is None else 'is missing'}"
        return
    wrong = [
        field.name
        for field in expected._meta.concrete_fields  # noqa: SLF001  Django's documented _meta
        # What the database computes itself cannot differ.
        if not field.generated
        and getattr(expected, field.attname) != getattr(stored, field.attname)
    ]
    if wrong:
        yield f"{where}: differs in {', '.join(wrong)}"
