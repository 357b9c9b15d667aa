"""Hotspots: equal to the oracles, silent on random maps, awake where something is the matter."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from bench.hotspots import city, scattered
from bench.hotspots import nothing_the_matter as null_map
from geodata import hotspots

DISC = hotspots.disc_of(450, 300)
BASELINES = ("share", "land", "past")
NULLS = ("poisson", "multinomial")


def nothing_the_matter(draw, baseline, null):
    return null_map(draw, baseline, null, issues=4000, share=0.05)


def oracle(values, inside):
    """Gi* of PySAL's esda over its own weights."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import esda  # noqa: PLC0415 - it warns when it is imported
        from libpysal.weights import W  # noqa: PLC0415 - as above

        places = [tuple(place) for place in np.argwhere(inside).tolist()]
        known = set(places)
        near = {
            (row, column): [
                (row + dy, column + dx)
                for dy in (-1, 0, 1)
                for dx in (-1, 0, 1)
                if (dy or dx) and (row + dy, column + dx) in known
            ]
            for row, column in places
        }
        weights = W(near, silence_warnings=True)
        found = esda.G_Local(
            np.array([values[place] for place in weights.id_order]),
            weights,
            transform="B",
            permutations=0,
            star=True,
        )
    z = np.zeros(values.shape)
    for place, score in zip(weights.id_order, found.Zs, strict=True):
        z[place] = score
    return z


# Equal to the oracles -------------------------------------------------------------------------


def test_gi_star_equals_pysal_on_a_city_with_a_border():
    draw = np.random.default_rng(7)
    inside, _density = city(draw, rows=22, columns=18)
    values = draw.gamma(0.7, 3, inside.shape)

    z = hotspots.gi_star(values, inside, disc=DISC)

    assert np.abs(z - oracle(values, inside)).max() < 1e-9


def test_gi_star_does_not_care_where_zero_lies():
    draw = np.random.default_rng(8)
    inside, _density = city(draw, rows=22, columns=18)
    values = draw.normal(0, 1, inside.shape)

    z = hotspots.gi_star(values, inside, disc=DISC)

    assert np.abs(z - oracle(values - values.min(), inside)).max() < 1e-9


def test_the_rates_of_false_discovery_are_those_of_scipy():
    p = np.random.default_rng(3).beta(0.5, 3, 500)

    assert hotspots.adjusted(p) == pytest.approx(stats.false_discovery_control(p), abs=1e-14)


def test_the_normal_tail_is_scipys():
    z = np.linspace(-6, 9, 61)

    assert hotspots.upper_tail(z) == pytest.approx(stats.norm.sf(z), rel=1e-12)


@pytest.mark.parametrize(
    ("least", "tries", "share"), [(5, 40, 0.01), (9, 300, 0.02), (700, 90_000, 0.007), (3, 3, 0.2)]
)
def test_the_binomial_tail_is_scipys(least, tries, share):
    found = hotspots.binomial_tail(np.array([float(least)]), tries, np.array([share]))

    assert found[0] == pytest.approx(stats.binom.sf(least - 1, tries, share), rel=1e-8)


@pytest.mark.parametrize(
    ("least", "whole", "marked", "drawn"),
    [(5, 1000, 50, 20), (40, 1_000_000, 30_000, 900), (6, 20, 10, 8), (8, 8, 8, 8)],
)
def test_the_hypergeometric_tail_is_scipys(least, whole, marked, drawn):
    found = hotspots.hypergeometric_tail(
        np.array([float(least)]), whole, marked, np.array([float(drawn)])
    )

    assert found[0] == pytest.approx(stats.hypergeom.sf(least - 1, whole, marked, drawn), rel=1e-7)


@given(st.integers(0, 3000))
@settings(deadline=None, max_examples=50)
def test_the_logarithm_of_a_factorial_is_that_of_the_gamma_function(n):
    found = hotspots.log_factorial(np.array([float(n)]))[0]

    assert found == pytest.approx(math.lgamma(n + 1), rel=1e-13, abs=1e-13)


@given(st.integers(1, 12), st.integers(1, 12), st.floats(0.5, 4.2), st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=60)
def test_the_surroundings_are_the_squares_within_reach(rows, columns, reach, seed):
    grid = np.random.default_rng(seed).integers(0, 9, (rows, columns))

    found = hotspots.around(grid, hotspots.disc_of(reach, 1))

    y, x = np.mgrid[:rows, :columns]
    for row in range(rows):
        for column in range(columns):
            near = (y - row) ** 2 + (x - column) ** 2 <= reach**2 * (1 + 1e-12)
            assert found[row, column] == grid[near].sum()


# Silent on random maps ------------------------------------------------------------------------


@pytest.mark.parametrize("null", NULLS)
@pytest.mark.parametrize("baseline", BASELINES)
def test_a_random_map_shows_nothing(baseline, null):
    draw = np.random.default_rng(20261121)
    maps = 100

    alarms = sum(nothing_the_matter(draw, baseline, null).hot(0.05).any() for _map in range(maps))

    assert alarms <= maps * (0.05 + 3 * math.sqrt(0.05 * 0.95 / maps))


def test_gi_star_alone_would_cry_wolf():
    draw = np.random.default_rng(11)
    maps, alarms = 40, 0
    for _map in range(maps):
        found = nothing_the_matter(draw, "share", "poisson")
        alone = hotspots.adjusted(hotspots.upper_tail(found.z[found.tested]))
        alarms += bool((alone <= 0.05).any())

    assert alarms > maps / 4


def test_one_case_where_hardly_any_was_expected_is_no_finding():
    everything = np.full((20, 20), 50.0)
    everything[3, 3] = 1
    cases = np.zeros((20, 20), dtype=int)
    cases[3, 3] = cases[15, 15] = 1

    assert not hotspots.find(cases, everything, disc=DISC).hot(0.10).any()


# Awake where something is the matter ----------------------------------------------------------


def test_a_planted_cluster_is_found_where_it_lies():
    draw = np.random.default_rng(5)
    inside, density = city(draw)
    everything = scattered(draw, 10_000 * density, "poisson")
    share = np.full(inside.shape, 0.05)
    share[18:21, 19:22] = 0.25
    cases = draw.binomial(everything, share)

    hot = hotspots.find(cases, everything.astype(float), disc=DISC).hot(0.05)

    assert hot[19, 20]
    assert not hot[:14].any()
    assert not hot[25:].any()


def test_what_rises_everywhere_alike_is_not_emerging():
    draw = np.random.default_rng(6)
    _inside, density = city(draw)
    before = scattered(draw, 6000 * density, "poisson")
    now = scattered(draw, 6000 * density, "poisson")

    assert not hotspots.find(now, (before + now).astype(float), disc=DISC).hot(0.05).any()


def test_cells_outside_the_base_are_neither_tested_nor_counted():
    base = np.ones((9, 9))
    base[:, 5:] = 0
    cases = np.zeros((9, 9), dtype=int)
    cases[4, 4], cases[4, 7] = 6, 500

    found = hotspots.find(cases, base, disc=DISC, is_land=True)

    assert found.observed[4, 4] == 6
    assert not found.tested[:, 5:].any()
    assert (found.q[:, 5:] == 1).all()


@pytest.mark.parametrize("is_land", [True, False])
def test_an_empty_map_has_no_findings(is_land):
    nothing = np.zeros((4, 5))

    found = hotspots.find(nothing.astype(int), nothing, disc=DISC, is_land=is_land)

    assert not found.hot(0.10).any()


def test_grids_of_two_shapes_are_refused():
    with pytest.raises(ValueError, match="one shape"):
        hotspots.find(np.zeros((2, 2), dtype=int), np.zeros((2, 3)), disc=DISC)


def test_hot_cells_that_touch_are_one_group():
    hot = np.zeros((5, 5), dtype=bool)
    hot[0, 0] = hot[1, 1] = hot[4, 4] = True

    assert hotspots.groups(hot) == [[(0, 0), (1, 1)], [(4, 4)]]
