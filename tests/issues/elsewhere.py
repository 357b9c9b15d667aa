"""Cities of the samples, drawn around their points: what an import needs to be tried on them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.contrib.gis.geos import MultiPolygon, Point, Polygon

from geodata.crs import WGS84
from geodata.models import City, Level
from tests import make

BOXES = {
    "boston": ("America/New_York", 32619, (-71.2, 42.22, -70.98, 42.4)),
    "sanfrancisco": ("America/Los_Angeles", 32610, (-122.53, 37.69, -122.35, 37.85)),
    "newyork": ("America/New_York", 32618, (-74.3, 40.48, -73.68, 40.93)),
}


def city(name: str) -> City:
    """A city of one village, in which road works go to DPUPR at once and the rest waits."""
    zone, srid, (west, south, east, north) = BOXES[name]
    found = make.city(
        slug=name,
        name=name.title(),
        prefix=name[:3].upper(),
        zone=zone,
        metric_srid=srid,
        center=Point((west + east) / 2, (south + north) / 2, srid=WGS84),
        extent=[west, south, east, north],
    )
    shape = MultiPolygon(Polygon.from_bbox((west, south, east, north)), srid=WGS84)
    for level, code in ((Level.CITY, "0"), (Level.VILLAGE, "0.1")):
        drawn = make.edition(level.layer, of=found)
        make.area(code, level=level, shape=shape, within=drawn)
    beside = MultiPolygon(Polygon.from_bbox((east, south, east + 1, north)), srid=WGS84)
    drawn = make.edition(Level.NEIGHBOUR.layer, of=found)
    make.area("9", level=Level.NEIGHBOUR, shape=beside, within=drawn, name="Samudra", kind="laut")
    works = make.department("DPUPR", city=found)
    make.department("UMUM", city=found)
    make.rule("jalan", to=works, service_code="jalan")
    make.category("jalan-rusak", city=found)
    make.category("lainnya", city=found, fast_lane=False)
    return found


def mapping(folder: Path, **sections: Mapping[str, Any] | str | bool) -> Path:
    """Write a mapping file: values and tables of values."""
    lines = [f"{key} = {_toml(value)}" for key, value in sections.items() if _is_plain(value)]
    for key, table in sections.items():
        if isinstance(table, Mapping):
            lines += [f"[{key}]", *_pairs(table)]
            for name, values in table.items():
                if isinstance(values, Mapping):
                    lines += [f"[{key}.{name}]", *_pairs(values)]
    path = folder / "pemetaan.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def _pairs(table: Mapping[str, Any]) -> list[str]:
    return [f"{_toml(key)} = {_toml(value)}" for key, value in table.items() if _is_plain(value)]


def _is_plain(value: object) -> bool:
    return not isinstance(value, Mapping)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)


def boston(folder: Path, **more: Any) -> Path:
    """The mapping of the Boston samples."""
    sections: dict[str, Any] = {
        "source": "boston311",
        "columns": {
            "external_id": "case_enquiry_id",
            "category": "reason",
            "description": ["case_title", "location"],
            "lat": "latitude",
            "lon": "longitude",
            "address": "location",
            "status": "case_status",
            "received": "open_dt",
            "closed": "closed_dt",
            "note": "closure_reason",
            "channel": "source",
        },
        "dates": {"formats": ["%Y-%m-%d %H:%M:%S"]},
        "values": {
            "category": {"Highway Maintenance": "jalan-rusak"},
            "status": {"Open": "submitted", "Closed": "resolved"},
            "channel": {"Citizens Connect App": "mobile", "Self Service": "web"},
        },
        "otherwise": {"category": "lainnya", "department": "UMUM", "channel": "walk_in"},
    }
    return mapping(folder, **(sections | more))
