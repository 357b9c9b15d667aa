"""The private PostGIS cluster: reached by a unix socket alone, so it never meets a server on 5432.

PostgreSQL refuses to run as root, so root hands it to the account that Debian's package made. The kernel says who comes in
("peer"): the account that starts CivicMap is the role `civicmap`, and there is no password to keep or to lose.
"""

import contextlib
import os
import pwd
import re
import secrets
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from deploy import console, locks
from deploy.console import Problem
from deploy.places import VAR

BIN = Path("/usr/lib/postgresql/15/bin")
NAME = "civicmap"
ADMIN = "postgres"
MARKER = VAR / "cluster"
ELSEWHERE = Path("/var/lib")
START_S = 300
# A socket's address holds 107 bytes; PostgreSQL appends the name of the socket to the folder.
SOCKET_FOLDER_BYTES = 107 - len("/.s.PGSQL.5432")
# Given on the command line, so that no configuration file can make an acknowledged report forgettable.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
}
# In template1, so that test databases have the extensions too, though their role is no superuser.
EXTENSIONS = "CREATE EXTENSION IF NOT EXISTS postgis; CREATE EXTENSION IF NOT EXISTS btree_gist;"
ROLE = f"SELECT 'CREATE ROLE {NAME} LOGIN CREATEDB' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{NAME}') \\gexec"
DATABASE = (
    f"SELECT 'CREATE DATABASE {NAME} OWNER {NAME}'"
    f" WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{NAME}') \\gexec"
)


@dataclass(frozen=True, slots=True)
class Cluster:
    """One cluster's folder (`data`, `log` and mostly `socket` lie in it) and the account that owns it."""

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
        """Return the lines of the running server's own record: process, folder, start, port, socket folder ..."""
        with contextlib.suppress(FileNotFoundError):
            return (self.data / "postmaster.pid").read_text().splitlines()
        return []

    def is_running(self) -> bool:
        """Tell whether the recorded process is alive and this server: it works in the data folder."""
        record = self.record()
        with contextlib.suppress(OSError):
            return bool(record) and Path(f"/proc/{int(record[0])}/cwd").readlink() == self.data.resolve()
        return False

    def url(self) -> str:
        """Return the running cluster's database as a DATABASE_URL."""
        return f"postgis://{NAME}@{quote(self.socket(), safe='')}/{NAME}"

    def socket(self) -> str:
        """Return the folder of the running server's socket."""
        return self.record()[4]

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
        """End the server: running statements are broken off and rolled back, nothing committed is lost."""
        if not self.is_running():
            return
        socket = Path(self.socket())
        console.run("Database stops", self._pg_ctl("stop", "--mode=fast"), **self._as_owner())
        if socket.parent != self.folder:
            shutil.rmtree(socket, ignore_errors=True)

    def _create(self) -> None:
        for folder in (self.folder, self.folder / "log", self.folder / "socket"):
            self._own(folder)
        if not (self.data / "PG_VERSION").exists():
            options = ["--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums", "--auth=peer", f"--username={ADMIN}"]
            command = [BIN / "initdb", *options, f"--pgdata={self.data}"]
            console.run("Database cluster", command, **self._as_owner())
        owner = self.owner.pw_name
        who = [f'{NAME} "root" {NAME}', f'{NAME} "{owner}" {NAME}', f'{NAME} "{owner}" {ADMIN}']
        (self.data / "pg_hba.conf").write_text(f"local all all peer map={NAME}\n")
        (self.data / "pg_ident.conf").write_text("\n".join([*who, ""]))

    def _furnish(self) -> None:
        for database, statements in (("template1", EXTENSIONS), (ADMIN, f"{ROLE}\n{DATABASE}")):
            connection = [f"--host={self.socket()}", f"--username={ADMIN}", f"--dbname={database}"]
            command = [BIN / "psql", "--no-psqlrc", "--set=ON_ERROR_STOP=1", *connection]
            said = console.ask(command, input=statements, **self._as_owner())
            if said.returncode:
                raise Problem(f"The database could not be prepared: {console.reason(said.stderr)}")
        self.furnished.touch()

    def _launch(self) -> None:
        settings = SETTINGS | {"unix_socket_directories": f'"{self._socket_folder()}"'}
        options = shlex.join(word for name, value in settings.items() for word in ("-c", f"{name}={value}"))
        command = self._pg_ctl("start", f"--log={self.log}", f"--timeout={START_S}", f"--options={options}")
        try:
            console.run("Database starts", command, **self._as_owner())
        except Problem as problem:
            fatal = re.findall(r"(?:FATAL|PANIC): +(.*)", self.log.read_text(errors="replace") if self.log.exists() else "")
            raise Problem(f"The database does not start: {fatal[-1]} ({self.log})") if fatal else problem from None

    def _socket_folder(self) -> Path:
        """Return a folder whose name is short and plain enough for a socket and for an address."""
        folder = self.folder / "socket"
        if len(os.fsencode(folder)) <= SOCKET_FOLDER_BYTES and re.fullmatch("[A-Za-z0-9_./-]+", str(folder)):
            return folder
        folder = Path(tempfile.mkdtemp(prefix="civicmap-", dir="/tmp"))
        self._own(folder)
        return folder

    def _forget_stale_record(self) -> None:
        """Remove the record of a server that a crash ended, when its number now belongs to another process.

        PostgreSQL clears it away itself while no process has that number, but would take a stranger for its server.
        """
        record = self.record()
        if record and Path(f"/proc/{record[0]}").exists():
            for stale in (self.data / "postmaster.pid", self.folder / "socket" / ".s.PGSQL.5432.lock"):
                stale.unlink(missing_ok=True)

    def _own(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(folder, self.owner.pw_uid, self.owner.pw_gid)

    def _pg_ctl(self, *arguments: str) -> list[str | Path]:
        return [BIN / "pg_ctl", f"--pgdata={self.data}", "--wait", *arguments]

    def _as_owner(self) -> console.Identity:
        if self.owner.pw_uid == os.geteuid():
            return {"cwd": "/"}
        return {"cwd": "/", "user": self.owner.pw_uid, "group": self.owner.pw_gid, "extra_groups": []}


@contextlib.contextmanager
def running() -> Iterator[Cluster]:
    """Have the cluster up for as long as the block lasts; the last of several users stops it."""
    cluster = locate()
    with contextlib.ExitStack() as stack:
        stack.enter_context(locks.used(VAR / "cluster.lock", last=cluster.stop, first=cluster.start))
        yield cluster


def locate() -> Cluster:
    """Return the checkout's cluster, made or still to be made.

    Raises:
        Problem: it belongs to another account, or there is no account that could own it.
    """
    folder = Path(MARKER.read_text().strip()) if MARKER.exists() else VAR / "pg"
    if folder.exists():
        return _existing(folder)
    owner = _new_owner()
    if not _can_enter(VAR, owner):
        folder = ELSEWHERE / f"civicmap-{secrets.token_hex(4)}"
        console.say(f"  The account {owner.pw_name} cannot enter {VAR}: the database goes to {folder}")
        MARKER.write_text(f"{folder}\n")
    return Cluster(folder, owner)


def _existing(folder: Path) -> Cluster:
    uid = folder.stat().st_uid
    try:
        owner = pwd.getpwuid(uid)
    except KeyError:
        raise Problem(f"{folder} belongs to account {uid}, which this machine does not have: chown it.") from None
    if os.geteuid() not in (0, uid):
        raise Problem(f"The database in {folder} belongs to {owner.pw_name}: start as root or as that account.")
    if not _can_enter(folder, owner):
        raise Problem(f"The account {owner.pw_name} cannot enter {folder} any more: open the folders above it (chmod o+x).")
    return Cluster(folder, owner)


def _new_owner() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(ADMIN) if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    except KeyError:
        raise Problem("PostgreSQL needs an account with a name: add one with 'adduser', then start from it.") from None


def _can_enter(folder: Path, owner: pwd.struct_passwd) -> bool:
    return not console.ask(["test", "-x", folder], **Cluster(folder, owner).as_owner()).returncode
