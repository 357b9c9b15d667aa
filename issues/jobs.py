"""The door of queue and calendar: thin task bodies that call actions, notifications and photos.

At least once: a body may run again after a kill, and finds what is already done. Jobs of the outbox
stay as rows for ever: done, waiting, or `failed`, which is the dead letter that staff can see. Jobs
of the calendar are made again by the next tick, so theirs go after a day.
"""

import smtplib
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.mail import EmailMessage
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone
from procrastinate import App, BaseRetryStrategy, Blueprint, JobContext, RetryDecision
from procrastinate.jobs import Job
from procrastinate.jobs import Status as JobStatus
from procrastinate.manager import JobManager

from geodata import inspection, pyramid
from geodata.models import City
from issues import (
    actions,
    heat,
    invariants,
    mailbox,
    messaging,
    notifications,
    outbox,
    outgoing,
    photos,
    push,
)
from issues.actions import clocks, enacting, proposing
from issues.errors import PhotoRefused, StorageFull
from issues.forms import kept
from issues.models import (
    Event,
    Invitation,
    Photo,
    PushDevice,
    Subscriber,
    Subscription,
    User,
)
from issues.notifications import Addressed

CALENDAR: Final = "calendar"
FOLD: Final = "fold"
RECURRING: Final = frozenset({CALENDAR, FOLD})
"""Queues whose jobs come anew with the next tick."""
HURRY: Final = 2000
"""So many entries are folded at the next tick, for the sake of readers."""
_MONTH_H: Final = 30 * 24
HEARTBEAT_S: Final = 5
STALLED_S: Final = 20
"""After how many seconds without a heartbeat a worker counts as killed; with a rescue every 20 s
its jobs run again within 60 s."""
PERMANENT: Final = 500
"""From this SMTP code on a mail server means "never"; below, "not now". Source: RFC 5321, 4.2.1."""


class Undeliverable(Exception):
    """Whoever carries it has refused it for good."""


@dataclass(frozen=True, slots=True)
class Patience(BaseRetryStrategy):
    """How a failed job waits: longer each time, up to a day; then it stays `failed`.

    What lies outside (mail server, disk, database) comes back at some time and shall then find the
    queue awake, so those waits end at ten minutes. Anything else is our own fault: few tries.
    """

    outside: tuple[type[BaseException], ...] = (
        OSError,
        InterfaceError,
        OperationalError,
        StorageFull,
        photos.SandboxBroken,
        inspection.RoomBroken,
    )
    tries_outside: int = 500
    tries: int = 8

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Say when to try again; None: never."""
        is_outside = isinstance(exception, self.outside)
        if isinstance(exception, Undeliverable):
            return None
        if job.attempts + 1 >= (self.tries_outside if is_outside else self.tries):
            return None
        return RetryDecision(retry_at=timezone.now() + self.wait(job.attempts, outside=is_outside))

    def wait(self, attempts: int, *, outside: bool) -> timedelta:
        """Return how long to wait after a number of earlier tries."""
        first_s, factor, longest_s = (5, 2, 600) if outside else (60, 4, 86_400)
        return timedelta(seconds=min(first_s * factor ** min(attempts, 12), longest_s))


PATIENCE: Final = Patience()
tasks: Final = Blueprint()


def ready(app: App) -> None:
    """Give the tasks to the library's app: only the worker needs them, a name is enough to put."""
    if not set(tasks.tasks) <= set(app.tasks):
        app.add_tasks_from(tasks, namespace="")


# Of the outbox -------------------------------------------------------------------------------


@tasks.task(name=notifications.RECEIPT, queue="receipt", retry=PATIENCE)
def receipt(event_id: int) -> None:
    """Send the receipt of an issue."""
    _send(notifications.RECEIPT, event_id)


@tasks.task(name=notifications.OFFICE, queue="receipt", retry=PATIENCE)
def tell_office(event_id: int) -> None:
    """Tell whoever must act now."""
    _send(notifications.OFFICE, event_id)


@tasks.task(name=notifications.REPORTER, queue="notify", retry=PATIENCE)
def tell_reporter(event_id: int) -> None:
    """Tell the reporter what happened: by letter or message, and by notes where they asked."""
    try:
        _send(notifications.REPORTER, event_id)
    except Undeliverable:
        _hand_out_notes(event_id)
        raise
    _hand_out_notes(event_id)


@transaction.atomic
def _hand_out_notes(event_id: int) -> None:
    """Put a job for each device of the reporter's; last, so that a letter tried again puts none."""
    found = notifications.note(_event(event_id))
    if found is None or not push.is_on():
        return
    devices = PushDevice.objects.filter(subscriber=found[0]).values_list("pk", flat=True)
    outbox.put_many(("own_note", {"event_id": event_id, "device_id": pk}) for pk in devices)


@tasks.task(name="own_note", queue=outbox.FOLLOW, retry=PATIENCE)
def own_note(event_id: int, device_id: int) -> None:
    """Push a note on a reporter's own report to one of their devices."""
    device = PushDevice.objects.filter(pk=device_id).first()
    found = notifications.note(_event(event_id))
    if device is not None and found is not None and device.subscriber_id == found[0]:
        _push(device, found[1])


@tasks.task(name="invite", queue="receipt", retry=PATIENCE)
def invite(invitation_id: int) -> None:
    """Send an invitation; one that was used or revoked meanwhile is not sent."""
    rows = Invitation.objects.select_related("city", "department", "unit")
    letter = notifications.invitation_letter(rows.get(pk=invitation_id))
    if letter is not None:
        _post(letter)


@tasks.task(name="clean_photo", queue="photo", retry=PATIENCE)
def clean_photo(photo_id: str) -> None:
    """Have a waiting photo cleaned in the locked room, and hand the result to its action."""
    photo = Photo.objects.select_related("issue__city").get(pk=photo_id)
    if photo.state != Photo.State.WAITING:
        return
    with tempfile.TemporaryDirectory(prefix="civicmap-") as folder:
        source = Path(default_storage.path(photo.original_path))
        try:
            cleaned = photos.clean(source, Path(folder), zone=ZoneInfo(photo.issue.city.zone))
        except PhotoRefused as refusal:
            actions.photo_refused(photo.pk, refusal.reason)
        else:
            actions.photo_processed(photo.pk, cleaned)


@tasks.task(name="compare", queue="notify", retry=PATIENCE)
def compare(issue_id: int) -> None:
    """Look whether a problem is back where it was repaired."""
    actions.compare(issue_id)


def _event(event_id: int) -> Event:
    return Event.objects.select_related(
        "department",
        "issue__city",
        "issue__category__clock",
        "issue__department",
        "issue__jurisdiction",
        "issue__merged_into",
    ).get(pk=event_id)


def _send(name: str, event_id: int) -> None:
    event = _event(event_id)
    issue = event.issue
    secret, due = actions.token_for(issue), clocks.due(issue)
    letter = notifications.letter(name, event, secret=secret, due=due)
    if letter is not None:
        _post(letter)
    elif messaging.is_on():
        _message(notifications.short_message(name, event, secret=secret))


def _message(message: tuple[str, str] | None) -> None:
    """Hand a short message to whoever carries it; nothing for None.

    Raises:
        Undeliverable: it will never be taken.
        OSError: not now.
    """
    if message is None:
        return
    try:
        messaging.send(*message)
    except (messaging.MessageRefused, outgoing.ForbiddenHost):
        raise Undeliverable from None


def _post(letter: EmailMessage) -> None:
    """Hand a letter to the mail server.

    Raises:
        Undeliverable: it will never take it.
        OSError: not now.
    """
    try:
        letter.send()
    except smtplib.SMTPRecipientsRefused as refusal:
        codes = [code for code, _reason in refusal.recipients.values()]
        if min(codes) < PERMANENT:
            raise
        raise Undeliverable from None
    except smtplib.SMTPResponseException as refusal:
        if refusal.smtp_code < PERMANENT:
            raise
        raise Undeliverable from None


@tasks.task(name="alarm_letter", queue="notify", retry=PATIENCE)
def alarm_letter(user_id: int, until: int) -> None:
    """Write one person of the office which dates are near or over."""
    user = User.objects.filter(pk=user_id, is_active=True).exclude(email="").first()
    letter = notifications.alarm_letter(user, _instant(until)) if user else None
    if letter is not None:
        _post(letter)


@tasks.task(name="reclock", queue="notify", retry=PATIENCE)
def reclock(city_id: int, since: int) -> None:
    """Clock open issues again, because days off or hours are others; 0: since ever."""
    city = City.objects.get(pk=city_id)
    actions.reclock(city, since=_instant(since) if since else None)


# Of the map ----------------------------------------------------------------------------------


@tasks.task(name="check_draft", queue="map", retry=PATIENCE)
def check_draft(draft_id: int) -> None:
    """Have an uploaded set of areas checked in the locked room."""
    proposing.check(draft_id)


@tasks.task(name="weigh_draft", queue="map", retry=PATIENCE)
def weigh_draft(draft_id: int) -> None:
    """Find which open issues a proposal would move."""
    enacting.weigh(draft_id)


@tasks.task(name="publish_draft", queue="map", retry=PATIENCE)
def publish_draft(draft_id: int) -> None:
    """Publish a proposal whose instant has come."""
    enacting.enact(draft_id)


@tasks.task(name="undo_draft", queue="map", retry=PATIENCE)
def undo_draft(draft_id: int) -> None:
    """Undo a published proposal."""
    enacting.revoke(draft_id)


# To followers --------------------------------------------------------------------------------


@tasks.task(name="confirm_follow", queue="receipt", retry=PATIENCE)
def confirm_follow(subscription_id: int) -> None:
    """Ask an address whether it wants to be told."""
    waiting = Subscription.objects.pending().filter(pk=subscription_id)
    found = waiting.select_related("subscriber__city", "issue", "category").first()
    if found is not None:
        _post(notifications.confirmation(found))


@tasks.task(name=notifications.FOLLOWERS, queue="notify", retry=PATIENCE)
def tell_followers(event_id: int) -> None:
    """Put a job for everybody who follows what happened."""
    actions.announce(event_id)


@tasks.task(name="follow_letter", queue=outbox.FOLLOW, retry=PATIENCE)
def follow_letter(event_id: int, subscriber_id: int) -> None:
    """Write to one follower."""
    found = _addressed(event_id, subscriber_id, "by_email")
    letter = notifications.news_letter(found) if found else None
    if letter is not None:
        _post(letter)


@tasks.task(name="follow_message", queue=outbox.FOLLOW, retry=PATIENCE)
def follow_message(event_id: int, subscriber_id: int) -> None:
    """Send one follower a short message."""
    found = _addressed(event_id, subscriber_id, "by_phone")
    if found and found.subscriber.phone and messaging.is_on():
        _message((found.subscriber.phone, notifications.news_message(found)))


@tasks.task(name="follow_note", queue=outbox.FOLLOW, retry=PATIENCE)
def follow_note(event_id: int, device_id: int) -> None:
    """Push a note to one device; a newer one about the same issue takes its place there."""
    device = PushDevice.objects.filter(pk=device_id).first()
    found = _addressed(event_id, device.subscriber_id, "by_push") if device else None
    if device is not None and found is not None:
        _push(device, notifications.news_note(found))


@tasks.task(name="digest_letter", queue=outbox.FOLLOW, retry=PATIENCE)
def digest_letter(subscriber_id: int, weekly: int, since: int, until: int) -> None:
    """Write one subscriber what has happened in a period; nothing for nothing."""
    subscriber = Subscriber.objects.select_related("city").filter(pk=subscriber_id).first()
    if subscriber is None or _instant(until) < timezone.now() - notifications.TOO_LATE:
        return
    letter = notifications.digest_letter(
        subscriber, weekly=bool(weekly), since=_instant(since), until=_instant(until)
    )
    if letter is not None:
        _post(letter)


@tasks.task(name="digest_note", queue=outbox.FOLLOW, retry=PATIENCE)
def digest_note(device_id: int, weekly: int, since: int, until: int) -> None:
    """Push a note on how much has happened in a period."""
    device = PushDevice.objects.select_related("subscriber__city").filter(pk=device_id).first()
    if device is None or _instant(until) < timezone.now() - notifications.TOO_LATE:
        return
    note = notifications.digest_note(
        device.subscriber, weekly=bool(weekly), since=_instant(since), until=_instant(until)
    )
    if note is not None:
        _push(device, note)


def _addressed(event_id: int, subscriber_id: int, way: str) -> Addressed | None:
    """Look again, at the moment of sending, what is public and who still asks for it."""
    event = Event.objects.select_related("issue__city").get(pk=event_id)
    news = notifications.news(event)
    return Addressed.find(news, subscriber_id, way) if news else None


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _push(device: PushDevice, note: dict[str, str]) -> None:
    """Hand a note to a device's push service; a device that has left is forgotten.

    Raises:
        Undeliverable: it will never be taken.
        OSError: not now.
    """
    if not push.is_on():
        return
    try:
        push.send(push.Device(device.endpoint, device.p256dh, device.auth), note, topic=note["tag"])
    except push.DeviceGone:
        actions.remove_device(device.endpoint)
    except (push.PushRefused, outgoing.ForbiddenHost):
        raise Undeliverable from None


# Of the calendar -----------------------------------------------------------------------------


@tasks.periodic(cron="* * * * *")
@tasks.task(name="overdue", queue=CALENDAR, priority=10, queueing_lock="overdue")
def overdue(timestamp: int) -> None:
    """Publish which issues have passed their due date."""
    del timestamp
    actions.refresh_overdue()


@tasks.periodic(cron="* * * * *")
@tasks.task(name="alarms", queue=CALENDAR, priority=9, queueing_lock="alarms")
def alarms(timestamp: int) -> None:
    """Remind, escalate, close what nobody has answered; put the letters about it."""
    del timestamp
    actions.ring()
    actions.tell_chain()


@tasks.periodic(cron="* * * * * */10")
@tasks.task(name="fold", queue=FOLD, priority=20, queueing_lock="fold")
def fold(timestamp: int) -> None:
    """Move what has come and gone on the map into its chunks; the map is right without it.

    Little waits for the half minute: a chunk is written once for all that goes into it.
    """
    least = 1 if timestamp % 30 < 10 else HURRY  # noqa: PLR2004  seconds
    for source in heat.SOURCES:
        pyramid.fold(source, least=least)


@tasks.periodic(cron="37 * * * *")
@tasks.task(name="check_heat", queue=FOLD, priority=0, queueing_lock="check_heat")
def check_heat(timestamp: int) -> None:
    """Notice rows that came past the triggers, as by a restore, and count everything again."""
    del timestamp
    for source in heat.SOURCES:
        if pyramid.drifted(source):
            pyramid.rebuild(source)


@tasks.periodic(cron="23 * * * *")
@tasks.task(name="sweep_files", queue=CALENDAR, priority=0, queueing_lock="sweep_files")
def sweep_files(timestamp: int) -> None:
    """Delete files that no row names any more, and photos of forms that never came again."""
    del timestamp
    kept.prune()
    for path in invariants.orphans():
        default_storage.delete(path)


@tasks.periodic(cron="*/5 * * * *")
@tasks.task(name="digests", queue=CALENDAR, priority=5, queueing_lock="digests")
def digests(timestamp: int) -> None:
    """Send what is due every morning or Monday; between mornings nothing is."""
    del timestamp
    actions.digests()


@tasks.periodic(cron="*/2 * * * *")
@tasks.task(name="fetch_mail", queue=CALENDAR, priority=5, queueing_lock="fetch_mail")
def fetch_mail(timestamp: int) -> None:
    """Take in the letters of the mailbox, where the deployment has one; for its default city."""
    del timestamp
    city = City.objects.filter(slug=settings.DEFAULT_CITY).first()
    if mailbox.is_on() and city is not None:
        actions.fetch_letters(city)


@tasks.periodic(cron="53 * * * *")
@tasks.task(name="forget_followers", queue=CALENDAR, priority=0, queueing_lock="forget_followers")
def forget_followers(timestamp: int) -> None:
    """Forget addresses that never said yes, and old news."""
    del timestamp
    actions.forget_unconfirmed()
    actions.forget_announcements()
    actions.forget_alarms()


@tasks.periodic(cron="* * * * * */20")
@tasks.task(name="rescue", queue=CALENDAR, priority=90, queueing_lock="rescue", pass_context=True)
async def rescue(context: JobContext, timestamp: int) -> None:
    """Give back the jobs of killed workers."""
    del timestamp
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_S):
        await _give_back(manager, job)


@tasks.periodic(cron="47 * * * *")
@tasks.task(name="tidy", queue=CALENDAR, priority=0, queueing_lock="tidy", pass_context=True)
async def tidy(context: JobContext, timestamp: int) -> None:
    """Forget yesterday's jobs of the calendar, and after a month what followers were sent.

    Those of the outbox stay as proof; so does every letter that failed.
    """
    del timestamp
    await context.app.job_manager.delete_old_jobs(nb_hours=_MONTH_H, queue=outbox.FOLLOW)
    for queue in RECURRING:
        await context.app.job_manager.delete_old_jobs(
            nb_hours=24, queue=queue, include_failed=True, include_aborted=True
        )


async def _give_back(manager: JobManager, job: Job) -> None:
    """Let a job run again, later each time; the calendar's own come anew with the next tick."""
    if job.queue in RECURRING:
        await manager.finish_job(job, status=JobStatus.ABORTED, delete_job=False)
    elif job.attempts + 1 >= PATIENCE.tries_outside:
        await manager.finish_job(job, status=JobStatus.FAILED, delete_job=False)
    else:
        pause = PATIENCE.wait(job.attempts, outside=True) if job.attempts else timedelta()
        await manager.retry_job(job, retry_at=timezone.now() + pause)
