"""What an administrator proposes before it counts: a set of areas, or a routing rule.

A proposal is drawn up, weighed (what would move?), published at an instant and may be undone. The
rows stay: they are the history of who changed the map of responsibility, when, and from what to
what. Written by `issues.actions.proposing`; imports of operators do not pass here.
"""

from typing import ClassVar

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.utils.translation import gettext_lazy as _

from geodata.crs import WGS84
from geodata.levels import Level


class DraftState(models.TextChoices):
    """Where a proposal stands."""

    CHECKING = "checking", _("sedang diperiksa")
    REFUSED = "refused", _("bermasalah")
    READY = "ready", _("siap diterbitkan")
    WAITING = "waiting", _("menunggu terbit")
    PUBLISHED = "published", _("terbit")
    UNDOING = "undoing", _("sedang dibatalkan")
    UNDONE = "undone", _("dibatalkan")
    DROPPED = "dropped", _("dibuang")


class Draft(models.Model):
    """One proposal: areas of a level (`level` set), or a routing rule (`after` set, or `before`).

    `problems` are the faults of a file as `errors.Problem` has them, with `shape` as GeoJSON.
    `impact` lists the open issues that would change owner as they were found at `weighed_at`;
    once published, those that did.
    """

    State = DraftState

    city = models.ForeignKey("geodata.City", models.PROTECT, related_name="drafts")
    level = models.PositiveSmallIntegerField(choices=Level.choices, null=True, blank=True)
    dataset = models.CharField(max_length=60, blank=True)
    source = models.CharField(max_length=300)
    licence = models.CharField(max_length=200, blank=True)
    source_date = models.DateField(null=True, blank=True)
    crs = models.CharField(max_length=200, blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    checksum = models.CharField(max_length=64, blank=True, help_text=_("SHA-256 berkas"))
    path = models.CharField(max_length=200, blank=True, help_text=_("tempat berkas disimpan"))
    accepts_slivers = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=DraftState.choices)
    refusal = models.CharField(max_length=300, blank=True)
    problems = models.JSONField(default=list, blank=True)
    notes = models.JSONField(default=list, blank=True)
    rule = models.ForeignKey("geodata.RoutingRule", models.PROTECT, null=True, related_name="+")
    before = models.JSONField(null=True, blank=True, help_text=_("aturan sebelum perubahan"))
    after = models.JSONField(null=True, blank=True, help_text=_("aturan sesudah perubahan"))
    impact = models.JSONField(default=list, blank=True)
    looked_at = models.PositiveIntegerField(default=0, help_text=_("laporan yang dihitung ulang"))
    weighed_at = models.DateTimeField(null=True, blank=True)
    weighed_on = models.CharField(
        max_length=64, blank=True, help_text=_("peta dan aturan saat itu")
    )
    edition = models.OneToOneField("geodata.Edition", models.PROTECT, null=True, related_name="+")
    closed = ArrayField(models.BigIntegerField(), default=list, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    publish_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Newest first."""

        verbose_name = verbose_name_plural = _("usulan perubahan")
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [models.Index(fields=["city", "-id"], name="draft_by_city")]

    def __str__(self) -> str:
        return f"{self.source} ({self.get_state_display()})"

    @property
    def is_of_areas(self) -> bool:
        """Whether it proposes areas, not a rule."""
        return self.level is not None

    @property
    def is_moving(self) -> bool:
        """Whether a worker has it in hand, so that its page should be looked at again soon."""
        weighing = self.state == DraftState.READY and self.weighed_at is None
        return weighing or self.state in {DraftState.CHECKING, DraftState.UNDOING}

    @property
    def is_tolerable(self) -> bool:
        """Whether all that is wrong with it may be accepted as slivers."""
        return bool(self.problems) and all(one.get("tolerable") for one in self.problems)


class DraftArea(models.Model):
    """An area of a proposal; it may be invalid, for faults are shown as they were drawn."""

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="areas")
    code = models.CharField(max_length=30, blank=True)
    name = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=30, blank=True)
    parent_code = models.CharField(max_length=30, blank=True)
    area = models.MultiPolygonField(srid=WGS84, spatial_index=False)

    class Meta:
        """By code, as a list reads."""

        verbose_name = verbose_name_plural = _("wilayah usulan")
        ordering: ClassVar = ["code", "pk"]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"
