"""What the city keeps, in three chapters: people, cases, and what the public may see."""

from issues.models.cases import (
    Category,
    Clock,
    Decision,
    Event,
    Holiday,
    Issue,
    IssueQuerySet,
    Photo,
    Series,
    Sighting,
)
from issues.models.people import Membership, Reporter, User
from issues.models.public import PublicDetail, PublicIssue, PublicIssueQuerySet, PublicPhoto

__all__ = [
    "Category",
    "Clock",
    "Decision",
    "Event",
    "Holiday",
    "Issue",
    "IssueQuerySet",
    "Membership",
    "Photo",
    "PublicDetail",
    "PublicIssue",
    "PublicIssueQuerySet",
    "PublicPhoto",
    "Reporter",
    "Series",
    "Sighting",
    "User",
]
