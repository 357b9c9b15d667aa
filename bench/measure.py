"""Two sides measured fairly: in turn, by medians, in CPU of this process and its backend."""

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import ge, le
from pathlib import Path
from statistics import median
from typing import Final, Literal

from django.db import connection

ROOT: Final = Path(__file__).resolve().parent.parent
TOOLS: Final = ROOT / ".venv-bench" / "bin"
"""Programs that are only measured against (`bench/requirements.in`), apart from the app's own."""
TICKS: Final = os.sysconf("SC_CLK_TCK")
_SENSES: Final = {"<=": le, ">=": ge}


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured: how many issues, and which rows (none named: all)."""

    issues: int
    rows: frozenset[str] = frozenset()

    def wants(self, *ids: str) -> bool:
        """Whether any of these rows is asked for."""
        return not self.rows or not self.rows.isdisjoint(ids)


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the bench.

    Attributes:
        id: row of the list of benchmarks, B1 to B20.
        name: what is measured against what.
        ours: what the product takes, in `unit`.
        floor: what the least that any solution must do takes; None where there is no such thing.
        unit: of both; `ms` are CPU milliseconds a call.
        ratio: what is judged.
        target: what the ratio must keep; None where it is only stated.
        sense: on which side of the target the ratio must lie.
        note: what a reader must know: the data, the honest reason of a miss.
    """

    id: str
    name: str
    ours: float
    floor: float | None
    unit: str
    ratio: float
    target: float | None
    sense: Literal["<=", ">="] = "<="
    note: str = ""

    @property
    def met(self) -> bool:
        """Whether the target is kept; what is only stated is."""
        return self.target is None or _SENSES[self.sense](self.ratio, self.target)

    def __str__(self) -> str:
        floor = "" if self.floor is None else f"{self.floor:.4g}"
        target = "stated" if self.target is None else f"{self.sense} {self.target:g}"
        verdict = "ok" if self.met else "MISSED"
        line = (
            f"{self.id:<4} {self.name:<46} {self.ours:>10.4g} {floor:>10} {self.unit:<5}"
            f" {self.ratio:>8.3g} {target:>9}  {verdict}"
        )
        return f"{line}\n     {self.note}" if self.note else line


HEADER: Final = (
    f"{'row':<4} {'ours : floor':<46} {'ours':>10} {'floor':>10} {'unit':<5}"
    f" {'ratio':>8} {'target':>9}  verdict"
)


def compare(
    ours: Callable[[], object],
    floor: Callable[[], object],
    *,
    rounds: int = 15,
    calls: int = 40,
    pids: Iterable[int] = (),
) -> tuple[float, float]:
    """Measure two callables in turn.

    Args:
        ours: one call of the product's own path.
        floor: one call of the least that any solution must do.
        rounds: how often the two take turns.
        calls: calls of each side in a round.
        pids: processes that work for both sides beside this one and its backend, such as a server.

    Returns:
        Median CPU milliseconds a call of ours and of the floor.
    """
    pids = tuple(pids)
    cpu_ms(ours, calls, pids=pids)
    cpu_ms(floor, calls, pids=pids)
    pairs = [
        (cpu_ms(ours, calls, pids=pids), cpu_ms(floor, calls, pids=pids))
        for _round in range(rounds)
    ]
    return median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)


def versus(
    id: str,  # noqa: A002 - the word of the contract
    name: str,
    ours: Callable[[], object],
    floor: Callable[[], object],
    *,
    target: float | None,
    sense: Literal["<=", ">="] = "<=",
    note: str = "",
    rounds: int = 15,
    calls: int = 40,
    pids: Iterable[int] = (),
) -> Result:
    """Measure two callables in turn and judge ours ÷ floor, or with `>=` floor ÷ ours."""
    mine, least = compare(ours, floor, rounds=rounds, calls=calls, pids=pids)
    ratio = mine / least if sense == "<=" else least / mine
    return Result(id, name, mine, least, "ms", ratio, target, sense, note)


def cpu_ms(call: Callable[[], object], calls: int = 1, *, pids: Iterable[int] = ()) -> float:
    """CPU milliseconds a call, of this process, of its database backend and of `pids`."""
    pids = tuple(pids)
    before = spent_s(*pids)
    for _call in range(calls):
        call()
    return (spent_s(*pids) - before) / calls * 1000


def spent_s(*pids: int) -> float:
    """CPU seconds so far of this process, of the backend of its connection and of `pids`."""
    connection.ensure_connection()
    others = (connection.connection.info.backend_pid, *pids)
    return time.process_time() + sum(process_s(pid) for pid in others)


def process_s(pid: int) -> float:
    """CPU seconds of another process with its threads; 0 where it is gone or on another machine."""
    folder = Path(f"/proc/{pid}")
    try:
        tasks = [task / "schedstat" for task in (folder / "task").iterdir()]
        # nanoseconds; `stat` counts in hundredths of a second only
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9
    except (FileNotFoundError, ProcessLookupError, IndexError):
        return _ticks_s(folder / "stat")


def _ticks_s(stat: Path) -> float:
    try:
        user, system = stat.read_text().rpartition(")")[2].split()[11:13]
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return (int(user) + int(system)) / TICKS
