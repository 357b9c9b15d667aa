"""Proof of a repair: taken now and here? What speaks against it raises a flag for the office.

Each photo is judged once, when its repair has been claimed and the worker has cleaned it: only then
both what the crew's device says and what the camera wrote are known.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import Point

from geodata import sql
from geodata.crs import WGS84
from issues.actions import flags
from issues.models import Event, Flag, Issue, Photo
from issues.workflow import Role, Status, Step

FAR_M: Final = 100.0
"""So far from the pin, beyond the accuracy of the place, a photo shows another place."""
VAGUE_M: Final = 500.0
"""A place that is less exact than this is none."""
OLD: Final = timedelta(hours=2)
"""So long before its repair was claimed a photo may have been taken."""
ALIKE_BITS: Final = 6
"""Up to so many of 64 bits the hashes of one picture differ, saved or cut again."""
PLAIN_BITS: Final = 8
"""A hash with fewer bits set, or unset, is that of a picture on which there is nothing to see."""
YEAR: Final = timedelta(days=365)
CLAIMS: Final = frozenset({Step.FIX, Step.RESOLVE})
DEVICE_AT: Final = "device_at"
"""In the data of an event: when the crew's device says that it was done."""

_SQL: Final = Path(__file__).parent.parent / "sql"
Doubt = tuple[Flag.Kind, dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """What a crew's device says of a photo: when, and where (EPSG:4326, metres)."""

    at: datetime | None = None
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None

    @property
    def point(self) -> Point | None:
        """The place, where one was said."""
        if self.lon is None or self.lat is None:
            return None
        return Point(self.lon, self.lat, srid=WGS84)


def note_capture(photo: Photo, capture: Capture) -> None:
    """Write down when and where a photo was taken, and how far from the pin; not saved yet."""
    photo.captured_at = capture.at
    photo.capture_point = capture.point
    photo.accuracy_m = capture.accuracy_m
    photo.distance_m = distance_m(photo.issue, photo.capture_point)


def distance_m(issue: Issue, point: Point | None) -> float | None:
    """Measure on the spheroid from an issue's pin to a point; None where either is missing."""
    if issue.point is None or point is None:
        return None
    far = Distance("point", point, spheroid=True)
    found = Issue.objects.filter(pk=issue.pk).annotate(far=far).values_list("far", flat=True)
    return float(found[0].m)


def of_step(issue: Issue, event: Event) -> list[Event]:
    """Judge the photos of a repair that a crew has just claimed, if they are clean already.

    Returns:
        The events of the flags, for `record.settle`; not saved yet.
    """
    if event.step not in CLAIMS or event.role != Role.CREW:
        return []
    since = issue.events.filter(step=Step.REOPEN).order_by("-seq").values_list("at", flat=True)
    proofs = issue.photos.filter(
        kind=Photo.Kind.AFTER, state=Photo.State.CLEAN, uploaded_by__isnull=False
    )
    last = since.first()
    rows = proofs.filter(created_at__gt=last) if last else proofs
    return _flagged(issue, list(rows), event, after=event.hash)


def of_photo(photo: Photo) -> list[Event]:
    """Judge a photo that the worker has just cleaned, if a crew's repair stands on it."""
    issue = photo.issue
    stands = issue.status in {Status.FIXED, Status.RESOLVED}
    if photo.kind != Photo.Kind.AFTER or photo.uploaded_by_id is None or not stands:
        return []
    claim = issue.events.filter(step__in=CLAIMS).order_by("-seq").first()
    if claim is None or claim.role != Role.CREW or photo.created_at > claim.at:
        return []
    return _flagged(issue, [photo], claim, after=None)


def _flagged(
    issue: Issue, pictures: list[Photo], claim: Event, *, after: str | None
) -> list[Event]:
    """Raise what speaks against some photos, each kind once for a photo."""
    if not pictures:
        return []
    keys = [str(one.pk) for one in pictures]
    known = Flag.objects.filter(issue=issue, data__photo__in=keys)
    raised = {(flag.data["photo"], flag.kind) for flag in known}
    events: list[Event] = []
    at = claim.at if after else max(claim.at, *(one.cleaned_at or claim.at for one in pictures))
    for photo in pictures:
        for kind, data in doubts(issue, photo, done_at=_done_at(claim)):
            if (str(photo.pk), kind) not in raised:
                told = {"photo": str(photo.pk), **data}
                last = events[-1].hash if events else after
                events.append(flags.put(issue, kind, at=at, data=told, after=last))
    return events


def _done_at(claim: Event) -> datetime:
    """Say when a repair was done: as the device says, never later than we heard of it."""
    said = claim.data.get(DEVICE_AT)
    return min(datetime.fromisoformat(said), claim.at) if said else claim.at


def doubts(issue: Issue, photo: Photo, *, done_at: datetime) -> Iterator[Doubt]:
    """Yield what speaks against a clean photo as the proof of a repair done at an instant."""
    yield from _of_place(issue, photo)
    yield from _of_time(issue, photo, done_at)
    yield from _of_likeness(issue, photo)


def _of_place(issue: Issue, photo: Photo) -> Iterator[Doubt]:
    """Compare with the pin: the device's place, else the camera's."""
    if issue.point is None:
        return
    placed = photo.capture_point is not None
    metres = photo.distance_m if placed else distance_m(issue, photo.gps)
    accuracy = (photo.accuracy_m or 0.0) if placed else 0.0
    if metres is None or accuracy > VAGUE_M:
        yield Flag.Kind.UNPLACED, {}
    elif metres > FAR_M + accuracy:
        yield Flag.Kind.FAR, {"metres": round(metres), "accuracy": math.ceil(accuracy)}


def _of_time(issue: Issue, photo: Photo, done_at: datetime) -> Iterator[Doubt]:
    """Compare with the repair and with the report, by the older of both clocks."""
    said = [at for at in (photo.captured_at, photo.taken_at) if at is not None]
    taken = min(said, default=photo.created_at)
    if taken < max(done_at - OLD, issue.received_at - timedelta(minutes=1)):
        yield Flag.Kind.OLD, {"minutes": round((done_at - taken).total_seconds() / 60)}


def _of_likeness(issue: Issue, photo: Photo) -> Iterator[Doubt]:
    """Look for the same picture on another job of the department, or as this one's damage."""
    if not PLAIN_BITS <= int(photo.phash or "0", 16).bit_count() <= 64 - PLAIN_BITS:
        return
    params = {
        "photo": photo.pk,
        "issue": issue.pk,
        "department": issue.department_id,
        "phash": photo.phash,
        "since": photo.created_at - YEAR,
        "bits": ALIKE_BITS,
    }
    for row in sql.fetch("same_photo", params, folder=_SQL):
        yield Flag.Kind.SAME_PHOTO, {"number": row["number"], "bits": row["bits"]}
