"""What opens only with a reason: who reported, and the original of what was released otherwise."""

import re
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from issues import actions
from issues.errors import MissingDuty, NotPermitted
from issues.models import Access, Reporter
from issues.workflow import Role
from tests import make
from tests.issues import office

pytestmark = pytest.mark.django_db
ORIGINAL = "Lampu mati di sebelah warung hijau, telepon 081299988877."
RELEASED = "Lampu mati di pertigaan."


@pytest.fixture(autouse=True)
def _disk(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def issue():
    return make.issue(description=ORIGINAL, name="Ni Luh", email="kenari@example.com", consent=True)


def review(issue, released=()):
    actions.review(
        issue.pk,
        actor=make.user(Role.DISPATCHER),
        version=office.fresh(issue).version,
        public_text=RELEASED,
        released=released,
    )


def case(client, issue):
    return office.words(client.get(reverse("case", args=[issue.number])))


def ask(client, issue, kind="original", **fields):
    data = {"kind": kind, "purpose": "place", "reason": "Tiang yang mana?"} | fields
    return client.post(reverse("unseal", args=[issue.number]), data)


def shot(issue):
    photo = make.photo(issue)
    default_storage.save(photo.path("small"), ContentFile(b"\xff\xd8\xff\xd9"))
    return photo


def look(client, photo):
    response = client.get(reverse("staff-photo", args=[photo.pk, 0, "small"]))
    b"".join(response)  # to its end, which closes the file
    return response.status_code


def test_words_that_wait_for_review_are_the_work_and_need_no_reason(client, issue):
    assert "warung hijau" in case(office.dispatcher(client), issue)
    assert not Access.objects.exists()


@pytest.mark.parametrize("who", [office.dispatcher, office.liaison])
def test_a_redacted_original_opens_with_a_reason_and_is_written_down(client, issue, who):
    review(issue)
    who(client)
    before = case(client, issue)

    answer = ask(client, issue)

    assert "warung hijau" not in before
    assert answer.url.endswith("#original")
    assert "warung hijau" in case(client, issue)
    access = Access.objects.get()
    assert (access.kind, access.purpose, access.reason) == ("original", "place", "Tiang yang mana?")


def test_what_one_has_opened_is_closed_to_others_and_closes_again(client, issue):
    review(issue)
    ask(office.dispatcher(client), issue)
    other = office.dispatcher(Client())
    seen = "warung hijau" in case(client, issue)
    forged = timezone.now() - actions.OPEN_FOR - timedelta(seconds=1)

    access = Access.objects.get()
    late = Access(issue=issue, actor=make.user(Role.DISPATCHER), at=forged, kind="original")
    late.save()

    assert seen
    assert "warung hijau" not in case(other, issue)
    assert actions.opened(issue, late.actor) == frozenset()
    assert actions.opened(issue, access.actor) == {Access.Kind.ORIGINAL}


@pytest.mark.parametrize("fields", [{"reason": "  "}, {"purpose": ""}, {"purpose": "curious"}])
def test_without_a_reason_nothing_opens(client, issue, fields):
    review(issue)
    office.dispatcher(client)

    answer = ask(client, issue, **fields)

    assert answer.status_code == 422
    assert re.search(r"<details[^>]*open", office.words(answer))
    assert "warung hijau" not in case(client, issue)
    assert not Access.objects.exists()


def test_a_photo_that_a_review_held_back_opens_with_the_same_reason(client, issue):
    held, released = shot(issue), shot(issue)
    review(issue, [released.pk])
    office.dispatcher(client)
    before = [look(client, photo) for photo in (held, released)]

    ask(client, issue)

    assert (before, look(client, held)) == ([404, 200], 200)


def test_a_new_photo_after_the_review_is_work_again(client, issue):
    review(issue)
    newer = shot(issue)
    office.dispatcher(client)

    assert look(client, newer) == 200
    assert client.get(reverse("review", args=[issue.number])).status_code == 200


def test_a_second_review_begins_with_the_reason(client, issue):
    review(issue)
    office.dispatcher(client)
    page = reverse("review", args=[issue.number])
    before = client.get(page)

    ask(client, issue, purpose="review")

    assert before.status_code == 302
    assert before.url == reverse("case", args=[issue.number]) + "#original"
    assert "warung hijau" in office.words(client.get(page))


def test_the_queue_shows_the_released_words(client, issue):
    review(issue)
    shot(issue)

    page = office.words(office.dispatcher(client).get(reverse("triage"), {"queue": "tinjau"}))

    assert RELEASED in page
    assert "warung hijau" not in page


def test_who_reported_is_folded_until_somebody_says_why(client, issue):
    office.dispatcher(client)
    before = case(client, issue)

    ask(client, issue, "identity")

    assert "kenari@example.com" not in before
    assert "kenari@example.com" in case(client, issue)


def test_without_a_contact_there_is_nothing_to_open(client, issue):
    Reporter.objects.update(consented_at=None)

    assert 'value="identity"' not in case(office.dispatcher(client), issue)


@pytest.mark.parametrize("kind", ["identity", "original", "", "everything"])
def test_a_leader_of_a_confidential_issue_opens_nothing(client, kind):
    secret = make.issue(confidential=True)
    office.enter(client, make.user(Role.LEADER))

    assert ask(client, secret, kind).status_code == 404
    assert not Access.objects.exists()


def test_a_crew_sees_what_was_released_and_has_no_door(client, issue):
    held = shot(issue)
    review(issue)
    office.crew(client)

    assert look(client, held) == 404
    assert ask(client, issue).status_code == 404


def test_the_action_itself_asks_who_and_why(issue):
    ask = {"purpose": "law", "reason": "Surat polisi"}
    with pytest.raises(NotPermitted):
        actions.open_up(issue, Access.Kind.IDENTITY, actor=make.user(Role.LEADER), **ask)
    with pytest.raises(MissingDuty):
        actions.open_up(
            issue, Access.Kind.IDENTITY, actor=make.user(Role.DISPATCHER), purpose="law", reason=""
        )
