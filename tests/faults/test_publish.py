"""A publication is killed at many moments: the old set counts with its issues, or the new with its.

RELIABILITY G1. The whole proof kills at fifty moments, the gate at eight.
"""

import os
import signal
import time

import pytest
from django.db import connection
from django.utils import timezone

from geodata import routing
from geodata.models import Draft, DraftArea, Edition, Level, RoutingRule
from issues.actions import enacting, proposing
from issues.models import Event, Issue
from issues.workflow import Role, Step
from tests import make, proof
from tests.faults import rig
from tests.faults.test_sweep import broken

pytestmark = pytest.mark.django_db(transaction=True)

KILLS = proof.size(whole=50, part=8)
LAMPS = 24


@pytest.fixture
def city(queue, settings, tmp_path):
    """Lamps of 1.1 are D1's, those of 1.2 D2's; two dozen of them lie in 1.2."""
    settings.MEDIA_ROOT = tmp_path / "media"
    of = make.world()
    RoutingRule.objects.all().delete()
    for code in ("1.1", "1.2"):
        make.rule(
            f"lampu-{code}",
            to=f"D{code[-1]}",
            service_code="lpju",
            level=Level.VILLAGE,
            area_code=code,
        )
    for number in range(1, LAMPS + 1):
        make.issue(lon=make.LON + 0.0004 * number)
    return of


def waiting(city, boss):
    """A proposal in which all of 1.2 becomes 1.1's and back, asked to be published now."""
    draft = Draft.objects.create(
        city=city,
        level=Level.VILLAGE,
        source="Perda 1/2026",
        state=Draft.State.READY,
        created_at=timezone.now(),
    )
    corners = {"1.2": (make.LON - make.SIDE, make.LAT), "1.1": (make.LON, make.LAT)}
    for code, (west, south) in corners.items():
        shape = make.square(west=west, south=south)
        DraftArea.objects.create(draft=draft, code=code, name=code, area=shape)
    proposing.publish(draft.pk, actor=boss)
    return draft


def started(draft):
    """Publish in a process of its own."""
    connection.close()
    pid = os.fork()
    if pid == 0:
        connection.connect()
        enacting.enact(draft.pk)
        os._exit(0)
    return pid


def killed(draft, after_s):
    """Kill the publication after a time; tells whether it was still at it."""
    pid = started(draft)
    time.sleep(after_s)
    os.kill(pid, signal.SIGKILL)
    _pid, status = os.waitpid(pid, 0)
    rig.until(_is_quiet, what="the killed process's session ends")
    return os.WIFSIGNALED(status)


def _is_quiet():
    with rig.session(None) as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND xact_start IS NOT NULL"
            " AND pid <> pg_backend_pid()"
        )
        return cursor.fetchone()[0] == 0


def owners():
    return sorted(set(Issue.objects.values_list("department__code", flat=True)))


def is_whole(city, draft):
    """Whether one set is in force, and every issue lies where that very set says."""
    [edition] = Edition.objects.current().filter(city=city, layer="village")
    published = Draft.objects.get(pk=draft.pk).state == Draft.State.PUBLISHED
    says = {
        issue.pk: routing.route(issue.point, "lpju-mati", city=city).chosen.department_id
        for issue in Issue.objects.all()
    }
    lies = dict(Issue.objects.values_list("pk", "department_id"))
    return says == lies and published == (edition.source == draft.source)


def test_no_kill_leaves_half_a_set(city):
    boss = make.user(Role.ADMINISTRATOR)
    draft = waiting(city, boss)
    begun = time.monotonic()
    os.waitpid(started(draft), 0)
    whole_s = time.monotonic() - begun
    moved = Event.objects.filter(step=Step.REROUTE).count()
    proposing.undo(draft.pk, actor=boss)
    enacting.revoke(draft.pk)
    draft, killed_at = waiting(city, boss), 0

    for moment in range(KILLS):
        killed_at += killed(draft, whole_s * (moment + 0.5) / KILLS)
        assert is_whole(city, draft), f"moment {moment}"
        if Draft.objects.get(pk=draft.pk).state == Draft.State.PUBLISHED:
            proposing.undo(draft.pk, actor=boss)
            enacting.revoke(draft.pk)
            draft = waiting(city, boss)
    enacting.enact(draft.pk)

    assert moved == LAMPS
    assert killed_at >= KILLS // 2
    assert owners() == ["D1"]
    assert broken() == {}
