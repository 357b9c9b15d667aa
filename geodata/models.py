"""Places and who answers for them: cities, editions, areas, assets, departments, rules.

Geometries are EPSG:4326, longitude before latitude. Nothing here knows that an issue exists.
"""

from datetime import datetime
from typing import ClassVar, Self

from django.contrib.gis.db import models
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import (
    ArrayField,
    DateRangeField,
    DateTimeRangeField,
    RangeOperators,
)
from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from geodata import hours
from geodata.crs import WGS84
from geodata.levels import Level
from geodata.proposals import Draft, DraftArea

__all__ = [
    "Asset",
    "BasemapFeature",
    "BasemapKind",
    "City",
    "Department",
    "Draft",
    "DraftArea",
    "Edition",
    "EditionQuerySet",
    "Jurisdiction",
    "JurisdictionQuerySet",
    "Landmark",
    "Level",
    "RoadClass",
    "RoutingRule",
    "searched_words",
]


class City(models.Model):
    """One city that runs the system; written by `load_reference`."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    short_name = models.CharField(max_length=60)
    province = models.CharField(max_length=60, blank=True)
    prefix = models.CharField(
        max_length=5, unique=True, help_text=_("awalan nomor laporan, mis. DPS")
    )
    host = models.CharField(
        max_length=200, blank=True, help_text=_("nama host; kosong: kota bawaan")
    )
    zone = models.CharField(max_length=40, default="Asia/Makassar")
    metric_srid = models.PositiveIntegerField(help_text=_("SRID proyeksi bersatuan meter"))
    center = models.PointField(srid=WGS84)
    extent = ArrayField(models.FloatField(), size=4, help_text=_("kotak W, S, E, N dalam derajat"))
    emergency = models.CharField(max_length=20, default="112")
    contact = models.JSONField(default=dict, blank=True)
    office_hours = models.JSONField(
        default=dict, validators=[hours.check], help_text=_("hari (0 = Senin) → [buka, tutup]")
    )
    calendar_at = models.DateTimeField(
        null=True, editable=False, help_text=_("sejak kapan hari dan jam kerja seperti sekarang")
    )
    banner = models.CharField(
        max_length=300,
        blank=True,
        db_default="",
        help_text=_("pengumuman darurat di setiap halaman"),
    )
    banner_en = models.CharField(max_length=300, blank=True, db_default="")
    banner_from = models.DateTimeField(null=True, blank=True)
    banner_until = models.DateTimeField(null=True, blank=True)
    requires_account = models.BooleanField(default=False, help_text=_("melapor harus dengan akun"))

    class Meta:
        """One host name serves one city."""

        verbose_name = _("kota")
        verbose_name_plural = _("kota")
        constraints: ClassVar = [
            models.UniqueConstraint("host", condition=~Q(host=""), name="city_host_is_unique"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def announcement(self) -> str:
        """What every page says at its top now, in the reader's language; mostly nothing."""
        now = timezone.now()
        begun = self.banner_from is None or self.banner_from <= now
        lasts = self.banner_until is None or now < self.banner_until
        if not (self.banner and begun and lasts):
            return ""
        return self.banner_en if self.banner_en and get_language() == "en" else self.banner


class Department(models.Model):
    """Who receives issues: an OPD, a Perumda, a ministry, a company; from `load_reference`."""

    class Kind(models.TextChoices):
        """What sort of body it is."""

        OPD = "opd", _("OPD kota")
        PERUMDA = "perumda", _("perusahaan daerah")
        AREA = "area", _("desa/kelurahan")
        PROVINCE = "province", _("provinsi")
        MINISTRY = "ministry", _("kementerian")
        COMPANY = "company", _("perusahaan")

    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="departments")
    code = models.CharField(max_length=30)
    name = models.CharField(max_length=160)
    short_name = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    external = models.BooleanField(default=False, help_text=_("pihak luar tanpa akun"))
    tasks = models.TextField(blank=True)
    email = models.EmailField(blank=True)
    validates = models.BooleanField(
        default=False, help_text=_("perbaikan harus divalidasi orang kedua")
    )
    office_hours = models.JSONField(
        default=dict,
        db_default={},
        blank=True,
        validators=[hours.check],
        help_text=_("hari (0 = Senin) → [buka, tutup]; kosong: jam kerja kota"),
    )
    active = models.BooleanField(default=True)

    class Meta:
        """A code names one department of a city."""

        verbose_name = _("dinas")
        verbose_name_plural = _("dinas")
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint("city", "code", name="department_code_is_unique_in_its_city"),
        ]

    def __str__(self) -> str:
        return self.name


class EditionQuerySet(models.QuerySet["Edition"]):
    """Imports of one layer through time."""

    def current(self, at: datetime | None = None) -> Self:
        """Keep the editions in force at an instant (default: now)."""
        return self.filter(valid__contains=at or timezone.now())


class Edition(models.Model):
    """One import of one layer of a city, in force during `valid`; written by imports only."""

    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="editions")
    layer = models.CharField(
        max_length=30, help_text=_("tingkat wilayah, atau lapisan aset (road, lamp, …)")
    )
    dataset = models.CharField(
        max_length=60, blank=True, help_text=_("beberapa sumber untuk satu lapisan")
    )
    source = models.CharField(max_length=300)
    licence = models.CharField(max_length=200, blank=True)
    source_date = models.DateField(null=True, blank=True)
    crs = models.CharField(max_length=200, blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    checksum = models.CharField(max_length=64, blank=True, help_text=_("SHA-256 berkas"))
    approximate = models.BooleanField(default=False, help_text=_("wilayah perkiraan untuk demo"))
    rows = models.PositiveIntegerField(default=0)
    accepted = models.JSONField(
        default=list, blank=True, help_text=_("masalah yang diterima saat impor")
    )
    valid = DateTimeRangeField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects = EditionQuerySet.as_manager()

    class Meta:
        """One edition of a dataset is in force at a time."""

        verbose_name = _("edisi")
        verbose_name_plural = _("edisi")
        constraints: ClassVar = [
            ExclusionConstraint(
                name="one_edition_in_force_at_a_time",
                expressions=[
                    ("city", RangeOperators.EQUAL),
                    ("layer", RangeOperators.EQUAL),
                    ("dataset", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.city.slug} {self.layer} {self.source}"


class JurisdictionQuerySet(models.QuerySet["Jurisdiction"]):
    """Areas with an authority."""

    def current(self, at: datetime | None = None) -> Self:
        """Keep the areas whose edition is in force at an instant (default: now)."""
        return self.filter(edition__valid__contains=at or timezone.now())


class Jurisdiction(models.Model):
    """An area with one authority, as one edition draws it; written by imports only."""

    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="jurisdictions")
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="jurisdictions")
    level = models.PositiveSmallIntegerField(choices=Level.choices)
    code = models.CharField(max_length=30)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=30, blank=True, help_text=_("desa, kelurahan, kecamatan, …"))
    parent_code = models.CharField(max_length=30, blank=True)
    area = models.MultiPolygonField(srid=WGS84)

    objects = JurisdictionQuerySet.as_manager()

    class Meta:
        """Codes are unique inside an edition, geometries valid."""

        verbose_name = _("wilayah")
        verbose_name_plural = _("wilayah")
        ordering: ClassVar = ["level", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "edition", "code", name="jurisdiction_code_is_unique_in_its_edition"
            ),
            models.CheckConstraint(
                condition=Q(area__isvalid=True), name="jurisdiction_area_is_valid"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind.capitalize()} {self.name}".strip()


def searched_words() -> models.GeneratedField:
    """Keep a name's words in the one spelling that search compares (`words_v1.sql`)."""
    words = Func(F("name"), function="geodata_words")
    return models.GeneratedField(expression=words, output_field=models.TextField(), db_persist=True)


_BY_WORDS = OpClass(F("words"), name="gin_trgm_ops")


class RoadClass(models.TextChoices):
    """Who owns a road, by its legal status (not its looks)."""

    NATIONAL = "national", _("jalan nasional")
    PROVINCE = "province", _("jalan provinsi")
    CITY = "city", _("jalan kota")
    NEIGHBOURHOOD = "neighbourhood", _("jalan lingkungan")
    TOLL = "toll", _("jalan tol")


class Asset(models.Model):
    """A thing at a place: a street lamp (point), a road segment (line); written by imports only."""

    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="assets")
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="assets")
    layer = models.CharField(max_length=30, help_text=_("road, lamp, …"))
    code = models.CharField(max_length=80, blank=True)
    name = models.CharField(max_length=160, blank=True)
    road_class = models.CharField(max_length=15, choices=RoadClass.choices, blank=True)
    owner = models.CharField(max_length=160, blank=True)
    valid = DateRangeField(null=True, blank=True, help_text=_("kosong: berlaku selama edisinya"))
    properties = models.JSONField(default=dict, blank=True)
    geom = models.GeometryField(srid=WGS84)
    words = searched_words()

    class Meta:
        """A road has a class."""

        verbose_name = _("aset")
        verbose_name_plural = _("aset")
        indexes: ClassVar = [
            models.Index(fields=["city", "layer", "code"], name="asset_by_code"),
            GinIndex(_BY_WORDS, name="asset_road_by_words", condition=Q(layer="road")),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(layer="road") | ~Q(road_class=""), name="asset_road_has_a_class"
            ),
        ]

    def __str__(self) -> str:
        return self.code or self.name


class BasemapKind(models.TextChoices):
    """What a basemap is drawn of, from the ground up."""

    LAND = "land", _("daratan")
    GREEN = "green", _("taman dan sawah")
    WATER = "water", _("air")
    BUILDINGS = "buildings", _("bangunan")
    ROADS = "roads", _("jalan")
    LABELS = "labels", _("nama tempat")

    @property
    def layer(self) -> str:
        """Name of its editions; the hyphen keeps it from being a layer of assets."""
        return f"basemap-{self.value}"


class BasemapFeature(models.Model):
    """A thing to be drawn under the issues; imports write it and take the last edition's away."""

    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="+")
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=BasemapKind.choices)
    rank = models.PositiveSmallIntegerField(help_text=_("0 yang terpenting"))
    from_zoom = models.PositiveSmallIntegerField(help_text=_("zoom ubin pertama yang memuatnya"))
    sort = models.CharField(max_length=30, blank=True, help_text=_("kelas seperti di berkas"))
    name = models.CharField(max_length=160, blank=True)
    geom = models.GeometryField(srid=WGS84, spatial_index=False)
    words = searched_words()

    class Meta:
        """Tiles ask by place and zoom, people by name."""

        verbose_name = verbose_name_plural = _("isi peta dasar")
        indexes: ClassVar = [
            GistIndex(fields=["geom", "from_zoom"], name="basemap_by_place_and_zoom"),
            GinIndex(_BY_WORDS, name="basemap_by_words", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name or f"{self.kind} {self.sort}"


class Landmark(models.Model):
    """A place that people name instead of a street; written by `load_reference`."""

    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="landmarks")
    code = models.CharField(max_length=60)
    name = models.CharField(max_length=160, help_text=_("semua sebutannya, dipisah |"))
    kind = models.CharField(max_length=30, help_text=_("pasar, rumah sakit, sekolah, …"))
    approximate = models.BooleanField(default=False, help_text=_("letak perkiraan"))
    active = models.BooleanField(default=True)
    point = models.PointField(srid=WGS84)
    words = searched_words()

    class Meta:
        """A code names one landmark of a city."""

        verbose_name = verbose_name_plural = _("tempat terkenal")
        constraints: ClassVar = [models.UniqueConstraint("city", "code", name="landmark_by_code")]

    def __str__(self) -> str:
        return self.name.partition("|")[0]


class RoutingRule(models.Model):
    """One line of "who is responsible": a kind of issue × a place → a department.

    Written by `load_reference`. `service_code` is a leaf, a parent (codes are paths: `lpju` holds
    `lpju-mati`) or empty for everything. The place is one of: the whole city (all place fields
    empty), the area `area_code` of `level`, or the nearest road being of `road_class` and within
    `within_m`.
    """

    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="rules")
    code = models.CharField(max_length=60)
    service_code = models.CharField(max_length=60, blank=True)
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="rules")
    level = models.PositiveSmallIntegerField(choices=Level.choices, null=True, blank=True)
    area_code = models.CharField(max_length=30, blank=True)
    road_class = models.CharField(max_length=15, choices=RoadClass.choices, blank=True)
    within_m = models.PositiveSmallIntegerField(default=30)
    facts = models.JSONField(default=dict, blank=True, help_text=_("jawaban yang disyaratkan"))
    priority = models.SmallIntegerField(default=0)
    fallback = models.BooleanField(default=False)
    valid = DateRangeField(null=True, blank=True)
    explanation = models.CharField(max_length=200)
    explanation_en = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=300, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        """The code breaks the last tie, so it is unique; a place is an area or a road, not both."""

        verbose_name = _("aturan")
        verbose_name_plural = _("aturan")
        constraints: ClassVar = [
            models.UniqueConstraint("city", "code", name="rule_code_is_unique_in_its_city"),
            models.CheckConstraint(
                condition=Q(road_class="") | Q(level__isnull=True),
                name="rule_place_is_an_area_or_a_road",
            ),
            models.CheckConstraint(
                condition=Q(level__isnull=True, area_code="")
                | (Q(level__isnull=False) & ~Q(area_code="")),
                name="rule_area_has_level_and_code",
            ),
        ]

    def __str__(self) -> str:
        return self.code
