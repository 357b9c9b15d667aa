from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from geodata.models import Asset, Edition
from issues import actions, demo, reference
from issues.demo.land import SINCE
from issues.models import Issue
from tests import make


@pytest.fixture
def city(db):
    return reference.load(reference.read("denpasar")).city


@pytest.fixture(autouse=True)
def _demo(settings):
    settings.DEMO = True


def seed(**options):
    out = StringIO()
    call_command("seed_demo", stdout=out, issues=2, pictured=0, workers=1, **options)
    return out.getvalue()


def test_the_command_makes_a_demo_once(city):
    first, second = seed(), seed()
    assert demo.PASSWORD in first
    assert "sudah ada" in second
    assert Issue.objects.count() == 2


def test_the_command_lists_the_accounts(city):
    seed()
    before = Issue.objects.count()
    assert "dispatcher@denpasar.example" in seed(logins=True)
    assert Issue.objects.count() == before


def test_a_city_with_issues_of_its_own_gets_no_demo(city):
    demo.lay(city)
    actions.submit(make.draft(lon=115.22, lat=-8.65), city=city)
    assert "sudah punya laporan" in seed()
    assert Issue.objects.count() == 1


def test_a_site_that_is_no_demo_gets_no_account_with_a_known_password(city, settings):
    settings.DEMO = False
    assert "DEMO tidak menyala" in seed()
    assert not Issue.objects.exists()


def test_a_city_without_demo_data_says_so(db):
    reference.load(reference.read("kota-batu"))
    assert "tidak punya data demo" in seed(city="kota-batu")


def test_an_unknown_city_is_refused(db):
    with pytest.raises(CommandError, match="belum dimuat"):
        seed(city="atlantis")


def test_ground_that_somebody_imported_stays(city):
    Edition.objects.create(
        city=city, layer="road", source="impor", valid=(SINCE, None), approximate=False
    )
    written = demo.lay(city)
    assert "road" not in written
    assert not Asset.objects.filter(layer="road").exists()


def test_a_demo_that_was_interrupted_goes_on(city):
    demo.lay(city)
    cast = demo.settle(city)
    year = demo.write(city, cast, count=1, seed=5, now=timezone.now(), pictured=0)
    next(demo.live(year))
    assert demo.PASSWORD in seed()
    assert Issue.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_several_workers_share_a_year():
    city = reference.load(reference.read("denpasar")).city
    demo.lay(city)
    year = demo.write(city, demo.settle(city), count=6, seed=5, now=timezone.now(), pictured=0)
    made = list(demo.live(year, workers=2))
    assert len(set(made)) == 6
    assert {issue.uuid for issue in Issue.objects.all()} == {
        report.draft.uuid for report in year.reports
    }
