"""Clocks of real issues: whose hours count, what stops them, what shares them, what they say."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.utils import translation

from geodata.models import Department
from issues import actions
from issues.actions import calendars, clocks, record
from issues.clock import Calendar
from issues.errors import MissingDuty, StepNotAllowed
from issues.invariants import TRUTHS
from issues.models import Clock, Holiday, Issue, PublicDetail, PublicIssue
from issues.views.waiting import waiting
from issues.workflow import Role, Status, Step
from tests import make

pytestmark = pytest.mark.django_db

WITA = ZoneInfo("Asia/Makassar")
MONDAY = datetime(2026, 3, 2, 3, tzinfo=UTC)
"""Eleven o'clock in Denpasar; the builders' city works Monday to Friday, 08:00 to 16:00."""
SHORT = {str(day): ["09:00", "12:00"] for day in range(5)}


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=WITA)


def untrue() -> list[str]:
    """What fsck says about dates and history."""
    return [
        str(one)
        for truth in TRUTHS
        if truth.name in {"dates", "history", "chain", "public"}
        for one in truth.find(None)
    ]


def half_day(code: str = "PDAM") -> Department:
    return make.department(code, office_hours=SHORT)


# Hours of departments ------------------------------------------------------------------------


def test_a_department_keeps_its_own_hours():
    make.world()
    Department.objects.filter(code="DISHUB").update(office_hours=SHORT)

    issue = make.issue(at=MONDAY)

    assert issue.due_at == at(5, 12)
    assert issue.dispose_by == at(3, 11)
    assert untrue() == []


def test_with_another_department_the_same_days_end_at_its_own_hour_and_the_event_says_so():
    issue = make.issue(at=MONDAY)
    was = issue.due_at

    moved = make.take(issue, Step.REROUTE, department=half_day(), at=at(3, 9))

    assert (was, moved.due_at) == (at(5, 16), at(5, 12))
    told = moved.events.last().data[clocks.MOVED]
    assert told["due_at"] == [clocks.written(at(5, 16)), clocks.written(at(5, 12))]
    assert PublicIssue.objects.get(pk=issue.pk).due_at == moved.due_at
    assert untrue() == []


def test_a_refusal_gives_the_city_s_hours_back():
    issue = make.issue(at=MONDAY)
    make.take(issue, Step.REROUTE, department=half_day(), at=at(3, 9))

    refused = make.take(issue, Step.REFUSE, at=at(3, 10))

    assert refused.due_at == at(5, 16)
    assert untrue() == []


def test_another_kind_brings_another_clock_from_the_same_start():
    issue = make.issue(at=MONDAY)
    slow = Clock.objects.create(city=issue.city, code="lambat", target_days=5)
    kind = make.category("lpju-kabel", clock=slow)

    moved = actions.classify(
        issue.pk, kind, actor=make.user(Role.DISPATCHER), version=issue.version, at=at(3, 9)
    )

    assert moved.due_at == at(9, 16)
    assert untrue() == []


# Pauses --------------------------------------------------------------------------------------


def test_a_question_stops_the_clock_and_its_answer_adds_the_days_that_it_took():
    issue = make.issue(at=MONDAY)
    asked = make.take(issue, Step.ASK, at=at(3, 10))

    answered = make.take(issue, Step.ANSWER, at=at(5, 9))

    assert (asked.paused_at, answered.paused_at) == (at(3, 10), None)
    assert (answered.due_at, answered.limit_at) == (at(9, 16), at(13, 16))
    assert issue.events.get(step=Step.ASK).data[clocks.PAUSED] == "ask"
    assert untrue() == []


def test_a_question_answered_before_the_office_closes_adds_nothing():
    issue = make.issue(at=MONDAY)
    make.take(issue, Step.ASK, at=at(3, 10))

    answered = make.take(issue, Step.ANSWER, at=at(3, 15, 59))

    assert answered.due_at == issue.due_at
    assert untrue() == []


def test_a_question_before_disposition_stops_that_clock_to_the_minute():
    issue = make.issue(at=MONDAY, service_code="layanan-lambat")
    make.take(issue, Step.ASK, at=at(2, 13))

    answered = make.take(issue, Step.ANSWER, at=at(3, 13, 30))

    assert (issue.dispose_by, answered.dispose_by) == (at(3, 11), at(4, 11, 30))
    assert untrue() == []


def test_while_it_stands_still_nothing_is_overdue():
    issue = make.issue(at=MONDAY)
    late = MONDAY + make.days(30)
    actions.refresh_overdue(late)
    marked = PublicIssue.objects.get(pk=issue.pk).overdue

    paused = make.take(issue, Step.PAUSE, at=late)
    actions.refresh_overdue(late + make.days(30))

    assert marked
    assert not paused.is_overdue
    assert not Issue.objects.overdue().exists()
    assert not PublicIssue.objects.get(pk=issue.pk).overdue
    assert not Issue.objects.get(pk=issue.pk).marked_overdue


def test_an_office_stops_its_clock_with_a_reason_that_everybody_may_read():
    issue = make.issue(at=MONDAY)

    paused = make.take(issue, Step.PAUSE, note="menunggu suku cadang", at=at(3, 9))

    assert paused.standstill == "menunggu suku cadang"
    page = PublicDetail.objects.get(pk=issue.pk)
    assert (page.paused_at, page.paused_for) == (at(3, 9), "menunggu suku cadang")
    assert page.timeline[-1]["note"] == "menunggu suku cadang"
    assert untrue() == []


def test_an_office_may_not_stop_its_clock_without_a_reason():
    issue = make.issue(at=MONDAY)

    with pytest.raises(MissingDuty):
        make.take(issue, Step.PAUSE, note=" ")


def test_what_stands_still_is_not_stopped_again_and_what_runs_is_not_started():
    issue = make.issue(at=MONDAY)

    with pytest.raises(StepNotAllowed):
        make.take(issue, Step.RESUME)
    make.take(issue, Step.PAUSE)
    with pytest.raises(StepNotAllowed):
        make.take(issue, Step.PAUSE)


def test_a_clock_that_runs_again_has_the_days_of_its_pause_added():
    issue = make.issue(at=MONDAY)
    make.take(issue, Step.PAUSE, at=at(3, 9))

    running = make.take(issue, Step.RESUME, at=at(4, 9))

    assert running.due_at == at(6, 16)
    assert PublicDetail.objects.get(pk=issue.pk).paused_at is None
    assert untrue() == []


def test_forwarding_alone_stops_nothing_and_ends_no_pause():
    issue = make.issue(at=MONDAY)

    forwarded = make.take(issue, Step.FORWARD, at=at(3, 9))
    paused = make.take(issue, Step.PAUSE, at=at(3, 10))
    received = make.take(issue, Step.RECEIVE, at=at(4, 9))

    assert forwarded.paused_at is None
    assert paused.paused_at == received.paused_at == at(3, 10)
    assert untrue() == []


@pytest.mark.parametrize("step", [Step.REFUSE, Step.REROUTE, Step.RESOLVE, Step.FIX, Step.WITHDRAW])
def test_whoever_gets_it_next_does_not_inherit_a_pause(step):
    issue = make.issue(at=MONDAY)
    make.take(issue, Step.PAUSE, at=at(3, 9))
    where = {"department": make.department("PUPR")} if step is Step.REROUTE else {}

    moved = make.take(issue, step, at=at(5, 9), **where)

    assert moved.paused_at is None
    assert clocks.RESUMED in moved.events.last().data
    assert moved.due_at == at(9, 16)
    assert untrue() == []


def test_a_question_while_the_office_waits_is_a_pause_of_its_own():
    issue = make.issue(at=MONDAY)
    make.take(issue, Step.PAUSE, note="menunggu cuaca", at=at(3, 9))
    asked = make.take(issue, Step.ASK, at=at(4, 9))

    answered = make.take(issue, Step.ANSWER, at=at(5, 9))

    assert [one["why"] for one in answered.pauses] == ["office", "ask"]
    assert asked.standstill == "menunggu jawaban pelapor"
    assert answered.due_at == at(9, 16)
    assert untrue() == []


def test_merged_and_restored_it_waits_as_before():
    issue = make.issue(at=MONDAY)
    make.take(issue, Step.ASK, at=at(3, 9))
    make.take(issue, Step.MERGE, original=make.issue(at=MONDAY), at=at(3, 10))

    back = make.take(issue, Step.UNMERGE, at=at(4, 9))

    assert (back.status, back.paused_at) == (Status.NEEDS_INFO, at(3, 9))
    assert make.take(issue, Step.ANSWER, at=at(5, 9)).due_at == at(9, 16)
    assert untrue() == []


def test_opened_again_it_begins_without_old_pauses():
    issue = make.issue(at=MONDAY)
    make.take(issue, Step.ASK, at=at(3, 9))
    make.take(issue, Step.ANSWER, at=at(5, 9))
    make.take(issue, Step.RESOLVE, at=at(6, 9))

    again = make.take(issue, Step.REOPEN, at=at(9, 9))

    assert (again.pauses, again.due_at) == ([], at(12, 16))
    assert clocks.due(again).reopened
    assert untrue() == []


@pytest.mark.parametrize("column", ["paused_at", "pauses", "joint", "escalated_to", "limit_at"])
def test_fsck_finds_a_clock_that_no_event_tells_of(column):
    issue = make.issue(at=MONDAY)
    wrong = {
        "paused_at": MONDAY,
        "pauses": [{"why": "ask", "since": "x", "until": "y", "reason": ""}],
        "joint": True,
        "escalated_to": "leader",
        "limit_at": MONDAY,
    }
    clean = untrue()

    Issue.objects.filter(pk=issue.pk).update(**{column: wrong[column]})

    assert clean == []
    assert any(column in one for one in untrue())


# Shared work ---------------------------------------------------------------------------------


def share(issue: Issue, effect, moment: datetime) -> Issue:
    """As a step does that brings a department in: the effect, its event, its rows."""
    with transaction.atomic():
        issue = record.lock(issue.pk)
        changed, data = effect(issue, moment)
        event = record.append(
            issue,
            Step.SPLIT,
            status=Status.ASSIGNED,
            role=Role.DISPATCHER,
            at=moment,
            department=issue.department,
            data=data,
        )
        record.settle(issue, [event], changed=changed)
    return Issue.objects.get(pk=issue.pk)


def test_shared_work_has_the_longer_clock_from_the_same_start_until_it_is_shared_no_more():
    issue = make.issue(at=MONDAY)

    joint = share(issue, clocks.join, at(4, 9))
    twice = share(issue, clocks.join, at(4, 10))
    alone = share(issue, clocks.unjoin, at(5, 9))

    assert (joint.due_at, joint.limit_at) == (at(11, 16), datetime(2026, 4, 13, 16, tzinfo=WITA))
    assert (twice.due_at, alone.due_at) == (joint.due_at, issue.due_at)
    assert untrue() == []


def test_shared_work_that_waited_has_both_added():
    issue = make.issue(at=MONDAY)
    make.take(issue, Step.ASK, at=at(3, 9))
    make.take(issue, Step.ANSWER, at=at(4, 9))

    assert share(issue, clocks.join, at(4, 10)).due_at == at(12, 16)
    assert untrue() == []


# In words ------------------------------------------------------------------------------------


def test_a_date_explains_what_it_skipped_what_was_added_and_whose_hours_count():
    make.world()
    Holiday.objects.create(
        city=make.city(), date=at(6, 0).date(), name="Ngembak Geni", kind="local"
    )
    Department.objects.filter(code="DISHUB").update(office_hours=SHORT)
    issue = make.issue(at=MONDAY)
    make.take(issue, Step.ASK, at=at(3, 9))
    issue = make.take(issue, Step.ANSWER, at=at(5, 10))
    issue = share(issue, clocks.join, at(5, 11))

    said = clocks.due(issue).explain()

    assert said == (
        "Senin 16 Maret 2026 pukul 12.00 WITA: 7 hari kerja; 6 Maret libur (Ngembak Geni); "
        "tenggat bersama, karena beberapa dinas mengerjakannya; "
        "ditambah 2 hari kerja: menunggu jawaban pelapor 3–5 Maret; "
        "menurut jam kerja Dishub"
    )
    assert clocks.due(issue).at == issue.due_at
    assert clocks.limit(issue).at == issue.limit_at


def test_a_date_that_stands_still_says_since_when_and_one_opened_again_from_when():
    issue = make.issue(at=MONDAY)
    make.take(issue, Step.RESOLVE, at=at(3, 9))
    make.take(issue, Step.REOPEN, at=at(4, 9))
    issue = make.take(issue, Step.PAUSE, note="menunggu kabel", at=at(5, 9))

    assert clocks.due(issue).reasons() == [
        "dihitung sejak dibuka kembali 4 Maret",
        "jam berhenti sejak 5 Maret: menunggu kabel",
    ]


def test_the_reporter_reads_that_the_clock_stands_still_and_no_date():
    issue = make.take(make.issue(at=MONDAY), Step.PAUSE, note="menunggu kabel")

    said = waiting(issue, None)

    assert (said.standstill, said.until, said.late) == ("menunggu kabel", None, False)


def test_the_public_page_says_in_plain_words_that_the_clock_stands_still(client):
    issue = make.issue(at=MONDAY)
    make.take(issue, Step.ASK, at=at(3, 9))

    page = client.get(f"/laporan/{issue.number}").content.decode()

    assert "jam berhenti: menunggu jawaban pelapor" in page


def test_in_english_the_reasons_are_told_in_english_order():
    issue = make.issue(at=MONDAY)
    make.take(issue, Step.ASK, at=at(3, 9))
    issue = make.take(issue, Step.ANSWER, at=at(5, 10))

    with translation.override("en"):
        assert "March" in clocks.due(issue).explain()


def test_calendars_of_many_are_read_once(django_assert_num_queries):
    make.world()
    here, office = make.city(), half_day()
    known = calendars.Calendars()

    with django_assert_num_queries(1):
        first, own = known.of(here), known.of(here, office)
        again = known.of(here, office)

    assert isinstance(first, Calendar)
    assert own is again
    assert own.hours != first.hours
