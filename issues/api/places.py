"""Before a report: which kinds there are, and who is responsible at a place."""

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers as shapes
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geodata import edges, geometry, routing, streets
from geodata.models import City, Edition, Jurisdiction
from issues.api.asked import city_of, only
from issues.errors import UnknownCategory
from issues.forms import asking
from issues.models import Category
from issues.serializers import (
    CategoryShape,
    DegreesField,
    ErrorShape,
    RouteShape,
)


class CategoriesQuery(shapes.Serializer[Any]):
    """A place whose kinds are asked for: a point, or an area."""

    lat = DegreesField(90, required=False)
    lon = DegreesField(180, required=False)
    area_code = shapes.CharField(max_length=30, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse half a point."""
        if ("lat" in attrs) != ("lon" in attrs):
            raise ValidationError({"lat": [_("Titik belum lengkap: lintang dan bujur harus ada.")]})
        return attrs


class Categories(APIView):
    """The kinds of problems of this city."""

    @extend_schema(
        parameters=[CategoriesQuery],
        responses={200: CategoryShape(many=True), 400: ErrorShape, 422: ErrorShape},
        operation_id="categories",
    )
    def get(self, request: Request) -> Response:
        """List the kinds that somebody serves at a place, or all; each with what it asks.

        A report of another kind is taken in, too: somebody of the city finds out whose it is.
        """
        only(request, ("lat", "lon", "area_code"))
        query = CategoriesQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        kinds = list(
            Category.objects.filter(city=city_of(request), active=True)
            .asking()
            .select_related("parent")
        )
        parents = {kind.parent_id for kind in kinds}
        leaves = [kind for kind in kinds if kind.pk not in parents]
        served = _served(query.validated_data, leaves, city_of(request))
        return Response([_category(kind, kinds) for kind in leaves if kind.service_code in served])


def _served(asked: Mapping[str, Any], leaves: Collection[Category], city: City) -> set[str]:
    """Say which kinds somebody serves at the place that is asked about; all without a place."""
    codes = [kind.service_code for kind in leaves]
    if "lat" in asked:
        return routing.served(geometry.point(asked["lon"], asked["lat"]), codes, city=city)
    if "area_code" in asked:
        return routing.served(_current(asked["area_code"], city), codes, city=city)
    return set(codes)


def _current(code: str, city: City) -> Jurisdiction:
    area = Jurisdiction.objects.current().filter(city=city, code=code).defer("area").first()
    if area is None:
        raise UnknownCategory(code)
    return area


def _category(category: Category, kinds: Collection[Category]) -> dict[str, Any]:
    english = get_language() == "en"
    return {
        "service_code": category.service_code,
        "name": category.label,
        "description": (category.description_en if english else "") or category.description,
        "group": category.parent.service_code if category.parent else None,
        "group_name": category.parent.label if category.parent else None,
        "keywords": category.keywords,
        "icon": category.icon,
        "nature": category.nature,
        "confidential": category.confidential,
        "fast_lane": category.fast_lane,
        "warning": category.caution,
        "questions": [asking.data(ask) for ask in asking.of(category, kinds)],
    }


class RouteQuery(shapes.Serializer[Any]):
    """A place, how well it is known, and a kind of problem: a point, a whole street, or an area."""

    lat = DegreesField(90, required=False)
    lon = DegreesField(180, required=False)
    street = shapes.CharField(max_length=200, required=False)
    area_code = shapes.CharField(max_length=30, required=False)
    service_code = shapes.CharField(max_length=60)
    accuracy_m = shapes.FloatField(min_value=0, max_value=1e6, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse half a point, and no place at all."""
        if ("lat" in attrs) != ("lon" in attrs) or not {"lat", "street", "area_code"} & set(attrs):
            raise ValidationError({"lat": [_("Titik belum lengkap: lintang dan bujur harus ada.")]})
        return attrs


class Responsible(APIView):
    """Who is responsible here, before anybody reports."""

    @extend_schema(
        parameters=[RouteQuery],
        responses={200: RouteShape, 400: ErrorShape, 422: ErrorShape},
        operation_id="route",
    )
    def get(self, request: Request) -> Response:
        """Answer who would get an issue of this kind at this place, and why.

        Where the circle of `accuracy_m` holds somebody else's ground, `edge` asks on which side.
        """
        only(request, ("lat", "lon", "street", "area_code", "service_code", "accuracy_m"))
        query = RouteQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        city, asked = city_of(request), query.validated_data
        code = asked["service_code"]
        if not Category.objects.filter(city=city, service_code=code, active=True).exists():
            raise UnknownCategory(code)
        if "lat" not in asked:
            route = routing.route(_whole(asked, city), code, city=city)
            return Response(_route(route) | {"neighbour": "", "border_m": None, "edge": None})
        point = geometry.point(asked["lon"], asked["lat"])
        route = routing.route(point, code, city=city)
        neighbour, border_m = ("", None) if route.covered else routing.outside(point, city)
        sides = edges.sides(point, asked.get("accuracy_m"), code, city=city)
        told = {"neighbour": neighbour, "border_m": border_m}
        return Response(_route(route) | told | {"edge": _edge(sides) if route.covered else None})


def _whole(asked: Mapping[str, Any], city: City) -> routing.Where:
    """Find the street or the area that a question names; a street wins, as in a report."""
    if "street" not in asked:
        return _current(asked["area_code"], city)
    street = streets.named(asked["street"], city)
    if street is None:
        raise UnknownCategory(asked["street"])
    return street.spot


def _edge(sides: list[edges.Side]) -> dict[str, Any] | None:
    """Shape the one question near an edge; None where there is none."""
    if not sides:
        return None
    return {
        "question": _("Titiknya dekat batas. Di mana tepatnya masalahnya?"),
        "choices": [
            {"side": one.rule, "label": one.label, "department": _department(one.department)}
            for one in sides
        ],
    }


def _route(route: routing.Route) -> dict[str, Any]:
    return {
        "covered": route.covered,
        "sentence": route.reason,
        "department": _department(route.chosen),
        "rule": route.chosen.rule if route.chosen else None,
        "area": _area(route),
        "street": route.road,
        "edge_m": route.edge_m,
        "near_edge": route.near_edge,
        "second": {"department": _department(route.second), "why_not": route.second.why_not}
        if route.second
        else None,
    }


def _department(weighed: routing.Weighed | None) -> dict[str, str] | None:
    return {"code": weighed.department_code, "name": weighed.department} if weighed else None


def _area(route: routing.Route) -> dict[str, Any] | None:
    if route.jurisdiction is None or route.edition_id is None:
        return None
    edition = Edition.objects.get(pk=route.edition_id)
    return {
        "code": route.jurisdiction.code,
        "name": str(route.jurisdiction),
        "edition": edition.source,
        "approximate": edition.approximate,
    }
