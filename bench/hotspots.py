"""B13, B14: Gi* with its false discovery rate against PySAL's esda; random maps stay silent."""

import math
import warnings
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.measure import Result, Scale, cpu_ms
from geodata import hotspots

Grid = NDArray[Any]
SIDE_M, REACH_M = 300, 450
DISC = hotspots.disc_of(REACH_M, SIDE_M)
ROWS, COLUMNS = 100, 100
MAPS = 200
LEVEL = 0.05
ROUNDS = 5
SHARES = (0.02, 0.2)
BASELINES = ("share", "land", "past")


def run(scale: Scale) -> Iterator[Result]:
    """Measure what is asked for; N is the number of issues on each map."""
    if scale.wants("B13"):
        yield speed(scale.issues)
    if scale.wants("B14"):
        for baseline in BASELINES:
            for null in ("poisson", "multinomial"):
                yield silence(baseline, null, scale.issues)


def city(draw: np.random.Generator, rows: int = 44, columns: int = 40) -> tuple[Grid, Grid]:
    """Make an oval city with a dense middle and a long tail of busy squares; densities sum to 1."""
    y, x = np.mgrid[:rows, :columns]
    inside = ((y - rows / 2) / (rows / 2)) ** 2 + ((x - columns / 2) / (columns / 2)) ** 2 <= 1
    middle = np.exp(-((y - 0.45 * rows) ** 2 + (x - 0.5 * columns) ** 2) / (0.035 * rows * columns))
    density = np.exp(draw.normal(0, 1.3, (rows, columns))) * (0.05 + middle) * inside
    density[draw.random((rows, columns)) < 0.15] = 0  # noqa: PLR2004 - squares where nobody reports
    return inside, density / density.sum()


def scattered(draw: np.random.Generator, mean: Grid, null: str) -> Grid:
    """Let cases fall by chance around their means."""
    if null == "poisson":
        return draw.poisson(mean)
    shares = (mean / mean.sum()).ravel()
    return draw.multinomial(round(mean.sum()), shares).reshape(mean.shape)


# B13 -----------------------------------------------------------------------------------------


def speed(issues: int) -> Result:
    """Compare with esda on the same values, cells and weights; the weights themselves are free."""
    draw = np.random.default_rng(13)
    _inside, density = city(draw, ROWS, COLUMNS)
    everything = scattered(draw, issues * density, "poisson").astype(float)
    cases = draw.binomial(everything.astype(int), SHARES[0])
    tested = everything > 0
    values = hotspots.residuals(cases, everything * cases.sum() / everything.sum())
    theirs = oracle(values, tested)

    def ours() -> tuple[Grid, Grid]:
        z = hotspots.gi_star(values, tested, disc=DISC)
        return z, hotspots.adjusted(hotspots.upper_tail(z[tested]))

    apart = float(np.abs(ours()[0][tested] - theirs()[0]).max())
    pairs = [(cpu_ms(ours, 20), cpu_ms(theirs)) for _round in range(ROUNDS)]
    mine, least = (median(pair[side] for pair in pairs) for side in (0, 1))
    whole = cpu_ms(lambda: hotspots.find(cases, everything, disc=DISC), 20)
    note = (
        f"{tested.sum()} cells; z apart by {apart:.1e} ({'equal' if apart < 1e-9 else 'NOT EQUAL'} "  # noqa: PLR2004 - the stated bound
        f"to 1e-9); its weights are free here; with our exact test {whole:.1f} ms"
    )
    ratio = least / mine if apart < 1e-9 else 0.0  # noqa: PLR2004 - as above
    return Result("B13", "Gi* + FDR : esda", mine, least, "ms", ratio, 100, ">=", note)


def oracle(values: Grid, inside: Grid) -> Callable[[], tuple[Grid, Any]]:
    """Prepare esda to answer the same question."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import esda  # noqa: PLC0415 - a tool of the bench and the tests alone
        from libpysal.weights import W  # noqa: PLC0415 - as above

    numbers = np.full(inside.shape, -1)
    numbers[inside] = np.arange(inside.sum())
    around = np.pad(numbers, 1, constant_values=-1)
    near = {
        int(numbers[row, column]): [
            int(other)
            for other in around[row : row + 3, column : column + 3].ravel()
            if other not in {-1, numbers[row, column]}
        ]
        for row, column in np.argwhere(inside)
    }
    weights = W(near, silence_warnings=True)
    # esda divides by the sum of the values: where it is negative, its z-scores change sign.
    flat = values[inside] - values.min()

    def theirs() -> tuple[Grid, Any]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = esda.G_Local(flat, weights, transform="B", permutations=0, star=True)
            return found.Zs, esda.fdr(found.p_norm, LEVEL)

    return theirs


# B14 -----------------------------------------------------------------------------------------


def silence(baseline: str, null: str, issues: int) -> Result:
    """Count random maps that show any hot cell; few issues are the hard case, so both are drawn."""
    draw = np.random.default_rng([14, BASELINES.index(baseline), len(null)])
    sizes = (min(issues, 3000), issues)
    alarms = sum(
        nothing_the_matter(
            draw, baseline, null, issues=sizes[number % 2], share=SHARES[number // 2 % 2]
        )
        .hot(LEVEL)
        .any()
        for number in range(MAPS)
    )
    bound = LEVEL + 3 * math.sqrt(LEVEL * (1 - LEVEL) / MAPS)
    note = f"{alarms} of {MAPS} maps at {LEVEL:.0%} FDR, {sizes[0]} and {sizes[1]} issues in turn"
    share = float(alarms) / MAPS
    name = f"null maps with a hot cell, {baseline}, {null}"
    return Result("B14", name, share, None, "", share, round(bound, 4), "<=", note)


def nothing_the_matter(
    draw: np.random.Generator, baseline: str, null: str, *, issues: int, share: float
) -> hotspots.Found:
    """Test a map on which every case fell by chance."""
    inside, density = city(draw)
    if baseline == "land":
        land = np.where(inside, draw.uniform(0.2, 1, inside.shape), 0.0)
        cases = scattered(draw, issues * share * land / land.sum(), null)
        return hotspots.find(cases, land, disc=DISC, is_land=True)
    if baseline == "past":
        cases, before = (scattered(draw, n * density, null) for n in (share * issues, issues))
        return hotspots.find(cases, (cases + before).astype(float), disc=DISC)
    everything = scattered(draw, issues * density, null)
    cases = draw.binomial(everything, share)
    return hotspots.find(cases, everything.astype(float), disc=DISC)
