"""The rows that cases become: what `actions.submit` and every later step would have left.

Each column is computed by the function that the actions use, or by the same rule; `fsck` computes
all of it again. Nothing here talks to the database.
"""

import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, cast

from django.conf import settings

from geodata import tiles
from geodata.crs import WGS84
from issues import history, privacy
from issues.actions import clocks, tracking
from issues.actions.clocks import Dates
from issues.ingest.answers import Answer
from issues.ingest.cases import Book, Case
from issues.ingest.histories import Life, Told
from issues.models import Category
from issues.workflow import CLOSED, INTERNAL, LAYER, PUBLIC_NOTES, Role, Status, Step

Row = tuple[Any, ...]

TABLES: Final[Mapping[str, tuple[str, ...]]] = {
    "issues_issue": (
        "id", "city_id", "uuid", "body_hash", "number", "token_hash", "token_version", "channel",
        "category_id", "department_id", "jurisdiction_id", "point", "accuracy_m", "address",
        "place", "description", "public_text", "answers", "anonymous", "confidential", "hidden",
        "reviewed_at", "status", "version", "received_at", "changed_at", "closed_at", "dispose_by",
        "due_at", "limit_at", "marked_overdue", "looked_on", "created_at", "paused_at", "pauses",
        "spent", "stood_since", "responded_at", "reopenings",
    ),
    "issues_event": (
        "issue_id", "seq", "step", "status", "at", "role", "department_id", "note", "data",
        "previous_hash", "hash",
    ),
    "issues_decision": (
        "issue_id", "at", "service_code", "department_id", "rule_id", "jurisdiction_id",
        "edition_id", "edge_m", "reason", "reason_en", "trace",
    ),
    "issues_origin": ("issue_id", "city_id", "source", "external_id", "events", "at"),
    "issues_publicissue": (
        "issue_id", "city_id", "number", "category_id", "department_id", "jurisdiction_id",
        "layer", "overdue", "point", "q", "day", "received_at", "changed_at", "due_at",
    ),
    "issues_publicdetail": (
        "issue_id", "city_id", "number", "original", "text", "place", "route", "route_en",
        "status", "timeline", "paused_at",
    ),
    "issues_publicspan": (
        "issue_id", "city_id", "category_id", "department_id", "jurisdiction_id", "q", "day",
        "layer", "since", "until",
    ),
}  # fmt: skip
"""Every table that an import fills, in the order in which it does, and the columns it writes."""

_POINT: Final = struct.Struct("<BIIdd")
_WITH_SRID: Final = 0x20000001
_quoted: Final = json.encoder.encode_basestring


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the public sees a case: a point (degrees, EPSG:4326) and the area that it names."""

    point: tuple[float, float] | None
    area_id: int | None

    @property
    def geometry(self) -> str | None:
        """The point as the database reads it."""
        return None if self.point is None else ewkb(*self.point)

    @property
    def q(self) -> int | None:
        """Number of the point's square."""
        return None if self.point is None else tiles.key(*self.point)


@dataclass(frozen=True, slots=True)
class Settled:
    """A case with all that was found out about it; ready to be written."""

    issue_id: int
    number: str
    case: Case
    answer: Answer
    life: Life
    spot: Spot


@dataclass(frozen=True, slots=True)
class _Facts:
    """What several rows of a case share."""

    kind: Category
    confidential: bool
    dates: Dates
    late: bool
    paused_at: datetime | None


@dataclass(slots=True)
class Writer:
    """Turns settled cases of a city into rows."""

    book: Book
    token_version: int = field(init=False)
    now: str = field(init=False)
    _hours: dict[tuple[datetime, bool], datetime] = field(default_factory=dict)
    _starts: dict[tuple[Step, Status, int | None], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Write down what is the same in every row."""
        self.now = str(self.book.now)
        self.token_version = tracking.newest_version()

    def rows(self, one: Settled) -> Iterator[tuple[str, Row]]:
        """Yield each row of a case with the name of its table, in the order of `TABLES`."""
        self._hours.clear()
        facts = self._facts(one)
        yield "issues_issue", self._issue(one, facts)
        for event in one.life.events:
            yield "issues_event", _event(one.issue_id, event)
        yield "issues_decision", self._decision(one)
        yield "issues_origin", self._origin(one)
        if not facts.confidential:
            yield from self._public(one, facts)

    def _facts(self, one: Settled) -> _Facts:
        kind = self.book.kinds[one.case.draft.service_code]
        pauses = clocks.read(one.life.pauses)
        diary = self.book.diary(one.life.department_id)
        dates = diary.dates(one.case.received_at, kind.clock, pauses)
        paused_at = next((pause.since for pause in pauses if pause.until is None), None)
        runs = one.life.events[-1].status not in CLOSED and paused_at is None
        return _Facts(
            kind=kind,
            confidential=one.case.draft.confidential or kind.confidential,
            dates=dates,
            late=runs and dates.due_at < self.book.now,
            paused_at=paused_at,
        )

    def _issue(self, one: Settled, facts: _Facts) -> Row:
        case, draft, last = one.case, one.case.draft, one.life.events[-1]
        token = tracking.secret(self.book.city, draft.uuid, self.token_version)
        return (
            one.issue_id,
            self.book.city.pk,
            draft.uuid,
            one.life.events[0].previous_hash,
            one.number,
            tracking.fingerprint(token),
            self.token_version,
            draft.channel,
            facts.kind.pk,
            one.life.department_id,
            one.answer.jurisdiction_id,
            ewkb(draft.lon, draft.lat),
            draft.accuracy_m,
            draft.address,
            one.answer.place,
            draft.description,
            draft.description if case.reviewed_at else "",
            json.dumps(draft.answers, ensure_ascii=False) if draft.answers else "{}",
            draft.anonymous,
            facts.confidential,
            False,
            case.reviewed_at,
            last.status,
            last.seq,
            case.received_at,
            last.moment,
            one.life.closed_at,
            facts.dates.dispose_by,
            facts.dates.due_at,
            facts.dates.limit_at,
            facts.late,
            any(event.role == Role.DISPATCHER for event in one.life.events),
            self.now,
            facts.paused_at,
            json.dumps(one.life.pauses) if one.life.pauses else "[]",
            *self._waits(one),
        )

    def _waits(self, one: Settled) -> Row:
        """Say for whom a case has waited."""
        told = history.waits(cast("Any", one.life.events))
        spent = ",".join(map(str, told.spent))
        return f"{{{spent}}}", told.since, told.responded_at, told.reopenings

    def _decision(self, one: Settled) -> Row:
        answer = one.answer
        return (
            one.issue_id,
            self.now,
            one.case.draft.service_code,
            answer.department_id,
            answer.rule_id,
            answer.jurisdiction_id,
            answer.edition_id,
            answer.edge_m,
            answer.words.reason,
            answer.words.reason_en,
            answer.words.trace,
        )

    def _origin(self, one: Settled) -> Row:
        return (
            one.issue_id,
            self.book.city.pk,
            self.book.source,
            one.case.external_id,
            len(one.life.events),
            self.now,
        )

    def _public(self, one: Settled, facts: _Facts) -> Iterator[tuple[str, Row]]:
        """Yield what the public may see; the rules are those of `publication.project`."""
        told = [event for event in one.life.events if event.step not in INTERNAL]
        kind, city = facts.kind, self.book.city.pk
        day = one.case.received_at.astimezone(self.book.zone).date()
        shared = (kind.pk, one.life.department_id, one.spot.area_id)
        q = one.spot.q
        yield (
            "issues_publicissue",
            (
                *(one.issue_id, city, one.number, *shared),
                *(LAYER[told[-1].status], facts.late, one.spot.geometry, q, day),
                self._hour(one.case.received_at, kind),
                self._hour(told[-1].at, kind),
                facts.dates.due_at,
            ),
        )
        yield "issues_publicdetail", self._detail(one, facts, told)
        for stay in history.stays(cast("Any", one.life.events), received=day, zone=self.book.zone):
            yield (
                "issues_publicspan",
                (one.issue_id, city, *shared, q, day, stay.layer, stay.since, stay.until),
            )

    def _hour(self, at: datetime, kind: Category) -> datetime:
        """Return an instant as the public may read it; the steps of a case share theirs."""
        key = at, kind.exact_place
        found = self._hours.get(key)
        if found is None:
            found = privacy.public_time(at, exact=kind.exact_place, zone=self.book.zone)
            self._hours[key] = found
        return found

    def _detail(self, one: Settled, facts: _Facts, told: list[Told]) -> Row:
        kind, paused_at = facts.kind, facts.paused_at
        area = self._area(one.spot.area_id)
        words, true_area = one.answer.words, self._area(one.answer.jurisdiction_id)
        return (
            one.issue_id,
            self.book.city.pk,
            one.number,
            "",
            one.case.draft.description if one.case.reviewed_at else "",
            (one.answer.place or area) if kind.exact_place else area,
            _sentence(words.reason, true_area, area),
            _sentence(words.reason_en, true_area, area),
            told[-1].status,
            f"[{', '.join([self._line(event, kind) for event in told])}]",
            self._hour(paused_at, kind) if paused_at else None,
        )

    def _line(self, event: Told, kind: Category) -> str:
        """Tell one event as the public may read it (JSON); most of it is the same for many."""
        key = event.step, event.status, event.department_id
        start = self._starts.get(key)
        if start is None:
            start = self._starts[key] = self._start(*key)
        note = _quoted(event.note) if event.note and event.step in PUBLIC_NOTES else '""'
        return f'{start}, "at": "{self._hour(event.at, kind).isoformat()}", "note": {note}}}'

    def _start(self, step: Step, status: Status, owner: int | None) -> str:
        """Write the part of a line that time and words do not change."""
        layer = LAYER[status]
        told = {
            "step": step,
            "status": status,
            "layer": "" if layer is None else layer.slug,
            "department": "" if owner is None else self.book.departments[owner].short_name,
        }
        return json.dumps(told, ensure_ascii=False).removesuffix("}")

    def _area(self, area_id: int | None) -> str:
        return "" if area_id is None else self.book.names[area_id]


def ewkb(lon: float | None, lat: float | None) -> str | None:
    """Write a point (degrees, EPSG:4326) as hexadecimal EWKB; None without one."""
    if lon is None or lat is None:
        return None
    return _POINT.pack(1, _WITH_SRID, WGS84, lon, lat).hex()


def public_point(case: Case, kind: Category) -> tuple[float, float] | None:
    """Return where the public sees a case (degrees, EPSG:4326); None without a place."""
    lon, lat = case.draft.lon, case.draft.lat
    if lon is None or lat is None:
        return None
    return privacy.public_point(
        lon,
        lat,
        exact=kind.exact_place,
        key=settings.PRIVACY_KEY.encode(),
        issue_id=case.draft.uuid,
    )


def _sentence(reason: str, true_area: str, area: str) -> str:
    """Say who handles it and why, naming no other area than the public one."""
    bare = reason.removesuffix(f", {true_area}") if true_area else reason
    return f"{bare}, {area}" if area and bare != reason else bare


def _event(issue_id: int, event: Told) -> Row:
    return (
        issue_id,
        event.seq,
        event.step,
        event.status,
        event.moment,
        event.role,
        event.department_id,
        event.note,
        event.written,
        event.previous_hash,
        event.hash,
    )
