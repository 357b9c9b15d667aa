"""The kinds of problems and the time the city gives itself: reference data, and the numbers."""

from typing import ClassVar, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import OuterRef
from django.db.models.functions import JSONObject
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from geodata.models import City
from issues.questions import FIELDS


class Clock(models.Model):
    """How long the city gives itself; working days of its calendar; written by `load_reference`."""

    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="clocks")
    code = models.CharField(max_length=30)
    disposition_hours = models.PositiveSmallIntegerField(default=24)
    target_days = models.PositiveSmallIntegerField(default=3)
    limit_days = models.PositiveSmallIntegerField(default=7)
    joint_target_days = models.PositiveSmallIntegerField(default=7)
    joint_limit_days = models.PositiveSmallIntegerField(default=30)
    answer_days = models.PositiveSmallIntegerField(
        default=10,
        db_default=10,
        help_text=_("hari kerja tanpa jawaban pelapor, sesudah itu laporan ditutup"),
    )
    source = models.CharField(max_length=300, blank=True)

    class Meta:
        """A code names one clock of a city."""

        verbose_name = _("tenggat")
        verbose_name_plural = _("tenggat")
        constraints: ClassVar = [
            models.UniqueConstraint("city", "code", name="clock_code_is_unique_in_its_city")
        ]

    def __str__(self) -> str:
        return self.code


class Holiday(models.Model):
    """A day on which the city does not work; written by `load_reference` and in /admin/."""

    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="holidays")
    date = models.DateField()
    name = models.CharField(max_length=160)
    kind = models.CharField(
        max_length=10,
        choices=[
            ("national", _("libur nasional")),
            ("joint", _("cuti bersama")),
            ("local", _("hari raya setempat")),
        ],
    )

    class Meta:
        """One row a day."""

        verbose_name = _("hari libur")
        verbose_name_plural = _("hari libur")
        ordering: ClassVar = ["date"]
        constraints: ClassVar = [
            models.UniqueConstraint("city", "date", name="holiday_is_unique_in_its_city")
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.name}"


class CategoryQuerySet(models.QuerySet["Category"]):
    """Kinds of problems."""

    def asking(self) -> Self:
        """Add `own_questions`: rows of what each kind itself asks, in the same statement."""
        own = Question.objects.filter(category=OuterRef("pk"), active=True)
        row = JSONObject(**{name: name for name in FIELDS})
        return self.annotate(own_questions=ArraySubquery(own.order_by("position").values_list(row)))


class Category(models.Model):
    """A kind of problem: *jenis* (no parent) or *subkategori*; written by `load_reference`.

    A child's `service_code` is its parent's code, a hyphen and more: a rule for the parent serves
    the child.
    """

    class Nature(models.TextChoices):
        """*Sifat*: how urgent the kind is."""

        ORDINARY = "biasa", _("biasa")
        URGENT = "segera", _("segera")
        EMERGENCY = "darurat", _("darurat")

    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="categories")
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    service_code = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True)
    description = models.TextField(blank=True)
    description_en = models.TextField(blank=True)
    keywords = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    related = ArrayField(
        models.CharField(max_length=60),
        default=list,
        blank=True,
        help_text=_("kode jenis lain yang sering sama masalahnya"),
    )
    icon = models.CharField(max_length=30, default="other")
    nature = models.CharField(max_length=10, choices=Nature.choices, default=Nature.ORDINARY)
    confidential = models.BooleanField(
        default=False, help_text=_("laporan jenis ini berawal rahasia")
    )
    fast_lane = models.BooleanField(
        default=False, help_text=_("prasarana fisik: langsung ke dinas")
    )
    exact_place = models.BooleanField(default=True, help_text=_("titik tepat boleh publik"))
    warning = models.TextField(blank=True, help_text=_("ditunjukkan lebih dulu, mis. nomor 112"))
    warning_en = models.TextField(blank=True)
    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="+")
    duplicate_radius_m = models.PositiveSmallIntegerField(
        default=100, help_text=_("sejauh ini laporan lain mungkin tentang hal yang sama, meter")
    )
    position = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)

    objects = CategoryQuerySet.as_manager()

    class Meta:
        """A code names one category of a city."""

        verbose_name = _("kategori")
        verbose_name_plural = _("kategori")
        ordering: ClassVar = ["position", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "city", "service_code", name="service_code_is_unique_in_its_city"
            )
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def caution(self) -> str:
        """What to read before reporting, in the reader's language; empty for most kinds."""
        return self.warning_en if self.warning_en and get_language() == "en" else self.warning

    @property
    def label(self) -> str:
        """Name in the reader's language."""
        return self.name_en if self.name_en and get_language() == "en" else self.name


class Question(models.Model):
    """Something to ask about one kind of problem, and its kinds below; from `load_reference`.

    `choices` is a list of `{code, label, label_en}`. `condition` maps the code of an earlier
    question to a code, or to a list of codes of which one must be given. An `asset` names the layer
    whose things may be chosen. A `notice` asks nothing: it warns, and where it `stops`, the report
    belongs elsewhere and is not sent.
    """

    class Kind(models.TextChoices):
        """What sort of answer it takes."""

        TEXT = "text", _("teks")
        NUMBER = "number", _("angka")
        DATE = "date", _("tanggal")
        CHOICE = "choice", _("satu pilihan")
        CHOICES = "choices", _("beberapa pilihan")
        ASSET = "asset", _("aset di peta")
        NOTICE = "notice", _("pemberitahuan")

    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="questions")
    code = models.SlugField(max_length=40)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    text = models.CharField(max_length=300)
    text_en = models.CharField(max_length=300, blank=True)
    hint = models.CharField(max_length=300, blank=True)
    hint_en = models.CharField(max_length=300, blank=True)
    required = models.BooleanField(default=False)
    choices = models.JSONField(default=list, blank=True)
    condition = models.JSONField(default=dict, blank=True)
    layer = models.CharField(max_length=30, blank=True, help_text=_("lapisan aset, mis. lamp"))
    least = models.FloatField(null=True, blank=True, help_text=_("angka terkecil"))
    most = models.FloatField(null=True, blank=True, help_text=_("angka terbesar"))
    stops = models.BooleanField(default=False, help_text=_("laporan tidak dikirim lewat sini"))
    position = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        """A code names one question of a category."""

        verbose_name = _("pertanyaan")
        verbose_name_plural = _("pertanyaan")
        ordering: ClassVar = ["position", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint("category", "code", name="question_code_is_unique_in_its_kind"),
            models.CheckConstraint(
                condition=models.Q(stops=False) | models.Q(kind="notice"),
                name="question_only_a_notice_stops",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The question in the reader's language."""
        return self.text_en if self.text_en and get_language() == "en" else self.text


class CategoryWord(models.Model):
    """How often a word stood in reports of a kind: what proposals are counted from.

    Written by `actions` where staff have settled what a report is about; never holds a whole text.
    """

    category = models.ForeignKey(
        Category, on_delete=models.CASCADE, db_index=False, related_name="words"
    )
    word = models.CharField(max_length=40)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        """One row a word and kind."""

        constraints: ClassVar = [
            models.UniqueConstraint("category", "word", name="category_word_is_counted_once")
        ]

    def __str__(self) -> str:
        return f"{self.word} {self.count}"


class Series(models.Model):
    """The last number given out in a city in a year; advanced by `actions.submit` and imports."""

    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="+")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        """One series a city and year."""

        constraints: ClassVar = [models.UniqueConstraint("city", "year", name="series_is_unique")]

    def __str__(self) -> str:
        return f"{self.city.prefix}-{self.year % 100:02d}-{self.last:06d}"
