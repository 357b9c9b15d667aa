"""The only door to the public: `publish(issue)` rewrites what everybody may see of one issue.

`project` computes the rows, `publish` writes them inside the action, `fsck` compares them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.gis.geos import Point
from django.db.models import Max, Min, Model
from django.utils import timezone

from geodata import sql, tiles
from geodata.crs import WGS84
from geodata.models import City, Jurisdiction, Level
from issues import privacy
from issues.history import standing, stays
from issues.models import (
    Decision,
    Event,
    Issue,
    Photo,
    PublicDetail,
    PublicIssue,
    PublicPhoto,
    PublicSpan,
)
from issues.workflow import INTERNAL, LAYER, PUBLIC_NOTES, Layer, Status, Step

_SQL: Final = Path(__file__).parent / "sql"
_REBUILT_AT_ONCE: Final = 20_000
_SHARED: Final = ("city_id", "category_id", "department_id", "jurisdiction_id", "q", "day")
"""What all spans of an issue have in common."""

_UNTOLD: Final = (Step.SUBMIT, Step.ASSIGN)
"""Steps by which a part came to be: the whole has told of them."""

_OF_HISTORY: Final = (
    "uuid",
    "point",
    "received_at",
    "hidden",
    "confidential",
    "held",
    "parent_id",
    "department_id",
    "city__zone",
    "category__exact_place",
    "jurisdiction__code",
)
"""All that an issue's spans are made from besides its events: a migration asks for no more."""


@dataclass(frozen=True, slots=True)
class Projection:
    """What the public may see of one issue; nothing at all where `detail` is None."""

    row: PublicIssue | None
    detail: PublicDetail | None
    photos: tuple[PublicPhoto, ...]
    spans: tuple[PublicSpan, ...] = ()


REASON_LENGTH: Final = 300
"""As much of why a clock stands still as the page tells."""
NOTHING: Final = Projection(None, None, ())


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the public sees an issue: a point (EPSG:4326) and an area, each if there is one."""

    point: Point | None
    area: Jurisdiction | None

    @property
    def q(self) -> int | None:
        """Number of the point's square."""
        return tiles.key(self.point.x, self.point.y) if self.point else None


def _columns(model: type[Model]) -> tuple[str, ...]:
    fields = model._meta.concrete_fields  # noqa: SLF001  Django documents it as public
    return tuple(field.name for field in fields if not (field.primary_key or field.generated))


_ROW_FIELDS: Final = _columns(PublicIssue)
_DETAIL_FIELDS: Final = _columns(PublicDetail)
_PHOTO_FIELDS: Final = _columns(PublicPhoto)


def project(
    issue: Issue,
    *,
    events: Sequence[Event] | None = None,
    photos: Sequence[Photo] | None = None,
    decision: Decision | None = None,
    supports: int | None = None,
) -> Projection:
    """Compute what the public may see of an issue; pure but for reading what is not handed in.

    Args:
        issue: with category, department, jurisdiction and city within reach.
        events: all its events, oldest first; default: read.
        photos: all its photos in order; default: read.
        decision: its newest routing decision; default: read.
        supports: how many people have the same problem; default: counted.
    """
    if issue.is_withheld:
        return NOTHING
    events = list(issue.events.select_related("department")) if events is None else events
    photos = list(issue.photos.all()) if photos is None else photos
    decision = decision or issue.decisions.last()
    told = [event for event in standing(events) if event.step not in INTERNAL]
    if issue.is_split:
        told, photos = _with_parts(issue, told, photos)
    layer = LAYER[issue.workflow_status]
    spot = public_spot(issue)
    detail = _detail(issue, spot, told, decision)
    detail.supports = supports_of([issue.pk])[issue.pk] if supports is None else supports
    row = None if layer is None else _row(issue, spot, layer, told)
    spans = tuple(_spans(issue, spot, events))
    return Projection(row, detail, _photos(detail, photos), spans)


def _with_parts(
    issue: Issue, told: Sequence[Event], photos: Sequence[Photo]
) -> tuple[list[Event], list[Photo]]:
    """Add what departments did on their parts of an issue: one story, in the order of time."""
    theirs = Event.objects.filter(issue__parent=issue).exclude(step__in=(*INTERNAL, *_UNTOLD))
    story = sorted([*told, *theirs.select_related("department")], key=lambda event: event.at)
    more = Photo.objects.filter(issue__parent=issue).order_by("issue", "position")
    return story, [*photos, *more]


def publish(
    issue: Issue,
    *,
    events: Sequence[Event] | None = None,
    photos: Sequence[Photo] | None = None,
    decision: Decision | None = None,
    fresh: bool = False,
) -> None:
    """Rewrite the public rows of an issue; called by every action, inside its transaction.

    Args:
        issue: as `project`.
        events: as `project`.
        photos: as `project`.
        decision: as `project`.
        fresh: the issue is new, so that nothing can stand there yet.

    Of a part nothing is public but through its whole, which is written instead.
    """
    if issue.parent is not None:
        publish(issue.parent)
        return
    photos = list(issue.photos.all()) if photos is None else photos
    has_photos = bool(photos) or issue.is_split
    supports = 0 if fresh else None
    projection = project(issue, events=events, photos=photos, decision=decision, supports=supports)
    if not fresh:
        _withdraw(issue, projection, has_photos=has_photos)
    if projection.row:
        _upsert(PublicIssue, [projection.row], _ROW_FIELDS)
    if projection.detail:
        _upsert(PublicDetail, [projection.detail], _DETAIL_FIELDS)
    if projection.photos:
        _upsert(PublicPhoto, list(projection.photos), _PHOTO_FIELDS)
    _keep(issue, projection.spans)


def supports_of(issues: Sequence[int]) -> dict[int, int]:
    """Count who has the same problem as each of some issues, their duplicates included."""
    rows = sql.fetch("count_supports", {"issues": list(issues)}, folder=_SQL)
    return dict.fromkeys(issues, 0) | {row["issue_id"]: row["people"] for row in rows}


def count_supports(issue: Issue) -> int:
    """Publish how many people have the same problem, and nothing else; the issue is locked."""
    people = supports_of([issue.pk])[issue.pk]
    PublicDetail.objects.filter(pk=issue.pk).update(supports=people)
    return people


def _withdraw(issue: Issue, projection: Projection, *, has_photos: bool) -> None:
    """Remove what may no longer be seen; without a photo there can be none in public."""
    if has_photos:
        kept = [photo.photo_id for photo in projection.photos]
        PublicPhoto.objects.filter(detail=issue.pk).exclude(pk__in=kept).delete()
    if projection.row is None:
        PublicIssue.objects.filter(pk=issue.pk).delete()
    if projection.detail is None:
        PublicDetail.objects.filter(pk=issue.pk).delete()


def _upsert(model: type[Any], rows: list[Any], fields: Sequence[str]) -> None:
    model.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["pk"], update_fields=list(fields)
    )


def _keep(issue: Issue, spans: Sequence[PublicSpan]) -> int:
    """Make the stored history the given one; one statement, which leaves alone what is right."""
    arrays = {
        "layers": [span.layer for span in spans],
        "sinces": [span.since for span in spans],
        "untils": [span.until for span in spans],
    }
    shared = {name: getattr(spans[0], name) if spans else None for name in _SHARED}
    params = {"issue_id": issue.pk, **shared, **arrays}
    changed: int = sql.fetch("keep_spans", params, folder=_SQL)[0]["changed"]
    return changed


def rebuild_history(city: City | None = None) -> Iterator[int]:
    """Write every issue's spans anew from its events, some thousand issues a transaction.

    Right spans are left alone, so that running it again costs nothing but time.

    Yields:
        How many rows each transaction wrote or removed.
    """
    of = {} if city is None else {"city": city}
    ends = PublicIssue.objects.filter(**of).aggregate(first=Min("pk"), last=Max("pk"))
    for first in range(ends["first"] or 1, (ends["last"] or 0) + 1, _REBUILT_AT_ONCE):
        yield rebuild_spans(first, first + _REBUILT_AT_ONCE - 1)
    off_the_map = Issue.objects.filter(public=None, **of).only(*_OF_HISTORY)
    for issue in off_the_map.select_related("city", "category", "jurisdiction").iterator():
        events = issue.events.only("step", "status", "at").order_by("seq")
        yield _keep(issue, tuple(_spans(issue, public_spot(issue), events)))


def rebuild_spans(first: int, last: int) -> int:
    """Write the spans of issues on the public map anew: those with keys `first` to `last`.

    Returns:
        How many rows were written or removed.
    """
    params = {"first": first, "last": last, "statuses": list(LAYER), "layers": list(LAYER.values())}
    changed: int = sql.fetch("rebuild_spans", params, folder=_SQL)[0]["changed"]
    return changed


def _spans(issue: Issue, spot: Spot, events: Iterable[Event]) -> Iterator[PublicSpan]:
    """Tell on which days the map showed an issue; place, kind and department are today's."""
    if issue.is_withheld:
        return
    zone = ZoneInfo(issue.city.zone)
    day = timezone.localdate(issue.received_at, zone)
    for stay in stays(events, received=day, zone=zone):
        yield PublicSpan(
            issue=issue,
            city_id=issue.city_id,
            category_id=issue.category_id,
            department_id=issue.department_id,
            jurisdiction=spot.area,
            q=spot.q,
            day=day,
            layer=stay.layer,
            since=stay.since,
            until=stay.until,
        )


def _row(issue: Issue, spot: Spot, layer: Layer, told: Sequence[Event]) -> PublicIssue:
    zone = ZoneInfo(issue.city.zone)
    exact = issue.category.exact_place
    return PublicIssue(
        issue=issue,
        city_id=issue.city_id,
        number=issue.number,
        category_id=issue.category_id,
        department_id=issue.department_id,
        jurisdiction=spot.area,
        layer=layer,
        overdue=issue.marked_overdue,
        point=spot.point,
        q=spot.q,
        day=timezone.localdate(issue.received_at, zone),
        received_at=privacy.public_time(issue.received_at, exact=exact, zone=zone),
        changed_at=privacy.public_time(
            told[-1].at if told else issue.received_at, exact=exact, zone=zone
        ),
        due_at=issue.due_at,
    )


def public_spot(issue: Issue) -> Spot:
    """Find where the public sees an issue."""
    point = public_point(issue)
    return Spot(point, public_area(issue, point))


def public_point(issue: Issue) -> Point | None:
    """Return where the public sees an issue (EPSG:4326): exact, or a fixed spot of its cell."""
    if issue.point is None:
        return None
    lon, lat = privacy.public_point(
        issue.point.x,
        issue.point.y,
        exact=issue.category.exact_place,
        key=settings.PRIVACY_KEY.encode(),
        issue_id=issue.uuid,
    )
    return Point(lon, lat, srid=WGS84)


def public_area(issue: Issue, point: Point | None) -> Jurisdiction | None:
    """Return the area that the public sees: of a blurred point its own, never the true one's."""
    if issue.category.exact_place or point is None:
        return issue.jurisdiction
    covering = Jurisdiction.objects.current(issue.received_at).filter(
        city=issue.city_id, level=Level.VILLAGE, area__covers=point
    )
    return covering.defer("area").order_by("code").first()


def _detail(
    issue: Issue, spot: Spot, told: Sequence[Event], decision: Decision | None
) -> PublicDetail:
    zone = ZoneInfo(issue.city.zone)
    area = str(spot.area or "")
    return PublicDetail(
        issue=issue,
        city_id=issue.city_id,
        number=issue.number,
        original=_original(issue),
        text=issue.public_text if issue.reviewed_at else "",
        place=(issue.place or area) if issue.category.exact_place else area,
        route=_sentence(decision.reason, issue, area) if decision else "",
        route_en=_sentence(decision.reason_en, issue, area) if decision else "",
        status=issue.status,
        timeline=[_told(event, exact=issue.category.exact_place, zone=zone) for event in told],
        paused_at=issue.paused_at
        and privacy.public_time(issue.paused_at, exact=issue.category.exact_place, zone=zone),
        paused_for=issue.pauses[-1]["reason"][:REASON_LENGTH]
        if issue.pauses and issue.paused_at
        else "",
    )


def _sentence(reason: str, issue: Issue, area: str) -> str:
    """Say who handles it and why, naming no other area than the public one."""
    bare = reason.removesuffix(f", {issue.jurisdiction}") if issue.jurisdiction else reason
    return f"{bare}, {area}" if area and bare != reason else bare


def _original(issue: Issue) -> str:
    """Name the issue that a duplicate points to, where the public may see that one."""
    original = issue.merged_into
    return "" if original is None or original.is_withheld else original.number


def _told(event: Event, *, exact: bool, zone: ZoneInfo) -> dict[str, Any]:
    """Tell one event as the public may read it."""
    layer = LAYER[Status(event.status)]
    return {
        "step": event.step,
        "status": event.status,
        "layer": layer.slug if layer is not None else "",
        "at": privacy.public_time(event.at, exact=exact, zone=zone).isoformat(),
        "department": event.department.short_name if event.department else "",
        "note": event.note if Step(event.step) in PUBLIC_NOTES else "",
    }


def _photos(detail: PublicDetail, photos: Sequence[Photo]) -> tuple[PublicPhoto, ...]:
    return tuple(
        PublicPhoto(
            photo=photo,
            detail=detail,
            generation=photo.generation,
            kind=photo.kind,
            width=photo.width or 0,
            height=photo.height or 0,
            position=photo.position,
        )
        for photo in photos
        if photo.public
    )
