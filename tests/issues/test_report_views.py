"""The form and the receipt over HTTP, as a browser without JavaScript meets them."""

import re
from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from issues import actions
from issues.forms import kept
from issues.models import Category, Issue, Photo, Reporter
from issues.photos import MAX_BYTES
from tests import make
from tests.issues.citizen import WORDS, picture, send, text, upload

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _city(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return make.world()


@pytest.fixture
def citizen():
    return Client()


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
        twins="1",
    )

    assert response.status_code == 302
    assert Issue.objects.count() == 2


def test_a_form_after_the_same_words_in_json_gets_the_first_receipt_even_of_a_retired_kind(citizen):
    said = {"service_code": "lpju-mati", "description": f"{WORDS}\nDua tiang.", "area_code": "1.2"}
    address = "Jalan Teuku Umar, depan pasar"
    sent = said | {"id": str(make.uuid(1)), "address": address, "channel": "web"}
    assert citizen.post("/api/issues", sent, content_type="application/json").status_code == 201
    Category.objects.filter(service_code="lpju-mati").update(active=False)

    response = send(citizen, description=f"{WORDS}\r\nDua tiang.")

    assert response.url == reverse("receipt", args=[make.uuid(1)])
    assert citizen.get(response.url).status_code == 200
    assert Issue.objects.count() == 1


def test_a_photo_says_enough_and_every_page_reads_well_without_words(citizen):
    response = send(citizen, description="", photo_1=upload())

    issue = Issue.objects.get()
    assert (response.status_code, issue.description) == (302, "")
    assert issue.photos.count() == 1
    assert "tanpa keterangan" in text(citizen.get(reverse("tracked", args=[issue.number])))
    assert citizen.get(response.url).status_code == 200
    assert citizen.get(reverse("issue", args=[issue.number])).status_code == 200


def test_a_photo_that_nobody_can_take_stands_in_for_no_words(citizen):
    response = send(citizen, description="", photo_1=upload(data=b"no picture"))

    assert response.status_code == 422
    assert not Issue.objects.exists()


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
    assert re.search(r'id="errors"\s+role="alert"', page)


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
    back = send(citizen, area_code="", photo_1=upload("rumah.jpg"))
    claims = [photo.claim for photo in back.context["held"]]

    response = send(citizen, kept=claims)

    assert "rumah.jpg" in text(back)
    assert response.status_code == 302
    assert Issue.objects.get().photos.count() == 1
    assert default_storage.listdir(kept.FOLDER)[1] == []


def test_a_form_that_claims_a_photo_twice_sends_it_once(citizen):
    claims = [one.claim for one in send(citizen, area_code="", photo_1=upload()).context["held"]]

    response = send(citizen, kept=claims * 2)

    assert response.status_code == 302
    assert Issue.objects.get().photos.count() == 1


def test_whoever_is_logged_in_is_not_asked_who_they_are(citizen):
    user = make.user(first_name="Wayan", phone="+6281234567890")
    citizen.force_login(user)

    page = text(citizen.get("/lapor"))
    send(citizen)

    assert "Dikirim atas nama akun Anda" in page
    assert not re.search(r'name="(name|email|phone|consent)"', page)
    reporter = Reporter.objects.get()
    assert (reporter.name, reporter.email, reporter.phone) == ("Wayan", user.email, user.phone)


def test_a_held_photo_that_another_send_took_away_is_passed_over(citizen):
    back = send(citizen, area_code="", photo_1=upload())
    held = back.context["held"][0]
    held.drop()

    assert held.read() is None
    assert send(citizen, kept=[held.claim]).status_code == 302


def test_a_held_photo_that_could_not_be_taken_stays_held(citizen, settings):
    back = send(citizen, area_code="", photo_1=upload())
    # A file in the way of the folder: the disk takes no originals.
    (settings.MEDIA_ROOT / "original").touch()

    with pytest.raises(NotADirectoryError):
        send(citizen, kept=[back.context["held"][0].claim])

    assert back.context["held"][0].read() == picture()


def test_a_photo_that_weighs_too_much_is_not_held(citizen):
    page = text(send(citizen, area_code="", photo_1=upload("besar.jpg", b"x" * (MAX_BYTES + 1))))

    assert "Foto besar.jpg: foto lebih besar dari 12 MB" in page
    assert not default_storage.exists(kept.FOLDER)


def test_forms_together_hold_so_much_and_no_more(citizen, monkeypatch):
    monkeypatch.setattr(kept, "MOST_BYTES", len(picture()))

    first = send(citizen, area_code="", photo_1=upload())
    second = send(citizen, area_code="", photo_1=upload())

    assert (len(first.context["held"]), len(second.context["held"])) == (1, 0)
    assert "ruang penyimpanan penuh" in text(second)


def test_a_body_that_weighs_too_much_is_refused_kindly_and_unread(citizen):
    class Unread(BytesIO):
        def read(self, *_size):
            raise AssertionError("the body was read")

    response = citizen.generic(
        "POST", "/lapor", **{"wsgi.input": Unread(), "CONTENT_LENGTH": str(70 * 2**20)}
    )

    assert response.status_code == 413
    assert "masing-masing 12 MB" in text(response)


def test_a_held_photo_can_be_thrown_out_again(citizen):
    send(citizen, area_code="", photo_1=upload())

    send(citizen)

    assert Issue.objects.get().photos.count() == 0


def test_a_bad_photo_of_a_form_that_comes_back_is_named(citizen):
    page = text(send(citizen, area_code="", photo_1=upload("puisi.jpg", b"kata")))

    assert "puisi.jpg" in page


@pytest.mark.parametrize("claim", ["", "x", "W10:1:2", "../../etc/passwd"])
def test_a_forged_claim_holds_nothing(citizen, claim):
    assert send(citizen, kept=[claim]).status_code == 302
    assert Issue.objects.get().photos.count() == 0


def test_held_photos_that_nobody_came_back_for_are_forgotten(citizen, monkeypatch):
    send(citizen, area_code="", photo_1=upload())
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


def test_the_privacy_page_stands_where_the_footer_says(citizen):
    assert citizen.get(reverse("privacy")).status_code == 200


# Reported already, without a script -----------------------------------------------------------


def test_a_form_that_may_repeat_a_report_is_shown_it_once_and_can_go_on(citizen):
    known = make.issue(lon=None, lat=None, area_code="1.2")

    shown = send(citizen, photo_1=upload())

    assert (shown.status_code, Issue.objects.count()) == (200, 1)
    page = text(shown)
    assert "Sudah dilaporkan?" in page
    assert f"/laporan/{known.number}/dukung" in page
    assert "Bukan, kirim laporan saya" in page
    assert WORDS in page
    assert '<input type="hidden" name="twins" value="1">' in page
    assert len(shown.context["held"]) == 1
    assert send(citizen, twins="1").status_code == 302
    assert Issue.objects.count() == 2


def test_a_form_sent_twice_gets_its_receipt_not_itself_as_a_repetition(citizen):
    sent = [send(citizen, uuid="3f0f4b1e-0f5d-4b0e-8a61-0a6a8a2f2a11") for _time in range(2)]

    assert [answer.status_code for answer in sent] == [302, 302]
    assert Issue.objects.count() == 1


def test_a_confidential_form_is_compared_with_nothing(citizen):
    make.issue(lon=None, lat=None, area_code="1.2")

    assert send(citizen, confidential="1").status_code == 302
