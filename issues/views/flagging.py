"""What the office must look at: flags in words, what collided in the field, and who has seen it."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from issues import actions
from issues.errors import NotPermitted
from issues.models import Event, FieldOp, Flag, Issue
from issues.views import staff
from issues.views.staff import StaffRequest
from issues.workflow import Step

_DAY_MIN = 24 * 60
_HOUR_MIN = 60


@dataclass(frozen=True, slots=True)
class Raised:
    """One open flag, in words; `number` is another issue that it points to."""

    flag: Flag
    words: str
    number: str


@dataclass(frozen=True, slots=True)
class Collision:
    """A crew's op that came too late, and what others had done by then."""

    op: FieldOp
    theirs: list[Event]


def raised(issue: Issue) -> list[Raised]:
    """List the open flags of an issue, oldest first."""
    flags = issue.flags.filter(settled_at=None)
    return [Raised(flag, words(flag), flag.data.get("number", "")) for flag in flags]


def words(flag: Flag) -> str:
    """Say what a flag is about, with its numbers."""
    said: dict[str, Any] = flag.data
    match flag.kind:
        case Flag.Kind.FAR:
            return _(
                "Foto bukti diambil %(metres)d m dari titik laporan (ketelitian ±%(accuracy)d m)."
            ) % {"metres": said.get("metres", 0), "accuracy": said.get("accuracy", 0)}
        case Flag.Kind.OLD:
            taken = {"span": span(said.get("minutes", 0))}
            return _("Foto bukti diambil %(span)s sebelum langkah selesai.") % taken
        case Flag.Kind.SAME_PHOTO:
            return _("Foto bukti sama dengan foto laporan %(number)s.") % {
                "number": said.get("number", "")
            }
        case Flag.Kind.LATE_OP:
            late = {"step": Step(said["step"]).label, "span": span(said["hours"] * _HOUR_MIN)}
            return _("Langkah “%(step)s” baru sampai %(span)s setelah dilakukan.") % late
    label = flag.get_kind_display()
    return f"{label[:1].upper()}{label[1:]}."


def span(minutes: int) -> str:
    """Say a span of time in its largest unit."""
    for size, one, many in (
        (_DAY_MIN, _("%(n)d hari"), _("%(n)d hari")),
        (_HOUR_MIN, _("%(n)d jam"), _("%(n)d jam")),
    ):
        if abs(minutes) >= size:
            count = round(minutes / size)
            return (one if count == 1 else many) % {"n": count}
    return ngettext("%(n)d menit", "%(n)d menit", minutes) % {"n": minutes}


def collisions(issue: Issue) -> list[Collision]:
    """List what came from the field too late to be done, oldest first; two statements at most."""
    ops = list(issue.field_ops.filter(state=FieldOp.State.CONFLICT).select_related("user"))
    seqs = {seq for op in ops for seq in op.answer.get("theirs", ())}
    rows = issue.events.filter(seq__in=seqs).select_related("actor") if seqs else ()
    events = {event.seq: event for event in rows}
    return [Collision(op, [events[seq] for seq in op.answer["theirs"]]) for op in ops]


@require_POST
def unflag(request: StaffRequest, flag: int) -> HttpResponse:
    """Settle a flag: somebody of the office has looked.

    Raises:
        Http404: there is no such flag, or not for this person.
    """
    row = Flag.objects.select_related("issue").filter(pk=flag).first()
    if row is None:
        raise Http404
    issue = staff.issue_or_404(request, row.issue.number, staff.OFFICE)
    try:
        actions.unflag(row.pk, actor=request.user)
    except NotPermitted:
        raise Http404 from None
    return redirect(f"{reverse('case', args=[issue.number])}#flags")
