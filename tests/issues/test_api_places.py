"""What the JSON doors say about a place: which kinds are served, what they ask, on which side."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from issues.models import Issue
from tests import make
from tests.issues.sender import HERE, body, fault, paid, send

pytestmark = pytest.mark.django_db

METRE = 1 / 111_320


@pytest.fixture(autouse=True)
def _world(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return make.world()


def codes(client, **place):
    return {one["service_code"] for one in client.get("/api/categories", place).json()}


# Categories ----------------------------------------------------------------------------------


def test_a_place_offers_what_somebody_serves_there_and_what_is_nobodys_on_purpose(client):
    make.category("sungai")
    make.rule("sungai", to="BWS", service_code="sungai", level=3, area_code="2.1")

    assert codes(client) == {"lpju-mati", "layanan-lambat", "sungai"}
    assert codes(client, **HERE) == {"lpju-mati", "layanan-lambat"}
    assert codes(client, area_code="2.1") == {"lpju-mati", "layanan-lambat", "sungai"}


def test_a_rule_that_demands_an_answer_may_fit_so_its_kind_is_offered(client):
    make.category("sungai")
    make.rule("sungai", to="BWS", service_code="sungai", facts={"sungai": "induk"})

    assert "sungai" in codes(client, **HERE)


def test_outside_the_city_only_what_is_nobodys_is_offered(client):
    assert codes(client, lat=-8.5, lon=115.2) == {"layanan-lambat"}


@pytest.mark.parametrize(
    "place",
    [
        {"lat": -8.65}, {"lat": "nan", "lon": 115}, {"lat": 115, "lon": -8}, {"area_code": "9.9"},
        {"lat": "x", "lon": 1}, {"place": "here"},
    ],
)  # fmt: skip
def test_a_place_that_is_none_is_a_fault(client, place):
    refused = client.get("/api/categories", place)

    assert refused.status_code in {400, 422}
    assert fault(refused)["message"]


def test_the_offer_refuses_no_report(client):
    make.category("sungai")
    make.rule("sungai", to="BWS", service_code="sungai", level=3, area_code="2.1")

    taken = send(client, paid(client, body(service_code="sungai")))

    assert (taken.status_code, taken.json()["department"]) == (201, None)


def test_a_kind_asks_its_parents_questions_first(client):
    parent = make.category("lpju")
    lamp = make.category("lpju-mati")
    type(lamp).objects.filter(pk=lamp.pk).update(parent=parent)
    make.question(lamp, "jumlah", condition={"tiang": "satu"})
    make.question(parent, "tiang", required=True)
    make.question(parent, "lama", active=False)

    kinds = client.get("/api/categories", headers={"accept-language": "en"}).json()
    asked = next(one for one in kinds if one["service_code"] == "lpju-mati")["questions"]

    assert [one["code"] for one in asked] == ["tiang", "jumlah"]
    assert asked[1]["condition"] == {"tiang": ["satu"]}
    assert asked[0]["choices"][0] == {"code": "satu", "label": "Satu (en)"}
    assert asked[0]["required"]


def test_kinds_and_their_questions_cost_one_statement_and_a_place_one_more(client):
    make.question("lpju-mati", "jumlah")
    client.get("/api/categories")
    with CaptureQueriesContext(connection) as everywhere:
        client.get("/api/categories")
    with CaptureQueriesContext(connection) as here:
        client.get("/api/categories", HERE)

    assert len(here) == len(everywhere) + 1


# Who is responsible for more than a point ---------------------------------------------------


def responsible(client, **place):
    answer = client.get("/api/route", {"service_code": "lpju-mati", **place}).json()
    return answer["covered"], answer["department"] and answer["department"]["name"], answer["edge"]


def test_a_whole_street_and_an_area_have_somebody_responsible_too(client):
    lat = HERE["lat"]
    make.road([(HERE["lon"], lat), (HERE["lon"] + 0.001, lat)], name="Jalan Raya Uji")
    at_the_point = responsible(client, **HERE)

    assert at_the_point[1]
    assert responsible(client, street="Jalan Raya Uji") == at_the_point
    assert responsible(client, area_code="1.1") == at_the_point


@pytest.mark.parametrize("place", [{"street": "Jalan Entah"}, {"area_code": "9.9"}, {"lat": -8.6}])
def test_a_place_that_nobody_knows_is_a_fault(client, place):
    response = client.get("/api/route", {"service_code": "lpju-mati", **place})

    assert response.status_code in {400, 422}


# The question near an edge -------------------------------------------------------------------


def the_road():
    """Draw a national road 40 m south of the place, whose lamps are BPTD's."""
    lat = HERE["lat"] - 40 * METRE
    make.road([(make.LON, lat), (make.LON + make.SIDE, lat)], name="Jalan Raya Uji")
    make.rule("raya", to="BPTD", service_code="lpju", road_class="national", within_m=30)


def route(client, **fields):
    return client.get("/api/route", {"service_code": "lpju-mati", **HERE, **fields}).json()


def test_a_circle_over_an_edge_is_asked_about(client):
    the_road()

    edge = route(client, accuracy_m=20)["edge"]

    assert edge["question"]
    assert [one["side"] for one in edge["choices"]] == ["lampu", "raya"]
    assert edge["choices"][1]["department"] == {"code": "BPTD", "name": "Dinas Bptd"}


@pytest.mark.parametrize("place", [{}, {"accuracy_m": 5}, {"accuracy_m": 20, "lat": -8.5}])
def test_without_a_doubt_nothing_is_asked(client, place):
    the_road()

    assert route(client, **place)["edge"] is None


def test_a_side_costs_no_statement_and_a_pole_one(client):
    the_road()
    make.question("lpju-mati", "tiang", kind="asset", layer="lamp")
    make.lamp("L-1")
    costs = []
    send(client, body())
    for fields in ({}, {"side": "raya", "accuracy_m": 20}, {"assets": ["L-1"]}):
        content = paid(client, body(**fields))
        with CaptureQueriesContext(connection) as asked:
            assert send(client, content).status_code == 201
        costs.append(len(asked))

    assert costs[1] <= costs[0] + 1
    assert costs[2] <= costs[0] + 1
    assert Issue.objects.filter(side="raya").exists()


# A report that says more ---------------------------------------------------------------------


def test_everything_new_is_kept(client):
    the_road()
    make.question("lpju-mati", "tiang", kind="asset", layer="lamp")
    make.lamp("L-1")
    said = {"side": "raya", "accuracy_m": 20, "observed_at": "2026-03-10T08:00:00+08:00"}

    taken = send(client, paid(client, body(assets=["L-1"], answers={"tiang": ["T-17"]}, **said)))

    issue = Issue.objects.get(number=taken.json()["number"])
    assert (issue.side, issue.observed_at.isoformat()) == ("raya", "2026-03-10T00:00:00+00:00")
    assert issue.answers == {"tiang": ["L-1", "T-17"]}
    assert [tie.code for tie in issue.assets.all()] == ["L-1"]
    assert taken.json()["held"] is False


def test_a_report_that_nobody_has_paid_for_is_taken_and_held(client):
    taken = send(client, body())

    assert (taken.status_code, taken.json()["held"]) == (201, True)
    assert Issue.objects.get().department is None


def test_a_whole_street_and_a_whole_city_are_taken(client):
    the_road()
    street, everywhere = (
        send(client, paid(client, body(lat=None, lon=None, **place))).json()
        for place in ({"street": "jalan raya uji"}, {"area_code": "0"})
    )

    assert street["department"] == "Dinas Bptd"
    assert everywhere["department"] == "Dinas Dishub"


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("observed_at", "kemarin"), ("observed_at", "2026-03-10T08:00:00"), ("observed_at", 5),
        ("assets", "L-1"), ("assets", [1]), ("assets", [str(n) for n in range(11)]),
        ("side", 5), ("side", "x" * 61), ("street", 5), ("proof", []), ("answers", {"x": "y"}),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_by_its_name(client, member, value):
    refused = send(client, body(**{member: value}))

    named = {name.partition(".")[0] for name in fault(refused)["fields"]}
    assert (refused.status_code, named) == (400, {member})


@pytest.mark.parametrize(
    ("moment", "kept"),
    [("0001-01-01T00:00:00+08:00", False), ("9999-12-31T23:59:59-08:00", False),
     ("2016-02-29T12:00:00Z", True), ("2036-01-01T00:00:00Z", True)],
)  # fmt: skip
def test_a_clock_that_is_wrong_by_years_refuses_nothing(client, moment, kept):
    taken = send(client, body(observed_at=moment))

    assert taken.status_code == 201
    assert (Issue.objects.get().observed_at is not None) is kept


def test_a_street_that_nobody_knows_is_told_under_its_name(client):
    refused = send(client, body(lat=None, lon=None, street="Jalan Entah"))

    assert (refused.status_code, list(fault(refused)["fields"])) == (400, ["street"])


def test_a_stopper_refuses_over_the_api_with_its_words(client):
    make.question("lpju-mati", "letak")
    notice = {"kind": "notice", "stops": True, "text": "Hubungi PLN 123 atau 112 sekarang."}
    make.question("lpju-mati", "awas", condition={"letak": "satu"}, choices=[], **notice)

    refused = send(client, body(answers={"letak": "satu"}))

    assert fault(refused)["fields"] == {"answers.awas": [notice["text"]]}
    assert send(client, body(answers={"letak": "dua"})).status_code == 201


def test_an_acknowledged_report_gets_its_receipt_after_its_questions_have_changed(client):
    asked = make.question("lpju-mati", "jumlah")
    content = body(answers={"jumlah": "satu"})
    first = send(client, content)
    asked.delete()
    make.question("lpju-mati", "lain", required=True)

    again = send(client, content)

    assert (again.status_code, again.json()) == (200, first.json())
