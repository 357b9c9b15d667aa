"""What administrators propose: areas out of a file or drawn by hand, and routing rules.

A proposal changes nothing. It is checked and weighed by jobs, so that no web request waits; what
makes it count stands in `issues.actions.enacting`.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from geodata import book, inspection
from geodata.errors import UnreadableFile
from geodata.levels import Level
from geodata.models import City, Draft, DraftArea, RoutingRule
from geodata.succession import Feature
from issues import outbox
from issues.errors import StaleDraft
from issues.models import User

if TYPE_CHECKING:
    from django.core.files.base import File

HAND: Final = "tangan"
"""Dataset of the special areas that are drawn by hand."""
_CHUNK: Final = 2**20


@dataclass(frozen=True, slots=True)
class Origin:
    """What is said about a set of areas; fields as those of `editions.Provenance`."""

    source: str
    licence: str = ""
    source_date: date | None = None
    dataset: str = ""
    crs: str = ""


def upload(
    city: City,
    level: Level,
    file: "File[bytes]",
    *,
    origin: Origin,
    actor: User,
    slivers: bool = False,
) -> Draft:
    """Keep a file of areas durably and have it checked by a worker.

    Args:
        city: whose areas.
        level: of all of them.
        file: GeoJSON, GeoPackage or a zipped shapefile; nothing here opens it.
        origin: where it comes from.
        actor: who proposes it.
        slivers: whether small thin gaps and overlaps may pass.

    Raises:
        UnreadableFile: it is too large, or of another kind by its name.
        StorageFull: the disk is full; nothing was kept.
    """
    name = Path(file.name or "").name
    suffix = Path(name).suffix.lower()
    if suffix not in inspection.SUFFIXES:
        raise UnreadableFile(", ".join(inspection.SUFFIXES))
    if file.size > inspection.MAX_BYTES:
        raise UnreadableFile(inspection.too_large())
    with transaction.atomic():
        path = default_storage.save(f"batas/{uuid4()}{suffix}", file)
        draft = Draft.objects.create(
            city=city,
            level=level,
            file_name=name[-200:],
            checksum=_checksum(file),
            path=path,
            accepts_slivers=slivers,
            state=Draft.State.CHECKING,
            uploaded_by=actor,
            created_at=timezone.now(),
            **asdict(origin),
        )
        outbox.put("check_draft", draft_id=draft.pk)
    return draft


def _checksum(file: "File[bytes]") -> str:
    digest = hashlib.sha256()
    file.seek(0)
    for chunk in file.chunks(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def check(draft_id: int) -> None:
    """Have an uploaded file checked in the locked room, and keep what it found.

    Raises:
        RoomBroken: the room did not start; to be tried again.
    """
    draft = Draft.objects.select_related("city").get(pk=draft_id)
    if draft.state != Draft.State.CHECKING:
        return
    level = Level(draft.level or 0)
    try:
        found = inspection.inspect(
            Path(default_storage.path(draft.path)),
            level=level,
            metric_srid=draft.city.metric_srid,
            extent=[] if level is Level.NEIGHBOUR else draft.city.extent,
            crs=draft.crs,
        )
    except UnreadableFile as error:
        _refuse(draft, " ".join(map(str, error.args)))
    else:
        _keep(draft, found)


def _refuse(draft: Draft, words: str) -> None:
    draft.state, draft.refusal = Draft.State.REFUSED, words[:300]
    draft.save(update_fields=["state", "refusal"])


@transaction.atomic
def _keep(draft: Draft, found: inspection.Inspection) -> None:
    """Keep what the room found; a set without fatal faults is weighed next."""
    waiting = Draft.objects.select_for_update().filter(pk=draft.pk, state=Draft.State.CHECKING)
    locked = waiting.first()
    if locked is None:
        return
    locked.areas.all().delete()
    rows = [
        DraftArea(
            draft=locked,
            code=one.code,
            name=one.name,
            kind=one.kind,
            parent_code=one.parent_code,
            area=one.area,
        )
        for one in found.areas
    ]
    DraftArea.objects.bulk_create(rows, batch_size=500)
    locked.crs, locked.problems, locked.notes = found.crs, list(found.problems), list(found.notes)
    if found.more:
        with override(settings.LANGUAGE_CODE):
            locked.notes.append(_("%(count)d masalah lagi tidak disimpan") % {"count": found.more})
    locked.state = Draft.State.REFUSED
    fields = ["crs", "problems", "notes", "state"]
    if not found.problems or (locked.accepts_slivers and locked.is_tolerable):
        locked.state = Draft.State.READY
        outbox.put("weigh_draft", draft_id=locked.pk)
    locked.save(update_fields=fields)


@transaction.atomic
def accept(draft_id: int) -> Draft:
    """Let the small thin faults of a set pass.

    Raises:
        StaleDraft: it has others, or is not refused any more.
    """
    draft = _lock(draft_id, Draft.State.REFUSED)
    if not draft.is_tolerable:
        raise StaleDraft
    draft.accepts_slivers, draft.state = True, Draft.State.READY
    draft.save(update_fields=["accepts_slivers", "state"])
    outbox.put("weigh_draft", draft_id=draft.pk)
    return draft


@transaction.atomic
def draw(
    city: City, areas: Sequence[Feature], *, origin: Origin, actor: User, note: str = ""
) -> Draft:
    """Propose special areas that were drawn by hand, in place of their dataset's.

    Args:
        city: whose areas.
        areas: all that shall be in force afterwards; valid, codes unique.
        origin: where they come from; its dataset is the one replaced.
        actor: who proposes it.
        note: what is new about it, in words.
    """
    draft = Draft.objects.create(
        city=city,
        level=Level.SPECIAL,
        state=Draft.State.READY,
        notes=[note] if note else [],
        uploaded_by=actor,
        created_at=timezone.now(),
        **asdict(origin),
    )
    rows = [DraftArea(draft=draft, **_columns(one)) for one in areas]
    DraftArea.objects.bulk_create(rows)
    outbox.put("weigh_draft", draft_id=draft.pk)
    return draft


def _columns(feature: Feature) -> dict[str, Any]:
    return {
        name: getattr(feature, name) for name in ("code", "name", "kind", "parent_code", "area")
    }


@transaction.atomic
def propose_rule(
    city: City, rule: RoutingRule | None, told: Mapping[str, Any], *, actor: User
) -> Draft:
    """Propose a new rule, or other values for a rule; `book.values` says what a rule is.

    Raises:
        StaleDraft: nothing would change.
    """
    before = book.values(rule) if rule else None
    if before == told:
        raise StaleDraft
    draft = Draft.objects.create(
        city=city,
        source=told["code"],
        state=Draft.State.READY,
        rule=rule,
        before=before,
        after=dict(told),
        uploaded_by=actor,
        created_at=timezone.now(),
    )
    outbox.put("weigh_draft", draft_id=draft.pk)
    return draft


@transaction.atomic
def weigh_again(draft_id: int) -> None:
    """Have a proposal weighed once more."""
    draft = _lock(draft_id, Draft.State.READY, Draft.State.WAITING)
    draft.weighed_at = None
    draft.save(update_fields=["weighed_at"])
    outbox.put("weigh_draft", draft_id=draft.pk)


@transaction.atomic
def publish(draft_id: int, *, actor: User, at: datetime | None = None) -> Draft:
    """Have a proposal published by a worker, now or at an instant.

    Args:
        draft_id: a proposal that is ready, or waits for another instant.
        actor: who answers for it; every event names them.
        at: when; default: now.

    Raises:
        StaleDraft: it is not ready.
    """
    draft = _lock(draft_id, Draft.State.READY, Draft.State.WAITING)
    draft.state, draft.published_by, draft.refusal = Draft.State.WAITING, actor, ""
    draft.publish_at = at or timezone.now()
    draft.save(update_fields=["state", "published_by", "publish_at", "refusal"])
    outbox.put_at("publish_draft", draft.publish_at, draft_id=draft.pk)
    return draft


@transaction.atomic
def hold(draft_id: int) -> Draft:
    """Take back that a proposal will be published.

    Raises:
        StaleDraft: it does not wait.
    """
    draft = _lock(draft_id, Draft.State.WAITING)
    draft.state, draft.publish_at = Draft.State.READY, None
    draft.save(update_fields=["state", "publish_at"])
    return draft


@transaction.atomic
def drop(draft_id: int) -> Draft:
    """Lay a proposal aside; its row stays.

    Raises:
        StaleDraft: it waits to be published, or was.
    """
    draft = _lock(draft_id, Draft.State.CHECKING, Draft.State.REFUSED, Draft.State.READY)
    draft.state = Draft.State.DROPPED
    draft.save(update_fields=["state"])
    return draft


@transaction.atomic
def undo(draft_id: int, *, actor: User) -> Draft:
    """Have a published proposal undone by a worker.

    Raises:
        StaleDraft: it is not in force any more, or never was.
    """
    draft = _lock(draft_id, Draft.State.PUBLISHED)
    if not in_force(draft):
        raise StaleDraft
    draft.state, draft.undone_by, draft.refusal = Draft.State.UNDOING, actor, ""
    draft.save(update_fields=["state", "undone_by", "refusal"])
    outbox.put("undo_draft", draft_id=draft.pk)
    return draft


def in_force(draft: Draft) -> bool:
    """Whether what was published still stands as it was published."""
    if draft.edition is not None:
        return draft.edition.valid.upper is None
    return draft.rule is not None and book.values(draft.rule) == draft.after


def _lock(draft_id: int, *states: str) -> Draft:
    """Lock a proposal that stands in one of some states.

    Raises:
        StaleDraft: it stands in another.
    """
    draft = Draft.objects.select_for_update().filter(pk=draft_id, state__in=states).first()
    if draft is None:
        raise StaleDraft
    return draft
