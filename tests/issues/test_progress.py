"""How things fare: counts, shares with their doubt, and for whom issues wait."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from issues import actions, progress
from issues.actions import calendars
from issues.history import waits
from issues.models import Issue
from issues.progress import Period, Share, Spread
from issues.workflow import Role, Stage, Step
from tests import make
from tests.issues import office

MONDAY = datetime(2026, 11, 16, 2, tzinfo=UTC)
"""10:00 WITA."""
PERIOD = Period(date(2026, 11, 1), date(2026, 11, 30))


def read(*, public=False, now=None):
    city = make.world()
    first = PERIOD.instants(ZoneInfo(city.zone))[0]
    now = now or MONDAY + timedelta(days=10)
    calendar = calendars.near(city, first, until=now)
    return progress.read(city, PERIOD, calendar, public=public, now=now)


def lamp(*, days=None, at=MONDAY, **fields):
    """A lamp that came in on Monday and was repaired some days later, if at all."""
    issue = make.issue(at=at, **fields)
    if days is not None:
        later = at + timedelta(days=days)
        issue = make.take(issue, Step.RESOLVE, at=later)
    return issue


# Pure ----------------------------------------------------------------------------------------


def test_the_interval_of_a_share_is_wilsons():
    # Source: Newcombe 1998, table I: 81 of 263.
    low, high = Share(81, 263).interval

    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)


def test_of_nothing_there_is_no_share():
    assert Share(0, 0).value is None
    assert Share(0, 0).interval is None


@given(st.lists(st.integers(0, 400), min_size=1, max_size=200))
def test_median_and_ninetieth_are_those_of_the_sorted_list(days):
    counts: dict[int, int] = {}
    for one in days:
        counts[one] = counts.get(one, 0) + 1
    spread, ranked = Spread(counts), sorted(days)

    assert spread.n == len(days)
    assert spread.median == ranked[(len(days) + 1) // 2 - 1]
    assert spread.p90 == ranked[-(-9 * len(days) // 10) - 1]
    if spread.interval:
        assert spread.interval[0] <= spread.median <= spread.interval[1]


def test_five_cases_have_no_interval():
    assert Spread({1: 3, 9: 2}).interval is None


# Counted -------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_open_and_closed_sum_to_what_came():
    lamp(days=1)
    lamp(days=7)
    lamp()

    total = read().total

    assert (total.received, total.open, total.closed) == (3, 1, 2)
    assert total.open + total.closed == total.received


@pytest.mark.django_db
def test_only_working_days_count():
    lamp(days=7)

    total = read().total

    assert (total.closure.median, total.closure.n) == (5, 1)


@pytest.mark.django_db
def test_on_time_is_what_was_finished_by_its_date_of_all_that_had_to_be():
    lamp(days=1)
    lamp(days=7)
    lamp()

    share = read().total.on_time

    assert (share.part, share.n) == (1, 3)


@pytest.mark.django_db
def test_what_came_back_is_counted_once():
    issue = lamp(days=1)
    for day in (2, 4):
        at = MONDAY + timedelta(days=day)
        make.take(issue, Step.REOPEN, at=at)
        issue = make.take(issue, Step.RESOLVE, at=at + timedelta(hours=1))

    total = read().total

    assert Issue.objects.get().reopenings == 2
    assert (total.reopened.part, total.reopened.n) == (1, 1)


@pytest.mark.django_db
def test_the_public_is_told_of_what_is_public():
    lamp()
    lamp(confidential=True)

    assert read(public=True).total.received == 1
    assert read(public=False).total.received == 2


@pytest.mark.django_db
def test_a_duplicate_counts_with_its_original_and_a_part_with_its_whole():
    original = lamp()
    make.take(lamp(), Step.MERGE, original=original)
    two = [make.department("DISHUB"), make.department("PUPR")]
    desk = make.user(Role.DISPATCHER)
    actions.split(original.pk, two, actor=desk, version=None)

    found = read()

    assert found.total.received == 1
    assert [group.received for group in found.departments] == [1]


@pytest.mark.django_db
def test_time_is_the_time_of_whoever_was_waited_for():
    issue = make.issue(at=MONDAY)
    make.take(issue, Step.ASK, at=MONDAY + timedelta(hours=2))
    make.take(issue, Step.ANSWER, at=MONDAY + timedelta(hours=8))
    make.take(issue, Step.START, at=MONDAY + timedelta(hours=9))

    now = MONDAY + timedelta(hours=13)
    spent = dict(zip(Stage, read(now=now).total.waited_s, strict=True))

    assert spent[Stage.DEPARTMENT] == 3 * 3600
    assert spent[Stage.CITIZEN] == 6 * 3600
    assert spent[Stage.FIELD] == 4 * 3600
    assert sum(spent.values()) == 13 * 3600


@pytest.mark.django_db
def test_the_columns_say_what_the_events_say():
    issue = lamp(days=3)
    told = waits(issue.events.order_by("seq"))

    assert (issue.spent, issue.stood_since) == (told.spent, told.since)
    assert (issue.responded_at, issue.reopenings) == (told.responded_at, 0)


# Pages ---------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_everybody_reads_numbers_and_nobody_reads_names(client):
    issue = lamp()

    page = client.get("/kinerja?dari=2026-11-01&sampai=2026-11-30")

    assert page.status_code == 200
    assert issue.number not in page.content.decode()
    assert page.context["total"].received == 1


@pytest.mark.django_db
def test_a_leader_sees_what_is_late_first(client):
    issue = make.issue(at=datetime(2026, 1, 5, 2, tzinfo=UTC))
    office.enter(client, make.user(Role.LEADER))

    page = client.get("/kerja/kinerja")

    assert [one.number for one in page.context["late"]] == [issue.number]
    assert page.context["total"].overdue == 1


@pytest.mark.django_db
def test_few_cases_are_shown_and_not_ranked(client):
    for _each in range(10):
        lamp(at=datetime(2026, 10, 5, 2, tzinfo=UTC))
    make.rule("bocor", to="PDAM", service_code="air")
    make.category("air-bocor")
    lamp(service_code="air-bocor", at=datetime(2026, 1, 5, 2, tzinfo=UTC))

    rows = client.get("/kinerja?urut=overdue").context["departments"]

    assert [row.group.is_small for row in rows] == [False, True]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query",
    [
        "dari=2026-12-31&sampai=2026-11-30",
        "sampai=2999-01-01",
        "dari=x",
        "dari=1900-01-01",
        "urut=x",
    ],
)
def test_a_period_that_makes_no_sense_is_told_so(client, query):
    make.world()

    page = client.get(f"/kinerja?{query}")

    assert page.status_code == 200
    assert page.context["form"].errors


def test_what_a_leader_counts_is_what_the_list_behind_it_shows(db, client):
    for days in (1, 2, 3):
        make.issue(at=timezone.now() - timedelta(days=days))
    make.issue(at=timezone.now() - timedelta(days=2), steps=[Step.RESOLVE])
    make.issue(at=timezone.now() - timedelta(days=500))
    client.force_login(make.user(Role.LEADER))

    page = client.get(reverse("progress"))
    department = page.context["departments"][0]
    behind = client.get(department.url)

    assert behind.context["total"] == department.group.received == 4
