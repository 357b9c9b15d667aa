"""B8: fifty thousand random operations while folders fold and are killed; then every cell."""
# ruff: noqa: S608 - names of ours in statements

import os
import random
import signal
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import replace
from typing import Any, Final

import psycopg2
from django.db import connection, transaction

from bench import spots
from bench.measure import ROOT, Result
from geodata import pyramid
from geodata.pyramid import Ask, Limits
from geodata.tiles import KEY_ZOOM, Tile, key

STORM: Final = replace(spots.named("storm"), limits=Limits(400, 200, 1600, 800, 300))
OPERATIONS: Final = 50_000
WRITERS: Final = 3
KILLS: Final = 12
FOLDER: Final = (
    "import django; django.setup()\n"
    "from bench.storm import STORM\n"
    "from geodata import pyramid\n"
    "print('folding', flush=True)\n"
    "while True: pyramid.fold(STORM)\n"
)


def run() -> Result:
    """Count the wrong cells: of tiles read meanwhile, and of every chunk in the end."""
    spots.table(STORM)
    spots.copy(STORM, 0, 5000, seed=8)
    done = [0] * WRITERS
    threads = [threading.Thread(target=write, args=(writer, done)) for writer in range(WRITERS)]
    for thread in threads:
        thread.start()
    wrong, looks, kills = watch(threads, done)
    wrong += len(pyramid.differences(STORM))
    note = f"{sum(done)} operations, {kills} folders killed, {looks} tiles compared meanwhile"
    return Result("B8", "wrong cells : count(*)", wrong, 0, "cells", wrong, 0, "<=", note)


def watch(threads: list[threading.Thread], done: list[int]) -> tuple[int, int, int]:
    """Read tiles while others write, and kill the folder from time to time."""
    draw = random.Random(8)  # noqa: S311 - a replay, no secret
    folder, wrong, looks, kills = start(), 0, 0, 0
    while any(thread.is_alive() for thread in threads):
        wrong += look(draw)
        looks += 1
        if sum(done) > (kills + 1) * OPERATIONS / (KILLS + 1):
            os.kill(folder.pid, signal.SIGKILL)
            folder.wait()
            folder, kills = start(), kills + 1
    folder.kill()
    folder.wait()
    return wrong, looks, kills


def start() -> subprocess.Popen[str]:
    """Start a process that folds until it is killed."""
    folder = subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, "-c", FOLDER], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert folder.stdout  # noqa: S101 - asked for above
    folder.stdout.readline()
    return folder


def look(draw: random.Random) -> int:
    """Compare the cells of one tile with its rows, in one snapshot; how many are wrong."""
    z = draw.randrange(8, 20)
    number = key(*draw.choice([(115.2126, -8.6567), (115.22, -8.66)])) >> 2 * (KEY_ZOOM - z)
    x = sum((number >> 2 * bit & 1) << bit for bit in range(z))
    y = sum((number >> 2 * bit + 1 & 1) << bit for bit in range(z))
    tile = Tile(z, x, y)
    low, high = tile.range
    shift = 2 * (KEY_ZOOM - z - min(5, KEY_ZOOM - z))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        counts = pyramid.read(STORM, spots.CITY, tile, Ask(by=("layer",)))
        cursor.execute(
            f"SELECT q - {low} >> {shift}, layer, count(*) FROM {STORM.table}"
            f" WHERE city = {spots.CITY} AND q >= {low} AND q < {high} GROUP BY 1, 2"
        )
        right = {(rowwise(cell, counts.side), layer): n for cell, layer, n in cursor.fetchall()}
    layers = STORM.unpack(counts.codes, "layer").tolist()
    ours = dict(
        zip(zip(counts.cells.tolist(), layers, strict=True), counts.counts.tolist(), strict=True)
    )
    return len(set(ours.items()) ^ set(right.items()))


def rowwise(cell: int, side: int) -> int:
    """Turn a Morton number into row * side + column."""
    x = sum((cell >> 2 * bit & 1) << bit for bit in range(5))
    y = sum((cell >> 2 * bit + 1 & 1) << bit for bit in range(5))
    return y * side + x


def write(writer: int, done: list[int]) -> None:
    """Do a share of the operations, each a transaction, on rows of one's own."""
    draw = random.Random(writer)  # noqa: S311 - a replay, no secret
    with closing(psycopg2.connect(**connection.get_connection_params())) as own:
        own.autocommit = True
        cursor = own.cursor()
        while done[writer] < OPERATIONS // WRITERS + 1:
            cursor.execute(*operation(draw, writer, done[writer]))
            done[writer] += 1


def operation(draw: random.Random, writer: int, turn: int) -> tuple[str, list[Any]]:
    """Draw an insert, a move, a new kind, a new day, or a removal, of one row or of some."""
    rows = draw.choice([1, 1, 1, 1, 4, 30])
    first = draw.randrange(turn + 1) * 40
    mine = f"mod(id, {WRITERS}) = {writer} AND id BETWEEN %s AND %s"
    start = 1_000_000 + first * WRITERS
    some = [start, start + rows * WRITERS]
    statement, values = draw.choice(
        (
            (
                INSERT,
                [turn * 40, WRITERS, writer, draw.getrandbits(draw.choice([4, 12, 24])), rows],
            ),
            (
                INSERT,
                [turn * 40, WRITERS, writer, draw.getrandbits(draw.choice([4, 12, 24])), rows],
            ),
            (f"UPDATE {STORM.table} SET q = q # %s WHERE {mine}", [draw.getrandbits(20), *some]),
            (
                f"UPDATE {STORM.table} SET layer = %s, overdue = false WHERE {mine}",
                [draw.randrange(5), *some],
            ),
            (
                f"UPDATE {STORM.table} SET category = %s, day = day - 1 WHERE {mine}",
                [draw.randrange(9), *some],
            ),
            (f"UPDATE {STORM.table} SET q = NULL WHERE {mine}", some),
            (f"DELETE FROM {STORM.table} WHERE {mine}", some),
        )
    )
    return statement, values


INSERT: Final = (
    f"INSERT INTO {STORM.table} (id, city, q, area, layer, overdue, category, office, day)"
    f" SELECT 1000000 + (%s + g) * %s + %s, {spots.CITY}, {key(115.2126, -8.6567)} # %s, 3,"
    " g %% 5, g %% 3 = 0, g %% 7, 2, DATE '2026-01-01' - g FROM generate_series(1, %s) g"
    " ON CONFLICT DO NOTHING"
)
