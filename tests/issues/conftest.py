"""The queue of jobs, for tests that look into it."""

from collections.abc import Callable

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

Queue = Callable[[], list[ProcrastinateJob]]


@pytest.fixture
def queue(db: None) -> Queue:
    """Empty the queue, which Django's flush between tests leaves alone; return a look into it."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")
    return lambda: list(ProcrastinateJob.objects.order_by("pk"))
