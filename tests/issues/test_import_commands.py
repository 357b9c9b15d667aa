"""The import commands: what the operator sees, what is loaded, and which issues move."""

import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import shapely
from django.core.management import CommandError, call_command

from geodata.errors import KINDS
from geodata.models import Asset, City, Edition, Jurisdiction, Level
from issues.management.imports import cell
from issues.models import Event, Issue
from issues.workflow import Step
from tests import make
from tests.geodata import geofiles
from tests.geodata.geofiles import square, village

pytestmark = pytest.mark.django_db

DENPASAR = [115.165, -8.765, 115.285, -8.585]
BOJONEGORO = [111.4, -7.55, 112.2, -6.95]


@pytest.fixture(autouse=True)
def city() -> City:
    """Denpasar with its real extent."""
    return make.city(extent=DENPASAR)


def run(command: str, *words: Any) -> str:
    """Run a command as an operator types it, and give what it printed."""
    out = StringIO()
    call_command(command, *map(str, words), stdout=out)
    return out.getvalue()


def refused(command: str, *words: Any) -> tuple[str, str]:
    """Run a command that must refuse; give its last line and what it printed before."""
    out = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command(command, *map(str, words), stdout=out)
    assert caught.value.returncode == 1
    assert "\n" not in str(caught.value)
    return str(caught.value), out.getvalue()


def in_force(layer: str = "village") -> list[Edition]:
    """Editions of a layer that count now."""
    return list(Edition.objects.current().filter(layer=layer))


@pytest.mark.parametrize(
    ("name", "level", "rows"),
    [
        ("denpasar_desa.geojson", "desa", 43),
        ("denpasar_desa_simpl8m.geojson", "kelurahan", 43),
        ("denpasar_kecamatan.geojson", "kecamatan", 4),
        ("denpasar_kota.geojson", "kota", 1),
        ("tetangga_badung_gianyar_desa.geojson", "tetangga", 33),
    ],
)
def test_the_files_of_denpasar_load(shared_data: Path, name: str, level: str, rows: int) -> None:
    path = shared_data / "boundaries-denpasar" / name

    printed = run("import_boundaries", path, "--level", level, "--source", "BPS / OCHA HDX")

    (edition,) = in_force(Level.named(level).layer)
    assert edition.rows == Jurisdiction.objects.filter(edition=edition).count() == rows
    assert (edition.source, edition.crs, len(edition.checksum)) == (
        "BPS / OCHA HDX", "EPSG:4326", 64,
    )  # fmt: skip
    assert f"{rows} wilayah" in printed


def test_the_file_of_kota_batu_loads_with_a_note_for_each_forest(shared_data: Path) -> None:
    make.city(slug="batu", prefix="BTU", metric_srid=32749, extent=[112.4, -8.0, 112.65, -7.7])
    path = shared_data / "boundaries-kota-batu" / "kota_batu_desa.geojson"

    printed = run("import_boundaries", path, "--level", "desa", "--city", "batu")

    assert in_force()[0].rows == 26
    assert printed.count("Catatan: ") == 2


def test_the_ministrys_file_is_refused_with_every_fault_named(shared_data: Path) -> None:
    path = shared_data / "boundaries-denpasar" / "denpasar_desa_kemendagri2025_raw.geojson"

    last, printed = refused("import_boundaries", path, "--level", "desa")

    assert last == "Ditolak: 202 masalah, tidak ada yang dimuat."
    assert "tumpang tindih: 68" in printed
    assert "celah: 134" in printed
    assert printed.count("│ celah ") == 134
    assert printed.count("│ tumpang tindih ") == 68
    assert "3.442,9" in printed
    assert in_force() == []


def test_the_ministrys_file_loads_when_the_operator_accepts_larger_slivers(
    shared_data: Path,
) -> None:
    path = shared_data / "boundaries-denpasar" / "denpasar_desa_kemendagri2025_raw.geojson"
    wide = ("--sliver-m2", 4000)

    last, _printed = refused("import_boundaries", path, "--level", "desa", *wide)
    printed = run("import_boundaries", path, "--level", "desa", "--accept-slivers", *wide)

    assert "--accept-slivers" in last
    assert "202 masalah diterima" in printed
    assert len(in_force()[0].accepted) == 202


def halves(*, border: float) -> list[dict[str, Any]]:
    """Two villages that share the default city's northern half along a meridian."""
    south, north = make.LAT, make.LAT + make.SIDE
    west, east = make.LON - make.SIDE, make.LON + make.SIDE
    return [
        village("1.1", shapely.box(west, south, border, north), kode_kecamatan="1"),
        village("1.2", shapely.box(border, south, east, north), kode_kecamatan="1"),
    ]


@pytest.fixture
def moved(tmp_path: Path) -> tuple[Path, Issue, Issue]:
    """A file that gives a strip of village 1.2 to 1.1, an issue in the strip and one outside."""
    make.world()
    for code in ("1.1", "1.2"):
        make.rule(
            f"lampu-{code}", to=f"D{code[-1]}", service_code="lpju", level=Level.VILLAGE,
            area_code=code,
        )  # fmt: skip
    inside = make.issue(lon=make.LON + 0.002)
    outside = make.issue(lon=make.LON + 0.015)
    path = geofiles.geojson(tmp_path / "baru.geojson", halves(border=make.LON + 0.005))
    return path, inside, outside


def owners(*issues: Issue) -> list[str]:
    """Codes of the departments that the issues are with now."""
    found = Issue.objects.in_bulk([issue.pk for issue in issues])
    return [found[issue.pk].department.code for issue in issues]


def test_open_issues_of_the_changed_land_get_their_new_department(
    moved: tuple[Path, Issue, Issue],
) -> None:
    path, inside, outside = moved
    assert owners(inside, outside) == ["D2", "D2"]

    printed = run("import_boundaries", path, "--level", "desa", "--source", "Perda 1/2026")

    assert owners(inside, outside) == ["D1", "D2"]
    assert "laporan yang berpindah: 1" in printed
    event = Event.objects.get(issue=inside, step=Step.REROUTE)
    assert "Perda 1/2026" in event.note
    assert not Event.objects.filter(issue=outside, step=Step.REROUTE).exists()


def test_a_dry_run_says_the_same_and_changes_nothing(moved: tuple[Path, Issue, Issue]) -> None:
    path, inside, outside = moved
    before = in_force()

    printed = run("import_boundaries", path, "--level", "desa", "--dry-run")

    assert "laporan yang berpindah: 1" in printed
    assert "tidak ada yang disimpan" in printed
    assert owners(inside, outside) == ["D2", "D2"]
    assert in_force() == before
    assert not Event.objects.filter(step=Step.REROUTE).exists()


def faulty(tmp_path: Path) -> Path:
    """Two villages that overlap; the name of one tries to be a formula and markup."""
    wide = shapely.box(115.2, -8.66, 115.211, -8.65)
    rows = [
        geofiles.feature(wide, kode_kemendagri="A", nama="=cmd|' /C calc'![bold]"),
        village("B", square(1)),
    ]
    return geofiles.geojson(tmp_path / "salah.geojson", rows)


def test_the_report_is_a_map_of_the_faults(tmp_path: Path) -> None:
    target = tmp_path / "masalah.geojson"

    _last, printed = refused(
        "import_boundaries", faulty(tmp_path), "--level", "desa", "--report", target
    )

    (found,) = json.loads(target.read_text())["features"]
    assert found["properties"]["kind"] == "overlap"
    assert square(1).covers(shapely.Point(found["geometry"]["coordinates"]))
    assert "[bold]" in printed


def test_the_report_is_a_spreadsheet_that_runs_no_formula(tmp_path: Path) -> None:
    target = tmp_path / "masalah.csv"

    refused("import_boundaries", faulty(tmp_path), "--level", "desa", "--report", target)

    (row,) = csv.DictReader(StringIO(target.read_text()))
    assert row["nama"].startswith("'=cmd")
    assert (row["jenis"], row["diterima"]) == ("overlap", "tidak")
    assert float(row["luas_m2"]) > 100_000


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\ta"])
def test_a_cell_that_begins_like_a_formula_is_quoted(text: str) -> None:
    assert cell(text) == f"'{text}"
    assert cell("Sesetan") == "Sesetan"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--level", "rw"], "Tingkat wilayah tidak dikenal: rw"),
        (["--level", "desa", "--city", "kuta"], "Kota “kuta” belum dimuat"),
        (["--level", "desa", "--name-field", "x"], "kolom x tidak ada"),
        (["--level", "desa", "--crs", "EPSG:1"], "CRS EPSG:1 tidak dikenal"),
        (["--level", "desa", "--report", "a.pdf"], "Laporan ditulis ke .csv atau .geojson"),
    ],
)
def test_a_wrong_word_is_answered_in_one_line(tmp_path: Path, words: list[str], line: str) -> None:
    path = geofiles.geojson(tmp_path / "a.geojson", [village("A", square())])

    last, _printed = refused("import_boundaries", path, *words)

    assert line in last
    assert in_force() == []


def test_every_kind_of_fault_has_a_word() -> None:
    from geodata import assets, faults  # noqa: PLC0415  read as text here, not used

    text = Path(faults.__file__).read_text() + Path(assets.__file__).read_text()

    assert [kind for kind in KINDS if f'"{kind}"' not in text] == []


@pytest.fixture
def bojonegoro() -> City:
    """The regency whose street lamps are a real list."""
    return make.city(
        slug="bojonegoro", prefix="BJN", zone="Asia/Jakarta", metric_srid=32749, extent=BOJONEGORO
    )


def test_a_list_of_lamps_with_faults_is_refused_by_default(
    shared_data: Path, bojonegoro: City
) -> None:
    path = shared_data / "assets-lpju-bojonegoro" / "lampu_jalan_bojonegoro.csv"

    last, printed = refused("import_assets", path, "--layer", "lamp", "--city", bojonegoro.slug)

    assert last.startswith("Ditolak: 479 masalah, tidak ada yang dimuat")
    assert "baris 9342 · KEN - PGT4 4A14" in printed
    assert "111.98264, 7.23633: lintang tanpa tanda minus?" in printed
    assert not Asset.objects.exists()


def test_the_sound_lamps_load_and_the_others_go_to_a_file(
    shared_data: Path, bojonegoro: City, tmp_path: Path
) -> None:
    path = shared_data / "assets-lpju-bojonegoro" / "lampu_jalan_bojonegoro.csv"
    rejects = tmp_path / "ditolak.csv"

    printed = run(
        "import_assets", path, "--layer", "lamp", "--city", bojonegoro.slug, "--accept-errors",
        "--rejects", rejects,
    )  # fmt: skip

    assert Asset.objects.filter(city=bojonegoro, layer="lamp").count() == 13_780
    assert "43 baris ditolak" in printed
    assert "436 masalah diterima" in printed
    rows = list(csv.DictReader(StringIO(rejects.read_text())))
    assert len(rows) == 43
    assert (rows[0]["baris"], rows[0]["nilai"]) == ("113", "11.0, 958268000000000.0")
    assert all(row["alasan"] for row in rows)
    assert len(in_force("lamp")[0].accepted) == 479


def test_the_roads_of_denpasar_load_but_for_the_rows_that_say_nothing(shared_data: Path) -> None:
    path = shared_data / "roads-denpasar" / "jalan_kota_denpasar_pu2014.geojson"

    refused("import_assets", path, "--layer", "road")
    run(
        "import_assets", path, "--layer", "road", "--accept-errors", "--owner", "Dinas PUPR",
        "--valid-from", "2014-01-01", "--date", "2014-12-31", "--dataset", "pu2014",
    )  # fmt: skip

    roads = Asset.objects.filter(layer="road")
    assert (roads.count(), set(roads.values_list("road_class", "owner"))) == (
        1369, {("city", "Dinas PUPR")},
    )  # fmt: skip
    assert str(in_force("road")[0].source_date) == "2014-12-31"


def test_an_asset_dry_run_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "lampu.csv").write_text("nomor,lon,lat\nA1,115.2,-8.65\n")

    printed = run("import_assets", tmp_path / "lampu.csv", "--layer", "lamp", "--dry-run")

    assert "1 baris lamp" in printed
    assert not Edition.objects.exists()


@pytest.mark.parametrize("layer", ["village", "Lamp", "a;b"])
def test_a_layer_that_is_a_level_or_no_word_is_refused(tmp_path: Path, layer: str) -> None:
    (tmp_path / "lampu.csv").write_text("nomor,lon,lat\nA1,115.2,-8.65\n")

    last, _printed = refused("import_assets", tmp_path / "lampu.csv", "--layer", layer)

    assert "bukan nama tingkat wilayah" in last
