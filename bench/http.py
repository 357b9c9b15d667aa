"""Tiles over HTTP: against `tipg` (B4), against a bare view on the same server (B5), their size.

Servers are processes of their own with one worker each; a call costs the CPU of server, database
backends and client together. The tiles are those where issues lie, from city to street.
"""

import io
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from itertools import cycle
from statistics import median
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.models import Count, F

from bench.measure import ROOT, TOOLS, Result, Scale, compare, spent_s
from geodata.tiles import KEY_ZOOM, MOST_BYTES, Tile
from issues.models import PublicIssue

ZOOMS: Final = (9, 10, 11, 12, 13, 14, 15, 16)
EACH: Final = 3
"""Tiles of each zoom, drawn where issues lie."""
FULLEST: Final = 12
"""Of each zoom, so many of the fullest tiles are weighed."""
SIZED: Final = range(6, 19)
ROUNDS: Final = 5
PATIENCE_S: Final = 60
SERVER: Final = (
    "--worker-class=gthread",
    "--workers=1",
    "--threads=2",
    "--log-level=error",
    "--keep-alive=600",
)
TABLE: Final = "public.issues_publicissue"


def run(scale: Scale) -> Iterator[Result]:
    """Fill a city, count it, and ask for its tiles."""
    call_command("load_reference", "denpasar", stdout=io.StringIO())
    settings.DEMO = True
    call_command("seed_demo", "--issues", str(scale.issues), stdout=io.StringIO())
    call_command("rebuild_heat", stdout=io.StringIO())
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE issues_publicissue")
    yield from measured(scale)


def measured(scale: Scale) -> Iterator[Result]:
    """Measure on the issues that are there."""
    tiles = drawn()
    if scale.wants("B4"):
        yield against_tipg(tiles)
    if scale.wants("B5"):
        yield from against_bare(tiles)
        yield weighed()


def drawn() -> list[Tile]:
    """Draw tiles where issues lie, the same ones every time."""
    draw = random.Random(20261121)  # noqa: S311 - a fixed seed, so that runs compare
    keys = list(
        PublicIssue.objects.filter(q__isnull=False).order_by("pk").values_list("q", flat=True)
    )
    return [of_key(draw.choice(keys), z) for z in ZOOMS for _tile in range(EACH)]


def of_key(q: int, z: int) -> Tile:
    """Find the tile of a zoom that holds a key."""
    number = q >> 2 * (KEY_ZOOM - z)
    x, y = (sum((number >> (2 * bit + axis) & 1) << bit for bit in range(z)) for axis in (0, 1))
    return Tile(z, x, y)


# B4 -------------------------------------------------------------------------------------------


def against_tipg(tiles: Sequence[Tile]) -> Result:
    """Ask both servers for the same tiles, in turn."""
    with ours() as mine, tipg() as theirs:
        pids = (*mine.pids, *theirs.pids)
        ask = mine.asking(f"/tiles/{t.z}/{t.x}/{t.y}" for t in tiles)
        put = theirs.asking(
            f"/collections/{TABLE}/tiles/WebMercatorQuad/{t.z}/{t.x}/{t.y}" for t in tiles
        )
        our_ms, their_ms = compare(ask, put, rounds=ROUNDS, calls=len(tiles), pids=pids)
        rates = [per_second(call, len(tiles)) for call in (ask, put)]
    note = (
        f"{len(tiles)} tiles z{ZOOMS[0]}-{ZOOMS[-1]}, one connection: {rates[0]:.0f} a second :"
        f" {rates[1]:.1f}; tipg stops at 10,000 features a tile, ours counts all"
    )
    return Result(
        "B4",
        "tipg : ours, the same tiles",
        our_ms,
        their_ms,
        "ms",
        their_ms / our_ms,
        40,
        ">=",
        note,
    )


def per_second(call: Callable[[], object], calls: int) -> float:
    """Answers a second, by the clock on the wall; the better of two runs."""
    best = 0.0
    for _run in range(2):
        begin = time.perf_counter()
        for _call in range(calls):
            call()
        best = max(best, calls / (time.perf_counter() - begin))
    return best


# B5 -------------------------------------------------------------------------------------------


def against_bare(tiles: Sequence[Tile]) -> Iterator[Result]:
    """Ask for each tile again and again, and for the first time in a server's life."""
    hot, cold, floors, sizes = [], [], [], []
    with ours() as server:
        for tile in tiles:
            size = len(server.get(address(tile)))
            sizes.append(size)
            pair = compare(
                server.asking([address(tile)]),
                server.asking([f"/bare/{size}"]),
                rounds=ROUNDS,
                calls=10,
                pids=server.pids,
            )
            hot.append(pair[0] / pair[1])
            floors.append(pair[1])
    for _life in range(ROUNDS):
        with ours() as server:
            warm(server)
            cold += [once(server, address(tile)) for tile in tiles]
    floor = median(floors)
    note = (
        f"median of {len(tiles)} tiles z{ZOOMS[0]}-{ZOOMS[-1]} of {min(sizes)}-{max(sizes)} bytes"
    )
    ratio = median(hot)
    yield Result(
        "B5", "tile over HTTP, hot : bare view", ratio * floor, floor, "ms", ratio, 2.5, "<=", note
    )
    first = median(cold)
    yield Result(
        "B5",
        "tile over HTTP, cold : bare view",
        first,
        floor,
        "ms",
        first / floor,
        6,
        note="each tile asked for once by a server that has just begun (its own code is warm)",
    )


def warm(server: "Server") -> None:
    """Let a server's code run once, away from the city."""
    for _call in range(20):
        server.get("/tiles/9/0/0")
        server.get("/bare/4000")


def once(server: "Server", path: str) -> float:
    """CPU milliseconds of a single answer."""
    before = spent_s(*server.pids)
    server.get(path)
    return (spent_s(*server.pids) - before) * 1000


def weighed() -> Result:
    """Find the largest of the fullest tiles of every zoom."""
    with ours() as server:
        sizes = {tile: len(server.get(address(tile))) for z in SIZED for tile in fullest(z)}
    tile, most = max(sizes.items(), key=lambda pair: pair[1])
    note = f"bytes before gzip, the largest of {len(sizes)} at z{SIZED[0]}-{SIZED[-1]}: {tile}"
    return Result(
        "B5", "largest tile : 12 KB", most, MOST_BYTES, "bytes", most / MOST_BYTES, 1, note=note
    )


def fullest(z: int) -> list[Tile]:
    """The tiles of a zoom that hold most, and those that hold as many single issues as may be."""
    found = (
        PublicIssue.objects.filter(q__isnull=False)
        .annotate(tile=F("q").bitrightshift(2 * (KEY_ZOOM - z)))
        .values_list("tile")
        .annotate(n=Count("*"))
    )
    heads = [*found.order_by("-n")[:FULLEST], *found.filter(n__lte=500).order_by("-n")[:FULLEST]]
    return [of_key(number << 2 * (KEY_ZOOM - z), z) for number, _n in heads]


def address(tile: Tile) -> str:
    """Name a tile as clients do."""
    return f"/tiles/{tile.z}/{tile.x}/{tile.y}"


# Servers --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Server:
    """A process that answers, and one connection to it."""

    process: subprocess.Popen[bytes]
    line: HTTPConnection
    before: frozenset[int]

    def get(self, path: str) -> bytes:
        """Ask for one address; 200 or 204.

        Raises:
            RuntimeError: another answer.
        """
        self.line.request("GET", path, headers={"Host": "localhost"})
        answer = self.line.getresponse()
        body = answer.read()
        if answer.status not in {200, 204}:
            raise RuntimeError(path, answer.status, body[:300])
        return body

    def asking(self, paths: Iterator[str] | Sequence[str]) -> Callable[[], bytes]:
        """Make a call that asks for the next of some addresses, round and round."""
        turn = cycle(list(paths))
        return lambda: self.get(next(turn))

    @property
    def pids(self) -> tuple[int, ...]:
        """The processes that work for it: its own, and its backends in the database."""
        pid = self.process.pid
        with open(f"/proc/{pid}/task/{pid}/children") as kin:  # noqa: PTH123 - a file of the kernel
            children = [int(word) for word in kin.read().split()]
        return (pid, *children, *(backends() - self.before))


def backends() -> frozenset[int]:
    """Processes of the database that serve others than us."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        return frozenset(pid for (pid,) in cursor.fetchall())


@contextmanager
def ours() -> Iterator[Server]:
    """Serve the product as in operation, by one worker."""
    env = {
        "DJANGO_SETTINGS_MODULE": "bench.settings",
        "ALLOWED_HOSTS": "localhost",
        "SECURE": "false",
    }
    command = [sys.executable, "-m", "gunicorn", "civicmap.wsgi", *SERVER]
    with serving(command, "--bind=127.0.0.1:{port}", env, "/healthz") as server:
        yield server


@contextmanager
def tipg() -> Iterator[Server]:
    """Serve the same table by tipg, by one worker."""
    given = urlsplit(os.environ["DATABASE_URL"])
    env = {
        "DATABASE_URL": given._replace(scheme="postgresql").geturl(),
        "TIPG_DB_SCHEMAS": '["public"]',
        "TIPG_DB_TABLES": f'["{TABLE}"]',
    }
    command = [
        str(TOOLS / "uvicorn"),
        "tipg.main:app",
        "--log-level=error",
        "--timeout-keep-alive=600",
    ]
    with serving(command, "--port={port}", env, f"/collections/{TABLE}") as server:
        yield server


@contextmanager
def serving(
    command: Sequence[str], bind: str, env: Mapping[str, str], probe: str
) -> Iterator[Server]:
    """Start a server on a free port, wait until it answers, and end it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    before = backends()
    process = subprocess.Popen(  # noqa: S603 - ourselves, and what we measure against
        [*command, bind.format(port=port)], cwd=ROOT, env=os.environ | env
    )
    try:
        server = Server(process, HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S), before)
        _wait_for(server, probe)
        yield server
        server.line.close()
    finally:
        process.terminate()
        process.wait()


def _wait_for(server: Server, probe: str) -> None:
    """Ask until there is an answer.

    Raises:
        RuntimeError: there was none in a minute.
    """
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            server.get(probe)
        except (OSError, HTTPException, RuntimeError):
            server.line.close()
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(probe)
