"""Two sides measured fairly: in turn, by medians, in CPU of this process and its backend."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from django.db import connection

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Result:
    """One comparison: medians in milliseconds of CPU a call, and the ratio that is judged."""

    name: str
    ours_ms: float
    floor_ms: float
    target: float

    @property
    def ratio(self) -> float:
        """How many times the floor ours costs."""
        return self.ours_ms / self.floor_ms

    def __str__(self) -> str:
        verdict = "ok" if self.ratio <= self.target else "FAIL"
        return (
            f"{self.name:<34} {self.ours_ms:8.3f} ms {self.floor_ms:8.3f} ms"
            f"  ratio {self.ratio:6.2f}  target <= {self.target:<5g} {verdict}"
        )


def compare(
    name: str,
    ours: Callable[[], object],
    floor: Callable[[], object],
    *,
    target: float,
    rounds: int = 15,
    calls: int = 40,
) -> Result:
    """Measure two callables in turn.

    Args:
        name: what is measured against what.
        ours: one call of the product's own path.
        floor: one call of the least that any solution must do.
        target: the ratio that must not be passed.
        rounds: how often the two take turns; the median counts.
        calls: calls of each side in a round.
    """
    _cpu_ms(ours, calls)
    _cpu_ms(floor, calls)
    pairs = [(_cpu_ms(ours, calls), _cpu_ms(floor, calls)) for _round in range(rounds)]
    return Result(
        name, median(pair[0] for pair in pairs), median(pair[1] for pair in pairs), target
    )


def _cpu_ms(call: Callable[[], object], calls: int) -> float:
    """CPU milliseconds a call, of this process and of its database backend."""
    before = time.process_time() + _backend_s()
    for _call in range(calls):
        call()
    return (time.process_time() + _backend_s() - before) / calls * 1000


def _backend_s() -> float:
    """CPU seconds of the backend that serves this connection; 0 where it is on another machine."""
    connection.ensure_connection()
    stat = Path(f"/proc/{connection.connection.info.backend_pid}/stat")
    if not stat.exists():
        return 0.0
    user, system = stat.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / TICKS
