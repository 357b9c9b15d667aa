"""What else is known of a place and of whoever reported: earlier issues, counted and linked.

Of a reporter nothing is said but numbers: how many, how they ended, which was the last. Names and
addresses stay where they are; the database compares them.
"""

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.contrib.gis.geos import Point, Polygon
from django.db.models import CharField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Lower
from django.utils import timezone

from issues.models import Issue, IssueAsset, IssueQuerySet, Reporter
from issues.views.staff import StaffRequest
from issues.workflow import Status

NEAR_M: Final = 300
"""How far around a place the map of triage looks, metres."""
HERE_M: Final = 100
"""How far away an earlier issue may lie and still be of the same place, metres."""
REMEMBERED: Final = timedelta(days=365)
METRES_PER_DEGREE: Final = 111_320.0
MOST: Final = 40
"""So many earlier issues of each kind of nearness are looked at, the newest first."""
MOST_OF_ONE: Final = 200
"""So many earlier issues of one reporter are counted."""
_NEAR, _POLE, _STREET, _REPORTER = "near", "pole", "street", "reporter"
_SHOWN: Final = (
    "number",
    "status",
    "point",
    "received_at",
    "closed_at",
    "due_at",
    "paused_at",
    "category__name",
    "category__name_en",
)


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier issue of a place: `metres` away, or None where it shares a pole or a street."""

    issue: Issue
    metres: float | None
    why: str


@dataclass(frozen=True, slots=True)
class Record:
    """What the same reporter has sent before; `more` where there may be more than were counted."""

    total: int
    rejected: int
    merged: int
    last: Issue
    more: bool


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What lies around an issue, what was reported of its place, what its reporter sent before."""

    near: list[Issue]
    here: list[Earlier]
    record: Record | None


def around(request: StaffRequest, issue: Issue) -> Surroundings:
    """Look for earlier issues of a place and of a reporter; one statement, each part by index."""
    found = list(_union(request, issue))
    near = [one for one in found if _why(one) == _NEAR]
    mine = {one.pk: one for one in found if _why(one) == _REPORTER}
    return Surroundings(near=near, here=_here(issue, found), record=_record([*mine.values()]))


def _union(request: StaffRequest, issue: Issue) -> QuerySet[Issue]:
    """Join the parts; every one is cut to its newest rows by itself."""
    everything = Issue.objects.visible_to(request.user).filter(city=request.city)
    others = everything.exclude(pk=issue.pk).exclude(parent=issue.pk).select_related("category")
    recent = others.filter(received_at__gte=timezone.now() - REMEMBERED)
    parts = [
        _cut(_tied(recent, issue), _POLE),
        *(_cut(arm, _REPORTER, MOST_OF_ONE) for arm in _of_reporter(others, issue)),
    ]
    if issue.point:
        close = recent.filter(point__intersects=box_around(issue.point, NEAR_M))
        parts.append(_cut(close, _NEAR))
    if street := issue.street or issue.place.partition(",")[0]:
        parts.append(_cut(recent.filter(street=street), _STREET))
    return parts[0].union(*parts[1:], all=True)


def _cut(issues: IssueQuerySet, why: str, most: int = MOST) -> IssueQuerySet:
    """Keep the newest rows and what is shown of them."""
    named = issues.annotate(why=Value(why, CharField())).only(*_SHOWN)
    return named.order_by("-received_at")[:most]


def _why(issue: Issue) -> str:
    why: str = issue.why  # type: ignore[attr-defined]  # annotated by _cut
    return why


def _tied(issues: IssueQuerySet, issue: Issue) -> IssueQuerySet:
    """Keep issues that name the same pole, or whatever else stands in the city's lists."""
    ties = IssueAsset.objects.filter(issue=issue)
    same = ties.filter(layer=OuterRef("layer"), code=OuterRef("code"))
    tied = IssueAsset.objects.filter(city=issue.city_id, layer__in=ties.values("layer"))
    tied = tied.filter(code__in=ties.values("code"), code=Subquery(same.values("code")[:1]))
    return issues.filter(pk__in=tied.values("issue"))


def _of_reporter(issues: IssueQuerySet, issue: Issue) -> list[IssueQuerySet]:
    """Keep issues of the same account, address or telephone."""
    me = Reporter.objects.filter(issue=issue)
    mail = me.exclude(email="").annotate(low=Lower("email")).values("low")
    by_mail = Reporter.objects.exclude(email="").annotate(low=Lower("email"))
    by_phone = Reporter.objects.exclude(phone="")
    return [
        issues.filter(reporter__user=Subquery(me.values("user"))),
        issues.filter(pk__in=by_mail.filter(low=Subquery(mail)).values("issue")),
        issues.filter(
            pk__in=by_phone.filter(phone=Subquery(me.exclude(phone="").values("phone"))).values(
                "issue"
            )
        ),
    ]


def _here(issue: Issue, found: list[Issue]) -> list[Earlier]:
    """List what was reported of the same place, newest first, each once with its best reason."""
    kept: dict[int, Earlier] = {}
    for why in (_POLE, _NEAR, _STREET):
        for one in (row for row in found if _why(row) == why):
            metres = _metres(issue.point, one.point) if why == _NEAR else None
            if one.pk not in kept and (metres is None or metres <= HERE_M):
                kept[one.pk] = Earlier(one, metres, why)
    return sorted(kept.values(), key=lambda one: one.issue.received_at, reverse=True)


def _record(issues: list[Issue]) -> Record | None:
    if not issues:
        return None
    return Record(
        total=len(issues),
        rejected=sum(one.status == Status.REJECTED for one in issues),
        merged=sum(one.status == Status.DUPLICATE for one in issues),
        last=max(issues, key=lambda one: one.received_at),
        more=len(issues) >= MOST_OF_ONE,
    )


def _metres(one: Point | None, other: Point | None) -> float | None:
    """Measure between two points (EPSG:4326) that lie close together; None without both."""
    if one is None or other is None:
        return None
    wide = (one.x - other.x) * math.cos(math.radians(one.y))
    return math.hypot(wide, one.y - other.y) * METRES_PER_DEGREE


def box_around(point: Point, metres: float) -> Polygon:
    """Return the box around a point (EPSG:4326) that holds every place within some metres."""
    high = metres / METRES_PER_DEGREE
    wide = high / max(math.cos(math.radians(point.y)), 0.01)
    box = Polygon.from_bbox((point.x - wide, point.y - high, point.x + wide, point.y + high))
    box.srid = point.srid
    return box
