"""Every write to an issue: one function, one transaction, its events, the public rows, the jobs."""

from issues.actions.announce import announce, digests, forget_announcements
from issues.actions.claims import claim, claim_proved, forget
from issues.actions.classify import classify, widens
from issues.actions.field import Op, replay
from issues.actions.flags import unflag
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
from issues.actions.pictures import attach, photo_processed, photo_refused, redact, review
from issues.actions.proofs import Capture
from issues.actions.reporter import correct, rate, rating
from issues.actions.steps import see, take
from issues.actions.submit import Draft, Receipt, repeated, submit
from issues.actions.support import Supported, support
from issues.actions.sweeps import refresh_overdue, reroute_land
from issues.actions.tracking import by_token, token_for
from issues.actions.undo import is_undoable, undo, undoable
from issues.permissions import allowed

__all__ = [
    "UNCONFIRMED",
    "Capture",
    "Draft",
    "Op",
    "Receipt",
    "Supported",
    "Wish",
    "add_device",
    "allowed",
    "announce",
    "attach",
    "by_token",
    "change",
    "claim",
    "claim_proved",
    "classify",
    "confirm",
    "correct",
    "digests",
    "follow",
    "forget",
    "forget_announcements",
    "forget_unconfirmed",
    "is_undoable",
    "mute",
    "photo_processed",
    "photo_refused",
    "rate",
    "rating",
    "redact",
    "refresh_overdue",
    "remove_device",
    "repeated",
    "replay",
    "reroute_land",
    "review",
    "see",
    "submit",
    "subscriber_at",
    "subscriber_of",
    "support",
    "take",
    "token_for",
    "undo",
    "undoable",
    "unflag",
    "unfollow",
    "widens",
]
