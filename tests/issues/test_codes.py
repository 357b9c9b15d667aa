"""Codes that prove an address: few guesses for a stranger, and a way in for the owner."""

import re

import pytest
from django.core import mail
from django.test import Client

from issues import codes
from issues.models import User
from tests import make

pytestmark = pytest.mark.django_db

EMAIL = "wayan@warga.example"


@pytest.fixture(autouse=True)
def _world():
    make.world()


def line(number):
    """Somebody at a line of their own."""
    return Client(REMOTE_ADDR=f"203.0.113.{number}")


def ask(person, address=EMAIL):
    return person.post("/masuk", {"alamat": address}).status_code


def code():
    return re.search(r"\b\d{6}\b", mail.outbox[-1].body)[0]


def guess(person, times):
    """Type a wrong code so many times."""
    wrong = f"{(int(code()) + 1) % 10**6:06d}"
    for _ in range(times):
        person.post("/masuk/kode", {"kode": wrong})


def enter(person):
    person.post("/masuk/kode", {"kode": code()})
    return User.objects.exists()


def use_up(stranger):
    """Guess at an address as often as all may together."""
    for _ in range(codes._GUESSES // codes.MOST_TRIES):
        ask(stranger)
        guess(stranger, codes.MOST_TRIES)


def test_ten_guesses_at_an_address_are_all_that_anybody_has():
    stranger = line(1)
    use_up(stranger)

    ask(stranger)

    assert not enter(stranger)


def test_the_owner_comes_in_with_the_right_code_whoever_guesses():
    use_up(line(1))
    owner = line(2)

    ask(owner)

    assert enter(owner)


def test_whoever_guesses_from_elsewhere_has_one_more_try_there_and_no_other():
    use_up(line(1))
    stranger = line(2)
    ask(stranger)
    guess(stranger, 1)

    assert not enter(stranger)


def test_guesses_at_one_address_take_none_from_another():
    use_up(line(1))
    stranger = line(1)

    ask(stranger, "made@warga.example")

    assert enter(stranger)


def test_a_stranger_who_asks_too_often_keeps_no_owner_out():
    stranger = line(1)

    assert [ask(stranger) for _ in range(7)] == [302] * 5 + [422] * 2
    assert ask(line(2)) == 302


def test_letters_to_one_address_end_from_however_many_lines_they_are_asked():
    answers = [ask(line(number // 5)) for number in range(40)]

    assert answers == [302] * 30 + [422] * 10
    assert len(mail.outbox) == 30


# The demo ----------------------------------------------------------------------------------


SMTP = "django.core.mail.backends.smtp.EmailBackend"


def told(person, settings, *, demo=True):
    settings.DEMO = demo
    ask(person)
    return code() in person.get("/masuk/kode").content.decode()


def test_a_demo_whose_mail_goes_nowhere_shows_the_code_once(settings):
    person = line(1)

    assert told(person, settings)
    assert code() not in person.get("/masuk/kode").content.decode()


def test_outside_a_demo_the_page_never_tells_a_code(settings):
    assert not told(line(1), settings, demo=False)


def test_a_demo_with_real_mail_tells_no_code(settings):
    settings.DEMO, settings.EMAIL_BACKEND = True, SMTP

    assert not codes._stays_here(codes.Address(codes.Kind.EMAIL, EMAIL), codes._LETTER)


def test_a_letter_without_a_code_tells_none_on_the_page_either(settings):
    settings.DEMO = True
    address = codes.Address(codes.Kind.EMAIL, EMAIL)

    assert codes._stays_here(address, codes._LETTER)
    assert not codes._stays_here(address, "account/email/staff_door")
