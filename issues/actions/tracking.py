"""The secret by which a reporter follows an issue without an account.

It is recomputable (so that a repeated send gets the same receipt) and stored only hashed.
Source: DESIGN section 0, "Tracking secret on replay"; HMAC-SHA256, RFC 2104.
"""

import base64
import hashlib
import hmac

from django.conf import settings

from geodata.models import City
from issues.models import Issue


def secret(city: City, uuid: object, version: int) -> str:
    """Compute the secret of a client's id: 192 bits as 32 characters that fit an address."""
    key = settings.TRACKING_KEYS[str(version)].encode()
    digest = hmac.digest(key, f"track:{city.slug}:{uuid}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest[:24]).decode()


def fingerprint(token: str) -> str:
    """Hash a secret for the database; the secret is random enough to need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


def newest_version() -> int:
    """Say which server key signs new secrets."""
    return max(int(version) for version in settings.TRACKING_KEYS)


def token_for(issue: Issue) -> str:
    """Recompute the secret of an issue, for its receipt and its reporter's mails."""
    return secret(issue.city, issue.uuid, issue.token_version)


def by_token(city: City, token: str) -> Issue | None:
    """Find the issue that a secret opens; None for any other text."""
    return Issue.objects.filter(city=city, token_hash=fingerprint(token)).first()
