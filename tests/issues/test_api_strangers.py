"""What strangers send to the JSON API ends as a fault of the one shape."""

import json

import pytest

from issues.models import Issue
from tests import make
from tests.issues.sender import HERE, body, fault, send

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return make.world()


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
