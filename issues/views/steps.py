"""From a posted step to an action and back; whatever the action answers, no typed word is lost."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, cast
from uuid import uuid4

from django.forms import BaseForm, BoundField, FileField
from django.http import Http404
from django.utils.translation import gettext as _

from geodata.models import Department
from issues import actions, photos
from issues.errors import (
    DifferentSubmission,
    MissingDuty,
    PhotoRefused,
    StaleIssue,
    StepNotAllowed,
    StorageFull,
    TooManyPhotos,
)
from issues.forms.desk import StepForm
from issues.forms.field import CaptureForm
from issues.models import Decision, Event, Issue, Photo, User
from issues.views.staff import StaffRequest
from issues.workflow import ON_THEIR_OWN, Step

if TYPE_CHECKING:
    from django.http import QueryDict

Groups = Sequence[tuple[str, list[tuple[int, str]]]]

ELSEWHERE: Final = ON_THEIR_OWN - {Step.ATTACH} | {Step.MERGE}
"""Steps with a page or a button of their own."""
WRITTEN: Final = frozenset({Step.RESPOND, Step.COMMENT, Step.ASK, Step.ANSWER})
INSIDE: Final = frozenset({Step.NOTE, Step.ATTACH})
RARE: Final = frozenset(
    {
        Step.REFUSE,
        Step.REJECT,
        Step.REROUTE,
        Step.REOPEN,
        Step.UNMERGE,
        Step.PAUSE,
        Step.HIDE,
        Step.UNHIDE,
    }
)


@dataclass(frozen=True, slots=True)
class Group:
    """Some steps under one heading: what is said in public stands apart from what stays inside."""

    name: str
    label: str
    forms: Sequence[StepForm]


def named(request: StaffRequest) -> Step:
    """Read which step a form wants to take.

    Raises:
        Http404: it names none.
    """
    name = request.POST.get("step", "")
    if name not in Step.values:
        raise Http404
    return Step(name)


def offered(issue: Issue, user: User) -> tuple[Step, ...]:
    """List the buttons of a page: what the table allows, but for what would change nothing."""
    idle = {
        Step.HIDE if issue.hidden else Step.UNHIDE,
        Step.RESUME if issue.paused_at is None else Step.PAUSE,
    }
    return tuple(step for step in actions.allowed(issue, user) if step not in idle)


def empty(issue: Issue, steps: Iterable[Step], groups: Groups = ()) -> dict[Step, StepForm]:
    """Make an empty form for each step."""
    proven = issue.is_proven
    return {
        step: StepForm(step=step, issue=issue, departments=groups, proven=proven) for step in steps
    }


def grouped(forms: Iterable[StepForm]) -> list[Group]:
    """Sort forms under headings; a heading without forms is left out."""
    shelves: dict[str, list[StepForm]] = {"work": [], "public": [], "inside": [], "rare": []}
    for form in forms:
        shelves[_shelf(form.step)].append(form)
    labels = {
        "work": _("Kerja"),
        "public": _("Tulis kepada publik atau pelapor"),
        "inside": _("Catatan di dalam"),
        "rare": _("Pengecualian"),
    }
    return [Group(name, labels[name], some) for name, some in shelves.items() if some]


def _shelf(step: Step) -> str:
    if step in WRITTEN:
        return "public"
    if step in INSIDE:
        return "inside"
    return "rare" if step in RARE else "work"


def bind(request: StaffRequest, issue: Issue, step: Step, groups: Groups = ()) -> StepForm:
    """Read the posted form of a step."""
    return StepForm(
        request.POST,
        request.FILES,
        step=step,
        issue=issue,
        departments=groups,
        proven=issue.is_proven,
    )


def carry_out(form: StepForm, user: User) -> HTTPStatus:
    """Take the step of a valid form; where that fails, the form says why.

    Returns:
        200 when it was taken, 409 when the issue has moved on, 422 when something is missing.
    """
    try:
        version = _attach(form, user)
        if form.step is not Step.ATTACH:
            _take(form, user, version)
    except (StaleIssue, StepNotAllowed) as error:
        form.refuse(error)
        return HTTPStatus.CONFLICT
    except (
        MissingDuty,
        PhotoRefused,
        TooManyPhotos,
        StorageFull,
        DifferentSubmission,
    ) as error:
        form.refuse(error)
        return HTTPStatus.UNPROCESSABLE_ENTITY
    return HTTPStatus.OK


def _take(form: StepForm, user: User, version: int) -> None:
    values = form.cleaned_data
    department = values.get("department")
    actions.take(
        form.issue.pk,
        form.step,
        actor=user,
        version=version,
        note=values.get("note", ""),
        department=Department.objects.get(pk=department) if department else None,
        original=values.get("original"),
    )


def _attach(form: StepForm, user: User) -> int:
    """Keep the photo first: it stays even when the step then turns out to be too late.

    Returns:
        The version on which the step is based; one's own photo does not make one's page stale.
    """
    values = form.cleaned_data
    version: int = values["version"]
    photo = values.get("photo")
    if not photo:
        return version
    photos.weigh(photo.size or 0)
    kind = values.get("kind") or Photo.Kind.AFTER
    capture = CaptureForm(form.data).capture
    actions.attach(
        form.issue.pk,
        photo.read(),
        photo_id=values["photo_id"],
        actor=user,
        kind=kind,
        capture=capture,
    )
    since = list(Event.objects.filter(issue=form.issue, seq__gt=version))
    own = all(event.step == Step.ATTACH and event.actor_id == user.pk for event in since)
    return version + len(since) if own else version


def renewed(form: StepForm, issue: Issue, groups: Groups = ()) -> StepForm:
    """Show a refused form again on the issue as it stands now, with every word that was typed."""
    data = cast("QueryDict", form.data).copy()
    data["version"], data["photo_id"] = str(issue.version), str(uuid4())
    again = StepForm(data, step=form.step, issue=issue, departments=groups, proven=issue.is_proven)
    for field, errors in form.errors.items():
        if field in again.fields or field == "__all__":
            again.errors[field] = errors
    wrong = next((name for name in again.fields if name in again.errors), None)
    if wrong:
        # The form may lie far below the fold: there the browser goes by itself, without JavaScript.
        again.fields[wrong].widget.attrs["autofocus"] = True
    return again


def typed(form: StepForm) -> list[tuple[str, str]]:
    """List in words what somebody had put into a form: label and value."""
    return written(form.visible_fields())


def written(fields: Iterable[BoundField]) -> list[tuple[str, str]]:
    """List in words what stands in some fields of a form; empty ones and files are left out."""
    found = ((str(bound.label), _in_words(bound)) for bound in fields)
    return [(label, value) for label, value in found if value]


def _in_words(bound: BoundField) -> str:
    """Write what stands in a field: the names of what was chosen, not their keys."""
    value = bound.value()
    if isinstance(value, bool) or isinstance(bound.field, FileField):
        return _("ya") if value is True else ""
    keys = [str(one) for one in (value if isinstance(value, list) else [value]) if one]
    names = dict(_flat(getattr(bound.field, "choices", ())))
    return ", ".join(names.get(key, key) for key in keys)


def _flat(choices: Iterable[Any]) -> Iterator[tuple[str, str]]:
    for key, name in choices:
        if isinstance(name, list | tuple):
            yield from _flat(name)
        else:
            yield str(key), str(name)


def late(form: BaseForm, issue: Issue) -> dict[str, Any]:
    """Lay what somebody had typed beside what has happened to an issue since they opened it.

    Returns:
        What the template of both texts needs: `since`, `typed`, `resend` (the form's id), `late`.
    """
    version = form.cleaned_data["version"]
    name = getattr(form, "step", "") or type(form).__name__.removesuffix("Form").lower()
    return {
        "since": since(issue, version),
        "typed": written(form.visible_fields()),
        "resend": f"form-{name}",
        "late": True,
    }


def typed_version(form: StepForm) -> int:
    """Say which version somebody was looking at; the newest where the form does not tell."""
    return int(form.cleaned_data.get("version", form.issue.version))


def since(issue: Issue, version: int) -> list[Event]:
    """List what has happened after the version that somebody was looking at."""
    return list(
        issue.events.filter(seq__gt=version).select_related("actor", "department").order_by("seq")
    )


def groups_of(departments: Sequence[Department], decision: Decision | None) -> Groups:
    """Order the departments to choose from: what routing proposes first, then by name."""
    by_code = {department.code: department for department in departments}
    codes = [line["department"] for line in decision.trace] if decision else []
    proposed = [by_code[code] for code in dict.fromkeys(codes) if code in by_code][:3]
    rest = [department for department in departments if department not in proposed]
    named = ((_("Usulan rute"), proposed), (_("Dinas lain"), rest))
    return [
        (label, [(department.pk, department.name) for department in some])
        for label, some in named
        if some
    ]
