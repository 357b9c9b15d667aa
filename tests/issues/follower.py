"""People who follow, for tests: by an address that said yes, by a device, by a drawing."""

from typing import Any

from django.contrib.gis.geos import Polygon
from django.core import mail
from django.utils import timezone

from geodata.crs import WGS84
from issues import actions, jobs
from issues.models import Event, Issue, PushDevice, Subscriber, Subscription
from tests import make
from tests.issues.push_service import Browser

Kind = Subscription.Kind
Often = Subscription.Frequency
EMAIL = "made@warga.example"
WORDS = "Lampu di depan rumah Pak Ketut Sudana mati"


def somebody(email: str = EMAIL, **fields: Any) -> Subscriber:
    """A subscriber whose address has said yes."""
    values = {"confirmed_at": timezone.now(), "created_at": timezone.now()}
    return Subscriber.objects.create(city=make.city(), email=email, **(values | fields))


def wish(kind: Kind = Kind.CITY, **fields: Any) -> actions.Wish:
    """Everything in the city, at once, by mail."""
    ways = {} if {"by_push", "by_phone"} & set(fields) else {"by_email": True}
    return actions.Wish(kind=kind, **(ways | fields))


def follows(
    kind: Kind = Kind.CITY, *, who: Subscriber | None = None, **fields: Any
) -> Subscription:
    """A running subscription."""
    found = actions.follow(who or somebody(), wish(kind, **fields), proven=True)
    assert found is not None
    return found


def device(of: Subscriber, browser: Browser | None = None) -> PushDevice:
    """A browser of somebody's."""
    given = (browser or Browser()).json
    return PushDevice.objects.create(
        subscriber=of, endpoint=given["endpoint"], created_at=timezone.now(), **given["keys"]
    )


def box(west: float, south: float, east: float, north: float) -> Polygon:
    """A drawing with straight sides, degrees."""
    shape = Polygon.from_bbox((west, south, east, north))
    shape.srid = WGS84
    return shape


def run(queue) -> list:
    """Do every job that followers' letters need; return the letters that left."""
    mail.outbox.clear()
    tasks = jobs.tasks.tasks
    done = set()
    while waiting := [row for row in queue() if row.pk not in done]:
        for row in waiting:
            done.add(row.pk)
            if row.task_name.startswith(("follow_", "digest_", "tell_followers", "confirm_")):
                tasks[row.task_name](**row.args)
    return list(mail.outbox)


def named(queue, name) -> list:
    return [row for row in queue() if row.task_name == name]


def reported(**fields) -> Issue:
    return make.issue(description=WORDS, **fields)


def newest(issue) -> Event:
    return issue.events.get(seq=issue.version)
