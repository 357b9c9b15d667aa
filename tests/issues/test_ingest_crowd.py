"""A demo by the array: the same from the same seed, plausible, and true in every row."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from issues import demo, reference
from issues.ingest import cases, loading
from issues.ingest.writing import Press
from issues.invariants import TRUTHS
from issues.models import Issue
from issues.workflow import CLOSED

COUNT = 240
NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)


@pytest.fixture
def city(db):
    found = reference.load(reference.read("denpasar")).city
    demo.lay(found)
    return found


def drawn(city, *, seed=7):
    crowd = demo.gather(city, count=COUNT, seed=seed, now=NOW)
    return [case for places in crowd.batches() for case in crowd.cases(places)]


def test_the_same_seed_draws_the_same_cases(city):
    once, again, other = drawn(city), drawn(city), drawn(city, seed=8)
    assert once == again
    assert once != other


def test_a_crowd_stands_as_if_it_had_been_reported_here(city):
    book = cases.book(city, demo.SOURCE, now=NOW)
    told, jobs = drawn(city), ProcrastinateJob.objects.count()
    with Press() as press:
        found = loading.load(told, book, press)
        again = loading.load(told, book, press)
    loading.finish()
    assert (found.written, found.refused, again.known) == (COUNT, [], COUNT)
    assert ProcrastinateJob.objects.count() == jobs
    assert [(truth.name, str(one)) for truth in TRUTHS for one in truth.find(city)] == []


def test_a_crowd_grows_by_the_year_and_closes_what_is_old(city):
    book = cases.book(city, demo.SOURCE, now=NOW)
    with Press() as press:
        loading.load(drawn(city), book, press)
    years = Counter(Issue.objects.values_list("received_at__year", flat=True))
    old = Issue.objects.filter(received_at__year__lt=2025)
    assert sum(years[year] for year in (2013, 2014, 2015)) < years[2025]
    assert old.filter(status__in=CLOSED).count() > 0.95 * old.count()
    kinds = Counter(Issue.objects.values_list("category__service_code", flat=True))
    assert kinds["lpju-mati"] > COUNT / len(kinds)
