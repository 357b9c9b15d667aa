"""Reports in, their photos, and public issues out."""

import hashlib
import math
import uuid
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import Any, Final, cast

from django.core.exceptions import NON_FIELD_ERRORS
from django.core.exceptions import ValidationError as FormError
from django.forms import BaseForm
from django.http import Http404
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geodata.models import City
from issues import actions, search
from issues.api.asked import city_of
from issues.doors import CitizenRequest, admit, citizen
from issues.errors import PhotoRefused
from issues.forms import asking, cursors
from issues.forms.filters import PresentForm
from issues.forms.report import JSON_NAMES, ReportForm, flat
from issues.models import Category, Issue, PublicIssue, PublicIssueQuerySet
from issues.parsers import weight
from issues.photos import weigh
from issues.privacy import clean_text
from issues.serializers import (
    CollectionShape,
    ErrorShape,
    PhotoShape,
    ReceiptShape,
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


class Issues(APIView):
    """Reports in, public issues out."""

    def perform_authentication(self, request: Request) -> None:
        """Leave Django's own session alone: `doors.citizen` decides whether it may speak."""

    @extend_schema(
        request=SubmissionShape,
        responses={
            201: ReceiptShape,
            200: ReceiptShape,
            400: ErrorShape,
            401: ErrorShape,
            422: ErrorShape,
        },
        operation_id="submit",
    )
    def post(self, request: Request) -> Response:
        """Take in a report; the same body under the same `id` gets the first receipt again."""
        if not isinstance(request.data, dict):
            raise ValidationError({"": [_("Isi harus sebuah objek.")]})
        receipt = _submitted(request)
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
            OpenApiParameter("q", str, description="kata: nomor, jalan, jenis, isi"),
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
            rows = rows.after(*_key(after, city_of(request)))
        rows = rows.select_related("category", "department", "jurisdiction")
        page = list(rows.defer("jurisdiction__area")[: limit + 1])
        last = page[limit - 1] if len(page) > limit else None
        more = cursors.write(last.received_at.isoformat(), last.number) if last else None
        features = [_feature(row) for row in page[:limit]]
        return Response({"type": "FeatureCollection", "features": features, "next": more})


def _submitted(request: Request) -> actions.Receipt:
    """Check a JSON report by the very form of the page, and take it in.

    Raises:
        ValidationError: with every fault under its field.
        AccountRequired: the city takes reports from accounts only.
    """
    body: Any = request.data
    city, asker = city_of(request), cast("CitizenRequest", request._request)  # noqa: SLF001  Django's own
    try:
        data = flat(body)
    except FormError as error:
        raise ValidationError(error.message_dict) from None
    user = citizen(asker)
    form = ReportForm(data, city=city, answers=_answers(body.get("answers")), user=user)
    if not form.is_valid():
        if (first := form.repeated()) is None:
            raise _invalid(form, JSON_NAMES)
        return first
    channel = body.get("channel") or Issue.Channel.API
    draft = form.draft(language=get_language() or "id", channel=channel)
    return actions.submit(admit(asker, draft, form.cleaned_data["proof"]), city=city)


def _answers(given: Any) -> dict[str, Any]:
    """Read the answers to a kind's questions: few, flat, and fit for the database.

    Raises:
        ValidationError: they are not.
    """
    answers = {} if given is None else given
    if (
        not isinstance(answers, dict)
        or len(answers) > MAX_ANSWERS
        or not all(_is_plain(name) for name in answers)
        or not all(_is_plain(one) for value in answers.values() for one in _each(value))
    ):
        raise ValidationError({"answers": [_("Jawaban harus berupa nama dan nilai sederhana.")]})
    return answers


def _each(value: Any) -> Collection[Any]:
    """Look into a list of codes; a longer one than any question takes is itself no plain value."""
    return value if isinstance(value, list) and len(value) <= MAX_ANSWERS else [value]


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
            _told_name(name, names): [str(one) for one in texts]
            for name, texts in form.errors.items()
        }
    )


def _told_name(name: str, names: Mapping[str, str]) -> str:
    """Say what the sender calls a field; an answer stands under `answers`."""
    if name.startswith(asking.PREFIX):
        return f"answers.{name.removeprefix(asking.PREFIX)}"
    return "" if name == NON_FIELD_ERRORS else names.get(name, name)


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
        "held": issue.held,
        **{name: _utc(getattr(issue, name)) for name in ("received_at", "dispose_by", "due_at")},
        "photos_url": request.build_absolute_uri(reverse("api-photos", args=[issue.uuid])),
    }


def _utc(instant: datetime) -> datetime:
    """Tell an instant in one zone, so that a first receipt and its repetition are the same."""
    return instant.astimezone(UTC)


def _filtered(request: Request) -> Any:
    given = {name: value for name, value in request.query_params.items() if name != "q"}
    form = PresentForm(given, city=city_of(request))
    if not form.is_valid():
        raise _invalid(form)
    rows = form.rows(PublicIssue.objects.filter(city=city_of(request)))
    return _searched(rows, request.query_params.get("q", ""), city_of(request))


def _searched(rows: PublicIssueQuerySet, text: str, city: City) -> PublicIssueQuerySet:
    """Keep what words find; what is spelt alike, where nothing holds them."""
    words = clean_text(text).strip()
    if not words:
        return rows
    if len(words) > search.LONGEST:
        raise ValidationError(
            {"q": [_("Paling banyak %(most)d huruf.") % {"most": search.LONGEST}]}
        )
    kinds = list(Category.objects.filter(city=city, active=True))
    asked = search.wanted(words, city, kinds)
    exact = search.narrow(rows, asked)
    return exact if exact.exists() else search.alike(rows, asked)


def _limit(text: str | None) -> int:
    if text is None:
        return PAGE
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MAX_PAGE))):
        text = "0"
    if not 1 <= int(text) <= MAX_PAGE:
        raise ValidationError({"limit": [_("1 sampai %(most)d.") % {"most": MAX_PAGE}]})
    return int(text)


def _key(cursor: str, city: City) -> tuple[datetime, int]:
    """Find where a page begins; after a row that was hidden, what came with it comes again."""
    try:
        text, number = cursors.read(cursor)
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment, number = datetime.min, ""  # noqa: DTZ901  has no zone, so it is refused below
    if moment.tzinfo is None:
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
        issue = actions.by_token(city_of(request), _token(request))
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
