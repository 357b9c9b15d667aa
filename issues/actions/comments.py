"""Comments of passers-by: said, read by somebody of the city, then shown or refused; taken back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from geodata.models import City
from issues.errors import NotPermitted, UnknownIssue
from issues.models import Comment, Issue, User
from issues.privacy import masked
from issues.workflow import Role


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody says, and who: `person` as `actions.support` names people."""

    uuid: UUID
    text: str
    name: str
    person: str
    user: User | None
    paid: bool


def comment(issue_id: int, remark: Remark) -> Comment:
    """Keep a comment until somebody of the city has read it; the same one again is the first.

    Raises:
        UnknownIssue: there is none that the public may see.
    """
    issue = Issue.objects.filter(pk=issue_id).first()
    if issue is None or issue.is_withheld:
        raise UnknownIssue(issue_id)
    values = {
        "city_id": issue.city_id,
        "issue": issue,
        "person": remark.person,
        "user": remark.user,
        "name": remark.name,
        "text": remark.text,
        "paid": remark.paid,
        "at": timezone.now(),
    }
    return Comment.objects.get_or_create(uuid=remark.uuid, defaults=values)[0]


@transaction.atomic
def judge_comments(
    uuids: Collection[UUID], *, city: City, actor: User, shown: bool, mask: bool = True
) -> int:
    """Show comments that wait, or refuse them.

    Args:
        uuids: which; what no longer waits is left alone.
        city: whose.
        actor: a dispatcher there.
        shown: whether everybody may read them from now on.
        mask: without what looks like personal data, which is then gone for good.

    Returns:
        How many.

    Raises:
        NotPermitted: this person may not.
    """
    if not actor.memberships.filter(city=city, role=Role.DISPATCHER).exists():
        raise NotPermitted
    waiting = Comment.objects.select_for_update().filter(
        city=city, uuid__in=uuids, state=Comment.State.WAITING
    )
    rows = list(waiting)
    for row in rows:
        row.state = Comment.State.SHOWN if shown else Comment.State.REFUSED
        row.text = masked(row.text) if shown and mask else row.text
        row.name = masked(row.name) if shown and mask else row.name
        row.reviewed_by, row.reviewed_at = actor, timezone.now()
    Comment.objects.bulk_update(rows, ["state", "text", "name", "reviewed_by", "reviewed_at"])
    return len(rows)


def take_back(uuid: UUID, persons: Sequence[str]) -> bool:
    """Let an author remove their comment for good; False where it is none of theirs."""
    return Comment.objects.filter(uuid=uuid, person__in=persons).delete()[0] > 0
