"""Web server and worker are watched, started again within reason, and never left behind."""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy import serve
from deploy.serve import Service

STUBBORN = """
import signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen(["sleep", "600"])
print(child.pid, flush=True)
child.wait()
"""


def _service(tmp_path: Path, code: str) -> Service:
    return Service("test", [sys.executable, "-c", code], dict(os.environ), tmp_path / "log")


def _wait_for(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _first_words(service: Service) -> str:
    _wait_for(lambda: service.log.read_text().endswith("\n"))
    return service.log.read_text().strip()


def _lives(process: int) -> bool:
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return stat.rsplit(")", 1)[1].split()[0] != "Z"


def test_a_taken_port_gives_way_to_the_next_free_one() -> None:
    with socket.socket() as taken:
        taken.bind((serve.HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]

        assert serve.free_port(port) > port


def test_a_free_port_is_taken_as_it_is() -> None:
    with socket.socket() as probe:
        probe.bind((serve.HOST, 0))
        port = probe.getsockname()[1]

    assert serve.free_port(port) == port


def test_a_process_that_does_not_listen_is_ended_with_its_children(tmp_path: Path) -> None:
    service = _service(tmp_path, STUBBORN)
    service.start()
    child = int(_first_words(service))

    service.ask_to_stop()
    service.stop(deadline=time.monotonic() + 0.2)

    assert service.exit_code() == -signal.SIGKILL
    _wait_for(lambda: not _lives(child))


def test_a_process_that_dies_again_and_again_is_given_up(tmp_path: Path) -> None:
    service = _service(tmp_path, "raise SystemExit(3)")
    for _ in range(serve.RESTARTS):
        service.start()
        service.process.wait()
        assert service.may_restart()

    service.start()
    service.process.wait()
    assert service.exit_code() == 3
    assert not service.may_restart()


@pytest.mark.parametrize("services", [[], ["never started"]])
def test_stopping_what_never_started_is_no_fault(tmp_path: Path, services: list[str]) -> None:
    for _ in services:
        service = _service(tmp_path, "")
        service.ask_to_stop()
        service.stop(deadline=time.monotonic())
        assert service.exit_code() is None
