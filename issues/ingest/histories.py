"""The history of a case as the events that the actions would have written, sealed one by one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, cast

from django.utils.translation import gettext as _

from issues.actions import clocks, record
from issues.ingest import life
from issues.ingest.answers import Answer
from issues.ingest.cases import Book, Case
from issues.workflow import CLOSED, TABLE, Role, Status, Step

if TYPE_CHECKING:
    from issues.models import Event

_DEMANDS: Final = {step: bool(cell.duties) for (_status, step), cell in TABLE.items()}
"""Whether a step demands words."""


@dataclass(slots=True)
class Told:
    """An event as it is hashed and published; offers what `record.seal` reads of an `Event`.

    `written` and `moment` are its data and instant as they are hashed; the database reads them so.
    """

    seq: int
    step: Step
    status: Status
    at: datetime
    role: Role
    department_id: int | None
    note: str
    data: dict[str, Any]
    previous_hash: str
    hash: str = ""
    written: str = "{}"
    moment: str = ""
    actor_id: None = None


@dataclass(frozen=True, slots=True)
class Life:
    """The events of a case and what they leave in its row."""

    events: tuple[Told, ...]
    department_id: int | None
    closed_at: datetime | None
    pauses: tuple[dict[str, Any], ...] = ()


def lived(case: Case, answer: Answer, book: Book) -> Life:
    """Write down the history of a case, sealed event by event.

    Raises:
        Ownerless: it needs a department, and there is none.
        NoWay: its marks are no way through the workflow.
    """
    kind = book.kinds[case.draft.service_code]
    owner = case.department_id or answer.department_id
    straight = kind.fast_lane and owner is not None and owner == answer.department_id
    return _sealed(case, list(_events(case, answer, book, owner if straight else None)))


def _sealed(case: Case, events: list[Told]) -> Life:
    """Number and chain the events of a case; find who has it and since when it is closed."""
    seal, closed_at, owner = case.draft.fingerprint, None, None
    at, moment = None, ""
    pauses = _paused(events)
    for seq, event in enumerate(events, 1):
        event.seq, event.previous_hash = seq, seal
        event.written = record.canonical(event.data) if event.data else "{}"
        if event.at is not at:
            at, moment = event.at, record.moment(event.at)
        event.moment = moment
        seal = event.hash = record.seal(cast("Event", event), event.written, moment)
        owner = event.department_id
        if event.status not in CLOSED:
            closed_at = None
        elif closed_at is None:
            closed_at = event.at
    return Life(tuple(events), owner, closed_at, pauses)


def _paused(events: list[Told]) -> tuple[dict[str, Any], ...]:
    """Write down where a question stopped the clock, and where it ran again; most ask nothing."""
    if all(event.step is not Step.ASK for event in events):
        return ()
    since: datetime | None = None
    for event in events:
        if since is not None and event.status is not Status.NEEDS_INFO:
            event.data = {**event.data, clocks.RESUMED: clocks.written(since)}
            since = None
        if event.step is Step.ASK:
            event.data = {**event.data, clocks.PAUSED: clocks.ASK}
            since = event.at
    return tuple(clocks.story(events).pauses)


def _events(case: Case, answer: Answer, book: Book, straight: int | None) -> Iterator[Told]:
    """Yield what happened: receipt, fast lane, the steps of its marks, the release of its words."""
    yield _told(Step.SUBMIT, Status.SUBMITTED, case.received_at, Role.REPORTER)
    status, owner = Status.SUBMITTED, straight
    if straight is not None:
        code = book.departments[straight].code
        status = Status.ASSIGNED
        yield _told(
            Step.ASSIGN,
            status,
            case.received_at,
            Role.SYSTEM,
            owner,
            data={"to": code, "rule": answer.rule_code},
        )
    wanted = case.department_id or answer.department_id or case.fallback_id
    review = case.reviewed_at
    acts = life.acts(
        status, case.marks, received_at=case.received_at, has_department=wanted is not None
    )
    for act in acts:
        if review is not None and review <= act.at:
            yield _released(case, status, review, owner)
            review = None
        data = {}
        if act.step is Step.ASSIGN:
            owner = cast("int", wanted)
            data = {"from": "", "to": book.departments[owner].code}
        status = act.status
        note = act.note or (_source_note(book) if _DEMANDS[act.step] else "")
        yield _told(act.step, status, act.at, act.role, owner, note=note, data=data)
    if review is not None:
        yield _released(case, status, review, owner)
    if case.inside:
        at = max([case.received_at, *(mark.at for mark in case.marks)])
        yield _told(Step.NOTE, status, at, Role.DISPATCHER, owner, note=case.inside)


def _source_note(book: Book) -> str:
    return _("Menurut catatan %(source)s.") % {"source": book.source}


def _told(
    step: Step,
    status: Status,
    at: datetime,
    role: Role,
    department_id: int | None = None,
    *,
    note: str = "",
    data: dict[str, Any] | None = None,
) -> Told:
    return Told(0, step, status, at, role, department_id, note, data or {}, "")


def _released(case: Case, status: Status, at: datetime, owner: int | None) -> Told:
    data = {"photos": [], "text": case.draft.description}
    return _told(Step.REVIEW, status, at, Role.DISPATCHER, owner, data=data)
