"""Every address × everybody: one table says who may open what, and nothing else opens."""

import re
from collections.abc import Iterator
from itertools import product
from urllib.parse import urljoin
from uuid import UUID

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from civicmap.policy import NAMESPACES, POLICY, PUBLIC
from issues import actions
from issues.models import Flag, Membership, User
from issues.workflow import Role, Step
from tests import make

BACKEND = "django.contrib.auth.backends.ModelBackend"
PACKAGES = ("account_",)
"""What allauth brings: its own tests are its own, the table opens some of it."""


def routes(patterns=None, prefix="", namespace="") -> Iterator[tuple[str, str, str]]:
    """Walk through the address book: namespace, name, path of every address."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, path, pattern.namespace or namespace)
        elif isinstance(pattern, URLPattern):
            yield namespace, pattern.name or "", path


ROUTES = list(routes())
OURS = sorted({name for namespace, name, _path in ROUTES if not namespace})
DESK = sorted(name for name in OURS if name in POLICY and POLICY[name] != PUBLIC)
ROLES = (Role.DISPATCHER, Role.LIAISON, Role.CREW, Role.LEADER, Role.ADMINISTRATOR)
DEPARTMENTAL = {Role.LIAISON, Role.CREW}
STRANGERS = ("nobody", "no role", "another city", "deactivated")


@pytest.mark.parametrize("name", OURS)
def test_every_address_stands_in_the_table(name):
    assert name in POLICY or name.startswith(PACKAGES), "add it to civicmap.policy"


def test_every_namespace_stands_in_the_table():
    assert {namespace for namespace, _name, _path in ROUTES} - {""} == set(NAMESPACES)


def test_the_table_names_no_address_that_is_not_there():
    assert set(POLICY) <= set(OURS)


def test_an_address_of_a_package_that_the_table_leaves_out_is_closed(client, db):
    make.world()
    closed = [name for name in OURS if name.startswith(PACKAGES) and name not in POLICY]

    for name in closed:
        path = next(path for _namespace, here, path in ROUTES if here == name)
        if "<" not in path and "(" not in path:
            assert client.get(f"/{path}").status_code == 302


# The product ---------------------------------------------------------------------------------


@pytest.fixture
def lamp(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    issue = make.issue()
    photo = make.photo(issue, id=make.uuid(3))
    Flag.objects.create(issue=issue, kind=Flag.Kind.HELP, raised_at=issue.received_at)
    default_storage.save(photo.path("small"), ContentFile(b"\xff\xd8\xff\xd9"))
    return issue


def address(name: str, number: str) -> str:
    """Fill in an address: the number, and the photo and the flag of the `lamp`."""
    path = next(path for namespace, here, path in ROUTES if (namespace, here) == ("", name))
    values = {
        "<str:number>": number,
        "<uuid:uuid>": str(make.uuid(9)),
        "<uuid:photo>": str(make.uuid(3)),
        "<int:flag>": str(Flag.objects.values_list("pk", flat=True).first()),
        "<int:generation>": "0",
        "<str:size>": "small",
        "<int:draft>": "0",
        "<int:area>": "0",
        "<int:rule>": "0",
    }
    for place, value in values.items():
        path = path.replace(place, value)
    assert "<" not in path, path
    return f"/{path}"


def person(who: str) -> User | None:
    """Make somebody: by role at the lamp's department, or one of the strangers."""
    if who == "nobody":
        return None
    if who in ROLES:
        department = make.department("DISHUB") if who in DEPARTMENTAL else None
        return make.user(Role(who), department=department, is_staff=who == Role.ADMINISTRATOR)
    someone = make.user(is_active=who != "deactivated", is_superuser=who == "no role")
    city = make.city(slug="batu", prefix="KBT") if who == "another city" else make.city()
    if who != "no role":
        Membership.objects.create(user=someone, city=city, role=Role.DISPATCHER)
    return someone


def enter(who: str) -> Client:
    client, someone = Client(raise_request_exception=False), person(who)
    if someone:
        client.force_login(someone, backend=BACKEND)
    return client


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(("name", "who"), [*product(DESK, (*ROLES, *STRANGERS))])
def test_a_door_opens_to_whom_the_table_lets_in(lamp, name, who, method):
    path = address(name, lamp.number)

    response = getattr(enter(who), method)(path)
    b"".join(response)  # to its end, which closes a file that it streams

    if who in {"nobody", "deactivated"} and path.startswith("/api/") | path.endswith(".json"):
        assert response.status_code == 401
    elif who in {"nobody", "deactivated"}:
        assert response.status_code == 302
        assert response.url.startswith("/akun/login/?next=")
    elif who in POLICY[name]:
        assert response.status_code < 500
        assert not response.headers.get("Location", "").startswith("/akun/")
    else:
        assert response.status_code == 404


@pytest.mark.parametrize("who", [*ROLES, *STRANGERS])
def test_the_administration_opens_to_administrators(lamp, who):
    response = enter(who).get(reverse("admin:index"))

    expected = {"nobody": 302, "deactivated": 302, Role.ADMINISTRATOR: 200}
    assert response.status_code == expected.get(who, 404)


@pytest.mark.parametrize("name", [name for name in DESK if "<str:number>" in
                                  next(p for n, h, p in ROUTES if h == name)])  # fmt: skip
@pytest.mark.parametrize("role", sorted(DEPARTMENTAL))
def test_another_departments_issue_looks_like_none(lamp, name, role):
    client = Client()
    client.force_login(make.user(role, department=make.department("PUPR")), backend=BACKEND)

    theirs = client.get(address(name, lamp.number))
    nobodys = client.get(address(name, "DPS-26-999999"))

    assert theirs.status_code == nobodys.status_code in {404, 405}
    assert bare(theirs, lamp.number) == bare(nobodys, "DPS-26-999999")


def test_a_role_that_was_taken_away_is_gone_with_the_next_request(lamp):
    someone = person(Role.DISPATCHER)
    client = Client()
    client.force_login(someone, backend=BACKEND)
    before = client.get("/kerja/triase").status_code

    someone.memberships.all().delete()

    assert (before, client.get("/kerja/triase").status_code) == (200, 404)


# What is hidden looks like what is not there -------------------------------------------------

NOWHERE = "DPS-26-999999"


def bare(response, number: str) -> bytes:
    """Take out what differs by itself: the number asked for, nonces and form tokens."""
    text = response.content.replace(number.encode(), b"NUMBER")
    text = re.sub(rb'nonce="[^"]+"', b"", text)
    return re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", text)


@pytest.mark.parametrize("how", ["hidden", "confidential"])
@pytest.mark.parametrize(
    "path", ["/laporan/{}", "/peta/ringkas/{}", "/lacak/{}", "/lacak?nomor={}", "/kerja/laporan/{}"]
)
@pytest.mark.parametrize("language", ["id", "en"])
def test_a_hidden_issue_looks_like_none(lamp, how, path, language):
    secret = make.issue(confidential=how == "confidential")
    if how == "hidden":
        make.take(secret, Step.HIDE)
    headers = {"accept-language": language}

    hidden = Client().get(path.format(secret.number), headers=headers)
    missing = Client().get(path.format(NOWHERE), headers=headers)

    assert hidden.status_code == missing.status_code
    assert hidden.headers.get("Location", "").replace(secret.number, NOWHERE) == (
        missing.headers.get("Location", "")
    )
    assert bare(hidden, secret.number) == bare(missing, NOWHERE)


def test_a_photo_that_is_not_released_looks_like_none(lamp):
    waiting = Client().get(f"/foto/{make.uuid(3)}/0/small.jpg")
    missing = Client().get(f"/foto/{UUID(int=77)}/0/small.jpg")

    assert waiting.status_code == missing.status_code == 404
    assert bare(waiting, str(make.uuid(3))) == bare(missing, str(UUID(int=77)))


def test_a_secret_opens_the_receipt_of_its_issue_alone(lamp):
    other = make.issue()

    wrong = Client().post(f"/lapor/{lamp.uuid}", {"token": actions.token_for(other)})

    assert wrong.status_code == 404


# Going elsewhere -----------------------------------------------------------------------------

ELSEWHERE = [
    "//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "https:evil",
    "javascript:alert(1)", "http:///evil.example", "///evil.example", "//testserver@evil.example",
    "https://testserver@evil.example", "%0d%0aSet-Cookie:x=1", "\r\nLocation: //evil.example",
    "data:text/html,x", "ftp://evil.example", "//evil。example", "https://evil.example\\@testserver",
]  # fmt: skip


@pytest.mark.parametrize("target", ELSEWHERE)
def test_no_next_leads_away_from_the_site(lamp, target):
    someone = person(Role.DISPATCHER)
    log_in = {"login": someone.email, "password": make.PASSWORD, "next": target}
    inside = enter(Role.DISPATCHER)

    answers = [
        Client().post("/bahasa/", {"language": "en", "next": target}),
        Client().post("/akun/login/", log_in),
        inside.post("/akun/logout/", {"next": target}),
        Client().get(f"/kerja/{target}"),
    ]

    for answer in answers:
        location = answer.headers.get("Location", "/").replace("\\", "/")
        assert urljoin("http://testserver/here", location).startswith("http://testserver/")
        assert "\n" not in location
