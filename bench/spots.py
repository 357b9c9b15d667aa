"""Lean tables of made-up issues with the skew of a real city, for the rows of the pyramid."""
# ruff: noqa: PLR2004 - the numbers draw a made-up city

from dataclasses import replace
from io import BytesIO
from typing import Any, Final

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from geodata import pyramid
from geodata.pyramid import Facet, Source
from geodata.tiles import KEY_ZOOM, key

SPOTS: Final = Source(
    name="spots",
    table="bench_spots",
    scope="city",
    facets=(Facet("layer", 3), Facet("overdue", 1), Facet("category", 24), Facet("office", 24)),
    coarse=2,
)
CITY: Final = 1
CATEGORIES: Final = 60
DAYS: Final = (16_071, 20_700)
"""From 2014-01-01 to 2026-09-04."""
WEST, SOUTH, EAST, NORTH = 115.17, -8.75, 115.28, -8.59
BATCH: Final = 1_000_000
_COLUMNS: Final = (
    ("id", ">i8"),
    ("city", ">i8"),
    ("q", ">i8"),
    ("area", ">i8"),
    ("layer", ">i2"),
    ("overdue", ">i1"),
    ("category", ">i8"),
    ("office", ">i8"),
    ("day", ">i4"),
)
_POSTGRES_EPOCH: Final = 10_957
"""Days from 1970-01-01 to 2000-01-01, from which PostgreSQL counts."""


def named(name: str) -> Source:
    """Make a source over a table of its own."""
    return replace(SPOTS, name=name, table=f"bench_{name}")


def table(source: Source, *, installed: bool = True) -> None:
    """Make an empty table with its covering index, and its pyramid."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE {source.table} (id bigint PRIMARY KEY, city bigint NOT NULL, q bigint,"
            " area bigint, layer smallint NOT NULL, overdue boolean NOT NULL, category bigint,"
            " office bigint, day date NOT NULL)"
        )
        cursor.execute(
            f"CREATE INDEX {source.table}_by_cell ON {source.table} (city, q)"
            " INCLUDE (layer, category, office, day, overdue)"
        )
        if installed:
            cursor.execute(pyramid.create(source))


def load(source: Source, count: int, *, seed: int = 20261121, first: int = 0) -> None:
    """Copy `count` rows in, past the delta, and build the chunks."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {source.table} DISABLE TRIGGER USER")
        copy_all(source, count, seed=seed, first=first)
        cursor.execute(f"ALTER TABLE {source.table} ENABLE TRIGGER USER")
        cursor.execute(f"VACUUM ANALYZE {source.table}")


def copy_all(source: Source, count: int, *, seed: int = 20261121, first: int = 0) -> None:
    """Copy `count` rows in, batch by batch."""
    for start in range(first, first + count, BATCH):
        copy(source, start, min(BATCH, first + count - start), seed=seed)


def copy(source: Source, first: int, count: int, *, seed: int) -> None:
    """Copy rows in binary form."""
    names = [name for name, _kind in _COLUMNS]
    with connection.cursor() as cursor:
        cursor.copy_expert(
            f"COPY {source.table} ({', '.join(names)}) FROM STDIN (FORMAT binary)",
            BytesIO(_binary(columns(first, count, seed=seed))),
        )


def columns(first: int, count: int, *, seed: int) -> dict[str, NDArray[Any]]:
    """Draw rows: streets, hot spots, one default point; kinds and days as unevenly as in life."""
    draw = np.random.default_rng([seed, first])
    q = keys(*places(draw, count, np.random.default_rng(seed)))
    category = np.minimum(draw.zipf(1.35, count), CATEGORIES)
    area = 1 + (q >> 14) % 43
    low, high = DAYS
    age = draw.beta(1.0, 1.8, count) * (high - low)
    day = (high - age).astype(np.int64)
    old = age > 60
    layer = np.where(old, draw.choice([3, 3, 3, 3, 4, 0, 1], count), draw.integers(0, 4, count))
    return {
        "id": np.arange(first, first + count),
        "city": np.full(count, CITY),
        "q": q,
        "area": area,
        "layer": layer,
        "overdue": (layer < 3) & (draw.random(count) < 0.4),
        "category": category,
        "office": 1 + (category * 7 + (draw.random(count) < 0.1) * area) % 29,
        "day": day - _POSTGRES_EPOCH,
    }


def places(
    draw: np.random.Generator, count: int, town: np.random.Generator
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Draw places along the streets of a town that is the same for every batch."""
    streets = 600
    lon, lat = town.uniform(WEST, EAST, streets), town.uniform(SOUTH, NORTH, streets)
    turn, length = town.uniform(0, np.pi, streets), town.gamma(2, 0.006, streets)
    busy = town.pareto(1.2, streets) + 0.2
    street = draw.choice(streets, count, p=busy / busy.sum())
    along = draw.uniform(-0.5, 0.5, count) * length[street]
    off = draw.normal(0, 0.00015, count)
    x = lon[street] + along * np.cos(turn[street]) - off * np.sin(turn[street])
    y = lat[street] + along * np.sin(turn[street]) + off * np.cos(turn[street])
    default = draw.random(count) < 0.02
    return np.where(default, 115.2126, x), np.where(default, -8.6567, y)


def keys(lon: NDArray[Any], lat: NDArray[Any]) -> NDArray[np.int64]:
    """Number the squares of many places, as `tiles.key` does of one."""
    side = 1 << KEY_ZOOM
    across = ((lon + 180) / 360 * side).astype(np.int64)
    phi = np.radians(lat)
    down = ((1 - np.arcsinh(np.tan(phi)) / np.pi) / 2 * side).astype(np.int64)
    found = np.zeros(len(lon), dtype=np.int64)
    for bit in range(KEY_ZOOM):
        found |= (across >> bit & 1) << 2 * bit | (down >> bit & 1) << 2 * bit + 1
    assert found[0] == key(float(lon[0]), float(lat[0]))  # noqa: S101 - both must agree
    return found


def _binary(columns: dict[str, NDArray[Any]]) -> bytes:
    """Write rows in COPY's binary format."""
    layout = [("width", ">i2")]
    for name, kind in _COLUMNS:
        layout += [(f"{name}_size", ">i4"), (name, kind)]
    rows = np.empty(len(columns["q"]), np.dtype(layout))
    rows["width"] = len(_COLUMNS)
    for name, kind in _COLUMNS:
        rows[f"{name}_size"] = np.dtype(kind).itemsize
        rows[name] = columns[name]
    return b"PGCOPY\n\xff\r\n\0" + bytes(8) + rows.tobytes() + b"\xff\xff"
