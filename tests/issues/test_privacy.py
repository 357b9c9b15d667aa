"""The public place tells the cell and no more; personal data is found; texts are clean."""

import math
import time
import unicodedata
from datetime import UTC, datetime
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issues import privacy

KEY = b"a key of the server"
WITA = ZoneInfo("Asia/Makassar")
RENON = (115.2338123, -8.6718456)
CELL = 250 / 111_320


def blurred(lon, lat, issue_id="0192", cell_m=250):
    return privacy.public_point(lon, lat, exact=False, key=KEY, issue_id=issue_id, cell_m=cell_m)


# Place and time ------------------------------------------------------------------------------


def test_public_works_are_shown_to_one_metre():
    assert privacy.public_point(*RENON, exact=True, key=KEY, issue_id=1) == (115.23381, -8.67185)


def test_a_home_is_shown_at_the_same_point_every_time():
    assert len({blurred(*RENON) for _request in range(100)}) == 1


def test_two_issues_at_one_home_are_shown_apart():
    assert blurred(*RENON, issue_id="a") != blurred(*RENON, issue_id="b")


def test_another_key_gives_another_point():
    other = privacy.public_point(*RENON, exact=False, key=b"other", issue_id="0192")

    assert other != blurred(*RENON)


@given(st.floats(0.001, 0.999), st.floats(0.001, 0.999))
def test_the_public_point_does_not_depend_on_the_place_inside_the_cell(across, up):
    row = math.floor(RENON[1] / CELL)
    width = CELL / math.cos(math.radians((row + 0.5) * CELL))
    column = math.floor(RENON[0] / width)

    assert blurred((column + across) * width, (row + up) * CELL) == blurred(*RENON)


@given(st.floats(95, 141), st.floats(-11, 6), st.uuids())
def test_the_public_point_lies_within_one_cell_of_the_true_one(lon, lat, issue_id):
    public_lon, public_lat = blurred(lon, lat, issue_id)

    north = (public_lat - lat) * 111_320
    east = (public_lon - lon) * 111_320 * math.cos(math.radians(lat))
    assert abs(north) <= 250
    assert abs(east) <= 251


@given(st.floats(-180, 180), st.floats(-90, 90), st.booleans())
def test_a_public_point_lies_on_the_globe(lon, lat, exact):
    public_lon, public_lat = privacy.public_point(lon, lat, exact=exact, key=KEY, issue_id=1)

    assert abs(public_lon) <= 180
    assert abs(public_lat) <= 90


def test_public_points_of_one_home_fill_the_cell():
    east = {blurred(*RENON, issue_id=number)[0] for number in range(500)}

    assert max(east) - min(east) > 0.85 * CELL


@pytest.mark.parametrize(
    "place", [(math.nan, 0), (0, math.inf), (181, 0), (-8.6, 115.2), (1e200, 1)]
)
def test_a_place_off_the_globe_is_refused(place):
    with pytest.raises(ValueError, match="longitude"):
        blurred(*place)


def test_time_is_shown_to_the_hour_for_public_works_and_to_the_day_else():
    instant = datetime(2026, 3, 12, 17, 42, 59, tzinfo=UTC)

    hour = privacy.public_time(instant, exact=True, zone=WITA)
    day = privacy.public_time(instant, exact=False, zone=WITA)

    assert hour.isoformat() == "2026-03-13T01:00:00+08:00"
    assert day.isoformat() == "2026-03-13T00:00:00+08:00"


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        privacy.public_time(datetime(2026, 3, 12), exact=True, zone=WITA)  # noqa: DTZ001  the point


# Personal data -------------------------------------------------------------------------------

PERSONAL = [
    ("nik", "NIK saya 5171012345678901 mohon dicek", "5171012345678901"),
    ("nik", "nik: 5171 0123 4567 8901.", "5171 0123 4567 8901"),
    ("nik", "KTP 517101.230485.0002", "517101.230485.0002"),
    ("phone", "hubungi 081234567890 ya", "081234567890"),
    ("phone", "WA 0812-3456-7890", "0812-3456-7890"),
    ("phone", "wa: +62 812 3456 7890", "+62 812 3456 7890"),
    ("phone", "telp (0361) 223344", "(0361) 223344"),
    ("phone", "0361-223344 kantor", "0361-223344"),
    ("phone", "hp 81234567890", "81234567890"),
    ("phone", "call 62 878-6123-4567", "62 878-6123-4567"),
    ("phone", "0812.3456.7890", "0812.3456.7890"),
    (
        "email",
        "surat ke made.suta+lapor@contoh.co.id, terima kasih",
        "made.suta+lapor@contoh.co.id",
    ),
    ("plate", "mobil DK 1234 AB parkir", "DK 1234 AB"),
    ("plate", "motor dk 4567 fz ngebut", "dk 4567 fz"),
    ("plate", "truk DK1234AB", "DK1234AB"),
    ("plate", "plat B 12 K", "B 12 K"),
    ("account", "rekening BCA 1234567890 an. toko", "1234567890"),
    ("account", "no rek BPD 0110-2020-1234-5", "0110-2020-1234-5"),
    ("name", "lapor ke Bapak Wayan Sudarma kemarin", "Wayan Sudarma"),
    ("name", "rumah Ibu Ni Luh Sari", "Ni Luh Sari"),
    ("name", "pak wayan tidak mau", "wayan"),
    ("name", "Bapak/Ibu Ketut Rai", "Ketut Rai"),
    ("name", "Pak I Made Suta", "I Made Suta"),
    ("name", "Bpk. I. G. Ngurah Alit", "I. G. Ngurah Alit"),
    ("name", "Sdr. Joko", "Joko"),
]


@pytest.mark.parametrize(("kind", "text", "piece"), PERSONAL)
def test_personal_data_is_found_with_its_place(kind, text, piece):
    found = [(span.kind, text[span.start : span.end]) for span in privacy.find_personal(text)]

    assert found == [(kind, piece)]


@pytest.mark.parametrize(
    "text",
    [
        "Lampu jalan mati sejak 12-03-2026 pukul 19.30",
        "Jalan berlubang sepanjang 100 meter di depan No. 45",
        "Koordinat -8.67180, 115.21230",
        "Laporan DPS-26-000123 belum ditangani",
        "Kerugian Rp 1.500.000, tolong Pak Lurah segera",
        "Bapak Walikota dan Ibu Camat yang terhormat",
        "Ibu hamil jatuh, bapak RT sudah tahu",
        "Tiang nomor 12 di Jl. Gatot Subroto Barat km 3,5",
        "Lebar 3 m, dalam 50 cm, panjang 2 km",
        "Tahun 2024 2025 2026 selalu banjir",
        "Kode pos 80361, RT 05 RW 02",
        "email belum dibalas @denpasarkota",
    ],
)
def test_an_ordinary_complaint_is_not_held(text):
    assert privacy.find_personal(text) == []


def test_several_numbers_in_a_row_are_all_covered():
    text = "NIK 5171012345678901 081234567890 a@b.id DK 1234 AB"

    kinds = [span.kind for span in privacy.find_personal(text)]

    assert kinds == ["nik", "phone", "email", "plate"]


@given(st.text(max_size=300))
def test_spans_lie_in_the_text_in_order_and_apart(text):
    spans = privacy.find_personal(text)

    ends = [0, *(span.end for span in spans)]
    assert all(end <= span.start < span.end for end, span in zip(ends, spans, strict=False))
    assert ends[-1] <= len(text)


@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "1 ",
        "0 8 ",
        "1-",
        "...",
        "a.",
        "a@",
        "a@a.",
        "DK ",
        "DK 1",
        "Bapak ",
        "Pak A ",
        "A b ",
        "(",
        "+62 ",
    ],
)
def test_hostile_repetition_takes_linear_time(piece):
    text = piece * (50_000 // len(piece)) + "!"

    started = time.process_time()
    privacy.find_personal(text)
    privacy.clean_text(text)

    assert time.process_time() - started < 1.5


# Clean text ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("a\x00b\x0bc\x1bd\x7fe\x85f\x9fg", "abcdefg"),
        ("satu\r\ndua\rtiga\tempat", "satu\ndua\ntiga\tempat"),
        ("satu\u2028dua\u2029tiga", "satu\ndua\ntiga"),
        ("\u202egnp.exe\u202c \u2066x\u2069", "gnp.exe x"),
        ("\ud800a\udfff", "a"),
        ("\ufdd0a\ufffe\uffff\U0001fffe", "a"),
        ("\ufeffawal", "awal"),
        ("e\u0301", "\u00e9"),
        ("bersih\U000e0041\U000e0042", "bersih"),
    ],
)
def test_what_no_screen_should_carry_is_dropped(dirty, clean):
    assert privacy.clean_text(dirty) == clean


@pytest.mark.parametrize(
    "text",
    [
        "ᬒᬁ ᬲ᭄ᬯᬲ᭄ᬢ᭄ᬬᬲ᭄ᬢᬸ",
        "ꦲꦏ꧀ꦱꦫꦗꦮ",
        "ꦏꦿꦩꦺꦴꦁ",
        "👩‍👩‍👧‍👦 ❤️‍🔥 👍🏽 1️⃣ 🇮🇩",
        "Jl. Gajah Mada №5 — «rusak»",
        "مرحبا \u200fabc",
    ],
)
def test_local_scripts_and_emoji_stay_as_they_are(text):
    assert privacy.clean_text(text) == unicodedata.normalize("NFC", text)


def test_a_tower_of_marks_is_cut():
    assert len(privacy.clean_text("Z" + "\u0317" * 10_000)) == 1 + privacy.MOST_MARKS


def test_a_joiner_between_marks_does_not_help():
    assert len(privacy.clean_text("Z" + "\u0317\u200d" * 50)) == 1 + privacy.MOST_MARKS + 50


def test_a_megabyte_of_marks_takes_linear_time():
    started = time.process_time()
    privacy.clean_text("a" + "\u0301\u0317" * 250_000)

    assert time.process_time() - started < 3


@given(st.text(st.characters(exclude_categories=[]), max_size=200))
def test_clean_text_is_clean_once_and_for_all(text):
    once = privacy.clean_text(text)

    assert privacy.clean_text(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert once.encode().decode() == once
    ElementTree.fromstring(f"<p>{once.translate({38: None, 60: None, 62: None})}</p>")  # noqa: S314  our own
