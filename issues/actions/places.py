"""Where a report lies and who answers for it there: a point, an area, a street, or no place."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.contrib.gis.geos import Point
from django.utils.translation import gettext as _

from geodata import edges, geometry, routing, streets
from geodata.models import City, Jurisdiction, Level
from issues.errors import UnknownCategory
from issues.models import Issue

if TYPE_CHECKING:
    from issues.actions.submit import Draft

PLACE_LENGTH: Final = 300
"""What the column takes: names of roads and areas are data, and may be long."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an issue lies.

    Attributes:
        point: of one that lies at a spot, EPSG:4326.
        area: of one that names an area, or the area that holds its street.
        street: name of the street that the whole issue is about; such an issue has no point.
        spot: a point on that street, by which it is routed.
    """

    point: Point | None = None
    area: Jurisdiction | None = None
    street: str = ""
    spot: Point | None = None

    @property
    def where(self) -> routing.Where:
        """What routing is asked about."""
        return self.point or self.spot or self.area


def find(draft: "Draft", city: City, at: datetime) -> Place:
    """Find what a draft names; a point wins over a street, a street over an area.

    Raises:
        BadCoordinate: the coordinates are no place on earth.
        UnknownCategory: no street or area of the city is called so.
    """
    if draft.lon is not None and draft.lat is not None:
        return Place(point=geometry.point(draft.lon, draft.lat))
    if draft.street:
        return along(draft.street, city, at)
    return Place(area=_area(draft.area_code, city)) if draft.area_code else Place()


def along(name: str, city: City, at: datetime) -> Place:
    """Find a whole street.

    Raises:
        UnknownCategory: no street of the city is called so.
    """
    street = streets.named(name, city, at=at)
    if street is None:
        raise UnknownCategory(name)
    area = Jurisdiction.objects.filter(pk=street.area_id or 0).defer("area").first()
    return Place(area=area, street=street.name, spot=street.spot)


def _area(code: str, city: City) -> Jurisdiction:
    ours = Jurisdiction.objects.current().filter(city=city, level__gte=Level.CITY)
    area = ours.filter(code=code).first()
    if area is None:
        raise UnknownCategory(code)
    return area


def route(draft: "Draft", place: Place, *, city: City, at: datetime) -> routing.Route:
    """Ask who is responsible for a draft; where its sender has picked a side of an edge, there."""
    facts = draft.given
    if draft.side and place.point:
        return edges.taken(
            draft.side,
            place.point,
            draft.accuracy_m,
            draft.service_code,
            city=city,
            facts=facts,
            at=at,
        )
    return routing.route(place.where, draft.service_code, city=city, facts=facts, at=at)


def address(route: routing.Route, place: Place, city: City) -> str:
    """Write where an issue lies: the street that routing knows, else the nearest one; the area."""
    if place.street:
        words = _("Sepanjang %(street)s") % {"street": place.street}
        return ", ".join(part for part in (words, str(place.area or "")) if part)[:PLACE_LENGTH]
    if route.road or place.point is None:
        return route.place[:PLACE_LENGTH]
    street = streets.nearest([place.point], city)[0].street
    return ", ".join(part for part in (street, route.place) if part)[:PLACE_LENGTH]


def put(issue: Issue, place: Place, route: routing.Route) -> None:
    """Write where an issue lies upon its row; not saved yet."""
    issue.point, issue.street = place.point, place.street
    issue.jurisdiction = route.jurisdiction if place.point else place.area
    issue.place = address(route, place, issue.city)


def again(issue: Issue, area: Jurisdiction | None, at: datetime) -> Place:
    """Say where an issue lies as the maps of an instant have it.

    Args:
        issue: with its city.
        area: the heir of the area that it names.
        at: when.
    """
    if issue.point or not issue.street:
        return Place(point=issue.point, area=None if issue.point else area)
    try:
        return along(issue.street, issue.city, at)
    except UnknownCategory:
        return Place(area=area, street=issue.street)


def picked(issue: Issue, route: routing.Route, at: datetime) -> routing.Route:
    """Keep to the side of an edge that its reporter has picked, while that rule decides there."""
    if not issue.side or issue.point is None:
        return route
    return edges.taken(
        issue.side,
        issue.point,
        issue.accuracy_m,
        issue.category.service_code,
        city=issue.city,
        facts=issue.answers,
        at=at,
    )
