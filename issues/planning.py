"""The order of a day in the field: few kilometres, and nobody waits who may not. Pure.

A minute that somebody waits beyond the deadline costs some minutes of driving, more of it the more
urgent the job. Of that cost the order is a local optimum: no turned stretch (2-opt) and no moved
piece of up to three jobs (or-opt) makes it better, from several beginnings. The same input gives
the same order.

Source: Croes 1958 (2-opt); Or 1976 (or-opt); the kicks are Martin, Otto and Felten's (1991).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SPEED_M_MIN: Final = 400.0
"""A car in the city, 24 km/h."""
SERVICE_MIN: Final = 20.0
"""A job takes so long where nothing else is known."""
WAITS: Final = {"darurat": 2.0, "segera": 0.6, "biasa": 0.3}
"""Nature of a kind → minutes of driving that a minute beyond its deadline is worth."""
_EMERGENCY: Final = "darurat"
_KICKS: Final = 8
_KICKED: Final = 30
"""Up to so many jobs the search begins anew from kicked orders, too: there it costs nothing."""
_LONGEST: Final = 3
_AT_ONCE: Final = 1500
"""So many changes are rated at a time."""
_LEAST: Final = 1e-9
"""A change that saves less saves nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One stop.

    Attributes:
        nature: `darurat`, `segera` or `biasa`.
        due_min: minutes from now to its deadline; negative where it is overdue.
        service_min: how long it takes.
    """

    nature: str = "biasa"
    due_min: float = 0.0
    service_min: float = SERVICE_MIN

    @property
    def deadline_min(self) -> float:
        """When waiting begins to cost: at once in an emergency, and where it is overdue."""
        return 0.0 if self.nature == _EMERGENCY else max(0.0, self.due_min)

    @property
    def weight(self) -> float:
        """What a minute of waiting costs."""
        return WAITS.get(self.nature, WAITS["biasa"])


@dataclass(frozen=True, slots=True)
class Plan:
    """An order of jobs, by their places in the list that was given, and the metres between them.

    `legs_m` begins with the way to the first job; with an end point it ends with the way there.
    """

    order: tuple[int, ...]
    legs_m: tuple[float, ...]

    @property
    def total_m(self) -> float:
        """The whole way."""
        return sum(self.legs_m)


@dataclass(frozen=True, slots=True)
class _Day:
    """The question in numbers: row and column 0 is the start, the last may be the end.

    Jobs are numbered from 1; `minutes` counts from the arrival at a row's job to a column's.
    """

    metres: Floats
    minutes: Floats
    deadline: Floats
    weight: Floats
    has_end: bool

    def cost(self, orders: Ints) -> Floats:
        """Rate many orders at once: minutes of driving, and what waiting is worth.

        Args:
            orders: jobs, shape (orders, jobs).

        Returns:
            Minutes, shape (orders,); what the jobs themselves take is the same in every order.
        """
        before = np.zeros_like(orders)
        before[:, 1:] = orders[:, :-1]
        # The way to a job takes as long as the way and the job before it.
        spent = self.minutes.ravel()[before * len(self.minutes) + orders]
        arrival = np.cumsum(spent, axis=1)
        late = np.maximum(arrival - self.deadline[orders], 0.0)
        cost: Floats = arrival[:, -1] + (late * self.weight[orders]).sum(axis=1)
        if self.has_end:
            cost += self.minutes[orders[:, -1], -1]
        return cost


def plan(jobs: Sequence[Job], metres: Floats, *, has_end: bool = False) -> Plan:
    """Put jobs in a good order.

    Args:
        jobs: what is to be done.
        metres: from row to column; first the start, then the jobs in their order, then the end
            where there is one; shape (n, n) with n = jobs + 1 (+ 1).
        has_end: whether the way ends at the last row and column.

    Raises:
        ValueError: the matrix does not fit, or is not made of finite distances.
    """
    wanted = len(jobs) + 1 + has_end
    if metres.shape != (wanted, wanted) or not np.isfinite(metres).all() or (metres < 0).any():
        message = f"distances must be {wanted} × {wanted}, finite and not negative"
        raise ValueError(message)
    if not jobs:
        return Plan((), tuple(metres[0, [1]].tolist()) if has_end else ())
    service = np.array([0.0, *(job.service_min for job in jobs), *([0.0] if has_end else [])])
    day = _Day(
        metres,
        metres / SPEED_M_MIN + service[:, None],
        np.array([0.0, *(job.deadline_min for job in jobs)]),
        np.array([0.0, *(job.weight for job in jobs)]),
        has_end,
    )
    found = [_improved(day, order) for order in _beginnings(day)]
    best = min(found, key=lambda order: (round(float(day.cost(order[None])[0]), 6), tuple(order)))
    best = _kicked(day, best)
    stops = [0, *best.tolist(), *([len(jobs) + 1] if has_end else [])]
    legs = metres[stops[:-1], stops[1:]]
    return Plan(tuple(int(one) - 1 for one in best), tuple(float(leg) for leg in legs))


def nearest_first(metres: Floats, count: int) -> list[int]:
    """Go to the nearest job that is left, again and again; jobs are numbered from 1."""
    left, at, order = list(range(1, count + 1)), 0, []
    while left:
        at = min(left, key=lambda job: (metres[at, job], job))
        left.remove(at)
        order.append(at)
    return order


def _beginnings(day: _Day) -> list[Ints]:
    """Begin with the nearest first, and with whatever waits the dearest put where it fits best."""
    count = len(day.weight) - 1
    urgent = sorted(range(1, count + 1), key=lambda job: (day.deadline[job], -day.weight[job], job))
    return [np.array(nearest_first(day.metres, count)), _inserted(day, urgent)]


def _inserted(day: _Day, jobs: Sequence[int]) -> Ints:
    """Put one job after the other where it costs least."""
    order: list[int] = []
    for job in jobs:
        ways = np.array([[*order[:at], job, *order[at:]] for at in range(len(order) + 1)])
        order = ways[int(np.argmin(day.cost(ways)))].tolist()
    return np.array(order)


def _improved(day: _Day, order: Ints) -> Ints:
    """Take the best small change of some hundreds, and of the next, until none makes it better."""
    cost = float(day.cost(order[None])[0])
    parts = _changes(len(order))
    at = idle = 0
    while idle < len(parts):
        ways = order[parts[at % len(parts)]]
        costs = day.cost(ways)
        best = int(np.argmin(costs))
        if costs[best] < cost - _LEAST:
            order, cost, idle = ways[best], float(costs[best]), 0
        else:
            at, idle = at + 1, idle + 1
    return order


def _kicked(day: _Day, order: Ints) -> Ints:
    """Begin anew from orders whose pieces were exchanged, where there are few jobs."""
    count = len(order)
    if not 4 <= count <= _KICKED:  # noqa: PLR2004  three pieces of one job at least, and a rest
        return order
    draw = np.random.default_rng(count)
    best, cost = order, float(day.cost(order[None])[0])
    for _kick in range(_KICKS):
        one, two, three = np.sort(draw.choice(np.arange(1, count), 3, replace=False))
        mixed = np.concatenate([best[:one], best[two:three], best[one:two], best[three:]])
        found = _improved(day, mixed)
        rated = float(day.cost(found[None])[0])
        if rated < cost - _LEAST:
            best, cost = found, rated
    return best


@lru_cache(maxsize=128)
def _changes(count: int) -> tuple[Ints, ...]:
    """List the small changes of an order of `count` jobs, as permutations of its places, in parts.

    Every turned stretch; every piece of up to three jobs moved elsewhere, turned or not.
    """
    places = list(range(count))
    turns = [
        (*places[:i], *places[i : j + 1][::-1], *places[j + 1 :])
        for i in range(count)
        for j in range(i + 1, count)
    ]
    moves = set()
    for size in range(1, min(_LONGEST, count - 1) + 1):
        for i in range(count - size + 1):
            piece, rest = places[i : i + size], places[:i] + places[i + size :]
            for at in range(len(rest) + 1):
                for turned in (piece, piece[::-1]):
                    moves.add((*rest[:at], *turned, *rest[at:]))
    moves -= {tuple(places), *turns}
    rows = np.array([*turns, *sorted(moves)], dtype=np.int64).reshape(-1, count)
    return tuple(rows[at : at + _AT_ONCE] for at in range(0, len(rows), _AT_ONCE))
