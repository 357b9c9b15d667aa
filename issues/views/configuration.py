"""A city's whole configuration as one file: taken out, looked at, brought in."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from issues import reference
from issues.forms.configuration import ApplyForm, ImportForm
from issues.views import staff
from issues.views.staff import StaffRequest

SHOWN = 500
"""Fields that the look lists; the counts are of all."""


@require_http_methods(["GET", "HEAD", "POST"])
def configuration(request: StaffRequest) -> HttpResponse:
    """Offer the file, take one in and show what it would change; nothing changes yet."""
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data["file"].read(reference.MOST_BYTES + 1)
        try:
            sealed = reference.seal(request.city, data)
            files = reference.unpack(data)
            trial = reference.try_out(request.city, files, actor=request.user)
        except reference.BadReference as bad:
            return _page(request, form, faults=bad.problems)
        apply = ApplyForm(initial={"sealed": sealed})
        return _page(request, form, trial=trial, apply=apply)
    return _page(request, form)


def _page(request: StaffRequest, form: ImportForm, **found: object) -> HttpResponse:
    wrong = form.errors or found.get("faults")
    trial = found.get("trial")
    lines = trial.lines if isinstance(trial, reference.Trial) else ()
    context = staff.frame(
        request, "manage", form=form, lines=lines[:SHOWN], more=len(lines) - SHOWN, **found
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    return render(request, "manage/configuration.html", context, status=status)


@require_safe
def configuration_file(request: StaffRequest) -> HttpResponse:
    """Give the file; without anybody's data."""
    day = timezone.localdate().isoformat()
    headers = {
        "Content-Disposition": f'attachment; filename="{request.city.slug}-{day}.zip"',
        "Cache-Control": "no-store",
    }
    data = reference.pack(request.city) if request.method == "GET" else b""
    return HttpResponse(data, content_type="application/zip", headers=headers)


@require_POST
def configuration_apply(request: StaffRequest) -> HttpResponse:
    """Bring in what was looked at, whole or not at all."""
    form = ApplyForm(request.POST)
    if not form.is_valid():
        return _page(request, ImportForm(), apply=form, faults=[_("Tulis alasannya.")])
    try:
        files = reference.unseal(request.city, form.cleaned_data["sealed"])
        reason = form.cleaned_data["reason"]
        done = reference.bring_in(request.city, files, actor=request.user, reason=reason)
    except reference.BadReference as bad:
        return _page(request, ImportForm(), faults=bad.problems)
    count = sum(one.created + one.changed + one.retired for one in done.changes.values())
    text = ngettext("%(count)d baris diperbarui.", "%(count)d baris diperbarui.", count)
    messages.success(request, text % {"count": count})
    return redirect("configuration")
