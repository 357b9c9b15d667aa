"""How accounts work here: people are invited, nobody signs up for a desk."""

from collections.abc import Mapping

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class StaffAccounts(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Log-in by e-mail for staff; sign-up is closed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Keep the desk closed: administrators make accounts."""
        del request
        return False


def login_name(request: HttpRequest, credentials: Mapping[str, str] | None = None) -> str:
    """Say whose log-in failed: the lock is per person, else a whole office would be shut out.

    Args:
        request: the log-in, by our page or by the admin's.
        credentials: what was tried; allauth says `email`, Django's own backend `username`.
    """
    tried = dict(credentials or {})
    name = tried.get("email") or tried.get("username") or request.POST.get("login", "")
    return name.strip().lower()
