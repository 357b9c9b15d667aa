"""What the pages of staff share: who asks, the frame, one issue by number, pages by key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import QuerySet, prefetch_related_objects
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from geodata.models import City, Department
from issues import permissions
from issues.forms import asking
from issues.models import Issue, IssueQuerySet, Membership, User
from issues.workflow import Role

CITYWIDE: Final = frozenset({Role.DISPATCHER, Role.LEADER, Role.ADMINISTRATOR})
OFFICE: Final = CITYWIDE | {Role.LIAISON}
PAGE_SIZE: Final = 40
_AHEAD: Final = timedelta(hours=24)
_BEHIND: Final = timedelta(days=90)
"""How far the clock of a reporter's device may be from ours and still be believed."""


class StaffRequest(HttpRequest):
    """A request that has passed the policy: somebody with a role in this city."""

    city: City
    user: User
    """The policy has turned strangers away."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a list and where the next ones begin; `after` is empty on the last page."""

    rows: Sequence[Issue]
    after: str = ""


def memberships(request: StaffRequest) -> list[Membership]:
    """List the capacities in which somebody acts in this city; read once a request."""
    prefetch_related_objects([request.user], "memberships__department")
    return [one for one in request.user.memberships.all() if one.city_id == request.city.pk]


def departments(request: StaffRequest, role: Role) -> set[int]:
    """List the ids of the departments in which somebody has a role."""
    found = (one.department_id for one in memberships(request) if one.role == role)
    return {department for department in found if department is not None}


def frame(request: StaffRequest, here: str, **context: Any) -> dict[str, Any]:
    """Add what the frame of a staff page needs: the doors that this person's roles open."""
    roles = {Role(one.role) for one in memberships(request)}
    doors = [
        ("desk", _("Ringkasan"), roles),
        ("triage", _("Triase"), roles & {Role.DISPATCHER}),
        ("board", _("Papan"), roles & OFFICE),
        ("progress", _("Kinerja"), roles & CITYWIDE),
        ("channels", _("Kanal"), roles & {Role.DISPATCHER}),
        ("outages", _("Gangguan"), roles & {Role.DISPATCHER}),
        ("crew", _("Lapangan"), roles & {Role.CREW}),
        ("manage", _("Atur"), roles & {Role.ADMINISTRATOR}),
    ]
    shown = [
        {"url": reverse(name), "label": label, "here": name == here}
        for name, label, opens in doors
        if opens
    ]
    return {"doors": shown, "staff_roles": roles, **context}


def visible(request: StaffRequest) -> IssueQuerySet:
    """Return the issues of this city that somebody may see, each with what a row shows."""
    memberships(request)
    issues = Issue.objects.visible_to(request.user).filter(city=request.city)
    return issues.select_related("category", "department", "jurisdiction").defer(
        "jurisdiction__area"
    )


def office_issues(request: StaffRequest) -> IssueQuerySet:
    """Return the issues that somebody sees from a desk: a crew's work orders are not among them."""
    if {one.role for one in memberships(request)} & CITYWIDE:
        return visible(request)
    return visible(request).filter(department__in=departments(request, Role.LIAISON))


def issue_or_404(request: StaffRequest, number: str, roles: frozenset[Role]) -> Issue:
    """Find an issue that somebody may see in one of some roles.

    Raises:
        Http404: there is none, or none for this person: the two look the same.
    """
    issue = (
        visible(request)
        .select_related(
            "city",
            "assignee",
            "merged_into",
            "category__parent",
            "department",
            "jurisdiction",
            "parent",
        )
        .filter(number=number.upper())
        .first()
    )
    if issue is None or not permissions.roles(request.user, issue) & roles:
        raise Http404
    return issue


def answers(
    issue: Issue, asked: Sequence[Mapping[str, Any]] | None = None
) -> list[tuple[str, str]]:
    """List in words what the reporter answered beside the description, and what else they named.

    Args:
        issue: whose answers.
        asked: questions that `asking.asked_of` has read already.
    """
    known = {one for value in issue.answers.values() if isinstance(value, list) for one in value}
    ties = [tie.code for tie in issue.assets.all() if tie.code not in known]
    more = [(_("Tiang atau aset"), ", ".join(ties)), (_("Dilihat pelapor"), _observed(issue))]
    return [*asking.answered(issue, asked), *(pair for pair in more if pair[1])]


def _observed(issue: Issue) -> str:
    """Say when the reporter's device saw it; a clock that cannot be right is named."""
    if issue.observed_at is None:
        return ""
    said = date_format(timezone.localtime(issue.observed_at), "j M Y H:i")
    late = issue.received_at - issue.observed_at
    if -_AHEAD <= late <= _BEHIND:
        return said
    return _("%(moment)s (jam alat pelapor meragukan)") % {"moment": said}


def in_city(request: StaffRequest) -> QuerySet[Department]:
    """Return the departments that may be given work."""
    return Department.objects.filter(city=request.city, active=True)


# Pages by key --------------------------------------------------------------------------------


def page(issues: IssueQuerySet, by: str, after: str) -> Page:
    """Cut one page out of a list that is ordered by an instant, then by key.

    Args:
        issues: the rows.
        by: name of the column with the instant (`due_at`, `received_at`), ascending.
        after: where the page begins, as a former page said; nonsense begins at the first row.
    """
    mark = _mark(after)
    if mark:
        instant, key = mark
        issues = issues.filter(**{f"{by}__gte": instant}).exclude(**{by: instant, "pk__lte": key})
    rows = list(issues.order_by(by, "pk")[: PAGE_SIZE + 1])
    more = len(rows) > PAGE_SIZE
    last = rows[PAGE_SIZE - 1] if more else None
    return Page(rows[:PAGE_SIZE], f"{getattr(last, by).isoformat()}_{last.pk}" if last else "")


def _mark(after: str) -> tuple[datetime, int] | None:
    instant, _sign, key = after.partition("_")
    try:
        mark = datetime.fromisoformat(instant), int(key)
    except ValueError:
        return None
    return mark if mark[0].tzinfo and 0 < mark[1] < 2**63 else None
