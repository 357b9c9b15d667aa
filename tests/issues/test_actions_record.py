"""How an action ends: the chain of hashes, the lock, the jobs."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import transaction

from issues.actions import record
from issues.errors import UnknownIssue
from issues.models import Event
from issues.workflow import Role, Status, Step
from tests import make

AT = datetime(2026, 3, 10, 3, tzinfo=UTC)


def event(**fields) -> Event:
    values = {
        "seq": 2, "step": Step.NOTE, "status": Status.ASSIGNED, "at": AT, "role": Role.DISPATCHER,
        "note": "catatan", "data": {"a": 1}, "previous_hash": "0" * 64,
    }  # fmt: skip
    return Event(**(values | fields))


@pytest.mark.parametrize(
    "change",
    [
        {"seq": 3}, {"step": Step.COMMENT}, {"status": Status.RESOLVED}, {"role": Role.CREW},
        {"at": AT + timedelta(microseconds=1)}, {"actor_id": 1}, {"department_id": 1},
        {"note": "catatan."}, {"data": {"a": 2}}, {"previous_hash": "1" * 64},
    ],
)  # fmt: skip
def test_every_column_of_an_event_is_in_its_hash(change):
    assert record.digest(event(**change)) != record.digest(event())


def test_the_zone_in_which_an_instant_is_written_is_not():
    wita = timezone(timedelta(hours=8))

    assert record.digest(event(at=AT.astimezone(wita))) == record.digest(event())


@pytest.mark.django_db
def test_a_hash_survives_the_way_through_the_database():
    issue = make.issue()
    data = {"boxes": [[0.1, 1.0, 1e-7, 0.3333333333333333]], "b": "ꦧꦭꦶ", "n": None}
    fresh = record.append(
        issue, Step.NOTE, status=Status.ASSIGNED, role=Role.DISPATCHER, at=AT, data=data
    )
    fresh.save()

    assert record.digest(Event.objects.get(pk=fresh.pk)) == fresh.hash


@pytest.mark.django_db
def test_a_lock_costs_two_statements_and_reads_no_drawing(django_assert_num_queries):
    issue = make.issue()

    with transaction.atomic(), django_assert_num_queries(2) as asked:
        found = record.lock(issue.pk)
        assert (found.city.slug, found.category.service_code) == ("denpasar", "lpju-mati")
        assert (found.department.code, found.jurisdiction.code) == ("DISHUB", "1.2")

    assert not any('"geodata_jurisdiction"."area"' in query["sql"] for query in asked)


@pytest.mark.django_db
def test_what_is_not_there_cannot_be_locked():
    with transaction.atomic(), pytest.raises(UnknownIssue):
        record.lock(0, and_also=make.issue())


@pytest.mark.django_db
def test_a_step_costs_fourteen_statements_and_its_transaction(django_assert_max_num_queries):
    issue, person = make.issue(), make.user(Role.LIAISON, department=make.department("DISHUB"))

    with django_assert_max_num_queries(14 + 2):
        make.actions.take(issue.pk, Step.RESPOND, actor=person, note="Segera.")
