"""People, categories and calendars for administrators; issues and events to look at only.

Of an issue the admin shows where it stands and no word of it: its content opens at the desk, to
those who handle it.
"""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from allauth.account.decorators import secure_admin_login
from allauth.account.forms import ResetPasswordForm
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from geodata.admin import Admin, CityAdmin, DepartmentAdmin, ReadOnly
from geodata.models import City, Department
from issues import actions, outbox
from issues.actions.configure import facts, record_change
from issues.models import Category, Clock, Escalation, Event, Holiday, Issue, Question, User

# The log-in with lock and letters is allauth's; the admin's own would be a side door.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = gettext_lazy("CivicMap: administrasi")


@admin.register(User)
class UserAdmin(ReadOnly):
    """People, to look at: rights change on the page of people, where nobody changes their own.

    Nobody sets another's password: a link does.
    """

    fields = ("email", "first_name", "last_name", "is_active", "last_login")
    list_display = ("email", "first_name", "last_name", "is_active", "last_login")
    list_filter = ("is_active", "memberships__role")
    search_fields = ("email", "first_name", "last_name")
    actions = ("send_password_link",)

    @admin.action(description=gettext_lazy("Kirim tautan untuk menulis kata sandi"))
    def send_password_link(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Send each person the link by which they write their own password."""
        for user in queryset.filter(is_active=True):
            form = ResetPasswordForm({"email": user.email})
            if form.is_valid():
                form.save(request)
        self.message_user(request, _("Tautan dikirim."), messages.SUCCESS)


class Recorded(Admin):
    """Configuration: each change is written down, field by field, in its own transaction."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001  Django's signature
        """Save, and write down what is other than before."""
        before = facts(type(obj)._default_manager.get(pk=obj.pk)) if change else {}  # noqa: SLF001  Django's documented name
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            record_change(_actor(request), obj, before, facts(obj))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Write down what is deleted, and delete it."""
        with transaction.atomic():
            record_change(_actor(request), obj, facts(obj), {})
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Write down what is deleted, and delete it."""
        with transaction.atomic():
            for obj in queryset:
                record_change(_actor(request), obj, facts(obj), {})
            super().delete_queryset(request, queryset)


def _actor(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


class Reclocking(Recorded):
    """Rows from which dates follow: a change has open issues clocked again, by a job."""

    decisive: ClassVar[frozenset[str]]
    """Fields that matter to dates; none named: all do."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001  Django's signature
        """Save, and clock again where something that matters is other than before."""
        matters = not self.decisive or self.decisive & set(form.changed_data)
        before = [form.initial.get("date")] if change else []
        super().save_model(request, obj, form, change)
        if form.changed_data and matters:
            self._reclock(request, [obj], before)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete, and clock again."""
        super().delete_model(request, obj)
        self._reclock(request, [obj])

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Delete many, and clock again."""
        rows = list(queryset)
        super().delete_queryset(request, queryset)
        self._reclock(request, rows)

    def _reclock(self, request: HttpRequest, rows: list[Any], before: Sequence[Any] = ()) -> None:
        """Put one job a city, from the first day off that has changed on, or since ever."""
        for city in {_city(row) for row in rows}:
            days = [row.date for row in rows if isinstance(row, Holiday) and row.city == city]
            since = _midnight(city, min([*days, *filter(None, before)])) if days else None
            outbox.put("reclock", city_id=city.pk, since=int(since.timestamp()) if since else 0)
            count = actions.touched(city, since).count()
            text = ngettext(
                "Tenggat %(count)d laporan terbuka diperiksa ulang sebentar lagi.",
                "Tenggat %(count)d laporan terbuka diperiksa ulang sebentar lagi.",
                count,
            )
            self.message_user(request, text % {"count": count}, messages.INFO)


def _city(row: Any) -> City:
    return row if isinstance(row, City) else row.city


def _midnight(city: City, day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(city.zone))


@admin.register(Category)
class CategoryAdmin(Reclocking):
    """Kinds of problems."""

    decisive = frozenset({"clock"})

    list_display = ("service_code", "name", "parent", "nature", "confidential", "fast_lane")
    list_filter = ("city", "active", "nature", "confidential", "fast_lane")
    list_select_related = ("parent",)
    search_fields = ("service_code", "name", "keywords")


@admin.register(Question)
class QuestionAdmin(Recorded):
    """What is asked about kinds of problems; the next `load_reference` writes its files' words."""

    list_display = ("code", "category", "kind", "text", "required", "stops", "active")
    list_filter = ("category__city", "active", "kind", "stops")
    list_select_related = ("category",)
    search_fields = ("code", "text", "category__service_code")


admin.site.unregister((City, Department))


@admin.register(City)
class CityClockAdmin(Reclocking, CityAdmin):
    """The city; its hours move dates."""

    decisive = frozenset({"office_hours", "zone"})
    fieldsets = (
        (None, {"fields": ("name", "short_name", "province", "host", "emergency", "contact")}),
        (
            gettext_lazy("Pengumuman darurat"),
            {"fields": ("banner", "banner_en", "banner_from", "banner_until")},
        ),
        (
            gettext_lazy("Waktu dan aturan"),
            {"fields": ("zone", "office_hours", "requires_account")},
        ),
        (
            gettext_lazy("Tetap"),
            {"fields": ("slug", "prefix", "metric_srid", "extent")},
        ),
    )


@admin.register(Department)
class DepartmentClockAdmin(Reclocking, DepartmentAdmin):
    """Departments; hours of their own move dates."""

    decisive = frozenset({"office_hours"})


@admin.register(Clock)
class ClockAdmin(Reclocking):
    """How long the city gives itself."""

    decisive = frozenset()
    list_display = ("code", "disposition_hours", "target_days", "limit_days")
    list_filter = ("city",)


@admin.register(Escalation)
class EscalationAdmin(Reclocking):
    """Who is reminded of a date, and when it goes up."""

    decisive = frozenset()
    list_display = ("code", "date", "percent", "days_after", "role", "kind", "clock", "active")
    list_filter = ("city", "date", "role", "kind", "active")
    list_select_related = ("clock",)


@admin.register(Holiday)
class HolidayAdmin(Reclocking):
    """Days on which the city does not work."""

    decisive = frozenset({"city", "date"})
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
