"""The pyramid against count(*): every tile, facet and period, through folds, moves and kills."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata import pyramid
from geodata.pyramid import Ask, UnknownFacet
from geodata.pyramid.block import Block, Entries, encode, summed
from geodata.pyramid.shape import Grain, cover, first_day, months_of
from geodata.pyramid.source import EPOCH
from geodata.tiles import Tile
from issues import heat
from tests.geodata import counted

PLACES, STAYS = counted.PLACES, counted.STAYS
WORLD = Tile(0, 0, 0)
SQL = Path(heat.__file__).parent / "migrations" / "sql"


@pytest.fixture
def places(db):
    """A table with 600 rows, some of them folded."""
    counted.table(PLACES)
    draw = counted.noise(7)
    counted.insert(PLACES, [counted.row(draw) for _ in range(500)])
    pyramid.fold(PLACES)
    counted.insert(PLACES, [counted.row(draw) for _ in range(100)])
    return PLACES


def stored():
    """Count the tiles of the map that have chunks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT (scope, z, tile)) FROM heat_chunk WHERE z >= 0")
        return cursor.fetchone()[0]


def patches():
    """Count what lies beside the grains of tiles."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM heat_chunk WHERE tier = 1 AND grain = 4")
        return cursor.fetchone()[0]


def waiting():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM heat_delta")
        return cursor.fetchone()[0]


def run(statement, *params):
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


@pytest.mark.parametrize("source", [PLACES, STAYS], ids=lambda source: source.name)
def test_every_tile_counts_what_the_table_holds_whatever_happens_to_it(db, source):
    counted.table(source)
    draw = counted.noise(11)
    counted.insert(source, [counted.row(draw) for _ in range(800)])
    for _step in range(40):
        with connection.cursor() as cursor:
            counted.change(source, draw, cursor)
        if draw.random() < 0.3:
            pyramid.fold(source)
        for _look in range(3):
            tile, ask = counted.random_tile(draw), counted.random_ask(draw)
            scope = draw.choice([1, 2])
            assert counted.read(source, scope, tile, ask) == counted.counted(
                source, scope, tile, ask
            )
    pyramid.fold(source)
    assert pyramid.differences(source) == []
    assert stored() > 20


@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 2**32), z=st.integers(0, 22))
def test_any_question_is_answered_as_the_table_answers_it(places, seed, z):
    draw = counted.noise(seed)
    spot = counted.random_tile(draw)
    tile = Tile(z, *(side >> max(spot.z - z, 0) << max(z - spot.z, 0) for side in (spot.x, spot.y)))
    ask = counted.random_ask(draw)

    assert counted.read(places, 1, tile, ask) == counted.counted(places, 1, tile, ask)


def test_a_row_is_counted_in_the_commit_that_makes_it(places):
    before = pyramid.read(places, 1, WORLD).total

    counted.insert(places, [counted.row(counted.noise(1)) | {"city": 1, "q": counted.HOT}])

    assert pyramid.read(places, 1, WORLD).total == before + 1


def test_an_upsert_counts_once(places):
    before = pyramid.totals(places, 1).total
    run(
        "INSERT INTO places_counted (id, city, q, layer, overdue, day)"
        " SELECT id, 1, %s, 4, true, day FROM places_counted WHERE city = 1"
        " ON CONFLICT (id) DO UPDATE SET q = excluded.q, layer = excluded.layer",
        counted.HOT,
    )

    assert pyramid.totals(places, 1).total == before
    assert set(places.unpack(pyramid.totals(places, 1).codes, "layer")) == {4}


def test_a_change_that_readers_cannot_see_leaves_no_delta(places):
    pyramid.fold(places)

    run("UPDATE places_counted SET id = id + 100000, gone = NULL")

    assert waiting() == 0


def test_areas_count_also_what_has_no_place(places):
    counts = pyramid.areas(places, 1)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(area, 0), q IS NULL, count(*) FROM places_counted"
            " WHERE city = 1 GROUP BY 1, 2 ORDER BY 1, 2"
        )
        expected = cursor.fetchall()
    bare = pyramid.areas(places, 1, Ask(by=()))
    assert [*zip(bare.area, bare.unplaced, bare.counts, strict=True)] == expected
    assert counts.total == bare.total == sum(n for _area, _unplaced, n in expected)


def test_totals_are_told_apart_by_what_is_asked(places):
    counts = pyramid.totals(places, 1, Ask({"layer": [1, 2]}, by=("office",)))
    by_office = dict.fromkeys(places.unpack(counts.codes, "office").tolist(), 0)
    for code, n in zip(places.unpack(counts.codes, "office").tolist(), counts.counts, strict=True):
        by_office[code] += int(n)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(office, 0), count(*) FROM places_counted"
            " WHERE city = 1 AND layer IN (1, 2) GROUP BY 1"
        )
        assert by_office == dict(cursor.fetchall())


def test_months_count_whole_months_and_parts_of_them(places):
    ask = Ask({"layer": [0, 3]}, date(2020, 2, 11), date(2023, 7, 9))

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT date_trunc('month', day)::date, count(*) FROM places_counted WHERE city = 1"
            " AND layer IN (0, 3) AND day BETWEEN '2020-02-11' AND '2023-07-09'"
            " GROUP BY 1 ORDER BY 1"
        )
        assert pyramid.months(places, 1, ask) == cursor.fetchall()


def test_a_past_day_shows_what_stood_at_its_end(db):
    counted.table(STAYS)
    rows = [counted.row(counted.noise(seed)) | {"city": 1} for seed in range(300)]
    counted.insert(STAYS, rows)
    pyramid.fold(STAYS)
    day = date(2021, 6, 30)

    stood = [one for one in rows if one["day"] <= day and not (one["gone"] and one["gone"] <= day)]
    assert pyramid.totals(STAYS, 1, Ask(until=day)).total == len(stood)


@pytest.mark.parametrize("z", [0, 7, 12, 15, 22])
def test_reading_takes_one_statement(places, django_assert_num_queries, z):
    tile = Tile.holding(115.2, -8.66, z=z)

    with django_assert_num_queries(1):
        pyramid.read(places, 1, tile, Ask({"layer": [1]}, date(2020, 1, 5), date(2022, 3, 4)))
    with django_assert_num_queries(1):
        pyramid.areas(places, 1)


def test_a_fold_changes_no_answer_and_no_version(places):
    tile = Tile.holding(115.2, -8.66, z=11)
    before = pyramid.read(places, 1, tile)

    assert pyramid.fold(places) > 0

    assert pyramid.read(places, 1, tile).version == before.version
    assert waiting() == 0


def test_a_fold_may_wait_until_it_is_worth_it(places):
    assert pyramid.fold(places, least=waiting() + 1) == 0

    assert pyramid.fold(places, least=waiting()) > 0


def test_small_folds_into_large_chunks_are_kept_beside_them(places):
    pyramid.fold(places)
    counted.insert(places, [counted.row(counted.noise(3)) | {"q": counted.HOT, "city": 1}])
    pyramid.fold(places)

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM heat_chunk WHERE tier = 1")
        assert cursor.fetchone()[0] > 0
    assert pyramid.differences(places) == []


def test_a_row_more_writes_one_chunk_a_level_until_a_patch_is_full(places):
    pyramid.fold(places)
    one = counted.row(counted.noise(3)) | {"q": counted.HOT, "city": 1}
    counted.insert(places, [one])
    pyramid.fold(places)
    with connection.cursor() as cursor:
        cursor.execute("SELECT z, count(*) FROM heat_chunk WHERE tier = 1 GROUP BY z")
        assert {count for _z, count in cursor.fetchall()} == {1}

    counted.insert(places, [one | {"category_id": number} for number in range(40)])
    pyramid.fold(places)

    assert patches() == 0
    assert pyramid.differences(places) == []


def test_a_tile_that_empties_loses_its_chunks(places):
    pyramid.fold(places)
    run("DELETE FROM places_counted WHERE id NOT IN (SELECT id FROM places_counted LIMIT 5)")

    pyramid.fold(places)

    assert stored() == 0
    assert pyramid.totals(places, 1).total + pyramid.totals(places, 2).total == 5


def test_a_tile_that_fills_gets_chunks_and_so_do_its_children(places):
    pyramid.fold(places)
    before = stored()
    far = counted.HOT ^ 0b11 << 40
    rows = [counted.row(counted.noise(seed)) | {"city": 1, "q": far} for seed in range(70)]
    counted.insert(places, rows)

    pyramid.fold(places)

    assert stored() > before + 5
    assert pyramid.differences(places) == []


def test_truncate_empties_the_counts_with_the_table(places):
    run("TRUNCATE places_counted")

    assert pyramid.totals(places, 1).total == 0
    assert pyramid.read(places, 1, WORLD).total == 0
    assert (stored(), waiting()) == (0, 0)


def test_rows_that_came_past_the_triggers_are_noticed_named_and_mended(places):
    pyramid.fold(places)
    assert not pyramid.drifted(places)
    run("ALTER TABLE places_counted DISABLE TRIGGER USER")
    run("DELETE FROM places_counted WHERE id IN (SELECT id FROM places_counted LIMIT 3)")
    run("ALTER TABLE places_counted ENABLE TRIGGER USER")

    assert pyramid.drifted(places)
    assert any("z-2/0" in words and "sums to" in words for words in pyramid.differences(places))
    pyramid.rebuild(places)

    assert not pyramid.drifted(places)
    assert pyramid.differences(places) == []


def test_a_spoilt_chunk_is_named(places):
    pyramid.fold(places)
    run("DELETE FROM heat_chunk WHERE z = 0 AND scope = 1 AND detail = 1 AND grain = 3")

    found = pyramid.differences(places)

    assert found
    assert all(words.startswith("places 1 z0/0: fine day") for words in found)


def test_an_answer_that_was_kept_is_not_given_after_the_chunk_has_changed(places):
    pyramid.fold(places)
    first = counted.read(places, 1, WORLD)
    run("UPDATE places_counted SET layer = 0")
    pyramid.rebuild(places)

    assert counted.read(places, 1, WORLD) == counted.counted(places, 1, WORLD) != first


def test_a_bulk_load_leaves_no_delta(places):
    with pyramid.bulk(places):
        draw = counted.noise(9)
        counted.insert(places, [counted.row(draw) for _ in range(400)])

    assert waiting() == 0
    assert pyramid.differences(places) == []
    assert pyramid.totals(places, 1).total + pyramid.totals(places, 2).total == 1000


def test_the_covering_index_answers_for_sparse_tiles(places):
    run("SET LOCAL enable_seqscan = off")
    run("SET LOCAL enable_bitmapscan = off")
    found = []

    def explain(execute, statement, params, many, context):
        with connection.connection.cursor() as cursor:
            cursor.execute("EXPLAIN " + statement, params)
            found.extend(row[0] for row in cursor.fetchall())
        return execute(statement, params, many, context)

    with connection.execute_wrapper(explain):
        pyramid.read(places, 1, Tile.holding(115.2, -8.66, z=13))
    assert any("places_counted_by_cell" in line for line in found)
    assert not any("Seq Scan on places_counted" in line for line in found)


def test_a_facet_that_is_not_there_is_refused(places):
    with pytest.raises(UnknownFacet):
        pyramid.read(places, 1, WORLD, Ask({"colour": [1]}))


@pytest.mark.parametrize("source", heat.SOURCES, ids=lambda source: source.name)
def test_the_migration_installs_what_the_source_says(source):
    assert (SQL / f"heat_{source.name}_v1.sql").read_text() == pyramid.create(source)


def test_a_source_is_taken_away_without_a_trace(places):
    run(pyramid.drop(places))

    assert (stored(), waiting()) == (0, 0)
    counted.insert(places, [counted.row(counted.noise(5))])
    assert waiting() == 0


DAYS = st.dates(date(2018, 1, 1), date(2026, 12, 31))


@given(low=st.none() | DAYS, high=st.none() | DAYS, day=DAYS, most=st.sampled_from([0, 2]))
def test_a_period_is_covered_once_and_nothing_else(low, high, day, most):
    ends = [None if end is None else (end - EPOCH).days for end in (low, high)]
    number = (day - EPOCH).days
    month = int(months_of(np.array([number]))[0])
    unit = {Grain.ALL: 0, Grain.YEAR: day.year, Grain.MONTH: month, Grain.DAY: number}
    bucket = {Grain.ALL: 0, Grain.YEAR: day.year, Grain.MONTH: day.year, Grain.DAY: month}

    covering = [
        span
        for span in cover(*ends, coarsest=Grain(most))
        if span.buckets[0] <= bucket[span.grain] <= span.buckets[1]
        and (span.low is None or span.low <= unit[span.grain])
        and (span.high is None or unit[span.grain] < span.high)
    ]

    inside = (ends[0] is None or ends[0] <= number) and (ends[1] is None or number < ends[1])
    assert len(covering) == inside


@pytest.mark.parametrize("day", [date(2024, 2, 29), date(1970, 1, 1), date(1969, 12, 31)])
def test_months_begin_on_their_first_day(day):
    number = (day - EPOCH).days
    month = int(months_of(np.array([number]))[0])

    assert month == day.year * 12 + day.month - 1
    assert EPOCH + timedelta(first_day(month)) == day.replace(day=1)


ROWS = st.lists(
    st.tuples(
        st.integers(-900, 20_000),
        st.integers(0, 1023),
        st.integers(0, 2**53),
        st.sampled_from([-1, 1, 1, 7, 300, 70_000]),
    ),
    min_size=1,
    max_size=60,
)


@given(rows=ROWS, wide=st.booleans())
def test_what_is_written_is_read_again(rows, wide):
    sub, cell, code, n = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    expected = {}
    for *spot, count in rows:
        expected[tuple(spot)] = expected.get(tuple(spot), 0) + count

    block = Block.of(encode(summed(Entries.of(sub, cell, code, n)), wide=wide))

    found = block.entries
    spots = zip(found.sub, found.cell, found.codes[found.code], strict=True)
    assert dict(zip(spots, found.n, strict=True)) == {
        spot: count for spot, count in sorted(expected.items()) if count
    }


def test_limits_belong_to_the_source():
    assert replace(PLACES, limits=pyramid.Limits()).limits.stored == 4096
