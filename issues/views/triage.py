"""The pages of a dispatcher's larger decisions: review, black boxes, another kind, duplicates."""

from http import HTTPStatus
from typing import Any, Final, cast
from uuid import UUID

from django.contrib import messages
from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from issues import actions, proposal
from issues.errors import MissingDuty, PhotoRefused, StaleIssue, StorageFull
from issues.forms.desk import StepForm, said
from issues.forms.kinds import KindForm
from issues.forms.review import Boxes, ReviewForm, boxes_over
from issues.models import Event, Issue, IssueQuerySet, Photo, worked_with
from issues.views import presence, staff, steps
from issues.views.case import site
from issues.views.dispatch import DESK, onward
from issues.views.staff import StaffRequest
from issues.views.surroundings import NEAR_M, box_around
from issues.workflow import Status, Step

MOST_CANDIDATES: Final = 12
_DRAFT: Final = "review"
"""Where the session keeps an unfinished review: number of the issue -> what was typed."""


def _clean_photos() -> "Prefetch[str, QuerySet[Photo], str]":
    clean = Photo.objects.filter(worked_with(), state=Photo.State.CLEAN)
    return Prefetch("photos", clean, to_attr="shown_photos")


# Review --------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def review(request: StaffRequest, number: str) -> HttpResponse:
    """Release words and photos, one by one."""
    issue = staff.issue_or_404(request, number, DESK)
    if actions.is_locked(issue, request.user):
        late_form = ReviewForm(request.POST, issue=issue, photos=[]) if request.POST else None
        if late_form is not None and late_form.is_valid():
            return _second(request, issue, late_form)
        return _ask_why(request, issue)
    actions.beat(issue.pk, request.user)
    photos = list(issue.photos.all())
    if "redact" in request.POST:
        return _step_aside(request, issue, photos)
    draft = _draft(request, issue)
    form = ReviewForm(request.POST or None, issue=issue, photos=photos, draft=draft)
    late: dict[str, Any] = {}
    if form.is_valid():
        try:
            actions.review(
                issue.pk,
                actor=request.user,
                version=form.cleaned_data["version"],
                public_text=form.cleaned_data["public_text"],
                released={UUID(photo) for photo in form.cleaned_data["photos"]},
            )
            request.session.pop(_DRAFT, None)
            return onward(request, issue, Step.REVIEW)
        except StaleIssue as error:
            late = steps.late(form, issue)
            form = _renewed(form, issue, photos, error)
    if draft is not None and not form.is_bound:
        late = {"since": _by_others(request, issue, draft)}
    late["screens"] = presence.beside(issue, request.user)
    context = staff.frame(request, "triage", issue=issue, form=form, photos=photos, **late)
    status = HTTPStatus.OK if not form.is_bound else _bad(stale="late" in late)
    return render(request, "issues/review.html", context, status=status)


def _ask_why(request: StaffRequest, issue: Issue) -> HttpResponse:
    """Lead to the reason that opens what has been reviewed already."""
    messages.warning(request, _("Sudah ditinjau. Untuk meninjau ulang, buka dulu yang asli."))
    return redirect(f"{reverse('case', args=[issue.number])}#original")


def _second(request: StaffRequest, issue: Issue, form: ReviewForm) -> HttpResponse:
    """Show a reviewer who comes second both texts, and nothing of what the first one has sealed.

    What they typed waits for them behind the reason that opens the original.
    """
    _keep(request, issue)
    late = steps.late(form, issue) | {"resend": ""}
    context = staff.frame(request, "triage", issue=issue, **late)
    return render(request, "issues/review_late.html", context, status=HTTPStatus.CONFLICT)


def _keep(request: StaffRequest, issue: Issue) -> None:
    """Hold what was typed and ticked in the session, for the same reviewer of the same issue."""
    typed = request.POST.copy()
    for name in ("csrfmiddlewaretoken", "redact"):
        typed.pop(name, None)
    request.session[_DRAFT] = {issue.number: typed.urlencode()}


def _step_aside(request: StaffRequest, issue: Issue, photos: list[Photo]) -> HttpResponse:
    """Keep what was typed and ticked while the reviewer blacks out a photo.

    Raises:
        Http404: the photo is none of this issue.
    """
    asked = next((one for one in photos if str(one.pk) == request.POST["redact"]), None)
    if asked is None:
        raise Http404
    _keep(request, issue)
    return redirect(_with_query(request, reverse("redact", args=[asked.pk])))


def _with_query(request: StaffRequest, address: str) -> str:
    """Keep in an address from which queue somebody came."""
    query = request.GET.urlencode()
    return f"{address}?{query}" if query else address


def _draft(request: StaffRequest, issue: Issue) -> QueryDict | None:
    """Find what somebody had typed before they went to black out a photo."""
    kept = request.session.get(_DRAFT, {}).get(issue.number)
    return None if kept is None else QueryDict(kept)


def _by_others(request: StaffRequest, issue: Issue, draft: QueryDict) -> list[Event]:
    """List what somebody else has done while the reviewer was blacking out a photo."""
    version = draft.get("version", "")
    seen = int(version) if version.isdecimal() else issue.version
    return [one for one in steps.since(issue, seen) if one.actor_id != request.user.pk]


def _renewed(form: ReviewForm, issue: Issue, photos: list[Photo], error: StaleIssue) -> ReviewForm:
    """Show a review again on the issue as it stands now, with every word that was typed."""
    data = cast("QueryDict", form.data).copy()
    data["version"] = str(error.current_version)
    again = ReviewForm(data, issue=issue, photos=photos)
    again.add_error(None, said(error))
    return again


def _bad(*, stale: bool) -> HTTPStatus:
    return HTTPStatus.CONFLICT if stale else HTTPStatus.UNPROCESSABLE_ENTITY


@require_http_methods(["GET", "HEAD", "POST"])
def redact(request: StaffRequest, photo: UUID) -> HttpResponse:
    """Burn black boxes into a photo: drawn with the pointer, or typed as numbers."""
    row = get_object_or_404(
        Photo.objects.select_related("issue"),
        pk=photo,
        state=Photo.State.CLEAN,
        issue__city=request.city,
    )
    issue = staff.issue_or_404(request, row.issue.number, DESK)
    if actions.is_locked(issue, request.user):
        return _ask_why(request, issue)
    boxes = boxes_over(request.POST or None)
    late: dict[str, Any] = {}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if boxes.is_bound else HTTPStatus.OK
    if boxes.is_bound and boxes.is_valid():
        try:
            actions.redact(row.pk, boxes.boxes(), actor=request.user, version=boxes.version or 0)
            return redirect(_with_query(request, reverse("review", args=[issue.number])))
        except StaleIssue:
            status, late = HTTPStatus.CONFLICT, _burnt_by_others(boxes, issue)
        except (MissingDuty, PhotoRefused, StorageFull) as error:
            boxes.refuse(said(error))
    context = staff.frame(request, "triage", issue=issue, photo=row, boxes=boxes, **late)
    return render(request, "issues/redact.html", context, status=status)


def _burnt_by_others(boxes: Boxes, issue: Issue) -> dict[str, Any]:
    """Lay the boxes of a form beside what was done to the issue since it was opened."""
    typed = [
        (_("Kotak %(n)d") % {"n": at}, " · ".join(f"{100 * side:.0f}%" for side in box))
        for at, box in enumerate(boxes.boxes(), start=1)
    ]
    since = steps.since(issue, boxes.version or 0)
    return {"since": since, "typed": typed, "resend": "form-redact", "late": True}


# Another kind --------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def classify(request: StaffRequest, number: str) -> HttpResponse:
    """Give an issue another kind; its words may propose one."""
    issue = staff.issue_or_404(request, number, DESK)
    if Step.CLASSIFY not in steps.offered(issue, request.user):
        return redirect("case", issue.number)
    proposed = proposal.propose(issue.description, request.city)
    other = proposed.category if proposed and proposed.category != issue.category else None
    form = KindForm(request.POST or None, issue=issue, proposed=other.service_code if other else "")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    late: dict[str, Any] = {}
    if form.is_valid():
        try:
            actions.classify(
                issue.pk,
                form.category,
                actor=request.user,
                version=form.cleaned_data["version"],
                exact=form.cleaned_data.get("exact", False),
            )
            return onward(request, issue, Step.CLASSIFY)
        except StaleIssue as error:
            status, late = HTTPStatus.CONFLICT, steps.late(form, issue)
            form = _chosen_again(request, issue, error)
    context = staff.frame(request, "triage", issue=issue, form=form, proposed=other, **late)
    return render(request, "issues/classify.html", context, status=status)


def _chosen_again(request: StaffRequest, issue: Issue, error: StaleIssue) -> KindForm:
    """Show the choice again on the issue as it stands now."""
    data = request.POST.copy()
    data["version"] = str(error.current_version)
    again = KindForm(data, issue=issue)
    again.add_error(None, said(error))
    return again


# Duplicates ----------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def duplicates(request: StaffRequest, number: str) -> HttpResponse:
    """Show an issue beside those near it, and merge it into the chosen one."""
    issue = staff.issue_or_404(request, number, DESK)
    if Step.MERGE not in steps.offered(issue, request.user):
        return redirect("case", issue.number)
    form = StepForm(request.POST or None, step=Step.MERGE, issue=issue)
    status, late = HTTPStatus.OK, {}
    if form.is_bound:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            status = steps.carry_out(form, request.user)
        if status is HTTPStatus.OK:
            return onward(request, issue, Step.MERGE)
        late = steps.late(form, issue) if status is HTTPStatus.CONFLICT else {}
        issue = staff.issue_or_404(request, number, DESK)
        form = steps.renewed(form, issue)
    context = _side_by_side(request, issue) | late
    return render(request, "issues/duplicates.html", {**context, "form": form}, status=status)


def _side_by_side(request: StaffRequest, issue: Issue) -> dict[str, Any]:
    near = candidates(request, issue)
    asked = str(request.POST.get("original") or request.GET.get("beside", "")).strip().upper()
    chosen = next((one for one in near if one.number == asked), None)
    if chosen is None and asked:
        chosen = _mergeable(request, issue).filter(number=asked).first()
    if chosen is None and not asked:
        alike = [one for one in near if one.category_id == issue.category_id]
        chosen = next(iter([*alike, *near]), None)
    prefetch_related_objects([issue], _clean_photos())
    return staff.frame(
        request,
        "triage",
        issue=issue,
        near=near,
        chosen=chosen,
        pair=[issue, *([chosen] if chosen else [])],
        typed=asked or (chosen.number if chosen else ""),
        site=site(request, [issue, *near]),
    )


def _mergeable(request: StaffRequest, issue: Issue) -> IssueQuerySet:
    """Return what an issue could be a duplicate of: all of the city but itself and duplicates."""
    issues = staff.visible(request).exclude(pk=issue.pk).exclude(status=Status.DUPLICATE)
    return issues.prefetch_related(_clean_photos())


def candidates(request: StaffRequest, issue: Issue) -> list[Issue]:
    """List issues near an issue, nearest first; without a point the newest of its kind there."""
    others = _mergeable(request, issue)
    if issue.point is None:
        same = others.filter(category=issue.category_id, jurisdiction=issue.jurisdiction_id)
        return list(same.order_by("-received_at", "pk")[:MOST_CANDIDATES])
    close = others.filter(point__intersects=box_around(issue.point, NEAR_M)).nearest_to(issue.point)
    near = close.filter(distance__lte=NEAR_M)  # type: ignore[misc]  # annotated by nearest_to
    return list(near[:MOST_CANDIDATES])
