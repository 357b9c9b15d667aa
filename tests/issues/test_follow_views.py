"""The pages of following: what is asked, the yes by letter, the one click that ends."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.core import mail
from django.db import connections
from django.test import Client
from django.utils import timezone

from geodata.models import City
from issues import actions, jobs
from issues.forms.follow import circle
from issues.models import PushDevice, Reporter, Subscriber, Subscription
from issues.notifications import links
from tests import make
from tests.issues import follower
from tests.issues.follower import Kind, Often, follows
from tests.issues.push_service import Browser, key_text
from tests.issues.test_push import FORBIDDEN

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
WISH = {"apa": "city", "seberapa": "daily", "surel": follower.EMAIL}
LON, LAT = make.LON, make.LAT
SQUARE = [[LON, LAT], [LON + 0.01, LAT], [LON + 0.01, LAT + 0.01], [LON, LAT + 0.01]]


@pytest.fixture(autouse=True)
def _world(queue):
    make.world()


def letters(queue) -> list:
    """Write the letters that ask for a yes."""
    mail.outbox.clear()
    for row in queue():
        if row.task_name == "confirm_follow":
            jobs.confirm_follow(**row.args)
    return list(mail.outbox)


def link(letter, route: str) -> str:
    return re.search(rf"(/{route}/\S+)", letter.body)[1]


# Begin ---------------------------------------------------------------------------------------


def test_an_address_is_asked_once_and_told_nothing_before_its_yes(client, queue):
    response = client.post("/ikuti", WISH)

    assert response.status_code == 302
    subscription = Subscription.objects.get()
    assert subscription.confirmed_at is None
    [letter] = letters(queue)
    assert letter.to == [follower.EMAIL]
    assert Subscription.objects.running().count() == 0


def test_the_yes_needs_a_press_because_programs_open_links(client, queue):
    client.post("/ikuti", WISH)
    page = link(letters(queue)[0], "ikuti/ya")

    assert client.get(page).status_code == 200
    assert Subscription.objects.running().count() == 0
    assert client.post(page).status_code == 302
    assert Subscription.objects.running().count() == 1
    assert letters(queue) == []


@pytest.mark.parametrize("token", ["", "x", "1.1.1.x", "1.1.1", "9.1.1.AAAA", "1.-1.1.A", "²"])
def test_a_made_up_link_opens_nothing(client, token):
    follows()

    for path in (f"/ikuti/ya/{token}", f"/berhenti/{token}", f"/langganan/{token}"):
        assert client.post(path).status_code in {404, 405}
    assert Subscription.objects.running().count() == 1


def test_a_link_of_one_purpose_serves_no_other(client):
    subscription = follows()
    confirm, stop = (links.make(what, subscription.pk) for what in (links.CONFIRM, links.STOP))

    assert client.post(f"/berhenti/{confirm}").status_code == 404
    assert client.get(f"/langganan/{stop}").status_code == 404
    assert Subscription.objects.running().count() == 1


def test_a_stranger_changes_nothing_of_an_address_that_is_known(client, queue):
    known = follows(frequency=Often.WEEKLY)

    client.post("/ikuti", WISH)
    page = client.get("/langganan")

    known.refresh_from_db()
    assert known.frequency == Often.WEEKLY
    assert letters(queue) == []
    assert follower.EMAIL not in page.content.decode().replace(
        f"surat yang kami kirim ke {follower.EMAIL}", ""
    )


def test_an_address_is_not_asked_over_and_over(client, queue):
    for code in ("1.1", "1.1", "1.2", "2.1", "2.2", "1"):
        client.post("/ikuti", {**WISH, "apa": "area", "wilayah": code})

    assert len(letters(queue)) == 3


def test_nobody_has_letters_sent_to_strangers_in_bulk(client, queue):
    answers = [
        client.post("/ikuti", {**WISH, "surel": f"orang{index}@warga.example"})
        for index in range(21)
    ]

    assert [answer.status_code for answer in answers] == [302] * 20 + [422]
    assert len(letters(queue)) == 20


def test_somebody_logged_in_with_a_proved_address_needs_no_letter(client, queue):
    user = make.user()
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    client.force_login(user, backend=BACKEND)

    client.post("/ikuti", {"apa": "city", "seberapa": "daily", "lewat_surel": "on"})

    assert Subscription.objects.running().get().subscriber.email == user.email
    assert letters(queue) == []


def test_an_unproved_address_of_an_account_is_asked_like_any_other(client, queue):
    user = make.user()
    client.force_login(user, backend=BACKEND)

    client.post("/ikuti", {**WISH, "surel": user.email})

    assert Subscription.objects.running().count() == 0
    assert len(letters(queue)) == 1


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"apa": "area", "wilayah": "1.2"}, {"kind": "area", "area_code": "1.2"}),
        ({"apa": "category", "jenis": "lpju-mati"}, {"kind": "category"}),
        ({"apa": "shape", "bentuk": json.dumps(SQUARE)}, {"kind": "shape"}),
    ],
)
def test_what_is_chosen_is_followed(client, fields, expected):
    response = client.post("/ikuti", {**WISH, **fields})

    assert response.status_code == 302
    assert Subscription.objects.filter(**expected).count() == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"apa": "area", "wilayah": "9.9"},
        {"apa": "area"},
        {"apa": "category", "jenis": "tidak-ada"},
        {"apa": "issue", "laporan": "DPS-26-999999"},
        {"apa": "street", "jalan": "Jalan Yang Tidak Ada"},
        {"apa": "street"},
        {"apa": "shape"},
        {"apa": "shape", "tempat": "Tidak Ada Di Mana Pun"},
        {"apa": "apa saja"},
        {"seberapa": "setiap detik"},
        {"surel": "bukan alamat"},
        {"surel": ""},
    ],
)
def test_what_cannot_be_followed_is_said_and_nothing_is_lost(client, fields):
    response = client.post("/ikuti", {**WISH, **fields})

    assert response.status_code == 422
    assert Subscription.objects.count() == 0
    assert 'id="errors"' in response.content.decode()


FAR = [[0, 0], [1, 0], [1, 1]]
BOW = [[LON, LAT], [LON + 0.01, LAT + 0.01], [LON + 0.01, LAT], [LON, LAT + 0.01]]


@pytest.mark.parametrize(
    "drawing",
    [
        "[]",
        "[[115.2,-8.66],[115.21,-8.66]]",
        json.dumps(BOW),
        json.dumps(FAR),
        json.dumps([[LON, LAT]] * 5),
        json.dumps(SQUARE).replace("115.2,", "NaN,"),
        json.dumps(SQUARE).replace("115.2,", "Infinity,"),
        json.dumps(SQUARE).replace("115.2,", "1e400,"),
        json.dumps(SQUARE).replace("115.2,", '"115.2",'),
        json.dumps(SQUARE).replace("115.2,", "true,"),
        json.dumps([[LON + step / 1e5, LAT + step * step / 1e9] for step in range(201)]),
        json.dumps([[LON, LAT], [LON + 1e-7, LAT], [LON, LAT + 1e-7]]),
        json.dumps([[LON, LAT, 0]] * 4),
        '{"type": "Polygon"}',
        "[" * 5000,
        "x" * 20_000,
        "POLYGON((0 0,1 1,1 0,0 0))",
        "\x00",
    ],
)
def test_a_drawing_that_is_none_is_refused(client, drawing):
    response = client.post("/ikuti", {**WISH, "apa": "shape", "bentuk": drawing})

    assert response.status_code == 422
    assert Subscription.objects.count() == 0


def test_a_drawing_of_half_an_island_is_too_large(client):
    City.objects.update(extent=[114.0, -9.0, 116.0, -8.0])
    big = [[114.5, -8.9], [115.9, -8.9], [115.9, -8.1], [114.5, -8.1]]

    response = client.post("/ikuti", {**WISH, "apa": "shape", "bentuk": json.dumps(big)})

    assert response.status_code == 422


def test_a_circle_is_round_and_holds_its_radius():
    shape = circle(LON, LAT, 500.0)

    flat = shape.transform(32750, clone=True)
    assert flat.area == pytest.approx(3.14159 * 500**2, rel=0.02)


def test_an_address_says_what_to_follow_before_anybody_chooses(client):
    issue = make.issue()

    page = client.get(f"/ikuti?laporan={issue.number}").content.decode()

    assert re.search(r'value="issue"\s+checked', page)
    assert f'value="{issue.number}"' in page


# See, change, end ----------------------------------------------------------------------------


def test_a_link_of_a_letter_opens_ones_subscriptions_for_thirty_days(client, monkeypatch):
    subscription = follows()
    token = links.make(links.MANAGE, subscription.subscriber_id)
    opened = client.get(f"/langganan/{token}", follow=True).content.decode()
    later = timezone.now() + timedelta(days=32)
    monkeypatch.setattr(links.time, "time", later.timestamp)

    assert "Seluruh" in opened
    assert Client().get(f"/langganan/{token}").status_code == 404


def test_one_changes_and_ends_only_ones_own(client):
    mine = follows(frequency=Often.DAILY)
    other = follows(who=follower.somebody("lain@warga.example"))
    client.get(f"/langganan/{links.make(links.MANAGE, mine.subscriber_id)}")

    client.post("/langganan", {"langganan": mine.pk, "seberapa": "weekly"})
    client.post("/langganan", {"langganan": other.pk, "akhiri": "ini"})

    mine.refresh_from_db()
    assert mine.frequency == Often.WEEKLY
    assert Subscription.objects.running().count() == 2
    client.post("/langganan", {"akhiri": "semua"})
    assert list(Subscription.objects.running()) == [other]


def test_a_strangers_browser_sees_and_changes_nothing(client):
    mine = follows()

    assert client.post("/langganan", {"langganan": mine.pk, "akhiri": "ini"}).status_code == 302
    assert str(mine.subscriber.email) not in client.get("/langganan").content.decode()
    assert Subscription.objects.running().count() == 1


def test_one_click_ends_without_log_in_cookie_or_token_of_a_form():
    subscription = follows()
    token = links.make(links.STOP, subscription.pk)
    client = Client(enforce_csrf_checks=True)

    shown = client.get(f"/berhenti/{token}")
    assert Subscription.objects.running().count() == 1
    ended = client.post(f"/berhenti/{token}", {"List-Unsubscribe": "One-Click"})

    assert (shown.status_code, ended.status_code) == (200, 200)
    assert Subscription.objects.running().count() == 0
    for page in (shown, ended):
        assert follower.EMAIL not in page.content.decode()
    assert client.post(f"/berhenti/{token}").status_code == 200


def test_one_click_in_a_digest_ends_that_rhythm_alone(client):
    who = follower.somebody()
    follows(who=who, frequency=Often.DAILY)
    weekly = follows(Kind.AREA, who=who, area_code="1.1", frequency=Often.WEEKLY)

    client.post(f"/berhenti/{links.make(links.STOP_DAILY, who.pk)}")

    assert list(Subscription.objects.running()) == [weekly]


def test_a_reporter_ends_the_letters_of_one_report_by_one_click(client):
    issue = make.issue(email="wayan@warga.example")
    token = links.make(links.MUTE, issue.pk)

    page = client.post(f"/berhenti/{token}").content.decode()

    assert Reporter.objects.get(pk=issue.pk).muted_at
    assert issue.number in page
    assert "wayan" not in page


def test_only_its_reporter_mutes_a_report_by_its_page(client):
    issue = make.issue(email="wayan@warga.example")

    assert client.post(f"/lacak/{issue.number}/kabar", {"kabar": "tidak"}).status_code == 404
    client.post("/lacak", {"rahasia": actions.token_for(issue)})
    client.post(f"/lacak/{issue.number}/kabar", {"kabar": "tidak"})
    assert Reporter.objects.get().muted_at
    assert "Kabari saya lagi" in client.get(f"/lacak/{issue.number}").content.decode()
    client.post(f"/lacak/{issue.number}/kabar", {"kabar": "ya"})
    assert Reporter.objects.get().muted_at is None


# Devices -------------------------------------------------------------------------------------


@pytest.fixture
def key(settings):
    settings.VAPID_PRIVATE_KEY = key_text(ec.generate_private_key(ec.SECP256R1()))


def register(client, body):
    return client.post("/api/push", json.dumps(body), content_type="application/json")


def test_a_device_registers_once_and_then_follows(client, key):
    browser = Browser()
    assert register(client, browser.json).status_code == 201
    assert register(client, browser.json).status_code == 201

    response = client.post("/ikuti", {"apa": "city", "seberapa": "immediate", "perangkat": "on"})

    assert response.status_code == 302
    assert PushDevice.objects.count() == 1
    subscription = Subscription.objects.running().get()
    assert subscription.by_push
    assert not subscription.by_email


def test_a_device_opens_its_subscriptions_when_the_cookie_has_gone(client, key):
    browser = Browser()
    register(client, browser.json)
    client.post("/ikuti", {"apa": "city", "seberapa": "immediate", "perangkat": "on"})
    fresh = Client()

    register(fresh, browser.json)

    assert "Seluruh" in fresh.get("/langganan").content.decode()


def test_a_device_leaves(client, key):
    browser = Browser()
    register(client, browser.json)

    body = json.dumps({"endpoint": browser.endpoint})
    assert client.delete("/api/push", body, content_type="application/json").status_code == 204
    assert not PushDevice.objects.exists()


@pytest.mark.parametrize("endpoint", FORBIDDEN)
def test_a_device_of_no_push_service_is_refused(client, key, endpoint):
    response = register(client, {**Browser().json, "endpoint": endpoint})

    assert response.status_code == 400
    assert not PushDevice.objects.exists()


@pytest.mark.parametrize(
    "body", [None, [], "x", {}, {"endpoint": 5}, {"endpoint": Browser().endpoint, "keys": []}]
)
def test_what_is_no_device_is_refused(client, key, body):
    assert register(client, body).status_code == 400


def test_without_a_key_push_is_not_offered(client, settings):
    settings.VAPID_PRIVATE_KEY = ""

    assert "data-push" not in client.get("/ikuti").content.decode()
    assert register(client, Browser().json).status_code == 400


def test_another_site_registers_no_device(key):
    client = Client(enforce_csrf_checks=True)

    assert register(client, Browser().json).status_code == 403


def test_a_device_that_gave_no_leave_is_told_so(client, key):
    response = client.post("/ikuti", {"apa": "city", "seberapa": "immediate", "perangkat": "on"})

    assert response.status_code == 422


# Retention -----------------------------------------------------------------------------------


def test_who_never_says_yes_is_forgotten_after_a_week(client):
    client.post("/ikuti", WISH)
    follows(who=follower.somebody("lain@warga.example"))

    actions.forget_unconfirmed(timezone.now() + timedelta(days=6))
    assert Subscriber.objects.count() == 2
    actions.forget_unconfirmed(timezone.now() + timedelta(days=8))

    assert [one.email for one in Subscriber.objects.all()] == ["lain@warga.example"]


def test_who_has_ended_everything_is_forgotten_after_a_week():
    subscription = follows()
    actions.unfollow([subscription.pk])

    actions.forget_unconfirmed(timezone.now() + timedelta(days=8))

    assert not Subscriber.objects.exists()


# Two pages at once ---------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("by", ["account", "address"])
def test_pages_that_open_at_once_find_one_subscriber(by):
    city, user = make.world(), make.user()
    ready = Barrier(6)

    def visit(_page):
        try:
            ready.wait(10)
            if by == "account":
                return actions.subscriber_of(user, city).pk
            return actions.subscriber_at("baru@warga.example", city).pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pages:
        found = set(pages.map(visit, range(6)))

    assert found == {Subscriber.objects.get().pk}
