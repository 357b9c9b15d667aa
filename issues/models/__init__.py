"""What the city keeps, chapter by chapter: kinds, people, cases, records, follows, the public."""

from issues.models.cases import Issue, IssueQuerySet, Photo, awaits_review, clean_path
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
from issues.models.outages import Outage
from issues.models.people import Membership, Pace, Reporter, Unit, User
from issues.models.public import (
    PublicDetail,
    PublicIssue,
    PublicIssueQuerySet,
    PublicPhoto,
    PublicSpan,
)
from issues.models.records import Decision, Event, Flag, IssueAsset, Presence, Sighting

__all__ = [
    "Announcement",
    "Category",
    "CategoryWord",
    "Clock",
    "Decision",
    "Event",
    "Flag",
    "Holiday",
    "Issue",
    "IssueAsset",
    "IssueQuerySet",
    "Membership",
    "Origin",
    "Outage",
    "Pace",
    "Photo",
    "Presence",
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
]
