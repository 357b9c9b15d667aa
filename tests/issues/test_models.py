"""What the tables themselves refuse, and the questions that querysets answer."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.gis.geos import Point
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from geodata.crs import WGS84
from issues.models import Issue, Membership, Photo, PublicIssue
from issues.workflow import CLOSED, OPEN, OWNERLESS, TRIAGE, Role, Status, Step
from tests import make

pytestmark = pytest.mark.django_db


def refuses(constraint: str, **fields) -> None:
    issue = make.issue()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Issue.objects.filter(pk=issue.pk).update(**fields)


def test_migrations_and_models_agree():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_a_status_is_one_of_the_workflow():
    refuses("issue_status_is_in_the_workflow", status="lost")


def test_a_duplicate_has_an_original_and_only_a_duplicate_has():
    other = make.issue()

    refuses("issue_duplicate_has_an_original", status=Status.DUPLICATE)
    refuses("issue_duplicate_has_an_original", merged_into=other)


@pytest.mark.parametrize("status", sorted(set(Status) - set(OWNERLESS) - {Status.DUPLICATE}))
def test_work_has_an_owner(status):
    refuses("issue_has_an_owner_or_sits_in_triage", status=status, department=None)


@pytest.mark.parametrize("status", OWNERLESS)
def test_elsewhere_an_owner_may_be_missing(status):
    issue, other = make.issue(), make.issue()
    original = other if status is Status.DUPLICATE else None

    changed = Issue.objects.filter(pk=issue.pk)

    assert changed.update(status=status, department=None, merged_into=original) == 1


def test_ownerless_keeps_its_order_because_a_constraint_does():
    assert list(OWNERLESS) == [status for status in Status if status in OWNERLESS]
    assert set(OWNERLESS) == TRIAGE | {Status.NEEDS_INFO} | CLOSED - {Status.RESOLVED}


def test_client_id_and_number_name_one_issue_of_a_city():
    one = make.issue()

    refuses("issue_uuid_is_unique_in_its_city", uuid=one.uuid)
    refuses("issue_number_is_unique_in_its_city", number=one.number)
    refuses("issue_token_is_unique", token_hash=one.token_hash)


@pytest.mark.parametrize("state", [Photo.State.WAITING, Photo.State.REFUSED])
def test_only_a_clean_photo_is_public(state):
    issue = make.issue()

    with pytest.raises(IntegrityError, match="photo_public_only_when_clean"):
        make.photo(issue, state=state, public=True)


@pytest.mark.parametrize(
    ("role", "has_department"),
    [(Role.LIAISON, False), (Role.CREW, False), (Role.DISPATCHER, True), (Role.LEADER, True),
     (Role.ADMINISTRATOR, True), (Role.REPORTER, False), (Role.SYSTEM, False)],
)  # fmt: skip
def test_a_role_fits_its_department(role, has_department):
    department = make.department() if has_department else None

    with pytest.raises(IntegrityError, match="membership_department_fits_the_role"):
        Membership.objects.create(
            user=make.user(), city=make.city(), role=role, department=department
        )


def test_a_membership_is_there_once():
    person = make.user(Role.DISPATCHER)

    with pytest.raises(IntegrityError, match="membership_is_unique"):
        Membership.objects.create(user=person, city=make.city(), role=Role.DISPATCHER)


# Questions -----------------------------------------------------------------------------------


def test_open_and_closed_are_everything():
    issue = make.issue()
    done = make.issue(steps=[Step.RESOLVE])

    assert (issue.is_open, done.is_open) == (True, False)
    assert [*Issue.objects.open()] == [issue]
    assert set(Status) == OPEN | CLOSED


def test_overdue_is_open_beyond_its_date():
    long_ago = datetime(2026, 1, 5, 3, tzinfo=UTC)
    late = make.issue(at=long_ago)
    done = make.issue(at=long_ago)
    make.take(done, Step.RESOLVE, at=long_ago + timedelta(hours=1))
    fresh = make.issue()

    assert [*Issue.objects.overdue()] == [late]
    assert [issue.is_overdue for issue in (late, Issue.objects.get(pk=done.pk), fresh)] == [
        timezone.now() > late.due_at, False, False,
    ]  # fmt: skip


def test_the_nearest_comes_first_and_what_has_no_point_last():
    far = make.issue(lon=make.LON - 0.019)
    near = make.issue(lon=make.LON + 0.001, lat=make.LAT + 0.001)
    nowhere = make.issue(area_code="1.1")

    ordered = Issue.objects.nearest_to(Point(make.LON, make.LAT, srid=WGS84))

    assert [*ordered] == [near, far, nowhere]
    assert ordered[0].distance.m == pytest.approx(156, abs=2)


def test_the_public_page_after_a_row_begins_behind_it():
    for _ in range(4):
        make.issue(at=datetime(2026, 3, 10, 3, tzinfo=UTC))
    rows = PublicIssue.objects.order_by("-received_at", "-issue")
    second = rows[1]

    assert [*rows.after(second.received_at, second.pk)] == [*rows[2:]]


@pytest.mark.parametrize(
    ("box", "count"),
    [((115.2, -8.66, 115.22, -8.64), 1), ((115.21, -8.65, 115.21, -8.65), 1),
     ((115.22, -8.66, 115.23, -8.64), 0)],
)  # fmt: skip
def test_a_box_holds_its_edges_even_where_it_is_a_point(box, count):
    PublicIssue.objects.filter(pk=make.issue().pk).update(point=Point(115.21, -8.65, srid=WGS84))

    assert PublicIssue.objects.inside(box).count() == count
