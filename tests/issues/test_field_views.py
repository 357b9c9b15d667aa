"""The doors of a crew's phone: the day, the log, photos, what it has seen."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from geodata.models import Department
from issues import actions
from issues.forms.review import MASK
from issues.models import FieldOp, Flag, Issue, Photo, Unit
from issues.workflow import Role, Status, Step
from tests import make
from tests.issues import field, office

pytestmark = pytest.mark.django_db

DOORS = ["crew-ops", "crew-photos", "crew-reports"]


def day(client, **query):
    response = client.get(reverse("crew-day"), query)
    assert response.status_code == 200
    return response.json()


def only_job(client):
    [job] = day(client)["jobs"]
    return job


# Who comes in --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DOORS)
def test_a_door_without_log_in_says_so_in_json(name):
    make.world()

    response = Client().post(reverse(name), {}, content_type=field.JSON)

    assert response.status_code == 401
    assert response.json()["error"]["code"] == "LoginRequired"


def test_the_day_without_log_in_is_a_401_and_for_the_office_a_404(client):
    make.world()

    nobody = client.get(reverse("crew-day"))
    desk = office.liaison(client).get(reverse("crew-day"))

    assert (nobody.status_code, desk.status_code) == (401, 404)
    assert desk.json()["error"]["code"] == "NotFound"


@pytest.mark.parametrize("name", DOORS)
def test_what_another_site_posts_is_refused_in_json(name):
    make.world()
    client = office.enter(Client(enforce_csrf_checks=True), field.crew())

    response = client.post(reverse(name), {}, content_type=field.JSON)

    assert response.status_code == 403
    assert response.json()["error"]["code"] == "FormExpired"


# The day -------------------------------------------------------------------------------------


def test_the_day_is_kept_in_no_cache(client):
    make.world()

    assert "no-store" in office.crew(client).get(reverse("crew-day")).headers["Cache-Control"]


def test_a_job_says_all_that_is_needed_without_network(client):
    issue = make.issue(answers={"tiang": "T-17"})
    make.take(issue, Step.NOTE, note="Bawa tangga 6 m.")
    photo = office.photo(issue)

    job = only_job(office.crew(client))

    assert job["number"] == issue.number
    assert job["version"] == office.fresh(issue).version
    assert (job["lon"], job["lat"]) == (issue.point.x, issue.point.y)
    assert job["words"] == issue.description
    assert job["answers"] == [["tiang", "T-17"]]
    assert [note["note"] for note in job["instructions"]] == ["Bawa tangga 6 m."]
    assert [one["id"] for one in job["photos"]] == [str(photo.pk)]
    assert b"".join(client.get(job["photos"][0]["url"]))
    assert {one["step"]: one["duties"] for one in job["steps"]} == {
        "accept": [], "start": [], "resolve": ["proof"], "note": ["note"], "travel": [],
        "not_found": ["note"], "help": ["note"],
    }  # fmt: skip


@pytest.mark.parametrize("flag", ["anonymous", "confidential"])
def test_of_a_protected_report_the_day_holds_nothing_that_was_said(client, flag):
    issue = make.issue(
        **{flag: True},
        description="Kenari berkicau",
        name="Ni Luh Kenari",
        email="kenari@example.com",
        answers={"tiang": "kenari"},
    )
    photo = office.photo(issue)
    office.crew(client)

    text = client.get(reverse("crew-day")).content.decode()

    assert "enari" not in text
    assert str(photo.pk) not in text
    assert only_job(client)["protected"]


def test_personal_data_in_words_are_masked(client):
    make.issue(description="Tiang miring, tanya 0812-3456-7890.")

    assert only_job(office.crew(client))["words"] == f"Tiang miring, tanya {MASK}."


def test_the_order_names_every_job_and_the_legs_sum_up(client):
    placed = [make.issue(lon=make.LON + 0.002 * n) for n in (3, 1, 2)]
    nowhere = make.issue(area_code="1.2")

    found = day(office.crew(client), lon=make.LON, lat=make.LAT)

    assert found["order"] == [placed[1].number, placed[2].number, placed[0].number, nowhere.number]
    assert len(found["legs_m"]) == 3
    assert found["total_m"] == pytest.approx(sum(found["legs_m"]), abs=2)
    assert found["start"] == [make.LON, make.LAT]


def test_the_day_holds_what_is_mine_my_units_or_nobodys(client):
    someone, other = field.crew(), field.crew()
    units = [Unit.objects.create(department=make.department(), code=code) for code in ("a", "b")]
    someone.memberships.update(unit=units[0])
    mine, units_own, nobodys, others, elsewhere = (make.issue() for _number in range(5))
    Issue.objects.filter(pk=mine.pk).update(assignee=someone, unit=units[1])
    Issue.objects.filter(pk=units_own.pk).update(unit=units[0])
    Issue.objects.filter(pk=others.pk).update(assignee=other)
    Issue.objects.filter(pk=elsewhere.pk).update(unit=units[1])

    jobs = day(office.enter(client, someone))["jobs"]

    assert {job["number"] for job in jobs} == {mine.number, units_own.number, nobodys.number}
    assert jobs[0]["number"] == mine.number
    assert [job["assigned_to_me"] for job in jobs] == [True, False, False]


def test_the_day_costs_the_same_for_three_jobs_and_for_twelve(
    client, django_assert_max_num_queries
):
    office.crew(client)
    for _number in range(12):
        issue = make.issue(answers={"tiang": "T-17"})
        make.take(issue, Step.NOTE)
        make.photo(issue)
    day(client)  # the first page after logging in notes the device

    with django_assert_max_num_queries(12):
        assert len(day(client)["jobs"]) == 12


# The log -------------------------------------------------------------------------------------


def test_a_day_of_ops_is_done_in_one_post(client):
    issue = make.issue()
    someone = field.crew()
    office.enter(client, someone)
    steps = [field.op(issue, step) for step in (Step.TRAVEL, Step.START)]
    steps.append(field.op(issue, Step.RESOLVE, note="Gelap, tanpa foto."))

    results = field.post(client, *steps)

    issue = office.fresh(issue)
    assert [result["state"] for result in results] == ["done", "done", "done"]
    assert results[-1]["version"] == issue.version
    assert (issue.status, issue.assignee) == (Status.RESOLVED, someone)
    assert results[-1]["job"]["status"] == "resolved"


def test_an_op_sent_again_is_done_once_and_answered_alike(client):
    issue = make.issue()
    office.crew(client)
    sent = field.op(issue)

    [first] = field.post(client, sent)
    [again] = field.post(client, sent)

    assert (first["state"], again["state"]) == ("done", "repeated")
    assert first["version"] == again["version"] == office.fresh(issue).version
    assert issue.events.filter(step=Step.START).count() == 1


def test_an_id_that_was_used_for_something_else_stops_the_whole_post(client):
    issue, other = make.issue(), make.issue()
    office.crew(client)
    sent = field.op(issue)
    field.post(client, sent)

    both = [field.op(other), sent | {"note": "lain"}]
    response = client.post(reverse("crew-ops"), {"ops": both}, content_type=field.JSON)

    assert response.status_code == 422
    assert response.json()["error"]["code"] == "DifferentSubmission"
    assert office.fresh(other).status == Status.ASSIGNED


def test_an_id_of_another_crews_op_is_no_way_to_its_answer(client):
    issue = make.issue()
    sent = field.op(issue)
    field.post(office.crew(client), sent)

    response = office.crew(Client()).post(
        reverse("crew-ops"), {"ops": [sent]}, content_type=field.JSON
    )

    assert response.status_code == 422


def test_an_old_op_is_done_where_nothing_that_matters_has_happened(client):
    issue = make.issue()
    old = field.op(issue)
    make.take(issue, Step.NOTE, note="Bawa tangga.")
    office.photo(issue)
    office.crew(client)

    [result] = field.post(client, old)

    assert result["state"] == "done"


def test_a_collision_shows_both_sides_and_overwrites_nothing(client):
    issue = make.issue(steps=[Step.START])
    old = field.op(issue, Step.RESOLVE, note="Sudah menyala.")
    make.take(issue, Step.FORWARD, note="Diteruskan ke PLN.")
    office.crew(client)

    [result] = field.post(client, old)
    [again] = field.post(client, old)

    assert result == again
    assert result["state"] == "conflict"
    assert result["yours"]["note"] == "Sudah menyala."
    assert [(one["step"], one["note"]) for one in result["theirs"]] == [
        ("forward", "Diteruskan ke PLN.")
    ]
    assert office.fresh(issue).status == Status.FORWARDED
    assert FieldOp.objects.get().note == "Sudah menyala."


def test_of_a_collision_with_the_reporter_a_crew_reads_no_word(client):
    issue = make.issue(steps=[Step.START])
    old = field.op(issue, Step.RESOLVE, note="Sudah menyala.")
    actions.take(issue.pk, Step.WITHDRAW, actor=None, note="Kenari di rumah nomor 7.")
    office.crew(client)

    [result] = field.post(client, old)

    assert result["state"] == "conflict"
    assert [one["step"] for one in result["theirs"]] == ["withdraw"]
    assert "enari" not in str(result)


def test_the_office_reads_what_collided(client):
    issue = make.issue(steps=[Step.START])
    old = field.op(issue, Step.RESOLVE, note="Sudah menyala.")
    make.take(issue, Step.FORWARD)
    field.post(office.crew(client), old)

    page = office.words(office.liaison(Client()).get(reverse("case", args=[issue.number])))

    assert "Sudah menyala." in page


def test_an_op_of_two_days_ago_is_done_and_flagged(client):
    issue = make.issue()
    office.crew(client)

    [result] = field.post(client, field.op(issue, at=timezone.now() - make.days(2)))

    [flag] = Flag.objects.filter(issue=issue)
    assert result["state"] == "done"
    assert (flag.kind, flag.data["hours"]) == (Flag.Kind.LATE_OP, 48)


def test_a_clock_that_was_lost_is_flagged_and_loses_no_work(client):
    issue = make.issue()
    office.crew(client)

    [result] = field.post(client, field.op(issue, at="1970-01-01T00:00:00Z"))

    assert result["state"] == "done"
    assert Flag.objects.get(issue=issue).kind == Flag.Kind.LATE_OP


def test_the_end_of_a_repair_waits_for_a_second_person_where_the_department_wants_it(client):
    issue = make.issue(steps=[Step.START])
    Department.objects.update(validates=True)
    office.crew(client)

    field.post(client, field.op(issue, Step.RESOLVE, note="Tanpa foto."))

    assert office.fresh(issue).status == Status.FIXED


def test_a_start_can_be_taken_back_in_the_same_log(client):
    issue = make.issue()
    office.crew(client)

    results = field.post(client, field.op(issue), field.op(issue, Step.UNDO))

    issue = office.fresh(issue)
    assert [result["state"] for result in results] == ["done", "done"]
    assert (issue.status, issue.assignee) == (Status.ASSIGNED, None)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"number": "DPS-26-999999"}, "UnknownIssue"),
        ({"base": 99}, "StaleIssue"),
        ({"step": "help"}, "MissingDuty"),
        ({"step": "undo"}, "StepNotAllowed"),
    ],
)
def test_what_cannot_be_done_is_refused_for_good_with_its_reason(client, fault, code):
    issue = make.issue()
    office.crew(client)
    sent = field.op(issue, **fault)

    results = [field.post(client, sent)[0] for _time in range(2)]

    assert results[0] == results[1]
    assert (results[0]["state"], results[0]["error"]["code"]) == ("refused", code)
    assert results[0]["error"]["message"]
    assert office.fresh(issue).version == issue.version


@pytest.mark.parametrize(
    "given",
    [
        None, 7, "x", [], {}, {"id": "x"}, {"step": "refuse"}, {"base": True}, {"note": {"a": 1}},
        {"at": "kemarin"}, {"number": "x" * 99},
    ],
)  # fmt: skip
def test_an_op_that_cannot_be_read_is_refused_and_the_others_are_done(client, given):
    issue = make.issue()
    office.crew(client)
    broken = field.op(issue) | given if isinstance(given, dict) and given else given
    if isinstance(given, dict) and "note" in given:
        broken = broken | {"step": "help"}

    results = field.post(client, broken, field.op(issue))

    assert [result["state"] for result in results] == ["refused", "done"]


@pytest.mark.parametrize("body", ["", "[]", "{", '{"ops": 7}', '{"ops": [' + "1," * 50 + "1]}"])
def test_a_post_that_is_no_log_is_refused_whole(client, body):
    make.world()

    response = office.crew(client).post(reverse("crew-ops"), body, content_type=field.JSON)

    assert response.status_code == 400


def test_another_departments_issue_looks_like_none(client):
    issue = make.issue()

    [result] = field.post(office.crew(client, "PUPR"), field.op(issue))

    assert (result["state"], result["error"]["code"]) == ("refused", "UnknownIssue")
    assert result["job"] is None


def test_outside_the_own_area_nothing_is_done(client):
    issue = make.issue()

    [result] = field.post(office.crew(client, area_code="2.1"), field.op(issue))

    assert result["state"] == "refused"
    assert office.fresh(issue).status == Status.ASSIGNED


# Photos --------------------------------------------------------------------------------------


def test_a_photo_is_kept_with_its_time_and_place(client):
    issue = make.issue(steps=[Step.START])

    response = field.shoot(office.crew(client), issue, lat=str(issue.point.y + 0.001))

    photo = Photo.objects.get(issue=issue)
    assert response.status_code == 201
    assert response.json()["version"] == office.fresh(issue).version
    assert photo.kind == Photo.Kind.AFTER
    assert photo.distance_m == pytest.approx(110.6, abs=0.5)
    assert (photo.accuracy_m, photo.captured_at is not None) == (8, True)


def test_a_photo_sent_again_is_kept_once(client):
    issue = make.issue(steps=[Step.START])
    office.crew(client)
    key = str(uuid4())

    answers = [field.shoot(client, issue, id=key) for _time in range(2)]
    other = field.shoot(client, issue, office.picture("red"), id=key)

    assert [one.status_code for one in (*answers, other)] == [201, 201, 422]
    assert Photo.objects.count() == 1


def test_a_photo_that_changed_on_its_way_is_refused(client):
    issue = make.issue()

    response = field.shoot(office.crew(client), issue, sha256="0" * 64)

    assert response.status_code == 422
    assert not Photo.objects.exists()


def test_a_photo_of_another_departments_issue_is_refused(client):
    issue = make.issue()

    assert field.shoot(office.crew(client, "PUPR"), issue).status_code == 404


# What a crew has seen ------------------------------------------------------------------------


def sight(client, **fields):
    given = {
        "id": str(make.uuid(5)),
        "categories": ["lpju-mati", "layanan-lambat"],
        "lon": make.LON + 0.01,
        "lat": make.LAT + 0.01,
        "words": "Tiang roboh menutup selokan.",
    }
    return client.post(reverse("crew-reports"), given | fields, content_type=field.JSON)


def test_one_sighting_makes_an_issue_of_each_kind_and_no_double(client):
    make.world()
    someone = field.crew()
    office.enter(client, someone)

    first, again = sight(client), sight(client)

    issues = Issue.objects.order_by("pk")
    assert (first.status_code, again.status_code) == (201, 200)
    assert [one["number"] for one in first.json()["issues"]] == [one.number for one in issues]
    assert [one["created"] for one in again.json()["issues"]] == [False, False]
    assert {one.channel for one in issues} == {Issue.Channel.CREW}
    assert {one.reporter.user for one in issues} == {someone}
    assert {one.category.service_code for one in issues} == {"lpju-mati", "layanan-lambat"}


@pytest.mark.parametrize(
    "fault", [{"categories": []}, {"categories": ["x"]}, {"lon": 999}, {"id": ""}, {"lat": None}]
)
def test_a_sighting_that_makes_no_sense_files_nothing(client, fault):
    make.world()

    response = sight(office.crew(client), **fault)

    assert response.status_code == 400
    assert set(response.json()["error"]["fields"]) == set(fault)
    assert not Issue.objects.exists()


def test_a_sighting_outside_the_city_files_nothing(client):
    make.world()

    assert sight(office.crew(client), lon=116.0).status_code == 422
    assert not Issue.objects.exists()


def test_a_photo_of_a_sighting_goes_with_a_report_that_is_not_the_crews(client):
    make.world()
    office.crew(client)
    sight(client)
    triaged = Issue.objects.get(category__service_code="layanan-lambat")

    sent = field.shoot(client, triaged, kind="after")
    strangers = field.shoot(office.crew(Client()), triaged)

    assert (sent.status_code, strangers.status_code) == (201, 404)
    assert Photo.objects.get().kind == Photo.Kind.BEFORE


def test_a_crews_own_report_shows_nobody_who_reported(client):
    make.world()
    someone = field.crew(first_name="Ketut", last_name="Kenari")
    sight(office.enter(client, someone))
    issue = Issue.objects.get(category__service_code="lpju-mati")

    page = office.words(Client().get(reverse("issue", args=[issue.number])))

    assert "Kenari" not in page
    assert Role.REPORTER not in page
