"""The trail, for administrators: who looked at what, who changed what, and it all as sheets."""

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from issues.forms.trail import LISTS, TrailForm
from issues.models import Access, ConfigurationChange, Event, User
from issues.views import staff
from issues.views.staff import PAGE_SIZE, StaffRequest
from issues.workflow import Role, Status, Step

CHUNK: Final = 2000
"""How many rows of a sheet are in memory at once."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_LAST_KEY: Final = 2**63


@dataclass(frozen=True, slots=True)
class Trail:
    """One list: its rows in a city, the columns to search and the cells of a line."""

    rows: Callable[[StaffRequest], QuerySet[Any]]
    about: tuple[str, ...]
    cells: Mapping[str, tuple[Any, Callable[[Any], Any]]]
    """Name of a column in the sheet → its heading on the page, and how a row fills it."""


def _accesses(request: StaffRequest) -> QuerySet[Any]:
    return Access.objects.filter(issue__city=request.city).select_related("issue", "actor")


def _changes(request: StaffRequest) -> QuerySet[Any]:
    return ConfigurationChange.objects.filter(city=request.city).select_related("actor")


def _events(request: StaffRequest) -> QuerySet[Any]:
    """Return events, each with the status before it."""
    former = Event.objects.filter(issue=OuterRef("issue"), seq=OuterRef("seq") - 1)
    rows = Event.objects.filter(issue__city=request.city).select_related(
        "issue", "actor", "department"
    )
    return rows.annotate(former=Subquery(former.values("status")[:1])).order_by()


def _when(row: Any) -> str:
    return timezone.localtime(row.at).isoformat(sep=" ", timespec="seconds")


def _who(row: Any) -> str:
    return _named(row.actor)


def _named(actor: User | None) -> str:
    if actor is None:
        return ""
    name = actor.get_full_name()
    return f"{name} <{actor.email}>" if name else actor.email


def _note(event: Event) -> str:
    """Give the reason of a step; a reporter's own words stay with those who handle the issue."""
    return "" if event.role == Role.REPORTER else event.note


def _status(value: str | None) -> str:
    return str(Status(value).label) if value else ""


def _told(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False)


TRAILS: Final[Mapping[str, Trail]] = {
    "akses": Trail(
        _accesses,
        ("issue__number",),
        {
            "waktu": (_("Waktu"), _when),
            "oleh": (_("Oleh"), _who),
            "laporan": (_("Laporan"), lambda row: row.issue.number),
            "dibuka": (_("Dibuka"), lambda row: row.get_kind_display()),
            "keperluan": (_("Keperluan"), lambda row: row.get_purpose_display()),
            "alasan": (_("Alasan"), lambda row: row.reason),
        },
    ),
    "konfigurasi": Trail(
        _changes,
        ("object", "kind", "field"),
        {
            "waktu": (_("Waktu"), _when),
            "oleh": (_("Oleh"), _who),
            "jenis": (_("Jenis"), lambda row: row.kind),
            "objek": (_("Objek"), lambda row: row.object),
            "isian": (_("Isian"), lambda row: row.field),
            "sebelum": (_("Sebelum"), lambda row: _told(row.before)),
            "sesudah": (_("Sesudah"), lambda row: _told(row.after)),
            "alasan": (_("Alasan"), lambda row: row.reason),
        },
    ),
    "peristiwa": Trail(
        _events,
        ("issue__number",),
        {
            "laporan": (_("Laporan"), lambda row: row.issue.number),
            "urutan": (_("Urutan"), lambda row: row.seq),
            "waktu": (_("Waktu"), _when),
            "langkah": (_("Langkah"), lambda row: str(Step(row.step).label)),
            "oleh": (_("Oleh"), _who),
            "peran": (_("Peran"), lambda row: str(Role(row.role).label)),
            "alasan": (_("Alasan"), _note),
            "sebelum": (_("Sebelum"), lambda row: _status(row.former)),
            "sesudah": (_("Sesudah"), lambda row: _status(row.status)),
            "dinas": (_("Dinas"), lambda row: row.department.code if row.department else ""),
        },
    ),
}
"""The lists by their name in the address bar; see `forms.trail.LISTS`."""


@require_safe
def trail(request: StaffRequest) -> HttpResponse:
    """Show one list, newest first."""
    name, chosen = _chosen(request.GET)
    form = TrailForm(request.GET, city=request.city)
    rows = list(
        _asked(request, chosen, form, before=_mark(request.GET)).order_by("-pk")[: PAGE_SIZE + 1]
    )
    shown = rows[:PAGE_SIZE]
    query = _query(request.GET)
    context = staff.frame(
        request,
        "trail",
        form=form,
        lists=[{"name": key, "label": label, "here": key == name} for key, label in LISTS.items()],
        title=LISTS[name],
        name=name,
        query=query.urlencode(),
        headings=[heading for heading, _read in chosen.cells.values()],
        lines=[[read(row) for _heading, read in chosen.cells.values()] for row in shown],
        after=shown[-1].pk if len(rows) > PAGE_SIZE else None,
    )
    return render(request, "people/trail.html", context)


@require_safe
def trail_csv(request: StaffRequest) -> StreamingHttpResponse:
    """Send one list as a sheet, oldest first; texts cannot run as formulas."""
    name, chosen = _chosen(request.GET)
    form = TrailForm(request.GET, city=request.city)
    rows = _asked(request, chosen, form)
    response = StreamingHttpResponse(_sheet(rows, chosen), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="jejak-{name}.csv"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _chosen(query: QueryDict) -> tuple[str, Trail]:
    name = query.get("apa", "")
    name = name if name in TRAILS else next(iter(TRAILS))
    return name, TRAILS[name]


def _query(query: QueryDict) -> QueryDict:
    kept = query.copy()
    kept.pop("after", None)
    return kept


def _mark(query: QueryDict) -> int:
    text = query.get("after", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else _LAST_KEY  # noqa: PLR2004  bigint


def _asked(
    request: StaffRequest, chosen: Trail, form: TrailForm, before: int = _LAST_KEY
) -> QuerySet[Any]:
    """Narrow a list by its filters; days that cannot be read narrow nothing, and are said so."""
    rows = chosen.rows(request)
    if before < _LAST_KEY:
        rows = rows.filter(pk__lt=before)
    form.is_valid()
    if since := form.since():
        rows = rows.filter(at__gte=since)
    if until := form.until():
        rows = rows.filter(at__lt=until)
    if who := form.cleaned_data.get("siapa"):
        named = Q(actor__email__icontains=who) | Q(actor__first_name__icontains=who)
        rows = rows.filter(named | Q(actor__last_name__icontains=who))
    if about := form.cleaned_data.get("tentang"):
        found = Q()
        for column in chosen.about:
            found |= Q(**{f"{column}__icontains": about})
        rows = rows.filter(found)
    return rows


class _Line:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def _sheet(rows: QuerySet[Any], chosen: Trail) -> Iterator[str]:
    """Write a sheet line by line; a cursor by key, so that any length costs the same memory."""
    sheet = csv.writer(_Line())
    # Spreadsheets take a file without this mark for the old code page.
    yield "\ufeff" + sheet.writerow(chosen.cells)
    last = 0
    while chunk := list(rows.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        for row in chunk:
            yield sheet.writerow([plain(read(row)) for _heading, read in chosen.cells.values()])
        last = chunk[-1].pk


def plain(value: Any) -> Any:
    """Keep a spreadsheet from running a text as a formula."""
    return (
        f"'{value}" if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA) else value
    )
