"""What every page knows: the city, the languages, whether this is a demo."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """Offer the city and the site's switches to templates."""
    return {
        "city": getattr(request, "city", None),
        "demo": settings.DEMO,
        "languages": settings.LANGUAGES,
        "worker": "on" if settings.SERVICE_WORKER else "off",
    }
