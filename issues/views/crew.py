"""The crew's pages: what is to be done near here, and one work order at a time."""

from http import HTTPStatus
from typing import Any, Final

from django.contrib.gis.geos import Point
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from issues import actions
from issues.actions import clocks
from issues.errors import NotPermitted, StepNotAllowed
from issues.forms.desk import StepForm
from issues.models import Issue, Photo
from issues.views import day, orders, staff, steps
from issues.views.case import seen_photos, site
from issues.views.desk import crew_issues
from issues.views.staff import PAGE_SIZE, StaffRequest
from issues.workflow import TABLE, Role, Step

FIELD: Final = frozenset({Role.CREW})
TROUBLE: Final = (Step.NOT_FOUND, Step.HELP)
"""Steps that call for the office."""


@require_safe
def crew(request: StaffRequest) -> HttpResponse:
    """List one's open jobs, nearest first or in the day's planned order; else from the centre."""
    place, known = day.place(request)
    shown = _planned(request, place) if _asks_for_plan(request) else _nearest(request, place)
    marks = site(request, shown["rows"], "job")
    context = staff.frame(
        request,
        "crew",
        **shown,
        known=known,
        undo=_undo_of_done(request),
        site={**marks, "here": [place.x, place.y] if known else None},
    )
    if shown["plan"]:
        for number, mark in enumerate(marks["marks"], start=1):
            mark["order"] = number
    return render(request, "issues/crew.html", context)


def _asks_for_plan(request: StaffRequest) -> bool:
    return request.GET.get("urut") == "hari"


def _nearest(request: StaffRequest, place: Point) -> dict[str, Any]:
    """Read one page of jobs, nearest first."""
    start = _start(request)
    issues = crew_issues(request).select_related("category", "department", "jurisdiction")
    near = issues.defer("jurisdiction__area").nearest_to(place)
    ordered = near.order_by(F("distance").asc(nulls_last=True), "due_at", "pk")
    rows = list(ordered[start : start + PAGE_SIZE + 1])
    more = _more(request, start) if len(rows) > PAGE_SIZE else ""
    return {"rows": rows[:PAGE_SIZE], "next_address": more, "plan": None}


def _planned(request: StaffRequest, place: Point) -> dict[str, Any]:
    """Read the jobs of the day in the planned order, each with the way to it."""
    back = request.GET.get("kembali") == "1"
    found = day.jobs(request, place)
    plan = day.plan(request.city, found, place, place if back else None)
    for issue, leg in zip(plan.jobs, plan.legs_m, strict=False):
        issue.leg_m = leg  # type: ignore[attr-defined]  # for the page
    return {"rows": list(plan.jobs), "next_address": "", "plan": plan, "back": back}


def _undo_of_done(request: StaffRequest) -> Issue | None:
    """Find the repair that was just claimed, while it can be taken back."""
    number = request.GET.get("done", "")
    issue = staff.visible(request).filter(number=number).first() if number else None
    if issue is None or not actions.undoable(issue, request.user, timezone.now()):
        return None
    return issue


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
    if steps.named(request) is Step.UNDO:
        return _take_back(request, issue)
    form = steps.bind(request, issue, steps.named(request))
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid():
        status = steps.carry_out(form, request.user)
    if status is HTTPStatus.OK:
        return redirect(_next_address(form))
    issue = staff.issue_or_404(request, number, FIELD)
    context = _context(request, issue, refused=form, stale=status is HTTPStatus.CONFLICT)
    return render(request, "issues/job.html", context, status=status)


def _take_back(request: StaffRequest, issue: Issue) -> HttpResponse:
    """Take one's own last step back; where it is too late for that, say so."""
    try:
        actions.undo(issue.pk, actor=request.user)
    except (StepNotAllowed, NotPermitted):
        context = _context(request, staff.issue_or_404(request, issue.number, FIELD))
        context["too_late"] = True
        return render(request, "issues/job.html", context, status=HTTPStatus.CONFLICT)
    return redirect("job", number=issue.number)


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
        if Role.CREW in TABLE[issue.workflow_status, step].roles and step not in steps.ELSEWHERE
    ]
    forms = steps.empty(issue, names)
    again = steps.renewed(refused, issue) if refused else None
    if again and again.step in forms:
        forms[again.step] = again
    pictures = seen_photos(request, issue, list(issue.photos.all()))
    events = list(issue.events.select_related("actor").order_by("seq"))
    told = orders.told(events)
    last = [event for event in events if event.step != Step.FLAG][-1]
    return staff.frame(
        request,
        "crew",
        issue=issue,
        travel=forms.pop(Step.TRAVEL, None),
        travelling=last.step == Step.TRAVEL,
        undo=last if actions.is_undoable(last, request.user, timezone.now()) else None,
        write=forms.pop(Step.WRITE, None),
        trouble=[forms.pop(step) for step in TROUBLE if step in forms],
        start=forms.pop(Step.START, None),
        finish=forms.pop(Step.RESOLVE, None) or forms.pop(Step.FIX, None),
        forms=list(forms.values()),
        refused=again,
        homeless=again is not None and again.step not in names,
        stale=stale,
        since=steps.since(issue, steps.typed_version(refused)) if refused and stale else [],
        photo_kept=bool(refused and refused.files),
        words=orders.words(request, issue),
        answers=orders.answers(request, issue),
        instructions=orders.instructions(told),
        promises=orders.promises(told),
        letters=orders.letters(request, issue, told),
        before=[photo for photo in pictures if photo.kind == Photo.Kind.BEFORE],
        after=[photo for photo in pictures if photo.kind == Photo.Kind.AFTER],
        protected=orders.is_protected(issue),
        clocks=clocks.explained(issue) if issue.is_open else None,
        site=site(request, [issue], "job"),
    )
