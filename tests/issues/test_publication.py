"""What the public may see of an issue: computed, rewritten with every action, never wider."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata import tiles
from issues import actions, privacy
from issues.errors import IssueError, MissingDuty
from issues.invariants import TRUTHS
from issues.models import Category, Issue, Photo, PublicDetail, PublicIssue, PublicPhoto
from issues.notifications import personal
from issues.publication import project, publish
from issues.workflow import INTERNAL, ON_THEIR_OWN, PUBLIC_NOTES, Duty, Role, Step
from tests import make

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 10, 3, 47, 12, tzinfo=UTC)
WITA = ZoneInfo("Asia/Makassar")
PUBLIC_ROWS = (PublicIssue, PublicDetail, PublicPhoto)


def rows_of(issue: Issue) -> list[object]:
    return [
        *PublicIssue.objects.filter(pk=issue.pk),
        *PublicDetail.objects.filter(pk=issue.pk),
        *PublicPhoto.objects.filter(photo__issue=issue),
    ]


def reviewed(issue: Issue, text: str = "Lampu jalan mati.", *released: Photo) -> Issue:
    actor = make.user(Role.DISPATCHER)
    return actions.review(
        issue.pk,
        actor=actor,
        version=None,
        public_text=text,
        released=[photo.pk for photo in released],
    )


# When and what -------------------------------------------------------------------------------


def test_place_kind_and_status_are_there_at_once_words_are_not():
    issue = make.issue(at=AT, description="Kata pelapor", address="Di depan rumah saya")

    row = PublicIssue.objects.get(pk=issue.pk)
    detail = PublicDetail.objects.get(pk=issue.pk)
    assert (row.category, row.department) == (issue.category, issue.department)
    assert (round(row.point.x, 5), round(row.point.y, 5)) == (115.21, -8.65)
    assert row.q == tiles.key(row.point.x, row.point.y)
    assert (detail.text, detail.place) == ("", "Kelurahan 1.2")
    assert not PublicPhoto.objects.exists()


def test_the_day_is_the_citys_and_the_hour_is_cut():
    issue = make.issue(at=datetime(2026, 3, 10, 17, 30, tzinfo=UTC))

    row = PublicIssue.objects.get(pk=issue.pk)
    assert row.day.isoformat() == "2026-03-11"
    assert row.received_at.astimezone(WITA) == datetime(2026, 3, 11, 1, tzinfo=WITA)


@pytest.fixture
def private_kind():
    """A kind whose place tells who reported."""
    make.world()
    return make.category("tetangga-ribut", exact_place=False, fast_lane=False)


def test_a_private_kind_shows_a_fixed_spot_of_its_cell_and_the_day_alone(private_kind):
    issue = make.issue(at=AT, service_code="tetangga-ribut")

    row, detail = PublicIssue.objects.get(pk=issue.pk), PublicDetail.objects.get(pk=issue.pk)
    before = row.point
    make.take(issue, Step.NOTE)

    assert row.point.distance(issue.point) > 1e-5
    assert PublicIssue.objects.get(pk=issue.pk).point == before
    assert row.received_at.astimezone(WITA).hour == row.changed_at.astimezone(WITA).hour == 0
    assert {entry["at"][11:] for entry in detail.timeline} == {"00:00:00+08:00"}
    assert detail.place == "Kelurahan 1.2"


def test_two_reports_of_one_private_place_do_not_share_a_spot(private_kind):
    points = {
        PublicIssue.objects.get(pk=make.issue(service_code="tetangga-ribut").pk).point.coords
        for _ in range(3)
    }

    assert len(points) == 3


def test_reviewed_words_are_public_and_can_be_taken_back():
    issue = make.issue()

    reviewed(issue, "  Lampu mati di Jalan Uji.  ")
    shown = PublicDetail.objects.get(pk=issue.pk).text
    reviewed(issue, "")

    assert shown == "Lampu mati di Jalan Uji."
    assert PublicDetail.objects.get(pk=issue.pk).text == ""


def test_a_photo_is_public_exactly_while_it_is_released():
    issue = make.issue()
    one, other = make.photo(issue), make.photo(issue, position=1)

    reviewed(issue, "teks", one)
    shown = set(PublicPhoto.objects.values_list("pk", flat=True))
    reviewed(issue, "teks", other)

    assert shown == {one.pk}
    assert set(PublicPhoto.objects.values_list("pk", flat=True)) == {other.pk}


VEILING = {Step.HIDE, Step.UNHIDE, Step.CONFIDE}


@pytest.mark.parametrize("step", sorted(set(Step) - ON_THEIR_OWN - VEILING))
def test_only_public_notes_of_public_steps_are_told(step):
    way = {
        Step.VERIFY: [Step.REFUSE], Step.ASSIGN: [Step.REFUSE], Step.ANSWER: [Step.ASK],
        Step.RECEIVE: [Step.FORWARD], Step.VALIDATE: [Step.FIX], Step.REOPEN: [Step.RESOLVE],
        Step.DISCLOSE: [Step.CONFIDE], Step.RESUME: [Step.PAUSE],
    }  # fmt: skip
    issue = make.issue(steps=way.get(step, []))
    fields = {Step.MERGE: {"original": make.issue()}, Step.REROUTE: {"department": None}}
    if step is Step.UNMERGE:
        issue = make.take(issue, Step.MERGE, original=make.issue())

    make.take(issue, step, note="kenari tujuh belas", **fields.get(step, {}))

    told = str(PublicDetail.objects.get(pk=issue.pk).timeline)
    assert ("kenari" in told) == (step in PUBLIC_NOTES)
    assert (f"'step': '{step}'" in told) == (step not in INTERNAL)


# When nothing --------------------------------------------------------------------------------


@pytest.mark.parametrize("flag", ["hidden", "confidential"])
def test_a_hidden_or_confidential_issue_projects_to_nothing(flag):
    issue = make.issue()
    make.photo(issue, public=True)
    setattr(issue, flag, True)

    projection = project(issue)
    publish(issue)

    assert (projection.row, projection.detail, projection.photos) == (None, None, ())
    assert rows_of(issue) == []


def test_hiding_takes_everything_away_and_unhiding_brings_it_back():
    issue = make.issue()
    photo = make.photo(issue)
    reviewed(issue, "teks", photo)

    make.take(issue, Step.HIDE)
    gone = rows_of(issue)
    make.take(issue, Step.UNHIDE)

    assert gone == []
    assert len(rows_of(issue)) == 3


def test_a_kind_that_begins_confidential_stays_so_whatever_the_sender_says():
    make.world()
    make.category("pungli", confidential=True, fast_lane=False)

    issue = make.issue(service_code="pungli", confidential=False)

    assert issue.confidential
    assert rows_of(issue) == []


def test_unhiding_does_not_widen_what_is_confidential():
    issue = make.issue(confidential=True)

    make.take(issue, Step.HIDE)
    make.take(issue, Step.UNHIDE)

    assert rows_of(issue) == []


# Any life ------------------------------------------------------------------------------------

MOVES = sorted(set(Step) - {Step.SUBMIT})
LIVES = st.lists(st.sampled_from(MOVES), min_size=1, max_size=12)
HELD = ("owners", "history", "public", "chain", "dates", "jobs", "numbers", "receipts")


def live(issue: Issue, step: Step) -> None:
    """Take a step as whoever may, with whatever it demands; what is refused changes nothing."""
    if step is Step.REVIEW:
        clean = issue.photos.filter(state=Photo.State.CLEAN)
        reviewed(issue, "teks", *clean)
    elif step is Step.ATTACH:
        make.photo(issue, position=issue.photos.count())
    elif step is Step.MERGE:
        make.take(issue, step, original=Issue.objects.exclude(pk=issue.pk).first())
    elif step is Step.REROUTE:
        make.take(issue, step, department=make.department("PUPR"))
    else:
        make.take(issue, step)


def wrong() -> list[str]:
    return [
        f"{truth.name}: {violation}"
        for truth in TRUTHS
        if truth.name in HELD
        for violation in truth.find(None)
    ]


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(life=LIVES, confidential=st.booleans(), fast=st.booleans())
def test_through_any_life_the_public_sees_what_it_may_and_no_truth_breaks(life, confidential, fast):
    with transaction.atomic():
        make.issue()
        code = "lpju-mati" if fast else "layanan-lambat"
        issue = make.issue(service_code=code, confidential=confidential)
        for step in life:
            try:
                with transaction.atomic():
                    live(issue, step)
            except IssueError:
                pass
            issue = Issue.objects.get(pk=issue.pk)
            # What its reporter wanted kept stays so; of the rest one confides, another discloses.
            assert issue.confidential or not confidential
            if issue.hidden or issue.confidential:
                assert rows_of(issue) == []
        assert wrong() == []
        transaction.set_rollback(True)


# Property of the place -----------------------------------------------------------------------


@given(lon=st.floats(95, 141), lat=st.floats(-11, 6), id_=st.uuids())
def test_a_blurred_spot_lies_in_the_cell_of_the_true_one(lon, lat, id_):
    there = privacy.public_point(lon, lat, exact=False, key=b"kunci", issue_id=id_)

    again = privacy.public_point(*there, exact=False, key=b"kunci", issue_id=id_)

    assert again == pytest.approx(there, abs=2e-5)


def test_a_category_that_becomes_private_moves_its_issues_with_their_next_action():
    issue = make.issue()
    Category.objects.filter(pk=issue.category_id).update(exact_place=False)

    make.take(issue, Step.NOTE)

    assert PublicIssue.objects.get(pk=issue.pk).point.distance(issue.point) > 1e-5


@pytest.mark.django_db
def test_of_a_blurred_place_the_public_area_follows_the_public_point():
    make.world()
    make.rule("tetangga", to="SATPOLPP", service_code="tetangga")
    make.category("tetangga-ribut", exact_place=False)
    just_north = {"lon": make.LON - 0.01, "lat": make.LAT + 0.0001}

    for _report in range(12):
        issue = make.issue(service_code="tetangga-ribut", **just_north)
        row, page = PublicIssue.objects.get(issue=issue), PublicDetail.objects.get(issue=issue)
        assert issue.jurisdiction.code == "1.1"
        assert row.jurisdiction.area.covers(row.point)
        assert page.place == str(row.jurisdiction)
        assert page.route.endswith(f", {row.jurisdiction}")


@pytest.mark.parametrize("field", ["held", "hidden", "confidential"])
def test_a_duplicate_never_names_an_original_that_the_public_does_not_see(field):
    original, twin = make.issue(), make.issue()
    make_duplicate = {"actor": make.user(Role.DISPATCHER), "original": original}
    twin = actions.take(twin.pk, Step.MERGE, **make_duplicate)
    Issue.objects.filter(pk=original.pk).update(**{field: True})
    twin = Issue.objects.get(pk=twin.pk)

    publish(twin)

    assert PublicDetail.objects.get(pk=twin.pk).original == ""
    assert personal._original_page(twin) == ""


def test_nothing_is_merged_into_what_nobody_has_looked_at():
    original, twin = make.issue(), make.issue()
    Issue.objects.filter(pk=original.pk).update(held=True)

    with pytest.raises(MissingDuty) as refused:
        actions.take(twin.pk, Step.MERGE, actor=make.user(Role.DISPATCHER), original=original)

    assert refused.value.duty == Duty.ORIGINAL
