"""A reporter's own news by notes to a device: chosen per report, nothing of it on the screen."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.core import mail

from issues import actions, jobs, notifications
from issues.models import Issue, Reporter, Subscription
from issues.workflow import Role, Step
from tests import make
from tests.issues import follower
from tests.issues.citizen import opened, text
from tests.issues.push_service import key_text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world(settings, queue):
    settings.VAPID_PRIVATE_KEY = key_text(ec.generate_private_key(ec.SECP256R1()))
    make.world()


@pytest.fixture
def citizen(client):
    """Somebody with an account and a device."""
    user = make.user()
    client.force_login(user)
    follower.device(actions.subscriber_of(user, make.city()))
    return client


@pytest.fixture
def issue(citizen):
    found = make.issue()
    opened(citizen, found)
    return found


def choose(citizen, issue, answer):
    return citizen.post(f"/lacak/{issue.number}/kabar", {"notifikasi": answer}, follow=True)


def told(issue, step=Step.RESPOND):
    make.take(issue, step)
    event = follower.newest(Issue.objects.get(pk=issue.pk))
    return event, notifications.note(event)


def test_a_note_says_that_there_is_news_and_nothing_else(citizen, issue):
    choose(citizen, issue, "ya")

    _event, (_who, note) = told(issue)

    assert note["body"] == f"Ada kabar tentang laporan Anda {issue.number}."
    assert note["url"].endswith(f"/lacak/{issue.number}")
    assert "lampu" not in str(note).lower()


def test_a_question_is_told_too(citizen, issue):
    choose(citizen, issue, "ya")

    _event, (_who, note) = told(issue, Step.ASK)

    assert note["title"] == "Kota bertanya kepada Anda"
    assert "catatan" not in str(note)


def test_each_device_gets_a_job_after_the_letter(citizen, issue, queue):
    choose(citizen, issue, "ya")
    event, _note = told(issue)

    jobs.tell_reporter(event.pk)

    [job] = [row for row in queue() if row.task_name == "own_note"]
    assert job.args == {"event_id": event.pk, "device_id": job.args["device_id"]}


def test_nobody_who_has_not_asked_gets_one(issue):
    assert told(issue)[1] is None


def test_it_ends_by_the_same_button(citizen, issue):
    page = text(choose(citizen, issue, "ya"))
    assert "Matikan notifikasi laporan ini" in page

    choose(citizen, issue, "tidak")

    assert told(issue)[1] is None


def test_of_a_confidential_report_no_note_goes_out_and_none_is_offered(citizen, issue):
    choose(citizen, issue, "ya")
    Issue.objects.filter(pk=issue.pk).update(confidential=True)

    assert told(issue)[1] is None
    assert 'id="own-push"' not in text(citizen.get(f"/lacak/{issue.number}"))


def test_without_a_device_it_cannot_be_chosen(client):
    issue = make.issue()
    opened(client, issue)

    choose(client, issue, "ya")

    assert Reporter.objects.get(pk=issue.pk).push_to is None


def test_letters_go_on_as_they_were(citizen, issue):
    Reporter.objects.filter(pk=issue.pk).update(email="susi@warga.example")
    choose(citizen, issue, "ya")
    event, _note = told(issue)
    mail.outbox.clear()

    jobs.tell_reporter(event.pk)

    assert mail.outbox[-1].to == ["susi@warga.example"]


# The ways of what one follows already --------------------------------------------------------


def follow(citizen):
    who = actions.subscriber_of(citizen_user(citizen), make.city())
    who.email = "susi@warga.example"
    who.save()
    return follower.follows(who=who)


def citizen_user(citizen):
    return citizen.get("/saya/akun").wsgi_request.user


def test_a_subscription_changes_its_way(citizen):
    make.user(Role.DISPATCHER)
    one = follow(citizen)

    fields = {"langganan": one.pk, "seberapa": "daily", "cara": ["", "notifikasi"]}
    citizen.post("/langganan", fields)

    one = Subscription.objects.get()
    assert (one.by_email, one.by_push, one.by_phone) == (False, True, False)
    assert one.frequency == "daily"


def test_a_subscription_keeps_at_least_one_way(citizen):
    one = follow(citizen)

    page = citizen.post(
        "/langganan", {"langganan": one.pk, "seberapa": "daily", "cara": ""}, follow=True
    )

    one = Subscription.objects.get()
    assert (one.by_email, one.frequency) == (True, "immediate")
    assert "paling sedikit satu cara" in text(page)
