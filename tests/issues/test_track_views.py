"""Following a report over HTTP: by number, by secret, and on the reporter's own page."""

import re

import pytest
from axes.models import AccessAttempt
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from issues import actions
from issues.models import Issue, Photo
from issues.workflow import Role, Status, Step
from tests import make
from tests.issues.citizen import opened, picture, reply, text, upload

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _city(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return make.world()


@pytest.fixture
def citizen():
    return Client()


# Tracking ----------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["{}", " {} ", "{lower}", "{bare}"])
def test_a_number_leads_to_the_public_page_however_it_is_typed(citizen, typed):
    number = make.issue().number
    shown = typed.format(number, lower=number.lower(), bare=number.replace("-", ""))

    response = citizen.get("/lacak", {"nomor": shown})

    assert response.url == reverse("issue", args=[number])


def test_a_confidential_number_and_one_that_does_not_exist_get_the_same_answer(citizen):
    secret = make.issue(confidential=True)

    answers = [citizen.get("/lacak", {"nomor": one}) for one in (secret.number, "DPS-26-999999")]

    assert [answer.status_code for answer in answers] == [404, 404]
    pages = [re.sub(r"DPS-\d\d-\d+|value=\"[^\"]*\"|nonce=\S+", "", text(one)) for one in answers]
    assert pages[0] == pages[1]


def test_the_secret_opens_ones_own_page(citizen):
    issue = make.issue(confidential=True)

    response = opened(citizen, issue)

    assert response.url == reverse("tracked", args=[issue.number])
    assert issue.description in text(citizen.get(response.url))


def test_a_whole_pasted_link_opens_it_too(citizen):
    issue = make.issue()
    link = f"http://testserver/lacak#{actions.token_for(issue)}"

    assert citizen.post("/lacak", {"rahasia": link}).status_code == 302


def test_without_a_proof_the_own_page_of_any_number_leads_to_the_doors(citizen):
    issue = make.issue()

    for number in (issue.number, "DPS-26-999999"):
        assert citizen.get(reverse("tracked", args=[number])).url == reverse("track")


def test_a_changed_secret_ends_the_session(citizen):
    issue = make.issue()
    opened(citizen, issue)
    Issue.objects.filter(pk=issue.pk).update(token_hash="0" * 64)

    assert citizen.get(reverse("tracked", args=[issue.number])).url == reverse("track")


def test_guesses_are_counted_up_to_ten_and_what_was_typed_is_kept_nowhere(citizen):
    for number in range(12):
        response = citizen.post("/lacak", {"rahasia": f"tebakan-{number}"})
        assert response.status_code == 422

    kept_by_axes = AccessAttempt.objects.get()
    assert kept_by_axes.failures_since_start == 10
    assert "tebakan" not in str(vars(kept_by_axes))


def test_a_right_secret_opens_however_many_wrong_ones_came_from_the_same_address(citizen):
    issue = make.issue()
    for number in range(12):
        citizen.post("/lacak", {"rahasia": f"tebakan-{number}"})

    assert opened(citizen, issue).url == reverse("tracked", args=[issue.number])
    receipt = reverse("receipt", args=[issue.uuid])
    assert Client().post(receipt, {"token": actions.token_for(issue)}).url == receipt


def test_the_secret_stands_in_no_address(citizen):
    response = opened(citizen, issue := make.issue())

    assert actions.token_for(issue) not in response.url


# The reporter's own page -------------------------------------------------------------------


def test_a_question_is_answered_on_ones_own_page(citizen):
    issue = make.issue(steps=[Step.ASK])
    opened(citizen, issue)
    page = text(citizen.get(reverse("tracked", args=[issue.number])))

    response = reply(citizen, issue, Step.ANSWER, note="Tiang nomor 12.")

    issue.refresh_from_db()
    assert "catatan uji coba" in page
    assert response.status_code == 302
    assert issue.status == Status.ASSIGNED


def test_a_repair_that_did_not_help_opens_the_report_again(citizen):
    issue = make.issue(steps=[Step.RESOLVE])
    opened(citizen, issue)

    page = text(citizen.get(reverse("tracked", args=[issue.number])))
    reply(citizen, issue, Step.REOPEN, note="Masih mati.", photo_1=upload())

    issue.refresh_from_db()
    assert "Sudah beres?" in page
    assert issue.status == Status.ASSIGNED
    assert issue.photos.count() == 1


def test_a_repair_that_holds_is_confirmed_once_and_thanked_for(citizen):
    issue = make.issue(steps=[Step.RESOLVE])
    opened(citizen, issue)
    before = text(citizen.get(reverse("tracked", args=[issue.number])))

    reply(citizen, issue, Step.VALIDATE)
    after = text(citizen.get(reverse("tracked", args=[issue.number])))
    again = reply(citizen, issue, Step.VALIDATE)

    said = issue.events.last()
    assert "Ya, sudah" in before
    assert "Terima kasih" in after
    assert "Anda menyatakan sudah beres." in after
    assert "Ya, sudah" not in after
    assert "Belum beres" in after
    assert (said.step, said.role, said.status) == (Step.VALIDATE, Role.REPORTER, Status.RESOLVED)
    assert again.status_code == 422


def test_reopening_without_a_reason_is_refused_beside_the_words(citizen):
    issue = make.issue(steps=[Step.RESOLVE])
    opened(citizen, issue)

    response = reply(citizen, issue, Step.REOPEN)

    assert response.status_code == 422
    assert 'id="note-reopen-error"' in text(response)


def test_a_report_is_withdrawn(citizen):
    issue = make.issue()
    opened(citizen, issue)

    reply(citizen, issue, Step.WITHDRAW)

    issue.refresh_from_db()
    assert issue.status == Status.WITHDRAWN


def test_a_duplicate_names_its_original(citizen):
    issue, original = make.issue(), make.issue()
    make.take(issue, Step.MERGE, original=original)
    opened(citizen, issue)

    page = text(citizen.get(reverse("tracked", args=[issue.number])))

    assert reverse("issue", args=[original.number]) in page


def test_a_photo_is_added_later(citizen):
    issue = make.issue()
    opened(citizen, issue)

    reply(citizen, issue, Step.ATTACH, photo_1=upload())

    assert issue.photos.count() == 1


def test_words_about_an_older_state_are_not_lost(citizen):
    issue = make.issue(steps=[Step.ASK])
    opened(citizen, issue)
    page = reverse("tracked", args=[issue.number])

    response = citizen.post(page, {"step": "answer", "version": 1, "note": "Tiang nomor 12."})

    assert response.status_code == 422
    assert "Tiang nomor 12." in text(response)
    assert "baru saja diubah" in text(response)


@pytest.mark.parametrize("step", list(Step))
def test_a_reporter_takes_no_step_of_the_staff(citizen, step):
    issue = make.issue()
    opened(citizen, issue)
    before = issue.status

    response = reply(citizen, issue, step, note="coba")

    issue.refresh_from_db()
    if step not in {Step.WITHDRAW, Step.ATTACH, Step.ADD}:
        assert response.status_code == 422
        assert issue.status == before


def test_notes_of_the_staff_stay_with_the_staff(citizen):
    issue = make.issue()
    make.take(issue, Step.NOTE, note="pelapor sering mengeluh")
    opened(citizen, issue)

    assert "sering mengeluh" not in text(citizen.get(reverse("tracked", args=[issue.number])))


def test_reporters_see_their_clean_photos_before_the_public_does(citizen):
    issue = make.issue()
    opened(citizen, issue)
    photo = actions.attach(issue.pk, picture(), photo_id=make.uuid(7))
    address = reverse("tracked-photo", args=[issue.number, photo.pk, "small"])

    assert citizen.get(address).status_code == 404
    Photo.objects.filter(pk=photo.pk).update(state=Photo.State.CLEAN)
    default_storage.save(photo.path("small"), SimpleUploadedFile("x", picture()))

    answer = citizen.get(address)
    assert b"".join(answer.streaming_content) == picture()
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert Client().get(address).status_code == 404
    answer.close()


def test_a_crews_unreleased_photo_is_not_the_reporters(citizen):
    issue = make.issue()
    crew = make.user()
    photo = actions.attach(issue.pk, picture(), photo_id=make.uuid(8))
    Photo.objects.filter(pk=photo.pk).update(state=Photo.State.CLEAN, uploaded_by=crew)
    default_storage.save(photo.path("small"), SimpleUploadedFile("x", picture()))
    opened(citizen, issue)

    address = reverse("tracked-photo", args=[issue.number, photo.pk, "small"])

    assert citizen.get(address).status_code == 404


@pytest.mark.parametrize(("name", "most"), [("report", 5), ("receipt", 9), ("tracked", 12)])
def test_pages_ask_the_database_few_questions(citizen, name, most, django_assert_max_num_queries):
    issue = make.issue()
    opened(citizen, issue)
    key = {"report": [], "receipt": [issue.uuid], "tracked": [issue.number]}[name]

    with django_assert_max_num_queries(most):
        assert citizen.get(reverse(name, args=key)).status_code == 200
