"""Health, the service worker, and the pages of last resort."""

from pathlib import Path

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe


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
    """Serve the service worker from the root, so that its scope is the whole site."""
    body = render_to_string("sw.js", request=request)
    return HttpResponse(
        body, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"}
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Explain a lost session without blaming the person."""
    del reason
    context = {
        "status": 403,
        "title": _("Formulir ini sudah kedaluwarsa"),
        "message": _(
            "Kembali ke halaman sebelumnya, muat ulang, lalu kirim lagi. "
            "Isian Anda tersimpan di perangkat."
        ),
    }
    return render(request, "40x.html", context, status=403)
