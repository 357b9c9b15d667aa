"""What holds on every request: the city, the policy, caching, and domain errors as pages."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest
from django.db.models import Exists, OuterRef, Q, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import redirect
from django.urls import ResolverMatch
from django.utils.cache import has_vary_header
from django.utils.translation import gettext as _
from rest_framework.exceptions import MethodNotAllowed

from civicmap import errors
from civicmap.policy import CLOSED, NAMESPACES, POLICY, PUBLIC, Access, line
from geodata.models import City
from issues import accounts
from issues.accounts import CITIZEN
from issues.errors import UnknownCity
from issues.models import Outage, User

Handler = Callable[[HttpRequest], HttpResponse]


class CurrentCity:
    """Say which city the host name serves, as `request.city`."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Attach the city, but for addresses that work without one.

        Raises:
            BadRequest: the address holds a NUL, which no text of ours and no database has.
        """
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest
        if not request.path.startswith(("/healthz", "/sw.js", settings.STATIC_URL)):
            request.city = city_of(request.get_host())  # type: ignore[attr-defined]
        return self.get_response(request)


def city_of(host: str) -> City:
    """Find the city of a host name, else the default one; one query.

    Its `has_outages` tells whether any is announced: every map and form asks.

    Raises:
        UnknownCity: no reference data has been loaded.
    """
    name = host.rsplit(":", 1)[0].lower()
    fitting = City.objects.filter(Q(host=name) | Q(slug=settings.DEFAULT_CITY))
    announced = Exists(Outage.objects.current().filter(city=OuterRef("pk")))
    cities = {city.host or city.slug: city for city in fitting.annotate(has_outages=announced)}
    city = cities.get(name) or next(iter(cities.values()), None)
    if city is None:
        raise UnknownCity
    return city


class Policy:
    """Enforce the policy table: strangers log in, the wrong role finds nothing.

    Rights are read with every request, so a change bites on the next one.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; the check runs when the address is resolved."""
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., Any],
        args: list[Any],
        kwargs: dict[str, Any],
    ) -> HttpResponse | None:
        """Let in whom the table lets in.

        Raises:
            Http404: the person is logged in without a role that the table names.
        """
        del view, args, kwargs
        entry = entry_of(request.resolver_match)
        if entry.roles and request.method not in entry.methods:
            return _refused(request, entry)
        if entry.roles == PUBLIC:
            return None
        # A code to a phone opens one's own reports for months, never the desk.
        if not request.user.is_authenticated or CITIZEN in request.session:
            return _log_in(request)
        # Every later question about rights reads these rows, not the database.
        prefetch_related_objects([request.user], "memberships")
        roles = roles_of(request.user, request.city)  # type: ignore[attr-defined]
        if not roles & entry.roles:
            raise Http404
        if not accounts.keeps_working(request, roles):
            return redirect_to_login(request.get_full_path())
        if settings.STAFF_MFA and not entry.unsecured and accounts.is_unsecured(request.user):
            return redirect("mfa_index")
        return None


def _log_in(request: HttpRequest) -> HttpResponse:
    """Lead a person to the log-in; tell a program that there is none."""
    if not errors.is_program(request):
        return redirect_to_login(request.get_full_path())
    told = errors.body("LoginRequired", _("Masuk dulu, lalu ulangi."))
    return JsonResponse(told, status=HTTPStatus.UNAUTHORIZED)


def entry_of(match: ResolverMatch | None) -> Access:
    """Look up the line of an address; one that the table leaves out is closed."""
    if match is None:
        return CLOSED
    namespace = match.namespaces[0] if match.namespaces else ""
    return NAMESPACES.get(namespace) or line(POLICY.get(match.url_name or "", CLOSED))


def _refused(request: HttpRequest, entry: Access) -> HttpResponse:
    """Refuse a method that the table does not name, to everybody alike."""
    if not errors.is_program(request):
        return HttpResponseNotAllowed(sorted(entry.methods))
    text = str(errors.TEXT_BY_REFUSAL[MethodNotAllowed])
    answer = JsonResponse(errors.body("MethodNotAllowed", text), status=405)
    answer.headers["Allow"] = ", ".join(sorted(entry.methods))
    return answer


def roles_of(user: User, city: City) -> set[str]:
    """List the roles in which somebody stands to a city."""
    return {
        membership.role for membership in user.memberships.all() if membership.city_id == city.pk
    }


_TILES: Final = frozenset({"tile", "tile-mvt"})

OPEN: Final = _TILES | {"feed", "issue-feed"}
"""Routes for other sites and readers: any origin may read; a browser lends them no cookie."""

WORDLESS: Final = _TILES | {"timeline", "areas", "streets", "basemap", "issue-picture"}
"""Routes whose public bytes are the same in every language, so that a cache keeps them once."""


class CachePolicy:
    """Keep what is not expressly public, or knows who asks, out of every cache.

    What is public and without words stands in it once: the language middleware, which runs inside
    of this one, lets every answer vary by what the reader understands.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Say `no-store` where the view has said nothing, or the answer depends on a cookie."""
        response = self.get_response(request)
        personal = bool(response.cookies) or has_vary_header(response, "Cookie")
        public = "public" in response.headers.get("Cache-Control", "")
        if "Cache-Control" not in response.headers or (public and personal):
            response.headers["Cache-Control"] = "no-store"
        match = request.resolver_match
        route = match.url_name if match else None
        if route in WORDLESS and "public" in response.headers["Cache-Control"]:
            _without_language(response)
        if route in OPEN:
            response.headers["Access-Control-Allow-Origin"] = "*"
        return response


def _without_language(response: HttpResponse) -> None:
    """Take back that an answer is for readers of one language."""
    names = [name.strip() for name in response.headers.get("Vary", "").split(",")]
    kept = [name for name in names if name and name.lower() != "accept-language"]
    del response.headers["Vary"]
    if kept:
        response.headers["Vary"] = ", ".join(kept)
    del response.headers["Content-Language"]


class DomainErrors:
    """Turn domain errors that a view lets pass into pages, or JSON where programs ask."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; errors come by `process_exception`."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer an error of the domain; leave every other to Django."""
        return errors.answer(request, error)
