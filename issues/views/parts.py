"""Divide an issue among departments."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, cast

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from issues import actions
from issues.errors import MissingDuty, StaleIssue, StepNotAllowed
from issues.forms.desk import said
from issues.forms.parts import SplitForm
from issues.models import Issue
from issues.views import staff, steps
from issues.views.dispatch import onward
from issues.views.staff import StaffRequest
from issues.workflow import Role, Step

if TYPE_CHECKING:
    from django.http import QueryDict

_DESK: Final = frozenset({Role.DISPATCHER})


@require_http_methods(["GET", "HEAD", "POST"])
def split(request: StaffRequest, number: str) -> HttpResponse:
    """Choose who gets a part of an issue and who directs (GET), and divide it (POST)."""
    issue = staff.issue_or_404(request, number, _DESK)
    if Step.SPLIT not in steps.offered(issue, request.user):
        return redirect("case", issue.number)
    departments = list(staff.in_city(request))
    form = SplitForm(request.POST or None, issue=issue, departments=departments)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    late: dict[str, Any] = {}
    if form.is_valid():
        typed = steps.late(form, issue)
        status = _divide(request, issue, form)
        if status is HTTPStatus.OK:
            return onward(request, issue, Step.SPLIT)
        late = typed if status is HTTPStatus.CONFLICT else {}
    context = staff.frame(request, "triage", issue=issue, form=form, **late)
    return render(request, "issues/split.html", context, status=status)


def _divide(request: StaffRequest, issue: Issue, form: SplitForm) -> HTTPStatus:
    try:
        actions.split(
            issue.pk,
            form.in_order(),
            actor=request.user,
            version=form.cleaned_data["version"],
            note=form.cleaned_data["note"],
        )
    except StaleIssue as error:
        data = cast("QueryDict", form.data).copy()
        data["version"] = str(error.current_version)
        form.data = data
        form.add_error(None, said(error))
        return HTTPStatus.CONFLICT
    except (MissingDuty, StepNotAllowed) as error:
        form.add_error(None, said(error))
        return HTTPStatus.UNPROCESSABLE_ENTITY
    return HTTPStatus.OK
