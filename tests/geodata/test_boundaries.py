"""Boundaries: known answers on real files, every fault by name, and the land that changed."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas
import pytest
import shapely
from django.contrib.gis.geos import Point
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata import boundaries, vectors
from geodata.boundaries import Feature, Provenance, Replacement
from geodata.crs import WGS84
from geodata.errors import BadBoundaries, Problem, UnreadableFile
from geodata.geometry import from_geos, multipolygon, to_geos
from geodata.models import City, Edition, Jurisdiction, Level
from tests import make
from tests.geodata import geofiles
from tests.geodata.geofiles import SIDE, square, village

DENPASAR = (115.165, -8.765, 115.285, -8.585)
UTM_50S = 32750
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def look(path: Path, *, level: Level = Level.VILLAGE, **asked: Any) -> tuple[Problem, ...]:
    """Read a file and name its faults, in Denpasar's plane."""
    fields = {name: asked.pop(name) for name in ("code_field", "crs") if name in asked}
    frame = boundaries.read(path, level=level, **fields).frame
    return boundaries.check(frame, level=level, **({"metric_srid": UTM_50S} | asked))


def faults(tmp_path: Path, *features: Any, **asked: Any) -> tuple[Problem, ...]:
    """Name the faults of a made file."""
    return look(geofiles.geojson(tmp_path / "made.geojson", features), **asked)


def kinds(problems: Sequence[Problem]) -> list[str]:
    """What sort of faults they are, in their order."""
    return [problem.kind for problem in problems]


@pytest.mark.parametrize(
    ("name", "level", "srid", "count"),
    [
        ("boundaries-denpasar/denpasar_desa.geojson", Level.VILLAGE, UTM_50S, 43),
        ("boundaries-denpasar/denpasar_desa_simpl8m.geojson", Level.VILLAGE, UTM_50S, 43),
        ("boundaries-denpasar/denpasar_kecamatan.geojson", Level.DISTRICT, UTM_50S, 4),
        ("boundaries-denpasar/denpasar_kota.geojson", Level.CITY, UTM_50S, 1),
        ("boundaries-denpasar/tetangga_badung_gianyar_desa.geojson", Level.NEIGHBOUR, UTM_50S, 33),
        ("boundaries-kota-batu/kota_batu_desa.geojson", Level.VILLAGE, 32749, 26),
    ],
)
def test_a_real_file_without_faults_is_read_whole(
    shared_data: Path, name: str, level: Level, srid: int, count: int
) -> None:
    layer = boundaries.read(shared_data / name, level=level)

    assert len(boundaries.features(layer.frame)) == count
    assert boundaries.check(layer.frame, level=level, metric_srid=srid) == ()
    assert boundaries.remarks(layer.frame, metric_srid=srid) == ()


def test_fields_of_real_files_are_found_by_themselves(shared_data: Path) -> None:
    folder = shared_data / "boundaries-denpasar"
    village_ = boundaries.read(folder / "denpasar_desa.geojson", level=Level.VILLAGE).frame.iloc[0]
    district = boundaries.read(
        folder / "denpasar_kecamatan.geojson", level=Level.DISTRICT
    ).frame.iloc[0]
    city = boundaries.read(folder / "denpasar_kota.geojson", level=Level.CITY).frame.iloc[0]

    assert (village_.code, village_["name"], village_.kind, village_.parent_code) == (
        "51.71.01.1001", "Serangan", "kelurahan", "51.71.01",
    )  # fmt: skip
    assert (district.code, district["name"], district.parent_code) == (
        "51.71.01", "Denpasar Selatan", "51.71",
    )  # fmt: skip
    assert (city.code, city["name"]) == ("51.71", "Kota Denpasar")


def test_the_ministrys_file_has_68_overlaps_and_134_gaps_each_named(shared_data: Path) -> None:
    path = shared_data / "boundaries-denpasar" / "denpasar_desa_kemendagri2025_raw.geojson"

    problems = look(path, extent=DENPASAR)

    assert Counter(kinds(problems)) == {"gap": 134, "overlap": 68}
    sizes = {
        kind: sum(problem.area_m2 or 0 for problem in problems if problem.kind == kind)
        for kind in ("overlap", "gap")
    }
    assert sizes == pytest.approx({"overlap": 54_777, "gap": 46_476}, abs=1)
    assert all(problem.names and problem.place for problem in problems)
    assert all(len(problem.names) == 2 for problem in problems if problem.kind == "overlap")
    with pytest.raises(BadBoundaries) as refused:
        boundaries.accept(problems, slivers=True)
    assert len(refused.value.problems) == 202


def test_the_ministrys_file_passes_once_4000_m2_is_called_a_sliver(shared_data: Path) -> None:
    path = shared_data / "boundaries-denpasar" / "denpasar_desa_kemendagri2025_raw.geojson"

    problems = look(path, sliver_m2=4000)

    assert boundaries.accept(problems, slivers=True) == problems
    with pytest.raises(BadBoundaries):
        boundaries.accept(problems, slivers=False)


def test_a_forest_without_the_ministrys_code_takes_the_statisticians(shared_data: Path) -> None:
    path = shared_data / "boundaries-kota-batu" / "kota_batu_desa.geojson"

    layer = boundaries.read(path, level=Level.VILLAGE)

    forests = layer.frame[layer.frame["name"] == "Kehutanan"]
    assert list(forests.code) == ["3579010999", "3579020999"]
    assert len(layer.notes) == 2
    assert all("kode_bps" in note for note in layer.notes)


def test_a_code_column_that_the_operator_names_has_no_substitute(shared_data: Path) -> None:
    path = shared_data / "boundaries-kota-batu" / "kota_batu_desa.geojson"

    problems = look(path, code_field="kode_kemendagri", metric_srid=32749)

    assert kinds(problems) == ["missing_code", "missing_code"]
    assert look(path, code_field="kode_bps", metric_srid=32749) == ()


@pytest.mark.parametrize("kind", ["zip", "gpkg"])
@pytest.mark.parametrize("crs", ["EPSG:32750", "EPSG:3857"])
def test_projected_files_of_neighbours_have_no_false_gap(
    tmp_path: Path, kind: str, crs: str
) -> None:
    path, frame = tmp_path / f"desa.{kind}", geofiles.pair(crs)
    if kind == "zip":
        geofiles.shapefile(path, frame)
    else:
        frame.to_file(path, driver="GPKG", engine="pyogrio")

    assert look(path) == ()
    assert list(boundaries.read(path, level=Level.VILLAGE).frame.code) == ["A", "B"]


def test_a_bow_tie_is_named_with_its_place_and_never_mended(tmp_path: Path) -> None:
    tie = shapely.Polygon([(115.2, -8.66), (115.21, -8.65), (115.21, -8.66), (115.2, -8.65)])

    (problem,) = faults(tmp_path, village("A", tie))

    assert (problem.kind, problem.names) == ("invalid", ("Desa A (A)",))
    assert problem.place == pytest.approx((115.205, -8.655))
    assert problem.detail == "garis batas memotong dirinya sendiri"
    assert not problem.tolerable


def test_a_hole_outside_its_area_is_invalid(tmp_path: Path) -> None:
    ring = [*square(5).exterior.coords]
    outside = shapely.Polygon(square().exterior, [ring])

    (problem,) = faults(tmp_path, village("A", outside))

    assert (problem.kind, problem.detail) == ("invalid", "lubang di luar wilayahnya")


def test_an_overlap_is_measured_and_placed(tmp_path: Path) -> None:
    wide = shapely.box(*square().bounds[:2], geofiles.LON + 1.1 * SIDE, geofiles.LAT + SIDE)

    (problem,) = faults(tmp_path, village("A", wide), village("B", square(1)))

    assert (problem.kind, problem.names) == ("overlap", ("Desa A (A)", "Desa B (B)"))
    assert problem.area_m2 == pytest.approx(0.1 * 1.217e6, rel=0.01)
    assert problem.place is not None
    assert square(1).covers(shapely.Point(problem.place))
    assert not problem.tolerable


def test_the_same_area_twice_overlaps_wholly(tmp_path: Path) -> None:
    (problem,) = faults(tmp_path, village("A", square()), village("B", square()))

    assert problem.area_m2 == pytest.approx(1.217e6, rel=0.01)


def test_a_gap_is_named_by_its_neighbours(tmp_path: Path) -> None:
    cells = [(x, y) for x in range(3) for y in range(3) if (x, y) != (1, 1)]

    (problem,) = faults(tmp_path, *(village(f"{x}{y}", square(x, y)) for x, y in cells))

    assert problem.kind == "gap"
    assert problem.area_m2 == pytest.approx(1.217e6, rel=0.01)
    assert len(problem.names) == 8
    assert square(1, 1).covers(shapely.Point(problem.place))


def test_an_island_in_a_gap_is_no_gap(tmp_path: Path) -> None:
    cells = [(x, y) for x in range(3) for y in range(3) if (x, y) != (1, 1)]
    island = square(1.25, 1.25, side=SIDE / 2)

    (problem,) = faults(
        tmp_path, village("pulau", island), *(village(f"{x}{y}", square(x, y)) for x, y in cells)
    )

    assert problem.area_m2 == pytest.approx(0.75 * 1.217e6, rel=0.01)


@pytest.mark.parametrize("level", [Level.NEIGHBOUR, Level.SPECIAL])
def test_where_only_some_areas_are_known_gaps_are_no_fault(tmp_path: Path, level: Level) -> None:
    ring = square(side=3 * SIDE).difference(square(1, 1))
    path = geofiles.geojson(tmp_path / "a.geojson", [village("A", ring, kode="A")])

    assert look(path, level=level) == ()
    assert kinds(look(path)) == ["gap"]


def test_a_small_thin_gap_may_be_accepted_and_a_small_wide_one_may_not(tmp_path: Path) -> None:
    metre = SIDE / 1100
    thin = shapely.box(115.203, -8.655, 115.203 + 50 * metre, -8.655 + metre)
    wide = shapely.box(115.203, -8.655, 115.203 + 30 * metre, -8.655 + 30 * metre)

    (sliver,) = faults(tmp_path, village("A", square().difference(thin)))
    (block,) = faults(tmp_path, village("A", square().difference(wide)), sliver_m2=5000)

    assert (sliver.tolerable, sliver.area_m2) == (True, pytest.approx(50, rel=0.05))
    assert not block.tolerable


def test_a_scrap_beside_an_area_is_a_sliver(tmp_path: Path) -> None:
    scrap = shapely.box(115.22, -8.655, 115.22001, -8.6545)

    (problem,) = faults(tmp_path, village("A", shapely.MultiPolygon([square(), scrap])))

    assert (problem.kind, problem.tolerable) == ("sliver", True)


def test_every_fault_of_a_file_is_named_at_once(tmp_path: Path) -> None:
    swapped = shapely.transform(square(), lambda xy: xy[:, ::-1])
    metres = shapely.box(300000, 9040000, 300100, 9040100)
    problems = faults(
        tmp_path,
        village("A", square()),
        village("A", square(1)),
        village("", square(2)),
        geofiles.feature(square(3), kode_kemendagri="D", nama=None),
        village("E", None),
        village("F", shapely.Polygon()),
        village("G", shapely.Point(115.2, -8.6)),
        village("H", {"type": "GeometryCollection", "geometries": []}),
        village("I", swapped),
        village("J", metres),
        village("K", shapely.box(2, 48, 3, 49)),
        village("L", shapely.box(115.2, 8.65, 115.21, 8.66)),
        village("M", {"type": "Polygon", "coordinates": "?"}),
        village("N" * 31, square(5)),
    )

    assert Counter(kinds(problems)) == {
        "double_code": 1, "missing_code": 1, "missing_name": 1, "empty": 2, "not_an_area": 2,
        "swapped": 1, "metres": 1, "outside": 1, "sign": 1, "invalid": 1, "too_long": 1,
    }  # fmt: skip
    assert not any(problem.tolerable for problem in problems)
    assert all(problem.names for problem in problems)


def test_a_missing_crs_is_a_fault_beside_the_others(tmp_path: Path) -> None:
    frame = geofiles.pair("EPSG:32750")
    frame["kode_kemendagri"] = ["A", "A"]
    path = geofiles.shapefile(tmp_path / "a.zip", frame, without=".prj")

    assert kinds(look(path)) == ["double_code", "no_crs"]
    assert kinds(look(path, crs="EPSG:32750")) == ["double_code"]
    assert kinds(look(path, crs="EPSG:4326")) == ["double_code", "metres", "metres"]


def test_the_wrong_zone_puts_the_city_elsewhere(tmp_path: Path) -> None:
    path = geofiles.shapefile(tmp_path / "a.zip", geofiles.pair("EPSG:32750"), without=".prj")

    assert kinds(look(path, crs="EPSG:32749", extent=DENPASAR)) == ["outside_city"] * 2


def test_another_citys_file_is_outside_this_city(shared_data: Path) -> None:
    path = shared_data / "boundaries-kota-batu" / "kota_batu_desa.geojson"

    assert set(kinds(look(path, extent=DENPASAR))) == {"outside_city"}


def test_an_area_far_from_its_stated_size_is_remarked_on(tmp_path: Path) -> None:
    rows = [village("A", square(), luas_km2=1.22), village("B", square(1), luas_km2=1.3)]
    path = geofiles.geojson(tmp_path / "a.geojson", rows)

    (remark,) = boundaries.remarks(boundaries.read(path, level=Level.VILLAGE).frame)

    assert "Desa B" in remark
    assert "1,30" in remark


def test_columns_may_be_named_and_a_wrong_one_is_refused(tmp_path: Path) -> None:
    rows = [geofiles.feature(square(), a="1", b="Sesetan", c="kelurahan", d="9")]
    path = geofiles.geojson(tmp_path / "a.geojson", rows)
    asked = {"code_field": "a", "name_field": "B", "kind_field": "c", "parent_field": "d"}

    (found,) = boundaries.features(boundaries.read(path, level=Level.VILLAGE, **asked).frame)

    assert (found.code, found.name, found.kind, found.parent_code) == (
        "1", "Sesetan", "kelurahan", "9",
    )  # fmt: skip
    with pytest.raises(UnreadableFile, match="kolom z tidak ada"):
        boundaries.read(path, level=Level.VILLAGE, code_field="z")


@settings(max_examples=25, deadline=None)
@given(
    cuts=st.lists(st.floats(0.05, 0.95), min_size=1, max_size=6, unique=True),
    order=st.randoms(use_true_random=False),
)
def test_strips_that_share_their_edges_have_no_fault(cuts: list[float], order: Any) -> None:
    edges = [0.0, *sorted(cuts), 1.0]
    strips = [
        shapely.box(115.2 + a * SIDE, -8.66, 115.2 + b * SIDE, -8.65)
        for a, b in pairwise(edges)
        if b - a > 0.02
    ]
    whole = shapely.union_all(strips)
    order.shuffle(strips)
    frame = _frame(strips)

    problems = boundaries.check(frame, level=Level.VILLAGE, metric_srid=UTM_50S)

    assert problems == ()
    assert whole.area == pytest.approx(sum(strip.area for strip in strips))


def _frame(shapes: Sequence[shapely.Polygon]) -> Any:
    names = [f"Desa {number}" for number in range(len(shapes))]
    return geopandas.GeoDataFrame(
        {"code": names, "name": names, "label": names, "kind": "", "fault": "", "size_km2": 0.0},
        geometry=list(shapes),
        crs=WGS84,
    )


def drawn(*cells: tuple[str, shapely.Geometry]) -> tuple[Feature, ...]:
    """Areas of an edition, by code."""
    return tuple(
        Feature(code=code, name=f"Desa {code}", area=multipolygon(to_geos(shape.wkb)))
        for code, shape in cells
    )


def put(
    areas: Sequence[Feature],
    *,
    at: datetime = NOW,
    level: Level = Level.VILLAGE,
    dataset: str = "",
    accepted: Sequence[Problem] = (),
) -> Replacement:
    """Replace an edition of the default city."""
    made = Provenance(source="uji coba", dataset=dataset)
    return boundaries.replace(make.city(), level, areas, provenance=made, accepted=accepted, at=at)


def land(found: Replacement) -> shapely.Geometry:
    """The land that changed, for shapely."""
    return shapely.from_wkb(from_geos(found.land)) if found.land else shapely.Polygon()


@pytest.mark.django_db
def test_the_first_edition_changes_all_its_land() -> None:
    found = put(drawn(("A", square()), ("B", square(1))))

    assert land(found).equals(square().union(square(1)))
    assert (found.closed, found.edition.rows) == ((), 2)
    assert found.edition.valid.upper is None
    assert Jurisdiction.objects.current(NOW).count() == 2


@pytest.mark.django_db
def test_the_same_areas_again_change_no_land() -> None:
    put(drawn(("A", square()), ("B", square(1))))

    again = put(drawn(("B", square(1)), ("A", square())), at=NOW + timedelta(days=1))

    assert again.land is None
    assert len(again.closed) == 1


@pytest.mark.django_db
def test_only_what_changed_hands_is_changed_land() -> None:
    half = SIDE / 2
    west = shapely.box(115.2, -8.66, 115.2 + half, -8.65)
    put(drawn(("A", square()), ("B", square(1))))

    wider = square(1).union(square().difference(west))
    found = put(drawn(("A", west), ("B", wider)), at=NOW + timedelta(days=1))

    assert land(found).equals(square().difference(west))


@pytest.mark.django_db
def test_a_new_code_on_old_land_changes_it() -> None:
    put(drawn(("A", square()), ("B", square(1))))

    found = put(drawn(("A", square()), ("C", square(1))), at=NOW + timedelta(days=1))

    assert land(found).equals(square(1))


@pytest.mark.django_db
def test_old_editions_stay_and_answer_for_their_time() -> None:
    put(drawn(("A", square())))
    put(drawn(("B", square())), at=NOW + timedelta(days=1))

    def codes(at: datetime) -> list[str]:
        return [area.code for area in Jurisdiction.objects.current(at)]

    assert codes(NOW + timedelta(hours=1)) == ["A"]
    assert codes(NOW + timedelta(days=1)) == ["B"]
    assert codes(NOW - timedelta(hours=1)) == []


@pytest.mark.django_db
def test_villages_have_one_edition_whatever_its_dataset_but_special_areas_one_each() -> None:
    for day, dataset in enumerate(("", "lain")):
        for level in (Level.VILLAGE, Level.SPECIAL):
            at = NOW + timedelta(days=day)
            put(drawn(("A", square())), at=at, level=level, dataset=dataset)

    in_force = Edition.objects.current(NOW + timedelta(days=2))
    assert in_force.filter(layer="village").count() == 1
    assert in_force.filter(layer="special").count() == 2


@pytest.mark.django_db
def test_another_citys_edition_is_left_alone() -> None:
    put(drawn(("A", square())))
    other: City = make.city(slug="batu", prefix="BTU")

    boundaries.replace(
        other, Level.VILLAGE, drawn(("A", square(9))), provenance=Provenance(source="uji"), at=NOW
    )

    assert Edition.objects.current(NOW).filter(layer="village").count() == 2


@pytest.mark.django_db
def test_accepted_faults_are_kept_with_the_edition() -> None:
    gap = Problem("gap", ("Desa A",), area_m2=3.5, place=(115.2, -8.65), tolerable=True)

    found = put(drawn(("A", square())), accepted=[gap])

    found.edition.refresh_from_db()
    assert found.edition.accepted == [
        {"kind": "gap", "names": ["Desa A"], "area_m2": 3.5, "place": [115.2, -8.65],
         "tolerable": True}
    ]  # fmt: skip


@pytest.mark.django_db
def test_an_import_that_fails_leaves_the_old_edition_in_force() -> None:
    put(drawn(("A", square())))

    with pytest.raises(ValueError, match="NUL"), transaction.atomic():
        put(drawn(("B\0", square())), at=NOW + timedelta(days=1))

    assert [area.code for area in Jurisdiction.objects.current(NOW + timedelta(days=2))] == ["A"]


@pytest.mark.django_db
def test_the_real_villages_own_every_point_once(shared_data: Path) -> None:
    path = shared_data / "boundaries-denpasar" / "denpasar_desa.geojson"
    layer: vectors.Layer = boundaries.read(path, level=Level.VILLAGE)

    found = put(boundaries.features(layer.frame))

    assert Jurisdiction.objects.current(NOW).count() == 43
    size = found.land.transform(UTM_50S, clone=True).area if found.land else 0
    assert size == pytest.approx(125.685e6, rel=1e-5)
    renon = Point(115.2333, -8.6705, srid=WGS84)
    assert [area.name for area in Jurisdiction.objects.current(NOW).filter(area__covers=renon)]
