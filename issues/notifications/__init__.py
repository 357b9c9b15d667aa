"""Who is told what, and in which words. Composes letters and notes; sending them is a job's work.

`table` says which step is told to whom; `personal` writes to the reporter and the office;
`followers` to those who follow, from what is public alone; `alarms` to whoever a date of an issue
concerns; `links` signs the addresses in them.
"""

from issues.notifications.alarms import alarm_letter
from issues.notifications.followers import (
    Addressed,
    News,
    confirmation,
    digest_letter,
    digest_note,
    news,
    news_letter,
    news_message,
    news_note,
    title,
)
from issues.notifications.invitations import invitation_letter, invitation_page, invited
from issues.notifications.personal import letter, message_id, note, short_message
from issues.notifications.table import (
    FOLLOWED,
    FOLLOWERS,
    NEVER_STALE,
    NOTICES,
    OFFICE,
    RECEIPT,
    REPORTER,
    TASKS,
    TOLD,
    TOO_LATE,
    WORDS,
)

__all__ = [
    "FOLLOWED",
    "FOLLOWERS",
    "NEVER_STALE",
    "NOTICES",
    "OFFICE",
    "RECEIPT",
    "REPORTER",
    "TASKS",
    "TOLD",
    "TOO_LATE",
    "WORDS",
    "Addressed",
    "News",
    "alarm_letter",
    "confirmation",
    "digest_letter",
    "digest_note",
    "invitation_letter",
    "invitation_page",
    "invited",
    "letter",
    "message_id",
    "news",
    "news_letter",
    "news_message",
    "news_note",
    "note",
    "short_message",
    "title",
]
