"""Spreadsheets of points: whatever a spreadsheet program writes, and where the line is."""

from pathlib import Path

import pytest

from geodata import sheets
from geodata.errors import UnreadableFile


def sheet(tmp_path: Path, text: str, *, encoding: str = "utf-8") -> Path:
    """Write a CSV."""
    path = tmp_path / "lampu.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    "text",
    [
        "nomor,lon,lat\nA1,115.2,-8.65\n",
        "nomor,lon,lat\r\nA1,115.2,-8.65\r\n",
        "nomor;Bujur;Lintang\nA1;115,2;-8,65\n",
        "nomor\tlongitude\tlatitude\nA1\t115.2\t-8.65\n",
        'nomor,LAT,LNG\n"A1",-8.65, 115.2\n',
    ],
)
def test_commas_semicolons_and_tabs_are_read(tmp_path: Path, text: str) -> None:
    layer = sheets.read(sheet(tmp_path, text))

    point = layer.frame.geometry[0]
    assert (point.x, point.y, layer.frame["nomor"][0]) == (115.2, -8.65, "A1")
    assert (layer.crs, layer.frame.crs.to_epsg(), layer.notes) == ("EPSG:4326", 4326, ())


def test_a_byte_order_mark_is_no_part_of_the_heading(tmp_path: Path) -> None:
    path = sheet(tmp_path, "nomor,lon,lat\nA1,115.2,-8.65\n", encoding="utf-8-sig")

    assert "nomor" in sheets.read(path).frame


def test_another_encoding_is_read_with_a_note(tmp_path: Path) -> None:
    layer = sheets.read(sheet(tmp_path, "nama,lon,lat\nCafé,115.2,-8.65\n", encoding="cp1252"))

    assert layer.frame["nama"][0] == "Café"
    assert len(layer.notes) == 1


def test_lines_are_counted_as_an_editor_shows_them(tmp_path: Path) -> None:
    path = sheet(tmp_path, 'nomor,lon,lat\nA1,115.2,-8.65\n\n"A\n2",115.2,-8.66\nA3,x,y\n')

    assert list(sheets.read(path).frame["row"]) == [2, 5, 6]


@pytest.mark.parametrize("cells", ["x,-8.65", ",-8.65", "nan,-8.65", "inf,-8.65", "115.2,"])
def test_a_cell_that_is_no_number_is_kept_as_typed(tmp_path: Path, cells: str) -> None:
    frame = sheets.read(sheet(tmp_path, f"nomor,lon,lat\nA1,{cells}\n")).frame

    assert (frame.geometry[0], frame["fault"][0]) == (None, "koordinat bukan angka")
    assert frame["value"][0] == ", ".join(cells.split(","))


def test_a_row_with_too_many_cells_says_so(tmp_path: Path) -> None:
    frame = sheets.read(sheet(tmp_path, "nomor,lon,lat\nA1,115,2,-8,65\n")).frame

    assert frame["fault"][0] == "5 kolom, seharusnya 3"


def test_metres_are_read_in_the_crs_that_the_operator_names(tmp_path: Path) -> None:
    layer = sheets.read(sheet(tmp_path, "nomor,x,y\nA1,302000,9043000\n"), crs="EPSG:32750")

    point = layer.frame.geometry[0]
    assert (point.x, point.y) == pytest.approx((115.2, -8.65), abs=0.05)
    assert layer.crs == "EPSG:32750"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nomor,lon,lat\n",
        "nomor,a,b\n1,2,3\n",
        "lon,lon,lat\n1,2,3\n",
        'a,lon,lat\n"x' + "y" * 140_000,
    ],
)
def test_what_is_no_table_of_points_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnreadableFile):
        sheets.read(sheet(tmp_path, text))


def test_columns_may_be_named(tmp_path: Path) -> None:
    path = sheet(tmp_path, "timur,utara\n115.2,-8.65\n")

    assert sheets.read(path, lon_field="timur", lat_field="utara").frame.geometry[0].x == 115.2
