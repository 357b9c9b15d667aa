"""What lies behind a reason: who reported, and the original of what was released otherwise.

`permissions` says who may ask at all; this says for how long an answer stays open, and keeps the
list of those who asked.
"""

from datetime import timedelta
from typing import Final

from django.utils import timezone

from issues import permissions
from issues.errors import MissingDuty, NotPermitted
from issues.models import Access, Issue, User

OPEN_FOR: Final = timedelta(minutes=15)
"""How long what somebody has opened stays open to them."""


def open_up(issue: Issue, kind: Access.Kind, *, actor: User, purpose: str, reason: str) -> Access:
    """Open the reporter's identity or the original to one person for a while, and write it down.

    Args:
        issue: the issue.
        kind: what shall be opened.
        actor: who asks.
        purpose: one of `Access.Purpose`.
        reason: in their own words.

    Raises:
        NotPermitted: this person may not see it, whatever the reason.
        MissingDuty: no purpose or no words.
    """
    may = permissions.sees_identity if kind is Access.Kind.IDENTITY else permissions.sees_original
    if not may(issue, actor):
        raise NotPermitted
    if purpose not in Access.Purpose.values or not reason.strip():
        raise MissingDuty("reason")
    return Access.objects.create(
        issue=issue,
        actor=actor,
        at=timezone.now(),
        kind=kind,
        purpose=purpose,
        reason=reason.strip(),
    )


def opened(issue: Issue, user: User) -> frozenset[Access.Kind]:
    """List what of an issue somebody has opened of late; one statement."""
    since = timezone.now() - OPEN_FOR
    kinds = issue.accesses.filter(actor=user, at__gt=since).values_list("kind", flat=True)
    return frozenset(Access.Kind(kind) for kind in kinds)


def is_locked(issue: Issue, user: User) -> bool:
    """Whether the original is closed to somebody until they say why they want to see it."""
    return permissions.is_sealed(issue) and Access.Kind.ORIGINAL not in opened(issue, user)
