"""Reminders and escalations: which rules of a city go off, once for each start of a clock.

The calendar looks at an issue when its `next_alarm_at` has come: after each change of its clocks,
and when its next rule goes off. So a minute in which nothing is due reads one index and no issue.
A question that stays without an answer for too long closes its issue in the same way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from geodata.models import City
from issues import clock, notifications
from issues.actions import calendars, chain, clocks, record
from issues.actions.calendars import Calendars
from issues.actions.clocks import Story
from issues.actions.steps import Taking, perform
from issues.models import Escalation, Event, Issue
from issues.workflow import TRIAGE, Role, Status, Step, rule

_AT_ONCE: Final = 500
_COLUMN: Final = {"dispose": "dispose_by", "due": "due_at", "limit": "limit_at"}
_STEP: Final = {
    Escalation.Kind.REMIND: Step.REMIND,
    Escalation.Kind.ESCALATE: Step.ESCALATE,
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What an issue's clocks ask for now, and when to look again."""

    due: tuple[Escalation, ...] = ()
    silent: bool = False
    next_at: datetime | None = None

    @property
    def is_quiet(self) -> bool:
        """Whether nothing happens now."""
        return not self.due and not self.silent


@dataclass(slots=True)
class Watch:
    """What is read once for many issues: rules and calendars; and the present."""

    now: datetime
    rules: Mapping[int, Sequence[Escalation]]
    known: Calendars

    @classmethod
    def begin(cls, now: datetime) -> Self:
        """Read the rules of all cities; one query."""
        rules: dict[int, list[Escalation]] = {}
        for one in Escalation.objects.filter(active=True).order_by("code"):
            rules.setdefault(one.city_id, []).append(one)
        return cls(now, rules, Calendars())

    def plan(self, issue: Issue, story: Story) -> Plan:
        """Say which rules go off now, and when the next one does."""
        if issue.paused_at is not None:
            return self._waiting(issue)
        ahead, due = [], []
        for one in self.rules.get(issue.city_id, ()):
            if one.code in story.rung or not _fits(one, issue):
                continue
            at = self._instant(one, issue, story.started_at or issue.received_at)
            if at > self.now:
                ahead.append(at)
            elif at >= max(issue.created_at, self.now - notifications.TOO_LATE):
                due.append((at, one.code, one))
        return Plan(tuple(one for *_at, one in sorted(due)), next_at=min(ahead, default=None))

    def _waiting(self, issue: Issue) -> Plan:
        """Wait for an answer, but not for ever; an office's own pause has no end but its own."""
        if issue.status != Status.NEEDS_INFO:
            return Plan()
        until = silent_at(issue, self.known)
        return Plan(silent=until <= self.now, next_at=until)

    def _instant(self, one: Escalation, issue: Issue, start: datetime) -> datetime:
        """Find when a rule goes off: after its date, or when its share of working time is over."""
        office = None if one.date == Escalation.Date.DISPOSE else issue.department
        days = self.known.of(issue.city, office)
        end: datetime = getattr(issue, _COLUMN[one.date])
        if one.days_after is not None:
            return clock.after(end, one.days_after, days)
        whole = clock.open_between(days.received(start), end, days)
        for pause in clocks.read(issue.pauses):
            if pause.until is not None:
                whole -= clock.open_between(pause.since, pause.until, days)
        share = max(whole, timedelta()) * (100 - (one.percent or 0)) / 100
        return clock.before(end, share, days)


def silent_at(issue: Issue, known: Calendars | None = None) -> datetime:
    """Say until when a question waits for its answer; one query where no calendars are known."""
    asked = max(issue.paused_at or issue.changed_at, issue.created_at)
    days = known.of(issue.city) if known else calendars.near(issue.city, asked)
    return clock.due(asked, issue.category.clock.answer_days, days).at


def _fits(one: Escalation, issue: Issue) -> bool:
    """Whether a rule concerns an issue as it stands."""
    if one.clock_id is not None and one.clock_id != issue.category.clock_id:
        return False
    if one.date == Escalation.Date.DISPOSE:
        return issue.department is None and issue.status in TRIAGE
    # What is repaired waits for the office, not for the crew.
    return not (one.role == Role.CREW and issue.status == Status.FIXED)


# The calendar's look -------------------------------------------------------------------------


def ring(now: datetime | None = None) -> int:
    """Look at every issue whose time has come; each that has something to say is a transaction.

    Returns:
        How many reminders, escalations and closings there were.
    """
    now = now or timezone.now()
    watch, rung = Watch.begin(now), 0
    last: tuple[datetime, int] | None = None
    while rows := _waiting(now, last):
        keys = [key for _at, key in rows]
        rung += sum(_ring(key, watch) for key in _loud(keys, watch))
        last = rows[-1]
    return rung


def _waiting(now: datetime, last: tuple[datetime, int] | None) -> list[tuple[datetime, int]]:
    """List some issues to look at, longest waiting first, after the last one of before."""
    rows = Issue.objects.open().filter(next_alarm_at__lte=now)
    if last is not None:
        at, key = last
        later = Q(next_alarm_at__gt=at) | Q(next_alarm_at=at, pk__gt=key)
        rows = rows.filter(later, next_alarm_at__gte=at)
    found = rows.order_by("next_alarm_at", "pk").values_list("next_alarm_at", "pk")[:_AT_ONCE]
    return [(at, key) for at, key in found if at is not None]


@transaction.atomic
def _loud(keys: Sequence[int], watch: Watch) -> list[int]:
    """Write down when to look at the quiet ones again; return the others.

    What somebody else holds is left to the next minute.
    """
    free = Issue.objects.select_for_update(skip_locked=True).filter(pk__in=keys).order_by("pk")
    held = list(free.values_list("pk", flat=True))
    issues = list(record.whole(Issue.objects.filter(pk__in=held)).order_by("pk"))
    stories, quiet, loud = clocks.stories(issues), [], []
    for issue in issues:
        plan = watch.plan(issue, stories[issue.pk])
        if plan.is_quiet:
            issue.next_alarm_at = plan.next_at
            quiet.append(issue)
        else:
            loud.append(issue.pk)
    Issue.objects.bulk_update(quiet, ["next_alarm_at"])
    return loud


@transaction.atomic
def _ring(key: int, watch: Watch) -> int:
    issue = record.lock(key)
    if not issue.is_open:
        return 0
    story = clocks.stories([issue])[key]
    plan = watch.plan(issue, story)
    if plan.silent:
        _close(issue, watch.now)
        return 1
    if plan.due:
        _go_off(issue, plan, at=watch.now)
    return len(plan.due)


def _close(issue: Issue, at: datetime) -> None:
    """Close what its reporter has not answered. Source: LAPOR, ten working days."""
    days = issue.category.clock.answer_days
    with override(settings.LANGUAGE_CODE):
        note = _(
            "Ditutup otomatis: pelapor tidak menjawab dalam %(days)d hari kerja. "
            "Bila masalahnya masih ada, laporan ini dapat dibuka kembali."
        ) % {"days": days}
    taking = Taking(
        step=Step.REJECT,
        actor=None,
        role=Role.SYSTEM,
        note=note,
        department=None,
        original=None,
        at=at,
    )
    perform(issue, rule(issue.workflow_status, Step.REJECT), taking)


def _go_off(issue: Issue, plan: Plan, *, at: datetime) -> None:
    """Append one event for each rule, and note whom it concerns."""
    events: list[Event] = []
    for one in plan.due:
        data = {"rule": one.code, "date": one.date, "to": one.role}
        last = events[-1].hash if events else None
        events.append(chain.event(issue, _STEP[Escalation.Kind(one.kind)], data, at=at, after=last))
    issue.next_alarm_at = plan.next_at
    record.settle(issue, events)
    chain.concern(issue, events)


def look_again(city: City, at: datetime) -> int:
    """Have every open issue looked at once more, because the rules are others now."""
    return Issue.objects.open().filter(city=city).update(next_alarm_at=at)
