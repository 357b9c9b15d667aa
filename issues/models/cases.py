"""Issues and their photos; what is written down about them is the next chapter."""

from datetime import datetime
from typing import ClassVar, Self
from uuid import UUID

from django.contrib.gis.db import models
from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import Point
from django.contrib.postgres.fields import ArrayField
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from geodata.crs import WGS84
from geodata.models import City, Department, Jurisdiction
from issues.models.kinds import Category
from issues.models.people import Membership, Unit, User
from issues.workflow import HANDED_ON, OPEN, OWNERLESS, TRIAGE, Role, Stage, Status, Step


class IssueQuerySet(models.QuerySet["Issue"]):
    """Issues as staff and invariants see them."""

    def open(self) -> Self:
        """Keep what is not finished."""
        return self.filter(status__in=OPEN)

    def unreviewed(self) -> Self:
        """Keep what has words or photos that nobody has looked at for the public yet."""
        return self.filter(awaits_review())

    def overdue(self, now: datetime | None = None) -> Self:
        """Keep what is open beyond its due date; nothing is while its clock stands still."""
        return self.open().filter(late(now))

    def nearest_to(self, point: Point) -> Self:
        """Order by `distance` from a point (EPSG:4326), which it adds; those without come last."""
        return self.annotate(distance=Distance("point", point)).order_by(
            F("distance").asc(nulls_last=True), "pk"
        )

    def visible_to(self, user: User) -> Self:
        """Keep what a person may see inside: their city's, or their departments' in their areas."""
        scopes = [_scope(membership) for membership in user.memberships.all()]
        if not scopes:
            return self.none()
        seen = Q()
        for scope in scopes:
            seen |= scope
        return self.filter(seen)


def late(now: datetime | None = None) -> Q:
    """Say which open issues are beyond their due date: their clock runs, and it has passed."""
    return Q(due_at__lt=now or timezone.now(), paused_at__isnull=True)


def awaits_review() -> Q:
    """Say which issues have words, or a photo ready since the last review, to be looked at.

    A photo that a reviewer has left unreleased was looked at: it does not come back. All of it
    stands in the issue's own row, so that an index holds exactly those that wait.
    """
    # Ready, not sent: a photo may arrive before a review and be ready only after it.
    waits = Q(reviewed_at__isnull=True) | Q(photo_at__gt=F("reviewed_at"))
    return waits & Q(confidential=False) & ~Q(status=Status.DUPLICATE)


def worked_with() -> Q:
    """Say which photos staff see in lists, without a reason: released, not reviewed, or proof."""
    reviewed = Q(issue__reviewed_at__isnull=False, cleaned_at__lte=F("issue__reviewed_at"))
    proof = Q(kind=Photo.Kind.AFTER, uploaded_by__isnull=False)
    return Q(public=True) | ~reviewed | proof


def _scope(membership: Membership) -> Q:
    """Say which issues a capacity opens."""
    if membership.role in {Role.DISPATCHER, Role.LEADER, Role.ADMINISTRATOR}:
        return Q(city=membership.city_id)
    scope = Q(city=membership.city_id, department=membership.department_id)
    if membership.area_code:
        scope &= Q(jurisdiction__code=membership.area_code) | Q(
            jurisdiction__parent_code=membership.area_code
        )
    return scope


def nothing_spent() -> list[int]:
    """Return no second in any stage."""
    return [0] * len(Stage)


class Issue(models.Model):
    """A problem at a place; written by `issues.actions` alone; `version` counts its events."""

    class Channel(models.TextChoices):
        """*Asal*: the way it reached the city."""

        WEB = "web", _("situs web")
        API = "api", _("API")
        MOBILE = "mobile", _("aplikasi")
        FACEBOOK = "facebook", _("Facebook Sewaka Dharma")
        TWITTER = "twitter", _("X @DenpasarKota")
        INSTAGRAM = "instagram", _("Instagram @DenpasarKota")
        EMAIL = "email", _("surel")
        RADIO = "radio", _("radio RPKD")
        PUSDALOPS = "pusdalops", _("Pusdalops 112")
        WHATSAPP = "whatsapp", _("WhatsApp")
        WALK_IN = "walk_in", _("datang langsung")
        LAPOR = "lapor", _("SP4N-LAPOR")
        OPEN311 = "open311", _("Open311")
        CREW = "crew", _("petugas lapangan")
        OFFICE = "office", _("tim koordinator")

    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="issues")
    uuid = models.UUIDField(help_text=_("dibuat pengirim; kunci idempotensi"))
    body_hash = models.CharField(max_length=64)
    number = models.CharField(max_length=24)
    token_hash = models.CharField(max_length=64)
    token_version = models.PositiveSmallIntegerField(default=1)
    channel = models.CharField(max_length=12, choices=Channel.choices, default=Channel.WEB)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="issues")
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, null=True, blank=True, related_name="issues"
    )
    jurisdiction = models.ForeignKey(
        Jurisdiction, on_delete=models.PROTECT, null=True, blank=True, related_name="issues"
    )
    point = models.PointField(srid=WGS84, null=True, blank=True)
    accuracy_m = models.FloatField(null=True, blank=True)
    address = models.CharField(max_length=300, blank=True, help_text=_("tempat menurut pelapor"))
    place = models.CharField(max_length=300, blank=True, help_text=_("jalan dan wilayah terdekat"))
    description = models.TextField()
    public_text = models.TextField(blank=True, help_text=_("teks yang ditinjau untuk publik"))
    answers = models.JSONField(default=dict, blank=True)
    side = models.CharField(
        max_length=60,
        blank=True,
        db_default="",
        help_text=_("aturan yang dipilih pelapor di dekat batas"),
    )
    street = models.CharField(
        max_length=160,
        blank=True,
        db_default="",
        help_text=_("seluruh jalan ini, bukan satu titik"),
    )
    observed_at = models.DateTimeField(null=True, blank=True, help_text=_("menurut alat pelapor"))
    held = models.BooleanField(
        default=False,
        db_default=False,
        help_text=_("menunggu pemeriksaan: belum publik, belum diteruskan"),
    )
    anonymous = models.BooleanField(default=False)
    confidential = models.BooleanField(default=False)
    hidden = models.BooleanField(default=False)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    photo_at = models.DateTimeField(
        null=True, blank=True, help_text=_("sejak kapan foto terbarunya dapat ditinjau")
    )
    looked_on = models.BooleanField(
        default=False, db_default=False, help_text=_("meja triase sudah menanganinya")
    )
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.SUBMITTED)
    version = models.PositiveIntegerField(default=0)
    assignee = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    unit = models.ForeignKey(
        Unit, on_delete=models.SET_NULL, null=True, blank=True, related_name="issues"
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="parts",
        help_text=_("laporan yang dibagi; ini bagian satu dinas"),
    )
    is_split = models.BooleanField(
        default=False, db_default=False, help_text=_("pernah dibagi ke beberapa dinas")
    )
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="duplicates"
    )
    received_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    dispose_by = models.DateTimeField()
    due_at = models.DateTimeField()
    limit_at = models.DateTimeField()
    joint = models.BooleanField(
        default=False, db_default=False, help_text=_("tenggat bersama: lebih dari satu dinas")
    )
    paused_at = models.DateTimeField(
        null=True, blank=True, help_text=_("sejak kapan jamnya berhenti")
    )
    pauses = models.JSONField(
        default=list,
        db_default=[],
        blank=True,
        help_text=_("jeda sejak jam mulai: why, since, until, reason"),
    )
    next_alarm_at = models.DateTimeField(
        null=True,
        blank=True,
        db_default=Now(),
        help_text=_("kapan kalender melihatnya lagi: pengingat, eskalasi, tanpa jawaban"),
    )
    escalated_to = models.CharField(max_length=15, blank=True, db_default="")
    spent = ArrayField(
        models.PositiveIntegerField(),
        size=len(Stage),
        default=nothing_spent,
        db_default=Value("{0,0,0,0,0,0}"),
        help_text=_("detik pada tiap tahap sampai status sekarang"),
    )
    stood_since = models.DateTimeField(null=True, help_text=_("sejak kapan pada status sekarang"))
    responded_at = models.DateTimeField(null=True, help_text=_("respon pertama kota"))
    reopenings = models.PositiveSmallIntegerField(default=0, db_default=0)
    marked_overdue = models.BooleanField(
        default=False, help_text=_("publik melihatnya melewati batas waktu")
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = IssueQuerySet.as_manager()

    class Meta:
        """The client's id and the human number name one issue of a city; status and owner agree."""

        verbose_name = _("laporan")
        verbose_name_plural = _("laporan")
        constraints: ClassVar = [
            models.UniqueConstraint("city", "uuid", name="issue_uuid_is_unique_in_its_city"),
            models.UniqueConstraint("city", "number", name="issue_number_is_unique_in_its_city"),
            models.UniqueConstraint("token_hash", name="issue_token_is_unique"),
            models.CheckConstraint(
                condition=Q(status__in=Status.values), name="issue_status_is_in_the_workflow"
            ),
            models.CheckConstraint(
                condition=Q(status=Status.DUPLICATE, merged_into__isnull=False)
                | (~Q(status=Status.DUPLICATE) & Q(merged_into__isnull=True)),
                name="issue_duplicate_has_an_original",
            ),
            models.CheckConstraint(
                condition=Q(department__isnull=False) | Q(status__in=OWNERLESS),
                name="issue_has_an_owner_or_sits_in_triage",
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | Q(is_split=False),
                name="issue_part_has_no_parts",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["city", "department", "due_at"],
                condition=Q(status__in=OPEN),
                name="issue_open_by_due",
            ),
            models.Index(
                fields=["city", "received_at"],
                condition=Q(status__in=TRIAGE),
                name="issue_in_triage",
            ),
            models.Index(fields=["city", "-received_at"], name="issue_newest_first"),
            models.Index(
                fields=["city", "category", "closed_at"],
                condition=Q(status=Status.RESOLVED),
                name="issue_repaired_by_kind",
            ),
            models.Index(
                fields=["next_alarm_at", "id"],
                condition=Q(status__in=OPEN, next_alarm_at__isnull=False),
                name="issue_open_by_alarm",
            ),
            models.Index(
                fields=["city", "received_at"],
                condition=Q(status=Status.NEEDS_INFO, department__isnull=True),
                name="issue_asked_by_the_desk",
            ),
            models.Index(
                fields=["city", "received_at"],
                condition=Q(status__in=HANDED_ON, looked_on=False),
                name="issue_not_looked_on",
            ),
            models.Index(
                fields=["city", "received_at"],
                condition=awaits_review() & Q(held=False),
                name="issue_awaits_review",
            ),
            models.Index(
                fields=["city", "street", "-received_at"],
                condition=~Q(street=""),
                name="issue_of_a_whole_street",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def workflow_status(self) -> Status:
        """The status as the workflow's own type."""
        return Status(self.status)

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something."""
        return self.status in OPEN

    @property
    def working_text(self) -> str:
        """The words that staff work with: the reviewed ones once there are, else the reporter's."""
        return self.public_text if self.reviewed_at else self.description

    @property
    def is_withheld(self) -> bool:
        """Whether the public sees nothing of it: no page, no number, no trace at another's.

        Of a part it sees the whole.
        """
        return self.hidden or self.confidential or self.held or self.parent_id is not None

    @property
    def is_overdue(self) -> bool:
        """Whether the due date has passed while it is open and its clock runs."""
        return self.is_open and self.paused_at is None and self.due_at < timezone.now()

    @property
    def risen(self) -> str:
        """How far up an open issue has come, in words; empty for most."""
        if not (self.is_open and self.escalated_to):
            return ""
        return gettext("naik ke %(role)s") % {"role": Role(self.escalated_to).label}

    @property
    def standstill(self) -> str:
        """Why its clock stands still, in words; empty while it runs."""
        if self.paused_at is None or not self.pauses:
            return ""
        return self.pauses[-1]["reason"] or gettext("menunggu jawaban pelapor")

    @property
    def has_open_parts(self) -> bool:
        """Whether departments still work on their parts of it."""
        return self.is_split and self.parts.filter(status__in=OPEN).exists()

    @property
    def confirmed_at(self) -> datetime | None:
        """When its reporter said that the repair holds; None since it was last opened again."""
        said = self.events.filter(
            Q(step=Step.VALIDATE, role=Role.REPORTER) | Q(step=Step.REOPEN)
        ).last()
        return said.at if said and said.step == Step.VALIDATE else None

    @property
    def is_proven(self) -> bool:
        """Whether a photo shows the repair: sent after the issue was last opened again.

        One that is still being cleaned counts, or nobody could close a repair in the field; where
        it turns out to be no picture, `actions.photo_refused` opens the issue again.
        """
        after = self.photos.filter(kind=Photo.Kind.AFTER).exclude(state=Photo.State.REFUSED)
        reopened = self.events.filter(step=Step.REOPEN, at__gte=OuterRef("created_at"))
        return after.filter(~Exists(reopened)).exists()


class Photo(models.Model):
    """One picture of an issue: raw for nobody, clean for staff, released for all."""

    class State(models.TextChoices):
        """How far the worker is."""

        WAITING = "waiting", _("foto diproses")
        CLEAN = "clean", _("siap")
        REFUSED = "refused", _("ditolak")

    class Kind(models.TextChoices):
        """When it was taken."""

        BEFORE = "before", _("sebelum")
        AFTER = "after", _("sesudah")
        EVIDENCE = "evidence", _("bukti pendukung")

    id = models.UUIDField(primary_key=True)
    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="photos")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.BEFORE)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=200, blank=True, help_text=_("mengapa ditolak"))
    original_path = models.CharField(
        max_length=120, blank=True, help_text=_("berkas mentah di bawah MEDIA_ROOT")
    )
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    content_type = models.CharField(max_length=30)
    generation = models.PositiveSmallIntegerField(
        default=0, help_text=_("naik setiap kali ditutupi")
    )
    public = models.BooleanField(default=False)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    taken_at = models.DateTimeField(null=True, help_text=_("menurut kamera"))
    gps = models.PointField(srid=WGS84, null=True, help_text=_("menurut kamera"))
    phash = models.CharField(max_length=16, blank=True)
    captured_at = models.DateTimeField(null=True, help_text=_("menurut alat petugas"))
    capture_point = models.PointField(
        srid=WGS84, null=True, spatial_index=False, help_text=_("menurut alat petugas")
    )
    accuracy_m = models.FloatField(null=True, help_text=_("ketelitian tempat itu, meter"))
    distance_m = models.FloatField(null=True, help_text=_("dari titik laporan, meter"))
    position = models.PositiveSmallIntegerField(default=0)
    uploaded_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    cleaned_at = models.DateTimeField(null=True, help_text=_("sejak kapan petugas melihatnya"))

    class Meta:
        """In the order of arrival."""

        verbose_name = _("foto")
        verbose_name_plural = _("foto")
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(public=False) | Q(state="clean"), name="photo_public_only_when_clean"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["created_at"], condition=~Q(phash=""), name="photo_by_likeness")
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def path(self, size: str) -> str:
        """Where one clean size (`large`, `medium`, `small`) lies, below MEDIA_ROOT."""
        return clean_path(self.pk, self.generation, size)


def clean_path(photo: UUID, generation: int, size: str) -> str:
    """Say where a clean photo lies below MEDIA_ROOT; each generation has a folder of its own."""
    return f"clean/{photo}/{generation}/{size}.jpg"
