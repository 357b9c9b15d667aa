"""What every JSON door reads of a request."""

from collections.abc import Collection

from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from geodata.models import City


def only(request: Request, names: Collection[str]) -> None:
    """Refuse parameters that nobody reads: a typo must not look like an answer."""
    if unknown := set(request.query_params) - set(names):
        raise ValidationError({min(unknown)[:40]: [_("Parameter tidak dikenal.")]})


def city_of(request: Request) -> City:
    """Name the city that the request is about."""
    city: City = request.city  # type: ignore[attr-defined]  # CurrentCity has set it
    return city
