"""The price of a report without an account: paid in hashes, for one id, in time."""

import base64
import json
import time
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import signing
from django.test import Client

from geodata.models import City
from issues import doors, effort, pace
from issues.models import Issue, Pace, Support
from issues.workflow import Role, Status
from tests import make
from tests.issues.sender import body, fault, paid, send
from tests.payer import pay, solve

pytestmark = pytest.mark.django_db


CITY = "denpasar"


def sender(device="d", line="203.0.113.7", **fields):
    return effort.Sender(device, line, **fields)


def asked(uuid, **fields):
    return effort.challenge(uuid, city=CITY, sender=sender(**fields))


def is_paid(payload, uuid, city=CITY, **fields):
    return effort.is_paid(payload, uuid, city=city, sender=sender(**fields))


def posted(**fields):
    """Ask, work and send: the price, and whether it was in order."""
    uuid = uuid4()
    challenge = asked(uuid, **fields)
    return challenge["maxnumber"], is_paid(solve(challenge), uuid, **fields)


def test_who_has_done_the_work_has_paid():
    uuid = uuid4()

    assert is_paid(solve(asked(uuid)), uuid)


def test_the_work_pays_for_one_report():
    assert not is_paid(solve(asked(uuid4())), uuid4())


def altered(payload, **fields):
    answer = json.loads(base64.b64decode(payload)) | fields
    return base64.b64encode(json.dumps(answer).encode()).decode()


@pytest.mark.parametrize(
    "fields",
    [
        {"number": 10**9}, {"number": "1"}, {"number": True}, {"number": None}, {"salt": "x?"},
        {"salt": 1}, {"salt": []}, {"challenge": ""}, {"signature": "00"}, {"signature": None},
        {"algorithm": "MD5"}, {"algorithm": "SHA-1"}, {"salt": "\ud800"}, {"challenge": "\ud800"},
        {"signature": "\ud800"}, {"algorithm": "\ud800"}, {"salt": "é?expires=1"},
    ],
)  # fmt: skip
def test_a_forged_answer_pays_nothing(fields):
    uuid = uuid4()

    assert not is_paid(altered(solve(asked(uuid)), **fields), uuid)


@pytest.mark.parametrize(
    "payload", ["", "x", "e30=", "bnVsbA==", "W10=", "é", "[" * 50, "A" * 5000, "/////w=="]
)
def test_rubbish_pays_nothing(payload):
    assert not is_paid(payload, uuid4())


def test_a_salt_of_another_id_spliced_in_pays_nothing():
    uuid = uuid4()
    payload = solve(asked(uuid4()))
    salt = json.loads(base64.b64decode(payload))["salt"]

    assert not is_paid(altered(payload, salt=f"{salt}id={uuid}&"), uuid)


def test_an_answer_comes_too_late_after_an_hour(monkeypatch):
    monkeypatch.setattr(effort, "LASTS", timedelta(seconds=-1))
    uuid = uuid4()

    assert not is_paid(solve(asked(uuid)), uuid)


def test_an_answer_pays_in_the_city_that_asked_for_it():
    uuid = uuid4()

    assert not is_paid(solve(asked(uuid)), uuid, city="kota-batu")


def test_who_sends_much_pays_more_and_then_waits(settings):
    settings.EFFORT_PER_DEVICE = 2

    posts = [posted() for _ in range(5)]

    assert [price for price, _paid in posts] == [50, 50, 50, 100, 100]
    assert [in_order for _price, in_order in posts] == [True, True, False, False, False]


def test_prices_that_were_asked_for_beforehand_buy_no_more(settings):
    settings.EFFORT_PER_DEVICE = 2
    uuids = [uuid4() for _ in range(4)]
    answers = [(solve(asked(uuid)), uuid) for uuid in uuids]

    assert [is_paid(*answer) for answer in answers] == [True, True, False, False]


def test_the_same_answer_again_counts_nothing(settings):
    settings.EFFORT_PER_DEVICE = 1
    uuid = uuid4()
    answer = solve(asked(uuid))

    assert [is_paid(answer, uuid) for _ in range(3)] == [True, False, False]
    assert pace.times("effort-device", "d") == 1


def test_whoever_only_asks_has_nobody_held(settings):
    settings.EFFORT_PER_LINE = 10
    for _each in range(110):
        asked(uuid4(), device="")

    assert posted(device="") == (50, True)


def test_asking_far_more_than_a_suburb_does_raises_the_price_and_no_more(settings):
    settings.EFFORT_PER_LINE = 1
    for _each in range(60):
        asked(uuid4(), device="")

    assert posted(device="") == (150, True)


def test_the_price_does_not_grow_without_bound(settings):
    settings.EFFORT_PER_DEVICE = 1

    prices = [posted()[0] for _ in range(12)]

    assert prices[-1] == 8 * 50


def test_behind_one_address_devices_are_counted_apart(settings):
    settings.EFFORT_PER_DEVICE = 1

    assert posted(device="a") == (50, True)
    assert posted(device="a") == (100, False)
    assert posted(device="b") == (50, True)


def test_new_devices_of_one_line_are_counted_together(settings):
    settings.EFFORT_PER_LINE = 1

    assert posted(device="") == (50, True)
    assert posted(device="") == (100, False)
    assert posted(device="", line="198.51.100.4") == (50, True)


def test_a_young_device_counts_for_its_line_too(settings):
    settings.EFFORT_PER_LINE = 2

    prices = [posted(device=f"{n}", young=True)[0] for n in range(4)]

    assert prices == [50, 50, 50, 100]
    assert posted(device="old") == (50, True)


def test_the_known_devices_of_a_line_have_a_bound_that_a_crowd_reaches(settings):
    settings.EFFORT_PER_LINE = 1

    in_order = [posted(device=f"{n}")[1] for n in range(11)]

    assert in_order == [True] * 10 + [False]


def test_no_address_is_kept(client):
    make.world()
    client.get("/api/effort", {"id": str(uuid4())}, REMOTE_ADDR="203.0.113.77")

    people = [row.person for row in Pace.objects.all()]
    assert people
    assert not [person for person in people if "203" in person or len(person) != 64]


# Pace ----------------------------------------------------------------------------------------


def test_a_span_begins_anew_when_it_is_over():
    assert [pace.count("x", "a", within=timedelta(0)) for _ in range(3)] == [1, 2, 3]
    Pace.objects.update(until="2020-01-01T00:00Z")

    assert pace.count("x", "a", within=timedelta(hours=1)) == 1


def test_spans_that_are_over_make_room():
    pace.count("x", "a", within=timedelta(hours=1))
    Pace.objects.update(until="2020-01-01T00:00Z")

    pace.count("x", "b", within=timedelta(hours=1))

    assert Pace.objects.count() == 1


@pytest.mark.parametrize(
    ("peer", "forwarded", "line"),
    [
        ("203.0.113.7", None, "203.0.113.7"),
        ("127.0.0.1", "10.1.1.1, 198.51.100.4", "198.51.100.4"),
        ("2001:db8:1:2:3:4:5:6", None, "2001:db8:1:2::/64"),
        ("", None, ""),
    ],
)
def test_a_line_is_what_our_own_proxy_says(rf, settings, peer, forwarded, line):
    settings.BEHIND_PROXY = forwarded is not None
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}

    assert pace.line(rf.get("/", REMOTE_ADDR=peer, **headers)) == line


def test_without_a_proxy_nobody_speaks_for_another_line(rf):
    request = rf.get("/", REMOTE_ADDR="203.0.113.7", HTTP_X_FORWARDED_FOR="10.1.1.1")

    assert pace.line(request) == "203.0.113.7"


# The doors -----------------------------------------------------------------------------------


@pytest.fixture
def world():
    return make.world()


def test_the_door_gives_a_challenge_and_names_the_device(client, world):
    response = client.get("/api/effort", {"id": str(uuid4())})

    assert set(response.json()) == {"algorithm", "challenge", "salt", "signature", "maxnumber"}
    assert response.headers["Cache-Control"] == "no-store"
    assert response.cookies["effort"]["httponly"]
    assert response.cookies["effort"]["samesite"] == "Lax"


@pytest.mark.parametrize("query", [{}, {"id": ""}, {"id": "x"}, {"id": "1" * 400}])
def test_without_an_id_there_is_no_challenge(client, world, query):
    assert fault(client.get("/api/effort", query))["code"] == "Invalid"


def test_a_forged_device_is_a_new_one(client, world, settings):
    settings.EFFORT_PER_LINE = 1
    client.cookies["effort"] = "somebody"

    first = post(client)
    client.cookies["effort"] = "somebody"

    assert [first, post(client)] == [True, False]


def price(client, line="203.0.113.7"):
    return client.get("/api/effort", {"id": str(uuid4())}, REMOTE_ADDR=line)


def post(client, line="203.0.113.7"):
    """Ask, work and send from a line; whether it goes straight to work."""
    content = body()
    content["proof"] = solve(
        client.get("/api/effort", {"id": content["id"]}, REMOTE_ADDR=line).json()
    )
    answer = client.post("/api/issues", content, content_type="application/json", REMOTE_ADDR=line)
    return not answer.json()["held"]


def test_names_had_for_the_asking_buy_no_more_than_the_line_has(client, world, settings):
    settings.EFFORT_PER_LINE = 3
    minted = [Client() for _ in range(3)]
    in_order = [post(one) for one in minted]

    in_order += [post(one) for one in minted for _ in range(4)]

    assert in_order.count(True) == 3


def test_a_young_name_from_elsewhere_counts_for_the_line_that_uses_it(world, settings):
    settings.EFFORT_PER_LINE = 2
    minted = [Client() for _ in range(4)]
    for number, one in enumerate(minted):
        price(one, line=f"198.51.100.{number}")

    assert [post(one) for one in minted] == [True, True, False, False]


def test_a_line_gets_so_many_names_an_hour_and_no_more(world, settings):
    settings.EFFORT_PER_LINE = 2

    named = ["effort" in price(Client()).cookies for _ in range(4)]

    assert named == [True, True, False, False]


def test_a_name_lasts_a_day_and_is_not_renewed(client, world):
    assert price(client).cookies["effort"]["max-age"] == 24 * 3600
    assert "effort" not in price(client).cookies


def test_a_device_named_an_hour_ago_is_judged_by_itself(client, world, settings, monkeypatch):
    settings.EFFORT_PER_LINE = 1
    now = time.time()
    with monkeypatch.context() as earlier:
        earlier.setattr(signing.time, "time", lambda: now - 2 * 3600)
        price(client)

    post(Client())

    assert post(client)
    assert not post(Client())


def test_a_crowd_behind_one_address_is_held_at_worst_and_never_refused(world, settings):
    settings.EFFORT_PER_LINE, settings.EFFORT_PER_DEVICE = 2, 1

    answers = [send(one, paid(one, body())) for one in (Client() for _ in range(5))]

    assert [answer.status_code for answer in answers] == [201] * 5
    assert [answer.json()["held"] for answer in answers] == [False] * 2 + [True] * 3


def test_who_asks_for_the_price_days_later_stays_one_supporter(client, world, monkeypatch):
    issue, now = make.issue(), time.time()
    with monkeypatch.context() as earlier:
        earlier.setattr(signing.time, "time", lambda: now - 2 * 24 * 3600)
        client.post(f"/laporan/{issue.number}/dukung")

    price(client)
    client.post(f"/laporan/{issue.number}/dukung")

    assert Support.objects.count() == 1


def test_the_name_of_a_supporter_pays_for_nothing(client, world, settings):
    settings.EFFORT_PER_LINE = 1
    client.post(f"/laporan/{make.issue().number}/dukung")
    post(Client())

    client.cookies["effort"] = client.cookies["device"].value

    assert not post(client)


def test_a_paid_report_goes_straight_to_work(client, world):
    response = send(client, paid(client, body()))

    assert response.status_code == 201
    assert Issue.objects.get().status == Status.ASSIGNED


def test_an_unpaid_report_is_taken_in_and_waits(client, world):
    response = send(client, body())

    assert (response.status_code, response.json()["held"]) == (201, True)
    assert (Issue.objects.get().held, Issue.objects.get().status) == (True, Status.SUBMITTED)


def test_an_acknowledged_report_needs_no_new_work(client, world):
    content = body()
    first = send(client, paid(client, content))

    again = send(client, content)

    assert again.status_code == 200
    assert again.json()["number"] == first.json()["number"]
    assert not Issue.objects.get().held


def test_whoever_is_logged_in_pays_nothing(client, world):
    client.force_login(make.user())

    send(client, body(), origin="http://testserver")

    issue = Issue.objects.get()
    assert not issue.held
    assert issue.reporter.user is not None


@pytest.mark.parametrize("named", ["mine", "-", "another"])
def test_what_waited_on_a_phone_belongs_to_its_writer(client, world, named):
    user = make.user()
    client.force_login(user)
    writer = doors.writer(user) if named == "mine" else named

    send(client, body(), origin="http://testserver", x_writer=writer)

    assert (Issue.objects.get().reporter.user == user) is (named == "mine")


def test_an_account_that_sends_more_than_a_person_does_is_looked_at(client, world, settings):
    settings.EFFORT_PER_ACCOUNT = 2
    client.force_login(make.user())

    held = [send(client, body(), origin="http://testserver").json()["held"] for _ in range(3)]

    assert held == [False, False, True]


def test_who_works_here_may_enter_a_whole_stack(client, world, settings):
    settings.EFFORT_PER_ACCOUNT = 1
    client.force_login(make.user(Role.DISPATCHER))

    held = [send(client, body(), origin="http://testserver").json()["held"] for _ in range(2)]

    assert held == [False, False]


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", None])
def test_another_site_speaks_for_nobody(client, world, origin):
    client.force_login(make.user())

    send(client, body(), **({"origin": origin} if origin else {}))

    assert Issue.objects.get().reporter.user is None
    assert Issue.objects.get().held


def test_a_city_that_requires_an_account_says_so_and_loses_nothing(client, world):
    City.objects.update(requires_account=True)
    content = body()

    refused = send(client, content | {"proof": pay(client, content["id"])})
    client.force_login(make.user())
    taken = send(client, content, origin="http://testserver")

    assert (refused.status_code, fault(refused)["code"]) == (401, "AccountRequired")
    assert taken.status_code == 201


def test_what_such_a_city_has_acknowledged_is_acknowledged_again_without_the_account(client, world):
    City.objects.update(requires_account=True)
    client.force_login(make.user())
    content = body()
    first = send(client, content, origin="http://testserver")
    client.logout()

    again = send(client, content)

    assert (again.status_code, again.json()["number"]) == (200, first.json()["number"])
