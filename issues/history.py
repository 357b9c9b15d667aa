"""What a history tells: which steps stand, when the map showed an issue where, whom it waited for.

Pure.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from itertools import pairwise, zip_longest
from typing import Any, Final, Protocol, TypeVar

from issues.workflow import CLOSED, LAYER, STAGE, Layer, Stage, Status, Step

_HIDES: Final = {Step.HIDE: True, Step.UNHIDE: False}


class Told(Protocol):
    """As much of an event as history needs."""

    step: str
    status: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Stay:
    """Days in one public layer: from `since` to the day before `until`; None: still."""

    layer: Layer
    since: date
    until: date | None


class Recorded(Protocol):
    """As much of an event as tells whether it was taken back."""

    seq: int
    step: str
    data: dict[str, Any]


E = TypeVar("E", bound=Recorded)


def standing(events: Iterable[E]) -> list[E]:
    """Leave out the steps that were taken back within seconds: nobody outside hears of them.

    Args:
        events: of one issue, in any order.
    """
    everything = list(events)
    undone = {one.data.get("undone") for one in everything if one.step == Step.UNDO}
    return [one for one in everything if one.seq not in undone]


def stays(events: Iterable[Told], *, received: date, zone: tzinfo) -> list[Stay]:
    """Tell where an issue stood at the end of each day, as spans without overlap, oldest first.

    What changes several times in a day counts as it stood in the evening. A clock that ran
    backwards does not turn the order of the events, and nothing stands before it was received.

    Args:
        events: all of one issue, oldest first.
        received: local date on which it was received.
        zone: of the city, which says when a day ends.
    """
    turns = list(_turns(_evenings(events, received, zone)))
    ends = (day for day, _layer in turns[1:])
    return [
        Stay(layer, since, until)
        for (since, layer), until in zip_longest(turns, ends)
        if layer is not None
    ]


def _evenings(events: Iterable[Told], received: date, zone: tzinfo) -> dict[date, Layer | None]:
    """Find the public layer at the end of each day on which something happened, in order."""
    found: dict[date, Layer | None] = {}
    day, hidden = received, False
    for event in events:
        hidden = _HIDES.get(Step(event.step), hidden)
        day = max(day, event.at.astimezone(zone).date())
        found[day] = None if hidden else LAYER[Status(event.status)]
    return found


def _turns(evenings: dict[date, Layer | None]) -> Iterator[tuple[date, Layer | None]]:
    """Keep the days that end otherwise than the one before."""
    yield from list(evenings.items())[:1]
    for (_day, before), (day, layer) in pairwise(evenings.items()):
        if layer != before:
            yield day, layer


_UNANSWERED: Final = frozenset(
    {Status.SUBMITTED, Status.VERIFIED, Status.ASSIGNED, Status.DUPLICATE, Status.WITHDRAWN}
)
"""Where an issue stands while nobody of the city has answered it."""
_NTH: Final = {status: list(Stage).index(stage) for status, stage in STAGE.items()}


@dataclass(slots=True)
class Waits:
    """For whom an issue has waited so far.

    Attributes:
        spent: whole seconds in each stage, in the order of `Stage`, up to `since`.
        since: when it came to where it stands.
        responded_at: when somebody of the city first answered.
        reopenings: how often it came back after it was closed.
    """

    spent: list[int] = field(default_factory=lambda: [0] * len(Stage))
    since: datetime | None = None
    responded_at: datetime | None = None
    reopenings: int = 0

    def follow(self, before: Status | None, step: str, after: Status, at: datetime) -> None:
        """Go along with one event.

        Args:
            before: where it stood; None: this is the first event.
            step: what was done.
            after: where it stands now.
            at: when.
        """
        if before == after and self.since is not None:
            return
        if before in _NTH and self.since is not None:
            self.spent[_NTH[before]] += max(0, int((at - self.since).total_seconds()))
        self.since = at
        if self.responded_at is None and after not in _UNANSWERED:
            self.responded_at = at
        if step == Step.REOPEN and before in CLOSED:
            self.reopenings += 1


def waits(events: Iterable[Told]) -> Waits:
    """Tell for whom an issue has waited, from all its events, oldest first."""
    told, before = Waits(), None
    for event in events:
        after = Status(event.status)
        told.follow(before, event.step, after, event.at)
        before = after
    return told
