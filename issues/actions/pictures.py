"""Photos of an issue: kept at once, shown to nobody until cleaned, public only by review."""

from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from uuid import UUID

from django.conf import settings
from django.contrib.gis.geos import Point
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from geodata.crs import WGS84
from issues import outbox, permissions, photos
from issues.actions import learning, proofs, record, release
from issues.actions.steps import Taking, perform
from issues.errors import (
    DifferentSubmission,
    MissingDuty,
    TooManyPhotos,
    UnknownIssue,
)
from issues.models import Event, Issue, Photo, User
from issues.publication import publish
from issues.workflow import Role, Status, Step, rule

MAX_PHOTOS: Final = 5
"""Photos of one kind (before, after) on one issue."""
MAX_TRIES: Final = 15
"""The same with those that were refused: whoever sends broken files ends some time, too."""
MAX_EVIDENCE: Final = 50
"""Photos of all who have the same problem, on one issue."""


def attach(
    issue_id: int,
    data: bytes,
    *,
    photo_id: UUID,
    actor: User | None = None,
    kind: str = Photo.Kind.BEFORE,
    person: str = "",
    capture: proofs.Capture | None = None,
    at: datetime | None = None,
) -> Photo:
    """Keep a photo durably; a repeated send of the same photo returns the first row.

    The file is on the disk before the row is committed; a worker cleans it later.

    Args:
        issue_id: whose photo it is.
        data: the raw file, judged by header and size only.
        photo_id: made by the sender; the idempotency key.
        actor: who sends it; None is the reporter, whose secret the caller has proved.
        kind: `before` or `after` the repair, or `evidence` of somebody else.
        person: who sends evidence, hashed as `actions.support` does; five are taken of each.
        capture: when and where the device of a crew says that it was taken.
        at: when; default: now.

    Raises:
        PhotoRefused: the file is no acceptable picture.
        TooManyPhotos: the issue has its five already, or too many were refused.
        DifferentSubmission: the key was used for another file or issue.
        NotPermitted: this person may not add photos here.
        StorageFull: the disk is full; nothing was kept.
    """
    accepted = photos.accept(data)
    with transaction.atomic():
        issue = record.lock(issue_id)
        if (first := _earlier(photo_id, issue, accepted.sha256)) is not None:
            return first
        role = permissions.role_for(issue, Step.ATTACH, actor)
        _check_room(issue, kind, person)
        at = at or timezone.now()
        path = default_storage.save(f"original/{photo_id}", ContentFile(data))
        photo = _waiting(photo_id, issue, accepted, path=path, kind=kind, actor=actor, at=at)
        if capture is not None:
            proofs.note_capture(photo, capture)
        _insert(photo)
        told: dict[str, object] = {"photo": str(photo_id), "kind": kind}
        if person:
            told["person"] = person
        _note(issue, Step.ATTACH, role=role, actor=actor, at=at, data=told)
        outbox.put("clean_photo", photo_id=photo_id)
        return photo


def _earlier(photo_id: UUID, issue: Issue, sha256: str) -> Photo | None:
    """Find the first send of the same photo.

    Raises:
        DifferentSubmission: the key was used for another file or issue.
    """
    first = Photo.objects.filter(pk=photo_id).first()
    if first is not None and (first.sha256 != sha256 or first.issue_id != issue.pk):
        raise DifferentSubmission
    return first


def _check_room(issue: Issue, kind: str, person: str) -> None:
    """Refuse a photo beyond the five of its kind, or beyond the fifteen that were tried.

    Of evidence each person may send five, all of them together `MAX_EVIDENCE`.
    """
    states = list(issue.photos.filter(kind=kind).values_list("state", flat=True))
    good = [state for state in states if state != Photo.State.REFUSED]
    if person:
        theirs = issue.events.filter(step=Step.ATTACH, data__person=person).count()
        if theirs >= MAX_PHOTOS or len(states) >= MAX_EVIDENCE:
            raise TooManyPhotos
    elif len(good) >= MAX_PHOTOS or len(states) >= MAX_TRIES:
        raise TooManyPhotos


def _waiting(
    photo_id: UUID,
    issue: Issue,
    accepted: photos.Accepted,
    *,
    path: str,
    kind: str,
    actor: User | None,
    at: datetime,
) -> Photo:
    """Make the row of a photo that waits for the worker; not saved yet."""
    return Photo(
        pk=photo_id,
        issue=issue,
        kind=kind,
        sha256=accepted.sha256,
        size=accepted.size,
        content_type=accepted.content_type,
        original_path=path,
        position=issue.photos.count(),
        uploaded_by=actor,
        created_at=at,
    )


def _insert(photo: Photo) -> None:
    """Insert a photo; another issue may have taken its key in this very moment."""
    try:
        photo.save(force_insert=True)
    except IntegrityError:
        raise DifferentSubmission from None


def photo_processed(photo_id: UUID, cleaned: photos.Cleaned) -> Photo:
    """Keep the clean sizes of a photo; from now on staff may see it.

    Args:
        photo_id: the photo.
        cleaned: what `photos.clean` made, in a work folder of the caller.

    Raises:
        UnknownIssue: there is no such photo.
    """
    with transaction.atomic():
        photo = _lock(photo_id)
        if photo.state == Photo.State.CLEAN:
            return photo
        _keep(photo, cleaned)
        photo.state = Photo.State.CLEAN
        photo.cleaned_at = timezone.now()
        photo.taken_at = cleaned.taken_at
        photo.gps = Point(*cleaned.gps, srid=WGS84) if cleaned.gps else None
        photo.phash = cleaned.phash
        photo.save()
        photo.issue.photo_at = photo.cleaned_at
        photo.issue.save(update_fields=["photo_at"])
        if doubts := proofs.of_photo(photo):
            record.settle(photo.issue, doubts)
        else:
            publish(photo.issue)
        return photo


def photo_refused(photo_id: UUID, reason: str) -> Photo:
    """Mark a photo that could not be cleaned: it stays hidden for ever and its raw file goes.

    Where it was all that proved a repair, the issue is opened again.

    Args:
        photo_id: the photo.
        reason: what to tell its sender, in Indonesian.

    Raises:
        UnknownIssue: there is no such photo.
    """
    with transaction.atomic():
        photo = _lock(photo_id)
        if photo.state == Photo.State.WAITING:
            photo.state = Photo.State.REFUSED
            photo.reason = reason[:200]
            raw, photo.original_path = photo.original_path, ""
            photo.save(update_fields=["state", "reason", "original_path"])
            transaction.on_commit(lambda: _delete([raw] if raw else []))
            _open_again(photo)
        return photo


def _open_again(photo: Photo) -> None:
    """Open an issue again that was closed on the word of a photo that is none."""
    issue = photo.issue
    claim = issue.events.filter(step__in=(Step.FIX, Step.RESOLVE)).last()
    if (
        photo.kind != Photo.Kind.AFTER
        or issue.status not in {Status.FIXED, Status.RESOLVED}
        or (claim is not None and claim.note)
        or issue.is_proven
    ):
        return
    with override(settings.LANGUAGE_CODE):
        why = _("Foto sesudah tidak dapat dibuka, jadi perbaikan ini belum terbukti.")
    taking = Taking(
        step=Step.REOPEN,
        actor=None,
        role=Role.SYSTEM,
        note=why,
        department=None,
        original=None,
        at=timezone.now(),
    )
    perform(issue, rule(issue.workflow_status, Step.REOPEN), taking)


def review(
    issue_id: int,
    *,
    actor: User,
    version: int | None,
    public_text: str,
    released: Collection[UUID],
    at: datetime | None = None,
) -> Issue:
    """Release words and photos to the public; what is not named is withheld from now on.

    Args:
        issue_id: the issue.
        actor: a dispatcher.
        version: what the person saw.
        public_text: the words as the public shall read them; empty releases none.
        released: the clean photos that the public may see.
        at: when; default: now.

    Raises:
        StaleIssue: the issue has moved on since `version`.
        NotPermitted: this person may not review.
        MissingDuty: a photo is not clean yet, or is none of this issue's.
    """
    with transaction.atomic():
        issue = record.lock(issue_id, version=version)
        role = permissions.role_for(issue, Step.REVIEW, actor)
        pictures = list(issue.photos.all())
        _release(pictures, released)
        issue.public_text = public_text.strip()
        issue.reviewed_at = at or timezone.now()
        data: dict[str, object] = {
            "photos": sorted(str(photo) for photo in released),
            "text": issue.public_text,
            **learning.settle(issue),
        }
        let_go = release.let_go(issue, Step.REVIEW)
        _note(
            issue,
            Step.REVIEW,
            role=role,
            actor=actor,
            at=issue.reviewed_at,
            data=data,
            changed=("public_text", "reviewed_at", *let_go),
        )
        return issue


def redact(
    photo_id: UUID,
    boxes: Iterable[tuple[float, float, float, float]],
    *,
    actor: User,
    version: int | None = None,
) -> Photo:
    """Black out parts of a photo in new pixels; every old address of it is gone with the commit.

    Args:
        photo_id: a clean photo.
        boxes: (x, y, width, height) as fractions 0..1 of the upright picture, from its upper left.
        actor: a dispatcher.
        version: what of the issue the person saw; None where nothing can have been overlooked.

    Raises:
        StaleIssue: the issue has moved on since `version`.
        NotPermitted: this person may not redact.
        MissingDuty: the photo is not clean, or a box lies outside it.
    """
    with transaction.atomic(), TemporaryDirectory() as folder:
        photo = _lock(photo_id, version=version)
        role = permissions.role_for(photo.issue, Step.REVIEW, actor)
        if photo.state != Photo.State.CLEAN:
            raise MissingDuty("photo")
        try:
            black = [photos.Box(*box) for box in boxes]
        except ValueError:
            raise MissingDuty("boxes") from None
        old = [photo.path(size) for size in photos.SIZES]
        cleaned = photos.redact(
            Path(default_storage.path(photo.path("large"))), black, Path(folder)
        )
        photo.generation += 1
        _keep(photo, cleaned)
        photo.save()
        data = {
            "photo": str(photo_id),
            "boxes": [list(box.corners) for box in black],
            "generation": photo.generation,
        }
        _note(photo.issue, Step.REVIEW, role=role, actor=actor, at=timezone.now(), data=data)
        transaction.on_commit(lambda: _delete(old))
        return photo


def _delete(paths: Iterable[str]) -> None:
    for path in paths:
        default_storage.delete(path)


def _lock(photo_id: UUID, *, version: int | None = None) -> Photo:
    """Lock the issue of a photo, which is as somebody saw it, then read the photo."""
    issue_id = Photo.objects.filter(pk=photo_id).values_list("issue_id", flat=True).first()
    if issue_id is None:
        raise UnknownIssue(photo_id)
    issue = record.lock(issue_id, version=version)
    photo = Photo.objects.get(pk=photo_id)
    photo.issue = issue
    return photo


def _note(
    issue: Issue,
    step: Step,
    *,
    role: Role,
    actor: User | None,
    at: datetime,
    data: dict[str, object],
    changed: Collection[str] = (),
) -> Event:
    """Record a step that leaves the status as it is."""
    event = record.append(
        issue,
        step,
        status=issue.workflow_status,
        role=role,
        at=at,
        actor=actor,
        department=issue.department,
        data=data,
    )
    straight = release.forward(issue, event, at=at) if "held" in changed else []
    more = ("department",) if straight else ()
    record.settle(issue, [event, *straight], changed=(*changed, *more))
    return event


def _keep(photo: Photo, cleaned: photos.Cleaned) -> None:
    """Store the clean sizes durably; a half-written earlier try makes room."""
    for size, path in cleaned.sizes.items():
        name = photo.path(size)
        default_storage.delete(name)
        default_storage.save(name, ContentFile(path.read_bytes()))
    photo.width = cleaned.width
    photo.height = cleaned.height


def _release(pictures: Iterable[Photo], released: Collection[UUID]) -> None:
    """Set which photos are public."""
    pictures = list(pictures)
    if not set(released) <= {photo.pk for photo in pictures}:
        raise MissingDuty("photo")
    for photo in pictures:
        public = photo.pk in released
        if public and photo.state != Photo.State.CLEAN:
            raise MissingDuty("photo")
        if photo.public != public:
            photo.public = public
            photo.save(update_fields=["public"])
