"""The report of what the map of responsibility leaves open."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from geodata import coverage
from geodata.coverage import Piece, Spot
from geodata.models import Level
from issues.models import Category
from issues.views import staff
from issues.views.staff import StaffRequest


@require_safe
def coverage_page(request: StaffRequest) -> HttpResponse:
    """Show land without an area, land claimed twice, and kinds without a department."""
    city = request.city
    kinds = Category.objects.filter(city=city, active=True, children=None).order_by("service_code")
    labels = {kind.service_code: kind.label for kind in kinds}
    gaps = [
        *coverage.uncovered(city, Level.VILLAGE),
        *coverage.uncovered(city, Level.DISTRICT),
    ]
    doubles = coverage.overlapping(city)
    nobodys, spots = coverage.unserved(city, list(labels))
    layers = {"gaps": gaps, "doubles": doubles}
    context = staff.frame(
        request,
        "manage",
        gaps=gaps,
        doubles=doubles,
        nobodys=[(code, labels[code]) for code in nobodys],
        unserved=_grouped(spots, labels),
        layers={name: [_shape(piece) for piece in pieces] for name, pieces in layers.items()},
        site={"extent": city.extent, "marks": []},
        spots=coverage.SPOTS + 1,
    )
    return render(request, "manage/coverage.html", context)


def _shape(piece: Piece) -> dict[str, Any]:
    return {"shape": piece.shape, "place": [piece.lon, piece.lat], "number": ""}


def _grouped(spots: Sequence[Spot], labels: dict[str, str]) -> list[dict[str, Any]]:
    """Group the spots by kind: how many, in which areas, and one to try in the simulator."""
    found: defaultdict[str, list[Spot]] = defaultdict(list)
    for spot in spots:
        found[spot.service_code].append(spot)
    return [
        {
            "code": code,
            "label": labels[code],
            "count": len(some),
            "areas": sorted({one.area for one in some}),
            "first": some[0],
        }
        for code, some in found.items()
    ]
