"""What the person at the terminal sees: steps with progress, and one line when something is missing."""

import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.places import LOGS

QUIET_S = 2
LINE_EVERY_S = 10
ERASE = "\r\x1b[K"

REASONS = (
    (r"No space left on device|Disk quota exceeded", "the disk is full: free at least 3 GB"),
    (
        r"Temporary failure resolving|Could not resolve|Unable to fetch some archives|Failed to fetch",
        "Debian's package server cannot be reached: check the network and /etc/apt/sources.list",
    ),
    (r"Unable to locate package", "this machine's package sources lack it: CivicMap needs Debian 12's 'main'"),
    (r"Could not get lock", "another program is installing packages: wait for it, then start again"),
    (
        r"a password is required|a terminal is required|not in the sudoers|may not run sudo",
        "sudo needs your password or refuses you: start again from a terminal of an account with sudo, or as root",
    ),
    (r"DO NOT MATCH THE HASHES", "a downloaded package differs from the lock file: do not trust it, try another mirror"),
    (
        r"name resolution|NewConnectionError|ConnectTimeout|Network is unreachable|No matching distribution|SSLError",
        "the Python package index cannot be reached: check the network, or pip's proxy and index settings",
    ),
    (r"could not connect to server|connection to server .* failed", "the database does not answer: check DATABASE_URL"),
    (r"Permission denied", "a file here belongs to somebody else: start as its owner, or as root"),
)


class Problem(Exception):
    """Something foreseeable is missing; the message says what it is and how to get it, in one line."""


def say(line: str) -> None:
    """Print one line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def run(title: str, command: Sequence[str | Path], *, env: Mapping[str, str] | None = None) -> None:
    """Run one step with progress on the terminal and its output in a log.

    Raises:
        Problem: the command failed; names the likely reason and the log.
    """
    log = LOGS / f"{re.sub('[^a-z0-9]+', '-', title.lower())}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        try:
            code = _watched(title, subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=env))
        except FileNotFoundError as error:
            raise Problem(f"{title}: the program {error.filename} is missing.") from error
    if code:
        raise Problem(f"{title} failed: {reason(log.read_text(errors='replace'))} (all of it: {log})")


def ask(command: Sequence[str | Path], **options: object) -> subprocess.CompletedProcess[str]:
    """Run a short command quietly and return what it said."""
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload, no-any-return]


def reason(output: str) -> str:
    """Return the known reason for a failure, else the last line that the program said."""
    for pattern, explanation in REASONS:
        if re.search(pattern, output):
            return explanation
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"


def _watched(title: str, process: subprocess.Popen[bytes]) -> int:
    """Wait for a process, showing that time passes; end it when the wait is broken off."""
    progress = Progress(title)
    try:
        while True:
            try:
                code = process.wait(timeout=1)
            except subprocess.TimeoutExpired:
                progress.tick()
                continue
            progress.done()
            return code
    except BaseException:
        process.terminate()
        process.wait()
        raise


class Progress:
    """One line of a step that takes its time: rewritten on a terminal, repeated now and then in a log."""

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

    def done(self) -> None:
        """Leave one line that the step is over."""
        erase = ERASE if self.terminal else ""
        took = f" ({self.seconds} s)" if self.seconds >= QUIET_S else ""
        say(f"{erase}  {self.title}{took}")
