"""What is like a report: problems near it that may be the same, people who have it, its kind."""

import io
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST
from drf_spectacular.utils import extend_schema
from rest_framework import serializers as shapes
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geodata import geometry
from issues import actions, duplicates, pace, proposal
from issues.actions.support import Supported
from issues.errors import AlreadyClosed, TooManySupports, UnknownCategory
from issues.models import Category, PublicDetail
from issues.parsers import BoundedJSONParser, weight
from issues.privacy import clean_text
from issues.serializers import DegreesField
from issues.views import evidence, follow, proof, uploads
from issues.views.outages import until
from issues.views.persons import device_of, known, remember
from issues.views.persons import persons as names
from issues.views.proof import CitizenRequest
from issues.views.report import said
from issues.workflow import Layer

if TYPE_CHECKING:
    from geodata.models import City

_MOST_LETTERS: Final = 4000
PER_LINE: Final = 200
"""New devices an hour of one address, behind which a carrier may hide a whole suburb."""
PER_PERSON: Final = 60
"""How often an hour one account or device may say "saya juga"."""
_HOUR: Final = timedelta(hours=1)


# Near the pin --------------------------------------------------------------------------------


class NearbyQuery(shapes.Serializer[Any]):
    """What is about to be reported, as far as it is known: a point, else a street or an area."""

    lat = DegreesField(90, required=False, help_text="derajat, EPSG:4326")
    lon = DegreesField(180, required=False, help_text="derajat, EPSG:4326")
    street = shapes.CharField(required=False, max_length=80, help_text="seluruh jalan")
    area_code = shapes.CharField(required=False, max_length=30, help_text="seluruh wilayah")
    service_code = shapes.CharField(max_length=60)
    text = shapes.CharField(required=False, allow_blank=True, max_length=_MOST_LETTERS)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for a place of one kind."""
        has_point = {"lat", "lon"} <= set(attrs)
        if not has_point and not {"street", "area_code"} & set(attrs):
            raise shapes.ValidationError({"lat": _("Tandai titik, jalan, atau wilayah.")})
        return attrs


class NearbyShape(shapes.Serializer[Any]):
    """An open public issue that may be the same problem."""

    number = shapes.CharField()
    category = shapes.CharField()
    place = shapes.CharField(allow_blank=True)
    status = shapes.CharField(help_text="kata-kata")
    layer = shapes.CharField(help_text="belum, respon, lapangan")
    age_days = shapes.IntegerField()
    distance_m = shapes.IntegerField(
        allow_null=True, help_text="sampai titik publiknya; null: jalan atau wilayah yang sama"
    )
    photo = shapes.CharField(allow_null=True, help_text="alamat foto kecil")
    supports = shapes.IntegerField()
    outage = shapes.CharField(
        allow_null=True, help_text="gangguan yang sudah diumumkan: sampai kapan, kata-kata"
    )
    url = shapes.CharField()


class Nearby(APIView):
    """Whether somebody has reported this already."""

    @extend_schema(
        request=NearbyQuery, responses=NearbyShape(many=True), operation_id="nearby", tags=["api"]
    )
    def post(self, request: Request) -> Response:
        """List at most three open public issues of this or a related kind at a place."""
        query = NearbyQuery(data=request.data)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        category = _category(request, asked["service_code"])
        text = clean_text(asked.get("text", ""))
        if {"lat", "lon"} <= set(asked):
            point = geometry.point(asked["lon"], asked["lat"])
            found = duplicates.near(point, category, text)
        elif "street" in asked:
            found = duplicates.along(asked["street"], category, text)
        else:
            found = duplicates.within(asked["area_code"], category, text)
        return Response([_near(one) for one in found])


def _category(request: Request, code: str) -> Category:
    city: City = request.city  # type: ignore[attr-defined]  # CurrentCity has set it
    category = Category.objects.filter(city=city, service_code=code, active=True).first()
    if category is None:
        raise UnknownCategory(code)
    return category


def _near(one: duplicates.Likely) -> dict[str, Any]:
    layer, photo = Layer(one.row.layer), one.photo
    return {
        "number": one.row.number,
        "category": one.row.category.label,
        "place": one.detail.place or str(one.row.jurisdiction or ""),
        "status": str(layer.label),
        "layer": layer.slug,
        "age_days": one.age_days,
        "distance_m": None if one.distance_m is None else round(one.distance_m),
        "photo": reverse("photo", args=[photo.pk, photo.generation, "small"]) if photo else None,
        "supports": one.detail.supports,
        "outage": until(one.outage) if one.outage else None,
        "url": reverse("issue", args=[one.row.number]),
    }


# A kind for the words -------------------------------------------------------------------------


class ProposalQuery(shapes.Serializer[Any]):
    """What was typed so far."""

    text = shapes.CharField(allow_blank=True, max_length=_MOST_LETTERS)


class ProposalShape(shapes.Serializer[Any]):
    """The kind of problem that the words speak of; null unless sure."""

    service_code = shapes.CharField(allow_null=True)
    name = shapes.CharField(allow_blank=True)
    sure = shapes.FloatField(help_text="0 sampai 1")


class Proposal(APIView):
    """Which kind of problem the words speak of."""

    @extend_schema(
        request=ProposalQuery, responses=ProposalShape, operation_id="proposal", tags=["api"]
    )
    def post(self, request: Request) -> Response:
        """Propose a kind for a description; nothing unless sure, and no confidential kind."""
        query = ProposalQuery(data=request.data)
        query.is_valid(raise_exception=True)
        text = clean_text(query.validated_data["text"])
        found = proposal.propose(text, request.city)  # type: ignore[attr-defined]  # CurrentCity
        if found is None:
            return Response({"service_code": None, "name": "", "sure": 0.0})
        return Response(
            {
                "service_code": found.category.service_code,
                "name": found.category.label,
                "sure": round(found.sure, 2),
            }
        )


# "Saya juga" ---------------------------------------------------------------------------------


@csrf_exempt  # the check reads the whole body, so it waits until that has been weighed
@proof.private
@require_POST
def support(request: CitizenRequest, number: str) -> HttpResponse:
    """Say "saya juga", or take it back with `batal=1`; with photos as evidence, if wanted.

    With `follow=1` it is followed, too, by whoever we know how to tell; `followed` says whether.
    Answers `{supports, already, supported, followed}` where JSON is asked for, else leads back to
    the issue.

    Raises:
        Http404: the public knows no such issue.
        TooManySupports: too many new devices of this line; JSON says it with status 429.
    """
    if weight(request) > uploads.MOST_BYTES:
        return JsonResponse({"error": {"code": "TooLarge"}}, status=413)
    return _support(request, number)


@csrf_protect
def _support(request: CitizenRequest, number: str) -> HttpResponse:
    detail = get_object_or_404(PublicDetail, city=request.city, number=number)
    wanted = _wanted(request)
    if wanted is None:
        return HttpResponse(status=HTTPStatus.BAD_REQUEST)
    off, device = wanted.get("batal") in ("1", True), device_of(request)
    persons = names(request, device)
    counted = _own(request, detail)
    if counted is not None:
        done = counted
    else:
        try:
            _keep_pace(request, persons[0], off=off)
            done = actions.support(detail.issue_id, persons, off=off)
        except (AlreadyClosed, TooManySupports) as error:
            return _refused(request, number, error)
        if not off:
            evidence.add(request, done.issue_id, persons[0])
    wants_news = wanted.get("follow") in ("1", True) and not off
    followed = wants_news and follow.at_once(request, done.issue_id)
    answer = _answer(request, done, off=off, own=counted is not None, followed=followed)
    if not off and counted is None:
        # Only what was counted makes a device known, with an account, too: it may log out.
        remember(answer, device)
    return answer


def _keep_pace(request: CitizenRequest, who: str, *, off: bool) -> None:
    """Count what a person says, and new devices of a line: without cookies each time is a new one.

    Raises:
        TooManySupports: there were too many within the hour.
    """
    if off:
        return
    if pace.count("support", who, within=_HOUR) > PER_PERSON:
        raise TooManySupports
    if request.user.is_authenticated or known(request):
        return
    if pace.count("support-line", pace.line(request), within=_HOUR) > PER_LINE:
        raise TooManySupports


def _wanted(request: CitizenRequest) -> dict[str, Any] | None:
    """Read what was asked for, from a form or from JSON; None: it cannot be read."""
    if request.content_type != "application/json":
        return {name: request.POST[name] for name in request.POST}
    try:
        body = BoundedJSONParser().parse(io.BytesIO(request.body or b"{}"))
    except APIException:
        return None
    return body if isinstance(body, dict) else None


def _own(request: CitizenRequest, detail: PublicDetail) -> Supported | None:
    """Answer whoever has reported it, or the original it points to: they count already."""
    original = Q(city=detail.city_id, number=detail.original) if detail.original else Q(pk=None)
    for one in PublicDetail.objects.filter(original | Q(pk=detail.pk)).order_by("-original"):
        if proof.proven(request, pk=one.pk) is not None:
            return Supported(one.pk, one.number, one.supports, already=True)
    return None


def _wants_json(request: CitizenRequest) -> bool:
    return request.content_type == "application/json" or not request.accepts("text/html")


def _answer(
    request: CitizenRequest, done: Supported, *, off: bool, own: bool, followed: bool
) -> HttpResponse:
    if _wants_json(request):
        body = {"supports": done.supports, "already": done.already, "supported": not off or own}
        return JsonResponse({**body, "followed": followed})
    messages.success(request, _words(done, off=off, own=own))
    if followed:
        messages.success(request, _("Anda akan dikabari."))
    return redirect("issue", number=done.number)


def _words(done: Supported, *, off: bool, own: bool) -> str:
    if own:
        return _("Ini laporan Anda sendiri: Anda sudah terhitung.")
    if off:
        return _("Dukungan Anda dibatalkan.")
    if done.already:
        return _("Anda sudah menyatakan mengalami hal yang sama.")
    words = ngettext(
        "Terima kasih. Sudah %(n)d orang mengalami hal yang sama.",
        "Terima kasih. Sudah %(n)d orang mengalami hal yang sama.",
        done.supports,
    )
    return words % {"n": done.supports}


def _refused(
    request: CitizenRequest, number: str, error: AlreadyClosed | TooManySupports
) -> HttpResponse:
    """Say that nobody works on it any more, or that it is too much for now.

    Raises:
        TooManySupports: where no JSON is asked for; the page of errors says it.
    """
    closed = isinstance(error, AlreadyClosed)
    if _wants_json(request):
        body = {"error": {"code": type(error).__name__, "message": said(error), "fields": {}}}
        status = HTTPStatus.CONFLICT if closed else HTTPStatus.TOO_MANY_REQUESTS
        return JsonResponse(body, status=status)
    if not closed:
        raise error
    messages.warning(request, said(error))
    return redirect("issue", number=number)
