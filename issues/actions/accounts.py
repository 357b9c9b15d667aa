"""Accounts of citizens: opened by a proved address, changed, and made to forget their sessions."""

from uuid import uuid4

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import Q

from issues.addresses import Address, Kind
from issues.models import User, bears


def account_at(address: Address) -> User | None:
    """Find whose account an address opens, active or not."""
    return User.objects.filter(_named(address)).first()


def _named(address: Address) -> Q:
    return bears(address.value) if address.kind is Kind.EMAIL else Q(phone=address.value)


def account_or_new(address: Address, *, language: str) -> User:
    """Find whose account a proved address opens, or open one."""
    found = account_at(address)
    if found is not None:
        return found
    user = User(username=f"w-{uuid4().hex}", language=language)
    user.set_unusable_password()
    try:
        return connect(user, address)
    except IntegrityError:
        # Proved in two windows at once: the other one has opened it.
        return User.objects.get(_named(address))


@transaction.atomic
def connect(user: User, address: Address) -> User:
    """Make a proved address the one of its kind by which an account is known.

    Raises:
        IntegrityError: it is another account's.
    """
    if address.kind is Kind.PHONE:
        user.phone, user.phone_verified = address.value, True
        user.save()
        return user
    user.email = address.value
    user.save()
    EmailAddress.objects.filter(user=user).delete()
    EmailAddress.objects.create(user=user, email=address.value, verified=True, primary=True)
    return user


def describe(user: User, *, name: str, language: str) -> None:
    """Take what somebody wants to be called, and the language that they read."""
    user.first_name, user.last_name, user.language = name, "", language
    user.save(update_fields=["first_name", "last_name", "language"])


def end_sessions(user: User) -> None:
    """End every session of a citizen.

    A session hangs on the hash of the password, which a citizen never has: a new unusable one is
    a new hash.
    """
    user.set_unusable_password()
    user.save(update_fields=["password"])
