"""Special areas by hand: drawn on the map or typed corner by corner, proposed like any set."""

from http import HTTPStatus

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from geodata import editions
from geodata.models import Draft, Jurisdiction, JurisdictionQuerySet, Level
from geodata.succession import Feature
from issues.actions import proposing
from issues.actions.proposing import HAND, Origin
from issues.forms.manage import AreaForm
from issues.views import staff
from issues.views.staff import StaffRequest


def _in_force(request: StaffRequest) -> JurisdictionQuerySet:
    return Jurisdiction.objects.current().filter(city=request.city, level=Level.SPECIAL)


@require_safe
def specials(request: StaffRequest) -> HttpResponse:
    """List the special areas in force, and what is proposed for them."""
    areas = _in_force(request).select_related("edition").defer("area").order_by("name")
    drafts = Draft.objects.filter(city=request.city, level=Level.SPECIAL).defer("impact")
    context = staff.frame(
        request, "manage", areas=areas, drafts=drafts.select_related("uploaded_by")[:20]
    )
    return render(request, "manage/specials.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def special_new(request: StaffRequest) -> HttpResponse:
    """Draw a special area."""
    form = AreaForm(request.POST or None, city=request.city)
    if request.method == "POST" and form.is_valid():
        rows = list(_in_force(request).filter(edition__dataset=HAND))
        origin = Origin(_("digambar di layar"), dataset=HAND)
        draft = proposing.draw(
            request.city,
            [*map(_feature, rows), _drawn(form)],
            origin=origin,
            actor=request.user,
            note=_("baru: %(name)s") % {"name": form.cleaned_data["name"]},
        )
        return redirect("draft", draft.pk)
    return _page(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
def special(request: StaffRequest, area: int) -> HttpResponse:
    """Draw a special area anew, or propose that it ends.

    Raises:
        Http404: no such area is in force.
    """
    row = _in_force(request).select_related("edition").filter(pk=area).first()
    if row is None:
        raise Http404
    ends = request.POST.get("do") == "end"
    form = AreaForm(None if ends else request.POST or None, city=request.city, area=row)
    if request.method == "POST" and (ends or (form.is_simple and form.is_valid())):
        return redirect("draft", _changed(request, row, None if ends else form).pk)
    return _page(request, form)


def _changed(request: StaffRequest, area: Jurisdiction, form: AreaForm | None) -> Draft:
    """Propose the area's whole dataset once more, with the area drawn anew or left out."""
    others = area.edition.jurisdictions.exclude(pk=area.pk).order_by("pk")
    known = editions.provenance(area.edition)
    words = _("digambar ulang: %(name)s") if form else _("berakhir: %(name)s")
    return proposing.draw(
        request.city,
        [*map(_feature, others), *([_drawn(form)] if form else [])],
        origin=Origin(known.source, known.licence, known.source_date, known.dataset, known.crs),
        actor=request.user,
        note=words % {"name": area.name},
    )


def _feature(row: Jurisdiction) -> Feature:
    return Feature(row.code, row.name, row.area, kind=row.kind, parent_code=row.parent_code)


def _drawn(form: AreaForm) -> Feature:
    given = form.cleaned_data
    parent = form.area.parent_code if form.area else ""
    return Feature(
        given["code"], given["name"], given["corners"], kind=given["kind"], parent_code=parent
    )


def _page(request: StaffRequest, form: AreaForm) -> HttpResponse:
    site = {"extent": request.city.extent, "marks": []}
    context = staff.frame(request, "manage", form=form, area=form.area, site=site)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "manage/special.html", context, status=status)
