"""How accounts work here: citizens prove an address by a code, staff are invited."""

import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import auth
from django.http import HttpRequest
from django.urls import reverse

from issues import actions, addresses
from issues.models import User

BACKEND: Final = "django.contrib.auth.backends.ModelBackend"
CITIZEN: Final = "citizen"
"""What marks a session that a code has opened: it never opens the desk."""
STAYS: Final = timedelta(days=90)
"""How long citizens stay logged in on their own phones."""
RECENT: Final = timedelta(minutes=15)
"""How long a proof is fresh enough for what changes an account."""
_PROVED: Final = "proved_at"


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Log-in by password for staff; sign-up by password is closed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Keep the desk closed: administrators make accounts with a password."""
        del request
        return False

    def clean_email(self, email: str) -> str:
        """Take no address that only looks like another; said where allauth asks for one."""
        addresses.plain(email)
        return email

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Lead staff to their work, everybody else to their own reports."""
        return home(request.user) if request.user.is_authenticated else reverse("map")


def home(user: User) -> str:
    """Say where somebody goes after the log-in."""
    return reverse("desk" if is_staff(user) else "mine")


def is_staff(user: User) -> bool:
    """Whether somebody works here, and so needs a password."""
    return user.is_staff or user.is_superuser or user.memberships.exists()


def end_other_sessions(request: HttpRequest, user: User) -> None:
    """End every session of a citizen but this one.

    Who has a password works here, and changes it by its own page.
    """
    if user.has_usable_password():
        return
    actions.end_sessions(user)
    auth.update_session_auth_hash(request, user)


def enter(request: HttpRequest, user: User) -> None:
    """Log a citizen in, for long, and give them the reports that are proved to be theirs."""
    auth.login(request, user, backend=BACKEND)
    request.session.set_expiry(STAYS)
    request.session[CITIZEN] = True
    refresh(request)
    actions.claim_proved(user)


def refresh(request: HttpRequest) -> None:
    """Note that somebody has just proved who they are."""
    request.session[_PROVED] = time.time()


def is_fresh(request: HttpRequest) -> bool:
    """Whether somebody has proved of late who they are."""
    return time.time() - float(request.session.get(_PROVED, 0)) < RECENT.total_seconds()


def login_name(request: HttpRequest, credentials: Mapping[str, str] | None = None) -> str:
    """Say whose log-in failed: the lock is per person, else a whole office would be shut out.

    Args:
        request: the log-in, by our page or by the admin's.
        credentials: what was tried; allauth says `email`, Django's own backend `username`.
    """
    tried = dict(credentials or {})
    name = tried.get("email") or tried.get("username") or request.POST.get("login", "")
    return name.strip().lower()
