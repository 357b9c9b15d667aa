"""A small table of its own under a pyramid: what the tests of the pyramid count."""
# ruff: noqa: S608, S311
# Statements are made of names and numbers of ours, and the rows are made up.

import random
from dataclasses import replace
from datetime import date, timedelta

from django.db import connection

from geodata import pyramid
from geodata.pyramid import Ask, Facet, Limits, Source
from geodata.tiles import KEY_ZOOM, Tile, key

PLACES = Source(
    name="places",
    table="places_counted",
    scope="city",
    facets=(Facet("layer", 3), Facet("overdue", 1), Facet("category_id", 10), Facet("office", 10)),
    coarse=2,
    limits=Limits(stored=40, dropped=20, grained=160, flattened=80, patched=20),
)
STAYS = replace(
    PLACES, name="stays", table="stays_counted", days=(("day", 1), ("gone", -1)), coarse=1
)
START = date(2019, 11, 25)
LAST = date(2024, 3, 5)
HOT = key(115.2, -8.66)


def table(source):
    """Make the table of a source and install its pyramid."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE {source.table} (id bigserial PRIMARY KEY, city bigint NOT NULL,"
            " q bigint, area bigint, layer smallint NOT NULL, overdue boolean NOT NULL,"
            " category_id bigint, office bigint, day date NOT NULL, gone date);"
            f"CREATE INDEX {source.table}_by_cell ON {source.table} (city, q)"
            " INCLUDE (layer, overdue, category_id, office, day)"
        )
        cursor.execute(pyramid.create(source).replace("%", "%%"))


def drop(source):
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {source.table}; DROP FUNCTION heat_{source.name}() CASCADE;")
        cursor.execute(
            "DELETE FROM heat_chunk WHERE source = %(name)s;"
            " DELETE FROM heat_delta WHERE source = %(name)s",
            {"name": source.name},
        )


def row(draw):
    """Draw one row: mostly near one spot, some far away, some nowhere."""
    spread = draw.choice([0, 0, 2, 6, 12, 20, 30, 44])
    q = HOT ^ draw.getrandbits(spread) if spread else HOT
    day = START + timedelta(draw.randrange((LAST - START).days))
    return {
        "city": draw.choice([1, 1, 1, 2]),
        "q": None if draw.random() < 0.05 else q,
        "area": draw.choice([None, 3, 4, 4, 900_000]),
        "layer": draw.randrange(5),
        "overdue": draw.random() < 0.2,
        "category_id": draw.choice([1, 2, 3, 5, 8, 13]),
        "office": draw.choice([None, 7, 7, 9]),
        "day": day,
        "gone": day + timedelta(draw.randrange(1, 400)) if draw.random() < 0.6 else None,
    }


COLUMNS = ("city", "q", "area", "layer", "overdue", "category_id", "office", "day", "gone")


def insert(source, rows, cursor=None):
    """Insert rows in one statement."""
    if cursor is None:
        with connection.cursor() as own:
            return insert(source, rows, own)
    values = ", ".join(["(" + ", ".join(["%s"] * len(COLUMNS)) + ")"] * len(rows))
    cursor.execute(
        f"INSERT INTO {source.table} ({', '.join(COLUMNS)}) VALUES {values}",
        [one[column] for one in rows for column in COLUMNS],
    )
    return None


def change(source, draw, cursor, *, share="true"):
    """Do one random thing to some rows; writers at the same time take rows of their own share."""
    some = f"id IN (SELECT id FROM {source.table} WHERE {share} ORDER BY id LIMIT %s OFFSET %s)"
    where = [draw.choice([1, 1, 3, 40]), draw.randrange(200)]
    act = draw.choice(["insert", "insert", "move", "kind", "delete", "touch", "day"])
    if act == "insert":
        insert(source, [row(draw) for _ in range(draw.choice([1, 1, 5, 60]))], cursor)
        return
    statement = {
        "move": f"UPDATE {source.table} SET q = q # %s WHERE {some}",
        "kind": f"UPDATE {source.table} SET layer = %s, office = NULL WHERE {some}",
        "day": f"UPDATE {source.table} SET day = day - %s, area = 4 WHERE {some}",
        "touch": f"UPDATE {source.table} SET id = id + 0 * %s WHERE {some}",
        "delete": f"DELETE FROM {source.table} WHERE %s >= 0 AND {some}",
    }[act]
    first = draw.getrandbits(20) if act == "move" else draw.randrange(5)
    cursor.execute(statement, [first, *where])


def counted(source, scope, tile, ask=None):
    """Count a tile's rows the simple way: {(cell, code): n}."""
    ask = ask or Ask()
    low, high = tile.range
    bits = min(5, KEY_ZOOM - tile.z)
    shift = 2 * (KEY_ZOOM - tile.z - bits)
    found = {}
    for q, code, n in rows_of(source, scope, ask, f"q >= {low} AND q < {high}"):
        inner = (q - low) >> shift
        x = sum((inner >> 2 * bit & 1) << bit for bit in range(bits))
        y = sum((inner >> 2 * bit + 1 & 1) << bit for bit in range(bits))
        found[y * (1 << bits) + x, code] = found.get((y * (1 << bits) + x, code), 0) + n
    return {spot: n for spot, n in found.items() if n}


def rows_of(source, scope, ask, where, key="q"):
    """Fetch the entries that match, each with its sign, its code cut to what is asked by."""
    clauses = [where, "city = %(scope)s"]
    names = {facet.name: facet.column for facet in source.facets}
    for name, values in ask.facets.items():
        allowed = ", ".join(str(int(value)) for value in values) or "NULL"
        clauses.append(f"coalesce({names[name]}::int, 0) IN ({allowed})")
    kept = source.mask(ask.kept(source))
    for column, sign in source.days:
        period = [f"{column} IS NOT NULL"]
        period += [f"{column} >= '{ask.since}'"] if ask.since else []
        period += [f"{column} <= '{ask.until}'"] if ask.until else []
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {key}, ({source.code()}) & {kept}, count(*) FROM {source.table}"
                f" WHERE {' AND '.join(clauses + period)} GROUP BY 1, 2",
                {"scope": scope},
            )
            yield from ((first, code, sign * n) for first, code, n in cursor.fetchall())


def read(source, scope, tile, ask=None):
    """Read a tile from the pyramid in the form of `counted`."""
    counts = pyramid.read(source, scope, tile, ask or Ask())
    triples = zip(counts.cells.tolist(), counts.codes.tolist(), counts.counts.tolist(), strict=True)
    return {(cell, code): n for cell, code, n in triples}


def random_tile(draw):
    """Draw a tile around the hot spot, or beside it."""
    z = draw.randrange(23)
    number = HOT >> 2 * (KEY_ZOOM - z)
    if z and draw.random() < 0.2:
        number ^= 1 << draw.randrange(2 * z)
    x = sum((number >> 2 * bit & 1) << bit for bit in range(z))
    y = sum((number >> 2 * bit + 1 & 1) << bit for bit in range(z))
    return Tile(z, x, y)


def random_ask(draw):
    """Draw facets, a period and what to tell apart."""
    facets = {}
    if draw.random() < 0.5:
        facets["layer"] = draw.sample(range(5), draw.randrange(1, 4))
    if draw.random() < 0.2:
        facets["overdue"] = [draw.randrange(2)]
    if draw.random() < 0.3:
        facets["category"] = draw.sample([1, 2, 3, 5, 8, 99], 2)
    if draw.random() < 0.3:
        facets["office"] = draw.sample([0, 7, 9], 2)
    ends = sorted(START + timedelta(draw.randrange(-9, 1600)) for _ in range(2))
    since, until = (end if draw.random() < 0.6 else None for end in ends)
    by = draw.choice([None, (), ("layer",), ("layer", "overdue"), ("category",), ("office",)])
    return Ask(facets, since, until, by)


def noise(seed):
    return random.Random(seed)
