"""Somebody has the same problem: "saya juga", once a person, who may take it back."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from issues import publication
from issues.errors import AlreadyClosed, UnknownIssue
from issues.models import Issue, Support
from issues.workflow import Status

_TRIES: Final = 3
"""How often an issue may be merged into another between looking and locking."""


@dataclass(frozen=True, slots=True)
class Supported:
    """How many people have this problem now, and whether this person had said so before.

    `number` is that of the original where a duplicate was named.
    """

    issue_id: int
    number: str
    supports: int
    already: bool


def person(kind: str, name: object) -> str:
    """Name somebody without naming them: a keyed hash of an account or a device."""
    key = settings.PRIVACY_KEY.encode()
    return hmac.digest(key, f"person:{kind}:{name}".encode(), hashlib.sha256).hex()


def support(
    issue_id: int, persons: Sequence[str], *, off: bool = False, at: datetime | None = None
) -> Supported:
    """Count somebody as having the same problem, or no longer.

    Args:
        issue_id: a public issue; for a duplicate its original is meant.
        persons: by which hashes this person may be known, the one to remember first: account and
            device are one person, also when the same browser comes back without the account.
        off: take it back.
        at: when; default: now.

    Raises:
        UnknownIssue: there is none that the public may see.
        AlreadyClosed: nobody works on it any more.
    """
    for _try in range(_TRIES):
        with transaction.atomic():
            issue = _locked(issue_id)
            if issue.status != Status.DUPLICATE:
                return _count(issue, persons, off=off, at=at or timezone.now())
    raise UnknownIssue(issue_id)


def _locked(issue_id: int) -> Issue:
    """Lock the issue, or its original, and nothing else; what is not public is not there."""
    found = Issue.objects.filter(pk=issue_id).values_list("merged_into_id", flat=True)
    original = next(iter(found), None) or issue_id
    issue = Issue.objects.select_for_update().filter(pk=original).first()
    if issue is None or issue.is_withheld:
        raise UnknownIssue(issue_id)
    return issue


def _count(issue: Issue, persons: Sequence[str], *, off: bool, at: datetime) -> Supported:
    # Who said so at a duplicate has said so here.
    told = Support.objects.filter(
        issue__in=[issue.pk, *issue.duplicates.values_list("pk", flat=True)]
    )
    said = told.filter(Q(person__in=persons) | Q(device__in=persons))
    if off:
        # An account takes back nothing that another one said in the same browser.
        own = said if len(persons) == 1 else told.filter(person__in=persons)
        already = own.delete()[0] > 0
        return Supported(issue.pk, issue.number, publication.count_supports(issue), already)
    if not issue.is_open:
        raise AlreadyClosed
    already = said.exists()
    if not already:
        device = persons[1] if len(persons) > 1 else ""
        Support.objects.create(issue=issue, person=persons[0], device=device, at=at)
    return Supported(issue.pk, issue.number, publication.count_supports(issue), already)
