"""The dispatcher's queues: which issues stand in which, how many, and one page of one of them."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils.translation import gettext_lazy as _

from geodata.models import City, Department
from issues import actions
from issues.models import (
    Comment,
    Decision,
    Event,
    Issue,
    IssueQuerySet,
    Photo,
    awaits_review,
    worked_with,
)
from issues.views import staff
from issues.views.presence import Screen, screen
from issues.views.staff import StaffRequest
from issues.workflow import HANDED_ON, TRIAGE, Status, Step

MOST_COUNTED: Final = 1000
"""Beyond this a queue is told as "999+": a number that nobody empties today need not be exact."""


@dataclass(frozen=True, slots=True)
class Queue:
    """One of the dispatcher's queues: its name and which issues stand in it (see `_queued`)."""

    label: Any
    rule: Q


QUEUES: Final[dict[str, Queue]] = {
    "baru": Queue(
        _("baru"), Q(status__in=TRIAGE, proposed__isnull=False, refused=False, held=False)
    ),
    "ditahan": Queue(_("menunggu pemeriksaan"), Q(status__in=TRIAGE, held=True)),
    "ditolak": Queue(_("ditolak dinas"), Q(status__in=TRIAGE, refused=True)),
    "tanpa-rute": Queue(
        _("tanpa dinas"),
        Q(status__in=TRIAGE, proposed__isnull=True, refused=False, held=False),
    ),
    "menunggu-pelapor": Queue(
        _("menunggu pelapor, tanpa dinas"), Q(status=Status.NEEDS_INFO, department__isnull=True)
    ),
    "jalur-cepat": Queue(
        _("jalur cepat, belum dilihat"),
        Q(status__in=HANDED_ON, looked_on=False, category__fast_lane=True),
    ),
    "tinjau": Queue(_("teks dan foto belum ditinjau"), awaits_review() & Q(held=False)),
}
"""Queues by their name in the address bar, in the order of urgency."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What one statement knows of a city's desk: how full its queues are, who can be given work."""

    counts: dict[str, int]
    comments: int
    """How many comments on what the public sees wait to be read."""
    departments: list[Department]


class _Rows(Subquery):
    """How many rows a queryset has, up to its limit."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


def queued(issues: IssueQuerySet) -> IssueQuerySet:
    """Add what the queues ask: a proposed department, a refusal."""
    return issues.annotate(proposed=_newest_decision("department"), refused=Exists(_refusals()))


def _newest_decision(*columns: str, **made: Any) -> Subquery:
    newest = Decision.objects.filter(issue=OuterRef("pk")).order_by("-pk")
    return Subquery(newest.values(*columns, **made)[:1])


def _refusals() -> QuerySet[Event]:
    return Event.objects.filter(issue=OuterRef("pk"), step=Step.REFUSE)


def counts(city: City) -> dict[str, int]:
    """Count every queue of a city in one statement, each over its own index."""
    return desk(city).counts


def desk(city: City) -> Desk:
    """Read how full the queues are and who can be given work; one statement."""
    issues = queued(Issue.objects.filter(city=city))
    numbers = {
        name.replace("-", "_"): _Rows(issues.filter(queue.rule).values("pk")[:MOST_COUNTED])
        for name, queue in QUEUES.items()
    }
    departments = Department.objects.filter(city=city, active=True).order_by("name")
    given = JSONObject(id="pk", code="code", name="name", short_name="short_name")
    said = Comment.objects.waiting().filter(city=city, issue__public_detail__isnull=False)
    row: dict[str, Any] = dict(
        City.objects.filter(pk=city.pk)
        .values(
            **numbers,
            comments=_Rows(said.order_by().values("pk")),
            given=ArraySubquery(departments.values(row=given)),
        )
        .get()
    )
    return Desk(
        comments=row["comments"],
        counts={name: row[name.replace("-", "_")] for name in QUEUES},
        departments=[Department(**one) for one in row["given"]],
    )


def tally(count: int) -> str:
    """Say how many issues wait, in a few letters."""
    return str(count) if count < MOST_COUNTED else f"{MOST_COUNTED - 1}+"


def page(request: StaffRequest, name: str, after: str = "") -> staff.Page:
    """Cut one page out of a queue, oldest first, each issue with all that its row shows."""
    issues = shown(request, queued(staff.visible(request)).filter(QUEUES[name].rule))
    found = staff.page(issues, "received_at", after)
    for issue in found.rows:
        unfold(issue)
    return found


def shown(request: StaffRequest, issues: IssueQuerySet) -> IssueQuerySet:
    """Add what a row of triage shows: the decision, refusals, photos, who has it open."""
    decided = JSONObject(
        reason="reason", edge_m="edge_m", department="department_id", trace="trace"
    )
    pictures = Photo.objects.filter(worked_with(), issue=OuterRef("pk"), state=Photo.State.CLEAN)
    picture = JSONObject(
        id="pk", generation="generation", width="width", height="height", kind="kind"
    )
    screens = actions.others(request.user).filter(issue=OuterRef("pk"))
    return issues.annotate(
        decided=_newest_decision(row=decided),
        refusal=Subquery(_refusals().order_by("-seq").values("note")[:1]),
        refusals=Subquery(
            _refusals().order_by().values("issue").annotate(n=Count("pk")).values("n")
        ),
        pictures=ArraySubquery(pictures.order_by("position").values(row=picture)),
        screens=ArraySubquery(screens.values(row=_SCREEN)),
    )


_SCREEN: Final = JSONObject(
    first="user__first_name", last="user__last_name", email="user__email", since="since"
)


def unfold(issue: Issue) -> None:
    """Turn what the statement packed for a row into what its template shows."""
    pictures: list[dict[str, Any]] = issue.pictures  # type: ignore[attr-defined]  # annotated
    screens: list[dict[str, str]] = issue.screens  # type: ignore[attr-defined]  # annotated
    issue.shown_photos = [  # type: ignore[attr-defined]
        Photo(**{**one, "id": UUID(one["id"]), "state": Photo.State.CLEAN}) for one in pictures
    ]
    issue.screens = [_screen(one) for one in screens]  # type: ignore[attr-defined]


def _screen(row: dict[str, str]) -> Screen:
    name = f"{row['first']} {row['last']}".strip() or row["email"]
    return screen(name, row["since"])
