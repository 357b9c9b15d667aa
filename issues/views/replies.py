"""Templates of replies: written by administrators, previewed on a real report, with history."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from issues import actions
from issues.forms.replies import ReplyForm, filled
from issues.models import Issue, ReplyTemplate
from issues.views import staff
from issues.views.staff import StaffRequest


@require_http_methods(["GET", "HEAD", "POST"])
def replies(request: StaffRequest, pk: int | None = None) -> HttpResponse:
    """List the templates; add one, or change the one that is named."""
    rows = ReplyTemplate.objects.filter(city=request.city).select_related("category", "department")
    row = get_object_or_404(rows, pk=pk) if pk is not None else None
    form = ReplyForm(request.POST or None, city=request.city, row=row)
    preview = ""
    status = HTTPStatus.OK
    if form.is_bound:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            status = HTTPStatus.OK
            if "preview" not in request.POST:
                actions.keep_reply(form.values(), city=request.city, actor=request.user, row=row)
                messages.success(request, _("Contoh tersimpan."))
                return redirect("replies")
            preview = _preview(request, form)
    context = staff.frame(
        request,
        "manage",
        form=form,
        row=row,
        replies=rows.order_by("step", "name"),
        preview=preview,
    )
    return render(request, "issues/replies.html", context, status=status)


def _preview(request: StaffRequest, form: ReplyForm) -> str:
    """Fill a template for the newest report that it would serve; bare where there is none."""
    values = form.values()
    found = staff.visible(request).filter(city=request.city)
    if values["category"]:
        found = found.filter(category=values["category"])
    issue: Issue | None = found.order_by("-received_at").first()
    text: str = values["text"]
    return filled(text, issue) if issue else text
