"""Telling those who follow: who, what, once, and never more than the public knows."""

import os
import signal
import sys
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from issues import actions, jobs
from issues.models import (
    Announcement,
    Category,
    PublicIssue,
    Reporter,
    Subscription,
)
from issues.notifications import FOLLOWERS, NOTICES, links
from issues.workflow import Step
from tests import make
from tests.issues import follower
from tests.issues.follower import Kind, Often, box, follows, named, newest, reported, run

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Makassar")


# Who -----------------------------------------------------------------------------------------


def test_a_new_report_reaches_whoever_follows_its_city(queue):
    make.world()
    follows()
    reported()

    [letter] = run(queue)

    assert letter.to == [follower.EMAIL]
    assert "Laporan baru" in letter.subject


EAST = box(make.LON, make.LAT, make.LON + make.SIDE, make.LAT + make.SIDE)
WEST = box(make.LON - make.SIDE, make.LAT, make.LON - 0.001, make.LAT + make.SIDE)


def targets():
    lamp, other = Category.objects.get(service_code="lpju-mati"), make.category("sampah-liar")
    return {
        "village": ({"kind": Kind.AREA, "area_code": "1.2"}, True),
        "district": ({"kind": Kind.AREA, "area_code": "1"}, True),
        "another village": ({"kind": Kind.AREA, "area_code": "2.1"}, False),
        "kind": ({"kind": Kind.CATEGORY, "category": lamp}, True),
        "parent": ({"kind": Kind.CATEGORY, "category": lamp.parent}, True),
        "another kind": ({"kind": Kind.CATEGORY, "category": other}, False),
        "street": ({"kind": Kind.STREET, "street": "Jalan Uji"}, True),
        "another street": ({"kind": Kind.STREET, "street": "Jalan Uji Coba"}, False),
        "drawing": ({"kind": Kind.SHAPE, "shape": EAST}, True),
        "another drawing": ({"kind": Kind.SHAPE, "shape": WEST}, False),
        "city": ({"kind": Kind.CITY}, True),
    }


NAMES = [
    "village", "district", "another village", "kind", "parent", "another kind", "street",
    "another street", "drawing", "another drawing", "city",
]  # fmt: skip


@pytest.fixture
def lamp_world():
    make.world()
    parent = make.category("lampu")
    Category.objects.filter(service_code="lpju-mati").update(parent=parent)
    east, middle = make.LON + make.SIDE, make.LAT + make.SIDE / 2
    make.road([(make.LON, middle), (east, middle)], name="Jalan Uji")


@pytest.mark.parametrize("name", NAMES)
def test_who_follows_a_place_or_kind_hears_of_what_lies_there(lamp_world, queue, name):
    fields, expected = targets()[name]
    subscription = follows(**fields)
    issue = reported()

    assert bool(run(queue)) is expected
    assert subscription.issues().filter(pk=issue.pk).exists() is expected


def test_who_follows_one_issue_hears_of_no_other(queue):
    issue = reported()
    follows(Kind.ISSUE, issue=issue)
    reported()

    assert run(queue) == []
    make.take(issue, Step.RESPOND, note="besok")
    assert len(run(queue)) == 1


def test_one_event_is_one_letter_however_often_it_is_followed(lamp_world, queue):
    who = follower.somebody()
    issue = reported()
    for kind, fields in ((Kind.CITY, {}), (Kind.ISSUE, {"issue": issue})):
        follows(kind, who=who, **fields)
    make.take(issue, Step.RESPOND, note="besok")

    [letter] = run(queue)

    assert f"laporan {issue.number}" in " ".join(letter.body.split())


def test_reporters_who_follow_their_own_report_get_one_letter(queue):
    issue = reported(email=follower.EMAIL)
    follows(Kind.ISSUE, issue=issue)
    issue = make.take(issue, Step.RESPOND, note="besok")

    assert run(queue) == []
    Reporter.objects.update(muted_at=timezone.now())
    jobs.follow_letter(
        event_id=newest(issue).pk, subscriber_id=Subscription.objects.get().subscriber_id
    )
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("reason", ["ended", "pending", "closed account", "daily"])
def test_who_has_not_said_yes_or_has_said_no_hears_nothing(queue, reason):
    make.world()
    subscription = follows(frequency=Often.DAILY if reason == "daily" else Often.IMMEDIATE)
    if reason == "ended":
        actions.unfollow([subscription.pk])
    if reason == "pending":
        Subscription.objects.update(confirmed_at=None)
    if reason == "closed account":
        subscription.subscriber.user = make.user(is_active=False)
        subscription.subscriber.save()
    reported()

    assert run(queue) == []


def test_who_ends_it_before_the_letter_leaves_gets_none(queue):
    make.world()
    subscription = follows()
    issue = reported()
    actions.announce(newest(issue).pk)
    actions.unfollow([subscription.pk])

    assert run(queue) == []


# What ----------------------------------------------------------------------------------------


def test_a_letter_tells_what_the_public_page_tells_and_nothing_else(queue, settings):
    settings.PUBLIC_URL = "https://lapor.kota.example"
    issue = reported(email="wayan@warga.example", name="Wayan Rahasia", phone="081234567890")
    follows(Kind.ISSUE, issue=issue)
    make.take(issue, Step.RESPOND, note="Tim datang besok <pagi>")

    [letter] = run(queue)

    text = f"{letter.subject}\n{letter.body}\n{letter.extra_headers}"
    assert "Tim datang besok <pagi>" in letter.body
    assert f"https://lapor.kota.example/laporan/{issue.number}" in letter.body
    for secret in ("Wayan", "wayan@", "0812", "Ketut", actions.token_for(issue)):
        assert secret not in text
    assert max(len(line) for line in letter.body.split("\n") if "://" not in line) <= 72


@pytest.mark.parametrize("how", ["confidential", "hidden", "held", "hidden before the letter"])
def test_what_is_not_public_is_told_to_nobody(queue, how):
    make.world()
    follows()
    issue = reported(confidential=how == "confidential", held=how == "held")
    if how == "hidden before the letter":
        actions.announce(newest(issue).pk)
    if how.startswith("hidden"):
        make.take(issue, Step.HIDE)

    assert run(queue) == []


def test_a_blurred_place_is_followed_where_the_public_sees_it(queue):
    make.world()
    make.category("gangguan", exact_place=False, fast_lane=False)
    issue = reported(service_code="gangguan")
    seen = PublicIssue.objects.get(pk=issue.pk).point
    near = 0.00002
    follows(Kind.SHAPE, shape=box(seen.x - near, seen.y - near, seen.x + near, seen.y + near))
    true = issue.point
    who = follower.somebody("lain@warga.example")
    follows(
        Kind.SHAPE, who=who, shape=box(true.x - near, true.y - near, true.x + near, true.y + near)
    )

    make.take(issue, Step.VERIFY)

    assert [letter.to for letter in run(queue)] == [[follower.EMAIL]]


def test_a_stale_state_is_told_by_the_newest_alone(queue):
    issue = reported()
    follows(Kind.ISSUE, issue=issue)
    for step in (Step.RESPOND, Step.START, Step.RESOLVE):
        issue = make.take(issue, step)

    [letter] = run(queue)

    assert "Selesai" in letter.subject


def test_history_is_told_to_nobody(queue):
    make.world()
    follows()
    reported(at=timezone.now() - timedelta(days=8))

    assert run(queue) == []


def test_a_letter_has_a_name_for_ever_its_thread_and_a_way_out(queue, settings):
    issue = reported()
    subscription = follows(Kind.ISSUE, issue=issue)
    first = make.take(issue, Step.RESPOND)
    [letter] = run(queue)
    again = run(queue)[0]
    make.take(first, Step.START)
    [later] = [one for one in run(queue) if one.subject != letter.subject]

    one, two = letter.message(), later.message()
    assert one["Message-ID"] == again.message()["Message-ID"] != two["Message-ID"]
    assert one["References"] == two["References"] == one["In-Reply-To"]
    assert one["Auto-Submitted"] == "auto-generated"
    assert one["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    token = one["List-Unsubscribe"].strip("<>").rsplit("/", 1)[1]
    assert links.read(links.STOP, token) == subscription.pk


def test_a_line_break_in_a_name_is_no_header(queue):
    make.world()
    follows()
    reported()
    Category.objects.update(name="Lampu\r\nBcc: musuh@jahat.example")

    [letter] = run(queue)

    assert letter.message()["Bcc"] is None
    assert "\n" not in letter.subject


def test_followers_read_their_own_language(queue):
    make.world()
    follows(who=follower.somebody(language="en"))
    reported()
    Category.objects.update(name_en="Street lamp out")

    [letter] = run(queue)

    assert "Street lamp out" in letter.subject


def test_every_public_step_has_its_job_in_its_own_transaction(queue):
    issue = make.take(reported(), Step.RESPOND)

    told = {row.args["event_id"] for row in named(queue, FOLLOWERS)}

    expected = {event.pk for event in issue.events.all() if FOLLOWERS in NOTICES[Step(event.step)]}
    assert told == expected != set()


# Once ----------------------------------------------------------------------------------------


def test_every_follower_has_one_job_however_often_it_is_begun(queue):
    make.world()
    for number in range(7):
        follows(who=follower.somebody(f"w{number}@warga.example"))
    event = newest(reported())

    assert actions.announce(event.pk, size=3) == 7
    assert actions.announce(event.pk, size=3) == 0
    assert len(named(queue, "follow_letter")) == 7


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_goes_on_where_it_was(queue):
    make.world()
    for number in range(9):
        follows(who=follower.somebody(f"w{number}@warga.example"))
    event = newest(reported())
    connection.close()
    child = os.fork()
    if not child:
        # A batch is committed, another lies in an open transaction: then the plug is pulled.
        module = sys.modules["issues.actions.announce"]

        def pull(rows):
            if pull.batches:
                os.kill(os.getpid(), signal.SIGKILL)
            pull.batches.append(1)
            return put(rows)

        pull.batches = []
        put, module.outbox.put_many = module.outbox.put_many, pull
        actions.announce(event.pk, size=4)
        os._exit(1)
    _pid, status = os.waitpid(child, 0)

    assert os.WTERMSIG(status) == signal.SIGKILL
    assert len(named(queue, "follow_letter")) == 4
    assert actions.announce(event.pk, size=4) == 5
    who = [row.args["subscriber_id"] for row in named(queue, "follow_letter")]
    assert len(who) == len(set(who)) == 9
    assert Announcement.objects.get().finished_at


def test_letters_to_followers_never_overtake_a_receipt(queue):
    make.world()
    follows()
    actions.announce(newest(reported()).pk)

    lanes = {row.task_name: (row.queue_name, row.priority) for row in queue()}
    assert lanes["follow_letter"][0] == "follow"
    assert lanes["follow_letter"][1] < lanes[FOLLOWERS][1] < lanes["receipt"][1]
