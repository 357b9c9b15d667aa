"""The only door to the public: `publish(issue)` rewrites what everybody may see of one issue.

`project` computes the rows, `publish` writes them inside the action, `fsck` compares them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.gis.geos import Point
from django.db.models import Model
from django.utils import timezone

from geodata import tiles
from geodata.crs import WGS84
from geodata.models import Jurisdiction, Level
from issues import privacy
from issues.models import Decision, Event, Issue, Photo, PublicDetail, PublicIssue, PublicPhoto
from issues.workflow import INTERNAL, LAYER, PUBLIC_NOTES, Layer, Status, Step


@dataclass(frozen=True, slots=True)
class Projection:
    """What the public may see of one issue; nothing at all where `detail` is None."""

    row: PublicIssue | None
    detail: PublicDetail | None
    photos: tuple[PublicPhoto, ...]


NOTHING: Final = Projection(None, None, ())


def _columns(model: type[Model]) -> tuple[str, ...]:
    fields = model._meta.concrete_fields  # noqa: SLF001  Django documents it as public
    return tuple(field.name for field in fields if not field.primary_key)


_ROW_FIELDS: Final = _columns(PublicIssue)
_DETAIL_FIELDS: Final = _columns(PublicDetail)
_PHOTO_FIELDS: Final = _columns(PublicPhoto)


def project(
    issue: Issue,
    *,
    events: Sequence[Event] | None = None,
    photos: Sequence[Photo] | None = None,
    decision: Decision | None = None,
) -> Projection:
    """Compute what the public may see of an issue; pure but for reading what is not handed in.

    Args:
        issue: with category, department, jurisdiction and city within reach.
        events: all its events, oldest first; default: read.
        photos: all its photos in order; default: read.
        decision: its newest routing decision; default: read.
    """
    if issue.hidden or issue.confidential:
        return NOTHING
    events = list(issue.events.select_related("department")) if events is None else events
    photos = list(issue.photos.all()) if photos is None else photos
    decision = decision or issue.decisions.last()
    told = [event for event in events if event.step not in INTERNAL]
    layer = LAYER[issue.workflow_status]
    detail = _detail(issue, told, decision)
    row = None if layer is None else _row(issue, layer, told)
    return Projection(row, detail, _photos(detail, photos))


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
    """
    projection = project(issue, events=events, photos=photos, decision=decision)
    if not fresh:
        _withdraw(issue, projection)
    if projection.row:
        _upsert(PublicIssue, [projection.row], _ROW_FIELDS)
    if projection.detail:
        _upsert(PublicDetail, [projection.detail], _DETAIL_FIELDS)
    if projection.photos:
        _upsert(PublicPhoto, list(projection.photos), _PHOTO_FIELDS)


def _withdraw(issue: Issue, projection: Projection) -> None:
    """Remove what may no longer be seen."""
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


def _row(issue: Issue, layer: Layer, told: Sequence[Event]) -> PublicIssue:
    zone = ZoneInfo(issue.city.zone)
    exact = issue.category.exact_place
    point = public_point(issue)
    return PublicIssue(
        issue=issue,
        city_id=issue.city_id,
        number=issue.number,
        category_id=issue.category_id,
        department_id=issue.department_id,
        jurisdiction=public_area(issue, point),
        layer=layer,
        overdue=issue.marked_overdue,
        point=point,
        q=tiles.key(point.x, point.y) if point else None,
        day=timezone.localdate(issue.received_at, zone),
        received_at=privacy.public_time(issue.received_at, exact=exact, zone=zone),
        changed_at=privacy.public_time(
            told[-1].at if told else issue.received_at, exact=exact, zone=zone
        ),
        due_at=issue.due_at,
    )


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


def _detail(issue: Issue, told: Sequence[Event], decision: Decision | None) -> PublicDetail:
    zone = ZoneInfo(issue.city.zone)
    area = str(public_area(issue, public_point(issue)) or "")
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
    )


def _sentence(reason: str, issue: Issue, area: str) -> str:
    """Say who handles it and why, naming no other area than the public one."""
    bare = reason.removesuffix(f", {issue.jurisdiction}") if issue.jurisdiction else reason
    return f"{bare}, {area}" if area and bare != reason else bare


def _original(issue: Issue) -> str:
    """Name the issue that a duplicate points to, where the public may see that one."""
    original = issue.merged_into
    if original is None or original.hidden or original.confidential:
        return ""
    return original.number


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
