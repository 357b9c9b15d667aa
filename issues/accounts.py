"""How accounts work here: citizens prove an address by a code, staff are invited."""

import logging
import time
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from allauth.mfa.models import Authenticator
from django.contrib import auth
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from issues import actions, addresses
from issues.models import User
from issues.workflow import Role

_log: Final = logging.getLogger(__name__)
BACKEND: Final = "django.contrib.auth.backends.ModelBackend"
CITIZEN: Final = "citizen"
"""What marks a session that a code has opened: it never opens the desk."""
STAYS: Final = timedelta(days=90)
"""How long citizens stay logged in on their own phones."""
RECENT: Final = timedelta(minutes=15)
"""How long a proof is fresh enough for what changes an account."""
IDLE: Final = timedelta(minutes=30)
"""After how long without a page staff log in again. Source: ASVS 5.0, V7.3."""
SHIFT: Final = timedelta(hours=12)
"""After how long they do so in any case. A crew works a shift through: a phone in a pocket, a day
without signal, and what it has done must still be taken."""
_NOTED: Final = timedelta(minutes=1)
"""How exactly the last page is known: a session is written once a minute, not with every page."""
_PROVED: Final = "proved_at"
_WORK: Final = "work"
"""Since when, and when last, a session has opened pages of staff."""


_CHANGED: Final = {
    "password_changed": gettext_lazy("Kata sandi akun petugas Anda diganti."),
    "password_reset": gettext_lazy("Kata sandi akun petugas Anda diganti lewat tautan surel."),
    "password_set": gettext_lazy("Kata sandi akun petugas Anda ditulis."),
    "email_changed": gettext_lazy("Alamat surel akun petugas Anda diganti."),
    "email_confirm": gettext_lazy("Alamat surel akun petugas Anda dipastikan."),
    "email_deleted": gettext_lazy("Satu alamat surel akun petugas Anda dihapus."),
    "totp_activated": gettext_lazy("Aplikasi autentikator dipasang pada akun petugas Anda."),
    "totp_deactivated": gettext_lazy("Aplikasi autentikator dilepas dari akun petugas Anda."),
    "webauthn_added": gettext_lazy("Passkey ditambahkan pada akun petugas Anda."),
    "webauthn_removed": gettext_lazy("Passkey dihapus dari akun petugas Anda."),
    "recovery_codes_generated": gettext_lazy("Kode cadangan baru dibuat untuk akun petugas Anda."),
}
"""What allauth tells the owner of an account → the sentence of the letter."""


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Log-in by password for staff; sign-up by password is closed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Keep the desk closed: administrators make accounts with a password."""
        del request
        return False

    def login(self, request: HttpRequest, user: User) -> None:
        """Log in; the shift begins now, however old the browser's session is."""
        super().login(request, user)
        begin_work(request)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell the owner of an account what has just changed in it, in our own words."""
        del context
        said = _CHANGED.get(template_prefix.rpartition("/")[2], _("Akun petugas Anda diubah."))
        told = {"said": f"{said} {_('Bila bukan Anda, hubungi administrator kota sekarang.')}"}
        try:
            # It may be told after the commit, when allauth has put its request away.
            with allauth_context.request_context(self.request):
                super().send_notification_mail("account/email/notice", user, told, email)
        except OSError:
            # What was changed is changed; the answer must say so even when no letter gets away.
            _log.warning("a notice about an account did not get away")

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


def begin_work(request: HttpRequest) -> None:
    """Note the beginning of a shift."""
    now = time.time()
    request.session[_WORK] = [now, now]


def keeps_working(request: HttpRequest, roles: Collection[str]) -> bool:
    """Note that somebody works on; a session that is idle or too old is ended instead.

    Args:
        request: of somebody with these roles.
        roles: a crew alone may be idle for a whole shift.

    Returns:
        Whether the session goes on.
    """
    now = time.time()
    since, last = request.session.get(_WORK, (now, 0.0))
    idle = SHIFT if set(roles) <= {Role.CREW} else IDLE
    if now - since > SHIFT.total_seconds() or 0 < last < now - idle.total_seconds():
        auth.logout(request)
        return False
    if now - last > _NOTED.total_seconds():
        request.session[_WORK] = [since, now]
    return True


def is_unsecured(user: User) -> bool:
    """Whether somebody has no second factor yet; codes for emergencies alone are none."""
    factors = Authenticator.objects.filter(user=user)
    return not factors.exclude(type=Authenticator.Type.RECOVERY_CODES).exists()


def login_name(request: HttpRequest, credentials: Mapping[str, str] | None = None) -> str:
    """Say whose log-in failed: the lock is per person, else a whole office would be shut out.

    Args:
        request: the log-in, by our page or by the admin's.
        credentials: what was tried; allauth says `email`, Django's own backend `username`.
    """
    tried = dict(credentials or {})
    name = tried.get("email") or tried.get("username") or request.POST.get("login", "")
    return name.strip().lower()
