"""Known outages: announced and ended at the desk, shown to everybody on map and form."""

from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from geodata.models import City, Jurisdiction, Level
from issues import actions
from issues.errors import DifferentSubmission
from issues.forms.desk import said
from issues.forms.outage import EndForm, OutageForm
from issues.models import Outage
from issues.views import map_config, staff
from issues.views.browsing import CityRequest
from issues.views.staff import StaffRequest

MOST: Final = 50


@require_http_methods(["GET", "HEAD", "POST"])
def outages(request: StaffRequest) -> HttpResponse:
    """List outages and announce one."""
    villages = Jurisdiction.objects.current().filter(city=request.city, level=Level.VILLAGE)
    if request.method != "POST":
        villages = villages.defer("area")
    form = OutageForm(request.POST or None, city=request.city, villages=list(villages))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    if form.is_valid():
        try:
            issue = actions.announce_outage(
                form.announcement(), city=request.city, actor=request.user
            )
        except DifferentSubmission as error:
            form.add_error(None, said(error))
        else:
            messages.success(request, _("Diumumkan sebagai %(n)s.") % {"n": issue.number})
            return redirect("outages")
    rows = Outage.objects.filter(city=request.city).select_related("issue__category").defer("area")
    context = staff.frame(
        request,
        "outages",
        form=form,
        outages=rows[:MOST],
        now=timezone.now(),
        config=map_config.config(request.city),
        leaflet=map_config.leaflet(request.city),
    )
    return render(request, "issues/outages.html", context, status=status)


@require_POST
def outage_end(request: StaffRequest, number: str) -> HttpResponse:
    """Say anew when an outage should be over.

    Raises:
        Http404: no outage of this city has that number.
    """
    outage = Outage.objects.filter(city=request.city, issue__number=number.upper()).first()
    form = EndForm(request.POST)
    if outage is None or not form.is_valid():
        raise Http404
    actions.move_end(outage.pk, form.moment(), actor=request.user)
    return redirect("outages")


def current(city: City) -> list[Outage]:
    """List what is announced and not over yet, with the kind of each.

    One statement; none where the request's city knows already that there is nothing.
    """
    if not getattr(city, "has_outages", True):
        return []
    rows = Outage.objects.current().filter(city=city).select_related("issue__category")
    return list(rows.defer("area")[:MOST])


@require_safe
def outages_json(request: CityRequest) -> HttpResponse:
    """Give the map what is out of order and where: GeoJSON, EPSG:4326."""
    rows = Outage.objects.current().filter(city=request.city).select_related("issue__category")
    features = [
        {"type": "Feature", "geometry": _geometry(row), "properties": _properties(row)}
        for row in rows[:MOST]
    ]
    response = JsonResponse({"type": "FeatureCollection", "features": features})
    response["Cache-Control"] = "public, max-age=30"
    return response


def _geometry(row: Outage) -> dict[str, Any]:
    return {"type": "MultiPolygon", "coordinates": row.area.coords}


def _properties(row: Outage) -> dict[str, Any]:
    return {
        "number": row.issue.number,
        "category": row.issue.category.label,
        "icon": row.issue.category.icon,
        "places": row.places,
        "until": until(row),
        "url": reverse("issue", args=[row.issue.number]),
    }


def until(row: Outage) -> str:
    """Say until when, in words."""
    if row.ends_at is None:
        return _("belum diketahui sampai kapan")
    return _("diperkirakan selesai %(moment)s") % {
        "moment": date_format(timezone.localtime(row.ends_at), "j M Y H:i")
    }
