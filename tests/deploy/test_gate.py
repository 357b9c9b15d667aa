"""The gate runs every check and names those that failed."""

import os
from pathlib import Path

import pytest

from deploy import console, gate
from deploy.console import Problem
from deploy.gate import Check


@pytest.fixture(autouse=True)
def _logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "LOGS", tmp_path)


def test_a_failure_closes_the_gate_after_all_checks_have_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checks = [
        Check("first", ["sh", "-c", "echo what was wrong; exit 1"]),
        Check("second", ["touch", tmp_path / "ran"]),
    ]

    with pytest.raises(Problem, match="closed: first"):
        gate.run(checks, os.environ)

    assert (tmp_path / "ran").exists()
    assert "what was wrong" in capsys.readouterr().out


def test_an_open_gate_says_what_was_checked(capsys: pytest.CaptureFixture[str]) -> None:
    gate.run([Check("all is well", ["true"])], os.environ)

    assert "all is well" in capsys.readouterr().out


def test_the_whole_gate_contains_its_fast_half_and_ends_with_the_tests() -> None:
    checks = [check.name for check in gate.full()]

    assert checks[: len(gate.lint())] == [check.name for check in gate.lint()]
    assert checks[-1] == "pytest"


def test_a_missing_program_is_named() -> None:
    with pytest.raises(Problem, match="no-such-program cannot be started"):
        console.run("step", ["no-such-program"])
