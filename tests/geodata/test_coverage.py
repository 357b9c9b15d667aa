"""What the map of responsibility leaves open, on the real villages."""

from collections import Counter

import pytest

from geodata import boundaries, coverage
from geodata.editions import Provenance
from geodata.models import Level
from tests import make

pytestmark = pytest.mark.django_db

EXTENT = [115.1, -8.8, 115.35, -8.5]


@pytest.fixture
def city(shared_data):
    of = make.city(extent=EXTENT)
    folder = shared_data / "boundaries-denpasar"
    names = {Level.CITY: "kota", Level.DISTRICT: "kecamatan", Level.VILLAGE: "desa"}
    for level, name in names.items():
        layer = boundaries.read(folder / f"denpasar_{name}.geojson", level=level)
        areas = boundaries.features(layer.frame)
        boundaries.replace(of, level, areas, provenance=Provenance(source="BIG"))
    return of


def test_the_real_villages_leave_no_hole_and_overlap_nowhere(city):
    assert coverage.uncovered(city, Level.VILLAGE) == []
    assert coverage.overlapping(city) == []


def test_a_village_that_is_missing_leaves_its_own_land_bare(city):
    row = city.jurisdictions.filter(level=Level.VILLAGE).order_by("code").first()
    size = row.area.transform(city.metric_srid, clone=True).area
    row.delete()

    pieces = coverage.uncovered(city, Level.VILLAGE)

    assert sum(piece.area_m2 for piece in pieces) == pytest.approx(size, rel=1e-3)
    assert all(row.area.envelope.intersects(_spot(piece)) for piece in pieces)


def _spot(piece):
    return make.Point(piece.lon, piece.lat, srid=4326)


def test_a_kind_has_nobody_where_its_rule_does_not_reach(city):
    codes = list(city.jurisdictions.filter(level=Level.VILLAGE).values_list("code", flat=True))
    for code in codes[:40]:
        make.rule(f"lampu-{code}", service_code="lpju", level=Level.VILLAGE, area_code=code)
    make.rule("jalan", service_code="jalan")

    nobodys, spots = coverage.unserved(city, ["lpju-mati", "lpju-miring", "jalan-rusak", "pohon"])

    assert nobodys == ["pohon"]
    assert Counter(spot.service_code for spot in spots) == {"lpju-mati": 9, "lpju-miring": 9}
    assert len({spot.area for spot in spots}) == 3


def test_the_report_costs_four_statements(city, django_assert_num_queries):
    make.rule("jalan", service_code="jalan")

    with django_assert_num_queries(4):
        coverage.uncovered(city, Level.VILLAGE)
        coverage.overlapping(city)
        coverage.unserved(city, ["jalan-rusak"])
