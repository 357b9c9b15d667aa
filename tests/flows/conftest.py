"""The three walks of the house, door to door: pages, actions, jobs, letters, public pages."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from issues.jobs import tasks
from issues.models import User
from tests import make

Work = Callable[[], int]
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(autouse=True)
def _city(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    with connection.cursor() as cursor:
        # Django's flush between tests leaves the queue alone.
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")
    return make.world()


@pytest.fixture
def work() -> Work:
    """Do every job that waits in the outbox, as a worker would; return how many."""
    done: set[int] = set()

    def run() -> int:
        waiting = ProcrastinateJob.objects.exclude(pk__in=done).order_by("-priority", "pk")
        count = 0
        for job in list(waiting):
            tasks.tasks[job.task_name].func(**job.args)
            done.add(job.pk)
            count += 1
        return count

    return run


@pytest.fixture
def desk() -> Callable[[User], Client]:
    """Log somebody in and return their browser."""

    def enter(someone: User) -> Client:
        client = Client()
        client.force_login(someone, backend=BACKEND)
        return client

    return enter
