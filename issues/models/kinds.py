"""The kinds of problems and the time the city gives itself: reference data, and the numbers."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from geodata.models import City


class Clock(models.Model):
    """How long the city gives itself; working days of its calendar; written by `load_reference`."""

    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="clocks")
    code = models.CharField(max_length=30)
    disposition_hours = models.PositiveSmallIntegerField(default=24)
    target_days = models.PositiveSmallIntegerField(default=3)
    limit_days = models.PositiveSmallIntegerField(default=7)
    joint_target_days = models.PositiveSmallIntegerField(default=7)
    joint_limit_days = models.PositiveSmallIntegerField(default=30)
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
    position = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)

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
