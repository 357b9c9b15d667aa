"""The JSON doors over HTTP: shapes, errors, replay, paging, and how many statements each costs."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from geodata.models import Edition, Jurisdiction
from issues import actions
from issues.forms.report import PRIVACY
from issues.models import Category, Issue, Photo, PublicIssue, Reporter
from issues.serializers import PRIVACY_WORDS
from issues.workflow import Step
from tests import make
from tests.issues import photo_corpus

pytestmark = pytest.mark.django_db

HERE = {"lat": make.LAT + make.SIDE / 2, "lon": make.LON + make.SIDE / 2}
NOON = datetime(2026, 3, 10, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _world(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return make.world()


def body(**fields):
    return {
        "id": str(uuid4()),
        "service_code": "lpju-mati",
        "description": "Lampu jalan mati sejak tiga malam.",
        **HERE,
    } | fields


def send(client, content, **headers):
    return client.post("/api/issues", content, content_type="application/json", headers=headers)


def fault(response):
    assert set(response.json()) == {"error"}
    assert set(response.json()["error"]) == {"code", "message", "fields"}
    return response.json()["error"]


# Reports in ----------------------------------------------------------------------------------


def test_a_report_gets_number_link_department_and_dates(client):
    response = send(client, body(contact={"email": "warga@example.com"}, consent=True))

    receipt = response.json()
    issue = Issue.objects.get(uuid=receipt["id"])
    assert response.status_code == 201
    assert receipt["number"] == issue.number
    assert receipt["department"] == "Dinas Dishub"
    assert receipt["tracking_url"] == f"http://testserver/lacak#{receipt['token']}"
    assert receipt["due_at"] > receipt["received_at"]
    assert actions.by_token(issue.city, receipt["token"]) == issue
    assert Reporter.objects.get(pk=issue.pk).email == "warga@example.com"


def test_a_report_costs_fifteen_statements_and_its_transaction(client):
    send(client, body())

    with CaptureQueriesContext(connection) as asked:
        assert send(client, body()).status_code == 201

    begin_and_commit = 2
    assert len(asked) - begin_and_commit <= 15


def test_the_same_body_again_gets_the_first_receipt(client):
    content = body()

    first, again = send(client, content), send(client, content)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert Issue.objects.count() == 1


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
        {"a": [1]},
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


def test_plain_answers_are_kept(client):
    answers = {"tiang": "12", "padam": True, "malam": 3, "ꦲ": "ꦧꦭꦶ"}

    number = send(client, body(answers=answers)).json()["number"]

    assert Issue.objects.get(number=number).answers == answers


# What strangers send -------------------------------------------------------------------------

DEEP = [10, 33, 900, 5_000, 100_000]
HOSTILE = {
    "empty": b"",
    "nothing": b"null",
    "a list": b"[]",
    "a number": b"1",
    "half": b'{"id":',
    "not utf-8": b'{"id": "\xff\xfe"}',
    "utf-16": '{"id": 1}'.encode("utf-16"),
    "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
    "NaN": b'{"lat": NaN}',
    "Infinity": b'{"lat": -Infinity}',
    "doubled keys": b'{"id": "1", "id": "2"}',
    "400 digits": b'{"lat": ' + b"9" * 400 + b"}",
    "5000 digits": b'{"lat": ' + b"9" * 5000 + b"}",
    "1e999": b'{"lat": 1e999, "lon": -1e999}',
    "1e200": json.dumps(body(lat=1e200, lon=1e200)).encode(),
    "NUL": json.dumps(body(description="a\x00" * 20)).encode().replace(b"a", b""),
    "NUL in a code": json.dumps(body(service_code="lpju\x00mati")).encode(),
    "lone surrogate in a code": json.dumps(body(service_code="\ud800")).encode(),
    "lone surrogate in an area": json.dumps(body(lat=None, lon=None, area_code="\ud800")).encode(),
    "lone surrogate as a name": b'{"\\ud800": 1}',
    "lone surrogate as privacy": json.dumps(body(privacy="\udfff")).encode(),
    "lone surrogate in mail": json.dumps(
        body(contact={"email": "\ud800@x.id"}, consent=True)
    ).encode(),
    "long mail": json.dumps(body(contact={"email": "a@" + "b" * 300}, consent=True)).encode(),
    "true as a place": json.dumps(body(lat=True, lon=True)).encode(),
    "swapped": json.dumps(body(lat=HERE["lon"], lon=HERE["lat"])).encode(),
    "metres": json.dumps(body(lat=9_041_000, lon=300_000)).encode(),
    "zero island": json.dumps(body(lat=0, lon=0)).encode(),
    "text for numbers": json.dumps(body(lat="-8.65")).encode(),
    "a list for a text": json.dumps(body(description=["a"] * 10)).encode(),
    "an object for an id": json.dumps(body(id={"$ne": 1})).encode(),
    "no id": json.dumps(body(id=None)).encode(),
    "nil contact": json.dumps(body(contact="saya")).encode(),
    "many elements": b"[" + b"1," * 110_000 + b"1]",
    "many keys": json.dumps({str(n): n for n in range(20_000)}).encode(),
    "too large": b'"' + b"a" * 300_000 + b'"',
    "a megabyte in a word": json.dumps(body(description="a" * 200_000)).encode(),
} | {f"{size} brackets": b'{"id":' + b"[" * size + b"]" * size + b"}" for size in DEEP}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_json_ends_as_a_fault_of_the_one_shape(client, content):
    response = client.post("/api/issues", content, content_type="application/json")

    assert 400 <= response.status_code < 500
    assert fault(response)["message"]
    assert not Issue.objects.exists()


def test_a_body_of_a_megabyte_is_too_large(client):
    response = client.post("/api/issues", b" " * 2**20, content_type="application/json")

    assert response.status_code == 413


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", ""]
)
def test_another_content_type_is_refused(client, kind):
    response = client.post("/api/issues", json.dumps(body()).encode(), content_type=kind)

    assert response.status_code == 415
    assert fault(response)["code"] == "UnsupportedMediaType"


LEGAL_TEXT = [
    "ꦭꦩ꧀ꦥꦸꦩꦠꦶꦲꦶꦁꦢꦭꦤ꧀ꦒꦼꦝꦺ", "ᬮᬫ᭄ᬧᬸᬫᬢᬶᬤᬶᬚᬮᬦ᭄ᬕᭂᬤᬾ", "مصباح الشارع لا يعمل",
    "Lampu mati 👨‍👩‍👧‍👦 di gang tiga",
    "=cmd|' /C calc'!A0 lampu mati", "'; DROP TABLE issues_issue; --",
]  # fmt: skip


@pytest.mark.parametrize("text", LEGAL_TEXT)
def test_legal_text_comes_back_as_it_was_sent(client, text):
    number = send(client, body(description=text)).json()["number"]

    assert Issue.objects.get(number=number).description == text


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
@pytest.mark.parametrize("path", ["/api/issues", "/api/categories", "/api/route"])
def test_other_methods_are_refused_in_the_one_shape(client, method, path):
    response = getattr(client, method)(path)

    assert response.status_code == 405
    assert fault(response)["code"] == "MethodNotAllowed"


@pytest.mark.parametrize("path", ["/api/", "/api/nothing", "/api/issues/", "/api/issues/1/photos"])
def test_an_unknown_address_of_the_api_is_missing_in_the_one_shape(client, path):
    response = client.get(path)

    assert response.status_code == 404
    assert fault(response)["code"] == "NotFound"


def test_errors_speak_the_readers_language(client):
    indonesian = send(client, b"{", **{"accept-language": "id"})
    english = client.put("/api/issues", headers={"accept-language": "en"})

    assert indonesian.headers["Content-Language"] == "id"
    assert fault(indonesian)["message"] == "Isi bukan JSON yang sah."
    assert english.headers["Content-Language"] == "en"
    assert fault(english)["message"] == "This address does not serve this method."


def test_what_the_framework_refuses_is_said_in_indonesian(client):
    receipt = send(client, body()).json()
    photos = receipt["photos_url"]
    secret = {"authorization": f"Tracking {receipt['token']}"}

    texts = [
        fault(response)["message"]
        for response in (
            client.put("/api/issues"),
            client.get("/api/categories", headers={"accept": "text/csv"}),
            client.post("/api/issues", b"x", content_type="text/plain"),
            client.post(photos, b"x", content_type="multipart/form-data", headers=secret),
        )
    ]

    assert texts == [
        "Metode ini tidak dilayani di alamat ini.",
        "Jawaban hanya tersedia sebagai JSON.",
        "Jenis isi ini tidak diterima: kirim JSON, atau multipart/form-data untuk foto.",
        "Isi permintaan tidak dapat dibaca.",
    ]


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


# Who is responsible --------------------------------------------------------------------------


def test_anybody_may_ask_who_is_responsible(client):
    answer = client.get("/api/route", HERE | {"service_code": "lpju-mati"}).json()

    assert answer["covered"]
    assert answer["department"] == {"code": "DISHUB", "name": "Dinas Dishub"}
    assert answer["area"]["code"] == "1.2"
    assert answer["rule"] == "lampu"
    assert answer["sentence"].startswith("Ditangani Dinas Dishub: lampu jalan di jalan kota")


def test_outside_the_city_the_answer_says_how_far_the_border_is(client):
    answer = client.get("/api/route?lat=-8.5&lon=115.2&service_code=lpju-mati").json()

    assert not answer["covered"]
    assert answer["department"] is None
    assert answer["border_m"] == pytest.approx(15_500, rel=0.02)


@pytest.mark.parametrize(
    "query",
    [
        "", "lat=-8.65&lon=115.2", "lat=NaN&lon=115.2&service_code=lpju-mati",
        "lat=inf&lon=115.2&service_code=lpju-mati", "lat=1e200&lon=1e200&service_code=lpju-mati",
        "lat=-8.65&lon=181&service_code=lpju-mati", "lat=115.2&lon=-8.65&service_code=lpju-mati",
        "lat=true&lon=1&service_code=lpju-mati", "lat=-8.65&lon=115.2&service_code=%00",
        "lat=-8.65&lon=115.2&service_code=tidak-ada",
        "lat=-8.65&lon=115.2&service_code=lpju-mati&x=1",
        "lat=" + "9" * 5000 + "&lon=1&service_code=lpju-mati",
    ],
)  # fmt: skip
def test_a_question_that_cannot_be_read_is_a_fault(client, query):
    response = client.get(f"/api/route?{query}")

    assert response.status_code in {400, 422}
    assert fault(response)["message"]


def test_the_edition_of_the_area_is_named(client):
    Edition.objects.filter(layer="village").update(source="BIG 2024", approximate=True)

    area = client.get("/api/route", HERE | {"service_code": "lpju-mati"}).json()["area"]

    assert (area["edition"], area["approximate"]) == ("BIG 2024", True)


# Categories and public issues ----------------------------------------------------------------


def test_categories_are_the_active_leaves(client):
    parent = make.category("jalan", fast_lane=False)
    make.category("jalan-rusak", parent=parent, name_en="Broken road")
    make.category("jalan-lama", parent=parent, active=False)

    found = {one["service_code"]: one for one in client.get("/api/categories").json()}
    english = client.get("/api/categories", headers={"accept-language": "en"}).json()

    assert set(found) == {"lpju-mati", "layanan-lambat", "jalan-rusak"}
    assert found["jalan-rusak"]["group"] == "jalan"
    assert "Broken road" in {one["name"] for one in english}


def pages(client, query=""):
    """Walk through all pages; return the numbers in order."""
    numbers, after = [], ""
    while True:
        page = client.get(
            f"/api/issues?limit=3{query}&after={after}".removesuffix("&after=")
        ).json()
        numbers += [feature["id"] for feature in page["features"]]
        if page["next"] is None:
            return numbers
        after = page["next"]


def test_pages_hold_every_issue_once_newest_first(client):
    issues = [make.issue(at=NOON - timedelta(minutes=7 * n)) for n in range(10)]

    numbers = pages(client)

    by_hour = PublicIssue.objects.order_by("-received_at", "-issue").values_list(
        "number", flat=True
    )
    assert numbers == list(by_hour)
    assert set(numbers) == {issue.number for issue in issues}


def test_pages_stay_where_they_are_while_issues_arrive(client):
    for n in range(7):
        make.issue(at=NOON - timedelta(hours=n))
    first = client.get("/api/issues?limit=3").json()
    make.issue(at=NOON + timedelta(hours=5))

    second = client.get(f"/api/issues?limit=3&after={first['next']}").json()

    shown = [feature["id"] for feature in first["features"] + second["features"]]
    assert len(shown) == len(set(shown)) == 6


def test_a_feature_holds_public_values_only(client):
    issue = make.issue(
        description="kata rahasia", address="alamat rahasia", name="Nama", consent=True
    )

    page = client.get("/api/issues")

    [feature] = page.json()["features"]
    assert set(feature["properties"]) == {
        "number",
        "service_code",
        "category",
        "department",
        "area",
        "layer",
        "overdue",
        "received_at",
        "changed_at",
        "due_at",
        "url",
    }
    assert feature["geometry"]["coordinates"] == pytest.approx([issue.point.x, issue.point.y])
    assert "rahasia" not in page.content.decode()


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 3), ("layer=belum", 2), ("layer=ditutup", 1), ("layer=belum,ditutup", 3),
        ("layer=selesai", 0), ("category=lpju-mati", 2), ("category=layanan-lambat", 1),
        ("department=DISHUB", 2), ("area=1.2", 3), ("area=1", 3), ("area=2", 0),
        ("from=2026-03-10&to=2026-03-10", 3), ("to=2026-03-09", 0), ("overdue=1", 0),
        ("overdue=0", 3), ("bbox=115.2,-8.66,115.22,-8.64", 3), ("bbox=115,-9,115.1,-8.8", 0),
        ("bbox=-180,-90,180,90", 3), ("bbox=115.21,-8.65,115.21,-8.65", 3),
    ],
)  # fmt: skip
def test_filters_narrow_the_list(client, query, count):
    near = NOON + timedelta(hours=1)
    make.issue(at=NOON)
    make.take(make.issue(at=NOON), Step.WITHDRAW, at=near)
    make.issue(at=NOON, service_code="layanan-lambat")

    assert len(client.get(f"/api/issues?{query}").json()["features"]) == count


UNREADABLE = [
    "limit=0", "limit=1001", "limit=-1", "limit=000100999999999", "limit=%D9%A3", "limit=1e2",
    "after=x", "after=%00", "after=fA==", "after=MjAyNi0wMS0wMXwx", "layer=semua", "layer=0",
    "overdue=maybe", "from=kemarin", "from=10/03/2026", "to=2026-13-01", "to=99999-01-01",
    "bbox=1", "bbox=1,2,3", "bbox=NaN,0,1,1", "bbox=inf,0,1,1", "bbox=5,0,1,1", "bbox=0,0,1e400,1",
    "bbox=-181,0,1,1", "bbox=0,0,1,91", "category=a%00b", "category=a'--", "department=" + "x" * 61,
    "reporter__email=a", "ordering=-reporter__email", "status=resolved", "hidden=1",
    "_connector=OR",
    "issue__reporter__name__startswith=A", "category__id=1", "point__intersects=1", "q=1",
    "near=1,1",
]  # fmt: skip


@pytest.mark.parametrize("query", UNREADABLE)
def test_a_filter_that_cannot_be_read_is_a_fault_not_everything(client, query):
    response = client.get(f"/api/issues?{query}")

    assert response.status_code == 400
    said = fault(response)
    assert said["fields"] or "%00" in query


INJECTIONS = [
    "'", '"', "';--", "1 OR 1=1", "') OR ('1'='1", "1; SELECT pg_sleep(5)", "%27%20OR%201=1--",
    "\\", "/*", "$$", "1::text", "lpju-mati' UNION SELECT 1--", "{{7*7}}", "%s", "%(x)s",
]  # fmt: skip


@pytest.mark.parametrize("value", INJECTIONS)
@pytest.mark.parametrize(
    "name", ["layer", "category", "department", "area", "from", "bbox", "after", "limit", "overdue"]
)
def test_sql_in_a_filter_is_a_fault_or_finds_nothing(client, name, value):
    make.issue()

    response = client.get("/api/issues", {name: value})

    assert response.status_code == 400 or response.json()["features"] == []


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/api/issues", 2), ("/api/issues?bbox=115,-9,116,-8&layer=belum&category=lpju", 2),
        ("/api/categories", 2),
        (f"/api/route?lat={HERE['lat']}&lon={HERE['lon']}&service_code=lpju-mati", 4),
    ],
)  # fmt: skip
def test_readings_cost_few_statements(client, django_assert_max_num_queries, path, most):
    for _ in range(3):
        make.issue()

    with django_assert_max_num_queries(most):
        assert client.get(path).status_code == 200


def test_a_list_does_not_fetch_the_drawings_of_areas(client):
    make.issue()

    with CaptureQueriesContext(connection) as asked:
        client.get("/api/issues")

    assert not any('"geodata_jurisdiction"."area"' in query["sql"] for query in asked)


@pytest.mark.parametrize("path", ["/api/issues", "/api/categories"])
def test_public_answers_set_no_cookie_and_depend_on_none(client, path):
    make.issue()
    plain = client.get(path)
    client.force_login(make.user(), backend="django.contrib.auth.backends.ModelBackend")

    logged_in = client.get(path)

    assert plain.content == logged_in.content
    for answer in (plain, logged_in):
        assert not answer.cookies
        assert "Cookie" not in answer.headers.get("Vary", "")


def test_a_hidden_issue_changes_nothing_in_any_answer(client):
    make.issue(at=NOON)
    hidden = make.issue(at=NOON)
    paths = [
        "/api/issues",
        "/api/issues?bbox=115,-9,116,-8",
        "/api/issues?limit=1",
        "/api/categories",
    ]
    make.take(hidden, Step.HIDE)
    with_it = [client.get(path).content for path in paths]

    Issue.objects.filter(pk=hidden.pk).update(city=make.city(slug="batu", prefix="KBT"))

    assert [client.get(path).content for path in paths] == with_it


# Documentation -------------------------------------------------------------------------------


def test_the_schema_is_valid_and_without_warnings(tmp_path):
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "api.yml"))

    assert "/api/issues" in (tmp_path / "api.yml").read_text()


def test_the_schema_is_served(client):
    assert client.get("/api/schema/").status_code == 200


def test_the_documentation_has_no_inline_script_or_style(client):
    page = client.get("/api/docs/").content.decode()

    assert "<style" not in page
    assert "<script>" not in page
    assert (
        client.get("/api/docs/?script=")
        .headers["Content-Type"]
        .startswith("application/javascript")
    )
