"""The citizen's way in: the form, and the words about privacy."""

import hashlib
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from itertools import islice
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_safe

from geodata.errors import OutsideCoverage
from issues import actions, photos
from issues.actions.pictures import MAX_PHOTOS
from issues.duplicates import Likely
from issues.errors import (
    AccountRequired,
    DifferentSubmission,
    IssueError,
    PhotoRefused,
    StorageFull,
    TooManyPhotos,
)
from issues.forms import asking, kept
from issues.forms.report import UNSURE, ReportForm, worded
from issues.models import Category, Issue
from issues.parsers import weight
from issues.questions import CODE_LETTERS
from issues.views import assets, map_config, outages, proof, twins, uploads
from issues.views.proof import CitizenRequest

_TOP: Final = 5
_UNSENT: Final = "unsent"
_INVALID: Final = 422
_TOO_LARGE: Final = 413


@csrf_exempt  # the check reads the whole body, so it waits until that has been weighed
@gzip_page
@proof.private
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: CitizenRequest) -> HttpResponse:
    """Show the form, or take it in."""
    if request.method == "POST":
        return _too_heavy(request) if weight(request) > uploads.MOST_BYTES else _send(request)
    if (waiting := _unsent(request)) is not None:
        return _page(request, waiting[0], held=waiting[1])
    user = proof.citizen(request)
    given = {"uuid": uuid.uuid4(), **_prefilled(request)}
    form = ReportForm(city=request.city, user=user, initial=given)
    return _page(request, form)


def _prefilled(request: CitizenRequest) -> dict[str, Any]:
    """Read what a link to the form knows already: `lat` and `lon`, `kategori`, `aset`."""
    given: dict[str, Any] = {
        name: request.GET[name] for name in ("lat", "lon", "service_code") if name in request.GET
    }
    if kind := request.GET.get("kategori"):
        given["service_code"] = kind
    pole = assets.find(request.city, request.GET.get("aset", ""))
    if pole is None:
        return given
    return {**given, "lat": pole.lat, "lon": pole.lon, "assets": [pole.code]}


def _unsent(request: CitizenRequest) -> tuple[ReportForm, list[kept.Kept]] | None:
    """Take up the form, with its photos, that somebody filled in before logging in."""
    if not request.user.is_authenticated or _UNSENT not in request.session:
        return None
    data = QueryDict(request.session.pop(_UNSENT), mutable=True)
    held = kept.claimed(data.getlist("kept"))
    data["photos"] = str(len(held))
    form = ReportForm(data, city=request.city, user=proof.citizen(request))
    form.is_valid()
    return form, held


def _too_heavy(request: CitizenRequest) -> HttpResponse:
    """Refuse what weighs too much, unread; the browser's way back leads to the filled form."""
    context = {
        "status": _TOO_LARGE,
        "title": _("Foto terlalu besar"),
        "message": _(
            "Laporan belum terkirim: paling banyak lima foto, masing-masing 12 MB. "
            "Kembali ke formulir, isiannya masih ada, lalu pilih foto yang lebih kecil."
        ),
    }
    return render(request, "40x.html", context, status=_TOO_LARGE)


@csrf_protect
def _send(request: CitizenRequest) -> HttpResponse:
    """Turn a form into a report; whatever is wrong, everything typed and chosen comes back."""
    form = ReportForm(_data(request), city=request.city, user=proof.citizen(request))
    if not form.is_valid():
        first = form.repeated()
        return _taken(request, first) if first else _again(request, form)
    known = [] if form.unseen else twins.unseen(form)
    if form.unseen or known:
        return _again(request, form, status=HTTPStatus.OK, known=known)
    try:
        draft = form.draft(language=get_language() or "id")
        draft = proof.admit(request, draft, form.cleaned_data["proof"])
        receipt = actions.submit(draft, city=request.city)
    except AccountRequired:
        return _log_in_first(request)
    except OutsideCoverage as error:
        form.refuse_outside(error)
        return _again(request, form)
    except DifferentSubmission:
        return _sent_before(request, form)
    return _taken(request, receipt)


def _taken(request: CitizenRequest, receipt: actions.Receipt) -> HttpResponse:
    """Add the photos to a report that was taken in, now or before, and open its receipt."""
    proof.remember(request, receipt.issue)
    attach_all(request, receipt.issue)
    return redirect("receipt", uuid=receipt.issue.uuid)


def _data(request: CitizenRequest) -> QueryDict:
    """Read a posted form with its photos counted; a sticker that led to it names its thing."""
    data = request.POST.copy()
    if "aset" in request.GET and not data.get("assets"):
        data["assets"] = request.GET["aset"][:CODE_LETTERS]
    # With words enough nobody needs to know, and no picture is opened twice.
    data["photos"] = "0" if worded(data.get("description", "")) else str(_usable(request))
    return data


def _usable(request: CitizenRequest) -> int:
    """Count the photos of a request that will be taken."""
    count = len(kept.claimed(request.POST.getlist("kept")))
    for file in islice(uploads.files(request), MAX_PHOTOS):
        with suppress(PhotoRefused):
            photos.accept(uploads.read(file))
            count += 1
        file.seek(0)
    return count


def _log_in_first(request: CitizenRequest) -> HttpResponse:
    """Lead to the log-in and keep every typed word in the session meanwhile."""
    claims = [held.claim for held in _held(request)[0]]
    data = request.POST.copy()
    data.setlist("kept", claims)
    data.pop("csrfmiddlewaretoken", None)
    request.session[_UNSENT] = data.urlencode()
    messages.info(request, _("Kota ini meminta akun untuk melapor. Isian Anda disimpan."))
    return redirect(f"{reverse('enter')}?next={reverse('report')}")


def _held(request: CitizenRequest) -> tuple[list[kept.Kept], list[str]]:
    """Hold the photos of a request, since no browser fills in a file twice.

    Returns:
        What is held; what is wrong with the others.
    """
    held, wrong = kept.claimed(request.POST.getlist("kept")), []
    for file in islice(uploads.files(request), max(0, MAX_PHOTOS - len(held))):
        try:
            held.append(kept.keep(file))
        except (PhotoRefused, StorageFull) as error:
            words = {"name": kept.shown_name(file), "why": said(error)}
            wrong.append(_("Foto %(name)s: %(why)s") % words)
    return held[:MAX_PHOTOS], wrong


def _again(
    request: CitizenRequest,
    form: ReportForm,
    *,
    status: int = _INVALID,
    known: Sequence[Likely] = (),
) -> HttpResponse:
    """Show the form again with everything in it: its faults, or what is still to be asked."""
    held, wrong = _held(request)
    for words in wrong:
        form.add_error(None, words)
    return _page(request, form, held=held, known=known, status=_INVALID if wrong else status)


def _sent_before(request: CitizenRequest, form: ReportForm) -> HttpResponse:
    """Explain that a report under the same id came first; these words may become a second one."""
    again = form.renewed()
    again.is_valid()
    again.add_error(
        None,
        _(
            "Formulir ini sudah pernah terkirim dengan isi lain, dan laporan itu sudah diterima. "
            "Kirim sekali lagi hanya bila ini laporan baru."
        ),
    )
    return _again(request, again)


def attach_all(request: CitizenRequest, issue: Issue) -> int:
    """Add the photos of a request to a report; what cannot be taken is said and holds back nothing.

    Returns:
        How many were taken.
    """
    taken = 0
    for held in kept.claimed(request.POST.getlist("kept")):
        if _attach(request, issue, name=held.name, read=held.read):
            held.drop()
            taken += 1
    for file in uploads.files(request):
        taken += _attach(
            request, issue, name=kept.shown_name(file), read=partial(uploads.read, file)
        )
    return taken


def _attach(
    request: CitizenRequest, issue: Issue, *, name: str, read: Callable[[], bytes | None]
) -> bool:
    """Add one photo; False when it was not taken, which is said, or had been sent before."""
    try:
        data = read()
        if data is None:
            return False
        # The same photo sent twice with the same report is one photo.
        photo_id = uuid.uuid5(issue.uuid, hashlib.sha256(data).hexdigest())
        actions.attach(issue.pk, data, photo_id=photo_id)
    except (PhotoRefused, TooManyPhotos, StorageFull) as error:
        words = {"name": name, "why": said(error)}
        messages.warning(request, _("Foto %(name)s tidak ikut: %(why)s") % words)
        return False
    return True


def said(error: IssueError) -> str:
    """Say to a person what is wrong."""
    reason = getattr(error, "reason", "")
    return str(reason) if reason else _((type(error).__doc__ or "").strip())


def _page(
    request: CitizenRequest,
    form: ReportForm,
    *,
    held: list[kept.Kept] | None = None,
    known: Sequence[Likely] = (),
    status: int = 200,
) -> HttpResponse:
    held = held or []
    context = {
        "form": form,
        "held": held,
        "slots": range(len(held) + 1, MAX_PHOTOS + 1),
        "most_photos": MAX_PHOTOS,
        "kinds": _kinds(form),
        "known": form.known,
        "pole": assets.find(request.city, request.GET.get("aset", "")),
        "config": map_config.config(request.city),
        "map_settings": map_config.leaflet(request.city),
        "api": _addresses(),
        "warned": _warned(form),
        "outages": outages.current(request.city),
        "twins": known,
        "twins_asked": bool(known or form.data.get(twins.ASKED)),
    }
    return render(request, "issues/report.html", context, status=status)


def _kinds(form: ReportForm) -> list[dict[str, Any]]:
    """Say what buttons and search need; on top stand the first kinds of the first *jenis*."""
    leaves = form.leaves
    first: dict[int, Category] = {}
    for leaf in leaves:
        if leaf.service_code != UNSURE:
            first.setdefault(leaf.parent_id or leaf.pk, leaf)
    top = {leaf.pk for leaf in list(first.values())[:_TOP]}
    return [
        _kind(leaf, top=leaf.pk in top or leaf.service_code == UNSURE)
        | {"questions": [asking.data(ask) for ask in asking.of(leaf, form.categories)]}
        for leaf in leaves
    ]


def _kind(category: Category, *, top: bool) -> dict[str, Any]:
    return {
        "code": category.service_code,
        "name": category.label,
        "words": " ".join([category.name, category.name_en, *category.keywords]).lower(),
        "icon": category.icon,
        "confidential": category.confidential,
        "warning": category.caution,
        "top": top,
    }


def _addresses() -> dict[str, str]:
    """Name the doors that the page's script uses; `{id}` stands for the report's id."""
    nobody = uuid.UUID(int=0)
    templates = {
        "photos": reverse("api-photos", args=[nobody]),
        "receipt": reverse("receipt", args=[nobody]),
    }
    return {
        "issues": reverse("api-issues"),
        "route": reverse("api-route"),
        **{name: url.replace(str(nobody), "{id}") for name, url in templates.items()},
    }


def _warned(form: ReportForm) -> Category | None:
    """Find the chosen kind that warns, so that a form without JavaScript shows it too."""
    code = form["service_code"].value()
    return next((kind for kind in form.leaves if kind.service_code == code and kind.warning), None)


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Say in plain words what becomes of names, places, words and photos, and where help is."""
    return render(request, "issues/privacy.html")
