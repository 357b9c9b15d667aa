"""The first administrator of a city: invited by the operator, who then invites nobody else."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from issues.models import ConfigurationChange, User
from issues.workflow import Role
from tests import make
from tests.issues import office

pytestmark = pytest.mark.django_db
NEW = "kata-sandi-baru-yang-panjang"


def invite(email="kepala@kota.example", city="denpasar"):
    said = StringIO()
    call_command("invite", email, city=city, stdout=said)
    return said.getvalue().strip()


def test_the_operator_invites_the_first_administrator(client):
    make.world()
    path = "/undangan/" + invite().rpartition("/")[2]

    client.post(path, {"name": "Kepala", "password1": NEW, "password2": NEW})

    first = User.objects.get(email="kepala@kota.example")
    inside = office.enter(Client(), first)
    assert inside.get(reverse("people")).status_code == inside.get("/admin/").status_code == 200
    assert {row.actor for row in ConfigurationChange.objects.all()} == {None}


def test_a_city_with_an_administrator_is_not_entered_by_the_command():
    make.world()
    make.user(Role.ADMINISTRATOR)

    with pytest.raises(CommandError):
        invite()


def test_an_unknown_city_is_told():
    with pytest.raises(CommandError, match="no city"):
        invite(city="atlantis")
