"""Every write to an issue: one function, one transaction, its events, the public rows, the jobs."""

from issues.actions.announce import announce, digests, forget_announcements
from issues.actions.claims import claim, claim_proved, forget
from issues.actions.classify import classify, widens
from issues.actions.comments import Remark, comment, judge_comments, take_back
from issues.actions.follow import (
    UNCONFIRMED,
    Wish,
    add_device,
    change,
    confirm,
    follow,
    forget_unconfirmed,
    mute,
    push_to,
    remove_device,
    subscriber_at,
    subscriber_of,
    unfollow,
)
from issues.actions.people import account_at, account_or_new, connect, describe, end_sessions
from issues.actions.pictures import attach, photo_processed, photo_refused, redact, review
from issues.actions.reporter import correct, rate, rating
from issues.actions.steps import see, take
from issues.actions.submit import Draft, Receipt, repeated, submit
from issues.actions.support import Supported, support
from issues.actions.sweeps import refresh_overdue, reroute_land
from issues.actions.tracking import by_token, token_for
from issues.permissions import allowed

__all__ = [
    "UNCONFIRMED",
    "Draft",
    "Receipt",
    "Remark",
    "Supported",
    "Wish",
    "account_at",
    "account_or_new",
    "add_device",
    "allowed",
    "announce",
    "attach",
    "by_token",
    "change",
    "claim",
    "claim_proved",
    "classify",
    "comment",
    "confirm",
    "connect",
    "correct",
    "describe",
    "digests",
    "end_sessions",
    "follow",
    "forget",
    "forget_announcements",
    "forget_unconfirmed",
    "judge_comments",
    "mute",
    "photo_processed",
    "photo_refused",
    "push_to",
    "rate",
    "rating",
    "redact",
    "refresh_overdue",
    "remove_device",
    "repeated",
    "reroute_land",
    "review",
    "see",
    "submit",
    "subscriber_at",
    "subscriber_of",
    "support",
    "take",
    "take_back",
    "token_for",
    "unfollow",
    "widens",
]
