"""People and their rights, for administrators: who works here, as what, until when."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Lower
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from issues.actions import people as acts
from issues.errors import OwnRights, RightsRefused
from issues.forms.desk import said
from issues.forms.people import ROLES, CapacityForm, InviteForm, LeaveForm, Places, today
from issues.models import Invitation, Membership, User
from issues.views import staff
from issues.views.staff import StaffRequest

_INVALID: Final = HTTPStatus.UNPROCESSABLE_ENTITY
_MOST_COLLEAGUES: Final = 500


def _theirs(request: StaffRequest) -> QuerySet[Membership]:
    """Return every capacity of this city: past, present and to come."""
    rows = Membership.objects.filter(city=request.city)
    return rows.select_related("department", "unit", "deputy_of__user").order_by("pk")


def colleagues(request: StaffRequest) -> QuerySet[User]:
    """Return everybody who has, had or will have a capacity in this city."""
    here = Membership.objects.filter(city=request.city, user=OuterRef("pk"))
    return User.objects.filter(Exists(here))


# The list ------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def people(request: StaffRequest) -> HttpResponse:
    """List who works here, and invite others."""
    form, status = InviteForm(places=Places(request.city)), HTTPStatus.OK
    if request.POST.get("do") == "revoke":
        return _revoke(request)
    if request.method == "POST":
        form = InviteForm(request.POST, places=form.places)
        if form.is_valid() and _invited(request, form):
            return redirect("people")
        status = _INVALID
    rows, after = _page(request)
    open_ones = Invitation.objects.filter(city=request.city, used_at=None, revoked_at=None)
    context = staff.frame(
        request,
        "people",
        form=form,
        people=rows,
        after=after,
        roles=[(role.value, role.label) for role in ROLES],
        asked={name: request.GET.get(name, "") for name in ("cari", "peran")},
        invitations=list(open_ones.select_related("department", "unit", "invited_by")[:100]),
    )
    return render(request, "people/people.html", context, status=status)


def _invited(request: StaffRequest, form: InviteForm) -> bool:
    """Send an invitation; what hinders it is said on the form."""
    assert form.capacity is not None  # noqa: S101  a valid form has one; this tells mypy
    given = form.cleaned_data
    try:
        acts.invite(
            request.city, given["email"], form.capacity, actor=request.user, name=given["name"]
        )
    except RightsRefused as refusal:
        form.add_error("email", said(refusal))
        return False
    messages.success(request, _("Undangan dikirim ke %(email)s.") % {"email": given["email"]})
    return True


def _revoke(request: StaffRequest) -> HttpResponse:
    key = request.POST.get("invitation", "")
    number = int(key) if key.isascii() and key.isdigit() and len(key) < 19 else 0  # noqa: PLR2004  bigint
    row = get_object_or_404(Invitation, pk=number, city=request.city)
    acts.revoke(row, actor=request.user)
    messages.success(request, _("Undangan dicabut."))
    return redirect("people")


def _page(request: StaffRequest) -> tuple[Sequence[User], str]:
    """Cut one page out of the list, by address; and say where the next one begins."""
    rows = colleagues(request).annotate(key=Lower("email")).order_by("key", "pk")
    words, role = request.GET.get("cari", "").strip(), request.GET.get("peran", "")
    if words:
        named = Q(first_name__icontains=words) | Q(last_name__icontains=words)
        rows = rows.filter(named | Q(email__icontains=words))
    if role in {one.value for one in ROLES}:
        held = Membership.objects.current().filter(city=request.city, user=OuterRef("pk"))
        rows = rows.filter(Exists(held.filter(role=role)))
    if after := request.GET.get("after", ""):
        rows = rows.filter(key__gt=after)
    theirs = Prefetch("memberships", _theirs(request), to_attr="capacities")
    found = list(rows.prefetch_related(theirs)[: staff.PAGE_SIZE + 1])
    more = len(found) > staff.PAGE_SIZE
    shown: Sequence[User] = found[: staff.PAGE_SIZE]
    query = {"cari": words, "peran": role, "after": shown[-1].email.lower()} if more else {}
    return shown, urlencode({name: value for name, value in query.items() if value})


# One person ----------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def person(request: StaffRequest, pk: int) -> HttpResponse:
    """Show the capacities of somebody, and change them; one's own are only shown."""
    someone = get_object_or_404(colleagues(request), pk=pk)
    places = Places(request.city)
    forms = _forms(request, someone, places)
    if request.method == "POST":
        do = _DEEDS.get(request.POST.get("do", ""))
        if do is None:
            raise Http404
        try:
            answer = do(request, someone, forms)
        except (RightsRefused, OwnRights) as refusal:
            messages.error(request, said(refusal))
            answer = None
        if answer is not None:
            messages.success(request, answer)
            return redirect(reverse("person", args=[someone.pk]))
    status = _INVALID if request.method == "POST" else HTTPStatus.OK
    context = staff.frame(request, "people", someone=someone, own=someone == request.user, **forms)
    return render(request, "people/person.html", context, status=status)


def _forms(request: StaffRequest, someone: User, places: Places) -> dict[str, Any]:
    """Make the forms of a person's page: one for each capacity, and one for another."""
    others = [one for one in _deputies(request) if one.pk != someone.pk]
    held = list(_theirs(request).filter(user=someone))
    stands = _theirs(request).filter(deputy_of__in=held).select_related("user")
    by: dict[int | None, list[Membership]] = {}
    for row in stands:
        by.setdefault(row.deputy_of_id, []).append(row)
    return {
        "held": [_held(request, row, places, others, by.get(row.pk, [])) for row in held],
        "grant": CapacityForm(_posted(request, "grant"), places=places, prefix="grant"),
    }


def _held(
    request: StaffRequest,
    row: Membership,
    places: Places,
    others: list[User],
    deputies: list[Membership],
) -> dict[str, Any]:
    now, key = timezone.now(), str(row.pk)
    leave = LeaveForm(
        _posted(request, "stand_in", key),
        people=others,
        city=request.city,
        prefix=f"leave{key}",
        initial={"first": today(request.city)},
    )
    change = _posted(request, "change", key)
    return {
        "row": row,
        "ended": row.ends_at is not None and row.ends_at <= now,
        "coming": row.starts_at is not None and row.starts_at > now,
        "deputies": deputies,
        "change": CapacityForm(change, places=places, of=row, prefix=f"role{key}"),
        "leave": leave,
    }


def _posted(request: StaffRequest, do: str, key: str = "") -> Any:
    """Return what was sent to one form of the page; None to all others."""
    sent = (request.POST.get("do"), request.POST.get("membership", ""))
    return request.POST if sent == (do, key) else None


def _deputies(request: StaffRequest) -> list[User]:
    active = colleagues(request).filter(is_active=True).order_by("first_name", "email")
    return list(active[:_MOST_COLLEAGUES])


# What is done to a right ---------------------------------------------------------------------


def _reason(request: StaffRequest) -> str:
    return request.POST.get("why", "").strip()[:400]


def _chosen(request: StaffRequest, forms: dict[str, Any]) -> dict[str, Any]:
    key = request.POST.get("membership", "")
    for one in forms["held"]:
        if str(one["row"].pk) == key:
            return dict(one)
    raise Http404


def _grant(request: StaffRequest, someone: User, forms: dict[str, Any]) -> str | None:
    form = forms["grant"]
    if not form.is_valid():
        return None
    reason = form.cleaned_data["reason"]
    acts.grant(request.city, someone, form.capacity, actor=request.user, reason=reason)
    return _("Peran ditambahkan.")


def _change(request: StaffRequest, someone: User, forms: dict[str, Any]) -> str | None:
    del someone
    chosen = _chosen(request, forms)
    form = chosen["change"]
    if not form.is_valid():
        return None
    reason = form.cleaned_data["reason"]
    acts.change(chosen["row"], form.capacity, actor=request.user, reason=reason)
    return _("Peran diubah.")


def _stand_in(request: StaffRequest, someone: User, forms: dict[str, Any]) -> str | None:
    del someone
    chosen = _chosen(request, forms)
    form = chosen["leave"]
    if not form.is_valid():
        return None
    starts, ends = form.span()
    acts.stand_in(
        chosen["row"],
        form.chosen,
        starts_at=starts,
        ends_at=ends,
        actor=request.user,
        reason=form.cleaned_data["reason"],
    )
    return _("Wakil dicatat. Haknya berakhir dengan sendirinya.")


def _withdraw(request: StaffRequest, someone: User, forms: dict[str, Any]) -> str | None:
    del someone
    row = _chosen(request, forms)["row"]
    acts.withdraw(row, actor=request.user, reason=_reason(request))
    return _("Peran dicabut.")


def _deactivate(request: StaffRequest, someone: User, forms: dict[str, Any]) -> str | None:
    del forms
    acts.deactivate(request.city, someone, actor=request.user, reason=_reason(request))
    return _("Akun ditutup; semua sesinya berakhir.")


def _reactivate(request: StaffRequest, someone: User, forms: dict[str, Any]) -> str | None:
    del forms
    acts.reactivate(request.city, someone, actor=request.user, reason=_reason(request))
    return _("Akun dibuka lagi.")


def _end_sessions(request: StaffRequest, someone: User, forms: dict[str, Any]) -> str | None:
    del forms
    acts.end_sessions(request.city, someone, actor=request.user)
    return _("Semua sesi orang ini berakhir.")


def _forget_factor(request: StaffRequest, someone: User, forms: dict[str, Any]) -> str | None:
    del forms
    acts.forget_factor(request.city, someone, actor=request.user, reason=_reason(request))
    return _("Faktor kedua dihapus; orang ini memasangnya lagi saat masuk.")


_DEEDS: Final[dict[str, Callable[[StaffRequest, User, dict[str, Any]], str | None]]] = {
    "grant": _grant,
    "change": _change,
    "stand_in": _stand_in,
    "withdraw": _withdraw,
    "deactivate": _deactivate,
    "reactivate": _reactivate,
    "end_sessions": _end_sessions,
    "forget_factor": _forget_factor,
}
"""What the forms of a person's page ask for, by their name."""
