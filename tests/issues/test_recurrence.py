"""The same problem again where it was repaired: both are marked, once."""

from datetime import timedelta

import pytest

from issues import actions
from issues.models import Flag, IssueAsset
from issues.workflow import Step
from tests import make

pytestmark = pytest.mark.django_db

METRE = 1 / 111_320


def repaired(**fields):
    return make.issue(steps=[Step.START, Step.RESOLVE], **fields)


def flags(issue):
    return list(issue.flags.filter(kind=Flag.Kind.AGAIN).values_list("data", flat=True))


def test_a_lamp_that_fails_again_is_marked_on_both():
    first = repaired()
    again = make.issue(lon=make.LON + 0.005, lat=make.LAT + 0.005)
    again.point, again.received_at = first.point, first.closed_at + timedelta(days=80)
    again.save(update_fields=["point", "received_at"])

    assert actions.compare(again.pk) == [first.number]
    assert flags(again) == [{"number": first.number, "metres": 0}]
    assert flags(first) == [{"number": again.number, "metres": 0}]


def test_looking_twice_marks_once():
    first, again = repaired(), make.issue()

    actions.compare(again.pk)
    actions.compare(again.pk)

    assert (len(flags(first)), len(flags(again))) == (1, 1)


@pytest.mark.parametrize(("metres", "marked"), [(29, 1), (31, 0)])
def test_thirty_metres_away_is_another_place(metres, marked):
    first, again = repaired(), make.issue()
    again.point.y += metres * METRE
    again.save(update_fields=["point"])

    assert len(actions.compare(again.pk)) == marked
    assert len(flags(first)) == marked


@pytest.mark.parametrize(("days", "marked"), [(89, 1), (91, 0)])
def test_after_ninety_days_it_is_another_matter(days, marked):
    first, again = repaired(), make.issue()
    again.received_at = first.closed_at + timedelta(days=days)
    again.save(update_fields=["received_at"])

    assert len(actions.compare(again.pk)) == marked


def test_the_same_pole_is_the_same_thing_wherever_the_pin_fell():
    first, again = repaired(), make.issue()
    again.point.y += 500 * METRE
    again.save(update_fields=["point"])
    for issue in (first, again):
        IssueAsset.objects.create(issue=issue, city=issue.city, layer="lamp", code="DPS-1")

    assert actions.compare(again.pk) == [first.number]


def test_an_open_issue_is_a_duplicate_and_no_recurrence():
    make.issue()

    assert actions.compare(make.issue().pk) == []
