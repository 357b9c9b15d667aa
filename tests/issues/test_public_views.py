"""The public doors over HTTP: what they show, what they refuse, what they never show."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import Case, When
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from geodata.tiles import Tile
from issues.models import Photo, PublicIssue, PublicPhoto
from issues.publication import publish
from issues.workflow import Layer, Role, Status, Step
from tests import make

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 2, 2, tzinfo=UTC)
TODAY = timezone.localdate(timezone=ZoneInfo("Asia/Makassar"))


@pytest.fixture(autouse=True)
def _city(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return make.world()


@pytest.fixture
def reader():
    return Client()


def tile_address(*, lon=make.LON, lat=make.LAT, z=11):
    tile = Tile.holding(lon, lat, z=z)
    return f"/tiles/{tile.z}/{tile.x}/{tile.y}"


def data(reader, query=""):
    return reader.get(f"/laporan{query}", headers={"accept": "application/json"}).json()


def hide(issue):
    make.take(issue, Step.HIDE, actor=make.user(Role.DISPATCHER))


# Tiles ----------------------------------------------------------------------------------------


def test_a_new_issue_is_on_its_tile(reader):
    issue = make.issue()

    body = reader.get(tile_address()).json()

    assert (body["n"], body["series"]) == (1, [[issue.number[:-6], 6, 1]])
    assert body["points"][:3] == [int(issue.number[-6:]), Layer.WAITING * 2, issue.category_id]


def test_an_empty_tile_has_no_content(reader):
    response = reader.get("/tiles/3/0/0")

    assert (response.status_code, response.content) == (204, b"")
    assert "max-age=1" in response.headers["Cache-Control"]


def test_a_tile_may_be_kept_a_moment_by_everybody_and_sets_no_cookie(reader):
    make.issue()

    response = reader.get(tile_address())

    assert response.headers["Cache-Control"] == "public, max-age=1, stale-while-revalidate=5"
    assert not response.cookies
    assert "cookie" not in response.headers.get("Vary", "").lower()


def test_a_tile_that_has_not_changed_is_not_sent_again(reader):
    issue = make.issue()
    etag = reader.get(tile_address()).headers["ETag"]

    same = reader.get(tile_address(), headers={"if-none-match": etag})
    make.take(issue, Step.START)
    other = reader.get(tile_address(), headers={"if-none-match": etag})

    assert (same.status_code, other.status_code) == (304, 200)


@pytest.mark.parametrize(
    ("query", "most"),
    [
        ("", 3),
        ("?layer=belum&category=lpju-mati&department=DISHUB", 4),
        ("?area=1.2&overdue=0", 4),
        (f"?as_of={TODAY}&category=lpju-mati", 4),
    ],
)
@pytest.mark.parametrize("ending", ["", ".mvt"])
def test_a_tile_takes_at_most_four_statements(
    reader, query, most, ending, django_assert_max_num_queries
):
    make.issue()
    encoding = 1 if ending else 0

    with django_assert_max_num_queries(most + encoding):
        assert reader.get(f"{tile_address()}{ending}{query}").status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "colour=red",
        "layer=merah",
        "from=kemarin",
        "category='; drop",
        "bbox=1,2,3,4",
        "near=-8,115",
        "after=x",
    ],
)
def test_a_tile_refuses_what_it_does_not_know(reader, query):
    response = reader.get(f"{tile_address()}?{query}")

    assert response.status_code == 400
    assert set(response.json()["error"]) == {"code", "message", "fields"}


@pytest.mark.parametrize("path", ["/tiles/23/0/0", "/tiles/1/2/0", "/tiles/99999999/0/0"])
def test_what_is_no_tile_is_refused_as_json(reader, path):
    response = reader.get(path)

    assert response.status_code == 400
    assert response.json()["error"]["code"] == "BadCoordinate"


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 2),
        ("layer=belum", 1),
        ("layer=belum,lapangan", 2),
        ("layer=belum&layer=lapangan", 2),
        ("layer=selesai", 0),
        ("category=lpju-mati", 2),
        ("category=lpju", 0),
        ("department=DISHUB", 2),
        ("department=PUPR", 0),
        ("area=1.2", 2),
        ("area=1", 2),
        ("area=2", 0),
        ("from=2026-03-02&to=2026-03-02", 2),
        ("from=2026-03-03", 0),
        ("to=2026-03-01", 0),
        ("overdue=true", 1),
    ],
)
def test_tile_and_list_count_the_same_under_every_filter(reader, query, count):
    issue = make.issue(at=AT)
    make.issue(at=AT, steps=[Step.START])
    PublicIssue.objects.update(overdue=Case(When(pk=issue.pk, then=True), default=False))

    tile = reader.get(f"{tile_address()}?{query}")
    found = tile.json()["n"] if tile.content else 0

    assert found == count == data(reader, f"?{query}")["total"]


def test_a_parent_kind_stands_for_its_children(reader):
    parent = make.category("lpju")
    child = make.category("lpju-mati")
    child.parent = parent
    child.save()
    make.issue()

    assert reader.get(f"{tile_address()}?category=lpju").json()["n"] == 1


# What is not public ---------------------------------------------------------------------------


@pytest.fixture(params=["hidden", "confidential"])
def secret(request):
    issue = make.issue(confidential=request.param == "confidential")
    if request.param == "hidden":
        hide(issue)
    return issue


def test_a_secret_issue_is_on_no_public_surface(reader, secret):
    public = [
        reader.get(tile_address()),
        reader.get("/"),
        reader.get("/embed/"),
        reader.get("/laporan"),
        reader.get("/laporan", headers={"accept": "application/json"}),
    ]

    assert not any(secret.number.encode() in response.content for response in public)
    assert data(reader)["total"] == 0


def test_a_secret_issue_looks_like_one_that_is_not_there(reader, secret):
    pages = [reader.get(f"/laporan/{number}") for number in (secret.number, "DPS-26-999999")]
    panels = [reader.get(f"/peta/ringkas/{number}") for number in (secret.number, "DPS-26-999999")]

    assert {response.status_code for response in pages + panels} == {404}
    assert pages[0].templates[0].name == pages[1].templates[0].name == "404.html"


def test_words_of_the_reporter_are_not_shown_before_review(reader):
    issue = make.issue(
        description="Kata-kata yang belum dibaca siapa pun", name="Ni Luh", address="x"
    )

    page = reader.get(f"/laporan/{issue.number}").content.decode()

    assert "belum dibaca siapa pun" not in page
    assert "Ni Luh" not in page
    assert "belum ditinjau" in page


def test_a_reviewed_report_without_words_says_so(reader):
    issue = make.issue(description="")
    issue.reviewed_at = issue.received_at
    issue.save()
    make.photo(issue, public=True)
    publish(issue)

    page = reader.get(f"/laporan/{issue.number}").content.decode()

    assert "Tanpa keterangan" in page
    assert "belum ditinjau" not in page


# The page of one issue ------------------------------------------------------------------------


def test_the_page_tells_what_happened_oldest_first(reader):
    issue = make.issue(steps=[Step.START, Step.RESOLVE])

    page = reader.get(f"/laporan/{issue.number}").content.decode()

    steps = [
        "Laporan diterima.",
        "Diteruskan kepada Dishub.",
        "mulai bekerja",
        "Selesai ditangani.",
    ]
    places = [page.index(step) for step in steps]
    assert places == sorted(places)


def test_the_page_says_who_handles_it_and_why(reader):
    issue = make.issue()

    page = reader.get(f"/laporan/{issue.number}").content.decode()

    assert "Ditangani Dinas Dishub: lampu jalan di jalan kota" in page


def test_a_duplicate_points_to_its_original_and_is_not_on_the_map(reader):
    original, double = make.issue(), make.issue()
    make.take(double, Step.MERGE, original=original)

    page = reader.get(f"/laporan/{double.number}")

    assert f"/laporan/{original.number}" in page.content.decode()
    assert data(reader)["total"] == 1


def test_the_public_page_says_the_public_word_for_where_an_issue_stands(reader):
    issue = make.issue()

    page = reader.get(f"/laporan/{issue.number}").content.decode()

    assert issue.status == Status.ASSIGNED
    assert "Belum ditindaklanjuti" in page
    assert str(Status.ASSIGNED.label) not in page
    assert "Diteruskan kepada Dishub." in page


def test_the_panel_tells_the_same_in_short(reader):
    issue = make.issue()

    body = reader.get(f"/peta/ringkas/{issue.number}").json()

    assert (body["number"], body["layer"], body["text"], body["photo"]) == (
        issue.number,
        0,
        "",
        None,
    )
    assert body["url"] == f"/laporan/{issue.number}"


# Frames and photos ----------------------------------------------------------------------------


def test_only_the_embedded_map_may_be_framed(reader):
    embed, home = reader.get("/embed/"), reader.get("/")

    assert "frame-ancestors *" in embed.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in embed.headers
    assert "frame-ancestors 'none'" in home.headers["Content-Security-Policy"]
    assert home.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ("", {"title": True, "legend": True, "list": True, "search": True, "drawing": ""}),
        ("list=0&legend=0", {"legend": False, "list": False, "title": True}),
        ("title=0&drawing=areas&layer=belum&near=-8,115", {"title": False, "drawing": "areas"}),
    ],
)
def test_a_frame_chooses_its_parts_in_the_address(reader, query, options):
    response = reader.get(f"/embed/?{query}")

    assert response.status_code == 200
    assert options.items() <= response.context["embed"].items()
    assert response.context["config"]["embed"] == response.context["embed"]
    assert "frame-ancestors *" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("query", ["list=maybe", "drawing=clusters", "colour=red", "layer=merah"])
def test_a_frame_with_an_option_that_is_none_is_refused(reader, query):
    response = reader.get(f"/embed/?{query}")

    assert response.status_code == 400
    assert query.split("=")[0] in response.content.decode()


def test_the_options_of_a_frame_are_none_of_the_map(reader):
    assert reader.get("/?list=0").status_code == 400


def test_the_map_hands_its_script_addresses_and_words_as_data(reader):
    page = reader.get("/").content.decode()

    start = page.index(">", page.index('id="map-config"')) + 1
    config = json.loads(page[start : page.index("</script>", start)])
    assert config["urls"]["tile"] == "/tiles/{z}/{x}/{y}"


@pytest.fixture
def photo():
    issue = make.issue()
    photo = Photo.objects.create(
        id=make.uuid(5), issue=issue, state="clean", sha256="0" * 64, size=4, generation=1,
        content_type="image/jpeg", public=True, width=4, height=3, created_at=AT,
    )  # fmt: skip
    for size in ("large", "medium", "small"):
        default_storage.save(photo.path(size), ContentFile(size.encode()))
    publish(issue)
    return photo


def photo_address(photo, *, generation=1, size="medium"):
    return reverse("photo", args=[photo.pk, generation, size])


def test_a_released_photo_may_be_cached_for_a_minute(reader, photo):
    response = reader.get(photo_address(photo))

    assert b"".join(response) == b"medium"
    assert response.headers["Cache-Control"] == "public, max-age=60"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"].startswith("sandbox")


def test_a_photo_that_nobody_released_is_not_there(reader, photo):
    PublicPhoto.objects.all().delete()

    assert reader.get(photo_address(photo)).status_code == 404


@pytest.mark.parametrize("fields", [{"generation": 0}, {"generation": 2}, {"size": "original"}])
def test_another_generation_or_size_is_not_there(reader, photo, fields):
    assert reader.get(photo_address(photo, **fields)).status_code == 404


def test_the_photo_of_a_hidden_issue_is_not_there(reader, photo):
    hide(photo.issue)

    assert reader.get(photo_address(photo)).status_code == 404


def test_the_page_shows_released_photos_and_no_others(reader, photo):
    page = reader.get(f"/laporan/{photo.issue.number}").content.decode()

    assert photo_address(photo) in page


def test_nothing_public_names_the_private_table():
    """The doors read the projection: a row of it is all that a reader can reach."""
    fields = {field.name for field in PublicIssue._meta.fields}

    assert not fields & {"description", "address", "answers", "token_hash", "uuid"}
