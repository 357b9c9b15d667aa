"""What a crew's phone and the city say to each other: the day down, the log up. JSON.

The contract, for the program on the phone. All doors are a crew's, by its log-in (401 without one,
404 for others); what is posted carries the CSRF token as every form of staff does (`X-CSRFToken`,
403 without). Errors are `{"error": {"code", "message", "fields"}}`. Instants are ISO 8601 with an
offset, places `[longitude, latitude]` in EPSG:4326, distances metres.

`GET /kerja/lapangan/hari.json?lon&lat` (`day`): see `day`.
`POST /api/crew/ops` (`ops`), `POST /api/crew/photos` (`send_photo`), `POST /api/crew/reports`
(`reports`): each may be sent again for ever, whole; the same id has the same answer. Send photos
before the op that they prove, a sighting before its photos. 503 and no answer mean: later.
"""

import hashlib
import io
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any, Final

from django.db.models import Prefetch
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe
from rest_framework.exceptions import APIException

from issues import actions, doors, errors, permissions, photos
from issues.actions.field import STEPS, known
from issues.errors import PhotoRefused, UnknownIssue
from issues.forms import asking
from issues.forms.field import OpForm, PhotoForm, SightingForm, plain
from issues.models import Event, FieldOp, Issue, Photo, Reporter, User
from issues.parsers import BoundedJSONParser, weight
from issues.views import day as days
from issues.views import orders, sighting, staff, steps
from issues.views.case import seen_photos
from issues.views.staff import StaffRequest
from issues.workflow import TABLE, Role, Status, Step

MOST_OPS: Final = 50
"""So many ops in one post; a longer log is sent in pieces, oldest first."""
_ENVELOPE: Final = 64 * 1024
_private = cache_control(private=True, no_store=True)


# The day -------------------------------------------------------------------------------------


@_private
@require_safe
def day(request: StaffRequest) -> HttpResponse:
    """Hand out the day's jobs, for a phone that will be without network.

    Returns:
        `{as_of, user: {mark, name}, city, start: [lon, lat], jobs: [job], order: [number],
        legs_m: [metres], total_m}`. `order` is the planned one and names every job; `legs_m` has a
        leg for each job with a point, the first from `start`. `user.mark` names the account to its
        own browser (as `data-writer` does on pages): ops of another mark are not this user's.

        A job: `{number, version, category, icon, place, lon, lat, status, status_words, due,
        due_words, overdue, priority, assigned_to_me, protected, words, answers: [[question,
        answer]], instructions: [note], promises: [note], letters: [note], photos: [{id, kind,
        url}], steps: [{step, label, duties: [..]}], url}`; `lon` and `lat` may be null. A note:
        `{at, who, note}`. `priority` is `darurat`, `segera` or `biasa`. `duties` are `note` (words
        are demanded) and `proof` (an *after* photo sent before, or words why there is none).
    """
    start, _known = days.place(request)
    found = days.jobs(request, start)
    plan = days.plan(request.city, found, start)
    body = {
        "as_of": timezone.now(),
        "user": {"mark": doors.writer(request.user), "name": _name(request.user)},
        "city": request.city.slug,
        "start": [start.x, start.y],
        "jobs": jobs_of(request, found),
        "order": [issue.number for issue in plan.jobs],
        "legs_m": [round(leg) for leg in plan.legs_m],
        "total_m": round(plan.total_m),
    }
    return JsonResponse(body)


def jobs_of(request: StaffRequest, issues: Sequence[Issue]) -> list[dict[str, Any]]:
    """Shape work orders; as many statements for sixty as for one."""
    rows = Issue.objects.filter(pk__in=[issue.pk for issue in issues])
    rows = rows.select_related("city", "category", "department", "jurisdiction")
    whole = rows.defer("jurisdiction__area").prefetch_related(
        Prefetch("events", Event.objects.order_by("seq")), "photos", "assets"
    )
    found = {issue.pk: issue for issue in whole}
    asked = asking.asked_of(list(found.values()))
    return [_job(request, found[issue.pk], asked) for issue in issues if issue.pk in found]


def _job(request: StaffRequest, issue: Issue, asked: Sequence[dict[str, Any]]) -> dict[str, Any]:
    told = orders.told(issue.events.all())
    seen = seen_photos(request, issue, list(issue.photos.all()))
    return {
        "number": issue.number,
        "version": issue.version,
        "category": issue.category.label,
        "icon": issue.category.icon,
        "place": issue.place or str(issue.jurisdiction or ""),
        "lon": issue.point.x if issue.point else None,
        "lat": issue.point.y if issue.point else None,
        "status": issue.status,
        "status_words": str(Status(issue.status).label),
        "due": issue.due_at,
        "due_words": date_format(timezone.localtime(issue.due_at), "j M Y, H:i"),
        "overdue": issue.is_overdue,
        "priority": issue.category.nature,
        "assigned_to_me": issue.assignee_id == request.user.pk,
        "protected": orders.is_protected(issue),
        "words": orders.words(request, issue),
        "answers": orders.answers(request, issue, asked),
        "instructions": [_note(event) for event in orders.instructions(told)],
        "promises": [_note(event) for event in orders.promises(told)],
        "letters": [_note(event) for event in orders.letters(request, issue, told)],
        "photos": [_picture(photo) for photo in seen if photo.state == Photo.State.CLEAN],
        "steps": [_step(issue, step) for step in field_steps(issue, request.user)],
        "url": reverse("job", args=[issue.number]),
    }


def field_steps(issue: Issue, user: User) -> list[Step]:
    """List what somebody may do to an issue in the field now, but for taking the last step back."""
    offered = [step for step in steps.offered(issue, user) if step in STEPS - {Step.UNDO}]
    return [step for step in offered if Role.CREW in TABLE[issue.workflow_status, step].roles]


def _step(issue: Issue, step: Step) -> dict[str, Any]:
    duties = TABLE[issue.workflow_status, step].duties
    return {"step": step, "label": str(step.label), "duties": sorted(duties)}


def _note(event: Event) -> dict[str, Any]:
    return {"at": event.at, "who": event.capacity, "note": event.note}


def _picture(photo: Photo) -> dict[str, Any]:
    address = reverse("staff-photo", args=[photo.pk, photo.generation, "medium"])
    return {"id": photo.pk, "kind": photo.kind, "url": address}


def _name(user: User) -> str:
    return user.get_full_name() or user.email


# The log -------------------------------------------------------------------------------------


@_private
@require_POST
def ops(request: StaffRequest) -> HttpResponse:
    """Replay a crew's log: `{"ops": [op]}`, at most 50, in the order in which they were done.

    An op: `{id (uuid), number, base (version seen), step (accept, travel, start, resolve, fix,
    not_found, help, note, undo), note, at}`. `resolve` and `fix` mean the same: the city knows
    whether a second person validates. `undo` takes back one's own last travel, start, resolve, fix
    or not_found, for 10 seconds after it arrived or in the same post; what has not been sent is
    better dropped from the log. A `place` may come along and is not kept.

    Returns:
        `{"results": [result]}`, in order. A result: `{id, state, version, error, yours, theirs,
        job}`. `state` is `done`; `repeated` (was done before, forget it now); `conflict` (somebody
        else has moved the issue: nothing was overwritten, `theirs` says what they did, the words of
        `yours` are kept for the office); `refused` (`error` = `{code, message}`; code `Invalid`
        means that the op itself is unreadable). `yours`: `{step, label, note, at}`. `theirs`:
        `[{seq, step, label, who, at, note}]`. `job` is the job as it stands now, or null where it
        is no longer this crew's. `version` is the new base.

        400 where the whole is unreadable; 422 (`DifferentSubmission`) where an id was used for
        something else: then no op of the post was done.
    """
    body = _body(request)
    given = body.get("ops") if isinstance(body, dict) else None
    if not isinstance(given, list) or len(given) > MOST_OPS:
        return _invalid({"ops": [_("Paling banyak %(most)d langkah.") % {"most": MOST_OPS}]})
    forms = [OpForm.of(one) for one in given]
    for form in forms:
        if form.is_valid():
            known(form.op, request.user)
    results = [_replayed(request, form) for form in forms]
    return JsonResponse({"results": _with_jobs(request, results)})


def _replayed(request: StaffRequest, form: OpForm) -> tuple[dict[str, Any], FieldOp | None]:
    """Replay one op; returns its result but for the job."""
    if not form.is_valid():
        message = " ".join(str(one) for texts in form.errors.values() for one in texts)
        error = {"code": "Invalid", "message": message}
        empty: dict[str, Any] = {"version": None, "error": error, "yours": None, "theirs": []}
        return {"id": form.data.get("id"), "state": FieldOp.State.REFUSED, **empty}, None
    kept, again = actions.replay(form.op, actor=request.user, city=request.city)
    was_done = again and kept.state == FieldOp.State.DONE
    return {
        "id": kept.pk,
        "state": "repeated" if was_done else kept.state,
        "version": kept.result_version,
        "error": _error(kept.answer.get("error")),
        "yours": {"step": kept.step, "label": kept.label, "note": kept.note, "at": kept.sent_at},
        "theirs": theirs(kept),
    }, kept


def _error(code: str | None) -> dict[str, str] | None:
    """Say what the name of a domain error means."""
    if code is None:
        return None
    return {"code": code, "message": _((getattr(errors, code).__doc__ or "").strip())}


def theirs(kept: FieldOp) -> list[dict[str, Any]]:
    """Tell what others did that an op collided with; a reporter's words stay the office's."""
    seqs = kept.answer.get("theirs", [])
    events = Event.objects.filter(issue=kept.issue_id, seq__in=seqs) if seqs else ()
    readable = orders.INSTRUCTIONS | orders.PROMISES
    return [
        {
            "seq": event.seq,
            "step": event.step,
            "label": event.deed,
            "who": event.capacity,
            "at": event.at,
            "note": event.note if event.step in readable and event.role != Role.REPORTER else "",
        }
        for event in events
    ]


def _with_jobs(
    request: StaffRequest, results: Iterable[tuple[dict[str, Any], FieldOp | None]]
) -> list[dict[str, Any]]:
    """Add each op's job as it stands after all of them."""
    pairs = list(results)
    keys = {kept.issue_id for _result, kept in pairs if kept and kept.issue_id}
    mine = [one for one in staff.visible(request).filter(pk__in=keys) if _is_crew(request, one)]
    shaped = {issue.pk: job for issue, job in zip(mine, jobs_of(request, mine), strict=True)}
    return [
        {**result, "job": shaped.get(kept.issue_id) if kept and kept.issue_id else None}
        for result, kept in pairs
    ]


def _is_crew(request: StaffRequest, issue: Issue) -> bool:
    return Role.CREW in permissions.roles(request.user, issue)


# Photos --------------------------------------------------------------------------------------


@_private
@require_POST
def send_photo(request: StaffRequest) -> HttpResponse:
    """Keep one photo, whole; multipart: `id` (uuid), `number`, `kind` (`after`, `before`), `file`.

    Also, where known: `taken_at`, `lon`, `lat`, `accuracy` (metres), `sha256` of the file. A photo
    of a report that this crew itself has sent (`reports`) is taken, too, wherever that report went.

    Returns:
        201 `{id, state, sha256, number, kind, version}`, again for the same id and file; 422
        `PhotoRefused`, `TooManyPhotos`, `DifferentSubmission` (the id is another file's); 413 over
        12 MB; 404 no such job of this crew's; 507 the disk is full.
    """
    photos.weigh(weight(request) - _ENVELOPE)
    form = PhotoForm(request.POST, request.FILES)
    if not form.is_valid():
        return _invalid(_texts(form))
    values = form.cleaned_data
    issue, actor = _photographed(request, values["number"])
    data = values["file"].read()
    promised = values["sha256"].lower()
    if promised and promised != hashlib.sha256(data).hexdigest():
        raise PhotoRefused(_("foto berubah di perjalanan, kirim ulang"))
    photo = actions.attach(
        issue.pk,
        data,
        photo_id=values["id"],
        actor=actor,
        kind=values["kind"] if actor else Photo.Kind.BEFORE,
        capture=form.capture,
    )
    body = {name: getattr(photo, name) for name in ("id", "state", "sha256", "kind")}
    version = Issue.objects.values_list("version", flat=True).get(pk=issue.pk)
    return JsonResponse({**body, "number": issue.number, "version": version}, status=201)


def _photographed(request: StaffRequest, number: str) -> tuple[Issue, User | None]:
    """Find whose photo it is, and as whom it is sent: as crew, else as its own reporter (None).

    Raises:
        UnknownIssue: there is none, or not for this crew.
    """
    issues = Issue.objects.filter(city=request.city, number=number.upper())
    issue = issues.select_related("department", "jurisdiction").first()
    if issue is not None and _is_crew(request, issue):
        return issue, request.user
    if issue is None or not Reporter.objects.filter(issue=issue, user=request.user).exists():
        raise UnknownIssue
    return issue, None


# New problems --------------------------------------------------------------------------------


@_private
@require_POST
def reports(request: StaffRequest) -> HttpResponse:
    """Take in what a crew has seen: `{id (uuid of the sighting), categories: [service_code, at most
    8], lon, lat, accuracy, words, at}`; one issue of each category. `area` (the code of a village)
    may stand for `lon` and `lat`.

    Returns:
        201 (200 where all were there before) `{"issues": [{service_code, category, number, uuid,
        created, department, status}]}`; 400 with faults under their fields; 422 outside the city,
        or the id was used for something else.
    """  # noqa: D205  the body stands in the first line
    body = _body(request)
    names = tuple(SightingForm.base_fields)
    given = plain(body, names)
    codes = body.get("categories") if isinstance(body, dict) else None
    given["categories"] = [one for one in codes or () if isinstance(one, str)]
    form = SightingForm(given, kinds=sighting.kinds(request), areas=sighting.areas(request))
    if not form.is_valid():
        return _invalid(_texts(form))
    found = sighting.file_all(request, form)
    fresh = any(receipt.created for receipt in found)
    shaped = [_sighting(receipt) for receipt in found]
    return JsonResponse({"issues": shaped}, status=HTTPStatus.CREATED if fresh else HTTPStatus.OK)


def _sighting(receipt: actions.Receipt) -> dict[str, Any]:
    issue = receipt.issue
    return {
        "service_code": issue.category.service_code,
        "category": issue.category.label,
        "number": issue.number,
        "uuid": issue.uuid,
        "created": receipt.created,
        "department": issue.department.short_name if issue.department else "",
        "status": issue.status,
    }


# What all doors share ------------------------------------------------------------------------


def _body(request: HttpRequest) -> Any:
    """Read JSON; what is none is nothing."""
    try:
        return BoundedJSONParser().parse(io.BytesIO(request.body))
    except APIException:
        return None


def _texts(form: BaseForm) -> dict[str, list[str]]:
    return {
        "" if name == "__all__" else name: [str(one) for one in texts]
        for name, texts in form.errors.items()
    }


def _invalid(fields: dict[str, list[str]]) -> JsonResponse:
    error = {"code": "Invalid", "message": _("Isian belum benar."), "fields": fields}
    return JsonResponse({"error": error}, status=HTTPStatus.BAD_REQUEST)
