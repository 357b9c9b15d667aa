"""Announce what is known to be out of order, so that nobody has to find out who else has it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.gis.geos import MultiPolygon
from django.db import transaction
from django.utils import timezone

from geodata.models import City
from issues.actions import record
from issues.actions.pictures import review
from issues.actions.submit import Draft, submit
from issues.errors import UnknownIssue
from issues.models import Issue, Outage, User
from issues.workflow import Role, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """What staff know of an outage.

    Attributes:
        uuid: made by the form; the idempotency key.
        service_code: the kind of problem that people would report.
        area: where, EPSG:4326.
        places: the same in words.
        message: what everybody may read.
        ends_at: when it should be over; None: not known.
    """

    uuid: UUID
    service_code: str
    area: MultiPolygon
    places: str
    message: str
    starts_at: datetime
    ends_at: datetime | None = None


def announce_outage(
    wish: Announcement, *, city: City, actor: User, at: datetime | None = None
) -> Issue:
    """Open one issue for all who have a problem, public at once; a repeated send changes nothing.

    Args:
        wish: clean values.
        city: whose.
        actor: a dispatcher; their words need no second look.
        at: when; default: now.

    Raises:
        UnknownCategory: the city has no such active leaf category.
        NotPermitted: this person may not announce anything.
        DifferentSubmission: the form was sent before with other words.
    """
    at = at or timezone.now()
    spot = wish.area.point_on_surface
    draft = Draft(
        uuid=wish.uuid,
        service_code=wish.service_code,
        description=wish.message,
        lon=spot.x,
        lat=spot.y,
        address=wish.places,
        user=actor,
        channel=Issue.Channel.OFFICE,
    )
    with transaction.atomic():
        receipt = submit(draft, city=city, at=at)
        issue = receipt.issue
        if receipt.created:
            Outage.objects.create(
                issue=issue,
                city=city,
                area=wish.area,
                places=wish.places,
                starts_at=wish.starts_at,
                ends_at=wish.ends_at,
                announced_by=actor,
            )
            review(
                issue.pk, actor=actor, version=None, public_text=wish.message, released=(), at=at
            )
        return issue


def move_end(
    issue_id: int, ends_at: datetime | None, *, actor: User, at: datetime | None = None
) -> Outage:
    """Say anew when an outage should be over; a past instant ends it.

    Raises:
        UnknownIssue: no outage has this issue.
    """
    with transaction.atomic():
        issue = record.lock(issue_id)
        outage = Outage.objects.filter(issue=issue).first()
        if outage is None:
            raise UnknownIssue(issue_id)
        before, outage.ends_at = outage.ends_at, ends_at and max(ends_at, outage.starts_at)
        outage.save(update_fields=["ends_at"])
        event = record.append(
            issue,
            Step.NOTE,
            status=issue.workflow_status,
            role=Role.DISPATCHER,
            at=at or timezone.now(),
            actor=actor,
            data={"ends_at": [_written(before), _written(outage.ends_at)]},
        )
        record.settle(issue, [event])
        return outage


def _written(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
