"""The JSON doors: categories, who is responsible, reports in, public issues out."""

import base64
import binascii
import hashlib
import math
import uuid
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import Any, Final

from django.core.exceptions import NON_FIELD_ERRORS
from django.core.exceptions import ValidationError as FormError
from django.forms import BaseForm
from django.http import Http404
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as shapes
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geodata import geometry, routing
from geodata.models import City, Edition
from issues import actions
from issues.errors import PhotoRefused, UnknownCategory
from issues.forms.filters import PresentForm
from issues.forms.report import JSON_NAMES, ReportForm, flat
from issues.models import Category, Issue, PublicIssue
from issues.parsers import weight
from issues.photos import weigh
from issues.privacy import clean_text
from issues.serializers import (
    CategoryShape,
    CollectionShape,
    ErrorShape,
    PhotoShape,
    ReceiptShape,
    RouteShape,
    SubmissionShape,
    UploadShape,
)
from issues.workflow import LAYER_BY_SLUG, Layer

PAGE: Final = 200
MAX_PAGE: Final = 1000
MAX_ANSWERS: Final = 30
MAX_ANSWER: Final = 500
"""Letters of one answer, or of its question's name."""

_ENVELOPE: Final = 64 * 1024
"""What a multipart body may weigh beyond its photo."""

_MOST_KEY: Final = 2**63 - 1
_SAME: Final[Mapping[str, str]] = {}


def _only(request: Request, names: Collection[str]) -> None:
    """Refuse parameters that nobody reads: a typo must not look like an answer."""
    if unknown := set(request.query_params) - set(names):
        raise ValidationError({min(unknown)[:40]: [_("Parameter tidak dikenal.")]})


def _city(request: Request) -> City:
    city: City = request.city  # type: ignore[attr-defined]  # CurrentCity has set it
    return city


class Categories(APIView):
    """The kinds of problems of this city."""

    @extend_schema(responses=CategoryShape(many=True), operation_id="categories")
    def get(self, request: Request) -> Response:
        """List the active leaf categories, with their parents' names; one query."""
        _only(request, ())
        active = Category.objects.filter(city=_city(request), active=True)
        leaves = active.filter(children__isnull=True).select_related("parent")
        return Response([_category(category) for category in leaves])


def _category(category: Category) -> dict[str, Any]:
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
    }


class RouteQuery(shapes.Serializer[Any]):
    """A place and a kind of problem."""

    lat = shapes.FloatField(min_value=-90, max_value=90)
    lon = shapes.FloatField(min_value=-180, max_value=180)
    service_code = shapes.CharField(max_length=60)


class Responsible(APIView):
    """Who is responsible here, before anybody reports."""

    @extend_schema(
        parameters=[RouteQuery],
        responses={200: RouteShape, 400: ErrorShape, 422: ErrorShape},
        operation_id="route",
    )
    def get(self, request: Request) -> Response:
        """Answer who would get an issue of this kind at this point, and why."""
        _only(request, ("lat", "lon", "service_code"))
        query = RouteQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        city, asked = _city(request), query.validated_data
        known = Category.objects.filter(city=city, service_code=asked["service_code"], active=True)
        if not known.exists():
            raise UnknownCategory(asked["service_code"])
        point = geometry.point(asked["lon"], asked["lat"])
        route = routing.route(point, asked["service_code"], city=city)
        neighbour, border_m = ("", None) if route.covered else routing.outside(point, city)
        return Response(_route(route) | {"neighbour": neighbour, "border_m": border_m})


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


class Issues(APIView):
    """Reports in, public issues out."""

    @extend_schema(
        request=SubmissionShape,
        responses={201: ReceiptShape, 200: ReceiptShape, 400: ErrorShape, 422: ErrorShape},
        operation_id="submit",
    )
    def post(self, request: Request) -> Response:
        """Take in a report; the same body under the same `id` gets the first receipt again."""
        if not isinstance(request.data, dict):
            raise ValidationError({"": [_("Isi harus sebuah objek.")]})
        receipt = _submitted(request.data, _city(request))
        status = HTTPStatus.CREATED if receipt.created else HTTPStatus.OK
        return Response(_receipt(request, receipt), status=status)

    @extend_schema(
        parameters=[
            OpenApiParameter("bbox", str, description="W,S,E,N"),
            OpenApiParameter("layer", str, description=f"{', '.join(LAYER_BY_SLUG)}; koma"),
            OpenApiParameter("category", str, description="service_code; koma"),
            OpenApiParameter("department", str, description="koma"),
            OpenApiParameter("area", str, description="desa/kelurahan atau kecamatan"),
            OpenApiParameter("from", date),
            OpenApiParameter("to", date),
            OpenApiParameter("overdue", str, enum=["1", "0"]),
            OpenApiParameter("limit", int),
            OpenApiParameter("after", str, description="`next` dari halaman sebelumnya"),
        ],
        responses={200: CollectionShape, 400: ErrorShape},
        operation_id="issues",
    )
    def get(self, request: Request) -> Response:
        """List public issues as GeoJSON, newest first, a page at a time."""
        limit = _limit(request.query_params.get("limit"))
        rows = _filtered(request).order_by("-received_at", "-issue")
        if after := request.query_params.get("after"):
            rows = rows.after(*_key(after, _city(request)))
        rows = rows.select_related("category", "department", "jurisdiction")
        page = list(rows.defer("jurisdiction__area")[: limit + 1])
        more = _cursor(page[limit - 1]) if len(page) > limit else None
        features = [_feature(row) for row in page[:limit]]
        return Response({"type": "FeatureCollection", "features": features, "next": more})


def _submitted(body: dict[str, Any], city: City) -> actions.Receipt:
    """Check a JSON report by the very form of the page, and take it in.

    Raises:
        ValidationError: with every fault under its field.
    """
    try:
        data = flat(body)
    except FormError as error:
        raise ValidationError(error.message_dict) from None
    form, answers = ReportForm(data, city=city), _answers(body.get("answers"))
    if not form.is_valid():
        if (first := form.repeated(answers=answers)) is None:
            raise _invalid(form, JSON_NAMES)
        return first
    channel = body.get("channel") or Issue.Channel.API
    draft = form.draft(language=get_language() or "id", channel=channel, answers=answers)
    return actions.submit(draft, city=city)


def _answers(given: Any) -> dict[str, Any]:
    """Check the answers to a kind's questions: few, flat, and fit for the database.

    Raises:
        ValidationError: they are not.
    """
    answers = {} if given is None else given
    if (
        not isinstance(answers, dict)
        or len(answers) > MAX_ANSWERS
        or not all(_is_plain(part) for pair in answers.items() for part in pair)
    ):
        raise ValidationError({"answers": [_("Jawaban harus berupa nama dan nilai sederhana.")]})
    return answers


def _is_plain(value: Any) -> bool:
    """Whether a value is a switch, a finite number, or a short clean text."""
    if isinstance(value, str):
        return len(value) <= MAX_ANSWER and clean_text(value) == value
    return value is None or (isinstance(value, bool | int | float) and math.isfinite(value))


def _invalid(form: BaseForm, names: Mapping[str, str] = _SAME) -> ValidationError:
    """Hand a form's faults on under the names that the sender knows; those of the whole have none.

    Args:
        form: with errors.
        names: field → name, where they differ.
    """
    return ValidationError(
        {
            "" if name == NON_FIELD_ERRORS else names.get(name, name): [str(one) for one in texts]
            for name, texts in form.errors.items()
        }
    )


def _receipt(request: Request, receipt: actions.Receipt) -> dict[str, Any]:
    issue = receipt.issue
    return {
        "id": issue.uuid,
        "number": issue.number,
        "tracking_url": request.build_absolute_uri(f"{reverse('track')}#{receipt.token}"),
        "token": receipt.token,
        "department": issue.department.name if issue.department else None,
        "sentence": receipt.decision.sentence,
        "status": issue.status,
        **{name: _utc(getattr(issue, name)) for name in ("received_at", "dispose_by", "due_at")},
        "photos_url": request.build_absolute_uri(reverse("api-photos", args=[issue.uuid])),
    }


def _utc(instant: datetime) -> datetime:
    """Tell an instant in one zone, so that a first receipt and its repetition are the same."""
    return instant.astimezone(UTC)


def _filtered(request: Request) -> Any:
    form = PresentForm(request.query_params, city=_city(request))
    if not form.is_valid():
        raise _invalid(form)
    return form.rows(PublicIssue.objects.filter(city=_city(request)))


def _limit(text: str | None) -> int:
    if text is None:
        return PAGE
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MAX_PAGE))):
        text = "0"
    if not 1 <= int(text) <= MAX_PAGE:
        raise ValidationError({"limit": [_("1 sampai %(most)d.") % {"most": MAX_PAGE}]})
    return int(text)


def _cursor(row: PublicIssue) -> str:
    """Name the key of a page's last row; it holds public values only."""
    return base64.urlsafe_b64encode(f"{row.received_at.isoformat()}|{row.number}".encode()).decode()


def _key(cursor: str, city: City) -> tuple[datetime, int]:
    """Find where a page begins; after a row that was hidden, what came with it comes again."""
    try:
        text, number = base64.urlsafe_b64decode(cursor.encode()).decode().split("|")
        moment = datetime.fromisoformat(text)
    except (ValueError, binascii.Error):
        moment, number = datetime.min, ""  # noqa: DTZ901  has no zone, so it is refused below
    if moment.tzinfo is None or not number.isprintable():
        raise ValidationError({"after": [_("Kunci halaman tidak dikenal.")]})
    keys = PublicIssue.objects.filter(city=city, number=number).values_list("pk", flat=True)
    return moment, next(iter(keys), _MOST_KEY)


def _feature(row: PublicIssue) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": [row.point.x, row.point.y]} if row.point else None
    return {
        "type": "Feature",
        "id": row.number,
        "geometry": point,
        "properties": {
            "number": row.number,
            "service_code": row.category.service_code,
            "category": row.category.label,
            "department": row.department.code if row.department else None,
            "area": row.jurisdiction.code if row.jurisdiction else None,
            "layer": Layer(row.layer).slug,
            "overdue": row.overdue,
            "received_at": row.received_at,
            "changed_at": row.changed_at,
            "due_at": row.due_at,
            "url": reverse("issue", args=[row.number]),
        },
    }


class Photos(APIView):
    """Photos of a report, one each, by the secret of its receipt."""

    parser_classes = [MultiPartParser]

    @extend_schema(
        request=UploadShape,
        responses={201: PhotoShape, 404: ErrorShape, 413: ErrorShape, 422: ErrorShape},
        operation_id="add_photo",
    )
    def post(self, request: Request, uuid: uuid.UUID) -> Response:
        """Keep one photo; the header is `Authorization: Tracking <token>`."""
        issue = actions.by_token(_city(request), _token(request))
        if issue is None or issue.uuid != uuid:
            raise Http404
        weigh(weight(request) - _ENVELOPE)
        upload = UploadShape(data=request.data)
        upload.is_valid(raise_exception=True)
        data = upload.validated_data["photo"].read()
        promised = upload.validated_data.get("sha256", "").lower()
        if promised and promised != hashlib.sha256(data).hexdigest():
            raise PhotoRefused(_("foto berubah di perjalanan, kirim ulang"))
        photo = actions.attach(issue.pk, data, photo_id=upload.validated_data["id"])
        return Response(
            {"id": photo.pk, "state": photo.state, "sha256": photo.sha256}, HTTPStatus.CREATED
        )


def _token(request: Request) -> str:
    scheme, _space, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return token.strip() if scheme.lower() == "tracking" else ""
