import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone
from procrastinate.contrib.django import app

from civicmap import checks
from geodata.models import Edition, Jurisdiction
from tests import make


def test_django_reaches_the_database_through_psycopg2():
    assert checks.driver() == []
    assert checks.driver_of("default") == "psycopg2"


def test_another_driver_is_an_error_that_names_it():
    message = checks.wrong_driver("default", "psycopg")

    assert message.id == "civicmap.E001"
    assert "psycopg, not by psycopg2" in message.msg


def test_psycopg_3_stays_there_for_the_queue_even_where_it_was_imported_first():
    program = (
        "import psycopg, django; django.setup();"
        "from django.db import connection; from procrastinate import PsycopgConnector;"
        "print(connection.Database.__name__, psycopg.__version__[0])"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}

    said = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )

    assert said.stdout.split() == ["psycopg2", "3"]


@pytest.mark.django_db
def test_ranges_and_geometries_go_through_the_driver_and_back():
    areas = make.villages()
    now = timezone.now()

    edition = Edition.objects.current().get(layer="village")
    found = Jurisdiction.objects.current().filter(level=3, area__covers=make.city().center.clone())

    assert edition.valid == DateTimeTZRange(make.LONG_AGO, None)
    assert not Edition.objects.current(make.LONG_AGO - timedelta(days=1)).exists()
    assert {area.pk for area in found} == {areas[code].pk for code in ("1.1", "1.2", "2.1", "2.2")}
    assert now.tzinfo is not None


@pytest.mark.django_db(transaction=True)
def test_inside_the_worker_djangos_own_driver_stays(settings):
    with app.replace_connector(app.connector.get_worker_connector()) as working, working.open():
        assert checks.driver_of("default") == "psycopg2"
        assert working.check_connection()


@pytest.mark.django_db
def test_a_database_that_forgets_is_refused():
    assert checks.durability(databases=["default"]) == []

    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    refused = checks.durability(databases=["default"])

    assert [message.id for message in refused] == ["civicmap.E002"]
    assert "synchronous_commit = off" in refused[0].msg


@pytest.mark.parametrize(
    ("basemap", "attribution", "faults"),
    [
        ("boundaries", "", []),
        ("xyz:https://tile.example/{z}/{x}/{y}.png", "© Example", []),
        ("xyz:https://tile.example/{z}/{x}/{y}.png", "", ["civicmap.E007"]),
        ("xyz:https://{s}.tile.example/{z}/{x}/{y}.png", "© Example", ["civicmap.E006"]),
        ("xyz:tile.example", "© Example", ["civicmap.E006"]),
        ("https://tile.example/{z}/{x}/{y}.png", "© Example", ["civicmap.E006"]),
    ],
)
def test_a_basemap_names_one_host_and_its_makers(settings, basemap, attribution, faults):
    settings.BASEMAP, settings.BASEMAP_ATTRIBUTION = basemap, attribution

    assert [fault.id for fault in checks.basemap()] == faults
