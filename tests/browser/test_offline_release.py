"""What a phone keeps of a release, under the hashed names of operation, and of the next one."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import offline
from tests.browser.citizen import fill_in, go_on, number_on, photo, send

pytestmark = pytest.mark.django_db(transaction=True)

COUNT = "SELECT count(*) FROM issues_issue"
HASHED = re.compile(r"/static/.+\.[0-9a-f]{12}\.[a-z0-9.]+$")
KEPT = """async () => {
  const keys = await (await caches.open("civicmap-files")).keys();
  return keys.map(({ url }) => url);
}"""
LOADED = """() => performance.getEntriesByType("resource").map(({ name }) => name)
  .filter((name) => name.includes("/static/") && !name.includes("/img/icon-"))
  .map((name) => name.split("#")[0])"""
TILES = """() => performance.getEntriesByType("resource")
  .filter(({ name }) => name.includes("/tiles/") || name.includes("/peta/"))
  .filter(({ responseStatus }) => responseStatus >= 200 && responseStatus < 300).length"""
SHELLS = "caches.keys().then((all) => all.filter((name) => name.includes('-shell-')).sort())"
STYLES = "[...document.styleSheets].map(({ href }) => new URL(href).pathname)"
CROWD = """async () => {
  const files = await caches.open("civicmap-files");
  for (let at = 0; at < 300; at += 1) {
    await files.put(`/static/old/${at}.0123456789ab.js`, new Response("old"));
  }
}"""


def test_every_file_that_a_page_names_is_kept_under_a_name_that_the_server_knows(running, phones):
    page = phones(running.address).open("/lapor")
    offline.in_control(page)
    kept = set(page.evaluate(KEPT))

    assert len(kept) > 50
    assert [url for url in kept if not HASHED.search(url)] == []
    assert {page.request.head(url).status for url in kept} == {200}
    for path in ("/lapor", "/antrean", "/luring", "/"):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        assert set(page.evaluate(LOADED)) <= kept, path


def test_the_form_and_the_last_map_open_with_all_their_parts_without_a_server(running, phones):
    page = phones(running.address).open("/lapor")
    offline.in_control(page)
    page.goto("/")
    page.wait_for_load_state("networkidle")
    seen = page.evaluate(TILES)
    running.kill("web")
    lost = []
    page.on("requestfailed", lambda asked: lost.append(asked.url) if "/static/" in asked.url else 0)

    page.goto("/")
    expect(page.locator(".leaflet-container")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert page.evaluate(TILES) >= seen > 0

    page.goto("/lapor")
    page.set_input_files("[data-add] input", [photo(400, 300)])
    expect(page.locator(".shot")).to_contain_text("siap dikirim")
    fill_in(page)
    assert lost == []


def test_a_new_release_takes_over_and_what_waits_is_sent_by_it(running, phones):
    before = offline.rows(running, COUNT)[0][0]
    page = phones(running.address).open("/lapor")
    offline.in_control(page)
    old = page.evaluate(SHELLS)
    page.evaluate(CROWD)
    fill_in(page)
    running.kill("web")
    page.goto("/lapor")
    go_on(page)
    send(page)
    expect(page.locator("#state")).to_contain_text("menunggu jaringan")

    style = offline.source(running) / "css" / "report.css"
    style.write_text(style.read_text() + ".release { color: red; }\n")
    offline.collect(running)
    offline.start(running)
    page.evaluate("dispatchEvent(new Event('online'))")
    # The page is the old worker's copy, whose token against forgery is nobody's.
    page.wait_for_url("**/lapor/*-*", timeout=40_000)
    number = number_on(page)
    page.goto("/antrean")
    offline.holds(page, f"{SHELLS}.then((now) => !now.includes('{old[0]}') && now.length === 2)")

    assert offline.rows(running, COUNT)[0][0] == before + 1
    expect(page.locator("[data-queue]")).to_contain_text(number)
    running.kill("web")
    page.goto("/lapor")
    expect(page.locator(".leaflet-container")).to_be_visible()
    assert offline.named(running, "/static/css/report.css") in page.evaluate(STYLES)
