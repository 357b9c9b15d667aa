"""What an import says of clocks is what the steps would have: questions, hours of departments."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from geodata.models import Department
from issues.actions import clocks
from issues.ingest import cases, loading
from issues.ingest.cases import Case, Mark
from issues.ingest.writing import Press
from issues.invariants import TRUTHS
from issues.models import Issue, PublicDetail
from issues.workflow import Status
from tests import make

pytestmark = pytest.mark.django_db

WITA = ZoneInfo("Asia/Makassar")
MONDAY = datetime(2026, 3, 2, 3, tzinfo=UTC)


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=WITA)


def imported(*marks: Mark) -> Issue:
    """One case that was brought in from elsewhere."""
    city = make.world()
    draft = make.draft(uuid=cases.identity(city, "arsip", "1"))
    case = Case(external_id="1", draft=draft, received_at=MONDAY, marks=marks)
    with Press() as press:
        assert loading.load([case], cases.book(city, "arsip"), press).refused == []
    return Issue.objects.get()


def untrue() -> list[str]:
    return [str(one) for truth in TRUTHS if truth.name != "heat" for one in truth.find(None)]


def test_a_question_that_still_waits_has_stopped_the_clock():
    issue = imported(Mark(Status.NEEDS_INFO, at(3, 9)))

    assert issue.paused_at == PublicDetail.objects.get().paused_at == at(3, 9)
    assert not issue.marked_overdue
    assert untrue() == []


def test_a_question_that_was_closed_has_added_its_days():
    issue = imported(Mark(Status.NEEDS_INFO, at(3, 9)), Mark(Status.REJECTED, at(5, 9)))

    assert (issue.paused_at, issue.due_at) == (None, at(9, 16))
    assert clocks.RESUMED in issue.events.last().data
    assert untrue() == []


def test_a_department_s_own_hours_count_for_what_is_brought_in():
    make.world()
    hours = {str(day): ["09:00", "12:00"] for day in range(5)}
    Department.objects.filter(code="DISHUB").update(office_hours=hours)

    assert imported().due_at == at(5, 12)
    assert untrue() == []


def test_what_is_brought_in_open_is_looked_at_by_the_calendar():
    assert imported().next_alarm_at is not None
