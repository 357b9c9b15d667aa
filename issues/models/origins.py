"""Where an issue came from, if it was brought along by an import."""

from typing import ClassVar

from django.db import models

from geodata.models import City
from issues.models.cases import Issue


class Origin(models.Model):
    """That an issue was imported: its name at its source; written by `issues.ingest` alone.

    The first `events` events of such an issue happened before it came here: nobody was told of
    them, and nobody will be.
    """

    issue = models.OneToOneField(
        Issue, on_delete=models.CASCADE, primary_key=True, related_name="origin"
    )
    # Begins the unique index below: no index of its own.
    city = models.ForeignKey(City, on_delete=models.PROTECT, db_index=False, related_name="+")
    source = models.CharField(max_length=40)
    external_id = models.CharField(max_length=100)
    events = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        """One name, one issue: an import that is run again finds what it has brought."""

        constraints: ClassVar = [
            models.UniqueConstraint("city", "source", "external_id", name="origin_names_one_issue")
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.external_id}"
