"""Known outages: announced once, seen on map and form, joined instead of reported again."""

from datetime import timedelta

import pytest
from django.contrib.gis.geos import Point
from django.utils import timezone

from geodata.crs import WGS84
from issues import actions, duplicates
from issues.errors import NotPermitted
from issues.models import Outage, PublicDetail, PublicIssue
from issues.workflow import Role
from tests import make
from tests.issues import office

pytestmark = pytest.mark.django_db

INSIDE = Point(make.LON + 0.003, make.LAT + 0.003, srid=WGS84)
ELSEWHERE = Point(make.LON - 0.003, make.LAT - 0.003, srid=WGS84)
PAGE = "/kerja/gangguan"


def announced(**fields):
    """Lamps are out in village 1.2."""
    city = make.world()
    now = timezone.now()
    values = {
        "uuid": make.uuid(7),
        "service_code": "lpju-mati",
        "area": make.square(),
        "places": "Kelurahan 1.2",
        "message": "Gardu rusak, lampu di kelurahan ini padam.",
        "starts_at": now,
        "ends_at": now + timedelta(hours=5),
    }
    wish = actions.Announcement(**(values | fields))
    return actions.announce_outage(wish, city=city, actor=make.user(Role.DISPATCHER))


def test_it_is_public_with_its_words_at_once():
    issue = announced()

    assert PublicIssue.objects.get().pk == issue.pk
    assert PublicDetail.objects.get().text == "Gardu rusak, lampu di kelurahan ini padam."


def test_the_form_offers_it_to_whoever_reports_there():
    issue = announced()

    found = duplicates.near(INSIDE, issue.category, "gelap")

    assert (found[0].row.number, found[0].distance_m) == (issue.number, 0.0)
    assert found[0].outage == Outage.objects.get()


def test_elsewhere_it_is_nobodys_matter():
    issue = announced()

    assert duplicates.near(ELSEWHERE, issue.category, "") == []


def test_it_stands_before_everything_that_is_near():
    make.issue(lon=INSIDE.x, lat=INSIDE.y)
    issue = announced()

    assert duplicates.near(INSIDE, issue.category, "")[0].row.number == issue.number


def test_who_joins_is_counted_at_the_one_issue():
    issue = announced()

    done = actions.support(issue.pk, ["somebody"])

    assert done.supports == 1


@pytest.mark.parametrize("hours", [-1, 0])
def test_what_is_over_is_offered_no_more(hours):
    issue = announced()

    actions.move_end(
        issue.pk, timezone.now() + timedelta(hours=hours), actor=make.user(Role.DISPATCHER)
    )

    assert not Outage.objects.current(timezone.now() + timedelta(seconds=1)).exists()


def test_the_same_form_twice_announces_once():
    first = announced(starts_at=timezone.now(), ends_at=None)

    assert announced(starts_at=timezone.now(), ends_at=None).pk == first.pk
    assert Outage.objects.count() == 1


def test_a_liaison_announces_nothing(client):
    make.world()

    assert office.liaison(client).get(PAGE).status_code == 404
    with pytest.raises(NotPermitted):
        actions.announce_outage(
            actions.Announcement(
                uuid=make.uuid(8),
                service_code="lpju-mati",
                area=make.square(),
                places="Kelurahan 1.2",
                message="Padam.",
                starts_at=timezone.now(),
            ),
            city=make.city(),
            actor=make.user(Role.LIAISON, department=make.department()),
        )
    assert not PublicIssue.objects.exists()


def test_the_desk_announces_some_villages_and_ends_it(client):
    make.world()
    desk = office.dispatcher(client)
    form = {
        "uuid": str(make.uuid(9)),
        "service_code": "lpju-mati",
        "villages": ["1.1", "1.2"],
        "message": "Padam bergilir.",
        "starts_at": "2026-11-21T08:00",
    }

    assert desk.post(PAGE, form | {"villages": []}).status_code == 422
    assert desk.post(PAGE, form).status_code == 302
    issue = PublicIssue.objects.get()
    everybody = client.get("/peta/gangguan").json()["features"]
    assert [one["properties"]["number"] for one in everybody] == [issue.number]
    assert "Gangguan yang sudah diketahui" in client.get("/lapor").content.decode()
    assert desk.post(f"{PAGE}/{issue.number}/selesai", {"now": "1"}).status_code == 302
    assert client.get("/peta/gangguan").json()["features"] == []
