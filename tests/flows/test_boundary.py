"""The walk of a border: a file and its faults, a new edition, the issues that move, their pages."""

from io import StringIO
from pathlib import Path

import pytest
import shapely
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from geodata.models import Edition, Level
from issues.invariants import TRUTHS
from issues.models import Issue, PublicIssue
from tests import make
from tests.geodata import geofiles

WEST, EAST = make.LON - make.SIDE, make.LON + make.SIDE
SOUTH, NORTH = make.LAT - make.SIDE, make.LAT + make.SIDE


@pytest.fixture
def lamp():
    """A lamp just east of the border between 1.1 and 1.2."""
    for code in ("1.1", "1.2"):
        make.rule(
            f"lampu-{code}",
            to=f"D{code[-1]}",
            service_code="lpju",
            level=Level.VILLAGE,
            area_code=code,
        )
    return make.issue(lon=make.LON + 0.002, email="wayan@example.com", consent=True)


def villages(path: Path, *, border: float, overlap: float = 0) -> Path:
    """Draw the four villages with the border between west and east at a longitude."""
    boxes = {
        "1.1": (WEST, make.LAT, border + overlap, NORTH),
        "1.2": (border, make.LAT, EAST, NORTH),
        "2.1": (WEST, SOUTH, border + overlap, make.LAT),
        "2.2": (border, SOUTH, EAST, make.LAT),
    }
    return geofiles.geojson(
        path, [geofiles.village(code, shapely.box(*box)) for code, box in boxes.items()]
    )


def load(path: Path, *words: str) -> str:
    out = StringIO()
    call_command("import_boundaries", str(path), "--level", "desa", *words, stdout=out)
    return out.getvalue()


def test_a_new_border_moves_what_lies_between(lamp, tmp_path, work):
    work()
    mail.outbox.clear()
    path = villages(tmp_path / "baru.geojson", border=make.LON + 0.005)

    preview = load(path, "--dry-run", "--source", "Perda 1/2026")
    unmoved = Issue.objects.get(pk=lamp.pk).department.code
    load(path, "--source", "Perda 1/2026")
    work()

    moved = Issue.objects.get(pk=lamp.pk)
    assert "berpindah: 1" in preview
    assert (unmoved, moved.department.code) == ("D2", "D1")
    assert PublicIssue.objects.get(pk=lamp.pk).department.code == "D1"
    assert moved.decisions.last().edition.source == "Perda 1/2026"
    assert "Perda 1/2026" in Client().get(f"/laporan/{lamp.number}").content.decode()
    assert sorted(letter.to[0] for letter in mail.outbox) == [
        "d1@kota.example",
        "wayan@example.com",
    ]
    assert [str(one) for truth in TRUTHS for one in truth.find(None)] == []


def test_the_same_border_again_moves_nothing(lamp, tmp_path):
    load(villages(tmp_path / "sama.geojson", border=make.LON), "--source", "sama")

    assert Issue.objects.get(pk=lamp.pk).version == lamp.version


def test_a_file_whose_areas_overlap_loads_nothing(lamp, tmp_path):
    before = list(Edition.objects.current().values_list("pk", flat=True))
    path = villages(tmp_path / "tumpang.geojson", border=make.LON + 0.005, overlap=0.001)

    with pytest.raises(CommandError):
        load(path)

    assert list(Edition.objects.current().values_list("pk", flat=True)) == before
    assert Issue.objects.get(pk=lamp.pk).department.code == "D2"


def test_a_report_after_the_change_follows_the_new_border(lamp, tmp_path):
    load(villages(tmp_path / "baru.geojson", border=make.LON + 0.005), "--source", "baru")

    answer = (
        Client()
        .get(
            "/api/route",
            {"lon": make.LON + 0.002, "lat": make.LAT + 0.01, "service_code": "lpju-mati"},
        )
        .json()
    )

    assert answer["department"]["code"] == "D1"
    assert answer["area"]["edition"] == "baru"
