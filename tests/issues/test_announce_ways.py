"""By which ways news goes: to devices, and to the reporter."""

import json
from zoneinfo import ZoneInfo

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.core import mail

from issues import actions, jobs
from issues.models import (
    Issue,
    PublicDetail,
    PushDevice,
)
from issues.notifications import NOTICES, links
from issues.workflow import Step
from tests import make
from tests.issues import follower
from tests.issues.follower import WORDS, Kind, follows, newest, reported, run
from tests.issues.push_service import Browser, Service, key_text

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Makassar")


# Devices -------------------------------------------------------------------------------------


@pytest.fixture
def service(tmp_path, settings, monkeypatch):
    settings.VAPID_PRIVATE_KEY = key_text(ec.generate_private_key(ec.SECP256R1()))
    with Service(tmp_path) as double:
        monkeypatch.setenv("SSL_CERT_FILE", str(double.cert))
        settings.OUTGOING_PROXY = f"localhost:{double.port}"
        yield double


def test_a_device_gets_a_sealed_note_without_anybodys_name(queue, service):
    issue = reported(name="Wayan Rahasia", email="wayan@warga.example")
    who, browser = follower.somebody(""), Browser()
    follower.device(who, browser)
    follows(Kind.ISSUE, who=who, issue=issue, by_push=True)
    make.take(issue, Step.RESPOND, note="besok")

    run(queue)

    [request] = service.requests
    note = json.loads(browser.read(request.body))
    assert note["tag"] == request.headers["topic"] == issue.number
    assert note["url"].endswith(f"/laporan/{issue.number}")
    assert "Respon awal" in note["title"]
    assert not [word for word in ("Wayan", "Ketut", "besok") if word in json.dumps(note)]


@pytest.mark.parametrize(("status", "left"), [(410, 0), (404, 0), (201, 1)])
def test_a_device_that_has_left_is_forgotten(queue, service, status, left):
    service.status = status
    make.world()
    who = follower.somebody("")
    follower.device(who)
    follows(who=who, by_push=True)
    reported()

    run(queue)

    assert PushDevice.objects.count() == left


def test_without_a_key_nothing_is_pushed(queue, service, settings):
    settings.VAPID_PRIVATE_KEY = ""
    make.world()
    who = follower.somebody("")
    follower.device(who)
    follows(who=who, by_push=True)
    reported()

    run(queue)

    assert service.requests == []


# The reporter --------------------------------------------------------------------------------


def test_a_muted_reporter_is_still_asked(queue):
    issue = reported(email="wayan@warga.example")
    assert actions.mute(issue.pk, muted=True)
    issue = make.take(issue, Step.RESPOND, note="besok")
    jobs.tell_reporter(event_id=newest(issue).pk)
    assert mail.outbox == []

    issue = make.take(issue, Step.ASK, note="Tiang nomor berapa?")
    jobs.tell_reporter(event_id=newest(issue).pk)
    assert len(mail.outbox) == 1


def test_every_letter_to_the_reporter_ends_by_one_click():
    issue = reported(email="wayan@warga.example")
    jobs.receipt(event_id=issue.events.get(seq=1).pk)
    jobs.tell_reporter(event_id=newest(issue).pk)

    for letter in mail.outbox:
        token = letter.extra_headers["List-Unsubscribe"].strip("<>").rsplit("/", 1)[1]
        assert links.read(links.MUTE, token) == issue.pk
        assert token in letter.body
    assert len(mail.outbox) == 2


def test_a_reporter_with_a_phone_alone_hears_by_message(tmp_path, settings, service):
    settings.MESSAGING, settings.MESSAGE_GATEWAY = "gateway", f"https://{service.host}/kirim"
    issue = reported(phone="+6281234567890")

    jobs.receipt(event_id=issue.events.get(seq=1).pk)

    sent = json.loads(service.requests[0].body)
    assert sent["to"] == "+6281234567890"
    assert issue.number in sent["text"]
    assert actions.token_for(issue) in sent["text"]
    assert WORDS not in sent["text"]


def test_a_public_page_is_all_that_is_asked_when_a_letter_is_written(queue):
    """The true row may say more than the public one: letters come from the public one."""
    make.world()
    follows()
    issue = reported()
    PublicDetail.objects.filter(pk=issue.pk).update(place="Tempat Umum")
    Issue.objects.filter(pk=issue.pk).update(place="Tempat Rahasia", status=issue.status)

    [letter] = run(queue)

    assert "Tempat Umum" in letter.body
    assert "Tempat Rahasia" not in letter.body


def test_an_office_hears_what_the_reporter_adds():
    assert NOTICES[Step.ADD] == ("tell_office",)
