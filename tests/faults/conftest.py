"""The look into the queue, also for the tests of faults."""

from tests.issues.conftest import queue

__all__ = ["queue"]
