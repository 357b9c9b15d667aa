"""Without a network, for real: the server is stopped, the browser is killed, answers are lost.

RELIABILITY R3 (lost answers, by the browser's own code), R16 (queue), R18 (broken worker), P15.
"""

import base64
import json
import random
import re
import subprocess
from uuid import uuid4

import pytest
from playwright.sync_api import Error, expect

from tests.browser import offline
from tests.browser.citizen import WORDS, fill_in, photo, send
from tests.faults import rig

pytestmark = pytest.mark.django_db(transaction=True)

COUNT = "SELECT count(*) FROM issues_issue"
CANARY = "kenari-9f3b"


@pytest.fixture(scope="module")
def stack(django_db_setup, django_db_blocker, tmp_path_factory):
    with django_db_blocker.unblock(), offline.served(tmp_path_factory.mktemp("kota")) as stack:
        yield stack


@pytest.fixture
def running(stack):
    """The stack, with its web server running and its reports counted from here."""
    if stack.processes["web"].poll() is not None:
        offline.start(stack)
    return stack


@pytest.fixture
def phones(playwright, tmp_path):
    made = []

    def buy(address):
        made.append(offline.Phone(playwright, tmp_path / f"profile{len(made)}", address))
        return made[-1]

    yield buy
    for phone in made:
        phone.close()


@pytest.fixture
def proxy(running):
    proxy = offline.Proxy(running.port)
    yield proxy
    proxy.close()


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


KEEP = """async ({ reports, photo }) => {
  const { onDevice } = await import("/static/js/shelf.js");
  const { waiting } = await import("/static/js/outbox.js");
  const bytes = Uint8Array.from(atob(photo), (letter) => letter.charCodeAt(0));
  const blob = new Blob([bytes], { type: "image/jpeg" });
  const urls = { issues: "/api/issues", photos: "/api/issues/{id}/photos", form: "/antrean",
                 effort: "/api/effort?id={id}" };
  for (const body of reports) {
    const photos = body.photos.map((id) => ({ id, name: "foto.jpg", blob }));
    const { photos: _ids, ...words } = body;
    const fields = { description: words.description, uuid: words.id, lat: String(words.lat),
                     lon: String(words.lon), service_code: words.service_code };
    await onDevice().add(waiting(words, { urls, city: "denpasar", photos, fields }), photos);
  }
}"""
WAITING = """async () => {
  const { onDevice } = await import("/static/js/shelf.js");
  return (await onDevice().all()).map(({ id, state, tries }) => ({ id, state, tries }));
}"""
GO = """async () => {
  const { flush } = await import("/static/js/outbox.js");
  const { onDevice } = await import("/static/js/shelf.js");
  flush(onDevice(), { eager: true });
}"""


def reports(number, *, with_photo=0):
    return [
        {
            "id": str(uuid4()),
            "service_code": "lpju-mati",
            "lat": -8.65,
            "lon": 115.21,
            "description": f"Lampu jalan mati di tiang nomor {at}.",
            "privacy": "normal",
            "channel": "web",
            "photos": [str(uuid4())] if at < with_photo else [],
        }
        for at in range(number)
    ]


def picture():
    return base64.b64encode(photo(60, 40)["buffer"]).decode()


class Moody:
    """A server that answers 429, 503, 413 and 422 in turn, and now and then not at all."""

    MOODS = (None, 429, None, 503, "lose", None, "cut")

    def __init__(self, seed):
        self.chance = random.Random(seed)  # noqa: S311  a replay, no secret
        self.said, self.large, self.wrong, self.order = 0, set(), set(), []

    def __call__(self, request):
        if request.method != "POST" or not request.path.startswith("/api/issues"):
            return None
        if request.path.endswith("/photos"):
            return self._photo(request)
        return self._words(json.loads(request.body))

    def _words(self, body):
        self.said += 1
        mood = self.MOODS[self.said % len(self.MOODS)]
        number = int(body["description"].split()[-1].strip("."))
        if number in (7, 23) and number not in self.wrong:
            self.wrong.add(number)
            fields = {"description": ["Tulis lebih jelas."]}
            told = {"error": {"code": "Invalid", "message": "Belum benar.", "fields": fields}}
            return 422, json.dumps(told).encode()
        if mood in (429, 503):
            return mood, b"{}"
        if mood != "cut":
            self.order.append(("words", body["id"]))
        return mood

    def _photo(self, request):
        issue = request.path.split("/")[3]
        if not self.large:
            self.large.add(issue)
            return 413, b"<html>413</html>"
        self.order.append(("photo", issue))
        return "lose" if self.chance.random() < 0.3 else None


def test_r16_fifty_reports_survive_twenty_kills_and_a_moody_server(proxy, stack, phones, capsys):
    before, kills = count(stack), 20
    sent = reports(50, with_photo=6)
    phone = phones(proxy.address)
    page = phone.open("/antrean")
    offline.in_control(page)
    proxy.rule = lambda request: "cut"
    page.evaluate(KEEP, {"reports": sent, "photo": picture()})
    mood = Moody(7)
    for kill in range(kills):
        page.close()
        phone.kill()
        proxy.rule = mood if kill % 3 else (lambda request: "cut")
        page = phone.open("/antrean")
        expect(page.locator("h1")).to_have_text("Laporan di ponsel ini")
        seen = count(stack)
        if kill % 3 and count(stack) - before < 45:
            rig.until(lambda seen=seen: count(stack) > seen or mood.said > 400, within_s=20)
    proxy.rule = mood
    other = phone.open("/privasi")
    devtools = page.context.new_cdp_session(page)
    for tab in (page, other):
        tab.evaluate(GO)
    sync(devtools, proxy.address)

    def gone():
        return {row["state"] for row in page.evaluate(WAITING)} <= {"refused"}

    rig.until(gone, within_s=90, what="everything sent or refused")
    refused = [row["id"] for row in page.evaluate(WAITING)]
    edited = edit_and_send(page, len(refused))
    arrived = offline.rows(stack, "SELECT uuid::text, description FROM issues_issue")
    words = [text for _id, text in arrived if "tiang nomor" in text]
    offline.result("R16 arrived", len(words), 50, capsys=capsys)
    offline.result("R16 doubled", len(words) - len(set(words)), 0, capsys=capsys)
    offline.result("R16 refused then mended", edited, 2, capsys=capsys)
    first = [what for what, _id in mood.order].index("photo")
    late = {issue for what, issue in mood.order[first:] if what == "photo"}
    early = {issue for what, issue in mood.order[:first]}
    offline.result("R16 photos before their words", len(late - early), 0, capsys=capsys)
    taken = list(dict.fromkeys(issue for what, issue in mood.order if what == "words"))
    queued = [one["id"] for one in sent if one["id"] in taken]
    offline.result("R16 out of order", len(out_of_order(taken, queued)), 0, capsys=capsys)


def out_of_order(taken, queued):
    """List who overtook somebody; what was refused first comes later, under another id."""
    known = [one for one in taken if one in set(queued)]
    return [one for one, due in zip(known, queued, strict=True) if one != due]


def edit_and_send(page, number):
    """Mend what the server refused, as a person does."""
    for at in range(number):
        page.goto("/antrean")
        page.get_by_role("button", name="Ubah").first.click()
        page.wait_for_url("**/lapor")
        expect(page.locator("#restored")).to_be_visible()
        while page.get_by_role("button", name="Lanjut").is_visible():
            page.get_by_role("button", name="Lanjut").click()
        send(page)
        page.wait_for_url("**/lapor/*-*", timeout=40_000)
        assert at < number
    return number


def sync(devtools, origin):
    """Have the browser say to the worker that the network is back."""
    registered = []

    def note(told):
        registered.extend(told["registrations"])

    devtools.on("ServiceWorker.workerRegistrationUpdated", note)
    devtools.send("ServiceWorker.enable")
    # Each call also lets the events of the browser in.
    rig.until(lambda: devtools.send("Browser.getVersion") and registered, what="the worker")
    devtools.send(
        "ServiceWorker.dispatchSyncEvent",
        {
            "origin": origin,
            "registrationId": registered[0]["registrationId"],
            "tag": "civicmap-queue",
            "lastChance": False,
        },
    )


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
    page.wait_for_function(f"{WORKERS}.then((left) => left === 0)")
    assert page.evaluate("caches.keys()") == []


REPORTS, TIMES = 200, 10


def test_r3_two_thousand_lost_answers_make_no_second_report(proxy, stack, capsys):
    before, lost, first = count(stack), {}, {}

    def forgetful(request):
        body = json.loads(request.body)
        lost[body["id"]] = lost.get(body["id"], 0) + 1
        return "lose" if lost[body["id"]] <= TIMES else None

    def note(status, answer):
        told = json.loads(answer)
        first.setdefault(told["id"], set()).add((told["number"], told["token"]))

    proxy.rule, proxy.heard = forgetful, note
    script = rig.ROOT / "tests" / "js" / "lost_answers.js"
    command = ["node", str(script), proxy.address, str(REPORTS)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    told = json.loads(done.stdout)["receipts"]

    offline.result("R3 answers lost", proxy.did["lose"], REPORTS * TIMES, capsys=capsys)
    offline.result("R3 reports", count(stack) - before, REPORTS, capsys=capsys)
    others = sum(first[one["id"]] != {(one["number"], one["token"])} for one in told)
    offline.result("R3 other receipts", others, 0, capsys=capsys)
