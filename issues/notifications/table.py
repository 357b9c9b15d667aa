"""What is told to whom: one table from a step to its letters, and the sentence of each.

Jobs and fsck read this table; the letters themselves stand in `personal` and `followers`.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from issues.models import Event
from issues.workflow import Role, Step

RECEIPT: Final = "receipt"
REPORTER: Final = "tell_reporter"
OFFICE: Final = "tell_office"
FOLLOWERS: Final = "tell_followers"

_PERSONAL: Final[Mapping[Step, tuple[str, ...]]] = {
    Step.SUBMIT: (RECEIPT, OFFICE),
    Step.VERIFY: (REPORTER,),
    Step.ASSIGN: (OFFICE, REPORTER),
    Step.ACCEPT: (REPORTER,),
    Step.REFUSE: (OFFICE, REPORTER),
    Step.RESPOND: (REPORTER,),
    Step.SCHEDULE: (REPORTER,),
    Step.START: (REPORTER,),
    Step.ASK: (REPORTER,),
    Step.ANSWER: (OFFICE,),
    Step.FORWARD: (REPORTER,),
    Step.RECEIVE: (REPORTER,),
    Step.VALIDATE: (REPORTER,),
    Step.RESOLVE: (REPORTER,),
    Step.REJECT: (REPORTER,),
    Step.MERGE: (REPORTER,),
    Step.UNMERGE: (OFFICE, REPORTER),
    Step.REROUTE: (OFFICE, REPORTER),
    Step.WITHDRAW: (OFFICE,),
    Step.REOPEN: (OFFICE, REPORTER),
    Step.COMMENT: (REPORTER,),
    Step.ADD: (OFFICE,),
    Step.PAUSE: (REPORTER,),
    Step.RESUME: (REPORTER,),
    Step.SPLIT: (REPORTER,),
    Step.WRITE: (REPORTER,),
}
_BETWEEN_THEM: Final = frozenset({Step.ANSWER, Step.ADD, Step.PAUSE, Step.RESUME, Step.WRITE})
"""Steps between reporter and office that tell a follower nothing."""

FOLLOWED: Final = frozenset(_PERSONAL) - _BETWEEN_THEM
"""Steps that followers hear of; all are on the public timeline."""

NOTICES: Final[Mapping[Step, tuple[str, ...]]] = {
    step: (*names, FOLLOWERS) if step in FOLLOWED else names for step, names in _PERSONAL.items()
}
"""Step → the jobs (names of `outbox.LANES`) that its event needs, put in its own transaction."""

NEVER_STALE: Final = frozenset(
    {Step.SUBMIT, Step.ASK, Step.ANSWER, Step.COMMENT, Step.ADD, Step.WRITE}
)
"""Steps whose letter goes out even when a later one has overtaken it: nothing later repeats it."""

TOO_LATE: Final = timedelta(days=7)
"""After this nobody is told any more; longer than a mail server may be away. History that is
imported has its jobs like any other, and reaches nobody's inbox."""

WORDS: Final[Mapping[Step, Promise]] = {
    Step.VERIFY: gettext_lazy("Laporan Anda sudah diverifikasi."),
    Step.ASSIGN: gettext_lazy("Laporan Anda diteruskan kepada %(department)s."),
    Step.ACCEPT: gettext_lazy("%(department)s sudah menerima laporan Anda."),
    Step.REFUSE: gettext_lazy(
        "%(department)s menyatakan laporan ini bukan wewenangnya. "
        "Sekarang tim koordinator mencari penanggung jawab yang tepat."
    ),
    Step.RESPOND: gettext_lazy("%(department)s memberi respon awal."),
    Step.SCHEDULE: gettext_lazy("%(department)s sudah menjadwalkan penanganan."),
    Step.START: gettext_lazy("Petugas %(department)s mulai menangani laporan Anda di lapangan."),
    Step.ASK: gettext_lazy("Kami perlu jawaban Anda agar laporan ini dapat dilanjutkan."),
    Step.FORWARD: gettext_lazy("Laporan Anda diteruskan ke instansi lain."),
    Step.RECEIVE: gettext_lazy("Instansi lain sudah menjawab."),
    Step.VALIDATE: gettext_lazy("Laporan Anda selesai ditangani dan sudah diperiksa."),
    Step.RESOLVE: gettext_lazy("Laporan Anda selesai ditangani."),
    Step.REJECT: gettext_lazy("Laporan Anda tidak dapat ditindaklanjuti."),
    Step.MERGE: gettext_lazy("Laporan Anda digabungkan dengan laporan lain tentang hal yang sama."),
    Step.UNMERGE: gettext_lazy("Laporan Anda kembali ditangani sendiri."),
    Step.REROUTE: gettext_lazy("Laporan Anda dialihkan. Sekarang ditangani %(department)s."),
    Step.REOPEN: gettext_lazy("Laporan Anda dibuka kembali dan ditangani lagi."),
    Step.COMMENT: gettext_lazy("Ada tanggapan baru tentang laporan Anda."),
    Step.PAUSE: gettext_lazy("Jam tenggat berhenti sementara."),
    Step.RESUME: gettext_lazy("Jam tenggat berjalan lagi."),
    Step.SPLIT: gettext_lazy(
        "Laporan Anda ditangani beberapa dinas bersama; %(department)s memimpin."
    ),
    Step.WRITE: gettext_lazy("Petugas di lapangan menulis kepada Anda."),
}
"""Step → its sentence to the reporter."""

TASKS: Final[Mapping[Step, Promise]] = {
    Step.SUBMIT: gettext_lazy("Laporan baru menunggu tim koordinator"),
    Step.ASSIGN: gettext_lazy("Laporan baru untuk ditangani"),
    Step.REFUSE: gettext_lazy("Ditolak dinas, kembali ke tim koordinator"),
    Step.ANSWER: gettext_lazy("Pelapor sudah menjawab"),
    Step.UNMERGE: gettext_lazy("Penggabungan dibatalkan, laporan terbuka lagi"),
    Step.REROUTE: gettext_lazy("Laporan dialihkan"),
    Step.WITHDRAW: gettext_lazy("Dicabut pelapor"),
    Step.REOPEN: gettext_lazy("Laporan dibuka kembali"),
    Step.ADD: gettext_lazy("Pelapor menambahkan keterangan"),
}
"""Step → what it means to the office that must act now."""

TOLD: Final[Mapping[Step, Promise]] = {
    Step.SUBMIT: gettext_lazy("Laporan diterima."),
    Step.VERIFY: gettext_lazy("Laporan diverifikasi tim koordinator."),
    Step.ASSIGN: gettext_lazy("Diteruskan kepada %(department)s."),
    Step.ACCEPT: gettext_lazy("%(department)s menerima laporan ini."),
    Step.REFUSE: gettext_lazy("%(department)s menyatakan ini bukan wewenangnya."),
    Step.RESPOND: gettext_lazy("%(department)s memberi respon awal."),
    Step.SCHEDULE: gettext_lazy("%(department)s menjadwalkan penanganan."),
    Step.START: gettext_lazy("Petugas %(department)s mulai bekerja di lapangan."),
    Step.ASK: gettext_lazy("Pelapor ditanya; menunggu jawabannya."),
    Step.ANSWER: gettext_lazy("Pelapor sudah menjawab."),
    Step.FORWARD: gettext_lazy("Diteruskan ke instansi lain."),
    Step.RECEIVE: gettext_lazy("Instansi lain sudah menjawab."),
    Step.FIX: gettext_lazy("Perbaikan selesai, menunggu validasi."),
    Step.VALIDATE: gettext_lazy("Perbaikan dinyatakan sudah beres."),
    Step.RESOLVE: gettext_lazy("Selesai ditangani."),
    Step.REJECT: gettext_lazy("Tidak dapat ditindaklanjuti."),
    Step.MERGE: gettext_lazy("Digabungkan dengan laporan lain tentang hal yang sama."),
    Step.UNMERGE: gettext_lazy("Penggabungan dibatalkan."),
    Step.REROUTE: gettext_lazy("Dialihkan; sekarang ditangani %(department)s."),
    Step.WITHDRAW: gettext_lazy("Dicabut pelapor."),
    Step.REOPEN: gettext_lazy("Dibuka kembali."),
    Step.COMMENT: gettext_lazy("Tanggapan %(department)s."),
    Step.PAUSE: gettext_lazy("Jam tenggat berhenti sementara."),
    Step.RESUME: gettext_lazy("Jam tenggat berjalan lagi."),
    Step.SPLIT: gettext_lazy("Dibagi ke beberapa dinas; %(department)s memimpin."),
}
"""Step → its sentence to the public; a step without one is shown by its label."""


def is_stale(name: str, event: Event) -> bool:
    """Tell whether an event is too old, was taken back, or a later letter says it all."""
    is_old = event.at < timezone.now() - TOO_LATE
    return is_old or _is_taken_back(event) or _is_overtaken(name, event)


def _is_taken_back(event: Event) -> bool:
    """Tell whether a crew has taken its step back: then it never was."""
    undone = Event.objects.filter(issue=event.issue_id, step=Step.UNDO, seq__gt=event.seq)
    return event.role == Role.CREW and undone.filter(data__undone=event.seq).exists()


def _is_overtaken(name: str, event: Event) -> bool:
    """Tell whether a later event has a letter for the same audience, which then says it all."""
    if Step(event.step) in _STANDING.get(name, NEVER_STALE):
        return False
    # A message between two people is no letter that says where the issue stands.
    later = [step for step, names in NOTICES.items() if name in names and step is not Step.WRITE]
    return Event.objects.filter(issue=event.issue_id, seq__gt=event.seq, step__in=later).exists()


_STANDING: Final = {
    OFFICE: NEVER_STALE - {Step.SUBMIT},
    FOLLOWERS: frozenset({Step.COMMENT}),
}
"""Name of a letter → its steps that are never stale, where those are not all."""
