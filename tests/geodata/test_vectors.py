"""Operators' files: any CRS and three formats in, and nothing that is not such a file."""

import io
import json
import socket
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import geopandas
import pytest
import shapely

from geodata import vectors
from geodata.errors import UnreadableFile
from tests.geodata import geofiles
from tests.geodata.geofiles import square

VRT = """<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>{source}</SrcDataSource>
</OGRVRTLayer></OGRVRTDataSource>"""


def test_geojson_is_longitude_and_latitude_by_its_standard(tmp_path: Path) -> None:
    path = geofiles.geojson(tmp_path / "a.geojson", [geofiles.village("A", square())])

    layer = vectors.read(path)

    assert (layer.crs, layer.frame.crs.to_epsg(), layer.file_name) == (
        "EPSG:4326",
        4326,
        "a.geojson",
    )
    assert layer.frame.geometry[0].equals(square())
    assert len(layer.checksum) == 64


@pytest.mark.parametrize("crs", ["EPSG:32750", "EPSG:3857", "EPSG:23847", "EPSG:4755"])
@pytest.mark.parametrize("kind", ["geojson", "gpkg", "zip"])
def test_every_format_in_any_crs_lies_where_it_should(tmp_path: Path, kind: str, crs: str) -> None:
    frame, path = geofiles.pair(crs), tmp_path / f"desa.{kind}"
    if kind == "zip":
        geofiles.shapefile(path, frame)
    elif kind == "gpkg":
        frame.to_file(path, driver="GPKG", engine="pyogrio")
    else:
        member = {
            "type": "name",
            "properties": {"name": f"urn:ogc:def:crs:{crs.replace(':', '::')}"},
        }
        path.write_text(json.dumps(json.loads(frame.to_json()) | {"crs": member}))

    layer = vectors.read(path)

    assert list(layer.frame["nama"]) == ["Desa A", "Desa B"]
    assert layer.frame.crs.to_epsg() == 4326
    assert layer.frame.geometry[1].equals_exact(square(1), 1e-6, normalize=True)


def test_height_is_dropped(tmp_path: Path) -> None:
    frame = geofiles.pair()
    frame["geometry"] = shapely.force_3d(frame.geometry.values, 12.5)
    frame.to_file(tmp_path / "z.gpkg", driver="GPKG", engine="pyogrio")
    flat = geofiles.geojson(tmp_path / "z.geojson", json.loads(frame.to_json())["features"])

    for path in (tmp_path / "z.gpkg", flat):
        assert not shapely.has_z(vectors.read(path).frame.geometry.values).any()


def test_a_shapefile_without_prj_has_no_crs_until_the_operator_names_it(tmp_path: Path) -> None:
    path = geofiles.shapefile(tmp_path / "a.zip", geofiles.pair("EPSG:32750"), without=".prj")

    assert (vectors.read(path).frame.crs, vectors.read(path).crs) == (None, "")
    known = vectors.read(path, crs="EPSG:32750")
    assert known.frame.geometry[0].equals_exact(square(), 1e-6, normalize=True)


def test_a_crs_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    path = geofiles.geojson(tmp_path / "a.geojson", [geofiles.village("A", square())])

    with pytest.raises(UnreadableFile, match="EPSG:999999"):
        vectors.read(path, crs="EPSG:999999")


def test_one_of_several_layers_must_be_named(tmp_path: Path) -> None:
    path = tmp_path / "two.gpkg"
    for name in ("desa", "sungai"):
        geofiles.pair().to_file(path, driver="GPKG", engine="pyogrio", layer=name)

    with pytest.raises(UnreadableFile, match="desa, sungai"):
        vectors.read(path)
    assert len(vectors.read(path, layer="sungai").frame) == 2


def test_a_shape_that_cannot_be_read_is_kept_as_a_fault(tmp_path: Path) -> None:
    broken = {"type": "Polygon", "coordinates": [[[115, "x"], [116, -8]]]}
    path = geofiles.geojson(tmp_path / "a.geojson", [geofiles.village("A", broken)])

    frame = vectors.read(path).frame

    assert (frame.geometry[0], bool(frame["fault"][0]), frame["row"][0]) == (None, True, 1)


@pytest.fixture
def listener() -> Iterator[tuple[int, list[object]]]:
    """A port of this machine, and who has knocked at it."""
    callers: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def wait() -> None:
            while True:
                try:
                    connection, caller = server.accept()
                except OSError:
                    return
                callers.append(caller)
                connection.close()

        thread = Thread(target=wait, daemon=True)
        thread.start()
        yield server.getsockname()[1], callers
        server.shutdown(socket.SHUT_RDWR)
        thread.join(timeout=5)


@pytest.mark.parametrize("name", ["a.geojson", "a.json", "a.gpkg", "a.zip"])
@pytest.mark.parametrize("source", ["/vsicurl/http://127.0.0.1:{port}/x.geojson", "/etc/passwd"])
def test_a_vrt_under_another_name_opens_nothing(
    tmp_path: Path, listener: tuple[int, list[object]], name: str, source: str
) -> None:
    port, callers = listener
    text = VRT.format(source=source.format(port=port))
    (tmp_path / name).write_text(text)

    with pytest.raises(UnreadableFile) as caught:
        vectors.read(tmp_path / name)

    assert callers == []
    assert "root" not in str(caught.value)


def test_a_vrt_inside_a_zip_is_no_shapefile(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for suffix in (".shp", ".shx", ".dbf"):
            archive.writestr(f"a{suffix}", VRT.format(source="/etc/passwd"))

    with pytest.raises(UnreadableFile):
        vectors.read(tmp_path / "a.zip")


@pytest.mark.parametrize(
    "path",
    [
        "/vsicurl/http://127.0.0.1/a.geojson", "/vsizip/a.zip", "http://127.0.0.1/a.geojson",
        "CSV:/etc/passwd", "MEM:::DATAPOINTER=1", "/dev/zero", "/etc/passwd", "/etc",
        "a.shp", "a.kml",
    ],
)  # fmt: skip
def test_only_local_files_of_known_kinds_are_opened(path: str) -> None:
    with pytest.raises(UnreadableFile):
        vectors.read(Path(path))


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "null", "{}", '{"features": 1}', '{"features": [1]}', '{"features": []}',
        "[" * 5000,
        '{"features": [{"geometry": {"type": "Point", "coordinates": [NaN, 1]}}]}', "\ud800",
    ],
)  # fmt: skip
def test_what_is_no_feature_collection_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.geojson").write_bytes(text.encode(errors="surrogatepass"))

    with pytest.raises(UnreadableFile):
        vectors.read(tmp_path / "a.geojson")


def test_nested_collections_are_not_built(tmp_path: Path) -> None:
    nested = '{"type": "GeometryCollection", "geometries": [' * 200 + "]}" * 200
    text = f'{{"features": [{{"properties": {{}}, "geometry": {nested}}}]}}'
    (tmp_path / "a.geojson").write_text(text)

    assert vectors.read(tmp_path / "a.geojson").frame.geometry[0].is_empty


def test_a_file_over_the_limit_is_refused_by_its_size(tmp_path: Path) -> None:
    path = tmp_path / "big.geojson"
    with path.open("wb") as file:
        file.truncate(vectors.MAX_BYTES + 1)

    with pytest.raises(UnreadableFile, match="50 MB"):
        vectors.read(path)


def test_too_many_vertices_are_refused_before_parsing(tmp_path: Path) -> None:
    path = tmp_path / "big.geojson"
    path.write_bytes(b"[0]," * (2 * vectors.MAX_VERTICES + 1))

    with pytest.raises(UnreadableFile, match="2000000"):
        vectors.read(path)


def test_too_many_rows_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "many.geojson"
    path.write_text('{"features": [' + "{}," * vectors.MAX_ROWS + "{}]}")

    with pytest.raises(UnreadableFile, match="200000 baris"):
        vectors.read(path)


def _bomb(archive: zipfile.ZipFile) -> None:
    archive.writestr("a.shp", b"\0" * (vectors.MAX_BYTES + 1), zipfile.ZIP_DEFLATED)


def _many(archive: zipfile.ZipFile) -> None:
    for number in range(300):
        archive.writestr(f"{number}.txt", "")


def _two(archive: zipfile.ZipFile) -> None:
    for name in ("a.shp", "b.shp"):
        archive.writestr(name, "")


def _slip(archive: zipfile.ZipFile) -> None:
    for suffix in (".shp", ".shx", ".dbf"):
        archive.writestr(f"../../../escaped{suffix}", b"\x00\x00\x27\x0a")


def _nested(archive: zipfile.ZipFile) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as zipped:
        zipped.writestr("a.shp", "")
    archive.writestr("inner.zip", inner.getvalue())


@pytest.mark.parametrize("fill", [_bomb, _many, _two, _slip, _nested])
def test_a_hostile_zip_is_refused_and_nothing_leaves_its_folder(
    tmp_path: Path, fill: Callable[[zipfile.ZipFile], None]
) -> None:
    inside = tmp_path / "one" / "two" / "three"
    inside.mkdir(parents=True)
    with zipfile.ZipFile(inside / "a.zip", "w") as archive:
        fill(archive)

    with pytest.raises(UnreadableFile):
        vectors.read(inside / "a.zip")

    assert [path for path in tmp_path.rglob("*") if "escaped" in path.name] == []


def test_a_broken_zip_or_geopackage_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04 and no more")
    geofiles.pair().to_file(tmp_path / "whole.gpkg", driver="GPKG", engine="pyogrio")
    (tmp_path / "a.gpkg").write_bytes((tmp_path / "whole.gpkg").read_bytes()[:3000])

    for name in ("a.zip", "a.gpkg"):
        with pytest.raises(UnreadableFile):
            vectors.read(tmp_path / name)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (5171010004.0, "5171010004"), (3.5, "3.5"), (None, ""), (float("nan"), ""), (7, "7"),
        (" Dauh  Puri\nKaja\x00\x1b[31m ", "Dauh Puri Kaja [31m"),
    ],
)  # fmt: skip
def test_a_cell_becomes_one_clean_line(cell: object, text: str) -> None:
    assert vectors.clean(cell) == text


def test_a_column_is_found_in_any_case_and_a_wrong_name_lists_the_others() -> None:
    frame = geopandas.GeoDataFrame({"NAMOBJ": ["a"], "KDEPUM": ["b"]}, geometry=[square()])

    assert vectors.find_field(frame, None, ("nama", "namobj")) == "NAMOBJ"
    assert vectors.find_field(frame, "kdepum", ()) == "KDEPUM"
    assert vectors.find_field(frame, None, ("nama",)) is None
    with pytest.raises(UnreadableFile, match="NAMOBJ, KDEPUM"):
        vectors.find_field(frame, "nama", ())
