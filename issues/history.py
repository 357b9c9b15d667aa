"""What a history tells: which steps stand, and on which days the map showed an issue. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from itertools import pairwise, zip_longest
from typing import Any, Final, Protocol, TypeVar

from issues.workflow import LAYER, Layer, Status, Step

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
