"""Proposals of areas and rules: uploaded, looked at on a map, published, undone."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from geodata import sql
from geodata.errors import KINDS, UnreadableFile
from geodata.models import Department, Draft, Edition, Level
from issues.actions import enacting, proposing
from issues.actions.proposing import Origin
from issues.errors import StaleDraft, StorageFull
from issues.forms.desk import said
from issues.forms.manage import PublishForm, UploadForm
from issues.forms.rules import WORDS, worded
from issues.models import Issue
from issues.views import staff
from issues.views.sheet import sheet
from issues.views.staff import StaffRequest

PAGE: Final = 100
"""Moved issues on one page."""
ON_MAP: Final = 2000
"""Moved issues that are drawn; the list and the sheet have all."""
RECENT: Final = 30
_LAYERS: Final = [level.layer for level in Level]


@require_http_methods(["GET", "HEAD", "POST"])
def borders(request: StaffRequest) -> HttpResponse:
    """List what is in force and what is proposed; take in a new set."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid() and (draft := _uploaded(request, form)):
        return redirect("draft", draft.pk)
    editions = Edition.objects.current().filter(city=request.city, layer__in=_LAYERS)
    drafts = Draft.objects.filter(city=request.city, level__isnull=False).defer("impact")
    context = staff.frame(
        request,
        "manage",
        form=form,
        editions=[(Level.named(one.layer).label, one) for one in editions.order_by("layer", "pk")],
        drafts=drafts.select_related("uploaded_by")[:RECENT],
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "manage/borders.html", context, status=status)


def _uploaded(request: StaffRequest, form: UploadForm) -> Draft | None:
    """Keep the file; where that fails, the form says why."""
    given = form.cleaned_data
    names = ("source", "licence", "source_date", "dataset", "crs")
    try:
        return proposing.upload(
            request.city,
            Level(given["level"]),
            given["file"],
            origin=Origin(**{name: given[name] for name in names}),
            actor=request.user,
            slivers=given["slivers"],
        )
    except (UnreadableFile, StorageFull) as error:
        form.add_error("file", said(error))
        return None


def _draft(request: StaffRequest, key: int) -> Draft:
    """Find a proposal of this city.

    Raises:
        Http404: there is none.
    """
    rows = Draft.objects.filter(city=request.city).select_related(
        "city", "edition", "rule__department", "uploaded_by", "published_by", "undone_by"
    )
    found = rows.filter(pk=key).first()
    if found is None:
        raise Http404
    return found


@require_safe
def draft_page(request: StaffRequest, draft: int) -> HttpResponse:
    """Show a proposal: its faults, what it would move, and what may be done with it."""
    return _shown(request, _draft(request, draft), PublishForm(city=request.city))


def _shown(
    request: StaffRequest, draft: Draft, form: PublishForm, *, error: str = "", status: int = 200
) -> HttpResponse:
    start = _start(request)
    offices = dict(Department.objects.filter(city=request.city).values_list("code", "short_name"))
    ready = draft.state in {Draft.State.READY, Draft.State.WAITING}
    context = staff.frame(
        request,
        "manage",
        draft=draft,
        publish=form,
        error=error,
        problems=_worded(draft.problems),
        pairs=_pairs(draft.impact, offices),
        rows=_rows(request, draft.impact[start : start + PAGE], offices),
        next=start + PAGE if len(draft.impact) > start + PAGE else None,
        changes=_changes(draft),
        stale=ready and draft.weighed_at and draft.weighed_on != enacting.state_of(draft.city),
        moving=draft.is_moving or _is_due(draft),
        undoable=draft.state == Draft.State.PUBLISHED and proposing.in_force(draft),
        site={"extent": request.city.extent, "marks": []},
    )
    return render(request, "manage/draft.html", context, status=status)


def _is_due(draft: Draft) -> bool:
    """Whether a worker is publishing it, or will at any moment."""
    waits = draft.state == Draft.State.WAITING and draft.publish_at
    return bool(waits and waits <= timezone.now())


def _start(request: StaffRequest) -> int:
    text = request.GET.get("mulai", "")
    return int(text) if text.isdecimal() and len(text) < len("1000000") else 0


def _worded(problems: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {**one, "kind": KINDS.get(one["kind"], one["kind"]), "number": number}
        for number, one in enumerate(problems, start=1)
    ]


def _pairs(moves: Sequence[Mapping[str, str]], offices: Mapping[str, str]) -> list[Any]:
    """Count the moves from one department to another, the most first."""
    counts = Counter((one["old"], one["new"]) for one in moves)
    return [
        {"old": offices.get(old, ""), "new": offices.get(new, ""), "count": count}
        for (old, new), count in counts.most_common()
    ]


def _rows(
    request: StaffRequest, moves: Sequence[Mapping[str, Any]], offices: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Lay some moves out with the issues as they stand; one statement."""
    issues = staff.visible(request).in_bulk([one["issue"] for one in moves])
    return [
        {
            **one,
            "row": issues[one["issue"]],
            "old": offices.get(one["old"], ""),
            "new": offices.get(one["new"], ""),
        }
        for one in moves
        if one["issue"] in issues
    ]


def _changes(draft: Draft) -> list[tuple[Any, str, str]]:
    """List the values of a rule that a proposal changes: name, before, after."""
    before, after = draft.before or {}, draft.after or {}
    pairs = [(name, worded(before.get(name)), worded(after[name])) for name in after]
    return [(WORDS[name], old, new) for name, old, new in pairs if old != new]


@require_safe
@gzip_page
def draft_map(request: StaffRequest, draft: int) -> HttpResponse:
    """Send what the map of a proposal shows: its areas, its faults, the issues that move."""
    found = _draft(request, draft)
    moves = {one["issue"]: one for one in found.impact[:ON_MAP]}
    issues: dict[int, Issue] = staff.visible(request).in_bulk(list(moves))
    areas = sql.fetch("draft_areas", {"draft": found.pk}) if found.is_of_areas else []
    return JsonResponse(
        {
            "areas": [{**row, "name": f"{row['name']} ({row['code']})"} for row in areas],
            "faults": [
                {"shape": one["shape"], "place": one["place"], "number": one["number"]}
                for one in _worded(found.problems)
                if one.get("place") or one.get("shape")
            ],
            "moves": [
                {
                    "lon": issue.point.x,
                    "lat": issue.point.y,
                    "name": f"{issue.number}: {_arrow(moves[key])}",
                    "url": reverse("case", args=[issue.number]),
                }
                for key, issue in issues.items()
                if issue.point
            ],
        }
    )


def _arrow(move: Mapping[str, str]) -> str:
    return f"{move['old'] or '–'} → {move['new'] or '–'}"


@require_safe
def draft_csv(request: StaffRequest, draft: int) -> HttpResponse:
    """Send what a proposal moves as a sheet."""
    found = _draft(request, draft)
    issues = staff.visible(request).in_bulk([one["issue"] for one in found.impact])
    titles = (
        "nomor", "jenis", "tempat", "lintang", "bujur", "dari_dinas", "ke_dinas", "dari_wilayah",
        "ke_wilayah", "aturan",
    )  # fmt: skip
    rows = (_line(issues[one["issue"]], one) for one in found.impact if one["issue"] in issues)
    return sheet(f"usul-{found.pk}-pindah", titles, rows)


def _line(issue: Issue, move: Mapping[str, Any]) -> tuple[Any, ...]:
    spot = (f"{issue.point.y:.6f}", f"{issue.point.x:.6f}") if issue.point else ("", "")
    place = (move["area"], move["new_area"], move["rule"])
    kind = issue.category.label
    return issue.number, kind, issue.place, *spot, move["old"], move["new"], *place


@require_POST
def draft_step(request: StaffRequest, draft: int) -> HttpResponse:
    """Do something with a proposal; what is too late is said on its page."""
    found = _draft(request, draft)
    form = PublishForm(
        request.POST if request.POST.get("do") == "publish" else None, city=found.city
    )
    step = _STEPS.get(request.POST.get("do", ""))
    if step is None:
        raise Http404
    if form.is_bound and not form.is_valid():
        return _shown(request, found, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        step(request, found, form)
    except StaleDraft as error:
        again = _draft(request, draft)
        return _shown(request, again, form, error=said(error), status=HTTPStatus.CONFLICT)
    return redirect("draft", draft)


def _publish(request: StaffRequest, draft: Draft, form: PublishForm) -> None:
    at = form.cleaned_data["at"] or timezone.now()
    proposing.publish(draft.pk, actor=request.user, at=at)


Done = Callable[[StaffRequest, Draft, PublishForm], object]
_STEPS: Final[Mapping[str, Done]] = {
    "publish": _publish,
    "hold": lambda _request, draft, _form: proposing.hold(draft.pk),
    "drop": lambda _request, draft, _form: proposing.drop(draft.pk),
    "accept": lambda _request, draft, _form: proposing.accept(draft.pk),
    "weigh": lambda _request, draft, _form: proposing.weigh_again(draft.pk),
    "undo": lambda request, draft, _form: proposing.undo(draft.pk, actor=request.user),
}
