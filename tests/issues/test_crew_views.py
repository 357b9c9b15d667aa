from uuid import uuid4

import pytest
from django.urls import reverse

from geodata.models import Department
from issues import actions
from issues.models import Issue, Photo
from issues.privacy import MASK
from issues.workflow import Role, Status, Step
from tests import make
from tests.issues import office

pytestmark = pytest.mark.django_db

CANARIES = {
    "description": "Kenari berkicau di rumah nomor 7.",
    "address": "sebelah rumah Kenari",
    "name": "Ni Luh Kenari",
    "email": "kenari@example.com",
    "phone": "081299988877",
}


def job(issue):
    return reverse("job", args=[issue.number])


def send(client, issue, step, **fields):
    data = {"step": step, "version": issue.version, "photo_id": uuid4(), **fields}
    return client.post(reverse("job-step", args=[issue.number]), data)


def listed(response):
    return [issue.number for issue in response.context["rows"]]


def at(metres_east, **fields):
    """A lamp some metres east of the corner of the villages."""
    return make.issue(lon=make.LON + metres_east / 110_000, lat=make.LAT + 0.001, **fields)


@pytest.mark.parametrize(
    "role", [Role.DISPATCHER, Role.LIAISON, Role.LEADER, Role.ADMINISTRATOR, None]
)
def test_the_field_is_the_crews(client, role):
    issue = make.issue()
    department = make.department() if role is Role.LIAISON else None
    office.enter(client, make.user(role, department=department))

    assert client.get(reverse("crew")).status_code == 404
    assert client.get(job(issue)).status_code == 404
    assert send(client, issue, Step.START).status_code == 404


def test_a_crew_has_no_desk(client):
    issue = make.issue()
    office.crew(client)

    for address in (reverse("board"), reverse("triage"), reverse("case", args=[issue.number])):
        assert client.get(address).status_code == 404


def test_the_nearest_job_stands_first(client):
    far, near = at(1500), at(100)
    office.crew(client)

    from_the_centre = client.get(reverse("crew"))
    from_the_east = client.get(reverse("crew"), {"lon": make.LON + 0.02, "lat": make.LAT})

    assert listed(from_the_centre) == [near.number, far.number]
    assert listed(from_the_east) == [far.number, near.number]
    assert from_the_centre.context["rows"][0].distance.m == pytest.approx(149, abs=3)


def test_of_two_at_one_place_the_one_due_sooner_stands_first(client):
    fresh = at(100)
    old = at(100, at=fresh.received_at - make.days(20))

    response = office.crew(client).get(reverse("crew"))

    assert listed(response) == [old.number, fresh.number]


@pytest.mark.parametrize(
    "query", ["lon=abc&lat=1", "lon=nan&lat=inf", "lon=1e300&lat=0", "lon=115", "start=-1&lon="]
)
def test_a_place_that_is_none_falls_back_to_the_centre(client, query):
    issue = at(100)

    response = office.crew(client).get(f"{reverse('crew')}?{query}")

    assert listed(response) == [issue.number]
    assert not response.context["known"]


def test_jobs_without_a_point_come_last(client):
    nowhere = make.issue(area_code="1.2")
    somewhere = at(1000)

    assert listed(office.crew(client).get(reverse("crew"))) == [somewhere.number, nowhere.number]


def test_a_crew_sees_its_own_open_jobs_only(client):
    make.rule("sampah", to="DLHK", service_code="sampah")
    make.category("sampah-liar")
    mine = make.issue()
    make.issue(steps=[Step.RESOLVE])
    make.issue(steps=[Step.ASK])
    make.issue(service_code="sampah-liar")
    outside = make.issue(lon=make.LON - 0.01)

    response = office.crew(client, area_code="1.2").get(reverse("crew"))

    assert listed(response) == [mine.number]
    assert client.get(job(outside)).status_code == 404


def test_the_list_costs_the_same_for_three_jobs_and_for_twelve(
    client, django_assert_max_num_queries
):
    office.crew(client)
    for metres in range(3):
        at(metres)
    client.get(reverse("crew"))

    for metres in range(9):
        at(metres)

    with django_assert_max_num_queries(8):
        client.get(reverse("crew"))
    with django_assert_max_num_queries(10):
        client.get(reverse("crew"), {"urut": "hari"})


@pytest.mark.parametrize("flag", ["anonymous", "confidential"])
def test_of_a_protected_report_a_crew_sees_no_word_and_no_photo(client, flag):
    issue = make.issue(**{flag: True}, **CANARIES)
    photo = office.photo(issue)
    office.crew(client)

    pages = office.words(client.get(reverse("crew"))) + office.words(client.get(job(issue)))
    answer = client.get(reverse("staff-photo", args=[photo.pk, 0, "small"]))

    assert "kenari" not in pages.lower()
    assert str(photo.pk) not in pages
    assert answer.status_code == 404
    assert "Kerjakan menurut jenis, tempat, dan perintah dinas." in pages


@pytest.mark.parametrize("flag", ["anonymous", "confidential"])
def test_of_a_protected_report_a_crew_sees_what_a_reviewer_released(client, flag):
    issue = make.issue(**{flag: True}, **CANARIES)
    shown, withheld = office.photo(issue), office.photo(issue)
    actions.review(
        issue.pk,
        actor=make.user(Role.DISPATCHER),
        version=None,
        public_text="Tiang kedua dari timur.",
        released=[shown.pk],
    )

    page = office.words(office.crew(client).get(job(issue)))

    assert "Tiang kedua dari timur." in page
    assert str(shown.pk) in page
    assert str(withheld.pk) not in page
    assert "kenari" not in page.lower()


def test_of_an_ordinary_report_a_crew_sees_the_words_but_nobodys_name(client):
    issue = make.issue(
        description="Tiang miring. Tanya Pak Ketut Suarjana 0812-3456-7890.",
        name="Ni Luh Kenari",
        phone="081299988877",
    )

    page = office.words(office.crew(client).get(job(issue)))

    assert f"Tiang miring. Tanya Pak {MASK} {MASK}." in page
    assert "Kenari" not in page
    assert "081299988877" not in page


@pytest.mark.parametrize("fields", [{}, {"anonymous": True}, {"confidential": True}])
def test_a_crew_reads_answers_without_personal_data_and_none_of_a_protected_report(client, fields):
    issue = make.issue(answers={"tiang": "T-17, tanya 0812-3456-7890"}, **fields)

    page = office.words(office.crew(client).get(job(issue)))

    assert (f"<dt>tiang</dt><dd>T-17, tanya {MASK}</dd>" in page) == (not fields)
    assert "0812-3456-7890" not in page


def test_a_crew_reads_the_department_and_never_the_reporter(client):
    issue = make.issue(steps=[Step.ASK])
    actions.take(issue.pk, Step.ANSWER, actor=None, note="Rumah saya nomor 7.")
    someone = make.user(Role.LIAISON, department=make.department())
    actions.take(issue.pk, Step.SCHEDULE, actor=someone, note="Bawa tangga 6 m.")

    page = office.words(office.crew(client).get(job(issue)))

    assert "Bawa tangga 6 m." in page
    assert "Rumah saya nomor 7." not in page


def test_navigation_is_a_geo_address(client):
    issue = make.issue()

    page = office.words(office.crew(client).get(job(issue)))

    assert f'href="geo:{issue.point.y:.6f},{issue.point.x:.6f}?q=' in page


def test_whoever_starts_has_the_job_in_hand(client):
    issue = make.issue()
    someone = make.user(Role.CREW, department=make.department())

    response = send(office.enter(client, someone), issue, Step.START)

    issue = office.fresh(issue)
    assert response.url == job(issue)
    assert (issue.status, issue.assignee) == (Status.IN_PROGRESS, someone)
    assert "Anda kerjakan" in office.words(client.get(reverse("crew")))


def test_a_photo_of_the_repair_resolves_the_job(client):
    issue = make.issue(steps=[Step.START])

    response = send(office.crew(client), issue, Step.RESOLVE, photo=office.upload())

    [photo] = Photo.objects.filter(issue=issue)
    assert response.url == f"{reverse('crew')}?done={issue.number}"
    assert (photo.kind, photo.public) == (Photo.Kind.AFTER, False)
    assert office.fresh(issue).status == Status.RESOLVED


def test_the_repair_stands_beside_the_damage(client):
    issue = make.issue(steps=[Step.START])
    someone = make.user(Role.CREW, department=make.department())
    before = office.photo(issue)
    after = office.photo(issue, kind=Photo.Kind.AFTER, actor=someone)

    context = office.enter(client, someone).get(job(issue)).context

    assert (context["before"], context["after"]) == ([before], [after])


def test_without_photo_a_note_must_say_why(client):
    issue = make.issue(steps=[Step.START])
    office.crew(client)

    refused = send(client, issue, Step.RESOLVE)
    taken = send(client, issue, Step.RESOLVE, note="Gelap, kamera tidak menangkap apa pun.")

    assert refused.status_code == 422
    assert "Ambil foto sesudah perbaikan" in office.words(refused)
    assert taken.status_code == 302
    assert office.fresh(issue).status == Status.RESOLVED


def test_where_repairs_are_validated_a_crew_finishes_and_does_not_resolve(client):
    issue = make.issue(steps=[Step.START])
    Department.objects.update(validates=True)
    office.crew(client)

    form = client.get(job(issue)).context["finish"]
    refused = send(client, issue, Step.RESOLVE, note="Selesai.")
    send(client, issue, Step.FIX, note="Selesai.")

    assert form.step is Step.FIX
    assert refused.status_code == 409
    assert office.fresh(issue).status == Status.FIXED


def test_somebody_elses_step_is_shown_and_the_note_is_kept(client):
    issue = make.issue(steps=[Step.START])
    make.take(issue, Step.NOTE, note="Tunggu PLN.")

    response = send(office.crew(client), issue, Step.RESOLVE, note="Sudah menyala.")

    assert response.status_code == 409
    assert "Sudah menyala." in office.words(response)
    assert "<strong>Catatan internal</strong>" in office.words(response)
    assert office.fresh(issue).status == Status.IN_PROGRESS


def test_a_crew_takes_no_step_of_the_office(client):
    issue = make.issue()
    office.crew(client)

    forms = client.get(job(issue)).context["forms"]

    assert {form.step for form in forms} <= {Step.ACCEPT, Step.NOTE, Step.ATTACH}
    assert send(client, issue, Step.FLAG).status_code == 409
    assert send(client, issue, Step.REFUSE, note="Malas.").status_code == 404
    assert send(client, issue, "bogus").status_code == 404
    assert Issue.objects.get().status == Status.ASSIGNED


def test_an_order_stands_apart_from_what_the_public_was_told(client):
    issue = make.issue()
    make.take(issue, Step.NOTE, note="Bawa tangga panjang.")
    make.take(issue, Step.RESPOND, note="Terima kasih, petugas datang besok.")
    office.crew(client)

    page = client.get(job(issue))

    assert [event.note for event in page.context["instructions"]] == ["Bawa tangga panjang."]
    assert [event.note for event in page.context["promises"]] == [
        "Terima kasih, petugas datang besok."
    ]
