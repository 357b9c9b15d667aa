"""Filters that people keep for themselves: what they look for, and never what they may see."""

from typing import Final

from django.db import transaction

from geodata.models import City
from issues.models import SavedFilter, User

MOST: Final = 20
"""A person keeps so many in a city; one more takes the place of nothing."""


@transaction.atomic
def keep_filter(user: User, city: City, *, name: str, query: str) -> bool:
    """Keep a filter under a name, in the place of the one that had it.

    Returns:
        False where somebody has as many as there may be.
    """
    User.objects.select_for_update().get(pk=user.pk)
    own = SavedFilter.objects.filter(user=user, city=city)
    if own.exclude(name=name).count() >= MOST:
        return False
    SavedFilter.objects.update_or_create(user=user, city=city, name=name, defaults={"query": query})
    return True


def drop_filter(user: User, city: City, *, name: str) -> None:
    """Forget a filter; one that is not there is forgotten already."""
    SavedFilter.objects.filter(user=user, city=city, name=name).delete()
