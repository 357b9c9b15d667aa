"""One edition of areas follows another, and what land changed hands between them.

Used by the operator's import and by what administrators publish, so it knows no file and no
shapely: areas come as GEOS geometries in EPSG:4326.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.gis.geos import GeometryCollection, GEOSGeometry, MultiPolygon, Polygon
from django.db import transaction
from django.utils import timezone

from geodata import editions
from geodata.crs import WGS84
from geodata.editions import Provenance
from geodata.errors import Problem
from geodata.models import City, Edition, Jurisdiction, Level

# Exclusive layers: a place has one village, one district and one city.
_EXCLUSIVE = frozenset({Level.CITY, Level.DISTRICT, Level.VILLAGE})


@dataclass(frozen=True, slots=True)
class Feature:
    """One area of a new edition; `area` is a valid multipolygon in EPSG:4326."""

    code: str
    name: str
    area: MultiPolygon
    kind: str = ""
    parent_code: str = ""


@dataclass(frozen=True, slots=True)
class Replacement:
    """What a new edition changed.

    Attributes:
        edition: the one now in force.
        closed: those that it replaced.
        land: where the owner of a point may have changed, EPSG:4326; None where nothing moved.
    """

    edition: Edition
    closed: tuple[Edition, ...]
    land: MultiPolygon | None


def followed(
    city: City, level: Level, *, dataset: str, at: datetime | None = None
) -> tuple[Edition, ...]:
    """List the editions that a new one of a level and dataset would replace.

    Cities, districts and villages have one edition at a time, whatever its dataset; neighbours and
    special areas one for each dataset.
    """
    current = Edition.objects.current(at).filter(city=city, layer=level.layer)
    if level not in _EXCLUSIVE:
        current = current.filter(dataset=dataset)
    return tuple(current.order_by("pk"))


@transaction.atomic
def replace(
    city: City,
    level: Level,
    areas: Sequence[Feature],
    *,
    provenance: Provenance,
    accepted: Sequence[Problem] = (),
    at: datetime | None = None,
) -> Replacement:
    """Put a new edition of a level in force, in one transaction.

    Args:
        city: whose level it is.
        level: of all the areas.
        areas: valid areas; codes are unique.
        provenance: where they come from.
        accepted: the tolerable faults that were let pass, kept with the edition.
        at: the instant from which it holds; default now.

    Returns:
        The edition, those it closed, and the land where the owner of a point may have changed.
    """
    editions.lock(city)
    at = at or timezone.now()
    closed = followed(city, level, dataset=provenance.dataset, at=at)
    before = list(Jurisdiction.objects.filter(edition__in=closed).only("code", "area"))
    editions.close(closed, at)
    edition = _begin(city, level, areas, provenance=provenance, accepted=accepted, at=at)
    return Replacement(edition, closed, _changed_land(before, areas))


@transaction.atomic
def restore(edition: Edition, former: Sequence[Edition], *, at: datetime) -> MultiPolygon | None:
    """Put copies of former editions in force instead of one.

    Copies, because what was in force in the meantime stays true: decisions of that time name it.

    Args:
        edition: the one to close.
        former: those that it had replaced.
        at: the instant of the change.

    Returns:
        The land where the owner of a point may have changed; None where nothing moved.
    """
    editions.lock(edition.city)
    level = Level.named(edition.layer)
    before = list(Jurisdiction.objects.filter(edition=edition).only("code", "area"))
    editions.close([edition], at)
    after: list[Feature] = []
    for one in former:
        areas = _features(one)
        _begin(edition.city, level, areas, provenance=editions.provenance(one), accepted=(), at=at)
        after += areas
    return _changed_land(before, after)


def _begin(
    city: City,
    level: Level,
    areas: Sequence[Feature],
    *,
    provenance: Provenance,
    accepted: Sequence[Problem],
    at: datetime,
) -> Edition:
    edition = editions.begin(
        city, level.layer, provenance=provenance, rows=len(areas), accepted=accepted, at=at
    )
    rows = [_row(edition, level, feature) for feature in areas]
    Jurisdiction.objects.bulk_create(rows, batch_size=500)
    return edition


def _row(edition: Edition, level: Level, feature: Feature) -> Jurisdiction:
    return Jurisdiction(
        city_id=edition.city_id,
        edition=edition,
        level=level,
        code=feature.code,
        name=feature.name,
        kind=feature.kind,
        parent_code=feature.parent_code,
        area=feature.area,
    )


def _features(edition: Edition) -> list[Feature]:
    return [
        Feature(row.code, row.name, row.area, kind=row.kind, parent_code=row.parent_code)
        for row in edition.jurisdictions.order_by("pk")
    ]


def _changed_land(
    before: Iterable[Jurisdiction | Feature], after: Iterable[Jurisdiction | Feature]
) -> MultiPolygon | None:
    """Collect what lies in the old or the new area of a code but not in both."""
    old, new = _areas_by_code(before), _areas_by_code(after)
    nothing = MultiPolygon(srid=WGS84)
    moved = [
        old.get(code, nothing).sym_difference(new.get(code, nothing))
        for code in sorted(old.keys() | new.keys())
    ]
    land = _polygonal(_united(moved))
    return land or None


def _areas_by_code(rows: Iterable[Jurisdiction | Feature]) -> Mapping[str, GEOSGeometry]:
    parts: defaultdict[str, list[GEOSGeometry]] = defaultdict(list)
    for row in rows:
        parts[row.code].append(row.area)
    return {code: areas[0] if len(areas) == 1 else _united(areas) for code, areas in parts.items()}


def _united(shapes: Sequence[GEOSGeometry]) -> GEOSGeometry:
    return GeometryCollection(list(shapes), srid=WGS84).unary_union


def _polygonal(shape: GEOSGeometry) -> MultiPolygon:
    """Keep the polygons of a geometry and drop its lines and points."""
    parts = list(shape) if isinstance(shape, GeometryCollection) else [shape]
    found = [part for part in parts if isinstance(part, Polygon) and not part.empty]
    return MultiPolygon(found, srid=WGS84)
