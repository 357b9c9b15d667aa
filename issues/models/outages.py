"""Known outages: one issue for all whom it concerns, with an area and a time."""

from datetime import datetime
from typing import ClassVar, Self

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from geodata.crs import WGS84
from geodata.models import City
from issues.models.cases import Issue
from issues.models.people import User
from issues.workflow import OPEN


class OutageQuerySet(models.QuerySet["Outage"]):
    """Announced outages."""

    def current(self, now: datetime | None = None) -> Self:
        """Keep what is going on, or announced, and still open; and what everybody may see."""
        now = now or timezone.now()
        going_on = Q(ends_at__isnull=True) | Q(ends_at__gt=now)
        return self.filter(going_on, issue__status__in=OPEN, issue__public__isnull=False)


class Outage(models.Model):
    """*Gangguan massal*: what many would report is known; written by `actions.outages`.

    Its issue is the parent of all those reports: who has the problem, too, joins it.
    """

    issue = models.OneToOneField(
        Issue, on_delete=models.CASCADE, primary_key=True, related_name="outage"
    )
    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="+")
    area = models.MultiPolygonField(srid=WGS84)
    places = models.CharField(max_length=300, help_text=_("wilayahnya dalam kata-kata"))
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True, help_text=_("perkiraan; boleh kosong"))
    announced_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = OutageQuerySet.as_manager()

    class Meta:
        """Newest first; it ends after it began."""

        verbose_name = _("gangguan")
        verbose_name_plural = _("gangguan")
        ordering: ClassVar = ["-starts_at"]
        indexes: ClassVar = [models.Index(fields=["city", "ends_at"], name="outage_by_end")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=models.F("starts_at")),
                name="outage_ends_after_it_began",
            )
        ]

    def __str__(self) -> str:
        return self.places
