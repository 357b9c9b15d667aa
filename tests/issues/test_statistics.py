"""Counts for the public: parts sum to the whole, and nothing is counted twice."""

from datetime import UTC, datetime

import pytest

from geodata.models import City
from geodata.pyramid import Ask
from issues import actions, heat, statistics
from issues.models import Category, PublicIssue
from issues.statistics import Tally
from issues.workflow import Layer, Step
from tests import make

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(2026, 3, 2, 2, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _city():
    return make.world()


def tally():
    return Tally.read(heat.MAP, City.objects.get(), Ask())


def test_an_empty_city_has_every_layer_with_nothing_in_it():
    totals = statistics.totals(tally())

    assert [part.layer for part in totals.layers] == list(Layer)
    assert (totals.total, totals.overdue, totals.unplaced) == (0, 0, 0)


def test_issues_are_counted_by_layer_in_one_statement(django_assert_num_queries):
    make.issue()
    make.issue()
    make.issue(steps=[Step.START])

    city = City.objects.get()

    with django_assert_num_queries(1):
        totals = statistics.totals(Tally.read(heat.MAP, city, Ask()))

    assert [part.count for part in totals.layers] == [2, 0, 1, 0, 0]
    assert totals.total == 3


def test_what_is_beyond_its_due_date_is_counted_in_its_layer_too():
    make.issue(at=LONG_AGO)
    make.issue()
    actions.refresh_overdue()

    totals = statistics.totals(tally())

    assert (totals.layers[0].count, totals.layers[0].overdue, totals.overdue) == (2, 1, 1)


def test_an_issue_without_a_point_is_counted_and_said_to_be_off_the_map():
    make.issue(area_code="1.2")
    make.issue()

    totals = statistics.totals(tally())

    assert (totals.total, totals.unplaced) == (2, 1)


def test_areas_are_counted_fullest_first_in_one_statement(django_assert_num_queries):
    make.issue(area_code="2.1")
    make.issue(area_code="1.2")
    make.issue(area_code="1.2", steps=[Step.START, Step.RESOLVE])

    counted = tally()

    with django_assert_num_queries(1):
        areas = statistics.by_area(counted)

    assert [(area.code, area.parent_code, area.count, area.open) for area in areas] == [
        ("1.2", "1", 2, 1),
        ("2.1", "2", 1, 1),
    ]


def test_a_parent_kind_holds_its_children_and_its_own():
    parent, child = make.category("lpju"), make.category("lpju-mati")
    child.parent = parent
    child.save()
    make.issue()
    make.issue()
    make.issue(service_code="layanan-lambat")

    found = statistics.by_kind(tally(), list(Category.objects.all()))

    assert found == {parent.pk: 2, child.pk: 2, make.category("layanan-lambat").pk: 1}


def test_months_are_counted_from_rows_in_one_statement(django_assert_num_queries):
    for month in (1, 3, 3):
        make.issue(at=LONG_AGO.replace(month=month))

    with django_assert_num_queries(1):
        found = statistics.months(PublicIssue.objects.all())

    assert [(f"{month:%Y-%m}", n) for month, n in found] == [("2026-01", 1), ("2026-03", 2)]
