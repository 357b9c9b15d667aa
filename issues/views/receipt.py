"""What whoever has reported reads: the receipt, and the parts it shares with their own page."""

import uuid
from typing import Any

import segno
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from issues import actions
from issues.actions import clocks
from issues.actions.pictures import MAX_PHOTOS
from issues.models import Issue, Photo
from issues.views import proof
from issues.views.follow import told_how
from issues.views.proof import CitizenRequest


@proof.private
@require_http_methods(["GET", "HEAD", "POST"])
def receipt(request: CitizenRequest, uuid: uuid.UUID) -> HttpResponse:
    """Show who sent a report its number, its secret and what comes next.

    What was sent through the API is opened here by a POST of its secret.

    Raises:
        Http404: the session has not sent it, and the posted secret does not open it.
    """
    if request.method == "POST":
        issue = proof.by_secret(request, request.POST.get("token", ""))
        if issue is None or issue.uuid != uuid:
            raise Http404
        return redirect("receipt", uuid=issue.uuid)
    issue = proof.proven(request, uuid=uuid)
    if issue is None:
        raise Http404
    return render(request, "issues/receipt.html", _receipt(request, issue))


def _receipt(request: CitizenRequest, issue: Issue) -> dict[str, Any]:
    link = f"{request.build_absolute_uri(reverse('track'))}#{actions.token_for(issue)}"
    return {
        "issue": issue,
        "link": link,
        "qr": segno.make(link, error="m").svg_data_uri(scale=4, border=2),
        "route": route_said(issue),
        "due": due_said(issue),
        **shots(issue),
        **told_how(issue),
    }


def due_said(issue: Issue) -> str:
    """Say by when an issue is to be done, and which days off were left out."""
    return clocks.due(issue).explain()


def route_said(issue: Issue) -> str:
    """Say who handles an issue and why, as routing said it; empty where it has said nothing."""
    decision = issue.decisions.last()
    if decision is None:
        return ""
    return decision.reason_en if get_language() == "en" and decision.reason_en else decision.reason


def own_photos(issue: Issue) -> QuerySet[Photo]:
    """Keep the photos that a reporter may see: their own, and what everybody may see."""
    own = Q(uploaded_by__isnull=True) & ~Q(kind=Photo.Kind.EVIDENCE)
    return issue.photos.filter(own | Q(public=True))


def shots(issue: Issue) -> dict[str, Any]:
    """Collect the photos that a reporter may see, and the places that are still free."""
    photos = list(own_photos(issue))
    counted = [
        photo
        for photo in photos
        if photo.kind == Photo.Kind.BEFORE and photo.state != Photo.State.REFUSED
    ]
    return {"photos": photos, "slots": range(len(counted) + 1, MAX_PHOTOS + 1)}
