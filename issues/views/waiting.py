"""Where a report waits now, for whom and until when, and who refused it: in plain words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from issues.models import Event, Issue
from issues.workflow import Status, Step

_WORDS: Final = {
    Status.SUBMITTED: gettext_lazy("Menunggu tim koordinator memilih dinas yang tepat"),
    Status.VERIFIED: gettext_lazy("Sudah diperiksa, menunggu diteruskan ke dinas"),
    Status.ASSIGNED: gettext_lazy("Menunggu jawaban pertama %(department)s"),
    Status.RESPONDED: gettext_lazy("Ditangani %(department)s"),
    Status.SCHEDULED: gettext_lazy("Sudah dijadwalkan %(department)s"),
    Status.IN_PROGRESS: gettext_lazy("Petugas %(department)s sedang mengerjakannya"),
    Status.NEEDS_INFO: gettext_lazy("Menunggu jawaban Anda"),
    Status.FORWARDED: gettext_lazy("Menunggu pihak luar kota, dikawal %(department)s"),
    Status.FIXED: gettext_lazy("Sudah dikerjakan, menunggu pemeriksaan hasil"),
    Status.RESOLVED: gettext_lazy("Selesai dikerjakan %(department)s"),
    Status.REJECTED: gettext_lazy("Ditutup oleh tim koordinator"),
    Status.DUPLICATE: gettext_lazy("Digabungkan dengan laporan yang sama"),
    Status.WITHDRAWN: gettext_lazy("Anda cabut"),
}
_HELD: Final = gettext_lazy("Menunggu pemeriksaan: petugas melihatnya dulu, lalu meneruskannya")
_TOLD: Final = (Step.REFUSE, Step.REJECT)
"""Steps with which somebody said no."""


@dataclass(frozen=True, slots=True)
class No:
    """That somebody refused: who, why, when."""

    who: str
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """Where a report waits.

    Attributes:
        where: one sentence, without a full stop.
        until: by when that must move; None where nothing is due.
        late: whether that has passed.
        refused: the last no; None where nobody said any, or somebody has taken it since.
        asks: whether the reporter has to say something.
        standstill: why the clock stands still; empty while it runs.
    """

    where: str
    until: datetime | None
    late: bool
    refused: No | None
    asks: bool
    standstill: str


def waiting(issue: Issue, refused: No | None) -> Waiting:
    """Say where one report waits."""
    department = issue.department.name if issue.department else _("tim koordinator")
    words = _HELD if issue.held and issue.is_open else _WORDS[issue.workflow_status]
    at_desk = issue.department is None and issue.status in {Status.SUBMITTED, Status.VERIFIED}
    until = issue.dispose_by if at_desk else issue.due_at
    asks = issue.status == Status.NEEDS_INFO
    stands = issue.department is None or issue.status == Status.REJECTED
    return Waiting(
        where=str(words) % {"department": department},
        until=until if issue.is_open and not asks and issue.paused_at is None else None,
        late=issue.is_overdue,
        refused=refused if stands else None,
        asks=asks,
        standstill=issue.standstill if issue.is_open else "",
    )


def refusals(issues: Iterable[Issue]) -> dict[int, No]:
    """Find the last no of each report, by its key; one query."""
    said = Event.objects.filter(issue__in=[issue.pk for issue in issues], step__in=_TOLD)
    said = said.exclude(note="")
    rows = said.select_related("department").order_by("issue", "-seq").distinct("issue")
    return {
        event.issue_id: No(
            who=event.department.name
            if event.step == Step.REFUSE and event.department
            else _("Tim koordinator"),
            why=event.note,
            at=event.at,
        )
        for event in rows
    }
