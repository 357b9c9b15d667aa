"""Health, the service worker, and the answers of last resort."""

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client, RequestFactory
from PIL import Image

from civicmap import views
from civicmap.middleware import city_of
from issues.errors import UnknownCity
from tests import make

pytestmark = pytest.mark.django_db


def test_health_names_the_database_and_needs_no_city(client):
    answer = client.get("/healthz").json()

    assert answer["status"] == "ok"
    assert answer["postgis"].startswith("3.")


def test_the_service_worker_is_a_script_that_every_visit_asks_for_again(client):
    answer = client.get("/sw.js")

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.headers["Cache-Control"] == "no-cache"


def test_the_switch_gives_a_worker_that_takes_itself_away_and_leaves_the_queue(client, settings):
    settings.SERVICE_WORKER = False
    worker = client.get("/sw.js").content.decode()

    assert "registration.unregister()" in worker
    assert "indexedDB" not in worker


def test_an_old_browser_gets_a_worker_without_modules(client):
    assert "\nimport " in client.get("/sw.js").content.decode()
    assert "\nimport " not in client.get("/sw.js?klasik").content.decode()


def test_the_site_can_be_installed_and_every_cache_may_keep_how(client):
    make.world()
    answer = client.get("/manifest.webmanifest")
    manifest = answer.json()

    assert answer.headers["Content-Type"] == "application/manifest+json"
    assert "public" in answer.headers["Cache-Control"]
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    assert manifest["shortcuts"][0]["url"] == "/lapor"
    for icon in manifest["icons"]:
        name = icon["src"].removeprefix(settings.STATIC_URL)
        with Image.open(finders.find(name)) as picture:
            assert f"{picture.width}x{picture.height}" == icon["sizes"]


@pytest.mark.parametrize("path", ["/antrean", "/luring"])
def test_pages_without_a_network_tell_nothing_of_anybody(client, path):
    make.world()
    page = client.get(path)

    assert page.status_code == 200
    assert "session" not in page.cookies


@pytest.mark.parametrize("path", ["/healthz", "/sw.js"])
def test_they_are_read_only(client, path):
    assert client.post(path).status_code == 405


def test_an_unknown_page_has_the_way_back(client):
    make.world()
    page = client.get("/tidak/ada")

    assert page.status_code == 404
    assert 'href="/"' in page.content.decode()


def test_what_breaks_says_so_without_details(rf: RequestFactory):
    programs, people = (views.broken(rf.get(path)) for path in ("/api/issues", "/laporan"))

    assert (programs.status_code, people.status_code) == (500, 500)
    assert b'"code": "Broken"' in programs.content
    assert "rusak di pihak kami" in people.content.decode()


@pytest.mark.parametrize("host", ["evil.example", "a b", "localhost/x"])
def test_a_foreign_host_name_is_refused_in_the_right_shape(host):
    client = Client(headers={"host": host})

    assert client.get("/api/issues").status_code == 400
    assert client.get("/api/issues").json()["error"]["code"] == "BadRequest"
    assert "tidak dapat dibaca" in client.get("/").content.decode()


def test_too_many_fields_are_refused(client):
    make.world()
    data = {str(number): "x" for number in range(200)}

    assert client.post("/lapor", data).status_code == 400


def test_without_a_city_every_page_says_so_and_none_breaks():
    client = Client(raise_request_exception=False)

    page, programs = client.get("/"), client.get("/api/issues")

    assert (page.status_code, programs.status_code) == (404, 404)
    assert "Kota ini tidak dilayani" in page.content.decode()
    assert programs.json()["error"]["code"] == "UnknownCity"
    with pytest.raises(UnknownCity):
        city_of("localhost")
