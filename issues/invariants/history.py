"""Truths about events: the path they make, the chain that seals them, the jobs that tell them."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, NamedTuple

from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from procrastinate.contrib.django.models import ProcrastinateJob

from geodata.models import City
from issues import notifications
from issues.actions import record
from issues.history import waits
from issues.invariants.truth import Violation, batches, issues, of
from issues.models import Access, ConfigurationChange, Event, Issue, Origin, Photo
from issues.workflow import CLOSED, TABLE, Role, Status, Step, Target, before

_WAITS: Final = ("spent", "stood_since", "responded_at", "reopenings")


class Taken(NamedTuple):
    """As much of an event as tells whether it was legal."""

    seq: int
    step: str
    status: str
    role: str
    has_department: bool


def paths(city: City | None) -> Iterator[Violation]:
    """Yield issues whose history is no legal path, or does not end where they stand (I4).

    Most issues went one of few ways: equal histories are walked once.
    """
    wrong = lru_cache(maxsize=10_000)(_wrong)
    for page in batches(issues(city).select_related(None).only("number", "status", "version")):
        taken = _taken(page)
        for issue in page:
            for words in wrong(issue.status, issue.version, tuple(taken.get(issue.pk, ()))):
                yield Violation(words, (issue.number,))


def _taken(page: Sequence[Issue]) -> dict[int, list[Taken]]:
    """Read what was done to each issue; no model for each of millions of events."""
    found: dict[int, list[Taken]] = {}
    columns = ("issue_id", "seq", "step", "status", "role", "department_id")
    rows = Event.objects.filter(issue__in=page).order_by("issue_id", "seq").values_list(*columns)
    for issue_id, seq, step, status, role, department_id in rows:
        one = Taken(seq, step, status, role, department_id is not None)
        found.setdefault(issue_id, []).append(one)
    return found


def _with_events(city: City | None) -> QuerySet[Issue]:
    # Neither the city nor the words of an issue: of a million they would be most of the work.
    rows = (
        issues(city).select_related(None).only("number", "status", "version", "body_hash", *_WAITS)
    )
    return rows.prefetch_related(Prefetch("events", Event.objects.order_by("seq")))


def _wrong(status: str, version: int, events: tuple[Taken, ...]) -> tuple[str, ...]:
    """Say what is wrong with a history that shall end in a status at a version."""
    return tuple(_missteps(status, version, events))


def _missteps(status: str, version: int, events: Sequence[Taken]) -> Iterator[str]:
    """Walk through a history and say what the workflow table does not know."""
    if [event.seq for event in events] != list(range(1, version + 1)):
        yield "does not have one event for each version"
    if not events or events[0].step != Step.SUBMIT or events[0].status != Status.SUBMITTED:
        yield "does not begin with its submission"
        return
    path = [Status(events[0].status)]
    for event in events[1:]:
        if not _is_legal(path, event):
            yield f"could not go from {path[-1]} to {event.status} by {event.step} ({event.role})"
        path.append(Status(event.status))
    if status != path[-1]:
        yield f"stands at {status}, its history at {path[-1]}"


def _is_legal(path: Sequence[Status], event: Taken) -> bool:
    """Whether the table has a cell that leads from the end of the path to the event."""
    cell = TABLE.get((path[-1], Step(event.step)))
    return (
        cell is not None
        and Role(event.role) in cell.roles
        and Status(event.status) in _ends(cell.target, path, event)
    )


def _ends(target: Status | Target, path: Sequence[Status], event: Taken) -> set[Status]:
    """List where a target may lead: with a department to one status, without one to triage."""
    match target:
        case Target.UNCHANGED:
            found = path[-1]
        case Target.PREVIOUS:
            found = before(path) or Status.SUBMITTED
        case Target.TAKEN_BACK if event.status == path[-1]:
            found = path[-1]
        case Target.TAKEN_BACK:
            found = before(path) or Status.SUBMITTED
        case Target.ROUTED:
            found = Status.ASSIGNED if event.has_department else Status.SUBMITTED
        case _:
            found = Status(target)
    if not event.has_department and found not in CLOSED:
        return {found, Status.SUBMITTED}
    return {found}


def chained(city: City | None) -> Iterator[Violation]:
    """Yield events whose hash does not follow, and a table that could be changed (I9)."""
    yield from _unguarded()
    for page in batches(_with_events(city)):
        for issue in page:
            sealed = issue.body_hash
            for event in issue.events.all():
                if event.previous_hash != sealed or event.hash != record.digest(event):
                    yield Violation("was changed after it was written", (issue.number, event.seq))
                sealed = event.hash


def waited(city: City | None) -> Iterator[Violation]:
    """Yield issues that do not know for whom they have waited."""
    for page in batches(_with_events(city)):
        for issue in page:
            told = waits(issue.events.all())
            kept = (issue.spent, issue.stood_since, issue.responded_at, issue.reopenings)
            if kept != (told.spent, told.since, told.responded_at, told.reopenings):
                yield Violation("does not know for whom it has waited", (issue.number,))


_GUARDS: Final = {
    Event: "event_is_append_only",
    Access: "access_is_append_only",
    ConfigurationChange: "configuration_is_append_only",
}
"""Tables that are only ever added to → the trigger that sees to it."""


def _unguarded() -> Iterator[Violation]:
    """Look whether the guards on the tables of history are on."""
    for model, guard in _GUARDS.items():
        table = model._meta.db_table  # noqa: SLF001  Django's documented _meta
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT tgenabled FROM pg_trigger WHERE tgrelid = to_regclass(%s) AND tgname = %s",
                [table, guard],
            )
            found = cursor.fetchone()
        if found is None or found[0] not in ("O", "A"):
            yield Violation(f"the guard on {table} is off")


def told(city: City | None) -> Iterator[Violation]:
    """Yield events and photos without the job that they need, whatever became of it (I5).

    What happened before an issue was imported is told to nobody.
    """
    brought = Origin.objects.filter(issue=OuterRef("issue"), events__gte=OuterRef("seq"))
    since = {notifications.FOLLOWERS: Q(at__gte=_followed_since())}
    everybody = (notifications.RECEIPT, notifications.OFFICE, notifications.REPORTER)
    for name in (*everybody, notifications.FOLLOWERS):
        steps = [step for step, names in notifications.NOTICES.items() if name in names]
        rows = Event.objects.filter(~Exists(brought), step__in=steps, **of(city, "issue__city"))
        rows = rows.filter(since.get(name, Q()))
        rows = rows.filter(~_job(name, "event_id"))
        for number, seq in rows.values_list("issue__number", "seq").iterator():
            yield Violation(f"has no job “{name}”", (number, seq))
    waiting = Photo.objects.filter(state=Photo.State.WAITING, **of(city, "issue__city"))
    unseen = waiting.filter(~_job("clean_photo", "photo_id"))
    for number, pk in unseen.values_list("issue__number", "pk").iterator():
        yield Violation("waits and has no job “clean_photo”", (number, pk))


def _followed_since() -> datetime:
    """Find when this database learned of followers: what happened before was told to none."""
    learned = MigrationRecorder.Migration.objects.filter(app="issues", name="0013_notices")
    found = learned.values_list("applied", flat=True).first()
    return found or datetime.max.replace(tzinfo=UTC)


def _job(name: str, key: str) -> Exists:
    """Whether a row has a job of a name, done, waiting or dead."""
    jobs = ProcrastinateJob.objects.annotate(about=KT(f"args__{key}"))
    return Exists(jobs.filter(task_name=name, about=Cast(OuterRef("pk"), TextField())))
