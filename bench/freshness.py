"""B7: how soon after the commit of a report the map says so over HTTP, folds always at work."""
# ruff: noqa: S608 - names of ours in statements

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
from django.db import connection

from bench import spots
from bench.measure import ROOT, Result, Scale
from bench.page import served
from geodata import pyramid
from geodata.models import City
from geodata.tiles import Tile
from issues import actions, demo, heat
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


CROWD: Final = spots.named("crowd")
FILL: Final = f"""
INSERT INTO issues_publicissue (issue_id, number, layer, overdue, point, q, day, received_at,
    changed_at, category_id, city_id)
SELECT 1000000000 + id, 'B' || id, layer, overdue,
    ST_SetSRID(ST_MakePoint({spots.WEST} + random() * {spots.EAST - spots.WEST},
                            {spots.SOUTH} + random() * {spots.NORTH - spots.SOUTH}), 4326),
    q, day, day, day, kind.ids[1 + mod(category, cardinality(kind.ids))], %(city)s
FROM {CROWD.table}, (SELECT array_agg(id) AS ids FROM issues_category) kind
"""
"""Rows of the map alone: no issue stands behind them, and single points lie beside their cells."""

LOOSEN: Final = """
DO $$ BEGIN EXECUTE (
    SELECT format('ALTER TABLE issues_publicissue DROP CONSTRAINT %I', conname) FROM pg_constraint
    WHERE conrelid = 'issues_publicissue'::regclass AND confrelid = 'issues_issue'::regclass
); END $$
"""


def run(scale: Scale) -> Iterator[Result]:
    """Report, and ask the server until the tile has counted the report."""
    call_command("load_reference", "denpasar", stdout=io.StringIO())
    city = City.objects.get(slug="denpasar")
    demo.lay(city)
    fill(city, scale.issues)
    tile = Tile.holding(city.center.x, city.center.y, z=ZOOM)
    with served() as address, folding():
        server = urlsplit(address).netloc
        for _worker in range(WARM):
            answer(tile, server)
        held = present(city, tile)
        waits = [wait_for(city, tile, server, held + turn) for turn in range(1, REPORTS + 1)]
    note = (
        f"median {median(waits):.3f} s; {REPORTS} reports, tile z{ZOOM} with {held} issues,"
        f" {scale.issues} on the map; writer, server and a folder that rests 0.1 s between folds"
        " are processes of their own"
    )
    worst = quantiles(waits, n=100)[98]
    yield Result("B7", "commit -> right answer, p99", worst, None, "s", worst, 0.3, "<=", note)


@contextmanager
def folding() -> Iterator[None]:
    """Fold again and again in a process of its own."""
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


def fill(city: City, count: int) -> None:
    """Put many issues on the map, past the actions and the delta, and build its chunks."""
    spots.table(CROWD, installed=False)
    spots.copy_all(CROWD, count)
    with connection.cursor() as cursor:
        cursor.execute(LOOSEN)
        cursor.execute("ALTER TABLE issues_publicissue DISABLE TRIGGER USER")
        cursor.execute(FILL, {"city": city.id})
        cursor.execute("ALTER TABLE issues_publicissue ENABLE TRIGGER USER")
        cursor.execute("VACUUM ANALYZE issues_publicissue")
    pyramid.rebuild(heat.MAP)


def present(city: City, tile: Tile) -> int:
    """Count the rows of a tile."""
    low, high = tile.range
    return PublicIssue.objects.filter(city=city, q__gte=low, q__lt=high).count()


def wait_for(city: City, tile: Tile, server: str, right: int) -> float:
    """Report once; seconds from the commit to the first answer that counts all that is there."""
    draft = actions.Draft(
        uuid=uuid4(),
        service_code="lpju-mati",
        description="Lampu jalan mati sejak tiga malam.",
        lon=city.center.x,
        lat=city.center.y,
    )
    actions.submit(draft, city=city)
    committed = time.perf_counter()
    while (counted := answer(tile, server)) != right:
        if time.perf_counter() - committed > PATIENCE_S:
            raise RuntimeError(counted)
    return time.perf_counter() - committed


def answer(tile: Tile, server: str) -> int:
    """Ask for a tile; how many it counts."""
    line = HTTPConnection(server, timeout=PATIENCE_S)
    line.request("GET", f"/tiles/{tile.z}/{tile.x}/{tile.y}")
    response = line.getresponse()
    body = response.read()
    line.close()
    return int(json.loads(body)["n"]) if body else 0
