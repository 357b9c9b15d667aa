"""How things fare: the leader's page, and the same for everybody without what only staff know."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from geodata.models import City, Department, Jurisdiction, Level
from issues import progress
from issues.actions import calendars
from issues.clock import Calendar
from issues.forms.progress import ORDERS, ProgressForm
from issues.models import Issue
from issues.progress import Group, Period
from issues.views import staff
from issues.views.browsing import CityRequest
from issues.views.staff import StaffRequest
from issues.workflow import Layer

MOST_LATE: Final = 15
_WIDTH, _HEIGHT, _GAP = 640, 180, 3


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: a group, its name, and the list behind its numbers."""

    group: Group
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One month of the drawing: pixels, and the numbers behind them."""

    x: float
    width: float
    received: float
    closed: float
    group: Group
    label: str

    @property
    def second(self) -> float:
        """Where the bar of the closed ones begins."""
        return round(self.x + self.width, 1)

    @property
    def top_received(self) -> float:
        """The upper edge of the bar of what came."""
        return round(_HEIGHT - self.received, 1)

    @property
    def top_closed(self) -> float:
        """The upper edge of the bar of the closed ones."""
        return round(_HEIGHT - self.closed, 1)


@dataclass(frozen=True, slots=True)
class Piece:
    """One stage's piece of the line of time, pixels."""

    x: float
    width: float


@require_safe
def public_progress(request: CityRequest) -> HttpResponse:
    """Show everybody how things fare, counted over what everybody may see."""
    return render(request, "issues/progress.html", _context(request, request.city, public=True))


@require_safe
def staff_progress(request: StaffRequest) -> HttpResponse:
    """Show the city's staff how things fare, what is late first."""
    late = Issue.objects.filter(city=request.city).overdue()
    rows = late.select_related("category", "department", "jurisdiction")
    context = _context(request, request.city, public=False)
    return render(
        request,
        "issues/progress.html",
        staff.frame(
            request,
            "progress",
            late=rows.defer("jurisdiction__area").order_by("due_at", "pk")[:MOST_LATE],
            **context,
        ),
    )


def _context(request: HttpRequest, city: City, *, public: bool) -> dict[str, Any]:
    form = ProgressForm(request.GET, today=timezone.localdate(timezone=ZoneInfo(city.zone)))
    period = form.period
    found = progress.read(city, period, _calendar(city, period), public=public)
    departments = {str(one.pk): one for one in Department.objects.filter(city=city)}
    districts = dict(
        Jurisdiction.objects.current()
        .filter(city=city, level__in=(Level.DISTRICT, Level.VILLAGE))
        .values_list("code", "name")
    )
    link = _links(period, public=public)
    rows = [_of_department(group, departments, link) for group in found.departments]
    areas = [
        Row(one, districts.get(one.key, _("di luar wilayah")), link(area=one.key))
        for one in found.areas
    ]
    return {
        "public": public,
        "form": form,
        "found": found,
        "total": found.total,
        "departments": _sorted(rows, form.order),
        "areas": _sorted(areas, form.order),
        "bars": _bars(found.months),
        "waits_drawn": _pieces(found.total),
        "size": {"width": _WIDTH, "height": _HEIGHT},
        "orders": ORDERS,
        "few": progress.FEW,
        "all_url": link(),
    }


def _calendar(city: City, period: Period) -> Calendar:
    """Build the city's calendar from the period's first day to today."""
    first = period.instants(ZoneInfo(city.zone))[0]
    return calendars.near(city, first, until=timezone.now())


def _of_department(
    group: Group, departments: dict[str, Department], link: Callable[..., str]
) -> Row:
    department = departments.get(group.key)
    if department is None:
        return Row(group, _("belum ada dinas"), link())
    return Row(group, department.short_name, link(department=department.code))


def _links(period: Period, *, public: bool) -> Callable[..., str]:
    """Make the maker of addresses of lists: what stands behind a number."""
    where = reverse("list" if public else "board")
    first, last = period.first.isoformat(), period.last.isoformat()
    every = ",".join(layer.slug for layer in Layer)
    span = (
        {"from": first, "to": last} if public else {"dari": first, "sampai": last, "layer": every}
    )

    def link(**narrow: str) -> str:
        query = urlencode({**{key: value for key, value in narrow.items() if value}, **span})
        return f"{where}?{query}" if query else where

    return link


def _sorted(rows: Sequence[Row], order: str) -> list[Row]:
    """Sort by a column, the largest first; groups of few cases stand below, by name, unranked."""
    value: dict[str, Callable[[Group], float]] = {
        "overdue": lambda group: group.overdue,
        "received": lambda group: group.received,
        "open": lambda group: group.open,
        "on_time": lambda group: group.on_time.value or 0.0,
        "median": lambda group: float(group.closure.median or 0),
        "reopened": lambda group: group.reopened.value or 0.0,
    }
    ranked = [row for row in rows if not row.group.is_small]
    few = [row for row in rows if row.group.is_small]
    ranked.sort(key=lambda row: (-value[order](row.group), row.name))
    return [*ranked, *sorted(few, key=lambda row: row.name)]


def _pieces(group: Group) -> list[Piece]:
    """Lay out where the time went, end to end."""
    pieces, x = [], 0.0
    for _stage, share in group.waits:
        pieces.append(Piece(round(x, 1), round(share * _WIDTH, 1)))
        x += share * _WIDTH
    return pieces


def _bars(months: Sequence[Group]) -> list[Bar]:
    """Lay out the months: two bars each, the highest as high as the drawing."""
    if not months:
        return []
    most = max(max(one.received, one.closed) for one in months) or 1
    step = _WIDTH / len(months)
    width = max(1.0, (step - _GAP) / 2)
    return [
        Bar(
            round(nth * step, 1),
            round(width, 1),
            round(_HEIGHT * one.received / most, 1),
            round(_HEIGHT * one.closed / most, 1),
            one,
            date_format(date.fromisoformat(f"{one.key}-01"), "M Y"),
        )
        for nth, one in enumerate(months)
    ]
