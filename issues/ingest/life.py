"""The history of a case as the workflow's own steps: the shortest legal way through its marks.

Pure. A source says what a case had reached and when; which steps lead there, the table says.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final

from issues.ingest.cases import Mark
from issues.workflow import TABLE, TRIAGE, Role, Status, Step, Target

ROLES: Final = (Role.DISPATCHER, Role.LIAISON, Role.REPORTER)
"""In whose name a step of the past is written, first choice first; whoever it was is not known."""

WALKED: Final = (
    Step.VERIFY,
    Step.ASSIGN,
    Step.ACCEPT,
    Step.RESPOND,
    Step.SCHEDULE,
    Step.START,
    Step.ASK,
    Step.FORWARD,
    Step.RECEIVE,
    Step.FIX,
    Step.VALIDATE,
    Step.RESOLVE,
    Step.REJECT,
    Step.WITHDRAW,
)
"""Steps that a history may be made of; of two ways equally short the earlier step counts."""


class Ownerless(Exception):
    """The history needs a department, and there is none."""


class NoWay(Exception):
    """The workflow does not lead from one status to the next."""


@dataclass(frozen=True, slots=True)
class Act:
    """One step of a history: what was done, where it led, in whose name, when."""

    step: Step
    status: Status
    role: Role
    at: datetime
    note: str


def acts(
    start: Status, marks: Sequence[Mark], *, received_at: datetime, has_department: bool
) -> Iterator[Act]:
    """Walk from a status through marks, by the workflow's steps.

    Args:
        start: where the case stands once received: submitted, or assigned (fast lane).
        marks: oldest first.
        received_at: when a department got it where no mark tells.
        has_department: whether somebody is responsible.

    Raises:
        Ownerless: a step needs a department.
        NoWay: the table has no way from one mark to the next.
    """
    at = start
    for mark in marks:
        # What its department had at once was never in the queue of the desk.
        if mark.status == at or (mark.status in TRIAGE and at not in TRIAGE):
            continue
        for step, status, role in way(at, mark.status):
            if step is Step.ASSIGN and not has_department:
                raise Ownerless(mark.status)
            is_last = status == mark.status
            yield Act(
                step,
                status,
                role,
                mark.at if is_last or step is not Step.ASSIGN else received_at,
                mark.note if is_last else "",
            )
        at = mark.status


@cache
def way(start: Status, end: Status) -> tuple[tuple[Step, Status, Role], ...]:
    """Find the shortest way between two statuses: step, where it leads, in whose name.

    Raises:
        NoWay: there is none.
    """
    queue: deque[tuple[Status, tuple[tuple[Step, Status, Role], ...]]] = deque([(start, ())])
    seen = {start}
    while queue:
        here, path = queue.popleft()
        if here == end:
            return path
        for step, status, role in _from(here):
            if status not in seen:
                seen.add(status)
                queue.append((status, (*path, (step, status, role))))
    raise NoWay(start, end)


def _from(status: Status) -> Iterator[tuple[Step, Status, Role]]:
    """Yield the steps that lead elsewhere."""
    for step in WALKED:
        cell = TABLE.get((status, step))
        if cell is not None and not isinstance(cell.target, Target):
            yield step, Status(cell.target), next(role for role in ROLES if role in cell.roles)
