"""The door where a sender without an account fetches the price of a report."""

from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from issues import effort, pace

COOKIE: Final = "__Host-effort" if settings.SECURE else "effort"
_SALT: Final = "effort"
_REMEMBERED: Final = timedelta(days=1)
"""So long a name lasts from its birth: it is not renewed, or names would pile up."""


class EffortQuery(serializers.Serializer[Any]):
    """Which report will be paid for."""

    id = serializers.UUIDField(help_text="`id` laporan yang akan dikirim")


class EffortShape(serializers.Serializer[Any]):
    """A challenge: the number of 0..maxnumber whose SHA-256 after `salt` is `challenge`."""

    algorithm = serializers.ChoiceField(choices=["SHA-256"])
    challenge = serializers.CharField()
    salt = serializers.CharField()
    signature = serializers.CharField()
    maxnumber = serializers.IntegerField()


class Effort(APIView):
    """The price of a report without an account."""

    @extend_schema(parameters=[EffortQuery], responses={200: EffortShape}, operation_id="effort")
    def get(self, request: Request) -> Response:
        """Give the challenge for one report; it must be answered within the hour.

        The answer goes into `proof` of the report: base64 of the JSON
        `{algorithm, challenge, number, salt, signature}`. A report without one is taken in, too,
        and waits until somebody of the city has looked at it.
        """
        query = EffortQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        sender = request._request  # noqa: SLF001  the signed cookie is Django's own
        device, line = _device(sender, _REMEMBERED), pace.line(sender)
        young = bool(_device(sender, effort.LASTS))
        uuid = query.validated_data["id"]
        asked = effort.challenge(uuid, device=device, line=line, young=young)
        response = Response(asked, headers={"Cache-Control": "no-store"})
        if not device and effort.may_name(line):
            _name(response)
        return response


def _device(request: HttpRequest, within: timedelta) -> str:
    """Read which device asks; empty for what was not named by us within a time."""
    age = int(within.total_seconds())
    return str(request.get_signed_cookie(COOKIE, default="", salt=_SALT, max_age=age))


def _name(response: Response) -> None:
    """Give a device a random name for a day; it says nothing and is kept nowhere."""
    response.set_signed_cookie(
        COOKIE,
        uuid4().hex,
        salt=_SALT,
        max_age=int(_REMEMBERED.total_seconds()),
        httponly=True,
        secure=settings.SECURE,
        samesite="Lax",
    )
