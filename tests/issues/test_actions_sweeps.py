"""What happens to many issues at once: lateness, and land that changes hands."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test.utils import CaptureQueriesContext

from geodata import boundaries, routing
from geodata.crs import WGS84
from geodata.editions import Provenance
from geodata.models import Department, Edition, Jurisdiction, Level
from issues import actions
from issues.models import Event, Issue, PublicIssue
from issues.workflow import Role, Status, Step
from tests import make

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 3, 2, 3, tzinfo=UTC)
SWITCH = datetime(2026, 6, 1, tzinfo=UTC)


# Late ----------------------------------------------------------------------------------------


def test_time_makes_open_issues_overdue_in_public_once():
    late, done, fresh = (make.issue(at=at) for at in (MONDAY, MONDAY, MONDAY + make.days(300)))
    make.take(done, Step.RESOLVE, at=MONDAY + timedelta(hours=1))
    now = late.due_at + timedelta(seconds=1)

    marked = [actions.refresh_overdue(now) for _ in range(2)]

    assert marked == [1, 0]
    assert [*PublicIssue.objects.filter(overdue=True)] == [PublicIssue.objects.get(pk=late.pk)]
    assert not Issue.objects.get(pk=fresh.pk).marked_overdue


def test_lateness_is_no_event_and_no_new_version():
    issue = make.issue(at=MONDAY)

    actions.refresh_overdue(issue.due_at + timedelta(days=1))

    assert Issue.objects.get(pk=issue.pk).version == issue.version == issue.events.count()


def test_in_the_very_due_moment_nothing_is_late():
    issue = make.issue(at=MONDAY)

    assert actions.refresh_overdue(issue.due_at) == 0


def test_a_confidential_issue_is_late_in_silence():
    issue = make.issue(at=MONDAY, confidential=True)

    actions.refresh_overdue(issue.due_at + timedelta(days=1))

    assert Issue.objects.get(pk=issue.pk).marked_overdue
    assert not PublicIssue.objects.exists()


# New borders ---------------------------------------------------------------------------------


@pytest.fixture
def two_departments():
    """Lamps in the villages of district 1 are DISHUB's, in those of district 2 PUPR's."""
    city = make.city()
    make.villages(of=city)
    make.category("lpju-mati")
    make.category("layanan-lambat", fast_lane=False)
    make.rule("satu", to="DISHUB", service_code="lpju", level=Level.DISTRICT, area_code="1")
    make.rule("dua", to="PUPR", service_code="lpju", level=Level.DISTRICT, area_code="2")
    return city


def move_border(city, north: float) -> MultiPolygon:
    """Draw the two districts anew with their border at a latitude; return the land that changed."""
    old = Edition.objects.get(city=city, layer="district")
    old.valid = DateTimeTZRange(old.valid.lower, SWITCH)
    old.save()
    drawn = make.edition("district", of=city, since=SWITCH)
    west, east = make.LON - make.SIDE, make.LON + make.SIDE
    for code, south, top in (
        ("1", north, make.LAT + make.SIDE),
        ("2", make.LAT - make.SIDE, north),
    ):
        strip = Polygon.from_bbox((west, south, east, top))
        make.area(
            code,
            level=Level.DISTRICT,
            within=drawn,
            parent_code="0",
            shape=MultiPolygon(strip, srid=WGS84),
        )
    low, high = sorted([north, make.LAT])
    return MultiPolygon(Polygon.from_bbox((west, low, east, high)), srid=WGS84)


def scattered(count: int, **fields) -> list[Issue]:
    dice = random.Random(8)  # noqa: S311  a fixed series, no secret
    return [
        make.issue(
            lon=make.LON + dice.uniform(-1, 1) * make.SIDE,
            lat=make.LAT + dice.uniform(-1, 1) * make.SIDE,
            at=MONDAY,
            **fields,
        )
        for _ in range(count)
    ]


def test_changed_land_is_routed_like_everything_would_be(two_departments):
    issues = scattered(40)
    land = move_border(two_departments, make.LAT + 0.012)

    moved = actions.reroute_land(two_departments, land, reason="Perda 1/2026", at=SWITCH)

    differing = 0
    for issue in Issue.objects.select_related("department", "city"):
        fresh = routing.route(issue.point, "lpju-mati", city=two_departments, at=SWITCH)
        assert issue.department_id == fresh.chosen.department_id
        differing += issue.events.filter(step=Step.REROUTE).count()
    assert moved == differing > 0
    assert len(issues) == 40


def test_a_moved_issue_has_one_event_that_names_edition_and_reason(two_departments):
    issue = make.issue(lat=make.LAT + 0.005, at=MONDAY, steps=())
    land = move_border(two_departments, make.LAT + 0.012)

    actions.reroute_land(two_departments, land, reason="Perda 1/2026", at=SWITCH)

    moved = Issue.objects.get(pk=issue.pk)
    event = moved.events.last()
    assert (moved.department.code, moved.status) == ("PUPR", Status.ASSIGNED)
    assert (event.step, event.role, event.department.code) == (Step.REROUTE, Role.SYSTEM, "PUPR")
    assert event.note.startswith("Perda 1/2026: Ditangani Dinas Pupr")
    assert event.data == {"from": "DISHUB", "to": "PUPR"}
    assert moved.decisions.count() == 2
    assert PublicIssue.objects.get(pk=issue.pk).department.code == "PUPR"


@pytest.mark.parametrize("step", [Step.RESOLVE, Step.REJECT, Step.WITHDRAW])
def test_what_is_closed_stays(two_departments, step):
    issue = make.issue(lat=make.LAT + 0.005, at=MONDAY, steps=[step])
    land = move_border(two_departments, make.LAT + 0.012)

    assert actions.reroute_land(two_departments, land, reason="x", at=SWITCH) == 0
    assert Issue.objects.get(pk=issue.pk).department.code == "DISHUB"


def test_where_a_person_has_sent_it_no_map_moves_it(two_departments):
    issue = make.issue(lat=make.LAT + 0.005, at=MONDAY)
    make.take(issue, Step.REROUTE, department=make.department("PLN"))
    land = move_border(two_departments, make.LAT + 0.012)

    assert actions.reroute_land(two_departments, land, reason="x", at=SWITCH) == 0
    kept = Issue.objects.get(pk=issue.pk)
    assert kept.department.code == "PLN"
    assert kept.decisions.last().department.code == "PUPR"


def test_what_was_refused_waits_for_a_person(two_departments):
    issue = make.issue(lat=make.LAT + 0.005, at=MONDAY, steps=[Step.REFUSE])
    land = move_border(two_departments, make.LAT + 0.012)

    assert actions.reroute_land(two_departments, land, reason="x", at=SWITCH) == 0
    assert Issue.objects.get(pk=issue.pk).status == Status.SUBMITTED


def test_what_nobody_was_responsible_for_goes_to_work_when_somebody_is(two_departments):
    Department.objects.filter(code="DISHUB").update(active=False)
    fast = make.issue(lat=make.LAT + 0.005, at=MONDAY)
    slow = make.issue(lat=make.LAT + 0.005, at=MONDAY, service_code="layanan-lambat")
    make.rule("layanan", to="PUPR", service_code="layanan", level=Level.DISTRICT, area_code="2")
    land = move_border(two_departments, make.LAT + 0.012)

    assert fast.department is None
    assert actions.reroute_land(two_departments, land, reason="x", at=SWITCH) == 1
    assert Issue.objects.get(pk=fast.pk).department.code == "PUPR"
    assert Issue.objects.get(pk=slow.pk).department is None


def test_no_land_and_other_land_move_nothing(two_departments):
    make.issue(lat=make.LAT - 0.005, at=MONDAY)
    land = move_border(two_departments, make.LAT + 0.012)

    assert actions.reroute_land(two_departments, None, reason="x") == 0
    assert actions.reroute_land(two_departments, land, reason="x", at=SWITCH) == 0
    assert Jurisdiction.objects.filter(level=Level.DISTRICT).count() == 4


@pytest.fixture
def four_departments():
    """Lamps are the business of the village in which they stand."""
    city = make.city()
    make.villages(of=city)
    make.category("lpju-mati")
    for code in ("1.1", "1.2", "2.1", "2.2"):
        make.rule(code, to=f"D{code}", service_code="lpju", level=Level.VILLAGE, area_code=code)
    return city


def redraw(city, lon: float, lat: float, at: datetime, **parents: str) -> MultiPolygon | None:
    """Let the four villages meet elsewhere; return the land that changed."""
    west, south, east, north = city.extent
    corner = (lon, lat)
    middles = {"n": (make.LON, north), "s": (make.LON, south)}
    middles |= {"w": (west, make.LAT), "e": (east, make.LAT)}
    rings = {
        "1.1": [(west, north), middles["n"], corner, middles["w"]],
        "1.2": [middles["n"], (east, north), middles["e"], corner],
        "2.1": [middles["w"], corner, middles["s"], (west, south)],
        "2.2": [corner, middles["e"], (east, south), middles["s"]],
    }
    areas = [
        boundaries.Feature(
            code,
            code,
            MultiPolygon(Polygon([*ring, ring[0]]), srid=WGS84),
            "kelurahan",
            parents.get(f"village_{code.replace('.', '_')}", code[0]),
        )
        for code, ring in rings.items()
    ]
    return boundaries.replace(city, Level.VILLAGE, areas, provenance=Provenance("uji"), at=at).land


def routed_afresh(city, at: datetime) -> list[tuple[int, int | None, str]]:
    """Department and area of every issue, as routing all of them anew would say."""
    rows = []
    for issue in Issue.objects.select_related("jurisdiction").order_by("pk"):
        where = issue.point or Jurisdiction.objects.current(at).get(code=issue.jurisdiction.code)
        fresh = routing.route(where, "lpju-mati", city=city, at=at)
        department = fresh.chosen.department_id if fresh.chosen else None
        rows.append((issue.pk, department, fresh.jurisdiction.code))
    return rows


def as_kept() -> list[tuple[int, int | None, str]]:
    """Department and area of every issue."""
    return [
        (issue.pk, issue.department_id, issue.jurisdiction.code)
        for issue in Issue.objects.select_related("jurisdiction").order_by("pk")
    ]


def test_after_any_edit_of_borders_every_issue_lies_where_a_full_re_route_would_put_it(
    four_departments,
):
    scattered(40)
    for code in ("1.1", "2.2"):
        make.issue(area_code=code, at=MONDAY)
    make.issue(lon=make.LON, lat=make.LAT, at=MONDAY)
    make.issue(lon=make.LON, lat=make.LAT + 0.01, at=MONDAY)
    dice = random.Random(11)  # noqa: S311  a fixed series, no secret
    moved = 0
    for number in range(4):
        at = SWITCH + make.days(number)
        lon, lat = (middle + dice.uniform(-0.8, 0.8) * make.SIDE for middle in (make.LON, make.LAT))
        land = redraw(four_departments, lon, lat, at)

        moved += actions.reroute_land(four_departments, land, reason="Perda", at=at)

        assert as_kept() == routed_afresh(four_departments, at)
    assert moved == Event.objects.filter(step=Step.REROUTE).count() > 10


def test_an_issue_that_names_an_area_follows_it_to_another_parent():
    city = make.city()
    make.villages(of=city)
    make.category("lpju-mati")
    make.rule("satu", to="DISHUB", service_code="lpju", level=Level.DISTRICT, area_code="1")
    make.rule("dua", to="PUPR", service_code="lpju", level=Level.DISTRICT, area_code="2")
    named = make.issue(area_code="1.2", at=MONDAY)
    stays = make.issue(area_code="1.1", at=MONDAY)
    land = redraw(city, make.LON, make.LAT, SWITCH, village_1_2="2")

    moved = actions.reroute_land(city, land, reason="Perda", at=SWITCH)

    followed = Issue.objects.get(pk=named.pk)
    assert (land, moved) == (None, 1)
    assert followed.department.code == "PUPR"
    assert followed.jurisdiction.edition.valid.lower == SWITCH
    assert stays.decisions.count() == 1


def test_an_area_that_is_no_more_keeps_its_issues(four_departments):
    named = make.issue(area_code="1.2", at=MONDAY)
    edition = Edition.objects.get(city=four_departments, layer="village")
    edition.valid = DateTimeTZRange(edition.valid.lower, SWITCH)
    edition.save()

    assert actions.reroute_land(four_departments, None, reason="x", at=SWITCH) == 0
    assert Issue.objects.get(pk=named.pk).jurisdiction.code == "1.2"


def test_many_issues_are_routed_by_one_question(four_departments):
    scattered(12, service_code="lpju-mati")
    land = redraw(four_departments, make.LON - 0.015, make.LAT + 0.015, SWITCH)
    with CaptureQueriesContext(connection) as asked:
        actions.reroute_land(four_departments, land, reason="x", at=SWITCH)

    assert sum("geodata_route_v1" in one["sql"] for one in asked) == 1


def test_a_confidential_issue_moves_in_silence(two_departments):
    issue = make.issue(lat=make.LAT + 0.005, at=MONDAY, confidential=True)
    land = move_border(two_departments, make.LAT + 0.012)

    assert actions.reroute_land(two_departments, land, reason="x", at=SWITCH) == 1
    assert not PublicIssue.objects.filter(pk=issue.pk).exists()
