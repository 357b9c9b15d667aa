"""What a cell means, and which way a history goes: no database needed."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from issues.ingest import life, values
from issues.ingest.cases import Mark
from issues.workflow import TABLE, Role, Status, Step

WITA = ZoneInfo("Asia/Makassar")
CITY = (115.1, -8.8, 115.3, -8.5)
DAY = datetime(2024, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cell", "meant"),
    [("115,21", 115.21), ("-8.65", -8.65), (" 3 ", 3.0), ("", None), (None, None)],
)
def test_a_number_may_have_a_comma(cell, meant):
    assert values.number(cell) == meant


@pytest.mark.parametrize("cell", ["utara", "nan", "inf", "1e999", "1,2,3"])
def test_what_is_no_number_is_refused(cell):
    with pytest.raises(ValueError, match=r".+"):
        values.number(cell)


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [
        (0, 0, "zero"),
        (-8.65, 115.21, "swapped"),
        (115.0, -8.0, "whole"),
        (115.21, None, "not_number"),
        (300.5, -8.6, "not_place"),
        (115.21, -98.65, "not_place"),
    ],
)
def test_a_bad_place_is_named(lon, lat, code):
    assert values.place(lon, lat, CITY, correct=False).fault.code == code


def test_swapped_axes_are_proposed_or_set_right():
    proposed = values.place(-8.65, 115.21, CITY, correct=False)
    right = values.place(-8.65, 115.21, CITY, correct=True)
    assert "→ -8.65, 115.21" in proposed.fault.detail
    assert (right.lon, right.lat, right.corrected) == (115.21, -8.65, True)


def test_a_date_without_a_zone_is_the_citys():
    assert values.moment("05/03/2024 08:00", ["%d/%m/%Y %H:%M"], WITA) == datetime(
        2024, 3, 5, tzinfo=UTC
    )
    assert values.moment("2024-03-05T08:00:00+00:00", [], WITA).hour == 8


@pytest.mark.parametrize(
    ("cell", "formats", "is_day"),
    [
        ("2024-03-05", [], True),
        ("2024-03-05 00:00", [], False),
        ("05/03/2024", ["%d/%m/%Y %H:%M", "%d/%m/%Y"], True),
        ("05/03/2024 00:00", ["%d/%m/%Y %H:%M", "%d/%m/%Y"], False),
        (datetime(2024, 3, 5), [], True),  # noqa: DTZ001  a workbook knows no zone
        (datetime(2024, 3, 5, 8), [], False),  # noqa: DTZ001
        (DAY, [], False),
    ],
)
def test_a_day_is_told_from_a_time(cell, formats, is_day):
    assert values.is_day(cell, formats) is is_day


@pytest.mark.parametrize("text", ["a\0b", "a\x07b", "\x1b[31m"])
def test_control_characters_are_named(text):
    assert values.text_fault(text).code == "control"


def test_lines_and_letters_of_all_scripts_may_stay():
    assert values.text_fault("baris\nkedua\tᬩᬮᬶ é") is None
    assert values.text_fault("rusak \ufffd").code == "encoding"


@pytest.mark.parametrize("end", sorted(set(Status) - {Status.DUPLICATE}))
@pytest.mark.parametrize("start", [Status.SUBMITTED, Status.ASSIGNED])
def test_every_status_is_reached_by_legal_steps(start, end):
    here = start
    for act in life.acts(start, [Mark(end, DAY)], received_at=DAY, has_department=True):
        cell = TABLE[here, act.step]
        assert act.role in cell.roles
        assert cell.target == act.status
        here = act.status
    fast = start is Status.ASSIGNED and end in {Status.SUBMITTED, Status.VERIFIED}
    assert here == (start if fast else end)


def test_a_repair_needs_somebody_who_did_it():
    marks = [Mark(Status.RESOLVED, DAY)]
    with pytest.raises(life.Ownerless):
        list(life.acts(Status.SUBMITTED, marks, received_at=DAY, has_department=False))


def test_what_is_closed_does_not_go_on_working():
    with pytest.raises(life.NoWay):
        life.way(Status.RESOLVED, Status.IN_PROGRESS)
    assert life.way(Status.ASSIGNED, Status.RESOLVED) == (
        (Step.RESOLVE, Status.RESOLVED, Role.LIAISON),
    )
