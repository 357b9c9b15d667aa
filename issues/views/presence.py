"""Who has an issue open: the hint on the pages of staff, and the beat of a page."""

from dataclasses import dataclass
from datetime import datetime

from django.http import JsonResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.timesince import timesince
from django.views.decorators.http import require_POST

from issues import actions
from issues.models import Issue, User
from issues.views import staff
from issues.views.staff import StaffRequest


@dataclass(frozen=True, slots=True)
class Screen:
    """Somebody else's open page: whose, and for how long in words."""

    name: str
    span: str


def screen(name: str, since: str | datetime) -> Screen:
    """Say for how long somebody has had an issue open.

    Args:
        name: of the colleague.
        since: an instant, or one as JSON writes it.
    """
    instant = parse_datetime(since) if isinstance(since, str) else since
    now = timezone.now()
    return Screen(name, timesince(min(instant or now, now), now, depth=1))


def beside(issue: Issue, user: User) -> list[Screen]:
    """List who else has an issue open."""
    return [
        screen(one.user.get_full_name() or one.user.email, one.since)
        for one in actions.beside(issue, user)
    ]


@require_POST
def present(request: StaffRequest, number: str) -> JsonResponse:
    """Take the beat of a page, and answer who else has the issue open."""
    issue = staff.issue_or_404(request, number, staff.OFFICE)
    actions.beat(issue.pk, request.user)
    others = [{"name": one.name, "span": one.span} for one in beside(issue, request.user)]
    return JsonResponse({"screens": others})
