"""`make bench`: the hot paths of the main job against their floors, on the demo city's data.

Each line: ours, floor, ratio, target, verdict. Times are CPU milliseconds a call, of process and
backend together; only the ratio means anything. Nothing is kept: writes are rolled back.
"""

import os
import random
import sys
from collections.abc import Callable, Iterator
from copy import copy
from itertools import islice
from typing import TypeVar
from uuid import uuid4

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "civicmap.settings")
django.setup()

from django.conf import settings  # noqa: E402  Django must be set up first
from django.contrib.gis.geos import Point  # noqa: E402  as above
from django.db import transaction  # noqa: E402  as above
from django.db.models import Model  # noqa: E402  as above
from django.test import Client  # noqa: E402  as above

from bench.measure import Result, compare  # noqa: E402  as above
from geodata import routing, tiles  # noqa: E402  as above
from geodata.crs import WGS84  # noqa: E402  as above
from geodata.models import City, Jurisdiction, Level  # noqa: E402  as above
from issues import actions, models  # noqa: E402  as above

CODE = "lpju-mati"
TILE_ZOOM = 11
T = TypeVar("T")
draw = random.Random(20261121)  # noqa: S311  a fixed seed, so that runs compare


def places(city: City) -> Iterator[Point]:
    """Points inside the city, without end."""
    west, south, east, north = city.extent
    whole = Jurisdiction.objects.current().filter(city=city, level=Level.CITY).get().area.prepared
    while True:
        point = Point(draw.uniform(west, east), draw.uniform(south, north), srid=WGS84)
        if whole.covers(point):
            yield point


def route(city: City, points: list[Point]) -> Result:
    """One routing, against the bare index probe for the village."""
    villages = Jurisdiction.objects.current().filter(city=city, level=Level.VILLAGE)

    def probe() -> object:
        return (
            villages.filter(area__covers=draw.choice(points)).values_list("pk", flat=True).first()
        )

    def ours() -> object:
        return routing.route(draw.choice(points), CODE, city=city)

    return compare("route : index probe", ours, probe, target=6)


def tile(city: City) -> Result:
    """The whole city's tile through every middleware, against counting its rows."""
    shift = 2 * (tiles.KEY_ZOOM - TILE_ZOOM)
    number = tiles.key(city.center.x, city.center.y) >> shift
    x, y = (
        sum((number >> (2 * bit + axis) & 1) << bit for bit in range(TILE_ZOOM)) for axis in (0, 1)
    )
    rows = models.PublicIssue.objects.filter(
        city=city, q__range=(number << shift, ((number + 1) << shift) - 1)
    )
    client = Client(headers={"host": settings.ALLOWED_HOSTS[0]})
    return compare(
        "tile over HTTP : count of its rows",
        lambda: client.get(f"/tiles/{TILE_ZOOM}/{x}/{y}", secure=True),
        rows.count,
        target=12,
    )


def submit(city: City, points: list[Point]) -> Result:
    """A report, against inserting the rows that it leaves; both in a transaction that is undone."""
    rows = undone(lambda: sample(city, points[0]))
    return compare(
        "submit : insert of its rows",
        lambda: undone(lambda: send(city, draw.choice(points))),
        lambda: undone(lambda: insert(rows)),
        target=5,
        calls=10,
    )


def send(city: City, point: Point) -> models.Issue:
    """Report a dead lamp."""
    draft = actions.Draft(
        uuid=uuid4(),
        service_code=CODE,
        description="Lampu jalan mati sejak tiga malam.",
        lon=point.x,
        lat=point.y,
    )
    return actions.submit(draft, city=city).issue


def sample(city: City, point: Point) -> list[Model]:
    """The rows that one report leaves, without its jobs."""
    issue = send(city, point)
    return [
        issue,
        issue.reporter,
        *issue.decisions.all(),
        *issue.events.all(),
        issue.public,
        issue.public_detail,
    ]


def insert(rows: list[Model]) -> None:
    """Write the same rows again, one statement each."""
    for row in rows:
        copy(row).save(force_insert=True)


def undone(work: Callable[[], T]) -> T:
    """Do something and roll it back."""
    with transaction.atomic():
        found = work()
        transaction.set_rollback(True)
    return found


def main() -> int:
    """Print every ratio; fail where a target is missed or the demo is not there."""
    city = City.objects.filter(slug=settings.DEFAULT_CITY).first()
    if city is None:
        sys.stderr.write("No demo city: run `make run` once, then `make bench`.\n")
        return 1
    points = list(islice(places(city), 500))
    results = [route(city, points), tile(city), submit(city, points)]
    sys.stdout.write("\n".join(str(result) for result in results) + "\n")
    return int(any(result.ratio > result.target for result in results))


sys.exit(main())
