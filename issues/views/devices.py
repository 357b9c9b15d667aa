"""The door of browsers for push notes: take one in, let one go."""

import io
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpResponse, JsonResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from rest_framework.exceptions import APIException

from issues import actions, pace, push
from issues.errors import TooManyDevices
from issues.forms.follow import DeviceForm
from issues.parsers import BoundedJSONParser
from issues.views import follow, proof
from issues.views.proof import CitizenRequest
from issues.views.report import said

PER_LINE: Final = 200
"""Devices an hour that one address may register, behind which a carrier may hide a suburb."""
_HOUR: Final = timedelta(hours=1)


@proof.private
@require_http_methods(["POST", "DELETE"])
def push_device(request: CitizenRequest) -> HttpResponse:
    """Register a browser (POST: `{endpoint, keys: {p256dh, auth}}`) or forget it (DELETE)."""
    given = _body(request)
    if request.method == "DELETE":
        endpoint = given.get("endpoint")
        # An address that no browser could have registered reaches no database.
        if isinstance(endpoint, str) and push.is_allowed(endpoint):
            actions.remove_device(endpoint)
        return HttpResponse(status=204)
    keys = given.get("keys") if isinstance(given.get("keys"), dict) else {}
    form = DeviceForm({"endpoint": given.get("endpoint"), **(keys or {})})
    if not push.is_on() or not form.is_valid() or not _is_sound(form.cleaned_data):
        text = _("Notifikasi di peramban ini tidak dapat dipakai.")
        return JsonResponse({"error": {"code": "Invalid", "message": text}}, status=400)
    if pace.count("push-line", pace.line(request), within=_HOUR) > PER_LINE:
        error = TooManyDevices()
        body = {"code": "TooManyDevices", "message": said(error)}
        return JsonResponse({"error": body}, status=HTTPStatus.TOO_MANY_REQUESTS)
    device = tuple(form.cleaned_data[name] for name in ("endpoint", "p256dh", "auth"))
    language = get_language() or "id"
    who = actions.add_device(
        device, request.city, subscriber=follow.known(request), language=language
    )
    follow.recognise(request, who)
    return JsonResponse({"ok": True}, status=201)


def _is_sound(device: dict[str, str]) -> bool:
    """Tell whether a device names a push service that we know, and a key that seals."""
    return push.is_allowed(device["endpoint"]) and push.is_key(device["p256dh"], device["auth"])


def _body(request: CitizenRequest) -> dict[str, Any]:
    try:
        given = BoundedJSONParser().parse(io.BytesIO(request.body))
    except APIException:
        return {}
    return given if isinstance(given, dict) else {}
