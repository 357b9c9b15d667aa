"""What it is: kinds served here, their questions, poles, what is known already, whose side."""

import re

import pytest
from django.contrib.gis.geos import Point
from playwright.sync_api import expect

from geodata.models import Asset
from issues.models import Category, Issue, IssueAsset, Question
from tests import make
from tests.browser.citizen import (
    DESK,
    HERE,
    PHONE,
    WORDS,
    choose,
    faults,
    locate,
    number_on,
    photo,
    send,
)

pytestmark = pytest.mark.django_db(transaction=True)

HERE_QUERY = f"/lapor?lat={HERE['latitude']}&lon={HERE['longitude']}"


@pytest.fixture(autouse=True)
def _world(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    make.world()
    make.category("lainnya", fast_lane=False)


def ask(code, kind, **fields):
    lamp = Category.objects.get(service_code="lpju-mati")
    values = {"text": f"Soal {code}?", "position": Question.objects.count()}
    return Question.objects.create(category=lamp, code=code, kind=kind, **(values | fields))


def choice(code, *codes, **fields):
    choices = [{"code": one, "label": one.title()} for one in codes]
    return ask(code, "choice", choices=choices, **fields)


def to_what(page):
    locate(page)
    page.get_by_role("button", name="Lanjut").click()


# Kinds --------------------------------------------------------------------------------------


def test_c6_only_kinds_that_somebody_serves_here_are_offered(visit):
    make.category("pelabuhan", name="Dermaga rusak")
    make.rule("dermaga", to="PELINDO", service_code="pelabuhan", level=3, area_code="2.1")
    page = visit(**DESK)
    tile = page.locator(".tile-choice", has_text="Dermaga rusak")
    expect(tile).to_be_visible()

    page.goto(HERE_QUERY)

    expect(tile).to_have_count(0)
    expect(page.locator(".tile-choice", has_text="Lpju Mati")).to_be_visible()
    assert page.locator("#id_service_code option[value=pelabuhan]").get_attribute("disabled") == ""


@pytest.mark.parametrize("typed", ["jaln bolng", "JALAN bolóng", "jalan brlubang"])
def test_c6_slips_of_the_finger_find_a_kind(visit, typed):
    make.category("jalan-rusak", keywords=["jalan bolong"], name="Jalan rusak atau berlubang")
    page = visit(**DESK)

    search = page.get_by_label("Jenis lain: cari dengan kata sehari-hari")
    search.fill(typed)
    search.press("Enter")

    expect(page.locator("#id_service_code")).to_have_value("jalan-rusak")
    expect(page.locator("[data-matches] input")).to_be_focused()


def test_c6_at_most_six_large_buttons_the_last_does_not_know(visit):
    for number in range(9):
        make.category(f"jenis-{number}")
    page = visit(**DESK)

    expect(page.locator("[data-top] .tile-choice")).to_have_count(6)
    expect(page.locator("[data-top] .tile-choice").last).to_contain_text("Lainnya")


# Questions ----------------------------------------------------------------------------------


def test_a_question_opens_on_its_answer_and_is_sent(visit):
    choice("jumlah", "satu", "deret", required=True)
    ask("sejak", "date", condition={"jumlah": ["deret"]})
    page = visit(HERE_QUERY, **DESK)
    choose(page)
    expect(page.get_by_label("Soal sejak?")).to_be_hidden()
    page.get_by_label("Deret").check()
    page.get_by_label("Soal sejak?").fill("2026-03-01")
    page.get_by_label("Apa yang terjadi?").fill(WORDS)
    page.get_by_role("button", name="Kirim laporan").click()

    number_on(page)
    assert Issue.objects.get().answers == {"jumlah": "deret", "sejak": "2026-03-01"}


def test_a_required_question_is_asked_for_by_name(phone):
    choice("jumlah", "satu", "deret", required=True)
    to_what(phone)
    choose(phone)
    expect(phone.get_by_role("radio", name="Satu")).to_be_visible()
    phone.get_by_label("Apa yang terjadi?").fill(WORDS)
    phone.get_by_role("button", name="Lanjut").click()

    expect(phone.locator("#errors")).to_be_focused()
    phone.locator("#errors").get_by_role("link", name="Jawab dulu: Soal jumlah?").click()
    expect(phone.get_by_role("radio", name="Satu")).to_be_focused()
    phone.get_by_role("radio", name="Satu").check()
    expect(phone.locator("#errors")).to_be_hidden()


def test_c11_answers_survive_a_reload(phone):
    choice("jumlah", "satu", "deret")
    to_what(phone)
    choose(phone)
    phone.get_by_label("Deret").check()
    phone.reload()

    expect(phone.locator("#restored")).to_be_visible()
    phone.get_by_role("button", name="Lanjut").click()
    expect(phone.get_by_label("Deret")).to_be_checked()


def test_a_stopper_blocks_the_report_and_calls(phone):
    choice("bahaya", "kabel", "tidak")
    text = "Kabel listrik jatuh: menjauh, telepon PLN 123 atau 112 sekarang."
    ask("awas", "notice", text=text, stops=True, condition={"bahaya": "kabel"})
    to_what(phone)
    choose(phone)
    phone.get_by_label("Kabel").check()
    calls = phone.locator(".question .question__calls a")
    assert [one.get_attribute("href") for one in calls.all()] == ["tel:123", "tel:112"]
    assert calls.first.bounding_box()["height"] >= 44
    phone.get_by_label("Apa yang terjadi?").fill(WORDS)

    phone.get_by_role("button", name="Lanjut").click()

    expect(phone.locator("#errors")).to_contain_text("tidak dikirim lewat sini")
    expect(phone.locator("#errors h2")).to_have_text("Berbahaya: telepon sekarang")
    summary = phone.locator("#errors a[href^='tel:']")
    assert [one.get_attribute("href") for one in summary.all()] == ["tel:123", "tel:112"]
    assert faults(phone) == []
    phone.get_by_label("Tidak", exact=True).check()
    phone.get_by_role("button", name="Lanjut").click()
    expect(phone.get_by_role("button", name="Kirim laporan")).to_be_visible()


# Poles --------------------------------------------------------------------------------------


@pytest.fixture
def poles():
    ask("tiang", "asset", layer="lamp")
    drawn = make.edition("lamp")
    return [
        Asset.objects.create(
            city=drawn.city,
            edition=drawn,
            layer="lamp",
            code=f"LP-{number}",
            name=f"Tiang LP-{number}",
            geom=Point(HERE["longitude"] + number * 0.0001, HERE["latitude"], srid=4326),
        )
        for number in (1, 2, 3)
    ]


def test_poles_near_the_pin_are_chosen_from_the_list(phone, poles):
    to_what(phone)
    choose(phone)
    phone.get_by_label("Tiang LP-1").check()
    phone.get_by_label("Tiang LP-3").check()
    expect(phone.locator(".poles__said")).to_have_text("2 dipilih")
    expect(phone.locator(".pole--chosen")).to_have_count(2)
    phone.get_by_label("Apa yang terjadi?").fill(WORDS)
    phone.get_by_role("button", name="Lanjut").click()
    send(phone)

    number_on(phone)
    assert sorted(IssueAsset.objects.values_list("code", flat=True)) == ["LP-1", "LP-3"]


def test_a_pole_is_chosen_on_the_map_and_a_reported_one_says_so(phone, poles):
    known = make.issue(assets=("LP-2",))
    to_what(phone)
    choose(phone)
    expect(phone.locator(".pole")).to_have_count(3)
    expect(phone.locator(".pole--reported")).to_have_count(1)

    phone.locator(".pole--reported").click()

    expect(phone.get_by_label("Tiang LP-2")).to_be_checked()
    expect(phone.locator(".poles__said").get_by_role("link", name=known.number)).to_be_visible()


def test_far_poles_wait_behind_a_line_of_their_own(phone, poles):
    poles[2].geom = Point(HERE["longitude"] + 0.0009, HERE["latitude"], srid=4326)
    poles[2].save()
    to_what(phone)
    choose(phone)
    expect(phone.get_by_label("Tiang LP-2")).to_be_visible()
    expect(phone.get_by_label("Tiang LP-3")).to_be_hidden()
    expect(phone.locator(".pole")).to_have_count(2)

    phone.get_by_text("Tiang lain (lebih jauh)").click()

    phone.get_by_label("Tiang LP-3").check()
    expect(phone.locator(".pole--chosen")).to_have_count(1)
    assert faults(phone) == []


def test_where_no_pole_is_near_one_sentence_says_so(phone):
    ask("tiang", "asset", layer="lamp", hint="Pilih tiangnya.")
    to_what(phone)
    choose(phone)

    expect(phone.get_by_text("Tidak ada tiang di peta di dekat titik ini.")).to_be_visible()
    expect(phone.get_by_text("Pilih tiangnya.")).to_be_hidden()
    expect(phone.get_by_label("Tidak ada di peta", exact=True)).to_be_hidden()
    expect(phone.get_by_label("Atau tulis nomor di tiang")).to_be_visible()


def test_a_pole_number_is_typed_or_is_not_on_the_map(visit, poles):
    page = visit(HERE_QUERY, **DESK)
    choose(page)
    page.get_by_label("Tiang LP-1").check()
    page.get_by_label("Atau tulis nomor di tiang").fill("XX-77")
    assert page.locator("[name=answers]").input_value() == '{"tiang":["LP-1","XX-77"]}'

    page.get_by_label("Tidak ada di peta").check()

    assert page.locator("[name=answers]").input_value() == '{"tiang":["tidak ada di peta"]}'
    assert page.locator("[name=assets]").input_value() == ""


def test_a_scanned_pole_is_filled_in(visit, poles):
    page = visit("/lapor?aset=LP-2", **DESK)

    assert float(page.locator("#id_lon").input_value()) == pytest.approx(poles[1].geom.x)
    choose(page)

    expect(page.get_by_label("Tiang LP-2")).to_be_checked()
    assert page.locator("[name=assets]").input_value() == '["LP-2"]'


# Already known ------------------------------------------------------------------------------


def test_c5_what_is_known_is_joined_in_one_tap_and_the_words_survive(phone):
    known = make.issue()
    phone.set_input_files("[data-add] input", [photo(300, 200)])
    expect(phone.locator(".shot")).to_contain_text("siap dikirim")
    to_what(phone)
    choose(phone)
    phone.get_by_label("Apa yang terjadi?").fill(WORDS)
    twin = phone.locator(".twin")
    expect(twin).to_have_count(1)
    expect(twin).to_contain_text(re.compile(r"\d+ m · hari ini"))
    assert faults(phone) == []
    with phone.expect_response("**/dukung") as answer:
        twin.get_by_role("button", name="Ini sama").click()

    assert answer.value.json()["supports"] >= 1
    expect(phone.locator(".twins__done")).to_be_focused()
    expect(phone.locator(".twins__done")).to_contain_text(known.number)
    # Nobody knows yet how to tell this person anything, so nothing claims that they follow.
    follow = phone.get_by_role("link", name="Ikuti laporan itu")
    expect(follow).to_have_attribute("href", f"/ikuti?laporan={known.number}")
    assert phone.locator("#id_description").input_value() == WORDS
    known.refresh_from_db()
    assert known.photos.filter(kind="evidence").count() == 1
    assert Issue.objects.count() == 1


def test_c5_after_the_same_nothing_asks_to_be_sent_unless_wanted(phone):
    make.issue()
    to_what(phone)
    choose(phone)
    phone.get_by_label("Apa yang terjadi?").fill(WORDS)
    phone.get_by_role("button", name="Ini sama").click()
    expect(phone.locator(".twins__done")).to_be_focused()
    for name in ("Bukan, lanjutkan laporan saya", "Lanjut", "Kirim laporan"):
        expect(phone.get_by_role("button", name=name, exact=True)).to_be_hidden()
    expect(phone.get_by_label("Apa yang terjadi?")).to_be_hidden()
    assert faults(phone) == []
    assert WORDS in phone.evaluate("JSON.stringify(localStorage)"), "kept until the page is left"
    phone.reload()
    expect(phone.locator("#restored")).to_be_hidden()

    to_what(phone)
    choose(phone)
    phone.get_by_label("Apa yang terjadi?").fill(WORDS)
    phone.get_by_role("button", name="Ini sama").click()
    phone.get_by_role("button", name="Tetap kirim laporan saya").click()

    expect(phone.get_by_label("Apa yang terjadi?")).to_have_value(WORDS)
    expect(phone.get_by_role("button", name="Lanjut")).to_be_visible()
    phone.reload()
    expect(phone.locator("#restored")).to_be_visible()


def test_c5_no_go_on_asks_no_second_time(phone):
    make.issue()
    to_what(phone)
    choose(phone)
    expect(phone.locator(".twin")).to_have_count(1)
    phone.get_by_role("button", name="Bukan, lanjutkan laporan saya").click()
    expect(phone.get_by_label("Apa yang terjadi?")).to_be_focused()

    with phone.expect_response("**/api/nearby"):
        phone.keyboard.type(WORDS)
        phone.keyboard.press("Tab")

    expect(phone.locator(".twins")).to_be_hidden()


def test_c5_a_confidential_report_is_never_shown(phone):
    make.issue(confidential=True)
    to_what(phone)
    with phone.expect_response("**/api/nearby") as answer:
        choose(phone)

    assert answer.value.json() == []
    expect(phone.locator(".twins")).to_be_hidden()


# Whose side, and whose kind -----------------------------------------------------------------


def test_near_an_edge_one_question_is_asked_and_its_answer_sent(visit):
    make.rule("barat", to="PERKIM", service_code="lpju", level=3, area_code="1.1")
    place = {"latitude": make.LAT + 0.01, "longitude": make.LON + 0.0002, "accuracy": 60}
    page = visit(**PHONE, permissions=["geolocation"], geolocation=place)
    to_what(page)
    choose(page)
    asked = page.locator("fieldset[data-edge]")
    expect(asked).to_be_visible()
    expect(asked.locator("input")).to_have_count(2)
    asked.locator("input[value=barat]").check()
    expect(page.locator("#owner")).to_contain_text("Dinas Perkim")
    page.get_by_label("Apa yang terjadi?").fill(WORDS)
    page.get_by_role("button", name="Lanjut").click()
    send(page)

    number_on(page)
    assert Issue.objects.get().department.code == "PERKIM"


def test_far_from_an_edge_nothing_is_asked(phone):
    make.rule("barat", to="PERKIM", service_code="lpju", level=3, area_code="1.1")
    to_what(phone)
    with phone.expect_response("**/api/route?*service_code=lpju*"):
        choose(phone)

    expect(phone.locator("#owner")).to_contain_text("Dishub")
    expect(phone.locator("fieldset[data-edge]")).to_be_hidden()


def test_words_that_leave_no_doubt_propose_their_kind(visit):
    Category.objects.filter(service_code="lpju-mati").update(
        keywords=["lampu mati", "lampu jalan mati", "lampu padam"], name="Lampu jalan padam"
    )
    page = visit(HERE_QUERY, **DESK)
    page.get_by_label("Apa yang terjadi?").fill("Lampu jalan mati dan padam sejak kemarin")

    expect(page.locator(".report__offer[data-proposal]")).to_contain_text(
        "Sepertinya: Lampu jalan padam"
    )
    page.locator(".report__offer[data-proposal]").get_by_role("button", name="Pakai").click()

    assert page.locator("#id_service_code").input_value() == "lpju-mati"
    expect(page.locator(".report__offer[data-proposal]")).to_be_hidden()


def test_a_kind_chosen_by_hand_is_not_argued_with(visit):
    page = visit(HERE_QUERY, **DESK)
    choose(page, "Layanan Lambat")

    page.get_by_label("Apa yang terjadi?").fill("Lampu jalan mati dan padam sejak kemarin")
    page.get_by_label("Apa yang terjadi?").blur()

    expect(page.locator(".report__offer[data-proposal]")).to_be_hidden()


def test_c5_without_a_script_what_is_known_is_shown_once_and_supported(visit):
    known = make.issue(lon=None, lat=None, area_code="1.2")
    page = visit(java_script_enabled=False, **PHONE)
    page.get_by_label("Desa atau kelurahan").select_option("1.2")
    page.get_by_label("Jenis masalah").select_option("lpju-mati")
    page.get_by_label("Apa yang terjadi?").fill(WORDS)
    page.get_by_role("button", name="Kirim laporan").click()

    expect(page.get_by_role("alert", name="Sudah dilaporkan?")).to_contain_text("belum terkirim")
    expect(page.get_by_label("Apa yang terjadi?")).to_have_value(WORDS)
    page.get_by_role("button", name=f"Ini sama: dukung laporan {known.number}").click()

    page.wait_for_url(f"**/laporan/{known.number}")
    expect(page.locator("#supports")).to_have_text("1")


def test_c5_without_a_script_the_own_report_goes_on_by_one_button(visit):
    make.issue(lon=None, lat=None, area_code="1.2")
    page = visit(java_script_enabled=False, **PHONE)
    page.get_by_label("Desa atau kelurahan").select_option("1.2")
    page.get_by_label("Jenis masalah").select_option("lpju-mati")
    page.get_by_label("Apa yang terjadi?").fill(WORDS)
    page.get_by_role("button", name="Kirim laporan").click()

    page.get_by_role("button", name="Bukan, kirim laporan saya").click()

    number_on(page)
    assert Issue.objects.count() == 2


def test_c5_a_whole_area_finds_what_is_known_of_it(visit):
    known = make.issue(lon=None, lat=None, area_code="1.2")
    page = visit(**PHONE)
    page.get_by_role("button", name="Tanpa peta").click()
    page.get_by_label("Desa atau kelurahan").select_option("1.2")
    page.get_by_role("button", name="Lanjut").click()
    choose(page)

    expect(page.locator("section[data-twins]")).to_contain_text("Sudah dilaporkan?")
    expect(page.locator(f"[data-number='{known.number}']")).to_be_visible()
