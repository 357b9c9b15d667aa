"""The form without JavaScript: questions on a second step, links that know things, accounts."""

import pytest
from django.urls import reverse

from geodata.models import City
from issues.models import Issue, Reporter
from tests import make
from tests.issues.citizen import filled, text, upload

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    make.world()


def question(code="jumlah", **fields):
    return make.question("lpju-mati", code, **fields)


def post(citizen, address="/lapor", **fields):
    return citizen.post(address, filled(**fields))


def test_a_kind_that_asks_comes_back_with_its_questions_and_everything_typed(client):
    question()

    page = post(client, photos=upload())

    assert page.status_code == 200
    assert 'name="answer-jumlah"' in text(page)
    assert filled()["description"] in text(page)
    assert "rumah.jpg" in text(page)
    assert "Belum terkirim" not in text(page).split("<main")[1].split('id="errors"')[0]
    assert not Issue.objects.exists()


def test_the_second_step_sends_answers_and_photos(client):
    question()
    held = post(client, photos=upload()).context["held"]

    sent = post(
        client,
        **{"answer-jumlah": "dua", "seen": "lpju-mati/jumlah", "kept": [held[0].claim]},
    )

    assert sent.status_code == 302
    issue = Issue.objects.get()
    assert issue.answers == {"jumlah": "dua"}
    assert issue.photos.count() == 1


def test_an_answer_that_opens_a_question_shows_it_first(client):
    question()
    question("lama", kind="text", condition={"jumlah": "dua"})

    page = post(client, **{"answer-jumlah": "dua", "seen": "lpju-mati/jumlah"})

    assert (page.status_code, 'name="answer-lama"' in text(page)) == (200, True)


def test_another_kind_asks_its_own_questions(client):
    question()
    make.question("layanan-lambat", "jumlah")

    page = post(client, service_code="layanan-lambat", seen="lpju-mati/jumlah")

    assert page.status_code == 200
    assert not Issue.objects.exists()


def test_a_stopper_says_its_words_and_nothing_is_sent(client):
    question()
    words = "Kabel listrik jatuh: jangan dekati. Hubungi PLN 123 atau 112 sekarang."
    fields = {"kind": "notice", "stops": True, "text": words, "choices": []}
    question("awas", condition={"jumlah": "dua"}, **fields)

    page = post(client, **{"answer-jumlah": "dua", "seen": ["lpju-mati/jumlah"]})

    assert page.status_code == 422
    assert words in text(page)
    assert not Issue.objects.exists()


def test_several_choices_come_from_boxes(client):
    question(kind="choices")

    post(client, **{"answer-jumlah": ["dua", "satu"], "seen": "lpju-mati/jumlah"})

    assert Issue.objects.get().answers == {"jumlah": ["satu", "dua"]}


def test_a_report_without_javascript_is_taken_and_waits_for_a_look(client):
    post(client)

    assert Issue.objects.get().held


def test_a_whole_street_is_a_field_of_the_form(client):
    make.road([(make.LON + 0.001, make.LAT + 0.005), (make.LON + 0.01, make.LAT + 0.005)])

    post(client, street="jalan uji", area_code="")

    assert Issue.objects.get().street == "Jalan Uji"


def test_the_whole_city_is_a_choice_among_the_places(client):
    assert "Seluruh Kota 0" in text(client.get("/lapor"))

    post(client, area_code="0")

    assert Issue.objects.get().jurisdiction.code == "0"


def test_a_link_may_name_the_kind_and_the_place(client):
    page = text(client.get("/lapor?kategori=lpju-mati&lat=-8.65&lon=115.21"))

    assert '<option value="lpju-mati" selected' in page
    assert 'value="-8.65"' in page


# Accounts ------------------------------------------------------------------------------------


def test_who_is_logged_in_is_not_asked_for_what_is_known(client):
    person = make.user(first_name="Wayan")
    client.force_login(person)

    post(client)

    issue = Issue.objects.get()
    found = Reporter.objects.get(issue=issue)
    assert not issue.held
    assert (found.user, found.name, found.email) == (person, "Wayan", person.email)


def test_what_the_account_says_needs_no_consent_once_more(client):
    person = make.user(first_name="Wayan")
    client.force_login(person)

    assert post(client, name="Wayan", email=person.email).status_code == 302
    assert post(client, uuid=str(make.uuid(2)), email="lain@contoh.id").status_code == 422


def test_a_city_of_accounts_keeps_the_form_through_the_log_in(client):
    City.objects.update(requires_account=True)

    asked = post(client, photos=upload())
    assert asked.url == f"{reverse('enter')}?next={reverse('report')}"
    assert not Issue.objects.exists()

    client.force_login(make.user())
    page = client.get("/lapor")

    assert filled()["description"] in text(page)
    assert "rumah.jpg" in text(page)
    assert filled()["description"] not in text(client.get("/lapor"))
