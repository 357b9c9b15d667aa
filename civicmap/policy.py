"""Who may open which address, how, and which objects behind it: one table of every route.

`middleware.Policy` enforces roles and methods: an address that is missing is closed to everybody,
and the build fails. Which *object* a person may see is enforced where it is read
(`Issue.objects.visible_to`, `permissions`, the public rows); the table says what must come of it,
and `tests/civicmap/test_policy` plays the whole product against it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from django.conf import settings

from issues.workflow import Role

PUBLIC: Final = frozenset({"public"})
"""Open to everybody, logged in or not."""

STAFF: Final = frozenset(
    {Role.DISPATCHER, Role.LIAISON, Role.CREW, Role.LEADER, Role.ADMINISTRATOR}
)
OFFICE: Final = STAFF - {Role.CREW}
CITYWIDE: Final = OFFICE - {Role.LIAISON}
DESK: Final = frozenset({Role.DISPATCHER})
CREW: Final = frozenset({Role.CREW})
ADMIN: Final = frozenset({Role.ADMINISTRATOR})
HANDLERS: Final = frozenset({Role.DISPATCHER, Role.LIAISON})
REPORTER: Final = frozenset({Role.REPORTER})

READ: Final = frozenset({"GET", "HEAD"})
SEND: Final = frozenset({"POST"})
FORM: Final = READ | SEND

Objects = Mapping[str, frozenset[str]]
"""Sort of object → who of the roles may open it. What is not named, and what lies in another city,
looks like what is missing. `own` is of one's department and area (a reporter's own), `other` is
not; `hidden` and `confidential` are one's own."""


def sorts(own: frozenset[str], *, other: frozenset[str], guarded: frozenset[str]) -> Objects:
    """Say who opens what, where hidden and confidential issues open to the same people."""
    return {"own": own, "other": other, "hidden": guarded, "confidential": guarded}


PUBLISHED: Final = sorts(PUBLIC, other=PUBLIC, guarded=frozenset())
PROVEN: Final = sorts(REPORTER, other=frozenset(), guarded=REPORTER)
SECRET: Final = sorts(frozenset(), other=frozenset(), guarded=frozenset())
"""Opened by the secret of the issue alone, whoever is logged in."""
CASES: Final = sorts(OFFICE, other=CITYWIDE, guarded=OFFICE)
DESKS: Final = sorts(DESK, other=DESK, guarded=DESK)
JOBS: Final = sorts(CREW, other=frozenset(), guarded=CREW)
PEOPLE: Final = sorts(ADMIN, other=ADMIN, guarded=ADMIN)
"""People know no secrecy; those of another city are not there."""
KEYED: Final = sorts(frozenset(), other=frozenset(), guarded=frozenset())
"""No issue stands behind the address but a key of its own; what is not there looks missing."""
HANDLED: Final = sorts(HANDLERS, other=DESK, guarded=HANDLERS)
"""Of those who look on, nobody takes a step or learns who reported."""
PICTURES: Final[Objects] = {**CASES, "own": STAFF, "hidden": STAFF, "confidential": HANDLERS}
"""Photos that nobody has released: a crew sees those of its jobs, but of no confidential one."""


@dataclass(frozen=True, slots=True)
class Access:
    """One line of the table."""

    roles: frozenset[str]
    methods: frozenset[str] = FORM
    objects: Objects = field(default_factory=dict)
    unsecured: bool = False
    """Whether it opens before the second factor is set up, where staff must have one."""


def line(entry: "Access | frozenset[str]") -> Access:
    """Read an entry; the short form names roles alone and means pages and forms."""
    return entry if isinstance(entry, Access) else Access(entry)


CLOSED: Final = Access(frozenset())
NAMESPACES: Final[dict[str, Access]] = {"admin": Access(ADMIN)}
"""Routes that a package brings along, by namespace."""

GOOGLE: Final = (
    "google_login",
    "google_callback",
    "socialaccount_login_cancelled",
    "socialaccount_login_error",
)
"""What is open of allauth's doors for Google, where the deployment has one; the rest is closed."""

POLICY: Final[dict[str, Access | frozenset[str]]] = {
    # the roof
    "healthz": Access(PUBLIC, READ),
    "service-worker": Access(PUBLIC, READ),
    "manifest": Access(PUBLIC, READ),
    "queue": Access(PUBLIC, READ),
    "offline": Access(PUBLIC, READ),
    "set_language": PUBLIC,
    "schema": Access(PUBLIC, READ),
    "api-docs": Access(PUBLIC, READ),
    # accounts (django-allauth decides on the rest)
    "account_login": PUBLIC,
    "account_logout": PUBLIC,
    "account_signup": PUBLIC,
    "account_inactive": Access(PUBLIC, READ),
    "account_reauthenticate": PUBLIC,
    "account_email": PUBLIC,
    "account_email_verification_sent": Access(PUBLIC, READ),
    "account_confirm_email": PUBLIC,
    "account_change_password": PUBLIC,
    "account_set_password": PUBLIC,
    "account_reset_password": PUBLIC,
    "account_reset_password_done": Access(PUBLIC, READ),
    "account_reset_password_from_key": PUBLIC,
    "account_reset_password_from_key_done": Access(PUBLIC, READ),
    **(dict.fromkeys(GOOGLE, PUBLIC) if settings.GOOGLE_LOGIN else {}),
    # the second factor of staff (allauth.mfa); the first two belong to the log-in
    "mfa_authenticate": PUBLIC,
    "mfa_login_webauthn": PUBLIC,
    "mfa_reauthenticate": Access(STAFF, unsecured=True),
    "mfa_reauthenticate_webauthn": Access(STAFF, unsecured=True),
    "mfa_index": Access(STAFF, READ, unsecured=True),
    "mfa_activate_totp": Access(STAFF, unsecured=True),
    "mfa_deactivate_totp": STAFF,
    "mfa_view_recovery_codes": Access(STAFF, READ, unsecured=True),
    "mfa_generate_recovery_codes": STAFF,
    "mfa_download_recovery_codes": Access(STAFF, READ, unsecured=True),
    "mfa_list_webauthn": Access(STAFF, READ, unsecured=True),
    "mfa_add_webauthn": Access(STAFF, unsecured=True),
    "mfa_remove_webauthn": STAFF,
    "mfa_edit_webauthn": STAFF,
    # the API
    "api-categories": Access(PUBLIC, READ),
    "api-effort": Access(PUBLIC, READ),
    "api-route": Access(PUBLIC, READ),
    "api-issues": PUBLIC,
    "api-nearby": Access(PUBLIC, SEND),
    "api-proposal": Access(PUBLIC, SEND),
    "api-photos": Access(PUBLIC, SEND, SECRET),
    "api-push": Access(PUBLIC, SEND | {"DELETE"}),
    # the public map
    "outages-json": Access(PUBLIC, READ),
    "public-progress": Access(PUBLIC, READ),
    "map": Access(PUBLIC, READ),
    "embed": Access(PUBLIC, READ),
    "list": Access(PUBLIC, READ),
    "feed": Access(PUBLIC, READ),
    "issue-feed": Access(PUBLIC, READ, PUBLISHED),
    "issue": Access(PUBLIC, READ, PUBLISHED),
    "issue-picture": Access(PUBLIC, READ, PUBLISHED),
    "support": Access(PUBLIC, SEND, PUBLISHED),
    "comment": Access(PUBLIC, SEND, PUBLISHED),
    # Only a comment of one's own goes; everybody else reads the same answer, wherever it stands.
    "comment-back": Access(PUBLIC, SEND),
    "photo": Access(PUBLIC, READ, PUBLISHED),
    "tile": Access(PUBLIC, READ),
    "tile-mvt": Access(PUBLIC, READ),
    "timeline": Access(PUBLIC, READ),
    "areas": Access(PUBLIC, READ),
    "streets": Access(PUBLIC, READ),
    "search": Access(PUBLIC, READ),
    "place": Access(PUBLIC, READ),
    "basemap": Access(PUBLIC, READ),
    "summary": Access(PUBLIC, READ, PUBLISHED),
    "hotspots": Access(PUBLIC, READ),
    "hotspots-page": Access(PUBLIC, READ),
    "hotspots-csv": Access(PUBLIC, READ),
    "rates": Access(PUBLIC, READ),
    "assets": Access(PUBLIC, READ),
    "asset": Access(PUBLIC, READ),
    "asset-history": Access(PUBLIC, READ),
    "asset-search": Access(PUBLIC, READ),
    # the citizen
    "report": PUBLIC,
    "receipt": Access(PUBLIC, FORM, PROVEN),
    "track": PUBLIC,
    "tracked": Access(PUBLIC, FORM, PROVEN),
    "tracked-photo": Access(PUBLIC, READ, PROVEN),
    "contact": Access(PUBLIC, FORM, PROVEN),
    "enter": PUBLIC,
    "enter-code": PUBLIC,
    "mine": Access(PUBLIC, READ),
    "mine-kept": Access(PUBLIC, READ),
    "claim": Access(PUBLIC, SEND, PROVEN),
    "account": PUBLIC,
    "account-address": PUBLIC,
    "account-delete": PUBLIC,
    "notify": Access(PUBLIC, SEND, PROVEN),
    "follow": PUBLIC,
    "follow-confirm": PUBLIC,
    "subscriptions": PUBLIC,
    "subscriptions-link": Access(PUBLIC, READ),
    "unfollow": PUBLIC,
    "privacy": Access(PUBLIC, READ),
    "invitation": PUBLIC,
    # the desk
    "desk": Access(STAFF, READ),
    "progress": Access(CITYWIDE, READ),
    "board": Access(OFFICE, READ),
    "filters": Access(OFFICE, SEND),
    "stickers": Access(OFFICE, READ),
    "triage": Access(DESK, READ),
    "triage-bulk": DESK,
    "triage-step": Access(DESK, SEND, DESKS),
    "comments": DESK,
    "case": Access(OFFICE, READ, CASES),
    "step": Access(HANDLERS, SEND, HANDLED),
    "unseal": Access(OFFICE, SEND, HANDLED),
    "present": Access(OFFICE, SEND, CASES),
    "delegate": Access(HANDLERS, SEND, HANDLED),
    "case-pdf": Access(OFFICE, READ, CASES),
    "review": Access(DESK, FORM, DESKS),
    "classify": Access(DESK, FORM, DESKS),
    "duplicates": Access(DESK, FORM, DESKS),
    "split": Access(DESK, FORM, DESKS),
    "redact": Access(DESK, FORM, DESKS),
    "channels": DESK,
    "letter-aside": Access(DESK, SEND, KEYED),
    "outages": DESK,
    "outage-end": Access(DESK, SEND, KEYED),
    "unflag": Access(HANDLERS, SEND, HANDLED),
    "staff-photo": Access(STAFF, READ, PICTURES),
    # the crew
    "crew": Access(CREW, READ),
    "job": Access(CREW, READ, JOBS),
    "job-step": Access(CREW, SEND, JOBS),
    "crew-day": Access(CREW, READ),
    "crew-report": CREW,
    "crew-ops": Access(CREW, SEND),
    "crew-photos": Access(CREW, SEND),
    "crew-reports": Access(CREW, SEND),
    # the administration of a city
    "manage": Access(ADMIN, READ),
    "configuration": ADMIN,
    "configuration-file": Access(ADMIN, READ),
    "configuration-apply": Access(ADMIN, SEND),
    "replies": ADMIN,
    "reply": Access(ADMIN, FORM, KEYED),
    "people": ADMIN,
    "person": Access(ADMIN, FORM, PEOPLE),
    "units": ADMIN,
    "trail": Access(ADMIN, READ),
    "trail-csv": Access(ADMIN, READ),
    # the administration of its places
    "borders": ADMIN,
    "draft": Access(ADMIN, READ, KEYED),
    "draft-map": Access(ADMIN, READ, KEYED),
    "draft-csv": Access(ADMIN, READ, KEYED),
    "draft-step": Access(ADMIN, SEND, KEYED),
    "specials": Access(ADMIN, READ),
    "special-new": ADMIN,
    "special": Access(ADMIN, FORM, KEYED),
    "rules": Access(ADMIN, READ),
    "rule-new": ADMIN,
    "rule": Access(ADMIN, FORM, KEYED),
    "simulator": Access(ADMIN, READ),
    "coverage": Access(ADMIN, READ),
}
