"""A stack of one's own to break: database, web server and job worker, killed by their number."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import psycopg2
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sys.executable
PATIENCE_S = 60.0
LOOK_S = 0.05


def until(happens: Callable[[], object], *, within_s: float = PATIENCE_S, what: str = "") -> None:
    """Look again and again until something has happened, or fail with its name."""
    deadline = time.monotonic() + within_s
    while not happens():
        assert time.monotonic() < deadline, f"not within {within_s:.0f} s: {what or happens}"
        time.sleep(LOOK_S)


def database_url(name: str | None = None) -> str:
    """Address the database of the tests, or another one of its server, as DATABASE_URL does."""
    values = connection.settings_dict
    where = quote(values["HOST"], safe="") + (f":{values['PORT']}" if values["PORT"] else "")
    who = values["USER"] + (f":{quote(values['PASSWORD'])}" if values["PASSWORD"] else "")
    return f"postgis://{who}{'@' if who or where else ''}{where}/{name or values['NAME']}"


@contextlib.contextmanager
def database() -> Iterator[str]:
    """Create a database for one run, dropped at its end; yields its name."""
    name = f"faults_{uuid4().hex[:8]}"
    _administer(f'CREATE DATABASE "{name}"')
    try:
        yield name
    finally:
        _administer(f'DROP DATABASE "{name}" WITH (FORCE)')


def _administer(statement: str) -> None:
    with session("postgres") as cursor:
        cursor.execute(statement)


@contextlib.contextmanager
def session(name: str | None) -> Iterator[Any]:
    """Open a database (default: that of the tests) beside Django; yields a cursor in autocommit."""
    values = connection.get_connection_params() | ({"dbname": name} if name else {})
    beside = psycopg2.connect(**values)
    beside.autocommit = True
    with contextlib.closing(beside), beside.cursor() as cursor:
        yield cursor


def free_port() -> int:
    """Ask the kernel for a port that nobody listens on."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
    return port


@dataclass(slots=True)
class Stack:
    """Processes of the app on one database, with files and mail in one folder."""

    folder: Path
    database: str | None = None
    port: int = field(default_factory=free_port)
    extra: dict[str, str] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What every process of the stack reads."""
        return {
            **{name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"},
            "DJANGO_SETTINGS_MODULE": "civicmap.settings",
            "DATABASE_URL": database_url(self.database),
            "SECRET_KEY": "a key for tests only, as long as the checks ask for",
            "SECURE": "false",
            "PUBLIC_URL": self.address,
            "MEDIA_ROOT": str(self.folder / "media"),
            "STATIC_ROOT": str(self.folder / "static"),
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": str(self.folder / "mail"),
            **self.extra,
        }

    @property
    def address(self) -> str:
        """Where the web server listens."""
        return f"http://127.0.0.1:{self.port}"

    def manage(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command of the app to its end."""
        command = [PYTHON, str(ROOT / "manage.py"), *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=check
        )

    def start(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        """Start a process under a name; what it says goes to `<name>.log`."""
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )
        self.processes[name] = process
        return process

    def start_web(self) -> subprocess.Popen[bytes]:
        """Start the web server as a deployment runs it."""
        return self.start(
            "web",
            PYTHON,
            "-m",
            "gunicorn",
            "civicmap.wsgi",
            f"--bind=127.0.0.1:{self.port}",
            "--worker-class=gthread",
            "--workers=2",
            "--threads=4",
            "--preload",
            "--no-control-socket",
        )

    def start_worker(self, *options: str) -> subprocess.Popen[bytes]:
        """Start the job worker."""
        return self.start("worker", PYTHON, str(ROOT / "manage.py"), "worker", *options)

    def answers(self) -> bool:
        """Whether the web server answers and finds its database."""
        with contextlib.suppress(OSError):
            line = socket.create_connection(("127.0.0.1", self.port), timeout=5)
            with contextlib.closing(line):
                line.sendall(b"GET /healthz HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
                return b" 200 " in line.recv(64)
        return False

    def kill(self, name: str) -> None:
        """End a process, and the children it had, without a word of warning."""
        process = self.processes[name]
        family = [process.pid, *children(process.pid)]
        for pid in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        """End everything that still runs."""
        for name, process in self.processes.items():
            if process.poll() is None:
                self.kill(name)

    def said(self, name: str) -> str:
        """Return what a process has said so far."""
        return (self.folder / f"{name}.log").read_text()

    def letters(self) -> list[EmailMessage]:
        """Return every letter that left the house."""
        end = b"-" * 79 + b"\n"
        texts = [
            text
            for path in sorted((self.folder / "mail").glob("*.log"))
            for text in path.read_bytes().split(end)
        ]
        return [message_from_bytes(text, policy=policy.default) for text in texts if text.strip()]


def children(pid: int) -> list[int]:
    """List the processes that a process has started and that still run."""
    with contextlib.suppress(FileNotFoundError):
        path = Path(f"/proc/{pid}/task/{pid}/children")
        return [int(child) for child in path.read_text().split()]
    return []
