"""What the person at the terminal sees: steps with progress, and one line for what is missing."""

import contextlib
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, TypedDict, Unpack

from deploy.places import LOGS
from deploy.reasons import reason, tail

Command = Sequence[str | Path]
QUIET_S = 2
LINE_EVERY_S = 10
ERASE = "\r\x1b[K"


class Identity(TypedDict, total=False):
    """The account and the folder that a command runs in; without these, our own."""

    cwd: str | Path
    user: int
    group: int
    extra_groups: list[int]


class _Options(Identity, total=False):
    """An identity, and where the words go."""

    env: Mapping[str, str] | None
    stdout: IO[bytes]
    stderr: int


class Problem(Exception):
    """Something foreseeable is missing; the message is one line: what, and how to get it."""


def say(line: str) -> None:
    """Print one line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def run(
    title: str,
    command: Command,
    *,
    env: Mapping[str, str] | None = None,
    **identity: Unpack[Identity],
) -> None:
    """Run one step with progress on the terminal and its output in a log.

    Raises:
        Problem: the command failed; names the likely reason and the log.
    """
    log = log_of(title)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        progress = Progress(title)
        process = _started(command, env=env, stdout=output, stderr=subprocess.STDOUT, **identity)
        code = _ended(process, progress.tick)
    progress.done(failed=bool(code))
    if code:
        raise Problem(f"{title} failed: {reason(tail(log))} ({log})")


def talk(command: Command, *, env: Mapping[str, str], cwd: Path) -> int:
    """Run a command that speaks for itself on the terminal, and return its exit code."""
    return _ended(_started(command, env=env, cwd=cwd))


def log_of(title: str) -> Path:
    """Return the file that keeps what a step said."""
    return LOGS / f"{re.sub('[^a-z0-9]+', '-', title.lower()).strip('-')}.log"


def ask(
    command: Command,
    *,
    said: str = "",
    env: Mapping[str, str] | None = None,
    **identity: Unpack[Identity],
) -> subprocess.CompletedProcess[str]:
    """Say something to a short command, quietly, and return what it answered."""
    return subprocess.run(
        command, input=said, capture_output=True, text=True, check=False, env=env, **identity
    )


def _started(command: Command, **options: Unpack[_Options]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(command, **options)
    except OSError as error:
        message = f"The program {command[0]} cannot be started ({error.strerror})"
        raise Problem(f"{message}: is this checkout complete?") from error


def _ended(process: subprocess.Popen[bytes], tick: Callable[[], None] = lambda: None) -> int:
    """Wait for a process; end it when the wait is broken off."""
    try:
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.wait(timeout=1)
            tick()
    except BaseException:
        process.terminate()
        process.wait()
        raise


class Progress:
    """One line of a step that takes its time: rewritten on a terminal, repeated in a log."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.began = time.monotonic()
        self.next_line_s = QUIET_S
        self.terminal = sys.stdout.isatty()

    @property
    def seconds(self) -> int:
        """Whole seconds since the step began."""
        return int(time.monotonic() - self.began)

    def tick(self) -> None:
        """Show the step once it has taken two seconds, and that it still runs."""
        if self.seconds < self.next_line_s:
            return
        if self.terminal:
            sys.stdout.write(f"{ERASE}  {self.title} ... {self.seconds} s")
            sys.stdout.flush()
        else:
            say(f"  {self.title} ... {self.seconds} s")
            self.next_line_s = self.seconds + LINE_EVERY_S

    def done(self, *, failed: bool = False) -> None:
        """Leave one line that the step is over."""
        erase = ERASE if self.terminal else ""
        took = f" ({self.seconds} s)" if self.seconds >= QUIET_S else ""
        say(f"{erase}  {self.title}{took}{': FAILED' if failed else ''}")
