"""Who may open which address: one table of every route, which `middleware.Policy` enforces.

An address that is missing here is closed to everybody, and the build fails. What of an *object* a
person may see is `Issue.objects.visible_to(user)`; what they may do to it, `issues.permissions`.
"""

from typing import Final

from django.conf import settings

from issues.workflow import Role

PUBLIC: Final = frozenset({"public"})
"""Open to everybody, logged in or not."""

STAFF: Final = frozenset(
    {Role.DISPATCHER, Role.LIAISON, Role.CREW, Role.LEADER, Role.ADMINISTRATOR}
)
OFFICE: Final = STAFF - {Role.CREW}
DESK: Final = frozenset({Role.DISPATCHER})
CREW: Final = frozenset({Role.CREW})

NAMESPACES: Final[dict[str, frozenset[str]]] = {"admin": frozenset({Role.ADMINISTRATOR})}
"""Routes that a package brings along, by namespace."""

GOOGLE: Final = (
    "google_login",
    "google_callback",
    "socialaccount_login_cancelled",
    "socialaccount_login_error",
)
"""What is open of allauth's doors for Google, where the deployment has one; the rest is closed."""

POLICY: Final[dict[str, frozenset[str]]] = {
    # the roof
    "healthz": PUBLIC,
    "service-worker": PUBLIC,
    "manifest": PUBLIC,
    "queue": PUBLIC,
    "offline": PUBLIC,
    "set_language": PUBLIC,
    "schema": PUBLIC,
    "api-docs": PUBLIC,
    # accounts (django-allauth decides on the rest)
    "account_login": PUBLIC,
    "account_logout": PUBLIC,
    "account_signup": PUBLIC,
    "account_inactive": PUBLIC,
    "account_reauthenticate": PUBLIC,
    "account_email": PUBLIC,
    "account_email_verification_sent": PUBLIC,
    "account_confirm_email": PUBLIC,
    "account_change_password": PUBLIC,
    "account_set_password": PUBLIC,
    "account_reset_password": PUBLIC,
    "account_reset_password_done": PUBLIC,
    "account_reset_password_from_key": PUBLIC,
    "account_reset_password_from_key_done": PUBLIC,
    **(dict.fromkeys(GOOGLE, PUBLIC) if settings.GOOGLE_LOGIN else {}),
    # the API
    "api-categories": PUBLIC,
    "api-effort": PUBLIC,
    "api-route": PUBLIC,
    "api-issues": PUBLIC,
    "api-nearby": PUBLIC,
    "api-proposal": PUBLIC,
    "api-photos": PUBLIC,
    "api-push": PUBLIC,
    # the public map
    "map": PUBLIC,
    "embed": PUBLIC,
    "list": PUBLIC,
    "feed": PUBLIC,
    "issue-feed": PUBLIC,
    "issue": PUBLIC,
    "issue-picture": PUBLIC,
    "support": PUBLIC,
    "photo": PUBLIC,
    "tile": PUBLIC,
    "tile-mvt": PUBLIC,
    "timeline": PUBLIC,
    "areas": PUBLIC,
    "streets": PUBLIC,
    "search": PUBLIC,
    "place": PUBLIC,
    "basemap": PUBLIC,
    "summary": PUBLIC,
    "outages-json": PUBLIC,
    "hotspots": PUBLIC,
    "hotspots-page": PUBLIC,
    "hotspots-csv": PUBLIC,
    "rates": PUBLIC,
    "assets": PUBLIC,
    "asset": PUBLIC,
    "asset-search": PUBLIC,
    # the citizen
    "report": PUBLIC,
    "receipt": PUBLIC,
    "track": PUBLIC,
    "tracked": PUBLIC,
    "tracked-photo": PUBLIC,
    "contact": PUBLIC,
    "enter": PUBLIC,
    "enter-code": PUBLIC,
    "mine": PUBLIC,
    "claim": PUBLIC,
    "account": PUBLIC,
    "account-address": PUBLIC,
    "account-delete": PUBLIC,
    "notify": PUBLIC,
    "follow": PUBLIC,
    "follow-confirm": PUBLIC,
    "subscriptions": PUBLIC,
    "subscriptions-link": PUBLIC,
    "unfollow": PUBLIC,
    "privacy": PUBLIC,
    # the desk
    "desk": STAFF,
    "board": OFFICE,
    "triage": DESK,
    "triage-bulk": DESK,
    "triage-step": DESK,
    "case": OFFICE,
    "step": OFFICE,
    "present": OFFICE,
    "review": DESK,
    "classify": DESK,
    "duplicates": DESK,
    "redact": DESK,
    "split": DESK,
    "outages": DESK,
    "outage-end": DESK,
    "staff-photo": STAFF,
    "crew": CREW,
    "job": CREW,
    "job-step": CREW,
}
