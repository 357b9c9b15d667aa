"""Shapes of rights: a capacity, an invitation and its acceptance, a leave, a unit, a search."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from geodata.models import City, Department, Jurisdiction, Level
from issues.actions.people import Capacity
from issues.errors import RightsRefused
from issues.forms.lists import choose
from issues.forms.words import LineField
from issues.models import Membership, Unit, User
from issues.workflow import Role

if TYPE_CHECKING:
    from django.http import QueryDict

ROLES: Final = (Role.DISPATCHER, Role.LIAISON, Role.CREW, Role.LEADER, Role.ADMINISTRATOR)
MAX_NAME: Final = 120
MAX_REASON: Final = 400


def _reason() -> LineField:
    return LineField(label=gettext_lazy("Alasan"), max_length=MAX_REASON, required=False)


class Places:
    """What a capacity may be narrowed to in a city; read once for all forms of a page."""

    def __init__(self, city: City) -> None:
        """Read departments, units and areas: three statements."""
        self.city = city
        self.departments = list(Department.objects.filter(city=city, active=True).order_by("name"))
        self.units = list(Unit.objects.filter(department__in=self.departments, active=True))
        areas = Jurisdiction.objects.current().filter(
            city=city, level__in=(Level.DISTRICT, Level.VILLAGE)
        )
        self.areas = list(areas.order_by("level", "name").values_list("code", "kind", "name"))

    def department_choices(self) -> list[tuple[str, Any]]:
        """List the departments."""
        named = [(str(one.pk), one.name) for one in self.departments]
        return [("", _("tanpa dinas (seluruh kota)")), *named]

    def unit_choices(self) -> list[tuple[str, Any]]:
        """List the units under their departments."""
        groups = [
            (
                one.short_name or one.name,
                [(str(unit.pk), unit.name) for unit in self.units if unit.department_id == one.pk],
            )
            for one in self.departments
        ]
        return [("", _("tanpa unit")), *(group for group in groups if group[1])]

    def area_choices(self) -> list[tuple[str, Any]]:
        """List districts, then villages."""
        named = [(code, f"{kind.capitalize()} {name}") for code, kind, name in self.areas]
        return [("", _("semua wilayah")), *named]


class CapacityForm(forms.Form):
    """A role and what it is narrowed to."""

    role = forms.ChoiceField(
        label=gettext_lazy("Peran"), choices=[(role.value, role.label) for role in ROLES]
    )
    department = forms.ChoiceField(label=gettext_lazy("Dinas"), required=False)
    unit = forms.ChoiceField(label=gettext_lazy("Unit"), required=False)
    area_code = forms.ChoiceField(label=gettext_lazy("Wilayah"), required=False)
    reason = _reason()

    def __init__(
        self,
        data: "QueryDict | None" = None,
        *,
        places: Places,
        of: Membership | None = None,
        **kwargs: Any,
    ) -> None:
        """Offer what the city has; `of` is the capacity that is changed."""
        given = {
            name: getattr(of, f"{name}_id" if name in {"department", "unit"} else name)
            for name in ("role", "department", "unit", "area_code")
            if of is not None
        }
        super().__init__(data, initial=given, **kwargs)
        self.places = places
        choose(self, "department", places.department_choices())
        choose(self, "unit", places.unit_choices())
        choose(self, "area_code", places.area_choices())
        self.capacity: Capacity | None = None

    def clean(self) -> dict[str, Any]:
        """Put the parts together.

        Raises:
            ValidationError: they do not go together.
        """
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors:
            return cleaned
        departments = {str(one.pk): one for one in self.places.departments}
        units = {str(one.pk): one for one in self.places.units}
        try:
            self.capacity = Capacity(
                Role(cleaned["role"]),
                departments.get(cleaned["department"]),
                cleaned["area_code"],
                units.get(cleaned["unit"]),
            )
        except RightsRefused as refusal:
            raise ValidationError(refusal.reason) from None
        return cleaned


class InviteForm(CapacityForm):
    """Whom to invite, and in which capacity."""

    email = forms.EmailField(label=gettext_lazy("Alamat surel"), max_length=254)
    name = LineField(label=gettext_lazy("Nama"), max_length=MAX_NAME, required=False)
    field_order = ("email", "name", "role", "department", "unit", "area_code")

    def __init__(self, data: "QueryDict | None" = None, *, places: Places) -> None:
        super().__init__(data, places=places, auto_id="invite_%s")
        del self.fields["reason"]


class LeaveForm(forms.Form):
    """Who stands in, and from which day to which; both days count whole."""

    deputy = forms.ChoiceField(label=gettext_lazy("Wakil"))
    first = forms.DateField(
        label=gettext_lazy("Mulai"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    last = forms.DateField(
        label=gettext_lazy("Sampai dengan"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    reason = _reason()

    def __init__(
        self, data: "QueryDict | None" = None, *, people: Sequence[User], city: City, **kwargs: Any
    ) -> None:
        """Offer colleagues; days are the city's."""
        super().__init__(data, **kwargs)
        self.zone = ZoneInfo(city.zone)
        self.people = {str(one.pk): one for one in people}
        named = [(key, f"{one.get_full_name() or one.email}") for key, one in self.people.items()]
        choose(self, "deputy", [("", _("Pilih orang")), *named])

    @property
    def chosen(self) -> User:
        """Who stands in."""
        return self.people[self.cleaned_data["deputy"]]

    def span(self) -> tuple[datetime, datetime]:
        """Return the instants at which it begins and ends."""
        first, last = self.cleaned_data["first"], self.cleaned_data["last"]
        ends = datetime.combine(last + timedelta(days=1), time(), self.zone)
        starts = datetime.combine(first, time(), self.zone)
        return starts, max(ends, starts)


class AcceptForm(forms.Form):
    """The name and the password of somebody who was invited."""

    name = LineField(
        label=gettext_lazy("Nama lengkap"),
        max_length=MAX_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password1 = forms.CharField(
        label=gettext_lazy("Kata sandi"),
        max_length=256,
        strip=False,
        help_text=gettext_lazy("Paling sedikit 12 huruf; kalimat pendek mudah diingat."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        label=gettext_lazy("Kata sandi sekali lagi"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, data: "QueryDict | None" = None, *, email: str, name: str = "") -> None:
        super().__init__(data, initial={"name": name})
        self.email = email

    def clean_password2(self) -> str:
        """Check that both are the same, and good enough for this person.

        Raises:
            ValidationError: they are not.
        """
        first, second = self.cleaned_data.get("password1"), self.cleaned_data["password2"]
        if first != second:
            raise ValidationError(_("Kedua kata sandi tidak sama."))
        known = User(email=self.email, first_name=self.cleaned_data.get("name", ""))
        validate_password(second, known)
        return str(second)


class UnitForm(forms.Form):
    """A unit of a department."""

    department = forms.ChoiceField(label=gettext_lazy("Dinas"))
    code = forms.SlugField(
        label=gettext_lazy("Kode"),
        max_length=30,
        help_text=gettext_lazy("Huruf, angka dan tanda hubung; kode yang sama mengganti nama."),
    )
    name = LineField(label=gettext_lazy("Nama unit"), max_length=MAX_NAME)
    active = forms.BooleanField(label=gettext_lazy("Dipakai"), required=False, initial=True)

    def __init__(self, data: "QueryDict | None" = None, *, places: Places, **kwargs: Any) -> None:
        super().__init__(data, auto_id=f"{kwargs.pop('name', 'unit')}_%s", **kwargs)
        self.departments = {str(one.pk): one for one in places.departments}
        choose(self, "department", [(key, one.name) for key, one in self.departments.items()])


def today(city: City) -> str:
    """Write the city's day as a date field takes it."""
    return timezone.localtime(timezone=ZoneInfo(city.zone)).date().isoformat()
