"""How many new devices of one line may say "saya juga": enough for a suburb, not for a robot."""

from datetime import timedelta

import pytest
from django.test import Client

from issues import pace
from issues.models import Support
from issues.views.likeness import PER_LINE
from issues.views.persons import COOKIE
from issues.workflow import Role
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world():
    make.world()


@pytest.fixture
def busy():
    """A line behind which as many new devices as may have spoken already."""
    for _each in range(PER_LINE):
        pace.count("support-line", "127.0.0.1", within=timedelta(hours=1))


def me_too(client, issue, accept="application/json", **fields):
    return client.post(f"/laporan/{issue.number}/dukung", fields, headers={"accept": accept})


def test_too_many_new_devices_of_one_line_are_asked_to_wait(busy):
    issue = make.issue()

    answer = me_too(Client(), issue)

    assert answer.status_code == 429
    assert "Coba lagi nanti" in answer.json()["error"]["message"]
    assert not Support.objects.exists()


def test_a_page_says_so_kindly(busy):
    answer = me_too(Client(), make.issue(), accept="text/html")

    assert answer.status_code == 429
    assert "Coba lagi nanti" in answer.content.decode()


def test_another_line_is_not_held_up(busy):
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")

    assert me_too(elsewhere, make.issue()).json()["supports"] == 1


def test_whoever_is_known_already_goes_on(client):
    first, second = make.issue(), make.issue()
    me_too(client, first)
    for _each in range(PER_LINE):
        pace.count("support-line", "127.0.0.1", within=timedelta(hours=1))

    assert me_too(client, second).json()["supports"] == 1


def test_an_account_is_one_person_wherever_it_is(client, busy):
    client.force_login(make.user(Role.DISPATCHER))

    answer = me_too(client, make.issue())

    assert answer.status_code == 200
    assert COOKIE in answer.cookies, "who logs out afterwards is still the same person"


def test_taking_it_back_is_always_possible(client):
    issue = make.issue()
    me_too(client, issue)
    for _each in range(PER_LINE):
        pace.count("support-line", "127.0.0.1", within=timedelta(hours=1))

    assert me_too(client, issue, batal="1").json()["supports"] == 0


def test_a_device_is_known_only_after_it_was_counted(client):
    answer = me_too(client, make.issue(), batal="1")

    assert COOKIE not in answer.cookies
