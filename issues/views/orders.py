"""Work orders: what a crew may read of an issue, on a page and in the sync of a phone.

A crew gets a work order, not the evidence: of anonymous and confidential issues only what a
reviewer has released.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from issues import permissions, privacy
from issues.models import Event, Issue
from issues.views import staff
from issues.views.staff import StaffRequest
from issues.workflow import Role, Step

INSTRUCTIONS: Final = frozenset(
    {Step.NOTE, Step.SCHEDULE, Step.START, Step.ACCEPT, Step.FORWARD, Step.RECEIVE}
)
"""Steps whose notes say what is to be done; never a reporter's words."""
PROMISES: Final = frozenset({Step.RESPOND, Step.COMMENT})
"""Steps whose notes were written for the public: no order, but what people here will expect."""
LETTERS: Final = frozenset({Step.WRITE, Step.ADD})
"""Steps between a crew and a reporter whom it does not know."""


def is_protected(issue: Issue) -> bool:
    """Whether nothing of what was reported is the crew's, but for what was released."""
    return issue.anonymous or issue.confidential


def words(request: StaffRequest, issue: Issue) -> str:
    """Return what a crew may read: the reviewed text, else the reporter's without personal data."""
    if issue.reviewed_at:
        return issue.public_text
    return privacy.masked(issue.description) if _sees_more(request, issue) else ""


def answers(
    request: StaffRequest, issue: Issue, asked: Sequence[Mapping[str, Any]] | None = None
) -> list[tuple[str, str]]:
    """List the answers beside the words, without personal data; none of a protected report.

    Args:
        request: of the crew.
        issue: whose answers.
        asked: the questions of many issues, as `asking.asked_of` reads them; default: read.
    """
    if not _sees_more(request, issue):
        return []
    return [
        (privacy.masked(name), privacy.masked(value)) for name, value in staff.answers(issue, asked)
    ]


def _sees_more(request: StaffRequest, issue: Issue) -> bool:
    return permissions.sees_original(issue, request.user) and not is_protected(issue)


def told(events: Iterable[Event]) -> list[Event]:
    """Keep what a work order shows: what desk and department wrote, letters both ways."""
    return [event for event in events if event.note and _is_shown(event)]


def _is_shown(event: Event) -> bool:
    by_office = event.actor_id is not None and event.role != Role.REPORTER
    return event.step in LETTERS or (by_office and event.step in INSTRUCTIONS | PROMISES)


def instructions(events: Iterable[Event]) -> list[Event]:
    """Keep what is to be done, of the events that a work order shows."""
    return [event for event in events if event.step in INSTRUCTIONS]


def promises(events: Iterable[Event]) -> list[Event]:
    """Keep what the public was told."""
    return [event for event in events if event.step in PROMISES]


def letters(request: StaffRequest, issue: Issue, events: Iterable[Event]) -> list[Event]:
    """List what a crew wrote to the reporter and what came back, without personal data.

    Of a protected report the answers are the office's; it hands on what the work needs.
    """
    found = [event for event in events if event.step in LETTERS]
    first = next((event.seq for event in found if event.step == Step.WRITE), None)
    if first is None:
        return []
    open_ = _sees_more(request, issue)
    shown = [one for one in found if one.step == Step.WRITE or (open_ and one.seq > first)]
    for event in shown:
        event.note = privacy.masked(event.note) if event.step == Step.ADD else event.note
    return shown
