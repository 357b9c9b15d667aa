"""The machine: which system this is, and the Debian packages that CivicMap needs."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from deploy import console
from deploy.console import Problem
from deploy.places import ROOT

BUILD = ("gcc", "libpq-dev", "python3-dev", "python3-venv", "gettext")
GEO = ("libgdal32", "libgeos-c1v5", "libproj25")
PAPER = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-dejavu-core")
SERVER = ("postgresql-15", "postgresql-15-postgis-3")
BROWSER = ("chromium-headless-shell",)
OS_RELEASE = Path("/etc/os-release")


def provide(*, server: bool, tests: bool) -> None:
    """Install the Debian packages that are missing, and only those.

    Raises:
        Problem: not Debian 12, nobody here may install, or the package server cannot be reached.
    """
    lacking = missing(wanted(server=server, tests=tests))
    if not lacking:
        return
    if not is_debian_12():
        raise Problem(f"This is not Debian 12; install what corresponds to: {' '.join(lacking)}")
    script = ROOT / "deploy" / "packages.sh"
    console.say(f"  Missing here: {' '.join(lacking)}")
    console.run("System packages", [*_as_root(lacking), "sh", script, *lacking])


def wanted(*, server: bool, tests: bool) -> list[str]:
    """Return the packages that this kind of start needs."""
    packages = [*BUILD, *GEO, *PAPER]
    if server:
        packages += SERVER
    if tests:
        packages += BROWSER
        # Any Node will do, also one that does not come from Debian.
        packages += [] if shutil.which("node") else ["nodejs"]
    return packages


def missing(packages: Sequence[str]) -> list[str]:
    """Return those of the packages that dpkg does not list as installed."""
    if not shutil.which("dpkg-query"):
        return list(packages)
    fields = "--showformat=${Package} ${db:Status-Status}\n"
    listing = console.ask(["dpkg-query", "--show", fields, *packages]).stdout.splitlines()
    installed = {line.split()[0] for line in listing if line.endswith(" installed")}
    return [package for package in packages if package not in installed]


def is_debian_12(os_release: Path = OS_RELEASE) -> bool:
    """Tell whether this is the system that the package names are meant for."""
    try:
        lines = os_release.read_text().splitlines()
    except FileNotFoundError:
        return False
    facts = dict(line.replace('"', "").split("=", 1) for line in lines if "=" in line)
    return (facts.get("ID"), facts.get("VERSION_ID")) == ("debian", "12")


def _as_root(lacking: Sequence[str]) -> list[str]:
    if os.geteuid() == 0:
        return []
    by_hand = f"as root: apt-get install --no-install-recommends {' '.join(lacking)}"
    if not shutil.which("sudo"):
        raise Problem(f"System packages are missing and there is no sudo; run {by_hand}")
    # The password is asked for here, where the question can be seen.
    if console.ask(["sudo", "-n", "true"]).returncode and not _sudo_with_password():
        raise Problem(f"System packages are missing and sudo refuses; run {by_hand}")
    return ["sudo"]


def _sudo_with_password() -> bool:
    return os.isatty(0) and os.system("sudo -v") == 0  # noqa: S605, S607 - the person's own sudo, on their terminal
