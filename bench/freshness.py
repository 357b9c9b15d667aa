"""B7: how soon after the commit of a report the map says so over HTTP, folds always at work."""

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from statistics import median, quantiles
from typing import Final
from urllib.parse import urlsplit
from uuid import uuid4

from django.core.management import call_command

from bench.measure import ROOT, Result
from bench.page import served
from geodata.models import City
from geodata.tiles import Tile
from issues import actions, demo
from issues.models import PublicIssue

REPORTS: Final = 200
ZOOM: Final = 11
WARM: Final = 20
PATIENCE_S: Final = 30
FOLDER: Final = (
    "import time, django; django.setup()\n"
    "from geodata import pyramid\n"
    "from issues import heat\n"
    "print('folding', flush=True)\n"
    "while True:\n"
    "    for source in heat.SOURCES: pyramid.fold(source)\n"
    "    time.sleep(0.1)\n"
)


def run() -> Iterator[Result]:
    """Report, and ask the server until the tile has counted the report."""
    call_command("load_reference", "denpasar", stdout=io.StringIO())
    city = City.objects.get(slug="denpasar")
    demo.lay(city)
    tile = Tile.holding(city.center.x, city.center.y, z=ZOOM)
    with served() as address, folding():
        for _worker in range(WARM):
            answer(tile, urlsplit(address).netloc)
        waits = sorted(wait_for(city, tile, urlsplit(address).netloc) for _report in range(REPORTS))
    note = (
        f"median {median(waits):.3f} s; {REPORTS} reports, tile z{ZOOM};"
        " writer, server and a folder that never rests are processes of their own"
    )
    worst = quantiles(waits, n=100)[98]
    yield Result("B7", "commit -> right answer, p99", worst, None, "s", worst, 0.3, "<=", note)


@contextmanager
def folding() -> Iterator[None]:
    """Fold without pause in a process of its own."""
    folder = subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, "-c", FOLDER], cwd=ROOT, env=os.environ, stdout=subprocess.PIPE
    )
    assert folder.stdout  # noqa: S101 - asked for above
    folder.stdout.readline()
    try:
        yield
        if folder.poll() is not None:
            raise RuntimeError(folder.returncode)
    finally:
        folder.kill()
        folder.wait()


def wait_for(city: City, tile: Tile, server: str) -> float:
    """Report once; seconds from the commit to the first answer that counts what is there."""
    low, high = tile.range
    inside = PublicIssue.objects.filter(city=city, q__gte=low, q__lt=high)
    draft = actions.Draft(
        uuid=uuid4(),
        service_code="lpju-mati",
        description="Lampu jalan mati sejak tiga malam.",
        lon=city.center.x,
        lat=city.center.y,
    )
    before = inside.count()
    actions.submit(draft, city=city)
    committed = time.perf_counter()
    while (counted := answer(tile, server)) != before + 1:
        if time.perf_counter() - committed > PATIENCE_S:
            raise RuntimeError(counted)
    return time.perf_counter() - committed


def answer(tile: Tile, server: str) -> int:
    """Ask for a tile; how many it counts."""
    connection = HTTPConnection(server, timeout=PATIENCE_S)
    connection.request("GET", f"/tiles/{tile.z}/{tile.x}/{tile.y}")
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return int(json.loads(body)["n"]) if body else 0
