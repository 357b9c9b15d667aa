"""Routing rules: read, proposed, and asked ("who would get this here, and why?")."""

from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from geodata import book, routing
from geodata.errors import BadCoordinate
from geodata.models import Draft, RoutingRule
from issues.actions import proposing
from issues.errors import StaleDraft
from issues.forms.rules import RuleForm, SimulatorForm
from issues.models import Category
from issues.views import staff
from issues.views.staff import StaffRequest


@require_safe
def rules(request: StaffRequest) -> HttpResponse:
    """List the rules in the order of kinds, and the newest proposals."""
    rows = RoutingRule.objects.filter(city=request.city).select_related("department")
    asked = request.GET.get("jenis", "")
    if asked:
        rows = rows.filter(service_code__startswith=asked)
    kinds = Category.objects.filter(city=request.city, parent=None, active=True)
    drafts = Draft.objects.filter(city=request.city, level=None).defer("impact")
    context = staff.frame(
        request,
        "manage",
        rules=rows.order_by("-active", "service_code", "-priority", "code"),
        kinds=kinds.order_by("service_code"),
        asked=asked,
        drafts=drafts.select_related("uploaded_by")[:20],
    )
    return render(request, "manage/rules.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def rule_new(request: StaffRequest) -> HttpResponse:
    """Write a new rule; it counts once its proposal is published."""
    return _edited(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
def rule_page(request: StaffRequest, rule: int) -> HttpResponse:
    """Change a rule, or propose that it ends or counts again.

    Raises:
        Http404: the city has no such rule.
    """
    rows = RoutingRule.objects.filter(city=request.city).select_related("department")
    found = rows.filter(pk=rule).first()
    if found is None:
        raise Http404
    if request.POST.get("do") == "switch":
        told = {**book.values(found), "active": not found.active}
        draft = proposing.propose_rule(request.city, found, told, actor=request.user)
        return redirect("draft", draft.pk)
    return _edited(request, found)


def _edited(request: StaffRequest, rule: RoutingRule | None) -> HttpResponse:
    told = book.values(rule) if rule else None
    form = RuleForm(request.POST or None, city=request.city, told=told)
    if request.method == "POST" and form.is_valid():
        try:
            draft = proposing.propose_rule(request.city, rule, form.values, actor=request.user)
        except StaleDraft:
            # Nothing was changed: there is nothing to propose.
            return redirect("rules")
        return redirect("draft", draft.pk)
    history = Draft.objects.filter(city=request.city, rule=rule or 0).select_related("uploaded_by")
    context = staff.frame(
        request, "manage", form=form, rule=rule, history=history.defer("impact")[:20]
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "manage/rule.html", context, status=status)


@require_safe
def simulator(request: StaffRequest) -> HttpResponse:
    """Say who would get a kind of issue at a place, and why the others would not."""
    form = SimulatorForm(request.GET if "lat" in request.GET else None, city=request.city)
    if not form.is_bound and (code := request.GET.get("service_code")):
        form.initial["service_code"] = code
    route = _route(form) if form.is_bound and form.is_valid() else None
    site: dict[str, Any] = {"extent": request.city.extent, "marks": []}
    if route:
        site["here"] = [form.point.x, form.point.y]
    codes = [line["rule"] for line in route.trace] if route else []
    keys = dict(
        RoutingRule.objects.filter(city=request.city, code__in=codes).values_list("code", "pk")
    )
    trace = [{**line, "key": keys.get(line["rule"])} for line in route.trace] if route else []
    context = staff.frame(request, "manage", form=form, route=route, trace=trace, site=site)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "manage/simulator.html", context, status=status)


def _route(form: SimulatorForm) -> routing.Route | None:
    """Ask routing itself; None where the numbers are no place, and the form says so."""
    try:
        point = form.point
    except BadCoordinate as error:
        form.add_error("lat", str(error.__doc__))
        return None
    return routing.route(
        point, form.cleaned_data["service_code"], city=form.city, facts=form.facts, at=form.at
    )
