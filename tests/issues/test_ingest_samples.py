"""The 311 samples of three cities behave as their README says."""

import csv
from io import StringIO

import pytest
from django.core.management import call_command

from issues.invariants import TRUTHS
from issues.models import Event, Issue, PublicIssue
from tests.issues import elsewhere

pytestmark = pytest.mark.django_db

CITY_HALL = "42.3594"


def load(path, mapping, city, **options):
    out = StringIO()
    call_command("import_issues", path, mapping=mapping, city=city.slug, stdout=out, **options)
    return out.getvalue()


def count(words, report):
    """Read one number of a report."""
    line = next(line for line in report.splitlines() if line.strip().startswith(words))
    return int(line.split()[-1].replace(".", ""))


def broken():
    return [(truth.name, str(one)) for truth in TRUTHS for one in truth.find(None)]


@pytest.fixture
def samples(shared_data):
    return shared_data / "complaints-311-samples"


@pytest.fixture
def boston(db):
    return elsewhere.city("boston")


def test_a_hundred_cases_of_boston_come_in_whole(samples, boston, tmp_path):
    mapping = elsewhere.boston(tmp_path, place={"bad": "unplaced"})
    report = load(samples / "boston311-100.csv", mapping, boston)
    assert "Pengodean: utf-8" in report
    assert count("Dimuat", report) == 100
    assert count("Tempat dibuang", report) == 19
    assert Issue.objects.filter(status="resolved", closed_at__isnull=False).count() == 85
    assert broken() == []
