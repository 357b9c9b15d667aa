"""Letters to the reporter of an issue, and to the office that must act now.

They never carry the reporter's identity or words, and of a confidential issue only number and
link. A letter's Message-ID follows from its event and its audience, so that one sent twice (a
worker was killed between the mail server's "accepted" and the job's "done") is one letter.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from issues.clock import Due
from issues.models import Event, Issue, Reporter, User, bears, in_force
from issues.notifications import links, paper
from issues.notifications.table import OFFICE, RECEIPT, REPORTER, TASKS, WORDS, is_stale
from issues.workflow import REPORTER_NOTES, Role, Status, Step

MOST_RECEIPTS: Final = 20
"""Receipts to one address or number in a day: nobody has proved that it is the sender's own."""
_DAY: Final = timedelta(days=1)


def letter(name: str, event: Event, *, secret: str, due: Due) -> EmailMessage | None:
    """Compose the letter of one job; None where there is nobody to tell, or nothing new.

    Args:
        name: `receipt`, `tell_reporter` or `tell_office`.
        event: with its issue.
        secret: the key of the reporter's own page; goes into the reporter's letters only.
        due: when the issue is due and why.
    """
    if is_stale(name, event) or _own(name, event):
        return None
    if name == OFFICE:
        return _to_office(event)
    return _to_reporter(name, event, secret=secret, due=due)


def message_id(name: str, event: Event) -> str:
    """Name a letter after its event and audience: the same letter has the same name for ever."""
    return paper.identifier(f"{event.issue.number}.{event.seq}.{name}")


def _own(name: str, event: Event) -> bool:
    """Tell whether a letter would tell reporters that they themselves have found it fixed."""
    return (name, event.step, event.role) == (REPORTER, Step.VALIDATE, Role.REPORTER)


# To the reporter -----------------------------------------------------------------------------


def _to_reporter(name: str, event: Event, *, secret: str, due: Due) -> EmailMessage | None:
    reporter = Reporter.objects.filter(pk=event.issue_id).exclude(email="").first()
    if reporter is None or not _wants(reporter, name, event):
        return None
    stop = links.make(links.MUTE, event.issue_id)
    with translation.override(reporter.language), paper.local(event.issue.city):
        return _message(
            name,
            event,
            to=[reporter.email],
            subject=_("Laporan Anda sudah kami terima") if name == RECEIPT else _status(event),
            body=_render(
                "receipt" if name == RECEIPT else "status",
                event,
                link=_own_page(secret),
                due=due,
                stop=paper.stop_page(stop),
                **_told(event),
            ),
            stop=stop,
        )


def _wants(reporter: Reporter, name: str, event: Event) -> bool:
    """Tell whether a reporter wants this; a receipt and a question reach them even so.

    What is held has cost its sender nothing, and the address is whatever they typed: its receipt
    is a letter once somebody has looked at it, by a job of its own.
    """
    if name == RECEIPT:
        return not event.issue.held and not _has_enough(reporter, event)
    return reporter.muted_at is None or event.step == Step.ASK


def _has_enough(reporter: Reporter, event: Event) -> bool:
    """Tell whether an address, or a number, had all its receipts of the day before this one.

    Asked of the reports themselves: a job that runs again counts nothing twice.
    """
    earlier = Reporter.objects.filter(
        issue__lt=event.issue_id, issue__held=False, issue__received_at__gt=event.at - _DAY
    )
    if reporter.email:
        return earlier.filter(bears(reporter.email)).count() >= MOST_RECEIPTS
    return earlier.filter(phone=reporter.phone).count() >= MOST_RECEIPTS


def short_message(name: str, event: Event, *, secret: str) -> tuple[str, str] | None:
    """Compose the message to a reporter who left a phone and no mail address: number and text."""
    reporter = Reporter.objects.filter(pk=event.issue_id, email="").exclude(phone="").first()
    if name == OFFICE or reporter is None or not _wants(reporter, name, event):
        return None
    if is_stale(name, event) or _own(name, event):
        return None
    with translation.override(reporter.language):
        subject = _("Laporan Anda sudah kami terima") if name == RECEIPT else _status(event)
    return reporter.phone, f"{event.issue.number}: {subject}. {_own_page(secret)}"


def note(event: Event) -> tuple[int, dict[str, str]] | None:
    """Compose the note to a reporter's own devices; None where nobody asked, or nothing is new.

    It lies open on a locked screen: it names the report and nothing of it. Of a confidential one
    there is none at all.

    Returns:
        Whose devices (key of the subscriber), and title, body, url, tag.
    """
    issue = event.issue
    asking = Reporter.objects.filter(
        pk=issue.pk, push_to__isnull=False, push_to__city=issue.city_id
    )
    reporter = asking.first()
    if reporter is None or issue.confidential or is_stale(REPORTER, event) or _own(REPORTER, event):
        return None
    with translation.override(reporter.language):
        said = _("Kota bertanya kepada Anda") if event.step == Step.ASK else _("Kabar laporan Anda")
        words = _("Ada kabar tentang laporan Anda %(number)s.") % {"number": issue.number}
    page = paper.address("tracked", issue.number)
    told = {"title": said, "body": words, "url": page, "tag": f"own.{issue.number}"}
    return reporter.push_to_id or 0, told


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
        "answer_days": event.issue.category.clock.answer_days,
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
    if original is None or original.is_withheld:
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
    with translation.override(settings.LANGUAGE_CODE), paper.local(issue.city):
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
    now_theirs = capacity & in_force(prefix="memberships__")
    users = User.objects.filter(now_theirs, is_active=True).exclude(email="")
    emails = users.order_by("pk").values_list("email", flat=True)
    return list(dict.fromkeys(email.lower() for email in emails))


def _case(issue: Issue) -> str:
    return f"{settings.PUBLIC_URL}{reverse('case', args=[issue.number])}"


# Every letter --------------------------------------------------------------------------------


def _message(
    name: str, event: Event, *, to: Sequence[str], subject: str, body: str, stop: str = ""
) -> EmailMessage:
    """Address a letter; letters of one issue to one audience make one thread."""
    number = event.issue.number
    return paper.write(
        to,
        f"[{number}] {subject}",
        body,
        name=f"{number}.{event.seq}.{name}",
        thread=f"{number}.{'office' if name == OFFICE else 'reporter'}",
        stop=stop,
    )


def _render(template: str, event: Event, **context: Any) -> str:
    issue = event.issue
    return render_to_string(
        f"mail/{template}.txt", {"issue": issue, "event": event, "city": issue.city, **context}
    )
