"""The commands of the Makefile answer in one line when something about them is wrong."""

import re
import subprocess
import sys

import pytest

from deploy.__main__ import COMMANDS
from deploy.places import ROOT


def _deploy(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "deploy", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_an_unknown_command_is_answered_with_the_known_ones() -> None:
    answer = _deploy("dance")

    assert answer.returncode == 2
    assert answer.stdout.strip().endswith(", ".join(COMMANDS))


def test_every_target_of_the_makefile_is_a_command() -> None:
    targets = re.findall(r"\$\(DEPLOY\) (\w+)", (ROOT / "Makefile").read_text())

    assert set(targets) == set(COMMANDS)


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1"])
def test_a_port_that_is_none_is_refused_in_one_line(port: str) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", "from deploy.__main__ import _port; _port()"],
        cwd=ROOT,
        env={"PORT": port},
        capture_output=True,
        text=True,
        check=False,
    )

    assert answer.stderr.strip().endswith(f"PORT={port} is no port: give a number from 1 to 65535.")
