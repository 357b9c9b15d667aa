"""Many issues, one decision: a preview that says what will happen to each, then one press.

Each issue is decided by itself, in a transaction of its own and with an event of its own, on the
version that the preview showed; what has moved on since is listed, never forced.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from geodata.models import Department
from issues import actions
from issues.errors import IssueError, StaleIssue
from issues.forms.bulk import MOST, BulkForm, Deed, seen_versions
from issues.forms.desk import said
from issues.models import Issue
from issues.views import queues, staff
from issues.views.dispatch import Place, place_of
from issues.views.queues import QUEUES
from issues.views.staff import StaffRequest
from issues.workflow import Status, Step

STEPS: Final = {
    Deed.ASSIGN: Step.ASSIGN,
    Deed.REJECT: Step.REJECT,
    Deed.CONFIDE: Step.CONFIDE,
    Deed.HIDE: Step.HIDE,
}


@dataclass(frozen=True, slots=True)
class Line:
    """One issue of a preview or of its outcome: what happens to it, or why nothing can."""

    issue: Issue
    words: str
    fits: bool


@require_http_methods(["GET", "HEAD", "POST"])
def bulk(request: StaffRequest) -> HttpResponse:
    """Show what one decision would do to each chosen issue (GET), and do it (POST)."""
    place = place_of(request.GET) or Place(next(iter(QUEUES)))
    form = BulkForm(
        request.POST if request.method == "POST" else request.GET,
        departments=list(staff.in_city(request).order_by("name")),
    )
    seen = seen_versions(request.POST.getlist("seen"))
    numbers = list(seen) if request.method == "POST" else _asked(request)
    if not numbers:
        return redirect(place.address())
    issues = _chosen(request, numbers)
    done: list[Line] = []
    lines: list[Line] = []
    if form.is_valid() and request.method == "POST":
        done = [_do(request, form, issue, seen[issue.number]) for issue in issues]
    elif form.is_valid():
        lines = [_foresee(request, form, issue) for issue in issues]
    context = staff.frame(
        request, "triage", form=form, issues=issues, lines=lines, done=done, place=place, most=MOST
    )
    fitting = sum(line.fits for line in done or lines)
    return render(
        request,
        "issues/bulk.html",
        {**context, "fitting": fitting, "left": len(done or lines) - fitting},
        status=200 if form.is_valid() else 422,
    )


def _asked(request: StaffRequest) -> list[str]:
    """Read which issues were ticked; at most a hundred."""
    return [number.upper() for number in request.GET.getlist("pilih")][:MOST]


def _chosen(request: StaffRequest, numbers: Sequence[str]) -> list[Issue]:
    """Read the chosen issues with their proposals, oldest first; two statements."""
    issues = queues.queued(staff.visible(request)).filter(number__in=numbers)
    return list(issues.order_by("received_at", "pk"))


def _foresee(request: StaffRequest, form: BulkForm, issue: Issue) -> Line:
    """Say what a decision would do to one issue; the action has the last word."""
    wanted = [Step.VERIFY, Step.ASSIGN] if form.deed is Deed.SEND else [STEPS[form.deed]]
    offered = actions.allowed(issue, request.user, among=wanted)
    if not offered:
        words = _("tidak mungkin pada status “%(status)s”") % {"status": issue.get_status_display()}
        return Line(issue, words, fits=False)
    if issue.hidden and form.deed is Deed.HIDE:
        return Line(issue, _("sudah disembunyikan"), fits=False)
    if form.deed is Deed.SEND:
        return _foresee_sending(form, issue)
    return Line(issue, _will(form), fits=True)


def _foresee_sending(form: BulkForm, issue: Issue) -> Line:
    """Say where the proposal of the route leads."""
    department = _proposed(form, issue)
    if department:
        words = _("diverifikasi, lalu ke %(name)s") % {"name": department.name}
        return Line(issue, words, fits=True)
    if issue.status == Status.SUBMITTED:
        return Line(issue, _("diverifikasi; tetap di triase, tanpa usulan dinas"), fits=True)
    return Line(issue, _("sudah diverifikasi, dan tanpa usulan dinas"), fits=False)


def _will(form: BulkForm) -> str:
    """Say what a decision does, the same for each."""
    name = form.receiver.name if form.receiver else ""
    words = {
        Deed.ASSIGN: _("ke %(name)s"),
        Deed.REJECT: _("ditolak; alasan dibaca publik dan pelapor"),
        Deed.CONFIDE: _("menjadi rahasia: hilang dari publik"),
        Deed.HIDE: _("disembunyikan dari publik"),
    }
    return words[form.deed] % {"name": name}


def _proposed(form: BulkForm, issue: Issue) -> Department | None:
    """Find the department that the route proposes, where it can be given work."""
    key: int | None = issue.proposed  # type: ignore[attr-defined]  # annotated by queues
    return form.by_key.get(str(key))


def _do(request: StaffRequest, form: BulkForm, issue: Issue, version: int) -> Line:
    """Decide one issue; whatever forbids it becomes a line of the outcome."""
    try:
        if form.deed is Deed.SEND:
            actions.send(issue.pk, _proposed(form, issue), actor=request.user, version=version)
        else:
            _take(request, form, issue, version)
    except StaleIssue:
        return Line(issue, _("berubah sejak pratinjau: tidak disentuh"), fits=False)
    except IssueError as error:
        return Line(issue, said(error), fits=False)
    return Line(issue, _foresee_done(form, issue), fits=True)


def _take(request: StaffRequest, form: BulkForm, issue: Issue, version: int) -> None:
    actions.take(
        issue.pk,
        STEPS[form.deed],
        actor=request.user,
        version=version,
        note=form.cleaned_data["note"],
        department=form.receiver if form.deed is Deed.ASSIGN else None,
    )


def _foresee_done(form: BulkForm, issue: Issue) -> str:
    """Say what was done, in the words of the preview."""
    return _foresee_sending(form, issue).words if form.deed is Deed.SEND else _will(form)
