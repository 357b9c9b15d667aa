"""Handing out news to those who follow: one job for each letter, in batches, each exactly once.

A batch's jobs and the mark of how far it came are one transaction: a worker that is killed in the
middle goes on where it was.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from itertools import groupby
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.contrib.postgres.aggregates import BoolOr
from django.db import transaction
from django.utils import timezone

from geodata.models import City
from issues import notifications, outbox
from issues.models import Announcement, Event, PushDevice, Subscription, SubscriptionQuerySet

BATCH: Final = 500
"""So many subscribers a transaction."""
MORNING: Final = time(7)
"""When digests go out, on the city's clocks; the weekly one on Monday."""
KEPT: Final = timedelta(days=30)

Job = tuple[str, Mapping[str, int]]


def announce(event_id: int, *, size: int = BATCH) -> int:
    """Put the jobs for one event's followers; nothing for what is not public, or stale.

    Returns:
        How many jobs this call put; none when it has been done before.
    """
    event = Event.objects.select_related("issue__city").get(pk=event_id)
    news = notifications.news(event)
    total, more = 0, news is not None
    while news is not None and more:
        count, more = _batch(event_id, news.followed(Subscription.objects.all()), size)
        total += count
    return total


@transaction.atomic
def _batch(event_id: int, followed: SubscriptionQuerySet, size: int) -> tuple[int, bool]:
    """Serve the next subscribers; returns how many jobs, and whether there may be more."""
    Announcement.objects.bulk_create([Announcement(event_id=event_id)], ignore_conflicts=True)
    progress = Announcement.objects.select_for_update().get(pk=event_id)
    if progress.finished_at is not None:
        return 0, False
    ways = list(
        followed.filter(subscriber__gt=progress.after)
        .order_by("subscriber")
        .values("subscriber")
        .annotate(email=BoolOr("by_email"), push=BoolOr("by_push"), phone=BoolOr("by_phone"))[:size]
    )
    jobs = list(_jobs(event_id, ways))
    outbox.put_many(jobs)
    if ways:
        progress.after = ways[-1]["subscriber"]
    if len(ways) < size:
        progress.finished_at = timezone.now()
    progress.save()
    return len(jobs), progress.finished_at is None


def _jobs(event_id: int, ways: Sequence[Mapping[str, Any]]) -> Iterator[Job]:
    """Name a job for each way of each subscriber; a note goes to each device."""
    for way in ways:
        ids = {"event_id": event_id, "subscriber_id": way["subscriber"]}
        if way["email"]:
            yield "follow_letter", ids
        if way["phone"]:
            yield "follow_message", ids
    pushed = [way["subscriber"] for way in ways if way["push"]]
    for device in _devices(pushed):
        yield "follow_note", {"event_id": event_id, "device_id": device}


def _devices(subscribers: Sequence[int]) -> list[int]:
    if not subscribers:
        return []
    devices = PushDevice.objects.filter(subscriber__in=subscribers)
    return list(devices.order_by("pk").values_list("pk", flat=True))


# Digests -------------------------------------------------------------------------------------


def digests(now: datetime | None = None, *, size: int = BATCH) -> int:
    """Put the jobs of every digest that is due: daily, and on Monday weekly, at seven.

    A morning that was missed is made up for, once. Returns how many subscriptions were served.
    """
    moment, total = now or timezone.now(), 0
    for city in City.objects.all():
        for weekly in (False, True):
            until = last_morning(moment, city, weekly=weekly)
            while served := _serve(city, until, weekly=weekly, size=size):
                total += served
    return total


def last_morning(now: datetime, city: City, *, weekly: bool) -> datetime:
    """Find the newest hour of digests that has struck."""
    zone = ZoneInfo(city.zone)
    day = timezone.localdate(now, zone)
    day -= timedelta(days=day.weekday() if weekly else 0)
    morning = datetime.combine(day, MORNING, tzinfo=zone)
    if morning <= now:
        return morning
    return datetime.combine(day - timedelta(days=7 if weekly else 1), MORNING, tzinfo=zone)


@transaction.atomic
def _serve(city: City, until: datetime, *, weekly: bool, size: int) -> int:
    """Put the digests of some subscribers and move their `told_at`; returns how many moved."""
    often = Subscription.Frequency.WEEKLY if weekly else Subscription.Frequency.DAILY
    due = Subscription.objects.running().filter(
        frequency=often, told_at__lt=until, subscriber__city=city
    )
    who = list(due.order_by("subscriber").values_list("subscriber", flat=True).distinct()[:size])
    rows = due.filter(subscriber__in=who).order_by("subscriber", "pk")
    locked = list(rows.select_for_update(of=("self",)))
    outbox.put_many(_digest_jobs(locked, until, weekly=weekly))
    return Subscription.objects.filter(pk__in=[one.pk for one in locked]).update(told_at=until)


def _digest_jobs(
    subscriptions: Sequence[Subscription], until: datetime, *, weekly: bool
) -> Iterator[Job]:
    for subscriber, group in groupby(subscriptions, key=lambda one: one.subscriber_id):
        mine = list(group)
        span = {
            "weekly": int(weekly),
            "since": int(min(one.told_at for one in mine).timestamp()),
            "until": int(until.timestamp()),
        }
        if any(one.by_email for one in mine):
            yield "digest_letter", {"subscriber_id": subscriber, **span}
        if any(one.by_push for one in mine):
            for device in _devices([subscriber]):
                yield "digest_note", {"device_id": device, **span}


@transaction.atomic
def forget_announcements(now: datetime | None = None) -> int:
    """Delete how far old news had come: nobody is told of it any more."""
    old = Announcement.objects.filter(event__at__lt=(now or timezone.now()) - KEPT)
    return old.delete()[0]
