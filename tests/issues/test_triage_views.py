from uuid import uuid4

import pytest
from django.contrib.gis.geos import Point
from django.urls import reverse

from issues import actions
from issues.models import Category, Issue
from issues.workflow import Role, Status, Step
from tests import make
from tests.issues import office

pytestmark = pytest.mark.django_db

WORDS = "Lampu mati. Hubungi Pak Ketut Suarjana 0812-3456-7890 ya."


@pytest.fixture
def desk(client):
    """A dispatcher at the desk."""
    make.world()
    return office.dispatcher(client)


def queue(client, name):
    return office.numbers(client.get(f"{reverse('triage')}?queue={name}"))


def send(client, issue, step, **fields):
    data = {"step": step, "version": issue.version, "photo_id": uuid4(), **fields}
    return client.post(reverse("step", args=[issue.number]), data)


def unrouted(**fields):
    """An issue of a kind for which no rule speaks."""
    return make.issue(service_code="layanan-lambat", **fields)


def proposed():
    """An issue that waits for verification with a proposed department."""
    make.world()
    make.rule("layanan", to="DISKOMINFO", service_code="layanan")
    return unrouted()


@pytest.mark.parametrize("role", [Role.LIAISON, Role.CREW, Role.LEADER, Role.ADMINISTRATOR])
def test_triage_is_the_dispatchers(client, role):
    issue = make.issue()
    photo = office.photo(issue)
    department = make.department() if role in {Role.LIAISON, Role.CREW} else None
    office.enter(client, make.user(role, department=department))

    addresses = [
        reverse("triage"),
        reverse("review", args=[issue.number]),
        reverse("duplicates", args=[issue.number]),
        reverse("redact", args=[photo.pk]),
    ]

    assert [client.get(address).status_code for address in addresses] == [404] * 4


def test_each_issue_stands_in_the_queue_of_its_reason(desk):
    straight = make.issue()
    refused = make.issue(steps=[Step.REFUSE])
    nobody = unrouted()
    new = proposed()

    assert queue(desk, "baru") == [new.number]
    assert queue(desk, "ditolak") == [refused.number]
    assert queue(desk, "tanpa-rute") == [nobody.number]
    assert queue(desk, "jalur-cepat") == [straight.number]
    assert len(queue(desk, "tinjau")) == 4


def test_a_question_leaves_no_issue_without_a_queue(desk):
    issue = unrouted()

    send(desk, issue, Step.ASK, note="Di sebelah mana?")
    asked = queue(desk, "menunggu-pelapor")
    make.take(issue, Step.ANSWER, note="Di depan pasar.")

    assert asked == [issue.number]
    assert queue(desk, "menunggu-pelapor") == []
    assert queue(desk, "tanpa-rute") == [issue.number]


def test_a_question_of_a_department_stays_on_its_board(desk):
    issue = make.issue(steps=[Step.ASK])

    assert queue(desk, "menunggu-pelapor") == []
    assert issue.number in office.numbers(desk.get(reverse("board")))


def test_the_desk_counts_those_who_wait_for_the_reporter(desk):
    send(desk, unrouted(), Step.ASK, note="Di sebelah mana?")

    [card] = desk.get(reverse("desk")).context["cards"]

    counts = {tally.label: tally.count for tally in card.tallies}
    assert counts["menunggu pelapor, tanpa dinas"] == 1


def test_the_numbers_of_the_queues_are_those_of_their_lists(desk):
    make.issue()
    make.issue(steps=[Step.REFUSE])
    unrouted(confidential=True)

    queues = desk.get(reverse("triage")).context["queues"]

    assert {one["name"]: one["count"] for one in queues} == {
        one["name"]: str(len(queue(desk, one["name"]))) for one in queues
    }


def test_a_queue_tells_why_an_issue_is_in_it(desk):
    issue = make.issue()
    someone = make.user(Role.LIAISON, department=issue.department)
    actions.take(issue.pk, Step.REFUSE, actor=someone, note="Tiang milik PLN.")

    page = office.words(desk.get(f"{reverse('triage')}?queue=ditolak"))

    assert "Ditolak: Tiang milik PLN." in page
    assert "Usulan rute: Ditangani Dinas Dishub: lampu jalan di jalan kota" in page
    assert "ditolak 1×" in page


def test_the_oldest_waits_first(desk):
    newer = unrouted()
    older = unrouted(at=newer.received_at - make.days(2))

    assert queue(desk, "tanpa-rute") == [older.number, newer.number]


def test_what_the_dispatcher_has_touched_leaves_the_fast_lane(desk):
    issue = make.issue()

    send(desk, issue, Step.NOTE, note="Dilihat.")

    assert queue(desk, "jalur-cepat") == []


def test_a_new_issue_is_verified_and_sent_to_the_proposed_department(desk):
    issue = proposed()
    send(desk, issue, Step.VERIFY)
    issue = office.fresh(issue)

    context = desk.get(reverse("case", args=[issue.number])).context
    [form] = [
        form for group in context["groups"] for form in group.forms if form.step is Step.ASSIGN
    ]
    label, [(first, name)] = form.fields["department"].choices[1]
    send(desk, issue, Step.ASSIGN, department=first)

    assert (label, name) == ("Usulan rute", "Dinas Diskominfo")
    assert office.fresh(issue).status == Status.ASSIGNED
    assert office.fresh(issue).department.code == "DISKOMINFO"


def test_routing_is_told_in_full(desk):
    make.road([(make.LON, make.LAT), (make.LON + 0.02, make.LAT + 0.02)], name="Jalan Kamboja")
    make.rule(
        "negara",
        to="BPTD",
        service_code="lpju",
        road_class="national",
        explanation="jalan nasional",
    )
    issue = make.issue()

    page = office.words(desk.get(reverse("case", args=[issue.number])))

    assert "Ditangani Dinas Bptd: jalan nasional, Kelurahan 1.2" in page
    assert (
        "Dishub (lampu jalan di jalan kota): cocok juga, tetapi aturan pertama lebih khusus" in page
    )
    assert "dari batas" in page
    assert "2 aturan ditimbang" in page


def test_rejecting_needs_a_reason(desk):
    issue = unrouted()

    refused = send(desk, issue, Step.REJECT)
    taken = send(desk, issue, Step.REJECT, note="Bukan urusan kota.")

    assert (refused.status_code, taken.status_code) == (422, 302)
    assert office.fresh(issue).status == Status.REJECTED


def test_hiding_and_showing_are_offered_in_turn(desk):
    issue = make.issue()

    def offered():
        context = desk.get(reverse("case", args=[issue.number])).context
        return {form.step for group in context["groups"] for form in group.forms}

    assert Step.HIDE in offered()
    assert Step.UNHIDE not in offered()

    send(desk, issue, Step.HIDE, note="Memuat nama orang.")

    assert Step.UNHIDE in offered()
    assert Step.HIDE not in offered()


# Duplicates


def near(metres_east):
    """A lamp some metres east of where every made issue stands."""
    degrees = metres_east / 110_000
    return make.issue(lon=make.LON + make.SIDE / 2 + degrees)


def test_candidates_are_near_and_nearest_first(desk):
    issue, far, close = make.issue(), near(200), near(50)
    near(400)
    make.issue(steps=[Step.RESOLVE])

    context = desk.get(reverse("duplicates", args=[issue.number])).context

    found = [one.number for one in context["near"]]
    assert found[-2:] == [close.number, far.number]
    assert len(found) == 3
    assert context["near"][-1].distance.m == pytest.approx(200, abs=5)


def test_nothing_of_another_city_is_a_candidate(desk):
    issue, other = make.issue(), near(20)
    elsewhere = make.city(slug="kota-batu", prefix="BTU", name="Kota Batu", short_name="Batu")
    Issue.objects.filter(pk=other.pk).update(city=elsewhere)

    context = desk.get(
        f"{reverse('duplicates', args=[issue.number])}?beside={other.number}"
    ).context

    assert context["near"] == []
    assert context["chosen"] is None


def test_without_a_point_the_newest_of_its_kind_and_area_are_offered(desk):
    same = make.issue(area_code="1.2")
    make.issue(area_code="2.1")
    issue = make.issue(area_code="1.2")

    context = desk.get(reverse("duplicates", args=[issue.number])).context

    assert [one.number for one in context["near"]] == [same.number]


def test_the_same_kind_is_laid_beside_first(desk):
    issue, alike, other = make.issue(), near(80), near(10)
    Issue.objects.filter(pk=other.pk).update(category=make.category("jalan-rusak"))

    context = desk.get(reverse("duplicates", args=[issue.number])).context

    assert context["chosen"].number == alike.number
    assert Category.objects.count() == 3


def test_merging_points_the_issue_to_its_original(desk):
    original, issue = make.issue(), near(30)
    data = {"version": issue.version, "original": original.number.lower()}

    response = desk.post(reverse("duplicates", args=[issue.number]), data)

    assert response.url == reverse("case", args=[issue.number])
    assert office.fresh(issue).merged_into == original


@pytest.mark.parametrize("number", ["", "DPS-26-999999", "itself", "duplicate"])
def test_a_number_that_cannot_be_the_original_is_refused_in_words(desk, number):
    original, duplicate, issue = make.issue(), near(10), near(30)
    someone = make.user(Role.DISPATCHER)
    actions.take(duplicate.pk, Step.MERGE, actor=someone, original=original)
    number = {"itself": issue.number, "duplicate": duplicate.number}.get(number, number)

    response = desk.post(
        reverse("duplicates", args=[issue.number]), {"version": issue.version, "original": number}
    )

    assert response.status_code == 422
    assert office.fresh(issue).merged_into is None


def test_what_is_closed_has_nothing_to_merge(desk):
    issue = make.issue(steps=[Step.RESOLVE])

    response = desk.get(reverse("duplicates", args=[issue.number]))

    assert response.url == reverse("case", args=[issue.number])


def test_the_nearest_is_measured_on_the_ground(desk):
    issue = make.issue()
    north = near(0)
    Issue.objects.filter(pk=north.pk).update(
        point=Point(issue.point.x, issue.point.y + 0.0025, srid=4326)
    )

    context = desk.get(reverse("duplicates", args=[issue.number])).context

    [found] = context["near"]
    assert found.distance.m == pytest.approx(278, abs=2)
