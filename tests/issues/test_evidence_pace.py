"""How much evidence one person and one line may send: within bounds that no honest one meets."""

import pytest
from django.test import Client

from issues.models import Photo
from issues.views import evidence, likeness
from tests import make
from tests.issues.citizen import picture, upload

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    make.world()


def me_too(client, issue, *colours):
    files = {f"foto{n}": upload(data=picture(colour)) for n, colour in enumerate(colours)}
    return client.post(f"/laporan/{issue.number}/dukung", files, follow=True)


def test_one_line_cannot_fill_all_places_of_an_issue(monkeypatch):
    monkeypatch.setattr(evidence, "PER_LINE", 2)
    issue = make.issue()

    for colour in ("red", "blue", "green"):
        answer = me_too(Client(), issue, colour)
    me_too(Client(REMOTE_ADDR="192.0.2.7"), issue, "black")

    assert Photo.objects.count() == 3
    assert "Coba lagi besok" in answer.content.decode()


def test_one_person_sends_so_much_in_a_day_over_all_issues(client, monkeypatch):
    monkeypatch.setattr(evidence, "MOST_KB", 1)

    for colour in ("red", "blue"):
        me_too(client, make.issue(), colour)

    assert Photo.objects.count() == 1


def test_a_known_device_says_it_so_often_and_no_more(client, monkeypatch):
    monkeypatch.setattr(likeness, "PER_PERSON", 2)

    codes = [me_too(client, make.issue()).status_code for _ in range(3)]

    assert codes == [200, 200, 429]
