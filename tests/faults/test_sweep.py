"""Every step of taking in a report and a photo fails once: nothing half done may stay.

RELIABILITY R1 for `submit` and `attach`: the N-th statement or file operation fails, N = 1, 2, 3 …
until a run passes untouched; by an error, by a cut connection, by a death. Also R5 (death between
COMMIT and the answer) and R12 (the file is on the disk before COMMIT is sent).
"""

import errno
import os
import subprocess
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.db import DatabaseError, InterfaceError, OperationalError, connection, connections

from issues import actions
from issues.errors import StorageFull
from issues.invariants import TRUTHS
from issues.models import Issue, Photo
from tests import make
from tests.faults import rig
from tests.issues import photo_corpus

pytestmark = pytest.mark.django_db(transaction=True)

GONE = 9


class Nth:
    """Lets the N-th statement fail in a given way; counts them all."""

    def __init__(self, number, way):
        self.number, self.way, self.seen = number, way, 0

    def __call__(self, execute, sql, params, many, context):
        self.seen += 1
        if self.seen == self.number:
            self.way(context["connection"])
        return execute(sql, params, many, context)

    @property
    def is_untouched(self):
        return self.seen < self.number


def fails(_connection):
    raise OperationalError


def is_cut(wrapper):
    """End the session from beside, as a dying server does; the statement then finds nobody."""
    with rig.session(wrapper.settings_dict["NAME"]) as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(%s, 5000)", [wrapper.connection.get_backend_pid()]
        )


def dies(_connection):
    os._exit(GONE)


def until_untouched(way, action) -> Iterator[Nth]:
    """Run an action again and again with a later and later fault; yield each fault that struck."""
    for number in count(1):
        fault = Nth(number, way)
        with connection.execute_wrapper(fault):
            try:
                action()
            except (DatabaseError, InterfaceError):
                connection.close()
        if fault.is_untouched:
            return
        yield fault


def in_a_child(action):
    """Run an action in a process of its own, which may die."""
    connection.close()
    pid = os.fork()
    if pid == 0:
        connection.connect()
        action()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def broken():
    """Say what `fsck` would find; empty where all is well."""
    found = {truth.name: [str(one) for one in truth.find(None)] for truth in TRUTHS}
    return {name: words for name, words in found.items() if words}


@pytest.fixture
def city(queue, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return make.world()


@pytest.mark.parametrize("way", [fails, is_cut])
def test_a_report_is_there_with_everything_or_not_at_all(city, queue, way):
    draft = make.draft(email="wayan@warga.example")
    struck = 0

    for fault in until_untouched(way, lambda: actions.submit(draft, city=city)):
        struck += 1
        assert Issue.objects.count() == 0, f"statement {fault.number}"
        assert queue() == []

    assert struck >= 10
    assert [issue.uuid for issue in Issue.objects.all()] == [draft.uuid]
    assert broken() == {}


def test_a_death_in_the_middle_of_a_report_leaves_nothing(city, queue):
    struck = 0
    for number in count(1):
        draft = make.draft()

        def submit(draft=draft, number=number):
            with connection.execute_wrapper(Nth(number, dies)):
                actions.submit(draft, city=city)

        if in_a_child(submit) != GONE:
            break
        struck += 1
        assert Issue.objects.count() == 0, f"statement {number}"
        assert queue() == []

    assert struck >= 10
    assert Issue.objects.count() == 1
    assert broken() == {}


def test_a_death_after_the_commit_loses_neither_receipt_nor_mail(city, queue):
    draft = make.draft(email="wayan@warga.example")

    def submit():
        actions.submit(draft, city=city)
        dies(connection)

    assert in_a_child(submit) == GONE
    first = Issue.objects.get()
    again = actions.submit(draft, city=city)

    assert (again.issue.number, again.created) == (first.number, False)
    assert actions.by_token(city, again.token) == first
    assert [job.task_name for job in queue()].count("receipt") == 1
    assert broken() == {}


@pytest.mark.parametrize("way", [fails, is_cut])
def test_a_photo_is_kept_with_everything_or_not_at_all(city, queue, way):
    issue, identity = make.issue(), uuid4()
    before = len(queue())

    def attach():
        actions.attach(issue.pk, photo_corpus.jpeg(), photo_id=identity)

    struck = 0
    for fault in until_untouched(way, attach):
        struck += 1
        assert Photo.objects.count() == 0, f"statement {fault.number}"
        assert len(queue()) == before

    assert struck >= 5
    assert Photo.objects.get().pk == identity
    assert broken() == {}


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EDQUOT])
@pytest.mark.parametrize("name", ["fsync", "link"])
def test_a_disk_that_fails_acknowledges_no_photo(city, monkeypatch, name, number):
    issue, real = make.issue(), getattr(os, name)
    for nth in count(1):
        calls = []

        def operation(*args, nth=nth, calls=calls, **kwargs):
            calls.append(args)
            if len(calls) == nth:
                raise OSError(number, os.strerror(number))
            return real(*args, **kwargs)

        monkeypatch.setattr(os, name, operation)
        try:
            actions.attach(issue.pk, photo_corpus.jpeg(), photo_id=make.uuid(7))
        except (OSError, StorageFull):
            assert Photo.objects.count() == 0
        if len(calls) < nth:
            break
    monkeypatch.undo()

    assert Photo.objects.count() == 1
    assert broken() == {}


# The order of durability ---------------------------------------------------------------------


@pytest.fixture
def record(monkeypatch):
    """Write down, in order, which files and folders were synced and when COMMIT was sent."""
    seen = []
    wrapper = type(connections["default"])
    sync, commit = os.fsync, wrapper._commit

    def fsync(descriptor):
        sync(descriptor)
        seen.append(Path(f"/proc/self/fd/{descriptor}").readlink())

    def _commit(self):
        seen.append("COMMIT")
        return commit(self)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(wrapper, "_commit", _commit)
    return seen


def test_file_and_folders_are_on_the_disk_before_commit_is_sent(city, record):
    issue = make.issue()
    record.clear()

    photo = actions.attach(issue.pk, photo_corpus.jpeg(), photo_id=uuid4())

    file = Path(default_storage.path(photo.original_path))
    synced = record[: record.index("COMMIT")]
    assert record.count("COMMIT") == 1
    assert any(path.suffix == ".part" and path.parent == file.parent for path in synced)
    assert synced.index(file.parent) > 0
    assert Path(default_storage.location) in synced


TRACED = """
import uuid
from django.db import connection
from issues import actions
from issues.models import Issue
from tests.issues import photo_corpus
actions.attach(Issue.objects.get().pk, photo_corpus.jpeg(), photo_id=uuid.UUID(int=7))
"""


def test_the_kernel_saw_the_same_order(city, tmp_path):
    """The same by strace, where the machine has it and lets us use it."""
    if subprocess.run(["strace", "-f", "true"], capture_output=True, check=False).returncode:
        pytest.skip("strace is not there or may not trace")
    make.issue()
    stack = rig.Stack(tmp_path)
    trace = tmp_path / "trace"
    calls = "trace=fsync,linkat,link,sendto,write"
    command = ["strace", "-f", "-y", "-s", "80", "-e", calls, "-o", str(trace)]

    subprocess.run(
        [*command, rig.PYTHON, "manage.py", "shell", "-c", TRACED],
        cwd=rig.ROOT,
        env=stack.environment,
        capture_output=True,
        check=True,
    )

    lines = trace.read_text().splitlines()
    part = next(n for n, line in enumerate(lines) if "fsync(" in line and ".part" in line)
    link = next(n for n, line in enumerate(lines) if "link" in line and "/original/" in line)
    folder = next(
        n for n, line in enumerate(lines) if n > link and "fsync(" in line and "original>" in line
    )
    commit = next(n for n, line in enumerate(lines) if n > part and "COMMIT" in line)
    assert part < link < folder < commit
    assert Photo.objects.count() == 1
