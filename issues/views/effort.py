"""The door where a sender without an account fetches the price of a report."""

from typing import Any
from uuid import uuid4

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from issues import effort


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
        who, city = effort.sender_of(sender), sender.city.slug  # type: ignore[attr-defined]
        asked = effort.challenge(query.validated_data["id"], city=city, sender=who)
        response = Response(asked, headers={"Cache-Control": "no-store"})
        if not who.device and effort.may_name(who.line):
            _name(response)
        return response


def _name(response: Response) -> None:
    """Give a device a random name for a day; it says nothing and is kept nowhere."""
    response.set_signed_cookie(
        effort.COOKIE,
        uuid4().hex,
        salt=effort.SALT,
        max_age=int(effort.NAMED_FOR.total_seconds()),
        httponly=True,
        secure=settings.SECURE,
        samesite="Lax",
    )
