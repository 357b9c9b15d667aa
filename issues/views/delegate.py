"""A liaison gives an issue to a unit or a person of the department."""

from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from issues import actions
from issues.errors import MissingDuty, NotPermitted, StaleIssue, StepNotAllowed
from issues.forms.delegate import DelegateForm
from issues.forms.desk import said
from issues.views import staff
from issues.views.staff import StaffRequest
from issues.workflow import Role

_OFFICE: Final = frozenset({Role.LIAISON, Role.DISPATCHER})


@require_POST
def delegate(request: StaffRequest, number: str) -> HttpResponse:
    """Say who of the department does it; what was typed comes back where that fails."""
    issue = staff.issue_or_404(request, number, _OFFICE)
    form = DelegateForm(request.POST, issue=issue)
    if not form.is_valid():
        messages.error(request, _("Pilih unit atau orang dari dinas ini."))
        return redirect("case", issue.number)
    unit, person = form.chosen()
    given = form.cleaned_data
    try:
        actions.delegate(
            issue.pk,
            unit=unit,
            person=person,
            actor=request.user,
            version=given["version"],
            note=given["note"],
        )
    except (StaleIssue, StepNotAllowed, NotPermitted, MissingDuty) as error:
        kept = _("Perintah Anda: %(note)s") % {"note": given["note"]} if given["note"] else ""
        messages.error(request, f"{said(error)} {kept}".strip())
        return redirect("case", issue.number)
    to = person or unit
    name = (person.get_full_name() or person.email) if person else str(unit or "")
    messages.success(
        request,
        _("Ditugaskan kepada %(name)s.") % {"name": name} if to else _("Kembali ke seluruh dinas."),
    )
    return redirect("case", issue.number)
