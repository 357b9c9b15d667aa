"""Accounts of citizens: log in by a code, see and change who one is, leave.

Whether an address has an account, nobody learns: every address gets the same answer, and what is
in the letter only its owner reads.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from http import HTTPStatus
from typing import Any, Final

from allauth.account import views as allauth_views
from django.conf import settings
from django.contrib import auth, messages
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from issues import accounts, actions, codes
from issues.addresses import Address, Kind
from issues.codes import Asked, NotSent, TooManyCodes
from issues.forms.account import AddressForm, CodeForm, LeaveForm, ProfileForm
from issues.forms.desk import said
from issues.models import User
from issues.views import contact, proof
from issues.views.proof import CitizenRequest

_INVALID: Final = HTTPStatus.UNPROCESSABLE_ENTITY
_WIPE: Final = '"cache"'
"""What a browser forgets at the log-out by itself; not `storage`, where unsent reports wait."""
FORGET: Final = "forget"
"""The cookie by which the next page knows to wipe drafts and own numbers; static/js/queue.js."""
_FORGET_FOR: Final = timedelta(days=30)


def logged_in(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Open a page to who is logged in; others log in first and come back."""

    @wraps(view)
    def guarded(request: CitizenRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect(f"{reverse('enter')}?{urlencode({'next': request.get_full_path()})}")
        return view(request, *args, **kwargs)

    return guarded


@proof.private
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: CitizenRequest) -> HttpResponse:
    """Ask for an address and send a code to it; who has no account gets one with the code."""
    onward = _onward(request)
    if request.user.is_authenticated:
        return redirect(onward or accounts.home(request.user))
    form = AddressForm(_given(request))
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["website"]:
            return redirect("map")
        address: Address = form.cleaned_data["alamat"]
        if _ask(request, form, address, purpose="enter", data={"next": onward}):
            return redirect("enter-code")
    status = _INVALID if form.errors else HTTPStatus.OK
    context = {"form": form, "next": onward, "google": settings.GOOGLE_LOGIN}
    return render(request, "account/enter.html", context, status=status)


def _ask(
    request: CitizenRequest,
    form: AddressForm,
    address: Address,
    *,
    purpose: str,
    data: dict[str, Any],
) -> bool:
    """Send a code; what hinders it is said beside the address."""
    somebody = actions.account_at(address) if purpose == "enter" else None
    colleague = somebody is not None and accounts.is_staff(somebody)
    letter = "account/email/staff_door" if colleague else "account/email/code"
    try:
        codes.ask(request, address, purpose=purpose, data=data, letter=letter)
    except (TooManyCodes, NotSent) as error:
        form.add_error("alamat", said(error))
        return False
    return True


def _given(request: HttpRequest) -> QueryDict | None:
    """Return what a form was sent with, be it nothing; None where the page is only looked at."""
    return request.POST if request.method == "POST" else None


def _onward(request: HttpRequest) -> str:
    """Read where somebody wants to go afterwards; only ever a page of ours."""
    wish = request.POST.get("next") or request.GET.get("next") or ""
    return ours(request, wish)


def ours(request: HttpRequest, wish: str) -> str:
    """Keep an address that is a page of ours; empty for any other."""
    hosts = {request.get_host()}
    safe = url_has_allowed_host_and_scheme(wish, hosts, require_https=request.is_secure())
    return wish if safe else ""


@proof.private
@require_http_methods(["GET", "HEAD", "POST"])
def enter_code(request: CitizenRequest) -> HttpResponse:
    """Take the code, and do what it was asked for."""
    asked = codes.open_question(request)
    if asked is None:
        messages.warning(request, _("Kode sudah tidak berlaku. Minta kode baru."))
        return redirect("enter")
    form = CodeForm(_given(request))
    if request.method == "POST" and form.is_valid():
        proved = codes.answered(request, form.cleaned_data["kode"])
        if proved is not None:
            return ENDS[proved.purpose](request, proved)
        form.add_error("kode", _("Kode ini tidak cocok. Periksa pesan terbaru dari kami."))
        if codes.open_question(request) is None:
            messages.warning(request, _("Terlalu banyak kode salah. Minta kode baru."))
            return redirect("enter")
    context = {
        "form": form,
        "address": asked.address,
        "purpose": asked.purpose,
        "demo_code": codes.shown_in_demo(request),
    }
    status = _INVALID if form.errors else HTTPStatus.OK
    return render(request, "account/code.html", context, status=status)


def _entered(request: CitizenRequest, proved: Asked) -> HttpResponse:
    return opened(request, proved.address, onward=proved.data.get("next") or "")


def opened(request: HttpRequest, address: Address, *, onward: str) -> HttpResponse:
    """Open the citizen's session of an address that is proved; staff need their password."""
    user = actions.account_or_new(address, language=get_language() or "")
    if not user.is_active or accounts.is_staff(user):
        messages.warning(request, _("Akun ini tidak dapat masuk dengan kode."))
        return redirect("account_login")
    accounts.enter(request, user)
    return _in_language(redirect(ours(request, onward) or accounts.home(user)), user.language)


def _again(request: CitizenRequest, proved: Asked) -> HttpResponse:
    """Take it that whoever is logged in is still the owner of the account."""
    user = request.user
    if user.is_authenticated and proved.address.value in {user.email.lower(), user.phone}:
        accounts.refresh(request)
    return redirect("account")


def _changed(request: CitizenRequest, proved: Asked) -> HttpResponse:
    """Connect the account to a new address; the old one is told."""
    user = request.user
    if not user.is_authenticated or user.pk != proved.data.get("user"):
        return redirect("enter")
    old = _old(user, proved.address.kind)
    try:
        actions.connect(user, proved.address)
    except IntegrityError:
        messages.warning(request, _("Alamat ini sudah dipakai akun lain. Masuk dengan akun itu."))
        return redirect("account")
    # Whoever came in by the old address may not be its owner any more.
    accounts.end_other_sessions(request, user)
    actions.claim_proved(user)
    if old is not None:
        words = {"new": proved.address.shown}
        text = _("Akun CivicMap Anda sekarang memakai %(new)s. Bila bukan Anda, hubungi kota.")
        codes.tell(request, old, "account/email/notice", text % words)
    messages.success(request, _("Alamat baru tersimpan."))
    return redirect("account")


def _old(user: User, kind: Kind) -> Address | None:
    """Say where the owner is told: the address that goes, else the one that stays."""
    first, second = (
        (Address(Kind.EMAIL, user.email), Address(Kind.PHONE, user.phone))
        if kind is Kind.EMAIL
        else (Address(Kind.PHONE, user.phone), Address(Kind.EMAIL, user.email))
    )
    return next((address for address in (first, second) if address.value), None)


@proof.private
@require_http_methods(["GET", "HEAD", "POST"])
@logged_in
def account(request: CitizenRequest) -> HttpResponse:
    """Show who one is, and take name and language."""
    user: User = request.user  # type: ignore[assignment]  # logged_in has seen to it
    given = {"nama": user.get_full_name(), "bahasa": user.language or get_language()}
    form = ProfileForm(_given(request), initial=given)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        actions.describe(user, name=given["nama"], language=given["bahasa"])
        messages.success(request, _("Tersimpan."))
        return _in_language(redirect("account"), user.language)
    context = {"form": form, "staff": accounts.is_staff(user)}
    status = _INVALID if form.errors else HTTPStatus.OK
    return render(request, "account/account.html", context, status=status)


@proof.private
@require_http_methods(["GET", "HEAD", "POST"])
@logged_in
def change_address(request: CitizenRequest) -> HttpResponse:
    """Send a code to a new address of the account, once its owner has proved to be there."""
    user: User = request.user  # type: ignore[assignment]
    if accounts.is_staff(user):
        return redirect("account_email")
    form = AddressForm(_given(request))
    if not accounts.is_fresh(request):
        return _prove_again(request, user)
    if request.method == "POST" and form.is_valid():
        data = {"user": user.pk}
        if _ask(request, form, form.cleaned_data["alamat"], purpose="change", data=data):
            return redirect("enter-code")
    status = _INVALID if form.errors else HTTPStatus.OK
    return render(request, "account/change.html", {"form": form}, status=status)


def _prove_again(request: CitizenRequest, user: User) -> HttpResponse:
    """Send a code to the address that the account has; only on a POST, so that no link does."""
    kind = Kind.EMAIL if user.email else Kind.PHONE
    address = Address(kind, (user.email or user.phone).lower())
    if request.method == "POST":
        form = AddressForm({"alamat": address.value})
        if form.is_valid() and _ask(request, form, address, purpose="again", data={}):
            return redirect("enter-code")
        for words in form.errors.values():
            messages.warning(request, " ".join(map(str, words)))
    return render(request, "account/again.html", {"address": address})


@proof.private
@require_http_methods(["GET", "HEAD", "POST"])
@logged_in
def delete_account(request: CitizenRequest) -> HttpResponse:
    """End an account: who it was is forgotten, the reports stay with the city."""
    user: User = request.user  # type: ignore[assignment]
    if accounts.is_staff(user):
        return redirect("account")
    if not accounts.is_fresh(request):
        return _prove_again(request, user)
    form = LeaveForm(_given(request))
    if request.method == "POST" and form.is_valid():
        actions.forget(user, contacts=form.cleaned_data["kontak"])
        auth.logout(request)
        messages.success(request, _("Akun Anda sudah dihapus."))
        return _wiped(redirect("map"))
    status = _INVALID if form.errors else HTTPStatus.OK
    return render(request, "account/delete.html", {"form": form}, status=status)


def leave(request: HttpRequest) -> HttpResponse:
    """Log out; the browser forgets what it kept for this person."""
    response: HttpResponse = allauth_views.logout(request)
    return _wiped(response) if request.method == "POST" else response


def _wiped(response: HttpResponse) -> HttpResponse:
    """Let a browser forget a person; no cookie of the session survives, and no draft."""
    response.headers["Clear-Site-Data"] = _WIPE
    response.set_cookie(FORGET, "1", max_age=_FORGET_FOR, samesite="Lax", secure=settings.SECURE)
    return response


def _in_language(response: HttpResponse, language: str) -> HttpResponse:
    """Let the browser ask for pages in the language of the account from now on."""
    if language:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, language, samesite="Lax", secure=settings.SECURE
        )
    return response


ENDS: Final[dict[str, Callable[[CitizenRequest, Asked], HttpResponse]]] = {
    "enter": _entered,
    "again": _again,
    "change": _changed,
    contact.PURPOSE: contact.proved,
}
"""What a proved address is good for, by what it was asked for."""
