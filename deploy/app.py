"""The app as the commands of `manage.py`: its environment, and the steps before a first request."""

import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path

from deploy import console
from deploy.places import LOCK, PYTHON, ROOT, VAR, digest, is_stamped

CITY = "denpasar"
SOURCES = ("civicmap", "geodata", "issues", "locale", "static", "templates")
SECRET_KEY = VAR / "secret_key"
STAMP = VAR / "prepared"
STEPS = {
    "Database tables": ["migrate", "--no-input"],
    "Reference data": ["load_reference", CITY],
    "Demo": ["seed_demo"],
    "Static files": ["collectstatic", "--no-input"],
}
TRANSLATE = {"Translations": ["compilemessages", "--ignore=.venv", "--ignore=var"]}


def environment(database_url: str) -> dict[str, str]:
    """Return the environment of the app's processes; what the operator has set already wins."""
    ours = {"DATABASE_URL": database_url, "SECRET_KEY": secret_key(), "PYTHONUNBUFFERED": "1"}
    return ours | os.environ


def secret_key() -> str:
    """Return the key of this checkout, made at its first start and readable by its owner alone."""
    if not SECRET_KEY.exists():
        unfinished = SECRET_KEY.with_suffix(".new")
        unfinished.touch(mode=0o600)
        unfinished.write_text(secrets.token_urlsafe(64))
        unfinished.rename(SECRET_KEY)
    return SECRET_KEY.read_text()


def prepare(env: Mapping[str, str], *, database: str | None) -> None:
    """Bring tables, reference data, demo and static files up to date, if anything has changed.

    Args:
        env: the app's environment.
        database: which database this is; None when we cannot tell, so that nothing is skipped.
    """
    fingerprint = digest([LOCK, ROOT / "manage.py", *_sources()], database or "")
    if database and is_stamped(STAMP, fingerprint):
        return
    for title, command in _steps().items():
        console.run(title, manage(*command), env=env, cwd=ROOT)
    STAMP.write_text(fingerprint)


def _steps() -> dict[str, list[str]]:
    """Return the steps; compiling translations is an error to Django where there are none."""
    translated = any(path.suffix == ".po" for path in _sources())
    return STEPS | TRANSLATE if translated else STEPS


def manage(*arguments: str) -> console.Command:
    """Return the command line of one of the app's commands."""
    return [PYTHON, ROOT / "manage.py", *arguments]


def _sources() -> Iterator[Path]:
    for folder in SOURCES:
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and path.suffix not in {".pyc", ".mo"}:
                yield path
