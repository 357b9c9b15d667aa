"""Everything the public can ever see; written by `publication.publish` alone."""

from datetime import datetime
from typing import ClassVar, Self

from django.contrib.gis.db import models
from django.contrib.gis.geos import Polygon
from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, Lower
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from geodata.crs import WGS84
from geodata.models import City, Department, Jurisdiction
from issues.models.cases import Issue, Photo
from issues.models.kinds import Category
from issues.workflow import Layer


class PublicIssueQuerySet(models.QuerySet["PublicIssue"]):
    """What maps, lists, counts and feeds are made from."""

    def inside(self, box: tuple[float, float, float, float]) -> Self:
        """Keep what lies in a box (W, S, E, N), degrees."""
        area = Polygon.from_bbox(box)
        area.srid = WGS84
        # The extent of a point is the point: no need to ask GEOS.
        return self.filter(point__bboverlaps=area)

    def on_street(self, street: str) -> Self:
        """Keep what the public reads to be on a street; by its name."""
        place = "issue__public_detail__place"
        return self.filter(Q(**{place: street}) | Q(**{f"{place}__startswith": f"{street},"}))

    def within(self, shape: Polygon) -> Self:
        """Keep what lies in a drawing, EPSG:4326."""
        return self.filter(point__coveredby=shape)

    def after(self, received_at: datetime, pk: int) -> Self:
        """Keep what follows a row in the order newest first: the next page."""
        return self.filter(Q(received_at__lt=received_at) | Q(received_at=received_at, pk__lt=pk))


class PublicIssue(models.Model):
    """The narrow public row of one issue: what tiles, lists and counts need."""

    issue = models.OneToOneField(
        Issue, on_delete=models.CASCADE, primary_key=True, related_name="public"
    )
    # City, category and jurisdiction begin a composite index below: no index of their own.
    city = models.ForeignKey(City, on_delete=models.PROTECT, db_index=False, related_name="+")
    number = models.CharField(max_length=24)
    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, null=True, related_name="+"
    )
    jurisdiction = models.ForeignKey(
        Jurisdiction, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    layer = models.PositiveSmallIntegerField(choices=Layer.choices)
    overdue = models.BooleanField(default=False)
    point = models.PointField(srid=WGS84, null=True)
    q = models.BigIntegerField(null=True, help_text=_("nomor Morton sel z24"))
    day = models.DateField(help_text=_("tanggal setempat diterima"))
    received_at = models.DateTimeField(help_text=_("dibulatkan menurut aturan privasi"))
    changed_at = models.DateTimeField(help_text=_("perubahan publik terakhir, dibulatkan"))
    due_at = models.DateTimeField(null=True)

    objects = PublicIssueQuerySet.as_manager()

    class Meta:
        """One number, one row; covering indexes find the rows of tiles and of lists."""

        constraints: ClassVar = [
            models.UniqueConstraint("city", "number", name="public_number_is_unique_in_its_city"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["city", "q"],
                include=["layer", "category", "department", "day", "overdue"],
                name="public_issue_by_cell",
            ),
            models.Index(
                fields=["jurisdiction", "city", "q"],
                include=["layer", "category", "department", "day", "overdue", "received_at"],
                name="public_issue_by_area",
            ),
            models.Index(
                fields=["city", "-received_at", "-issue"],
                include=["layer", "category", "department", "jurisdiction", "day", "overdue"],
                name="public_issue_newest_first",
            ),
            models.Index(
                fields=["category", "city", "-received_at", "-issue"],
                include=["layer", "department", "jurisdiction", "day", "overdue"],
                name="public_issue_newest_of_kind",
            ),
            GistIndex(
                fields=["category", "point"],
                condition=Q(layer__lt=Layer.DONE),
                name="public_issue_open_near",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class PublicSpan(models.Model):
    """The days on which the public map showed an issue in one layer: what `as_of` reads.

    At the end of day D the map showed what has `since` <= D < `until` (still does, where `until`
    is null). Place, category and department are the issue's present ones in every span: history
    never shows a place that was public once. A hidden issue has no span; a duplicate keeps those
    of before it was merged.
    """

    # The composite indexes below begin with these keys, or nobody asks by them: no index of each.
    issue = models.ForeignKey(
        Issue, on_delete=models.CASCADE, db_index=False, related_name="public_spans"
    )
    city = models.ForeignKey(City, on_delete=models.PROTECT, db_index=False, related_name="+")
    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    jurisdiction = models.ForeignKey(
        Jurisdiction, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    layer = models.PositiveSmallIntegerField(choices=Layer.choices)
    q = models.BigIntegerField(null=True, help_text=_("nomor Morton sel z24"))
    day = models.DateField(help_text=_("tanggal setempat diterima"))
    since = models.DateField(help_text=_("tanggal setempat, hari pertama"))
    until = models.DateField(null=True, help_text=_("tanggal setempat, hari pertama sesudahnya"))

    class Meta:
        """At most one span begins a day; the indexes are those of `PublicIssue`, for a past day."""

        constraints: ClassVar = [
            models.UniqueConstraint("issue", "since", name="public_span_starts_once"),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=models.F("since")),
                name="public_span_lasts",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["city", "q"],
                include=["layer", "category", "department", "since", "until"],
                name="public_span_by_cell",
            ),
            models.Index(
                fields=["jurisdiction", "city", "q"],
                include=["layer", "category", "department", "since", "until"],
                name="public_span_by_area",
            ),
            models.Index(
                fields=["city", "-day", "-issue"],
                include=["layer", "category", "department", "jurisdiction", "since", "until"],
                name="public_span_newest_first",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.issue_id} {self.get_layer_display()} {self.since}"


class PublicDetailManager(models.Manager["PublicDetail"]):
    """Read pages without what only the search's indexes need."""

    def get_queryset(self) -> models.QuerySet["PublicDetail"]:
        """Leave the generated columns where they are."""
        return super().get_queryset().defer("search", "words")


class PublicDetail(models.Model):
    """The public page of one issue: reviewed words, place, who handles it, what happened.

    `timeline` is a list of `{step, status, layer, at, department, note}`, oldest first. `original`
    is the number that a duplicate points to; a duplicate has this row but no `PublicIssue`.
    """

    issue = models.OneToOneField(
        Issue, on_delete=models.CASCADE, primary_key=True, related_name="public_detail"
    )
    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=24)
    original = models.CharField(max_length=24, blank=True)
    text = models.TextField(blank=True)
    place = models.CharField(max_length=300, blank=True)
    route = models.CharField(max_length=400, blank=True)
    route_en = models.CharField(max_length=400, blank=True)
    status = models.CharField(max_length=12)
    timeline = models.JSONField(default=list)
    supports = models.PositiveIntegerField(
        default=0, db_default=0, help_text=_("berapa orang: saya juga")
    )
    paused_at = models.DateTimeField(
        null=True, help_text=_("sejak kapan jamnya berhenti, dibulatkan")
    )
    paused_for = models.CharField(
        max_length=300, blank=True, db_default="", help_text=_("mengapa; kosong: jawaban pelapor")
    )
    # As they stand and by their Indonesian stems; the place (A) weighs more than the words (B).
    search = models.GeneratedField(
        expression=SearchVector("place", weight="A", config="simple")
        + SearchVector("place", weight="A", config="indonesian")
        + SearchVector("text", weight="B", config="simple")
        + SearchVector("text", weight="B", config="indonesian"),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    # For words that are spelt otherwise, and scripts that the search's parser does not know.
    words = models.GeneratedField(
        expression=Lower(Concat("place", Value(" "), "text", output_field=models.TextField())),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects = PublicDetailManager()

    class Meta:
        """One number, one page."""

        constraints: ClassVar = [
            models.UniqueConstraint("city", "number", name="public_page_is_unique_in_its_city"),
        ]
        indexes: ClassVar = [
            GinIndex(fields=["search"], name="public_page_by_word"),
            GinIndex(OpClass(F("words"), name="gin_trgm_ops"), name="public_page_by_letters"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def sentence(self) -> str:
        """Who handles it and why, in the reader's language."""
        return self.route_en if self.route_en and get_language() == "en" else self.route


class PublicPhoto(models.Model):
    """A clean photo that a reviewer released; its file is `Photo.path(size)` of this generation."""

    photo = models.OneToOneField(
        "Photo", on_delete=models.CASCADE, primary_key=True, related_name="public_photo"
    )
    detail = models.ForeignKey(PublicDetail, on_delete=models.CASCADE, related_name="photos")
    generation = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    position = models.PositiveSmallIntegerField()

    class Meta:
        """In the order of arrival."""

        ordering: ClassVar = ["position"]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_after(self) -> bool:
        """Whether it shows the repair."""
        return self.kind == Photo.Kind.AFTER
