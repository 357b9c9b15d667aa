"""Reports that are no point: a whole street, an area, the city; and reports near an edge."""

import pytest
from django.contrib.gis.geos import Point

from geodata import streets
from geodata.crs import WGS84
from geodata.models import Asset
from issues import actions
from issues.errors import UnknownCategory
from issues.invariants import TRUTHS
from issues.models import Issue, IssueAsset, PublicIssue
from tests import make

pytestmark = pytest.mark.django_db

METRE = 1 / 111_320


@pytest.fixture
def city():
    """A world with a national road through village 1.2, whose lamps are BPTD's."""
    city = make.world()
    line = [(make.LON + 0.001, make.LAT + 0.005), (make.LON + 0.019, make.LAT + 0.005)]
    make.road(line, name="Jalan Teuku Umar")
    make.rule("lampu-raya", to="BPTD", service_code="lpju", road_class="national", within_m=30)
    return city


def along(**fields):
    return make.draft(lon=None, lat=None, **({"street": "jln teuku umar"} | fields))


def test_a_whole_street_is_routed_by_its_road_and_has_no_point(city):
    issue = actions.submit(along(), city=city).issue

    assert issue.department.code == "BPTD"
    assert (issue.point, issue.street) == (None, "Jalan Teuku Umar")
    assert issue.place == "Sepanjang Jalan Teuku Umar, Kelurahan 1.2"
    assert issue.jurisdiction.code == "1.2"


@pytest.mark.parametrize("name", ["Jalan Teuku Umar", "teuku umar", "Jl. Teuku  Umar"])
def test_a_street_is_known_by_every_spelling_of_its_whole_name(city, name):
    assert streets.named(name, city).name == "Jalan Teuku Umar"


@pytest.mark.parametrize("name", ["umar", "Jalan Teuku", "Jalan Lain", "", " ", "%", "jalan"])
def test_half_a_name_is_no_street(city, name):
    assert streets.named(name, city) is None


def test_a_street_through_two_villages_lies_in_the_area_that_holds_it_all(city):
    line = [(make.LON - 0.01, make.LAT + 0.008), (make.LON + 0.01, make.LAT + 0.008)]
    make.road(line, name="Jalan Panjang", road_class="city")

    issue = actions.submit(along(street="Jalan Panjang"), city=city).issue

    assert issue.jurisdiction.code == "1"


def test_a_street_that_nobody_knows_is_refused(city):
    with pytest.raises(UnknownCategory):
        actions.submit(along(street="Jalan Entah"), city=city)


@pytest.mark.parametrize("fields", [{"street": "Jalan Teuku Umar"}, {"area_code": "0"}])
def test_what_has_no_point_is_off_the_map_and_in_every_list(city, client, fields):
    issue = actions.submit(make.draft(lon=None, lat=None, **fields), city=city).issue

    shown = PublicIssue.objects.get(pk=issue.pk)
    assert (shown.point, shown.q) == (None, None)
    assert issue.number in client.get("/laporan").content.decode()
    assert issue.number in str(client.get("/api/issues").json())


def test_a_street_keeps_its_road_when_a_new_edition_comes(city):
    issue = actions.submit(along(), city=city).issue

    actions.reroute_land(city, make.square(), reason="edisi baru")
    issue.refresh_from_db()

    assert issue.department.code == "BPTD"
    assert issue.place.startswith("Sepanjang Jalan Teuku Umar")


def near_the_road(**fields):
    """A lamp 40 m off the road, as a phone that is 25 m wrong sees it."""
    lat = make.LAT + 0.005 + 40 * METRE
    return make.draft(lat=lat, accuracy_m=25.0, **fields)


def test_a_side_sends_a_report_where_its_sender_says_it_is(city):
    pin = actions.submit(near_the_road(), city=city)
    side = actions.submit(near_the_road(side="lampu-raya"), city=city)

    assert (pin.issue.department.code, side.issue.department.code) == ("DISHUB", "BPTD")
    assert side.issue.side == "lampu-raya"
    assert side.decision.trace[0]["side"] is True
    assert side.issue.point.y == pytest.approx(make.LAT + 0.005 + 40 * METRE)


def test_a_made_up_side_changes_nothing_and_is_not_kept(city):
    issue = actions.submit(near_the_road(side="lampu-mars"), city=city).issue

    assert (issue.department.code, issue.side) == ("DISHUB", "")


def test_a_side_survives_a_new_edition(city):
    issue = actions.submit(near_the_road(side="lampu-raya"), city=city).issue

    actions.reroute_land(city, make.square(), reason="edisi baru")
    issue.refresh_from_db()

    assert issue.department.code == "BPTD"


def test_what_a_report_could_not_say_once_leaves_its_fingerprint_alone():
    old = make.draft(uuid=make.uuid(1))

    assert old.fingerprint == make.draft(uuid=make.uuid(1), held=True, things=("L-1",)).fingerprint
    for said in ({"side": "x"}, {"street": "x"}, {"assets": ("L-1",)}):
        assert make.draft(uuid=make.uuid(1), **said).fingerprint != old.fingerprint


def test_a_known_hash_still_fits():
    draft = make.draft(uuid=make.uuid(1))

    assert draft.fingerprint == ("339a727eb87eaa7e4255dcf110edbfc57f83a6da120056859d76c37f9d6c7bd4")


def test_a_held_report_is_nobodys_and_not_public(city):
    issue = actions.submit(make.draft(held=True), city=city).issue

    assert (issue.department, issue.status) == (None, "submitted")
    assert not PublicIssue.objects.filter(pk=issue.pk).exists()
    assert not [fault for truth in TRUTHS for fault in truth.find(None) if truth.name == "held"]


def test_a_report_names_the_things_that_the_city_knows(city):
    make.question("lpju-mati", "tiang", kind="asset", layer="lamp")
    make.lamp("L-1")
    make.lamp("L-2")

    issue = actions.submit(make.draft(assets=("l-1", "T-17")), city=city).issue

    assert [str(tie) for tie in issue.assets.all()] == ["lamp L-1"]


def test_a_thing_of_a_layer_that_nobody_asks_for_ties_nothing(city):
    make.lamp("L-1")
    Asset.objects.filter(layer="road").update(code="R-1")

    actions.submit(make.draft(assets=("L-1", "R-1")), city=city)

    assert not IssueAsset.objects.exists()


def test_a_ghost_of_a_clock_rules_nothing(city):
    long_ago = make.LONG_AGO
    plain, odd = (
        actions.submit(make.draft(observed_at=moment), city=city, at=None).issue
        for moment in (None, long_ago)
    )

    assert odd.observed_at == long_ago
    assert abs(odd.due_at - plain.due_at) < make.days(0.1)
    assert list(Issue.objects.order_by("received_at")) == [plain, odd]


def test_a_point_wins_over_a_street(city):
    issue = actions.submit(make.draft(street="Jalan Teuku Umar"), city=city).issue

    assert (issue.street, issue.point is not None) == ("", True)
    assert issue.point == Point(make.LON + make.SIDE / 2, make.LAT + make.SIDE / 2, srid=WGS84)
