"""B1 to B3, B6 to B8, B16: the pyramid against fewer rows, grouping, plain tables, count(*)."""
# ruff: noqa: S608 - names of ours in statements

import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from tempfile import TemporaryDirectory
from typing import Final

from django.db import connection

from bench import freshness, spots, storm
from bench.measure import Result, Scale, compare
from geodata import pyramid
from geodata.pyramid import Ask, Source
from geodata.tiles import KEY_ZOOM, Tile, key

LARGE, SMALL = spots.named("large"), spots.named("small")
PLAIN, COUNTED = spots.named("plain"), spots.named("counted")
ZOOMS: Final = range(6, 17)
BY: Final = ("layer", "overdue")
ALL: Final = Ask(by=BY)
WORST: Final = Ask(
    {"layer": [0, 1], "category": [1, 2, 3, 5, 8]}, date(2019, 3, 17), date(2022, 3, 16), by=BY
)
OFFICE: Final = Ask({"office": [8]}, by=BY)
ROUND_S: Final = 2
WRITERS: Final = 8
ROUNDS: Final = 9


def run(scale: Scale) -> Iterator[Result]:
    """Measure what is asked for; the tables of B1 to B3 and B16 hold N and a tenth of it."""
    with connection.cursor() as cursor:
        # Workers of a parallel plan would not be counted.
        cursor.execute("SET max_parallel_workers_per_gather = 0; SET statement_timeout = 0")
    if scale.wants("B1", "B2", "B3", "B16"):
        built = {source: build(source, count) for source, count in sizes(scale)}
        yield from [size(scale, built[LARGE])] if scale.wants("B16") else []
        yield from growth("B1", "busy tile, no filter", scale, ALL, (2.2, 3))
        yield from growth("B2", "busy tile, 2 layers x 5 kinds x 3 years", scale, WORST, (2.5, 5))
        yield from growth("B2", "busy tile, one department", scale, OFFICE, (2.5, 5))
        yield from grouping(scale)
    if scale.wants("B6"):
        yield from writing()
    if scale.wants("B7"):
        yield from freshness.run(scale)
    if scale.wants("B8"):
        yield storm.run()


def sizes(scale: Scale) -> tuple[tuple[Source, int], ...]:
    """Say how many rows each table holds."""
    return (LARGE, scale.issues), (SMALL, scale.issues // 10)


def build(source: Source, count: int) -> float:
    """Fill a table and build its chunks; returns the seconds of CPU that the chunks took."""
    spots.table(source)
    spots.load(source, count)
    before = time.process_time()
    pyramid.rebuild(source)
    spent = time.process_time() - before
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE heat_chunk")
    return spent


def busiest(source: Source, z: int) -> Tile:
    """Find the tile of a zoom that holds most rows."""
    shift = 2 * (KEY_ZOOM - z)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT q >> {shift} FROM {source.table} WHERE city = {spots.CITY}"
            " GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
        )
        number = cursor.fetchone()[0]
    x = sum((number >> 2 * bit & 1) << bit for bit in range(z))
    y = sum((number >> 2 * bit + 1 & 1) << bit for bit in range(z))
    return Tile(z, x, y)


def growth(
    row: str, name: str, scale: Scale, ask: Ask, targets: tuple[float, float]
) -> Iterator[Result]:
    """Compare the busiest tile of each zoom among N and among a tenth; both median and worst."""
    if not scale.wants(row):
        return
    pairs = {z: against_fewer(busiest(LARGE, z), ask) for z in ZOOMS}
    ratios = {z: ours / floor for z, (ours, floor) in pairs.items()}
    note = "z6 to z16: " + " ".join(f"{ratio:.2f}" for ratio in ratios.values())
    note += f"; {scale.issues} against {scale.issues // 10} rows"
    for words, z, target in (
        ("median", sorted(ratios, key=lambda z: ratios[z])[len(ratios) // 2], targets[0]),
        ("worst", max(ratios, key=lambda z: ratios[z]), targets[1]),
    ):
        ours, floor = pairs[z]
        yield Result(row, f"{name}, {words} zoom", ours, floor, "ms", ratios[z], target, "<=", note)
        note = f"z{max(ratios, key=lambda z: ratios[z])}"


def against_fewer(tile: Tile, ask: Ask) -> tuple[float, float]:
    """Measure one tile of both tables."""
    return compare(
        lambda: pyramid.read(LARGE, spots.CITY, tile, ask),
        lambda: pyramid.read(SMALL, spots.CITY, tile, ask),
        rounds=7,
        calls=8,
    )


def grouping(scale: Scale) -> Iterator[Result]:
    """Compare with counting the cells from the covering index each time."""
    if not scale.wants("B3"):
        return
    for z, target in ((6, 100), (12, 10)):
        tile = busiest(LARGE, z)
        ours, floor = compare(
            lambda tile=tile: pyramid.read(LARGE, spots.CITY, tile, ALL),
            lambda tile=tile: group(tile),
            rounds=5,
            calls=3,
        )
        name = f"tile z{z} : grouping on the fly (cheaper by)"
        yield Result("B3", name, ours, floor, "ms", floor / ours, target, ">=")


def group(tile: Tile) -> object:
    """Count the cells of a tile the plain way."""
    low, high = tile.range
    shift = 2 * (KEY_ZOOM - tile.z - 5)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT q >> {shift}, layer, overdue, count(*) FROM {LARGE.table}"
            f" WHERE city = {spots.CITY} AND q >= {low} AND q < {high} GROUP BY 1, 2, 3"
        )
        return cursor.fetchall()


def size(scale: Scale, spent_s: float) -> Result:
    """Compare the chunks' bytes with those of the tables under them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (pg_total_relation_size('heat_chunk') + pg_total_relation_size('heat_delta'))"
            " / 1e6, (pg_total_relation_size(%s) + pg_total_relation_size(%s)) / 1e6",
            [LARGE.table, SMALL.table],
        )
        ours, floor = map(float, cursor.fetchone())
    note = (
        f"lean table of {scale.issues} rows (the app's own is twice as wide) and a tenth;"
        f" the chunks of the large one took {spent_s:.0f} s of our CPU"
    )
    return Result(
        "B16", "chunks : table + indexes", ours, floor, "MB", ours / floor, 0.5, "<=", note
    )


# B6 ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Load:
    """What each writer sends again and again."""

    rows: int

    def script(self, source: Source) -> str:
        """Write it for pgbench: rows of one hot cell; the key is drawn, so none meets another."""
        return (
            "\\set id random(1, 9000000000000000000)\n"
            f"INSERT INTO {source.table} (id, city, q, area, layer, overdue, category, office, day)"
            f" SELECT :id + g, {spots.CITY}, {key(115.2, -8.66)}, 3, g % 5, false, g % 40, 7,"
            f" DATE '2026-01-01' + g % 90 FROM generate_series(1, {self.rows}) g"
            " ON CONFLICT DO NOTHING;\n"
        )


def writing() -> Iterator[Result]:
    """Compare 8 writers on one hot cell with the same table without a pyramid."""
    spots.table(PLAIN, installed=False)
    spots.table(COUNTED)
    for load in (Load(1), Load(100)):
        pairs, errors = [], 0
        for _round in range(ROUNDS):
            (floor, missed), (ours, failed) = (hammer(one, load) for one in (PLAIN, COUNTED))
            pairs.append((ours / floor, ours, floor))
            errors += missed + failed
            pyramid.fold(COUNTED)
        # Side by side in each round: a machine that does other work slows both.
        ratio, ours, floor = sorted(pairs)[ROUNDS // 2]
        name = f"8 writers, {load.rows} rows a statement : plain table"
        note = f"{errors} errors and deadlocks; median of {ROUNDS} rounds of {ROUND_S} s, between"
        note += " which folds stand"
        yield Result("B6", name, ours, floor, "tx/s", ratio, 0.85, ">=", note)
    if pyramid.differences(COUNTED):
        raise AssertionError


def hammer(source: Source, load: Load) -> tuple[float, int]:
    """Let the writers work; transactions a second, and how many failed."""
    values = connection.settings_dict
    with TemporaryDirectory() as folder:
        path = f"{folder}/write.sql"
        with open(path, "w") as file:  # noqa: PTH123 - a path of our own
            file.write(load.script(source))
        command = [f"{binaries()}/pgbench", "--no-vacuum", f"--file={path}", f"--time={ROUND_S}"]
        command += [f"--client={WRITERS}", "--jobs=2", f"--host={values['HOST']}"]
        command += [f"--port={values['PORT']}", f"--username={values['USER']}", values["NAME"]]
        report = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 - ours
    rate = next(line for line in report.splitlines() if line.startswith("tps"))
    failed = next(line for line in report.splitlines() if line.startswith("number of failed"))
    return float(rate.split()[2]), int(failed.split(":")[1].split()[0])


def binaries() -> str:
    """Find the programs of the server: beside each other on Debian."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int / 10000")
        return f"/usr/lib/postgresql/{cursor.fetchone()[0]}/bin"
