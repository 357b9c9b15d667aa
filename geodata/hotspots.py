"""Hotspots: which squares of a grid hold more cases than chance explains, and how sure that is.

Takes arrays, knows no table: `cases` and `base` are grids (rows from the north, columns from the
west) and a case falls somewhere in proportion to `base` unless something is the matter there. The
base is whatever the reader compares with: cases of every kind, square metres of land, the same
cells' own past.

A cell is called hot only when two tests agree, each at a false discovery rate over all cells:

- Getis-Ord Gi* of the Freeman-Tukey residuals, with the cell itself. The residual of one case where
  0.01 was expected is 1.4, not 10: a tiny denominator cannot shout. The city's own spread of
  residuals is the measure, so that a city which is uneven everywhere has no hotspots everywhere.
- The exact chance of so many cases in the same cells, all of the city's cases given
  (hypergeometric over counts, binomial over land). It holds where counts are too small for a normal
  approximation, and it alone bounds the alarms on a random map.

The larger of both chances is the cell's. Under the null hypothesis it is never too small, whatever
the density of the city looks like.

Sources: J. K. Ord, A. Getis, "Local spatial autocorrelation statistics", Geographical Analysis 27,
1995; M. F. Freeman, J. W. Tukey, Ann. Math. Statist. 21, 1950; R. L. Berger, Technometrics 24, 1982
(intersection-union tests); Y. Benjamini, Y. Hochberg, J. R. Statist. Soc. B 57, 1995; M. Caldas de
Castro, B. H. Singer, Geographical Analysis 38, 2006 (FDR for local statistics).
"""

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Grid = NDArray[Any]

LEVELS: Final = (0.01, 0.05, 0.10)
"""False discovery rates of 99, 95 and 90 %."""

FEWEST: Final = 5
"""Fewer cases around a cell are no finding, however rare they would be."""

_EXACT_LOGS: Final = 256
_NEGLIGIBLE: Final = 1e-16


@dataclass(frozen=True, slots=True)
class Found:
    """What the tests say of each cell; all grids have one shape.

    Attributes:
        tested: cells with a base; elsewhere nothing can be said.
        z: Gi*, 0 where not tested.
        p: one-sided chance of so much or more; 1 where not tested.
        q: the smallest false discovery rate at which the cell is hot.
        observed: cases in the cell and its surroundings.
        expected: cases to be expected there.
        base: the base there.
    """

    tested: Grid
    z: Grid
    p: Grid
    q: Grid
    observed: Grid
    expected: Grid
    base: Grid

    def hot(self, level: float) -> Grid:
        """Tell which cells are hot at a false discovery rate (0.05: "95 %")."""
        return self.tested & (self.q <= level)


def find(cases: Grid, base: Grid, *, disc: tuple[int, ...], is_land: bool = False) -> Found:
    """Test every cell of a grid that has a base.

    Args:
        cases: how many, whole numbers; where the base is 0 they are left out.
        base: what cases are compared with, not negative. Counts that hold the cases (cases
            of every kind, all of the cell's past); or, with `is_land`, any measure.
        disc: which cells are around one, from `disc_of`; what lies outside the base does not count.
        is_land: whether the base is a measure and not a count.

    Raises:
        ValueError: the grids differ in shape.
    """
    if cases.shape != base.shape:
        message = "cases and base must have one shape"
        raise ValueError(message)
    tested = base > 0
    cases = np.where(tested, cases, 0)
    total, whole = int(cases.sum()), float(base.sum())
    share = total / whole if whole else 0.0
    z = gi_star(residuals(cases, base * share), tested, disc=disc)
    observed, held = around(cases, disc), around(base, disc)
    p = np.where(tested, upper_tail(z), 1.0)
    # Whatever Gi* alone lets pass can never become hot: spare the exact test.
    asked = tested & (p <= max(LEVELS)) & (observed >= FEWEST)
    exact = np.ones_like(p)
    exact[asked] = _chance(observed[asked], held[asked], total=total, whole=whole, is_land=is_land)
    p = np.maximum(p, np.where(p <= max(LEVELS), exact, 0.0))
    q = np.ones_like(p)
    q[tested] = adjusted(p[tested])
    return Found(tested, z, p, q, observed, held * share, held)


def disc_of(reach_m: float, cell_m: float) -> tuple[int, ...]:
    """Describe the cells whose middles lie within a distance of a cell's middle, itself included.

    Returns:
        For each row from the north, how many columns it reaches to each side.
    """
    # A hair more, so that a neighbour exactly at the distance counts on every machine.
    reach = reach_m / cell_m * (1 + 1e-9)
    rows = math.floor(reach)
    return tuple(math.floor(math.sqrt(reach * reach - row * row)) for row in range(-rows, rows + 1))


def around(grid: Grid, disc: tuple[int, ...]) -> Grid:
    """Sum each cell's surroundings; nothing lies outside the grid. Prefix sums: cost as rows."""
    rows, columns = grid.shape
    reach, wide = len(disc) // 2, max(disc)
    sums = np.zeros((rows + 2 * reach, columns + 2 * wide + 1), dtype=grid.dtype)
    sums[reach : reach + rows, wide + 1 : wide + 1 + columns] = grid
    np.cumsum(sums, axis=1, out=sums)
    found = np.zeros_like(grid)
    for row, side in enumerate(disc):
        line = sums[row : row + rows]
        found += line[:, wide + side + 1 : wide + side + 1 + columns]
        found -= line[:, wide - side : wide - side + columns]
    return found


def residuals(cases: Grid, expected: Grid) -> Grid:
    """Say how far counts lie from what is expected, with a spread that hardly depends on it.

    Source: Freeman and Tukey's deviates, as in Y. M. M. Bishop, S. E. Fienberg, P. W. Holland,
    "Discrete Multivariate Analysis", 1975, 4.5.
    """
    deviates: Grid = np.sqrt(cases) + np.sqrt(cases + 1.0) - np.sqrt(4.0 * expected + 1.0)
    return deviates


def gi_star(values: Grid, inside: Grid, *, disc: tuple[int, ...]) -> Grid:
    """Compute the z-scores of Getis-Ord Gi* (with the cell itself), binary weights.

    Args:
        values: any numbers.
        inside: cells that exist; weights are cut there.
        disc: from `disc_of`.

    Returns:
        The z-scores; 0 outside, and everywhere where the values do not differ.
    """
    n = int(inside.sum())
    kept = np.where(inside, values, 0.0)
    near = around(inside.astype(float), disc)
    mean = kept.sum() / n if n else 0.0
    spread = float((np.where(inside, kept - mean, 0.0) ** 2).sum()) / n if n else 0.0
    room = np.maximum(spread * (n * near - near * near) / max(n - 1, 1), 0.0)
    # Nothing but rounding is left of values that are all the same.
    exists = inside & (room > np.finfo(float).eps * (1.0 + mean * mean))
    z = np.zeros(values.shape)
    np.divide(around(kept, disc) - mean * near, np.sqrt(room), out=z, where=exists)
    return z


def upper_tail(z: Grid) -> Grid:
    """Compute the chance that a standard normal number is at least `z`."""
    half = [0.5 * math.erfc(value) for value in (z.ravel() * math.sqrt(0.5)).tolist()]
    return np.array(half).reshape(z.shape)


def adjusted(p: Grid) -> Grid:
    """Turn chances into the smallest false discovery rates at which each is a finding.

    Args:
        p: chances of all tests, one dimension.

    Source: Benjamini and Hochberg 1995, step-up.
    """
    count = p.size
    order = np.argsort(p, kind="stable")
    rising = p[order] * (count / np.arange(1, count + 1))
    found = np.empty(count)
    found[order] = np.minimum(np.minimum.accumulate(rising[::-1])[::-1], 1.0)
    return found


def _chance(observed: Grid, held: Grid, *, total: int, whole: float, is_land: bool) -> Grid:
    """Compute the chance of at least so many of all cases where a part of the base lies."""
    first = observed.astype(float)
    if is_land:
        return binomial_tail(first, total, np.clip(held / whole, 0.0, 1.0))
    return hypergeometric_tail(first, whole, total, held.astype(float))


def binomial_tail(least: Grid, tries: int, share: Grid) -> Grid:
    """Compute the chance of at least `least` successes; right above the mean, where it is used."""
    certain = (least <= 0) | (share >= 1)
    share = np.where(certain, 0.5, share)
    log = (
        log_factorial(np.full_like(least, tries))
        - log_factorial(least)
        - log_factorial(np.maximum(tries - least, 0))
        + least * np.log(share)
        + (tries - least) * np.log1p(-share)
    )
    odds = share / (1 - share)
    tail = _sum_from(least, log, lambda at: np.maximum(tries - at, 0) / (at + 1) * odds)
    return np.where(certain, 1.0, tail)


def hypergeometric_tail(least: Grid, whole: float, marked: int, drawn: Grid) -> Grid:
    """Compute the chance of at least `least` marked ones among those drawn from the whole."""
    rest = whole - marked - drawn
    certain = (least <= 0) | (drawn >= whole) | (marked >= whole)
    first = np.where(certain, np.maximum(0.0, -rest), least)
    log = (
        log_choose(np.full_like(first, marked), first)
        + log_choose(np.full_like(first, whole - marked), drawn - first)
        - log_choose(np.full_like(first, whole), drawn)
    )
    tail = _sum_from(
        first,
        log,
        lambda at: (
            np.maximum(marked - at, 0)
            * np.maximum(drawn - at, 0)
            / ((at + 1) * np.maximum(rest + at + 1, 1))
        ),
    )
    return np.where(certain, 1.0, tail)


def _sum_from(first: Grid, log: Grid, step: Any) -> Grid:
    """Sum a tail from its first term (a logarithm); `step(at)` is the next term's ratio."""
    term = np.exp(log)
    found, at = term.copy(), first.copy()
    while np.any(term > _NEGLIGIBLE * found):
        term = term * step(at)
        at = at + 1
        found += term
    return np.minimum(found, 1.0)


_LOGS: Final = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, _EXACT_LOGS)))])


def log_factorial(n: Grid) -> Grid:
    """Compute ln n! of whole numbers; from 256 on by Stirling's series, exact to rounding."""
    large = np.maximum(n, _EXACT_LOGS)
    series = (1 / 12 - (1 / 360 - 1 / 1260 / large**2) / large**2) / large
    stirling = large * np.log(large) - large + 0.5 * np.log(2 * math.pi * large) + series
    small = _LOGS[np.minimum(n, _EXACT_LOGS - 1).astype(int)]
    logs: Grid = np.where(n < _EXACT_LOGS, small, stirling)
    return logs


def log_choose(n: Grid, k: Grid) -> Grid:
    """Compute the logarithm of how many ways there are to choose k of n; 0 <= k <= n."""
    ways: Grid = log_factorial(n) - log_factorial(k) - log_factorial(n - k)
    return ways


def groups(hot: Grid) -> list[list[tuple[int, int]]]:
    """Join hot cells that touch, corners included: each group as its (row, column) places."""
    left = {(int(row), int(column)) for row, column in np.argwhere(hot)}
    found = []
    while left:
        group, edge = [], [left.pop()]
        while edge:
            row, column = edge.pop()
            group.append((row, column))
            touching = {(row + dy, column + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)} & left
            left -= touching
            edge += touching
        found.append(sorted(group))
    return sorted(found)
