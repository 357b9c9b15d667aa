"""Who is responsible: one place, many places, changed land, the report that asks (B9 to B15)."""

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import TypeVar
from uuid import uuid4

import numpy as np
import shapely
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from numpy.typing import NDArray
from pyproj import Transformer

from bench.measure import ROOT, Result, Scale, compare, cpu_ms, versus
from geodata import assets, boundaries, bulk, routing
from geodata.crs import WGS84
from geodata.editions import Provenance
from geodata.faults import polygonal
from geodata.geometry import multipolygon, to_geos
from geodata.models import Asset, City, Jurisdiction, Level
from issues import actions, demo
from issues.models import Issue

CODE = "lpju-mati"
KINDS = (CODE, "jalan-berlubang", "sampah-liar", "air-pdam", "pohon-tumbang")
NEAR_M = 220
PROBE = """
    SELECT area.id
    FROM geodata_jurisdiction AS area
    JOIN geodata_edition AS edition ON edition.id = area.edition_id
    WHERE area.city_id = %s AND area.level = 3 AND edition.valid @> now()
        AND ST_Covers(area.area, ST_SetSRID(ST_MakePoint(%s, %s), 4326))
    ORDER BY area.code LIMIT 1
"""
OPEN_ISSUES, ALL_ISSUES = 400, 200_000
"""Of the re-route: a full one costs some 10 ms an issue."""
SIGNALEN_STATEMENTS = 47
TARGET_STATEMENTS = 15
FILES = {
    Level.CITY: "denpasar_kota.geojson",
    Level.DISTRICT: "denpasar_kecamatan.geojson",
    Level.VILLAGE: "denpasar_desa.geojson",
}
Points = NDArray[np.float64]
Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]
T = TypeVar("T")
draw = np.random.default_rng(20261121)


def run(scale: Scale) -> Iterator[Result]:
    """Measure the rows of routing on a city with real boundaries, where they are at hand."""
    city, ground = furnish()
    if scale.wants("B9"):
        yield single(city, ground)
    if scale.wants("B10"):
        yield bulk_routing(city, ground, scale.issues)
    if scale.wants("B11"):
        yield rerouting(city, ground, scale.issues)
    if scale.wants("B15"):
        yield submitting(city, ground)


def furnish() -> tuple[City, str]:
    """Load the demo city, on the real ground of the shared data where they lie; name the ground."""
    call_command("load_reference", "denpasar", stdout=io.StringIO())
    city = City.objects.get(slug="denpasar")
    shared = Path(os.environ.get("CIVICMAP_TEST_DATA") or ROOT.parent / "shared" / "data")
    if shared.is_dir():
        lay_real(city, shared)
    demo.lay(city)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    villages = Jurisdiction.objects.filter(level=Level.VILLAGE)
    corners = round(sum(area.area.num_coords for area in villages) / len(villages))
    roads = Asset.objects.filter(layer="road").count()
    drawn = "real" if shared.is_dir() else "drawn"
    return city, f"{drawn} ground: {len(villages)} villages of {corners} vertices, {roads} roads"


def lay_real(city: City, shared: Path) -> None:
    """Put Denpasar's real boundaries and the city's own roads in force."""
    for level, name in FILES.items():
        layer = boundaries.read(shared / "boundaries-denpasar" / name, level=level)
        areas = boundaries.features(layer.frame)
        boundaries.replace(city, level, areas, provenance=Provenance("bench"), at=demo.land.SINCE)
    roads = assets.read(
        shared / "roads-denpasar" / "osm_jalan_denpasar_barat.geojson",
        constants=assets.Constants(road_class="city"),
    )
    sound = assets.sound(roads.frame, assets.check(roads.frame, layer="road"))
    assets.replace(city, "road", sound, provenance=Provenance("bench"), at=demo.land.SINCE)


def places(city: City, count: int) -> Points:
    """Draw points inside the city: longitudes and latitudes, shape (2, count)."""
    west, south, east, north = city.extent
    whole = Jurisdiction.objects.current().get(city=city, level=Level.CITY).area.prepared
    found: list[tuple[float, float]] = []
    while len(found) < count:
        lon, lat = draw.uniform((west, south), (east, north))
        if whole.covers(Point(lon, lat, srid=WGS84)):
            found.append((lon, lat))
    return np.asarray(found).T


def single(city: City, ground: str) -> Result:
    """One routing, against the bare index probe for the village."""
    villages = Jurisdiction.objects.current().filter(city=city, level=Level.VILLAGE)
    points = [Point(lon, lat, srid=WGS84) for lon, lat in places(city, 500).T]

    def probe() -> object:
        point = points[draw.integers(len(points))]
        return villages.filter(area__covers=point).values_list("pk", flat=True).first()

    def ours() -> object:
        return routing.route(points[draw.integers(len(points))], CODE, city=city)

    def bare() -> object:
        point = points[draw.integers(len(points))]
        with connection.cursor() as cursor:
            cursor.execute(PROBE, [city.pk, point.x, point.y])
            return cursor.fetchall()

    raw = cpu_ms(bare, 200)
    note = f"the same probe as SQL text, without Django's ORM, {raw:.2f} ms; {ground}"
    return versus("B9", "route : index probe", ours, probe, target=1.4, note=note)


def bulk_routing(city: City, ground: str, count: int) -> Result:
    """Routes of many points, against probing the same points for villages and nearest roads."""
    lons, lats = scattered(city, count)
    codes = np.asarray(KINDS, dtype=object)[draw.integers(len(KINDS), size=count)]
    villages = shapely.from_wkb(
        [
            row.area.wkb.tobytes()
            for row in Jurisdiction.objects.current().filter(level=Level.VILLAGE)
        ]
    )
    metres = Transformer.from_crs(WGS84, city.metric_srid, always_xy=True)
    roads = shapely.transform(
        shapely.from_wkb([row.geom.wkb.tobytes() for row in Asset.objects.filter(layer="road")]),
        lambda degrees: np.column_stack(metres.transform(*degrees.T)),
    )
    alone = []

    def probe() -> None:
        alone.append(cpu_ms(lambda: of_villages(villages, lons, lats)))
        flat = shapely.points(*metres.transform(lons, lats))
        shapely.STRtree(roads).query_nearest(flat, max_distance=NEAR_M, return_distance=True)

    def ours() -> None:
        bulk.route_many(lons, lats, codes, city=city)

    mine, floor = compare(ours, probe, rounds=3, calls=1)
    note = (
        f"{mine / count * 1000:.2f} µs a point with areas, edge, road, rule and loading; villages"
        f" alone cost {median(alone) / count * 1000:.2f} µs; {ground}"
    )
    name = "bulk routing : STRtree, villages and roads"
    return Result("B10", name, mine, floor, "ms", mine / floor, 1.5, note=note)


def of_villages(villages: Shapes, lons: Floats, lats: Floats) -> None:
    """Probe the quicker way round: prepared areas against a tree of the points."""
    shapely.STRtree(shapely.points(lons, lats)).query(villages, predicate="covers")


def scattered(city: City, count: int) -> Points:
    """Draw many points, most of them near others, as issues lie: shape (2, count)."""
    centres = places(city, 200)
    near = centres[:, draw.integers(centres.shape[1], size=count)]
    return near + draw.normal(0, 0.004, near.shape)


def rerouting(city: City, ground: str, count: int) -> Result:
    """A re-route after a small edit of one border, against one of the whole city."""
    inhabit(city, min(count, OPEN_ISSUES), min(count, ALL_ISSUES))
    whole = MultiPolygon(Polygon.from_bbox(city.extent), srid=WGS84)
    partial, full, moved, shares = [], [], [], []
    for _round in range(3):
        land, areas = edit(city)
        shares.append(land.area / sum(area.area.area for area in areas))
        cost, few = rerouted(city, areas, None)
        partial.append(cost)
        cost, all_moved = rerouted(city, areas, whole)
        full.append(cost)
        moved.append(few == all_moved)
    note = (
        f"{max(shares):.2%} of the land; {'equal' if all(moved) else 'DIFFERENT'} departments and"
        f" areas; {min(count, OPEN_ISSUES)} open of {min(count, ALL_ISSUES)} issues; {ground}"
    )
    mine, floor = median(partial), median(full)
    ratio = mine / floor if all(moved) else float("inf")
    return Result("B11", "re-route of < 1 % : full", mine, floor, "ms", ratio, 0.1, note=note)


def inhabit(city: City, open_issues: int, count: int) -> None:
    """Report issues all over the city, and put closed ones beside them that indexes must pass."""
    for lon, lat in places(city, open_issues).T:
        actions.submit(draft(lon, lat), city=city)
    columns = [field.column for field in Issue._meta.concrete_fields if not field.primary_key]  # noqa: SLF001 - documented as public
    own = {"uuid": "gen_random_uuid()", "number": "'X-' || n", "status": "'resolved'"}
    own["token_hash"] = "lpad(n::text, 64, 'x')"  # noqa: S105 - nobody's
    own["point"] = "ST_Translate(point, 0.05 - random() / 10, 0.05 - random() / 10)"
    with connection.cursor() as cursor:
        # only rows that lie in the way: nothing is asked of them
        cursor.execute(
            f"INSERT INTO issues_issue ({', '.join(columns)})"  # noqa: S608 - names of our own columns
            f" SELECT {', '.join(own.get(column, column) for column in columns)}"
            " FROM (SELECT * FROM issues_issue LIMIT 1) AS model, generate_series(1, %s) AS n",
            [count - open_issues],
        )
        cursor.execute("ANALYZE")


def edit(city: City) -> tuple[MultiPolygon, list[boundaries.Feature]]:
    """Give a corner of one village to its neighbour: the land, and all villages afterwards."""
    rows = list(Jurisdiction.objects.current().filter(city=city, level=Level.VILLAGE))
    shapes = shapely.from_wkb([row.area.wkb.tobytes() for row in rows])
    giver = int(draw.integers(len(rows)))
    borders = shapely.length(shapely.intersection(shapes[giver], shapes))
    borders[giver] = 0
    taker = int(np.argmax(borders))
    border = shapely.intersection(shapes[giver], shapes[taker])
    corner = shapely.buffer(shapely.point_on_surface(border), 0.006)
    land = polygonal(shapely.intersection(shapes[giver], corner))
    shapes[giver] = polygonal(shapely.difference(shapes[giver], land))
    shapes[taker] = polygonal(shapely.union(shapes[taker], land))
    areas = [
        boundaries.Feature(
            row.code, row.name, multipolygon(to_geos(shape.wkb)), row.kind, row.parent_code
        )
        for row, shape in zip(rows, shapes, strict=True)
    ]
    return multipolygon(to_geos(land.wkb)), areas


def rerouted(
    city: City, areas: list[boundaries.Feature], whole: MultiPolygon | None
) -> tuple[float, object]:
    """CPU milliseconds of re-routing what an edit changed (or all), and where issues lie then."""

    def work() -> tuple[float, object]:
        at = timezone.now()
        done = boundaries.replace(city, Level.VILLAGE, areas, provenance=Provenance("bench"), at=at)
        land = whole or done.land
        cost = cpu_ms(lambda: actions.reroute_land(city, land, reason="bench", at=at))
        found = Issue.objects.open().order_by("pk")
        return cost, list(found.values_list("pk", "department_id", "jurisdiction__code"))

    return undone(work)


def submitting(city: City, ground: str) -> Result:
    """A report without a photo: its statements, against Signalen's 47, and its CPU."""
    points = places(city, 200).T

    def send() -> None:
        lon, lat = points[draw.integers(len(points))]
        undone(lambda: actions.submit(draft(lon, lat), city=city))

    cpu = cpu_ms(send, 20)
    lon, lat = points[0]
    with CaptureQueriesContext(connection) as asked:
        actions.submit(draft(lon, lat), city=city)
    count = sum(not one["sql"].startswith(("SAVEPOINT", "RELEASE")) for one in asked)
    return Result(
        "B15",
        "submit : Signalen's statements",
        count,
        SIGNALEN_STATEMENTS,
        "stmt",
        count,
        TARGET_STATEMENTS,
        note=f"with BEGIN and COMMIT; {cpu:.1f} CPU ms a report; {ground}",
    )


def draft(lon: float, lat: float) -> actions.Draft:
    """Say that a lamp is dead."""
    words = "Lampu jalan mati sejak tiga malam."
    return actions.Draft(uuid=uuid4(), service_code=CODE, description=words, lon=lon, lat=lat)


def undone(work: Callable[[], T]) -> T:
    """Do something and roll it back."""
    with transaction.atomic():
        found = work()
        transaction.set_rollback(True)
    return found
