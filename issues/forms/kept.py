"""Photos of a form that had to come back: browsers forget chosen files, so the server holds them.

A held file is raw and shown to nobody. The form carries a signed claim to it; whoever sends the
claim within half a day sends the photo.
"""

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
from issues.privacy import clean_text

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

FOLDER: Final = "draft"
HOLD: Final = timedelta(hours=12)
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

    def read(self) -> bytes:
        """Return the photo as it was sent."""
        with default_storage.open(self.path) as file:
            return bytes(file.read())

    def drop(self) -> None:
        """Forget the photo."""
        default_storage.delete(self.path)


def keep(file: "UploadedFile[Any]") -> Kept:
    """Hold a photo until its form is sent again; the old ones go.

    Raises:
        PhotoRefused: it would not be accepted later either.
        StorageFull: no room.
    """
    prune()
    data = file.read()
    photos.accept(data)
    key, name = uuid.uuid4().hex, shown_name(file)
    default_storage.save(f"{FOLDER}/{key}", ContentFile(data))
    return Kept(signing.dumps([key, name], salt=_SALT), key, name)


def claimed(claims: Iterable[str]) -> list[Kept]:
    """Find what the claims of a form still hold; forged, foreign and expired ones hold nothing."""
    found = []
    for claim in claims:
        try:
            key, name = signing.loads(claim, salt=_SALT, max_age=HOLD)
        except signing.BadSignature:
            continue
        kept = Kept(claim, key, name)
        if default_storage.exists(kept.path):
            found.append(kept)
    return found


def prune() -> int:
    """Forget photos that nobody came back for. Returns: how many."""
    if not default_storage.exists(FOLDER):
        return 0
    old = timezone.now() - HOLD
    paths = [
        f"{FOLDER}/{name}"
        for name in default_storage.listdir(FOLDER)[1]
        if not name.startswith(".")
    ]
    gone = [path for path in paths if default_storage.get_modified_time(path) < old]
    for path in gone:
        default_storage.delete(path)
    return len(gone)


def shown_name(file: "UploadedFile[Any]") -> str:
    """Say which photo is meant, in the sender's own word for it."""
    return clean_text(file.name or "").replace("\n", " ")[:_NAME_LENGTH] or "foto"
