"""One's own reports: those of the account, and those that this browser has proved."""

from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from issues import actions
from issues.models import Issue, IssueQuerySet, User
from issues.views import account, proof
from issues.views.proof import CitizenRequest
from issues.views.waiting import Waiting, refusals, waiting

_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Own:
    """One report in the list."""

    issue: Issue
    waiting: Waiting
    claimable: bool


@proof.private
@require_safe
def mine(request: CitizenRequest) -> HttpResponse:
    """List one's own reports, newest first; what waits to be sent the browser adds itself."""
    user: User | None = request.user if request.user.is_authenticated else None
    issues = list(_own(request, user)[:_MOST])
    said = refusals(issues)
    rows = [
        Own(
            issue=issue,
            waiting=waiting(issue, said.get(issue.pk)),
            claimable=user is not None and issue.reporter.user_id is None,
        )
        for issue in issues
    ]
    rows.sort(key=lambda row: not row.waiting.asks)
    return render(request, "issues/mine.html", {"rows": rows, "most": _MOST})


@proof.private
@require_safe
def kept(request: CitizenRequest) -> HttpResponse:
    """Say as data where one's own reports stand, for a phone that will have no network.

    Nothing of a confidential one: that is kept on no device.
    """
    user: User | None = request.user if request.user.is_authenticated else None
    issues = list(_own(request, user).filter(confidential=False)[:_MOST])
    said = refusals(issues)
    return JsonResponse(
        [_row(issue, waiting(issue, said.get(issue.pk))) for issue in issues], safe=False
    )


def _row(issue: Issue, stands: Waiting) -> dict[str, str]:
    return {
        "number": issue.number,
        "kind": issue.category.label,
        "status": str(issue.workflow_status.label),
        "where": stands.where,
        "page": reverse("tracked", args=[issue.number]),
    }


def _own(request: CitizenRequest, user: User | None) -> IssueQuerySet:
    """Keep the reports of an account, and those whose secret this session has proved."""
    own = proof.own(request)
    if user is not None:
        own |= Q(reporter__user=user)
    issues = Issue.objects.filter(own, city=request.city).select_related(
        "category", "department", "jurisdiction", "reporter"
    )
    return issues.defer("jurisdiction__area").order_by("-received_at", "-pk")


@proof.private
@require_POST
@account.logged_in
def claim(request: CitizenRequest, number: str) -> HttpResponseBase:
    """Keep a report in one's account, once its secret is proved.

    Raises:
        Http404: it is not proved, or another account has it.
    """
    issue = proof.proven(request, number=number)
    user: User = request.user  # type: ignore[assignment]  # logged_in has seen to it
    if issue is None or not actions.claim(issue, user):
        raise Http404
    messages.success(request, _("Laporan %(number)s tersimpan di akun Anda.") % {"number": number})
    return redirect("mine")
