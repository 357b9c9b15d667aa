"""Reminders and the chain upwards: each rule once, to the right people, in few letters."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from issues import actions, jobs
from issues.actions import chain, clocks
from issues.invariants import TRUTHS
from issues.models import Alarm, Escalation, Event, Flag, Issue, Membership
from issues.workflow import Role, Status, Step
from tests import make

pytestmark = pytest.mark.django_db

WITA = ZoneInfo("Asia/Makassar")
MONDAY = datetime(2026, 3, 2, 3, tzinfo=UTC)
"""Eleven o'clock; due on Thursday at four, at the latest on Wednesday week at four."""


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=WITA)


def rule(code: str, **fields) -> Escalation:
    values = {"date": "due", "role": Role.LIAISON, "kind": "remind", "city": make.city()}
    if "percent" not in fields:
        values["days_after"] = 0
    return Escalation.objects.create(code=code, **(values | fields))


def issue(**fields) -> Issue:
    """An issue that came in then, also as the database knows it."""
    made = make.issue(at=MONDAY, **fields)
    Issue.objects.filter(pk=made.pk).update(created_at=MONDAY)
    return made


def rung(about: Issue) -> list[tuple[str, str]]:
    events = about.events.filter(step__in=(Step.REMIND, Step.ESCALATE)).order_by("seq")
    return [(event.step, event.data.get("rule", "")) for event in events]


def untrue() -> list[str]:
    return [str(one) for truth in TRUTHS if truth.name != "files" for one in truth.find(None)]


# When ----------------------------------------------------------------------------------------


def test_a_rule_goes_off_when_its_share_of_the_working_time_is_over_and_no_minute_earlier():
    rule("ingat", percent=75)
    lamp = issue()

    # Five hours on Monday, eight on each of three days: 29; a quarter of them is left at 08:45.
    actions.ring(at(5, 8, 44))
    before = rung(lamp)
    actions.ring(at(5, 8, 45))

    assert (before, rung(lamp)) == ([], [("remind", "ingat")])
    assert untrue() == []


@pytest.mark.parametrize(
    ("date", "days", "goes_off"),
    [("due", 0, at(5, 16)), ("due", 2, at(9, 16)), ("limit", 1, at(12, 16))],
)
def test_a_rule_goes_off_so_many_working_days_after_its_date(date, days, goes_off):
    rule("lewat", date=date, days_after=days)
    lamp = issue()

    actions.ring(goes_off - timedelta(minutes=1))
    before = rung(lamp)
    actions.ring(goes_off)

    assert (before, rung(lamp)) == ([], [("remind", "lewat")])


def test_each_rule_goes_off_once_for_each_start_of_the_clocks():
    rule("lewat", kind="escalate")
    lamp = issue()

    for _ in range(3):
        actions.ring(at(5, 17))
    once = rung(lamp)
    make.take(lamp, Step.RESOLVE, at=at(6, 9))
    make.take(lamp, Step.REOPEN, at=at(6, 10))
    for _ in range(2):
        actions.ring(at(13, 9))

    assert once == [("escalate", "lewat")]
    assert rung(lamp) == [("escalate", "lewat")] * 2
    assert untrue() == []


def test_rules_that_were_missed_go_off_together_in_their_order():
    rule("b-lewat")
    rule("a-sesudah", days_after=1)
    lamp = issue()

    assert actions.ring(at(6, 18)) == 2
    assert rung(lamp) == [("remind", "b-lewat"), ("remind", "a-sesudah")]


def test_what_lies_before_an_issue_came_in_or_a_week_back_is_not_said_any_more():
    rule("lewat")
    imported, forgotten = make.issue(at=MONDAY), issue()

    actions.ring(at(13, 9))

    assert rung(imported) == rung(forgotten) == []


def test_a_rule_of_one_clock_leaves_the_others_alone():
    other = make.city().clocks.create(code="darurat")
    rule("darurat", clock=other)
    lamp = issue()

    actions.ring(at(5, 17))

    assert rung(lamp) == []


def test_disposition_is_asked_for_only_while_nobody_has_it():
    rule("disposisi", date="dispose", role=Role.DISPATCHER)
    lamp, slow = issue(), issue(service_code="layanan-lambat")

    actions.ring(at(3, 12))

    assert (rung(lamp), rung(slow)) == ([], [("remind", "disposisi")])


def test_while_the_clock_stands_still_nothing_goes_off_and_then_at_the_later_date():
    rule("lewat")
    lamp = issue()
    make.take(lamp, Step.PAUSE, at=at(3, 9))
    actions.ring(at(5, 17))
    paused = rung(lamp)
    make.take(lamp, Step.RESUME, at=at(6, 9))
    actions.ring(at(6, 17))
    early = rung(lamp)

    actions.ring(at(10, 16))

    assert (paused, early, rung(lamp)) == ([], [], [("remind", "lewat")])


def test_a_minute_in_which_nothing_is_due_reads_no_issue(django_assert_num_queries):
    rule("ingat", percent=75)
    issue()
    actions.ring(MONDAY)

    with django_assert_num_queries(2):
        actions.ring(MONDAY + timedelta(minutes=1))


def test_what_is_due_is_found_by_its_index():
    with CaptureQueriesContext(connection) as asked:
        actions.ring(MONDAY)
    statement = next(one["sql"] for one in asked if "next_alarm_at" in one["sql"])

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN {statement}")
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "issue_open_by_alarm" in plan, plan


def test_a_rule_says_before_or_after():
    for wrong in ({"percent": 50, "days_after": 1}, {"percent": 0}, {"days_after": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rule("salah", **wrong)


# Silence -------------------------------------------------------------------------------------


def test_ten_working_days_without_an_answer_close_a_question_with_a_reason():
    lamp = issue()
    make.take(lamp, Step.ASK, at=at(3, 9))
    actions.ring(at(17, 15))
    waits = Issue.objects.get(pk=lamp.pk)

    actions.ring(at(17, 16))

    closed = Issue.objects.get(pk=lamp.pk)
    last = closed.events.last()
    assert waits.status == Status.NEEDS_INFO
    assert (closed.status, last.role, closed.paused_at) == (Status.REJECTED, Role.SYSTEM, None)
    assert "tidak menjawab dalam 10 hari kerja" in last.note
    assert untrue() == []


def test_how_long_an_answer_may_take_is_the_clock_s():
    make.world()
    make.city().clocks.update(answer_days=2)
    lamp = issue()
    make.take(lamp, Step.ASK, at=at(3, 9))

    actions.ring(at(5, 16))

    assert Issue.objects.get(pk=lamp.pk).status == Status.REJECTED


def test_an_answer_in_time_keeps_it_open():
    lamp = issue()
    make.take(lamp, Step.ASK, at=at(3, 9))
    make.take(lamp, Step.ANSWER, at=at(17, 15))

    actions.ring(at(17, 17))

    assert Issue.objects.get(pk=lamp.pk).is_open


# Upwards -------------------------------------------------------------------------------------


def test_an_escalation_shows_how_far_up_it_has_come_until_it_is_opened_anew():
    rule("lewat", kind="escalate", role=Role.LEADER)
    lamp = issue()
    actions.ring(at(5, 17))

    risen = Issue.objects.get(pk=lamp.pk)
    make.take(lamp, Step.RESOLVE, at=at(6, 9))
    again = make.take(lamp, Step.REOPEN, at=at(6, 10))

    assert (risen.escalated_to, risen.risen) == ("leader", "naik ke pimpinan")
    assert (again.escalated_to, again.risen) == ("", "")


def test_a_second_refusal_goes_to_the_leader_with_a_flag():
    lead = make.user(Role.LEADER)
    lamp = issue()
    make.take(lamp, Step.REFUSE, at=at(3, 9))
    first = rung(lamp)
    make.take(lamp, Step.ASSIGN, department=make.department("PUPR"), at=at(3, 10))

    make.take(lamp, Step.REFUSE, at=at(3, 11))

    last = lamp.events.last()
    assert first == []
    assert (last.step, last.data["to"], last.data["refusals"]) == (Step.ESCALATE, "leader", 2)
    assert Issue.objects.get(pk=lamp.pk).escalated_to == "leader"
    assert Flag.objects.get(issue=lamp).kind == Flag.Kind.PING_PONG
    assert Alarm.objects.get().user == lead
    assert untrue() == []


def test_a_third_refusal_raises_no_second_flag():
    lamp = issue()
    for hour in (9, 11, 13):
        make.take(lamp, Step.REFUSE, at=at(3, hour))
        if hour < 13:
            make.take(lamp, Step.ASSIGN, at=at(3, hour + 1))

    assert Flag.objects.get(issue=lamp).data == {"refusals": 3}
    assert lamp.events.filter(step=Step.ESCALATE).count() == 2


# To whom -------------------------------------------------------------------------------------


def test_a_crew_is_whoever_has_the_job_in_hand_else_all_of_the_area():
    lamp = issue()
    here, there = (
        make.user(Role.CREW, department=lamp.department, area_code=code) for code in ("1.2", "2.1")
    )
    everybody = chain.people(lamp, Role.CREW)
    Issue.objects.filter(pk=lamp.pk).update(assignee=here)
    somebody = chain.people(Issue.objects.get(pk=lamp.pk), Role.CREW)

    assert everybody == somebody == [here.pk]
    assert there.pk not in everybody


def test_where_a_role_has_nobody_the_next_one_up_is_told():
    dispatcher, lead = make.user(Role.DISPATCHER), make.user(Role.LEADER)
    lamp = issue()

    assert chain.people(lamp, Role.CREW) == [dispatcher.pk]
    dispatcher.is_active = False
    dispatcher.save()
    assert chain.people(lamp, Role.CREW) == [lead.pk]


def test_whose_time_in_a_role_is_over_is_told_no_more():
    lead, dispatcher = make.user(Role.LEADER), make.user(Role.DISPATCHER)
    now = timezone.now()
    held = Membership.objects.filter(user=dispatcher)
    held.update(starts_at=now - timedelta(days=2), ends_at=now - timedelta(days=1))

    assert chain.people(issue(), Role.DISPATCHER) == [lead.pk]


def test_one_letter_a_person_and_hour_tells_all_that_waits(mailoutbox):
    rule("lewat", kind="escalate")
    lamps = [issue() for _ in range(3)]
    who = make.user(Role.LIAISON, department=lamps[0].department)
    actions.ring(at(5, 17))

    letters = actions.tell_chain(at(5, 17)), actions.tell_chain(at(5, 17, 30))
    for job in ProcrastinateJob.objects.filter(task_name="alarm_letter"):
        jobs.alarm_letter(**job.args)

    [letter] = mailoutbox
    assert letters == (1, 0)
    assert letter.to == [who.email]
    assert letter.subject == "3 laporan perlu perhatian Anda"
    assert all(lamp.number in letter.body for lamp in lamps)
    assert "Target terlewati: Kamis, 5 Maret 2026 16.00 WITA" in letter.body


def test_what_comes_within_the_hour_waits_for_the_next_letter():
    rule("lewat")
    lamp = issue()
    make.user(Role.LIAISON, department=lamp.department)
    actions.ring(at(5, 17))
    actions.tell_chain(at(5, 17))
    rule("sesudah", days_after=1)
    actions.alarms.look_again(lamp.city, at(6, 16))
    actions.ring(at(6, 16))

    assert actions.tell_chain(at(6, 16)) == 1
    assert Alarm.objects.filter(told_at=None).count() == 0


def test_a_letter_says_nothing_of_what_is_settled_or_confidential(mailoutbox):
    rule("lewat")
    done, secret = issue(), issue(confidential=True)
    make.user(Role.LIAISON, department=done.department)
    actions.ring(at(5, 17))
    actions.tell_chain(at(5, 17))
    make.take(done, Step.RESOLVE, at=at(5, 18))
    for job in ProcrastinateJob.objects.filter(task_name="alarm_letter"):
        jobs.alarm_letter(**job.args)

    body = mailoutbox[0].body
    assert done.number not in body
    assert secret.number in body
    assert secret.category.name not in body


def test_the_letter_that_was_put_twice_is_one(mailoutbox):
    rule("lewat")
    lamp = issue()
    make.user(Role.LIAISON, department=lamp.department)
    actions.ring(at(5, 17))
    actions.tell_chain(at(5, 17))
    [job] = ProcrastinateJob.objects.filter(task_name="alarm_letter")

    for _ in range(2):
        jobs.alarm_letter(**job.args)

    assert len({letter.extra_headers["Message-ID"] for letter in mailoutbox}) == 1


def test_what_was_told_long_ago_is_forgotten_and_its_event_stays():
    rule("lewat")
    lamp = issue()
    make.user(Role.LIAISON, department=lamp.department)
    actions.ring(at(5, 17))
    actions.tell_chain(at(5, 17))

    assert actions.forget_alarms(at(5, 17) + chain.KEPT + timedelta(days=1)) == 1
    assert Event.objects.filter(step=Step.REMIND).count() == 1


def test_the_calendar_s_own_job_rings_and_puts_letters():
    lamp = make.issue()
    rule("segera", percent=1)
    make.user(Role.LIAISON, department=lamp.department)
    Issue.objects.update(due_at=lamp.received_at, created_at=lamp.received_at - make.days(1))

    jobs.alarms(timestamp=0)

    assert ProcrastinateJob.objects.filter(task_name="alarm_letter").count() == 1
    assert clocks.stories([lamp])[lamp.pk].rung == {"segera"}
