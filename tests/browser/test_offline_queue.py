"""The queue under fire: killed browsers, two tabs, a moody server, lost answers.

RELIABILITY R16 (queue) and R3 (lost answers, by the browser's own code).
"""

import base64
import json
import random
import subprocess
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.browser import offline
from tests.browser.citizen import go_on, photo, send
from tests.faults import rig

pytestmark = pytest.mark.django_db(transaction=True)

KEEP = """async ({ reports, photo }) => {
  const { onDevice } = await import("/static/js/shelf.js");
  const { waiting } = await import("/static/js/outbox.js");
  const bytes = Uint8Array.from(atob(photo), (letter) => letter.charCodeAt(0));
  const blob = new Blob([bytes], { type: "image/jpeg" });
  const urls = { issues: "/api/issues", photos: "/api/issues/{id}/photos",
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


PHOTOS = """SELECT count(*) FROM issues_photo JOIN issues_issue issue ON issue.id = issue_id
            WHERE issue.description LIKE '%tiang nomor%'"""
COUNT = "SELECT count(*) FROM issues_issue"


def count(stack):
    return offline.rows(stack, COUNT)[0][0]


def waiting(stack, page):
    return page.evaluate(offline.named(stack, WAITING))


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

    MOODS = (None, 429, None, "lose", None, "cut", None, 503, None, "lose", None)

    def __init__(self, seed):
        self.chance = random.Random(seed)  # noqa: S311  a replay, no secret
        self.heard, self.said, self.order = 0, 0, []
        self.large, self.wrong, self.statuses = set(), set(), set()
        self.is_away = False

    def __call__(self, request):
        if self.is_away:
            return "cut"
        if request.method != "POST" or not request.path.startswith("/api/issues"):
            return None
        self.heard += 1
        is_photo = request.path.endswith("/photos")
        told = self._photo(request) if is_photo else self._words(json.loads(request.body))
        if isinstance(told, tuple):
            self.statuses.add(told[0])
        return told

    def _words(self, body):
        number = int(body["description"].split()[-1].strip("."))
        if number in (7, 23) and number not in self.wrong:
            self.wrong.add(number)
            fields = {"description": ["Tulis lebih jelas."]}
            told = {"error": {"code": "Invalid", "message": "Belum benar.", "fields": fields}}
            return 422, json.dumps(told).encode()
        self.said += 1
        mood = self.MOODS[self.said % len(self.MOODS)]
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


ONLINE = "dispatchEvent(new Event('online'))"
KILLS = 20


def test_r16_fifty_reports_survive_twenty_kills_and_a_moody_server(proxy, stack, phones, capsys):
    sent = reports(50, with_photo=6)
    phone, mood = phones(proxy.address), Moody(7)
    page = phone.open("/antrean")
    offline.in_control(page)
    proxy.rule, mood.is_away = mood, True
    page.evaluate(offline.named(stack, KEEP), {"reports": sent, "photo": picture()})
    for kill in range(KILLS):
        phone.kill()
        mood.is_away = kill % 3 == 0
        page = phone.open("/antrean")
        until_tried(page, mood, 2 + kill % 2)
    with_two_tabs_and_sync(stack, page, phone.open("/privasi"))
    assert mood.statuses == {413, 422, 429, 503}
    judge(stack, page, mood, sent=sent, capsys=capsys)


def until_tried(page, mood, times):
    """Wait until the queue has asked so often; without a network, until it says that it waits."""
    wanted = mood.heard + times

    def has_tried():
        page.evaluate(ONLINE)
        return mood.heard >= wanted

    if mood.is_away:
        expect(page.locator("#queue")).to_contain_text("Menunggu dikirim")
    else:
        rig.until(has_tried, what=f"request {wanted}")


def with_two_tabs_and_sync(stack, page, other):
    """Let two pages and the service worker send at once, until nothing is left to send."""
    for tab in (page, other):
        tab.evaluate(offline.named(stack, GO))
    sync(page.context.new_cdp_session(page), page.evaluate("location.origin"))

    def gone():
        for tab in (page, other):
            tab.evaluate(ONLINE)
        return {row["state"] for row in waiting(stack, page)} <= {"refused"}

    rig.until(gone, within_s=90, what="everything sent or refused")


def judge(stack, page, mood, *, sent, capsys):
    """Count what has arrived, once the person has mended what was refused."""
    edited = edit_and_send(page, len(waiting(stack, page)))
    arrived = offline.rows(stack, "SELECT description FROM issues_issue")
    words = [text for (text,) in arrived if "tiang nomor" in text]
    offline.result("R16 arrived", len(set(words)), 50, capsys=capsys)
    offline.result("R16 doubled", len(words) - len(set(words)), 0, capsys=capsys)
    offline.result("R16 refused then mended", edited, 2, capsys=capsys)
    photos = offline.rows(stack, PHOTOS)[0][0]
    offline.result("R16 photos, one too large", photos, 5, capsys=capsys)
    first = [what for what, _id in mood.order].index("photo")
    late = {issue for what, issue in mood.order[first:] if what == "words"} & {
        one["id"] for one in sent
    }
    offline.result("R16 photos before words", len(late), 0, capsys=capsys)
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
        go_on(page)
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
