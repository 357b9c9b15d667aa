"""Rights: people are invited, stand in for each other, change roles, leave. Never one's own.

Each function is one transaction and writes down what it changed. A right is read anew with every
request, so a change bites on the next one; who leaves is out of every session at once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from geodata.models import City, Department
from issues import notifications, outbox
from issues.actions.configure import facts, record_change
from issues.errors import NotPermitted, OwnRights, RightsRefused
from issues.models import Invitation, Membership, Unit, User
from issues.workflow import Role

INVITED_FOR: Final = timedelta(days=7)
DEPARTMENTAL: Final = frozenset({Role.LIAISON, Role.CREW})
LONGEST_LEAVE: Final = timedelta(days=366)
_SHOWN: Final = ("role", "department", "area_code", "unit", "starts_at", "ends_at", "deputy_of")


@dataclass(frozen=True, slots=True)
class Capacity:
    """A role and what it is narrowed to; liaisons and crews have a department, the others none."""

    role: Role
    department: Department | None = None
    area_code: str = ""
    unit: Unit | None = None

    def __post_init__(self) -> None:
        """Refuse what no membership may be.

        Raises:
            RightsRefused: role and department, or department and unit, do not go together.
        """
        if (self.role in DEPARTMENTAL) != (self.department is not None):
            raise RightsRefused(_("Penghubung dan petugas lapangan punya dinas; peran lain tidak."))
        if self.unit and self.unit.department_id != (self.department and self.department.pk):
            raise RightsRefused(_("Unit ini bukan bagian dari dinas itu."))

    def columns(self) -> dict[str, Any]:
        """Give the columns of a membership or an invitation."""
        return {
            "role": self.role,
            "department": self.department,
            "area_code": self.area_code,
            "unit": self.unit,
        }


# Coming --------------------------------------------------------------------------------------


@transaction.atomic
def invite(
    city: City, email: str, capacity: Capacity, *, actor: User, name: str = ""
) -> Invitation:
    """Invite somebody by mail; an earlier invitation of the address no longer works.

    Raises:
        NotPermitted: the actor is no administrator here.
        RightsRefused: the address is somebody's who works here or has left.
    """
    _administers(actor, city)
    return _offer(city, email.strip().lower(), capacity, actor=actor, name=name)


@transaction.atomic
def invite_first(city: City, email: str) -> str:
    """Invite the first administrator of a city, on the word of its operator.

    Returns:
        The address of the page that takes the invitation; the letter holds the same.

    Raises:
        RightsRefused: the city has an administrator, who invites everybody else.
    """
    City.objects.select_for_update(no_key=True).get(pk=city.pk)
    rights = Membership.objects.current().filter(city=city, role=Role.ADMINISTRATOR)
    if rights.filter(user__is_active=True).exists():
        raise RightsRefused(_("Kota ini sudah punya administrator; ia yang mengundang."))
    offered = _offer(city, email.strip().lower(), Capacity(Role.ADMINISTRATOR), actor=None)
    return notifications.invitation_page(offered)


def _offer(
    city: City, email: str, capacity: Capacity, *, actor: User | None, name: str = ""
) -> Invitation:
    if Membership.objects.filter(city=city, user__email__iexact=email).exists():
        raise RightsRefused(
            _("Alamat ini sudah milik orang di daftar. Tambah peran di halamannya.")
        )
    if User.objects.filter(email__iexact=email, is_active=False).exists():
        raise RightsRefused(_("Akun dengan alamat ini sudah ditutup."))
    now = timezone.now()
    _open(city, email).update(revoked_at=now)
    invitation = Invitation.objects.create(
        city=city,
        email=email,
        name=name,
        invited_by=actor,
        at=now,
        expires_at=now + INVITED_FOR,
        **capacity.columns(),
    )
    record_change(actor, invitation, {}, facts(invitation, "email", *_SHOWN[:4]))
    outbox.put("invite", invitation_id=invitation.pk)
    return invitation


def _open(city: City, email: str) -> Any:
    return Invitation.objects.filter(city=city, email__iexact=email, used_at=None, revoked_at=None)


@transaction.atomic
def revoke(invitation: Invitation, *, actor: User) -> None:
    """Take an invitation back; its link no longer works."""
    _administers(actor, invitation.city)
    changed = Invitation.objects.filter(pk=invitation.pk, used_at=None, revoked_at=None)
    if changed.update(revoked_at=timezone.now()):
        record_change(actor, invitation, {"open": True}, {"open": False})


@transaction.atomic
def accept(invitation: Invitation, *, name: str, password: str) -> User:
    """Take an invitation: the account with its password, the proved address, the capacity. Once.

    Raises:
        RightsRefused: it was used, revoked or is over, or the account has been closed.
    """
    row = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    user = User.objects.filter(email__iexact=row.email).first()
    if not row.is_open or (user is not None and not user.is_active):
        raise RightsRefused(_("Undangan ini tidak berlaku lagi. Minta yang baru."))
    user = user or User(username=uuid4().hex, email=row.email)
    user.first_name, user.last_name = name, ""
    user.set_password(password)
    user.save()
    _vouch(user)
    row.used_at = timezone.now()
    row.save(update_fields=["used_at"])
    _give(user, row, reason=_("undangan diterima"), actor=row.invited_by)
    return user


def _vouch(user: User) -> None:
    """Take the address as proved: the link went there."""
    EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )


def _give(user: User, row: Invitation, *, reason: str, actor: User | None) -> None:
    capacity = Capacity(Role(row.role), row.department, row.area_code, row.unit)
    given = _saved(Membership(user=user, city=row.city, **capacity.columns()))
    record_change(actor, given, {}, facts(given, *_SHOWN), reason)


# Roles ---------------------------------------------------------------------------------------


@transaction.atomic
def grant(
    city: City, user: User, capacity: Capacity, *, actor: User, reason: str = ""
) -> Membership:
    """Give somebody one more capacity.

    Raises:
        OwnRights: it would be one's own.
        NotPermitted: the actor is no administrator here.
        RightsRefused: they have it already, or have left.
    """
    _administers(actor, city, over=user)
    if not user.is_active:
        raise RightsRefused(_("Akun ini sudah ditutup."))
    given = _saved(Membership(user=user, city=city, **capacity.columns()))
    record_change(actor, given, {}, facts(given, *_SHOWN), reason)
    return given


@transaction.atomic
def change(membership: Membership, capacity: Capacity, *, actor: User, reason: str = "") -> None:
    """Change a capacity; whoever stands in for it does so in the changed one.

    Raises:
        OwnRights: it is one's own.
        NotPermitted: the actor is no administrator here.
        RightsRefused: it is a deputy's, or they have such a capacity already.
    """
    _administers(actor, membership.city, over=membership.user)
    if membership.deputy_of_id is not None:
        raise RightsRefused(_("Peran seorang wakil mengikuti yang diwakilinya."))
    for row in (membership, *Membership.objects.filter(deputy_of=membership)):
        before = facts(row, *_SHOWN)
        for column, value in capacity.columns().items():
            setattr(row, column, value)
        _saved(row)
        record_change(actor, row, before, facts(row, *_SHOWN), reason)
    _forget_invitations_of(membership.user, actor)


@transaction.atomic
def withdraw(membership: Membership, *, actor: User, reason: str = "") -> None:
    """Take a capacity away, and with it those who stand in for it.

    Raises:
        OwnRights: it is one's own.
        NotPermitted: the actor is no administrator here.
    """
    _administers(actor, membership.city, over=membership.user)
    rows = [membership, *Membership.objects.filter(deputy_of=membership)]
    for row in rows:
        record_change(actor, row, facts(row, *_SHOWN), {}, reason)
    people = {row.user_id: row.user for row in rows}
    membership.delete()
    for person in people.values():
        _mark_administrator(person)
    _forget_invitations_of(membership.user, actor)


@transaction.atomic
def stand_in(
    membership: Membership,
    deputy: User,
    *,
    starts_at: datetime,
    ends_at: datetime,
    actor: User,
    reason: str = "",
) -> Membership:
    """Let somebody act in another's capacity between two instants; it ends by itself.

    Raises:
        OwnRights: one would stand in oneself.
        NotPermitted: the actor is no administrator here.
        RightsRefused: the span is no leave, or the two do not fit.
    """
    _administers(actor, membership.city, over=deputy)
    if deputy.pk == membership.user_id or membership.deputy_of_id is not None:
        raise RightsRefused(_("Orang ini tidak dapat mewakili peran itu."))
    if not deputy.is_active or not deputy.memberships.filter(city=membership.city).exists():
        raise RightsRefused(_("Wakil harus orang yang bekerja di kota ini."))
    now = timezone.now()
    if not max(starts_at, now) < ends_at <= starts_at + LONGEST_LEAVE:
        raise RightsRefused(_("Masa perwakilan berakhir sesudah mulai, paling lama setahun."))
    scope = {
        name: getattr(membership, name) for name in ("role", "department", "area_code", "unit")
    }
    row = Membership(
        user=deputy,
        city=membership.city,
        deputy_of=membership,
        starts_at=starts_at,
        ends_at=ends_at,
        **scope,
    )
    given = _saved(row)
    record_change(actor, given, {}, facts(given, *_SHOWN), reason)
    return given


def _saved(row: Membership) -> Membership:
    """Save a capacity, and what it means for the administration's pages.

    Raises:
        RightsRefused: the person has it already.
    """
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise RightsRefused(_("Orang ini sudah punya peran itu.")) from None
    _mark_administrator(row.user)
    return row


# Leaving -------------------------------------------------------------------------------------


@transaction.atomic
def deactivate(city: City, user: User, *, actor: User, reason: str = "") -> None:
    """Close an account: no log-in, every session over, no deputy left, no invitation open.

    Raises:
        OwnRights: it is one's own.
        NotPermitted: the actor is no administrator here, or the person works elsewhere, too.
    """
    _administers(actor, city, over=user)
    _works_only_here(city, user)
    for row in Membership.objects.filter(deputy_of__user=user).select_related("user", "city"):
        record_change(actor, row, facts(row, *_SHOWN), {}, reason)
        row.delete()
        _mark_administrator(row.user)
    User.objects.filter(pk=user.pk).update(is_active=False, session_epoch=F("session_epoch") + 1)
    user.refresh_from_db()
    _open(city, user.email).update(revoked_at=timezone.now())
    _forget_invitations_of(user, actor)
    record_change(actor, user, {"is_active": True}, {"is_active": False}, reason, city=city)


@transaction.atomic
def reactivate(city: City, user: User, *, actor: User, reason: str = "") -> None:
    """Open a closed account again, with the capacities that it had; its old sessions stay over."""
    _administers(actor, city, over=user)
    _works_only_here(city, user)
    User.objects.filter(pk=user.pk).update(is_active=True)
    record_change(actor, user, {"is_active": False}, {"is_active": True}, reason, city=city)
    user.refresh_from_db()


@transaction.atomic
def end_sessions(city: City, user: User, *, actor: User) -> None:
    """Log somebody out everywhere: a lost phone, a forgotten desk."""
    _administers(actor, city, over=user)
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    record_change(actor, user, {"sessions": "open"}, {"sessions": "ended"}, city=city)


@transaction.atomic
def forget_factor(city: City, user: User, *, actor: User, reason: str = "") -> None:
    """Take away a second factor that was lost; every session ends, the next log-in sets one up."""
    _administers(actor, city, over=user)
    _works_only_here(city, user)
    Authenticator.objects.filter(user=user).delete()
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    record_change(actor, user, {"second_factor": True}, {"second_factor": False}, reason, city=city)


def _works_only_here(city: City, user: User) -> None:
    if Membership.objects.filter(user=user).exclude(city=city).exists():
        raise NotPermitted


def _forget_invitations_of(user: User, actor: User) -> None:
    """Revoke what somebody has offered who may no longer offer anything."""
    still = user.is_active and user.memberships.filter(role=Role.ADMINISTRATOR).exists()
    if still:
        return
    rows = Invitation.objects.filter(invited_by=user, used_at=None, revoked_at=None)
    for row in rows.select_related("city"):
        record_change(actor, row, {"open": True}, {"open": False})
    rows.update(revoked_at=timezone.now())


# Who may -------------------------------------------------------------------------------------


def _administers(actor: User, city: City, *, over: User | None = None) -> None:
    """Keep changes of rights to administrators, one at a time, and never of their own.

    The city's row is locked: two administrators who remove each other at the same moment would
    otherwise leave the city without any.
    """
    if over is not None and over.pk == actor.pk:
        raise OwnRights
    City.objects.select_for_update(no_key=True).get(pk=city.pk)
    rights = Membership.objects.current().filter(city=city, role=Role.ADMINISTRATOR)
    if not rights.filter(user=actor, user__is_active=True).exists():
        raise NotPermitted


def _mark_administrator(user: User) -> None:
    """Open Django's pages to administrators; the policy still asks for a right in force."""
    administers = Membership.objects.filter(user=user, role=Role.ADMINISTRATOR).exists()
    if (user.is_staff, user.is_superuser) != (administers, administers):
        User.objects.filter(pk=user.pk).update(is_staff=administers, is_superuser=administers)
        user.is_staff = user.is_superuser = administers


# Units ---------------------------------------------------------------------------------------


@transaction.atomic
def keep_unit(department: Department, *, code: str, name: str, active: bool, actor: User) -> Unit:
    """Add a unit to a department, or rename the one with that code.

    Raises:
        NotPermitted: the actor is no administrator here.
    """
    _administers(actor, department.city)
    unit = Unit.objects.filter(department=department, code=code).first()
    before = facts(unit, "name", "active") if unit else {}
    unit = unit or Unit(department=department, code=code)
    unit.name, unit.active = name, active
    unit.save()
    record_change(actor, unit, before, facts(unit, "name", "active"))
    return unit
