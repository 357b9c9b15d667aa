"""The virtual environment, filled from the hash-locked requirements and from nothing else."""

import shutil
from pathlib import Path

from deploy import console
from deploy.console import Problem
from deploy.places import LOCK, PYTHON, ROOT, TEST_LOCK, VENV, digest, is_stamped

DEBIAN_PYTHON = Path("/usr/bin/python3.11")


def provide(*, tests: bool) -> None:
    """Make the environment and install what the lock files ask, unless that is done."""
    if not _works():
        _make()
    _install(LOCK)
    if tests:
        _install(TEST_LOCK)


def _works() -> bool:
    """Tell whether Python 3.11 is here, made for this place (its scripts carry the path)."""
    if not PYTHON.exists():
        return False
    facts = "import pip, sys; print(sys.version_info[:2] == (3, 11), sys.prefix)"
    made_here = str(VENV) in (VENV / "bin" / "activate").read_text()
    return made_here and console.ask([PYTHON, "-c", facts]).stdout.strip() == f"True {VENV}"


def _make() -> None:
    python = DEBIAN_PYTHON if DEBIAN_PYTHON.exists() else shutil.which("python3.11")
    if python is None:
        raise Problem("Python 3.11 is missing: on Debian 12 run 'apt-get install python3' as root.")
    console.run("Python environment", [python, "-m", "venv", "--clear", VENV])


def _install(lock: Path) -> None:
    """Install one lock file, unless its stamp says that exactly this one was installed."""
    stamp = VENV / f"installed-{lock.parent.name if lock.parent != ROOT else 'app'}"
    fingerprint = digest([LOCK, lock])
    if is_stamped(stamp, fingerprint):
        return
    title = f"Python packages of {lock.relative_to(ROOT)}"
    pip = [
        "-m",
        "pip",
        "install",
        "--no-input",
        "--disable-pip-version-check",
        "--progress-bar=off",
    ]
    console.run(title, [PYTHON, *pip, "--require-hashes", "-r", lock])
    stamp.write_text(fingerprint)
