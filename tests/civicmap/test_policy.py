"""Every address × method × everybody × object: one table says who opens what; nothing else."""

import re
from collections.abc import Iterator
from itertools import product
from urllib.parse import urljoin
from uuid import UUID

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.resolvers import RoutePattern

from civicmap.policy import NAMESPACES, POLICY, PUBLIC, REPORTER, line
from issues import actions
from issues.workflow import Role, Step
from tests import make
from tests.civicmap import scene

BACKEND = scene.BACKEND
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
PROGRAMS = {"crew-day", "crew-ops", "crew-photos", "crew-reports", "draft-map"}
"""Doors of programs: a stranger is told by a status, not led to a page."""
PACKAGES = ("account_", "mfa_")
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
    default_storage.save(photo.path("small"), ContentFile(b"\xff\xd8\xff\xd9"))
    return issue


def places() -> dict[str, set[str]]:
    """Name the places in the address of every route of ours."""
    found = {}

    def walk(patterns, above):
        for one in patterns:
            inner = one.pattern
            names = set(
                inner.converters if isinstance(inner, RoutePattern) else inner.regex.groupindex
            )
            if isinstance(one, URLResolver):
                if not one.namespace:
                    walk(one.url_patterns, above | names)
            elif one.name:
                found.setdefault(one.name, above | names)

    walk(get_resolver().url_patterns, set())
    return found


PLACES = places()


def knock(client: Client, cookies: str, *, who: str, name: str, method: str, thing: scene.Thing):
    """Ask for an address as somebody, and let nothing come of it but the answer."""
    known = scene.values(name, thing)
    path = reverse(name, kwargs={place: known[place] for place in PLACES[name]})
    client.cookies.clear()
    client.cookies.load(cookies)
    data = scene.payload(name, thing) if method == "POST" else {}
    if name == "receipt" and data and who != "citizen":
        data = {"token": "somebody-else-guesses"}
    with transaction.atomic():
        send = getattr(client, method.lower())
        response = send(path, data) if data or method == "POST" else send(path)
        body = b"".join(response)
        transaction.set_rollback(True)
    return response.status_code, response.headers.get("Location", ""), body


def plain(answer, thing: scene.Thing):
    """Take out what differs by itself: what was asked for, nonces, form tokens."""
    status, location, body = answer
    for word in thing.words():
        body = body.replace(word, b"IT").replace(word.lower(), b"IT")
        location = location.replace(word.decode(), "IT")
    body = re.sub(rb'nonce="[^"]+"', b"", body)
    return status, location, re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", body)


def may(who: str, name: str, sort: str) -> bool:
    """Read from the table whether somebody opens an object of a sort at an address."""
    opens = line(POLICY[name]).objects.get("other" if sort == "afar" else sort, frozenset())
    return opens == PUBLIC or who in opens or (who == "citizen" and opens == REPORTER)


def judge(answer, missing, *, who, name, method, sort) -> str:  # noqa: PLR0911  a verdict each
    """Say what is wrong with an answer, by the table; nothing where it is right."""
    entry, status, location = line(POLICY[name]), answer[0], answer[1]
    if status >= 500:
        return f"broke with {status}"
    if method not in entry.methods:
        return "" if status == 405 else f"{status} to a method that is not in the table"
    if entry.roles != PUBLIC and who not in entry.roles:
        outside = who in {"nobody", "citizen", "deactivated"}
        closed = (
            (status == 302 and location.startswith("/akun/login/?next="))
            or (status == 401 and name in PROGRAMS)
            if outside
            else status == 404
        )
        return "" if closed else f"{status}: opened to the wrong people"
    if entry.objects:
        if sort == "missing" or not may(who, name, sort):
            return "" if answer == missing else f"{status}: does not look like missing"
        return "" if answer != missing and status != 404 else f"{status}: closed to whom it is for"
    if entry.roles != PUBLIC and not name.startswith(PACKAGES):
        shut = status in {404, 405} or location.startswith("/akun/login/")
        return f"{status}: closed to whom it is for" if shut else ""
    return ""


def sorts_at(name: str, method: str, who: str) -> tuple[str, ...]:
    """Say which objects somebody asks for; what decides nothing any more is asked once.

    A method that the table refuses is refused before any object is read. A page that is the same
    for everybody is looked at by a stranger, a citizen and a colleague.
    """
    entry = line(POLICY[name])
    personal = entry.roles != PUBLIC or REPORTER in entry.objects.values()
    if not personal and who not in {"nobody", "citizen", Role.LIAISON}:
        return ()
    if not entry.objects:
        return ("missing",)
    return scene.SORTS if method in entry.methods else ("own", "missing")


@pytest.mark.parametrize("who", scene.WHO)
def test_everybody_at_every_address_by_every_method_gets_what_the_table_says(
    db, settings, tmp_path, who
):
    settings.MEDIA_ROOT = tmp_path
    things = scene.build()
    client = scene.enter(who)
    cookies = client.cookies.output(header="", sep=";")
    wrong = []

    for name, method in product(POLICY, METHODS):
        sorts = sorts_at(name, method, who)
        if not sorts:
            continue
        nothing, asked = things["missing"], {"who": who, "name": name, "method": method}
        missing = plain(knock(client, cookies, thing=nothing, **asked), nothing)
        for sort in sorts:
            thing = things[sort]
            answer = missing
            if sort != "missing":
                answer = plain(knock(client, cookies, thing=thing, **asked), thing)
            if verdict := judge(answer, missing, sort=sort, **asked):
                wrong.append(f"{who} {method} {name} {sort}: {verdict}")

    assert wrong == []


@pytest.mark.parametrize("who", scene.WHO)
def test_the_administration_opens_to_administrators(lamp, who):
    make.user(username="citizen")
    response = scene.enter(who).get(reverse("admin:index"))

    outside = {"nobody": 302, "deactivated": 302, "citizen": 302}
    # Django's own flag is part of it: an action gives it with the role.
    expected = {**outside, Role.ADMINISTRATOR: 302}
    assert response.status_code == expected.get(who, 404)


def test_a_role_that_was_taken_away_is_gone_with_the_next_request(lamp):
    someone = make.user(Role.DISPATCHER)
    client = Client()
    client.force_login(someone, backend=BACKEND)
    before = client.get("/kerja/triase").status_code

    someone.memberships.all().delete()

    assert (before, client.get("/kerja/triase").status_code) == (200, 404)


# What is hidden looks like what is not there -------------------------------------------------

NOWHERE = scene.NOWHERE


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
    someone = make.user(Role.DISPATCHER)
    log_in = {"login": someone.email, "password": make.PASSWORD, "next": target}
    inside = scene.enter(Role.DISPATCHER)

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
