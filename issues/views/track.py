"""The reporter's way back: by number to what is public, by secret to their own page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from issues import actions, notifications
from issues.actions.alarms import silent_at
from issues.errors import MissingDuty, StaleIssue, StepNotAllowed
from issues.forms import asking
from issues.forms.track import REPLIES, NumberForm, ReplyForm, SecretForm
from issues.history import standing
from issues.models import Event, Issue, Photo, PublicDetail
from issues.permissions import allowed
from issues.views import proof
from issues.views.follow import told_how
from issues.views.proof import CitizenRequest
from issues.views.receipt import due_said, own_photos, route_said, shots
from issues.views.report import attach_all, said
from issues.views.waiting import refusals, waiting
from issues.workflow import REPORTER_NOTES, TOLD_REPORTER, Role, Status, Step

_INVALID: Final = 422
_SIZES: Final = frozenset({"small", "medium", "large"})
_DONE: Final = {
    Step.ANSWER: gettext_lazy("Jawaban Anda sudah sampai. Terima kasih."),
    Step.VALIDATE: gettext_lazy("Terima kasih. Jawaban Anda dicatat; laporan tetap selesai."),
    Step.REOPEN: gettext_lazy("Laporan dibuka kembali dan dinas diberi tahu."),
    Step.WITHDRAW: gettext_lazy("Laporan dicabut."),
    Step.ADD: gettext_lazy("Tambahan Anda tersimpan dan diteruskan ke dinas."),
    Step.RATE: gettext_lazy("Terima kasih atas penilaian Anda."),
}


_CONFIRMED: Final = gettext_lazy("Anda menyatakan sudah beres.")


@dataclass(frozen=True, slots=True)
class Told:
    """One event as its reporter reads it."""

    at: datetime
    status: Status
    sentence: str
    by: str
    note: str
    is_question: bool


@proof.private
@require_http_methods(["GET", "HEAD", "POST"])
def track(request: CitizenRequest) -> HttpResponse:
    """Look up by number (GET) or by secret (POST, so that no log and no history keeps it)."""
    if request.method == "POST":
        return _open(request)
    if "nomor" not in request.GET:
        return _doors(request)
    form = NumberForm(request.GET)
    if not form.is_valid():
        return _doors(request, number=form, status=_INVALID)
    number = form.cleaned_data["nomor"]
    if proof.proven(request, number=number):
        return redirect("tracked", number=number)
    if PublicDetail.objects.filter(city=request.city, number=number).exists():
        return redirect("issue", number=number)
    # The same words for what does not exist and for what is confidential.
    form.add_error(
        "nomor",
        _(
            "Tidak ada laporan publik bernomor itu. "
            "Laporan rahasia hanya terbuka dengan tautan rahasianya."
        ),
    )
    return _doors(request, number=form, status=404)


def _open(request: CitizenRequest) -> HttpResponse:
    form = SecretForm(request.POST)
    if form.is_valid():
        issue = proof.by_secret(request, form.cleaned_data["rahasia"])
        if issue is not None:
            return redirect("tracked", number=issue.number)
        form.add_error(
            "rahasia",
            _("Tautan atau kode ini tidak cocok. Periksa lagi: huruf besar dan kecil berbeda."),
        )
    return _doors(request, secret=form, status=_INVALID)


def _doors(
    request: CitizenRequest,
    *,
    number: NumberForm | None = None,
    secret: SecretForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"number_form": number or NumberForm(), "secret_form": secret or SecretForm()}
    return render(request, "issues/track.html", context, status=status)


@proof.private
@require_http_methods(["GET", "HEAD", "POST"])
def tracked(request: CitizenRequest, number: str) -> HttpResponse:
    """Show reporters their own report and take in their answers; strangers go to `/lacak`."""
    issue = proof.proven(request, number=number)
    if issue is None:
        return redirect("track")
    if request.method == "POST":
        return _reply(request, issue)
    return _own_page(request, issue)


def _reply(request: CitizenRequest, issue: Issue) -> HttpResponse:
    """Take one step of the reporter; what goes wrong is said beside what was typed."""
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return _own_page(request, issue, form=form, status=_INVALID)
    step: Step = form.cleaned_data["step"]
    try:
        _take(issue, step, form)
        if step in _DONE:
            messages.success(request, _DONE[step])
    except MissingDuty:
        form.add_error("note", _("Tulis beberapa kata."))
    except (StaleIssue, StepNotAllowed) as error:
        form.add_error(None, said(error))
    if form.errors:
        fresh = proof.proven(request, pk=issue.pk) or issue
        return _own_page(request, fresh, form=form, status=_INVALID)
    if attach_all(request, issue):
        messages.success(request, _("Foto ditambahkan."))
    return redirect("tracked", number=issue.number)


def _take(issue: Issue, step: Step, form: ReplyForm) -> None:
    """Take the step; photos come after it.

    Raises:
        StaleIssue: the report has moved on since the page was shown.
        StepNotAllowed: not on this status.
        MissingDuty: words or stars are missing.
    """
    if step == Step.RATE:
        actions.rate(issue.pk, form.cleaned_data["stars"] or 0)
    elif step != Step.ATTACH:
        actions.take(
            issue.pk,
            step,
            actor=None,
            # What somebody adds is true whatever has happened meanwhile.
            version=None if step == Step.ADD else form.cleaned_data["version"],
            note=form.cleaned_data["note"],
        )


def _own_page(
    request: CitizenRequest, issue: Issue, *, form: ReplyForm | None = None, status: int = 200
) -> HttpResponse:
    events = list(issue.events.select_related("department"))
    question = next((event for event in reversed(events) if event.step == Step.ASK), None)
    public = PublicDetail.objects.filter(pk=issue.pk).first()
    steps = set(allowed(issue, None)) & set(REPLIES)
    context: dict[str, Any] = {
        "issue": issue,
        "steps": steps,
        "typed_for": _typed_for(form, steps),
        "told": [_told(event, issue) for event in standing(events) if event.step in TOLD_REPORTER],
        "question": question.note if question and issue.status == Status.NEEDS_INFO else "",
        "answer_by": silent_at(issue) if issue.status == Status.NEEDS_INFO else None,
        "route": route_said(issue),
        "answers": asking.answered(issue),
        "due": due_said(issue) if issue.is_open else "",
        **shots(issue),
        "is_public": public is not None,
        "original": public.original if public else "",
        "confirmed_at": issue.confirmed_at if issue.status == Status.RESOLVED else None,
        "form": form,
        "waiting": waiting(issue, refusals([issue]).get(issue.pk)),
        "rating": actions.rating(issue) if issue.status == Status.RESOLVED else None,
        "claimable": _is_claimable(request, issue),
        **told_how(issue),
    }
    return render(request, "issues/tracked.html", context, status=status)


def _typed_for(form: ReplyForm | None, steps: set[Step]) -> str:
    """Say whose form shows what was typed; what can be done no more becomes an addition."""
    if form is None:
        return ""
    step = form["step"].value()
    return step if step in steps else Step.ADD


def _is_claimable(request: CitizenRequest, issue: Issue) -> bool:
    """Whether the account that is logged in may take the report over."""
    return request.user.is_authenticated and issue.reporter.user_id is None


def _told(event: Event, issue: Issue) -> Told:
    own = event.step == Step.VALIDATE and event.role == Role.REPORTER
    sentence = _CONFIRMED if own else notifications.WORDS.get(Step(event.step))
    department = event.department or issue.department
    words = {"department": department.name if department else _("tim koordinator")}
    return Told(
        at=event.at,
        status=Status(event.status),
        sentence=str(sentence) % words if sentence else str(Step(event.step).label),
        by=event.capacity,
        note=event.note if event.step in REPORTER_NOTES else "",
        is_question=event.step == Step.ASK,
    )


@proof.private
@require_safe
def tracked_photo(request: CitizenRequest, number: str, photo: str, size: str) -> HttpResponseBase:
    """Show reporters their own clean photos, also those that the public does not see.

    Raises:
        Http404: not theirs, not clean, or no such size.
    """
    issue = proof.proven(request, number=number)
    if issue is None or size not in _SIZES:
        raise Http404
    found = own_photos(issue).filter(pk=photo, state=Photo.State.CLEAN).first()
    if found is None:
        raise Http404
    response = FileResponse(default_storage.open(found.path(size)), content_type="image/jpeg")
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
