"""Locks between starts of one checkout; the kernel drops them however their holder dies."""

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from deploy import signals


@contextlib.contextmanager
def used(path: Path, *, first: Callable[[], None], last: Callable[[], None]) -> Iterator[None]:
    """Share what several programs use at once: each makes sure of it, the last to go ends it."""
    with _opened(path) as users:
        try:
            with _guard(path):
                fcntl.flock(users, fcntl.LOCK_SH)
                first()
            yield
        finally:
            with signals.held(), _guard(path), contextlib.suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                last()


@contextlib.contextmanager
def alone(path: Path) -> Iterator[bool]:
    """Hold what only one program may hold; yields whether it is ours."""
    with _opened(path) as holder:
        try:
            fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


@contextlib.contextmanager
def _guard(path: Path) -> Iterator[None]:
    """Let one program at a time come or go."""
    with _opened(path.with_suffix(".guard")) as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
