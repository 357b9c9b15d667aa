"""A case on paper: what the office knows of it, as a PDF that a screen reader can read, too."""

import base64
from typing import Any, Final

from django.core.files.storage import default_storage
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe

from issues import permissions
from issues.actions import clocks
from issues.models import Issue, Photo
from issues.views import staff
from issues.views.case import latest_decision, seen_photos
from issues.views.staff import StaffRequest

MOST_PHOTOS: Final = 8


@require_safe
def case_pdf(request: StaffRequest, number: str) -> HttpResponse:
    """Print an issue: no name of its reporter, and of words and photos what staff work with."""
    issue = staff.issue_or_404(request, number, staff.OFFICE)
    page = render_to_string("issues/case_pdf.html", _context(request, issue), request=request)
    answer = HttpResponse(_printed(page), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{issue.number}.pdf"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _context(request: StaffRequest, issue: Issue) -> dict[str, Any]:
    sees = permissions.sees_original(issue, request.user)
    clean = [one for one in issue.photos.all() if one.state == Photo.State.CLEAN]
    released = [one for one in clean if one.public or one.kind == Photo.Kind.AFTER]
    photos = seen_photos(request, issue, released)[:MOST_PHOTOS]
    return {
        "issue": issue,
        "decision": latest_decision(issue),
        "clocks": clocks.explained(issue) if issue.is_open else None,
        "answers": staff.answers(issue) if sees else [],
        "words": issue.working_text if sees else issue.public_text,
        "events": issue.events.select_related("actor", "department").order_by("seq"),
        "photos": [(one, source) for one in photos if (source := _source(one))],
        "now": timezone.localtime(),
    }


def _source(photo: Photo) -> str:
    """Write a clean photo into the page itself; empty where its file is gone."""
    path = photo.path("medium")
    if not default_storage.exists(path):
        return ""
    with default_storage.open(path) as file:
        return f"data:image/jpeg;base64,{base64.b64encode(file.read()).decode()}"


def _printed(page: str) -> bytes:
    """Set a page of HTML; nothing is fetched but what stands in it."""
    from weasyprint import HTML, URLFetcher  # noqa: PLC0415  heavy, and rarely printed

    inside = URLFetcher(allowed_protocols=["data"], allow_redirects=False)
    document: bytes = HTML(string=page, url_fetcher=inside).write_pdf(pdf_variant="pdf/ua-1")
    return document
