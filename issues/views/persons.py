"""By which names we know who asks: an account, a browser; each hashed, neither told to anybody."""

import uuid
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from issues.actions.support import person

COOKIE: Final = "__Host-device" if settings.SECURE else "device"
_SALT: Final = "device"
_COOKIE_AGE_S: Final = 400 * 24 * 3600
"""As long as browsers keep any cookie (RFC 6265bis)."""


def persons(request: HttpRequest, device: str) -> list[str]:
    """Say by which hashes this person may be known: the account first, if there is one."""
    account = [("user", request.user.pk)] if request.user.is_authenticated else []
    return [person(kind, name) for kind, name in (*account, ("device", device))]


def device_of(request: HttpRequest) -> str:
    """Read which browser this is.

    A new one is named after its CSRF cookie, which it has had since it saw the form: two taps at
    once, neither of which knows the other's answer, come from one device.
    """
    if named := known(request):
        return named
    secret = request.COOKIES.get(settings.CSRF_COOKIE_NAME, "")
    return person("browser", secret)[:32] if secret else uuid.uuid4().hex


def known(request: HttpRequest) -> str:
    """Read the name that we have given to this browser; empty for a new one."""
    given = request.get_signed_cookie(COOKIE, default="", salt=_SALT, max_age=_COOKIE_AGE_S)
    return str(given)


def remember(answer: HttpResponse, device: str) -> None:
    """Let this browser be known again."""
    answer.set_signed_cookie(
        COOKIE,
        device,
        salt=_SALT,
        max_age=_COOKIE_AGE_S,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )
