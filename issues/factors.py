"""Secrets of second factors: sealed in the database, so that a copy of it opens no account."""

import base64
from typing import Final

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_MARK: Final = "fernet:"
_PURPOSE: Final = b"civicmap second factor"


class SecondFactors(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """Seal what allauth keeps; what was kept before there was a seal stays readable.

    Source: RFC 5869 (HKDF), the Fernet specification of `cryptography`.
    """

    def encrypt(self, text: str) -> str:
        """Seal a secret with the newest key."""
        return _MARK + _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Open a secret.

        Raises:
            cryptography.fernet.InvalidToken: no key of this deployment has sealed it.
        """
        if not encrypted_text.startswith(_MARK):
            return encrypted_text
        return _box().decrypt(encrypted_text.removeprefix(_MARK)).decode()


def _box() -> MultiFernet:
    """Derive a key of our own from each of Django's, the newest first."""
    return MultiFernet(
        [_key(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    )


def _key(secret: str) -> Fernet:
    derived = HKDF(SHA256(), 32, salt=None, info=_PURPOSE).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
