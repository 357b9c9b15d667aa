"""The channel desk: posts, calls and letters become issues; each post and letter once."""

import io
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from issues import actions
from issues.actions.channels import canonical
from issues.errors import TakenAlready
from issues.models import Event, Issue, Letter, Photo, Post
from issues.views.channels import places_in
from issues.workflow import Role, Status, Step
from tests import make
from tests.issues import office
from tests.issues.test_mailroom import letter

pytestmark = pytest.mark.django_db

PAGE = "/kerja/kanal"
POST = "https://www.facebook.com/story.php?story_fbid=12&id=3&utm_source=x"


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def form(**fields):
    values = {
        "uuid": str(uuid4()),
        "channel": "facebook",
        "service_code": "lpju-mati",
        "place": f"{make.LON + 0.005:.6f},{make.LAT + 0.005:.6f}",
        "text": "Lampu di depan pasar mati.",
        "email": "ayu@contoh.example",
        "consent": "on",
    }
    return values | fields


def entered(url="", **fields):
    by = make.user(Role.DISPATCHER)
    city = make.world()
    return actions.enter(make.draft(**fields), actions.Entered(by=by, url=url), city=city)


# Posts and calls -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://twitter.com/DenpasarKota/status/9?s=20", "https://x.com/DenpasarKota/status/9/"),
        (POST, "http://m.facebook.com/story.php?id=3&story_fbid=12"),
        ("https://www.instagram.com/p/abc/?igsh=1", "https://instagram.com/p/abc"),
    ],
)
def test_one_post_has_one_address(one, other):
    assert canonical(one) == canonical(other)


def test_two_posts_have_two():
    assert canonical(POST) != canonical(POST.replace("12", "13"))


def test_a_post_is_taken_in_once():
    first = entered(POST).issue

    with pytest.raises(TakenAlready) as refusal:
        entered("https://m.facebook.com/story.php?story_fbid=12&id=3")

    assert refusal.value.number == first.number
    assert Post.objects.get().url == POST


def test_the_same_form_twice_gives_one_receipt():
    key = make.uuid(5)

    first = entered(POST, uuid=key)
    again = entered(POST, uuid=key)

    assert (first.created, again.created) == (True, False)
    assert first.token == again.token


def test_the_desk_completes_what_was_pasted(client):
    make.world()
    make.road([(make.LON, make.LAT), (make.LON + 0.01, make.LAT)], name="Jalan Teuku Umar")
    desk = office.dispatcher(client)

    page = desk.post(
        PAGE,
        {
            "channel": "whatsapp",
            "text": "Lampu mati di jl teuku umar depan pasar. Ayu 081234567890",
            "url": "",
        },
    )

    entry = page.context["entry"]
    assert entry.initial["phone"] == "081234567890"
    assert "081234567890" not in entry.initial["text"]
    assert entry.initial["channel"] == "whatsapp"


def test_a_completed_form_becomes_an_issue_of_its_channel_and_time(client):
    make.world()
    desk = office.dispatcher(client)
    yesterday = timezone.localtime() - timedelta(days=1)

    answer = desk.post(PAGE, form(url=POST, received_at=yesterday.strftime("%Y-%m-%dT%H:%M")))

    issue = Issue.objects.get()
    assert (answer.status_code, answer.url) == (302, f"/kerja/laporan/{issue.number}")
    assert (issue.channel, issue.reporter.email) == ("facebook", "ayu@contoh.example")
    assert issue.received_at.date() == yesterday.astimezone(issue.received_at.tzinfo).date()
    assert issue.created_at - issue.received_at > timedelta(hours=20)


def test_a_known_post_leads_to_its_issue(client):
    first = entered(POST).issue
    desk = office.dispatcher(client)

    page = desk.post(PAGE, form(url=POST))

    assert page.status_code == 422
    assert first.number in page.content.decode()
    assert Issue.objects.count() == 1


@pytest.mark.parametrize("wrong", [{"text": ""}, {"service_code": "x"}, {"place": "999,999"}])
def test_what_is_missing_is_said_and_nothing_typed_is_lost(client, wrong):
    make.world()

    page = office.dispatcher(client).post(PAGE, form(**wrong))

    assert page.status_code == 422
    assert "ayu@contoh.example" in page.content.decode()


def test_streets_of_a_text_are_found_with_fewer_words():
    city = make.world()
    make.road([(make.LON, make.LAT), (make.LON + 0.01, make.LAT)], name="Jalan Teuku Umar")

    found = places_in("Tolong min, lampu mati di jl. Teuku Umar barat dekat bengkel.", city)

    assert [one.name for one in found][:1] == ["Jalan Teuku Umar"]


@pytest.mark.parametrize("who", [office.liaison, office.crew])
def test_the_channel_desk_is_the_dispatchers(client, who):
    make.world()

    assert who(client).get(PAGE).status_code == 404


# Letters -------------------------------------------------------------------------------------


def received(message):
    return actions.receive(message.as_bytes(), city=make.world())


def reported(**fields):
    return make.issue(email="ayu@contoh.example", **fields)


def test_a_letter_waits_for_the_desk_once():
    received(letter())
    received(letter())

    assert Letter.objects.get().state == Letter.State.WAITING


def test_a_reply_is_added_to_its_issue_with_its_pictures():
    issue = reported()
    message = letter(subject=f"Re: Laporan {issue.number}", text="Tiangnya nomor 12.")
    message.add_attachment(office.picture(), maintype="image", subtype="jpeg", filename="a.jpg")

    found = received(message)

    assert (found.state, found.issue, bytes(found.raw)) == (Letter.State.JOINED, issue, b"")
    assert Event.objects.get(step=Step.ADD).note == "Tiangnya nomor 12."
    assert Photo.objects.get().issue == issue


def test_a_reply_answers_a_question():
    issue = reported(steps=[Step.ASK])

    received(letter(In_Reply_To=f"<{issue.number.lower()}.3.tell_reporter@kota.example>"))

    assert Issue.objects.get().status == Status.ASSIGNED


def test_a_strangers_reply_is_added_to_nothing():
    issue = reported()

    found = received(letter(sender="orang@lain.example", subject=f"Re: {issue.number}"))

    assert found.state == Letter.State.WAITING
    assert not Event.objects.filter(step=Step.ADD).exists()


def test_a_reply_to_a_closed_issue_waits_for_the_desk():
    issue = reported(steps=[Step.RESOLVE])

    found = received(letter(subject=f"Re: {issue.number}"))

    assert (found.state, Letter.objects.get().issue) == (Letter.State.WAITING, issue)


def test_a_machines_answer_is_ignored():
    assert received(letter(Auto_Submitted="auto-replied")).state == Letter.State.IGNORED


def test_a_letter_becomes_an_issue_with_its_pictures(client):
    message = letter()
    message.add_attachment(office.picture(), maintype="image", subtype="jpeg", filename="a.jpg")
    found = received(message)
    desk = office.dispatcher(client)

    page = desk.get(f"{PAGE}?surel={found.pk}")
    done = desk.post(PAGE, form(letter=found.pk, channel="email"))

    found.refresh_from_db()
    assert page.context["entry"].initial["email"] == "ayu@contoh.example"
    assert done.status_code == 302
    assert (found.state, bytes(found.raw)) == (Letter.State.TAKEN, b"")
    assert Photo.objects.filter(issue=found.issue).count() == 1


def test_a_letter_that_is_no_report_is_set_aside(client):
    found = received(letter())

    office.dispatcher(client).post(f"{PAGE}/surel/{found.pk}/sisih")

    found.refresh_from_db()
    assert found.state == Letter.State.ASIDE


def test_a_piped_letter_is_taken_in(monkeypatch):
    make.world()
    pipe = io.TextIOWrapper(io.BytesIO(letter().as_bytes()))
    monkeypatch.setattr("sys.stdin", pipe)

    call_command("receive_mail", "--city", "denpasar", "--pipe", stdout=io.StringIO())

    assert Letter.objects.get().sender == "ayu@contoh.example"


def test_without_a_mailbox_the_command_says_so():
    make.world()

    with pytest.raises(CommandError, match="MAILBOX"):
        call_command("receive_mail", "--city", "denpasar")
