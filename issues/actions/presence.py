"""Who has an issue open right now: a hint for colleagues, no event, no lock."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.db import models
from django.utils import timezone

from geodata import sql
from issues.models import Issue, Presence, User

BEAT: Final = timedelta(seconds=20)
"""How often a screen says that it is still there."""
STANDS: Final = timedelta(seconds=60)
"""How long a screen counts as open after its last beat."""
_SQL: Final = Path(__file__).parent.parent / "sql"


def beat(issue_id: int, user: User, *, at: datetime | None = None) -> None:
    """Say that somebody has an issue open; one statement, never an event."""
    params = {
        "issue": issue_id,
        "person": user.pk,
        "at": at or timezone.now(),
        "span": STANDS.total_seconds(),
    }
    sql.fetch("beat", params, folder=_SQL)


def others(user: User, *, at: datetime | None = None) -> models.QuerySet[Presence]:
    """Return the screens of other people that are open now, the first comer first."""
    seen = (at or timezone.now()) - STANDS
    open_now = Presence.objects.filter(at__gte=seen).exclude(user=user)
    return open_now.select_related("user").order_by("since", "pk")


def beside(issue: Issue, user: User, *, at: datetime | None = None) -> list[Presence]:
    """List who else has one issue open."""
    return list(others(user, at=at).filter(issue=issue))
