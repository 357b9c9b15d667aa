"""What staff have settled teaches the table of words: which words speak of which kind.

A report is learned once, when a dispatcher verifies or reviews it, or says that it is of another
kind; then what was learned of the first kind is taken back. Which kind it taught stands in the
event, the words stand nowhere but in the counts.
"""

from pathlib import Path
from typing import Any, Final

from geodata import sql
from issues import proposal
from issues.models import Category, Issue

LEARNED: Final = "learned"
"""Key in an event's data: the kind that the report has taught since then; empty: none."""
ROOM: Final = 5000
"""Words that are kept of a kind."""
_SQL: Final = Path(__file__).parent.parent / "sql"


def settle(issue: Issue) -> dict[str, Any]:
    """Learn the words of a locked issue for its kind, in the running transaction.

    What is confidential or hidden teaches nothing: its words are nobody's business.

    Returns:
        What the event must remember; nothing where all was learned before.
    """
    secret = issue.confidential or issue.hidden or issue.category.confidential
    code = "" if secret else issue.category.service_code
    before = _taught(issue)
    if before == code:
        return {}
    kinds = Category.objects.filter(city=issue.city_id, service_code__in={before, code} - {""})
    words = proposal.teachable(issue.description, issue.city)
    # In the order of the keys: two who settle at once do not wait for each other in a circle.
    for kind in kinds.order_by("pk"):
        _count(kind, words, by=1 if kind.service_code == code else -1)
    return {LEARNED: code}


def _taught(issue: Issue) -> str:
    """Say which kind an issue has taught; empty for none."""
    told = issue.events.filter(data__has_key=LEARNED).order_by("-seq")
    return next(iter(told.values_list(f"data__{LEARNED}", flat=True)[:1]), "") or ""


def _count(kind: Category, words: list[str], *, by: int) -> None:
    params = {
        "category": kind.pk,
        "words": words,
        "by": by,
        "most": proposal.MOST_COUNTED,
        "room": ROOM,
    }
    sql.fetch("learn_words", params, folder=_SQL)
