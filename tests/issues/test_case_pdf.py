"""A case on paper: readable, titled, and silent about who reported."""

import io

import pytest
from pypdf import PdfReader

from issues.workflow import Step
from tests import make
from tests.issues import office

pytestmark = pytest.mark.django_db


def printed(client, issue):
    answer = client.get(f"/kerja/laporan/{issue.number}/cetak.pdf")
    assert answer["Content-Type"] == "application/pdf"
    return PdfReader(io.BytesIO(answer.content))


def words(pdf):
    return " ".join(page.extract_text() for page in pdf.pages)


@pytest.fixture(autouse=True)
def _quiet(recwarn):
    """The typesetter's own libraries warn of what they will drop."""


def test_a_case_is_printed_with_what_the_office_knows(client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    issue = make.issue(name="Ni Luh Sari", email="luh@contoh.example", steps=[Step.ACCEPT])
    office.photo(issue)

    pdf = printed(office.liaison(client), issue)

    said = words(pdf)
    assert issue.number in said
    assert "Lampu jalan mati sejak tiga malam" in said
    assert "Ni Luh" not in said
    assert "luh@contoh" not in said


def test_a_screen_reader_finds_title_language_and_headings(client):
    issue = make.issue()

    pdf = printed(office.liaison(client), issue)

    assert issue.number in pdf.metadata.title
    assert pdf.trailer["/Root"]["/Lang"] == "id"
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]


def test_another_department_prints_nothing(client):
    issue = make.issue()

    answer = office.liaison(client, "PUPR").get(f"/kerja/laporan/{issue.number}/cetak.pdf")

    assert answer.status_code == 404
