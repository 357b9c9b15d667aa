"""A crew's day: which jobs, from where, and in which order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.contrib.gis.geos import Point
from django.db.models import Case, F, Value, When
from django.utils import timezone

from geodata import network
from geodata.crs import WGS84
from geodata.models import City
from issues import planning
from issues.forms.desk import HereForm
from issues.models import Issue
from issues.views.desk import crew_issues
from issues.views.staff import StaffRequest

MOST: Final = 60
"""So many jobs are a day's plan at most."""


@dataclass(frozen=True, slots=True)
class Day:
    """The jobs of a day in the planned order; those without a point come last, without a leg.

    Attributes:
        jobs: in order.
        legs_m: metres to each job that has a point, from the one before, first from the start.
        back_m: metres from the last to the end point; None without one.
    """

    jobs: tuple[Issue, ...]
    legs_m: tuple[float, ...]
    back_m: float | None = None

    @property
    def total_m(self) -> float:
        """The whole way."""
        return sum(self.legs_m) + (self.back_m or 0.0)


def place(request: StaffRequest) -> tuple[Point, bool]:
    """Say where a crew starts, EPSG:4326, and whether it said so itself; else the city's centre."""
    here = HereForm(request.GET if "lon" in request.GET else None)
    if not here.is_valid():
        return request.city.center, False
    return Point(here.cleaned_data["lon"], here.cleaned_data["lat"], srid=WGS84), True


def jobs(request: StaffRequest, start: Point, most: int = MOST) -> list[Issue]:
    """List a crew's jobs: its own first, then the nearest."""
    own = Case(When(assignee=request.user, then=Value(0)), default=Value(1))
    issues = crew_issues(request).select_related("category", "department", "jurisdiction")
    near = issues.defer("jurisdiction__area").nearest_to(start)
    return list(near.order_by(own, F("distance").asc(nulls_last=True), "due_at", "pk")[:most])


def plan(city: City, issues: Sequence[Issue], start: Point, end: Point | None = None) -> Day:
    """Put jobs in a good order.

    Args:
        city: whose roads.
        issues: with their categories.
        start: where the crew is, EPSG:4326.
        end: where its day ends, if that matters.
    """
    placed = [issue for issue in issues if issue.point is not None]
    rest = [issue for issue in issues if issue.point is None]
    stops = [start, *(issue.point for issue in placed), *([end] if end else [])]
    metres = network.distances(city, [(one.x, one.y) for one in stops if one is not None])
    found = planning.plan([_job(issue) for issue in placed], metres, has_end=end is not None)
    count = len(placed)
    return Day(
        (*(placed[at] for at in found.order), *rest),
        found.legs_m[:count],
        found.legs_m[count] if end else None,
    )


def _job(issue: Issue) -> planning.Job:
    due = (issue.due_at - timezone.now()).total_seconds() / 60
    return planning.Job(nature=issue.category.nature, due_min=due)
