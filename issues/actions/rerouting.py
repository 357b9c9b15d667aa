"""Open issues whose owner a new border or a new rule changes: foreseen, or moved for good.

Both ask the same questions of the same rows, so a preview lists exactly what a publication moves.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from geodata import routing, sql
from geodata.models import City, Department, Jurisdiction
from issues.actions import places, record
from issues.actions.places import Place
from issues.actions.steps import Taking, perform
from issues.actions.submit import decide
from issues.models import Decision, Issue, IssueQuerySet, User
from issues.publication import publish
from issues.workflow import OPEN, Role, Step, rule

_SQL: Final = Path(__file__).parent.parent / "sql"
_AT_ONCE: Final = 500
"""Issues whose routes are asked for in one query."""


@dataclass(frozen=True, slots=True)
class Move:
    """One issue that changes owner; codes of departments are empty for "nobody".

    Attributes:
        version: that the issue has after the move; as it is now where the move is only foreseen.
        rule: code of the rule that decides; empty for nobody.
        area: where it lies now, in words; `new_area` afterwards.
    """

    issue: int
    number: str
    version: int
    old: str
    new: str
    rule: str
    area: str
    new_area: str

    @property
    def data(self) -> dict[str, Any]:
        """The move as JSON keeps it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Why:
    """On whose behalf issues are routed again.

    Attributes:
        reason: names the edition or rule, for the event.
        at: when the change counts.
        actor: who published it; None for an operator's command.
        sure: issues that go along wherever routing leads, though their decision alone would not
            tell: those that the very change which is now undone has moved.
    """

    reason: str
    at: datetime
    actor: User | None = None
    sure: Collection[int] = ()


def reroute_land(
    city: City, land: GEOSGeometry | None, *, reason: str, at: datetime | None = None
) -> int:
    """Route the open issues of changed land again; one event each where the answer changed.

    Args:
        city: whose issues.
        land: what a new edition changed, EPSG:4326; None where no border moved. Issues that name an
            area instead of a point follow its heir, also where only its parent is another.
        reason: why, for the event; names the edition.
        at: when the new edition counts; default: now.

    Returns:
        How many issues got another department. Runs inside the caller's transaction. An issue that
        a person has sent elsewhere stays there; its new decision is kept.
    """
    at = at or timezone.now()
    return len(move(on_land(city, land, at), city, Why(reason, at)))


def on_land(city: City, land: GEOSGeometry | None, at: datetime) -> list[int]:
    """List the open issues that changed land may move."""
    params = {
        "city_id": city.pk,
        "land": land and land.ewkb,
        "open": [str(status) for status in OPEN],
        "at": at,
    }
    return [row["id"] for row in sql.fetch("on_land", params, folder=_SQL)]


def of_kinds(city: City, codes: Collection[str]) -> list[int]:
    """List the open issues of some kinds; a code holds what it is a prefix of, "" everything."""
    asked = Q()
    for code in codes:
        of_code = Q(category__service_code=code) | Q(category__service_code__startswith=f"{code}-")
        asked |= of_code if code else Q(pk__gte=0)
    issues = Issue.objects.open().filter(asked, city=city) if codes else Issue.objects.none()
    return list(issues.order_by("pk").values_list("pk", flat=True))


def foresee(keys: Sequence[int], city: City, *, at: datetime) -> list[Move]:
    """Say which of some issues would change owner under the maps and rules of this transaction."""
    return [
        _moved(issue, issue.department, str(issue.jurisdiction or ""), route)
        for part in _parts(keys)
        for issue, _place, route in _asked(Issue.objects.open().filter(pk__in=part), city, at)
        if _changes(issue, route, ())
    ]


def move(keys: Sequence[int], city: City, why: Why) -> list[Move]:
    """Route some issues again and write what each brings; returns those that changed owner."""
    return [found for part in _parts(keys) for found in _move_part(part, city, why)]


def _parts(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(keys), _AT_ONCE):
        yield keys[start : start + _AT_ONCE]


def _move_part(keys: Sequence[int], city: City, why: Why) -> Iterator[Move]:
    """Lock some issues, ask for all routes at once, and write what each brings."""
    locked = Issue.objects.open().select_for_update().filter(pk__in=keys).order_by("pk")
    # first the lock, then the reading, as `record.lock` says
    held = list(locked.values_list("pk", flat=True))
    for issue, place, route in _asked(Issue.objects.filter(pk__in=held), city, why.at):
        before = issue.department, str(issue.jurisdiction or "")
        if _write(issue, place, route, why):
            yield _moved(issue, *before, route)


def _asked(
    rows: IssueQuerySet, city: City, at: datetime
) -> list[tuple[Issue, Place, routing.Route]]:
    """Ask routing about issues once more, as the maps and rules of an instant have them."""
    newest = Decision.objects.filter(issue=OuterRef("pk")).order_by("-pk")
    left_at = Subquery(newest.values("department")[:1])
    issues = list(record.whole(rows).annotate(left_at=left_at).order_by("pk"))
    heirs = _heirs([issue.jurisdiction for issue in issues if not issue.point], at)
    found = [places.again(issue, _heir(issue.jurisdiction, heirs), at) for issue in issues]
    asked = [
        (place.where, issue.category.service_code, issue.answers)
        for place, issue in zip(found, issues, strict=True)
    ]
    routes = routing.route_each(asked, city=city, at=at)
    return [
        (issue, place, places.picked(issue, route, at))
        for issue, place, route in zip(issues, found, routes, strict=True)
    ]


def _heirs(
    areas: Sequence[Jurisdiction | None], at: datetime
) -> dict[tuple[int, str], Jurisdiction]:
    """The areas now in force that bear the levels and codes of others."""
    named = [area for area in areas if area]
    codes = {area.code for area in named}
    rows = Jurisdiction.objects.current(at).filter(
        city_id__in={area.city_id for area in named}, code__in=codes
    )
    return {(row.level, row.code): row for row in rows.defer("area")}


def _heir(
    area: Jurisdiction | None, heirs: dict[tuple[int, str], Jurisdiction]
) -> Jurisdiction | None:
    """What an area is called now; one that is no more stays what it was."""
    return heirs.get((area.level, area.code), area) if area else None


def _write(issue: Issue, place: Place, route: routing.Route, why: Why) -> bool:
    """Keep the new decision and place; move the issue where its owner is another."""
    changes = _changes(issue, route, why.sure)
    decide(issue, route, at=why.at).save(force_insert=True)
    places.put(issue, place, route)
    issue.save(update_fields=["place", "jurisdiction"])
    if not changes:
        publish(issue)
        return False
    with override(settings.LANGUAGE_CODE):
        note = _("%(reason)s: %(why)s") % {"reason": why.reason, "why": route.reason}
    found = route.chosen.department_id if route.chosen else None
    taking = Taking(
        step=Step.REROUTE,
        actor=why.actor,
        role=Role.SYSTEM,
        note=note,
        department=None if found is None else Department.objects.get(pk=found),
        original=None,
        at=why.at,
    )
    perform(issue, rule(issue.workflow_status, Step.REROUTE), taking)
    return True


def _changes(issue: Issue, route: routing.Route, sure: Collection[int]) -> bool:
    """Whether an issue gets another owner."""
    found = route.chosen.department_id if route.chosen else None
    return issue.department_id != found and (issue.pk in sure or _follows(issue))


def _follows(issue: Issue) -> bool:
    """Whether an issue lies where routing left it; where a person has put it, no map moves it.

    What nobody was responsible for waits for a person, unless its kind goes straight to work; so
    does what is held.
    """
    if issue.held:
        return False
    left_at: int | None = issue.left_at  # type: ignore[attr-defined]  # `_asked` annotates it
    return issue.department_id == left_at and (left_at is not None or issue.category.fast_lane)


def _moved(issue: Issue, before: Department | None, area: str, route: routing.Route) -> Move:
    return Move(
        issue=issue.pk,
        number=issue.number,
        version=issue.version,
        old=before.code if before else "",
        new=route.chosen.department_code if route.chosen else "",
        rule=route.chosen.rule if route.chosen else "",
        area=area,
        new_area=str(route.jurisdiction or ""),
    )
