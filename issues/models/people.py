"""People: who may log in, in which capacity, and who reported (kept apart from the report)."""

from datetime import datetime, timedelta
from typing import ClassVar, Final, Self

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from geodata.models import City, Department
from issues.workflow import Role

ROLE_CHOICES: Final = [
    (role, role.label)
    for role in (Role.DISPATCHER, Role.LIAISON, Role.CREW, Role.LEADER, Role.ADMINISTRATOR)
]
"""In which capacities somebody works for a city; a reporter needs no membership."""


def bears(address: str) -> models.Q:
    """Say which rows bear a mail address: the one place where addresses are compared.

    Never by `iexact`: it compares in upper case, where PostgreSQL makes a dotless i an "I" and a
    long s an "S", so that a stranger's address would be another's. Asked as the indexes hold it: in
    small letters.
    """
    if not address.isascii():
        return models.Q(pk__in=[])
    return ~models.Q(email="") & models.Q(Exact(Lower("email"), address.lower()))


class User(AbstractUser):
    """Somebody with an account; an e-mail address or a phone number is the name to log in with."""

    email = models.EmailField(_("alamat surel"), blank=True)
    phone = models.CharField(_("nomor telepon"), max_length=20, blank=True)
    phone_verified = models.BooleanField(default=False)
    language = models.CharField(max_length=5, blank=True)
    session_epoch = models.PositiveIntegerField(
        default=0, db_default=0, help_text=_("naik bila semua sesi harus berakhir")
    )

    class Meta:
        """An address and a number name one person."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("email"), condition=~models.Q(email=""), name="user_email_is_unique"
            ),
            models.UniqueConstraint(
                "phone", condition=~models.Q(phone=""), name="user_phone_is_unique"
            ),
        ]

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Tie sessions to the epoch, too: the next one ends them all, on their next request.

        Nobody's session ends by this rule being new: epoch nought is Django's own hash.
        """
        hashed: str = super()._get_session_auth_hash(secret=secret)  # type: ignore[misc]  # untyped
        if not self.session_epoch:
            return hashed
        mixed = salted_hmac(f"{__name__}.epoch", f"{hashed}:{self.session_epoch}", secret=secret)
        return mixed.hexdigest()


class Unit(models.Model):
    """A part of a department that is given work: a *bidang*, a crew with its car."""

    department = models.ForeignKey(Department, on_delete=models.CASCADE, related_name="units")
    code = models.SlugField(max_length=30)
    name = models.CharField(max_length=120)
    active = models.BooleanField(default=True)

    class Meta:
        """A code names one unit of a department."""

        verbose_name = _("unit")
        verbose_name_plural = _("unit")
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "department", "code", name="unit_code_is_unique_in_its_department"
            )
        ]

    def __str__(self) -> str:
        return self.name


def in_force(now: datetime | None = None, *, prefix: str = "") -> models.Q:
    """Say which capacities hold at an instant: begun, and not over.

    Args:
        now: the instant; this one by default.
        prefix: the way to the capacities from another table, as `memberships__`.
    """
    at = now or timezone.now()
    begun = models.Q(**{f"{prefix}starts_at": None}) | models.Q(**{f"{prefix}starts_at__lte": at})
    lasts = models.Q(**{f"{prefix}ends_at": None}) | models.Q(**{f"{prefix}ends_at__gt": at})
    return begun & lasts


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Capacities, past and future ones too."""

    def current(self, now: datetime | None = None) -> Self:
        """Keep those that hold at an instant: the only ones that give a right."""
        return self.filter(in_force(now))


class InForce(models.Manager["Membership"]):
    """The capacities that hold now."""

    def get_queryset(self) -> MembershipQuerySet:
        """Leave out what has not begun and what is over."""
        return MembershipQuerySet(self.model, using=self._db).current()


class Membership(models.Model):
    """A capacity in which a person acts: a role in a city, narrowed to a department and an area.

    `area_code` names a village or a district; empty means everywhere the department is responsible.
    Written by `actions.people`. A deputy's is a copy of the capacity it stands in for, between two
    instants, and goes with it.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="memberships")
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, null=True, blank=True, related_name="members"
    )
    role = models.CharField(
        max_length=15,
        choices=ROLE_CHOICES,
    )
    area_code = models.CharField(max_length=30, blank=True)
    unit = models.ForeignKey(
        Unit, on_delete=models.SET_NULL, null=True, blank=True, related_name="members"
    )
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    deputy_of = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="deputies"
    )

    # The first manager is the one of `user.memberships`: a right that is over reaches no check.
    in_force = InForce()
    objects = MembershipQuerySet.as_manager()

    class Meta:
        """Liaisons and crews belong to a department, the others to the city."""

        verbose_name = _("peran")
        verbose_name_plural = _("peran")
        constraints: ClassVar = [
            models.UniqueConstraint(
                "user",
                "city",
                "department",
                "role",
                "area_code",
                "deputy_of",
                "starts_at",
                name="membership_is_unique",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=models.Q(starts_at=None)
                | models.Q(ends_at=None)
                | models.Q(ends_at__gt=models.F("starts_at")),
                name="membership_ends_after_its_start",
            ),
            models.CheckConstraint(
                condition=models.Q(deputy_of=None)
                | models.Q(starts_at__isnull=False, ends_at__isnull=False),
                name="membership_of_a_deputy_ends_by_itself",
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=(Role.LIAISON, Role.CREW), department__isnull=False)
                | models.Q(
                    role__in=(Role.DISPATCHER, Role.LEADER, Role.ADMINISTRATOR),
                    department__isnull=True,
                ),
                name="membership_department_fits_the_role",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.get_role_display()}"

    @property
    def last_day(self) -> datetime | None:
        """The last instant at which it holds, so that a page names the last whole day."""
        return self.ends_at and self.ends_at - timedelta(microseconds=1)

    @property
    def scope(self) -> str:
        """What the role is narrowed to, in words: department, unit, area; empty for the city."""
        parts = (
            self.department.short_name if self.department else "",
            self.unit.name if self.unit else "",
            self.area_code,
        )
        return " · ".join(filter(None, parts))


class Reporter(models.Model):
    """Who filed one issue and how to reach them; written by `actions` alone.

    Notifications read it, and staff whom `permissions.sees_identity` lets; public and crew code
    never join this table.
    """

    issue = models.OneToOneField(
        "Issue", on_delete=models.CASCADE, primary_key=True, related_name="reporter"
    )
    user = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    name = models.CharField(max_length=120, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=30, blank=True)
    language = models.CharField(max_length=5, default="id")
    consented_at = models.DateTimeField(null=True, blank=True)
    muted_at = models.DateTimeField(
        null=True, blank=True, help_text=_("sejak kapan tidak ingin dikabari")
    )
    push_to = models.ForeignKey(
        "Subscriber",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("perangkat siapa yang juga dikabari"),
    )

    class Meta:
        """Identity is a table of its own; an account finds its reports by a proved address."""

        verbose_name = _("pelapor")
        verbose_name_plural = _("pelapor")
        indexes: ClassVar = [
            models.Index(Lower("email"), condition=~models.Q(email=""), name="reporter_by_email"),
            models.Index("phone", condition=~models.Q(phone=""), name="reporter_by_phone"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Pace(models.Model):
    """How often somebody has done something of late; written by `issues.pace`.

    `person` is a keyed hash that is another one tomorrow: it names nobody.
    """

    person = models.CharField(max_length=64, primary_key=True)
    until = models.DateTimeField()
    times = models.PositiveIntegerField()

    class Meta:
        """Spans that are over are found by their end."""

        indexes: ClassVar = [models.Index(fields=["until"], name="pace_is_over")]

    def __str__(self) -> str:
        return str(self.times)
