"""The channel desk: what came by phone, radio, post or letter becomes an issue in two steps."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from geodata import streets
from geodata.errors import OutsideCoverage
from geodata.models import City
from geodata.streets import Found
from issues import actions, proposal
from issues.errors import DifferentSubmission, TakenAlready
from issues.forms.channel import EntryForm, PasteForm, key
from issues.forms.desk import said
from issues.models import Issue, Letter
from issues.privacy import Span, find_personal
from issues.views import staff
from issues.views.staff import StaffRequest

MOST_LETTERS: Final = 30
MOST_PLACES: Final = 6
_NAMED: Final = re.compile(
    r"\b(?:jl[nr]?|jalan|gang|gg|pasar|pura|banjar|br|simpang|depan|dekat|di)\.? +"
    r"([\w.'-]+(?: +[\w.'-]+){0,3})",
    re.IGNORECASE,
)
_ROAD: Final = re.compile(r"\b(?:jl[nr]?|jalan|gang|gg)\b", re.IGNORECASE)


@require_http_methods(["GET", "HEAD", "POST"])
def channels(request: StaffRequest) -> HttpResponse:
    """Paste what somebody said (GET), look at what it seems to be, and make it an issue (POST)."""
    if "uuid" in request.POST:
        return _enter(request)
    letter = _letter(request, request.GET.get("surel", ""))
    pasted = PasteForm(request.POST or _of_letter(letter), label_suffix="")
    if pasted.is_bound and pasted.is_valid():
        return _page(request, entry=_proposed(request.city, pasted, letter), letter=letter)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if request.POST else HTTPStatus.OK
    return _page(request, pasted=pasted, status=status)


def _enter(request: StaffRequest) -> HttpResponse:
    letter = _letter(request, request.POST.get("letter", ""))
    places: list[Found] = []
    if request.POST.get("search"):
        places = streets.search(request.POST["search"], city=request.city)
    form = EntryForm(request.POST, city=request.city, places=places)
    taken = None
    if "look" not in request.POST and form.is_valid():
        given = form.cleaned_data
        try:
            receipt = actions.enter(
                form.draft(),
                actions.Entered(by=request.user, url=given["url"], letter=letter),
                city=request.city,
                at=given["received_at"],
            )
        except TakenAlready as error:
            taken = error.number
        except (OutsideCoverage, DifferentSubmission) as error:
            form.add_error("place", said(error))
        else:
            words = _("Tersimpan sebagai %(number)s.") % {"number": receipt.issue.number}
            messages.success(request, words)
            return redirect("case", receipt.issue.number)
    status = HTTPStatus.OK if "look" in request.POST else HTTPStatus.UNPROCESSABLE_ENTITY
    return _page(request, entry=form, letter=letter, taken=taken, status=status)


def _page(
    request: StaffRequest,
    *,
    pasted: PasteForm | None = None,
    entry: EntryForm | None = None,
    letter: Letter | None = None,
    taken: str | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    waiting = Letter.objects.filter(city=request.city, state=Letter.State.WAITING).defer("raw")
    context = staff.frame(
        request,
        "channels",
        pasted=pasted,
        entry=entry,
        letter=letter,
        taken=taken,
        letters=waiting.select_related("issue")[:MOST_LETTERS],
    )
    return render(request, "issues/channels.html", context, status=status)


@require_POST
def letter_aside(request: StaffRequest, letter: int) -> HttpResponse:
    """Set a letter aside: it is no report."""
    found = get_object_or_404(Letter, pk=letter, city=request.city, state=Letter.State.WAITING)
    actions.settle_letter(found, Letter.State.ASIDE, by=request.user)
    messages.success(request, _("Surel dikesampingkan."))
    return redirect("channels")


def _letter(request: StaffRequest, key: str) -> Letter | None:
    """Find the letter that an issue is made from.

    Raises:
        Http404: no letter of this city has that key.
    """
    if not key:
        return None
    if not (key.isascii() and key.isdigit() and len(key) < 18):  # noqa: PLR2004  digits of a key
        raise Http404
    return get_object_or_404(Letter, pk=int(key), city=request.city)


def _of_letter(letter: Letter | None) -> dict[str, str] | None:
    """Read a letter as if it had been pasted."""
    if letter is None:
        return None
    text = "\n\n".join(part for part in (letter.subject, letter.text) if part)
    return {"channel": Issue.Channel.EMAIL, "text": text[:4000], "url": ""}


# What the words tell ---------------------------------------------------------------------------


def _proposed(city: City, pasted: PasteForm, letter: Letter | None) -> EntryForm:
    """Propose kind, place and contact from the words; every one can be changed."""
    given, text = pasted.cleaned_data, pasted.cleaned_data["text"]
    kind = proposal.propose(text, city)
    places = places_in(text, city)
    contact = {span.kind: text[span.start : span.end] for span in reversed(find_personal(text))}
    initial = {
        **given,
        "letter": letter.pk if letter else None,
        "service_code": kind.category.service_code if kind else "",
        "place": key(places[0]) if places else "",
        "address": _address(_without_contact(text)),
        "email": letter.sender if letter else contact.get("email", ""),
        "name": letter.sender_name if letter else contact.get("name", ""),
        "phone": contact.get("phone", ""),
        "received_at": letter.received_at if letter else None,
        "text": _without_contact(text),
    }
    return EntryForm(city=city, places=places, initial=initial)


def places_in(text: str, city: City) -> list[Found]:
    """Look up the streets, areas and landmarks that a text speaks of, the likeliest first.

    A name is sought with its words, then with fewer of them, until the gazetteer knows it.
    """
    found: dict[str, Found] = {}
    for words in _names(text):
        for count in range(len(words), 0, -1):
            hits = streets.search(" ".join(words[:count]), city=city)
            if hits:
                found |= {key(one): one for one in hits[:2] if key(one) not in found}
                break
        if len(found) >= MOST_PLACES:
            break
    return list(found.values())[:MOST_PLACES]


def _names(text: str) -> Iterator[list[str]]:
    """Yield what may be names of places: roads first, at most eight."""
    matches = sorted(_NAMED.finditer(text), key=lambda one: not _ROAD.match(one.group(0)))
    seen: set[str] = set()
    for match in matches[:8]:
        name = match.group(1).strip(" .,'-")
        if name and name.lower() not in seen:
            seen.add(name.lower())
            lead = "jalan " if _ROAD.match(match.group(0)) else ""
            yield f"{lead}{name}".split()


def _address(text: str) -> str:
    """Take the line that names a road as the place in the reporter's words."""
    line = next((line for line in text.splitlines() if _ROAD.search(line)), "")
    return " ".join(line.split())[:300]


def _without_contact(text: str) -> str:
    """Leave out of the words what stands in the fields of the contact."""
    spans: list[Span] = [one for one in find_personal(text) if one.kind in {"phone", "email"}]
    for span in reversed(spans):
        text = text[: span.start] + text[span.end :]
    return text.strip()
