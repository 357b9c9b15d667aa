"""Truths about photos and the files behind them."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from django.core.files.storage import default_storage
from django.utils import timezone

from geodata.models import City, Draft
from issues import photos
from issues.invariants.truth import Violation, of
from issues.models import Photo

ORPHAN_AGE: Final = timedelta(hours=24)
_CHUNK: Final = 2**20


def photos_kept(city: City | None) -> Iterator[Violation]:
    """Yield photos whose raw bytes or clean sizes are not there (I2)."""
    rows = Photo.objects.filter(**of(city, "issue__city")).select_related("issue")
    for photo in rows.order_by("pk").iterator():
        ids = (photo.issue.number, photo.pk)
        if photo.original_path and _sha256(photo.original_path) != photo.sha256:
            yield Violation("the raw file is not what was received", ids)
        if photo.state == Photo.State.WAITING and not photo.original_path:
            yield Violation("waits to be cleaned and has no raw file", ids)
        if photo.state == Photo.State.CLEAN and not all(map(_exists, _clean_paths(photo))):
            yield Violation("is clean and lacks a size", ids)


def none_orphaned(_city: City | None) -> Iterator[Violation]:
    """Yield files that no row names and that no running request can have written (I6)."""
    for path in orphans():
        yield Violation("is a file without a row", (path,))


def orphans(now: datetime | None = None) -> Iterator[str]:
    """Yield the paths of files older than 24 h that no photo names.

    Args:
        now: the instant to count back from; default: now.
    """
    before = (now or timezone.now()) - ORPHAN_AGE
    named = set(_named())
    for path in _files(""):
        if path not in named and default_storage.get_modified_time(path) < before:
            yield path


def _named() -> Iterator[str]:
    """Yield every path that a row names."""
    for photo in Photo.objects.order_by().iterator():
        if photo.original_path:
            yield photo.original_path
        if photo.state == Photo.State.CLEAN:
            yield from _clean_paths(photo)
    yield from Draft.objects.exclude(path="").values_list("path", flat=True)


def _clean_paths(photo: Photo) -> list[str]:
    return [photo.path(size) for size in photos.SIZES]


def _exists(path: str) -> bool:
    return default_storage.exists(path)


def _files(folder: str) -> Iterator[str]:
    """Yield every file below a folder of the storage; none where there is no folder yet."""
    if not default_storage.exists(folder):
        return
    folders, files = default_storage.listdir(folder)
    yield from (f"{folder}{name}" for name in files)
    for name in folders:
        yield from _files(f"{folder}{name}/")


def _sha256(path: str) -> str:
    """Hash a stored file; nothing where there is none."""
    try:
        with default_storage.open(path) as file:
            digest = hashlib.sha256()
            for chunk in file.chunks(_CHUNK):
                digest.update(chunk)
            return digest.hexdigest()
    except FileNotFoundError:
        return ""
