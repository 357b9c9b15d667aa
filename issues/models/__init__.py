"""What the city keeps, chapter by chapter: kinds, people, cases, records, follows, the public."""

from issues.models.cases import Issue, IssueQuerySet, Photo, awaits_review, clean_path
from issues.models.comments import Comment, CommentQuerySet
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
from issues.models.people import Membership, Pace, Reporter, User, bears
from issues.models.public import (
    PublicDetail,
    PublicIssue,
    PublicIssueQuerySet,
    PublicPhoto,
    PublicSpan,
)
from issues.models.records import Decision, Event, IssueAsset, Sighting

__all__ = [
    "Announcement",
    "Category",
    "CategoryWord",
    "Clock",
    "Comment",
    "CommentQuerySet",
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
    "bears",
    "clean_path",
]
