"""Words that offices write again and again."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from geodata.models import City, Department
from issues.models.cases import Issue
from issues.models.kinds import Category
from issues.workflow import REPORTER_NOTES, Step


class ReplyTemplateQuerySet(models.QuerySet["ReplyTemplate"]):
    """Templates."""

    def fitting(self, issue: Issue) -> Self:
        """Keep those for an issue's kind and department, the most specific first."""
        kinds = {issue.category_id, issue.category.parent_id} - {None}
        rows = self.filter(
            Q(category=None) | Q(category__in=kinds),
            Q(department=None) | Q(department=issue.department_id),
            city=issue.city_id,
            active=True,
        )
        return rows.order_by(
            models.F("category").desc(nulls_last=True),
            models.F("department").desc(nulls_last=True),
            "name",
        )


class ReplyTemplate(models.Model):
    """A text to begin with, per step, and per kind and department where they are given.

    Placeholders stand in braces: `{nomor}`, `{jenis}`, `{tempat}`, `{dinas}`, `{tenggat}`.
    """

    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="+")
    department = models.ForeignKey(
        Department, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    category = models.ForeignKey(
        Category, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    step = models.CharField(
        max_length=10, choices=[(step, step.label) for step in Step if step in REPORTER_NOTES]
    )
    name = models.CharField(max_length=80)
    text = models.TextField(max_length=2000)
    active = models.BooleanField(default=True)

    objects = ReplyTemplateQuerySet.as_manager()

    class Meta:
        """By name."""

        verbose_name = _("contoh balasan")
        verbose_name_plural = _("contoh balasan")
        ordering: ClassVar = ["step", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "city",
                "department",
                "category",
                "step",
                "name",
                name="reply_template_has_one_name",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return self.name
