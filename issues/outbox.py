"""The outbox: what must happen after the commit, written as a job row in the transaction itself.

Either the data and the job are there, or neither. A job carries a name and ids, never a name of a
person or an address: job rows stay as proof, and they must not become a second table of people.
What a name does stands in `issues.jobs`; this chapter knows only how urgent it is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job
from procrastinate.manager import JobManager

FOLLOW: Final = "follow"
"""The queue of what goes to followers: much, and nobody waits for it."""

UNDO: Final = timedelta(seconds=15)
"""How long a status mail waits, so that a crew's slip of the finger reaches nobody."""


@dataclass(frozen=True, slots=True)
class Lane:
    """How jobs of one name travel: queue, priority (higher first), pause before the first try."""

    queue: str
    priority: int
    pause: timedelta = timedelta()


LANES: Final[Mapping[str, Lane]] = {
    "receipt": Lane("receipt", 40),
    "tell_office": Lane("receipt", 40),
    "clean_photo": Lane("photo", 30),
    "compare": Lane("notify", 10),
    "check_draft": Lane("map", 25),
    "weigh_draft": Lane("map", 25),
    "publish_draft": Lane("map", 28),
    "undo_draft": Lane("map", 28),
    "tell_reporter": Lane("notify", 20, UNDO),
    "confirm_follow": Lane("receipt", 35),
    "alarm_letter": Lane("notify", 18),
    "reclock": Lane("notify", 16),
    "invite": Lane("receipt", 40),
    "tell_followers": Lane("notify", 15, UNDO),
    "follow_letter": Lane(FOLLOW, 5),
    "follow_note": Lane(FOLLOW, 5),
    "own_note": Lane(FOLLOW, 8),
    "follow_message": Lane(FOLLOW, 5),
    "digest_letter": Lane(FOLLOW, 4),
    "digest_note": Lane(FOLLOW, 4),
}
"""Every name that can be put. A receipt overtakes photos, photos overtake status mails, and all of
them overtake the thousands of letters to those who follow."""

# A manager of its own: inside a worker the library's app writes through the worker's connections,
# and a job put there would outlive the rollback of the transaction that asked for it.
_manager: Final = JobManager(DjangoConnector())


def put(name: str, **ids: int | UUID) -> None:
    """Write one job into the running transaction.

    Args:
        name: one of `LANES`.
        ids: primary keys that the task of that name takes.

    Raises:
        KeyError: no lane has that name.
        TransactionManagementError: no transaction is running that the job could belong to.
    """
    put_all([name], **ids)


def put_at(name: str, at: datetime, **ids: int | UUID) -> None:
    """Write one job that runs at an instant, not before.

    Raises:
        KeyError: no lane has that name.
        TransactionManagementError: as `put`.
    """
    put_many([(name, ids)], at=at)


def put_all(names: Iterable[str], **ids: int | UUID) -> None:
    """Write one job for each name, all with the same ids, in one statement; nothing for no name.

    Raises:
        KeyError: no lane has that name.
        TransactionManagementError: as `put`.
    """
    put_many((name, ids) for name in names)


def put_many(
    jobs: Iterable[tuple[str, Mapping[str, int | UUID]]], *, at: datetime | None = None
) -> None:
    """Write jobs, each a name and its ids, in one statement; nothing for none.

    Args:
        jobs: names of `LANES` with what their tasks take.
        at: before which none of them runs; default: as their lanes say.

    Raises:
        KeyError: no lane has one of the names.
        TransactionManagementError: as `put`.
    """
    if not transaction.get_connection().in_atomic_block:
        message = "a job belongs to the transaction of its data"
        raise transaction.TransactionManagementError(message)
    if rows := [_job(name, ids, at) for name, ids in jobs]:
        _write(rows)


def _write(rows: list[Job]) -> None:
    """Write the rows; a fault of the database keeps Django's name for it, which the roof knows."""
    try:
        _manager.batch_defer_jobs(rows)
    except ConnectorException as error:
        with transaction.get_connection().wrap_database_errors:
            raise (error.__cause__ or error) from None


def _job(name: str, ids: Mapping[str, int | UUID], at: datetime | None) -> Job:
    lane = LANES[name]
    later = timezone.now() + lane.pause if lane.pause else None
    return Job(
        id=None,
        task_name=name,
        task_kwargs={
            key: str(value) if isinstance(value, UUID) else value for key, value in ids.items()
        },
        queue=lane.queue,
        priority=lane.priority,
        scheduled_at=at or later,
        lock=None,
        queueing_lock=None,
    )
