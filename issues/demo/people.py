"""The people of the demo: those who may log in, and those who only appear in histories.

Their password is public, so they are made in a demo alone (`seed_demo` asks for DEMO=true).
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Q

from geodata.models import City, Department
from issues.demo.land import CITIES
from issues.models import Membership, User
from issues.workflow import Role

PASSWORD: Final = "demo-civicmap-2026"  # noqa: S105  the password of made people, printed at every start

LOGIN_DEPARTMENTS: Final = ("DISHUB", "DPUPR", "PERUMDA_TS", "DLHK")


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody whom a visitor of the demo can be."""

    email: str
    role: str
    department: str


@dataclass(frozen=True, slots=True)
class Cast:
    """Who acts in the histories; liaisons and crews by the id of their department."""

    dispatcher: User
    liaisons: Mapping[int, User]
    crews: Mapping[int, User]


def domain(city: City) -> str:
    """Name the mail domain of a city's demo; `.example` reaches nobody. Source: RFC 2606."""
    return f"{city.slug}.example"


def logins(city: City) -> tuple[Login, ...]:
    """List whom a visitor can be, as they stand in the database."""
    rows = Membership.objects.filter(city=city, user__email__endswith=f"@{domain(city)}")
    rows = rows.select_related("user", "department").order_by("pk")
    return tuple(
        Login(row.user.email, row.get_role_display(), row.department.name if row.department else "")
        for row in rows
        if row.user.has_usable_password()
    )


def is_inhabited(city: City) -> bool:
    """Whether the people of a demo have been made, doors still closed or not."""
    return User.objects.filter(email=f"dispatcher@{domain(city)}").exists()


@transaction.atomic
def settle(city: City) -> Cast:
    """Make the people, or find them; departments without an address get one of the demo.

    Nobody can log in before `open_doors`: that is how a demo that was interrupted is known.
    """
    departments = list(city.departments.filter(active=True).order_by("pk"))
    _give_addresses(city, departments)
    dispatcher = _person(city, "dispatcher", Role.DISPATCHER)
    _person(city, "leader", Role.LEADER)
    _person(city, "administrator", Role.ADMINISTRATOR)
    liaisons, crews = {}, {}
    for department in _logins_first(departments):
        box = department.email.partition("@")[0]
        liaison = "partners" if department.external else f"liaison.{box}"
        liaisons[department.pk] = _person(city, liaison, Role.LIAISON, department=department)
        if not department.external:
            crews[department.pk] = _person(city, f"crew.{box}", Role.CREW, department=department)
    return _with_memberships(Cast(dispatcher, liaisons, crews))


@transaction.atomic
def open_doors(city: City) -> None:
    """Give the password to those whom a visitor can be: the city's own and four departments'."""
    rows = Membership.objects.filter(city=city, user__email__endswith=f"@{domain(city)}")
    rows = rows.filter(Q(department=None) | Q(department__code__in=LOGIN_DEPARTMENTS))
    for user in User.objects.filter(memberships__in=rows).distinct():
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])


def _logins_first(departments: list[Department]) -> list[Department]:
    return sorted(departments, key=lambda department: department.code not in LOGIN_DEPARTMENTS)


def _give_addresses(city: City, departments: list[Department]) -> None:
    boxes = _mailboxes(city)
    for department in departments:
        if not department.email:
            box = boxes.get(department.code, department.code.lower().replace("_", "."))
            department.email = f"{box}@{domain(city)}"
            department.save(update_fields=["email"])


def _mailboxes(city: City) -> dict[str, str]:
    text = (CITIES / city.slug / "departments.toml").read_text(encoding="utf-8")
    return {row["code"]: row["mailbox"] for row in tomllib.loads(text)["department"]}


def _person(
    city: City,
    box: str,
    role: Role,
    *,
    department: Department | None = None,
) -> User:
    """Make somebody with one more capacity, or find them; one officer speaks for all outsiders."""
    email = f"{box}@{domain(city)}"
    rules = role is Role.ADMINISTRATOR
    values = {
        "email": email,
        "first_name": str(role.label).capitalize(),
        "last_name": department.short_name if department and not department.external else "",
        "password": make_password(None),
        "is_staff": rules,
        "is_superuser": rules,
    }
    user, created = User.objects.get_or_create(username=email, defaults=values)
    if created:
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    Membership.objects.get_or_create(user=user, city=city, role=role, department=department)
    return user


def _with_memberships(cast: Cast) -> Cast:
    """Read everybody once with their capacities, so that no step has to."""
    people = User.objects.prefetch_related("memberships").in_bulk(_ids(cast))
    return Cast(
        dispatcher=people[cast.dispatcher.pk],
        liaisons={pk: people[user.pk] for pk, user in cast.liaisons.items()},
        crews={pk: people[user.pk] for pk, user in cast.crews.items()},
    )


def _ids(cast: Cast) -> Iterator[int]:
    yield cast.dispatcher.pk
    yield from (user.pk for user in (*cast.liaisons.values(), *cast.crews.values()))
