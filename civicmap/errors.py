"""One table from domain error to HTTP status, and how an answer tells it: a page, or one JSON."""

from http import HTTPStatus
from typing import Any, Final

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.response import Response

import geodata.errors
import issues.errors
from geodata.errors import OutsideCoverage
from geodata.models import City
from issues.forms.report import outside_said

STATUS_BY_ERROR: Final[dict[type[Exception], HTTPStatus]] = {
    geodata.errors.BadCoordinate: HTTPStatus.BAD_REQUEST,
    geodata.errors.OutsideCoverage: HTTPStatus.UNPROCESSABLE_ENTITY,
    geodata.errors.UnknownLevel: HTTPStatus.BAD_REQUEST,
    issues.errors.StaleIssue: HTTPStatus.CONFLICT,
    issues.errors.StepNotAllowed: HTTPStatus.CONFLICT,
    issues.errors.StaleDraft: HTTPStatus.CONFLICT,
    issues.errors.NotPermitted: HTTPStatus.NOT_FOUND,
    issues.errors.OwnRights: HTTPStatus.FORBIDDEN,
    issues.errors.RightsRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    issues.errors.MissingDuty: HTTPStatus.UNPROCESSABLE_ENTITY,
    issues.errors.AlreadyClosed: HTTPStatus.CONFLICT,
    issues.errors.TooManySupports: HTTPStatus.TOO_MANY_REQUESTS,
    issues.errors.TooMuchEvidence: HTTPStatus.TOO_MANY_REQUESTS,
    issues.errors.TooManyDevices: HTTPStatus.TOO_MANY_REQUESTS,
    issues.errors.DifferentSubmission: HTTPStatus.UNPROCESSABLE_ENTITY,
    issues.errors.TakenAlready: HTTPStatus.CONFLICT,
    issues.errors.UnknownIssue: HTTPStatus.NOT_FOUND,
    issues.errors.UnknownCategory: HTTPStatus.UNPROCESSABLE_ENTITY,
    issues.errors.UnknownCity: HTTPStatus.NOT_FOUND,
    issues.errors.AccountRequired: HTTPStatus.UNAUTHORIZED,
    issues.errors.PhotoRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    issues.errors.TooManyPhotos: HTTPStatus.UNPROCESSABLE_ENTITY,
    issues.errors.StorageFull: HTTPStatus.INSUFFICIENT_STORAGE,
    RecursionError: HTTPStatus.BAD_REQUEST,
    DataError: HTTPStatus.BAD_REQUEST,
    RequestDataTooBig: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    InterfaceError: HTTPStatus.SERVICE_UNAVAILABLE,
    OperationalError: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""Domain error → HTTP status. What somebody may not see looks like what is not there."""

PROGRAMS: Final = ("/api/", "/tiles/", "/peta/", "/healthz")
"""Addresses that programs ask; their errors are JSON."""

TEXT_BY_REFUSAL: Final[dict[type[exceptions.APIException], Any]] = {
    exceptions.MethodNotAllowed: gettext_lazy("Metode ini tidak dilayani di alamat ini."),
    exceptions.NotAcceptable: gettext_lazy("Jawaban hanya tersedia sebagai JSON."),
    exceptions.UnsupportedMediaType: gettext_lazy(
        "Jenis isi ini tidak diterima: kirim JSON, atau multipart/form-data untuk foto."
    ),
    exceptions.ParseError: gettext_lazy("Isi permintaan tidak dapat dibaca."),
    exceptions.Throttled: gettext_lazy("Terlalu banyak permintaan. Coba lagi sebentar lagi."),
}
"""What the REST framework itself refuses → our words; its own are English for everybody."""

_WAIT: Final = {"Retry-After": "5"}


def status_of(error: BaseException) -> HTTPStatus | None:
    """Look up the status of an error by its class or the nearest parent; None without one."""
    return next(
        (STATUS_BY_ERROR[kind] for kind in type(error).__mro__ if kind in STATUS_BY_ERROR), None
    )


def message(error: BaseException, *, city: City | None = None) -> str:
    """Say in the reader's language what is wrong; `city` is whose border a point lies beyond."""
    if isinstance(error, OutsideCoverage) and city is not None:
        return outside_said(error, city)
    reason = getattr(error, "reason", "")
    if reason:
        return _(reason)
    if isinstance(error, OperationalError | InterfaceError):
        return _("Sistem sedang sibuk. Data Anda belum tersimpan; silakan coba lagi sebentar lagi.")
    if isinstance(error, geodata.errors.GeodataError | issues.errors.IssueError):
        return _((type(error).__doc__ or "").strip())
    return _("Permintaan tidak dapat dibaca.")


def body(code: str, text: str, fields: dict[str, list[str]] | None = None) -> dict[str, Any]:
    """Shape one error: `{"error": {"code", "message", "fields"}}`."""
    return {"error": {"code": code, "message": text, "fields": fields or {}}}


def answer(request: HttpRequest, error: BaseException) -> HttpResponse | None:
    """Answer an error of the table as a page, or as JSON where programs ask; None for others."""
    status = status_of(error)
    if status is None:
        return None
    headers = _headers(status)
    if is_program(request):
        return JsonResponse(_told(error, request), status=status, headers=headers)
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        # The page of the house asks the database who is logged in; this one stands alone.
        text = render_to_string("503.html")
        return HttpResponse(text, status=status, headers=headers)
    said = message(error, city=getattr(request, "city", None))
    context = {"status": status, "message": said, "title": _("Tidak dapat dilakukan")}
    return render(request, "40x.html", context, status=status)


def _told(error: BaseException, request: Any) -> dict[str, Any]:
    """Shape a domain error for a program; a point outside is a fault of its two numbers."""
    text = message(error, city=getattr(request, "city", None))
    names = ("lat", "lon") if isinstance(error, OutsideCoverage) else ()
    return body(type(error).__name__, text, {name: [text] for name in names})


def is_program(request: HttpRequest) -> bool:
    """Whether a program asks, not a person."""
    return request.path.startswith(PROGRAMS) or request.path.endswith(".json")


def _headers(status: HTTPStatus) -> dict[str, str]:
    return dict(_WAIT) if status is HTTPStatus.SERVICE_UNAVAILABLE else {}


def api_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer any error of a REST view in the one shape; None hands it to Django (a true 500)."""
    status = status_of(error)
    if status is not None:
        told = _told(error, context.get("request"))
        return Response(told, status=status, headers=_headers(status))
    if isinstance(error, Http404 | PermissionDenied):
        return Response(body("NotFound", _("Tidak ditemukan.")), status=HTTPStatus.NOT_FOUND)
    if isinstance(error, exceptions.ValidationError):
        return Response(
            body("Invalid", _("Isian belum benar."), _fields(error.detail)),
            status=HTTPStatus.BAD_REQUEST,
        )
    if isinstance(error, exceptions.APIException):
        text = str(TEXT_BY_REFUSAL.get(type(error), error.detail))
        told = body(type(error).__name__, text)
        return Response(told, status=error.status_code, headers=_wait(error))
    return None


def _fields(detail: Any) -> dict[str, list[str]]:
    if not isinstance(detail, dict):
        return {"": [str(item) for item in (detail if isinstance(detail, list) else [detail])]}
    flat: dict[str, list[str]] = {}
    for name, value in detail.items():
        if isinstance(value, dict):
            flat |= {f"{name}.{inner}": texts for inner, texts in _fields(value).items()}
        else:
            flat[str(name)] = [str(item) for item in value]
    return flat


def _wait(error: exceptions.APIException) -> dict[str, str]:
    wait = getattr(error, "wait", None)
    return {"Retry-After": str(int(wait))} if wait else {}
