"""Everything the public can ever see; written by `publication.publish` alone."""

from datetime import datetime
from typing import ClassVar, Self

from django.contrib.gis.db import models
from django.contrib.gis.geos import Polygon
from django.db.models import Q
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

    def after(self, received_at: datetime, pk: int) -> Self:
        """Keep what follows a row in the order newest first: the next page."""
        return self.filter(Q(received_at__lt=received_at) | Q(received_at=received_at, pk__lt=pk))


class PublicIssue(models.Model):
    """The narrow public row of one issue: what tiles, lists and counts need."""

    issue = models.OneToOneField(
        Issue, on_delete=models.CASCADE, primary_key=True, related_name="public"
    )
    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=24)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, null=True, related_name="+"
    )
    jurisdiction = models.ForeignKey(
        Jurisdiction, on_delete=models.PROTECT, null=True, related_name="+"
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
        """One number, one row; the Morton index answers tiles by itself."""

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
                fields=["city", "-received_at", "-issue"], name="public_issue_newest_first"
            ),
        ]

    def __str__(self) -> str:
        return self.number


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

    class Meta:
        """One number, one page."""

        constraints: ClassVar = [
            models.UniqueConstraint("city", "number", name="public_page_is_unique_in_its_city"),
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
