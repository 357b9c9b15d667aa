"""What tiles, list, legend and timeline count: the same rows, under every filter, on every day."""

import itertools
import json
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pyogrio
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from geodata import pyramid
from geodata.tiles import Tile
from issues import heat
from issues.errors import IssueError
from issues.models import Category, Issue, PublicIssue, PublicSpan
from issues.views import tiling
from issues.workflow import LAYER, Layer, Status, Step
from tests import make

pytestmark = pytest.mark.django_db

WITA = ZoneInfo("Asia/Makassar")
FIRST = datetime(2026, 1, 5, 2, tzinfo=UTC)
MIDDLE = Tile.holding(make.LON, make.LAT, z=11)
"""The default city lies in it and in its neighbours."""


@pytest.fixture(autouse=True)
def _world():
    make.world()
    for code in ("lpju-mati", "lpju-redup"):
        kind = make.category(code)
        kind.parent = make.category("lpju")
        kind.save()
    make.rule("sampah", to="DLHK", service_code="layanan-lambat")


@pytest.fixture
def reader():
    return Client()


def address(tile: Tile, query="", ending="") -> str:
    return f"/tiles/{tile.z}/{tile.x}/{tile.y}{ending}?{query}"


def counted(reader, query="", z=7) -> int:
    """How many the map shows: the sum over the tiles of the whole city."""
    corners = itertools.product((-1, 1), (-1, 1))
    near = {Tile.holding(make.LON + e * 0.019, make.LAT + n * 0.019, z=z) for e, n in corners}
    answers = [reader.get(address(tile, query)) for tile in near]
    assert {answer.status_code for answer in answers} <= {200, 204}
    return sum(answer.json()["n"] for answer in answers if answer.content)


def listed(reader, query="") -> dict:
    return reader.get(f"/laporan?{query}", headers={"accept": "application/json"}).json()


def scatter(count: int, seed: int = 7) -> None:
    """Issues of several kinds, days and places; some done, some late, some without a point."""
    draw = Random(seed)  # noqa: S311  the same every time
    ways = [[], [], [Step.START], [Step.START, Step.RESOLVE], [Step.RESPOND], [Step.REJECT]]
    for at in range(count):
        place = (
            {"area_code": "2.1"}
            if at % 9 == 0
            else {
                "lon": make.LON + draw.uniform(-0.019, 0.019),
                "lat": make.LAT + draw.uniform(-0.019, 0.019),
            }
        )
        when = FIRST + timedelta(days=draw.randrange(90))
        code = draw.choice(["lpju-mati", "lpju-redup", "layanan-lambat"])
        steps = draw.choice(ways) if code != "layanan-lambat" else []
        make.issue(at=when, service_code=code, steps=steps, **place)
    late = PublicIssue.objects.order_by("pk").values("pk")[: count // 3]
    PublicIssue.objects.filter(pk__in=late, layer__lte=2).update(overdue=True)


# Every filter ---------------------------------------------------------------------------------

CHOICES = {
    "layer": {"belum": {"layer": 0}, "belum,selesai": {"layer__in": [0, 3]}},
    "category": {
        "lpju": {"category__service_code__in": ["lpju", "lpju-mati", "lpju-redup"]},
        "lpju-redup,layanan-lambat": {
            "category__service_code__in": ["lpju-redup", "layanan-lambat"]
        },
    },
    "department": {"DISHUB": {"department__code": "DISHUB"}},
    "area": {
        "1": {"jurisdiction__code__in": ["1.1", "1.2"]}, "2.1": {"jurisdiction__code": "2.1"}
    },
    "overdue": {"true": {"overdue": True}, "0": {"overdue": False}},
    "from": {"2026-02-01": {"day__gte": date(2026, 2, 1)}},
    "to": {"2026-03-15": {"day__lte": date(2026, 3, 15)}},
}  # fmt: skip


def combinations():
    """Every pair of filters, and some of the combinations of many."""
    names = list(CHOICES)
    every = list(itertools.product(*([None, *CHOICES[name]] for name in names)))
    few = [picked for picked in every if sum(map(bool, picked)) <= 2]
    for picked in few + Random(1).sample(every, 25):  # noqa: S311  the same every time
        query = {name: value for name, value in zip(names, picked, strict=True) if value}
        where = {}
        for name, value in query.items():
            where |= CHOICES[name][value]
        yield "&".join(f"{name}={value}" for name, value in query.items()), where


def test_tile_list_and_legend_equal_count_under_every_combination_of_filters(reader):
    scatter(40)

    for query, where in combinations():
        rows = PublicIssue.objects.filter(**where)
        body = listed(reader, query)
        assert body["total"] == sum(n for n, _late in body["layers"]) == rows.count(), query
        assert body["unplaced"] == rows.filter(q=None).count(), query
        assert counted(reader, query) == body["total"] - body["unplaced"], query


def test_a_fold_changes_no_answer_and_no_fingerprint(reader):
    scatter(30)
    before = [reader.get(address(MIDDLE, query)) for query in ("", "layer=belum", "area=1")]
    lists = [listed(reader, query) for query in ("", "category=lpju")]

    pyramid.fold(heat.MAP)
    pyramid.fold(heat.HISTORY)

    after = [reader.get(address(MIDDLE, query)) for query in ("", "layer=belum", "area=1")]
    assert [one.content for one in after] == [one.content for one in before]
    assert [one.headers["ETag"] for one in after] == [one.headers["ETag"] for one in before]
    assert [listed(reader, query) for query in ("", "category=lpju")] == lists


def test_counts_of_kinds_and_departments_leave_their_own_filter_aside(reader):
    make.issue()
    make.issue(service_code="lpju-redup")
    make.issue(service_code="layanan-lambat")
    make.issue(service_code="layanan-lambat", area_code="2.1")

    body = listed(reader, "category=lpju-redup&area=1")

    assert body["total"] == 1
    assert dict(body["kinds"]) == {
        "lpju": 2, "lpju-mati": 1, "lpju-redup": 1, "layanan-lambat": 1
    }  # fmt: skip
    assert dict(body["departments"]) == {"DISHUB": 1}
    assert dict(listed(reader, "department=DISHUB")["departments"]) == {"DISHUB": 2}


def test_the_map_page_brings_the_first_counts_along_where_nothing_narrows(reader):
    scatter(5)
    page = reader.get("/").content.decode()

    start = page.index(">", page.index('id="map-config"')) + 1
    config = json.loads(page[start : page.index("</script>", start)])

    body = listed(reader)
    assert config["first"] == {name: body[name] for name in config["first"]}
    assert set(config["first"]) == set(body) - {"items", "next"}
    assert '"first"' not in reader.get("/?layer=belum").content.decode()


# Few and many in a tile -----------------------------------------------------------------------


def test_a_street_tile_lists_its_issues_and_a_full_one_counts(reader, monkeypatch):
    scatter(12)
    query = "layer=belum,selesai"
    few = reader.get(address(MIDDLE, query)).json()
    monkeypatch.setattr("geodata.tiles.MOST_POINTS", 2)

    many = reader.get(address(MIDDLE, query)).json()

    assert len(few["points"]) == 5 * few["n"]
    assert "points" not in many
    assert many["n"] == few["n"] == sum(n for n in many["cells"] if n > 0)


def test_few_among_very_many_are_counted_rather_than_searched(reader, monkeypatch):
    scatter(12)
    shown = reader.get(address(MIDDLE, "category=lpju-redup")).json()
    monkeypatch.setattr(tiling, "MOST_SEARCHED", 1)

    hidden = reader.get(address(MIDDLE, "category=lpju-redup")).json()

    assert "points" in shown
    assert "points" not in hidden
    assert hidden["n"] == shown["n"]


# Any day of the past, against a replay --------------------------------------------------------


def lives(count: int, seed: int) -> None:
    """Issues that go through random steps on random days, whatever the workflow lets pass."""
    draw = Random(seed)  # noqa: S311  the same every time
    moves = [
        Step.VERIFY, Step.ASSIGN, Step.START, Step.FIX, Step.RESOLVE, Step.REJECT, Step.REOPEN,
        Step.WITHDRAW, Step.MERGE, Step.UNMERGE, Step.HIDE, Step.UNHIDE, Step.REROUTE,
    ]  # fmt: skip
    for at in range(count):
        when = FIRST + timedelta(days=draw.randrange(20))
        place = (
            {"area_code": "1.1"} if at % 7 == 3 else {"lon": make.LON + draw.uniform(-0.019, 0.019)}
        )
        code = draw.choice(["lpju-mati", "lpju-redup", "layanan-lambat"])
        issue = make.issue(at=when, service_code=code, confidential=at % 11 == 5, **place)
        for step in draw.choices(moves, k=5):
            when += timedelta(hours=draw.randrange(72))
            fields = {"at": when}
            if step is Step.MERGE:
                fields["original"] = Issue.objects.order_by("pk").first()
            if step is Step.REROUTE:
                fields["department"] = make.department("PUPR")
            try:
                make.take(issue, step, **fields)
            except IssueError:
                continue


def replay(day: date) -> list[tuple[Layer, Issue]]:
    """Say from the events what the map showed at the end of a day, without what is secret now."""
    shown = []
    for issue in Issue.objects.filter(hidden=False, confidential=False):
        layer, hidden = None, False
        for event in issue.events.order_by("seq"):
            if event.at.astimezone(WITA).date() <= day:
                hidden = event.step == Step.HIDE or (hidden and event.step != Step.UNHIDE)
                layer = None if hidden else LAYER[Status(event.status)]
        if layer is not None:
            shown.append((layer, issue))
    return shown


@pytest.mark.parametrize("seed", [1, 2])
def test_any_day_of_the_past_is_what_a_replay_of_all_events_tells(reader, seed):
    lives(10, seed)

    for days in (-1, 0, 3, 8, 13, 19, 25, 40):
        day = (FIRST + timedelta(days=days)).date()
        shown = replay(day)
        body = listed(reader, f"as_of={day}")
        by_layer = [sum(layer == one for one, _issue in shown) for layer in Layer]
        assert [n for n, _late in body["layers"]] == by_layer, day
        assert counted(reader, f"as_of={day}") == body["total"] - body["unplaced"], day
        assert {(one["number"], one["layer"]) for one in body["items"]} == {
            (issue.number, layer) for layer, issue in shown
        }


NARROWED = {
    "layer=belum": lambda layer, issue: layer == Layer.WAITING,
    "category=lpju": lambda layer, issue: issue.category.parent_id,
    "department=DISHUB": lambda layer, issue: getattr(issue.department, "code", "") == "DISHUB",
    "area=1": lambda layer, issue: issue.jurisdiction.parent_code == "1",
    "layer=belum,lapangan&category=lpju-mati&area=1.1": lambda layer, issue: (
        layer in {Layer.WAITING, Layer.FIELD}
        and issue.category.service_code == "lpju-mati"
        and issue.jurisdiction.code == "1.1"
    ),
}


def test_a_past_day_goes_with_layer_kind_department_and_area(reader):
    lives(12, 3)
    day = (FIRST + timedelta(days=18)).date()
    shown = replay(day)

    for query, passes in NARROWED.items():
        body = listed(reader, f"as_of={day}&{query}")
        assert body["total"] == sum(bool(passes(*one)) for one in shown), query
        placed = body["total"] - body["unplaced"]
        assert counted(reader, f"as_of={day}&{query}") == placed, query


def test_today_as_a_past_day_is_the_present(reader):
    lives(8, 4)

    now, then = listed(reader), listed(reader, f"as_of={datetime.now(WITA).date()}")

    assert [n for n, _late in now["layers"]] == [n for n, _late in then["layers"]]
    assert (now["total"], now["unplaced"], now["kinds"]) == (
        then["total"], then["unplaced"], then["kinds"]
    )  # fmt: skip


def test_hiding_takes_an_issue_from_every_past_day(reader):
    issue = make.issue(at=FIRST)
    day = FIRST.date() + timedelta(days=3)
    paths = [address(MIDDLE, f"as_of={day}"), address(MIDDLE, f"as_of={day}", ".mvt")]
    seen = [reader.get(path).status_code for path in paths]

    make.take(issue, Step.HIDE)

    assert seen == [200, 200]
    assert [reader.get(path).status_code for path in paths] == [204, 204]
    assert listed(reader, f"as_of={day}")["items"] == []
    assert issue.number not in reader.get(f"/laporan?as_of={day}").content.decode()


def test_a_card_of_a_past_day_stands_where_it_stood_and_knows_no_due_date(reader):
    issue = make.issue(at=FIRST)
    make.take(issue, Step.START, at=FIRST + make.days(4))
    PublicIssue.objects.update(overdue=True)

    (card,) = listed(reader, f"as_of={FIRST.date()}")["items"]

    assert (card["number"], card["layer"], card["due"], card["overdue"]) == (
        issue.number, Layer.WAITING, "", False
    )  # fmt: skip
    row = PublicIssue.objects.get(pk=issue.pk)
    assert abs(card["lon"] - row.point.x) < 2e-5
    assert abs(card["lat"] - row.point.y) < 2e-5


@pytest.mark.parametrize("more", ["from=2026-01-01", "to=2026-01-01", "overdue=1", "overdue=0"])
def test_a_past_day_with_a_period_or_overdue_is_refused_in_words(reader, more):
    answers = [
        reader.get(address(MIDDLE, f"as_of=2026-01-09&{more}")),
        reader.get(f"/laporan?as_of=2026-01-09&{more}", headers={"accept": "application/json"}),
    ]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert all("as_of" in answer.json()["error"]["fields"] for answer in answers)


def test_pages_of_a_past_day_follow_each_other_without_gap(reader):
    for at in range(31):
        make.issue(at=FIRST + timedelta(days=at % 4))
    seen, path = [], f"/laporan?as_of={FIRST.date() + timedelta(days=9)}"

    while path:
        body = reader.get(path, headers={"accept": "application/json"}).json()
        seen += [item["number"] for item in body["items"]]
        path = body["next"]

    assert len(seen) == len(set(seen)) == 31


# Timeline, vector tiles, statements -----------------------------------------------------------


@pytest.mark.parametrize(
    "query", ["", "area=1.2", "category=lpju&from=2026-03-01", "as_of=2026-01-31"]
)
def test_the_timeline_counts_by_month_whatever_period_is_chosen(reader, query):
    for month in (1, 1, 3):
        make.issue(at=FIRST.replace(month=month))

    body = reader.get(f"/peta/waktu?{query}").json()

    assert body["months"] == [["2026-01", 2], ["2026-03", 1]]
    assert body["first"] == "2026-01-05"
    assert body["last"] == datetime.now(WITA).date().isoformat()


def test_the_timeline_of_an_empty_city_has_no_first_day(reader):
    body = reader.get("/peta/waktu").json()

    assert (body["first"], body["months"]) == (None, [])


def test_vector_tiles_hold_the_same_numbers(reader, monkeypatch):
    scatter(25)
    points = pyogrio.read_dataframe(reader.get(address(MIDDLE, "", ".mvt")).content, layer="issues")
    monkeypatch.setattr("geodata.tiles.MOST_POINTS", 2)
    cells = pyogrio.read_dataframe(reader.get(address(MIDDLE, "", ".mvt")).content, layer="cells")

    body = reader.get(address(MIDDLE)).json()

    rows = PublicIssue.objects.filter(q__gte=MIDDLE.range[0], q__lt=MIDDLE.range[1])
    assert set(points["number"]) == set(rows.values_list("number", flat=True))
    assert body["n"] == len(points) == cells["n"].sum() == rows.count()
    assert sorted(cells["n"]) == sorted(n for n in body["cells"] if n > 0)
    assert cells["overdue"].sum() == rows.filter(overdue=True).count()
    for layer in Layer:
        assert cells[f"layer_{layer:d}"].sum() == rows.filter(layer=layer).count()


def test_a_vector_tile_is_cached_as_any_tile(reader):
    make.issue()
    first = reader.get(address(MIDDLE, "", ".mvt"))

    again = reader.get(
        address(MIDDLE, "", ".mvt"), headers={"if-none-match": first.headers["ETag"]}
    )

    assert first.headers["Content-Type"] == "application/vnd.mapbox-vector-tile"
    assert first.headers["Cache-Control"] == "public, max-age=1, stale-while-revalidate=5"
    assert again.status_code == 304


@pytest.mark.parametrize("path", ["/", "/laporan", "/embed/"])
@pytest.mark.parametrize(
    "query",
    [
        "",
        "layer=belum&category=lpju&department=DISHUB&area=1.2&overdue=0",
        "as_of=2026-02-01&area=1",
    ],
)
@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_map_and_list_take_at_most_eight_statements(reader, path, query, accept):
    scatter(4)

    with CaptureQueriesContext(connection) as asked:
        assert reader.get(f"{path}?{query}", headers={"accept": accept}).status_code == 200

    assert len(asked) <= 8


def test_the_history_of_a_moved_kind_is_counted_under_its_present_kind(reader):
    issue = make.issue(at=FIRST)
    Issue.objects.filter(pk=issue.pk).update(
        category=Category.objects.get(service_code="lpju-redup")
    )
    make.take(issue, Step.START)

    day = f"as_of={FIRST.date()}"
    assert counted(reader, f"{day}&category=lpju-redup") == 1
    assert counted(reader, f"{day}&category=lpju-mati") == 0
    assert PublicSpan.objects.count() == 2
