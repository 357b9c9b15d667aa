"""Every write to an issue: one function, one transaction, its events, the public rows, the jobs."""

from issues.actions.announce import announce, digests, forget_announcements
from issues.actions.claims import claim, claim_proved, forget
from issues.actions.classify import classify, widens
from issues.actions.desk import send
from issues.actions.follow import (
    UNCONFIRMED,
    Wish,
    add_device,
    change,
    confirm,
    follow,
    forget_unconfirmed,
    mute,
    remove_device,
    subscriber_at,
    subscriber_of,
    unfollow,
)
from issues.actions.outages import Announcement, announce_outage, move_end
from issues.actions.parts import split
from issues.actions.pictures import attach, photo_processed, photo_refused, redact, review
from issues.actions.presence import beat, beside, others
from issues.actions.recurrence import compare, raise_flag
from issues.actions.reporter import correct, rate, rating
from issues.actions.steps import see, take
from issues.actions.submit import Draft, Receipt, repeated, submit
from issues.actions.support import Supported, support
from issues.actions.sweeps import refresh_overdue, reroute_land
from issues.actions.tracking import by_token, token_for
from issues.permissions import allowed

__all__ = [
    "UNCONFIRMED",
    "Announcement",
    "Draft",
    "Receipt",
    "Supported",
    "Wish",
    "add_device",
    "allowed",
    "announce",
    "announce_outage",
    "attach",
    "beat",
    "beside",
    "by_token",
    "change",
    "claim",
    "claim_proved",
    "classify",
    "compare",
    "confirm",
    "correct",
    "digests",
    "follow",
    "forget",
    "forget_announcements",
    "forget_unconfirmed",
    "move_end",
    "mute",
    "others",
    "photo_processed",
    "photo_refused",
    "raise_flag",
    "rate",
    "rating",
    "redact",
    "refresh_overdue",
    "remove_device",
    "repeated",
    "reroute_land",
    "review",
    "see",
    "send",
    "split",
    "submit",
    "subscriber_at",
    "subscriber_of",
    "support",
    "take",
    "token_for",
    "unfollow",
    "widens",
]
