"""What people look for again and again on the board."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from geodata.models import City
from issues.models.people import User


class SavedFilter(models.Model):
    """A filter of the board under a person's own name for it; written by `actions.filters`."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_filters")
    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=600, help_text=_("seperti di bilah alamat"))

    class Meta:
        """A name stands once for a person in a city."""

        verbose_name = _("saringan tersimpan")
        verbose_name_plural = _("saringan tersimpan")
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint("user", "city", "name", name="saved_filter_has_one_name")
        ]

    def __str__(self) -> str:
        return self.name
