"""The scene of the product of rights: everybody who may knock, and one issue of each sort."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from issues import actions, publication
from issues.accounts import CITIZEN
from issues.models import Flag, Issue, Membership, PublicDetail, PublicIssue, Reporter, User
from issues.workflow import Role, Step
from tests import make

BACKEND = "django.contrib.auth.backends.ModelBackend"
ROLES = (Role.DISPATCHER, Role.LIAISON, Role.CREW, Role.LEADER, Role.ADMINISTRATOR)
DEPARTMENTAL = frozenset({Role.LIAISON, Role.CREW})
STRANGERS = ("nobody", "citizen", "no role", "another city", "deactivated", "over", "not yet")
WHO = (*ROLES, *STRANGERS)
SORTS = ("own", "other", "afar", "hidden", "confidential", "foreign", "missing")
NOWHERE = "DPS-26-999999"


@dataclass(frozen=True)
class Thing:
    """What the addresses of one sort of object are made of."""

    number: str
    uuid: UUID
    released: UUID
    waiting: UUID
    person: int
    flag: int = 10**9
    version: int = 1
    secret: str = "none"

    def words(self) -> list[bytes]:
        """What differs between two answers about two things."""
        named = (self.number, self.uuid, self.released, self.waiting)
        keyed = (f"/orang/{self.person}", f"/tanda/{self.flag}/")
        return [str(word).encode() for word in named] + [word.encode() for word in keyed]


def build() -> dict[str, Thing]:
    """Make one issue of each sort; people of one's own city and of another."""
    make.world()
    make.rule("jalan", to="PUPR", service_code="jalan", explanation="jalan kota")
    make.category("jalan-rusak")
    batu = make.city(slug="batu", prefix="KBT")
    here, there = make.user(Role.LEADER), make.user()
    Membership.objects.create(user=there, city=batu, role=Role.LEADER)
    owner = make.user(username="citizen")
    south = {"lat": make.LAT - make.SIDE / 2}
    made = {
        "own": make.issue(),
        "other": make.issue(service_code="jalan-rusak"),
        "afar": make.issue(**south),
        "hidden": make.take(make.issue(), Step.HIDE),
        "confidential": make.issue(confidential=True),
        "foreign": make.issue(),
    }
    for name in ("own", "hidden", "confidential"):
        Reporter.objects.filter(issue=made[name]).update(user=owner)
    things = {
        name: _thing(issue, there if name == "foreign" else here) for name, issue in made.items()
    }
    _move(made["foreign"], batu)
    return things | {"missing": Thing(NOWHERE, uuid4(), uuid4(), uuid4(), 10**9)}


def _thing(issue: Issue, someone: User) -> Thing:
    released = make.photo(issue, public=True)
    waiting = make.photo(issue)
    for photo in (released, waiting):
        default_storage.save(photo.path("small"), ContentFile(b"\xff\xd8\xff\xd9"))
    publication.publish(Issue.objects.get(pk=issue.pk))
    version = Issue.objects.get(pk=issue.pk).version
    owned = Reporter.objects.filter(issue=issue, user__isnull=False).exists()
    secret = actions.token_for(issue) if owned else "none"
    flag = Flag.objects.create(issue=issue, kind=Flag.Kind.HELP, raised_at=issue.received_at).pk
    return Thing(
        issue.number, issue.uuid, released.pk, waiting.pk, someone.pk, flag, version, secret
    )


def _move(issue: Issue, city) -> None:
    """Give an issue to another city, which this host does not serve."""
    Issue.objects.filter(pk=issue.pk).update(city=city)
    PublicIssue.objects.filter(issue=issue).update(city=city)
    PublicDetail.objects.filter(issue=issue).update(city=city)


def enter(who: str) -> Client:
    """Log somebody in: by role at the department and area of `own`, or one of the strangers."""
    client, someone = Client(raise_request_exception=False), _person(who)
    if someone is None:
        return client
    client.force_login(someone, backend=BACKEND)
    if who == "citizen":
        session = client.session
        session[CITIZEN] = True
        session.save()
    if who == "deactivated":
        User.objects.filter(pk=someone.pk).update(is_active=False)
    return client


def _person(who: str) -> User | None:
    if who == "nobody":
        return None
    if who == "citizen":
        return User.objects.get(username="citizen")
    if who in ROLES:
        inside = {"department": make.department("DISHUB"), "area_code": "1.2"}
        return make.user(Role(who), **(inside if who in DEPARTMENTAL else {}))
    someone = make.user(is_superuser=who == "no role")
    if who != "no role":
        _give_all(someone, who)
    return someone


def _give_all(someone: User, who: str) -> None:
    """Give a stranger every role there is, but elsewhere, before, after, or to a closed account."""
    now, day = timezone.now(), timedelta(days=1)
    span = {"over": (now - 2 * day, now - day), "not yet": (now + day, now + 2 * day)}
    city = make.city(slug="batu", prefix="KBT") if who == "another city" else make.city()
    starts, ends = span.get(who, (None, None))
    for role in ROLES:
        department = make.department("DISHUB", city=city) if role in DEPARTMENTAL else None
        if department is not None and department.city_id != city.pk:
            department = make.department("LAIN", city=city)
        Membership.objects.create(
            user=someone,
            city=city,
            role=role,
            department=department,
            starts_at=starts,
            ends_at=ends,
        )


def values(name: str, thing: Thing) -> dict[str, object]:
    """Fill in the places of an address."""
    shows_released = name == "photo"
    return {
        "number": thing.number,
        "uuid": thing.uuid,
        "photo": thing.released if shows_released else thing.waiting,
        "generation": 0,
        "size": "small",
        "pk": thing.person if name == "person" else 10**9,
        "flag": thing.flag,
        **dict.fromkeys(("draft", "area", "rule", "letter"), 10**9),
        "token": "x.1.2.y",
        "code": "L-1",
        "key": "none-at-all",
        "uidb36": "1",
        "z": 12,
        "x": 3357,
        "y": 2147,
    }


def payload(name: str, thing: Thing) -> dict[str, object]:
    """Fill in a form so that whoever may send it gets further than the first look."""
    step = {"step": Step.NOTE, "version": thing.version, "note": "x", "photo_id": uuid4()}
    known = {
        "step": step,
        "job-step": step,
        "triage-step": step,
        "unseal": {"kind": "identity", "purpose": "contact", "reason": "menelepon"},
        "review": {"version": thing.version, "public_text": "x", "shown": []},
        "person": {"do": "end_sessions"},
        "receipt": {"token": thing.secret},
    }
    return known.get(name, {})
