"""Who is told what, and in which words. Composes letters and notes; sending them is a job's work.

`table` says which step is told to whom; `personal` writes to the reporter and the office;
`followers` to those who follow, from what is public alone; `links` signs the addresses in them.
"""

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
    "confirmation",
    "digest_letter",
    "digest_note",
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
