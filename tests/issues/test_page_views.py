"""The page of one issue over HTTP: who did what, neighbours, previews, and what never shows."""

import io
import json
import re

import pytest
from django.test import Client
from PIL import Image

from issues.models import PublicIssue
from issues.publication import publish
from issues.workflow import Layer, Role, Step
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _city():
    return make.world()


@pytest.fixture
def reader():
    return Client()


def page_of(reader, issue):
    return reader.get(f"/laporan/{issue.number}").content.decode()


def structured(page):
    scripts = re.findall(
        r'<script type="application/ld\+json"[^>]*>(.*?)</script>', page, re.DOTALL
    )
    assert len(scripts) == 1
    return json.loads(scripts[0])


def picture_of(reader, issue, **headers):
    return reader.get(f"/laporan/{issue.number}/gambar.png", headers=headers)


def reviewed(issue, text):
    issue.public_text, issue.reviewed_at = text, issue.received_at
    issue.save()
    publish(issue)
    return issue


def test_the_page_takes_few_statements(reader, django_assert_max_num_queries):
    issue = make.issue()
    make.issue()

    with django_assert_max_num_queries(8):
        page_of(reader, issue)


def test_c15_each_event_says_when_and_in_which_role(reader):
    issue = make.issue(steps=[Step.RESPOND, Step.START, Step.RESOLVE])

    page = page_of(reader, issue)

    story = page[page.index('class="timeline"') :]
    roles = ["Pelapor", "Tim koordinator", "Dishub", "Petugas Dishub", "Petugas Dishub"]
    assert re.findall(r"</time>(?:<span>(.*?)</span>)?", story)[:5] == roles
    assert "WITA" in story


def test_neighbours_are_open_ones_first_and_at_most_five(reader):
    issue = make.issue()
    done = make.issue(lon=make.LON + 0.0101, steps=[Step.START, Step.RESOLVE])
    others = [make.issue() for _ in range(4)]

    near = page_of(reader, issue)
    near = near[near.index('id="near-title"') :]

    found = re.findall(r'href="/laporan/(DPS-[\d-]+)"', near)
    assert set(found) == {one.number for one in (*others, done)}
    assert issue.number not in found


def test_a_hidden_neighbour_is_not_named(reader):
    issue, other = make.issue(), make.issue()
    make.take(other, Step.HIDE, actor=make.user(Role.DISPATCHER))

    assert other.number not in page_of(reader, issue)


def test_the_structured_data_tell_number_place_and_status(reader):
    issue = make.issue()

    told = structured(page_of(reader, issue))

    row = PublicIssue.objects.get(pk=issue.pk)
    assert (told["@type"], told["reportNumber"]) == ("Report", issue.number)
    assert told["creativeWorkStatus"] == str(Layer(row.layer).label)
    assert told["contentLocation"]["geo"]["latitude"] == pytest.approx(row.point.y)


def test_s16_no_text_ends_the_structured_data(reader):
    issue = reviewed(make.issue(), "</script><script>alert(1)</script><!-- & 'x'")

    page = page_of(reader, issue)

    assert "<script>alert" not in page
    assert structured(page)["text"] == "</script><script>alert(1)</script><!-- & 'x'"


def test_a_shared_link_has_a_title_a_picture_and_its_own_address(reader, settings):
    settings.PUBLIC_URL = "https://lapor.example"
    issue = make.issue()

    page = page_of(reader, issue)

    address = f"https://lapor.example/laporan/{issue.number}"
    assert f'<link rel="canonical" href="{address}">' in page
    assert f'<meta property="og:image" content="{address}/gambar.png">' in page
    assert '<meta name="twitter:card" content="summary_large_image">' in page


def test_the_picture_of_a_link_is_of_its_size_and_light(reader):
    response = picture_of(reader, make.issue())

    shown = Image.open(io.BytesIO(response.content))
    assert (shown.size, shown.format) == ((1200, 630), "PNG")
    assert len(response.content) <= 60_000


def test_the_picture_costs_few_statements(reader, django_assert_max_num_queries):
    issue = make.issue()

    with django_assert_max_num_queries(4):
        picture_of(reader, issue)


def test_a_picture_that_has_not_changed_is_not_sent_again(reader):
    issue = make.issue()
    etag = picture_of(reader, issue).headers["ETag"]

    same = picture_of(reader, issue, **{"if-none-match": etag})
    make.take(issue, Step.START)
    other = picture_of(reader, issue, **{"if-none-match": etag})

    assert (same.status_code, other.status_code) == (304, 200)


def test_s19_the_picture_is_the_same_for_everybody(reader):
    issue = make.issue()
    reader.cookies["django_language"] = "en"

    one = picture_of(reader, issue, **{"accept-language": "en"})
    two = picture_of(Client(), issue, **{"accept-language": "id"})

    assert one.content == two.content
    assert not one.cookies
    assert "Vary" not in one.headers


def test_p2_the_picture_of_a_hidden_issue_is_gone_with_the_next_request(reader):
    issue = make.issue()
    shown = picture_of(reader, issue)
    make.take(issue, Step.HIDE, actor=make.user(Role.DISPATCHER))

    hidden = picture_of(reader, issue, **{"if-none-match": shown.headers["ETag"]})

    assert "no-cache" in shown.headers["Cache-Control"]
    assert (shown.status_code, hidden.status_code) == (200, 404)


def test_c13_no_picture_of_a_confidential_issue(reader):
    issue = make.issue(confidential=True)

    assert picture_of(reader, issue).status_code == 404


def test_a_duplicate_keeps_its_page_and_its_picture(reader):
    original, double = make.issue(), make.issue()
    make.take(double, Step.MERGE, original=original)

    assert reader.get(f"/laporan/{double.number}").status_code == 200
    assert picture_of(reader, double).status_code == 200


def test_c18_me_too_is_offered_while_something_can_be_done(reader):
    going, done = make.issue(), make.issue(steps=[Step.START, Step.RESOLVE])

    assert f'action="/laporan/{going.number}/dukung"' in page_of(reader, going)
    assert "/dukung" not in page_of(reader, done)
