"""How to reach a reporter, as they correct it: a new e-mail address counts once it is proved."""

from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from issues import actions, codes
from issues.addresses import Address, Kind
from issues.codes import Asked, NotSent, TooManyCodes
from issues.forms.desk import said
from issues.forms.track import ContactForm
from issues.models import Issue
from issues.views import proof
from issues.views.proof import CitizenRequest

PURPOSE: Final = "contact"


@proof.private
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: CitizenRequest, number: str) -> HttpResponse:
    """Show and take name, e-mail and phone of one report; strangers go to `/lacak`."""
    issue = proof.proven(request, number=number)
    if issue is None:
        return redirect("track")
    reporter = issue.reporter
    given = {"name": reporter.name, "email": reporter.email, "phone": reporter.phone}
    form = ContactForm(request.POST if request.method == "POST" else None, initial=given)
    if request.method == "POST" and form.is_valid():
        answer = _take(request, issue, form)
        if answer is not None:
            return answer
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "issues/contact.html", {"issue": issue, "form": form}, status=status)


def _take(request: CitizenRequest, issue: Issue, form: ContactForm) -> HttpResponse | None:
    """Keep what needs no proof, and ask for the proof of a new address; None where that failed."""
    new = dict(form.cleaned_data)
    before = issue.reporter.email
    if not new["email"] or new["email"].lower() == before.lower():
        _correct(request, issue, new)
        return redirect("tracked", number=issue.number)
    data = {"issue": issue.pk, "before": before}
    try:
        codes.ask(request, Address(Kind.EMAIL, new["email"].lower()), purpose=PURPOSE, data=data)
    except (TooManyCodes, NotSent) as error:
        form.add_error("email", said(error))
        return None
    _correct(request, issue, new | {"email": before})
    return redirect("enter-code")


def _correct(request: CitizenRequest, issue: Issue, new: dict[str, Any]) -> None:
    actions.correct(issue.pk, name=new["name"], email=new["email"], phone=new["phone"])
    messages.success(request, _("Kontak Anda tersimpan."))


def proved(request: CitizenRequest, asked: Asked) -> HttpResponse:
    """Keep the proved address with the report it was asked for; the old one is told."""
    issue = proof.proven(request, pk=asked.data["issue"])
    if issue is None:
        return redirect("track")
    reporter = issue.reporter
    before = reporter.email
    actions.correct(issue.pk, name=reporter.name, email=asked.address.value, phone=reporter.phone)
    if before:
        words = {"number": issue.number}
        text = _("Kabar laporan %(number)s sekarang dikirim ke alamat lain, atas permintaan Anda.")
        codes.tell(request, Address(Kind.EMAIL, before), "account/email/notice", text % words)
    messages.success(request, _("Alamat baru tersimpan."))
    return redirect("tracked", number=issue.number)
