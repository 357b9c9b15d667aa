"""Health, the service worker, and the answers of last resort."""

import json
import sys
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from civicmap import errors, offline

if TYPE_CHECKING:
    from geodata.models import City

_SAID: Final = {
    HTTPStatus.BAD_REQUEST: ("BadRequest", gettext_lazy("Permintaan tidak dapat dibaca.")),
    HTTPStatus.FORBIDDEN: ("NotFound", gettext_lazy("Tidak ditemukan.")),
    HTTPStatus.NOT_FOUND: ("NotFound", gettext_lazy("Tidak ditemukan.")),
    HTTPStatus.INTERNAL_SERVER_ERROR: (
        "Broken",
        gettext_lazy("Ada yang rusak di pihak kami. Coba lagi sebentar lagi."),
    ),
}
"""Status → code and words, where no error of the domain says more."""


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Say whether the site can serve: the database answers and photos can be stored."""
    del request
    with connection.cursor() as cursor:
        cursor.execute("SELECT postgis_lib_version()")
        postgis = cursor.fetchone()[0]
    media = Path(settings.MEDIA_ROOT)
    return JsonResponse(
        {"status": "ok", "postgis": postgis, "media": media.is_dir() or not media.exists()}
    )


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """Serve the service worker from the root, so that its scope is the whole site.

    With the switch off it takes itself and its caches away. An old browser asks for `?klasik`: the
    same worker without modules, so that it keeps pages but sends nothing.
    """
    name = "sw.js" if settings.SERVICE_WORKER else "sw_off.js"
    context = {"config": json.dumps(offline.worker()), "modules": "klasik" not in request.GET}
    return HttpResponse(
        render_to_string(name, context),
        content_type="text/javascript; charset=utf-8",
        headers={"Cache-Control": "no-cache"},
    )


@require_safe
@cache_control(public=True, max_age=3600)
def manifest(request: HttpRequest) -> HttpResponse:
    """Describe the site as an app that can be installed."""
    city: City = request.city  # type: ignore[attr-defined]  # CurrentCity has set it
    shortcut = {"name": _("Laporkan"), "url": reverse("report")}
    body = offline.manifest(city.short_name or city.name)
    body |= {"lang": get_language(), "shortcuts": [shortcut]}
    return JsonResponse(body, content_type="application/manifest+json")


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Show the page on which the browser lists what it has not sent yet."""
    return render(request, "offline/queue.html")


@require_safe
def offline_page(request: HttpRequest) -> HttpResponse:
    """Show what the service worker shows where there is neither network nor copy."""
    return render(request, "offline/offline.html")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what Django itself refuses to read."""
    return errors.answer(request, exception) or _last_resort(request, HTTPStatus.BAD_REQUEST)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what Django itself forbids."""
    del exception
    return _last_resort(request, HTTPStatus.FORBIDDEN)


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what is not there, or not for this person."""
    del exception
    return _last_resort(request, HTTPStatus.NOT_FOUND)


def broken(request: HttpRequest) -> HttpResponse:
    """Answer what went wrong outside the views: a database that is away is no fault of the code."""
    error = sys.exception()
    return (error and errors.answer(request, error)) or _last_resort(
        request, HTTPStatus.INTERNAL_SERVER_ERROR
    )


def _last_resort(request: HttpRequest, status: HTTPStatus) -> HttpResponse:
    """Answer as JSON where programs ask, else by the template named after the status."""
    if errors.is_program(request):
        code, words = _SAID[status]
        return JsonResponse(errors.body(code, str(words)), status=status)
    # Pages of the house need the database; those of a broken house stand alone.
    known = status in {HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN}
    return render(request if known else None, f"{status.value}.html", status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Explain a lost session without blaming the person."""
    del reason
    if errors.is_program(request):
        told = errors.body("FormExpired", _("Kunci formulir kedaluwarsa. Muat ulang halaman."))
        return JsonResponse(told, status=403)
    context = {
        "status": 403,
        "title": _("Formulir ini sudah kedaluwarsa"),
        "message": _(
            "Kembali ke halaman sebelumnya, muat ulang, lalu kirim lagi. "
            "Isian Anda tersimpan di perangkat."
        ),
    }
    return render(request, "40x.html", context, status=403)
