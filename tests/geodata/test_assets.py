"""Assets: real lists with real errors, each row's faults by line, and what is left to load."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import shapely

from geodata import assets
from geodata.assets import Columns, Constants, Provenance, RowProblem
from geodata.errors import UnreadableFile
from geodata.models import Asset, Edition, RoadClass
from tests import make
from tests.geodata import geofiles

DENPASAR = (115.165, -8.765, 115.285, -8.585)
BOJONEGORO = (111.4, -7.55, 112.2, -6.95)
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
STREET = shapely.LineString([(115.2, -8.66), (115.21, -8.66)])


def lamps(tmp_path: Path, *rows: str) -> Path:
    """A list of lamps as a spreadsheet writes it."""
    path = tmp_path / "lampu.csv"
    path.write_text("\n".join(["nomor,lon,lat", *rows, ""]))
    return path


def look(path: Path, *, layer: str = "lamp", **asked: Any) -> tuple[RowProblem, ...]:
    """Name the faults of a file in Denpasar."""
    return assets.check(assets.read(path).frame, layer=layer, **({"extent": DENPASAR} | asked))


def count(problems: Sequence[RowProblem]) -> dict[str, int]:
    """How many faults there are of each kind."""
    return Counter(problem.kind for problem in problems)


def test_the_lamps_of_bojonegoro_are_reported_row_by_row(shared_data: Path) -> None:
    path = shared_data / "assets-lpju-bojonegoro" / "lampu_jalan_bojonegoro.csv"
    frame = assets.read(path).frame

    problems = assets.check(frame, layer="lamp", extent=BOJONEGORO)

    assert len(frame) == 13_823
    assert count(problems) == {
        "metres": 39, "sign": 3, "outside_city": 1, "double_place": 418, "double_code": 18,
    }  # fmt: skip
    assert sum(not problem.tolerable for problem in problems) == 43
    assert len(assets.sound(frame, problems)) == 13_823 - 43
    first = next(problem for problem in problems if not problem.tolerable)
    assert (first.line, first.names[1], first.value) == (
        113, "BLN - SGW 2A6", "11.0, 958268000000000.0",
    )  # fmt: skip
    assert all(problem.line and problem.detail for problem in problems)


def test_the_panels_of_bojonegoro_have_one_lost_minus(shared_data: Path) -> None:
    path = shared_data / "assets-lpju-bojonegoro" / "panel_kwh_bojonegoro.csv"

    problems = look(path, layer="panel", extent=BOJONEGORO)

    assert count(problems) == {"sign": 1, "double_place": 8}


def test_the_roads_of_denpasar_have_14_rows_that_say_nothing(shared_data: Path) -> None:
    layer = assets.read(shared_data / "roads-denpasar" / "jalan_kota_denpasar_pu2014.geojson")

    problems = assets.check(layer.frame, layer="road", extent=DENPASAR)

    assert count(problems) == {"no_attributes": 14}
    roads = assets.sound(layer.frame, problems)
    assert (len(roads), set(roads["road_class"])) == (1369, {"city"})
    assert assets.remarks(layer.frame)[0].startswith("20 nama dipakai beberapa baris")


def test_openstreetmaps_class_is_no_legal_status(shared_data: Path) -> None:
    path = shared_data / "roads-denpasar" / "osm_jalan_denpasar_barat.geojson"

    as_roads = look(path, layer="road")
    as_streets = look(path, layer="street")

    assert count(as_roads) == {"no_class": 4636}
    assert as_streets == ()


def test_roads_take_their_class_from_a_column_that_is_named(shared_data: Path) -> None:
    path = shared_data / "assets-lpju-bojonegoro" / "ruas_jalan_kab_bojonegoro.geojson"
    frame = assets.read(path, columns=Columns(road_class="wilayah")).frame

    problems = assets.check(frame, layer="road", extent=BOJONEGORO)

    assert [(problem.kind, problem.line) for problem in problems] == [
        ("no_class", 103), ("no_class", 144),
    ]  # fmt: skip
    assert frame.code[0] == "1"


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ("A1,115.2,-8.65", ""),
        ("A1,x,-8.65", "bad_number"),
        ("A1,,", "bad_number"),
        ("A1,-8.65,115.2", "swapped"),
        ("A1,115.2,8.65", "sign"),
        ("A1,115200000,-8.65", "metres"),
        ("A1,1e200,-1e308", "metres"),
        ("A1,0,0", "outside"),
        ("A1,116.2,-8.65", "outside_city"),
        (f"{'A' * 81},115.2,-8.65", "too_long"),
        (",115.2,-8.65", "no_attributes"),
    ],
)
def test_each_fault_of_a_row_has_its_kind(tmp_path: Path, cells: str, kind: str) -> None:
    problems = look(lamps(tmp_path, cells))

    assert [problem.kind for problem in problems] == ([kind] if kind else [])
    assert all(problem.line == 2 and not problem.tolerable for problem in problems)


def test_a_shared_number_or_place_is_reported_for_each_and_loaded(tmp_path: Path) -> None:
    path = lamps(tmp_path, "A1,115.2,-8.65", "A1,115.21,-8.65", "A2,115.21,-8.65", "A3,115.22,-8.7")

    problems = look(path)

    assert [(problem.kind, problem.line, problem.detail) for problem in problems] == [
        ("double_code", 2, "nomor sama dengan baris 3"),
        ("double_code", 3, "nomor sama dengan baris 2"),
        ("double_place", 3, "tempat sama dengan baris 4"),
        ("double_place", 4, "tempat sama dengan baris 3"),
    ]
    assert len(assets.sound(assets.read(path).frame, problems)) == 4


@pytest.mark.parametrize(
    ("text", "road_class"),
    [
        ("Jalan Kota", "city"), ("jalan Kota", "city"), ("JALAN  KABUPATEN", "city"),
        ("kab", "city"),
        ("Jl. Nasional", "national"), ("Provinsi", "province"), ("propinsi", "province"),
        ("jalan lingkungan", "neighbourhood"), ("Tol", "toll"), ("toll", "toll"),
        ("residential", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_status_is_read_however_it_is_spelt(tmp_path: Path, text: str, road_class: str) -> None:
    rows = [geofiles.feature(STREET, nama="Jalan Uji", status=text)]
    path = geofiles.geojson(tmp_path / "jalan.geojson", rows)

    frame = assets.read(path).frame

    assert frame["road_class"][0] == road_class
    assert count(assets.check(frame, layer="road")) == ({} if road_class else {"no_class": 1})


def test_a_cell_wins_over_what_holds_for_every_row(tmp_path: Path) -> None:
    rows = [
        geofiles.feature(
            STREET, nama="A", pemilik="PUPR", kelas="jalan nasional", mulai="2024-05-01"
        ),
        geofiles.feature(STREET, nama="B", pemilik=None, kelas=None, mulai=None),
    ]
    path = geofiles.geojson(tmp_path / "jalan.geojson", rows)

    frame = assets.read(
        path,
        columns=Columns(owner="pemilik", road_class="kelas", valid_from="mulai"),
        constants=Constants(road_class="city", owner="Kota", valid_from=date(2014, 1, 1)),
    ).frame

    assert list(frame["owner"]) == ["PUPR", "Kota"]
    assert list(frame["road_class"]) == ["national", "city"]
    assert list(frame["since"]) == ["2024-05-01", "2014-01-01"]


@pytest.mark.parametrize(("since", "until"), [("1/5/2024", ""), ("2024-05-02", "2024-05-01")])
def test_days_that_cannot_be_are_a_fault(tmp_path: Path, since: str, until: str) -> None:
    rows = [geofiles.feature(STREET, nama="A", dari=since, sampai=until)]
    path = geofiles.geojson(tmp_path / "jalan.geojson", rows)
    columns = Columns(valid_from="dari", valid_to="sampai")

    problems = assets.check(assets.read(path, columns=columns).frame, layer="street")

    assert count(problems) == {"bad_date": 1}


@pytest.mark.parametrize(
    ("geom", "layer", "kind"),
    [
        (shapely.box(115.2, -8.66, 115.21, -8.65), "lamp", "wrong_geometry"),
        (shapely.Point(115.2, -8.65), "road", "wrong_geometry"),
        (shapely.MultiPoint([(115.2, -8.65), (115.21, -8.65)]), "lamp", "wrong_geometry"),
        (shapely.LineString([(115.2, -8.65), (115.2, -8.65)]), "road", "invalid"),
        (shapely.LineString(), "road", "empty"),
        (None, "road", "empty"),
    ],
)
def test_a_shape_that_does_not_fit_its_layer_is_a_fault(
    tmp_path: Path, geom: Any, layer: str, kind: str
) -> None:
    rows = [geofiles.feature(geom, nama="A", status="kota")]
    path = geofiles.geojson(tmp_path / "a.geojson", rows)

    assert count(look(path, layer=layer)) == {kind: 1}


def test_a_multipoint_of_one_is_a_point(tmp_path: Path) -> None:
    rows = [geofiles.feature(shapely.MultiPoint([(115.2, -8.65)]), nomor=7)]

    frame = assets.read(geofiles.geojson(tmp_path / "a.geojson", rows)).frame

    assert (frame.geometry[0].geom_type, frame.code[0]) == ("Point", "7")


def test_a_file_without_crs_is_refused(tmp_path: Path) -> None:
    path = geofiles.shapefile(tmp_path / "a.zip", geofiles.pair("EPSG:32750"), without=".prj")

    with pytest.raises(UnreadableFile, match="--crs"):
        assets.read(path)


@pytest.mark.parametrize("name", ["village", "city", "Lamp", "l", "", "a b", "lampu;drop"])
def test_a_layer_of_assets_is_no_level_and_a_short_word(name: str) -> None:
    assert not assets.is_layer(name)
    assert all(map(assets.is_layer, ["lamp", "road", "panel", "street_tree"]))


def put(path: Path, *, layer: str = "lamp", at: datetime = NOW, **asked: Any) -> Edition:
    """Load the sound rows of a file into the default city."""
    made = Provenance(source="uji coba", dataset=asked.pop("dataset", ""))
    frame = assets.read(path, **asked).frame
    problems = assets.check(frame, layer=layer)
    rows = assets.sound(frame, problems)
    return assets.replace(make.city(), layer, rows, provenance=made, accepted=problems, at=at)


@pytest.mark.django_db
def test_sound_rows_are_written_with_all_their_cells(tmp_path: Path) -> None:
    rows = [geofiles.feature(STREET, nama="Jalan Uji", status="Jalan Kota", lebar_m=6.5, ket=None)]
    path = geofiles.geojson(tmp_path / "jalan.geojson", rows)

    put(path, layer="road", constants=Constants(owner="PUPR", valid_to=date(2024, 4, 30)))

    road = Asset.objects.get()
    assert (road.name, road.road_class, road.owner) == ("Jalan Uji", RoadClass.CITY, "PUPR")
    assert road.properties == {"lebar_m": 6.5}
    assert (road.valid.lower, road.valid.upper) == (None, date(2024, 5, 1))
    assert (road.geom.coords, road.geom.srid) == (tuple(STREET.coords), 4326)


@pytest.mark.django_db
def test_a_dataset_replaces_itself_and_leaves_others(tmp_path: Path) -> None:
    path = lamps(tmp_path, "A1,115.2,-8.65")
    for day, dataset in enumerate(("a", "b", "a")):
        put(path, dataset=dataset, at=NOW + timedelta(days=day))

    in_force = Edition.objects.current(NOW + timedelta(days=3)).filter(layer="lamp")

    assert sorted(in_force.values_list("dataset", flat=True)) == ["a", "b"]
    assert Asset.objects.filter(edition__in=in_force).count() == 2


@pytest.mark.django_db
def test_faults_are_kept_with_the_edition(tmp_path: Path) -> None:
    edition = put(lamps(tmp_path, "A1,115.2,-8.65", "A2,x,y"))

    edition.refresh_from_db()
    assert edition.rows == 1
    assert edition.accepted == [
        {"kind": "bad_number", "names": ["baris 3", "A2"], "tolerable": False, "line": 3,
         "value": "x, y", "detail": "koordinat bukan angka"}
    ]  # fmt: skip


@pytest.mark.django_db
def test_text_that_a_database_cannot_hold_is_cleaned_on_the_way(tmp_path: Path) -> None:
    rows = [geofiles.feature(shapely.Point(115.2, -8.65), nomor="A\x00\x1b[31m1", ket="b\x00c")]

    put(geofiles.geojson(tmp_path / "a.geojson", rows))

    lamp = Asset.objects.get()
    assert (lamp.code, lamp.properties) == ("A [31m1", {"ket": "b c"})
