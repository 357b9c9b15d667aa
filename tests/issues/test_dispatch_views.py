"""Triage on one screen: what it shows, one press each, and where it leads."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from issues.models import CategoryWord, Event, Issue, Presence
from issues.views.queues import QUEUES, queued
from issues.workflow import OPEN, OWNERLESS, TABLE, TRIAGE, Role, Status, Step
from tests import make
from tests.issues import office

pytestmark = pytest.mark.django_db

LONG_AGO = timedelta(days=500)


@pytest.fixture
def desk(client):
    """A dispatcher at the desk of a city where a kind waits with a proposed department."""
    make.world()
    make.rule("layanan", to="DISKOMINFO", service_code="layanan", explanation="layanan daring")
    make.rule("semua", to="PUPR", explanation="yang lain")
    return office.dispatcher(client)


def waiting(**fields):
    """An issue in triage whose department is proposed."""
    return make.issue(service_code="layanan-lambat", **fields)


def screen(client, queue="baru", **query):
    return client.get(reverse("triage"), {"queue": queue, **query})


def press(client, issue, step, *, queue="baru", following="", **fields):
    data = {"step": step, "version": issue.version, "photo_id": uuid4(), "queue": queue}
    return client.post(
        reverse("triage-step", args=[issue.number]), {**data, "next": following, **fields}
    )


# What it shows


def test_the_first_of_the_queue_is_open_until_another_is_asked_for(desk):
    older, newer = waiting(), waiting()

    assert screen(desk).context["issue"] == older
    assert screen(desk, n=newer.number.lower()).context["issue"] == newer
    assert screen(desk, n="DPS-26-999999").context["issue"] == older


def test_an_empty_queue_shows_no_issue(desk):
    page = screen(desk)

    assert "Antrean ini kosong." in office.words(page)
    assert "issue" not in page.context


def test_the_routing_sentence_and_the_second_choice_are_told(desk):
    waiting()

    page = screen(desk)

    assert "Ditangani Dinas Diskominfo: layanan daring" in office.words(page)
    assert page.context["second"]["department_name"] == "Pupr"
    assert page.context["proposed"].code == "DISKOMINFO"


def test_another_kind_is_proposed_from_the_words(desk):
    lamp = make.category("lpju-mati")
    lamp.keywords = ["lampu jalan mati", "gelap", "penerangan"]
    lamp.save()
    waiting(description="Lampu jalan mati, penerangan padam, gelap gulita.")

    page = screen(desk)

    assert CategoryWord.objects.count() == 0
    assert page.context["kind"] == lamp
    assert "mungkin jenis lain: <strong>Lpju Mati</strong>" in office.words(page)


def test_what_was_reported_of_the_place_is_listed_with_its_outcome(desk):
    done = make.issue(steps=[Step.RESOLVE])
    close = make.issue(lon=make.LON + make.SIDE / 2 + 60 / 110_000)
    far = make.issue(lon=make.LON + make.SIDE / 2 + 200 / 110_000)
    old = make.issue(at=timezone.now() - LONG_AGO)
    issue = waiting()

    around = screen(desk, n=issue.number).context["around"]

    found = {one.issue.number for one in around.here}
    assert found == {done.number, close.number}
    assert {one.number for one in around.near} == {done.number, close.number, far.number}
    assert old.number not in found


def test_the_same_pole_counts_wherever_the_pin_stands(desk):
    make.lamp("L-1")
    far = make.issue(lon=make.LON + make.SIDE / 2 + 250 / 110_000, steps=[Step.RESOLVE])
    issue = waiting()
    for one in (far, issue):
        one.assets.create(city=make.city(), layer="lamp", code="L-1")
    other = make.issue(lon=make.LON + make.SIDE / 2 + 260 / 110_000)
    other.assets.create(city=make.city(), layer="lamp", code="L-2")

    [found] = screen(desk, n=issue.number).context["around"].here

    assert (found.issue, found.why) == (far, "pole")
    assert "tiang atau aset yang sama" in office.words(screen(desk, n=issue.number))


def test_a_whole_street_belongs_to_the_places_along_it(desk):
    street = make.issue(lon=make.LON + make.SIDE / 2 + 250 / 110_000)
    issue = waiting()
    Issue.objects.filter(pk=street.pk).update(street="Jalan Kamboja")
    Issue.objects.filter(pk=issue.pk).update(place="Jalan Kamboja, Kelurahan 1.2")

    [found] = screen(desk).context["around"].here

    assert (found.issue, found.why) == (street, "street")


@pytest.mark.parametrize(
    "contact",
    [{"email": "Warga@Contoh.id"}, {"phone": "081234567890"}],
    ids=["address", "telephone"],
)
def test_the_history_of_a_reporter_is_numbers_and_no_name(desk, contact):
    mine = {"name": "Ketut Rahasia", "consent": True, **contact}
    rejected = waiting(**mine)
    make.take(rejected, Step.REJECT, note="Bukan urusan kota.")
    make.issue(**mine)
    waiting(name="Orang Lain", email="lain@contoh.id", consent=True)
    again = {key: value.lower() for key, value in contact.items()}
    issue = waiting(**again, name="Ketut Rahasia", consent=True, anonymous=True)

    page = screen(desk, n=issue.number)

    record = page.context["around"].record
    assert (record.total, record.rejected, record.merged) == (2, 1, 0)
    assert "2 laporan sebelumnya: 1 ditolak, 0 duplikat." in office.words(page)
    for secret in ("Ketut Rahasia", "arga@", "081234567890"):
        assert secret not in office.words(page)


def test_without_a_contact_nobody_is_the_same_reporter(desk):
    waiting()
    issue = waiting()

    assert screen(desk, n=issue.number).context["around"].record is None


def test_the_map_holds_the_issue_and_what_is_near(desk):
    near = make.issue()
    issue = waiting()

    site = screen(desk, n=issue.number).context["site"]

    assert [mark["number"] for mark in site["marks"]] == [issue.number, near.number]
    assert site["here"] == [issue.point.x, issue.point.y]


# One press each


def test_v_verifies_and_hands_on_in_one_press(desk):
    issue, following = waiting(), waiting()
    department = make.department("DISKOMINFO")

    response = press(desk, issue, "send", department=department.pk, following=following.number)

    issue = office.fresh(issue)
    assert (issue.status, issue.department) == (Status.ASSIGNED, department)
    assert [event.step for event in issue.events.all()][-2:] == [Step.VERIFY, Step.ASSIGN]
    page = desk.get(response.url)
    assert page.context["issue"] == following
    assert f"<strong>{issue.number} didisposisikan.</strong>" in office.words(page)


def test_v_sends_what_was_verified_before(desk):
    issue = make.take(waiting(), Step.VERIFY)

    press(desk, issue, "send", department=make.department("DISKOMINFO").pk)

    assert office.fresh(issue).status == Status.ASSIGNED


def test_where_nobody_is_proposed_v_verifies_and_the_issue_stays(desk):
    issue = waiting()

    press(desk, issue, "send")

    assert office.fresh(issue).status == Status.VERIFIED


def test_v_twice_does_nothing_twice(desk):
    issue = waiting()
    department = make.department("DISKOMINFO")
    press(desk, issue, "send", department=department.pk)

    again = press(desk, issue, "send", department=department.pk)

    assert again.status_code == 409
    assert Event.objects.filter(issue=issue, step=Step.ASSIGN).count() == 1


def test_v_takes_what_was_let_go_where_it_goes_by_itself(desk):
    issue = make.issue(held=True)

    press(desk, issue, "send", department=make.department("DISHUB").pk, queue="ditahan")

    issue = office.fresh(issue)
    assert (issue.status, issue.department.code) == (Status.ASSIGNED, "DISHUB")
    assert issue.events.filter(step=Step.ASSIGN).count() == 1


def test_a_strangers_department_is_nobody(desk):
    elsewhere = make.city(slug="kota-batu", prefix="BTU")
    theirs = make.department("BATU", city=elsewhere)
    issue = waiting()

    assert press(desk, issue, "send", department=theirs.pk).status_code == 404
    assert office.fresh(issue).status == Status.SUBMITTED


@pytest.mark.parametrize(
    ("step", "status"),
    [
        (Step.ASSIGN, Status.ASSIGNED),
        (Step.ASK, Status.NEEDS_INFO),
        (Step.REJECT, Status.REJECTED),
        (Step.CONFIDE, Status.SUBMITTED),
    ],
)
def test_every_form_of_the_screen_decides_and_goes_on(desk, step, status):
    issue, following = waiting(), waiting()
    fields = {"department": make.department("PUPR").pk, "note": "Alasan."}

    response = press(desk, issue, step, following=following.number, **fields)

    assert response.status_code == 302
    assert f"n={following.number}" in response.url
    assert office.fresh(issue).status == status


def test_what_the_fast_lane_sent_right_leaves_its_queue_with_one_press(desk):
    issue = make.issue()
    assert office.numbers(screen(desk, "jalur-cepat")) == [issue.number]

    press(desk, issue, Step.NOTE, note="Jalur cepat dilihat.", queue="jalur-cepat")

    assert office.numbers(screen(desk, "jalur-cepat")) == []


def test_the_department_of_a_form_is_the_proposal_or_the_second_choice(desk):
    lamp, proposed = make.issue(), waiting()

    [reroute] = [
        form for form in screen(desk, "jalur-cepat").context["forms"] if form.step is Step.REROUTE
    ]
    [assign] = [form for form in screen(desk).context["forms"] if form.step is Step.ASSIGN]

    assert lamp.department.code == "DISHUB"
    assert reroute.initial["department"] == make.department("PUPR").pk
    assert assign.initial["department"] == make.department("DISKOMINFO").pk
    assert proposed.department is None


@pytest.mark.parametrize("told", ["sudah=<b>&langkah=verify", "sudah=DPS-26-1&langkah=hapus"])
def test_the_address_makes_the_page_say_nothing_else(desk, told):
    page = desk.get(f"{reverse('triage')}?{told}")

    assert "done" not in page.context


@pytest.mark.parametrize("name", ["review", "duplicates", "classify", "split"])
def test_larger_decisions_lead_back_to_the_queue(desk, name):
    original, issue, following = waiting(), waiting(), waiting()
    data = {
        "review": {"public_text": "Lampu mati."},
        "duplicates": {"original": original.number},
        "classify": {"service_code": "lpju-mati"},
        "split": {"departments": [make.department(one).pk for one in ("PUPR", "DISHUB")]},
    }[name]
    address = f"{reverse(name, args=[issue.number])}?queue=baru&next={following.number}"

    response = desk.post(address, {"version": issue.version, **data})

    assert response.status_code == 302
    assert response.url.startswith(f"{reverse('triage')}?queue=baru&n={following.number}")
    assert f"sudah={issue.number}" in response.url


# Nothing is without an owner


WAYS_IN = {
    "baru": (Status.SUBMITTED, waiting),
    "ditahan": (Status.SUBMITTED, lambda: make.issue(held=True)),
    "ditolak": (Status.SUBMITTED, lambda: make.issue(steps=[Step.REFUSE])),
    "menunggu-pelapor": (Status.NEEDS_INFO, lambda: waiting(steps=[Step.ASK])),
}
TAKEN = [
    (queue, step)
    for queue, (status, _make) in WAYS_IN.items()
    for step in Step
    if (cell := TABLE.get((status, step))) and Role.DISPATCHER in cell.roles
]


def standing(issue):
    """The queues of triage in which an issue stands; the review alone owns nothing."""
    found = queued(Issue.objects.filter(pk=issue.pk))
    return {name for name, queue in QUEUES.items() if found.filter(queue.rule)} - {"tinjau"}


@pytest.mark.parametrize(("queue", "step"), TAKEN)
def test_after_every_step_of_a_dispatcher_an_open_issue_has_a_queue_or_an_owner(desk, queue, step):
    issue = WAYS_IN[queue][1]()
    assert queue in standing(issue)
    department = make.department("PUPR").pk
    fields = {"department": department, "note": "Alasan.", "departments": [department]}

    press(desk, issue, step, queue=queue, **fields)

    issue = office.fresh(issue)
    assert issue.department_id or not issue.is_open or standing(issue)


def test_whatever_is_open_without_a_department_stands_in_a_queue():
    """The pure half: every status that may be without an owner is one that a queue asks for."""
    open_ownerless = {status for status in OWNERLESS if status in OPEN}

    assert open_ownerless == TRIAGE | {Status.NEEDS_INFO}


# What it costs


def test_the_screen_costs_twelve_statements_with_all_that_it_can_show(
    desk, django_assert_max_num_queries
):
    make.question("layanan-lambat", "kapan")
    for _ in range(3):
        one = waiting(email="a@contoh.id", consent=True, answers={"kapan": "satu"})
        make.photo(one)
        make.issue()
    screen(desk)
    for _ in range(9):
        make.photo(waiting(email="a@contoh.id", consent=True))

    with django_assert_max_num_queries(12):
        page = screen(desk)

    assert page.context["answers"]
    assert len(page.context["around"].here) == 8 + 3 + 3 or page.context["around"].here


@pytest.mark.parametrize("queue", list(QUEUES))
def test_every_queue_costs_twelve_statements(desk, queue, django_assert_max_num_queries):
    make.issue()
    make.issue(steps=[Step.REFUSE])
    make.issue(held=True)
    waiting()
    waiting(steps=[Step.ASK])
    screen(desk, queue)

    with django_assert_max_num_queries(12):
        assert screen(desk, queue).status_code == 200


# Who else is here


def test_a_colleague_with_the_issue_open_is_named_on_the_row_and_on_the_case(desk):
    issue = waiting()
    ayu = make.user(Role.DISPATCHER, first_name="Ayu")
    now = timezone.now()
    Presence.objects.create(issue=issue, user=ayu, since=now - timedelta(minutes=2), at=now)

    assert "sedang dibuka oleh Ayu (2\xa0menit)" in office.words(screen(desk))
    case = office.words(desk.get(reverse("case", args=[issue.number])))
    assert "sedang dibuka oleh Ayu (2\xa0menit)" in case


def test_who_left_a_minute_ago_is_gone_and_nobody_sees_themselves(desk):
    issue = waiting()
    then = timezone.now() - timedelta(seconds=61)
    Presence.objects.create(issue=issue, user=make.user(Role.DISPATCHER), since=then, at=then)

    screen(desk)
    page = screen(desk)

    assert 'class="small presence"' not in office.words(page)
    assert Presence.objects.filter(issue=issue).count() == 2


def test_a_beat_keeps_since_when_until_somebody_was_away(desk):
    issue = waiting()
    address = reverse("present", args=[issue.number])
    now = timezone.now()
    desk.post(address)
    mine = Presence.objects.filter(issue=issue)
    first = now - timedelta(minutes=5)

    mine.update(since=first, at=now - timedelta(seconds=30))
    desk.post(address)
    kept = mine.get().since
    mine.update(at=now - timedelta(minutes=3))
    desk.post(address)

    assert kept == first
    assert mine.get().since > now - timedelta(seconds=1)
    assert not Event.objects.filter(issue=issue, seq__gt=issue.version).exists()


def test_the_beat_answers_who_else_is_there(desk):
    issue = waiting()
    now = timezone.now()
    ayu = make.user(Role.DISPATCHER, first_name="Ayu")
    Presence.objects.create(issue=issue, user=ayu, since=now, at=now)

    answer = desk.post(reverse("present", args=[issue.number])).json()

    assert [one["name"] for one in answer["screens"]] == ["Ayu"]
