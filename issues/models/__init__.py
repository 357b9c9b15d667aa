"""What the city keeps, chapter by chapter: kinds, people, cases, records, follows, the public."""

from issues.models.alarms import Alarm, Escalation
from issues.models.cases import (
    Issue,
    IssueQuerySet,
    Photo,
    awaits_review,
    clean_path,
    late,
    worked_with,
)
from issues.models.comments import Comment, CommentQuerySet
from issues.models.field import FieldOp
from issues.models.filters import SavedFilter
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
from issues.models.people import (
    Membership,
    MembershipQuerySet,
    Pace,
    Reporter,
    Unit,
    User,
    bears,
    in_force,
)
from issues.models.public import (
    PublicDetail,
    PublicIssue,
    PublicIssueQuerySet,
    PublicPhoto,
    PublicSpan,
)
from issues.models.records import Decision, Event, Flag, IssueAsset, Presence, Sighting
from issues.models.replies import ReplyTemplate
from issues.models.trail import Access, ConfigurationChange, Invitation

__all__ = [
    "Access",
    "Alarm",
    "Announcement",
    "Category",
    "CategoryWord",
    "Clock",
    "Comment",
    "CommentQuerySet",
    "ConfigurationChange",
    "Decision",
    "Escalation",
    "Event",
    "FieldOp",
    "Flag",
    "Holiday",
    "Invitation",
    "Issue",
    "IssueAsset",
    "IssueQuerySet",
    "Letter",
    "Membership",
    "MembershipQuerySet",
    "Origin",
    "Outage",
    "Pace",
    "Photo",
    "Post",
    "Presence",
    "PublicDetail",
    "PublicIssue",
    "PublicIssueQuerySet",
    "PublicPhoto",
    "PublicSpan",
    "PushDevice",
    "Question",
    "ReplyTemplate",
    "Reporter",
    "SavedFilter",
    "Series",
    "Sighting",
    "Subscriber",
    "Subscription",
    "SubscriptionQuerySet",
    "Support",
    "Unit",
    "User",
    "awaits_review",
    "bears",
    "clean_path",
    "in_force",
    "late",
    "worked_with",
]
