"""How accounts work here: people are invited, nobody signs up for a desk."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class StaffAccounts(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Log-in by e-mail for staff; sign-up is closed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Keep the desk closed: administrators make accounts."""
        del request
        return False
