"""Comments: said on the public page of an issue, read by the city before anybody else does."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from issues import actions, pace
from issues.doors import pays
from issues.forms.comments import CommentForm, JudgeForm
from issues.models import Comment, PublicDetail
from issues.views import proof, staff
from issues.views.browsing import CityRequest
from issues.views.persons import device_of, known, persons, remember
from issues.views.proof import CitizenRequest
from issues.views.staff import StaffRequest

PER_PERSON: Final = 10
"""Comments an hour of one account or device."""
PER_LINE: Final = 60
"""Comments an hour of one address, behind which a carrier may hide a whole suburb."""
UNPAID_PER_LINE: Final = 10
"""Those among them for which nobody has worked."""
_HOUR: Final = timedelta(hours=1)
_MOST: Final = 50


def frame(request: CityRequest, detail: PublicDetail) -> dict[str, Any]:
    """Collect what `issues/_comments.html` needs: what all may read, and what is one's own."""
    # Whoever has no name here has said nothing here.
    named = known(request) or request.user.is_authenticated
    ours = persons(request, known(request)) if named else []
    shown = list(Comment.objects.shown().filter(issue=detail.pk).order_by("at", "pk")[:_MOST])
    own = Comment.objects.waiting().filter(issue=detail.pk, person__in=ours) if ours else []
    return {
        "comments": [(one, one.person in ours) for one in shown],
        "own_waiting": list(own),
        "comment_form": CommentForm(initial={"uuid": uuid4()}, auto_id="comment_%s"),
    }


@proof.private
@require_POST
def say(request: CitizenRequest, number: str) -> HttpResponse:
    """Take in a comment, which waits until somebody of the city has read it.

    Raises:
        Http404: the public knows no such issue.
    """
    detail = get_object_or_404(PublicDetail, city=request.city, number=number)
    form = CommentForm(request.POST, auto_id="comment_%s")
    if not form.is_valid():
        context = {"detail": detail, "comment_form": form}
        return render(
            request, "issues/comment.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY
        )
    answer = redirect(f"{_page(number)}#komentar")
    if form.cleaned_data["website"]:
        return answer
    device = device_of(request)
    who = persons(request, device)
    paid = _is_paid(request, form)
    if _is_too_much(request, who[0], paid=paid):
        messages.warning(request, _("Terlalu banyak komentar dalam satu jam. Coba lagi nanti."))
        return answer
    actions.comment(detail.pk, _remark(request, form, who[0], paid=paid))
    messages.success(request, _("Terima kasih. Komentar tampil sesudah dibaca tim koordinator."))
    remember(answer, device)
    return answer


def _page(number: str) -> str:
    return redirect("issue", number=number).url


def _is_paid(request: CitizenRequest, form: CommentForm) -> bool:
    given = form.cleaned_data
    return request.user.is_authenticated or pays(request, given["proof"], given["uuid"])


def _is_too_much(request: CitizenRequest, who: str, *, paid: bool) -> bool:
    """Count what a person and a line say; what nobody has worked for has a lower bound."""
    line = pace.line(request)
    counted = [
        pace.count("comment", who, within=_HOUR) > PER_PERSON,
        pace.count("comment-line", line, within=_HOUR) > PER_LINE,
    ]
    if not paid:
        counted.append(pace.count("comment-unpaid", line, within=_HOUR) > UNPAID_PER_LINE)
    return any(counted)


def _remark(
    request: CitizenRequest, form: CommentForm, person: str, *, paid: bool
) -> actions.Remark:
    given = form.cleaned_data
    return actions.Remark(
        uuid=given["uuid"],
        text=given["text"],
        name=given["name"],
        person=person,
        user=request.user if request.user.is_authenticated else None,
        paid=paid,
    )


@proof.private
@require_POST
def take_back(request: CitizenRequest, number: str, uuid: UUID) -> HttpResponse:
    """Remove one's own comment for good."""
    if actions.take_back(uuid, persons(request, device_of(request))):
        messages.success(request, _("Komentar Anda sudah dihapus."))
    return redirect(f"{_page(number)}#komentar")


@require_http_methods(["GET", "HEAD", "POST"])
def queue(request: StaffRequest) -> HttpResponse:
    """List the comments that wait, and show or refuse them, one by one or many."""
    form = JudgeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        count = actions.judge_comments(
            form.chosen(request.POST.getlist("pilih")),
            city=request.city,
            actor=request.user,
            shown=form.shown,
            mask=form.cleaned_data["samarkan"],
        )
        said = ngettext("%(n)d komentar diputuskan.", "%(n)d komentar diputuskan.", count)
        messages.success(request, said % {"n": count})
        return redirect("comments")
    rows = Comment.objects.waiting().filter(city=request.city, issue__public_detail__isnull=False)
    waiting = rows.select_related("issue__category", "issue__public_detail")
    context = staff.frame(
        request, "triage", rows=list(waiting[:_MOST]), total=rows.count(), form=form
    )
    return render(request, "issues/comments.html", context)
