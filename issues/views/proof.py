"""How somebody without an account proves that a report is theirs: they sent it, or know its secret.

The proof lives in the session as the hash of the secret, so that a changed secret ends it.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from axes.handlers.proxy import AxesProxyHandler
from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.cache import cache_control

from issues import actions
from issues.doors import CitizenRequest, admit, citizen
from issues.models import Issue, Reporter

__all__ = [
    "CitizenRequest",
    "admit",
    "by_secret",
    "citizen",
    "own",
    "private",
    "proven",
    "remember",
]

_KEY: Final = "reports"
_MOST: Final = 20
_GUESSER: Final = {"login": "lacak"}
"""Wrong secrets are counted under this name, per address of the sender; nobody logs in by it."""


def private(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Keep a page out of every cache and its address out of every other site.

    Not `no-referrer`: browsers then send `Origin: null` with the page's own forms, and the CSRF
    check must refuse that. No address here holds a secret.
    """

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(*args, **kwargs)
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return cache_control(no_store=True)(guarded)


def remember(request: HttpRequest, issue: Issue) -> None:
    """Let this session open the pages of a report."""
    proven = {**request.session.get(_KEY, {}), str(issue.uuid): issue.token_hash}
    request.session[_KEY] = dict(list(proven.items())[-_MOST:])


def proven(request: CitizenRequest, **which: object) -> Issue | None:
    """Find the report that `which` names; None when it is not there or neither proven nor owned."""
    issues = Issue.objects.select_related("city", "category__clock", "department", "jurisdiction")
    issue = issues.defer("jurisdiction__area").filter(city=request.city, **which).first()
    if issue is None:
        return None
    if request.session.get(_KEY, {}).get(str(issue.uuid)) == issue.token_hash:
        return issue
    return issue if _owns(request, issue) else None


def _owns(request: CitizenRequest, issue: Issue) -> bool:
    """Whether the account that is logged in has a report."""
    user = request.user
    return user.is_authenticated and Reporter.objects.filter(issue=issue, user=user).exists()


def own(request: CitizenRequest) -> Q:
    """Say which reports this session has proved by their secrets."""
    return Q(token_hash__in=list(request.session.get(_KEY, {}).values()))


def by_secret(request: CitizenRequest, token: str) -> Issue | None:
    """Find the report that a secret opens, and remember it; a wrong one is counted.

    A right one opens always: a whole village may share one address with somebody who guesses, and
    nobody guesses 192 bits.
    """
    issue = actions.by_token(request.city, token)
    if issue is None:
        _count(_nameless(request))
        return None
    request.session.cycle_key()
    remember(request, issue)
    return issue


def _count(guesser: HttpRequest) -> None:
    """Note a wrong secret; from the tenth on the note says no more, so that nobody fills it."""
    if AxesProxyHandler.is_allowed(guesser, _GUESSER):
        AxesProxyHandler.user_login_failed(__name__, _GUESSER, guesser)


def _nameless(request: HttpRequest) -> HttpRequest:
    """Copy where a request comes from, not what was typed: axes keeps that for staff to read."""
    bare = HttpRequest()
    bare.META = {name: request.META[name] for name in _ORIGIN if name in request.META}
    bare.path = bare.path_info = request.path_info
    bare.method = request.method
    return bare


_ORIGIN: Final = ("REMOTE_ADDR", "HTTP_X_FORWARDED_FOR", "HTTP_USER_AGENT", "HTTP_ACCEPT")
