"""The private PostGIS cluster: reached by a unix socket alone, so it never meets a server on 5432.

PostgreSQL refuses to run as root, so root hands it to the account that Debian's package made. Who may enter is decided by
the kernel ("peer"): the account that starts CivicMap is the role `civicmap`; there is no password to keep or to lose.
"""

import contextlib
import fcntl
import os
import pwd
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from deploy import console
from deploy.console import Problem
from deploy.places import VAR

BIN = Path("/usr/lib/postgresql/15/bin")
NAME = "civicmap"
ADMIN = "postgres"
# sun_path holds 108 bytes with its closing zero; PostgreSQL appends the name of the socket.
SOCKET_BYTES = 107 - len("/.s.PGSQL.5432")
# Given on the command line, so that no configuration file can make an acknowledged report forgettable.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "logging_collector": "on",
    "log_directory": "../log",
    "log_filename": "postgresql-%a.log",
    "log_truncate_on_rotation": "on",
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """One cluster's folder (`data`, `log`, `socket` lie in it) and the account that owns it."""

    folder: Path
    owner: pwd.struct_passwd

    @property
    def data(self) -> Path:
        """The folder that initdb makes."""
        return self.folder / "data"

    @property
    def pid_file(self) -> Path:
        """PostgreSQL's own record of the running server."""
        return self.data / "postmaster.pid"

    def url(self) -> str:
        """Return the address of the running cluster's database, for DATABASE_URL."""
        socket = self.pid_file.read_text().splitlines()[4]
        return f"postgis://{NAME}@{quote(socket, safe='')}/{NAME}"

    def call(self, program: str, *args: str | Path) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs as the owner."""
        return console.ask([BIN / program, *args], cwd="/", **self._as_owner())

    def is_running(self) -> bool:
        """Tell whether the server that the record names is alive and is this cluster's."""
        try:
            pid = int(self.pid_file.read_text().split("\n", 1)[0])
            return Path(f"/proc/{pid}/cwd").resolve() == self.data.resolve() and os.path.exists(f"/proc/{pid}")
        except (FileNotFoundError, ValueError):
            return False

    def _as_owner(self) -> dict[str, object]:
        if self.owner.pw_uid == os.geteuid():
            return {}
        return {"user": self.owner.pw_uid, "group": self.owner.pw_gid, "extra_groups": []}
