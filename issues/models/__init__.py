"""What the city keeps, in five chapters: kinds, people, cases, follows, the public."""

from issues.models.cases import (
    Decision,
    Event,
    Issue,
    IssueAsset,
    IssueQuerySet,
    Photo,
    Sighting,
    awaits_review,
    clean_path,
)
from issues.models.follows import (
    Announcement,
    PushDevice,
    Subscriber,
    Subscription,
    SubscriptionQuerySet,
    Support,
)
from issues.models.kinds import Category, CategoryWord, Clock, Holiday, Question, Series
from issues.models.origins import Origin
from issues.models.people import Membership, Pace, Reporter, User
from issues.models.public import (
    PublicDetail,
    PublicIssue,
    PublicIssueQuerySet,
    PublicPhoto,
    PublicSpan,
)

__all__ = [
    "Announcement",
    "Category",
    "CategoryWord",
    "Clock",
    "Decision",
    "Event",
    "Holiday",
    "Issue",
    "IssueAsset",
    "IssueQuerySet",
    "Membership",
    "Origin",
    "Pace",
    "Photo",
    "PublicDetail",
    "PublicIssue",
    "PublicIssueQuerySet",
    "PublicPhoto",
    "PublicSpan",
    "PushDevice",
    "Question",
    "Reporter",
    "Series",
    "Sighting",
    "Subscriber",
    "Subscription",
    "SubscriptionQuerySet",
    "Support",
    "User",
    "awaits_review",
    "clean_path",
]
