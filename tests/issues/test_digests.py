"""Letters that gather: what a day or a week has brought, once, as it stands in the morning."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from issues import actions
from issues.actions.announce import last_morning
from issues.models import (
    Subscription,
)
from issues.workflow import Step
from tests import make
from tests.issues import follower
from tests.issues.follower import Kind, Often, follows, reported, run

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Makassar")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of a week that begins on Monday the 2nd, on the city's clocks."""
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE)


def since(subscription, moment) -> None:
    Subscription.objects.filter(pk=subscription.pk).update(told_at=moment, confirmed_at=moment)


@pytest.mark.parametrize(
    ("now", "weekly", "expected"),
    [
        (at(4, 7), False, at(4, 7)),
        (at(4, 6, 59), False, at(3, 7)),
        (at(4, 23), False, at(4, 7)),
        (at(4, 12), True, at(2, 7)),
        (at(2, 7), True, at(2, 7)),
        (at(2, 6, 59), True, datetime(2026, 10, 26, 7, tzinfo=ZONE)),
    ],
)
def test_digests_go_out_at_seven_and_on_monday(now, weekly, expected):
    assert last_morning(now, make.city(), weekly=weekly) == expected


def yesterday() -> datetime:
    return timezone.now() - timedelta(days=1, hours=1)


def test_a_digest_tells_the_day_once_with_each_issue_as_it_stands(queue):
    make.world()
    subscription = follows(frequency=Often.DAILY)
    since(subscription, yesterday())
    issue = make.take(reported(at=timezone.now() - timedelta(hours=30)), Step.RESPOND, note="besok")
    soon = timezone.now() + timedelta(days=1)

    assert actions.digests(soon) == 1
    assert actions.digests(soon) == 0
    [letter] = run(queue)

    assert letter.body.count(f"/laporan/{issue.number}") == 1
    assert "Respon awal" in letter.body
    assert "harian" in letter.subject


def test_a_morning_without_news_brings_no_letter(queue):
    make.world()
    since(follows(frequency=Often.DAILY), yesterday())

    assert actions.digests(timezone.now() + timedelta(days=1)) == 1
    assert run(queue) == []


def test_several_subscriptions_come_in_one_digest_and_an_issue_once(queue):
    make.world()
    who = follower.somebody()
    for kind, fields in ((Kind.CITY, {}), (Kind.AREA, {"area_code": "1.2"})):
        since(follows(kind, who=who, frequency=Often.DAILY, **fields), yesterday())
    issue = reported()

    actions.digests(timezone.now() + timedelta(days=1))
    [letter] = run(queue)

    assert letter.body.count(issue.number) == 1


def test_weekly_letters_wait_for_monday(queue):
    make.world()
    subscription = follows(frequency=Often.WEEKLY)
    since(subscription, at(3, 8))

    assert actions.digests(at(8, 23)) == 0
    assert actions.digests(at(9, 7)) == 1


def test_a_digest_that_is_hidden_meanwhile_says_nothing(queue):
    make.world()
    since(follows(frequency=Often.DAILY), yesterday())
    issue = reported()
    actions.digests(timezone.now() + timedelta(days=1))
    make.take(issue, Step.HIDE)

    assert run(queue) == []
