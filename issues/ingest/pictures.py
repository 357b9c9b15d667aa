"""Photos of imported issues: files of a folder, sent through the same door as everybody's.

They are judged by their header here and painted anew by the worker in its locked room; nothing of
the folder is trusted. A photo's id follows from its issue and its name, so none comes twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid5

from django.utils.translation import gettext as _

from issues import actions, photos
from issues.errors import IssueError, PhotoRefused
from issues.ingest.cases import Book, Case
from issues.models import Issue, Photo


@dataclass(slots=True)
class Attached:
    """How many photos wait for the worker now, and which could not be taken: line, reason."""

    attached: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


def attach(cases: Sequence[Case], folder: Path, book: Book, *, keep: bool) -> Attached:
    """Send the photos of a batch of cases whose issues are there.

    Args:
        cases: with the names of their pictures.
        folder: where the files lie; names that lead out of it are refused.
        book: of the city.
        keep: False only looks whether the files are there.
    """
    done = Attached()
    pictured = [case for case in cases if case.photos]
    uuids = [case.draft.uuid for case in pictured]
    rows = Issue.objects.filter(city=book.city, uuid__in=uuids).values_list("uuid", "pk")
    keys = dict(rows) if keep else dict.fromkeys(uuids, 0)
    sent = set(Photo.objects.filter(issue__in=keys.values()).values_list("pk", flat=True))
    for case in pictured:
        if case.draft.uuid in keys:
            for name in case.photos:
                photo_id = uuid5(case.draft.uuid, name)
                if photo_id not in sent:
                    _send(case, keys[case.draft.uuid], folder, name, done, keep=keep)
    return done


def _send(
    case: Case, issue_id: int, folder: Path, name: str, done: Attached, *, keep: bool
) -> None:
    path = folder / name
    if not _is_there(path, name):
        words = _("berkas “%(name)s” tidak ada di folder foto")
        done.refused.append((case.line, words % {"name": name[:100]}))
        return
    if not keep:
        done.attached += 1
        return
    try:
        actions.attach(
            issue_id,
            _taken(path),
            photo_id=uuid5(case.draft.uuid, name),
            at=case.received_at,
        )
        done.attached += 1
    except PhotoRefused as error:
        done.refused.append((case.line, f"{name[:100]}: {error.reason}"))
    except IssueError as error:
        done.refused.append((case.line, f"{name[:100]}: {error.__doc__}"))


def _taken(path: Path) -> bytes:
    """Read a picture; what cannot be read is refused as a bad one is."""
    try:
        photos.weigh(path.stat().st_size)
        return path.read_bytes()
    except OSError:
        raise PhotoRefused(_("berkas tidak dapat dibaca")) from None


def _is_there(path: Path, name: str) -> bool:
    """Whether a name means a file of the folder; one that no file can have does not."""
    try:
        return Path(name).name == name and not path.is_symlink() and path.is_file()
    except (OSError, ValueError):
        return False
