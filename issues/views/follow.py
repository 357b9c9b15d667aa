"""Following: the form, the yes by letter, one's own subscriptions, and the one click that ends."""

from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from geodata.models import City, Jurisdiction, Level
from issues import actions, messaging, notifications, pace, push
from issues.forms.follow import FollowForm
from issues.models import Category, Issue, Reporter, Subscriber, Subscription
from issues.notifications import links
from issues.views import feeds, map_config, proof
from issues.views.proof import CitizenRequest

_INVALID: Final = 422
_KEY: Final = "subscriber"
_LINK_DAYS: Final = 30
_SPAN: Final = timedelta(hours=1)
_MOST_LETTERS: Final = 20
"""Letters that ask strangers for a yes, from one line in a span; behind it may be a village."""
_TARGETS: Final = {
    "laporan": Subscription.Kind.ISSUE,
    "jenis": Subscription.Kind.CATEGORY,
    "wilayah": Subscription.Kind.AREA,
    "jalan": Subscription.Kind.STREET,
    "bentuk": Subscription.Kind.SHAPE,
}
"""Name in the address → what is followed."""


def known(request: CitizenRequest) -> Subscriber | None:
    """Find who this is: by account, or because a letter or a device has told this session."""
    if request.user.is_authenticated:
        return actions.subscriber_of(request.user, request.city, language=get_language() or "id")
    key = request.session.get(_KEY)
    return Subscriber.objects.filter(pk=key, city=request.city).first() if key else None


def recognise(request: CitizenRequest, subscriber: Subscriber) -> None:
    """Let this session see and change what a subscriber follows."""
    if request.session.get(_KEY) != subscriber.pk:
        request.session.cycle_key()
        request.session[_KEY] = subscriber.pk


# Begin ---------------------------------------------------------------------------------------


@proof.private
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: CitizenRequest) -> HttpResponse:
    """Ask what, how often and how (GET), and begin (POST)."""
    who = known(request)
    address = who.email if who else ""
    if request.method != "POST":
        form = FollowForm(initial=_initial(request), city=request.city, address=address)
        return _form(request, form, who)
    form = FollowForm(request.POST, city=request.city, address=address)
    if form.is_valid():
        said = _begin(request, form, who)
        if not form.errors:
            messages.success(request, said)
            return redirect("subscriptions")
    return _form(request, form, who, status=_INVALID)


def _initial(request: CitizenRequest) -> dict[str, Any]:
    """Fill in what the address names; an issue is told at once, all else once a day."""
    given = {name: request.GET[name][:200] for name in _TARGETS if request.GET.get(name)}
    kind = next((_TARGETS[name] for name in given), Subscription.Kind.CITY)
    often = Subscription.Frequency
    is_issue = kind == Subscription.Kind.ISSUE
    if not given.get("bentuk", "").startswith("["):
        given.pop("bentuk", None)
    return {
        **given,
        "apa": kind,
        "seberapa": often.IMMEDIATE if is_issue else often.DAILY,
        "lewat_surel": True,
    }


def _begin(request: CitizenRequest, form: FollowForm, who: Subscriber | None) -> str:
    """Follow by every way that was chosen; returns what is said, or leaves errors in the form."""
    given = form.cleaned_data
    by_push = given["perangkat"] and push.is_on()
    by_phone = bool(given["telepon"] and who and who.phone)
    typed = given["surel"] if given["surel"] != (who.email.lower() if who else "") else ""
    by_own = bool(who and who.email and not typed and (given["lewat_surel"] or given["surel"]))
    if by_push and (who is None or not who.devices.exists()):
        form.add_error("perangkat", _("Perangkat ini belum mengizinkan notifikasi."))
        return ""
    if who is not None and (by_push or by_phone or by_own):
        actions.follow(who, form.wish(email=by_own, push=by_push, phone=by_phone), proven=True)
        recognise(request, who)
    if not typed:
        return _("Anda akan dikabari.")
    if pace.count("follow-letter", pace.line(request), within=_SPAN) > _MOST_LETTERS:
        form.add_error("surel", _("Terlalu banyak surat dalam satu jam. Coba lagi nanti."))
        return ""
    language = get_language() or "id"
    addressee = actions.subscriber_at(typed, request.city, language=language)
    actions.follow(addressee, form.wish(email=True), proven=False)
    # The same words whether the address is known or not.
    return _("Hampir selesai: buka surat yang kami kirim ke %(address)s dan tekan tombolnya.") % {
        "address": typed
    }


def at_once(request: CitizenRequest, issue_id: int) -> bool:
    """Follow an issue by every way that this person has proved; False where there is none yet.

    Who follows it already goes on as they chose.
    """
    who = known(request)
    if who is None:
        return False
    issue = Issue.objects.get(pk=issue_id)
    if Subscription.objects.running().filter(subscriber=who, issue=issue).exists():
        return True
    by_email, by_push = bool(who.email), push.is_on() and who.devices.exists()
    by_phone = bool(who.phone and not who.email and messaging.is_on())
    if not (by_email or by_push or by_phone):
        return False
    wish = actions.Wish(
        kind=Subscription.Kind.ISSUE,
        issue=issue,
        by_email=by_email,
        by_push=by_push,
        by_phone=by_phone,
    )
    return actions.follow(who, wish, proven=True) is not None


def _form(
    request: CitizenRequest, form: FollowForm, who: Subscriber | None, *, status: int = 200
) -> HttpResponse:
    city = request.city
    context = {
        "form": form,
        "who": who,
        "kinds": list(Category.objects.filter(city=city, active=True)),
        "areas": _areas(city),
        "push_key": push.public_key(),
        "feed": feeds.of_wish(_wished(form)),
        "phones": bool(who and who.phone and messaging.is_on()),
        "config": map_config.config(city),
        "leaflet": map_config.leaflet(city),
    }
    return render(request, "follow/follow.html", context, status=status)


def _wished(form: FollowForm) -> dict[str, str]:
    """Say what is chosen in the form as it stands, by the names of the address."""
    kind = form["apa"].value()
    return {name: str(form[name].value() or "") for name, one in _TARGETS.items() if one == kind}


def _areas(city: City) -> list[Jurisdiction]:
    areas = Jurisdiction.objects.current().filter(
        city=city, level__in=(Level.DISTRICT, Level.VILLAGE)
    )
    return list(areas.defer("area").order_by("level", "name"))


@proof.private
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: CitizenRequest, token: str) -> HttpResponse:
    """Ask for the yes (GET: programs that look into mails open links) and take it (POST)."""
    pk = links.read(links.CONFIRM, token, days=actions.UNCONFIRMED.days)
    if pk is None or not _running(request).filter(pk=pk).exists():
        return _over(request)
    if request.method == "POST":
        found = actions.confirm(pk)
        if found is None:
            return _over(request)
        recognise(request, found.subscriber)
        messages.success(request, _("Terima kasih. Anda akan dikabari."))
        return redirect("subscriptions")
    found = _running(request).get(pk=pk)
    return render(request, "follow/confirm.html", {"followed": notifications.title(found)})


def _running(request: CitizenRequest) -> Any:
    rows = Subscription.objects.filter(subscriber__city=request.city, ended_at__isnull=True)
    return rows.select_related("subscriber__city", "issue", "category")


def _over(request: CitizenRequest) -> HttpResponse:
    return render(request, "follow/over.html", status=404)


# See and change ------------------------------------------------------------------------------


@proof.private
@require_http_methods(["GET", "HEAD", "POST"])
def subscriptions(request: CitizenRequest) -> HttpResponse:
    """Show what one follows, and change or end it."""
    who = known(request)
    if request.method == "POST":
        if who is None:
            return redirect("subscriptions")
        _change(request, who)
        return redirect("subscriptions")
    mine = list(_running(request).running().filter(subscriber=who).order_by("pk")) if who else []
    context = {
        "who": who,
        "followed": [(one, notifications.title(one), feeds.of_subscription(one)) for one in mine],
        "often": Subscription.Frequency.choices,
        "push_key": push.public_key(),
        "devices": who.devices.count() if who else 0,
        "phones": bool(who and who.phone and messaging.is_on()),
    }
    return render(request, "follow/subscriptions.html", context)


def _change(request: CitizenRequest, who: Subscriber) -> None:
    mine = Subscription.objects.filter(subscriber=who, ended_at__isnull=True)
    which = request.POST.get("langganan", "")
    keys = list(mine.filter(pk=int(which)).values_list("pk", flat=True)) if _small(which) else []
    if request.POST.get("akhiri") == "semua":
        actions.unfollow(list(mine.values_list("pk", flat=True)))
        messages.success(request, _("Semua langganan berakhir."))
    elif keys and "akhiri" in request.POST:
        actions.unfollow(keys)
        messages.success(request, _("Langganan berakhir."))
    elif keys and request.POST.get("seberapa") in Subscription.Frequency.values:
        ways = _ways(request, who)
        if "cara" in request.POST and not ways:
            messages.warning(request, _("Pilih paling sedikit satu cara, atau berhenti mengikuti."))
            return
        actions.change(keys[0], who, frequency=request.POST["seberapa"], ways=ways)
        messages.success(request, _("Tersimpan."))


def _ways(request: CitizenRequest, who: Subscriber) -> list[str]:
    """Read by which ways something is told from now on: of those that somebody has."""
    open_ = {
        "surel": ("by_email", bool(who.email)),
        "notifikasi": ("by_push", push.is_on() and who.devices.exists()),
        "telepon": ("by_phone", bool(who.phone) and messaging.is_on()),
    }
    wanted = request.POST.getlist("cara")
    return [way for name, (way, is_there) in open_.items() if name in wanted and is_there]


def _small(text: str) -> bool:
    """Tell whether a text is a number that a key can be."""
    return text.isascii() and text.isdigit() and len(text) < 16  # noqa: PLR2004  digits of a key


@proof.private
@require_http_methods(["GET", "HEAD"])
def subscriptions_link(request: CitizenRequest, token: str) -> HttpResponse:
    """Open one's subscriptions by the link of a letter, which holds for thirty days."""
    pk = links.read(links.MANAGE, token, days=_LINK_DAYS)
    found = Subscriber.objects.filter(pk=pk, city=request.city).first() if pk else None
    if found is None:
        return _over(request)
    recognise(request, found)
    return redirect("subscriptions")


# End -----------------------------------------------------------------------------------------


@csrf_exempt
@proof.private
@require_http_methods(["GET", "HEAD", "POST"])
def unfollow(request: CitizenRequest, token: str) -> HttpResponse:
    """End by one click, without log-in: a button (GET), and the end (POST, RFC 8058).

    The token is the authority, not a cookie: mail programs send this request by themselves.
    """
    found = _named(token)
    if found is None:
        return _over(request)
    purpose, pk = found
    ended = request.method == "POST"
    if ended:
        _end(purpose, pk)
    context = {
        "ended": ended,
        "followed": _said(purpose, pk),
        "again": request.path,
        "muted": purpose == links.MUTE,
    }
    return render(request, "follow/stop.html", context)


_ENDS: Final = (links.STOP, links.STOP_DAILY, links.STOP_WEEKLY, links.MUTE)


def _named(token: str) -> tuple[str, int] | None:
    """Find what a token ends; None for any other text."""
    for purpose in _ENDS:
        pk = links.read(purpose, token)
        if pk is not None:
            return purpose, pk
    return None


def _end(purpose: str, pk: int) -> None:
    if purpose == links.MUTE:
        actions.mute(pk, muted=True)
    elif purpose == links.STOP:
        actions.unfollow([pk])
    else:
        often = _RHYTHM[purpose]
        regular = Subscription.objects.filter(subscriber=pk, frequency=often, by_email=True)
        actions.unfollow(list(regular.values_list("pk", flat=True)))


_RHYTHM: Final = {
    links.STOP_DAILY: Subscription.Frequency.DAILY,
    links.STOP_WEEKLY: Subscription.Frequency.WEEKLY,
}


def _said(purpose: str, pk: int) -> str:
    """Say what ends, and never whose it is."""
    if purpose == links.MUTE:
        issue = Issue.objects.filter(pk=pk).first()
        return _("kabar tentang laporan %(number)s") % {"number": issue.number if issue else ""}
    if purpose in _RHYTHM:
        daily = purpose == links.STOP_DAILY
        return _("kabar harian") if daily else _("kabar mingguan")
    rows = Subscription.objects.select_related("subscriber__city", "issue", "category")
    found = rows.filter(pk=pk).first()
    return notifications.title(found) if found else _("langganan ini")


# The reporter's own letters ------------------------------------------------------------------


@proof.private
@require_POST
def notify(request: CitizenRequest, number: str) -> HttpResponse:
    """Let reporters end, or begin again, the letters about their own report.

    Raises:
        Http404: the report is not proven to be theirs.
    """
    issue = proof.proven(request, number=number)
    if issue is None:
        raise Http404
    if "notifikasi" in request.POST:
        _push(request, issue, on=request.POST["notifikasi"] == "ya")
        return redirect("tracked", number=number)
    muted = request.POST.get("kabar") == "tidak"
    if actions.mute(issue.pk, muted=muted):
        said = _("Anda tidak akan dikabari lagi, kecuali kami bertanya.")
        messages.success(request, said if muted else _("Anda akan dikabari lagi."))
    return redirect("tracked", number=number)


def _push(request: CitizenRequest, issue: Issue, *, on: bool) -> None:
    """Let reporters hear of their report by notes to their devices, or no longer."""
    who = known(request)
    if on and (who is None or not push.is_on() or not who.devices.exists()):
        messages.warning(request, _("Perangkat ini belum mengizinkan notifikasi."))
        return
    actions.push_to(issue.pk, who if on else None)
    said = _("Notifikasi untuk laporan ini menyala.")
    messages.success(request, said if on else _("Notifikasi untuk laporan ini mati."))


def told_how(issue: Issue) -> dict[str, Any]:
    """Say how the reporter of an issue is told, for `follow/_notify.html`."""
    reporter = Reporter.objects.filter(pk=issue.pk).first()
    by_phone = bool(reporter and reporter.phone and not reporter.email and messaging.is_on())
    return {
        "told_by_email": bool(reporter and reporter.email),
        "told_by_phone": by_phone,
        "is_muted": bool(reporter and reporter.muted_at),
        "is_pushed": bool(reporter and reporter.push_to_id),
        "push_key": push.public_key(),
        "follow_page": f"{reverse('follow')}?{urlencode({'laporan': issue.number})}",
    }
