"""The app as the commands of `manage.py`: its environment, and the steps before a first request."""

import base64
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy import console
from deploy.places import LOCK, PYTHON, ROOT, VAR, digest, is_stamped

CITY = "denpasar"
SECRET_KEY = VAR / "secret_key"
PUSH_KEY = VAR / "push_key"
"""The private key of web push: with another one every browser would have to be asked again."""
_CURVE_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""How many keys P-256 has (FIPS 186-5, SP 800-186)."""
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
    ours = {
        "DATABASE_URL": database_url,
        "SECRET_KEY": secret_key(),
        "VAPID_PRIVATE_KEY": push_key(),
        "PYTHONUNBUFFERED": "1",
    }
    return ours | os.environ


def secret_key() -> str:
    """Return the key of this checkout, made at its first start and readable by its owner alone."""
    return _kept(SECRET_KEY, lambda: secrets.token_urlsafe(64))


def push_key() -> str:
    """Return the key of web push: a random number of P-256 as base64url, kept likewise."""
    return _kept(PUSH_KEY, _draw)


def _draw() -> str:
    number = 1 + secrets.randbelow(_CURVE_ORDER - 1)
    return base64.urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()


def _kept(path: Path, make: Callable[[], str]) -> str:
    """Read a secret; where there is none yet, make it, whole or not at all."""
    if not path.exists():
        unfinished = path.with_suffix(".new")
        unfinished.touch(mode=0o600)
        unfinished.write_text(make())
        unfinished.rename(path)
    return path.read_text()


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
