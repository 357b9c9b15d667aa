"""Photos of people who have the same problem: whose they are said to be, and to whom."""

import pytest
from django.test import Client

from issues import actions
from issues.actions.support import person
from issues.models import Photo
from issues.workflow import Role, Step
from tests import make
from tests.issues.citizen import opened, picture, text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _city(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return make.world()


@pytest.fixture
def proved():
    """An issue to which somebody else has sent a photo."""
    issue = make.issue()
    actions.attach(
        issue.pk,
        picture("blue"),
        photo_id=make.uuid(7),
        kind=Photo.Kind.EVIDENCE,
        person=person("device", "x"),
    )
    return issue


def test_staff_read_that_somebody_else_has_sent_it(client, proved):
    client.force_login(make.user(Role.DISPATCHER))

    page = text(client.get(f"/kerja/laporan/{proved.number}"))

    assert "Foto bukti dari warga lain" in page
    assert "Tambah foto → " not in page


def test_a_photo_of_the_reporter_is_still_the_reporters():
    issue = make.issue()
    actions.attach(issue.pk, picture("blue"), photo_id=make.uuid(7))

    event = issue.events.get(step=Step.ATTACH)

    assert (event.is_evidence, event.deed, event.capacity) == (False, "Tambah foto", "pelapor")


def test_the_reporter_is_not_told_of_photos_that_others_have_sent(proved):
    citizen = Client()
    opened(citizen, proved)

    page = citizen.get(f"/lacak/{proved.number}")

    assert "bukti" not in text(page).lower()
    assert "Tambah foto" not in [str(one.sentence) for one in page.context["told"]]
