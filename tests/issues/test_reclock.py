"""A changed calendar moves the dates of open issues, with one event each, by a job."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from geodata.models import City, Department
from issues import actions, jobs, reference
from issues.actions import clocks
from issues.invariants import TRUTHS
from issues.models import Clock, Holiday, Issue, PublicIssue
from issues.workflow import Role, Step
from tests import make
from tests.issues import office

pytestmark = pytest.mark.django_db

WITA = ZoneInfo("Asia/Makassar")
MONDAY = datetime(2026, 3, 2, 3, tzinfo=UTC)
SHORT = {str(day): ["09:00", "12:00"] for day in range(5)}


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=WITA)


def free(day: int) -> Holiday:
    return Holiday.objects.create(
        city=make.city(), date=date(2026, 3, day), name="Galungan", kind="local"
    )


def untrue() -> list[str]:
    return [
        str(one)
        for truth in TRUTHS
        if truth.name in {"dates", "public", "history", "chain"}
        for one in truth.find(None)
    ]


def run_jobs() -> int:
    put = list(ProcrastinateJob.objects.filter(task_name="reclock").order_by("pk"))
    for job in put:
        jobs.reclock(**job.args)
    return len(put)


def test_a_new_day_off_moves_each_open_issue_once_and_says_from_when_to_when():
    issue, later = make.issue(at=MONDAY), make.issue(at=at(9, 9))
    free(4)

    moved = actions.reclock(make.city()), actions.reclock(make.city())

    again = Issue.objects.get(pk=issue.pk)
    event = again.events.last()
    assert moved == (1, 0)
    assert (again.due_at, again.limit_at) == (at(6, 16), at(12, 16))
    assert (event.step, event.role) == (Step.RECLOCK, "system")
    assert event.data[clocks.MOVED]["due_at"] == [
        clocks.written(at(5, 16)),
        clocks.written(at(6, 16)),
    ]
    assert PublicIssue.objects.get(pk=issue.pk).due_at == at(6, 16)
    assert Issue.objects.get(pk=later.pk).version == later.version
    assert untrue() == []


def test_a_day_off_that_is_taken_back_brings_the_old_dates_back():
    issue = make.issue(at=MONDAY)
    day = free(4)
    actions.reclock(make.city())
    day.delete()
    actions.reclock(make.city())

    assert Issue.objects.get(pk=issue.pk).due_at == issue.due_at
    assert untrue() == []


def test_what_is_closed_keeps_the_dates_that_it_was_held_to():
    issue = make.issue(at=MONDAY, steps=[Step.RESOLVE])
    free(4)

    assert actions.reclock(make.city()) == 0
    assert Issue.objects.get(pk=issue.pk).due_at == issue.due_at
    assert untrue() == []


def test_pauses_and_shared_work_are_clocked_again_as_they_are():
    issue = make.issue(at=MONDAY)
    make.take(issue, Step.ASK, at=at(3, 9))
    make.take(issue, Step.ANSWER, at=at(4, 9))
    free(5)

    actions.reclock(make.city())

    assert Issue.objects.get(pk=issue.pk).due_at == at(9, 16)
    assert untrue() == []


def test_only_what_is_due_after_the_change_is_looked_at():
    make.issue(at=MONDAY)
    free(4)

    assert actions.reclock(make.city(), since=at(25, 0)) == 0
    assert actions.touched(make.city(), at(4, 0)).count() == 1


def test_an_overdue_issue_that_gets_more_time_is_overdue_no_more():
    issue = make.issue(at=MONDAY)
    actions.refresh_overdue(at(5, 17))
    free(5)

    actions.reclock(make.city(), at=at(5, 18))

    assert not PublicIssue.objects.get(pk=issue.pk).overdue


# In /admin/ ----------------------------------------------------------------------------------


@pytest.fixture
def admin(client):
    someone = make.user(Role.ADMINISTRATOR, is_staff=True, is_superuser=True)
    return office.enter(client, someone)


def test_a_day_off_saved_in_the_admin_has_open_issues_clocked_again(admin):
    issue = make.issue(at=MONDAY)
    fields = {"city": issue.city_id, "date": "2026-03-04", "name": "Galungan", "kind": "local"}

    page = admin.post(reverse("admin:issues_holiday_add"), fields, follow=True)

    assert "1 laporan terbuka diperiksa ulang" in page.content.decode()
    assert run_jobs() == 1
    assert Issue.objects.get(pk=issue.pk).due_at == at(6, 16)


def test_a_day_off_that_moves_counts_from_the_earlier_day(admin):
    issue = make.issue(at=MONDAY)
    day = free(4)
    actions.reclock(make.city())
    fields = {"city": issue.city_id, "date": "2026-03-30", "name": "Galungan", "kind": "local"}

    admin.post(reverse("admin:issues_holiday_change", args=[day.pk]), fields)

    assert run_jobs() == 1
    assert Issue.objects.get(pk=issue.pk).due_at == issue.due_at


def test_another_name_of_a_day_off_clocks_nothing(admin):
    day = free(4)
    fields = {"city": day.city_id, "date": "2026-03-04", "name": "Kuningan", "kind": "local"}

    admin.post(reverse("admin:issues_holiday_change", args=[day.pk]), fields)

    assert run_jobs() == 0


def test_days_off_deleted_one_by_one_or_together_clock_again(admin):
    issue = make.issue(at=MONDAY)
    one, two, three = free(4), free(5), free(6)
    actions.reclock(make.city())

    admin.post(reverse("admin:issues_holiday_delete", args=[one.pk]), {"post": "yes"})
    admin.post(
        reverse("admin:issues_holiday_changelist"),
        {"action": "delete_selected", "_selected_action": [two.pk, three.pk], "post": "yes"},
    )

    assert run_jobs() == 2
    assert Issue.objects.get(pk=issue.pk).due_at == issue.due_at


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("geodata_department", lambda issue: Department.objects.get(pk=issue.department_id)),
        ("geodata_city", lambda issue: City.objects.get(pk=issue.city_id)),
    ],
)
def test_other_office_hours_clock_again_and_impossible_ones_are_refused(admin, name, change):
    issue = make.issue(at=MONDAY)
    row = change(issue)
    address = reverse(f"admin:{name}_change", args=[row.pk])
    form = admin.get(address).context["adminform"].form
    values = {
        field.html_name: field.value() for field in form if field.value() not in (None, False)
    }
    good = '{"0": ["09:00", "12:00"], "3": ["09:00", "12:00"]}'

    bad = admin.post(address, values | {"office_hours": '{"0": ["16:00", "08:00"]}'})
    saved = admin.post(address, values | {"office_hours": good})

    assert "jam buka sebelum jam tutup" in bad.content.decode()
    assert saved.status_code == 302
    assert run_jobs() == 1
    assert Issue.objects.get(pk=issue.pk).due_at == at(12, 12)


def test_a_faster_clock_counts_for_what_is_open(admin):
    issue = make.issue(at=MONDAY)
    pace = Clock.objects.get()
    form = admin.get(reverse("admin:issues_clock_change", args=[pace.pk])).context["adminform"].form
    values = {field.html_name: field.value() for field in form} | {"target_days": 1, "source": "x"}

    admin.post(reverse("admin:issues_clock_change", args=[pace.pk]), values)

    assert run_jobs() == 1
    assert Issue.objects.get(pk=issue.pk).due_at == at(3, 16)


# By load_reference ---------------------------------------------------------------------------


def test_loading_other_clocks_has_open_issues_clocked_again_and_the_same_ones_nothing():
    make.issue(at=MONDAY)
    reference.load(reference.read("denpasar"))
    first = ProcrastinateJob.objects.filter(task_name="reclock").count()

    reference.load(reference.read("denpasar"))

    assert first == 1
    assert ProcrastinateJob.objects.filter(task_name="reclock").count() == 1
    run_jobs()
    assert untrue() == []


def test_a_city_without_issues_has_nothing_to_clock_again():
    reference.load(reference.read("kota-batu"))

    assert not ProcrastinateJob.objects.filter(task_name="reclock").exists()


@pytest.mark.parametrize("slug", ["denpasar", "kota-batu"])
def test_each_city_brings_the_chain_from_crew_to_leader(slug):
    city = reference.load(reference.read(slug)).city

    rules = city.escalations.values_list("role", flat=True)

    assert set(rules) == {"crew", "liaison", "dispatcher", "leader"}
    assert set(city.clocks.values_list("answer_days", flat=True)) == {10}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"date": "besok"}, "date “besok” tidak dikenal"),
        ({"role": "reporter"}, "role “reporter” tidak dikenal"),
        ({"clock": "cepat"}, "clock “cepat” tidak dikenal"),
        ({"days_after": 1}, "percent (1 sampai 99) atau days_after"),
        ({"percent": 100}, "percent (1 sampai 99) atau days_after"),
    ],
)
def test_a_rule_of_the_chain_that_makes_no_sense_is_named(change, words):
    files = reference.read("denpasar")
    files.city["escalation"][0] |= change

    assert any(words in one for one in reference.problems(files))


def test_hours_of_a_department_come_from_its_file_or_stay_the_administrator_s():
    files = reference.read("denpasar")
    files.departments[0]["office_hours"] = {"monday": ["08:00", "11:00"]}
    city = reference.load(files).city
    Department.objects.filter(city=city, code="DISHUB").update(office_hours=SHORT)

    reference.load(reference.read("denpasar"))

    hours = dict(city.departments.values_list("code", "office_hours"))
    assert hours["DPUPR"] == {"0": ["08:00", "11:00"]}
    assert hours["DISHUB"] == SHORT
