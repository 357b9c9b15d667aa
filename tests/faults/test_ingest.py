"""An import that is killed at any moment loses and doubles nothing: run again, it goes on."""

import os
import random
import signal
import time
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, connections

from issues.invariants import TRUTHS
from issues.models import Event, Issue, Origin
from tests import make
from tests.faults import rig
from tests.issues import elsewhere

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = 240
KILLS = 5


@pytest.fixture
def file(tmp_path):
    lines = [
        f"K-{number},lpju-mati,Mati,{make.LAT + number * 5e-5:.6f},{make.LON + 0.005},"
        f"2024-{1 + number % 12:02d}-05 09:00,2024-{1 + number % 12:02d}-07 10:00"
        for number in range(ROWS)
    ]
    path = tmp_path / "lama.csv"
    path.write_text("id,jenis,isi,lat,lon,terima,selesai\n" + "\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def mapping(tmp_path):
    columns = {
        "external_id": "id",
        "category": "jenis",
        "description": "isi",
        "lat": "lat",
        "lon": "lon",
        "received": "terima",
        "closed": "selesai",
    }
    return elsewhere.mapping(tmp_path, source="lama", columns=columns)


def run(file, mapping):
    call_command("import_issues", file, mapping=mapping, batch=12, stdout=StringIO())


def start(file, mapping):
    """Run the import in a child with connections of its own; return its process id."""
    connections.close_all()
    child = os.fork()
    if not child:
        try:
            run(file, mapping)
        finally:
            os._exit(0)
    return child


def kill(child, when):
    """Kill a child once something has come true and a moment more, unless it ended by itself."""
    rig.until(when, what="the import moves")
    time.sleep(random.Random(child).random() / 20)  # noqa: S311  any moment will do
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def test_killed_at_random_moments_it_brings_every_row_once(file, mapping):
    make.world()
    for done in range(KILLS):
        before = Issue.objects.count()
        child = start(file, mapping)
        kill(child, lambda before=before: Issue.objects.count() > before)
        assert Issue.objects.count() % 12 == 0, f"half a batch after {done + 1} kills"
    run(file, mapping)
    assert Issue.objects.count() == ROWS
    assert Origin.objects.values("external_id").distinct().count() == ROWS
    assert Event.objects.filter(step="submit").count() == ROWS
    assert [str(one) for truth in TRUTHS for one in truth.find(None)] == []


def test_a_second_import_of_the_same_source_waits_for_nobody(file, mapping):
    make.world()
    with rig.session(None) as beside:
        beside.execute("SELECT pg_advisory_lock(hashtextextended('import:denpasar:lama', 0))")
        with pytest.raises(Exception, match="sedang berjalan"):
            run(file, mapping)
    assert not Issue.objects.exists()
    connection.close()
