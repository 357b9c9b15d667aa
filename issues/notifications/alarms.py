"""The letter to one person of the office: which dates are near, which are over, what has come up.

Of a confidential issue it says number and date and no more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from issues.models import Alarm, Event, Issue, User
from issues.notifications import paper

_DATES: Final[Mapping[str, tuple[str, Promise, Promise]]] = {
    "dispose": (
        "dispose_by",
        gettext_lazy("Harus sampai di dinas"),
        gettext_lazy("Seharusnya sudah di dinas"),
    ),
    "due": ("due_at", gettext_lazy("Target"), gettext_lazy("Target terlewati")),
    "limit": ("limit_at", gettext_lazy("Batas akhir"), gettext_lazy("Batas akhir terlewati")),
}
"""Which date a rule is about → its column, and its words before and after it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One issue of the letter."""

    issue: Issue
    date: datetime | None
    words: str
    link: str


def alarm_letter(user: User, until: datetime) -> EmailMessage | None:
    """Compose what one person must hear; None where all of it is settled meanwhile.

    Args:
        user: with an address.
        until: the mark of the alarms that it tells; it names the letter, so that a copy is one.
    """
    issues = _issues(user, until)
    if not issues:
        return None
    city = next(iter(issues.values()))[0].city
    with translation.override(user.language or settings.LANGUAGE_CODE), paper.local(city):
        lines = [_line(issue, event, until) for issue, event in issues.values()]
        risen = [line for line in lines if line.issue.escalated_to and line.issue.risen]
        near = [line for line in lines if line not in risen]
        subject = ngettext(
            "%(count)d laporan perlu perhatian Anda",
            "%(count)d laporan perlu perhatian Anda",
            len(lines),
        )
        body = paper.render("alarms", city=city, risen=risen, near=near, desk=paper.address("desk"))
        return paper.write(
            [user.email],
            subject % {"count": len(lines)},
            body,
            name=f"alarms.{user.pk}.{int(until.astimezone(UTC).timestamp())}",
            thread=f"alarms.{user.pk}",
        )


def _issues(user: User, until: datetime) -> dict[int, tuple[Issue, Event]]:
    """Find what a letter is about, each issue once with its newest event, as it stands now."""
    alarms = Alarm.objects.filter(user=user, told_at=until).order_by("event__at", "event")
    newest = {alarm.event.issue_id: alarm.event for alarm in alarms.select_related("event")}
    seen = Issue.objects.visible_to(user).open().filter(pk__in=newest, paused_at__isnull=True)
    rows = seen.select_related("city", "category", "department", "jurisdiction")
    ordered = rows.defer("jurisdiction__area").order_by("due_at", "pk")
    return {issue.pk: (issue, newest[issue.pk]) for issue in ordered}


def _line(issue: Issue, event: Event, until: datetime) -> Line:
    link = paper.address("case", issue.number)
    if event.data.get("flag"):
        words = _("Sudah %(count)d kali ditolak dinas") % {"count": event.data["refusals"]}
        return Line(issue, None, words, link)
    column, before, over = _DATES[event.data["date"]]
    at: datetime = getattr(issue, column)
    return Line(issue, at, str(over if at <= until else before), link)
