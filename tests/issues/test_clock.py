"""Known dates first, then the same questions to slow oracles that count in another way."""

import bisect
import csv
import random
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays as holiday_tables
import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from issues import clock
from issues.clock import Calendar

WITA = ZoneInfo("Asia/Makassar")
WEEK = {
    **dict.fromkeys(range(4), (time(8), time(16))),
    4: (time(8), time(14, 30)),
}
NATIONAL = holiday_tables.country_holidays("ID", years=range(2020, 2031))
NATIONAL_AND_SHARED = holiday_tables.country_holidays(
    "ID", years=range(2020, 2031), categories=("public", "government"), language="id"
)
DENPASAR = Calendar(WITA, WEEK, dict(NATIONAL_AND_SHARED))


def at(*parts):
    return datetime(*parts, tzinfo=WITA)


def test_one_working_day_after_17_march_2026_is_25_march():
    assert clock.add_working_days(date(2026, 3, 17), 1, DENPASAR) == date(2026, 3, 25)


def test_without_cuti_bersama_it_would_be_18_march():
    national_only = Calendar(WITA, WEEK, dict(NATIONAL))

    assert clock.add_working_days(date(2026, 3, 17), 1, national_only) == date(2026, 3, 18)


def test_the_shared_table_of_holidays_gives_the_same_answer(shared_data):
    table = shared_data / "holidays-id-bali" / "libur_nasional_cuti_bersama_2023_2027.csv"
    with table.open(encoding="utf-8") as rows:
        names = {date.fromisoformat(row["tanggal"]): row["nama"] for row in csv.DictReader(rows)}

    assert clock.add_working_days(date(2026, 3, 17), 1, Calendar(WITA, WEEK, names)) == date(
        2026, 3, 25
    )


def test_the_due_instant_is_the_closing_of_the_last_day():
    answer = clock.due(at(2026, 1, 6, 9, 0), 3, DENPASAR)

    assert answer.at == at(2026, 1, 9, 14, 30)


@pytest.mark.parametrize(
    ("arrival", "counts_as"),
    [
        (at(2026, 1, 6, 8, 0), at(2026, 1, 6, 8, 0)),
        (at(2026, 1, 6, 15, 59, 59), at(2026, 1, 6, 15, 59, 59)),
        (at(2026, 1, 6, 16, 0), at(2026, 1, 7, 8, 0)),
        (at(2026, 1, 6, 3, 0), at(2026, 1, 6, 8, 0)),
        (at(2026, 1, 9, 14, 30), at(2026, 1, 12, 8, 0)),
        (at(2026, 1, 10, 12, 0), at(2026, 1, 12, 8, 0)),
        (at(2026, 3, 18, 9, 0), at(2026, 3, 25, 8, 0)),
    ],
)
def test_outside_office_hours_an_issue_counts_from_the_next_opening(arrival, counts_as):
    assert DENPASAR.received(arrival) == counts_as


def test_the_zone_of_the_city_rules_not_that_of_the_server():
    late_in_utc = datetime(2026, 1, 5, 23, 30, tzinfo=UTC)

    assert clock.due(late_in_utc, 1, DENPASAR).at == at(2026, 1, 7, 16, 0)


def test_disposition_in_office_hours_has_one_day():
    assert clock.disposition_due(at(2026, 1, 6, 10, 15), DENPASAR) == at(2026, 1, 7, 10, 15)


def test_disposition_at_night_counts_from_the_opening():
    assert clock.disposition_due(at(2026, 1, 6, 22, 0), DENPASAR) == at(2026, 1, 8, 8, 0)


def test_disposition_stands_still_over_the_week_end():
    assert clock.disposition_due(at(2026, 1, 9, 10, 0), DENPASAR) == at(2026, 1, 12, 10, 0)


def test_disposition_with_fewer_hours_may_end_the_same_day():
    assert clock.disposition_due(at(2026, 1, 6, 9, 0), DENPASAR, hours=4) == at(2026, 1, 6, 13, 0)


def test_disposition_at_midnight_belongs_to_the_next_working_day():
    assert clock.disposition_due(at(2026, 1, 9, 9, 0), DENPASAR, hours=15) == at(2026, 1, 12)


def test_a_due_date_explains_itself_with_the_holidays_it_skipped():
    nyepi = {date(2026, 3, 11): "Hari Suci Nyepi", date(2026, 3, 12): "Ngembak Geni"}
    friday_long = Calendar(WITA, dict.fromkeys(range(5), (time(8), time(16))), nyepi)

    text = clock.due(at(2026, 3, 6, 9, 0), 3, friday_long).explain()

    assert text == (
        "Jumat 13 Maret 2026 pukul 16.00 WITA: 3 hari kerja; "
        "11 dan 12 Maret libur (Hari Suci Nyepi, Ngembak Geni)"
    )


def test_without_holidays_the_explanation_is_short():
    text = clock.due(at(2026, 1, 6, 9, 0), 1, DENPASAR).explain()

    assert text == "Rabu 7 Januari 2026 pukul 16.00 WITA: 1 hari kerja"


def test_in_english_the_explanation_tells_the_time_as_english_does():
    with translation.override("en"):
        text = clock.due(at(2026, 1, 6, 9, 0), 1, DENPASAR).explain()

    assert "4 p.m. WITA" in text


def test_holidays_of_two_months_are_told_apart():
    free = dict.fromkeys((date(2026, 3, 31), date(2026, 4, 1), date(2026, 4, 2)), "Libur desa")

    text = clock.due(at(2026, 3, 30, 9, 0), 1, Calendar(WITA, WEEK, free)).explain()

    assert text.endswith("; 31 Maret, 1 dan 2 April libur (Libur desa)")


def test_a_holiday_on_a_sunday_costs_nothing_and_is_not_named():
    sunday = {date(2026, 1, 11): "Hari desa"}

    assert clock.due(at(2026, 1, 9, 9, 0), 1, Calendar(WITA, WEEK, sunday)).skipped == ()


@pytest.mark.parametrize(
    "hours",
    [{}, {7: (time(8), time(16))}, {0: (time(16), time(8))}, {0: (time(8), time(8))}],
)
def test_hours_with_which_nothing_would_ever_be_due_are_refused(hours):
    with pytest.raises(ValueError, match="office"):
        Calendar(WITA, hours, {})


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        DENPASAR.received(datetime(2026, 1, 6, 9, 0))  # noqa: DTZ001  the point of the test


def test_working_days_are_not_counted_backwards():
    with pytest.raises(ValueError, match="forward"):
        clock.add_working_days(date(2026, 1, 6), -1, DENPASAR)


# Slow oracles --------------------------------------------------------------------------------


def minute_by_minute(instant, calendar):
    """Walk until a minute lies in office hours."""
    while True:
        local = instant.astimezone(calendar.zone)
        hours = calendar.hours.get(local.weekday())
        if hours and local.date() not in calendar.holidays and hours[0] <= local.time() < hours[1]:
            return local
        instant += timedelta(minutes=1)


def day_by_day(start, days, calendar):
    """Walk and count down."""
    while days:
        start += timedelta(days=1)
        days -= start.weekday() in calendar.hours and start not in calendar.holidays
    return start


zones = st.sampled_from([WITA, ZoneInfo("Asia/Jakarta"), ZoneInfo("Asia/Jayapura")])
opening_hours = st.tuples(st.integers(0, 11), st.integers(12, 23)).map(
    lambda pair: (time(pair[0], 30), time(pair[1]))
)
free_days = st.dictionaries(
    st.dates(date(2026, 1, 1), date(2026, 3, 1)), st.just("libur"), max_size=25
)
calendars = st.builds(
    Calendar, zones, st.dictionaries(st.integers(0, 6), opening_hours, min_size=2), free_days
)
instants = st.integers(0, 60 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@settings(max_examples=60, deadline=None)
@given(instants, st.integers(0, 30), calendars)
def test_a_due_instant_equals_that_of_the_slow_oracle(instant, days, calendar):
    receipt = minute_by_minute(instant, calendar)
    last = day_by_day(receipt.date(), days, calendar)

    answer = clock.due(instant, days, calendar)

    assert calendar.received(instant) == receipt
    assert answer.at == datetime.combine(last, calendar.hours[last.weekday()][1], calendar.zone)


@given(instants, calendars, st.integers(1, 100))
def test_disposition_runs_its_hours_on_working_days_only(instant, calendar, hours):
    start = calendar.received(instant)
    end = clock.disposition_due(instant, calendar, hours=hours)

    working = sum(
        calendar.is_working((start + timedelta(minutes=minute)).date())
        for minute in range(int((end - start) / timedelta(minutes=1)))
    )
    assert working == hours * 60
    assert calendar.is_working(end.date())


@given(st.dates(date(2026, 1, 1), date(2026, 3, 1)), st.integers(0, 60), calendars)
def test_counting_back_gives_what_was_added(start, days, calendar):
    end = clock.add_working_days(start, days, calendar)

    assert clock.working_days_between(start, end, calendar) == days
    assert clock.working_days_between(end, start, calendar) == -days


@given(instants, instants, st.integers(1, 20), calendars)
def test_who_comes_later_is_not_due_earlier(one, other, days, calendar):
    early, late = sorted((one, other))

    assert clock.due(early, days, calendar).at <= clock.due(late, days, calendar).at


def test_a_hundred_thousand_due_dates_of_ten_years_equal_a_search_in_the_list_of_working_days():
    start, end = date(2020, 1, 1), date(2030, 12, 31)
    all_days = [start + timedelta(days=step) for step in range((end - start).days)]
    working = [day for day in all_days if day.weekday() < 5 and day not in NATIONAL_AND_SHARED]
    seeded = random.Random(2026)  # noqa: S311  cases, no secrets

    for _case in range(100_000):
        day = seeded.choice(all_days[:3600])
        days = seeded.randint(1, 30)
        expected = working[bisect.bisect_right(working, day) + days - 1]
        assert clock.add_working_days(day, days, DENPASAR) == expected
