"""The days on which the public map showed an issue in one layer, told from its events. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from itertools import pairwise, zip_longest
from typing import Final, Protocol

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
