import os
import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.gis.geos import Point
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.db.models import F
from django.utils import timezone

from geodata.models import RoutingRule
from issues import actions, jobs
from issues.invariants import TRUTHS
from issues.models import (
    Category,
    Decision,
    Holiday,
    Issue,
    Photo,
    PublicDetail,
    PublicIssue,
    PublicPhoto,
    Series,
)
from issues.workflow import Role, Step
from tests import make
from tests.issues import photo_corpus

pytestmark = pytest.mark.django_db

LONG_LIFE = (
    Step.ASK,
    Step.ANSWER,
    Step.RESPOND,
    Step.SCHEDULE,
    Step.START,
    Step.RESOLVE,
    Step.VALIDATE,
    Step.REOPEN,
    Step.REFUSE,
    Step.VERIFY,
    Step.ASSIGN,
    Step.FORWARD,
    Step.RECEIVE,
    Step.HIDE,
    Step.UNHIDE,
    Step.COMMENT,
)


def broken(names=None):
    """List the names of the truths that do not hold."""
    return {
        truth.name
        for truth in TRUTHS
        if truth.name in (names or truth.name) and [*truth.find(None)]
    }


def sql(statement):
    """Change rows as only somebody with the database in hands could: without actions and guard."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE issues_event DISABLE TRIGGER event_is_append_only")
        cursor.execute(statement)
        if not statement.startswith("DROP"):
            cursor.execute("ALTER TABLE issues_event ENABLE TRIGGER event_is_append_only")


@pytest.fixture
def case(settings, tmp_path):
    """An issue with a clean, released photo and released words."""
    settings.MEDIA_ROOT = tmp_path / "media"
    issue = make.issue(email="wayan@warga.example")
    photo = actions.attach(issue.pk, photo_corpus.jpeg(), photo_id=make.uuid(7))
    jobs.clean_photo(photo_id=str(photo.pk))
    desk = make.user(Role.DISPATCHER)
    actions.review(
        issue.pk, actor=desk, version=None, public_text="Lampu mati.", released=[photo.pk]
    )
    return Issue.objects.get()


# What must hold ------------------------------------------------------------------------------


def test_all_truths_hold_in_an_empty_house():
    assert broken() == set()


def test_all_truths_hold_after_a_long_life(case):
    for step in LONG_LIFE:
        case = make.take(case, step)

    assert broken() == set()


@pytest.mark.parametrize(
    "fields", [{"confidential": True}, {"anonymous": True}, {"area_code": "1.2"}]
)
def test_all_truths_hold_for_every_kind_of_report(fields):
    make.issue(service_code="layanan-lambat", **fields)
    make.issue(**fields)

    assert broken() == set()


def test_all_truths_hold_around_a_duplicate(case):
    other = make.take(make.issue(), Step.MERGE, original=case)
    make.take(case, Step.HIDE)
    assert broken() == set()

    make.take(other, Step.UNMERGE)
    assert broken() == set()


# What each truth finds -----------------------------------------------------------------------


def other_bytes(case):
    photo = Photo.objects.get()
    default_storage.delete(photo.original_path)
    default_storage.save(photo.original_path, ContentFile(b"something else"))


def lost_size(case):
    default_storage.delete(Photo.objects.get().path("small"))


def old_file(case):
    path = default_storage.path(default_storage.save("clean/nobody/0/large.jpg", ContentFile(b"x")))
    yesterday = (timezone.now() - timedelta(hours=25)).timestamp()
    os.utime(path, (yesterday, yesterday))


def hidden_without_withdrawing(case):
    Issue.objects.update(hidden=True)


def duplicate_row_of_a_stranger(case):
    make.take(make.issue(), Step.HIDE)
    copy = PublicIssue.objects.get()
    copy.issue, copy.number = Issue.objects.get(hidden=True), "DPS-26-999999"
    copy.save(force_insert=True)


BREAKS = {
    "receipts: body": lambda case: Issue.objects.update(body_hash=""),
    "receipts: secret": lambda case: Issue.objects.update(token_hash="0" * 64),
    "photos: bytes": other_bytes,
    "photos: size": lost_size,
    "files: orphan": old_file,
    "owners: undecided": lambda case: Decision.objects.all().delete(),
    "owners: edition": lambda case: Decision.objects.update(edition=None),
    "owners: triage": lambda case: Issue.objects.update(status="submitted"),
    "owners: closed": lambda case: Issue.objects.update(closed_at=timezone.now()),
    "history: version": lambda case: Issue.objects.update(version=F("version") + 1),
    "history: status": lambda case: Issue.objects.update(status="responded"),
    "history: gap": lambda case: sql("DELETE FROM issues_event WHERE seq = 2"),
    "history: path": lambda case: sql("UPDATE issues_event SET status = 'fixed' WHERE seq = 3"),
    "history: role": lambda case: sql(
        "UPDATE issues_event SET role = 'crew' WHERE step = 'review'"
    ),
    "jobs: receipt": lambda case: sql("DELETE FROM procrastinate_jobs WHERE task_name = 'receipt'"),
    "jobs: office": lambda case: sql(
        "DELETE FROM procrastinate_jobs WHERE task_name = 'tell_office'"
    ),
    "public: place": lambda case: PublicIssue.objects.update(point=Point(115.2, -8.6, srid=4326)),
    "public: layer": lambda case: PublicIssue.objects.update(layer=3),
    "public: gone": lambda case: PublicIssue.objects.all().delete(),
    "public: text": lambda case: PublicDetail.objects.update(text="Lampu mati, kata Pak Ketut."),
    "public: photo": lambda case: PublicPhoto.objects.update(generation=9),
    "public: unreleased": lambda case: Photo.objects.update(public=False),
    "public: hidden": hidden_without_withdrawing,
    "public: stranger": duplicate_row_of_a_stranger,
    "dates: due": lambda case: Issue.objects.update(due_at=F("due_at") + timedelta(hours=1)),
    "dates: holiday": lambda case: Holiday.objects.create(
        city=case.city, date=case.due_at.date(), name="Nyepi", kind="national"
    ),
    "chain: note": lambda case: sql("UPDATE issues_event SET note = 'lain' WHERE seq = 1"),
    "chain: order": lambda case: sql("UPDATE issues_event SET previous_hash = '' WHERE seq = 2"),
    "chain: last": lambda case: sql("UPDATE issues_event SET at = at + '1 s' WHERE seq = 4"),
    "chain: guard": lambda case: sql("DROP TRIGGER event_is_append_only ON issues_event"),
    "chain: looks": lambda case: sql("DROP TRIGGER access_is_append_only ON issues_access"),
    "chain: rights": lambda case: sql(
        "DROP TRIGGER configuration_is_append_only ON issues_configurationchange"
    ),
    "numbers: series": lambda case: Series.objects.update(last=0),
    "rules: category": lambda case: make.rule("hantu", service_code="tidak-ada"),
    "rules: nobody": lambda case: RoutingRule.objects.update(active=False),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_truth_is_found_by_its_name(case, name):
    BREAKS[name](case)

    assert name.partition(":")[0] in broken()


def test_a_waiting_photo_without_its_job_is_found(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    photo = actions.attach(make.issue().pk, photo_corpus.jpeg(), photo_id=make.uuid(7))
    sql("DELETE FROM procrastinate_jobs WHERE task_name = 'clean_photo'")

    [violation] = [*next(truth for truth in TRUTHS if truth.name == "jobs").find(None)]

    assert str(photo.pk) in str(violation)


def test_a_client_id_that_stands_twice_is_found():
    first, second = make.issue(), make.issue()
    sql("DROP INDEX issue_uuid_is_unique_in_its_city")
    Issue.objects.filter(pk=second.pk).update(uuid=first.uuid)

    found = [str(one) for one in next(t for t in TRUTHS if t.name == "receipts").find(None)]

    assert any(first.number in one and second.number in one for one in found)


def test_another_citys_faults_are_not_this_ones():
    make.issue()
    other = make.city(slug="batu", prefix="KBT")
    Issue.objects.update(body_hash="")

    assert broken(["receipts"]) == {"receipts"}
    assert not [*next(truth for truth in TRUTHS if truth.name == "receipts").find(other)]


# The history cannot be rewritten -------------------------------------------------------------


@pytest.mark.parametrize(
    "statement", ["UPDATE issues_event SET note = ''", "DELETE FROM issues_event"]
)
def test_the_table_of_events_refuses(statement):
    make.issue()

    with connection.cursor() as cursor, pytest.raises(Exception, match="append-only"):
        cursor.execute(statement)


# The command ---------------------------------------------------------------------------------


def test_fsck_says_that_all_is_well(case):
    said = StringIO()

    call_command("fsck", stdout=said)

    assert all(truth.name in said.getvalue() for truth in TRUTHS)


def test_fsck_names_the_row_and_fails(case):
    said = StringIO()
    Issue.objects.update(body_hash="")

    with pytest.raises(SystemExit) as ended:
        call_command("fsck", "--only=receipts", "--city=denpasar", stdout=said)

    assert ended.value.code == 1
    assert case.number in said.getvalue()


def test_fsck_that_fails_leaves_no_bar_behind(case):
    def away(*_args):
        raise OperationalError

    before = set(threading.enumerate())

    # The error is held, and with it every frame that it passed: nothing is tidied up by chance.
    with connection.execute_wrapper(away), pytest.raises(OperationalError) as held:
        call_command("fsck", stdout=StringIO())

    assert held.value
    for thread in set(threading.enumerate()) - before:
        thread.join(timeout=5)
        assert not thread.is_alive()


def test_fsck_knows_which_cities_there_are():
    with pytest.raises(CommandError):
        call_command("fsck", "--city=atlantis")


def test_categories_without_fast_lane_may_wait_for_a_dispatcher():
    make.world()
    Category.objects.update(fast_lane=False)
    RoutingRule.objects.all().delete()

    assert broken(["rules"]) == set()


def test_an_issue_says_itself_whether_triage_has_looked():
    seen, unseen = make.issue(steps=[Step.HIDE]), make.issue()
    assert broken(["looked"]) == set()

    Issue.objects.filter(pk=unseen.pk).update(looked_on=True)
    assert broken(["looked"]) == {"looked"}

    Issue.objects.filter(pk__in=[seen.pk, unseen.pk]).update(looked_on=False)
    assert broken(["looked"]) == {"looked"}


def test_an_issue_says_itself_since_when_a_photo_waits():
    issue = make.issue()
    make.photo(issue)
    assert broken(["looked"]) == set()

    Issue.objects.filter(pk=issue.pk).update(photo_at=None)
    assert broken(["looked"]) == {"looked"}
