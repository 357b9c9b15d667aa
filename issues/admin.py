"""People, categories and calendars for administrators; issues and events to look at only.

Of an issue the admin shows where it stands and no word of it: its content opens at the desk, to
those who handle it.
"""

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from allauth.account.decorators import secure_admin_login
from allauth.account.forms import ResetPasswordForm
from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from geodata.admin import Admin, ReadOnly
from issues import addresses
from issues.models import Category, Clock, Event, Holiday, Issue, Membership, Question, User

if TYPE_CHECKING:
    PersonForm = forms.ModelForm[User]
    Inline = admin.TabularInline[Membership, User]
else:
    PersonForm, Inline = forms.ModelForm, admin.TabularInline

# The log-in with lock and letters is allauth's; the admin's own would be a side door.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = gettext_lazy("CivicMap: administrasi")


class UserForm(PersonForm):
    """A person: the name, the address to log in with, whether they still work here."""

    class Meta:
        model = User
        fields = ("email", "first_name", "last_name", "is_active", "is_staff", "is_superuser")

    def clean_email(self) -> str:
        """Write an address in the one form that log-in compares; nobody needs one to log in."""
        given = str(self.cleaned_data["email"])
        return addresses.mail(given) if given else ""


class MembershipInline(Inline):
    """The capacities in which a person acts."""

    model = Membership
    extra = 1


@admin.register(User)
class UserAdmin(Admin):
    """People of the desk and the field. Nobody sets another's password: a link does."""

    form = UserForm
    inlines = (MembershipInline,)
    list_display = ("email", "first_name", "last_name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "memberships__role")
    search_fields = ("email", "first_name", "last_name")
    actions = ("send_password_link",)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: FBT001  Django's signature
        """Save a person; the administrator vouches for the address."""
        if not change:
            obj.username = uuid4().hex
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        EmailAddress.objects.filter(user=obj).exclude(email=obj.email).delete()
        EmailAddress.objects.update_or_create(
            user=obj, email=obj.email, defaults={"verified": True, "primary": True}
        )

    @admin.action(description=gettext_lazy("Kirim tautan untuk menulis kata sandi"))
    def send_password_link(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Send each person the link by which they write their own password."""
        for user in queryset.filter(is_active=True):
            form = ResetPasswordForm({"email": user.email})
            if form.is_valid():
                form.save(request)
        self.message_user(request, _("Tautan dikirim."), messages.SUCCESS)


@admin.register(Category)
class CategoryAdmin(Admin):
    """Kinds of problems."""

    list_display = ("service_code", "name", "parent", "nature", "confidential", "fast_lane")
    list_filter = ("city", "active", "nature", "confidential", "fast_lane")
    list_select_related = ("parent",)
    search_fields = ("service_code", "name", "keywords")


@admin.register(Question)
class QuestionAdmin(Admin):
    """What is asked about kinds of problems; the next `load_reference` writes its files' words."""

    list_display = ("code", "category", "kind", "text", "required", "stops", "active")
    list_filter = ("category__city", "active", "kind", "stops")
    list_select_related = ("category",)
    search_fields = ("code", "text", "category__service_code")


@admin.register(Clock)
class ClockAdmin(Admin):
    """How long the city gives itself."""

    list_display = ("code", "disposition_hours", "target_days", "limit_days")
    list_filter = ("city",)


@admin.register(Holiday)
class HolidayAdmin(Admin):
    """Days on which the city does not work."""

    list_display = ("date", "name", "kind")
    list_filter = ("city", "kind")
    date_hierarchy = "date"


@admin.register(Issue)
class IssueAdmin(ReadOnly):
    """Where issues stand."""

    fields = (
        "number",
        "category",
        "department",
        "status",
        "version",
        "channel",
        "hidden",
        "received_at",
        "due_at",
        "closed_at",
    )
    list_display = ("number", "category", "department", "status", "received_at", "due_at")
    list_filter = ("city", "status", "channel")
    list_select_related = ("category", "department")
    search_fields = ("number",)
    show_full_result_count = False


@admin.register(Event)
class EventAdmin(ReadOnly):
    """What was done, by whom, when; only ever added, by actions."""

    fields = ("issue", "seq", "step", "status", "at", "actor", "role", "department", "hash")
    list_display = ("issue", "seq", "step", "status", "at", "actor", "role")
    list_filter = ("step", "role")
    list_select_related = ("issue", "actor")
    search_fields = ("issue__number",)
    show_full_result_count = False
