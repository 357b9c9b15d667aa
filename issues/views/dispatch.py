"""Triage on one screen: a queue, one issue of it with all that a decision needs, one key each."""

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from geodata.models import Department
from issues import actions, proposal
from issues.errors import MissingDuty, NotPermitted, StaleIssue, StepNotAllowed
from issues.forms import asking, replies
from issues.forms.desk import StepForm, said
from issues.models import Category, Decision, Event, Issue
from issues.views import queues, staff, steps
from issues.views.case import second_choice, site
from issues.views.queues import QUEUES
from issues.views.staff import StaffRequest
from issues.views.surroundings import Surroundings, around
from issues.workflow import Role, Step

DESK: Final = frozenset({Role.DISPATCHER})
SEND: Final = "send"
"""What the button with the key v posts: verify, and hand on to whom the route proposes."""
FORMS: Final = (Step.ASSIGN, Step.REROUTE, Step.ASK, Step.REJECT, Step.CONFIDE)
"""Steps that open under their key on this screen."""
WANTED: Final = frozenset(
    {*FORMS, Step.VERIFY, Step.NOTE, Step.MERGE, Step.SPLIT, Step.CLASSIFY, Step.REVIEW}
)
DEEDS: Final = {
    Step.VERIFY: gettext_lazy("diverifikasi"),
    Step.ASSIGN: gettext_lazy("didisposisikan"),
    Step.REROUTE: gettext_lazy("dialihkan"),
    Step.ASK: gettext_lazy("ditanyakan kepada pelapor"),
    Step.REJECT: gettext_lazy("ditolak"),
    Step.CONFIDE: gettext_lazy("dijadikan rahasia"),
    Step.MERGE: gettext_lazy("digabungkan"),
    Step.SPLIT: gettext_lazy("dibagi"),
    Step.CLASSIFY: gettext_lazy("diubah jenisnya"),
    Step.REVIEW: gettext_lazy("ditinjau"),
    Step.NOTE: gettext_lazy("dicatat sudah dilihat"),
}
_NUMBER: Final = re.compile(r"[A-Z0-9-]{3,24}")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in triage somebody stands: a queue, a page of it, and which issue comes next."""

    queue: str
    after: str = ""
    following: str = ""

    def address(self, number: str = "", done: str = "", step: str = "") -> str:
        """Write the address of an issue in this queue, and what was just done to another one."""
        asked = {"queue": self.queue, "after": self.after, "n": number}
        told = {"sudah": done, "langkah": step}
        query = urlencode({key: value for key, value in {**asked, **told}.items() if value})
        return f"{reverse('triage')}?{query}#laporan"

    @property
    def query(self) -> str:
        """Write this place for the address of a page that leads back here."""
        asked = {"queue": self.queue, "after": self.after, "next": self.following}
        return urlencode({key: value for key, value in asked.items() if value})


@dataclass(frozen=True, slots=True)
class Refused:
    """A decision that came too late, or lacked something: what was typed, and what happened."""

    issue: Issue
    form: StepForm | None
    error: Exception | None
    since: list[Event]
    typed: list[tuple[str, str]]


def place_of(values: Any) -> Place | None:
    """Read where in triage somebody came from; None where they came from elsewhere."""
    queue = values.get("queue", "")
    if queue not in QUEUES:
        return None
    return Place(queue, values.get("after", ""), values.get("next", ""))


def onward(request: StaffRequest, issue: Issue, step: Step) -> HttpResponse:
    """Go on after a decision: to the next issue of the queue, or back to the case."""
    place = place_of(request.GET)
    if place is None:
        return redirect("case", issue.number)
    return redirect(place.address(place.following, issue.number, step))


@require_safe
def triage(request: StaffRequest) -> HttpResponse:
    """Show a queue, oldest first, and one issue of it: the one asked for, else the first."""
    place = place_of(request.GET) or Place(next(iter(QUEUES)))
    page = queues.page(request, place.queue, place.after)
    if not page.rows and place.after:
        page, place = queues.page(request, place.queue), Place(place.queue)
    asked = request.GET.get("n", "").upper()
    found = [issue for issue in page.rows if issue.number == asked]
    chosen = next(iter([*found, *page.rows]), None)
    context = _context(request, place, page, chosen)
    context["open"] = bool(found)
    return render(request, "issues/triage.html", context | _told(request))


@require_POST
def decide(request: StaffRequest, number: str) -> HttpResponse:
    """Take one decision on an issue of a queue, and open the next one."""
    issue = staff.issue_or_404(request, number, DESK)
    place = place_of(request.POST) or Place(next(iter(QUEUES)))
    if request.POST.get("step") == SEND:
        refused, step, status = *_send(request, issue), HTTPStatus.CONFLICT
    else:
        step = steps.named(request)
        refused, status = _take(request, issue, step)
    if refused is None:
        return redirect(place.address(place.following, issue.number, step))
    page = queues.page(request, place.queue, place.after)
    again = queues.shown(request, queues.queued(staff.visible(request))).get(pk=issue.pk)
    queues.unfold(again)
    context = _context(request, place, page, again, refused)
    return render(request, "issues/triage.html", {**context, "open": True}, status=status)


def _send(request: StaffRequest, issue: Issue) -> tuple[Refused | None, Step]:
    """Verify and hand on with one press."""
    department = _department(request)
    version = request.POST.get("version", "")
    try:
        actions.send(
            issue.pk,
            department,
            actor=request.user,
            version=int(version) if version.isdecimal() else 0,
        )
    except (StaleIssue, StepNotAllowed, NotPermitted, MissingDuty) as error:
        seen = int(version) if version.isdecimal() else issue.version
        typed = [(str(Step.VERIFY.label), department.name if department else _("tanpa dinas"))]
        return Refused(issue, None, error, steps.since(issue, seen), typed), Step.VERIFY
    return None, Step.ASSIGN if department else Step.VERIFY


def _department(request: StaffRequest) -> Department | None:
    """Read to whom a press hands on.

    Raises:
        Http404: the form names a department that this city has not.
    """
    key = request.POST.get("department", "")
    if not key:
        return None
    found = staff.in_city(request).filter(pk=key).first() if key.isdecimal() else None
    if found is None:
        raise Http404
    return found


def _take(request: StaffRequest, issue: Issue, step: Step) -> tuple[Refused | None, HTTPStatus]:
    """Take a step that has a form on this screen."""
    groups = steps.groups_of(list(staff.in_city(request)), None)
    form = steps.bind(request, issue, step, groups)
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid():
        status = steps.carry_out(form, request.user)
    if status is HTTPStatus.OK:
        return None, status
    stale = status is HTTPStatus.CONFLICT
    since = steps.since(issue, steps.typed_version(form)) if stale else []
    return Refused(issue, form, None, since, steps.typed(form)), status


# What the screen shows -----------------------------------------------------------------------


def _context(
    request: StaffRequest,
    place: Place,
    page: staff.Page,
    chosen: Issue | None,
    refused: Refused | None = None,
) -> dict[str, Any]:
    desk = queues.desk(request.city)
    tabs = [
        {
            "name": name,
            "label": queue.label,
            "count": queues.tally(desk.counts[name]),
            "here": name == place.queue,
        }
        for name, queue in QUEUES.items()
    ]
    place, before = _neighbours(place, page, chosen)
    pane = _pane(request, chosen, desk.departments, refused) if chosen else {}
    return staff.frame(
        request,
        "triage",
        queues=tabs,
        queue=place.queue,
        title=QUEUES[place.queue].label,
        page=page,
        place=place,
        before=before,
        departments=desk.departments,
        comments_waiting=desk.comments,
        **pane,
    )


def _neighbours(place: Place, page: staff.Page, chosen: Issue | None) -> tuple[Place, str]:
    """Find the issues after and before one on its page of the queue."""
    numbers = [issue.number for issue in page.rows]
    at = numbers.index(chosen.number) if chosen and chosen.number in numbers else -1
    following = numbers[at + 1] if at + 1 < len(numbers) else ""
    before = numbers[at - 1] if at > 0 else ""
    return Place(place.queue, place.after, following), before


def _pane(
    request: StaffRequest,
    issue: Issue,
    departments: list[Department],
    refused: Refused | None,
) -> dict[str, Any]:
    """Collect all that a decision on one issue needs."""
    actions.beat(issue.pk, request.user)
    decision = _decision(issue)
    offered = actions.allowed(issue, request.user, among=WANTED)
    around_it = around(request, issue)
    proposed = next((one for one in departments if one.pk == decision.department_id), None)
    second = second_choice(decision)
    again = _again(refused, issue, departments, decision)
    return {
        "issue": issue,
        "decision": decision,
        "proposed": proposed,
        "second": second,
        "kind": _kind(request, issue) if Step.CLASSIFY in offered else None,
        "answers": asking.answered(issue),
        "around": around_it,
        "offered": {str(step) for step in offered},
        "forms": _forms(issue, offered, departments, decision, again),
        "refused": again,
        "late": refused,
        "resend": _resend(refused, offered),
        "error": said(refused.error) if refused and refused.error else "",
        "site": _site(request, issue, around_it),
    }


def _decision(issue: Issue) -> Decision:
    """Unpack the newest decision of routing; an empty one where there is none."""
    row: dict[str, Any] = issue.decided or {}  # type: ignore[attr-defined]  # annotated by queues
    return Decision(
        reason=row.get("reason", ""),
        edge_m=row.get("edge_m"),
        department_id=row.get("department"),
        trace=row.get("trace") or [],
    )


def _kind(request: StaffRequest, issue: Issue) -> Category | None:
    """Propose another kind from the words, where they speak of another one."""
    found = proposal.propose(issue.description, request.city) if issue.description else None
    return found.category if found and found.category.pk != issue.category_id else None


def _forms(
    issue: Issue,
    offered: tuple[Step, ...],
    departments: list[Department],
    decision: Decision,
    again: StepForm | None,
) -> list[StepForm]:
    """Make the forms of this screen, with what is likeliest already in them."""
    groups = steps.groups_of(departments, decision)
    forms = {
        step: StepForm(step=step, issue=issue, departments=groups)
        for step in FORMS
        # Where nobody has it yet, handing it on needs no reason.
        if step in offered and not (step is Step.REROUTE and Step.ASSIGN in offered)
    }
    for step in (Step.ASSIGN, Step.REROUTE):
        if step in forms:
            forms[step].initial["department"] = _likeliest(issue, groups)
    if Step.CONFIDE in forms:
        forms[Step.CONFIDE].initial["note"] = _("Menyangkut orang tertentu.")
    if again and again.step in forms:
        forms[again.step] = again
    replies.offer(forms, issue)
    return list(forms.values())


def _likeliest(issue: Issue, groups: steps.Groups) -> int | None:
    """Say which department to put into a form: the first of the proposals that has it not yet."""
    proposed = [key for _label, some in groups[:1] for key, _name in some] if groups else []
    return next((key for key in proposed if key != issue.department_id), None)


def _again(
    refused: Refused | None, issue: Issue, departments: list[Department], decision: Decision
) -> StepForm | None:
    if refused is None or refused.form is None:
        return None
    return steps.renewed(refused.form, issue, steps.groups_of(departments, decision))


def _resend(refused: Refused | None, offered: tuple[Step, ...]) -> str:
    """Name the form that sends a refused decision once more; empty where it is not possible now."""
    if refused is None:
        return ""
    if refused.form is None:
        return SEND if {Step.VERIFY, Step.ASSIGN} & set(offered) else ""
    return f"form-{refused.form.step}" if refused.form.step in offered else ""


def _site(request: StaffRequest, issue: Issue, around_it: Surroundings) -> dict[str, Any]:
    """Describe the small map: the issue, and what lies near."""
    return site(request, [issue, *around_it.near]) | {
        "here": [issue.point.x, issue.point.y] if issue.point else None
    }


def _told(request: StaffRequest) -> dict[str, Any]:
    """Say what was done to the issue before, as the address tells; nothing else is believed."""
    number, step = request.GET.get("sudah", ""), request.GET.get("langkah", "")
    if not _NUMBER.fullmatch(number) or step not in {*DEEDS}:
        return {}
    return {"done": number, "deed": DEEDS[Step(step)]}
