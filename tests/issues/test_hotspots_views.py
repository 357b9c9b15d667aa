"""Findings over HTTP: what is told, what is refused, what is never told."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from scipy import stats

from issues import findings
from issues.forms.hotspots import HotspotForm
from issues.models import Category
from issues.workflow import Role, Step
from tests import make

pytestmark = pytest.mark.django_db

CLUSTER = (make.LON + 0.0101, make.LAT + 0.0101)
"""A spot in village 1.2."""
LAMPS, OTHERS = 8, 20
LAMP, OTHER = "lpju-mati", "layanan-lambat"
NOON = datetime(2026, 1, 5, 4, tzinfo=UTC)


@pytest.fixture
def reader():
    return Client()


@pytest.fixture
def planted():
    """Lamps at one spot, other kinds all over the city; one road beside the spot."""
    make.world()
    lon, lat = CLUSTER
    make.road([(lon - 0.001, lat), (lon + 0.001, lat)], name="=Jalan Uji")
    lamps = [make.issue(lon=lon, lat=lat + 0.00001 * at) for at in range(LAMPS)]
    spread_out(OTHER, OTHERS)
    return lamps


def spread_out(code, count, *, at=None):
    """One issue after the other on a grid of five columns over the whole city."""
    for number in range(count):
        column, row = number % 5, number // 5
        make.issue(
            lon=make.LON - make.SIDE + 0.0041 + 0.008 * column,
            lat=make.LAT - make.SIDE + 0.0051 + 0.01 * row,
            service_code=code,
            at=at,
        )


def hotspots(reader, query=""):
    return reader.get(f"/peta/titik-panas{query}").json()


def rates(reader, query=""):
    return reader.get(f"/peta/laju{query}").json()


# What is told ---------------------------------------------------------------------------------


def test_a_planted_hotspot_is_found_named_and_put_into_a_sentence(reader, planted):
    told = hotspots(reader, f"?category={LAMP}")

    first = told["cells"][0]
    west, south, east, north = first["box"]
    assert west <= CLUSTER[0] + 0.004
    assert east >= CLUSTER[0] - 0.004
    assert south < CLUSTER[1] + 0.004 < north + 0.008
    assert (first["n"], told["cases"]) == (LAMPS, LAMPS)
    assert "=Jalan Uji, Kelurahan 1.2" in first["sentence"]
    assert f"ada {LAMPS} laporan “Lpju Mati” dari" in first["sentence"]
    assert first["level"] in {95, 99}


def test_what_was_tested_is_said_with_cells_level_and_rate_of_errors(reader, planted):
    told = hotspots(reader, f"?category={LAMP}&level=90")

    assert told["tested_cells"] > 10
    assert f"pada {told['tested_cells']} sel" in told["tested"]
    assert "Tingkat 90 %" in told["tested"]
    assert "paling banyak 10 dari 100 keliru" in told["tested"]
    assert told["limits"]


def test_without_a_choice_reports_are_compared_by_land(reader, planted):
    told = hotspots(reader)

    assert (told["baseline"], told["cases"]) == ("land", LAMPS + OTHERS)


def test_where_nothing_stands_out_it_says_so_and_why(reader):
    make.world()
    spread_out(LAMP, 20)
    spread_out(OTHER, 20)

    told = hotspots(reader, f"?category={LAMP}")

    assert told["cells"] == []
    assert told["empty"].startswith("Tidak ada titik panas yang menonjol secara statistik.")
    assert "kebetulan" in told["empty"]


def test_too_few_reports_are_the_reason_given(reader):
    make.world()
    make.issue()

    assert "sedikitnya 5" in hotspots(reader, f"?category={LAMP}")["empty"]


def test_what_has_come_up_lately_stands_out_against_the_places_own_past(reader):
    make.world()
    spread_out(LAMP, 20, at=timezone.now() - timedelta(days=200))
    lon, lat = CLUSTER
    for _number in range(7):
        make.issue(lon=lon, lat=lat)

    told = hotspots(reader, f"?category={LAMP}&baseline=past")

    assert told["cases"] == 7
    assert told["cells"][0]["n"] == 7
    assert "kebiasaan tempat itu sendiri" in told["cells"][0]["sentence"]


def test_an_area_narrows_what_is_shown_not_what_is_tested(reader, planted):
    everywhere = hotspots(reader, f"?category={LAMP}")
    here = hotspots(reader, f"?category={LAMP}&area=1.2")
    elsewhere = hotspots(reader, f"?category={LAMP}&area=2.1")

    assert here["tested_cells"] == elsewhere["tested_cells"] == everywhere["tested_cells"]
    assert here["cells"][0]["q"] == everywhere["cells"][0]["q"]
    assert elsewhere["cells"] == []
    assert "di bagian kota yang lain ada" in elsewhere["empty"]


def test_the_page_tells_the_same_without_scripts(reader, planted):
    page = reader.get(f"/titik-panas?category={LAMP}").content.decode()

    sentence = hotspots(reader, f"?category={LAMP}")["cells"][0]["sentence"]
    assert sentence in page
    assert "Apa yang tidak dapat dikatakan" in page
    assert f"/titik-panas.csv?category={LAMP}" in page


def test_the_sheet_holds_every_square_and_runs_nothing(reader, planted):
    answer = reader.get(f"/titik-panas.csv?category={LAMP}")

    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0]["tempat"].startswith("'=Jalan Uji")
    assert int(rows[0]["n"]) == LAMPS
    assert "attachment" in answer["Content-Disposition"]


def test_an_equal_answer_is_not_sent_again(reader, planted):
    etag = reader.get("/peta/titik-panas")["ETag"]

    assert reader.get("/peta/titik-panas", headers={"if-none-match": etag}).status_code == 304


def test_equal_questions_over_equal_data_are_tested_once(reader, planted):
    findings.spots.cache_clear()

    first, again = (hotspots(reader, f"?category={LAMP}") for _time in range(2))

    assert again == first
    assert findings.spots.cache_info()[:2] == (1, 1)


@pytest.mark.parametrize("other", ["", f"?category={LAMP}&cell=600", f"?category={LAMP}&level=99"])
def test_another_question_is_tested_itself(reader, planted, other):
    findings.spots.cache_clear()

    hotspots(reader, f"?category={LAMP}")
    hotspots(reader, other)

    assert findings.spots.cache_info()[:2] == (0, 2)


def test_what_has_come_in_is_in_the_next_answer(reader, planted):
    before = hotspots(reader, f"?category={LAMP}")["cells"][0]["n"]
    lon, lat = CLUSTER
    make.issue(lon=lon, lat=lat)

    assert hotspots(reader, f"?category={LAMP}")["cells"][0]["n"] == before + 1


def test_the_cost_does_not_grow_with_the_reports(reader, planted, django_assert_max_num_queries):
    hotspots(reader)

    with django_assert_max_num_queries(16):
        hotspots(reader, f"?category={LAMP}")


def test_a_city_without_boundaries_has_no_test(reader):
    make.city()

    told = hotspots(reader)

    assert told["cells"] == []
    assert "belum dimuat" in told["tested"]


# What is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "?salah=1",
        "?baseline=share",
        "?baseline=apa",
        "?cell=42",
        "?level=50",
        "?as_of=2026-01-01",
        "?from=kemarin",
        "?bbox=1,2,3,4",
    ],
)
def test_a_question_without_an_answer_is_refused(reader, query):
    make.world()

    for address in ("/peta/titik-panas", "/titik-panas", "/titik-panas.csv"):
        assert reader.get(address + query).status_code == 400
    assert reader.get(f"/peta/laju{query.replace('?level', '?per')}").status_code == 400


# What is never told ---------------------------------------------------------------------------


def test_what_is_hidden_is_in_no_finding(reader, planted):
    for issue in planted[:3]:
        make.take(issue, Step.HIDE, actor=make.user(Role.DISPATCHER))

    told = hotspots(reader, f"?category={LAMP}")

    assert (told["cells"][0]["n"], told["cases"]) == (LAMPS - 3, LAMPS - 3)


def test_what_is_drawn_by_lot_has_no_squares_smaller_than_the_lot(reader):
    make.world()
    make.category("rumah-gaduh", exact_place=False)
    Category.objects.filter(service_code=LAMP).update(confidential=True)

    refused = reader.get("/peta/titik-panas?category=rumah-gaduh&cell=150")

    assert refused.status_code == 400
    assert "disamarkan dalam petak 250 m" in refused.json()["error"]["fields"]["cell"][0]
    for query in ("category=rumah-gaduh&cell=300", f"category={LAMP}&cell=150"):
        assert reader.get(f"/peta/titik-panas?{query}").status_code == 200


def test_days_and_small_counts_of_a_blurred_kind_are_those_of_the_map(reader):
    make.world()
    make.category("rumah-gaduh", exact_place=False)
    for number in range(3):
        make.issue(service_code="rumah-gaduh", at=NOON + timedelta(days=number))

    for query, count in (("", 3), ("&from=2026-01-06&to=2026-01-06", 1)):
        told = rates(reader, f"?category=rumah-gaduh{query}")
        listed = reader.get(
            f"/laporan?category=rumah-gaduh{query}", headers={"accept": "application/json"}
        ).json()
        by_area = sum(area["n"] for area in told["areas"]) + told["elsewhere"]
        assert by_area == len(listed["items"]) == count


# Rates ----------------------------------------------------------------------------------------


def test_rates_have_their_n_interval_and_no_rank_below_ten(reader, planted):
    told = {area["code"]: area for area in rates(reader)["areas"]}

    busy, calm = told["1.2"], told["2.1"]
    assert (busy["rank"], calm["rank"]) == (1, None)
    assert busy["n"] == LAMPS + 6
    assert busy["interval"][0] < busy["rate"] < busy["interval"][1]
    assert f"n = {busy['n']}" in busy["said"]
    assert sum(area["n"] for area in told.values()) == LAMPS + OTHERS


def test_an_area_of_which_little_is_heard_is_called_quiet(reader):
    make.world()
    for _number in range(30):
        make.issue()

    told = {area["code"]: area["quiet"] for area in rates(reader)["areas"]}

    assert told == {"1.1": True, "1.2": False, "2.1": True, "2.2": True}


def test_roads_divide_where_roads_are_there(reader, planted):
    told = rates(reader, "?per=road_km")

    areas = {area["code"]: area for area in told["areas"]}
    assert areas["1.2"]["size"] == pytest.approx(0.22, abs=0.01)
    assert areas["2.1"]["rate"] is None
    assert set(told["units"]) == {"km2", "road_km"}


def test_land_is_measured_on_the_ellipsoid(reader):
    make.world()

    sizes = [area["size"] for area in rates(reader)["areas"]]

    assert sizes == pytest.approx([4.87] * 4, abs=0.01)


@pytest.mark.parametrize("n", [0, 1, 3, 10, 200])
def test_byars_interval_is_close_to_the_exact_one(n):
    low, high = findings.byar(n)

    exact = (stats.chi2.ppf(0.025, 2 * n) / 2 if n else 0.0, stats.chi2.ppf(0.975, 2 * n + 2) / 2)
    assert (low, high) == pytest.approx(exact, rel=0.02, abs=0.03)


def test_several_kinds_are_one_question():
    of = make.world()
    for code in ("satu", "dua", "tiga"):
        make.category(code)
    form = HotspotForm({"category": "satu,dua,tiga"}, city=of)

    assert form.is_valid()
    assert len(form.kinds) == 3
    assert Category.objects.filter(pk__in=form.facets()["category"]).count() == 3
    assert form.question().baseline == findings.Baseline.SHARE
