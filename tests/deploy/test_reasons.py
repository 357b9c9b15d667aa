"""A failing step says in one line what is missing and how to get it."""

from pathlib import Path

import pytest

from deploy.reasons import reason, tail


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("E: You don't have enough space\nNo space left on device", "free at least 3 GB"),
        ("E: Failed to fetch http://deb.debian.org/x", "check the network"),
        ("E: Could not get lock /var/lib/dpkg/lock-frontend", "wait for it"),
        ("sudo: a password is required", "as root"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "do not trust"),
        ("Failed to resolve 'pypi.org' ([Errno -3] name resolution)", "pip's proxy"),
        ("connection to server at 127.0.0.1, port 5432 failed: refused", "DATABASE_URL"),
    ],
)
def test_a_known_failure_is_answered_with_advice(said: str, advice: str) -> None:
    assert advice in reason(said)
    assert "\n" not in reason(said)


def test_an_unknown_failure_is_told_in_the_last_words_of_the_program() -> None:
    assert reason("first\nCommandError: no such city\n\n") == "CommandError: no such city"


def test_a_silent_failure_is_called_silent() -> None:
    assert reason("\n") == "it said nothing"


def test_a_log_that_was_never_written_is_empty(tmp_path: Path) -> None:
    assert tail(tmp_path / "none.log") == ""
