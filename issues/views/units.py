"""The units of departments, for administrators; people are put into them by their role."""

from http import HTTPStatus

from django.contrib import messages
from django.db.models import Count, Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from issues.actions import people as acts
from issues.forms.people import Places, UnitForm
from issues.models import Unit
from issues.views import staff
from issues.views.staff import StaffRequest


@require_http_methods(["GET", "HEAD", "POST"])
def units(request: StaffRequest) -> HttpResponse:
    """List the units of every department; add one, or rename the one with its code."""
    places, status = Places(request.city), HTTPStatus.OK
    form = UnitForm(places=places)
    if request.method == "POST":
        form = UnitForm(request.POST, places=places)
        if form.is_valid():
            given = form.cleaned_data
            acts.keep_unit(
                form.departments[given["department"]],
                code=given["code"],
                name=given["name"],
                active=given["active"],
                actor=request.user,
            )
            messages.success(request, _("Unit tersimpan."))
            return redirect("units")
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    counted = Unit.objects.annotate(people=Count("members"))
    departments = staff.in_city(request).order_by("name")
    context = staff.frame(
        request,
        "people",
        form=form,
        departments=departments.prefetch_related(Prefetch("units", counted)),
    )
    return render(request, "people/units.html", context, status=status)
