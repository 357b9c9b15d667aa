"""The emergency banner: on every page, in its window of time, and with a history."""

from datetime import timedelta

import pytest
from django.utils import timezone

from issues.models import ConfigurationChange, Holiday
from issues.workflow import Role
from tests import make
from tests.issues import office

pytestmark = pytest.mark.django_db

WORDS = "Banjir di Sungai Badung: jauhi tepi sungai."
HOUR = timedelta(hours=1)


def banner(**fields):
    city = make.world()
    for name, value in {"banner": WORDS, **fields}.items():
        setattr(city, name, value)
    city.save()
    return city


@pytest.mark.parametrize("page", ["/", "/laporan", "/lapor", "/lacak", "/privasi"])
def test_it_stands_on_every_page(client, page):
    banner()

    assert WORDS in client.get(page).content.decode()


@pytest.mark.parametrize(
    ("begins", "ends", "seen"),
    [(-HOUR, HOUR, True), (HOUR, None, False), (None, -HOUR, False), (None, None, True)],
)
def test_it_is_seen_in_its_window(client, begins, ends, seen):
    now = timezone.now()
    banner(
        banner_from=None if begins is None else now + begins,
        banner_until=None if ends is None else now + ends,
    )

    assert (WORDS in client.get("/privasi").content.decode()) == seen


def test_what_an_administrator_changes_is_written_down(client):
    city = make.world()
    someone = make.user(Role.ADMINISTRATOR, is_staff=True, is_superuser=True)
    desk = office.enter(client, someone)
    form = {"city": city.pk, "date": "2026-12-24", "name": "Cuti kota", "kind": "local"}

    done = desk.post("/admin/issues/holiday/add/", form)

    assert done.status_code == 302
    assert Holiday.objects.filter(name="Cuti kota").exists()
    change = ConfigurationChange.objects.get(kind="holiday", field="name")
    assert (change.actor, change.before, change.after) == (someone, None, "Cuti kota")
