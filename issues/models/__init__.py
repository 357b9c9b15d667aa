"""What the city keeps, in four chapters: kinds, people, cases, what the public sees."""

from issues.models.cases import (
    Decision,
    Event,
    Issue,
    IssueQuerySet,
    Photo,
    Sighting,
    awaits_review,
    clean_path,
)
from issues.models.kinds import Category, Clock, Holiday, Series
from issues.models.origins import Origin
from issues.models.people import Membership, Reporter, User
from issues.models.public import (
    PublicDetail,
    PublicIssue,
    PublicIssueQuerySet,
    PublicPhoto,
    PublicSpan,
)

__all__ = [
    "Category",
    "Clock",
    "Decision",
    "Event",
    "Holiday",
    "Issue",
    "IssueQuerySet",
    "Membership",
    "Origin",
    "Photo",
    "PublicDetail",
    "PublicIssue",
    "PublicIssueQuerySet",
    "PublicPhoto",
    "PublicSpan",
    "Reporter",
    "Series",
    "Sighting",
    "User",
    "awaits_review",
    "clean_path",
]
