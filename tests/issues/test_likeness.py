"""Problems near the pin that may be the same."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from issues import actions, duplicates
from issues.models import Category, Issue, PublicIssue
from issues.workflow import Role, Step
from tests import make

pytestmark = pytest.mark.django_db
LON, LAT = make.LON + make.SIDE / 2, make.LAT + make.SIDE / 2
METRE = 1 / 111_320


@pytest.fixture(autouse=True)
def _world(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    make.world()


def reviewed(issue, text):
    subject = Issue.objects.get(pk=issue.pk)
    return actions.review(
        subject.pk,
        actor=make.user(Role.DISPATCHER),
        version=subject.version,
        public_text=text,
        released=(),
    )


def nearby(client, **fields):
    body = {"lat": LAT, "lon": LON, "service_code": "lpju-mati", "text": "lampu mati"} | fields
    return client.post("/api/nearby", body, content_type="application/json")


def family():
    """Make the lamp's kinds relations of one *jenis*."""
    parent = make.category("lpju")
    Category.objects.filter(service_code="lpju-mati").update(parent=parent)
    return make.category("lpju-tiang", parent=parent)


# Near the pin --------------------------------------------------------------------------------


def test_an_open_report_near_the_pin_is_shown_with_all_that_helps_to_know_it_again(client):
    there = make.issue(lat=LAT + 30 * METRE)
    shown = reviewed(there, "Lampu jalan mati di depan warung.")

    (found,) = nearby(client).json()

    assert found["number"] == shown.number
    assert found["distance_m"] == pytest.approx(30, abs=2)
    assert (found["layer"], found["age_days"], found["supports"]) == ("belum", 0, 0)
    assert found["url"] == f"/laporan/{shown.number}"


def test_at_most_three_are_shown_and_the_likeliest_first(client):
    for metres in (60, 10, 40, 80):
        make.issue(lat=LAT + metres * METRE)

    found = nearby(client).json()

    assert [one["distance_m"] for one in found] == pytest.approx([10, 40, 60], abs=2)


def test_the_same_words_outweigh_some_metres(client):
    reviewed(make.issue(lat=LAT + 10 * METRE), "Tiang berkarat perlu dicat ulang.")
    alike = reviewed(make.issue(lat=LAT + 30 * METRE), "Lampu mati, gelap sekali depan balai.")

    found = nearby(client, text="lampunya mati gelap depan balai").json()

    assert found[0]["number"] == alike.number


def test_a_related_kind_is_shown_and_another_is_not(client):
    family()
    related = make.issue(service_code="lpju-tiang")
    make.category("sampah")
    make.issue(service_code="sampah")

    assert [one["number"] for one in nearby(client).json()] == [related.number]


@pytest.mark.parametrize("steps", [[Step.REJECT], [Step.WITHDRAW], [Step.RESOLVE]])
def test_what_is_closed_is_no_duplicate_to_be(client, steps):
    if Step.REJECT in steps:
        Category.objects.update(fast_lane=False)
    make.issue(steps=steps)

    assert nearby(client).json() == []


def test_beyond_the_radius_of_the_kind_nothing_is_the_same(client):
    make.issue(lat=LAT + 120 * METRE)
    assert nearby(client).json() == []

    Category.objects.update(duplicate_radius_m=150)
    assert len(nearby(client).json()) == 1


def test_of_a_private_place_only_the_public_spot_counts(client):
    Category.objects.update(exact_place=False, duplicate_radius_m=400)
    issue = make.issue()
    spot = PublicIssue.objects.get(pk=issue.pk).point

    (found,) = nearby(client, lat=spot.y, lon=spot.x).json()

    assert found["distance_m"] == 0


def hidden():
    make.take(make.issue(lat=LAT + 5 * METRE), Step.HIDE)


def held():
    make.issue(lat=LAT + 5 * METRE, held=True)


def confidential():
    make.issue(lat=LAT + 5 * METRE, confidential=True)


@pytest.mark.parametrize("secretly", [hidden, held, confidential])
def test_what_is_not_public_changes_no_byte_of_the_answer(client, secretly):
    reviewed(make.issue(lat=LAT + 20 * METRE), "Lampu mati")
    without = nearby(client).content
    secretly()

    assert nearby(client).content == without


def test_a_confidential_kind_is_compared_with_nothing(client):
    make.issue()
    Category.objects.update(confidential=True)

    assert nearby(client).json() == []


def test_the_answer_costs_few_statements(client):
    for _each in range(4):
        make.issue()

    with CaptureQueriesContext(
        connection,
    ) as asked:
        nearby(client)

    assert len(asked) <= 8


@pytest.mark.parametrize(
    "wrong", [{"lat": 91}, {"lon": "x"}, {"lat": "NaN"}, {"service_code": ""}, {"text": "x" * 4001}]
)
def test_a_question_that_cannot_be_read_is_a_fault(client, wrong):
    assert nearby(client, **wrong).status_code == 400


def test_an_unknown_kind_is_a_fault(client):
    assert nearby(client, service_code="tidak-ada").status_code == 422


def test_the_nearest_are_found_by_the_index_of_the_open_ones():
    issue = make.issue()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
    plans = []

    def explain(execute, statement, params, many, context):
        if "issues_publicissue AS row" in statement:
            execute(f"EXPLAIN {statement}", params, many, context)
            plans.append("\n".join(line for (line,) in context["cursor"].fetchall()))
        return execute(statement, params, many, context)

    with connection.execute_wrapper(explain):
        duplicates.near(issue.point, issue.category, "")

    assert "public_issue_open_near" in plans[0]
    assert "Order By: (point <->" in plans[0]


def test_an_old_report_is_less_likely_than_a_new_one(client):
    old = make.issue(at=timezone.now() - timedelta(days=90), lat=LAT + 20 * METRE)
    new = make.issue(lat=LAT + 20 * METRE)

    found = [one["number"] for one in nearby(client).json()]

    assert found == [new.number, old.number]


@pytest.mark.parametrize(
    "wrong", [True, "1_0", "\u0661\u0661\u0665", " 1", "1e999", "NaN", [], {}, None, "-"]
)
@pytest.mark.parametrize("name", ["lat", "lon"])
def test_only_a_number_is_a_coordinate(client, name, wrong):
    assert nearby(client, **{name: wrong}).status_code == 400


@pytest.mark.parametrize("door", ["/api/route?service_code=lpju-mati&", "/api/categories?"])
def test_only_ascii_digits_are_a_coordinate_in_an_address(client, door):
    assert client.get(f"{door}lat=-8.65&lon=115.21").status_code == 200
    assert client.get(f"{door}lat=-8_.65&lon=115.21").status_code == 400
    assert client.get(f"{door}lat=-8.65&lon=\u0661\u0661\u0665").status_code == 400


@pytest.mark.parametrize("says", ["lpju-mati", "listrik-tiang"])
def test_a_kind_of_another_family_is_a_relation_where_one_of_both_says_so(client, says):
    other = make.category("listrik-tiang")
    there = make.issue(service_code=other.service_code)
    assert nearby(client).json() == []

    related = {"lpju-mati", "listrik-tiang"} - {says}
    Category.objects.filter(service_code=says).update(related=list(related))

    assert [one["number"] for one in nearby(client).json()] == [there.number]


# The same street, the same area ---------------------------------------------------------------


def on_street(name="Jalan Uji"):
    make.road([(LON, LAT), (LON + 200 * METRE, LAT)], name=name)


def asked(client, **where):
    body = {"service_code": "lpju-mati", "text": "lampu mati", **where}
    return client.post("/api/nearby", body, content_type="application/json")


def test_a_report_about_a_whole_street_finds_those_along_it(client):
    on_street()
    whole = make.issue(lon=None, lat=None, street="Jalan Uji")
    spot = make.issue()
    make.issue(lon=None, lat=None, area_code="1.2")

    found = asked(client, street="jalan uji").json()

    assert {one["number"] for one in found} == {whole.number, spot.number}
    assert {one["distance_m"] for one in found} == {None}


def test_another_street_that_begins_alike_is_another_street(client):
    on_street("Jalan Uji Coba")
    make.issue(lon=None, lat=None, street="Jalan Uji Coba")

    assert asked(client, street="Jalan Uji").json() == []


def test_a_report_about_an_area_finds_those_about_the_same_area(client):
    whole = make.issue(lon=None, lat=None, area_code="1.2")
    make.issue()
    make.issue(lon=None, lat=None, area_code="1.1")

    found = asked(client, area_code="1.2").json()

    assert [one["number"] for one in found] == [whole.number]


def test_without_any_place_nothing_is_asked(client):
    assert asked(client).status_code == 400
