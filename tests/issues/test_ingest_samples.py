"""The 311 samples of three cities behave as their README says."""

import csv
from io import StringIO

import pytest
from django.core.management import call_command

from issues.ingest import staging
from issues.invariants import TRUTHS
from issues.models import Event, Issue, Origin, PublicDetail
from tests.issues import elsewhere

pytestmark = pytest.mark.django_db


@pytest.fixture
def samples(shared_data):
    return shared_data / "complaints-311-samples"


@pytest.fixture
def boston(db):
    return elsewhere.city("boston")


def load(path, mapping, city, **options):
    out = StringIO()
    call_command("import_issues", path, mapping=mapping, city=city.slug, stdout=out, **options)
    return out.getvalue()


def count(words, report):
    """Read one number of a report."""
    lines = [line.strip() for line in report.splitlines()]
    found = next((line for line in lines if line.startswith(words)), "0")
    return int(found.split()[-1].replace(".", ""))


def broken():
    return [(truth.name, str(one)) for truth in TRUTHS for one in truth.find(None)]


def rejects(path):
    with path.open(encoding="utf-8", newline="") as file:
        return {row["id"]: (int(row["baris"]), row["alasan"]) for row in csv.DictReader(file)}


def test_a_hundred_cases_of_boston_come_in_whole(samples, boston, tmp_path):
    mapping = elsewhere.boston(tmp_path, place={"bad": "unplaced"})
    report = load(samples / "boston311-100.csv", mapping, boston)
    assert "Pengodean: utf-8" in report
    assert count("Dimuat", report) == 100
    assert count("Tempat dibuang", report) == 19
    assert Issue.objects.filter(status="resolved", closed_at__isnull=False).count() == 85
    assert broken() == []


def test_the_town_hall_where_a_form_puts_its_pin_is_no_place(samples, boston, tmp_path):
    path = tmp_path / "ditolak.csv"
    report = load(samples / "boston311-100.csv", elsewhere.boston(tmp_path), boston, rejects=path)
    assert count("titik bawaan", report) == count("Ditolak", report) == 19
    line, reason = rejects(path)["101004143000"]
    assert line == 2
    assert "19 × 42.3594, -71.0587" in reason


def test_tabs_part_cells_as_commas_do(samples, boston, tmp_path):
    report = load(samples / "boston311-100.tab", elsewhere.boston(tmp_path), boston, dry_run=True)
    assert "Pemisah: tab" in report
    assert count("Baris dibaca", report) == 100


def test_a_torn_row_is_refused_with_its_line(samples, boston, tmp_path):
    path = tmp_path / "ditolak.csv"
    mapping = elsewhere.boston(tmp_path)
    report = load(samples / "boston311-100-bad.tsv", mapping, boston, dry_run=True, rejects=path)
    assert count("jumlah kolom keliru", report) == 1
    line, reason = rejects(path)["101004113615"]
    assert line == 41
    assert "seharusnya 29" in reason


def test_days_before_months_need_their_format(samples, boston, tmp_path):
    file = samples / "boston311-dmy-100.csv"
    mapping = elsewhere.boston(tmp_path)
    assert count("tanggal tidak terbaca", load(file, mapping, boston, dry_run=True)) == 100
    formats = {"formats": ["%d/%m/%Y %H:%M:%S"]}
    mapping = elsewhere.boston(tmp_path, dates=formats, place={"bad": "unplaced"})
    load(file, mapping, boston)
    assert Issue.objects.get(origin__external_id="101004143000").received_at.month == 1


def test_letters_beyond_ascii_arrive(samples, boston, tmp_path):
    load(samples / "boston311-100-with-nonascii.csv", elsewhere.boston(tmp_path), boston)
    assert Event.objects.filter(note__contains="Dëad rat").exists()
    assert Issue.objects.filter(address__contains="Sàratoga").exists()


def test_twenty_doubles_come_in_once(samples, boston, tmp_path):
    mapping = elsewhere.boston(tmp_path, place={"bad": "unplaced"})
    report = load(samples / "boston311-100-20dupes-random.csv", mapping, boston)
    assert count("ID kembar", report) == 20
    assert count("Dimuat", report) == Origin.objects.count() == 80


def test_what_may_name_a_person_waits_for_a_review(samples, boston, tmp_path):
    mapping = elsewhere.boston(tmp_path, public=True, place={"bad": "unplaced"})
    report = load(samples / "boston311-100-with-fake-pii.csv", mapping, boston)
    shown = " ".join(str(page.timeline) + page.text for page in PublicDetail.objects.all())
    assert count("Teks menunggu tinjauan", report) >= 1
    assert "@" not in shown
    assert Event.objects.filter(step="note", note__contains="@").exists()


SF = {
    "source": "sf311",
    "columns": {
        "external_id": "unique_key",
        "category": "category",
        "description": ["complaint_type", "descriptor"],
        "lat": "latitude",
        "lon": "longitude",
        "address": "incident_address",
        "status": "status",
        "received": "created_date",
        "closed": "closed_date",
        "note": "status_notes",
    },
    "values": {
        "category": {"Street Defects": "jalan-rusak"},
        "status": {"Open": "submitted", "Closed": "resolved"},
    },
    "otherwise": {"category": "lainnya", "department": "UMUM"},
}


def test_san_francisco_has_43_percent_at_zero_and_17_closed_before_they_were_opened(
    samples, tmp_path
):
    city = elsewhere.city("sanfrancisco")
    mapping = elsewhere.mapping(tmp_path, **SF)
    report = load(samples / "sf311_10k.csv.gz", mapping, city, dry_run=True)
    assert count("Baris dibaca", report) == 10_000
    assert count("koordinat 0/0", report) == 4264
    assert count("tanggal sebelum diterima", report) == 17
    assert not Issue.objects.exists()


NYC = {
    "source": "nyc311",
    "columns": {
        "external_id": "Unique Key",
        "category": "Complaint Type",
        "description": ["Complaint Type", "Descriptor"],
        "x": "X Coordinate (State Plane)",
        "y": "Y Coordinate (State Plane)",
        "address": "Incident Address",
        "status": "Status",
        "received": "Created Date",
        "closed": "Closed Date",
    },
    "place": {"crs": "EPSG:2263"},
    "dates": {"formats": ["%m/%d/%Y %I:%M:%S %p"]},
    "values": {"status": {"Open": "submitted", "Closed": "resolved", "In Progress": "in_progress"}},
    "otherwise": {"category": "lainnya", "department": "UMUM"},
}


def test_new_york_comes_in_from_its_state_plane(samples, tmp_path):
    city = elsewhere.city("newyork")
    mapping = elsewhere.mapping(tmp_path, **NYC)
    report = load(samples / "nyc311_2022_sample.csv.gz", mapping, city)
    assert count("Dimuat", report) == 924
    assert count("Tanpa titik", report) == 11
    issue = Issue.objects.get(origin__external_id="54049402")
    assert issue.point.coords == pytest.approx((-73.92308231, 40.83065332), abs=1e-5)
    assert issue.received_at.isoformat() == "2022-05-01T04:00:03+00:00"
    assert staging.summary().read == 924
