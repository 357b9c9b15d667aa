"""The app as the commands of `manage.py`: its environment, and the steps before a first request."""

import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy import console
from deploy.places import LOCK, PYTHON, ROOT, VAR, digest, is_stamped

CITY = "denpasar"
SECRET_KEY = VAR / "secret_key"
DONE = VAR / "done"


@dataclass(frozen=True, slots=True)
class Step:
    """One command before the first request, and the folders that make it due again."""

    title: str
    command: tuple[str, ...]
    sources: tuple[str, ...]
    in_database: bool = True

    def fingerprint(self, database: str) -> str:
        """Return what this step would be done for; another database makes it due again."""
        return digest([LOCK, *self._files()], database if self.in_database else "")

    def has_work(self) -> bool:
        """Tell whether there is anything to do; Django refuses to compile no translations."""
        return self.in_database or any(True for _ in self._files())

    def _files(self) -> Iterator[Path]:
        for source in self.sources:
            for path in ROOT.glob(source):
                if path.is_file() and path.suffix not in {".pyc", ".mo"}:
                    yield path


TRANSLATIONS = ("compilemessages", "--ignore=.venv*", "--ignore=var")
CODE = ("civicmap/**/*", "geodata/**/*", "issues/**/*")
STEPS = (
    Step("Database tables", ("migrate", "--no-input"), CODE),
    Step("Reference data", ("load_reference", CITY, "--if-missing"), CODE),
    Step("Demo", ("seed_demo",), CODE),
    Step(
        "Static files",
        ("collectstatic", "--no-input"),
        ("civicmap/*.py", "static/**/*"),
        in_database=False,
    ),
    Step(
        "Translations",
        TRANSLATIONS,
        ("civicmap/**/*.po", "geodata/**/*.po", "issues/**/*.po", "templates/**/*.po"),
        in_database=False,
    ),
)


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
    """Bring tables, reference data, demo and static files up to date, where something has changed.

    Args:
        env: the app's environment.
        database: which database this is; None when we cannot tell, so that nothing is skipped.
    """
    DONE.mkdir(exist_ok=True)
    for step in filter(Step.has_work, STEPS):
        fingerprint = step.fingerprint(database or "")
        stamp = DONE / step.command[0]
        known = database or not step.in_database
        if not (known and is_stamped(stamp, fingerprint)):
            console.run(step.title, manage(*step.command), env=env, cwd=ROOT)
            stamp.write_text(fingerprint)


def manage(*arguments: str) -> console.Command:
    """Return the command line of one of the app's commands."""
    return [PYTHON, ROOT / "manage.py", *arguments]
