"""In the field: taken back within seconds, flags, proof by time and place, races of many ops."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from uuid import uuid4

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from geodata.models import Department
from issues import actions, invariants, jobs, outbox
from issues.actions import proofs
from issues.actions.undo import WITHIN
from issues.errors import NotPermitted, StaleIssue, StepNotAllowed, UnknownIssue
from issues.models import Event, FieldOp, Flag, Issue, Photo, PublicDetail
from issues.workflow import Role, Status, Step
from tests import make, proof
from tests.issues import field, office

pytestmark = pytest.mark.django_db

PAIRS = proof.size(whole=1_000, part=50)
"""Of concurrent updates."""


def sound():
    return [str(one) for truth in invariants.TRUTHS for one in truth.find(None)]


# Taking back ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("way", "step"),
    [
        ([], Step.TRAVEL),
        ([Step.RESPOND], Step.TRAVEL),
        ([], Step.START),
        ([Step.SCHEDULE], Step.START),
        ([], Step.NOT_FOUND),
        ([Step.RESPOND], Step.NOT_FOUND),
        ([Step.START], Step.NOT_FOUND),
        ([Step.START], Step.RESOLVE),
        ([Step.FORWARD], Step.RESOLVE),
        ([], Step.RESOLVE),
    ],
)
def test_a_step_taken_back_leaves_the_issue_as_it_was(way, step):
    issue = make.issue(steps=way)
    someone = field.crew()
    before = {name: getattr(issue, name) for name in ("status", "assignee_id", "closed_at")}
    told = PublicDetail.objects.get(pk=issue.pk).timeline
    actions.take(issue.pk, step, actor=someone, note="Salah ketuk.")

    actions.undo(issue.pk, actor=someone)

    issue = office.fresh(issue)
    assert {name: getattr(issue, name) for name in before} == before
    assert issue.events.last().data["undone"] == issue.version - (2 if issue.flags.exists() else 1)
    assert PublicDetail.objects.get(pk=issue.pk).timeline == told
    assert not issue.flags.filter(settled_at=None).exists()
    assert sound() == []


def test_a_repair_that_waits_for_a_second_person_can_be_taken_back():
    issue = make.issue(steps=[Step.START])
    Department.objects.update(validates=True)
    someone = field.crew()
    actions.take(issue.pk, Step.FIX, actor=someone, note="Tanpa foto.")

    actions.undo(issue.pk, actor=someone)

    assert office.fresh(issue).status == Status.IN_PROGRESS


def test_after_the_seconds_nothing_is_taken_back():
    issue = make.issue()
    someone = field.crew()
    actions.take(issue.pk, Step.START, actor=someone)
    at = issue.events.last().at

    assert actions.undoable(office.fresh(issue), someone, at + WITHIN) is not None
    with pytest.raises(StepNotAllowed):
        actions.undo(issue.pk, actor=someone, at=at + WITHIN * 1.5)


def test_nobody_takes_back_what_somebody_else_did():
    issue = make.issue()
    actions.take(issue.pk, Step.START, actor=field.crew())

    with pytest.raises(StepNotAllowed):
        actions.undo(issue.pk, actor=field.crew())


def test_what_others_have_built_upon_is_not_taken_back():
    issue = make.issue()
    someone = field.crew()
    actions.take(issue.pk, Step.START, actor=someone)
    make.take(issue, Step.COMMENT, note="Petugas sudah di tempat.")

    with pytest.raises(StepNotAllowed):
        actions.undo(issue.pk, actor=someone)


def test_a_step_is_taken_back_once():
    issue = make.issue()
    someone = field.crew()
    actions.take(issue.pk, Step.ACCEPT, actor=someone)
    actions.take(issue.pk, Step.START, actor=someone)
    actions.undo(issue.pk, actor=someone)

    with pytest.raises(StepNotAllowed):
        actions.undo(issue.pk, actor=someone)


def test_a_liaison_takes_nothing_back():
    issue = make.issue(steps=[Step.START])
    liaison = make.user(Role.LIAISON, department=make.department())

    with pytest.raises(NotPermitted):
        actions.undo(issue.pk, actor=liaison)


def test_what_was_taken_back_is_told_to_nobody():
    issue = make.issue(email="wayan@warga.example", consent=True, steps=[Step.START])
    someone = field.crew()
    actions.take(issue.pk, Step.RESOLVE, actor=someone, note="Salah ketuk.")
    slip = issue.events.last()
    actions.undo(issue.pk, actor=someone)
    mail.outbox.clear()

    jobs.tell_reporter(event_id=slip.pk)

    assert mail.outbox == []


def test_letters_wait_longer_than_a_step_can_be_taken_back():
    for name in ("tell_reporter", "tell_followers"):
        assert outbox.LANES[name].pause > WITHIN


# Flags ---------------------------------------------------------------------------------------


def test_a_call_for_help_is_flagged_and_settled_by_the_office():
    issue = make.issue(steps=[Step.START])
    actions.take(issue.pk, Step.HELP, actor=field.crew(), note="Perlu mobil tangga.")
    flag = Flag.objects.get(issue=issue)
    liaison = make.user(Role.LIAISON, department=make.department())

    actions.unflag(flag.pk, actor=liaison)
    actions.unflag(flag.pk, actor=liaison)

    flag.refresh_from_db()
    assert (flag.kind, flag.settled_by) == (Flag.Kind.HELP, liaison)
    assert [event.step for event in issue.events.order_by("seq")][-3:] == ["help", "flag", "unflag"]
    assert sound() == []


def test_what_was_not_found_is_in_nobodys_hand():
    issue = make.issue()
    someone = field.crew()
    actions.take(issue.pk, Step.START, actor=someone)

    actions.take(issue.pk, Step.NOT_FOUND, actor=someone, note="Tidak ada tiang di sini.")

    issue = office.fresh(issue)
    assert (issue.status, issue.assignee) == (Status.RESPONDED, None)
    assert issue.flags.get().kind == Flag.Kind.NOT_FOUND


def test_a_crew_settles_no_flag():
    issue = make.issue(steps=[Step.START])
    someone = field.crew()
    actions.take(issue.pk, Step.HELP, actor=someone, note="Perlu mobil tangga.")

    with pytest.raises(NotPermitted):
        actions.unflag(Flag.objects.get().pk, actor=someone)
    with pytest.raises(UnknownIssue):
        actions.unflag(0, actor=someone)


# Proof ---------------------------------------------------------------------------------------


def repaired(
    *, metres=0.0, accuracy=8.0, ago=0.0, placed=True, data=None, actor=None, clean_first=False
):
    """A repair proved by a photo so far from the pin, taken so many hours ago."""
    issue = make.issue(steps=[Step.START])
    someone = actor or field.crew()
    at = timezone.now() - make.days(ago / 24)
    place = {"lon": issue.point.x, "lat": issue.point.y + metres / 110_600} if placed else {}
    capture = proofs.Capture(at=at, accuracy_m=accuracy if placed else None, **place)
    kept = actions.attach(
        issue.pk,
        data or office.picture(),
        photo_id=uuid4(),
        actor=someone,
        kind=Photo.Kind.AFTER,
        capture=capture,
    )
    if clean_first:
        office.processed(kept)
    actions.take(issue.pk, Step.RESOLVE, actor=someone)
    if not clean_first:
        office.processed(kept)
    return issue


def raised(issue):
    return {flag.kind: flag.data for flag in issue.flags.all()}


@pytest.mark.parametrize("clean_first", [True, False])
def test_a_photo_taken_now_and_here_raises_nothing(clean_first):
    assert raised(repaired(metres=60, clean_first=clean_first)) == {}


@pytest.mark.parametrize("clean_first", [True, False])
def test_a_photo_from_elsewhere_is_flagged_with_its_metres(clean_first):
    issue = repaired(metres=400, accuracy=20, clean_first=clean_first)

    [(kind, data)] = raised(issue).items()
    assert kind == Flag.Kind.FAR
    assert (data["metres"], data["accuracy"]) == (pytest.approx(400, abs=3), 20)
    assert sound() == []


def test_how_exact_a_place_is_counts_in_favour_but_not_without_end():
    assert raised(repaired(metres=300, accuracy=250)) == {}
    assert set(raised(repaired(metres=300, accuracy=5000))) == {Flag.Kind.UNPLACED}


def test_a_photo_without_a_place_is_flagged():
    assert set(raised(repaired(placed=False))) == {Flag.Kind.UNPLACED}


def test_a_photo_older_than_two_hours_is_flagged():
    assert raised(repaired(ago=0)) == {}
    assert Flag.Kind.OLD in raised(repaired(ago=3))


def test_an_old_photo_is_old_by_the_clock_of_the_camera_too(settings):
    issue = make.issue(steps=[Step.START])
    photo = make.photo(
        issue, kind=Photo.Kind.AFTER, taken_at=timezone.now() - make.days(3), phash=""
    )

    found = dict(proofs.doubts(issue, photo, done_at=timezone.now()))

    assert Flag.Kind.OLD in found


def test_of_an_op_that_comes_days_later_its_own_clock_tells_the_age(client):
    someone = field.crew()
    issue = make.issue(steps=[Step.START], at=timezone.now() - make.days(5))
    done = timezone.now() - make.days(2)
    office.enter(client, someone)
    field.shoot(client, issue, taken_at=done.isoformat())
    office.processed(Photo.objects.get(issue=issue))

    field.post(client, field.op(issue, Step.RESOLVE, at=done))

    assert set(raised(issue)) == {Flag.Kind.LATE_OP}


def test_an_issue_without_a_pin_demands_no_place():
    issue = make.issue(area_code="1.2", steps=[Step.START])
    photo = make.photo(issue, kind=Photo.Kind.AFTER)

    assert list(proofs.doubts(issue, photo, done_at=timezone.now())) == []


HASH = 0x0F1E2D3C4B5A6978


def hashed(issue, phash, **fields):
    return make.photo(issue, phash=f"{phash:016x}", **({"kind": Photo.Kind.AFTER} | fields))


def likeness(photo):
    found = dict(proofs.doubts(photo.issue, photo, done_at=timezone.now()))
    return found.get(Flag.Kind.SAME_PHOTO)


@pytest.mark.parametrize(("flipped", "same"), [(0, True), (6, True), (7, False)])
def test_the_picture_of_another_job_is_known_by_its_bits(flipped, same):
    other, issue = make.issue(), make.issue()
    hashed(other, HASH)
    photo = hashed(issue, HASH ^ ((1 << flipped) - 1))

    found = likeness(photo)

    assert (found is not None) == same
    assert not same or found == {"number": other.number, "bits": flipped}


def test_the_damages_own_picture_proves_no_repair():
    issue = make.issue()
    hashed(issue, HASH, kind=Photo.Kind.BEFORE)

    assert likeness(hashed(issue, HASH))["number"] == issue.number


def test_two_photos_of_one_repair_may_be_alike():
    issue = make.issue()
    hashed(issue, HASH)

    assert likeness(hashed(issue, HASH)) is None


def test_other_departments_and_other_years_are_not_compared():
    make.rule("sampah", to="DLHK", service_code="sampah")
    make.category("sampah-liar")
    hashed(make.issue(service_code="sampah-liar"), HASH)
    hashed(make.issue(), HASH, created_at=timezone.now() - make.days(400))

    assert likeness(hashed(make.issue(), HASH)) is None


def test_a_picture_on_which_there_is_nothing_to_see_is_like_no_other():
    hashed(make.issue(), 0)

    assert likeness(hashed(make.issue(), 0)) is None


def test_of_one_photo_a_doubt_is_raised_once():
    issue = repaired(metres=400, clean_first=True)
    photo = Photo.objects.get(issue=issue)
    photo.issue = issue

    actions.photo_processed(photo.pk, None)

    assert issue.flags.count() == 1


def test_a_repair_of_the_office_is_not_judged():
    issue = make.issue(steps=[Step.START])
    liaison = make.user(Role.LIAISON, department=make.department())
    office.photo(issue, kind=Photo.Kind.AFTER, actor=liaison)

    actions.take(issue.pk, Step.RESOLVE, actor=liaison)

    assert raised(issue) == {}


# Letters to a reporter whom nobody knows -----------------------------------------------------


def test_a_crew_writes_to_a_reporter_without_knowing_them(client):
    issue = make.issue(email="wayan@warga.example", consent=True)
    actions.take(issue.pk, Step.WRITE, actor=field.crew(), note="Tiang sebelah mana?")
    mail.outbox.clear()

    jobs.tell_reporter(event_id=issue.events.last().pk)

    [letter] = mail.outbox
    assert letter.to == ["wayan@warga.example"]
    assert "Tiang sebelah mana?" in letter.body
    client.post("/lacak", {"rahasia": actions.token_for(issue)})
    page = client.get(f"/lacak/{issue.number}").content.decode()
    assert "Petugas di lapangan menulis kepada Anda." in page
    assert "Tiang sebelah mana?" in page
    assert "Tiang sebelah mana?" not in str(PublicDetail.objects.get(pk=issue.pk).timeline)


# Races ---------------------------------------------------------------------------------------


def together(*calls):
    """Run calls at the same moment, each on a connection of its own; return what came of each."""
    barrier = threading.Barrier(len(calls))

    def run(call):
        try:
            barrier.wait()
            return call()
        except Exception as error:  # noqa: BLE001  what went wrong is the answer
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.mark.django_db(transaction=True)
def test_r15_of_two_updates_on_one_version_exactly_one_wins_and_none_is_lost():
    issue = make.issue()
    people = [make.user(Role.LIAISON, department=make.department()) for _side in range(2)]
    won = []

    for pair in range(PAIRS):
        version = office.fresh(issue).version
        notes = [f"{pair}-{side}" for side in "ab"]
        found = together(
            *(
                partial(
                    actions.take, issue.pk, Step.NOTE, actor=someone, version=version, note=note
                )
                for someone, note in zip(people, notes, strict=True)
            )
        )
        lost = [one for one in found if isinstance(one, StaleIssue)]
        winners = [n for one, n in zip(found, notes, strict=True) if isinstance(one, Issue)]
        assert (len(winners), len(lost)) == (1, 1), found
        assert lost[0].current_version == version + 1
        won += winners

    notes = Event.objects.filter(issue=issue, step=Step.NOTE).order_by("seq")
    assert list(notes.values_list("note", flat=True)) == won
    assert office.fresh(issue).version == 2 + PAIRS
    assert [str(one) for truth in invariants.TRUTHS for one in truth.find(None)] == []


@pytest.mark.django_db(transaction=True)
def test_one_op_sent_five_times_at_once_is_done_once():
    issue = make.issue()
    someone = field.crew()
    op = actions.Op(
        id=make.uuid(1), number=issue.number, base=issue.version, step=Step.START, note="",
        at=timezone.now(),
    )  # fmt: skip

    found = together(
        *(lambda: actions.replay(op, actor=someone, city=issue.city) for _time in range(5))
    )

    assert sorted(again for _kept, again in found) == [False, True, True, True, True]
    assert {kept.result_version for kept, _again in found} == {office.fresh(issue).version}
    assert issue.events.filter(step=Step.START).count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_crews_on_one_version_one_is_done_and_one_collides():
    issue = make.issue()
    people = [field.crew(), field.crew()]
    op = actions.Op(
        id=make.uuid(1), number=issue.number, base=issue.version, step=Step.START, note="",
        at=timezone.now(),
    )  # fmt: skip

    found = together(
        *(
            lambda someone=someone: actions.replay(
                replace(op, id=uuid4()), actor=someone, city=issue.city
            )[0]
            for someone in people
        )
    )

    assert sorted(kept.state for kept in found) == [FieldOp.State.CONFLICT, FieldOp.State.DONE]
    assert issue.events.filter(step=Step.START).count() == 1
