from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from issues import actions
from issues.models import Category, SavedFilter
from issues.workflow import Role, Step
from tests import make
from tests.issues import office

pytestmark = pytest.mark.django_db


def test_a_stranger_is_asked_to_log_in(client):
    make.world()

    response = client.get(reverse("desk"))

    assert response.status_code == 302
    assert response.url == f"{reverse('account_login')}?next={reverse('desk')}"


def test_the_desk_has_a_card_for_each_capacity(client):
    make.issue()
    dishub = make.department("DISHUB")
    someone = office.also(make.user(Role.DISPATCHER), Role.LIAISON, dishub)
    office.also(someone, Role.CREW, dishub)

    response = office.enter(client, someone).get(reverse("desk"))

    cards = {
        card.role: {tally.label: tally.count for tally in card.tallies}
        for card in response.context["cards"]
    }
    assert cards["admin koordinator"]["jalur cepat, belum dilihat"] == 1
    assert cards["admin penghubung"] == {
        "menunggu saya": 1,
        "belum dilihat": 1,
        "lewat batas waktu": 0,
        "terbuka": 1,
    }
    assert cards["petugas lapangan"]["terbuka di wilayah saya"] == 1


@pytest.mark.parametrize("name", ["desk", "board", "triage"])
def test_a_desk_page_costs_the_same_for_three_issues_and_for_twelve(
    client, name, django_assert_max_num_queries
):
    office.enter(client, office.also(make.user(Role.DISPATCHER), Role.CREW, make.department()))
    for _ in range(3):
        office.photo(make.issue())
    client.get(reverse(name))

    for _ in range(9):
        make.issue()

    with django_assert_max_num_queries(12):
        client.get(reverse(name))


@pytest.mark.parametrize("name", ["board", "triage", "crew", "case", "duplicates", "job"])
def test_no_page_of_staff_reads_the_drawing_of_an_area(client, name):
    office.enter(client, office.also(make.user(Role.DISPATCHER), Role.CREW, make.department()))
    issue = make.issue()
    make.issue()
    address = reverse(name, args=[issue.number] if name in {"case", "duplicates", "job"} else [])

    with CaptureQueriesContext(connection) as asked:
        response = client.get(address)

    assert response.status_code == 200
    assert not [one for one in asked.captured_queries if 'jurisdiction"."area"' in one["sql"]]


def test_the_board_of_a_department_holds_its_own_issues_only(client):
    make.rule("sampah", to="DLHK", service_code="sampah")
    make.category("sampah-liar")
    lamp = make.issue()
    make.issue(service_code="sampah-liar")

    response = office.liaison(client).get(reverse("board"))

    assert office.numbers(response) == [lamp.number]
    assert response.context["total"] == 1


@pytest.mark.parametrize(("area", "found"), [("1.2", True), ("1", True), ("2.1", False)])
def test_a_liaison_of_an_area_sees_that_area(client, area, found):
    issue = make.issue()

    response = office.liaison(client, area_code=area).get(reverse("board"))

    assert (issue.number in office.numbers(response)) is found


def test_the_soonest_due_stands_first_and_the_map_shows_the_same(client):
    now = timezone.now()
    later = make.issue(at=now)
    sooner = make.issue(at=now - timedelta(days=30))
    make.issue(at=now - timedelta(days=9), steps=[Step.RESOLVE])

    response = office.liaison(client).get(reverse("board"))

    assert office.numbers(response) == [sooner.number, later.number]
    marks = response.context["site"]["marks"]
    assert [mark["number"] for mark in marks] == [sooner.number, later.number]
    assert [mark["overdue"] for mark in marks] == [True, False]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"new", "seen", "late"}),
        ("layer=belum", {"new", "late"}),
        ("layer=respon,lapangan", {"seen"}),
        ("layer=respon&layer=selesai", {"seen", "done"}),
        ("overdue=1", {"late"}),
        ("unseen=1", {"new", "late"}),
        ("mine=1", {"new", "late"}),
        ("category=lpju", {"new", "seen", "late"}),
        ("category=layanan", set()),
        ("category=lpju-mati", {"new", "seen", "late"}),
        ("area=2.1", {"late"}),
        ("area=2", {"late"}),
        ("layer=ungu&area=zzz&after=nonsense_1", {"new", "seen", "late"}),
    ],
)
def test_the_address_bar_narrows_the_board(client, query, found):
    now = timezone.now()
    make.world()
    for code, leaf in (("lpju", "lpju-mati"), ("layanan", "layanan-lambat")):
        Category.objects.filter(service_code=leaf).update(parent=make.category(code))
    issues = {
        "new": make.issue(at=now),
        "seen": make.issue(at=now, steps=[Step.ACCEPT]),
        "late": make.issue(at=now - timedelta(days=40), lon=115.19, lat=-8.67),
        "done": make.issue(at=now, steps=[Step.RESOLVE]),
    }
    someone = make.user(Role.LIAISON, department=make.department())
    actions.see(issues["seen"], someone)

    response = office.enter(client, someone).get(f"{reverse('board')}?{query}")

    shown = set(office.numbers(response))
    assert shown == {issues[name].number for name in found}


def test_pages_follow_one_another_without_gap_or_overlap(client):
    at = timezone.now()
    made = [make.issue(at=at).number for _ in range(43)]
    office.liaison(client)

    first = client.get(reverse("board"))
    second = client.get(first.context["next_address"])

    assert office.numbers(first) + office.numbers(second) == made
    assert second.context["next_address"] == ""


# Filters that are kept -------------------------------------------------------------------------


def kept(client):
    return [(one.name, shown) for one, shown in client.get(reverse("board")).context["kept"]]


def test_a_filter_is_kept_under_a_name_used_and_forgotten(client):
    client = office.liaison(client)
    address = f"{reverse('board')}?overdue=on&area=2&nonsense=1&after=x"
    query = client.get(address).context["keeping"].initial["query"]

    back = client.post(reverse("filters"), {"name": "Telat di barat", "query": query})

    assert back.url == f"{reverse('board')}?overdue=on&area=2"
    assert client.get(back.url).context["kept"][0][1] is True
    assert kept(client) == [("Telat di barat", False)]
    client.post(reverse("filters"), {"lupakan": "Telat di barat"})
    assert kept(client) == []


def test_a_name_stands_for_one_filter_and_for_its_owner_alone(client):
    office.liaison(client)
    for query in ("overdue=on", "mine=on"):
        client.post(reverse("filters"), {"name": "Penting", "query": query})
    assert SavedFilter.objects.get().query == "mine=on"

    office.liaison(client)

    assert kept(client) == []


@pytest.mark.parametrize("given", [{"name": "", "query": "mine=on"}, {"name": "X", "query": ""}])
def test_a_filter_without_a_name_or_a_choice_is_not_kept_and_says_so(client, given):
    office.liaison(client)

    page = client.post(reverse("filters"), given, follow=True)

    assert "alert" in page.content.decode() or page.context["messages"]
    assert not SavedFilter.objects.exists()


def test_nobody_keeps_more_than_twenty(client):
    office.liaison(client)
    for number in range(21):
        client.post(reverse("filters"), {"name": f"Saringan {number}", "query": "mine=on"})

    assert SavedFilter.objects.count() == 20


def test_days_and_reopening_narrow_the_board(client):
    now = timezone.now()
    old = make.issue(at=now - timedelta(days=40))
    back = make.issue(at=now, steps=[Step.RESOLVE, Step.REOPEN])
    office.liaison(client)
    day = timezone.localdate().isoformat()

    assert office.numbers(client.get(f"{reverse('board')}?dari={day}")) == [back.number]
    assert office.numbers(client.get(f"{reverse('board')}?sampai={day}&reopened=1")) == [
        back.number
    ]
    assert old.number in office.numbers(client.get(f"{reverse('board')}?dari=entah"))
    assert "dibuka kembali" in client.get(reverse("board")).content.decode()
