"""Templates of replies are configuration: every change is written down."""

from typing import Any

from django.db import transaction

from geodata.models import City
from issues.actions.configure import facts, record_change
from issues.models import ReplyTemplate, User

_SHOWN = ("step", "category", "department", "name", "text", "active")


def keep_reply(
    values: dict[str, Any], *, city: City, actor: User, row: ReplyTemplate | None = None
) -> ReplyTemplate:
    """Add a template, or change one.

    Args:
        values: its columns, clean.
        city: whose.
        actor: an administrator.
        row: the one to change; None: a new one.
    """
    with transaction.atomic():
        kept = row or ReplyTemplate(city=city)
        before = facts(kept, *_SHOWN) if row else {}
        for name, value in values.items():
            setattr(kept, name, value)
        kept.save()
        record_change(actor, kept, before, facts(kept, *_SHOWN), city=city)
        return kept
