"""The JSON doors over HTTP: shapes, errors, replay, paging, and how many statements each costs."""

import base64
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from geodata.models import Edition
from issues.models import Issue, PublicIssue
from issues.workflow import Step
from tests import make
from tests.issues.sender import HERE, NOON, fault

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return make.world()


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


def test_the_key_of_a_page_names_what_everybody_may_know(client):
    for n in range(4):
        make.issue(at=NOON - timedelta(hours=n))

    page = client.get("/api/issues?limit=3").json()

    assert (
        base64.urlsafe_b64decode(page["next"]).decode().split("|")[1] == page["features"][-1]["id"]
    )


def test_a_page_begins_without_a_gap_after_what_has_been_hidden(client):
    numbers = {make.issue(at=NOON).number for _number in range(7)}
    first = client.get("/api/issues?limit=3").json()
    shown = [feature["id"] for feature in first["features"]]
    PublicIssue.objects.filter(number=shown[-1]).delete()

    rest = pages(client, f"&after={first['next']}")

    assert numbers == {*shown, *rest}


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
    "issue__reporter__name__startswith=A", "category__id=1", "point__intersects=1",
    "q=" + "x" * 121,
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
