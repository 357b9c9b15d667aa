"""The locked room in which an uploaded file of areas is read and checked.

`geodata.inspection` starts it as a program of its own (`python -I boundary_room.py JOB`), nobody
imports it. It knows the city's box and plane and the level, but no database, no secret and no
person. Everything it needs is imported first; then the doors are closed (no socket, no program,
no file but its own, bounded memory, time and output) and only then the first byte is read, from
standard input. Its answer is JSON on a descriptor that the parent opened.
"""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parent.parent
_Check = Callable[[dict[str, Any], Path], dict[str, Any]]


def main(job: dict[str, Any]) -> None:
    """Do one job: check the file on standard input, answer on the given descriptor."""
    sys.path.insert(0, str(_ROOT))
    look = _prepare()
    path = Path(job["folder"]) / f"upload{job['suffix']}"
    _close_doors(job)
    os.write(job["answer"], b"ready\n")
    path.write_bytes(sys.stdin.buffer.read())
    with os.fdopen(job["answer"], "w", encoding="ascii") as file:
        json.dump(look(job, path), file, allow_nan=False)


def _prepare() -> _Check:
    """Load all that reads and measures; the settings hold no secret, for there is none to need."""
    import django  # noqa: PLC0415  this process has its own, empty settings
    from django.conf import settings  # noqa: PLC0415

    settings.configure(
        INSTALLED_APPS=["django.contrib.postgres", "django.contrib.gis", "geodata"],
        AUTH_USER_MODEL="issues.User",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        LANGUAGE_CODE="id",
        USE_TZ=True,
    )
    django.setup()
    _warm()
    return _look


def _warm() -> None:
    """Have the libraries open their own files while they still may."""
    import geopandas  # noqa: PLC0415
    import pyogrio  # noqa: PLC0415
    import shapely  # noqa: PLC0415

    pyogrio.list_drivers()
    spot = geopandas.GeoSeries([shapely.Point(115, -8)], crs="EPSG:4326")
    spot.to_crs(spot.estimate_utm_crs())


def _close_doors(job: dict[str, Any]) -> None:
    from geodata import locks  # noqa: PLC0415

    locks.bound(
        memory=job["memory"],
        cpu_s=job["cpu_s"],
        output_bytes=job["output_bytes"],
        files=job["files"],
    )
    locks.give_up(reads=[*locks.own_files(), str(_ROOT / "geodata")], writes=job["folder"])


def _look(job: dict[str, Any], path: Path) -> dict[str, Any]:
    """Read and check; a file that cannot be read is an answer, too."""
    from geodata import boundaries  # noqa: PLC0415
    from geodata.errors import GeodataError  # noqa: PLC0415
    from geodata.levels import Level  # noqa: PLC0415

    level = Level(job["level"])
    try:
        layer = boundaries.read(path, level=level, crs=job["crs"])
    except MemoryError:
        return {"refused": "heavy"}
    except GeodataError as error:
        return {"refused": "unreadable", "detail": " ".join(map(str, error.args))}
    plane = job["metric_srid"]
    problems = boundaries.check(
        layer.frame, level=level, metric_srid=plane, extent=job["extent"] or None
    )
    notes = [*layer.notes, *boundaries.remarks(layer.frame, metric_srid=plane)]
    return {
        "crs": layer.crs,
        "rows": len(layer.frame),
        "notes": notes,
        "problems": [asdict(problem) for problem in problems],
        "areas": [_told(row) for row in layer.frame.itertuples() if _is_drawn(row)],
    }


def _is_drawn(row: Any) -> bool:
    kinds = {"Polygon", "MultiPolygon"}
    return (
        row.geometry is not None and row.geometry.geom_type in kinds and not row.geometry.is_empty
    )


def _told(row: Any) -> dict[str, str]:
    return {
        "code": row.code,
        "name": row.name,
        "kind": row.kind,
        "parent_code": row.parent_code,
        "wkb": row.geometry.wkb_hex,
    }


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
