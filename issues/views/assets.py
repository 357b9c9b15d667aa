"""Things with a number: lamp posts near a pin, and the page behind the sticker on each."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import segno
from django.conf import settings
from django.db.models import Exists, OuterRef
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from geodata import geometry, sql, streets
from geodata.models import Asset, City
from issues.models import IssueAsset, PublicIssue, Question
from issues.privacy import clean_text
from issues.questions import CODE_LETTERS
from issues.views import staff
from issues.views.browsing import CityRequest
from issues.views.staff import StaffRequest
from issues.workflow import Layer

MOST: Final = 40
RADIUS_M: Final = 150.0
MOST_HISTORY: Final = 30
_SQL: Final = Path(__file__).parent.parent / "sql"
_OPEN: Final = [Layer.WAITING, Layer.RESPONSE, Layer.FIELD]
_NOT_FOUND: Final = 404
_SIGNS: Final = re.compile(r"[,;\s]+")


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing that can be reported by its code, as the edition in force has it."""

    code: str
    name: str
    layer: str
    lon: float
    lat: float
    approximate: bool


def find(city: City, code: str) -> Thing | None:
    """Find the thing that bears a code; one statement, none without a code.

    Args:
        city: whose.
        code: as written on a sticker or typed; capitals do not matter.
    """
    code = clean_text(code).strip()
    if not code or len(code) > CODE_LETTERS:
        return None
    asked = Question.objects.filter(
        category__city=city, kind=Question.Kind.ASSET, active=True, layer=OuterRef("layer")
    )
    rows = Asset.objects.filter(
        Exists(asked),
        city=city,
        code__in={code, code.upper()},
        edition__valid__contains=timezone.now(),
    )
    row = rows.select_related("edition").order_by("layer", "pk").first()
    if row is None:
        return None
    spot = row.geom.point_on_surface if row.geom.geom_type != "Point" else row.geom
    return Thing(row.code, row.name, row.layer, spot.x, spot.y, row.edition.approximate)


@require_safe
def near(request: CityRequest) -> HttpResponse:
    """List things of a layer near a point: `?layer=&lat=&lon=`; one statement.

    Raises:
        BadCoordinate: they are no place on earth.
    """
    point = geometry.point(request.GET.get("lon"), request.GET.get("lat"))
    params = {
        "city_id": request.city.pk,
        "layer": clean_text(request.GET.get("layer", ""))[:30],
        "lon": point.x,
        "lat": point.y,
        "radius_m": RADIUS_M,
        "most": MOST,
        "open_layers": _OPEN,
        "at": timezone.now(),
    }
    rows = sql.fetch("near_assets", params, folder=_SQL)
    response = JsonResponse([_listed(row) for row in rows], safe=False)
    patch_cache_control(response, public=True, max_age=60)
    return response


def _listed(row: dict[str, Any]) -> dict[str, Any]:
    return row | {
        "lat": round(row["lat"], 6),
        "lon": round(row["lon"], 6),
        "distance_m": round(row["distance_m"], 1),
    }


@require_safe
def search(request: CityRequest) -> HttpResponse:
    """Lead from a typed number to its page: `/a?kode=`."""
    code = clean_text(request.GET.get("kode", "")).strip().replace("/", "")[:CODE_LETTERS]
    return redirect("asset-history", code=code) if code else _unknown(request, "")


@require_safe
def sticker(request: CityRequest, code: str) -> HttpResponse:
    """Lead from the sticker on a thing to the form with the thing filled in: `/a/<code>`."""
    thing = find(request.city, code)
    if thing is None:
        return _unknown(request, code)
    return redirect(f"{reverse('report')}?{urlencode({'aset': thing.code})}")


@require_safe
def stickers(request: StaffRequest) -> HttpResponse:
    """Print stickers for things: `/kerja/stiker?kode=L-1,L-2`."""
    typed = clean_text(request.GET.get("kode", ""))
    codes = list(dict.fromkeys(_SIGNS.split(typed.strip())))[:MOST] if typed.strip() else []
    found = {code: find(request.city, code) for code in codes}
    context = staff.frame(
        request,
        "desk",
        typed=typed,
        unknown=[code for code, thing in found.items() if thing is None],
        stickers=[_sticker(thing) for thing in found.values() if thing],
    )
    return render(request, "issues/stickers.html", context)


def _sticker(thing: Thing) -> dict[str, str]:
    address = f"{settings.PUBLIC_URL}{reverse('asset', args=[thing.code])}"
    code = segno.make(address, error="m").svg_data_uri(scale=4, border=0)
    return {"code": thing.code, "address": address, "qr": code}


@require_safe
def page(request: CityRequest, code: str) -> HttpResponse:
    """Show what the public may know of one thing: where it stands and what was reported of it."""
    thing = find(request.city, code)
    if thing is None:
        return _unknown(request, code)
    ties = IssueAsset.objects.filter(
        issue=OuterRef("issue"), city=request.city, layer=thing.layer, code=thing.code
    )
    # A thing stands at an exact place: it must not tell where an issue of a blurred kind lies.
    exact = PublicIssue.objects.filter(city=request.city, category__exact_place=True)
    history = exact.filter(Exists(ties))
    history = history.select_related("category", "department").order_by("-received_at", "-issue")
    context = {
        "thing": thing,
        "place": streets.nearest([geometry.point(thing.lon, thing.lat)], request.city)[0],
        "history": list(history[:MOST_HISTORY]),
    }
    return render(request, "issues/asset.html", context)


def _unknown(request: CityRequest, code: str) -> HttpResponse:
    """Say kindly that nothing bears this code, and let it be typed again."""
    context = {"thing": None, "code": clean_text(code)[:CODE_LETTERS]}
    return render(request, "issues/asset.html", context, status=_NOT_FOUND)
