"""Two reports from one kept page, and one draft in two tabs: each arrives once, none is lost."""

import pytest
from playwright.sync_api import expect

from tests.browser import offline
from tests.browser.citizen import choose, go_on, locate, send

pytestmark = pytest.mark.django_db(transaction=True)

FIRST = "Lampu mati di depan pasar, yang pertama."
SECOND = "Lubang besar di jalan raya, yang kedua."
SAME = "Satu isian di dua tab, lampu mati."
SAID = "Apa yang terjadi?"


def heard(stack, words):
    """Say how often a report with these words has arrived."""
    found = offline.rows(stack, "SELECT description FROM issues_issue")
    return sum(text.startswith(words) for (text,) in found)


def write(page, words):
    """Everything but the last button; the same fields as `fill_in`, other words."""
    locate(page)
    page.get_by_role("button", name="Lanjut").click()
    choose(page)
    page.get_by_label(SAID).fill(words)
    page.get_by_role("button", name="Lanjut").click()


def test_two_reports_from_one_kept_page_arrive_once_each(running, phones):
    page = phones(running.address).open()
    offline.in_control(page)
    running.kill("web")
    for words in (FIRST, SECOND):
        page.goto("/lapor")
        expect(page.get_by_label(SAID)).to_have_value("")
        write(page, words)
        send(page)
        expect(page.locator("#state")).to_contain_text("menunggu jaringan")
        expect(page.locator("#state")).not_to_contain_text("hampir habis")

    page.goto("/antrean")
    expect(page.locator("#queue")).to_contain_text("Menunggu dikirim (2)")
    offline.start(running)
    page.goto("/antrean")

    expect(page.locator(".waiting__words.number")).to_have_count(2, timeout=40_000)
    assert [heard(running, words) for words in (FIRST, SECOND)] == [1, 1]
    page.get_by_role("button", name="Buka").last.click()
    page.wait_for_url("**/lapor/*-*")


def two_tabs(stack, phones, words):
    """One draft, filled in up to its last step in the first tab and given back in the second."""
    first = phones(stack.address).open()
    write(first, words)
    second = first.context.new_page()
    second.goto("/lapor")
    expect(second.locator("#restored")).to_be_visible()
    go_on(second)
    return first, second


def test_the_second_tab_of_a_draft_comes_to_the_same_receipt(running, phones):
    first, second = two_tabs(running, phones, SAME)
    send(second)
    second.wait_for_url("**/lapor/*-*", timeout=40_000)
    number = second.locator("#number").inner_text()
    expect(first.locator("#state")).to_contain_text("sudah dikirim dari tab lain")

    send(first)

    first.wait_for_url("**/lapor/*-*", timeout=40_000)
    assert first.locator("#number").inner_text() == number
    assert heard(running, SAME) == 1


def test_the_second_tab_of_a_draft_that_waits_joins_the_queue(running, phones):
    words = f"Menunggu. {SAME}"
    first, second = two_tabs(running, phones, words)
    running.kill("web")
    send(second)
    expect(second.locator("#state")).to_contain_text("menunggu jaringan")

    send(first)

    expect(first.locator("#state")).to_contain_text("menunggu jaringan")
    expect(first.locator("#state")).not_to_contain_text("hampir habis")
    expect(first.locator("#queue")).to_contain_text("Menunggu dikirim (1)")
    offline.start(running)
    first.goto("/antrean")
    expect(first.locator(".waiting__words.number")).to_have_count(1, timeout=40_000)
    assert heard(running, words) == 1


def test_other_words_under_one_draft_are_asked_about_and_never_sent_unasked(running, phones):
    words = f"Berbeda. {SAME}"
    first, second = two_tabs(running, phones, words)
    send(second)
    second.wait_for_url("**/lapor/*-*", timeout=40_000)
    first.get_by_role("button", name="Kembali").click()
    first.get_by_label(SAID).fill(f"{words} Dan satu lagi.")
    go_on(first)

    send(first)

    expect(first.locator("#state")).to_contain_text("dengan isi yang berbeda", timeout=40_000)
    expect(first.locator("#state")).not_to_contain_text("Kunci")
    expect(first.get_by_label(SAID)).to_have_value(f"{words} Dan satu lagi.")
    assert heard(running, words) == 1
    first.get_by_role("button", name="Kirim sebagai laporan lain").click()
    first.wait_for_url("**/lapor/*-*", timeout=40_000)
    assert heard(running, words) == 2


def test_ones_own_list_without_network_is_what_the_phone_knows(running, phones):
    page = phones(running.address).open()
    offline.in_control(page)
    words = f"Sendiri. {SAME}"
    write(page, words)
    send(page)
    page.wait_for_url("**/lapor/*-*", timeout=40_000)
    number = page.locator("#number").inner_text()

    page.goto("/saya")
    expect(page.get_by_text(number, exact=True)).to_have_count(1)
    expect(page.get_by_text("Belum ada laporan di sini.")).to_be_hidden()

    running.kill("web")
    page.goto("/saya")
    item = page.locator(".waiting__item", has_text=number)
    expect(item).to_contain_text("Lpju Mati")
    expect(item.locator(".waiting__when")).to_contain_text("Kelurahan 1.2")
