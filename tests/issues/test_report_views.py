"""The citizen's pages over HTTP, as a browser without JavaScript meets them."""

import re
from io import BytesIO

import pytest
from axes.models import AccessAttempt
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from issues import actions
from issues.forms import kept
from issues.models import Issue, Photo
from issues.workflow import Status, Step
from tests import make

pytestmark = pytest.mark.django_db

WORDS = "Lampu jalan mati sejak tiga malam."


@pytest.fixture(autouse=True)
def _city(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return make.world()


@pytest.fixture
def citizen():
    return Client()


def picture(colour="red"):
    body = BytesIO()
    Image.new("RGB", (40, 30), colour).save(body, "JPEG")
    return body.getvalue()


def upload(name="rumah.jpg", data=None):
    return SimpleUploadedFile(name, picture() if data is None else data, "image/jpeg")


def filled(**fields):
    values = {
        "uuid": str(make.uuid(1)),
        "service_code": "lpju-mati",
        "description": WORDS,
        "area_code": "1.2",
        "address": "Jalan Teuku Umar, depan pasar",
    }
    return values | fields


def send(citizen, **fields):
    return citizen.post("/lapor", filled(**fields))


def opened(citizen, issue):
    return citizen.post("/lacak", {"rahasia": actions.token_for(issue)})


def reply(citizen, issue, step, **fields):
    version = Issue.objects.get(pk=issue.pk).version
    values = {"step": step.value, "version": version, **fields}
    return citizen.post(reverse("tracked", args=[issue.number]), values)


def text(response):
    return response.content.decode()


# Reporting ---------------------------------------------------------------------------------


def test_the_form_makes_a_new_id_at_every_rendering(citizen):
    first, second = (citizen.get("/lapor").context["form"]["uuid"].value() for _time in range(2))

    assert first != second


def test_the_form_works_without_javascript(citizen):
    response = send(citizen)

    issue = Issue.objects.get()
    assert response.status_code == 302
    assert response.url == reverse("receipt", args=[issue.uuid])
    assert (issue.description, issue.jurisdiction.code) == (WORDS, "1.2")


def test_the_page_brings_everything_a_form_without_javascript_needs(citizen):
    page = text(citizen.get("/lapor"))

    assert page.count('type="file" name="photo_') == 5
    assert "csrfmiddlewaretoken" in page
    assert re.search(r'<optgroup label="[^"]*1[^"]*">\s*<option value="1\.1"', page)


def test_a_form_without_the_csrf_token_is_refused():
    strict = Client(enforce_csrf_checks=True)

    assert send(strict).status_code == 403
    assert not Issue.objects.exists()


def test_a_report_may_start_with_what_the_map_knows(citizen):
    form = citizen.get("/lapor?lat=-8.65&lon=115.21&service_code=lpju-mati").context["form"]

    assert form["lat"].value() == "-8.65"
    assert form["service_code"].value() == "lpju-mati"


def test_sending_twice_makes_one_report_and_one_photo(citizen):
    for _time in range(2):
        response = send(citizen, photo_1=upload())
        assert response.status_code == 302

    assert Issue.objects.count() == 1
    assert Photo.objects.count() == 1


def test_a_second_report_under_the_first_ones_id_is_explained_and_shows_nothing_of_the_first(
    citizen,
):
    first = send(Client())

    response = send(citizen, description="Lampu jalan yang lain sama sekali.")

    assert first.status_code == 302
    assert response.status_code == 422
    assert "sudah pernah terkirim" in text(response)
    assert WORDS not in text(response)
    assert Issue.objects.get().number not in text(response)
    assert response.context["form"]["uuid"].value() != str(make.uuid(1))


def test_that_second_report_can_then_be_sent_as_its_own(citizen):
    send(citizen)
    again = send(citizen, description="Lampu jalan yang lain sama sekali.")

    response = send(
        citizen,
        description="Lampu jalan yang lain sama sekali.",
        uuid=again.context["form"]["uuid"].value(),
    )

    assert response.status_code == 302
    assert Issue.objects.count() == 2


def test_what_was_typed_and_chosen_comes_back_with_the_errors(citizen):
    response = send(
        citizen, description="mati", address="depan pasar", anonymous="on", phone="0812 3456 7890"
    )

    page = text(response)
    assert response.status_code == 422
    assert 'value="depan pasar"' in page
    assert 'value="0812 3456 7890"' in page
    assert '<option value="1.2" selected>' in page
    assert '<option value="lpju-mati" selected>' in page
    assert re.search(r'name="anonymous"[^>]*checked', page)
    assert f'value="{make.uuid(1)}"' in page


def test_every_error_is_tied_to_its_field_and_listed_on_top(citizen):
    page = text(send(citizen, description="mati"))

    assert re.search(r'<textarea[^>]*aria-invalid="true"[^>]*id_description_error', page)
    assert 'href="#id_description"' in page
    assert 'id="errors" role="alert"' in page


def test_a_point_outside_is_refused_kindly_and_stays(citizen):
    response = send(citizen, lat=str(make.LAT), lon=str(make.LON + 0.05), area_code="")

    page = text(response)
    assert response.status_code == 422
    assert "di luar batas Denpasar" in page
    assert f'value="{make.LON + 0.05}"' in page
    assert WORDS in page
    assert not Issue.objects.exists()


def test_a_warning_stands_beside_the_chosen_kind(citizen):
    make.category("darurat", warning="Telepon 112 sekarang juga.", fast_lane=True)

    page = text(send(citizen, service_code="darurat", description="api"))

    assert "Telepon 112 sekarang juga." in page


def test_scripts_in_words_are_words(citizen):
    bad = "<script>alert(1)</script> lampu mati"

    send(citizen, description=bad, address='"><img src=x onerror=alert(1)>')
    page = text(citizen.get(reverse("tracked", args=[Issue.objects.get().number])))

    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)" in page


# Photos ------------------------------------------------------------------------------------


def test_photos_go_along_with_the_form(citizen):
    send(citizen, photo_1=upload(), photo_3=upload("jalan.jpg", picture("blue")))

    issue = Issue.objects.get()
    assert issue.photos.count() == 2
    assert {photo.state for photo in issue.photos.all()} == {Photo.State.WAITING}


def test_a_bad_photo_does_not_hold_back_the_report(citizen):
    response = send(citizen, photo_1=upload("virus.jpg", b"<?php"), photo_2=upload())

    page = text(citizen.get(response.url))
    assert Issue.objects.get().photos.count() == 1
    assert "Foto virus.jpg tidak ikut" in page


def test_photos_of_a_form_that_comes_back_are_kept_and_sent_with_it(citizen):
    back = send(citizen, description="mati", photo_1=upload("rumah.jpg"))
    claims = [photo.claim for photo in back.context["held"]]

    response = send(citizen, kept=claims)

    assert "rumah.jpg" in text(back)
    assert response.status_code == 302
    assert Issue.objects.get().photos.count() == 1
    assert default_storage.listdir(kept.FOLDER)[1] == []


def test_a_held_photo_can_be_thrown_out_again(citizen):
    send(citizen, description="mati", photo_1=upload())

    send(citizen)

    assert Issue.objects.get().photos.count() == 0


def test_a_bad_photo_of_a_form_that_comes_back_is_named(citizen):
    page = text(send(citizen, description="mati", photo_1=upload("puisi.jpg", b"kata")))

    assert "puisi.jpg" in page


@pytest.mark.parametrize("claim", ["", "x", "W10:1:2", "../../etc/passwd"])
def test_a_forged_claim_holds_nothing(citizen, claim):
    assert send(citizen, kept=[claim]).status_code == 302
    assert Issue.objects.get().photos.count() == 0


def test_held_photos_that_nobody_came_back_for_are_forgotten(citizen, monkeypatch):
    send(citizen, description="mati", photo_1=upload())
    monkeypatch.setattr(kept, "HOLD", -make.days(1))

    assert kept.prune() == 1
    assert default_storage.listdir(kept.FOLDER)[1] == []


# Receipt -----------------------------------------------------------------------------------


def test_the_receipt_tells_number_owner_dates_and_the_secret(citizen):
    page = text(citizen.get(send(citizen).url))

    issue = Issue.objects.get()
    assert issue.number in page
    assert issue.department.name in page
    assert f"/lacak#{actions.token_for(issue)}" in page
    assert "hari kerja" in page
    assert 'src="data:image/svg+xml' in page


def test_nobody_else_sees_the_receipt(citizen):
    url = send(citizen).url

    assert Client().get(url).status_code == 404


def test_a_report_sent_through_the_api_opens_its_receipt_by_its_secret(citizen):
    issue = make.issue()
    url = reverse("receipt", args=[issue.uuid])

    assert citizen.post(url, {"token": "salah"}).status_code == 404
    assert citizen.post(url, {"token": actions.token_for(issue)}).url == url
    assert issue.number in text(citizen.get(url))


def test_the_secret_of_one_report_does_not_open_the_receipt_of_another(citizen):
    issue, other = make.issue(), make.issue()

    response = citizen.post(
        reverse("receipt", args=[issue.uuid]), {"token": actions.token_for(other)}
    )

    assert response.status_code == 404


def test_a_confidential_report_says_that_its_number_alone_opens_nothing(citizen):
    page = text(citizen.get(send(citizen, confidential="on").url))

    assert "Laporan ini rahasia" in page


@pytest.mark.parametrize("address", ["/lapor", "/lacak"])
def test_pages_of_a_report_are_stored_nowhere(citizen, address):
    headers = citizen.get(address).headers

    assert "no-store" in headers["Cache-Control"]
    assert headers["Referrer-Policy"] == "same-origin"


def test_the_receipt_is_stored_nowhere(citizen):
    headers = citizen.get(send(citizen).url).headers

    assert "no-store" in headers["Cache-Control"]
    assert headers["Referrer-Policy"] == "same-origin"


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


def test_guessing_is_stopped_and_what_was_typed_is_kept_nowhere(citizen):
    issue = make.issue()
    for number in range(12):
        response = citizen.post("/lacak", {"rahasia": f"tebakan-{number}"})
        assert response.status_code == 422

    locked_out = opened(citizen, issue)

    assert locked_out.status_code == 422
    assert text(locked_out).count("tidak cocok") == text(response).count("tidak cocok")
    kept_by_axes = str(list(AccessAttempt.objects.values()))
    assert "tebakan" not in kept_by_axes


def test_other_senders_are_not_stopped_with_the_guesser(citizen):
    issue = make.issue()
    for number in range(12):
        citizen.post("/lacak", {"rahasia": f"tebakan-{number}"})

    elsewhere = Client(REMOTE_ADDR="10.1.2.3")

    assert opened(elsewhere, issue).status_code == 302


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
    if step not in {Step.WITHDRAW, Step.ATTACH}:
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


def test_the_privacy_page_stands_where_the_footer_says(citizen):
    assert citizen.get(reverse("privacy")).status_code == 200
