"""The order of a day, without a database."""

from itertools import permutations

import numpy as np
import pytest

from issues import planning
from issues.planning import Job

LATER = 10_000.0
"""A deadline, in minutes, that no day reaches."""


def town(count, seed=7, *, side_m=8000):
    """Distances between a start and `count` stops, as a town has them."""
    places = np.random.default_rng(seed).uniform(0, side_m, (count + 1, 2))
    return 1.3 * np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))


def line(*metres):
    """Distances along one road; the first place is the start."""
    at = np.array(metres, dtype=float)
    return np.abs(at[:, None] - at[None])


def patient(count):
    return [Job(due_min=LATER)] * count


def length(metres, order):
    stops = [0, *order]
    return float(metres[stops[:-1], stops[1:]].sum())


def optimum(metres, count):
    return min(length(metres, order) for order in permutations(range(1, count + 1)))


@pytest.mark.parametrize("count", [1, 2, 3, 5, 9, 20, 40, 60])
@pytest.mark.parametrize("seed", range(5))
def test_the_way_is_never_longer_than_nearest_first(count, seed):
    metres = town(count, seed)

    plan = planning.plan(patient(count), metres)

    assert sorted(plan.order) == list(range(count))
    assert plan.total_m <= length(metres, planning.nearest_first(metres, count)) + 1e-6


@pytest.mark.parametrize("seed", range(20))
def test_of_few_jobs_the_way_is_the_shortest_within_five_percent(seed):
    metres = town(7, seed)

    assert planning.plan(patient(7), metres).total_m <= 1.05 * optimum(metres, 7)


def test_the_same_question_has_the_same_answer():
    metres = town(30)

    assert planning.plan(patient(30), metres) == planning.plan(patient(30), metres)


def test_the_day_begins_at_the_start_and_ends_at_the_end():
    metres = line(0, 1000, 2000, 3000, 500)

    plan = planning.plan(patient(3), metres, has_end=True)

    assert plan.order == (0, 1, 2)
    assert plan.legs_m == (1000, 1000, 1000, 2500)


def test_an_end_point_turns_the_way_towards_it():
    to_the_far_end = line(0, 1000, 2000, 3000, 4000)
    back = line(2500, 1000, 2000, 3000, 0)

    assert planning.plan(patient(3), to_the_far_end, has_end=True).order == (0, 1, 2)
    assert planning.plan(patient(3), back, has_end=True).order == (2, 1, 0)


def test_an_overdue_job_is_not_pushed_to_the_end():
    metres = line(0, *(1000 * n for n in range(1, 11)))
    jobs = [*patient(9), Job(due_min=-60)]

    order = planning.plan(jobs, metres).order

    assert order.index(9) < 3


def test_the_more_urgent_of_two_late_jobs_comes_first():
    metres = line(0, -3000, 3000)

    for first in (0, 1):
        natures = ["darurat", "biasa"] if first == 0 else ["biasa", "darurat"]
        jobs = [Job(nature=nature, due_min=-60) for nature in natures]
        assert planning.plan(jobs, metres).order[0] == first


def test_an_emergency_waits_for_no_deadline():
    metres = line(0, *(1000 * n for n in range(1, 7)))
    jobs = [*patient(5), Job(nature="darurat", due_min=LATER)]

    assert planning.plan(jobs, metres).order[0] == 5


def test_a_deadline_within_the_day_is_kept_where_it_costs_little():
    metres = line(0, 1000, 1500, -1200)
    jobs = [Job(due_min=LATER), Job(due_min=LATER), Job(due_min=15)]

    assert planning.plan(jobs, metres).order[0] == 2


def test_without_jobs_there_is_only_the_way_to_the_end():
    assert planning.plan([], line(0)) == planning.Plan((), ())
    assert planning.plan([], line(0, 700), has_end=True) == planning.Plan((), (700.0,))


def test_jobs_at_one_place_are_no_trouble():
    plan = planning.plan(patient(12), np.zeros((13, 13)))

    assert (sorted(plan.order), plan.total_m) == (list(range(12)), 0)


@pytest.mark.parametrize("fault", [np.nan, np.inf, -1.0])
def test_distances_that_are_none_are_refused(fault):
    metres = town(3)
    metres[1, 2] = fault

    with pytest.raises(ValueError, match="finite"):
        planning.plan(patient(3), metres)


def test_a_matrix_of_another_size_is_refused():
    with pytest.raises(ValueError, match="5 × 5"):
        planning.plan(patient(3), town(3), has_end=True)
