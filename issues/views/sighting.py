"""A crew reports what it has seen: place, one or more kinds, send. Also without JavaScript."""

from http import HTTPStatus
from typing import Any, Final
from uuid import uuid4

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from geodata.errors import OutsideCoverage
from geodata.models import Jurisdiction, Level
from issues import actions, photos
from issues.errors import (
    DifferentSubmission,
    PhotoRefused,
    StorageFull,
    TooManyPhotos,
    UnknownCategory,
)
from issues.forms.desk import said
from issues.forms.field import CaptureForm, SightingForm, picture_id
from issues.forms.report import outside_said
from issues.models import Category, Issue
from issues.views import staff
from issues.views.staff import StaffRequest
from issues.workflow import Role

OFTEN: Final = 9
"""So many kinds stand in front: those of which this crew's department has most open."""
_BAD_PHOTO: Final = (PhotoRefused, TooManyPhotos, StorageFull, DifferentSubmission)


def kinds(request: StaffRequest) -> list[Category]:
    """List what can be reported: active leaves of the city, those under one parent together."""
    leaves = Category.objects.filter(city=request.city, active=True, children__isnull=True)
    found = leaves.select_related("parent")
    return sorted(found, key=lambda one: ((one.parent or one).position, one.position, one.name))


def areas(request: StaffRequest) -> list[Jurisdiction]:
    """List the villages of the city, for who cannot say a point."""
    current = Jurisdiction.objects.current().filter(city=request.city, level=Level.VILLAGE)
    return list(current.defer("area").order_by("name"))


def file_all(request: StaffRequest, form: SightingForm) -> list[actions.Receipt]:
    """File the reports of a valid form, one of each kind.

    Raises:
        OutsideCoverage: the place is not in the city.
        UnknownCategory: a kind has just ended.
        DifferentSubmission: the sighting's id was used for something else.
    """
    drafts = form.drafts(request.user, get_language() or "id")
    return [actions.submit(draft, city=request.city) for draft in drafts]


@require_http_methods(["GET", "HEAD", "POST"])
def sighting(request: StaffRequest) -> HttpResponse:
    """Show and take the form; what was filed is listed on the same page."""
    if request.method == "POST":
        return _take(request)
    form = SightingForm(kinds=kinds(request), areas=areas(request), initial={"id": uuid4()})
    return render(request, "issues/sighting.html", _context(request, form))


def _take(request: StaffRequest) -> HttpResponse:
    form = SightingForm(request.POST, kinds=kinds(request), areas=areas(request))
    if form.is_valid():
        try:
            found = file_all(request, form)
        except OutsideCoverage as error:
            form.add_error("lat", outside_said(error, request.city))
        except (UnknownCategory, DifferentSubmission) as error:
            form.add_error(None, said(error))
        else:
            lost = _picture(request, form, found)
            query = {"sent": ",".join(one.issue.number for one in found), **lost}
            return redirect(f"{reverse('crew-report')}?{urlencode(query)}")
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return render(request, "issues/sighting.html", _context(request, form), status=status)


def _picture(
    request: StaffRequest, form: SightingForm, found: list[actions.Receipt]
) -> dict[str, str]:
    """Add the photo to each report; the reports are there even where it cannot be kept."""
    file = request.FILES.get("photo")
    if file is None:
        return {}
    try:
        photos.weigh(file.size or 0)
        data = file.read()
        for receipt in found:
            actions.attach(
                receipt.issue.pk,
                data,
                photo_id=picture_id(form.cleaned_data["id"], receipt.issue.category.service_code),
                capture=CaptureForm(request.POST).capture,
            )
    except _BAD_PHOTO:
        return {"photo": "no"}
    return {}


def _context(request: StaffRequest, form: SightingForm) -> dict[str, Any]:
    chosen = set(form["categories"].value() or ())
    often = _often(request, form.kinds)
    rest = [one for one in form.kinds if one not in often]
    return staff.frame(
        request,
        "crew",
        form=form,
        often=often,
        rest=rest,
        chosen=chosen,
        opened=bool(chosen & {one.service_code for one in rest}),
        sent=_sent(request),
        photo_lost=request.GET.get("photo") == "no",
        outside=_("Lokasi Anda di luar %(city)s.") % {"city": request.city.name},
        site={"extent": request.city.extent, "marks": []},
    )


def _often(request: StaffRequest, known: list[Category]) -> list[Category]:
    """Pick the kinds that the crew's departments have most of, then the first ones."""
    mine = staff.departments(request, Role.CREW)
    open_ = Issue.objects.filter(city=request.city, department__in=mine).open()
    counted = open_.values_list("category").annotate(n=Count("pk")).order_by("-n", "category")
    order = [pk for pk, _number in counted[:OFTEN]]
    by_key = {one.pk: one for one in known}
    front = [by_key[pk] for pk in order if pk in by_key]
    return (front + [one for one in known if one not in front])[:OFTEN]


def _sent(request: StaffRequest) -> list[Issue]:
    """Read back what this person has just filed."""
    numbers = request.GET.get("sent", "")[:400].split(",")
    mine = Issue.objects.filter(city=request.city, reporter__user=request.user)
    found = mine.filter(number__in=numbers).select_related("category", "department")
    return list(found.order_by("pk"))
