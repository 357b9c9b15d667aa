"""One issue as the office sees it: what was reported, who decided what, what may be done next."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from issues import actions, permissions, photos, publication
from issues.actions import clocks
from issues.forms import replies
from issues.forms.delegate import DelegateForm
from issues.forms.desk import StepForm
from issues.forms.reasons import ReasonForm
from issues.models import Access, Decision, Event, Issue, Photo, Reporter
from issues.views import flagging, presence, staff, steps
from issues.views.staff import StaffRequest
from issues.workflow import LAYER, PUBLIC_NOTES, REPORTER_NOTES, Role, Status, Step


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the internal timeline, and who else may read its note."""

    event: Event
    readers: str


@require_safe
def case(request: StaffRequest, number: str) -> HttpResponse:
    """Show an issue with its history and its buttons; remember who of its department saw it."""
    issue = staff.issue_or_404(request, number, staff.OFFICE)
    actions.see(issue, request.user)
    actions.beat(issue.pk, request.user)
    return render(request, "issues/case.html", _context(request, issue))


@require_POST
def step(request: StaffRequest, number: str) -> HttpResponse:
    """Take one step of the workflow."""
    issue = staff.issue_or_404(request, number, staff.OFFICE)
    name = steps.named(request)
    form = steps.bind(request, issue, name, _groups(request, issue))
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid():
        status = steps.carry_out(form, request.user)
    if status is HTTPStatus.OK:
        return redirect(_next_address(request, issue))
    issue = staff.issue_or_404(request, number, staff.OFFICE)
    context = _context(request, issue, refused=form, stale=status is HTTPStatus.CONFLICT)
    return render(request, "issues/case.html", context, status=status)


@require_POST
def unseal(request: StaffRequest, number: str) -> HttpResponse:
    """Open the reporter's identity or the original for a while, to whom says why.

    Raises:
        Http404: this person may not see it, whatever the reason.
    """
    issue = staff.issue_or_404(request, number, staff.OFFICE)
    kind = request.POST.get("kind", "")
    if kind not in _may_open(request, issue):
        raise Http404
    form = ReasonForm(request.POST, kind=kind)
    if form.is_valid():
        actions.open_up(
            issue,
            Access.Kind(kind),
            actor=request.user,
            purpose=form.cleaned_data["purpose"],
            reason=form.cleaned_data["reason"],
        )
        return redirect(f"{reverse('case', args=[issue.number])}#{kind}")
    context = _context(request, issue) | {f"{kind}_form": form}
    return render(request, "issues/case.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _may_open(request: StaffRequest, issue: Issue) -> set[str]:
    """List what somebody may open of an issue once they say why."""
    kinds = {
        Access.Kind.IDENTITY: permissions.sees_identity(issue, request.user),
        Access.Kind.ORIGINAL: permissions.sees_original(issue, request.user),
    }
    return {str(kind) for kind, may in kinds.items() if may}


def _next_address(request: StaffRequest, issue: Issue) -> str:
    """Stay on the issue while this person may still see it, else go back to the desk."""
    visible = staff.visible(request).filter(pk=issue.pk).exists()
    return reverse("case", args=[issue.number]) if visible else reverse("desk")


@require_safe
def staff_photo(request: StaffRequest, photo: UUID, generation: int, size: str) -> HttpResponseBase:
    """Serve a clean photo to staff who may see it; the raw file is served to nobody.

    Raises:
        Http404: there is no such photo, or not for this person.
    """
    row = (
        Photo.objects.filter(pk=photo, generation=generation, state=Photo.State.CLEAN)
        .select_related("issue__department", "issue__jurisdiction")
        .defer("issue__jurisdiction__area")
        .filter(issue__in=staff.visible(request))
        .first()
    )
    if row is None or size not in photos.SIZES or row not in seen_photos(request, row.issue, [row]):
        raise Http404
    if not default_storage.exists(row.path(size)):
        raise Http404
    file = default_storage.open(row.path(size))
    return FileResponse(
        file, content_type="image/jpeg", headers={"Cache-Control": "private, no-store"}
    )


def seen_photos(request: StaffRequest, issue: Issue, some: list[Photo]) -> list[Photo]:
    """Keep the photos that somebody may see now: a crew gets a work order, not the evidence.

    What a review has held back opens to the office only, and only with a reason.
    """
    user = request.user
    if permissions.sees_original(issue, user) and not actions.is_locked(issue, user):
        return some
    return _without_originals(some)


def _without_originals(some: list[Photo]) -> list[Photo]:
    return [
        photo
        for photo in some
        if photo.public or (photo.kind == Photo.Kind.AFTER and photo.uploaded_by_id)
    ]


# What the page shows -------------------------------------------------------------------------


def _context(
    request: StaffRequest, issue: Issue, *, refused: StepForm | None = None, stale: bool = False
) -> dict[str, Any]:
    offered = steps.offered(issue, request.user)
    groups = _groups(request, issue)
    forms = steps.empty(issue, [one for one in offered if one not in steps.ELSEWHERE], groups)
    again = steps.renewed(refused, issue, groups) if refused else None
    if again and again.step in forms:
        forms[again.step] = again
    replies.offer(forms, issue)
    quick = [form for form in forms.values() if form.is_plain and form is not again]
    return staff.frame(
        request,
        "board",
        issue=issue,
        layer=LAYER[issue.workflow_status],
        groups=steps.grouped(one for one in forms.values() if one not in quick),
        quick=quick,
        refused=again,
        homeless=again is not None and again.step not in forms,
        since=steps.since(issue, steps.typed_version(refused)) if refused and stale else [],
        stale=stale,
        photo_kept=bool(refused and refused.files),
        typed=steps.typed(refused) if refused and stale else [],
        resend=f"form-{again.step}" if again and again.step in forms else "",
        screens=presence.beside(issue, request.user),
        can_review=Step.REVIEW in offered,
        can_merge=Step.MERGE in offered,
        can_classify=Step.CLASSIFY in offered,
        can_split=Step.SPLIT in offered,
        delegate=DelegateForm(issue=issue) if Step.DELEGATE in offered else None,
        can_unflag=Step.UNFLAG in offered,
        flags=flagging.raised(issue),
        collisions=flagging.collisions(issue),
        **_facts(request, issue),
    )


def _facts(request: StaffRequest, issue: Issue) -> dict[str, Any]:
    """Read what is known of an issue, words and contact only where this person may."""
    decision = latest_decision(issue)
    user = request.user
    originals = _originals(request, issue)
    everything = originals.pop("everything")
    return {
        "decision": decision,
        "clocks": clocks.explained(issue) if issue.is_open else None,
        "trace": list(enumerate(decision.trace, start=1)) if decision else [],
        "second": second_choice(decision),
        "entries": _entries(issue),
        "supports": publication.supports_of([issue.pk])[issue.pk],
        "sightings": list(issue.sightings.select_related("user", "department")),
        "photos": everything,
        **_pictures(everything),
        "sees_original": permissions.sees_original(issue, user),
        "answers": staff.answers(issue) if permissions.sees_original(issue, user) else [],
        **originals,
        "confirmed_at": issue.confirmed_at if issue.status == Status.RESOLVED else None,
        "parts": _parts(issue),
        "site": site(request, [issue]),
    }


def _parts(issue: Issue) -> list[Issue]:
    """List each department's part of a divided issue."""
    return list(issue.parts.select_related("department").order_by("pk")) if issue.is_split else []


def _pictures(everything: list[Photo]) -> dict[str, Any]:
    """Sort photos; the first of the damage and the last of the repair stand side by side."""
    before = [photo for photo in everything if photo.kind != Photo.Kind.AFTER]
    after = [photo for photo in everything if photo.kind == Photo.Kind.AFTER]
    seen = [[one for one in some if one.state == Photo.State.CLEAN] for some in (before, after)]
    pair = (seen[0][0], seen[1][-1]) if all(seen) else ()
    return {
        "pair": pair,
        "before": [photo for photo in before if photo not in pair],
        "after": [photo for photo in after if photo not in pair],
    }


def _originals(request: StaffRequest, issue: Issue) -> dict[str, Any]:
    """Read what stands behind a reason, as far as it is open, and the forms that ask for one."""
    may = _may_open(request, issue)
    kinds = actions.opened(issue, request.user) if may else frozenset()
    every = list(issue.photos.all())
    sealed = permissions.is_sealed(issue) and Access.Kind.ORIGINAL not in kinds
    is_open = Access.Kind.ORIGINAL in may and not sealed
    seen = every if is_open else _without_originals(every)
    differs = issue.public_text != issue.description or len(seen) < len(every)
    reporter = _reporter(issue) if Access.Kind.IDENTITY in may else None
    asks_who = reporter is not None and Access.Kind.IDENTITY not in kinds
    asks_original = Access.Kind.ORIGINAL in may and sealed and differs
    return {
        "everything": seen,
        "original_open": is_open,
        "original_form": ReasonForm(kind=Access.Kind.ORIGINAL) if asks_original else None,
        "identity_form": ReasonForm(kind=Access.Kind.IDENTITY) if asks_who else None,
        "reporter": None if asks_who else reporter,
    }


def latest_decision(issue: Issue) -> Decision | None:
    """Return the newest answer of routing."""
    related = issue.decisions.select_related("department", "rule", "edition", "jurisdiction")
    return related.defer("jurisdiction__area").last()


def second_choice(decision: Decision | None) -> dict[str, Any] | None:
    """Find who came second: the next line after the one that decided."""
    if decision is None or not decision.trace:
        return None
    others = decision.trace[1:] if decision.trace[0]["fits"] else decision.trace
    return others[0] if others else None


def _entries(issue: Issue) -> list[Entry]:
    events = issue.events.select_related("actor", "department").order_by("seq")
    return [Entry(event, _readers(Step(event.step))) for event in events]


def _readers(step: Step) -> str:
    if step in PUBLIC_NOTES:
        return "public"
    return "reporter" if step in REPORTER_NOTES else "staff"


def _reporter(issue: Issue) -> Reporter | None:
    """Read how to reach the reporter, where they agreed to be reached."""
    return Reporter.objects.filter(issue=issue, consented_at__isnull=False).first()


def _groups(request: StaffRequest, issue: Issue) -> steps.Groups:
    """Offer departments to those who may send an issue somewhere."""
    if Role.DISPATCHER not in permissions.roles(request.user, issue):
        return ()
    return steps.groups_of(list(staff.in_city(request)), latest_decision(issue))


def site(request: StaffRequest, issues: list[Issue], address: str = "case") -> dict[str, Any]:
    """Describe issues for the small map; the list beside it holds the same ones."""
    return {
        "extent": request.city.extent,
        "marks": [
            {
                "number": issue.number,
                "name": issue.category.label,
                "lon": issue.point.x,
                "lat": issue.point.y,
                "layer": _slug(issue),
                "overdue": issue.is_overdue,
                "url": reverse(address, args=[issue.number]),
            }
            for issue in issues
            if issue.point
        ],
    }


def _slug(issue: Issue) -> str:
    layer = LAYER[issue.workflow_status]
    return "ditutup" if layer is None else layer.slug
