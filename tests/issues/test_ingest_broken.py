"""Files that are cut, swollen or made to hurt: a row is refused or a sentence said, no more."""

import csv
import gzip
import json
import struct
import zipfile
from datetime import UTC, datetime

import openpyxl
import psycopg
import pytest
from django.core.management import CommandError
from django.db import connection

from issues.heat import SOURCES
from issues.ingest import values
from issues.ingest.readers import UnreadableRows, features, open_rows, table, workbook
from issues.models import Issue
from tests import make
from tests.issues.test_ingest_files import HEADING, feature, load, mapping, row
from tests.issues.test_ingest_files import table as write
from tests.issues.test_ingest_samples import count, rejects

POINT = {"type": "Point", "coordinates": [115.205, -8.655]}
COLUMNS = {"external_id": "id", "category": "jenis", "description": "isi", "status": "status"}
COLUMNS |= {"received": "terima", "closed": "selesai"}


@pytest.fixture
def city(db):
    return make.world()


def read(path):
    return list(open_rows(path, ["id"], options={}).rows(lambda _read: None))


def collection(folder, *found):
    path = folder / "lama.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": found}))
    return path


def sheet(folder, *rows):
    book = openpyxl.Workbook()
    for cells in rows:
        book.active.append(cells)
    book.save(folder / "lama.xlsx")
    return folder / "lama.xlsx"


def changed(path, name, change):
    """Write one part of an archive anew."""
    with zipfile.ZipFile(path) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    parts[name] = change(parts.get(name, b""))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts.items():
            archive.writestr(part, content)


# Dates -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["terima", "selesai"])
@pytest.mark.parametrize("day", ["0001-01-02", "1926-01-03", "1999-12-31 23:59"])
def test_a_date_before_the_first_year_is_refused_with_its_line(city, tmp_path, name, day):
    bad, path = row(id="K-2", **{name: day}), tmp_path / "ditolak.csv"
    load(write(tmp_path, row(), bad), mapping(tmp_path), rejects=path)
    line, words = rejects(path)["K-2"]
    assert (line, Issue.objects.count()) == (3, 1)
    assert f"tanggal terlalu tua: {day}" in words


def test_the_mapping_says_which_year_is_the_first(city, tmp_path):
    old = row(terima="1998-01-03 00:00", selesai="1998-01-04 00:00")
    load(write(tmp_path, old), mapping(tmp_path, dates={"first_year": 1998}))
    assert Issue.objects.get().number == "DPS-98-000001"


@pytest.mark.parametrize("year", [1, 1926, 2100, "lama", True])
def test_a_first_year_that_numbers_cannot_tell_is_a_wrong_mapping(city, tmp_path, year):
    with pytest.raises(CommandError, match="first_year"):
        load(write(tmp_path, row()), mapping(tmp_path, dates={"first_year": year}))


# GeoJSON -----------------------------------------------------------------------------------


def test_geojson_that_ends_after_a_feature_is_not_whole(tmp_path):
    path = collection(tmp_path, feature("K-1", POINT), feature("K-2", POINT))
    path.write_text(path.read_text().removesuffix("]}"))
    with pytest.raises(UnreadableRows, match="terpotong"):
        read(path)


def test_features_by_the_line_need_no_end(tmp_path):
    path = tmp_path / "lama.geojson"
    lines = [json.dumps(feature(name, POINT)) for name in ("K-1", "K-2")]
    path.write_text("\x1e" + "\n\x1e".join(lines) + "\n")
    assert [raw.cells["id"] for raw in read(path)] == ["K-1", "K-2"]


@pytest.mark.parametrize("strange", [None, 7, "x", [1], {"properties": [1]}, {"properties": "x"}])
def test_what_is_no_feature_is_refused_at_its_place(tmp_path, strange):
    first, second, third = read(
        collection(tmp_path, feature("K-1", POINT), strange, feature("K-3", POINT))
    )
    assert [fault.code for fault in second.faults] == ["feature"]
    assert (second.line, third.line, third.cells["id"]) == (2, 3, "K-3")
    assert not first.faults


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf"), 10**400])
def test_coordinates_that_are_not_finite_cost_their_row_alone(city, tmp_path, number):
    bad = {"type": "Point", "coordinates": [number, -8.655]}
    path = collection(tmp_path, feature("K-1", POINT), feature("K-2", bad))
    report = load(path, mapping(tmp_path, columns=COLUMNS))
    assert (count("koordinat bukan angka", report), count("Dimuat", report)) == (1, 1)


def test_a_place_is_finite():
    nowhere = values.place(115.2, float("nan"), (115.1, -8.8, 115.3, -8.5), correct=True)
    assert nowhere.fault.code == "not_number"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[" * 100_000, "bersarang terlalu dalam"),
        ('{"properties": {"id": ' + "9" * 5000 + "}}", "rusak"),
    ],
)
def test_json_that_no_reader_can_hold_is_one_sentence(tmp_path, text, words):
    path = tmp_path / "lama.geojson"
    path.write_text('{"type": "FeatureCollection", "features": [' + text)
    with pytest.raises(UnreadableRows, match=words):
        list(features.opened(path, ["id"], {}).rows(lambda _read: None))


# GeoParquet --------------------------------------------------------------------------------


def test_a_point_that_is_nowhere_or_cut_costs_its_row_alone(city, tmp_path):
    arrow = pytest.importorskip("pyarrow", reason="pyarrow: requirements-analysis.txt")
    parquet = pytest.importorskip("pyarrow.parquet")
    rows = [row(), row(id="K-2"), row(id="K-3")]
    cells = {
        name: list(found) for name, found in zip(HEADING, zip(*rows, strict=True), strict=True)
    }
    whole = struct.pack("<BIdd", 1, 1, 115.205, -8.655)
    wkb = [whole, struct.pack("<BIdd", 1, 1, float("nan"), float("nan")), whole[:9]]
    about = {"primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB"}}}
    found = arrow.table(cells | {"geometry": wkb})
    found = found.replace_schema_metadata({"geo": json.dumps(about)})
    parquet.write_table(found, tmp_path / "lama.parquet")
    rejected = tmp_path / "ditolak.csv"
    mapped = mapping(tmp_path, columns=COLUMNS)
    load(tmp_path / "lama.parquet", mapped, rejects=rejected)
    assert {name: words for name, (_line, words) in rejects(rejected).items()} == {
        "K-2": "koordinat bukan angka: nan, nan",
        "K-3": "bukan titik",
    }


# XLSX --------------------------------------------------------------------------------------


def test_a_sheet_that_is_cut_is_one_sentence(tmp_path):
    path = sheet(tmp_path, ["id"], *(["K"] for _row in range(2000)))
    changed(path, "xl/worksheets/sheet1.xml", lambda xml: xml[: len(xml) // 2])
    with pytest.raises(UnreadableRows, match="lembar terpotong"):
        read(path)


def test_a_workbook_that_would_fill_the_memory_is_not_opened(tmp_path):
    path = sheet(tmp_path, ["id"], ["K-1"])
    changed(path, "xl/sharedStrings.xml", lambda _xml: b" " * (workbook.SMALL + 1))
    with pytest.raises(UnreadableRows, match="simpan sebagai CSV"):
        read(path)


def test_a_workbook_larger_than_the_limit_is_not_opened(tmp_path, monkeypatch):
    path = sheet(tmp_path, ["id"], ["K-1"])
    assert len(read(path)) == 1
    monkeypatch.setattr(workbook, "MOST_BYTES", 1000)
    with pytest.raises(UnreadableRows, match="terlalu besar"):
        read(path)


# CSV ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("letters", "is_read"), [(200_000, True), (1_100_000, False)])
def test_a_heading_may_be_as_long_as_a_cell(tmp_path, letters, is_read):
    path = tmp_path / "lama.csv"
    path.write_text("id," + "x" * letters + "\nK-1,\n")
    if is_read:
        assert [raw.cells["id"] for raw in read(path)] == ["K-1"]
    else:
        with pytest.raises(UnreadableRows, match="baris 1 tidak terbaca"):
            read(path)
    assert csv.field_size_limit() < table.MOST_LETTERS


def test_a_line_without_end_is_not_read_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(table, "LONGEST", 1000)
    path = tmp_path / "lama.csv"
    path.write_text("id\nK-1\n" + "," * 2000)
    with pytest.raises(UnreadableRows, match="baris 3 tidak terbaca"):
        read(path)


@pytest.mark.parametrize(("encoding", "found"), [("utf-8", "utf-8"), ("cp1252", "cp1252")])
def test_the_encoding_is_found_out_piece_by_piece(tmp_path, monkeypatch, encoding, found):
    monkeypatch.setattr(table, "PIECE", 8)
    path = tmp_path / "lama.csv"
    path.write_text("id\nééééxéééééxxéééééé\né", encoding=encoding)
    assert open_rows(path, ["id"], options={}).notes[0] == f"Pengodean: {found}"


@pytest.mark.parametrize("cut", [False, True])
def test_what_is_not_packed_or_cut_off_is_one_sentence(tmp_path, cut):
    path = tmp_path / "lama.csv.gz"
    path.write_bytes(gzip.compress(b"id\nK-1\n" * 99)[:-9] if cut else b"id\nK-1\n")
    with pytest.raises(UnreadableRows, match="gz rusak"):
        read(path)


# Photos, and the end -----------------------------------------------------------------------


def test_a_photo_whose_name_no_file_can_have_is_refused(city, tmp_path):
    (tmp_path / "foto").mkdir()
    path, mapped = tmp_path / "ditolak.csv", mapping(tmp_path, photos={"folder": "foto"})
    load(write(tmp_path, row(foto="a" * 300 + ".jpg")), mapped, rejects=path)
    assert "tidak ada di folder foto" in rejects(path)["K-1"][1]


@pytest.fixture
def beside(city):
    """Another session of the database."""
    params = connection.get_connection_params()
    names = ("dbname", "user", "password", "host", "port")
    with psycopg.connect(**{name: params[name] for name in names if params.get(name)}) as found:
        yield found


def test_an_import_does_not_wait_for_another_folder(tmp_path, beside):
    for source in SOURCES:
        beside.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"heat {source.name}"]
        )
    started = datetime.now(UTC)
    report = load(write(tmp_path, row()), mapping(tmp_path))
    assert "kemudian" not in report
    assert (datetime.now(UTC) - started).total_seconds() < 5


def test_the_reports_are_there_though_the_end_fails(tmp_path, beside):
    beside.execute("LOCK TABLE issues_event IN SHARE UPDATE EXCLUSIVE MODE")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '100ms'")
    path = tmp_path / "ditolak.csv"
    report = load(write(tmp_path, row(), row(id="K-2", isi="")), mapping(tmp_path), rejects=path)
    assert count("Dimuat", report) == 1
    assert "Hitungan peta dirapikan kemudian" in report
    assert list(rejects(path)) == ["K-2"]
