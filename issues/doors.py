"""Who comes in by the doors of the citizen: with an account, paid for, or to be looked at first."""

from dataclasses import replace
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac

from geodata.models import City
from issues import actions, effort, pace
from issues.errors import AccountRequired
from issues.models import User


class CitizenRequest(HttpRequest):
    """A request that the middleware has given its city."""

    city: City


def admit(request: CitizenRequest, draft: actions.Draft, payload: str) -> actions.Draft:
    """Say on what terms a report comes in: by an account, paid for, or to be looked at first.

    Args:
        request: of the form or of the API; Django's own, not the REST framework's.
        draft: clean values.
        payload: the answer to a challenge of `effort`; empty without one.

    Returns:
        The draft with its sender's account, or held where nobody vouches for it.

    Raises:
        AccountRequired: the city takes reports from accounts only, and nobody is logged in.
    """
    user = citizen(request)
    if user is not None:
        return replace(draft, user=user, held=_is_too_fast(user))
    if not request.city.requires_account:
        return draft if pays(request, payload, draft.uuid) else replace(draft, held=True)
    # A log-in may end between a report and its repetition: the receipt is due all the same.
    if actions.repeated(draft, city=request.city) is not None:
        return draft
    raise AccountRequired


def pays(request: CitizenRequest, payload: str, uuid: UUID) -> bool:
    """Whether the work that came with a request pays for what bears an id."""
    sender = effort.sender_of(request)
    return effort.is_paid(payload, uuid, city=request.city.slug, sender=sender)


def _is_too_fast(user: User) -> bool:
    """Whether an account sends more than a person does; who works here may enter a whole stack."""
    times = pace.count("post-account", str(user.pk), within=effort.LASTS)
    return times > settings.EFFORT_PER_ACCOUNT and not user.memberships.exists()


def citizen(request: HttpRequest) -> User | None:
    """Say who is logged in; nobody where another site may have sent the request.

    A form has been through the CSRF check. What a script sends carries no token, but a browser
    always says from which site: only ours may speak for somebody. What waited on a phone names its
    writer: it is not theirs who happens to be logged in when it is sent.
    """
    user: User | None = request.user if request.user.is_authenticated else None
    if user is None or request.content_type != "application/json":
        return user
    ours = f"{request.scheme}://{request.get_host()}"
    named = request.headers.get("X-Writer")
    is_theirs = named is None or constant_time_compare(named, writer(user))
    return user if request.headers.get("Origin") == ours and is_theirs else None


def writer(user: User) -> str:
    """Name an account to its own browser: a mark that says nothing to anybody else."""
    return salted_hmac(__name__, f"writer:{user.pk}", algorithm="sha256").hexdigest()[:16]
