"""The app's own key and address, and steps that are due only when something has changed."""

from pathlib import Path

import pytest
from py_vapid import Vapid02

from deploy import app


@pytest.fixture(autouse=True)
def _key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "SECRET_KEY", tmp_path / "secret_key")
    monkeypatch.setattr(app, "PUSH_KEY", tmp_path / "push_key")


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    first = app.secret_key()

    assert app.secret_key() == first
    assert len(first) >= 64
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_the_key_of_push_is_one_that_signs(tmp_path: Path) -> None:
    first = app.push_key()

    assert app.push_key() == first
    assert Vapid02.from_string(first).public_key
    assert (tmp_path / "push_key").stat().st_mode & 0o777 == 0o600
    assert app.environment("postgis:///ours")["VAPID_PRIVATE_KEY"] == first


def test_what_the_operator_has_set_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "from outside")

    env = app.environment("postgis:///ours")

    assert env["SECRET_KEY"].startswith("from")


@pytest.mark.parametrize("step", app.STEPS, ids=lambda step: step.command[0])
def test_another_database_makes_its_steps_due_and_no_others(step: app.Step) -> None:
    assert (step.fingerprint("one") != step.fingerprint("another")) is step.in_database


def test_a_step_without_sources_outside_the_database_has_no_work() -> None:
    assert not app.Step("", ("",), ("no/such/*",), in_database=False).has_work()
