"""Who is told what, and in which words. Composes letters; sending them is a job's work.

A letter is for the reporter, or for the office that must act now: the department, else the
dispatchers. It never carries the reporter's identity or words, and of a confidential issue only
number and link. A letter's Message-ID follows from its event and its audience, so that one sent
twice (a worker was killed between the mail server's "accepted" and the job's "done") is one letter.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from issues.clock import Due
from issues.models import Event, Issue, Reporter, User
from issues.workflow import REPORTER_NOTES, Role, Status, Step

RECEIPT: Final = "receipt"
REPORTER: Final = "tell_reporter"
OFFICE: Final = "tell_office"

NOTICES: Final[Mapping[Step, tuple[str, ...]]] = {
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
}
"""Step → the jobs (names of `outbox.LANES`) that its event needs, put in its own transaction."""

NEVER_STALE: Final = frozenset({Step.SUBMIT, Step.ASK, Step.ANSWER, Step.COMMENT})
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
}
"""Step → what it means to the office that must act now."""


def letter(name: str, event: Event, *, secret: str, due: Due) -> EmailMessage | None:
    """Compose the letter of one job; None where there is nobody to tell, or nothing new.

    Args:
        name: `receipt`, `tell_reporter` or `tell_office`.
        event: with its issue.
        secret: the key of the reporter's own page; goes into the reporter's letters only.
        due: when the issue is due and why.
    """
    if event.at < timezone.now() - TOO_LATE or _is_overtaken(name, event) or _own(name, event):
        return None
    if name == OFFICE:
        return _to_office(event)
    return _to_reporter(name, event, secret=secret, due=due)


def message_id(name: str, event: Event) -> str:
    """Name a letter after its event and audience: the same letter has the same name for ever."""
    return f"<{event.issue.number}.{event.seq}.{name}@{_host()}>".lower()


def _own(name: str, event: Event) -> bool:
    """Tell whether a letter would tell reporters that they themselves have found it fixed."""
    return (name, event.step, event.role) == (REPORTER, Step.VALIDATE, Role.REPORTER)


def _is_overtaken(name: str, event: Event) -> bool:
    """Tell whether a later event has a letter for the same audience, which then says it all."""
    if Step(event.step) in NEVER_STALE - ({Step.SUBMIT} if name == OFFICE else set()):
        return False
    later = [step for step, names in NOTICES.items() if name in names]
    return Event.objects.filter(issue=event.issue_id, seq__gt=event.seq, step__in=later).exists()


# To the reporter -----------------------------------------------------------------------------


def _to_reporter(name: str, event: Event, *, secret: str, due: Due) -> EmailMessage | None:
    reporter = Reporter.objects.filter(pk=event.issue_id).exclude(email="").first()
    if reporter is None:
        return None
    template = "receipt" if name == RECEIPT else "status"
    with translation.override(reporter.language), _local(event.issue):
        return _message(
            name,
            event,
            to=[reporter.email],
            subject=_("Laporan Anda sudah kami terima") if name == RECEIPT else _status(event),
            body=_render(template, event, link=_own_page(secret), due=due, **_told(event)),
        )


def _status(event: Event) -> str:
    """Say in the subject where the issue stands; a question says that it is one."""
    if event.step == Step.ASK:
        return _("Pertanyaan untuk Anda")
    if event.step == Step.COMMENT:
        return _("Tanggapan baru")
    return str(Status(event.status).label)


def _told(event: Event) -> dict[str, Any]:
    """Collect what the reporter may read of an event."""
    words = {"department": event.department.name if event.department else _("tim koordinator")}
    sentence = WORDS.get(Step(event.step))
    return {
        "sentence": str(sentence) % words if sentence else "",
        "note": event.note if Step(event.step) in REPORTER_NOTES else "",
        "is_question": event.step == Step.ASK,
        "is_resolved": event.status == Status.RESOLVED,
        "route": _route(event.issue),
        "original": _original_page(event.issue),
    }


def _route(issue: Issue) -> str:
    """Say who handles it and why, as routing said it."""
    decision = issue.decisions.last()
    if decision is None:
        return ""
    is_english = translation.get_language() == "en"
    return decision.reason_en if is_english and decision.reason_en else decision.reason


def _own_page(secret: str) -> str:
    """Address the reporter's page; what stands after the # reaches no log on the way."""
    return f"{settings.PUBLIC_URL}{reverse('track')}#{secret}"


def _original_page(issue: Issue) -> str:
    """Address the public page of the original of a duplicate; nothing where it is not public."""
    original = issue.merged_into
    if original is None or original.hidden or original.confidential:
        return ""
    return f"{settings.PUBLIC_URL}{reverse('issue', args=[original.number])}"


# To the office -------------------------------------------------------------------------------


def _to_office(event: Event) -> EmailMessage | None:
    """Write to whoever must act now; where a department has no address, to the dispatchers."""
    issue = event.issue
    to = (_department(issue) if issue.department else []) or _dispatchers(issue)
    if not to:
        return None
    template = "office_confidential" if issue.confidential else "office"
    with translation.override(settings.LANGUAGE_CODE), _local(issue):
        task = str(TASKS[Step(event.step)])
        return _message(
            OFFICE,
            event,
            to=to,
            subject=task if issue.confidential else f"{task}: {issue.category.label}",
            body=_render(template, event, link=_case(issue), task=task),
        )


def _department(issue: Issue) -> list[str]:
    """List the addresses of a department: its box first, then its liaisons for the area."""
    assert issue.department is not None  # noqa: S101  the caller has looked; this tells mypy
    area = issue.jurisdiction
    codes = ["", area.code, area.parent_code] if area else [""]
    liaisons = _members(
        Q(memberships__role=Role.LIAISON, memberships__department=issue.department_id)
        & Q(memberships__area_code__in=codes)
    )
    return list(dict.fromkeys([*filter(None, [issue.department.email.lower()]), *liaisons]))


def _dispatchers(issue: Issue) -> list[str]:
    return _members(Q(memberships__role=Role.DISPATCHER, memberships__city=issue.city_id))


def _members(capacity: Q) -> list[str]:
    """List the addresses of active people in a capacity."""
    users = User.objects.filter(capacity, is_active=True).exclude(email="")
    emails = users.order_by("pk").values_list("email", flat=True)
    return list(dict.fromkeys(email.lower() for email in emails))


def _case(issue: Issue) -> str:
    return f"{settings.PUBLIC_URL}{reverse('case', args=[issue.number])}"


# Every letter --------------------------------------------------------------------------------


def _message(
    name: str, event: Event, *, to: Sequence[str], subject: str, body: str
) -> EmailMessage:
    """Address a letter; letters of one issue to one audience make one thread."""
    thread = (
        f"<{event.issue.number}.{'office' if name == OFFICE else 'reporter'}@{_host()}>".lower()
    )
    return EmailMessage(
        subject=_one_line(f"[{event.issue.number}] {subject}"),
        body=body,
        to=list(to[:1]),
        cc=list(to[1:]),
        headers={
            "Message-ID": message_id(name, event),
            "In-Reply-To": thread,
            "References": thread,
            "Auto-Submitted": "auto-generated",
        },
    )


def _render(template: str, event: Event, **context: Any) -> str:
    issue = event.issue
    return render_to_string(
        f"mail/{template}.txt", {"issue": issue, "event": event, "city": issue.city, **context}
    )


def _local(issue: Issue) -> timezone.override:
    """Show times as the city's clocks do."""
    return timezone.override(ZoneInfo(issue.city.zone))


def _one_line(text: str) -> str:
    """Fold a subject to one line: names are data, and a line break there would be a header."""
    return " ".join(text.split())


def _host() -> str:
    return urlsplit(settings.PUBLIC_URL).hostname or "localhost"
