"""Denpasar's real ground for tests: three levels, one special area, roads, rules of every sort."""

import json
from pathlib import Path
from typing import Final

import shapely

from geodata import boundaries
from geodata.editions import Provenance
from geodata.models import City, Level
from tests import make

EXTENT: Final = [115.1, -8.8, 115.3, -8.5]
FILES: Final = {
    Level.CITY: "denpasar_kota.geojson",
    Level.DISTRICT: "denpasar_kecamatan.geojson",
    Level.VILLAGE: "denpasar_desa.geojson",
}


def denpasar(shared_data: Path) -> City:
    """Put the city in force."""
    of = make.city(extent=EXTENT)
    for level, name in FILES.items():
        layer = boundaries.read(shared_data / "boundaries-denpasar" / name, level=level)
        areas = boundaries.features(layer.frame)
        boundaries.replace(of, level, areas, provenance=Provenance("uji"), at=make.LONG_AGO)
    harbour = make.square(west=115.205, south=-8.75, side=0.015)
    make.area("BENOA", level=Level.SPECIAL, shape=harbour)
    roads(shared_data / "roads-denpasar" / "jalan_kota_denpasar_pu2014.geojson")
    make.rule("0", to="KOTA")
    make.rule("1", to="SELATAN", level=Level.DISTRICT, area_code="51.71.01")
    make.rule("2", to="SESETAN", level=Level.VILLAGE, area_code="51.71.01.1003")
    make.rule("3", to="PELINDO", level=Level.SPECIAL, area_code="BENOA")
    make.rule("4", to="DISHUB", service_code="lpju", road_class="city", within_m=30)
    make.rule("5", to="BPTD", service_code="lpju", road_class="national", within_m=30)
    return of


def roads(path: Path) -> None:
    """Every second named road is city's, every third the nation's: enough to make both answers."""
    for number, row in enumerate(json.loads(path.read_text())["features"]):
        if number % 3:
            for line in shapely.geometry.shape(row["geometry"]).geoms:
                make.road(line.coords, road_class="city" if number % 2 else "national")
