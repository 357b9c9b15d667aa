"""What every page knows: the city, the languages, whether this is a demo."""

from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

_NOBODY: Final = UUID(int=0)


def site(request: HttpRequest) -> dict[str, Any]:
    """Offer the city and the site's switches to templates."""
    return {
        "city": getattr(request, "city", None),
        "demo": settings.DEMO,
        "languages": settings.LANGUAGES,
        "receipt_url": reverse("receipt", args=[_NOBODY]).replace(str(_NOBODY), "{id}"),
        "worker": "on" if settings.SERVICE_WORKER else "off",
    }
