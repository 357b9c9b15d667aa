"""The door in the letter: somebody who was invited writes name and password, once."""

from http import HTTPStatus

from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from issues import notifications
from issues.actions import people as acts
from issues.errors import RightsRefused
from issues.forms.people import AcceptForm


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Take an invitation; whoever is logged in on this browser is logged out by it."""
    found = notifications.invited(token)
    if found is None:
        return render(request, "people/invitation_over.html", status=HTTPStatus.GONE)
    given = request.POST if request.method == "POST" else None
    form = AcceptForm(given, email=found.email, name=found.name)
    if form.is_valid():
        name, password = form.cleaned_data["name"], form.cleaned_data["password2"]
        try:
            acts.accept(found, name=name, password=password)
        except RightsRefused:
            return render(request, "people/invitation_over.html", status=HTTPStatus.GONE)
        auth.logout(request)
        messages.success(request, _("Akun Anda siap. Masuk dengan kata sandi yang baru."))
        return redirect("account_login")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {"form": form, "invitation": found}
    return render(request, "people/invitation.html", context, status=status)
