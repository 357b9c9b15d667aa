"""Who is reminded of a date and when it goes up the chain: reference data; and who was told."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from geodata.models import City
from issues.models.kinds import Clock
from issues.models.people import User
from issues.models.records import Event
from issues.workflow import Role


class Escalation(models.Model):
    """One rule of the chain crew → liaison → dispatcher → leader; from `load_reference`.

    It goes off once for each start of an issue's clocks: when `percent` of the working time until
    the date has passed, or `days_after` working days after the date (0: on the dot).
    """

    class Date(models.TextChoices):
        """Of which date of an issue."""

        DISPOSE = "dispose", _("disposisi")
        DUE = "due", _("target")
        LIMIT = "limit", _("batas")

    class Kind(models.TextChoices):
        """What it does."""

        REMIND = "remind", _("mengingatkan")
        ESCALATE = "escalate", _("menaikkan")

    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="escalations")
    code = models.SlugField(max_length=40)
    clock = models.ForeignKey(
        Clock,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("kosong: semua tenggat"),
    )
    date = models.CharField(max_length=7, choices=Date.choices)
    percent = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("persen waktu kerja sampai tanggal itu, 1 sampai 99")
    )
    days_after = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("hari kerja sesudah tanggal itu; 0: tepat saat itu")
    )
    role = models.CharField(
        max_length=15,
        choices=[
            (role, role.label) for role in (Role.CREW, Role.LIAISON, Role.DISPATCHER, Role.LEADER)
        ],
    )
    kind = models.CharField(max_length=8, choices=Kind.choices)
    active = models.BooleanField(default=True)

    class Meta:
        """A code names one rule of a city, which goes off before or after, never both."""

        verbose_name = _("aturan pengingat")
        verbose_name_plural = _("aturan pengingat")
        ordering: ClassVar = ["code"]
        constraints: ClassVar = [
            models.UniqueConstraint("city", "code", name="escalation_code_is_unique_in_its_city"),
            models.CheckConstraint(
                condition=Q(percent__isnull=False, percent__range=(1, 99), days_after__isnull=True)
                | Q(percent__isnull=True, days_after__isnull=False),
                name="escalation_goes_off_before_or_after",
                violation_error_message=_(
                    "Isi persen (1 sampai 99) atau hari sesudahnya, satu saja."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Alarm(models.Model):
    """That one person must hear of a reminder or an escalation; written by `actions.alarms`."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    told_at = models.DateTimeField(null=True, help_text=_("surat yang memuatnya"))

    class Meta:
        """Nobody hears of one event twice; who waits is found without looking at what was told."""

        constraints: ClassVar = [
            models.UniqueConstraint("event", "user", name="alarm_tells_a_person_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "told_at"], name="alarm_by_person"),
            models.Index(
                fields=["user"], condition=Q(told_at__isnull=True), name="alarm_waits_for_a_letter"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.event_id}"
