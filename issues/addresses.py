"""Addresses by which a person is reached and known: an e-mail address or a phone number. Pure.

Source: ITU-T E.164; Indonesian numbers begin with 0 at home and with +62 from abroad.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

_FILLING: Final = re.compile(r"[\s().\-/]")
_NUMBER: Final = re.compile(r"^\+[1-9]\d{7,14}$")
_HOME: Final = "62"
_MOST: Final = 254


class Kind(StrEnum):
    """By what somebody is reached."""

    EMAIL = "email"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Address:
    """One e-mail address (lower case) or phone number (`+62…`)."""

    kind: Kind
    value: str

    @property
    def shown(self) -> str:
        """The address as its owner knows it, and nobody who looks over a shoulder."""
        if self.kind is Kind.PHONE:
            return f"{self.value[:5]}…{self.value[-3:]}"
        name, _at, host = self.value.partition("@")
        return f"{name[:2]}…@{host}"


def read(text: str) -> Address:
    """Read an address as somebody typed it.

    Raises:
        ValidationError: it is neither an e-mail address nor a phone number.
    """
    text = text.strip()
    if "@" not in text:
        return Address(Kind.PHONE, phone(text))
    return Address(Kind.EMAIL, mail(text))


def mail(text: str) -> str:
    """Write a mail address in its one form: small letters, and no letter that looks like another.

    Raises:
        ValidationError: it is none, or none that we can tell from every other one.
    """
    if len(text) > _MOST:
        raise ValidationError(_("Alamat surel ini terlalu panjang."))
    plain(text)
    validate_email(text)
    return text.lower()


def plain(text: str) -> None:
    """Refuse letters beyond ASCII: a dotless i is another host, whose upper case is "GMAIL".

    Raises:
        ValidationError: there is one.
    """
    if not text.isascii():
        raise ValidationError(_("Tulis alamat surel dengan huruf a sampai z tanpa tanda."))


def phone(text: str) -> str:
    """Write a phone number in its one form, `+62…` for those that begin with 0, 62 or 8.

    Raises:
        ValidationError: it is no number that could be called.
    """
    digits = _FILLING.sub("", text)
    if digits.startswith("0"):
        digits = f"+{_HOME}{digits[1:]}"
    elif digits.startswith("8"):
        digits = f"+{_HOME}{digits}"
    elif digits.startswith(_HOME):
        digits = f"+{digits}"
    if not (digits.isascii() and _NUMBER.match(digits)):
        raise ValidationError(_("Tulis alamat surel atau nomor telepon, misalnya 0812 3456 7890."))
    return digits


def spellings(number: str) -> tuple[str, ...]:
    """List the ways in which people write a number of the form `+62…`, without spaces."""
    if not number.startswith(f"+{_HOME}"):
        return (number,)
    local = number[len(_HOME) + 1 :]
    return (number, f"{_HOME}{local}", f"0{local}", local)
