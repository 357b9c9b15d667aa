"""Every write to an issue: one function, one transaction, its events, the public rows, the jobs."""

from issues.actions.pictures import attach, photo_processed, photo_refused, redact, review
from issues.actions.steps import see, take
from issues.actions.submit import Draft, Receipt, repeated, submit
from issues.actions.sweeps import refresh_overdue, reroute_land
from issues.actions.tracking import by_token, token_for
from issues.permissions import allowed

__all__ = [
    "Draft",
    "Receipt",
    "allowed",
    "attach",
    "by_token",
    "photo_processed",
    "photo_refused",
    "redact",
    "refresh_overdue",
    "repeated",
    "reroute_land",
    "review",
    "see",
    "submit",
    "take",
    "token_for",
]
