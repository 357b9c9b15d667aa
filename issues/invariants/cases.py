"""Truths about issues themselves: receipts, owners, due dates, numbers; and about their rules."""

from collections.abc import Iterator
from typing import Final

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce

from geodata.models import City, Department, RoutingRule
from issues.actions import clocks, tracking
from issues.actions.calendars import Calendars
from issues.actions.clocks import Story
from issues.invariants.truth import Violation, batches, issues, of
from issues.models import (
    Category,
    Decision,
    Event,
    Issue,
    IssueAsset,
    Photo,
    Question,
    Series,
)
from issues.workflow import CLOSED, OPEN, TRIAGE, Role, Step

HASH_LENGTH = 64
_CLOCKED: Final = (
    *("number", "city", "category", "department", "received_at", "closed_at"),
    *clocks.COLUMNS,
)
_RECEIPT: Final = ("number", "city", "uuid", "body_hash", "token_hash", "token_version")


def receipts(city: City | None) -> Iterator[Violation]:
    """Yield client ids that stand twice, and issues whose receipt would not open them (I1)."""
    yield from _twice(city, "uuid")
    yield from _twice(city, "number")
    first = Event.objects.filter(issue=OuterRef("pk"), seq=1, step=Step.SUBMIT)
    cities = City.objects.in_bulk()
    rows = issues(city).select_related(None).only(*_RECEIPT)
    for issue in rows.annotate(is_recorded=Exists(first)).iterator():
        issue.city = cities[issue.city_id]
        if len(issue.body_hash) != HASH_LENGTH:
            yield Violation("has no hash of what was sent", (issue.number,))
        if not issue.is_recorded:
            yield Violation("has no event of its submission", (issue.number,))
        if not _opens(issue):
            yield Violation("does not open with its own secret", (issue.number,))


def _twice(city: City | None, column: str) -> Iterator[Violation]:
    """Look for doubles even though a constraint forbids them: a restore may have lost it."""
    rows = issues(city).order_by().values("city", column)
    doubled = rows.annotate(count=Count("pk"), numbers=ArrayAgg("number")).filter(count__gt=1)
    for row in doubled:
        yield Violation(f"stand twice with one {column}", tuple(row["numbers"]))


def _opens(issue: Issue) -> bool:
    try:
        return tracking.fingerprint(tracking.token_for(issue)) == issue.token_hash
    except KeyError:
        return False


def owners(city: City | None) -> Iterator[Violation]:
    """Yield issues without owner outside triage, with one inside, or without a decision (I3)."""
    placed = Decision.objects.filter(issue=OuterRef("pk"))
    rows = issues(city).annotate(
        is_decided=Exists(placed),
        has_nameless=Exists(placed.filter(jurisdiction__isnull=False, edition__isnull=True)),
    )
    needs_owner = Q(status__in=OPEN - TRIAGE - {"needs_info"}, department__isnull=True)
    has_owner = Q(status__in=TRIAGE, department__isnull=False)
    for words, broken in (
        ("has no owner and is not in triage", needs_owner),
        ("sits in triage and has an owner", has_owner),
        ("has no decision of routing", Q(is_decided=False)),
        ("has a decision that names no edition", Q(has_nameless=True)),
        ("is closed without a date, or open with one", _closed_wrongly()),
    ):
        for number in rows.filter(broken).values_list("number", flat=True):
            yield Violation(words, (number,))


def _closed_wrongly() -> Q:
    return Q(status__in=CLOSED, closed_at=None) | Q(status__in=OPEN, closed_at__isnull=False)


def dates(city: City | None) -> Iterator[Violation]:
    """Yield issues whose dates do not follow from start, clock, pauses and calendar (I8).

    An issue that was closed and came back has its dates from that day on. One that was closed when
    days off or hours were others keeps the dates of then.
    """
    known = Calendars()
    cities, offices = City.objects.in_bulk(), Department.objects.in_bulk()
    kinds = Category.objects.select_related("clock").in_bulk()
    rows = issues(city).select_related(None).only(*_CLOCKED)
    for page in batches(rows):
        stories = clocks.stories(page)
        for issue in page:
            issue.city, issue.category = cities[issue.city_id], kinds[issue.category_id]
            issue.department = offices.get(issue.department_id or 0)
            for words in _misdated(issue, stories[issue.pk], known):
                yield Violation(words, (issue.number,))


def _misdated(issue: Issue, told: Story, known: Calendars) -> Iterator[str]:
    """Say in what an issue's clocks differ from what its events tell."""
    for column in ("paused_at", "pauses", "joint", "escalated_to"):
        if getattr(issue, column) != getattr(told, column):
            yield f"{column} should be {getattr(told, column)}"
    since = issue.city.calendar_at
    if issue.closed_at and since and issue.closed_at < since:
        return
    issue.pauses, issue.joint = told.pauses, told.joint
    start = told.started_at or issue.received_at
    for column, (_was, at) in clocks.redate(issue, start=start, known=known).items():
        yield f"{column} should be {at}"


def numbers(city: City | None) -> Iterator[Violation]:
    """Yield numbers that no series has given out (I10)."""
    lasts = {
        f"{series.city.prefix}-{series.year % 100:02d}": series.last
        for series in Series.objects.filter(**of(city, "city")).select_related("city")
    }
    for part in issues(city).filter(parent__isnull=False).select_related("parent"):
        if part.parent is None or not part.number.startswith(f"{part.parent.number}-"):
            yield Violation("is a part and not named after its whole", (part.number,))
    wholes = issues(city).filter(parent__isnull=True)
    for number in wholes.values_list("number", flat=True).iterator():
        series, _dash, last = number.rpartition("-")
        if not last.isdecimal() or int(last) > lasts.get(series, 0):
            yield Violation("lies beyond its series", (number,))


def rules(city: City | None) -> Iterator[Violation]:
    """Yield rules for categories that do not exist, and fast lanes that lead nowhere."""
    rows = RoutingRule.objects.filter(active=True, **of(city, "city"))
    categories = Category.objects.filter(**of(city, "city")).values_list("city", "service_code")
    known = {(owner, path) for owner, code in categories for path in _paths(code)}
    for rule in rows:
        if (rule.city_id, rule.service_code) not in known:
            yield Violation(f"is for “{rule.service_code}”, which is no category", (rule.code,))
    for rule in rows.exclude(department__city=F("city")):
        yield Violation("leads to a department of another city", (rule.code,))
    codes = {(rule.city_id, rule.service_code) for rule in rows}
    leaves = Category.objects.filter(active=True, children=None, fast_lane=True)
    for category in leaves.filter(**of(city, "city")):
        if not any((category.city_id, code) in codes for code in _paths(category.service_code)):
            yield Violation("is a fast lane that leads to nobody", (category.service_code,))


def _paths(service_code: str) -> Iterator[str]:
    """Yield the codes whose rules serve a category: itself, its parents, everything."""
    parts = service_code.split("-")
    yield from ("-".join(parts[:size]) for size in range(len(parts), -1, -1))


def held(city: City | None) -> Iterator[Violation]:
    """Yield held issues that somebody works on, or that the public could see."""
    rows = issues(city).filter(held=True)
    owned = rows.filter(department__isnull=False)
    shown = rows.filter(Q(public__isnull=False) | Q(public_detail__isnull=False))
    for number in owned.values_list("number", flat=True):
        yield Violation("is held and yet on somebody's desk", (number,))
    for number in shown.values_list("number", flat=True):
        yield Violation("is held and yet public", (number,))


def looked_on(city: City | None) -> Iterator[Violation]:
    """Yield issues whose row hides from triage what their history and their photos tell."""
    by_desk = Exists(Event.objects.filter(issue=OuterRef("pk"), role=Role.DISPATCHER))
    rows = issues(city).annotate(by_desk=by_desk)
    for number in rows.exclude(looked_on=F("by_desk")).values_list("number", flat=True):
        yield Violation("is wrong about whether triage has looked at it", (number,))
    ready = Photo.objects.filter(issue=OuterRef("pk"), state=Photo.State.CLEAN, public=False)
    later = ready.filter(cleaned_at__gt=Coalesce(OuterRef("photo_at"), OuterRef("received_at")))
    for number in issues(city).filter(Exists(later)).values_list("number", flat=True):
        yield Violation("has a photo that no review would be asked for", (number,))


def asked(city: City | None) -> Iterator[Violation]:
    """Yield ties to things of another city, and questions whose conditions nobody can fulfil."""
    for tie in IssueAsset.objects.exclude(city=F("issue__city")).select_related("issue"):
        yield Violation(f"names {tie} of another city", (tie.issue.number,))
    found = Question.objects.filter(active=True, **of(city, "category__city"))
    rows = list(found.select_related("category"))
    choosing = {
        (row.category.city_id, row.category.service_code, row.code): {
            choice["code"] for choice in row.choices
        }
        for row in rows
    }
    for row in rows:
        for code, wanted in row.condition.items():
            codes = {wanted} if isinstance(wanted, str) else set(wanted)
            paths = _paths(row.category.service_code)
            known = [choosing.get((row.category.city_id, path, code), set()) for path in paths]
            if not codes & set().union(*known):
                words = f"waits for {code}, which nobody can answer so"
                yield Violation(words, (row.category.service_code, row.code))
