"""The private PostGIS cluster: a unix socket and no port, so it never meets a server on 5432.

PostgreSQL refuses to run as root, so root hands it to the account that Debian's package made.
The kernel says who comes in ("peer"): the account that starts CivicMap is the role `civicmap`,
and there is no password to keep or to lose.
"""

import contextlib
import os
import pwd
import re
import secrets
import shlex
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from deploy import console, locks
from deploy.console import Problem
from deploy.places import ROOT, VAR
from deploy.reasons import reason, tail

BIN = Path("/usr/lib/postgresql/15/bin")
NAME = "civicmap"
LOCK = "cluster.lock"
ADMIN = "postgres"
FURNISH = ROOT / "deploy" / "furnish.sql"
ELSEWHERE = Path("/var/lib")
START_S = 300
# In postmaster.pid, counted from nought.
SOCKET_LINE = 4
# A socket's address holds 107 bytes; PostgreSQL appends the name of the socket to the folder.
SOCKET_FOLDER_BYTES = 107 - len("/.s.PGSQL.5432")
# Given on the command line: no configuration file can make an acknowledged report forgettable.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """One cluster: its folder (with `data`, `log` and mostly `socket`) and the owning account."""

    folder: Path
    owner: pwd.struct_passwd

    @property
    def data(self) -> Path:
        """The folder that initdb fills."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.folder / "log" / "postgresql.log"

    @property
    def furnished(self) -> Path:
        """Exists when access, extensions, role and database are complete."""
        return self.folder / "furnished"

    def record(self) -> list[str]:
        """Return the lines of the server's own record: process, folder, start, port, socket ..."""
        with contextlib.suppress(FileNotFoundError):
            return (self.data / "postmaster.pid").read_text().splitlines()
        return []

    def is_running(self) -> bool:
        """Tell whether the recorded process lives and is this server: it works in the data."""
        record = self.record()
        with contextlib.suppress(OSError):
            return bool(record) and _works_in(record[0]) == self.data.resolve()
        return False

    def url(self) -> str:
        """Return the running cluster's database as a DATABASE_URL."""
        return f"postgis://{NAME}@{quote(self.socket(), safe='')}/{NAME}"

    def socket(self) -> str:
        """Return the folder of the running server's socket."""
        return self.record()[SOCKET_LINE]

    def start(self) -> None:
        """Make the cluster where there is none, and start it."""
        if not self.furnished.exists():
            self._create()
        if not self.is_running():
            self._forget_stale_record()
            self._launch()
        if not self.furnished.exists():
            self._furnish()

    def stop(self) -> None:
        """End the server: what runs is rolled back, nothing committed is lost."""
        if not self.is_running():
            return
        socket = Path(self.socket())
        console.run("Database stops", self._pg_ctl("stop", "--mode=fast"), **identity(self.owner))
        if socket.parent != self.folder:
            shutil.rmtree(socket, ignore_errors=True)

    def _create(self) -> None:
        for folder in (self.folder, self.folder / "log", self.folder / "socket"):
            self._own(folder)
        if not (self.data / "PG_VERSION").exists():
            options = ["--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums", "--auth=peer"]
            initdb = [str(BIN / "initdb"), *options, f"--username={ADMIN}", f"--pgdata={self.data}"]
            console.run("Database cluster", initdb, **identity(self.owner))
        account = f'{NAME} "{self.owner.pw_name}"'
        (self.data / "pg_hba.conf").write_text(f"local all all peer map={NAME}\n")
        (self.data / "pg_ident.conf").write_text(
            f'{NAME} "root" {NAME}\n{account} {NAME}\n{account} {ADMIN}\n'
        )

    def _furnish(self) -> None:
        psql = [str(BIN / "psql"), "--no-psqlrc", "--set=ON_ERROR_STOP=1"]
        admin = [f"--host={self.socket()}", f"--username={ADMIN}", ADMIN]
        answer = console.ask([*psql, *admin], said=FURNISH.read_text(), **identity(self.owner))
        if answer.returncode:
            raise Problem(f"The database is not ready: {reason(answer.stderr)}")
        self.furnished.touch()

    def _launch(self) -> None:
        settings = SETTINGS | {"unix_socket_directories": f'"{self._socket_folder()}"'}
        options = " ".join(
            f"-c {shlex.quote(f'{name}={value}')}" for name, value in settings.items()
        )
        how = [f"--log={self.log}", f"--timeout={START_S}", f"--options={options}"]
        with contextlib.suppress(FileNotFoundError):
            self.log.rename(self.log.with_suffix(".before.log"))
        try:
            console.run("Database starts", self._pg_ctl("start", *how), **identity(self.owner))
        except Problem as problem:
            fatal = re.findall("(?:FATAL|PANIC): +(.*)", tail(self.log))
            if not fatal:
                raise
            raise Problem(f"The database does not start: {fatal[-1]} ({self.log})") from problem

    def _socket_folder(self) -> Path:
        """Return a folder whose name is short and plain enough for a socket and for an address."""
        folder = self.folder / "socket"
        short = len(os.fsencode(folder)) <= SOCKET_FOLDER_BYTES
        if short and re.fullmatch("[A-Za-z0-9_./-]+", str(folder)):
            return folder
        folder = Path(tempfile.mkdtemp(prefix="civicmap-", dir="/tmp"))
        self._own(folder)
        return folder

    def _forget_stale_record(self) -> None:
        """Remove what a crash left, when it is cut short or its number is now another process's.

        PostgreSQL clears away the rest itself; a stranger it takes for its own server and refuses
        to start. The caller has made sure that this server does not run.
        """
        record = self.record()
        if len(record) <= SOCKET_LINE:
            (self.data / "postmaster.pid").unlink(missing_ok=True)
        elif Path(f"/proc/{record[0]}").exists():
            (self.data / "postmaster.pid").unlink()
            (Path(record[SOCKET_LINE]) / ".s.PGSQL.5432.lock").unlink(missing_ok=True)

    def _own(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(folder, self.owner.pw_uid, self.owner.pw_gid)

    def _pg_ctl(self, *arguments: str) -> list[str | Path]:
        return [BIN / "pg_ctl", f"--pgdata={self.data}", "--wait", *arguments]


@contextlib.contextmanager
def running(var: Path = VAR) -> Iterator[Cluster]:
    """Have the cluster up for as long as the block lasts; the last of several users stops it."""
    cluster = locate(var)
    with locks.used(var / LOCK, first=cluster.start, last=cluster.stop):
        yield cluster


def stop_unused(var: Path = VAR) -> None:
    """Stop the cluster that a crash left running, unless somebody uses it."""
    with locks.used(var / LOCK, first=lambda: None, last=locate(var).stop):
        pass


def locate(var: Path = VAR) -> Cluster:
    """Return the cluster of this folder, made or still to be made.

    Raises:
        Problem: it belongs to another account, or there is no account that could own it.
    """
    marker = var / "cluster"
    elsewhere = marker.exists()
    folder = Path(marker.read_text().strip()) if elsewhere else var / "pg"
    # A folder of root's is one that was broken off before it was handed over.
    if folder.exists() and folder.stat().st_uid != 0:
        return _existing(folder)
    owner = _new_owner()
    if not elsewhere and not _can_enter(var, owner):
        folder = ELSEWHERE / f"civicmap-{secrets.token_hex(4)}"
        console.say(f"  {owner.pw_name} cannot enter {var}: the database goes to {folder}")
        marker.write_text(f"{folder}\n")
    return Cluster(folder, owner)


def _existing(folder: Path) -> Cluster:
    uid = folder.stat().st_uid
    try:
        owner = pwd.getpwuid(uid)
    except KeyError:
        raise Problem(f"{folder} belongs to account {uid}, which is not here: chown it.") from None
    if os.geteuid() not in (0, uid):
        raise Problem(f"{folder} belongs to {owner.pw_name}: start as that account or as root.")
    if not _can_enter(folder, owner):
        raise Problem(f"{owner.pw_name} cannot enter {folder}: chmod o+x the folders above it.")
    return Cluster(folder, owner)


def _new_owner() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(ADMIN) if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    except KeyError:
        raise Problem("PostgreSQL needs an account with a name: make one with 'adduser'.") from None


def _can_enter(folder: Path, owner: pwd.struct_passwd) -> bool:
    return not console.ask(["test", "-x", folder], **identity(owner)).returncode


def _works_in(process: str) -> Path:
    return Path(f"/proc/{process}/cwd").readlink()


def identity(owner: pwd.struct_passwd) -> console.Identity:
    """Return how a command is run as that account, from a folder that every account can enter."""
    if owner.pw_uid == os.geteuid():
        return {"cwd": "/"}
    return {"cwd": "/", "user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
