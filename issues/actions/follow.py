"""Following: what somebody wants to hear of, begun, confirmed, changed and ended.

An address that somebody merely typed is asked once (`confirm_follow`), and nothing else goes to it
before its yes: each subscription is confirmed by itself, or a stranger could add to a list.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.gis.geos import Polygon
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from geodata.models import City
from issues import outbox
from issues.models import (
    Category,
    Issue,
    PushDevice,
    Reporter,
    Subscriber,
    Subscription,
    User,
    bears,
)

UNCONFIRMED: Final = timedelta(days=7)
"""So long a subscription waits for its yes, and so long an ended one is kept."""
MOST_ASKED: Final = 3
"""So many letters that ask for a yes go to one address in a day."""
MOST_FOLLOWED: Final = 100
WAYS: Final = ("by_email", "by_push", "by_phone")
MOST_DEVICES: Final = 10


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to follow, how often, and by which ways; one target, EPSG:4326."""

    kind: Subscription.Kind
    frequency: Subscription.Frequency = Subscription.Frequency.IMMEDIATE
    issue: Issue | None = None
    category: Category | None = None
    area_code: str = ""
    street: str = ""
    shape: Polygon | None = None
    by_email: bool = False
    by_push: bool = False
    by_phone: bool = False

    @property
    def target(self) -> dict[str, Any]:
        """The columns that say what is followed."""
        return {
            "kind": self.kind,
            "issue": self.issue,
            "category": self.category,
            "area_code": self.area_code,
            "street": self.street,
            "shape": self.shape,
        }

    @property
    def manner(self) -> dict[str, Any]:
        """The columns that say how."""
        return {
            "frequency": self.frequency,
            "by_email": self.by_email,
            "by_push": self.by_push,
            "by_phone": self.by_phone,
        }


# Who follows ---------------------------------------------------------------------------------


def subscriber_of(user: User, city: City, *, language: str = "id") -> Subscriber:
    """Find the subscriber of an account, or make one; proved addresses come along."""
    return _twice(lambda: _subscriber_of(user, city, language))


def _twice(find_or_make: Callable[[], Subscriber]) -> Subscriber:
    """Find or make somebody; where another page has made them in this moment, find them."""
    try:
        with transaction.atomic():
            return find_or_make()
    except IntegrityError:
        with transaction.atomic():
            return find_or_make()


def _subscriber_of(user: User, city: City, language: str) -> Subscriber:
    email = proved_address(user)
    phone = user.phone if user.phone_verified else ""
    found = Subscriber.objects.filter(city=city, user=user).first()
    if found is None and email:
        found = Subscriber.objects.filter(bears(email), city=city, user=None).first()
    found = found or Subscriber(city=city, created_at=timezone.now())
    others = Subscriber.objects.filter(city=city).exclude(pk=found.pk)
    found.user, found.language = user, user.language or language
    found.email = "" if others.filter(bears(email)).exists() else email
    found.phone = "" if others.filter(phone=phone).exists() else phone
    found.confirmed_at = found.confirmed_at or timezone.now()
    found.save()
    return found


def proved_address(user: User) -> str:
    """Return the mail address of an account where its owner has shown that it is theirs."""
    proofs = getattr(user, "emailaddress_set", None)
    proved = proofs and proofs.filter(bears(user.email), verified=True).exists()
    return user.email if user.email and proved else ""


def subscriber_at(email: str, city: City, *, language: str = "id") -> Subscriber:
    """Find the subscriber of a mail address, or make one that has not said yes yet."""
    return _twice(lambda: _subscriber_at(email, city, language))


def _subscriber_at(email: str, city: City, language: str) -> Subscriber:
    found = Subscriber.objects.filter(bears(email), city=city).first()
    return found or Subscriber.objects.create(
        city=city, email=email, language=language, created_at=timezone.now()
    )


@transaction.atomic
def add_device(
    device: tuple[str, str, str], city: City, *, subscriber: Subscriber | None, language: str = "id"
) -> Subscriber:
    """Take in a browser for push notes; who names its secret address owns it.

    Args:
        device: endpoint, p256dh, auth as the browser gave them, checked.
        city: whose notes.
        subscriber: who asks; default: whom the device belonged to, else somebody new.
        language: of somebody new.
    """
    endpoint, p256dh, auth = device
    known = PushDevice.objects.select_for_update().filter(endpoint=endpoint).first()
    if subscriber is None and known is not None and known.subscriber.city_id == city.pk:
        subscriber = known.subscriber
    if subscriber is None:
        subscriber = Subscriber.objects.create(
            city=city, language=language, created_at=timezone.now()
        )
    values = {"subscriber": subscriber, "p256dh": p256dh, "auth": auth}
    PushDevice.objects.update_or_create(
        endpoint=endpoint, defaults=values, create_defaults=values | {"created_at": timezone.now()}
    )
    newest = subscriber.devices.order_by("-created_at", "-pk").values_list("pk", flat=True)
    subscriber.devices.exclude(pk__in=list(newest[:MOST_DEVICES])).delete()
    return subscriber


@transaction.atomic
def remove_device(endpoint: str) -> None:
    """Forget a browser: it has said so, or its service has."""
    PushDevice.objects.filter(endpoint=endpoint).delete()


# What is followed ----------------------------------------------------------------------------


@transaction.atomic
def follow(subscriber: Subscriber, wish: Wish, *, proven: bool) -> Subscription | None:
    """Begin to follow, or follow otherwise what is followed already.

    Args:
        subscriber: who.
        wish: what and how.
        proven: the person has shown to be this subscriber; else the address is asked first, and
            what it follows already stays as it is.

    Returns:
        The subscription; None where the address has been asked often enough today, or follows
        enough.
    """
    now = timezone.now()
    Subscriber.objects.select_for_update().get(pk=subscriber.pk)
    known = Subscription.objects.filter(subscriber=subscriber, **_equal(wish)).first()
    if known and known.confirmed_at and known.ended_at is None and not proven:
        return known
    if known is None and subscriber.subscriptions.count() >= MOST_FOLLOWED:
        return None
    if not proven and (_is_fresh(known, now) or _asked(subscriber, now) >= MOST_ASKED):
        return None
    found = known or Subscription(subscriber=subscriber, **wish.target)
    for column, value in wish.manner.items():
        setattr(found, column, value)
    found.created_at = found.told_at = now
    found.confirmed_at = now if proven else None
    found.ended_at = None
    found.save()
    if not proven:
        outbox.put("confirm_follow", subscription_id=found.pk)
    return found


def _equal(wish: Wish) -> dict[str, Any]:
    """Say how the same target is found; a drawing is the same only to the last corner."""
    if wish.shape is not None:
        return {"kind": wish.kind, "shape__equals": wish.shape}
    return {key: value for key, value in wish.target.items() if key != "shape"}


def _is_fresh(known: Subscription | None, now: datetime) -> bool:
    """Tell whether this very thing was asked today and waits for its yes."""
    if known is None or known.confirmed_at or known.ended_at:
        return False
    return known.created_at > now - timedelta(days=1)


def _asked(subscriber: Subscriber, now: datetime) -> int:
    recent = subscriber.subscriptions.pending().filter(created_at__gt=now - timedelta(days=1))
    return recent.count()


@transaction.atomic
def confirm(subscription_id: int) -> Subscription | None:
    """Say yes for an address, by its letter; None where it is over or forgotten."""
    found = (
        Subscription.objects.select_for_update(of=("self",))
        .select_related("subscriber__city", "issue", "category")
        .filter(pk=subscription_id, ended_at__isnull=True)
        .first()
    )
    if found is None:
        return None
    if found.confirmed_at is None:
        now = timezone.now()
        found.confirmed_at = found.told_at = now
        found.save(update_fields=["confirmed_at", "told_at"])
        Subscriber.objects.filter(pk=found.subscriber_id, confirmed_at=None).update(
            confirmed_at=now
        )
    return found


@transaction.atomic
def change(
    subscription_id: int, subscriber: Subscriber, *, frequency: str, ways: Collection[str] = ()
) -> bool:
    """Tell it more or less often, or by other ways; what was told is not told again.

    Args:
        subscription_id: one that runs.
        subscriber: whose.
        frequency: how often from now on.
        ways: of `by_email`, `by_push` and `by_phone`, those that stay; none: as before.
    """
    now = timezone.now()
    mine = Subscription.objects.running().filter(pk=subscription_id, subscriber=subscriber)
    if ways:
        mine.update(**{way: way in ways for way in WAYS})
    changed = mine.exclude(frequency=frequency).update(
        frequency=frequency, told_at=now, confirmed_at=now
    )
    return bool(changed)


@transaction.atomic
def unfollow(subscriptions: Sequence[int]) -> int:
    """End subscriptions; ended ones stay ended. Returns how many ran until now."""
    running = Subscription.objects.filter(pk__in=subscriptions, ended_at__isnull=True)
    return running.update(ended_at=timezone.now())


@transaction.atomic
def push_to(issue_id: int, subscriber: Subscriber | None) -> bool:
    """Tell a reporter by notes to somebody's devices, too, or no longer (None)."""
    return bool(Reporter.objects.filter(pk=issue_id).update(push_to=subscriber))


@transaction.atomic
def mute(issue_id: int, *, muted: bool) -> bool:
    """End, or begin again, the letters to the reporter of an issue; False where there is none.

    A question to the reporter still reaches them: without an answer the report would be closed.
    """
    reporter = Reporter.objects.filter(pk=issue_id)
    return bool(reporter.update(muted_at=timezone.now() if muted else None))


@transaction.atomic
def forget_unconfirmed(now: datetime | None = None) -> int:
    """Delete what never said yes, what has ended, and who is left following nothing."""
    before = (now or timezone.now()) - UNCONFIRMED
    pending = Q(confirmed_at__isnull=True, created_at__lt=before)
    Subscription.objects.filter(pending | Q(ended_at__lt=before)).delete()
    idle = Subscriber.objects.filter(subscriptions__isnull=True, created_at__lt=before)
    deleted, _by_model = idle.delete()
    return deleted
