"""What is written down about an issue: decisions, events, things it names, first looks."""

from typing import ClassVar

from django.db import models
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from geodata.models import City, Department, Edition, Jurisdiction, RoutingRule
from issues.models.cases import Issue, Photo
from issues.models.people import User
from issues.workflow import Role, Status, Step


class Decision(models.Model):
    """One answer of routing as it was given, with rule, edition and trace; only ever added."""

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="decisions")
    at = models.DateTimeField()
    service_code = models.CharField(max_length=60)
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, null=True, related_name="+"
    )
    rule = models.ForeignKey(RoutingRule, on_delete=models.PROTECT, null=True, related_name="+")
    jurisdiction = models.ForeignKey(
        Jurisdiction, on_delete=models.PROTECT, null=True, related_name="+"
    )
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, null=True, related_name="+")
    edge_m = models.FloatField(null=True, help_text=_("jarak ke batas wilayah, meter"))
    reason = models.CharField(max_length=400)
    reason_en = models.CharField(max_length=400, blank=True)
    trace = models.JSONField(default=list)

    class Meta:
        """Newest last."""

        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return self.reason

    @property
    def sentence(self) -> str:
        """The public sentence in the reader's language."""
        return self.reason_en if self.reason_en and get_language() == "en" else self.reason


class Event(models.Model):
    """The record that a step was taken; a trigger refuses change, a hash chains it to the last."""

    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="events")
    seq = models.PositiveIntegerField(help_text=_("versi laporan sesudah langkah ini"))
    step = models.CharField(max_length=10, choices=Step.choices)
    status = models.CharField(
        max_length=12, choices=Status.choices, help_text=_("status sesudah langkah ini")
    )
    at = models.DateTimeField()
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    role = models.CharField(max_length=15, choices=Role.choices)
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, null=True, related_name="+"
    )
    note = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        """The order is the version."""

        verbose_name = _("peristiwa")
        verbose_name_plural = _("peristiwa")
        ordering: ClassVar = ["seq"]
        constraints: ClassVar = [
            models.UniqueConstraint("issue", "seq", name="event_has_its_own_version")
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.step}"

    @property
    def is_evidence(self) -> bool:
        """Whether it brought a photo of somebody who has the same problem, not of the reporter."""
        return self.step == Step.ATTACH and self.data.get("kind") == Photo.Kind.EVIDENCE

    @property
    def deed(self) -> str:
        """What was done, in words; of the chain also to whom it went."""
        if self.is_evidence:
            return gettext("Foto bukti dari warga lain")
        label = str(Step(self.step).label)
        if self.step in {Step.REMIND, Step.ESCALATE}:
            return f"{label}: {Role(self.data['to']).label}"
        return label

    @property
    def capacity(self) -> str:
        """In which capacity it was done, in words."""
        return gettext("warga lain") if self.is_evidence else str(Role(self.role).label)


class IssueAsset(models.Model):
    """One thing that an issue is about, by its code: editions come and go, a pole keeps its number.

    Written by `actions`. Who may see the link is who may see the issue.
    """

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="assets")
    city = models.ForeignKey(City, on_delete=models.PROTECT, db_index=False, related_name="+")
    layer = models.CharField(max_length=30)
    code = models.CharField(max_length=80)

    class Meta:
        """A thing is named once an issue."""

        constraints: ClassVar = [
            models.UniqueConstraint("issue", "layer", "code", name="issue_names_an_asset_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["city", "layer", "code"], name="issue_by_asset"),
        ]

    def __str__(self) -> str:
        return f"{self.layer} {self.code}"


class Sighting(models.Model):
    """When somebody of the responsible department first opened an issue; nobody used to know."""

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="sightings")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    department = models.ForeignKey(Department, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        """The first look counts."""

        ordering: ClassVar = ["at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "issue", "user", "department", name="sighting_is_the_first_look"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.at}"


class Presence(models.Model):
    """Who has an issue open on a screen; a hint for colleagues, written by `actions.presence`.

    It stands for a minute after its last beat and binds nobody.
    """

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="presences")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()
    at = models.DateTimeField(help_text=_("denyut terakhir"))

    class Meta:
        """One row for each person and issue; those that are over are found by their last beat."""

        constraints: ClassVar = [
            models.UniqueConstraint("issue", "user", name="presence_is_one_screen")
        ]
        indexes: ClassVar = [models.Index(fields=["at"], name="presence_is_over")]

    def __str__(self) -> str:
        return f"{self.user} {self.at}"


class Flag(models.Model):
    """Something about an issue that somebody of the office must look at; written by `actions`.

    Raised by an event and settled by another; open until then. `data` holds what the words need:
    metres, minutes, the number of the other issue.
    """

    class Kind(models.TextChoices):
        """Why it was raised."""

        HELP = "help", _("petugas perlu bantuan")
        NOT_FOUND = "not_found", _("tidak ditemukan di lokasi")
        FAR = "far", _("foto bukti jauh dari titik laporan")
        OLD = "old", _("foto bukti bukan baru diambil")
        SAME_PHOTO = "same_photo", _("foto bukti sama dengan pekerjaan lain")
        UNPLACED = "unplaced", _("foto bukti tanpa tempat")
        AGAIN = "again", _("masalah yang sama terulang di sini")
        PING_PONG = "ping_pong", _("sudah dua kali ditolak dinas")
        LATE_OP = "late_op", _("langkah dari lapangan datang terlambat")

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="flags")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    data = models.JSONField(default=dict, blank=True)
    raised_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        """Oldest first; what is open is found by its issue."""

        ordering: ClassVar = ["raised_at", "pk"]
        indexes: ClassVar = [
            models.Index(
                fields=["issue"],
                condition=models.Q(settled_at__isnull=True),
                name="flag_open_by_issue",
            )
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
