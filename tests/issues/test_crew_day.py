"""The crew's planned day, its keys and the way back, letters, and what it has seen."""

import pytest
from django.test import Client
from django.urls import reverse

from issues import actions
from issues.forms.review import MASK
from issues.models import Issue, Photo
from issues.workflow import Status, Step
from tests import make
from tests.issues import office
from tests.issues.test_crew_views import at, job, listed, send

pytestmark = pytest.mark.django_db

# The day -------------------------------------------------------------------------------------


def test_the_planned_order_puts_what_is_late_before_what_is_near(client):
    near = [at(300 * n) for n in (1, 2)]
    late = at(900, at=near[0].received_at - make.days(20))
    office.crew(client)

    response = client.get(reverse("crew"), {"urut": "hari", "lon": make.LON, "lat": make.LAT})

    plan = response.context["plan"]
    assert listed(response)[0] == late.number
    assert set(listed(response)) == {late.number, *(issue.number for issue in near)}
    assert len(plan.legs_m) == 3
    marks = response.context["site"]["marks"]
    assert [(mark["order"], mark["number"]) for mark in marks] == [
        *enumerate(listed(response), start=1)
    ]


def test_the_way_home_is_counted_on_wish(client):
    at(1000)
    office.crew(client)
    here = {"urut": "hari", "lon": make.LON, "lat": make.LAT}

    out = client.get(reverse("crew"), here).context["plan"]
    back = client.get(reverse("crew"), here | {"kembali": "1"}).context["plan"]

    assert out.back_m is None
    assert back.total_m == pytest.approx(2 * out.total_m)


def test_a_job_without_a_point_stands_last_in_the_plan(client):
    nowhere, somewhere = make.issue(area_code="1.2"), at(500)

    response = office.crew(client).get(reverse("crew"), {"urut": "hari"})

    assert listed(response) == [somewhere.number, nowhere.number]
    assert response.status_code == 200


def test_a_plan_of_nothing_is_an_empty_list(client):
    make.world()

    assert listed(office.crew(client).get(reverse("crew"), {"urut": "hari"})) == []


# One thumb, and back -------------------------------------------------------------------------


def test_a_job_costs_no_more_statements_than_a_page_of_staff_may(
    client, django_assert_max_num_queries
):
    issue = make.issue(answers={"tiang": "T-17"})
    for _number in range(5):
        make.take(issue, Step.NOTE)
        make.photo(issue)
    office.crew(client)
    client.get(job(issue))

    # Three more than a list may: a job says why its date is that date.
    with django_assert_max_num_queries(15):
        client.get(job(issue))


def test_on_the_way_the_next_key_is_the_work(client):
    issue = make.issue()
    office.crew(client)
    before = client.get(job(issue)).context["travelling"]

    send(client, issue, Step.TRAVEL)

    after = client.get(job(issue)).context
    assert (before, after["travelling"]) == (False, True)
    assert after["undo"].step == Step.TRAVEL


def test_a_slip_is_taken_back_from_the_page(client):
    issue = make.issue()
    office.crew(client)
    send(client, issue, Step.START)

    response = send(client, issue, Step.UNDO)

    assert response.url == job(issue)
    assert office.fresh(issue).status == Status.ASSIGNED


def test_a_repair_is_taken_back_from_the_list(client):
    issue = make.issue(steps=[Step.START])
    office.crew(client)
    done = send(client, issue, Step.RESOLVE, note="Tanpa foto.")

    page = office.words(client.get(done.url))

    assert f'action="{reverse("job-step", args=[issue.number])}"' in page
    assert "Batalkan" in page


def test_nothing_to_take_back_is_said(client):
    issue = make.issue()

    response = send(office.crew(client), issue, Step.UNDO)

    assert response.status_code == 409
    assert "tidak dapat dibatalkan lagi" in office.words(response)


@pytest.mark.parametrize("step", [Step.HELP, Step.NOT_FOUND])
def test_a_call_for_the_office_needs_words(client, step):
    issue = make.issue()
    office.crew(client)

    refused = send(client, issue, step)
    taken = send(client, issue, step, note="Tiangnya di dalam pagar.")

    assert (refused.status_code, taken.status_code) == (422, 302)
    assert issue.flags.count() == 1


def test_a_photo_from_the_page_keeps_when_and_where_it_was_taken(client):
    issue = make.issue(steps=[Step.START])
    capture = {
        "taken_at": "2026-11-21T08:00:00Z", "lon": issue.point.x, "lat": issue.point.y,
        "accuracy": 9,
    }  # fmt: skip

    send(office.crew(client), issue, Step.RESOLVE, photo=office.upload(), **capture)

    photo = issue.photos.get()
    assert photo.captured_at.isoformat() == "2026-11-21T08:00:00+00:00"
    assert (photo.distance_m, photo.accuracy_m) == (pytest.approx(0, abs=0.1), 9)


# Letters -------------------------------------------------------------------------------------


def letters(client, issue):
    return [event.note for event in client.get(job(issue)).context["letters"]]


def test_what_the_reporter_answers_comes_back_without_personal_data(client):
    issue = make.issue()
    actions.take(issue.pk, Step.ADD, actor=None, note="Sebelum ada yang bertanya.")
    office.crew(client)

    send(client, office.fresh(issue), Step.WRITE, note="Tiang sebelah mana?")
    actions.take(issue.pk, Step.ADD, actor=None, note="Depan rumah, telepon 0812-3456-7890.")

    assert letters(client, issue) == [
        "Tiang sebelah mana?", f"Depan rumah, telepon {MASK}."
    ]  # fmt: skip


@pytest.mark.parametrize("flag", ["anonymous", "confidential"])
def test_of_a_protected_report_the_answer_goes_to_the_office(client, flag):
    issue = make.issue(**{flag: True})
    office.crew(client)

    send(client, issue, Step.WRITE, note="Tiang sebelah mana?")
    actions.take(issue.pk, Step.ADD, actor=None, note="Kenari nomor 7.")

    assert letters(client, issue) == ["Tiang sebelah mana?"]
    assert "Kenari" not in office.words(client.get(job(issue)))


# What a crew has seen ------------------------------------------------------------------------


def seen(client, **fields):
    values = {
        "id": str(make.uuid(8)), "categories": ["lpju-mati"], "lon": make.LON + 0.01,
        "lat": make.LAT + 0.01,
    }  # fmt: skip
    return client.post(reverse("crew-report"), values | fields)


def test_several_problems_of_one_sight_are_filed_with_one_photo(client):
    make.world()
    office.crew(client)

    first = seen(client, categories=["lpju-mati", "layanan-lambat"], photo=office.upload())
    again = seen(client, categories=["lpju-mati", "layanan-lambat"], photo=office.upload())

    assert first.url == again.url
    assert Issue.objects.count() == Photo.objects.count() == 2
    assert {photo.kind for photo in Photo.objects.all()} == {Photo.Kind.BEFORE}
    assert [one.number for one in client.get(first.url).context["sent"]] == [
        one.number for one in Issue.objects.order_by("pk")
    ]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"lon": "", "lat": ""}, "Tunjukkan tempatnya."),
        ({"categories": []}, "Pilih paling sedikit satu jenis."),
        ({"lon": 116.0}, "di luar"),
    ],
)
def test_a_sight_without_place_or_kind_is_not_filed_and_says_so(client, fault, words):
    make.world()

    response = seen(office.crew(client), **fault)

    assert response.status_code == 422
    assert words in office.words(response)
    assert not Issue.objects.exists()


def test_a_broken_photo_loses_no_report(client):
    make.world()
    broken = office.upload()
    broken.file.write(b"no picture")

    response = seen(office.crew(client), photo=broken)

    assert "photo=no" in response.url
    assert Issue.objects.count() == 1
    assert "Fotonya tidak dapat disimpan" in office.words(client.get(response.url))


def test_the_kinds_of_the_own_department_stand_in_front(client):
    make.world()
    for number in range(10):
        make.category(f"lain-{number}", position=0)
    make.category("lpju-mati").__class__.objects.filter(service_code="lpju-mati").update(position=9)
    make.issue()

    often = office.crew(client).get(reverse("crew-report")).context["often"]

    assert often[0].service_code == "lpju-mati"
    assert len(often) == 9


def test_nobody_reads_what_others_have_sent(client):
    make.world()
    sent = seen(office.crew(client)).url

    assert office.crew(Client()).get(sent).context["sent"] == []
