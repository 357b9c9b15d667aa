"""B20, B21, B22: a crew's day against what no order can beat, and against its distances alone."""
# ruff: noqa: PLR2004 - the numbers draw a made-up town

from collections.abc import Iterator
from itertools import permutations
from statistics import mean, median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.measure import Result, Scale, cpu_ms
from geodata import network
from issues import planning
from issues.planning import Job

Floats = NDArray[Any]
STOPS = 60
FEW = 9
TOWNS = 20
SIDE_M = 8000.0
BLOCK_M = 200.0
LATER = 100_000.0
LATE = 0.2
"""Share of the jobs that are overdue where time is measured."""


def run(scale: Scale) -> Iterator[Result]:
    """Measure what is asked for; N plays no part."""
    if scale.wants("B20"):
        yield against_the_tree()
    if scale.wants("B21"):
        yield against_the_best()
    if scale.wants("B22"):
        yield in_time()


def places(draw: np.random.Generator, count: int) -> Floats:
    """Draw places of a town, metres: half of them in its middle."""
    wide = draw.uniform(0, SIDE_M, (count, 2))
    middle = draw.normal(SIDE_M / 2, SIDE_M / 10, (count, 2))
    return np.where(draw.random((count, 1)) < 0.5, wide, middle)


def straight(points: Floats) -> Floats:
    """Measure between all of some places."""
    return np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))


# B20 -----------------------------------------------------------------------------------------


def against_the_tree() -> Result:
    """Compare the way with the least tree over its stops, which no way can be shorter than."""
    ways, trees = [], []
    for town in range(TOWNS):
        metres = straight(places(np.random.default_rng([20, town]), STOPS + 1))
        ways.append(planning.plan([Job(due_min=LATER)] * STOPS, metres).total_m)
        trees.append(tree(metres))
    ratios = [way / least for way, least in zip(ways, trees, strict=True)]
    note = f"{TOWNS} towns of {STOPS} stops; worst {max(ratios):.3f}"
    name = "a day's way : least spanning tree"
    return Result("B20", name, mean(ways), mean(trees), "m", mean(ratios), 1.25, "<=", note)


def tree(metres: Floats) -> float:
    """Sum the least spanning tree (Prim)."""
    far, total = metres[0].copy(), 0.0
    left = np.ones(len(metres), dtype=bool)
    left[0] = False
    while left.any():
        at = int(np.where(left, far, np.inf).argmin())
        total += float(far[at])
        left[at] = False
        far = np.minimum(far, metres[at])
    return total


# B21 -----------------------------------------------------------------------------------------


def against_the_best() -> Result:
    """Compare with the best of all orders of nine stops."""
    orders = np.array(list(permutations(range(1, FEW + 1))))
    stops = np.column_stack([np.zeros(len(orders), dtype=int), orders])
    ways, least = [], []
    for town in range(TOWNS):
        metres = straight(places(np.random.default_rng([21, town]), FEW + 1))
        ways.append(planning.plan([Job(due_min=LATER)] * FEW, metres).total_m)
        least.append(float(metres[stops[:, :-1], stops[:, 1:]].sum(axis=1).min()))
    ratios = [way / best for way, best in zip(ways, least, strict=True)]
    best = sum(ratio < 1 + 1e-9 for ratio in ratios)
    note = f"{TOWNS} towns of {FEW} stops; {best} are the best order; the ratio is the worst"
    name = "a day's way : best of all orders"
    return Result("B21", name, mean(ways), mean(least), "m", max(ratios), 1.05, "<=", note)


# B22 -----------------------------------------------------------------------------------------


def in_time() -> Result:
    """Plan sixty stops, a fifth of them overdue; the floor is measuring the ways between them."""
    draw = np.random.default_rng(22)
    net = network.of_lines(streets())
    points = places(draw, STOPS + 1)
    between = straight(points)
    metres = network.by_road(net, points, between)
    jobs = [Job(due_min=-60.0 if draw.random() < LATE else LATER) for _stop in range(STOPS)]

    pairs = [
        (
            cpu_ms(lambda: planning.plan(jobs, metres)),
            cpu_ms(lambda: network.by_road(net, points, between)),
        )
        for _round in range(7)
    ]
    mine, least = (median(pair[side] for pair in pairs) for side in (0, 1))
    note = (
        f"{len(net.corners)} corners; both together {mine + least:.0f} ms, which must stay "
        f"{'below' if mine + least < 1000 else 'below, BUT IS NOT,'} a second"
    )
    name = "order of 60 stops : ways between them"
    ratio = mine / least if mine + least < 1000 else float("inf")
    return Result("B22", name, mine, least, "ms", ratio, 8, "<=", note)


def streets() -> list[Floats]:
    """Draw a town of blocks, a corner every forty metres."""
    along = np.arange(0, SIDE_M + 1, 40.0)
    lines = []
    for at in np.arange(0, SIDE_M + 1, BLOCK_M):
        same = np.full(len(along), at)
        lines += [np.column_stack([along, same]), np.column_stack([same, along])]
    return lines
