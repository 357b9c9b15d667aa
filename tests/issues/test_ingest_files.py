"""Files of every kind, with everything that can be wrong in them."""

import csv
import json
import struct
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import openpyxl
import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from procrastinate.contrib.django.models import ProcrastinateJob

from geodata.models import Level
from issues import actions
from issues.ingest import mapping as mappings
from issues.invariants import TRUTHS
from issues.models import Issue, Photo, PublicDetail, Series
from issues.workflow import Role, Step
from tests import make
from tests.issues import elsewhere, photo_corpus
from tests.issues.test_ingest_samples import count, rejects

pytestmark = pytest.mark.django_db

HEADING = ["id", "jenis", "isi", "lat", "lon", "status", "terima", "selesai", "catatan", "foto"]
GOOD = ["K-1", "lpju-mati", "Lampu mati", "-8.655", "115.205", "selesai"]
GOOD += ["2024-01-03 09:00", "2024-01-05 10:00", "Sudah diganti", ""]


@pytest.fixture
def city(db):
    return make.world()


@pytest.fixture
def folder(tmp_path):
    return tmp_path


def mapping(folder, **more):
    sections = {
        "source": "lama",
        "columns": {
            "external_id": "id",
            "category": "jenis",
            "description": "isi",
            "lat": "lat",
            "lon": "lon",
            "status": "status",
            "received": "terima",
            "closed": "selesai",
            "note": "catatan",
            "photos": "foto",
        },
        "values": {"status": {"selesai": "resolved", "baru": "submitted", "jalan": "in_progress"}},
    }
    return elsewhere.mapping(folder, **(sections | more))


def row(**cells):
    """A good row, but for the given cells."""
    return [cells.get(name, value) for name, value in zip(HEADING, GOOD, strict=True)]


def table(folder, *rows, name="lama.csv", encoding="utf-8", delimiter=","):
    path = folder / name
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows([HEADING, *rows])
    return path


def load(path, mapped, **options):
    out = StringIO()
    call_command("import_issues", path, mapping=mapped, stdout=out, **options)
    return out.getvalue()


def broken():
    return [(truth.name, str(one)) for truth in TRUTHS for one in truth.find(None)]


def test_an_imported_issue_is_like_one_that_was_reported_here(city, folder):
    load(table(folder, row()), mapping(folder))
    issue = Issue.objects.get()
    steps = [(event.step, event.at.date().isoformat()) for event in issue.events.all()]
    assert steps == [
        ("submit", "2024-01-03"),
        ("assign", "2024-01-03"),
        ("resolve", "2024-01-05"),
        ("note", "2024-01-05"),
    ]
    assert issue.number == "DPS-24-000001"
    assert Series.objects.get().last == 1
    assert broken() == []
    make.take(issue, Step.REOPEN, actor=make.user(Role.DISPATCHER))
    assert broken() == []


def test_nobody_is_told_of_the_past(city, folder, mailoutbox):
    jobs = ProcrastinateJob.objects.count()
    load(table(folder, row()), mapping(folder))
    assert ProcrastinateJob.objects.count() == jobs
    assert not mailoutbox


def test_what_was_loaded_is_known_the_next_time(city, folder):
    path, mapped = table(folder, row(), row(id="K-2")), mapping(folder)
    load(path, mapped)
    table(folder, row(isi="lain"), row(id="K-2"), row(id="K-3"))
    report = load(path, mapped)
    assert (count("Sudah ada", report), count("Dimuat", report)) == (2, 1)
    assert Issue.objects.get(origin__external_id="K-1").description == "Lampu mati"


def test_a_dry_run_says_the_same_and_writes_nothing(city, folder):
    path, mapped = table(folder, row(), row(id="K-2", lat="x")), mapping(folder)
    dry = load(path, mapped, dry_run=True)
    assert not Issue.objects.exists()
    assert not Series.objects.exists()
    wet = load(path, mapped)
    assert [line for line in dry.splitlines() if "Percobaan" not in line] == wet.splitlines()


BAD = {
    "formula": ("id", "", "tanpa ID"),
    "category": ("jenis", "sihir", "kategori tidak dikenal: sihir"),
    "words": ("isi", "", "tanpa keterangan"),
    "long": ("isi", "a" * 10_001, "terlalu panjang"),
    "nul": ("isi", "a\0b", "karakter kendali: description U+0000"),
    "zero": ("lat", "0", "bukan angka"),
    "status": ("status", "hilang", "status tidak dikenal: hilang"),
    "undated": ("terima", "", "tanpa tanggal diterima"),
    "date": ("terima", "kemarin", "tanggal tidak terbaca: kemarin"),
    "torn": ("terima", "kemarin\x1f\0\x1e", "tanggal tidak terbaca: kemarin"),
    "future": ("selesai", "2999-01-01", "tanggal di masa depan"),
    "order": (
        "selesai",
        "2023-01-01",
        "tanggal sebelum diterima: selesai 2023-01-01 00:00 < 2024-01-03 09:00",
    ),
    "open": ("status", "jalan", "masih terbuka, tetapi bertanggal selesai"),
    "endless": ("selesai", "", "ditutup tanpa tanggal"),
    "swapped": ("lat", "115.205", "tertukar"),
}


@pytest.mark.parametrize(("name", "cell", "reason"), BAD.values(), ids=BAD)
def test_every_fault_is_named_with_its_line(city, folder, name, cell, reason):
    bad = row(id="K-2") if name == "id" else row(id="K-2", **{name: cell})
    if name == "id":
        bad[0] = ""
    if reason == "bukan angka":
        bad[HEADING.index("lat")] = "utara"
    if reason == "tertukar":
        bad[HEADING.index("lon")] = "-8.655"
    path = folder / "ditolak.csv"
    load(table(folder, row(), bad), mapping(folder), rejects=path)
    line, words = rejects(path)[bad[0]]
    assert (line, Issue.objects.count()) == (3, 1)
    assert reason in words


DATES = {
    "iso": ({}, "2024-01-03 09:00", "2024-01-0{}"),
    "formats": (
        {"formats": ["%d/%m/%Y %H:%M", "%d/%m/%Y"]},
        "03/01/2024 09:00",
        "0{}/01/2024",
    ),
}


@pytest.mark.parametrize(("dates", "received", "day"), DATES.values(), ids=DATES)
def test_a_day_without_a_time_is_no_earlier_than_its_receipt(city, folder, dates, received, day):
    path = folder / "ditolak.csv"
    rows = [row(id=f"K-{at}", terima=received, selesai=day.format(at)) for at in (2, 3, 4)]
    load(table(folder, *rows), mapping(folder, dates=dates), rejects=path)
    closed = {one.origin.external_id: one.closed_at for one in Issue.objects.all()}
    assert closed == {
        "K-3": datetime(2024, 1, 3, 1, tzinfo=UTC),
        "K-4": datetime(2024, 1, 3, 16, tzinfo=UTC),
    }
    words = "tanggal sebelum diterima: selesai 2024-01-02 00:00 < 2024-01-03 09:00"
    assert rejects(path)["K-2"][1] == words
    assert broken() == []


@pytest.mark.parametrize(("dates", "received", "day"), DATES.values(), ids=DATES)
def test_a_day_without_a_time_is_no_earlier_than_what_was_done_on_it(
    city, folder, dates, received, day
):
    mapped = mapping(folder, dates=dates, history={"in_progress": "catatan"})
    day = day.format(4)
    load(table(folder, row(terima=received, catatan=f"{day} 15:00", selesai=day)), mapped)
    issue = Issue.objects.get()
    assert issue.closed_at == datetime(2024, 1, 4, 7, tzinfo=UTC)
    assert broken() == []


def test_a_time_before_the_receipt_is_refused_also_on_its_day(city, folder):
    path = folder / "ditolak.csv"
    load(table(folder, row(selesai="2024-01-03 08:59")), mapping(folder), rejects=path)
    words = "tanggal sebelum diterima: selesai 2024-01-03 08:59 < 2024-01-03 09:00"
    assert rejects(path)["K-1"][1] == words


def test_the_end_of_time_is_no_date_to_stumble_over(city, folder):
    path = folder / "ditolak.csv"
    load(table(folder, row(terima="9999-12-31T23:30+00:00")), mapping(folder), rejects=path)
    assert "tanggal di masa depan: 9999-12-31T23:30+00:00" in rejects(path)["K-1"][1]


def test_a_day_of_a_workbook_is_no_earlier_than_its_receipt(city, folder):
    book = openpyxl.Workbook()
    local = datetime(2024, 1, 3, 9)  # noqa: DTZ001  a workbook knows no zone
    for cells in (HEADING, row(terima=local, selesai=local.date())):
        book.active.append(cells)
    book.save(folder / "lama.xlsx")
    load(folder / "lama.xlsx", mapping(folder))
    assert Issue.objects.get().closed_at == datetime(2024, 1, 3, 1, tzinfo=UTC)


def test_words_of_a_refused_row_wait_for_nobody(city, folder):
    far = row(id="K-2", lat=str(make.LAT + 5), lon=str(make.LON + 5))
    report = load(table(folder, row(), far), mapping(folder))
    assert (count("Teks menunggu tinjauan", report), count("Ditolak", report)) == (1, 1)


def test_signs_that_mean_something_to_the_database_arrive_as_they_are(city, folder):
    said = '\\N \\. \\t tab\tdan "kutip" {}'
    load(table(folder, row(isi=said, catatan="\\.")), mapping(folder, public=True))
    issue = Issue.objects.get()
    assert issue.description == issue.public_detail.text == said
    assert broken() == []


def test_a_neighbours_complaint_is_refused_with_its_name(city, folder):
    east = make.LON + make.SIDE
    shape = make.square(west=east, south=make.LAT, side=1)
    make.area("9", level=Level.NEIGHBOUR, shape=shape, name="Gianyar", kind="kabupaten")
    path = folder / "ditolak.csv"
    bad = row(lat=str(make.LAT + 0.01), lon=str(east + 0.005))
    load(table(folder, bad), mapping(folder), rejects=path)
    assert "di luar kota: Kabupaten Gianyar" in rejects(path)["K-1"][1]


def test_swapped_axes_are_set_right_where_the_mapping_says_so(city, folder):
    mapped = mapping(folder, place={"swapped": "correct"})
    report = load(table(folder, row(lat="115.205", lon="-8.655")), mapped)
    assert count("Bujur dan lintang dibetulkan", report) == 1
    assert Issue.objects.get().point.coords == (115.205, -8.655)


def test_windows_letters_and_semicolons_are_found_out(city, folder):
    rows = [row(isi="Café rusak", lat="-8,655", lon="115,205")]
    path = table(folder, *rows, encoding="cp1252", delimiter=";")
    report = load(path, mapping(folder))
    assert "Pengodean: cp1252" in report
    assert "Pemisah: ;" in report
    assert Issue.objects.get().description == "Café rusak"


def test_a_mark_before_the_heading_and_lines_within_quotes_are_read(city, folder):
    path = table(folder, row(isi="satu\ndua"), row(id="K-2", isi=""), encoding="utf-8-sig")
    rejected = folder / "ditolak.csv"
    load(path, mapping(folder), rejects=rejected)
    assert Issue.objects.get().description == "satu\ndua"
    assert rejects(rejected)["K-2"][0] == 4


def test_a_broken_letter_in_utf8_costs_its_row_alone(city, folder):
    path = table(folder, row(isi="Café"), row(id="K-2", isi="ÿÿ"), row(id="K-3", isi="Éé"))
    path.write_bytes(path.read_bytes().replace("ÿ".encode(), b"\xff"))
    report = load(path, mapping(folder))
    assert (count("huruf rusak", report), count("Dimuat", report)) == (1, 2)


def test_a_quotation_mark_that_nobody_closes_is_an_error_with_its_line(city, folder):
    path = table(folder, row())
    path.write_text(path.read_text() + 'K-2,"' + "x" * 1_100_000)
    with pytest.raises(CommandError, match="baris 3 tidak terbaca"):
        load(path, mapping(folder))


def test_a_cell_that_computes_is_refused_by_its_name(city, folder):
    book = openpyxl.Workbook()
    sheet = book.active
    local = datetime(2024, 1, 3, 9)  # noqa: DTZ001  a workbook knows no zone
    for cells in (HEADING, row(terima=local), row(id="K-2", isi="=1+1")):
        sheet.append(cells)
    book.save(folder / "lama.xlsx")
    path = folder / "ditolak.csv"
    load(folder / "lama.xlsx", mapping(folder), rejects=path)
    assert "sel berisi rumus: C3" in rejects(path)["K-2"][1]
    assert Issue.objects.get().received_at.isoformat() == "2024-01-03T01:00:00+00:00"


def feature(external_id, geometry, **cells):
    properties = dict(zip(HEADING, row(id=external_id, **cells), strict=True))
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def test_points_come_with_geojson(city, folder):
    point = {"type": "Point", "coordinates": [115.205, -8.655]}
    line = {"type": "LineString", "coordinates": [[115.205, -8.655], [115.2, -8.65]]}
    features = [feature("K-1", point), feature("K-2", line), feature("K-3", None)]
    path = folder / "lama.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}, indent=1))
    columns = {"external_id": "id", "category": "jenis", "description": "isi", "status": "status"}
    mapped = mapping(folder, columns=columns | {"received": "terima", "closed": "selesai"})
    report = load(path, mapped)
    assert (count("bukan titik", report), count("Tanpa titik", report)) == (1, 1)
    assert Issue.objects.get(origin__external_id="K-1").point.coords == (115.205, -8.655)


def test_points_come_with_geoparquet(city, folder):
    arrow = pytest.importorskip("pyarrow", reason="pyarrow: requirements-analysis.txt")
    parquet = pytest.importorskip("pyarrow.parquet")
    cells = {name: [value] for name, value in zip(HEADING, row(), strict=True)}
    wkb = struct.pack("<BIdd", 1, 1, 115.205, -8.655)
    about = {"primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB"}}}
    found = arrow.table(cells | {"geometry": [wkb]}).replace_schema_metadata(
        {"geo": json.dumps(about)}
    )
    parquet.write_table(found, folder / "lama.parquet")
    columns = {"external_id": "id", "category": "jenis", "description": "isi", "status": "status"}
    mapped = mapping(folder, columns=columns | {"received": "terima", "closed": "selesai"})
    load(folder / "lama.parquet", mapped)
    assert Issue.objects.get().point.coords == (115.205, -8.655)


def test_what_was_public_stays_so_and_what_names_a_person_does_not(city, folder):
    private = row(id="K-2", isi="Hubungi 0812 3456 7890", catatan="Pak Made 081234567890")
    load(table(folder, row(), private), mapping(folder, public=True))
    pages = {page.issue.origin.external_id: page for page in PublicDetail.objects.all()}
    assert pages["K-1"].text == "Lampu mati"
    assert "Sudah diganti" in str(pages["K-1"].timeline)
    assert pages["K-2"].text == ""
    assert "0812" not in str(pages["K-2"].timeline)
    assert broken() == []


def test_photos_of_a_folder_wait_for_the_worker_as_all_do(city, folder):
    (folder / "foto").mkdir()
    (folder / "foto" / "a.jpg").write_bytes(photo_corpus.jpeg())
    (folder / "rahasia.jpg").write_bytes(b"no picture")
    rows = [row(foto="a.jpg; ../rahasia.jpg"), row(id="K-2", foto="tidak-ada.jpg")]
    path = folder / "ditolak.csv"
    mapped = mapping(folder, photos={"folder": "foto"})
    report = load(table(folder, *rows), mapped, rejects=path)
    assert (count("Foto diantrekan", report), count("Dimuat", report)) == (1, 2)
    assert "../rahasia.jpg" in rejects(path)["K-1"][1]
    assert rejects(path)["K-2"][1].startswith("dimuat tanpa foto: ")
    photo = Photo.objects.get()
    assert photo.state == Photo.State.WAITING
    assert default_storage.exists(photo.original_path)
    load(table(folder, *rows), mapped)
    assert Photo.objects.count() == 1
    assert ProcrastinateJob.objects.filter(args__photo_id=str(photo.pk)).count() == 1
    assert broken() == []


@pytest.mark.parametrize(
    ("sections", "words"),
    [
        ({"source": ""}, "source"),
        ({"warna": {"a": "b"}}, "bagian tidak dikenal: warna"),
        ({"columns": {"external_id": "id"}}, "kolom belum dipetakan: received"),
        ({"columns": {"external_id": "id", "received": "terima", "lat": "lat"}}, "selalu berdua"),
        ({"values": {"status": {"a": "duplicate"}}}, "nilai tidak dikenal di kota ini: duplicate"),
        ({"dates": {"zone": "Bali/Denpasar"}}, "zona waktu tidak dikenal"),
        ({"place": {"crs": "EPSG:0"}}, "CRS tidak dikenal"),
    ],
)
def test_a_wrong_mapping_is_one_sentence(city, folder, sections, words):
    with pytest.raises(CommandError, match=words):
        load(table(folder, row()), mapping(folder, **sections))


def test_the_example_is_a_mapping(city):
    path = Path(mappings.__file__).with_name("example.toml")
    given = mappings.read(path, city)
    assert given.meaning("category", "LAMPU JALAN MATI") == "lpju-mati"
    assert given.photos == path.parent / "foto"


def test_an_import_sends_the_next_reporter_on_with_the_next_number(city, folder):
    load(table(folder, row()), mapping(folder))
    at = Issue.objects.get().received_at
    assert actions.submit(make.draft(), city=city, at=at).issue.number == "DPS-24-000002"
