"""What those who follow are told: only what the public rows say at the moment of telling."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.core.mail import EmailMessage
from django.db.models import Exists, OuterRef
from django.utils import translation
from django.utils.translation import gettext as _

from geodata.models import City, Jurisdiction
from issues.models import (
    Event,
    PublicDetail,
    PublicIssue,
    Reporter,
    Subscriber,
    Subscription,
    SubscriptionQuerySet,
    bears,
)
from issues.notifications import links, paper
from issues.notifications.table import FOLLOWED, FOLLOWERS, NOTICES, REPORTER, TOLD, is_stale
from issues.workflow import Status, Step

MOST_LISTED: Final = 20
"""So many issues of one subscription stand in a digest; the others are counted."""
_NEW: Final = frozenset({Step.SUBMIT, Step.VERIFY, Step.ASSIGN})
_BY_NEARNESS: Final = ("issue", "street", "shape", "area", "category", "city")
"""Which of several subscriptions a letter names: the narrowest."""


@dataclass(frozen=True, slots=True)
class News:
    """One event as everybody may know it; `row` is None for a duplicate."""

    event: Event
    city: City
    detail: PublicDetail
    row: PublicIssue | None
    note: str
    department: str

    @property
    def number(self) -> str:
        """The issue's number."""
        return self.detail.number

    @property
    def kind(self) -> str:
        """The kind of problem, in the reader's language."""
        return self.row.category.label if self.row else ""

    @property
    def status(self) -> str:
        """Where it stands, in the reader's language."""
        return str(Status(self.detail.status).label)

    @property
    def headline(self) -> str:
        """Where it stands and what it is about."""
        is_new = self.event.step in _NEW and self.event.seq <= len(_NEW)
        what = ", ".join(part for part in (self.kind, self.detail.place) if part)
        return f"{_('Laporan baru') if is_new else self.status}: {what or self.number}"

    @property
    def sentence(self) -> str:
        """What happened."""
        words = {"department": self.department or _("tim koordinator")}
        return str(TOLD[Step(self.event.step)]) % words

    @property
    def page(self) -> str:
        """Address of the public page."""
        return paper.address("issue", self.number)

    def followed(self, subscriptions: SubscriptionQuerySet) -> SubscriptionQuerySet:
        """Keep the subscriptions that are told of it at once: those that began before it."""
        asked = subscriptions.running().filter(
            frequency=Subscription.Frequency.IMMEDIATE, confirmed_at__lte=self.event.at
        )
        return asked.about(self.detail, self.row)


@dataclass(frozen=True, slots=True)
class Addressed:
    """News for one subscriber, and the narrowest subscription that asks for it this way."""

    news: News
    subscriber: Subscriber
    subscription: Subscription

    @classmethod
    def find(cls, news: News, subscriber_id: int, way: str) -> "Addressed | None":
        """Find who is told; None where nobody asks for it any more.

        Args:
            news: what is told.
            subscriber_id: to whom.
            way: `by_email`, `by_push` or `by_phone`.
        """
        asking = Subscription.objects.filter(subscriber=subscriber_id, **{way: True})
        found = list(news.followed(asking).select_related("subscriber__city", "issue", "category"))
        if not found:
            return None
        narrowest = min(found, key=lambda one: (_BY_NEARNESS.index(one.kind), one.pk))
        return cls(news, narrowest.subscriber, narrowest)


def news(event: Event) -> News | None:
    """Collect what may be told of an event now; None for nothing, or nothing new.

    Args:
        event: with its issue's city.
    """
    if is_stale(FOLLOWERS, event):
        return None
    detail = PublicDetail.objects.filter(pk=event.issue_id).first()
    entries = [entry for entry in detail.timeline if entry["step"] == event.step] if detail else []
    if detail is None or not entries:
        return None
    rows = PublicIssue.objects.select_related("category", "jurisdiction")
    row = rows.defer("jurisdiction__area").filter(pk=detail.pk).first()
    entry = entries[-1]
    return News(event, event.issue.city, detail, row, entry["note"], entry["department"])


def news_letter(addressed: Addressed) -> EmailMessage | None:
    """Write to a follower; the reporter, who has a letter of their own, gets no second one."""
    told, subscriber = addressed.news, addressed.subscriber
    if not subscriber.email or _is_the_reporter(told, subscriber):
        return None
    stop = links.make(links.STOP, addressed.subscription.pk)
    with translation.override(subscriber.language), paper.local(told.city):
        body = paper.render(
            "news",
            news=told,
            city=told.city,
            followed=title(addressed.subscription),
            stop=paper.stop_page(stop),
            manage=paper.manage_page(subscriber.pk),
        )
        subject = f"[{told.number}] {told.headline}"
    return paper.write(
        [subscriber.email],
        subject,
        body,
        name=f"{told.number}.{told.event.seq}.follower.{subscriber.pk}",
        thread=f"{told.number}.follower.{subscriber.pk}",
        stop=stop,
    )


def _is_the_reporter(told: News, subscriber: Subscriber) -> bool:
    """Tell whether somebody follows their own report, of which a personal letter goes out."""
    if REPORTER not in NOTICES[Step(told.event.step)]:
        return False
    own = Reporter.objects.filter(pk=told.detail.pk, muted_at__isnull=True)
    return own.filter(bears(subscriber.email)).exists()


def news_note(addressed: Addressed) -> dict[str, str]:
    """Say it in a note to a device: what, where it stands, and the page; nobody's name."""
    told = addressed.news
    with translation.override(addressed.subscriber.language):
        return {
            "title": paper.one_line(told.headline),
            "body": paper.one_line(f"{told.number}. {told.sentence}"),
            "url": paper.address("issue", told.number),
            "tag": told.number,
        }


def news_message(addressed: Addressed) -> str:
    """Say it in a short message."""
    told = addressed.news
    with translation.override(addressed.subscriber.language):
        return paper.one_line(f"{told.number}. {told.headline}. {told.page}")


def confirmation(subscription: Subscription) -> EmailMessage:
    """Ask an address whether it really wants to be told; the only letter before its yes."""
    subscriber = subscription.subscriber
    with translation.override(subscriber.language):
        body = paper.render(
            "confirm",
            city=subscriber.city,
            followed=title(subscription),
            link=paper.address("follow-confirm", links.make(links.CONFIRM, subscription.pk)),
        )
        subject = _("Satu langkah lagi: ya, kabari saya")
    return paper.write(
        [subscriber.email],
        subject,
        body,
        name=f"confirm.{subscription.pk}",
        thread=f"follower.{subscriber.pk}",
    )


# Digests -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Section:
    """What happened to the issues of one subscription; `more` were left out."""

    title: str
    lines: Sequence["Line"]
    more: int


@dataclass(frozen=True, slots=True)
class Line:
    """One issue as it stands now."""

    what: str
    status: str
    page: str


def digest_letter(
    subscriber: Subscriber, *, weekly: bool, since: datetime, until: datetime
) -> EmailMessage | None:
    """Write one letter on all that has happened in a period; None where nothing has."""
    purpose = links.STOP_WEEKLY if weekly else links.STOP_DAILY
    stop = links.make(purpose, subscriber.pk)
    with translation.override(subscriber.language), paper.local(subscriber.city):
        sections = list(_sections(subscriber, "by_email", weekly=weekly, span=(since, until)))
        if not sections or not subscriber.email:
            return None
        body = paper.render(
            "digest",
            city=subscriber.city,
            sections=sections,
            weekly=weekly,
            all_page=paper.address("list"),
            stop=paper.stop_page(stop),
            manage=paper.manage_page(subscriber.pk),
        )
        count = sum(len(section.lines) + section.more for section in sections)
        what = _("Kabar mingguan: %(n)d laporan") if weekly else _("Kabar harian: %(n)d laporan")
        subject = what % {"n": count}
    period = "weekly" if weekly else "daily"
    return paper.write(
        [subscriber.email],
        subject,
        body,
        name=f"{period}.{subscriber.pk}.{int(until.timestamp())}",
        thread=f"{period}.{subscriber.pk}",
        stop=stop,
    )


def digest_note(
    subscriber: Subscriber, *, weekly: bool, since: datetime, until: datetime
) -> dict[str, str] | None:
    """Say in a note how many issues have moved; None where none has."""
    with translation.override(subscriber.language):
        sections = list(_sections(subscriber, "by_push", weekly=weekly, span=(since, until)))
        count = sum(len(section.lines) + section.more for section in sections)
        if not count:
            return None
        what = _("Kabar mingguan: %(n)d laporan") if weekly else _("Kabar harian: %(n)d laporan")
        return {
            "title": what % {"n": count},
            "body": paper.one_line(", ".join(section.title for section in sections))[:200],
            "url": paper.address("subscriptions"),
            "tag": "digest",
        }


def _sections(
    subscriber: Subscriber, way: str, *, weekly: bool, span: tuple[datetime, datetime]
) -> Iterator[Section]:
    """Collect by subscription; an issue stands under the first that follows it."""
    often = Subscription.Frequency.WEEKLY if weekly else Subscription.Frequency.DAILY
    asking = subscriber.subscriptions.running().filter(frequency=often, **{way: True})
    seen: set[int] = set()
    for one in asking.select_related("subscriber", "issue", "category").order_by("pk"):
        since = max(span[0], one.confirmed_at or span[0])
        found = _moved(one, since, span[1])
        fresh = [pk for pk in found if pk not in seen]
        seen |= set(fresh)
        if fresh:
            lines = list(_lines(fresh[:MOST_LISTED]))
            yield Section(title(one), lines, max(0, len(fresh) - MOST_LISTED))


def _moved(subscription: Subscription, since: datetime, until: datetime) -> list[int]:
    """List the public issues of a subscription to which something happened, newest first."""
    happened = Event.objects.filter(
        issue=OuterRef("pk"), at__gt=since, at__lte=until, step__in=FOLLOWED
    )
    rows = subscription.issues().filter(Exists(happened))
    return list(rows.order_by("-changed_at", "-pk").values_list("pk", flat=True))


def _lines(keys: Sequence[int]) -> Iterator[Line]:
    rows = PublicIssue.objects.select_related("category").in_bulk(keys)
    details = PublicDetail.objects.in_bulk(keys)
    for pk in keys:
        if pk in rows and pk in details:
            what = ", ".join(part for part in (rows[pk].category.label, details[pk].place) if part)
            status = str(Status(details[pk].status).label)
            yield Line(what, status, paper.address("issue", details[pk].number))


def title(subscription: Subscription) -> str:
    """Say what is followed, in the reader's language."""
    kind = Subscription.Kind
    match subscription.kind:
        case kind.ISSUE if subscription.issue:
            return _("laporan %(number)s") % {"number": subscription.issue.number}
        case kind.CATEGORY if subscription.category:
            return _("jenis “%(name)s”") % {"name": subscription.category.label}
        case kind.AREA:
            return _("wilayah %(name)s") % {"name": _area(subscription)}
        case kind.STREET:
            return subscription.street
        case kind.SHAPE:
            return _("gambar Anda di peta")
    return _("seluruh %(city)s") % {"city": subscription.subscriber.city.name}


def _area(subscription: Subscription) -> str:
    areas = Jurisdiction.objects.filter(
        code=subscription.area_code, city=subscription.subscriber.city_id
    )
    return str(areas.defer("area").order_by("-pk").first() or subscription.area_code)
