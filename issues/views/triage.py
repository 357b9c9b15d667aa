"""The dispatcher's queues, and the pages of larger decisions: review, duplicates, black boxes."""

import math
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.gis.geos import Point, Polygon
from django.db.models import (
    Count,
    Exists,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    prefetch_related_objects,
)
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from issues import actions, proposal
from issues.errors import MissingDuty, PhotoRefused, StaleIssue, StorageFull
from issues.forms.desk import StepForm, said
from issues.forms.kinds import KindForm
from issues.forms.review import ReviewForm, boxes_over
from issues.models import (
    Comment,
    Decision,
    Event,
    Issue,
    IssueQuerySet,
    Photo,
    awaits_review,
    worked_with,
)
from issues.views import staff, steps
from issues.views.case import site
from issues.views.staff import StaffRequest
from issues.workflow import OPEN, TRIAGE, Role, Status, Step

DESK: Final = frozenset({Role.DISPATCHER})
NEAR_M: Final = 300
"""How far away a duplicate may lie, metres."""
MOST_CANDIDATES: Final = 12
METRES_PER_DEGREE: Final = 111_320.0
_DRAFT: Final = "review"
"""Where the session keeps an unfinished review: number of the issue -> what was typed."""


@dataclass(frozen=True, slots=True)
class Queue:
    """One of the dispatcher's queues: its name and which issues stand in it (see `_queued`)."""

    label: Any
    rule: Q


def _proposal(column: str) -> Subquery:
    """Return a column of the newest routing decision."""
    newest = Decision.objects.filter(issue=OuterRef("pk")).order_by("-pk")
    return Subquery(newest.values(column)[:1])


def _refusals() -> QuerySet[Event]:
    return Event.objects.filter(issue=OuterRef("pk"), step=Step.REFUSE)


def _queued(issues: IssueQuerySet) -> IssueQuerySet:
    """Add what the queues ask: a proposed department, a refusal, a dispatcher's hand, a review."""
    by_desk = Event.objects.filter(issue=OuterRef("pk"), role=Role.DISPATCHER)
    return issues.annotate(
        proposed=_proposal("department"),
        refused=Exists(_refusals()),
        looked_on=Exists(by_desk),
        unreviewed=awaits_review(),
    )


QUEUES: Final[dict[str, Queue]] = {
    "baru": Queue(
        _("baru"), Q(status__in=TRIAGE, proposed__isnull=False, refused=False, held=False)
    ),
    "ditahan": Queue(_("menunggu pemeriksaan"), Q(status__in=TRIAGE, held=True)),
    "ditolak": Queue(_("ditolak dinas"), Q(status__in=TRIAGE, refused=True)),
    "tanpa-rute": Queue(
        _("tanpa dinas"),
        Q(status__in=TRIAGE, proposed__isnull=True, refused=False, held=False),
    ),
    "menunggu-pelapor": Queue(
        _("menunggu pelapor, tanpa dinas"), Q(status=Status.NEEDS_INFO, department__isnull=True)
    ),
    "jalur-cepat": Queue(
        _("jalur cepat, belum dilihat"),
        Q(status__in=OPEN - TRIAGE, category__fast_lane=True, looked_on=False),
    ),
    "tinjau": Queue(_("teks dan foto belum ditinjau"), Q(unreviewed=True, held=False)),
}
"""Queues by their name in the address bar, in the order of urgency."""


@require_safe
def triage(request: StaffRequest) -> HttpResponse:
    """List one queue, oldest first, with the reason why each issue is in it."""
    name = request.GET.get("queue", "")
    name = name if name in QUEUES else next(iter(QUEUES))
    issues = _queued(staff.visible(request)).filter(QUEUES[name].rule)
    page = staff.page(
        issues.annotate(
            reason=_proposal("reason"),
            edge_m=_proposal("edge_m"),
            refusal=Subquery(_refusals().order_by("-seq").values("note")[:1]),
            refusals=Subquery(
                _refusals().order_by().values("issue").annotate(n=Count("pk")).values("n")
            ),
        ).prefetch_related(_clean_photos()),
        "received_at",
        request.GET.get("after", ""),
    )
    tallies = counts(request)
    queues = [
        {"name": key, "label": queue.label, "count": tallies[key], "here": key == name}
        for key, queue in QUEUES.items()
    ]
    context = staff.frame(
        request,
        "triage",
        queues=queues,
        queue=name,
        page=page,
        title=QUEUES[name].label,
        comments_waiting=Comment.objects.waiting()
        .filter(city=request.city, issue__public_detail__isnull=False)
        .count(),
    )
    return render(request, "issues/triage.html", context)


def counts(request: StaffRequest) -> dict[str, int]:
    """Count every queue in one statement."""
    issues = _queued(Issue.objects.filter(city=request.city))
    return issues.aggregate(
        **{name: Count("pk", filter=queue.rule) for name, queue in QUEUES.items()}
    )


def _clean_photos() -> "Prefetch[str, QuerySet[Photo], str]":
    clean = Photo.objects.filter(worked_with(), state=Photo.State.CLEAN)
    return Prefetch("photos", clean, to_attr="shown_photos")


# Review --------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def review(request: StaffRequest, number: str) -> HttpResponse:
    """Release words and photos, one by one."""
    issue = staff.issue_or_404(request, number, DESK)
    if actions.is_locked(issue, request.user):
        return _ask_why(request, issue)
    photos = list(issue.photos.all())
    if "redact" in request.POST:
        return _step_aside(request, issue, photos)
    draft = _draft(request, issue)
    form = ReviewForm(request.POST or None, issue=issue, photos=photos, draft=draft)
    stale = False
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
            return redirect("case", issue.number)
        except StaleIssue as error:
            stale = True
            form = _renewed(form, issue, photos, error)
    since = steps.since(issue, int(request.POST.get("version", 0))) if stale else []
    if draft is not None and not form.is_bound:
        since = _by_others(request, issue, draft)
    context = staff.frame(request, "triage", issue=issue, form=form, photos=photos, since=since)
    status = HTTPStatus.OK if not form.is_bound else _bad(stale=stale)
    return render(request, "issues/review.html", context, status=status)


def _ask_why(request: StaffRequest, issue: Issue) -> HttpResponse:
    """Lead to the reason that opens what has been reviewed already."""
    said_why = _("Sudah ditinjau. Untuk meninjau ulang, buka dulu yang asli.")
    messages.warning(request, str(said_why))
    return redirect(f"{reverse('case', args=[issue.number])}#original")


def _step_aside(request: StaffRequest, issue: Issue, photos: list[Photo]) -> HttpResponse:
    """Keep what was typed and ticked while the reviewer blacks out a photo.

    Raises:
        Http404: the photo is none of this issue.
    """
    asked = next((one for one in photos if str(one.pk) == request.POST["redact"]), None)
    if asked is None:
        raise Http404
    typed = request.POST.copy()
    for name in ("csrfmiddlewaretoken", "redact"):
        typed.pop(name, None)
    request.session[_DRAFT] = {issue.number: typed.urlencode()}
    return redirect("redact", asked.pk)


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
    if boxes.is_bound and boxes.is_valid():
        try:
            actions.redact(row.pk, boxes.boxes(), actor=request.user)
            return redirect("review", issue.number)
        except (MissingDuty, PhotoRefused, StorageFull) as error:
            boxes.refuse(said(error))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if boxes.is_bound else HTTPStatus.OK
    context = staff.frame(request, "triage", issue=issue, photo=row, boxes=boxes)
    return render(request, "issues/redact.html", context, status=status)


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
    if form.is_valid():
        try:
            actions.classify(
                issue.pk,
                form.category,
                actor=request.user,
                version=form.cleaned_data["version"],
                exact=form.cleaned_data.get("exact", False),
            )
            return redirect("case", issue.number)
        except StaleIssue as error:
            status, form = HTTPStatus.CONFLICT, _chosen_again(request, issue, error)
    context = staff.frame(request, "triage", issue=issue, form=form, proposed=other)
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
    status = HTTPStatus.OK
    if form.is_bound:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            status = steps.carry_out(form, request.user)
        if status is HTTPStatus.OK:
            return redirect("case", issue.number)
        issue = staff.issue_or_404(request, number, DESK)
        form = steps.renewed(form, issue)
    context = _side_by_side(request, issue)
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
    close = others.filter(point__intersects=_box(issue.point, NEAR_M)).nearest_to(issue.point)
    near = close.filter(distance__lte=NEAR_M)  # type: ignore[misc]  # annotated by nearest_to
    return list(near[:MOST_CANDIDATES])


def _box(point: Point, metres: float) -> Polygon:
    """Return the box around a point (EPSG:4326) that holds every place within some metres."""
    high = metres / METRES_PER_DEGREE
    wide = high / max(math.cos(math.radians(point.y)), 0.01)
    box = Polygon.from_bbox((point.x - wide, point.y - high, point.x + wide, point.y + high))
    box.srid = point.srid
    return box
