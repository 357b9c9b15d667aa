"""Log in with Google, where the operator has a key for it: the same door as the code by mail.

Google only says whose an address is; no account, token or picture of theirs is kept. allauth asks
us once, before it would do anything itself, and gets the finished answer.
"""

from collections.abc import Iterable
from typing import Any, Never

import requests
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from issues.addresses import Address, Kind, mail
from issues.views import account


class Google(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """How allauth's own flow ends: always with an answer of ours."""

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> Never:
        """Answer by the addresses that Google has named.

        Raises:
            ImmediateHttpResponse: always; no account of allauth is made or connected.
        """
        onward = sociallogin.state.get("next") or ""
        raise ImmediateHttpResponse(entered(request, sociallogin.email_addresses, onward=onward))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Keep allauth's own sign-up closed."""
        del request, sociallogin
        return False

    def get_requests_session(self) -> requests.Session:
        """Call Google as every other server is called: by the operator's proxy, if there is one."""
        session: requests.Session = super().get_requests_session()
        session.trust_env = False
        if settings.OUTGOING_PROXY:
            session.proxies = {"https": f"http://{settings.OUTGOING_PROXY}"}
        return session


def entered(
    request: HttpRequest, addresses: Iterable[EmailAddress], *, onward: str = ""
) -> HttpResponse:
    """Open the citizen's session of a verified address; staff keep their password.

    Args:
        request: of the browser that has come back.
        addresses: as Google has named them; only what it has verified says who somebody is.
        onward: where they wanted to go; only ever a page of ours.
    """
    try:
        proved = mail(next((one.email.strip() for one in addresses if one.verified is True), ""))
    except ValidationError:
        messages.warning(request, _("Google belum memastikan surel ini. Masuk dengan kode."))
        return redirect("enter")
    return account.opened(request, Address(Kind.EMAIL, proved), onward=onward)
