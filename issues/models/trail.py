"""The trail of rights and configuration: who may come in, who looked, who changed what. Only added.

Issues have their own history (`records.Event`); this chapter is about everything beside them.
"""

from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from geodata.models import City, Department
from issues.models.cases import Issue
from issues.models.people import ROLE_CHOICES, Unit, User


class Invitation(models.Model):
    """A capacity offered by mail; written by `actions.people`. The link is signed, not stored."""

    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    name = models.CharField(max_length=120, blank=True)
    role = models.CharField(max_length=15, choices=ROLE_CHOICES)
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    area_code = models.CharField(max_length=30, blank=True)
    unit = models.ForeignKey(
        Unit, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """An address has one open invitation to a city."""

        verbose_name = _("undangan")
        verbose_name_plural = _("undangan")
        ordering: ClassVar = ["-at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "city",
                Lower("email"),
                condition=models.Q(used_at=None, revoked_at=None),
                name="invitation_is_open_once",
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def is_open(self) -> bool:
        """Whether the link in the letter still works."""
        return self.used_at is None and self.revoked_at is None and not self.is_over

    @property
    def is_over(self) -> bool:
        """Whether its time has passed."""
        return self.expires_at <= timezone.now()


class ConfigurationChange(models.Model):
    """One field of one row of the configuration, before and after; a trigger refuses change.

    Written by `actions.configure`, in the transaction of the change itself.
    """

    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=40, help_text=_("model yang diubah"))
    object_id = models.CharField(max_length=40)
    object = models.CharField(max_length=200, help_text=_("namanya saat itu"))
    field = models.CharField(max_length=60)
    before = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    after = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    reason = models.CharField(max_length=400, blank=True)

    class Meta:
        """Read newest first, or as the story of one object."""

        verbose_name = _("perubahan konfigurasi")
        verbose_name_plural = _("perubahan konfigurasi")
        indexes: ClassVar = [
            models.Index(fields=["city", "at", "id"], name="configuration_by_time"),
            models.Index(fields=["kind", "object_id"], name="configuration_by_object"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object}: {self.field}"


class Access(models.Model):
    """That somebody opened what lies behind a reason; a trigger refuses change."""

    class Kind(models.TextChoices):
        """What was opened."""

        IDENTITY = "identity", _("identitas pelapor")
        ORIGINAL = "original", _("teks dan foto asli")

    class Purpose(models.TextChoices):
        """What for, of a short list; the words beside it say more."""

        CONTACT = "contact", _("menghubungi pelapor tentang penanganan")
        PLACE = "place", _("memastikan tempat atau keadaan")
        REVIEW = "review", _("meninjau ulang yang sudah dirilis")
        REPORT = "report", _("pengaduan atau permintaan pelapor sendiri")
        LAW = "law", _("permintaan resmi menurut hukum")
        OTHER = "other", _("alasan lain")

    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="accesses")
    actor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    reason = models.CharField(max_length=400)

    class Meta:
        """Read newest first, or what one person has open."""

        verbose_name = _("pembukaan data")
        verbose_name_plural = _("pembukaan data")
        indexes: ClassVar = [
            models.Index(fields=["at", "id"], name="access_by_time"),
            models.Index(fields=["issue", "actor", "at"], name="access_still_open"),
        ]

    def __str__(self) -> str:
        return f"{self.actor} {self.kind}"
