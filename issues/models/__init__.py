"""What the city keeps, chapter by chapter: kinds, people, cases, records, follows, the public."""

from issues.models.cases import Issue, IssueQuerySet, Photo, awaits_review, clean_path, worked_with
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
from issues.models.people import (
    Membership,
    MembershipQuerySet,
    Pace,
    Reporter,
    Unit,
    User,
    in_force,
)
from issues.models.public import (
    PublicDetail,
    PublicIssue,
    PublicIssueQuerySet,
    PublicPhoto,
    PublicSpan,
)
from issues.models.records import Decision, Event, Flag, IssueAsset, Sighting
from issues.models.trail import Access, ConfigurationChange, Invitation

__all__ = [
    "Access",
    "Announcement",
    "Category",
    "CategoryWord",
    "Clock",
    "ConfigurationChange",
    "Decision",
    "Event",
    "Flag",
    "Holiday",
    "Invitation",
    "Issue",
    "IssueAsset",
    "IssueQuerySet",
    "Membership",
    "MembershipQuerySet",
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
    "Unit",
    "User",
    "awaits_review",
    "clean_path",
    "in_force",
    "worked_with",
]
