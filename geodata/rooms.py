"""A program of ours that reads a stranger's bytes, in a process of its own with nothing else open.

This is the outside of the door; `locks` is what the program closes behind itself.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO


def memory(name: str) -> BinaryIO:
    """Open a nameless file in memory: even a killed program leaves nothing on the disk."""
    return os.fdopen(os.memfd_create(name), "w+b")


def content(file: BinaryIO) -> bytes:
    """Read a file from its beginning; the program's limit on output bounds it."""
    file.seek(0)
    return file.read()


def run(
    program: Path,
    job: Mapping[str, Any],
    *,
    source: BinaryIO,
    said: BinaryIO,
    answers: Sequence[int],
    wall_s: float,
    environment: Mapping[str, str],
) -> int:
    """Have a program do one job, and leave nothing of it running.

    Args:
        program: a script that needs no path of ours.
        job: what it is told, as JSON in its only argument.
        source: what it reads, as its input.
        said: where its complaints go.
        answers: the descriptors that it may write to, under the same numbers.
        wall_s: how long it may take, seconds.
        environment: all of its environment.

    Returns:
        its exit code; the negative number of the signal that ended it, SIGXCPU where time was up.
    """
    process = subprocess.Popen(  # noqa: S603  our own program with our own numbers
        [sys.executable, "-I", "-B", str(program), json.dumps(job)],
        stdin=source,
        stdout=subprocess.DEVNULL,
        stderr=said,
        env=dict(environment),
        cwd="/",
        pass_fds=answers,
        start_new_session=True,
    )
    try:
        return process.wait(wall_s)
    except subprocess.TimeoutExpired:
        return -signal.SIGXCPU
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
