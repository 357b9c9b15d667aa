"""What every page knows: the city, the languages, whether this is a demo."""

from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import lazy

from issues import doors

_NOBODY: Final = UUID(int=0)


def site(request: HttpRequest) -> dict[str, Any]:
    """Offer the city and the site's switches to templates."""
    return {
        "city": getattr(request, "city", None),
        "demo": settings.DEMO,
        "languages": settings.LANGUAGES,
        "receipt_url": reverse("receipt", args=[_NOBODY]).replace(str(_NOBODY), "{id}"),
        "worker": "on" if settings.SERVICE_WORKER else "off",
        "writer": _writer(request),
    }


def _named(request: HttpRequest) -> str:
    user = getattr(request, "user", None)
    return doors.writer(user) if user is not None and user.is_authenticated else ""


# Only pages that ask who is there shall depend on it.
_writer = lazy(_named, str)
