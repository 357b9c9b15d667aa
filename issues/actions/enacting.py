"""Proposals that begin to count, and stop: weighed, published, undone, each in one transaction."""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from geodata import book, editions, succession
from geodata.editions import Provenance
from geodata.errors import Problem
from geodata.levels import Level
from geodata.models import City, Draft, Edition, RoutingRule
from geodata.succession import Feature
from issues.actions import rerouting
from issues.actions.proposing import in_force
from issues.actions.rerouting import Move, Why
from issues.models import Issue
from issues.workflow import Step

_SENT: Final = (Step.ASSIGN, Step.REROUTE, Step.REFUSE)
"""Steps that say where an issue lies."""


@dataclass(frozen=True, slots=True)
class _Done:
    """What a change of the map or of a rule did: which open issues it may concern."""

    keys: Sequence[int]
    edition: Edition | None = None
    closed: Sequence[Edition] = ()
    rule: RoutingRule | None = None


def weigh(draft_id: int) -> None:
    """Find which open issues a proposal would move, by doing it and taking it all back."""
    draft = Draft.objects.select_related("city", "rule__department").get(pk=draft_id)
    if draft.state not in {Draft.State.READY, Draft.State.WAITING}:
        return
    if _is_stale(draft):
        _refuse(draft)
        return
    at = timezone.now()
    ground = state_of(draft.city)
    with transaction.atomic():
        done = _enact(draft, at)
        moves = rerouting.foresee(done.keys, draft.city, at=at)
        transaction.set_rollback(True)
    Draft.objects.filter(pk=draft.pk, state__in=(Draft.State.READY, Draft.State.WAITING)).update(
        impact=[move.data for move in moves],
        looked_at=len(done.keys),
        weighed_at=at,
        weighed_on=ground,
    )


def state_of(city: City) -> str:
    """Name the maps and rules in force, so that an older preview is known as such."""
    drawn = list(
        Edition.objects.current().filter(city=city).order_by("pk").values_list("pk", flat=True)
    )
    rules = RoutingRule.objects.filter(city=city).select_related("department").order_by("pk")
    told = json.dumps([drawn, [book.values(rule) for rule in rules]], default=str)
    return hashlib.sha256(told.encode()).hexdigest()


@transaction.atomic
def enact(draft_id: int) -> None:
    """Publish a proposal whose instant has come; one event for each issue that it moves.

    Runs again without harm: what is published already, held back or put off is left alone. A rule
    that somebody else has changed since is not overwritten: the proposal says so and waits.
    """
    draft = _locked(draft_id)
    at = timezone.now()
    if draft.state != Draft.State.WAITING or draft.publish_at is None or draft.publish_at > at:
        return
    if _is_stale(draft):
        _refuse(draft)
        return
    done = _enact(draft, at)
    why = Why(_because(draft), at, actor=draft.published_by)
    _record(draft, done, rerouting.move(done.keys, draft.city, why), at)


def _record(draft: Draft, done: _Done, moves: Sequence[Move], at: datetime) -> None:
    draft.impact = [move.data for move in moves]
    draft.looked_at, draft.weighed_at = len(done.keys), at
    draft.edition, draft.closed = done.edition, [one.pk for one in done.closed]
    draft.rule = done.rule or draft.rule
    draft.state, draft.published_at = Draft.State.PUBLISHED, at
    draft.save()


@transaction.atomic
def revoke(draft_id: int) -> None:
    """Undo a published proposal: the former map or rule counts again, its issues go back.

    Runs again without harm. Issues that somebody has sent on since stay where they are.
    """
    draft = _locked(draft_id)
    if draft.state != Draft.State.UNDOING:
        return
    if not in_force(draft):
        with override(settings.LANGUAGE_CODE):
            draft.refusal = _("Sudah diganti oleh perubahan lain, jadi tidak dapat dibatalkan.")
        draft.state = Draft.State.PUBLISHED
        draft.save(update_fields=["refusal", "state"])
        return
    at = timezone.now()
    with override(settings.LANGUAGE_CODE):
        reason = _("Dibatalkan: %(reason)s") % {"reason": _because(draft)}
    sure = _untouched(draft)
    why = Why(reason, at, actor=draft.undone_by, sure=sure)
    rerouting.move(_take_back(draft, at), draft.city, why)
    draft.state, draft.undone_at = Draft.State.UNDONE, at
    draft.save(update_fields=["state", "undone_at"])


def _locked(draft_id: int) -> Draft:
    """Lock a city's map, then one of its proposals."""
    city = Draft.objects.select_related("city").get(pk=draft_id).city
    editions.lock(city)
    rows = Draft.objects.select_for_update(of=("self",))
    return rows.select_related(
        "city", "rule__department", "edition__city", "published_by", "undone_by"
    ).get(pk=draft_id)


def _is_stale(draft: Draft) -> bool:
    """Whether the rule is no longer what the proposal began with, or its code is taken."""
    if draft.is_of_areas or draft.after is None:
        return False
    if draft.rule is None:
        return RoutingRule.objects.filter(city=draft.city, code=draft.after["code"]).exists()
    return book.values(draft.rule) != draft.before


def _refuse(draft: Draft) -> None:
    with override(settings.LANGUAGE_CODE):
        draft.refusal = _("Aturan ini sudah diubah lewat usulan lain; buatlah usulan baru.")
    draft.state = Draft.State.REFUSED
    draft.save(update_fields=["refusal", "state"])


def _because(draft: Draft) -> str:
    """Name the change for the events, in the city's language."""
    with override(settings.LANGUAGE_CODE):
        if draft.is_of_areas:
            return _("Batas wilayah baru (%(source)s)") % {"source": draft.source}
        return _("Aturan baru (%(code)s)") % {"code": draft.source}


def _enact(draft: Draft, at: datetime) -> _Done:
    """Change the map or the rule; which open issues that concerns."""
    if not draft.is_of_areas:
        return _enact_rule(draft)
    done = succession.replace(
        draft.city,
        Level(draft.level or 0),
        [_feature(row) for row in draft.areas.all()],
        provenance=_provenance(draft),
        accepted=[Problem(**{**one, "names": tuple(one["names"])}) for one in draft.problems],
        at=at,
    )
    keys = rerouting.on_land(draft.city, done.land, at)
    return _Done(keys, edition=done.edition, closed=done.closed)


def _enact_rule(draft: Draft) -> _Done:
    after: dict[str, Any] = draft.after or {}
    rule = book.write(draft.city, draft.rule, after)
    return _Done(rerouting.of_kinds(draft.city, _kinds(draft)), rule=rule)


def _kinds(draft: Draft) -> set[str]:
    """The kinds of issues that a rule speaks of, before and after; none where it never counts."""
    return {told["service_code"] for told in (draft.before, draft.after) if told and told["active"]}


def _take_back(draft: Draft, at: datetime) -> list[int]:
    """Put the former map or rule in force again; which open issues that concerns."""
    if draft.edition is not None:
        former = list(Edition.objects.filter(pk__in=draft.closed).order_by("pk"))
        land = succession.restore(draft.edition, former, at=at)
        return rerouting.on_land(draft.city, land, at)
    told = draft.before or {**(draft.after or {}), "active": False}
    book.write(draft.city, draft.rule, told)
    return rerouting.of_kinds(draft.city, _kinds(draft))


def _untouched(draft: Draft) -> Collection[int]:
    """The issues that lie where this very proposal has put them."""
    at = {one["issue"]: one["version"] for one in draft.impact}
    rows = Issue.objects.filter(pk__in=at).annotate(
        sent=Max("events__seq", filter=Q(events__step__in=_SENT))
    )
    return {pk for pk, sent in rows.values_list("pk", F("sent")) if sent == at[pk]}


def _feature(row: Any) -> Feature:
    return Feature(row.code, row.name, row.area, kind=row.kind, parent_code=row.parent_code)


def _provenance(draft: Draft) -> Provenance:
    names = ("source", "licence", "source_date", "dataset", "crs", "file_name", "checksum")
    return replace(
        Provenance(source=draft.source),
        **{name: getattr(draft, name) for name in names},
    )
