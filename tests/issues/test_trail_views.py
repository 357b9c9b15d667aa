"""The trail for administrators: three lists, their filters, their sheets."""

import csv
import io

import pytest
from django.test import Client
from django.urls import reverse

from issues import actions
from issues.actions.configure import facts, record_change
from issues.models import Access, Category, ConfigurationChange
from issues.views import trail as views
from issues.workflow import Role, Step
from tests import make
from tests.issues import office

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss():
    make.world()
    return make.user(Role.ADMINISTRATOR, first_name="Ayu")


@pytest.fixture
def desk(boss):
    return office.enter(Client(), boss)


def sheet(desk, **query):
    response = desk.get(reverse("trail-csv"), query)
    text = b"".join(response).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def opened(reason="Tiang yang mana?", **fields):
    issue = make.issue()
    someone = make.user(Role.DISPATCHER, **fields)
    actions.open_up(issue, Access.Kind.ORIGINAL, actor=someone, purpose="place", reason=reason)
    return issue


def test_who_opened_what_and_why_is_listed(desk):
    issue = opened(first_name="Kadek")

    page = office.words(desk.get(reverse("trail")))

    assert issue.number in page
    assert "Kadek" in page
    assert "Tiang yang mana?" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [({"siapa": "kadek"}, 1), ({"siapa": "putu"}, 0), ({"tentang": "DPS"}, 1),
     ({"tentang": "XYZ"}, 0), ({"dari": "2013-01-01"}, 1), ({"sampai": "2013-01-01"}, 0),
     ({"dari": "nonsense"}, 1)],
)  # fmt: skip
def test_the_list_is_narrowed(desk, query, found):
    opened(first_name="Kadek")

    assert len(desk.get(reverse("trail"), query).context["lines"]) == found
    assert len(sheet(desk, **query)) == found


def test_every_event_says_who_in_which_capacity_why_before_and_after(desk):
    issue = make.take(make.issue(), Step.REFUSE, note="Tiang milik PLN.")

    rows = sheet(desk, apa="peristiwa", tentang=issue.number)

    assert [row["urutan"] for row in rows] == [str(n) for n in range(1, issue.version + 1)]
    last = rows[-1]
    assert (last["langkah"], last["peran"]) == (Step.REFUSE.label, Role.LIAISON.label)
    assert (last["alasan"], last["sebelum"], last["sesudah"]) == (
        "Tiang milik PLN.", "Didisposisikan", "Diterima",
    )  # fmt: skip


def test_the_words_of_a_reporter_leave_no_trace_in_the_sheet(desk):
    issue = make.issue(steps=[Step.ASK])
    make.take(issue, Step.ANSWER, note="Di depan rumah Bu Sari.")

    assert "Bu Sari" not in str(sheet(desk, apa="peristiwa"))


@pytest.mark.parametrize("text", ["=1+1", "+62", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1"])
def test_no_cell_of_a_sheet_runs_as_a_formula(desk, text):
    assert str(views.plain(text)).startswith("'")


def test_a_reason_that_looks_like_a_formula_is_a_text_in_the_sheet(desk):
    opened(reason="=HYPERLINK(1)")

    [row] = sheet(desk)

    assert row["alasan"] == "'=HYPERLINK(1)"


def test_a_sheet_is_read_in_chunks(desk, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(views, "CHUNK", 2)
    for _ in range(5):
        opened()

    assert len(sheet(desk)) == 5


def test_pages_go_on_by_key_and_cost_the_same(desk, boss, django_assert_max_num_queries):
    rows = [
        ConfigurationChange(
            city=make.city(), at=make.LONG_AGO, actor=boss, kind="x", object_id=str(n),
            object=f"objek {n}", field="name", before=None, after="y",
        )
        for n in range(50)
    ]  # fmt: skip
    ConfigurationChange.objects.bulk_create(rows)
    page = reverse("trail")
    first = desk.get(page, {"apa": "konfigurasi"})

    with django_assert_max_num_queries(8):
        second = desk.get(page, {"apa": "konfigurasi", "after": first.context["after"]})

    names = [line[3] for one in (first, second) for line in one.context["lines"]]
    assert names == [f"objek {n}" for n in range(49, -1, -1)]


def test_another_citys_trail_is_not_shown(desk):
    issue = opened()
    batu = make.city(slug="batu", prefix="KBT")
    type(issue).objects.filter(pk=issue.pk).update(city=batu)

    assert sheet(desk) == []
    assert sheet(desk, apa="peristiwa") == []


# Writing it ----------------------------------------------------------------------------------


def test_a_change_is_a_line_for_each_field_that_differs(boss):
    kind = Category.objects.get(service_code="lpju-mati")
    before = facts(kind)
    kind.name, kind.fast_lane = "Lampu padam", False

    record_change(boss, kind, before, facts(kind), "ejaan")

    lines = {
        row.field: (row.before, row.after, row.reason) for row in ConfigurationChange.objects.all()
    }
    assert lines == {
        "name": ("Lpju Mati", "Lampu padam", "ejaan"),
        "fast_lane": (True, False, "ejaan"),
    }


def test_nothing_changed_leaves_no_line(boss):
    kind = Category.objects.first()

    assert record_change(boss, kind, facts(kind), facts(kind)) == []


def test_drawings_times_and_links_are_written_as_words(boss):
    city = make.city()
    found = facts(city, "center", "office_hours")

    assert found["center"].startswith("SRID=4326;POINT")
    assert record_change(boss, city, {}, found)[0].city == city
