"""Feeds: valid for every reader, whatever stands in the data, and only what is public."""

import json
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import pytest

from issues import actions
from issues.models import Category, PublicDetail, PublicIssue
from issues.workflow import Step
from tests import make
from tests.issues import follower

pytestmark = pytest.mark.django_db
POINT = "{http://www.georss.org/georss}point"
EVIL = 'a\x0b\x00\x1b]]>&<script>alert("x")</script>\ud800\ufffe\u202e\x85'.replace("\x00", "")


def read(response) -> ET.Element:
    return ET.fromstring(response.content)  # noqa: S314  our own feed


def items(client, path: str) -> list[ET.Element]:
    return read(client.get(path)).findall("channel/item")


def test_a_feed_tells_what_the_map_shows_with_its_place(client, settings):
    settings.PUBLIC_URL = "https://lapor.kota.example"
    issue = make.issue()
    row = PublicIssue.objects.get()

    [item] = items(client, "/laporan.rss")

    assert item.findtext("guid") == f"https://lapor.kota.example/laporan/{issue.number}"
    assert item.findtext("link") == item.findtext("guid")
    lat, lon = (float(part) for part in item.findtext(POINT).split())
    assert (lon, lat) == pytest.approx((row.point.x, row.point.y), abs=1e-5)
    assert parsedate_to_datetime(item.findtext("pubDate")) == row.received_at


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 2),
        ("category=lpju-mati", 1),
        ("category=lpju-mati,layanan-lambat", 2),
        ("area=1.2", 1),
        ("area=9", 0),
        ("layer=belum", 2),
        ("layer=selesai", 0),
        ("from=2013-01-01", 2),
        ("cari=layanan", 1),
    ],
)
def test_every_filter_of_the_map_is_a_feed(client, query, count):
    make.issue()
    make.issue(service_code="layanan-lambat", lon=make.LON - 0.005)

    assert len(items(client, f"/laporan.rss?{query}")) == count


@pytest.mark.parametrize("query", ["layer=biru", "bbox=x", "tidak=ada", "as_of=2026-01-01"])
def test_a_filter_that_is_none_is_refused(client, query):
    make.world()

    assert client.get(f"/laporan.rss?{query}").status_code == 400


@pytest.mark.parametrize("path", ["/laporan.rss", "/laporan/{}.rss"])
def test_what_no_xml_can_carry_spoils_no_feed(client, path):
    """V4: one poisoned complaint, and everybody else's feed still works."""
    issue = make.take(make.issue(), Step.RESPOND)
    detail = PublicDetail.objects.get()
    safe = EVIL.replace("\ud800", "")
    detail.timeline[-1]["note"] = safe
    detail.text, detail.place = safe, safe
    detail.save()
    Category.objects.update(name=safe[:60])

    response = client.get(path.format(issue.number))

    assert read(response).findall("channel/item")
    assert b"<script" not in response.content
    assert b"\x0b" not in response.content


@pytest.mark.parametrize("how", ["confidential", "hidden", "held"])
def test_what_is_not_public_is_in_no_feed(client, how):
    issue = make.issue(confidential=how == "confidential", held=how == "held")
    if how == "hidden":
        make.take(issue, Step.HIDE)

    assert items(client, "/laporan.rss") == []
    assert client.get(f"/laporan/{issue.number}.rss").status_code == 404


def test_an_issue_has_a_feed_of_its_life_newest_first(client):
    issue = make.take(make.issue(), Step.RESPOND, note="Tim datang besok")

    found = items(client, f"/laporan/{issue.number}.rss")

    assert "respon awal" in found[0].findtext("title")
    assert found[0].findtext("description") == "Tim datang besok"
    assert len({item.findtext("guid") for item in found}) == len(found) == 3


@pytest.mark.parametrize("path", ["/laporan.rss", "/laporan/{}.rss"])
def test_a_reader_that_has_it_is_sent_nothing(client, path):
    path = path.format(make.issue().number)
    first = client.get(path)

    assert first.headers["Content-Type"] == "application/rss+xml; charset=utf-8"
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert "public" in first.headers["Cache-Control"]
    assert "Set-Cookie" not in first.headers
    assert client.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 304
    modified = client.get(path, headers={"If-Modified-Since": first["Last-Modified"]})
    assert modified.status_code == 304


def test_an_empty_feed_is_the_same_whenever_it_is_asked_for(client):
    make.world()

    assert client.get("/laporan.rss").content == client.get("/laporan.rss").content


@pytest.mark.parametrize("path", ["/laporan.rss", "/laporan.rss?category=lpju-mati&area=1.2"])
def test_a_feed_costs_four_statements_however_long(client, path, django_assert_max_num_queries):
    for _number in range(4):
        make.issue()
    client.get(path)

    with django_assert_max_num_queries(4):
        client.get(path)


def test_map_list_and_issue_lead_to_their_feeds(client):
    number = make.issue().number

    for page, feed in (
        ("/", "/laporan.rss"),
        ("/laporan?layer=belum", "/laporan.rss?layer=belum"),
        (f"/laporan/{number}", f"/laporan/{number}.rss"),
    ):
        text = client.get(page).content.decode()
        assert 'type="application/rss+xml"' in text
        assert f'href="{feed}"' in text


def test_a_feed_speaks_the_readers_language(client):
    make.issue()
    Category.objects.update(name_en="Street lamp out")

    english = client.get("/laporan.rss", headers={"Accept-Language": "en"})

    assert b"Street lamp out" in english.content
    assert b"<language>en</language>" in english.content
    assert "Accept-Language" in english.headers["Vary"]


# Places ---------------------------------------------------------------------------------------


@pytest.fixture
def two_streets():
    """One issue on a street, one elsewhere."""
    first, other = make.issue(), make.issue(lon=make.LON - 0.005)
    PublicDetail.objects.filter(pk=first.pk).update(place="Jalan Gajah Mada, Kelurahan 1.2")
    PublicDetail.objects.filter(pk=other.pk).update(place="Jalan Gajah, Kelurahan 1.1")
    return first


def box():
    west, south = make.LON, make.LAT
    return [[west, south], [west + 0.02, south], [west + 0.02, south + 0.02], [west, south + 0.02]]


@pytest.mark.parametrize(
    "query",
    [
        {"jalan": "Jalan Gajah Mada"},
        {"bentuk": json.dumps(box())},
        {"bbox": f"{make.LON},{make.LAT},{make.LON + 0.02},{make.LAT + 0.02}"},
        {"jalan": "Jalan Gajah Mada", "category": "lpju-mati"},
    ],
)
def test_a_street_a_drawing_and_a_box_are_feeds(client, two_streets, query):
    [item] = items(client, f"/laporan.rss?{urlencode(query)}")

    assert item.findtext("link").endswith(two_streets.number)


@pytest.mark.parametrize(
    "query", ["bentuk=x", "bentuk=[[0,0],[1,1]]", "bbox=1,2,3", "jalan=" + "x" * 161]
)
def test_a_place_that_is_none_is_refused(client, query):
    make.world()

    assert client.get(f"/laporan.rss?{query}").status_code == 400


def test_following_leads_to_the_feed_of_what_is_chosen(client):
    make.world()

    page = client.get("/ikuti", {"jalan": "Jalan Gajah Mada"}).content.decode()

    assert 'href="/laporan.rss?jalan=Jalan+Gajah+Mada"' in page


def test_each_subscription_leads_to_its_own_feed(client, two_streets):
    user = make.user()
    client.force_login(user)
    who = actions.subscriber_of(user, make.city())
    west, south, side = make.LON, make.LAT, 0.02
    shape = follower.box(west, south, west + side, south + side)
    follower.follows(follower.Kind.SHAPE, who=who, shape=shape)

    page = client.get("/langganan")

    [(_one, _title, feed)] = page.context["followed"]
    [item] = items(client, feed)
    assert item.findtext("link").endswith(two_streets.number)
