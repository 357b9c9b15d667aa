"""The days on which the map showed an issue: told from any life, at once or in bulk, replayed."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from issues.errors import IssueError
from issues.history import Stay, stays
from issues.invariants import TRUTHS
from issues.models import Category, Issue, PublicIssue, PublicSpan
from issues.publication import rebuild_history
from issues.workflow import LAYER, Layer, Status, Step
from tests import make

WITA = ZoneInfo("Asia/Makassar")
FIRST = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)


@dataclass(frozen=True)
class Told:
    step: str
    status: str
    at: datetime


def on(day: float, status: Status, step: Step = Step.NOTE) -> Told:
    return Told(step, status, NOON + timedelta(days=day))


def spans(*events: Told) -> list[Stay]:
    return stays(events, received=FIRST, zone=WITA)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


# Known answers -------------------------------------------------------------------------------


def test_a_new_issue_waits_from_its_first_day_on():
    assert spans(on(0, Status.SUBMITTED)) == [Stay(Layer.WAITING, FIRST, None)]


def test_a_layer_ends_where_the_next_one_begins():
    told = spans(on(0, Status.ASSIGNED), on(2, Status.IN_PROGRESS), on(5, Status.RESOLVED))

    assert told == [
        Stay(Layer.WAITING, day(0), day(2)),
        Stay(Layer.FIELD, day(2), day(5)),
        Stay(Layer.DONE, day(5), None),
    ]


def test_of_one_day_the_evening_counts():
    told = spans(on(0, Status.ASSIGNED), on(0.1, Status.IN_PROGRESS), on(0.2, Status.RESOLVED))

    assert told == [Stay(Layer.DONE, FIRST, None)]


def test_a_step_within_a_layer_is_no_turn():
    assert len(spans(on(0, Status.SUBMITTED), on(3, Status.ASSIGNED))) == 1


def test_a_day_ends_at_the_citys_midnight():
    late = Told(Step.START, Status.IN_PROGRESS, datetime(2026, 3, 3, 16, 1, tzinfo=UTC))

    assert spans(on(0, Status.ASSIGNED), late)[0].until == date(2026, 3, 4)


def test_a_duplicate_leaves_the_map_and_comes_back():
    told = spans(on(0, Status.ASSIGNED), on(3, Status.DUPLICATE), on(8, Status.ASSIGNED))

    assert told == [Stay(Layer.WAITING, day(0), day(3)), Stay(Layer.WAITING, day(8), None)]


def test_what_was_merged_on_its_first_day_never_stood_on_the_map():
    assert spans(on(0, Status.SUBMITTED), on(0.1, Status.DUPLICATE)) == []


def test_days_of_being_hidden_stay_empty_after_it_is_shown_again():
    told = spans(
        on(0, Status.ASSIGNED),
        on(2, Status.ASSIGNED, Step.HIDE),
        on(3, Status.RESOLVED),
        on(4, Status.RESOLVED, Step.UNHIDE),
    )

    assert told == [Stay(Layer.WAITING, day(0), day(2)), Stay(Layer.DONE, day(4), None)]


def test_a_clock_that_ran_backwards_turns_no_order():
    told = spans(on(4, Status.ASSIGNED), on(1, Status.RESOLVED))

    assert told == [Stay(Layer.DONE, day(4), None)]


def test_nothing_stands_before_it_was_received():
    assert spans(on(-9, Status.SUBMITTED))[0].since == FIRST


# Any life, against its replay ----------------------------------------------------------------

TURNS = st.lists(
    st.tuples(
        st.integers(0, 40),
        st.sampled_from(Status),
        st.sampled_from([Step.NOTE, Step.HIDE, Step.UNHIDE]),
    ),
    min_size=1,
    max_size=14,
)


@given(turns=TURNS)
def test_every_evening_is_what_a_replay_of_the_events_tells(turns):
    events = [on(at / 4, status, step) for at, status, step in sorted(turns, key=lambda t: t[0])]

    told = spans(*events)

    for evening in map(day, range(14)):
        shown = None
        hidden = False
        for event in events:
            if event.at.astimezone(WITA).date() <= evening:
                hidden = event.step == Step.HIDE or (hidden and event.step != Step.UNHIDE)
                shown = None if hidden else LAYER[Status(event.status)]
        covering = [
            one.layer
            for one in told
            if one.since <= evening and (not one.until or evening < one.until)
        ]
        assert covering == ([] if shown is None else [shown])


# What publishing keeps -----------------------------------------------------------------------


def stored(issue: Issue) -> list[tuple[Layer, date, date | None]]:
    rows = PublicSpan.objects.filter(issue=issue.pk).order_by("since")
    return [(Layer(row.layer), row.since, row.until) for row in rows]


def history_is_true() -> bool:
    return not [
        violation for truth in TRUTHS if truth.name == "public" for violation in truth.find(None)
    ]


@pytest.mark.django_db
def test_publishing_keeps_the_days_in_the_actions_own_transaction():
    issue = make.issue(at=NOON)
    make.take(issue, Step.START, at=NOON + make.days(2))
    make.take(issue, Step.RESOLVE, at=NOON + make.days(5))

    assert stored(issue) == [
        (Layer.WAITING, day(0), day(2)),
        (Layer.FIELD, day(2), day(5)),
        (Layer.DONE, day(5), None),
    ]
    assert history_is_true()


@pytest.mark.django_db
def test_hiding_takes_the_history_and_unhiding_brings_it_without_those_days():
    issue = make.issue(at=NOON)
    make.take(issue, Step.HIDE, at=NOON + make.days(2))
    hidden = stored(issue)
    make.take(issue, Step.UNHIDE, at=NOON + make.days(4))

    assert hidden == []
    assert stored(issue) == [(Layer.WAITING, day(0), day(2)), (Layer.WAITING, day(4), None)]


@pytest.mark.django_db
def test_a_confidential_issue_has_no_history():
    assert stored(make.issue(at=NOON, confidential=True)) == []


@pytest.mark.django_db
def test_a_merged_issue_stays_where_it_stood_before():
    original, double = make.issue(at=NOON), make.issue(at=NOON)
    make.take(double, Step.MERGE, original=original, at=NOON + make.days(3))
    merged = stored(double)
    make.take(double, Step.UNMERGE, at=NOON + make.days(6))

    assert merged == [(Layer.WAITING, day(0), day(3))]
    assert stored(double) == [(Layer.WAITING, day(0), day(3)), (Layer.WAITING, day(6), None)]


@pytest.mark.django_db
def test_history_knows_the_present_department_and_place_alone():
    issue = make.issue(at=NOON)
    make.take(issue, Step.START, at=NOON + make.days(1))
    make.take(issue, Step.REROUTE, department=make.department("PUPR"), at=NOON + make.days(2))
    Category.objects.filter(pk=issue.category_id).update(exact_place=False)
    make.take(issue, Step.NOTE, at=NOON + make.days(3))

    row = PublicIssue.objects.get(pk=issue.pk)
    kept = set(PublicSpan.objects.values_list("department__code", "q", "jurisdiction"))
    assert kept == {("PUPR", row.q, row.jurisdiction_id)}


@pytest.mark.django_db
def test_publishing_again_touches_no_span():
    issue = make.issue(at=NOON, steps=[Step.START])
    before = ctids()

    make.take(issue, Step.NOTE)

    assert ctids() == before


def ctids() -> list[str]:
    """Say where each span lies on disk: a rewritten row lies elsewhere."""
    places = PublicSpan.objects.extra(select={"place": "ctid::text"})
    return sorted(places.values_list("place", flat=True))


# Rebuilding ----------------------------------------------------------------------------------

MOVES = sorted(set(Step) - {Step.SUBMIT, Step.REVIEW, Step.ATTACH})
LIVES = st.lists(st.tuples(st.sampled_from(MOVES), st.integers(0, 30)), max_size=10)


def live(issue: Issue, step: Step, at: datetime) -> None:
    """Take a step with whatever it demands; what is refused changes nothing."""
    fields = {"at": at}
    if step is Step.MERGE:
        fields["original"] = Issue.objects.exclude(pk=issue.pk).first()
    if step is Step.REROUTE:
        fields["department"] = make.department("PUPR")
    try:
        with transaction.atomic():
            make.take(issue, step, **fields)
    except IssueError:
        pass


@pytest.mark.django_db
@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(life=LIVES, exact=st.booleans())
def test_a_rebuild_tells_every_life_as_publishing_did(life, exact):
    with transaction.atomic():
        make.world()
        Category.objects.update(exact_place=exact)
        make.issue(at=NOON)
        issue = make.issue(at=NOON)
        for step, hours in life:
            live(issue, step, NOON + timedelta(hours=4 * hours))
        before = list(PublicSpan.objects.order_by("issue", "since").values())

        assert sum(rebuild_history()) == 0
        PublicSpan.objects.all().delete()
        assert sum(rebuild_history()) == len(before)

        after = list(PublicSpan.objects.order_by("issue", "since").values())
        assert [row | {"id": 0} for row in after] == [row | {"id": 0} for row in before]
        assert history_is_true()
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_a_wrong_history_is_found_and_mended(capsys):
    hidden, shown = make.issue(at=NOON, steps=[Step.HIDE]), make.issue(at=NOON)
    row = PublicSpan.objects.get(issue=shown)
    PublicSpan.objects.filter(pk=row.pk).update(layer=Layer.DONE)
    PublicSpan.objects.create(
        issue=hidden, city=row.city, category=row.category, layer=0, day=row.day, since=row.since
    )
    broken = history_is_true()

    call_command("rebuild_history", city="denpasar")

    assert not broken
    assert history_is_true()
    assert "2 spans were wrong" in capsys.readouterr().out


@pytest.mark.django_db
def test_history_of_an_unknown_city_is_not_rebuilt():
    with pytest.raises(CommandError, match="no city is called atlantis"):
        call_command("rebuild_history", city="atlantis")
