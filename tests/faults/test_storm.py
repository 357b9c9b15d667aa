"""Proof that a receipt holds: 500 reports while web server, job worker and connections are killed.

RELIABILITY R2 (random kills), R3 (lost acknowledgements) and R6 (killed between the mail server's
"accepted" and the job's "done"), in a size for every submission. `CIVICMAP_SEED` replays a run.
"""

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes, policy
from itertools import cycle

import pytest
from aiosmtpd.controller import Controller

from tests.faults import rig
from tests.faults.ledger import Citizen, Ledger
from tests.issues import photo_corpus

REPORTS = 500
CITIZENS = 6
KILLS = ("web worker", "web worker", "job worker", "job worker in post", "backends", "web master")
BETWEEN_KILLS = (8, 24)
"""Acknowledgements from one kill to the next: a slow machine sees the same storm, only slower."""
WITHIN_S = 0.1
LONGEST_S = 600


def dice(seed):
    """Draw the same numbers for the same seed."""
    return random.Random(seed)  # noqa: S311  a replay, no secret


class Postman:
    """A mail server that keeps what it takes; a worker may die before it hears "accepted"."""

    def __init__(self):
        self.letters = []
        self.strike = None
        self.port = 0

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  aiosmtpd's name
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        strike, self.strike = self.strike, None
        if strike:
            strike()
        return "250 OK"


class Nemesis(threading.Thread):
    """Kills by number, and starts again what a supervisor would start again."""

    def __init__(self, stack, postman, ledger, *, seed):
        super().__init__(name="nemesis")
        self.stack, self.postman, self.ledger = stack, postman, ledger
        self.chance = dice(seed)
        self.done = threading.Event()
        self.kills = Counter()

    def run(self):
        kinds = cycle(self.chance.sample(KILLS, len(KILLS)))
        while self._waits_its_turn():
            kind = next(kinds)
            getattr(self, kind.replace(" ", "_"))()
            self.kills[kind] += 1

    def _waits_its_turn(self):
        """Wait for some acknowledgements and then a moment, so that it strikes in the middle."""
        target = self.ledger.acknowledged + self.chance.randint(*BETWEEN_KILLS)
        while self.ledger.acknowledged < target:
            if self.done.wait(rig.LOOK_S):
                return False
        return not self.done.wait(self.chance.uniform(0, WITHIN_S))

    def web_worker(self):
        if pids := rig.children(self.stack.processes["web"].pid):
            self._strike(self.chance.choice(pids))

    def web_master(self):
        process = self.stack.processes["web"]
        self._strike(process.pid)
        process.wait()
        self.stack.start_web()

    def job_worker(self):
        process = self.stack.processes["worker"]
        self._strike(process.pid)
        process.wait()
        self.stack.start_worker()

    def job_worker_in_post(self):
        """Arm the postman: the next letter is accepted, and its sender never hears of it."""
        died = threading.Event()

        def strike():
            self._strike(self.stack.processes["worker"].pid)
            died.set()

        self.postman.strike = strike
        if died.wait(timeout=10):
            self.stack.processes["worker"].wait()
            self.stack.start_worker()
        self.postman.strike = None

    def backends(self):
        """Cut every connection of the app, as a restart of the database does."""
        with rig.session(self.stack.database) as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    @staticmethod
    def _strike(pid):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return


@pytest.fixture(scope="module")
def seed():
    return int(os.environ.get("CIVICMAP_SEED") or random.SystemRandom().randrange(10**6))


@pytest.fixture
def postman():
    postman = Postman()
    controller = Controller(postman, hostname="127.0.0.1", port=rig.free_port())
    controller.start()
    postman.port = controller.port
    yield postman
    controller.stop()


@pytest.fixture
def stack(db, tmp_path, postman) -> Iterator[rig.Stack]:
    """A small city on a database of its own, with web server, worker and mail server."""
    mail = {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(postman.port),
    }
    with rig.database() as name:
        stack = rig.Stack(tmp_path, database=name, extra=mail)
        stack.manage("migrate", "--verbosity=0")
        stack.manage("shell", "-c", "from tests import make; make.world()")
        stack.start_web()
        stack.start_worker()
        rig.until(stack.answers, what="the web server")
        try:
            yield stack
        finally:
            stack.stop()


def storm(stack, ledger, seed):
    """Let the citizens send everything; return them with what they saw."""
    deadline = time.monotonic() + LONGEST_S
    citizens = [
        Citizen(ledger, stack.port, dice(f"{seed} {n}"), photo_corpus.jpeg(), deadline)
        for n in range(CITIZENS)
    ]
    left, failures = iter(range(REPORTS)), []
    turn = threading.Lock()

    def send(citizen):
        while not failures:
            with turn:
                if next(left, None) is None:
                    return
            try:
                citizen.report()
            except AssertionError as failure:
                failures.append(failure)

    threads = [threading.Thread(target=send, args=[citizen]) for citizen in citizens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures
    return citizens


def unfinished(stack):
    """Count the jobs that still have something to do now."""
    with rig.session(stack.database) as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE queue_name <> 'calendar'"
            " AND status NOT IN ('succeeded', 'failed')"
        )
        return cursor.fetchone()[0]


def stored(stack, statement):
    with rig.session(stack.database) as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def test_once_acknowledged_nothing_is_lost_doubled_or_changed(
    stack, postman, tmp_path, seed, capsys
):
    ledger = Ledger(tmp_path / "ledger")
    nemesis = Nemesis(stack, postman, ledger, seed=seed)
    began = time.monotonic()

    nemesis.start()
    try:
        citizens = storm(stack, ledger, seed)
    finally:
        nemesis.done.set()
        nemesis.join()
    calm = time.monotonic()
    rig.until(lambda: unfinished(stack) == 0, within_s=LONGEST_S, what="every job done")
    drained = time.monotonic()

    intents = {line["id"]: line["description"] for line in ledger.lines("intent")}
    acks = {}
    for line in ledger.lines("ack"):
        receipt = (line["number"], line["token"])
        assert acks.setdefault(line["id"], receipt) == receipt, "a second receipt differs"
    issues = stored(stack, "SELECT uuid::text, number, description FROM issues_issue")
    assert len(acks) == REPORTS
    assert Counter(uuid for uuid, *_rest in issues) == Counter(acks.keys())
    assert {uuid: number for uuid, number, _ in issues} == {
        id_: ack[0] for id_, ack in acks.items()
    }
    assert {uuid: description for uuid, _, description in issues} == intents

    photos = {line["id"]: line["sha256"] for line in ledger.lines("photo-ack")}
    rows = stored(stack, "SELECT id::text, sha256, state FROM issues_photo")
    assert {id_: digest for id_, digest, _ in rows} == photos
    assert {state for *_rest, state in rows} == {"clean"}

    receipts = [letter for letter in postman.letters if ".receipt@" in letter["Message-ID"]]
    told = {(letter["To"].partition("@")[0], letter["Message-ID"]) for letter in receipts}
    assert {who for who, _ in told} == {id_.replace("-", "") for id_ in acks}
    assert len(told) == REPORTS, "a repeated letter has another Message-ID"

    checked = stack.manage("fsck", check=False)
    assert checked.returncode == 0, checked.stdout

    deaths = nemesis.kills["job worker"] + nemesis.kills["job worker in post"]
    again = len(postman.letters) - len({letter["Message-ID"] for letter in postman.letters})
    assert again <= 4 * (deaths + nemesis.kills["backends"])
    assert [status for citizen in citizens for status in citizen.rude] == []
    tries = sum(citizen.tries for citizen in citizens)
    with capsys.disabled():
        print(  # noqa: T201  the figures of the run
            f"\nRESULT storm seed={seed} reports={REPORTS} tries={tries} photos={len(photos)}"
            f" kills={dict(nemesis.kills)} letters={len(postman.letters)} again={again}"
            f" storm={calm - began:.0f}s drained={drained - calm:.0f}s lost=0 doubled=0 ok"
        )
