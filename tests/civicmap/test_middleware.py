"""What holds on every answer: headers, caches, the city, and one shape of errors."""

import re

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpResponse
from django.test import Client, RequestFactory

from civicmap.middleware import CachePolicy, city_of
from issues.workflow import Role
from tests import make

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(autouse=True)
def _world(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return make.world()


@pytest.fixture
def lamp():
    return make.issue()


def directives(response) -> dict[str, list[str]]:
    policy = response.headers["Content-Security-Policy"]
    return {one.split()[0]: one.split()[1:] for one in policy.split(";")}


PAGES = [
    "/", "/embed/", "/laporan", "/lapor", "/lacak", "/privasi", "/akun/login/", "/api/docs/",
    "/healthz", "/api/categories", "/api/issues", "/nothing", "/api/nothing", "/tiles/1/1/1",
    "/tiles/99/1/1", "/peta/wilayah", "/peta/ringkas/X", "/laporan/X", "/lacak/X", "/kerja/",
    "/foto/00000000-0000-0000-0000-000000000001/0/small.jpg", "/admin/",
    "/laporan?layer=semua", "/api/issues?layer=semua",
]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_carries_the_headers(path):
    response = Client().get(path)

    policy = directives(response)
    assert policy["default-src"] == ["'none'"]
    assert policy["object-src"] == policy["base-uri"] == ["'none'"]
    for kind in ("script-src", "style-src"):
        assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "https:", "http:"} & set(policy[kind])
    framed = path == "/embed/"
    assert policy["frame-ancestors"] == (["*"] if framed else ["'none'"])
    assert ("X-Frame-Options" in response.headers) != framed
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] in {"same-origin", "no-referrer"}
    assert "geolocation=(self)" in response.headers["Permissions-Policy"]
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response.headers["Cache-Control"]


@pytest.mark.parametrize("path", [path for path in PAGES if not path.startswith("/api/docs")])
def test_scripts_carry_the_nonce_of_the_answer_and_nothing_is_inline(path):
    response = Client().get(path)

    if "text/html" not in response.headers.get("Content-Type", ""):
        return
    page = response.content.decode()
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", page)
    assert not re.search(r"<style(?![^>]*nonce=)", page)
    nonces = set(re.findall(r'nonce="([^"]*)"', page))
    assert not nonces or {f"'nonce-{one}'" for one in nonces} <= set(
        directives(response)["script-src"]
    )


def test_a_nonce_serves_one_answer():
    policies = {directives(Client().get("/"))["script-src"][-1] for _ in range(3)}

    assert len(policies) == 3


CACHED = ["/tiles/0/0/0", "/peta/wilayah", "/peta/jalan", "/peta/tempat?lat=-8.65&lon=115.21"]
PERSONAL = ["/lapor", "/lacak", "/kerja/", "/akun/login/", "/api/issues", "/api/categories", "/"]


@pytest.mark.parametrize("path", CACHED)
def test_public_answers_are_the_same_for_everybody(lamp, path):
    stranger = Client().get(path)
    known = Client()
    known.force_login(make.user(Role.DISPATCHER), backend=BACKEND)
    known.cookies.load({"django_language": "en"})

    answer = known.get(path)

    assert answer.content == stranger.content
    for one in (stranger, answer):
        assert "public" in one.headers["Cache-Control"]
        assert not one.cookies
        assert "Cookie" not in one.headers.get("Vary", "")


WORDLESS = [
    "/tiles/0/0/0", "/tiles/0/0/0.mvt", "/tiles/18/0/0", "/peta/wilayah", "/peta/jalan",
    "/peta/waktu", "/peta/dasar/12/3340/2140",
]  # fmt: skip


@pytest.mark.parametrize("path", WORDLESS)
@pytest.mark.parametrize("language", ["id", "en"])
def test_what_has_no_words_stands_in_a_cache_once(lamp, path, language):
    answer = Client(headers={"accept-language": language}).get(path)

    assert answer.status_code in {200, 204}
    assert "public" in answer.headers["Cache-Control"]
    assert answer.headers.get("Vary", "Accept-Encoding") == "Accept-Encoding"
    assert "Content-Language" not in answer.headers


def test_what_was_kept_is_confirmed_for_every_language(lamp):
    etag = Client().get("/tiles/0/0/0").headers["ETag"]

    again = Client(headers={"if-none-match": etag, "accept-language": "en"}).get("/tiles/0/0/0")

    assert again.status_code == 304
    assert "Accept-Language" not in again.headers.get("Vary", "")


@pytest.mark.parametrize("path", ["/tiles/0/0/0?layer=x", "/peta/waktu?layer=x", "/", "/laporan"])
def test_words_are_in_the_language_of_who_asks(lamp, path):
    answer = Client().get(path)

    assert "no-store" in answer.headers["Cache-Control"]
    assert "Accept-Language" in answer.headers["Vary"]


@pytest.mark.parametrize("path", PERSONAL)
def test_everything_else_is_kept_by_no_cache(path):
    assert "no-store" in Client().get(path).headers["Cache-Control"]


@pytest.mark.parametrize("suffix", ["/x.css", "/logo.png", ";.js", "%2Fx.css"])
def test_a_private_page_does_not_take_the_name_of_a_file(suffix):
    client = Client()
    client.force_login(make.user(Role.DISPATCHER), backend=BACKEND)

    assert client.get(f"/kerja/triase{suffix}").status_code == 404


@pytest.mark.parametrize("cookie", ["session=x", "csrf=x", "session=" + "x" * 32])
def test_an_answer_that_mends_a_cookie_is_kept_by_no_cache(lamp, cookie):
    answer = Client(headers={"cookie": cookie}).get("/peta/wilayah")

    assert not answer.cookies or answer.headers["Cache-Control"] == "no-store"
    assert answer.content == Client().get("/peta/wilayah").content


@pytest.mark.parametrize(
    "headers",
    [{"x-forwarded-host": "evil.example"}, {"x-original-url": "/kerja/"},
     {"x-rewrite-url": "/kerja/"}, {"x-http-method-override": "DELETE"}],
)  # fmt: skip
def test_headers_that_nobody_sent_for_us_change_nothing(lamp, headers):
    for path in ("/api/issues", "/api/categories", "/tiles/0/0/0"):
        assert Client().get(path, headers=headers).content == Client().get(path).content


def with_cookie(response):
    response.set_cookie("a", "b")


def by_cookie(response):
    response.headers["Vary"] = "Accept, Cookie"


@pytest.mark.parametrize("spoil", [with_cookie, by_cookie])
def test_what_knows_who_asks_is_public_in_no_cache(spoil):
    def view(request):
        response = HttpResponse(headers={"Cache-Control": "public, max-age=9"})
        spoil(response)
        return response

    assert CachePolicy(view)(RequestFactory().get("/")).headers["Cache-Control"] == "no-store"


# The city ------------------------------------------------------------------------------------


def test_a_host_name_serves_its_city_and_any_other_the_default():
    batu = make.city(slug="batu", prefix="KBT", host="lapor.batu.example")

    assert city_of("LAPOR.batu.example:8000") == batu
    assert city_of("localhost").slug == "denpasar"
    assert city_of("[::1]:8000").slug == "denpasar"


# A database that is away ---------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/laporan", "/lapor", "/kerja/", "/nothing-at-all"])
@pytest.mark.parametrize("kind", [OperationalError, InterfaceError])
def test_without_the_database_people_are_told_to_come_again(path, kind):
    response = without_database(kind, path)

    if path != "/nothing-at-all":
        assert response.headers["Retry-After"] == "5"
        assert response.status_code == 503
        assert "belum tersimpan" in response.content.decode()
    assert response.status_code == 503
    assert "Traceback" not in response.content.decode()


@pytest.mark.parametrize("path", ["/api/issues", "/tiles/1/1/1", "/peta/wilayah", "/healthz"])
def test_without_the_database_programs_are_told_to_come_again(path):
    response = without_database(OperationalError, path)

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"
    assert response.json()["error"]["code"] == "OperationalError"


def without_database(kind, path):
    def away(*_args):
        raise kind

    client = Client(raise_request_exception=False)
    client.cookies["session"] = "x" * 32
    with connection.execute_wrapper(away):
        return client.get(path)


# Across sites --------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/lapor", "/lacak", "/akun/login/", "/akun/logout/", "/bahasa/"])
@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_a_form_of_another_site_is_refused(path, origin):
    client = Client(enforce_csrf_checks=True)

    response = client.post(path, {"next": "/"}, headers={"origin": origin})

    assert response.status_code == 403
    assert "kedaluwarsa" in response.content.decode()


@pytest.mark.parametrize("path", ["/kerja/laporan/{}/langkah", "/kerja/lapangan/{}/langkah"])
def test_a_step_from_another_site_is_refused(lamp, path):
    client = Client(enforce_csrf_checks=True)
    client.force_login(make.user(Role.DISPATCHER), backend=BACKEND)

    refused = client.post(path.format(lamp.number), {"step": "reject"})

    assert refused.status_code in {403, 404}
    lamp.refresh_from_db()
    assert lamp.version == 2


@pytest.mark.parametrize(
    "path",
    ["/tiles/0/0/0", "/tiles/0/0/0.mvt", "/tiles/18/0/0", "/tiles/99/1/1", "/tiles/0/0/0?layer=x"],
)
def test_any_site_may_read_tiles_without_lending_a_cookie(lamp, path):
    answer = Client().get(path, headers={"origin": "https://peta.example"})

    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize(
    "path", ["/", "/laporan", "/peta/wilayah", "/peta/titik-panas", "/kerja/", "/lacak"]
)
def test_no_other_page_is_read_by_another_site(lamp, path):
    answer = Client().get(path, headers={"origin": "https://peta.example"})

    assert "Access-Control-Allow-Origin" not in answer.headers


def test_the_api_grants_no_other_origin_anything():
    answer = Client().get("/api/issues", headers={"origin": "https://evil.example"})
    asked = Client().options("/api/issues", headers={"origin": "https://evil.example"})

    for one in (answer, asked):
        assert not [name for name in one.headers if name.startswith("Access-Control")]
    assert asked.status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    ["/laporan/%00", "/lacak/%00", "/peta/ringkas/%00", "/laporan?after=%00", "/api/issues?q=%00"],
)
def test_an_address_with_a_nul_is_a_bad_request(client, address):
    make.world()

    assert client.get(address).status_code == 400
