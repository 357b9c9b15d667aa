"""Photos of a form that had to come back: browsers forget chosen files, so the server holds them.

A held file is raw and shown to nobody. The form carries a signed claim to it; whoever sends the
claim within half a day sends the photo.
"""

import contextlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.core import signing
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from issues import photos
from issues.errors import StorageFull
from issues.privacy import clean_text

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

FOLDER: Final = "draft"
HOLD: Final = timedelta(hours=12)
MOST_BYTES: Final = 2 * 2**30
"""What all forms together may hold; more is somebody filling the disk."""
_SALT: Final = "issues.forms.kept"
_NAME_LENGTH: Final = 60


@dataclass(frozen=True, slots=True)
class Kept:
    """One held photo: the claim that the form carries, and the name its owner knows it by."""

    claim: str
    key: str
    name: str

    @property
    def path(self) -> str:
        """Where the raw bytes lie, below MEDIA_ROOT."""
        return f"{FOLDER}/{self.key}"

    def read(self) -> bytes | None:
        """Return the photo as it was sent; None when another send of its form was faster."""
        try:
            with default_storage.open(self.path) as file:
                return bytes(file.read())
        except FileNotFoundError:
            return None

    def drop(self) -> None:
        """Forget the photo."""
        default_storage.delete(self.path)


def keep(file: "UploadedFile[Any]") -> Kept:
    """Hold a photo until its form is sent again.

    Raises:
        PhotoRefused: it would not be accepted later either.
        StorageFull: no room, on the disk or for held photos.
    """
    size = file.size or 0
    photos.weigh(size)
    if _held_bytes() + size > MOST_BYTES:
        raise StorageFull
    data = file.read()
    photos.accept(data)
    key, name = uuid.uuid4().hex, shown_name(file)
    default_storage.save(f"{FOLDER}/{key}", ContentFile(data))
    return Kept(signing.dumps([key, name], salt=_SALT), key, name)


def claimed(claims: Iterable[str]) -> list[Kept]:
    """Find what the claims of a form still hold, each photo once.

    Forged, foreign and expired claims hold nothing.
    """
    found = {}
    for claim in claims:
        try:
            key, name = signing.loads(claim, salt=_SALT, max_age=HOLD)
        except signing.BadSignature:
            continue
        kept = Kept(claim, key, name)
        if default_storage.exists(kept.path):
            found[key] = kept
    return list(found.values())


def prune() -> int:
    """Forget photos that nobody came back for. Returns: how many."""
    old = timezone.now() - HOLD
    gone = 0
    for path in _paths():
        # Its form may come again in this very moment.
        with contextlib.suppress(FileNotFoundError):
            if default_storage.get_modified_time(path) < old:
                default_storage.delete(path)
                gone += 1
    return gone


def _held_bytes() -> int:
    total = 0
    for path in _paths():
        with contextlib.suppress(FileNotFoundError):
            total += default_storage.size(path)
    return total


def _paths() -> list[str]:
    """List the held files."""
    if not default_storage.exists(FOLDER):
        return []
    names = default_storage.listdir(FOLDER)[1]
    return [f"{FOLDER}/{name}" for name in names if not name.startswith(".")]


def shown_name(file: "UploadedFile[Any]") -> str:
    """Say which photo is meant, in the sender's own word for it."""
    return clean_text(file.name or "").replace("\n", " ")[:_NAME_LENGTH] or "foto"
