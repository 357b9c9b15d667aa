"""Health, the service worker, and the answers of last resort."""

import pytest
from django.test import Client, RequestFactory

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
