"""Reports and photos by the JSON API: receipts, repeats, refusals in the one shape."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from geodata.models import Jurisdiction
from issues import actions
from issues.forms.report import PRIVACY
from issues.models import Category, Issue, Photo, Reporter
from issues.serializers import PRIVACY_WORDS
from tests import make
from tests.issues import photo_corpus
from tests.issues.sender import HERE, body, fault, paid, send

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return make.world()


def test_a_report_gets_number_link_department_and_dates(client):
    content = paid(client, body(contact={"email": "warga@example.com"}, consent=True))
    response = send(client, content)

    receipt = response.json()
    issue = Issue.objects.get(uuid=receipt["id"])
    assert response.status_code == 201
    assert receipt["number"] == issue.number
    assert receipt["department"] == "Dinas Dishub"
    assert receipt["tracking_url"] == f"http://testserver/lacak#{receipt['token']}"
    assert receipt["due_at"] > receipt["received_at"]
    assert actions.by_token(issue.city, receipt["token"]) == issue
    assert Reporter.objects.get(pk=issue.pk).email == "warga@example.com"


@pytest.mark.parametrize(
    ("street", "statements"), [("Jalan Melati", 15), ("", 16)], ids=["on a street", "off the map"]
)
def test_a_report_costs_fifteen_statements_and_one_more_to_find_a_street(
    client, street, statements
):
    if street:
        make.road([(HERE["lon"], HERE["lat"]), (make.LON, make.LAT)], name=street)
    send(client, body())

    with CaptureQueriesContext(connection) as asked:
        assert send(client, body()).status_code == 201

    begin_and_commit = 2
    assert len(asked) - begin_and_commit <= statements


def test_the_same_body_again_gets_the_first_receipt(client):
    content = body()

    first, again = send(client, content), send(client, content)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert Issue.objects.count() == 1


def test_photos_that_will_follow_stand_in_for_words(client):
    content = body(photo_count=1)
    del content["description"]

    assert send(client, content | {"photo_count": 0}).status_code == 400
    first, again = send(client, content), send(client, content)

    assert (first.status_code, again.status_code) == (201, 200)
    assert Issue.objects.get().description == ""


def test_another_body_under_the_same_id_is_refused_and_learns_nothing(client):
    first = body(description="Lampu di depan rumah nomor dua belas mati.")
    receipt = send(client, first).json()

    refused = send(client, first | {"description": "Sesuatu yang sama sekali lain."})

    assert refused.status_code == 422
    assert fault(refused)["code"] == "DifferentSubmission"
    for secret in (receipt["number"], receipt["token"], "dua belas", "Dishub"):
        assert secret not in refused.content.decode()


@pytest.mark.django_db(transaction=True)
def test_eight_senders_of_one_report_at_once_make_one_issue():
    content = body()

    def one(_):
        try:
            return send(Client(), content)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(8)))

    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["token"] for answer in answers}) == 1
    assert Issue.objects.count() == 1


def test_every_member_of_an_issue_that_is_not_the_senders_is_refused(client):
    mine = {"id", "service_code", "lat", "lon", "accuracy_m", "address", "description", "answers"}
    mine |= {"street", "side", "assets", "observed_at"}
    names = {field.name for field in Issue._meta.get_fields()} - mine

    for name in names:
        refused = send(client, body() | {name: "resolved"})
        assert (refused.status_code, list(fault(refused)["fields"])) == (400, [name])
    assert not Issue.objects.exists()


@pytest.mark.parametrize(
    ("strange", "named"),
    [
        ({"confidential": True}, "confidential"), ({"privasi": "rahasia"}, "privasi"),
        ({"privacy": 0}, "privacy"), ({"privacy": []}, "privacy"), ({"privacy": ""}, "privacy"),
        ({"privacy": {}}, "privacy"), ({"privacy": False}, "privacy"),
        ({"contact.email": "a@contoh.id"}, "contact.email"), ({"contact": []}, "contact"),
        ({"contact": {"mail": "a@contoh.id"}}, "contact.mail"), ({"channel": "radio"}, "channel"),
    ],
)  # fmt: skip
def test_a_wish_that_nobody_would_read_is_refused_by_its_name(client, strange, named):
    refused = send(client, body() | strange)

    assert (refused.status_code, list(fault(refused)["fields"])) == (400, [named])
    assert not Issue.objects.exists()


@pytest.mark.parametrize("told", ["web", "mobile", "api", None])
def test_a_sender_names_its_door(client, told):
    number = send(client, body(channel=told)).json()["number"]

    assert Issue.objects.get(number=number).channel == (told or "api")


@pytest.mark.parametrize("change", [{"active": False}, {"confidential": True}])
def test_an_acknowledged_report_gets_its_receipt_after_its_kind_has_changed(client, change):
    make.question("lpju-mati", "tiang", kind="asset", layer="lamp")
    content = body(answers={"tiang": "12"})
    first = send(client, content)
    Category.objects.filter(service_code="lpju-mati").update(**change)

    again = send(client, content)

    assert (again.status_code, again.json()) == (200, first.json())
    assert send(client, content | {"id": str(uuid4())}).status_code == (
        400 if "active" in change else 201
    )


def test_an_acknowledged_report_gets_its_receipt_after_its_area_is_gone(client):
    content = body(lat=None, lon=None, area_code="1.2")
    first = send(client, content)
    Jurisdiction.objects.filter(code="1.2").update(code="1.9")

    again = send(client, content)

    assert (again.status_code, again.json()) == (200, first.json())


def test_faults_have_the_names_that_the_sender_used(client):
    refused = send(
        client, body(id="x", lat=91, contact={"email": "saya", "phone": "x"}, consent=True)
    )

    assert set(fault(refused)["fields"]) == {"id", "lat", "contact.email", "contact.phone"}


@pytest.mark.parametrize(("word", "flags"), PRIVACY.items())
def test_privacy_words_set_both_flags(client, word, flags):
    number = send(client, body(privacy=word)).json()["number"]

    issue = Issue.objects.get(number=number)
    assert (issue.anonymous, issue.confidential) == flags


def test_the_schema_offers_the_words_that_the_form_knows():
    assert set(PRIVACY_WORDS) == set(PRIVACY)


def test_outside_the_city_the_refusal_is_of_the_one_shape(client):
    refused = send(client, body(lat=-8.5, lon=115.2))

    told = fault(refused)
    assert (refused.status_code, told["code"]) == (422, "OutsideCoverage")
    assert "15 km di luar batas Denpasar" in told["message"]
    assert told["fields"] == {name: [told["message"]] for name in ("lat", "lon")}
    assert not Issue.objects.exists()


def test_faults_stand_under_their_fields(client):
    refused = send(client, {"lat": "selatan", "privacy": "semua"})

    assert refused.status_code == 400
    assert {"lat", "privacy"} <= set(fault(refused)["fields"])


@pytest.mark.parametrize(
    "answers",
    [
        [],
        "ya",
        {"a": {"b": 1}},
        {"a": [{}]},
        {"a": "\x00"},
        {"a": "\ud800"},
        {"\ud800": 1},
        {"a": "x" * 501},
        {str(n): n for n in range(31)},
        {"a": "\u202e"},
    ],
)
def test_answers_must_be_plain(client, answers):
    refused = send(client, json.dumps(body(answers=answers)))

    assert refused.status_code == 400
    assert "answers" in fault(refused)["fields"]


def test_answers_to_what_a_kind_asks_are_kept(client):
    make.question("lpju-mati", "tiang", kind="text")
    make.question("lpju-mati", "malam", kind="number")
    make.question("lpju-mati", "padam", choices=[make.choice("ya"), make.choice("tidak")])
    answers = {"tiang": "ꦧꦭꦶ 12", "malam": 3, "padam": True}

    number = send(client, body(answers=answers)).json()["number"]

    kept = {"tiang": "ꦧꦭꦶ 12", "malam": 3, "padam": "ya"}
    assert Issue.objects.get(number=number).answers == kept


def test_an_answer_that_nobody_asked_for_is_refused_by_its_name(client):
    refused = send(client, body(answers={"umur": 31}))

    assert (refused.status_code, list(fault(refused)["fields"])) == (400, ["answers.umur"])


# Photos --------------------------------------------------------------------------------------


def upload(client, issue, *, token=None, photo=None, **fields):
    data = photo or photo_corpus.jpeg()
    return client.post(
        f"/api/issues/{issue.uuid}/photos",
        {"id": str(make.uuid(7)), "photo": SimpleUploadedFile("x.jpg", data), **fields},
        headers={"authorization": f"Tracking {token or actions.token_for(issue)}"},
    )


def test_a_photo_is_taken_once_however_often_it_is_sent(client):
    issue = make.issue()
    data = photo_corpus.jpeg()
    digest = hashlib.sha256(data).hexdigest()

    answers = [upload(client, issue, photo=data, sha256=digest) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert (
        answers[0].json()
        == answers[1].json()
        == {
            "id": str(make.uuid(7)),
            "state": "waiting",
            "sha256": digest,
        }
    )
    assert Photo.objects.count() == 1


def test_another_file_under_the_same_key_is_refused(client):
    issue = make.issue()
    upload(client, issue)

    refused = upload(client, issue, photo=photo_corpus.png())

    assert refused.status_code == 422
    assert fault(refused)["code"] == "DifferentSubmission"


@pytest.mark.parametrize("token", ["", "x", "a" * 32, "another's"])
def test_without_the_secret_there_is_no_such_report(client, token):
    issue = make.issue()
    if token == "another's":
        token = actions.token_for(make.issue())

    refused = client.post(
        f"/api/issues/{issue.uuid}/photos", headers={"authorization": f"Tracking {token}"}
    )
    missing = client.post(f"/api/issues/{uuid4()}/photos")

    assert refused.status_code == missing.status_code == 404
    assert refused.content == missing.content


def test_a_photo_that_changed_on_the_way_is_refused(client):
    refused = upload(client, make.issue(), sha256="0" * 64)

    assert refused.status_code == 422
    assert not Photo.objects.exists()


def test_a_file_that_is_no_photo_is_refused_with_the_reason(client):
    refused = upload(client, make.issue(), photo=b"<svg onload=alert(1)>")

    assert refused.status_code == 422
    assert fault(refused)["code"] == "PhotoRefused"


@pytest.mark.parametrize("weight", [20_000_000, "abc", "-1"])
def test_a_body_that_weighs_too_much_is_refused_before_it_is_read(client, weight):
    issue = make.issue()

    refused = client.post(
        f"/api/issues/{issue.uuid}/photos",
        headers={"authorization": f"Tracking {actions.token_for(issue)}"},
        CONTENT_LENGTH=str(weight),
    )

    assert refused.status_code in {400, 422}
    assert not Photo.objects.exists()
