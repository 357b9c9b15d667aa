"""JSON from strangers: bounded in size and depth before anything reads it."""

import json
import sys
from collections.abc import Mapping
from http import HTTPStatus
from typing import IO, Any, Final, NoReturn

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

MAX_BYTES: Final = 256 * 1024
MAX_DEPTH: Final = 32
MAX_DIGITS: Final = 20
_OPENING: Final = frozenset(b"[{")
_CLOSING: Final = frozenset(b"]}")
_QUOTE: Final = ord('"')
_ESCAPE: Final = ord("\\")


class TooLarge(APIException):
    """More JSON than any report needs."""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_detail = gettext_lazy("Isi terlalu besar: paling banyak 256 KB.")


class UnreadableJSON(ParseError):
    """No JSON that a report could be."""

    default_detail = gettext_lazy("Isi bukan JSON yang sah.")


class BoundedJSONParser(BaseParser):
    """Parse JSON of at most 256 KB and 32 levels, without NaN, Infinity or doubled keys."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Read one document.

        Raises:
            TooLarge: more than 256 KB.
            UnreadableJSON: too deep, not UTF-8, or not JSON.
        """
        del media_type, parser_context
        data = stream.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise TooLarge
        if depth(data) > MAX_DEPTH:
            raise UnreadableJSON(_("JSON terlalu dalam: paling banyak 32 tingkat."))
        try:
            return json.loads(
                data.decode(), parse_constant=_refuse, object_pairs_hook=_unique, parse_int=_small
            )
        except (ValueError, UnicodeDecodeError):
            raise UnreadableJSON from None


def weight(request: HttpRequest | Request) -> int:
    """Read how many bytes the sender announces; nonsense weighs too much."""
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isdecimal() else sys.maxsize


def depth(data: bytes) -> int:
    """Measure how deep the brackets of a JSON text go, strings left out; one pass, no recursion."""
    deepest = level = 0
    quoted = escaped = False
    for byte in data:
        if quoted:
            quoted = escaped or byte != _QUOTE
            escaped = byte == _ESCAPE and not escaped
        elif byte == _QUOTE:
            quoted, escaped = True, False
        elif byte in _OPENING:
            level += 1
            deepest = max(deepest, level)
        elif byte in _CLOSING:
            level -= 1
    return deepest


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _small(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(digits)
    return int(digits)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(pairs)
    return found
