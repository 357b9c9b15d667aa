"""Who wants to hear of what, by which way, and who says "saya juga"."""

from typing import ClassVar, Self

from django.contrib.gis.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from geodata.crs import WGS84
from geodata.models import City
from issues.models.cases import Issue
from issues.models.kinds import Category
from issues.models.people import User
from issues.models.public import PublicDetail, PublicIssue, PublicIssueQuerySet
from issues.models.records import Event


class Subscriber(models.Model):
    """Somebody who wants to be told: by an account, a proved address, or a device alone.

    Written by `actions.follow`. Mails go out only once `confirmed_at` says that the address is
    theirs.
    """

    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, null=True, blank=True, related_name="subscribers"
    )
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=20, blank=True)
    language = models.CharField(max_length=5, default="id")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        """An account, an address and a number name one subscriber of a city."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                "city", "user", condition=Q(user__isnull=False), name="subscriber_user_is_unique"
            ),
            models.UniqueConstraint(
                "city", Lower("email"), condition=~Q(email=""), name="subscriber_email_is_unique"
            ),
            models.UniqueConstraint(
                "city", "phone", condition=~Q(phone=""), name="subscriber_phone_is_unique"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class PushDevice(models.Model):
    """A browser that takes push messages for a subscriber (RFC 8030, RFC 8291)."""

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="devices")
    endpoint = models.URLField(max_length=1000, unique=True)
    p256dh = models.CharField(max_length=120)
    auth = models.CharField(max_length=40)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.pk)


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    """Subscriptions by what they follow, and whether they may be told anything."""

    def running(self) -> Self:
        """Keep those that were confirmed, have not ended, and whose account is not closed."""
        alive = self.filter(ended_at__isnull=True, confirmed_at__isnull=False)
        return alive.filter(Q(subscriber__user__isnull=True) | Q(subscriber__user__is_active=True))

    def pending(self) -> Self:
        """Keep those whose address has not said yes."""
        return self.filter(confirmed_at__isnull=True, ended_at__isnull=True)

    def about(self, detail: PublicDetail, row: PublicIssue | None) -> Self:
        """Keep those that follow an issue: itself, or what the public sees of its kind and place.

        Args:
            detail: its public page.
            row: its public row with category and jurisdiction; None of a duplicate, which only
                those are told of who follow the very issue.
        """
        kind = Subscription.Kind
        found = Q(kind=kind.ISSUE, issue=detail.pk)
        if row is not None:
            found |= Q(kind=kind.CITY)
            found |= Q(kind=kind.CATEGORY, category__in=[row.category_id, row.category.parent_id])
            found |= Q(kind=kind.STREET, street=street_of(detail.place))
            if area := row.jurisdiction:
                found |= Q(kind=kind.AREA, area_code__in=[area.code, area.parent_code])
            if row.point:
                found |= Q(kind=kind.SHAPE, shape__covers=row.point)
        return self.filter(found, subscriber__city=detail.city_id)


def street_of(place: str) -> str:
    """Take the street out of a public place, "Jalan Gajah Mada, Kelurahan Dauh Puri"."""
    return place.split(",", 1)[0].strip()


class Subscription(models.Model):
    """What a subscriber wants to hear of, how often, and by which way.

    Written by `actions.follow`. A category holds its children; a shape is what somebody drew.
    Nothing is told before `confirmed_at`, when the address or the account said yes.
    """

    class Kind(models.TextChoices):
        """What is followed."""

        ISSUE = "issue", _("satu laporan")
        CATEGORY = "category", _("satu jenis masalah")
        AREA = "area", _("satu wilayah")
        STREET = "street", _("satu jalan")
        SHAPE = "shape", _("gambar di peta")
        CITY = "city", _("seluruh kota")

    class Frequency(models.TextChoices):
        """How often a letter may come."""

        IMMEDIATE = "immediate", _("segera")
        DAILY = "daily", _("sehari sekali")
        WEEKLY = "weekly", _("seminggu sekali")

    subscriber = models.ForeignKey(
        Subscriber, on_delete=models.CASCADE, related_name="subscriptions"
    )
    kind = models.CharField(max_length=10, choices=Kind.choices)
    issue = models.ForeignKey(
        Issue, on_delete=models.CASCADE, null=True, blank=True, related_name="subscriptions"
    )
    category = models.ForeignKey(
        Category, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    area_code = models.CharField(max_length=30, blank=True)
    street = models.CharField(max_length=160, blank=True)
    shape = models.PolygonField(srid=WGS84, null=True, blank=True)
    frequency = models.CharField(
        max_length=10, choices=Frequency.choices, default=Frequency.IMMEDIATE
    )
    by_email = models.BooleanField(default=False)
    by_push = models.BooleanField(default=False)
    by_phone = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(help_text=_("sampai kapan sudah dikabarkan"))
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        """One thing is followed, and an issue once a subscriber."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind="issue", issue__isnull=False)
                | Q(kind="category", category__isnull=False)
                | (Q(kind="area") & ~Q(area_code=""))
                | (Q(kind="street") & ~Q(street=""))
                | Q(kind="shape", shape__isnull=False)
                | Q(kind="city"),
                name="subscription_names_what_it_follows",
            ),
            models.CheckConstraint(
                condition=Q(shape__isnull=True) | Q(shape__isvalid=True),
                name="subscription_shape_is_valid",
            ),
            models.UniqueConstraint(
                "subscriber",
                "issue",
                condition=Q(issue__isnull=False),
                name="subscription_follows_an_issue_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["frequency", "told_at"],
                condition=Q(ended_at__isnull=True),
                name="subscription_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    def issues(self) -> PublicIssueQuerySet:
        """Find what it follows among the public issues: `about`, asked from the other side."""
        rows = PublicIssue.objects.filter(city=self.subscriber.city_id)
        match self.kind:
            case self.Kind.ISSUE:
                return rows.filter(pk=self.issue_id)
            case self.Kind.CATEGORY:
                return rows.filter(
                    Q(category=self.category_id) | Q(category__parent=self.category_id)
                )
            case self.Kind.AREA:
                code = self.area_code
                return rows.filter(Q(jurisdiction__code=code) | Q(jurisdiction__parent_code=code))
            case self.Kind.STREET:
                return rows.on_street(self.street)
            case self.Kind.SHAPE if self.shape:
                return rows.within(self.shape)
        return rows


class Announcement(models.Model):
    """How far the news of one event has been handed out to those who follow.

    Written by `actions.announce`: with each batch of jobs in one transaction, so that a killed
    worker goes on where it was and nobody gets a letter twice.
    """

    event = models.OneToOneField(
        Event, on_delete=models.CASCADE, primary_key=True, related_name="announcement"
    )
    after = models.BigIntegerField(default=0, help_text=_("pelanggan terakhir yang dikabari"))
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.pk)


class Support(models.Model):
    """That somebody has the same problem: "saya juga", once a person; written by `actions`.

    `person` is a keyed hash of an account, an address or a device: it tells two people apart and
    names nobody. `device` is that of the browser in which an account said it, or none.
    """

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="supports")
    person = models.CharField(max_length=64)
    device = models.CharField(max_length=64, blank=True, db_default="")
    at = models.DateTimeField()

    class Meta:
        """Once a person."""

        constraints: ClassVar = [
            models.UniqueConstraint("issue", "person", name="support_counts_once_a_person")
        ]

    def __str__(self) -> str:
        return str(self.pk)
