"""The desk: what waits for whom, and the board of a department."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from geodata.models import Department, Jurisdiction, Level
from issues.actions.filters import MOST, drop_filter, keep_filter
from issues.forms.board import BoardFilter, KeepFilterForm, is_flagged, seen_by_its_department
from issues.models import Category, Issue, IssueQuerySet, SavedFilter, late
from issues.views import queues, staff
from issues.views.case import site
from issues.views.staff import StaffRequest
from issues.workflow import CLOSED, Role, Status

WAITING_FOR_LIAISON: Final = (Status.ASSIGNED, Status.FIXED)
OWN_AREAS: Final = (Level.DISTRICT, Level.VILLAGE)


@dataclass(frozen=True, slots=True)
class Tally:
    """One number on the desk and the list behind it."""

    count: int
    label: str
    url: str
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """What waits for somebody in one capacity."""

    title: str
    role: str
    tallies: tuple[Tally, ...]


@require_safe
def desk(request: StaffRequest) -> HttpResponse:
    """Say what waits for this person, per role and department."""
    roles = {Role(one.role) for one in staff.memberships(request)}
    cards = [
        *([_dispatcher_card(request)] if Role.DISPATCHER in roles else []),
        *_department_cards(request),
        *([_crew_card(request)] if Role.CREW in roles else []),
        *([_city_card(request)] if roles & {Role.LEADER, Role.ADMINISTRATOR} else []),
    ]
    return render(request, "issues/desk.html", staff.frame(request, "desk", cards=cards))


def _dispatcher_card(request: StaffRequest) -> Card:
    counts = queues.counts(request.city)
    tallies = [
        Tally(
            counts[name], str(queue.label), f"{reverse('triage')}?queue={name}", name == "ditolak"
        )
        for name, queue in queues.QUEUES.items()
    ]
    overdue = Issue.objects.filter(city=request.city).overdue().count()
    tallies.append(
        Tally(overdue, _("lewat batas waktu"), f"{reverse('board')}?overdue=1", urgent=True)
    )
    return Card(_("Triase"), str(Role.DISPATCHER.label), tuple(tallies))


def _department_cards(request: StaffRequest) -> list[Card]:
    mine = staff.departments(request, Role.LIAISON)
    if not mine:
        return []
    rows = (
        Issue.objects.visible_to(request.user)
        .filter(city=request.city, department__in=mine)
        .open()
        .values("department__code", "department__name")
        .annotate(
            open=Count("pk"),
            unseen=Count("pk", filter=~seen_by_its_department()),
            mine=Count("pk", filter=Q(status__in=WAITING_FOR_LIAISON)),
            overdue=Count("pk", filter=late()),
        )
        .order_by("department__name")
    )
    found = {row["department__code"]: row for row in rows}
    departments = {
        one.department.code: one.department.name
        for one in staff.memberships(request)
        if one.department and one.department_id in mine
    }
    return [_department_card(code, name, found.get(code, {})) for code, name in departments.items()]


def _department_card(code: str, name: str, row: Mapping[str, Any]) -> Card:
    board = f"{reverse('board')}?department={code}"
    tallies = (
        Tally(row.get("mine", 0), _("menunggu saya"), f"{board}&mine=1"),
        Tally(row.get("unseen", 0), _("belum dilihat"), f"{board}&unseen=1"),
        Tally(row.get("overdue", 0), _("lewat batas waktu"), f"{board}&overdue=1", urgent=True),
        Tally(row.get("open", 0), _("terbuka"), board),
    )
    return Card(name, str(Role.LIAISON.label), tallies)


def _crew_card(request: StaffRequest) -> Card:
    counts = crew_issues(request).aggregate(
        open=Count("pk"),
        mine=Count("pk", filter=Q(assignee=request.user, status=Status.IN_PROGRESS)),
        overdue=Count("pk", filter=late()),
    )
    field = reverse("crew")
    tallies = (
        Tally(counts["mine"], _("sedang saya kerjakan"), field),
        Tally(counts["overdue"], _("lewat batas waktu"), field, urgent=True),
        Tally(counts["open"], _("terbuka di wilayah saya"), field),
    )
    return Card(_("Lapangan"), str(Role.CREW.label), tallies)


def crew_issues(request: StaffRequest) -> IssueQuerySet:
    """Return the open work of a crew: given to it or to its unit, or to nobody in its areas."""
    mine = staff.departments(request, Role.CREW)
    units = [one.unit_id for one in staff.memberships(request) if one.unit_id is not None]
    waiting = (Status.NEEDS_INFO, Status.FIXED)
    free = Q(assignee=None) & (Q(unit=None) | Q(unit__in=units))
    issues = Issue.objects.visible_to(request.user).filter(city=request.city, department__in=mine)
    return issues.open().exclude(status__in=waiting).filter(Q(assignee=request.user) | free)


def _city_card(request: StaffRequest) -> Card:
    counts = (
        Issue.objects.filter(city=request.city)
        .open()
        .aggregate(
            open=Count("pk"),
            overdue=Count("pk", filter=late()),
            risen=Count("pk", filter=Q(escalated_to=Role.LEADER)),
        )
    )
    board = reverse("board")
    tallies = (
        Tally(counts["overdue"], _("lewat batas waktu"), f"{board}?overdue=1", urgent=True),
        Tally(counts["risen"], _("naik ke pimpinan"), f"{board}?risen=leader", urgent=True),
        Tally(counts["open"], _("terbuka"), board),
    )
    return Card(request.city.name, _("seluruh kota"), tallies)


# The board -----------------------------------------------------------------------------------


@require_safe
def board(request: StaffRequest) -> HttpResponse:
    """List the issues of one's own area, soonest due first, and show the same ones on a map."""
    asked = BoardFilter(
        request.GET,
        city=request.city,
        categories=Category.objects.filter(city=request.city, active=True).order_by("service_code"),
        areas=_areas(request),
        departments=_departments(request),
    )
    issues = asked.narrow(staff.office_issues(request)).annotate(
        seen=seen_by_its_department(), flagged=is_flagged()
    )
    total = issues.count()
    page = staff.page(issues, "due_at", request.GET.get("after", ""))
    context = staff.frame(
        request,
        "board",
        filter=asked,
        kept=_kept(request, asked.query()),
        keeping=KeepFilterForm(initial={"query": asked.query()}),
        page=page,
        total=total,
        total_words=ngettext("%(n)d laporan", "%(n)d laporan", total) % {"n": total},
        shows_closed=bool(set(asked.statuses) & CLOSED),
        next_address=_after(request, page.after),
        site=site(request, list(page.rows)),
    )
    return render(request, "issues/board.html", context)


@require_POST
def filters(request: StaffRequest) -> HttpResponse:
    """Keep what the board shows under a name, or forget one; back to the board as it was."""
    if name := request.POST.get("lupakan"):
        drop_filter(request.user, request.city, name=name)
        return redirect("board")
    form = KeepFilterForm(request.POST)
    if not form.is_valid():
        for said in [text for texts in form.errors.values() for text in texts]:
            messages.error(request, str(said))
    elif keep_filter(request.user, request.city, **form.cleaned_data):
        messages.success(request, _("Saringan tersimpan."))
    else:
        messages.error(request, _("Paling banyak %(n)d saringan; hapus satu dulu.") % {"n": MOST})
    query = request.POST.get("query", "")
    return redirect(f"{reverse('board')}?{query}" if query else "board")


def _kept(request: StaffRequest, query: str) -> list[tuple[SavedFilter, bool]]:
    """List somebody's filters, each with whether the board shows it now."""
    rows = SavedFilter.objects.filter(user=request.user, city=request.city)
    return [(row, row.query == query) for row in rows]


def _departments(request: StaffRequest) -> list[Department]:
    """List the departments to choose from: all for the city's desk, one's own for a liaison."""
    if {one.role for one in staff.memberships(request)} & staff.CITYWIDE:
        return list(staff.in_city(request))
    return list(staff.in_city(request).filter(pk__in=staff.departments(request, Role.LIAISON)))


def _areas(request: StaffRequest) -> list[Jurisdiction]:
    areas = Jurisdiction.objects.current().filter(city=request.city, level__in=OWN_AREAS)
    return list(areas.defer("area").order_by("level", "name"))


def _after(request: StaffRequest, mark: str) -> str:
    """Write the address of the next page; empty on the last one."""
    if not mark:
        return ""
    query = request.GET.copy()
    query["after"] = mark
    return f"{request.path}?{query.urlencode()}"
