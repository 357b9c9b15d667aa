"""Ctrl-C, the end of the terminal, and a polite request to end are one thing: KeyboardInterrupt."""

import contextlib
import signal
from collections.abc import Iterator

ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def catch() -> None:
    """Turn every signal that asks us to end into KeyboardInterrupt, so that all is put in order."""
    for number in ENDS:
        signal.signal(number, signal.default_int_handler)


@contextlib.contextmanager
def held() -> Iterator[None]:
    """Put things in order undisturbed, however often somebody presses Ctrl-C meanwhile."""
    before = [(number, signal.signal(number, signal.SIG_IGN)) for number in ENDS]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)
