"""What several starts of one checkout share is ended by the last, however the others went."""

import signal
import subprocess
import sys
from pathlib import Path

from deploy import locks
from deploy.places import ROOT

USER = """
import sys
from pathlib import Path
from deploy import locks
with locks.used(Path(sys.argv[1]), first=lambda: None, last=lambda: print("ended", flush=True)):
    print("uses", flush=True)
    sys.stdin.readline()
"""


def _user(lock: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", USER, lock],
        cwd=ROOT,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout.readline() == "uses\n"
    return process


def test_the_last_user_ends_it(tmp_path: Path) -> None:
    lock = tmp_path / "shared.lock"
    first, second = _user(lock), _user(lock)

    said_by_first, _ = first.communicate("\n")
    said_by_second, _ = second.communicate("\n")

    assert (said_by_first, said_by_second) == ("", "ended\n")


def test_a_killed_user_does_not_keep_it_alive(tmp_path: Path) -> None:
    lock = tmp_path / "shared.lock"
    killed, other = _user(lock), _user(lock)

    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    said, _ = other.communicate("\n")

    assert said == "ended\n"


def test_a_failed_beginning_is_put_in_order_too(tmp_path: Path) -> None:
    ended = []

    def fail() -> None:
        raise OSError

    try:
        with locks.used(tmp_path / "lock", first=fail, last=lambda: ended.append(True)):
            raise AssertionError
    except OSError:
        assert ended


def test_only_one_may_be_alone(tmp_path: Path) -> None:
    with locks.alone(tmp_path / "lock") as first, locks.alone(tmp_path / "lock") as second:
        assert (first, second) == (True, False)

    with locks.alone(tmp_path / "lock") as again:
        assert again
