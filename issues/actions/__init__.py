"""Every write to an issue: one function, one transaction, its events, the public rows, the jobs."""

from issues.actions.access import OPEN_FOR, is_locked, open_up, opened
from issues.actions.accounts import account_at, account_or_new, connect, describe, end_sessions
from issues.actions.alarms import ring
from issues.actions.announce import announce, digests, forget_announcements
from issues.actions.chain import forget_alarms
from issues.actions.chain import tell as tell_chain
from issues.actions.channels import Entered, enter, fetch_letters, receive, settle_letter
from issues.actions.claims import claim, claim_proved, forget
from issues.actions.classify import classify, widens
from issues.actions.comments import Remark, comment, judge_comments, take_back
from issues.actions.delegate import delegate
from issues.actions.desk import send
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
    push_to,
    remove_device,
    subscriber_at,
    subscriber_of,
    unfollow,
)
from issues.actions.outages import Announcement, announce_outage, move_end
from issues.actions.parts import split
from issues.actions.pictures import attach, photo_processed, photo_refused, redact, review
from issues.actions.presence import beat, beside, others
from issues.actions.proofs import Capture
from issues.actions.reclock import reclock, touched
from issues.actions.recurrence import compare
from issues.actions.replies import keep_reply
from issues.actions.reporter import correct, rate, rating
from issues.actions.rerouting import reroute_land
from issues.actions.steps import see, take
from issues.actions.submit import Draft, Receipt, repeated, submit
from issues.actions.support import Supported, support
from issues.actions.sweeps import refresh_overdue
from issues.actions.tracking import by_token, token_for
from issues.actions.undo import is_undoable, undo, undoable
from issues.permissions import allowed

__all__ = [
    "OPEN_FOR",
    "UNCONFIRMED",
    "Announcement",
    "Capture",
    "Draft",
    "Entered",
    "Op",
    "Receipt",
    "Remark",
    "Supported",
    "Wish",
    "account_at",
    "account_or_new",
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
    "comment",
    "compare",
    "confirm",
    "connect",
    "correct",
    "delegate",
    "describe",
    "digests",
    "end_sessions",
    "enter",
    "fetch_letters",
    "follow",
    "forget",
    "forget_alarms",
    "forget_announcements",
    "forget_unconfirmed",
    "is_locked",
    "is_undoable",
    "judge_comments",
    "keep_reply",
    "move_end",
    "mute",
    "open_up",
    "opened",
    "others",
    "photo_processed",
    "photo_refused",
    "push_to",
    "rate",
    "rating",
    "receive",
    "reclock",
    "redact",
    "refresh_overdue",
    "remove_device",
    "repeated",
    "replay",
    "reroute_land",
    "review",
    "ring",
    "see",
    "send",
    "settle_letter",
    "split",
    "submit",
    "subscriber_at",
    "subscriber_of",
    "support",
    "take",
    "take_back",
    "tell_chain",
    "token_for",
    "touched",
    "undo",
    "undoable",
    "unflag",
    "unfollow",
    "widens",
]
