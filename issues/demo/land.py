"""The ground of the demo: approximate areas, main streets and lamps, drawn from a few numbers.

Everything is marked as approximate ("wilayah perkiraan untuk demo"). A layer that has an edition in
force is left alone: whoever has imported real boundaries keeps them.
"""

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from django.contrib.gis.geos import GEOSGeometry, LineString, MultiPolygon, Polygon
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from geodata import boundaries, editions
from geodata.boundaries import Feature
from geodata.crs import WGS84
from geodata.editions import Provenance
from geodata.geometry import multipolygon
from geodata.models import Asset, City, Edition, Level, RoadClass

Table = dict[str, Any]

CITIES: Final = Path(__file__).resolve().parent.parent / "cities"

SINCE: Final = datetime(2013, 1, 1, tzinfo=UTC)
"""From when the drawn ground holds: before the first issue that the city's history knows of."""

LAMPS: Final = 1500
LAMP_OFFSET_DEG: Final = 0.00004
"""How far beside its street a lamp stands, about 4 m."""


def folder(city: City) -> Path:
    """Name the folder of a city's demo; a city without one has no demo."""
    return CITIES / city.slug / "demo"


def has_demo(city: City) -> bool:
    """Whether a city's data say how to draw a demo of it."""
    return folder(city).is_dir()


def table(city: City, name: str) -> Table:
    """Read one file of a city's demo."""
    return tomllib.loads((folder(city) / f"{name}.toml").read_text(encoding="utf-8"))


@transaction.atomic
def lay(city: City) -> dict[str, int]:
    """Draw whatever layers the city does not have yet.

    Returns:
        Layer → rows that were written.
    """
    areas, streets = table(city, "areas"), table(city, "streets")
    written = {}
    for level, features in _levels(areas):
        if not _has(city, level.layer):
            provenance = _provenance(areas)
            boundaries.replace(city, level, features, provenance=provenance, at=SINCE)
            written[level.layer] = len(features)
    for layer, assets in _assets(city, streets):
        if not _has(city, layer):
            written[layer] = _write(city, layer, assets, provenance=_provenance(streets))
    return written


def _has(city: City, layer: str) -> bool:
    return Edition.objects.current().filter(city=city, layer=layer).exists()


def _provenance(source: Table) -> Provenance:
    return Provenance(source=source["source"], licence=source["licence"], approximate=True)


# Areas ---------------------------------------------------------------------------------------


def _levels(areas: Table) -> Iterator[tuple[Level, list[Feature]]]:
    villages = list(_villages(areas))
    districts = [
        Feature(
            code=row["code"],
            name=row["name"],
            kind="kecamatan",
            parent_code=areas["city"]["code"],
            area=_union(area.area for area in villages if area.parent_code == row["code"]),
        )
        for row in areas["district"]
    ]
    city = Feature(
        code=areas["city"]["code"],
        name=areas["city"]["name"].removeprefix("Kota "),
        kind="kota",
        area=_union(area.area for area in villages),
    )
    yield Level.VILLAGE, villages
    yield Level.DISTRICT, districts
    yield Level.CITY, [city]
    yield Level.SPECIAL, [_special(row) for row in areas["special"]]
    yield Level.NEIGHBOUR, [_neighbour(row, city.area) for row in areas["neighbour"]]


def _villages(areas: Table) -> Iterator[Feature]:
    cells = _cells(areas)
    for row in areas["village"]:
        code = row["code"]
        yield Feature(
            code=code,
            name=row["name"],
            kind=_village_kind(code),
            parent_code=code.rpartition(".")[0],
            area=cells[code],
        )


def _village_kind(code: str) -> str:
    """Read the kind from a code. Source: Kepmendagri 300.2.2-2138/2025, fourth block 1… or 2…."""
    return "kelurahan" if code.rpartition(".")[2].startswith("1") else "desa"


def _cells(areas: Table) -> dict[str, MultiPolygon]:
    centers = [
        (row["code"], *center)
        for row in areas["village"]
        for center in (row["center"], *row.get("also", ()))
    ]
    codes, lons, lats = zip(*centers, strict=True)
    outline = _polygon(areas["outline"]).wkt
    params: Table = {
        "outline": outline,
        "codes": list(codes),
        "lons": list(lons),
        "lats": list(lats),
    }
    with connection.cursor() as cursor:
        cursor.execute(Path(__file__).with_name("cells.sql").read_text(), params)
        return {code: multipolygon(GEOSGeometry(area)) for code, area in cursor.fetchall()}


def _union(areas: Iterable[MultiPolygon]) -> MultiPolygon:
    parts = [part for area in areas for part in area]
    return multipolygon(MultiPolygon(parts, srid=WGS84).unary_union)


def _special(row: Table) -> Feature:
    area = MultiPolygon(_polygon(row["ring"]), srid=WGS84)
    return Feature(code=row["code"], name=row["name"], kind="kawasan", area=area)


def _neighbour(row: Table, city: MultiPolygon) -> Feature:
    """Give a neighbour what the city leaves of its ring, so that the two abut."""
    area = multipolygon(_polygon(row["ring"]).difference(city))
    kind, name = row["name"].split(" ", 1)
    return Feature(code=row["code"], name=name, kind=kind.lower(), area=area)


def _polygon(ring: Sequence[Sequence[float]]) -> Polygon:
    points = [tuple(point) for point in ring]
    return Polygon([*points, points[0]], srid=WGS84)


# Streets and lamps ---------------------------------------------------------------------------


def _assets(city: City, streets: Table) -> Iterator[tuple[str, list[Asset]]]:
    yield "road", [_street(row) for row in streets["street"]]
    lit = [row for row in streets["street"] if row["class"] == RoadClass.CITY]
    yield "lamp", list(_lamps(city, lit))


def _street(row: Table) -> Asset:
    since, until = row.get("valid_from"), row.get("valid_to")
    return Asset(
        code=row["code"],
        name=row["name"],
        road_class=row["class"],
        valid=DateRange(since, until) if since or until else None,
        properties={"segment": row["segment"]} if "segment" in row else {},
        geom=LineString(row["points"], srid=WGS84),
    )


def _lamps(city: City, streets: Sequence[Table]) -> Iterator[Asset]:
    """Spread the lamps evenly along the city's streets, left and right in turn."""
    lines = [LineString(row["points"], srid=WGS84) for row in streets]
    gap = sum(line.length for line in lines) / LAMPS
    number = 0
    for row, line in zip(streets, lines, strict=True):
        for place in range(int(line.length / gap)):
            number += 1
            yield Asset(
                code=f"{city.prefix}-LPJU-{number:05d}",
                name=row["name"],
                owner="Dinas Perhubungan",
                properties={"watt": 90 if number % 3 else 120},
                geom=_beside(line, (place + 0.5) * gap, left=number % 2 == 0),
            )


def _beside(line: LineString, distance: float, *, left: bool) -> GEOSGeometry:
    """Find the point at a distance (degrees) along a line, and step off to one side."""
    here, ahead = line.interpolate(distance), line.interpolate(distance + LAMP_OFFSET_DEG)
    east, north = ahead.x - here.x, ahead.y - here.y
    side = 1 if left else -1
    here.x, here.y = here.x - side * north, here.y + side * east
    return here


def _write(city: City, layer: str, assets: list[Asset], *, provenance: Provenance) -> int:
    edition = editions.begin(
        city, layer, provenance=provenance, rows=len(assets), accepted=(), at=SINCE
    )
    for asset in assets:
        asset.city, asset.edition, asset.layer = city, edition, layer
    Asset.objects.bulk_create(assets, batch_size=500)
    return len(assets)
