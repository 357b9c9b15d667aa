"""The one gate: every check runs, also after a failure; the last line names those that failed."""

import os
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from deploy import app, console
from deploy.console import Problem
from deploy.places import ROOT, VENV
from deploy.reasons import tail

BIN = VENV / "bin"
TOGETHER = ("--numprocesses=auto", "--maxprocesses=2", "--dist=loadfile", "--no-loadscope-reorder")
"""Two processes, each with a database of its own; files in their order, browser tests last."""


@dataclass(frozen=True, slots=True)
class Check:
    """One named command; `live` ones speak for themselves, the others only when they fail."""

    name: str
    command: console.Command
    live: bool = False


def lint() -> list[Check]:
    """Return the fast half: what needs neither database nor browser."""
    return [
        Check("format", [BIN / "ruff", "format", "--check", "--diff", "."]),
        Check("ruff", [BIN / "ruff", "check", "."]),
        Check("mypy", [BIN / "mypy"]),
        Check("import contracts", [BIN / "lint-imports"]),
        Check("template format", [BIN / "djlint", "--check", "templates"]),
        Check("template lint", [BIN / "djlint", "--lint", "--quiet", "templates"]),
        Check(
            "biome",
            [BIN / "biome", "ci", "--colors=off", "--error-on-warnings", "static/js", "tests/js"],
        ),
    ]


def full(pytest_arguments: Sequence[str] = ()) -> list[Check]:
    """Return the whole gate; pytest comes last, so that its own closing line is seen."""
    node = shutil.which("node") or "node"
    return [
        *lint(),
        Check("node --test", [node, "--test", *sorted((ROOT / "tests" / "js").rglob("*.test.js"))]),
        Check("translations", app.manage(*app.TRANSLATIONS)),
        Check("migrations", app.manage("makemigrations", "--check", "--dry-run")),
        Check(
            "deploy check",
            app.manage("check", "--deploy", "--fail-level=WARNING", "--database=default"),
        ),
        Check(
            "pytest", [BIN / "pytest", *TOGETHER, "--durations=15", *pytest_arguments], live=True
        ),
    ]


def run(checks: Sequence[Check], env: Mapping[str, str]) -> None:
    """Run the checks one after another.

    Raises:
        Problem: names the checks that failed.
    """
    failed = [check.name for check in checks if not _passes(check, env)]
    if failed:
        raise Problem(f"The gate is closed: {', '.join(failed)}")
    console.say("The gate is open: " + ", ".join(check.name for check in checks))


def environment(database_url: str) -> dict[str, str]:
    """Return this machine's environment with the settings of a real deployment."""
    production = {
        "DATABASE_URL": database_url,
        "SECRET_KEY": secrets.token_urlsafe(64),
        "ALLOWED_HOSTS": "civicmap.example",
        "SECURE": "true",
    }
    return os.environ | production


def _passes(check: Check, env: Mapping[str, str]) -> bool:
    if check.live:
        console.say(f"  {check.name} ...")
        return console.talk(check.command, env=env, cwd=ROOT) == 0
    try:
        console.run(check.name, check.command, env=env, cwd=ROOT)
    except Problem:
        console.say(tail(console.log_of(check.name)).rstrip())
        return False
    return True
