import asyncio
import os
import signal
import smtplib
from datetime import timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import connector_params
from procrastinate.jobs import Job
from procrastinate.manager import JobManager

from issues import actions, jobs, outbox
from issues.errors import StorageFull
from issues.forms.kept import keep
from issues.models import Photo
from issues.photos import SandboxBroken
from tests import make
from tests.faults import rig
from tests.issues import photo_corpus


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def job(*, attempts=0, queue="notify"):
    return Job(id=1, queue=queue, lock=None, queueing_lock=None, task_name="x", attempts=attempts)


# Retries -------------------------------------------------------------------------------------


def waits(error):
    """How long a job that always fails waits each time, until it is given up."""
    found, attempts = [], 0
    while decision := jobs.PATIENCE.get_retry_decision(exception=error, job=job(attempts=attempts)):
        found.append(decision.retry_at - timezone.now())
        attempts += 1
    return found


@pytest.mark.parametrize(
    "error", [ConnectionRefusedError(), OperationalError(), StorageFull(), SandboxBroken(1)]
)
def test_what_lies_outside_is_tried_for_days_and_never_sleeps_past_its_return(error):
    found = waits(error)

    assert sum(found, timedelta()) > timedelta(days=3)
    assert max(found) <= timedelta(minutes=10)
    assert found[0] < timedelta(seconds=6)


def test_our_own_fault_is_tried_a_few_times_ever_later_up_to_a_day():
    found = waits(TypeError())

    assert len(found) == jobs.PATIENCE.tries - 1
    assert all(later > earlier for earlier, later in pairwise(found))
    assert max(found) <= timedelta(days=1)


def test_what_can_never_be_delivered_is_not_tried_again():
    assert waits(jobs.Undeliverable()) == []


# Mail ----------------------------------------------------------------------------------------


class Postman:
    """A mail server that answers as it is told and keeps what it takes."""

    def __init__(self, answer="250 OK"):
        self.answer = answer
        self.letters = []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.letters.append(envelope)
        return "250 OK"


@pytest.fixture
def post(settings):
    """Return a function that starts a mail server on a free port and sends the app's mail there."""
    started = []

    def start(answer="250 OK"):
        postman = Postman(answer)
        controller = Controller(postman, hostname="127.0.0.1", port=rig.free_port())
        controller.start()
        started.append(controller)
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
        return postman

    yield start
    for controller in started:
        controller.stop()


@pytest.fixture
def reported(db):
    return make.issue(email="wayan@warga.example")


def receipt(issue):
    jobs.receipt(event_id=issue.events.get(seq=1).pk)


def test_a_receipt_leaves_the_house(reported, post):
    postman = post()

    receipt(reported)

    [letter] = postman.letters
    assert letter.rcpt_tos == ["wayan@warga.example"]
    assert reported.number in letter.content.decode()


def test_an_address_that_is_refused_for_good_is_undeliverable(reported, post):
    post("550 no such user")

    with pytest.raises(jobs.Undeliverable):
        receipt(reported)


def test_an_address_that_is_refused_for_now_is_tried_again(reported, post):
    post("451 greylisted")

    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        receipt(reported)
    assert jobs.PATIENCE.get_retry_decision(exception=refused.value, job=job())


def test_one_dead_address_keeps_no_letter_from_the_others(reported, post):
    class Choosy(Postman):
        async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
            if address.startswith("mati"):
                return "550 no such user"
            return await super().handle_RCPT(server, session, envelope, address, options)

    postman = post()
    postman.__class__ = Choosy
    make.user("liaison", department=reported.department, username="mati")

    jobs.tell_office(event_id=reported.events.get(seq=2).pk)

    assert [letter.rcpt_tos for letter in postman.letters] == [["dishub@kota.example"]]


# Photos --------------------------------------------------------------------------------------


def attached(data):
    issue = make.issue()
    photo = actions.attach(issue.pk, data, photo_id=uuid4())
    jobs.clean_photo(photo_id=str(photo.pk))
    return Photo.objects.get(pk=photo.pk)


def test_a_waiting_photo_becomes_clean(db):
    photo = attached(photo_corpus.jpeg())

    assert photo.state == Photo.State.CLEAN
    assert default_storage.exists(photo.path("small"))


def test_a_photo_that_is_broken_is_refused_with_its_reason(db):
    whole = photo_corpus.jpeg()
    photo = attached(whole[: len(whole) // 2])

    assert photo.state == Photo.State.REFUSED
    assert "rusak" in photo.reason


def test_cleaning_twice_changes_nothing(db):
    photo = attached(photo_corpus.jpeg())
    before = default_storage.get_modified_time(photo.path("large"))

    jobs.clean_photo(photo_id=str(photo.pk))

    assert default_storage.get_modified_time(photo.path("large")) == before


# The calendar --------------------------------------------------------------------------------


def test_what_is_overdue_is_published(db):
    issue = make.issue(at=timezone.now())
    type(issue).objects.update(due_at=timezone.now() - timedelta(minutes=1))

    jobs.overdue(timestamp=0)

    issue.refresh_from_db()
    assert issue.public.overdue


def test_files_without_a_row_go_after_a_day_and_others_stay(db):
    photo = attached(photo_corpus.jpeg())
    kept = [photo.original_path, *(photo.path(size) for size in ("large", "medium", "small"))]
    old = [default_storage.save(f"original/{uuid4()}", ContentFile(b"x")) for _ in range(2)]
    young = default_storage.save(f"clean/{photo.pk}/7/large.jpg", ContentFile(b"x"))
    yesterday = (timezone.now() - timedelta(hours=25)).timestamp()
    for name in (*old, *kept):
        os.utime(default_storage.path(name), (yesterday, yesterday))

    jobs.sweep_files(timestamp=0)

    assert not any(default_storage.exists(name) for name in old)
    assert all(default_storage.exists(name) for name in (*kept, young))


def test_photos_of_forms_that_never_came_again_go_with_the_hourly_sweep(db):
    held = [keep(SimpleUploadedFile("x.jpg", photo_corpus.jpeg())) for _ in range(2)]
    yesterday = (timezone.now() - timedelta(hours=13)).timestamp()
    os.utime(default_storage.path(held[0].path), (yesterday, yesterday))

    jobs.sweep_files(timestamp=0)

    assert [default_storage.exists(one.path) for one in held] == [False, True]


def rescued():
    """Run the rescue over the worker's own connections."""

    async def run():
        connector = PsycopgConnector(kwargs=connector_params(), min_size=1, max_size=1)
        await connector.open_async()
        manager = JobManager(connector)
        for stalled in await manager.get_stalled_jobs(seconds_since_heartbeat=jobs.STALLED_S):
            await jobs._give_back(manager, stalled)
        await connector.close_async()

    asyncio.run(run())


def doing(*, heartbeat_age_s):
    """Let every job be in the hands of a worker that was last heard of some time ago."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat)"
            " VALUES (now() - make_interval(secs => %s)) RETURNING id",
            [heartbeat_age_s],
        )
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s", cursor.fetchone()
        )


@pytest.mark.django_db(transaction=True)
def test_the_jobs_of_a_killed_worker_are_given_back(queue):
    make.issue()
    doing(heartbeat_age_s=jobs.STALLED_S + 1)

    rescued()

    assert {job.status for job in queue()} == {"todo"}
    assert all(job.scheduled_at <= timezone.now() for job in queue())


@pytest.mark.django_db(transaction=True)
def test_the_jobs_of_a_living_worker_are_left_to_it(queue):
    make.issue()
    doing(heartbeat_age_s=jobs.STALLED_S - 5)

    rescued()

    assert {job.status for job in queue()} == {"doing"}


@pytest.mark.django_db(transaction=True)
def test_a_job_that_its_workers_die_of_waits_longer_each_time_and_ends_as_a_dead_letter(queue):
    make.issue()
    doing(heartbeat_age_s=60)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET attempts = 6 WHERE task_name = 'receipt'")
        cursor.execute(
            "UPDATE procrastinate_jobs SET attempts = 500 WHERE task_name = 'tell_reporter'"
        )

    rescued()

    found = {job.task_name: job for job in queue()}
    assert found["receipt"].scheduled_at > timezone.now() + timedelta(minutes=4)
    assert found["tell_reporter"].status == "failed"


@pytest.mark.django_db(transaction=True)
def test_a_job_of_the_calendar_is_not_given_back_because_the_next_one_is_already_there(queue):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock)"
            " VALUES ('calendar', 'overdue', 'overdue')"
        )
    doing(heartbeat_age_s=60)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock)"
            " VALUES ('calendar', 'overdue', 'overdue')"
        )

    rescued()

    assert [job.status for job in queue()] == ["aborted", "todo"]


def test_a_killed_worker_is_noticed_within_a_minute():
    rescues_every_s = 20

    assert jobs.STALLED_S + rescues_every_s + jobs.HEARTBEAT_S < 60
    assert jobs.STALLED_S > 3 * jobs.HEARTBEAT_S


# The worker ----------------------------------------------------------------------------------


@pytest.fixture
def stack(tmp_path, settings):
    """A worker of its own on the database of the tests."""
    stack = rig.Stack(tmp_path)
    settings.MEDIA_ROOT = tmp_path / "media"
    yield stack
    stack.stop()


@pytest.mark.django_db(transaction=True)
def test_a_worker_does_what_was_put(queue, stack):
    """Through both drivers: its own bookkeeping by psycopg 3, the bodies by psycopg2."""
    issue = make.issue(email="wayan@warga.example")
    actions.attach(issue.pk, photo_corpus.jpeg(), photo_id=make.uuid(1))

    stack.manage("worker", "--drain")

    done = {job.task_name: job.status for job in queue() if job.queue_name not in jobs.RECURRING}
    # Status letters pause a moment; on a busy machine that moment is over before the worker is.
    at_once = {name: done[name] for name in done if not outbox.LANES[name].pause}
    expected = ["receipt", "tell_office", "clean_photo", "compare"]
    assert at_once == dict.fromkeys(expected, "succeeded")
    assert done.keys() - at_once.keys() == {"tell_reporter", "tell_followers"}
    assert {letter["To"] for letter in stack.letters()} == {
        "wayan@warga.example",
        "dishub@kota.example",
    }
    assert Photo.objects.get().state == Photo.State.CLEAN


def at_work():
    """Whether a worker has signed on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_workers")
        return cursor.fetchone()[0] == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_is_asked_to_stop_signs_off_and_ends_well(queue, stack, number):
    process = stack.start_worker()
    rig.until(at_work, what="a worker at work")

    process.send_signal(number)

    assert process.wait(timeout=10) == 0
    assert not at_work()


@pytest.mark.django_db(transaction=True)
def test_a_failure_is_one_line_that_names_nobody(queue, stack):
    with transaction.atomic():
        outbox.put("receipt", event_id=404)

    said = stack.manage("worker", "--drain").stderr

    [line] = [line for line in said.splitlines() if "receipt" in line]
    assert "DoesNotExist at query.py" in line
    assert "Traceback" not in said


@pytest.mark.django_db(transaction=True)
def test_a_worker_comes_back_when_the_database_does(queue, stack):
    process = stack.start_worker()
    rig.until(at_work, what="a worker at work")

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    make.issue(email="wayan@warga.example")

    rig.until(stack.letters, within_s=30, what="a receipt after the restart")
    assert process.poll() is None
