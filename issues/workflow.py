"""The life of an issue as one table, which buttons, API, checks and tests read. Pure.

Source: DOMAIN section 3 (PRO Denpasar's and SP4N-LAPOR's words).
"""

from collections.abc import Collection, Container, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _

from issues.errors import StepNotAllowed


class Status(TextChoices):
    """Where an issue stands, inside."""

    SUBMITTED = "submitted", _("Diterima")
    VERIFIED = "verified", _("Terverifikasi")
    ASSIGNED = "assigned", _("Didisposisikan")
    RESPONDED = "responded", _("Respon awal")
    SCHEDULED = "scheduled", _("Dijadwalkan")
    IN_PROGRESS = "in_progress", _("Tindak lanjut lapangan")
    NEEDS_INFO = "needs_info", _("Menunggu pelapor")
    FORWARDED = "forwarded", _("Diteruskan ke instansi lain")
    FIXED = "fixed", _("Selesai dikerjakan, menunggu validasi")
    RESOLVED = "resolved", _("Selesai")
    REJECTED = "rejected", _("Ditolak / bukan kewenangan")
    DUPLICATE = "duplicate", _("Duplikat")
    WITHDRAWN = "withdrawn", _("Dicabut pelapor")


class Layer(IntegerChoices):
    """Where an issue stands, in public; the order is the order of progress."""

    WAITING = 0, _("Belum ditindaklanjuti")
    RESPONSE = 1, _("Respon awal")
    FIELD = 2, _("Tindak lanjut lapangan")
    DONE = 3, _("Selesai")
    CLOSED = 4, _("Ditutup")

    @property
    def slug(self) -> str:
        """Name of the layer in addresses, styles and the wire."""
        return _LAYER_SLUGS[self]


_LAYER_SLUGS: Final = {
    Layer.WAITING: "belum",
    Layer.RESPONSE: "respon",
    Layer.FIELD: "lapangan",
    Layer.DONE: "selesai",
    Layer.CLOSED: "ditutup",
}
LAYER_BY_SLUG: Final = {slug: layer for layer, slug in _LAYER_SLUGS.items()}

LAYER: Final[dict[Status, Layer | None]] = {
    Status.SUBMITTED: Layer.WAITING,
    Status.VERIFIED: Layer.WAITING,
    Status.ASSIGNED: Layer.WAITING,
    Status.RESPONDED: Layer.RESPONSE,
    Status.SCHEDULED: Layer.RESPONSE,
    Status.NEEDS_INFO: Layer.RESPONSE,
    Status.FORWARDED: Layer.RESPONSE,
    Status.IN_PROGRESS: Layer.FIELD,
    Status.FIXED: Layer.FIELD,
    Status.RESOLVED: Layer.DONE,
    Status.REJECTED: Layer.CLOSED,
    Status.WITHDRAWN: Layer.CLOSED,
    Status.DUPLICATE: None,
}
"""Public layer of each status; a duplicate has none, its page points to the original."""

CLOSED: Final = frozenset({Status.RESOLVED, Status.REJECTED, Status.DUPLICATE, Status.WITHDRAWN})
OPEN: Final = frozenset(Status) - CLOSED
TRIAGE: Final = frozenset({Status.SUBMITTED, Status.VERIFIED})
"""Open without a department: somebody must decide."""
HANDED_ON: Final = tuple(status for status in Status if status in OPEN - TRIAGE)
"""Open and past triage; a tuple, because an index keeps its order."""
OWNERLESS: Final = tuple(
    status
    for status in Status
    if status in TRIAGE | {Status.NEEDS_INFO} | CLOSED - {Status.RESOLVED}
)
"""Where an issue may be without a department; a tuple, because a constraint keeps its order."""


class Stage(TextChoices):
    """Where an open issue waits, and so for whom; the order is that of the way."""

    VERIFICATION = "verification", _("verifikasi")
    DISPOSITION = "disposition", _("disposisi")
    DEPARTMENT = "department", _("dinas")
    FIELD = "field", _("lapangan")
    VALIDATION = "validation", _("validasi")
    CITIZEN = "citizen", _("pelapor")


STAGE: Final[dict[Status, Stage]] = {
    Status.SUBMITTED: Stage.VERIFICATION,
    Status.VERIFIED: Stage.DISPOSITION,
    Status.ASSIGNED: Stage.DEPARTMENT,
    Status.RESPONDED: Stage.DEPARTMENT,
    Status.SCHEDULED: Stage.DEPARTMENT,
    Status.FORWARDED: Stage.DEPARTMENT,
    Status.IN_PROGRESS: Stage.FIELD,
    Status.FIXED: Stage.VALIDATION,
    Status.NEEDS_INFO: Stage.CITIZEN,
}
"""Where each open status waits."""


class Step(TextChoices):
    """What is done to an issue."""

    SUBMIT = "submit", _("Laporan diterima")
    REVIEW = "review", _("Tinjau teks dan foto")
    VERIFY = "verify", _("Verifikasi")
    ASSIGN = "assign", _("Disposisikan")
    ACCEPT = "accept", _("Terima")
    REFUSE = "refuse", _("Bukan wewenang kami")
    RESPOND = "respond", _("Beri respon awal")
    SCHEDULE = "schedule", _("Jadwalkan")
    START = "start", _("Kerjakan")
    ASK = "ask", _("Tanya pelapor")
    ANSWER = "answer", _("Jawab pertanyaan")
    FORWARD = "forward", _("Minta pihak luar kota")
    RECEIVE = "receive", _("Catat jawaban instansi")
    FIX = "fix", _("Selesai dikerjakan")
    VALIDATE = "validate", _("Validasi perbaikan")
    RESOLVE = "resolve", _("Selesai")
    REJECT = "reject", _("Tolak")
    MERGE = "merge", _("Gabungkan sebagai duplikat")
    UNMERGE = "unmerge", _("Batalkan penggabungan")
    REROUTE = "reroute", _("Alihkan ke dinas lain")
    WITHDRAW = "withdraw", _("Cabut laporan")
    REOPEN = "reopen", _("Buka kembali")
    HIDE = "hide", _("Sembunyikan dari publik")
    UNHIDE = "unhide", _("Tampilkan lagi")
    COMMENT = "comment", _("Tanggapan publik")
    NOTE = "note", _("Catatan internal")
    ATTACH = "attach", _("Tambah foto")
    CLASSIFY = "classify", _("Ubah jenis")
    ADD = "add", _("Tambahan dari pelapor")
    CORRECT = "correct", _("Kontak diperbaiki")
    RATE = "rate", _("Penilaian pelapor")
    SPLIT = "split", _("Bagi ke beberapa dinas")
    DELEGATE = "delegate", _("Tugaskan")
    TRAVEL = "travel", _("Menuju lokasi")
    NOT_FOUND = "not_found", _("Tidak ditemukan")
    HELP = "help", _("Perlu bantuan")
    WRITE = "write", _("Tulis kepada pelapor")
    UNDO = "undo", _("Batalkan langkah terakhir")
    PAUSE = "pause", _("Hentikan jam")
    RESUME = "resume", _("Jalankan jam lagi")
    RECLOCK = "reclock", _("Tenggat dihitung ulang")
    REMIND = "remind", _("Pengingat tenggat")
    ESCALATE = "escalate", _("Naik ke atasan")
    CONFIDE = "confide", _("Jadikan rahasia")
    DISCLOSE = "disclose", _("Cabut kerahasiaan")
    FLAG = "flag", _("Ditandai")
    UNFLAG = "unflag", _("Tanda diperiksa")


INTERNAL: Final = frozenset(
    {
        Step.REVIEW,
        Step.HIDE,
        Step.UNHIDE,
        Step.NOTE,
        Step.ATTACH,
        Step.CLASSIFY,
        Step.CORRECT,
        Step.RATE,
        Step.DELEGATE,
        Step.TRAVEL,
        Step.NOT_FOUND,
        Step.HELP,
        Step.WRITE,
        Step.UNDO,
        Step.RECLOCK,
        Step.REMIND,
        Step.ESCALATE,
        Step.CONFIDE,
        Step.DISCLOSE,
        Step.FLAG,
        Step.UNFLAG,
    }
)
"""Steps that the public timeline does not tell."""

PUBLIC_NOTES: Final = frozenset(
    {
        Step.REFUSE,
        Step.RESPOND,
        Step.SCHEDULE,
        Step.FORWARD,
        Step.RECEIVE,
        Step.FIX,
        Step.RESOLVE,
        Step.REJECT,
        Step.REROUTE,
        Step.COMMENT,
        Step.SPLIT,
        Step.PAUSE,
    }
)
"""Steps whose note everybody may read; all other notes are for staff or the reporter."""

REPORTER_NOTES: Final = PUBLIC_NOTES | {
    Step.ASK,
    Step.ANSWER,
    Step.REOPEN,
    Step.WITHDRAW,
    Step.ADD,
    Step.WRITE,
}
"""Steps whose note the reporter may read."""

TOLD_REPORTER: Final = frozenset(Step) - INTERNAL | {Step.WRITE}
"""Steps that the reporter's own timeline tells: what the public hears, and what is for them."""


ON_THEIR_OWN: Final = frozenset(
    {
        Step.SUBMIT,
        Step.REVIEW,
        Step.ATTACH,
        Step.CLASSIFY,
        Step.CORRECT,
        Step.RATE,
        Step.SPLIT,
        Step.DELEGATE,
        Step.UNDO,
        Step.RECLOCK,
        Step.REMIND,
        Step.ESCALATE,
        Step.FLAG,
        Step.UNFLAG,
    }
)
"""Steps that carry more than words and so have actions of their own."""


OF_THE_WHOLE: Final = frozenset(
    {
        Step.ASK,
        Step.CLASSIFY,
        Step.CONFIDE,
        Step.DISCLOSE,
        Step.HIDE,
        Step.MERGE,
        Step.SPLIT,
        Step.UNHIDE,
    }
)
"""Steps that are not taken on one department's part of an issue."""

OF_PARTS: Final = frozenset(
    {
        Step.ACCEPT,
        Step.CLASSIFY,
        Step.DELEGATE,
        Step.FIX,
        Step.FORWARD,
        Step.REFUSE,
        Step.REROUTE,
        Step.RESOLVE,
        Step.SPLIT,
        Step.START,
    }
)
"""Steps that wait while departments still work on their parts of an issue."""


class Role(TextChoices):
    """In which capacity a person acts on an issue."""

    REPORTER = "reporter", _("pelapor")
    DISPATCHER = "dispatcher", _("admin koordinator")
    LIAISON = "liaison", _("admin penghubung")
    CREW = "crew", _("petugas lapangan")
    LEADER = "leader", _("pimpinan")
    ADMINISTRATOR = "administrator", _("administrator")
    SYSTEM = "system", _("sistem")


class Duty(StrEnum):
    """What a step demands from whoever takes it."""

    NOTE = "note"
    REASON = "reason"
    DEPARTMENT = "department"
    ORIGINAL = "original"
    PROOF = "proof"
    """An *after* photo, or a note why there is none."""


class Target(StrEnum):
    """Where a step leads when that is not a status of its own."""

    UNCHANGED = "unchanged"
    PREVIOUS = "previous"
    TAKEN_BACK = "taken_back"
    """Where it stood before the step that is taken back; the action knows which that is."""
    ROUTED = "routed"
    """`assigned` with a department, `submitted` (triage) without."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One cell of the table: where the step leads, who may take it, what it demands."""

    target: Status | Target
    roles: frozenset[Role]
    duties: frozenset[Duty] = frozenset()


def _rule(target: Status | Target, roles: Iterable[Role], *duties: Duty) -> Rule:
    return Rule(target, frozenset(roles), frozenset(duties))


_DESK: Final = (Role.DISPATCHER,)
_OFFICE: Final = (Role.DISPATCHER, Role.LIAISON)
_FIELD: Final = (Role.LIAISON, Role.CREW)
_STAFF: Final = (Role.DISPATCHER, Role.LIAISON, Role.CREW)
_UNASSIGNED: Final = (Status.SUBMITTED, Status.VERIFIED)
_AT_DEPARTMENT: Final = (Status.ASSIGNED, Status.RESPONDED, Status.SCHEDULED, Status.IN_PROGRESS)
_REPAIRABLE: Final = (*_AT_DEPARTMENT, Status.FORWARDED)
_ASKABLE: Final = (*_UNASSIGNED, *_AT_DEPARTMENT)
_TO_DO: Final = (Status.ASSIGNED, Status.RESPONDED, Status.SCHEDULED)
_UNDOABLE: Final = (*_AT_DEPARTMENT, Status.FIXED, Status.RESOLVED)

_STEPS: Final[tuple[tuple[Step, Container[Status], Rule], ...]] = (
    (Step.REVIEW, Status, _rule(Target.UNCHANGED, _DESK)),
    (Step.VERIFY, (Status.SUBMITTED,), _rule(Status.VERIFIED, _DESK)),
    (Step.ASSIGN, _UNASSIGNED, _rule(Status.ASSIGNED, (*_DESK, Role.SYSTEM), Duty.DEPARTMENT)),
    (Step.ACCEPT, (Status.ASSIGNED,), _rule(Status.RESPONDED, _FIELD)),
    (Step.REFUSE, _AT_DEPARTMENT, _rule(Status.SUBMITTED, (Role.LIAISON,), Duty.REASON)),
    (
        Step.RESPOND,
        (Status.ASSIGNED, Status.RESPONDED),
        _rule(Status.RESPONDED, _OFFICE, Duty.NOTE),
    ),
    (
        Step.SCHEDULE,
        (Status.ASSIGNED, Status.RESPONDED, Status.SCHEDULED),
        _rule(Status.SCHEDULED, (Role.LIAISON,), Duty.NOTE),
    ),
    (
        Step.START,
        (Status.ASSIGNED, Status.RESPONDED, Status.SCHEDULED),
        # The system's, where the first of several departments has begun with its part.
        _rule(Status.IN_PROGRESS, (*_FIELD, Role.SYSTEM)),
    ),
    (Step.ASK, _ASKABLE, _rule(Status.NEEDS_INFO, _OFFICE, Duty.NOTE)),
    (
        Step.ANSWER,
        (Status.NEEDS_INFO,),
        _rule(Target.PREVIOUS, (Role.REPORTER, Role.DISPATCHER), Duty.NOTE),
    ),
    (Step.FORWARD, _AT_DEPARTMENT, _rule(Status.FORWARDED, _OFFICE, Duty.NOTE)),
    (Step.RECEIVE, (Status.FORWARDED,), _rule(Status.RESPONDED, _OFFICE, Duty.NOTE)),
    (Step.FIX, _REPAIRABLE, _rule(Status.FIXED, _FIELD, Duty.PROOF)),
    (Step.VALIDATE, (Status.FIXED,), _rule(Status.RESOLVED, _OFFICE)),
    # "Is it really fixed?": the reporter's yes. It changes nothing, and is remembered.
    (Step.VALIDATE, (Status.RESOLVED,), _rule(Target.UNCHANGED, (Role.REPORTER,))),
    # The system's, where the last of several departments has done its part.
    (Step.RESOLVE, _REPAIRABLE, _rule(Status.RESOLVED, (*_FIELD, Role.SYSTEM), Duty.PROOF)),
    (
        Step.REJECT,
        (*_UNASSIGNED, Status.ASSIGNED),
        _rule(Status.REJECTED, _DESK, Duty.REASON),
    ),
    # The system's, where a question has stayed without an answer for too long.
    (
        Step.REJECT,
        (Status.NEEDS_INFO,),
        _rule(Status.REJECTED, (*_DESK, Role.SYSTEM), Duty.REASON),
    ),
    (Step.MERGE, OPEN, _rule(Status.DUPLICATE, _DESK, Duty.ORIGINAL)),
    (Step.UNMERGE, (Status.DUPLICATE,), _rule(Target.PREVIOUS, _DESK, Duty.REASON)),
    (Step.REROUTE, OPEN, _rule(Target.ROUTED, (*_DESK, Role.SYSTEM), Duty.REASON)),
    (Step.WITHDRAW, OPEN, _rule(Status.WITHDRAWN, (Role.REPORTER,))),
    (
        Step.REOPEN,
        (Status.RESOLVED, Status.REJECTED, Status.WITHDRAWN),
        _rule(Target.ROUTED, (Role.REPORTER, Role.DISPATCHER, Role.SYSTEM), Duty.REASON),
    ),
    # The second person's no; the system's, where the only proof was no picture.
    (Step.REOPEN, (Status.FIXED,), _rule(Target.ROUTED, (*_OFFICE, Role.SYSTEM), Duty.REASON)),
    (Step.HIDE, Status, _rule(Target.UNCHANGED, _DESK, Duty.REASON)),
    (Step.UNHIDE, Status, _rule(Target.UNCHANGED, _DESK, Duty.REASON)),
    (Step.COMMENT, Status, _rule(Target.UNCHANGED, _OFFICE, Duty.NOTE)),
    (Step.NOTE, Status, _rule(Target.UNCHANGED, _STAFF, Duty.NOTE)),
    (Step.ATTACH, Status, _rule(Target.UNCHANGED, (*_STAFF, Role.REPORTER))),
    # Another kind has another department: only where nobody has begun.
    (Step.CLASSIFY, (*_UNASSIGNED, Status.ASSIGNED), _rule(Target.ROUTED, _DESK)),
    (Step.ADD, OPEN, _rule(Target.UNCHANGED, (Role.REPORTER,), Duty.NOTE)),
    (Step.CORRECT, Status, _rule(Target.UNCHANGED, (Role.REPORTER,))),
    (Step.RATE, (Status.RESOLVED,), _rule(Target.UNCHANGED, (Role.REPORTER,))),
    # The parent stays with the department that directs; its parts are issues of their own.
    (Step.SPLIT, (*_UNASSIGNED, *_AT_DEPARTMENT), _rule(Target.ROUTED, _DESK)),
    (Step.DELEGATE, _REPAIRABLE, _rule(Target.UNCHANGED, (Role.LIAISON,))),
    (Step.TRAVEL, _TO_DO, _rule(Target.UNCHANGED, (Role.CREW,))),
    (Step.NOT_FOUND, _AT_DEPARTMENT, _rule(Status.RESPONDED, (Role.CREW,), Duty.NOTE)),
    (Step.HELP, _AT_DEPARTMENT, _rule(Target.UNCHANGED, (Role.CREW,), Duty.NOTE)),
    # A counter-event within seconds; the action knows which steps can be taken back.
    (Step.UNDO, _UNDOABLE, _rule(Target.TAKEN_BACK, (Role.CREW,))),
    # Without a name and without a call: the answer comes as an addition of the reporter.
    (Step.WRITE, _REPAIRABLE, _rule(Target.UNCHANGED, (Role.CREW,), Duty.NOTE)),
    (Step.PAUSE, _REPAIRABLE, _rule(Target.UNCHANGED, _OFFICE, Duty.REASON)),
    (Step.RESUME, _REPAIRABLE, _rule(Target.UNCHANGED, (*_OFFICE, Role.SYSTEM))),
    (Step.RECLOCK, OPEN, _rule(Target.UNCHANGED, (Role.SYSTEM,))),
    (Step.REMIND, OPEN, _rule(Target.UNCHANGED, (Role.SYSTEM,))),
    (Step.ESCALATE, OPEN, _rule(Target.UNCHANGED, (Role.SYSTEM,))),
    (Step.CONFIDE, Status, _rule(Target.UNCHANGED, (*_OFFICE, Role.SYSTEM), Duty.REASON)),
    # Narrowed by one person, widened by another: `permissions` asks who narrowed it.
    (
        Step.DISCLOSE,
        Status,
        _rule(Target.UNCHANGED, (*_DESK, Role.SYSTEM), Duty.REASON),
    ),
    (Step.FLAG, Status, _rule(Target.UNCHANGED, (Role.SYSTEM, Role.CREW))),
    (Step.UNFLAG, Status, _rule(Target.UNCHANGED, _OFFICE)),
)

TABLE: Final[dict[tuple[Status, Step], Rule]] = {
    (status, step): rule
    for step, statuses, rule in _STEPS
    for status in Status
    if status in statuses
}
"""(status, step) → what happens; what is not here cannot be done. `SUBMIT` stands in no cell."""


def rule(status: Status, step: Step) -> Rule:
    """Look up what a step does at a status.

    Raises:
        StepNotAllowed: the table has no such cell.
    """
    try:
        return TABLE[status, step]
    except KeyError:
        raise StepNotAllowed(status, step) from None


def steps(status: Status, roles: Collection[Role], *, validation: bool = False) -> tuple[Step, ...]:
    """List the steps that somebody in `roles` may take at `status`, in the order of `Step`.

    Args:
        status: where the issue stands.
        roles: every role in which the person stands to the issue.
        validation: whether repairs need a second person; then `fix` replaces `resolve`.
    """
    hidden = Step.RESOLVE if validation else Step.FIX
    return tuple(
        step
        for step in Step
        if step is not hidden and (cell := TABLE.get((status, step))) and cell.roles & set(roles)
    )


def before(path: Sequence[Status]) -> Status | None:
    """Find where an issue stood before its present status; None when it has always stood there.

    A time as a duplicate is no place to go back to: unmerging has restored what was before it.

    Args:
        path: every status so far, oldest first; the last is the present one.
    """
    passed = {path[-1], Status.DUPLICATE}
    return next((status for status in reversed(path) if status not in passed), None)


def target(cell: Rule, *, status: Status, previous: Status | None, has_department: bool) -> Status:
    """Resolve where a step leads.

    Args:
        cell: the rule of the step.
        status: where the issue stands now.
        previous: where it stood before, as `before` finds it.
        has_department: whether the issue has a department after the step.
    """
    match cell.target:
        case Target.UNCHANGED:
            return status
        case Target.PREVIOUS | Target.TAKEN_BACK:
            return previous or Status.SUBMITTED
        case Target.ROUTED:
            return Status.ASSIGNED if has_department else Status.SUBMITTED
    return cell.target
