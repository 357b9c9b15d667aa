from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from geodata.models import Asset, Edition
from issues import actions, demo, reference
from issues.demo.land import SINCE
from issues.models import Issue
from tests import make


@pytest.fixture
def city(db):
    return reference.load(reference.read("denpasar")).city


def seed(**options):
    out = StringIO()
    call_command("seed_demo", stdout=out, issues=2, pictured=0, **options)
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


def test_a_city_behind_tls_gets_no_demo_with_a_known_password(city, settings):
    settings.SECURE = True
    assert "TLS" in seed()
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
