"""What administrators propose: checked, weighed, published with an event each, and undone."""

from datetime import timedelta

import pytest
import shapely
from django.core.files.base import ContentFile
from django.utils import timezone

from geodata import book
from geodata.models import Draft, Edition, Jurisdiction, Level, RoutingRule
from issues import actions
from issues.actions import enacting, proposing
from issues.actions.proposing import Origin
from issues.errors import StaleDraft
from issues.invariants import TRUTHS, orphans
from issues.models import Event, Issue
from issues.workflow import Role, Status, Step
from tests import make
from tests.geodata import geofiles
from tests.issues import office

pytestmark = pytest.mark.django_db

WEST, EAST = make.LON - make.SIDE, make.LON + make.SIDE
SOUTH, NORTH = make.LAT - make.SIDE, make.LAT + make.SIDE


@pytest.fixture(autouse=True)
def city(settings, tmp_path):
    """Lamps of 1.1 are D1's, those of 1.2 D2's; the other villages have nobody."""
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
    return of


@pytest.fixture
def boss():
    return make.user(Role.ADMINISTRATOR)


def villages(tmp_path, *, border=make.LON + 0.005, overlap=0.0, **more):
    """Draw the four villages with the border between west and east at a longitude."""
    boxes = {
        "1.1": (WEST, make.LAT, border + overlap, NORTH),
        "1.2": (border, make.LAT, EAST, NORTH),
        "2.1": (WEST, SOUTH, border, make.LAT),
        "2.2": (border, SOUTH, EAST, make.LAT),
    }
    drawn = [
        geofiles.village(code, shapely.box(*box), kode_kecamatan=code[0])
        for code, box in boxes.items()
    ]
    return geofiles.geojson(tmp_path / "baru.geojson", drawn, **more)


def uploaded(city, boss, path, **fields):
    file = ContentFile(path.read_bytes(), name=path.name)
    origin = Origin("Perda 1/2026", licence="terbuka")
    draft = proposing.upload(city, Level.VILLAGE, file, origin=origin, actor=boss, **fields)
    proposing.check(draft.pk)
    enacting.weigh(draft.pk)
    return Draft.objects.get(pk=draft.pk)


def published(draft, boss):
    proposing.publish(draft.pk, actor=boss)
    enacting.enact(draft.pk)
    return Draft.objects.get(pk=draft.pk)


def undone(draft, boss):
    proposing.undo(draft.pk, actor=boss)
    enacting.revoke(draft.pk)
    return Draft.objects.get(pk=draft.pk)


def broken():
    return [str(one) for truth in TRUTHS for one in truth.find(None)]


def where(issue):
    issue = office.fresh(issue)
    return issue.department and issue.department.code


def test_a_proposal_moves_nothing_and_names_what_it_would_move(city, boss, tmp_path):
    lamp, far = make.issue(lon=make.LON + 0.002), make.issue(lon=make.LON + 0.015)

    draft = uploaded(city, boss, villages(tmp_path))

    assert (draft.state, draft.problems, draft.areas.count()) == (Draft.State.READY, [], 4)
    [move] = draft.impact
    assert (move["number"], move["old"], move["new"]) == (lamp.number, "D2", "D1")
    assert (move["rule"], move["area"]) == ("lampu-1.1", "Kelurahan 1.2")
    assert (where(lamp), where(far)) == ("D2", "D2")
    assert Edition.objects.filter(layer="village").count() == 1
    assert office.fresh(lamp).version == lamp.version


def test_what_is_published_moves_what_was_foreseen_with_one_event_each(city, boss, tmp_path):
    lamps = [make.issue(lon=make.LON + 0.001 * step) for step in range(1, 9)]
    before = {lamp.pk: lamp.version for lamp in lamps}
    draft = uploaded(city, boss, villages(tmp_path))
    foreseen = {move["issue"]: move["new"] for move in draft.impact}

    draft = published(draft, boss)

    events = Event.objects.filter(step=Step.REROUTE)
    assert {move["issue"]: move["new"] for move in draft.impact} == foreseen
    assert sorted(event.issue_id for event in events) == sorted(foreseen)
    assert {(event.actor, event.role) for event in events} == {(boss, Role.SYSTEM)}
    assert all("Perda 1/2026" in event.note for event in events)
    moved = {lamp.pk: office.fresh(lamp).version - before[lamp.pk] for lamp in lamps}
    assert moved == {lamp.pk: int(lamp.pk in foreseen) for lamp in lamps}
    assert broken() == []


def test_undoing_puts_the_former_edition_in_force_and_every_issue_back(city, boss, tmp_path):
    lamps = [make.issue(lon=make.LON + 0.001 * step) for step in range(1, 9)]
    owners = [where(lamp) for lamp in lamps]
    areas = [office.fresh(lamp).jurisdiction.code for lamp in lamps]
    shapes = {row.code: row.area.wkt for row in Jurisdiction.objects.current().filter(level=3)}
    draft = published(uploaded(city, boss, villages(tmp_path)), boss)
    between = timezone.now()

    draft = undone(draft, boss)

    assert draft.state == Draft.State.UNDONE
    assert [where(lamp) for lamp in lamps] == owners
    assert [office.fresh(lamp).jurisdiction.code for lamp in lamps] == areas
    now = {row.code: row.area.wkt for row in Jurisdiction.objects.current().filter(level=3)}
    assert now == shapes
    assert Edition.objects.current(between).get(layer="village") == draft.edition
    back = Event.objects.filter(step=Step.REROUTE, note__startswith="Dibatalkan")
    assert sorted(event.issue_id for event in back) == sorted(one["issue"] for one in draft.impact)
    assert broken() == []


def test_what_fell_to_nobody_comes_back_though_its_kind_waits_for_a_person(city, boss, tmp_path):
    make.rule("layanan", to="D2", service_code="layanan", level=Level.VILLAGE, area_code="1.2")
    slow = make.issue(service_code="layanan-lambat", lon=make.LON + 0.002)
    make.take(slow, Step.ASSIGN, department=make.department("D2"))
    draft = published(uploaded(city, boss, villages(tmp_path)), boss)
    fallen = office.fresh(slow)

    undone(draft, boss)

    assert (fallen.department, fallen.status) == (None, Status.SUBMITTED)
    assert where(slow) == "D2"
    assert broken() == []


def test_what_a_person_has_sent_on_since_stays_there(city, boss, tmp_path):
    lamp = make.issue(lon=make.LON + 0.002)
    draft = published(uploaded(city, boss, villages(tmp_path)), boss)
    make.take(lamp, Step.REROUTE, department=make.department("PUPR"))

    undone(draft, boss)

    assert where(lamp) == "PUPR"


def test_a_set_with_faults_is_refused_with_a_map_of_them(city, boss, tmp_path):
    draft = uploaded(city, boss, villages(tmp_path, overlap=0.001))

    fault = next(one for one in draft.problems if one["kind"] == "overlap")
    assert draft.state == Draft.State.REFUSED
    assert fault["area_m2"] == pytest.approx(0.001 * 0.02 * 110_000 * 110_600, rel=0.02)
    assert shapely.geometry.shape(fault["shape"]).area == pytest.approx(2e-5, rel=0.01)
    with pytest.raises(StaleDraft):
        proposing.publish(draft.pk, actor=boss)
    with pytest.raises(StaleDraft):
        proposing.accept(draft.pk)


def test_slivers_pass_where_an_administrator_lets_them(city, boss, tmp_path):
    draft = uploaded(city, boss, villages(tmp_path, overlap=2e-8))
    refused = draft.state

    proposing.accept(draft.pk)
    enacting.weigh(draft.pk)
    draft = published(Draft.objects.get(pk=draft.pk), boss)

    assert refused == Draft.State.REFUSED
    assert {one["kind"] for one in draft.edition.accepted} == {"overlap", "gap"}


def test_a_proposal_waits_for_its_instant(city, boss, tmp_path, queue):
    lamp = make.issue(lon=make.LON + 0.002)
    draft = uploaded(city, boss, villages(tmp_path))
    later = timezone.now() + timedelta(days=3)

    proposing.publish(draft.pk, actor=boss, at=later)
    enacting.enact(draft.pk)

    assert [job.scheduled_at for job in queue() if job.task_name == "publish_draft"] == [later]
    assert where(lamp) == "D2"
    Draft.objects.filter(pk=draft.pk).update(publish_at=timezone.now())
    enacting.enact(draft.pk)
    assert where(lamp) == "D1"


def test_a_proposal_that_is_held_back_is_not_published(city, boss, tmp_path):
    draft = uploaded(city, boss, villages(tmp_path))
    proposing.publish(draft.pk, actor=boss)

    proposing.hold(draft.pk)
    enacting.enact(draft.pk)

    assert Draft.objects.get(pk=draft.pk).state == Draft.State.READY
    assert Edition.objects.filter(layer="village").count() == 1


def test_a_job_that_comes_twice_publishes_and_undoes_once(city, boss, tmp_path):
    make.issue(lon=make.LON + 0.002)
    draft = published(uploaded(city, boss, villages(tmp_path)), boss)
    enacting.enact(draft.pk)
    undone(draft, boss)
    enacting.revoke(draft.pk)

    assert Event.objects.filter(step=Step.REROUTE).count() == 2
    assert Edition.objects.filter(layer="village").count() == 3


def test_only_what_is_in_force_can_be_undone(city, boss, tmp_path):
    first = published(uploaded(city, boss, villages(tmp_path)), boss)
    published(uploaded(city, boss, villages(tmp_path, border=make.LON + 0.006)), boss)

    with pytest.raises(StaleDraft):
        proposing.undo(first.pk, actor=boss)


def test_an_uploaded_file_is_kept_as_long_as_its_proposal(city, boss, tmp_path):
    draft = uploaded(city, boss, villages(tmp_path))
    later = timezone.now() + timedelta(days=30)

    kept = draft.path not in set(orphans(later))
    Draft.objects.filter(pk=draft.pk).update(path="")

    assert kept
    assert list(orphans(later)) == [draft.path]


def test_a_file_that_no_room_can_read_is_refused_with_a_reason(city, boss, tmp_path):
    path = tmp_path / "vrt.geojson"
    path.write_text("<OGRVRTDataSource/>")

    draft = uploaded(city, boss, path)

    assert (draft.state, draft.refusal) == (Draft.State.REFUSED, "isinya bukan GeoJSON")


# Rules ---------------------------------------------------------------------------------------


def ruled(city, boss, rule, **changes):
    told = {**book.values(rule), **changes}
    draft = proposing.propose_rule(city, rule, told, actor=boss)
    enacting.weigh(draft.pk)
    return Draft.objects.get(pk=draft.pk)


def test_a_changed_rule_moves_its_open_issues_and_back(city, boss):
    lamp = make.issue()
    other = make.issue(lon=make.LON - 0.01)
    make.department("D3")
    rule = RoutingRule.objects.get(code="lampu-1.2")
    before = book.values(rule)

    draft = ruled(city, boss, rule, department="D3", explanation="diserahkan")
    foreseen = [(one["number"], one["new"]) for one in draft.impact]
    draft = published(draft, boss)
    moved = where(lamp), where(other)
    undone(draft, boss)

    assert foreseen == [(lamp.number, "D3")]
    assert moved == ("D3", "D1")
    assert where(lamp) == "D2"
    assert book.values(RoutingRule.objects.get(code="lampu-1.2")) == before
    assert Event.objects.filter(step=Step.REROUTE, actor=boss).count() == 2
    assert broken() == []


def test_a_new_rule_gives_an_owner_to_what_had_none(city, boss):
    lamp = make.issue(lat=make.LAT - 0.01)
    make.department("D3")
    told = {**book.values(RoutingRule.objects.get(code="lampu-1.1")), "code": "lampu-2"}
    told |= {"level": None, "area_code": "", "department": "D3", "fallback": True}

    draft = proposing.propose_rule(city, None, told, actor=boss)
    enacting.weigh(draft.pk)
    draft = published(draft, boss)
    owner = where(lamp)
    undone(draft, boss)

    assert owner == "D3"
    assert where(lamp) is None
    assert not RoutingRule.objects.get(code="lampu-2").active


def test_two_who_change_one_rule_do_not_overwrite_each_other(city, boss):
    make.department("D3")
    rule = RoutingRule.objects.get(code="lampu-1.2")
    first = ruled(city, boss, rule, priority=5)
    second = ruled(city, boss, rule, department="D3")

    published(second, boss)
    first = published(first, boss)

    rule.refresh_from_db()
    assert (first.state, rule.department.code, rule.priority) == (Draft.State.REFUSED, "D3", 0)


def test_a_rule_that_ends_leaves_its_issues_to_whoever_comes_next(city, boss):
    lamp = make.issue()
    rule = RoutingRule.objects.get(code="lampu-1.2")

    draft = published(ruled(city, boss, rule, active=False), boss)

    assert where(lamp) is None
    assert office.fresh(lamp).status == Status.SUBMITTED
    undone(draft, boss)
    assert where(lamp) == "D2"
    assert Issue.objects.get(pk=lamp.pk).status == Status.ASSIGNED
    assert actions.allowed(office.fresh(lamp), make.user(Role.DISPATCHER))
