"""What a site in the open must not have: a guessable key, debug pages, any host name."""

from collections.abc import Iterator
from typing import Any, Final

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

MIN_LENGTH: Final = 50
MIN_LETTERS: Final = 5
"""What Django asks of a key in its deployment checks (security.W009)."""


@register(Tags.security)
def refusals(**_options: Any) -> list[CheckMessage]:
    """Refuse to start in the open (SECURE is on) with what belongs on a machine of one's own."""
    return list(_wrong()) if settings.SECURE else []


def _wrong() -> Iterator[CheckMessage]:
    if settings.DEBUG:
        yield Error("DEBUG shows code and settings to strangers", id="civicmap.E003")
    keys = {
        "SECRET_KEY": settings.SECRET_KEY,
        "PRIVACY_KEY": settings.PRIVACY_KEY,
        **{f"TRACKING_KEYS[{version}]": key for version, key in settings.TRACKING_KEYS.items()},
    }
    for name, key in keys.items():
        if is_weak(key):
            hint = "make one with: python -c 'import secrets; print(secrets.token_urlsafe(50))'"
            yield Error(f"{name} can be guessed", hint=hint, id="civicmap.E004")
    if "*" in settings.ALLOWED_HOSTS:
        yield Error("ALLOWED_HOSTS lets any host name pass", id="civicmap.E005")


def is_weak(key: str) -> bool:
    """Whether a key is short, monotonous or an example's."""
    return (
        len(key) < MIN_LENGTH or len(set(key)) < MIN_LETTERS or key.startswith("django-insecure-")
    )
