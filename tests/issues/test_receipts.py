"""Receipts by letter: for what somebody stands behind, so many a day, with a way out."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from issues import actions, jobs, messaging
from issues.invariants import TRUTHS
from issues.models import Issue, Reporter
from issues.notifications import personal
from issues.workflow import Role, Step
from tests import make

pytestmark = pytest.mark.django_db

EMAIL = "wayan@warga.example"


@pytest.fixture(autouse=True)
def _world(queue):
    make.world()


def tell():
    """Run every job of a receipt that waits; return the letters that left."""
    mail.outbox.clear()
    waiting = ProcrastinateJob.objects.filter(task_name="receipt").order_by("pk")
    for job in list(waiting):
        jobs.receipt(**job.args)
        ProcrastinateJob.objects.filter(pk=job.pk).delete()
    return list(mail.outbox)


def reported(**fields):
    return make.issue(**({"email": EMAIL, "at": timezone.now()} | fields))


def look(issue, step):
    """Look at an issue as a dispatcher does who finds a report."""
    someone = make.user(Role.DISPATCHER)
    if step is Step.REVIEW:
        actions.review(issue.pk, actor=someone, version=None, public_text="", released=[])
    else:
        actions.take(issue.pk, step, actor=someone)


def test_a_held_report_writes_to_nobody():
    reported(held=True)

    assert tell() == []


@pytest.mark.parametrize("step", [Step.VERIFY, Step.REVIEW])
def test_the_receipt_goes_out_when_somebody_has_looked(step):
    issue = reported(held=True)
    tell()

    look(issue, step)

    [letter] = tell()
    assert letter.to == [EMAIL]
    assert f"/lacak#{actions.token_for(issue)}" in letter.body


def test_what_was_never_held_has_one_receipt_whoever_looks():
    issue = reported()

    look(issue, Step.REVIEW)

    assert len(tell()) == 1


@pytest.mark.parametrize("released", [False, True])
def test_every_event_of_a_held_report_has_its_job(released):
    issue = reported(held=True)
    if released:
        look(issue, Step.VERIFY)

    assert {truth.name: [str(one) for one in truth.find(None)] for truth in TRUTHS} == {
        truth.name: [] for truth in TRUTHS
    }


def test_an_address_has_so_many_receipts_a_day(monkeypatch):
    monkeypatch.setattr(personal, "MOST_RECEIPTS", 3)
    for email in (EMAIL, EMAIL.upper(), EMAIL, EMAIL, "made@warga.example"):
        reported(email=email)

    letters = tell()

    assert [letter.to[0].lower() for letter in letters] == [EMAIL] * 3 + ["made@warga.example"]


def test_a_number_has_so_many_receipts_a_day(monkeypatch, settings):
    sent = []
    monkeypatch.setitem(messaging.WAYS, "box", lambda number, words: sent.append(number))
    monkeypatch.setattr(personal, "MOST_RECEIPTS", 2)
    settings.MESSAGING = "box"
    for _ in range(4):
        reported(email="", phone="+6281234567890")

    tell()

    assert sent == ["+6281234567890"] * 2


def test_what_was_held_takes_no_letter_from_the_owner_of_the_address(monkeypatch):
    monkeypatch.setattr(personal, "MOST_RECEIPTS", 1)
    for _ in range(3):
        reported(held=True)

    reported()

    assert len(tell()) == 1


def test_yesterday_does_not_count(monkeypatch):
    monkeypatch.setattr(personal, "MOST_RECEIPTS", 1)
    now = timezone.now()
    for ago in (25, 1):
        reported(at=now - timedelta(hours=ago))

    assert len(tell()) == 2


def test_a_receipt_that_is_tried_again_counts_once(monkeypatch):
    monkeypatch.setattr(personal, "MOST_RECEIPTS", 1)
    event = reported().events.get(seq=1)
    mail.outbox.clear()

    for _ in range(3):
        jobs.receipt(event_id=event.pk)

    assert len(mail.outbox) == 3


def test_a_receipt_carries_the_way_out_and_one_click_takes_it(client):
    reported()

    [letter] = tell()
    way = letter.extra_headers["List-Unsubscribe"].strip("<>")
    client.post(way.removeprefix("http://testserver"), {"List-Unsubscribe": "One-Click"})

    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"Tidak ingin dikabari lagi tentang laporan ini?\n{way}" in letter.body
    assert Reporter.objects.get().muted_at is not None
    assert not Issue.objects.get().held
