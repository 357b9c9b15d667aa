"""What the city keeps, chapter by chapter: kinds, people, cases, records, follows, the public."""

from issues.models.alarms import Alarm, Escalation
from issues.models.cases import Issue, IssueQuerySet, Photo, awaits_review, clean_path, late
from issues.models.field import FieldOp
from issues.models.follows import (
    Announcement,
    PushDevice,
    Subscriber,
    Subscription,
    SubscriptionQuerySet,
    Support,
)
from issues.models.kinds import Category, CategoryWord, Clock, Holiday, Question, Series
from issues.models.letters import Letter, Post
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
from issues.models.records import Decision, Event, Flag, IssueAsset, Sighting

__all__ = [
    "Alarm",
    "Announcement",
    "Category",
    "CategoryWord",
    "Clock",
    "Decision",
    "Escalation",
    "Event",
    "FieldOp",
    "Flag",
    "Holiday",
    "Issue",
    "IssueAsset",
    "IssueQuerySet",
    "Letter",
    "Membership",
    "Origin",
    "Outage",
    "Pace",
    "Photo",
    "Post",
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
    "late",
]
