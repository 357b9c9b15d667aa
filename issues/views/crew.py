"""The crew's pages: what is to be done near here, and one work order at a time.

A crew gets a work order, not the evidence: of anonymous and confidential issues only what a
reviewer has released.
"""

from http import HTTPStatus
from typing import Any, Final

from django.contrib.gis.geos import Point
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from geodata.crs import WGS84
from issues import actions, permissions, privacy
from issues.forms.desk import HereForm, StepForm
from issues.models import Event, Issue, Photo
from issues.views import staff, steps
from issues.views.case import seen_photos, site
from issues.views.desk import crew_issues
from issues.views.staff import PAGE_SIZE, StaffRequest
from issues.workflow import TABLE, Role, Step

FIELD: Final = frozenset({Role.CREW})
INSTRUCTIONS: Final = frozenset(
    {Step.NOTE, Step.SCHEDULE, Step.START, Step.ACCEPT, Step.FORWARD, Step.RECEIVE}
)
"""Steps whose notes say what is to be done; never a reporter's words."""
PROMISES: Final = frozenset({Step.RESPOND, Step.COMMENT})
"""Steps whose notes were written for the public: no order, but what people here will expect."""


@require_safe
def crew(request: StaffRequest) -> HttpResponse:
    """List the open issues of one's own areas, nearest first; else from the city's centre."""
    here = HereForm(request.GET if "lon" in request.GET else None)
    known = here.is_valid()
    centre = request.city.center
    place = (
        Point(here.cleaned_data["lon"], here.cleaned_data["lat"], srid=WGS84) if known else centre
    )
    start = _start(request)
    issues = crew_issues(request).select_related("category", "department", "jurisdiction")
    near = issues.defer("jurisdiction__area").nearest_to(place)
    rows = list(
        near.order_by(F("distance").asc(nulls_last=True), "due_at", "pk")[
            start : start + PAGE_SIZE + 1
        ]
    )
    context = staff.frame(
        request,
        "crew",
        rows=rows[:PAGE_SIZE],
        known=known,
        next_address=_more(request, start) if len(rows) > PAGE_SIZE else "",
        site={
            **site(request, rows[:PAGE_SIZE], "job"),
            "here": [place.x, place.y] if known else None,
        },
    )
    return render(request, "issues/crew.html", context)


def _start(request: StaffRequest) -> int:
    text = request.GET.get("start", "")
    return min(int(text), 10_000) if text.isascii() and text.isdigit() and len(text) < 6 else 0  # noqa: PLR2004  digits


def _more(request: StaffRequest, start: int) -> str:
    query = request.GET.copy()
    query["start"] = str(start + PAGE_SIZE)
    return f"{request.path}?{query.urlencode()}"


@require_safe
def job(request: StaffRequest, number: str) -> HttpResponse:
    """Show one work order with the buttons of a crew."""
    issue = staff.issue_or_404(request, number, FIELD)
    actions.see(issue, request.user)
    return render(request, "issues/job.html", _context(request, issue))


@require_POST
def job_step(request: StaffRequest, number: str) -> HttpResponse:
    """Take one step of the workflow in the field."""
    issue = staff.issue_or_404(request, number, FIELD)
    form = steps.bind(request, issue, steps.named(request))
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid():
        status = steps.carry_out(form, request.user)
    if status is HTTPStatus.OK:
        return redirect(_next_address(form))
    issue = staff.issue_or_404(request, number, FIELD)
    context = _context(request, issue, refused=form, stale=status is HTTPStatus.CONFLICT)
    return render(request, "issues/job.html", context, status=status)


def _next_address(form: StepForm) -> str:
    """Go on with the list after a repair, else stay with the job."""
    if form.step in {Step.RESOLVE, Step.FIX}:
        return f"{reverse('crew')}?done={form.issue.number}"
    return reverse("job", args=[form.issue.number])


def _context(
    request: StaffRequest, issue: Issue, *, refused: StepForm | None = None, stale: bool = False
) -> dict[str, Any]:
    names = [
        step
        for step in steps.offered(issue, request.user)
        if Role.CREW in TABLE[issue.workflow_status, step].roles
    ]
    forms = steps.empty(issue, names)
    again = steps.renewed(refused, issue) if refused else None
    if again and again.step in forms:
        forms[again.step] = again
    pictures = seen_photos(request, issue, list(issue.photos.all()))
    told = _told(issue)
    return staff.frame(
        request,
        "crew",
        issue=issue,
        start=forms.pop(Step.START, None),
        finish=forms.pop(Step.RESOLVE, None) or forms.pop(Step.FIX, None),
        forms=list(forms.values()),
        refused=again,
        homeless=again is not None and again.step not in names,
        stale=stale,
        since=steps.since(issue, steps.typed_version(refused)) if refused and stale else [],
        photo_kept=bool(refused and refused.files),
        words=_words(request, issue),
        answers=_answers(request, issue),
        instructions=[event for event in told if event.step in INSTRUCTIONS],
        promises=[event for event in told if event.step in PROMISES],
        before=[photo for photo in pictures if photo.kind == Photo.Kind.BEFORE],
        after=[photo for photo in pictures if photo.kind == Photo.Kind.AFTER],
        protected=issue.anonymous or issue.confidential,
        site=site(request, [issue], "job"),
    )


def _words(request: StaffRequest, issue: Issue) -> str:
    """Return what a crew may read: the reviewed text, else the reporter's without personal data."""
    if issue.reviewed_at:
        return issue.public_text
    if not permissions.sees_original(issue, request.user) or issue.anonymous or issue.confidential:
        return ""
    return privacy.masked(issue.description)


def _answers(request: StaffRequest, issue: Issue) -> list[tuple[str, str]]:
    """List the answers beside the words, without personal data; none of a protected report."""
    if not permissions.sees_original(issue, request.user) or issue.anonymous or issue.confidential:
        return []
    return [(privacy.masked(name), privacy.masked(value)) for name, value in staff.answers(issue)]


def _told(issue: Issue) -> list[Event]:
    """List what the department and the desk wrote about the work, newest last."""
    written = INSTRUCTIONS | PROMISES
    events = issue.events.filter(step__in=written, actor__isnull=False).exclude(note="")
    return list(events.exclude(role=Role.REPORTER).select_related("actor").order_by("seq"))
