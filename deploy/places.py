"""Where things lie in the checkout."""

import contextlib
import hashlib
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
LOGS = VAR / "log"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.txt"
ANALYSIS_LOCK = ROOT / "requirements-analysis.txt"
TEST_LOCK = ROOT / "tests" / "requirements.txt"
BENCH_VENV = ROOT / ".venv-bench"
BENCH_LOCK = ROOT / "bench" / "requirements.txt"


def digest(files: Iterable[Path], *facts: str) -> str:
    """Return a fingerprint of files (their names and bytes) and of facts beside them."""
    total = hashlib.sha256("\0".join(facts).encode())
    for file in sorted(files):
        total.update(f"\0{file.relative_to(ROOT)}\0".encode())
        total.update(file.read_bytes())
    return total.hexdigest()


def is_stamped(stamp: Path, fingerprint: str) -> bool:
    """Tell whether the step that leaves this stamp was finished for this fingerprint."""
    with contextlib.suppress(FileNotFoundError):
        return stamp.read_text() == fingerprint
    return False
