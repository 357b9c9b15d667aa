"""What every test in a browser needs."""

import os

from tests.issues.conftest import queue

__all__ = ["queue"]

# Playwright keeps an event loop in the test's thread; our queries there are meant to wait.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
