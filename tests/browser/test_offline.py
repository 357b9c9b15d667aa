"""Without a network, for real: the server is stopped, the browser is killed, answers are lost.

RELIABILITY R3 (lost answers, by the browser's own code), R16 (queue), R18 (broken worker), P15.
"""

import re

import pytest
from playwright.sync_api import Error, expect

from tests.browser import offline
from tests.browser.citizen import WORDS, fill_in, photo, send
from tests.faults import rig

pytestmark = pytest.mark.django_db(transaction=True)

COUNT = "SELECT count(*) FROM issues_issue"
CANARY = "kenari-9f3b"


def count(stack):
    return offline.rows(stack, COUNT)[0][0]


def test_c10_a_report_of_a_phone_without_network_is_sent_once(running, phones, capsys):
    before = count(running)
    page = phones(running.address).open()
    offline.in_control(page)
    page.set_input_files("[data-add] input", [photo(400, 300)])
    expect(page.locator(".shot")).to_have_count(1)
    fill_in(page)
    running.kill("web")
    send(page)
    expect(page.locator("#state")).to_contain_text("menunggu jaringan")
    assert "diterima" not in page.locator("#state").inner_text()

    page.reload()
    expect(page.locator("#queue")).to_contain_text("Menunggu dikirim (1)")
    page.goto("/antrean")
    expect(page.locator("[data-queue]")).to_contain_text(WORDS)
    page.goto("/titik-panas")
    expect(page.locator("h1")).to_have_text("Tidak ada jaringan")

    offline.start(running)
    for _replay in range(3):
        page.goto("/antrean")
    expect(page.locator("[data-queue]")).to_contain_text(re.compile("DPS-26-"), timeout=30_000)
    expect(page.locator("#queue")).not_to_contain_text("Menunggu")
    offline.result("C10 reports", count(running) - before, 1, capsys=capsys)
    found = offline.rows(running, "SELECT count(*) FROM issues_photo")[0][0]
    offline.result("C10 photos", found, 1, capsys=capsys)


LANGUAGES = """async () => {
  const names = (await caches.keys()).filter((name) => name.startsWith("civicmap-shell"));
  const said = {};
  for (const name of names) {
    const page = await (await (await caches.open(name)).match("/lapor")).text();
    said[name.slice(-2)] = page.match(/<h1>(.*?)<.h1>/)[1];
  }
  return said;
}"""


def test_the_form_is_kept_in_both_languages_and_the_switch_works_offline(running, phones, capsys):
    page = phones(running.address).open("/antrean")
    offline.in_control(page)
    said = page.evaluate(LANGUAGES)
    offline.result("languages kept", sorted(said), ["en", "id"], capsys=capsys)
    assert said["id"] != said["en"]
    running.kill("web")

    page.goto("/lapor")
    page.get_by_role("button", name="en").click()

    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("h1")).to_have_text(said["en"])


EVERYTHING = """async () => {
  const texts = [JSON.stringify(localStorage), JSON.stringify(sessionStorage)];
  for (const { name } of await indexedDB.databases()) {
    const base = await new Promise((done) => {
      indexedDB.open(name).onsuccess = ({ target }) => done(target.result);
    });
    for (const store of base.objectStoreNames) {
      const all = base.transaction(store).objectStore(store).getAll();
      texts.push(JSON.stringify(await new Promise((done) => {
        all.onsuccess = () => done(all.result);
      })));
    }
    base.close();
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const key of await cache.keys()) {
      texts.push(key.url, await (await cache.match(key)).text());
    }
  }
  return texts.join(" ");
}"""


def test_p15_after_the_receipt_the_phone_holds_nothing_of_the_text(running, phones, capsys):
    page = phones(running.address).open()
    offline.in_control(page)
    fill_in(page)
    page.get_by_role("button", name="Kembali").click()
    page.get_by_label("Apa yang terjadi?").fill(f"{WORDS} {CANARY}")
    page.get_by_role("button", name="Lanjut").click()
    running.kill("web")
    send(page)
    expect(page.locator("#state")).to_contain_text("menunggu jaringan")
    assert CANARY in page.evaluate(EVERYTHING)

    offline.start(running)
    page.wait_for_url("**/lapor/*-*", timeout=40_000)
    page.goto("/antrean")

    held = page.evaluate(EVERYTHING).count(CANARY)
    offline.result("P15 canaries", held, 0, capsys=capsys)


OLD = """() => new Promise((done, fail) => {
  const request = indexedDB.open("civicmap-queue", 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("reports", { keyPath: "seq", autoIncrement: true });
    request.result.createObjectStore("photos", { keyPath: "id" });
  };
  request.onerror = () => fail(request.error);
  request.onsuccess = () => {
    const steps = request.result.transaction("reports", "readwrite");
    const id = crypto.randomUUID();
    const body = { id, service_code: "lpju-mati", lat: -8.65, lon: 115.21,
                   description: "Dari antrean lama, lampu mati.", privacy: "normal" };
    const urls = { issues: "/api/issues", photos: "/api/issues/{id}/photos", form: "/antrean" };
    const at = "2026-11-22T00:00:00Z";
    steps.objectStore("reports").add({ id, body, urls, at, city: "denpasar" });
    steps.oncomplete = () => { request.result.close(); done(); };
  };
})"""
BROKEN = b"""self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => event.respondWith(Promise.reject(new Error("broken"))));
"""
OFF = (rig.ROOT / "templates" / "sw_off.js").read_bytes()
WORKERS = "navigator.serviceWorker.getRegistrations().then((all) => all.length)"


def worker(body):
    """Give every browser this worker."""

    def rule(request):
        return (200, body) if request.path.startswith("/sw.js") else None

    return rule


def test_r18_a_broken_worker_is_gone_after_the_next_visit_and_the_queue_stays(
    proxy, stack, phones, capsys
):
    before = count(stack)
    page = phones(proxy.address).open("/sw.js")
    page.evaluate(OLD)
    proxy.rule = worker(BROKEN)
    page.evaluate("navigator.serviceWorker.register('/sw.js').then(() => 0)")
    page.wait_for_function("navigator.serviceWorker.controller !== null")

    proxy.rule = worker(OFF)
    visits = 0
    while visits < 3:
        visits += 1
        try:
            page.goto("/antrean")
            break
        except Error:
            page.wait_for_timeout(1500)
    offline.result("R18 visits lost", max(0, visits - 2), 0, capsys=capsys)
    expect(page.locator("[data-queue]")).to_contain_text(re.compile("DPS-26-"), timeout=30_000)
    offline.result("R18 old queue sent", count(stack) - before, 1, capsys=capsys)
    offline.holds(page, f"{WORKERS}.then((left) => left === 0)")
    assert page.evaluate("caches.keys()") == []
