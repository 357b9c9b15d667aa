"""The locked room: what it finds in honest files, and what hostile ones cannot do there."""

import json
import re
import struct
import subprocess
import sys
import zipfile

import pytest
import shapely

from geodata import inspection, vectors
from geodata.errors import UnreadableFile
from geodata.inspection import Limits
from geodata.levels import Level
from tests.geodata import geofiles

UTM_50S = 32750
EXTENT = [115.1, -8.8, 115.35, -8.5]
VRT = """<OGRVRTDataSource><OGRVRTLayer name="passwd">
<SrcDataSource>CSV:/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"""


def inspect(path, **options):
    given = {"level": Level.VILLAGE, "metric_srid": UTM_50S, "extent": EXTENT} | options
    return inspection.inspect(path, **given)


def written(tmp_path, name, data):
    path = tmp_path / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def kinds(found):
    return {problem["kind"] for problem in found.problems}


def test_the_room_finds_what_the_command_finds(shared_data):
    path = shared_data / "boundaries-denpasar" / "denpasar_desa.geojson"

    found = inspect(path)

    assert (found.rows, len(found.areas), found.problems, found.crs) == (43, 43, [], "EPSG:4326")
    assert all(drawn.area.valid and drawn.code for drawn in found.areas)


@pytest.mark.parametrize("suffix", [".gpkg", ".zip"])
def test_files_for_gdal_are_read_behind_closed_doors(tmp_path, suffix):
    path = tmp_path / f"desa{suffix}"
    if suffix == ".zip":
        geofiles.shapefile(path, geofiles.pair("EPSG:32750"))
    else:
        geofiles.pair("EPSG:32750").to_file(path, driver="GPKG", engine="pyogrio")

    found = inspect(path)

    assert sorted(drawn.code for drawn in found.areas) == ["A", "B"]
    assert found.areas[0].area.extent[0] == pytest.approx(geofiles.LON, abs=1e-6)


# Faults --------------------------------------------------------------------------------------


def test_a_bow_tie_is_named_and_drawn_as_it_is(tmp_path):
    tie = shapely.Polygon([(115.2, -8.66), (115.21, -8.65), (115.21, -8.66), (115.2, -8.65)])

    found = inspect(geofiles.geojson(tmp_path / "a.geojson", [geofiles.village("A", tie)]))

    assert "invalid" in kinds(found)
    assert [drawn.area.valid for drawn in found.areas] == [False]


def test_an_overlap_has_its_size_and_its_shape(tmp_path):
    cells = [("A", geofiles.square()), ("B", geofiles.square(0.5))]
    rows = [geofiles.village(code, shape) for code, shape in cells]

    found = inspect(geofiles.geojson(tmp_path / "a.geojson", rows))

    [overlap] = [one for one in found.problems if one["kind"] == "overlap"]
    assert shapely.geometry.shape(overlap["shape"]).area == pytest.approx(
        geofiles.SIDE**2 / 2, rel=1e-3
    )


def test_metres_without_a_crs_are_no_areas_and_a_wrong_crs_is_elsewhere(tmp_path):
    metres = json.loads(geofiles.pair("EPSG:32750").to_json())
    del metres["crs"]
    elsewhere = geofiles.shapefile(tmp_path / "b.zip", geofiles.pair("EPSG:32750"))

    as_degrees = inspect(written(tmp_path, "a.geojson", json.dumps(metres)))
    in_france = inspect(elsewhere, crs="EPSG:2154")

    assert as_degrees.areas == []
    assert "metres" in kinds(as_degrees)
    assert kinds(in_france) & {"outside", "outside_city", "metres"}


# Hostile files -------------------------------------------------------------------------------

HOSTILE = {
    "vrt.geojson": VRT,
    "vrt.gpkg": VRT,
    "vrt.zip": VRT,
    "csv.geojson": "CSV:/etc/passwd",
    "vsicurl.json": '{"type": "FeatureCollection", "features": "/vsicurl/http://127.0.0.1:9/x"}',
    "nested.geojson": "[" * 100_000,
    "empty.geojson": b"",
    "sqlite.gpkg": b"SQLite format 3\0" + b"\0" * 52 + b"GPKG" + b"\0" * 30,
    "half.zip": b"PK\x03\x04" + b"\0" * 40,
    "nul.json": b"\0" * 100,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_and_leaks_nothing(tmp_path, name):
    with pytest.raises(UnreadableFile) as refusal:
        inspect(written(tmp_path, name, HOSTILE[name]))

    assert "root:" not in str(refusal.value)


@pytest.mark.parametrize("name", ["../../etc/cron.d/x.shp", "/srv/x.shp", "a/../../x.shp"])
def test_a_zip_that_climbs_writes_nothing_outside(tmp_path, name):
    shp = b"\x00\x00\x27\x0a" + b"\0" * 96
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for suffix in (".shp", ".shx", ".dbf"):
            archive.writestr(name.replace(".shp", suffix), shp)

    with pytest.raises(UnreadableFile):
        inspect(path)

    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.zip"]


def test_a_zip_that_unpacks_to_gigabytes_is_refused(tmp_path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.shp", b"\0" * 60_000_000)

    with pytest.raises(UnreadableFile):
        inspect(path)


def test_too_many_vertices_are_refused_before_they_are_parsed(tmp_path):
    corners = "[115.2,-8.6]," * (2 * vectors.MAX_VERTICES + 10)
    path = written(tmp_path, "a.geojson", corners[: inspection.MAX_BYTES])

    with pytest.raises(UnreadableFile):
        inspect(path)


def test_a_file_over_fifty_megabytes_starts_no_room(tmp_path, monkeypatch):
    path = tmp_path / "a.geojson"
    with path.open("wb") as file:
        file.truncate(inspection.MAX_BYTES + 1)
    monkeypatch.setattr(subprocess, "Popen", None)

    with pytest.raises(UnreadableFile):
        inspect(path)


def test_a_file_that_takes_too_long_is_ended(tmp_path, shared_data):
    path = shared_data / "boundaries-denpasar" / "denpasar_desa.geojson"

    with pytest.raises(UnreadableFile):
        inspect(path, limits=Limits(wall_s=0.5))


# The doors -----------------------------------------------------------------------------------

BEHIND = """
import json, os, pathlib, socket, subprocess, sys
sys.path.insert(0, {root!r})
from geodata import locks
locks.give_up(reads=locks.own_files(), writes={folder!r})
def tried(act):
    try:
        act()
    except OSError as error:
        return type(error).__name__
    return "done"
print(json.dumps({{
    "socket": tried(lambda: socket.socket()),
    "passwd": tried(lambda: open("/etc/passwd").read()),
    "shadow": tried(lambda: os.listdir("/root")),
    "program": tried(lambda: os.execv("/bin/true", ["true"])),
    "outside": tried(lambda: open("/tmp/outside-the-room", "w")),
    "inside": tried(lambda: open({folder!r} + "/inside", "w")),
    "library": tried(lambda: open(os.__file__).read()),
}}))
"""


def test_behind_the_doors_there_is_no_network_no_program_and_no_foreign_file(tmp_path):
    with inspection._folder() as folder:
        text = BEHIND.format(root=str(inspection._ROOM.parent.parent), folder=folder)
        done = subprocess.run(
            [sys.executable, "-I", "-c", text], capture_output=True, text=True, check=True
        )

    tried = json.loads(done.stdout)
    allowed = {name for name, end in tried.items() if end == "done"}
    assert allowed == {"inside", "library"}


TRACED = """
import sys
sys.path.insert(0, {root!r})
import django
from django.conf import settings
settings.configure()
django.setup()
from pathlib import Path
from geodata import inspection
from geodata.levels import Level
inspection.inspect(Path({path!r}), level=Level.VILLAGE, metric_srid=32750, extent=[])
"""


def test_the_kernel_saw_no_connection_and_no_foreign_file(tmp_path):
    """The same by strace, where the machine has it and lets us use it."""
    if subprocess.run(["strace", "-f", "true"], capture_output=True, check=False).returncode:
        pytest.skip("strace is not there or may not trace")
    path, trace = written(tmp_path, "a.geojson", VRT), tmp_path / "trace"
    text = TRACED.format(root=str(inspection._ROOM.parent.parent), path=str(path))
    calls = "trace=connect,openat,execve,write"

    subprocess.run(
        ["strace", "-f", "-o", str(trace), "-e", calls, sys.executable, "-c", text],
        capture_output=True,
        check=False,
    )

    lines = trace.read_text().splitlines()
    room = next(line.split()[0] for line in lines if "boundary_room.py" in line)
    own = [line for line in lines if line.startswith(room)]
    closed = next(at for at, line in enumerate(own) if '"ready' in line)
    behind = own[closed:]
    assert not [line for line in own if "connect(" in line and "AF_INET" in line]
    assert not [line for line in behind if "connect(" in line or "execve(" in line]
    assert not [line for line in behind if re.search(r'openat\(.*"/(etc|root|home|var)/', line)]


# The answer, not believed --------------------------------------------------------------------


def polygon(*corners, order=1, kind=3, rings=1, count=None):
    head = struct.pack("<BII", order, kind, rings)
    ring = struct.pack("<I", len(corners) if count is None else count)
    return head + ring + b"".join(struct.pack("<dd", *corner) for corner in corners)


CORNERS = ((115.0, -8.0), (116.0, -8.0), (116.0, -9.0), (115.0, -8.0))


def test_an_answer_in_range_is_believed():
    assert inspection.is_sane(polygon(*CORNERS))
    assert inspection.is_sane(shapely.MultiPolygon([geofiles.square()]).wkb)


@pytest.mark.parametrize("bad", [1e200, float("nan"), float("inf"), 181.0])
def test_a_number_that_is_no_degree_is_not_believed(bad):
    assert not inspection.is_sane(polygon((bad, -8.0), *CORNERS[1:]))


@pytest.mark.parametrize(
    "wkb",
    [
        b"",
        b"\x01",
        polygon(*CORNERS, count=1_000_000_000),
        polygon(*CORNERS, rings=1_000_000_000),
        polygon(*CORNERS, kind=7),
        polygon(*CORNERS, order=0),
        polygon(*CORNERS) + b"more",
    ],
)
def test_bytes_that_are_no_polygon_are_refused(wkb):
    with pytest.raises((ValueError, struct.error)):
        inspection.is_sane(wkb)
