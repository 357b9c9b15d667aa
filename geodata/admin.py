"""Reference data of places for administrators; what imports have drawn can only be read here."""

from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from geodata.models import Asset, City, Department, Edition, Jurisdiction, RoutingRule

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:
    Base = admin.ModelAdmin
    """Generic for the type checker only."""


FILTERED: Final = ("", "__exact", "__isnull", "__id__exact")
"""What the filters beside a list append to the name of their column."""
DATED: Final = ("__year", "__month", "__day", "__gte", "__lt")
"""What the row of dates above a list appends."""


class Admin(Base):
    """A list that answers the questions it offers and no other."""

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Allow what the filters beside the list and the dates above it ask.

        Django would allow every column of the table: its counts would spell out, letter by letter,
        words and secrets that the list does not show.
        """
        del value, request
        offered = {f"{column}{ending}" for column in self.list_filter for ending in FILTERED}
        if self.date_hierarchy:
            offered |= {f"{self.date_hierarchy}{ending}" for ending in DATED}
        return lookup in offered


class ReadOnly(Admin):
    """A list to look things up in: no adding, no changing, no deleting."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Leave adding to the command or action that owns the rows."""
        del request
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Leave changing to the command or action that owns the rows."""
        del request, obj
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Leave deleting to the command or action that owns the rows."""
        del request, obj
        return False


class WithoutGeometry(ReadOnly):
    """A read-only list of things with a geometry, which stays in the database."""

    geometry: ClassVar[str]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave the geometry behind."""
        return super().get_queryset(request).defer(self.geometry)


@admin.register(City)
class CityAdmin(Admin):
    """The city's name, contact and hours."""

    list_display = ("name", "slug", "host", "zone")
    readonly_fields = ("slug", "prefix", "metric_srid", "extent")
    exclude = ("center",)


@admin.register(Department)
class DepartmentAdmin(Admin):
    """Who receives issues."""

    list_display = ("code", "name", "kind", "external", "validates", "active")
    list_filter = ("city", "kind", "external", "active")
    search_fields = ("code", "name", "short_name")


@admin.register(RoutingRule)
class RoutingRuleAdmin(Admin):
    """Who is responsible for what and where."""

    list_display = ("code", "service_code", "department", "level", "area_code", "road_class")
    list_filter = ("city", "active", "fallback", "road_class")
    list_select_related = ("department",)
    search_fields = ("code", "service_code", "explanation")


@admin.register(Edition)
class EditionAdmin(ReadOnly):
    """Imports of boundaries and assets."""

    list_display = ("layer", "source", "source_date", "rows", "approximate", "valid")
    list_filter = ("city", "layer", "approximate")


@admin.register(Jurisdiction)
class JurisdictionAdmin(WithoutGeometry):
    """Areas, without their drawing."""

    geometry = "area"
    list_display = ("code", "name", "kind", "level", "edition")
    list_filter = ("city", "level")
    list_select_related = ("edition", "edition__city")
    search_fields = ("code", "name")
    exclude = ("area",)


@admin.register(Asset)
class AssetAdmin(WithoutGeometry):
    """Roads and lamps, without their drawing."""

    geometry = "geom"
    list_display = ("code", "name", "layer", "road_class", "owner")
    list_filter = ("city", "layer", "road_class")
    search_fields = ("code", "name")
    exclude = ("geom",)
