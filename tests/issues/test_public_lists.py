"""The public lists over HTTP: their pages, their order, their filters, what they cost."""

import base64
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from issues.workflow import Role, Step
from tests import make

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 2, 2, tzinfo=UTC)
TODAY = timezone.localdate(timezone=ZoneInfo("Asia/Makassar"))


@pytest.fixture(autouse=True)
def _city(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return make.world()


@pytest.fixture
def reader():
    return Client()


def data(reader, query=""):
    return reader.get(f"/laporan{query}", headers={"accept": "application/json"}).json()


def hide(issue):
    make.take(issue, Step.HIDE, actor=make.user(Role.DISPATCHER))


def many(count):
    for at in range(count):
        make.issue(at=AT + timedelta(minutes=at), lat=make.LAT + 0.0005 * (at % 30))


def every_page(reader, address):
    seen = []
    while address:
        body = reader.get(address, headers={"accept": "application/json"}).json()
        seen += [item["number"] for item in body["items"]]
        address = body["next"]
    return seen


def test_pages_follow_each_other_without_gap_or_repetition(reader):
    many(53)

    newest, nearest = (
        every_page(reader, "/laporan"),
        every_page(reader, "/laporan?near=-8.65,115.2"),
    )

    assert len(newest) == len(set(newest)) == 53
    assert sorted(nearest) == sorted(newest)


def test_the_nearest_are_the_same_by_index_as_by_sorting_all(reader, monkeypatch):
    many(53)
    sorted_all = every_page(reader, "/laporan?near=-8.65,115.2")
    monkeypatch.setattr("issues.views.listing.FEW", 0)

    assert every_page(reader, "/laporan?near=-8.65,115.2") == sorted_all


def test_pages_of_a_past_day_follow_each_other_without_gap_or_repetition(reader):
    many(53)

    then = every_page(reader, f"/laporan?as_of={TODAY}")

    assert len(then) == len(set(then)) == 53
    marks = cursors(reader, f"/laporan?as_of={TODAY}")
    assert {mark.split("|")[1] for mark in marks} <= set(then)


def cursors(reader, address):
    found = []
    while address := reader.get(address, headers={"accept": "application/json"}).json()["next"]:
        after = parse_qs(urlsplit(address).query)["after"][0]
        found.append(base64.urlsafe_b64decode(after).decode())
    return found


@pytest.mark.parametrize("query", ["", "?near=-8.65,115.2"])
def test_the_key_of_a_page_names_what_everybody_may_know(reader, query):
    many(53)
    shown = set(every_page(reader, "/laporan"))

    marks = [cursor.split("|")[1] for cursor in cursors(reader, f"/laporan{query}")]

    assert len(marks) == 2
    assert set(marks) <= shown


@pytest.mark.parametrize("query", ["", "?near=-8.65,115.2"])
def test_a_page_begins_without_a_gap_after_what_has_been_hidden(reader, query):
    at_once = [make.issue(at=AT) for _number in range(30)]
    first = data(reader, query)
    last = next(one for one in at_once if one.number == first["items"][-1]["number"])
    make.take(last, Step.HIDE, actor=make.user(Role.DISPATCHER))

    seen = every_page(reader, first["next"]) + [item["number"] for item in first["items"]]

    assert set(seen) == {one.number for one in at_once}


def test_a_hidden_number_and_none_at_all_are_the_same_key(reader):
    many(30)
    hidden = make.issue(at=AT)
    make.take(hidden, Step.HIDE, actor=make.user(Role.DISPATCHER))

    told = [
        every_page(reader, f"/laporan?after={key(f'{AT.isoformat()}|{number}')}")
        for number in (hidden.number, "X-1", hidden.pk)
    ]

    assert told[0] == told[1] == told[2]


def test_the_next_page_costs_no_more_than_eight_statements(reader, django_assert_max_num_queries):
    many(53)
    address = data(reader)["next"]

    with django_assert_max_num_queries(8):
        reader.get(address, headers={"accept": "application/json"})


def key(text):
    return base64.urlsafe_b64encode(text.encode()).decode()


def test_newest_comes_first(reader):
    first, second = make.issue(at=AT), make.issue(at=AT + timedelta(days=1))

    assert [item["number"] for item in data(reader)["items"]] == [second.number, first.number]


def test_nearest_comes_first_with_its_distance(reader):
    far, near = make.issue(lat=make.LAT + 0.015), make.issue(lat=make.LAT + 0.001)

    items = data(reader, f"?near={make.LAT},{make.LON + 0.01}")["items"]

    assert [item["number"] for item in items] == [near.number, far.number]
    assert items[0]["distance"] == "110 m"


@pytest.mark.parametrize("query", ["near=x", "near=91,0", "near=nan,0", "near=1,2,3"])
def test_a_list_near_nowhere_is_refused(reader, query):
    response = reader.get(f"/laporan?{query}", headers={"accept": "application/json"})

    assert response.status_code == 400


@pytest.mark.parametrize(
    "key", ["x", "eA==", "fDE=", "MXwyfDM=", "MjAyNi0wMS0wMVQwMDowMCswMDowMHwA"]
)
def test_a_made_up_page_key_is_refused(reader, key):
    assert reader.get("/laporan", {"after": key}).status_code == 400


def test_what_has_no_point_is_in_the_list_and_counted_apart(reader):
    make.issue()
    make.issue(area_code="1.2")

    body = data(reader)

    assert (body["total"], body["unplaced"], len(body["items"])) == (2, 1, 2)


def test_the_parts_sum_to_the_total(reader):
    many(3)
    make.issue(steps=[Step.START])

    body = data(reader)

    assert sum(count for count, _late in body["layers"]) == body["total"] == 4
    assert sum(count for _code, _parent, count, _open in body["areas"]) == 4


def test_the_list_works_as_a_plain_page_with_the_same_filters(reader):
    issue = make.issue()
    other = make.issue(steps=[Step.START])

    page = reader.get("/laporan?layer=lapangan&category=&department=&from=&to=").content.decode()

    assert other.number in page
    assert issue.number not in page
    assert "1 laporan" in page


def test_the_list_leads_to_spans_of_time_and_to_the_end_of_a_day_without_a_script(reader):
    page = reader.get("/laporan?layer=belum&as_of=2026-01-31", headers={"accept": "text/html"})

    body = page.content.decode()
    since = (timezone.localdate(timezone=ZoneInfo("Asia/Makassar")) - timedelta(6)).isoformat()
    assert f'href="/laporan?layer=belum&amp;from={since}"' in body
    assert re.search(r'type="date"\s+value="2026-01-31"', body)


def test_no_list_reads_the_drawing_of_an_area(reader):
    issue = make.issue()
    paths = ["/", "/laporan", "/laporan?near=-8.65,115.2", f"/laporan/{issue.number}"]

    with CaptureQueriesContext(connection) as asked:
        answers = [reader.get(path).status_code for path in paths]

    assert answers == [200] * len(paths)
    assert not [one for one in asked.captured_queries if 'jurisdiction"."area"' in one["sql"]]


@pytest.mark.parametrize("path", ["/", "/laporan"])
def test_map_and_list_take_at_most_eight_statements(reader, path, django_assert_max_num_queries):
    many(3)

    with django_assert_max_num_queries(8):
        reader.get(f"{path}?layer=belum&category=lpju-mati&area=1.2")


@pytest.mark.parametrize("name", ["q", "kata"])
def test_an_unknown_parameter_is_named_and_no_number_of_reports_is_claimed(reader, name):
    make.issue()

    page = reader.get(f"/laporan?{name}=lampu")
    text = page.content.decode()

    assert page.status_code == 400
    assert re.search(rf"<li>{name}: Parameter tidak dikenal", text)
    assert re.search(r'id="said" hidden', text)
    assert re.search(r'id="empty" hidden', text)


def test_a_bad_filter_is_explained_and_shows_nothing(reader):
    issue = make.issue()

    response = reader.get("/laporan?layer=merah")

    assert response.status_code == 400
    assert issue.number not in response.content.decode()
    assert "merah" in response.content.decode()
