"""Photos of an issue: kept before anybody may see them, cleaned, released, blacked out."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import connection, transaction

from issues import actions, photos
from issues.errors import (
    DifferentSubmission,
    MissingDuty,
    NotPermitted,
    PhotoRefused,
    StaleIssue,
    TooManyPhotos,
    UnknownIssue,
)
from issues.invariants import files as invariants
from issues.models import Issue, Photo, PublicDetail, PublicPhoto
from issues.workflow import Role, Step
from tests import make
from tests.issues import photo_corpus

pytestmark = pytest.mark.django_db

RAW = photo_corpus.jpeg()


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def issue():
    return make.issue()


def attach(issue: Issue, number: int = 1, data: bytes = RAW, **fields) -> Photo:
    return actions.attach(issue.pk, data, photo_id=make.uuid(number), **fields)


def cleaned(photo: Photo, folder: Path) -> Photo:
    folder.mkdir()
    source = Path(default_storage.path(photo.original_path))
    return actions.photo_processed(photo.pk, photos.clean(source, folder))


# Kept ----------------------------------------------------------------------------------------


def test_a_photo_is_on_the_disk_with_its_bytes_and_its_job(issue, queue):
    photo = attach(issue)

    assert Path(default_storage.path(photo.original_path)).read_bytes() == RAW
    assert (photo.sha256, photo.state) == (hashlib.sha256(RAW).hexdigest(), Photo.State.WAITING)
    assert [job.task_name for job in queue() if "photo_id" in job.args] == ["clean_photo"]
    assert issue.events.last().step == Step.ATTACH


def test_the_same_photo_again_is_the_first_row_and_no_event(issue):
    first, again = attach(issue), attach(issue)

    assert again == first
    assert issue.events.filter(step=Step.ATTACH).count() == 1


def test_the_key_of_another_file_or_issue_is_refused(issue):
    attach(issue)

    with pytest.raises(DifferentSubmission):
        attach(issue, data=photo_corpus.image_bytes("PNG"))
    with pytest.raises(DifferentSubmission):
        attach(make.issue())


def test_five_photos_of_a_kind_are_enough_and_refused_ones_do_not_count(issue):
    for number in range(5):
        attach(issue, number)
    with pytest.raises(TooManyPhotos):
        attach(issue, 9)

    actions.photo_refused(make.uuid(0), "foto rusak")

    assert attach(issue, 9).position == 5
    assert attach(issue, 10, kind=Photo.Kind.AFTER).kind == Photo.Kind.AFTER


def test_fifteen_tries_are_enough_however_many_were_refused(issue):
    for number in range(15):
        attach(issue, number)
        actions.photo_refused(make.uuid(number), "foto rusak")

    with pytest.raises(TooManyPhotos):
        attach(issue, 15)
    assert attach(issue, 14).state == Photo.State.REFUSED
    assert attach(issue, 16, kind=Photo.Kind.AFTER).state == Photo.State.WAITING


@pytest.mark.django_db(transaction=True)
def test_the_raw_file_of_a_refused_photo_is_gone_once_the_refusal_is_kept(issue):
    raw = attach(issue).original_path

    with transaction.atomic():
        photo = actions.photo_refused(make.uuid(1), "foto rusak")
        assert default_storage.exists(raw)

    assert not default_storage.exists(raw)
    assert (photo.original_path, photo.sha256) == ("", hashlib.sha256(RAW).hexdigest())
    assert list(invariants.photos_kept(None)) == []


def test_what_is_no_picture_is_refused_and_leaves_nothing(issue):
    with pytest.raises(PhotoRefused):
        attach(issue, data=b"<svg/>")

    assert not Photo.objects.exists()
    assert issue.events.filter(step=Step.ATTACH).count() == 0


@pytest.mark.parametrize("role", [Role.LEADER, Role.ADMINISTRATOR, None])
def test_who_has_nothing_to_do_with_it_adds_no_photo(issue, role):
    with pytest.raises(NotPermitted):
        attach(issue, actor=make.user(role))


@pytest.mark.django_db(transaction=True)
def test_one_key_sent_for_two_issues_at_once_serves_one():
    issues = [make.issue(), make.issue()]

    def one(issue):
        try:
            return attach(issue).issue_id
        except DifferentSubmission:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        kept = list(pool.map(one, issues))

    assert kept.count(None) == 1
    assert Photo.objects.count() == 1


# Cleaned -------------------------------------------------------------------------------------


def test_a_cleaned_photo_is_for_staff_until_it_is_released(issue, tmp_path):
    photo = cleaned(attach(issue), tmp_path / "work")

    assert photo.state == Photo.State.CLEAN
    assert all(default_storage.exists(photo.path(size)) for size in photos.SIZES)
    assert not PublicPhoto.objects.exists()
    assert issue not in Issue.objects.filter(public_detail__photos__isnull=False)


def test_a_refused_photo_says_why_and_stays_hidden(issue):
    attach(issue)

    photo = actions.photo_refused(make.uuid(1), "foto rusak, ambil ulang")

    assert (photo.state, photo.reason) == (Photo.State.REFUSED, "foto rusak, ambil ulang")
    with pytest.raises(MissingDuty):
        review(issue, photo)


def test_a_clean_photo_is_not_refused_later(issue, tmp_path):
    cleaned(attach(issue), tmp_path / "work")

    assert actions.photo_refused(make.uuid(1), "terlambat").state == Photo.State.CLEAN


def test_photos_that_are_not_there_are_unknown():
    with pytest.raises(UnknownIssue):
        actions.photo_refused(make.uuid(404), "x")


# Released ------------------------------------------------------------------------------------


def review(issue, *released, actor=None, version=None, text="Lampu jalan mati."):
    return actions.review(
        issue.pk,
        actor=actor or make.user(Role.DISPATCHER),
        version=version,
        public_text=text,
        released=[photo.pk for photo in released],
    )


@pytest.mark.parametrize("role", [Role.LIAISON, Role.CREW, Role.LEADER, Role.ADMINISTRATOR])
def test_only_a_dispatcher_releases_and_redacts(issue, role):
    photo = make.photo(issue)
    department = issue.department if role in {Role.LIAISON, Role.CREW} else None
    person = make.user(role, department=department)

    with pytest.raises(NotPermitted):
        review(issue, photo, actor=person)
    with pytest.raises(NotPermitted):
        actions.redact(photo.pk, [(0, 0, 1, 1)], actor=person)


def test_a_review_of_an_old_version_is_stale(issue):
    make.take(issue, Step.NOTE)

    with pytest.raises(StaleIssue):
        review(issue, version=issue.version)


def test_a_photo_of_another_issue_is_not_released_here(issue):
    foreign = make.photo(make.issue())

    with pytest.raises(MissingDuty):
        review(issue, foreign)

    assert PublicDetail.objects.get(pk=issue.pk).text == ""


def test_reviewed_issues_wait_again_when_a_new_photo_is_clean(issue):
    before = issue in Issue.objects.unreviewed()
    review(issue)
    after = issue in Issue.objects.unreviewed()
    make.photo(issue)

    assert (before, after) == (True, False)
    assert issue in Issue.objects.unreviewed()


# Blacked out ---------------------------------------------------------------------------------


def test_a_blacked_out_photo_has_a_new_address_and_the_old_one_is_gone(
    issue, tmp_path, django_capture_on_commit_callbacks
):
    photo = cleaned(attach(issue), tmp_path / "work")
    review(issue, photo)
    old = [photo.path(size) for size in photos.SIZES]

    with django_capture_on_commit_callbacks(execute=True):
        redacted = actions.redact(
            photo.pk, [(0.25, 0.25, 0.5, 0.5)], actor=make.user(Role.DISPATCHER)
        )

    assert redacted.generation == PublicPhoto.objects.get().generation == 1
    assert not any(map(default_storage.exists, old))
    assert all(default_storage.exists(redacted.path(size)) for size in photos.SIZES)
    assert issue.events.last().data["boxes"] == [[0.25, 0.25, 0.5, 0.5]]


@pytest.mark.parametrize("box", [(-0.1, 0, 1, 1), (0, 0, 0, 1), (0.5, 0.5, 0.6, 0.6)])
def test_a_box_beyond_the_picture_is_refused(issue, tmp_path, box):
    photo = cleaned(attach(issue), tmp_path / "work")

    with pytest.raises(MissingDuty):
        actions.redact(photo.pk, [box], actor=make.user(Role.DISPATCHER))


def test_a_photo_that_waits_cannot_be_blacked_out(issue):
    photo = attach(issue)

    with pytest.raises(MissingDuty):
        actions.redact(photo.pk, [(0, 0, 1, 1)], actor=make.user(Role.DISPATCHER))
