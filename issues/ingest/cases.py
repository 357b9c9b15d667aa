"""What an import hands to the loader: clean cases of the past, and what their city knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

from django.utils import timezone

from geodata.models import BasemapFeature, BasemapKind, City, Department, Jurisdiction, RoutingRule
from issues.actions import Draft, calendars
from issues.actions.calendars import Calendars
from issues.clock import Calendar
from issues.ingest.dates import Diary
from issues.models import Category, Origin
from issues.workflow import Status


@dataclass(frozen=True, slots=True)
class Mark:
    """That a case had reached a status at a time; `note` belongs to the step that led there."""

    status: Status
    at: datetime
    note: str = ""


@dataclass(slots=True, kw_only=True)
class Case:
    """One issue of the past, checked: everything that becomes an issue with its history.

    Attributes:
        external_id: its name where it comes from; unique in a city's source.
        draft: what was said, as `actions.submit` takes it; its uuid follows from the external id.
        received_at: when the city got it.
        marks: what it had reached when, oldest first; empty for one that nobody has touched.
        department_id: who had it, as the source says; None where routing shall answer.
        fallback_id: who has it where neither the source nor routing knows anybody.
        reviewed_at: when its words were released to the public; None where nobody has read them.
        inside: words of the source that the public shall not read; kept as an internal note.
        line: where it stands in its file.
        photos: names of picture files.
    """

    external_id: str
    draft: Draft
    received_at: datetime
    marks: tuple[Mark, ...] = ()
    department_id: int | None = None
    fallback_id: int | None = None
    reviewed_at: datetime | None = None
    inside: str = ""
    line: int = 0
    photos: tuple[str, ...] = ()


@dataclass(frozen=True)
class Book:
    """A city's reference data as they stand at the start of an import, read once.

    Attributes:
        source: who the cases come from; with the external id it names one for ever.
        now: the present, aware: what is open beyond its date is overdue by now.
        drawn: whether a basemap knows streets that routing may not know.
    """

    city: City
    source: str
    now: datetime
    kinds: Mapping[str, Category]
    departments: Mapping[int, Department]
    rules: Mapping[int, RoutingRule]
    areas: Mapping[int, Jurisdiction]
    calendar: Calendar
    drawn: bool

    @cached_property
    def zone(self) -> ZoneInfo:
        """The city's clock."""
        return ZoneInfo(self.city.zone)

    @cached_property
    def _diaries(self) -> dict[int | None, Diary]:
        return {None: Diary(self.calendar, self.calendar)}

    def diary(self, department_id: int | None) -> Diary:
        """The dates that were computed so far; all batches of an import ask the same ones.

        Departments without hours of their own share the city's.
        """
        department = self.departments.get(department_id or 0)
        own = department.pk if department and department.office_hours else None
        if own not in self._diaries:
            hours = calendars.hours_of(self.city, department)
            office = calendars.build(self.city, hours, self.calendar.holidays)
            self._diaries[own] = Diary(self.calendar, office)
        return self._diaries[own]

    @cached_property
    def names(self) -> Mapping[int, str]:
        """What each area is called."""
        return {key: str(area) for key, area in self.areas.items()}


def book(city: City, source: str, *, now: datetime | None = None) -> Book:
    """Read what an import needs to know of a city; seven queries."""
    now = now or timezone.now()
    leaves = Category.objects.filter(city=city, children__isnull=True).select_related("clock")
    areas = Jurisdiction.objects.filter(city=city).defer("area").order_by("pk")
    return Book(
        city=city,
        source=source,
        now=now,
        kinds={kind.service_code: kind for kind in leaves},
        departments=city.departments.in_bulk(),
        rules=RoutingRule.objects.filter(city=city).in_bulk(),
        areas=areas.in_bulk(),
        calendar=Calendars().of(city),
        drawn=BasemapFeature.objects.filter(city=city, kind=BasemapKind.ROADS).exists(),
    )


def identity(city: City, source: str, external_id: str) -> UUID:
    """Name a case for ever, as a sender's client names a report."""
    return uuid5(NAMESPACE_URL, f"civicmap:{city.slug}:{source}:{external_id}")


def unknown(book: Book, external_ids: Sequence[str]) -> set[str]:
    """Keep the external ids that the city has no issue of yet."""
    known = Origin.objects.filter(
        city=book.city, source=book.source, external_id__in=list(external_ids)
    )
    return set(external_ids) - set(known.values_list("external_id", flat=True))
