"""The dates that an issue must keep: whose calendar counts, what stops a clock, what moves a date.

Dates follow from the start of the clocks, the clock of the kind, whether the work is shared, the
pauses, and the hours of whoever has the issue now. `record.append` lets `follow` keep them in step
with every event; what an event changed stands in its data, so that `fsck` tells the story again.
Disposition is the desk's and keeps the city's hours.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

from django.db import models

from geodata.models import City, Department
from issues import clock
from issues.actions import calendars
from issues.actions.calendars import Calendars
from issues.models import Clock, Event, Issue
from issues.workflow import CLOSED, Status, Step

RESTARTED: Final = "due_at"
"""What stands in the data of an event with which the clocks began anew."""
PAUSED: Final = "paused"
"""In the data of an event that stopped a clock: `ask` or `office`."""
RESUMED: Final = "resumed"
"""In the data of an event that let it run again: since when it had stood still."""
JOINED: Final = "joint"
"""In the data of an event that made the work shared (true) or one department's again (false)."""
MOVED: Final = "moved"
"""In the data of an event that moved dates: column → [before, after]."""

DATES: Final = ("dispose_by", "due_at", "limit_at")
COLUMNS: Final = (*DATES, "paused_at", "pauses", "joint", "next_alarm_at", "escalated_to")
"""Columns of an issue that belong to its clocks."""

ASK: Final = "ask"
_OFFICE: Final = "office"
_MOVING: Final = frozenset(
    {Step.ASSIGN, Step.REFUSE, Step.REROUTE, Step.CLASSIFY, Step.SPLIT, Step.UNMERGE}
)
"""Steps after which others, or another clock, or newer holidays count."""
_ENDING: Final = frozenset(
    {Step.RESUME, Step.ASSIGN, Step.REFUSE, Step.REROUTE, Step.CLASSIFY, Step.SPLIT}
)
"""Steps that end an office's own pause, whatever the status."""
_STANDING: Final = {
    ASK: frozenset({Status.NEEDS_INFO, Status.DUPLICATE}),
    _OFFICE: frozenset(
        {
            Status.ASSIGNED,
            Status.RESPONDED,
            Status.SCHEDULED,
            Status.IN_PROGRESS,
            Status.FORWARDED,
            Status.DUPLICATE,
        }
    ),
}
"""Why a clock stands still → where it may go on standing; merged issues wait as they were."""

Effect = tuple[tuple[str, ...], dict[str, Any]]
"""What an effect of a step gives: the columns that it changed, what the event must remember."""


@dataclass(frozen=True, slots=True)
class Dates:
    """By when an issue must have been sent, should be done, and must be done."""

    dispose_by: datetime
    due_at: datetime
    limit_at: datetime


# Dates ---------------------------------------------------------------------------------------


def dates(
    start: datetime,
    pace: Clock,
    days: clock.Calendar,
    *,
    own: clock.Calendar | None = None,
    joint: bool = False,
    pauses: Sequence[clock.Pause] = (),
) -> Dates:
    """Compute the dates of an issue.

    Args:
        start: when the city got it, or when it was last opened again.
        pace: the clock of its category.
        days: the city's calendar; rules the disposition.
        own: the calendar of the department that has it; default: the city's.
        joint: whether several departments share the work.
        pauses: since the start, oldest first.
    """
    target, limit = spans(pace, joint=joint)
    own = own or days
    return Dates(
        dispose_by=clock.disposition_due(start, days, hours=pace.disposition_hours, pauses=pauses),
        due_at=clock.due(start, target, own, pauses=pauses).at,
        limit_at=clock.due(start, limit, own, pauses=pauses).at,
    )


def first(at: datetime, pace: Clock, city: City, department: Department | None) -> Dates:
    """Compute the dates of an issue that has just come in; one query."""
    days = calendars.near(city, at)
    own = calendars.build(city, calendars.hours_of(city, department), days.holidays)
    return dates(at, pace, days, own=own)


def spans(pace: Clock, *, joint: bool) -> tuple[int, int]:
    """Say how many working days a clock gives until target and limit."""
    if joint:
        return pace.joint_target_days, pace.joint_limit_days
    return pace.target_days, pace.limit_days


def redate(
    issue: Issue, *, start: datetime | None = None, known: Calendars | None = None
) -> dict[str, list[str]]:
    """Set an issue's dates to what follows from all that counts now; two queries, or none.

    Args:
        issue: locked; its department, category, pauses and `joint` are read.
        start: when its clocks began; default: read from its history.
        known: calendars read before; default: this city's next months are read.

    Returns:
        Each date that moved, before and after; nothing where none did.
    """
    start = start or started_at(issue)
    found = _dates(issue, start, known)
    moved = {}
    for name in DATES:
        was, now = getattr(issue, name), getattr(found, name)
        if was != now:
            setattr(issue, name, now)
            moved[name] = [written(was), written(now)]
    return moved


def _dates(issue: Issue, start: datetime, known: Calendars | None) -> Dates:
    days, own = _both(issue, start, known)
    pauses = read(issue.pauses)
    return dates(start, issue.category.clock, days, own=own, joint=issue.joint, pauses=pauses)


def _both(
    issue: Issue, start: datetime, known: Calendars | None
) -> tuple[clock.Calendar, clock.Calendar]:
    """Find the calendars of the city and of whoever has an issue."""
    if known:
        return known.of(issue.city), known.of(issue.city, issue.department)
    last = max((pause.until or pause.since for pause in read(issue.pauses)), default=start)
    days = calendars.near(issue.city, start, until=last)
    return days, calendars.build(
        issue.city, calendars.hours_of(issue.city, issue.department), days.holidays
    )


def written(at: datetime) -> str:
    """Write an instant as data of events and pauses keep it."""
    return at.astimezone(UTC).isoformat()


def read(pauses: Iterable[Mapping[str, Any]]) -> tuple[clock.Pause, ...]:
    """Read the pauses of an issue as its column keeps them."""
    return tuple(
        clock.Pause(
            since=datetime.fromisoformat(one["since"]),
            until=datetime.fromisoformat(one["until"]) if one["until"] else None,
            reason=one["reason"],
        )
        for one in pauses
    )


# Along with events ---------------------------------------------------------------------------


def follow(issue: Issue, step: Step, *, status: Status, at: datetime, note: str) -> dict[str, Any]:
    """Keep an issue's clocks in step with an event that is about to be appended.

    Args:
        issue: locked; changed by the step's effect already, but for status and version.
        step: what is being done.
        status: where the issue stands after it.
        at: when.
        note: the words of the event.

    Returns:
        What the event must remember; nothing for most. A new issue has its dates already.
    """
    if issue.pk is None:
        return {}
    told = _resume(issue, step, status, at) | _pause(issue, step, at, note)
    if RESUMED in told or step in _MOVING:
        told |= _moved(redate(issue))
    if status in CLOSED or (issue.paused_at and status != Status.NEEDS_INFO):
        issue.next_alarm_at = None
    elif told or step in _MOVING | {Step.REOPEN, Step.RECLOCK}:
        issue.next_alarm_at = at
    return told


def _moved(dates: dict[str, list[str]]) -> dict[str, Any]:
    return {MOVED: dates} if dates else {}


def _resume(issue: Issue, step: Step, status: Status, at: datetime) -> dict[str, Any]:
    """Let a clock run again where a step ends what it stood still for."""
    if issue.paused_at is None:
        return {}
    last = issue.pauses[-1]
    if status in _STANDING[last["why"]] and step not in _ENDING:
        return {}
    issue.paused_at = None
    issue.pauses = [*issue.pauses[:-1], last | {"until": written(at)}]
    return {RESUMED: last["since"]}


def _pause(issue: Issue, step: Step, at: datetime, note: str) -> dict[str, Any]:
    """Stop a clock where the reporter is asked, or the office says why it must wait."""
    if step not in {Step.ASK, Step.PAUSE}:
        return {}
    why, reason = (ASK, "") if step is Step.ASK else (_OFFICE, note)
    issue.paused_at = at
    issue.pauses = [*issue.pauses, _standstill(why, at, reason)]
    return {PAUSED: why}


def _standstill(why: str, at: datetime, reason: str) -> dict[str, Any]:
    return {"why": why, "since": written(at), "until": None, "reason": reason}


def restart(issue: Issue, at: datetime) -> Effect:
    """Begin the clocks of an issue anew; what was late or stood still before stays history."""
    issue.pauses, issue.paused_at, issue.escalated_to = [], None, ""
    redate(issue, start=at)
    return (), {RESTARTED: issue.due_at.isoformat()}


def join(issue: Issue, at: datetime) -> Effect:
    """Give an issue the time of shared work, from where its clocks began; nothing the second time.

    An effect of the step that brings a second department in.
    """
    return _share(issue, at, joint=True)


def unjoin(issue: Issue, at: datetime) -> Effect:
    """Give an issue the time of one department again, once the last part has gone."""
    return _share(issue, at, joint=False)


def _share(issue: Issue, at: datetime, *, joint: bool) -> Effect:
    if issue.joint is joint:
        return (), {}
    issue.joint = joint
    moved = _moved(redate(issue))
    issue.next_alarm_at = at if issue.is_open and issue.paused_at is None else issue.next_alarm_at
    return COLUMNS, {JOINED: joint, **moved}


# The story of events -------------------------------------------------------------------------


@dataclass(slots=True)
class Story:
    """What the events of an issue tell of its clocks.

    Attributes:
        started_at: when they were last begun anew; None where they run since the receipt.
        joint: whether the work is shared.
        pauses: since the start, as the column keeps them.
        escalated_to: how far up it has come since.
        rung: codes of the rules that have gone off since.
    """

    started_at: datetime | None = None
    joint: bool = False
    pauses: list[dict[str, Any]] = field(default_factory=list)
    escalated_to: str = ""
    rung: set[str] = field(default_factory=set)

    @property
    def paused_at(self) -> datetime | None:
        """Since when the clock stands still."""
        last = self.pauses[-1] if self.pauses else None
        return datetime.fromisoformat(last["since"]) if last and last["until"] is None else None


def story(events: Iterable[Any]) -> Story:
    """Tell the story of one issue's clocks from its events (`step`, `at`, `note`, `data`) in order.

    Events without a word about clocks may be left out.
    """
    told = Story()
    for event in events:
        if event.step == Step.REOPEN and RESTARTED in event.data:
            told = Story(started_at=event.at, joint=told.joint)
        if RESUMED in event.data and told.pauses:
            told.pauses[-1]["until"] = written(event.at)
        if why := event.data.get(PAUSED):
            reason = event.note if why == _OFFICE else ""
            told.pauses.append(_standstill(why, event.at, reason))
        told.joint = event.data.get(JOINED, told.joint)
        if event.step in {Step.REMIND, Step.ESCALATE}:
            told.rung.add(event.data.get("rule", ""))
        if event.step == Step.ESCALATE:
            told.escalated_to = event.data["to"]
    return told


def stories(issues: Iterable[Issue]) -> dict[int, Story]:
    """Tell the stories of many issues, by their keys; one query."""
    keys = [issue.pk for issue in issues]
    spoken = models.Q(data__has_any_keys=[RESTARTED, RESUMED, PAUSED, JOINED])
    rung = models.Q(step__in=(Step.REMIND, Step.ESCALATE))
    events: dict[int, list[Event]] = {key: [] for key in keys}
    for event in Event.objects.filter(spoken | rung, issue__in=keys).order_by("issue", "seq"):
        events[event.issue_id].append(event)
    return {key: story(told) for key, told in events.items()}


def restarts() -> models.QuerySet[Event]:
    """List the events with which a closed issue came back and its clocks began anew."""
    return Event.objects.filter(step=Step.REOPEN, data__has_key=RESTARTED)


def started_at(issue: Issue) -> datetime:
    """Say since when the clocks of an issue run: its receipt, or when it was last opened again.

    A repair that does not hold is new work; what was late before stays in the history.
    """
    again = restarts().filter(issue=issue).order_by("-seq").values_list("at", flat=True).first()
    return again or issue.received_at


# In words ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Explained:
    """Until when an issue should be done and must be done, each with its reasons."""

    target: clock.Due
    limit: clock.Due


def explained(issue: Issue) -> Explained:
    """Say by when an issue should be done and must be done, and why; two queries."""
    start = started_at(issue)
    own = _both(issue, start, None)[1]
    office = issue.department
    target, limit = (
        replace(
            clock.due(start, days, own, pauses=read(issue.pauses)),
            joint=issue.joint,
            reopened=start != issue.received_at,
            office=office.short_name if office and office.office_hours else "",
        )
        for days in spans(issue.category.clock, joint=issue.joint)
    )
    return Explained(target, limit)


def due(issue: Issue) -> clock.Due:
    """Say by when an issue should be done, and why."""
    return explained(issue).target


def limit(issue: Issue) -> clock.Due:
    """Say by when an issue must be done, and why."""
    return explained(issue).limit
