"""The pyramid under fire: writers, readers and folds at once, and folders killed by the number."""

import contextlib
import os
import signal
import subprocess
import sys
import threading

import psycopg2
import pytest
from django.db import connection, transaction

from geodata import pyramid
from geodata.pyramid import Ask, chunks
from geodata.tiles import Tile
from tests.faults import rig
from tests.geodata import counted

STAYS = counted.STAYS
WRITERS = 3
CHANGES = 60
HOT = Tile.holding(115.2, -8.66, z=13)


class Killed(BaseException):
    """Nobody catches this."""


@pytest.fixture
def stays(transactional_db):
    """A table of 500 rows with its pyramid, committed."""
    counted.table(STAYS)
    draw = counted.noise(5)
    counted.insert(STAYS, [counted.row(draw) for _ in range(500)])
    pyramid.fold(STAYS)
    yield STAYS
    counted.drop(STAYS)


@pytest.fixture
def folder(stays):
    """Start a folder of its own; stopped at the end."""
    started = []

    def start():
        environment = os.environ | {"DATABASE_URL": rig.database_url()}
        command = [sys.executable, "-m", "tests.faults.folder", stays.name]
        process = subprocess.Popen(command, env=environment, cwd=rig.ROOT, stdout=subprocess.PIPE)
        started.append(process)
        assert process.stdout.readline() == b"folding\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def write(seed, errors, changes=CHANGES):
    """Do random things to one share of the rows, each in a transaction of its own."""
    draw = counted.noise(seed)
    values = connection.get_connection_params()
    with contextlib.closing(psycopg2.connect(**values)) as own:
        own.autocommit = True
        for _change in range(changes):
            try:
                counted.change(STAYS, draw, own.cursor(), share=f"mod(id, {WRITERS}) = {seed}")
            except psycopg2.Error as error:
                errors.append(error)


@contextlib.contextmanager
def writing(changes=CHANGES):
    """Let several writers work meanwhile; yields whether they still do."""
    errors = []
    threads = [
        threading.Thread(target=write, args=(seed, errors, changes)) for seed in range(WRITERS)
    ]
    for thread in threads:
        thread.start()
    yield lambda: any(thread.is_alive() for thread in threads)
    for thread in threads:
        thread.join()
    assert errors == []


def look(draw):
    """Compare some tiles with the table, both in one snapshot."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        for _look in range(3):
            tile, ask = counted.random_tile(draw), counted.random_ask(draw)
            assert counted.read(STAYS, 1, tile, ask) == counted.counted(STAYS, 1, tile, ask)


def test_no_cell_is_wrong_while_rows_change_and_folders_are_killed(folder):
    draw = counted.noise(1)
    process, kills = folder(), 0
    with writing() as goes_on:
        while goes_on() or kills < 1:
            look(draw)
            if draw.random() < 0.15:
                os.kill(process.pid, signal.SIGKILL)
                process.wait()
                process, kills = folder(), kills + 1
    process.kill()
    process.wait()

    assert pyramid.differences(STAYS) == []


def test_a_fold_killed_before_any_of_its_statements_has_done_nothing(stays):
    counted.insert(stays, [counted.row(counted.noise(seed)) for seed in range(60)])
    before = counted.counted(stays, 1, HOT)
    statements = 0

    def strike(execute, statement, params, many, context):
        nonlocal left
        left -= 1
        if left < 0:
            raise Killed
        return execute(statement, params, many, context)

    done = False
    while not done:
        left = statements
        with contextlib.suppress(Killed), connection.execute_wrapper(strike):
            pyramid.fold(stays)
            done = True
        assert counted.read(stays, 1, HOT) == before
        statements += 1

    assert statements > 8
    assert pyramid.differences(stays) == []


def test_of_two_folders_one_leaves_it_to_the_other(stays):
    counted.insert(stays, [counted.row(counted.noise(2))])
    with contextlib.closing(psycopg2.connect(**connection.get_connection_params())) as other:
        other.cursor().execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"heat {stays.name}"]
        )
        assert pyramid.fold(stays) == 0
        other.rollback()

    assert pyramid.fold(stays) > 0


def test_a_rebuild_stops_nobody_and_loses_nothing(stays):
    draw = counted.noise(4)
    with writing() as goes_on:
        while goes_on():
            pyramid.rebuild(stays)
            look(draw)

    assert pyramid.differences(stays) == []


def test_a_bulk_load_is_there_with_its_commit_and_not_before(stays):
    before = pyramid.totals(stays, 1, Ask(by=())).total
    rows = [counted.row(counted.noise(seed)) | {"city": 1, "gone": None} for seed in range(90)]

    with writing(10), pyramid.bulk(stays):
        counted.insert(stays, rows)
    with contextlib.suppress(Killed), pyramid.bulk(stays):
        counted.insert(stays, rows)
        raise Killed

    look(counted.noise(6))
    assert pyramid.differences(stays) == []
    assert before != pyramid.totals(stays, 1, Ask(by=())).total


def test_writers_never_wait_for_a_fold(stays):
    with contextlib.closing(psycopg2.connect(**connection.get_connection_params())) as own:
        own.autocommit = True
        own.cursor().execute("SET lock_timeout = '1s'")
        with transaction.atomic():
            assert chunks.lock(stays, wait=False)
            pyramid.fold(stays)
            counted.insert(stays, [counted.row(counted.noise(8))] * 40, own.cursor())
            own.cursor().execute("DELETE FROM stays_counted WHERE id % 7 = 0")

    assert pyramid.differences(stays) == []


def test_a_truncate_waits_for_the_fold_and_leaves_nothing(stays):
    counted.insert(stays, [counted.row(counted.noise(8))] * 40)
    with contextlib.closing(psycopg2.connect(**connection.get_connection_params())) as own:
        own.autocommit = True
        cut = threading.Thread(target=own.cursor().execute, args=("TRUNCATE stays_counted",))
        with transaction.atomic():
            pyramid.fold(stays)
            cut.start()
            cut.join(0.3)
            assert cut.is_alive()
        cut.join()

    assert pyramid.totals(stays, 1).total == pyramid.read(stays, 1, Tile(0, 0, 0)).total == 0
