"""Things with a number: near a pin, behind a sticker, in a report."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from geodata.models import Edition
from issues.models import IssueAsset
from issues.workflow import Role, Step
from tests import make
from tests.issues.citizen import text
from tests.issues.sender import HERE

pytestmark = pytest.mark.django_db

METRE = 1 / 111_320


@pytest.fixture(autouse=True)
def _lamps(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    make.world()
    make.category("lpju-mati", exact_place=True)
    make.question("lpju-mati", "tiang", kind="asset", layer="lamp")
    make.lamp("L-1", lat=HERE["lat"] + 100 * METRE)
    make.lamp("L-2", lat=HERE["lat"] + 20 * METRE)
    make.lamp("L-9", lat=HERE["lat"] + 160 * METRE)


def near(client, **fields):
    return client.get("/peta/aset", {"layer": "lamp", **HERE, **fields})


def tied(code="L-1", **fields):
    return make.issue(assets=(code,), **fields)


def test_things_near_a_pin_come_nearest_first(client):
    found = near(client).json()

    assert [one["code"] for one in found] == ["L-2", "L-1"]
    assert set(found[0]) == {"code", "name", "lat", "lon", "distance_m", "reported"}
    assert found[0]["distance_m"] == pytest.approx(20, abs=0.5)


def test_a_thing_that_is_reported_says_under_which_number_until_it_is_done(client):
    issue = tied()
    assert [one["reported"] for one in near(client).json()] == [None, issue.number]

    for step in (Step.ACCEPT, Step.START, Step.RESOLVE):
        issue = make.take(issue, step)

    assert [one["reported"] for one in near(client).json()] == [None, None]


@pytest.mark.parametrize(
    "hidden", [{"confidential": True}, {"held": True}, {"service_code": "rumah-bising"}]
)
def test_what_is_not_public_marks_no_thing_and_stands_on_no_page(client, hidden):
    make.category("rumah-bising", exact_place=False)
    issue = tied(**hidden)
    assert issue.assets.exists()

    assert {one["reported"] for one in near(client).json()} == {None}
    assert issue.number not in text(client.get("/a/L-1/riwayat"))


@pytest.mark.parametrize("layer", ["road", "", "x" * 99])
def test_a_layer_that_nobody_asks_for_is_empty(client, layer):
    make.road([(HERE["lon"], HERE["lat"]), (make.LON, make.LAT)], code="R-1")

    assert near(client, layer=layer).json() == []


@pytest.mark.parametrize("place", [{"lat": "x"}, {"lat": "nan"}, {"lat": 91}, {"lon": 1e300}])
def test_no_place_on_earth_is_a_fault(client, place):
    assert near(client, **place).status_code == 400


def test_looking_near_a_pin_costs_one_statement_more_than_the_city(client):
    near(client)
    with CaptureQueriesContext(connection) as asked:
        near(client)

    assert len([one for one in asked if "issues_issueasset" in one["sql"]]) == 1
    assert len(asked) <= 2


def test_the_page_of_a_pole_tells_place_history_and_leads_to_the_form(client):
    issue = tied()

    page = text(client.get("/a/L-1/riwayat"))

    assert issue.number in page
    assert "Kelurahan 1.2" in page
    assert "/lapor?aset=L-1" in page


def test_a_sticker_in_small_letters_is_known(client):
    assert client.get("/a/l-1").url == "/lapor?aset=L-1"
    assert client.get("/a/l-1/riwayat").status_code == 200


@pytest.mark.parametrize("code", ["L-404", "x" * 200, "<b>"])
def test_a_wrong_number_is_told_kindly_and_can_be_typed_again(client, code):
    for door in (f"/a/{code}", f"/a/{code}/riwayat"):
        answer = client.get(door)

        assert answer.status_code == 404
        assert "Nomor ini tidak kami kenal" in text(answer)
        assert "<b>" not in text(answer)


def test_a_typed_number_leads_to_its_page(client):
    assert client.get("/a", {"kode": " L-1 "}).url == "/a/L-1/riwayat"
    assert client.get("/a").status_code == 404


def test_a_thing_of_an_old_edition_is_known_no_more(client):
    Edition.objects.filter(layer="lamp").update(valid=("2013-01-01", "2014-01-01"))

    assert client.get("/a/L-1").status_code == 404


def test_the_address_on_a_sticker_leads_to_the_form_which_leads_to_the_history(client):
    page = text(client.get("/a/L-1", follow=True))

    assert 'name="lat" value=' in page
    assert "Tiang L-1 sudah terisi." in page
    assert 'href="/a/L-1/riwayat"' in page


def test_staff_print_stickers_and_hear_of_unknown_numbers(client):
    client.force_login(make.user(Role.LIAISON, department=make.department()))

    page = client.get("/kerja/stiker", {"kode": "l-1, X-9"})

    [one] = page.context["stickers"]
    assert one["address"].endswith("/a/L-1")
    assert one["qr"].startswith("data:image/svg+xml")
    assert page.context["unknown"] == ["X-9"]


def test_a_sticker_fills_the_place_and_the_pole_into_the_form(client):
    page = text(client.get("/lapor?aset=L-1"))

    assert f'name="lat" value="{HERE["lat"] + 100 * METRE}"' in page


def test_a_sticker_names_its_pole_without_javascript(client):
    fields = {"uuid": str(make.uuid(3)), "service_code": "lpju-mati", **HERE}
    fields |= {"description": "Lampu mati sejak tadi malam.", "seen": "lpju-mati/tiang"}

    client.post("/lapor?aset=L-1", fields)

    assert [tie.code for tie in IssueAsset.objects.all()] == ["L-1"]
