"""The virtual environments, filled from the hash-locked requirements and from nothing else."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from deploy import console
from deploy.console import Problem
from deploy.places import (
    ANALYSIS_LOCK,
    BENCH_LOCK,
    BENCH_VENV,
    LOCK,
    ROOT,
    TEST_LOCK,
    VENV,
    digest,
    is_stamped,
)

DEBIAN_PYTHON = Path("/usr/bin/python3.11")


def provide(*, tests: bool) -> None:
    """Make the environment and install what the lock files ask, unless that is done."""
    _provide(VENV, [LOCK, TEST_LOCK] if tests else [LOCK])


def provide_analysis() -> None:
    """Add what analyses and GeoParquet need to the app's environment; nobody else waits for it."""
    _provide(VENV, [LOCK, ANALYSIS_LOCK])


def provide_bench() -> None:
    """Have what the app is only measured against in an environment of its own."""
    _provide(BENCH_VENV, [BENCH_LOCK])


def _provide(venv: Path, wanted: Sequence[Path]) -> None:
    if not _works(venv):
        _make(venv)
    for lock in wanted:
        _install(venv, lock)


def _works(venv: Path) -> bool:
    """Tell whether Python 3.11 is here, made for this place (its scripts carry the path)."""
    python = venv / "bin" / "python"
    if not python.exists():
        return False
    facts = "import pip, sys; print(sys.version_info[:2] == (3, 11), sys.prefix)"
    made_here = str(venv) in (venv / "bin" / "activate").read_text()
    return made_here and console.ask([python, "-c", facts]).stdout.strip() == f"True {venv}"


def _make(venv: Path) -> None:
    python = DEBIAN_PYTHON if DEBIAN_PYTHON.exists() else shutil.which("python3.11")
    if python is None:
        raise Problem("Python 3.11 is missing: on Debian 12 run 'apt-get install python3' as root.")
    console.run("Python environment", [python, "-m", "venv", "--clear", venv])


def _install(venv: Path, lock: Path) -> None:
    """Install one lock file, unless its stamp says that exactly this one was installed."""
    stamp = venv / f"installed-{_name(lock)}"
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
    console.run(title, [venv / "bin" / "python", *pip, "--require-hashes", "-r", lock])
    stamp.write_text(fingerprint)


def _name(lock: Path) -> str:
    """Name what a lock file is for."""
    if lock == LOCK:
        return "app"
    return lock.stem if lock.parent == ROOT else lock.parent.name
