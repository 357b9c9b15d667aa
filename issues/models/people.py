"""People: who may log in, in which capacity, and who reported (kept apart from the report)."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from geodata.models import City, Department
from issues.workflow import Role


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


class Membership(models.Model):
    """A capacity in which a person acts: a role in a city, narrowed to a department and an area.

    Written in /admin/. `area_code` names a village or a district; empty means everywhere the
    department is responsible.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="memberships")
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, null=True, blank=True, related_name="members"
    )
    role = models.CharField(
        max_length=15,
        choices=[
            (role, role.label)
            for role in (Role.DISPATCHER, Role.LIAISON, Role.CREW, Role.LEADER, Role.ADMINISTRATOR)
        ],
    )
    area_code = models.CharField(max_length=30, blank=True)

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
                name="membership_is_unique",
                nulls_distinct=False,
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
